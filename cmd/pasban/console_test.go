package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"pasban/monitor"
)

// analyst is somebody at a browser.
type analyst struct {
	t      *testing.T
	ctx    context.Context
	origin string
}

// newAnalyst starts Chrome as nobody, its sandbox on, with a watch for what the policy
// of a page stopped.
func newAnalyst(t *testing.T, origin string) *analyst {
	t.Helper()
	dir, err := os.MkdirTemp("", "pasban-analyst-") // nobody cannot get to t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if os.Getuid() == 0 {
		attr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	ctx, stop := chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath("/usr/lib/chromium/chromium-headless-shell"), chromedp.UserDataDir(dir),
		chromedp.NoInheritEnv, chromedp.Env("HOME="+dir, "PATH=/usr/bin:/bin"), chromedp.NoFirstRun,
		chromedp.Flag("no-sandbox", false), chromedp.Flag("headless", true),
		chromedp.WindowSize(1440, 900), chromedp.ModifyCmdFunc(func(c *exec.Cmd) { c.SysProcAttr = attr }))
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		closeTab()
		stop()
		cancel()
		os.RemoveAll(dir)
	})
	a := &analyst{t: t, ctx: ctx, origin: origin}
	a.do(chromedp.Navigate("about:blank"))
	_, err = chromedp.Call(ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.stopped = []; document.addEventListener("securitypolicyviolation", (e) => stopped.push(e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber));
			window.addEventListener("error", (e) => stopped.push("error " + e.message));`,
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *analyst) do(steps ...chromedp.Action[chromedp.Void]) {
	a.t.Helper()
	if err := chromedp.Do(a.ctx, steps...); err != nil {
		a.t.Fatal(err)
	}
}

func (a *analyst) open(path string) { a.t.Helper(); a.do(chromedp.Navigate(a.origin + path)) }

// await waits until something holds of a page that is there with its scripts: a key
// pressed before they run is nobody's.
func (a *analyst) await(what, expression string) {
	a.t.Helper()
	expression = `document.readyState === "complete" && (` + expression + `)`
	deadline := time.Now().Add(20 * time.Second)
	for {
		ok, err := chromedp.Run(a.ctx, chromedp.Evaluate[bool](expression))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			text, _ := chromedp.Run(a.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 1500)`))
			a.t.Fatalf("waited for %s: %v\n%s", what, err, text)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-a.ctx.Done():
			a.t.Fatal(a.ctx.Err())
		}
	}
}

// press presses a key and waits for what comes of it.
func (a *analyst) press(key, what, expression string) {
	a.t.Helper()
	a.do(chromedp.KeyEvent(key))
	a.await(what, expression)
}

// clean wants a page from which the policy stopped nothing and in which axe finds
// nothing.
func (a *analyst) clean(what string) {
	a.t.Helper()
	stopped, err := chromedp.Run(a.ctx, chromedp.Evaluate[[]string](`window.stopped`))
	if err != nil || len(stopped) > 0 {
		a.t.Errorf("%s: the policy stopped %q, %v", what, stopped, err)
	}
	axe, err := os.ReadFile("../../console/testdata/axe.min.js")
	if err != nil {
		a.t.Fatal(err)
	}
	if err := chromedp.Do(a.ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[bool](string(axe)+";true")(ctx, t)
		return chromedp.Void{}, err
	}); err != nil {
		a.t.Fatalf("%s: loading axe: %v", what, err)
	}
	found, err := chromedp.Run(a.ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ["violations"]}).then((r) =>
		r.violations.map((v) => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join(" | ")))`, chromedp.EvalAwaitPromise))
	if err != nil {
		a.t.Fatalf("%s: running axe: %v", what, err)
	}
	for _, f := range found {
		a.t.Errorf("%s: %s", what, f)
	}
}

// fits wants a page that does not scroll sideways.
func (a *analyst) fits(what string, width, height int64) {
	a.t.Helper()
	a.do(chromedp.EmulateViewport(width, height))
	over, err := chromedp.Run(a.ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`))
	if err != nil || over > 0 {
		wide, _ := chromedp.Run(a.ctx, chromedp.Evaluate[string](`[...document.querySelectorAll("main *, header *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".pane, .scroll, .strip, pre")).slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join("\n")`))
		a.t.Errorf("%s is %d pixels too wide for %d: %v\n%s", what, over, width, err, wide)
	}
}

// shoot keeps a picture of the page, for whoever sets PASBAN_SHOTS to a folder.
func (a *analyst) shoot(name string) {
	a.t.Helper()
	dir := os.Getenv("PASBAN_SHOTS")
	if dir == "" {
		return
	}
	data, err := chromedp.Run(a.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *analyst) prefer(theme string) {
	a.t.Helper()
	_, err := chromedp.Call(a.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
	if err != nil {
		a.t.Fatal(err)
	}
}

// demoWithConsole runs a demo until its first attack was told.
func demoWithConsole(t *testing.T) *demo {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := &common{Data: t.TempDir(), LogFormat: "text", Learn: "approved", MailLimit: 10}
	if err := c.complete(nil); err != nil {
		t.Fatal(err)
	}
	var out, told bytes.Buffer
	d, err := openDemo(ctx, c, terminal{&out, &told}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the watch ended with %v", err)
		}
		if err := d.close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.learn(ctx); err != nil {
		t.Fatal(err)
	}
	for _, s := range scenes[:1] {
		if err := d.act(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// An analyst goes the whole way by the keyboard alone: from the link in the terminal to
// the attack in the queue, through the ways to see it, to the incident and its end.
// Every screen on the way keeps its policy, has nothing that axe objects to, and fits
// from a phone to a wall.
func TestConsoleFromAttackToResolved(t *testing.T) {
	d := demoWithConsole(t)
	a := newAnalyst(t, d.desk.origin)
	a.prefer("light")
	a.do(chromedp.Navigate(d.link))
	a.await("the attack in the queue", `document.querySelectorAll("#queue > li.on").length === 1`)
	a.clean("the queue")
	a.shoot("queue-light")
	began := time.Now()
	a.press(kb.Enter, "the review", `document.readyState === "complete" && document.getElementById("review") !== null && [...document.querySelectorAll(".pane:not(.difference) img")].every((i) => i.complete && i.naturalWidth > 0)`)
	t.Logf("from the queue to the pictures: %v", time.Since(began).Round(time.Millisecond))
	a.clean("the review")
	a.shoot("review-light")
	for key, mode := range map[string]string{"w": "swipe", "o": "onion", "b": "blink", "h": "difference", "d": "side"} {
		a.press(key, "the view "+mode, `document.getElementById("viewer").dataset.mode === "`+mode+`"`)
	}
	a.press("h", "what changed", `document.querySelector(".difference img").naturalWidth > 0`)
	a.shoot("review-difference")
	a.press("w", "swipe", `document.getElementById("viewer").dataset.mode === "swipe"`)
	a.shoot("review-swipe")
	a.press("1", "true size", `document.getElementById("viewer").classList.contains("one")`)
	a.press("0", "whole width", `!document.getElementById("viewer").classList.contains("one")`)
	a.press("d", "side by side", `document.getElementById("viewer").dataset.mode === "side"`)
	a.press("?", "help", `document.querySelector("dialog[open]") !== null`)
	a.press(kb.Escape, "no help", `document.querySelector("dialog[open]") === null`)
	a.press("x", "an empty queue", `location.pathname === "/queue" && document.querySelector(".toast") !== null`)
	i := onlyIncident(t, d)
	if i.State != monitor.Acknowledged {
		t.Errorf("x left the incident %s", i.State)
	}
	a.press("u", "the attack in the queue again", `document.querySelectorAll("#queue > li").length === 1`)
	if i := onlyIncident(t, d); i.State != monitor.Open {
		t.Errorf("u left the incident %s", i.State)
	}
	a.press(kb.Enter, "the review", `document.getElementById("review") !== null`)
	a.press("x", "an empty queue", `location.pathname === "/queue" && document.querySelectorAll("#queue > li").length === 0`)
	a.do(chromedp.KeyEvent("g"))
	a.press("i", "the incidents", `location.pathname === "/incidents"`)
	a.clean("the incidents")
	a.shoot("incidents-light")
	a.open(fmt.Sprintf("/incidents/%d", i.ID))
	a.clean("an incident")
	a.shoot("incident-light")
	a.press("r", "the incident resolved", `document.querySelector(".state-resolved") !== null`)
	if i := onlyIncident(t, d); i.State != monitor.Resolved {
		t.Errorf("r left the incident %s", i.State)
	}
	a.wallRenewsItself(d, i)
	a.everyScreen(i)
	audit, err := d.house.VerifyAudit(t.Context(), "")
	if err != nil || audit.Broken != 0 || audit.Decisions < 5 {
		t.Errorf("the record: %+v, %v", audit, err)
	}
}

// wallRenewsItself lets an incident be opened again and closed under a wall that nobody
// touches.
func (a *analyst) wallRenewsItself(d *demo, i monitor.Incident) {
	a.t.Helper()
	a.open("/")
	a.await("a live wall without incidents", `document.querySelector("[data-clock]").textContent !== "" && document.querySelectorAll("#now .list li").length === 0`)
	o := monitor.Order{Actor: "operator:test"}
	if err := d.house.Reopen(a.t.Context(), o, i.ID); err != nil {
		a.t.Fatal(err)
	}
	d.desk.observe(monitor.Event{})
	a.await("the incident on the wall", `document.querySelectorAll("#now .list li").length === 1 && document.querySelector(".m.incident:not(i)") !== null`)
	if _, err := d.house.Resolve(a.t.Context(), o, i.ID, false); err != nil {
		a.t.Fatal(err)
	}
	d.desk.observe(monitor.Event{})
	a.await("a wall without incidents again", `document.querySelectorAll("#now .list li").length === 0`)
}

// everyScreen looks at each screen in both languages, both themes and three sizes.
func (a *analyst) everyScreen(i monitor.Incident) {
	a.t.Helper()
	a.crawl(map[string]string{
		"wall": "/", "queue": "/queue", "review": fmt.Sprintf("/review/i%d", i.ID), "incidents": "/incidents?state=any",
		"incident": fmt.Sprintf("/incidents/%d", i.ID), "sites": "/sites", "own": "/account", "site": "/sites/" + i.Site,
		"statistics": "/statistics", "lockdown": "/lockdown", "snapshots": "/snapshots", "health": "/health",
	})
}

// crawl looks at screens, each a name with its path, in both languages, both themes and
// three sizes.
func (a *analyst) crawl(screens map[string]string) {
	a.t.Helper()
	for _, language := range []string{"en", "ur"} {
		for name, path := range screens {
			what := name + "-" + language
			a.do(chromedp.EmulateViewport(1440, 900))
			a.open("/sites?q=nothing-like-it")
			a.await("a change of language", fmt.Sprintf(`document.documentElement.lang === %q || (document.querySelector("button[name=language]")?.click(), false)`, language))
			for _, theme := range []string{"light", "dark"} {
				a.prefer(theme)
				a.open(path)
				a.await("the pictures of "+name, `[...document.images].filter((i) => i.loading !== "lazy").every((i) => i.complete)`)
				if name == "wall" {
					a.await("the live wall", `document.querySelector("[data-clock]").textContent !== ""`)
				}
				a.clean(what + "-" + theme)
				a.shoot(what + "-" + theme)
			}
			a.fits(what, 320, 640)
			a.shoot(what + "-320")
			a.fits(what, 3840, 2160)
			a.shoot(what + "-4k")
		}
	}
}

func onlyIncident(t *testing.T, d *demo) monitor.Incident {
	t.Helper()
	all, err := d.house.Store.Incidents(t.Context(), false)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d incidents, %v", len(all), err)
	}
	if !strings.HasPrefix(all[0].Site, scenes[0].site) {
		t.Errorf("the incident is about %s", all[0].Site)
	}
	return all[0]
}

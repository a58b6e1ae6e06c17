package render

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/cdproto/domsnapshot"
	"github.com/chromedp/chromedp"
)

// pureLook is a page as a real Chrome shows it, taken with the least machinery
// possible so that these tests judge the decoding and nothing else.
type pureLook struct {
	snapshot domsnapshot.CaptureSnapshotResult
	scripts  []parsedScript
	page     *Page
}

var pureOnce = sync.OnceValues(pureVisit)

// pureReal is testdata/pure/page.html seen by Chrome, once for all tests.
func pureReal(t testing.TB) *pureLook {
	t.Helper()
	look, err := pureOnce()
	if err != nil {
		t.Fatal(err)
	}
	return look
}

func pureServer() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			http.ServeFile(w, r, "testdata/pure/page.html")
		case "/sub":
			fmt.Fprint(w, "<!doctype html><p>text sub<iframe srcdoc='<p>text nested'></iframe>")
		case "/moved.js":
			http.Redirect(w, r, "/arrived.js", http.StatusFound)
		case "/w.js", "/m.js", "/m2.js", "/ext.js", "/good.js", "/arrived.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprintf(w, "self.q='%s'", r.URL.Path)
		default:
			http.NotFound(w, r)
		}
	}))
}

func pureVisit() (*pureLook, error) {
	srv := pureServer()
	defer srv.Close()
	ctx, stop, err := pureChrome()
	if err != nil {
		return nil, err
	}
	defer stop()
	look := &pureLook{}
	ids := make(chan *debugger.EventScriptParsed, 1000)
	if err := chromedp.Do(ctx, pureEnable); err != nil {
		return nil, err
	}
	err = chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*debugger.EventScriptParsed); ok && pureDefaultWorld(e) {
			ids <- e
		}
	})
	if err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(srv.URL+"/")); err != nil {
		return nil, err
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("window.st && window.mod && window.h && window.q && true")); err != nil {
		return nil, fmt.Errorf("waiting for the page's scripts: %w", err)
	}
	look.snapshot, err = chromedp.Call(ctx, domsnapshot.CaptureSnapshot,
		domsnapshot.CaptureSnapshotParams{ComputedStyles: snapshotStyles})
	if err != nil {
		return nil, fmt.Errorf("taking the snapshot: %w", err)
	}
	for len(ids) > 0 {
		s, err := pureScript(ctx, <-ids)
		if err != nil {
			return nil, err
		}
		look.scripts = append(look.scripts, s)
	}
	look.page = purePage(&look.snapshot, srv.URL+"/")
	return look, nil
}

var pureEnable = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, debugger.Enable, debugger.EnableParams{})
	return err
})

// pureDefaultWorld leaves out what the test itself evaluates.
func pureDefaultWorld(e *debugger.EventScriptParsed) bool {
	return strings.Contains(string(e.ExecutionContextAuxData), `"isDefault":true`)
}

func pureScript(ctx context.Context, e *debugger.EventScriptParsed) (parsedScript, error) {
	s := parsedScript{id: string(e.ScriptID), url: e.URL, sourceURL: e.HasSourceURL, module: e.IsModule,
		startLine: int(e.StartLine), startColumn: int(e.StartColumn), length: int(e.Length), hash: e.Hash, embedder: e.EmbedderName}
	if e.StackTrace != nil {
		for _, frame := range e.StackTrace.CallFrames {
			s.stack = append(s.stack, frame.URL)
		}
	}
	res, err := chromedp.Call(ctx, debugger.GetScriptSource, debugger.GetScriptSourceParams{ScriptID: e.ScriptID})
	if err != nil {
		return s, fmt.Errorf("reading the source of script %s: %w", e.ScriptID, err)
	}
	s.source = res.ScriptSource
	return s, nil
}

// pureChrome starts headless-shell as nobody, its sandbox on.
func pureChrome() (context.Context, func(), error) {
	dir, err := os.MkdirTemp("", "pure-chrome-")
	if err != nil {
		return nil, nil, err
	}
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if os.Getuid() == 0 {
		attr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		if err := os.Chown(dir, 65534, 65534); err != nil {
			return nil, nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	ctx, stop := chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath("/usr/lib/chromium/chromium-headless-shell"), chromedp.UserDataDir(dir),
		chromedp.NoInheritEnv, chromedp.Env("HOME="+dir, "PATH=/usr/bin:/bin"), chromedp.NoFirstRun,
		chromedp.Flag("no-sandbox", false), chromedp.Flag("headless", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.WindowSize(1366, 768), chromedp.ModifyCmdFunc(func(c *exec.Cmd) { c.SysProcAttr = attr }))
	ctx, closeTab := chromedp.NewContext(ctx)
	end := func() {
		closeTab()
		stop()
		cancel()
		os.RemoveAll(dir)
	}
	if err := chromedp.Do(ctx); err != nil {
		end()
		return nil, nil, fmt.Errorf("starting Chrome: %w", err)
	}
	return ctx, end, nil
}

func purePage(s *domsnapshot.CaptureSnapshotResult, address string) *Page {
	t := snapshotNodes(s.Documents, s.Strings, 0)
	p := &Page{URL: address, FinalURL: address, Status: 200, Nodes: t.nodes, Frames: t.frames, Truncated: t.truncated}
	p.derive()
	return p
}

// pureText is the first text in the element with that id.
func pureText(t testing.TB, p *Page, id string) *Node {
	t.Helper()
	inside := make(map[int32]bool)
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.attr("id") == id {
			inside[int32(i)] = true
			continue
		}
		if !inside[n.Parent] {
			continue
		}
		if n.Text != "" && strings.TrimSpace(n.Text) != "" {
			return n
		}
		inside[int32(i)] = true
	}
	t.Fatalf("no text in #%s", id)
	return nil
}

func TestHiddenOfRealPage(t *testing.T) {
	p := pureReal(t).page
	for id, want := range map[string]Hidden{
		"gen": Shown, "none": NotRendered, "vis": Invisible, "visback": Shown, "faint": Transparent, "filter": Transparent,
		"left": OffPage, "right": OffPage, "above": OffPage, "indent": OffPage, "indent100": OffPage,
		"collapsed": ZeroSize, "escaped": Shown, "held": ZeroSize, "clip": ZeroSize, "path": ZeroSize, "circle": ZeroSize,
		"tinyfont": ZeroSize, "scale": ZeroSize, "white": SameColour, "white2": SameColour, "whitebar": Shown,
		"darkbar": SameColour, "hero": Shown, "over": Shown, "clear": SameColour, "cutout": Shown,
		"incontents": Shown, "inclosed": Shown, "slotted": Shown, "in": Shown, "sel": Shown, "ta": Shown, "ce": Shown,
	} {
		if got := pureText(t, p, id).Hidden; got != want {
			t.Errorf("text in #%s is hidden by %q, want %q", id, got, want)
		}
	}
}

func TestFramesOfRealPage(t *testing.T) {
	p := pureReal(t).page
	in := pureText(t, p, "in")
	var owner Box
	for _, n := range p.Nodes {
		if n.attr("id") == "f" {
			owner = n.Box
		}
	}
	// border 5 + padding 7 + body margin 3, scrolled by 50
	if in.Box.X != owner.X+15 || in.Box.Y != owner.Y+15-50 {
		t.Errorf("text in frame at %d,%d; its frame is at %d,%d", in.Box.X, in.Box.Y, owner.X, owner.Y)
	}
	var hidden []Hidden
	for _, fr := range p.Frames {
		hidden = append(hidden, fr.Hidden)
	}
	// main, srcdoc, off page and what is in it, tiny and what is in it
	if want := []Hidden{Shown, Shown, OffPage, OffPage, ZeroSize, ZeroSize}; !slices.Equal(hidden, want) {
		t.Errorf("frames are hidden by %q, want %q", hidden, want)
	}
	if text := p.VisibleText(); strings.Contains(text, "text sub") || strings.Contains(text, "nested") {
		t.Error("text of hidden frames counts as visible")
	}
}

func TestTreeOfRealPage(t *testing.T) {
	p := pureReal(t).page
	for i, n := range p.Nodes {
		if n.Parent >= int32(i) || (n.Parent < 0) != (i == 0) {
			t.Fatalf("node %d %s has parent %d", i, n.Name, n.Parent)
		}
	}
	for _, want := range []string{`<div id="closed"><template shadowrootmode="closed"><b id="inclosed">text closed</b></template></div>`,
		`<template data-generated="before">generated </template>shown <b>bold</b>`, `<slot name="s"><em slot="s" id="slotted">text slotted</em></slot>`,
		`</iframe><template data-frame="/sub">`, `<!DOCTYPE html><html lang="ur" dir="ltr">`} {
		if !bytes.Contains(p.HTML, []byte(want)) {
			t.Errorf("markup lacks %s", want)
		}
	}
	if len(p.DOMDigest) != 64 || p.DOMDigest != markupDigest(markup(p.Nodes)) {
		t.Error("the same tree has two digests")
	}
	if len(p.Truncated) > 0 {
		t.Errorf("an ordinary page was cut: %q", p.Truncated)
	}
}

func TestVisibleTextOfRealPage(t *testing.T) {
	text := pureReal(t).page.VisibleText()
	lines := strings.Split(text, "\n")
	for _, want := range []string{"generated shown bold", "back", "text whitebar", "text hero", "text closed", "text inframe", "text svg",
		"text option", "text area", "text editable"} {
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, want) }) {
			t.Errorf("%q is not in the visible text:\n%s", want, text)
		}
	}
	if lines[0] != "generated shown bold" {
		t.Errorf("the first line is %q", lines[0])
	}
	for _, hidden := range []string{"text none", "text left", "text white\n", "casino", "window.", "Visible and hidden"} {
		if strings.Contains(text+"\n", hidden) {
			t.Errorf("%q is in the visible text", hidden)
		}
	}
}

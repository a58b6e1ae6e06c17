package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"

	"pasban/render/egress"
)

// A census is what a test may not leave more of than it found.
type census struct{ files, goroutines int }

func takeCensus() census {
	names, _ := readNames("/proc/self/fd")
	return census{len(names), runtime.NumGoroutine()}
}

// check waits until nothing of what the test made is left, because files and
// goroutines go in their own time, and fails if something stays.
func (before census) check(t *testing.T) {
	t.Helper()
	var now census
	var below []relative
	var dirs []string
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		http.DefaultClient.CloseIdleConnections()
		now, below = takeCensus(), descendants(os.Getpid())
		dirs, _ = filepath.Glob(filepath.Join(profiles, profilePrefix+"*"))
		if now.files <= before.files && now.goroutines <= before.goroutines && len(below) == 0 && len(dirs) == 0 {
			return
		}
	}
	stacks := make([]byte, 64<<10)
	stacks = stacks[:runtime.Stack(stacks, true)]
	t.Errorf("left behind: files %d before and %d now, goroutines %d and %d, processes %v, profiles %q\n%s",
		before.files, now.files, before.goroutines, now.goroutines, below, dirs, stacks)
}

// fakeChrome is the path of a shell script that is started as if it were
// Chrome: it reads commands on descriptor 3 and answers on 4.
func fakeChrome(t *testing.T, script string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pasban-test-bin-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "chrome")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

// realChrome is the path of the Chrome of all other tests.
func realChrome(t *testing.T) string {
	t.Helper()
	path, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// answering is a script that has one answer for each of the first commands, and
// gives them again and again: one that nobody waits for yet is lost.
func answering(results ...string) string {
	var b strings.Builder
	b.WriteString("while :; do")
	for i, result := range results {
		fmt.Fprintf(&b, ` printf '{"id":%d,"result":%s}\0' >&4;`, i+1, result)
	}
	b.WriteString(" sleep 0.1; done")
	return b.String()
}

const fakeVersion = `{"protocolVersion":"1.3","product":"Fake/1","revision":"r","userAgent":"u","jsVersion":"1"}`

// startFaults are Chromes that do not start, and what the error says of each.
var startFaults = map[string]struct {
	script string
	says   []string
}{
	"silent": {script: "exec sleep 60", says: []string{"no answer within 15s"}},
	"exits": {script: "echo cannot open shared object libnss3.so >&2; exit 127",
		says: []string{"ended by itself (exit status 127)", "libnss3.so"}},
	"exits well":      {script: "exit 0", says: []string{"ended by itself (exit status 0)"}},
	"crashes":         {script: "kill -SEGV $$", says: []string{"ended by itself (signal: segmentation fault"}},
	"no such program": {script: "exec /nonexistent/chrome", says: []string{"/nonexistent/chrome"}},
	"garbage":         {script: `printf 'HTTP/1.1 400 Bad Request\0' >&4; exec sleep 60`, says: []string{"no chrome-headless-shell"}},
	"hangs up":        {script: "exec 3<&- 4>&-; exec sleep 60", says: []string{"closed its pipe"}},
	"half a start":    {script: answering(fakeVersion), says: []string{"no answer within 15s", "Target.setDiscoverTargets"}},
	"floods":          {script: "exec tr '\\0' x </dev/zero >&4", says: []string{errMessage.Error()}},
	"complains": {script: "echo first words >&2; yes and on | head -c 50000000 >&2; exit 1",
		says: []string{"first words", "exit status 1"}},
	"leaves a child": {script: "sleep 60 & echo gone >&2; exit 9", says: []string{"exit status 9", "gone"}},
}

// TestFaultStart: a Chrome that does not start is ErrStart within 20 seconds,
// with words an operator can use, and nothing of it is left.
func TestFaultStart(t *testing.T) {
	before := takeCensus()
	t.Run("all", func(t *testing.T) {
		for name, fault := range startFaults {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				begun := time.Now()
				_, err := NewPool(t.Context(), Options{Chrome: fakeChrome(t, fault.script), Processes: 1, Dir: profiles,
					Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
				t.Logf("after %v: %s", time.Since(begun).Round(time.Millisecond), clip(fmt.Sprint(err), 400))
				if !errors.Is(err, ErrStart) {
					t.Errorf("%v, want ErrStart", err)
				}
				if took := time.Since(begun); took > 20*time.Second {
					t.Errorf("it took %v", took)
				}
				for _, word := range fault.says {
					if !strings.Contains(fmt.Sprint(err), word) {
						t.Errorf("the error does not say %q", word)
					}
				}
				if n := len(fmt.Sprint(err)); n > 24<<10 {
					t.Errorf("an error of %d bytes", n)
				}
			})
		}
	})
	before.check(t)
}

// TestFaultSlowStart: a Chrome that takes eight seconds to start is waited for.
func TestFaultSlowStart(t *testing.T) {
	before := takeCensus()
	t.Run("slow", func(t *testing.T) {
		p := testPool(t, Options{Processes: 1, Chrome: fakeChrome(t, `sleep 8; exec `+realChrome(t)+` "$@"`)})
		wantOutcome(t, visit(t, p, Request{URL: html(t, "<p>here")}), OK)
		if s := p.Stats(); s.Failed != 0 {
			t.Errorf("stats %+v, want no failed start", s)
		}
	})
	before.check(t)
}

// TestFaultMute: a Chrome that starts and answers nothing more is ErrDied for
// its captures, in good time.
func TestFaultMute(t *testing.T) {
	before := takeCensus()
	t.Run("mute", func(t *testing.T) {
		p := testPool(t, Options{Processes: 1, tabTimeout: time.Second,
			Chrome: fakeChrome(t, answering(fakeVersion, "{}"))})
		begun := time.Now()
		if page, err := p.Render(t.Context(), Request{URL: "http://127.0.0.1:9/"}); !errors.Is(err, ErrDied) {
			t.Errorf("%+v, %v, want ErrDied", page, err)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	})
	before.check(t)
}

// countingLog is a log that is counted by level, and shown.
type countingLog struct {
	slog.Handler
	lines atomic.Int64
}

func (l *countingLog) Handle(ctx context.Context, r slog.Record) error {
	l.lines.Add(1)
	return l.Handler.Handle(ctx, r)
}

// TestFaultRecovery: while Chrome does not start, captures are told so at once
// and why, few starts are made, and the log stays short; when it starts again,
// so do the captures, without anybody's help.
func TestFaultRecovery(t *testing.T) {
	before := takeCensus()
	t.Run("recovery", recovery)
	before.check(t)
}

func recovery(t *testing.T) {
	path := fakeChrome(t, `[ -e "$0.broken" ] && { echo being upgraded >&2; exit 1; }; exec `+realChrome(t)+` "$@"`)
	clock, lines := newHandClock(), &countingLog{Handler: slog.NewTextHandler(t.Output(), nil)}
	p, err := NewPool(t.Context(), Options{Chrome: path, Processes: 2, Dir: profiles, Logger: slog.New(lines),
		now: clock.now, Egress: egress.Policy{AllowPrivate: loopback}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	url := html(t, "<h1>here</h1>")
	wantOutcome(t, visit(t, p, Request{URL: url}), OK)

	if err := os.WriteFile(path+".broken", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	awaitFree(t, p)
	for _, s := range p.all {
		killGroup(s.process().pid)
		<-s.process().exited
	}
	begun := time.Now()
	for range 60 {
		if _, err := p.Render(t.Context(), Request{URL: url}); !errors.Is(err, ErrStart) || !strings.Contains(err.Error(), "being upgraded") {
			t.Fatalf("%v, want ErrStart and what Chrome said", err)
		}
	}
	took, s := time.Since(begun), p.Stats()
	if s.Failed > breakAfter+2 || took > 5*time.Second {
		t.Errorf("%d starts in %v for 60 captures, stats %+v", s.Failed, took, s)
	}
	if !strings.Contains(s.NotStarting, "being upgraded") || !strings.Contains(s.NotStarting, "next in 1s") {
		t.Errorf("stats say %q", s.NotStarting)
	}
	if n := lines.lines.Load(); n > 12 {
		t.Errorf("%d lines in the log", n)
	}

	clock.advance(firstPause) // a trial that fails
	await(t, "a trial", func() bool {
		return p.Stats().Failed > s.Failed && strings.Contains(p.Stats().NotStarting, "next in 2s")
	})
	if err := os.Remove(path + ".broken"); err != nil {
		t.Fatal(err)
	}
	clock.advance(2 * firstPause)
	await(t, "the browser", func() bool { return p.Stats().NotStarting == "" })
	for range 3 {
		wantOutcome(t, visit(t, p, Request{URL: url}), OK)
	}
}

// await polls what the outside world does in its own time.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// awaitFree waits until every seat is ready again.
func awaitFree(t *testing.T, p *Pool) {
	t.Helper()
	await(t, "the seats", func() bool { return p.Stats().Free == p.opts.Processes })
}

// The steps of a capture, each named by the command that begins it. The tab is
// opened for the capture because it may dial an address of its own.
var faultSteps = []string{
	"Target.createBrowserContext", "Emulation.setDeviceMetricsOverride", "Page.navigate", stepRequest, "Runtime.evaluate",
	"DOMSnapshot.captureSnapshot", "Page.captureScreenshot", "Debugger.getScriptSource", "Target.disposeBrowserContext",
}

// stepRequest is the step at which the site itself strikes: when it is asked
// for a script that the page waits for.
const stepRequest = "request"

// A strike does something to a Chrome, once, when the step it waits for begins.
type strike struct {
	proc  *process
	step  string
	fault func(*process)
	once  sync.Once
	done  atomic.Bool
}

// arm makes the strike listen to the commands that are sent.
func (s *strike) arm() {
	s.proc.wire.mu.Lock()
	defer s.proc.wire.mu.Unlock()
	s.proc.wire.sent = s.reach
}

func (s *strike) reach(step string) {
	if step == s.step {
		s.once.Do(func() {
			s.fault(s.proc)
			s.done.Store(true)
		})
	}
}

func killBrowser(p *process) {
	killGroup(p.pid)
	<-p.exited
}

func killRenderers(p *process) {
	var all []relative
	for _, r := range descendants(p.pid) {
		if isRenderer(r.pid) {
			all = append(all, r)
		}
	}
	killAll(all)
	_ = awaitGone(all, 10*time.Second) // one that stays shows in the outcome
}

func freeze(p *process) {
	_ = syscall.Kill(p.pid, syscall.SIGSTOP) // a Chrome that has gone shows in the outcome
	for _, r := range descendants(p.pid) {
		_ = syscall.Kill(r.pid, syscall.SIGSTOP)
	}
}

// captureFaults are what can happen to a Chrome under a capture, and what must
// come of it, by step.
var captureFaults = map[string]struct {
	fault   func(*process)
	outcome func(step string) Outcome
}{
	"browser killed": {killBrowser, func(string) Outcome { return OK }}, // made again by another
	"renderer killed": {killRenderers, func(step string) Outcome {
		switch step {
		case "Target.createBrowserContext", "Target.disposeBrowserContext": // before there is a page, and after
			return OK
		}
		return Crashed
	}},
	"browser frozen": {freeze, func(step string) Outcome {
		switch step {
		case "Target.createBrowserContext", "Emulation.setDeviceMetricsOverride", "Target.disposeBrowserContext":
			return OK // nothing of the site was shown, or everything
		}
		return Unresponsive
	}},
}

// TestFaultCapture: whatever happens to a Chrome, and at whatever step of a
// capture, the capture ends in time as it should, and the next one is fine.
func TestFaultCapture(t *testing.T) {
	before := takeCensus()
	t.Run("all", func(t *testing.T) {
		for name, f := range captureFaults {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := testPool(t, Options{Processes: 1, tabTimeout: 6 * time.Second})
				for _, step := range faultSteps {
					t.Run(step, func(t *testing.T) { faultAt(t, p, step, f.fault, f.outcome(step)) })
				}
			})
		}
	})
	before.check(t)
}

// faultAt takes a capture that meets a fault at a step.
func faultAt(t *testing.T, p *Pool, step string, fault func(*process), want Outcome) {
	awaitFree(t, p)
	blow := &strike{proc: p.all[0].process(), step: step, fault: fault}
	blow.arm()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait.js" {
			blow.reach(stepRequest)
			w.Header().Set("Content-Type", "text/javascript")
		} else {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}
		// Page and script in one. No two are alike: a source that is known is not asked for.
		fmt.Fprintf(w, "//<h1>here</h1><script src=/wait.js></script><p>%d", time.Now().UnixNano())
	})
	req := Request{URL: url, AllowPrivate: loopback, Soft: 6 * time.Second, Hard: 8 * time.Second}
	if want == Unresponsive { // it is only seen at a deadline
		req.Soft, req.Hard = 2*time.Second, 4*time.Second
	}
	page, err := p.Render(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s %q after %v", page.Outcome, page.Detail, page.Timings.Done.Round(time.Millisecond))
	if !blow.done.Load() {
		t.Error("the step was never reached")
	}
	wantOutcome(t, page, want)
	if took := page.Timings.Done; took > req.Hard+time.Second {
		t.Errorf("it took %v, the hard deadline is %v", took, req.Hard)
	}
	if page.Outcome == OK {
		wantText(t, page, "here")
	}
	wantOutcome(t, visit(t, p, Request{URL: html(t, "<p>next")}), OK)
}

// TestFaultFullPipe: commands for a Chrome that reads none never hold up whoever
// sends them, not even when the pipe is full, and the capture is made elsewhere.
func TestFaultFullPipe(t *testing.T) {
	before := takeCensus()
	t.Run("full", func(t *testing.T) {
		p := testPool(t, Options{Processes: 1})
		awaitFree(t, p)
		proc := p.all[0].process()
		freeze(proc)
		begun, refused := time.Now(), 0
		for range 4 * maxUnsent {
			if _, err := send(proc.browser(), browser.GetVersion, cdp.Empty{}).raw(ended()); errors.Is(err, errUnsent) {
				refused++
			}
		}
		if took := time.Since(begun); took > 5*time.Second || refused < maxUnsent {
			t.Errorf("%d of %d commands refused, in %v", refused, 4*maxUnsent, took)
		}
		proc.wire.mu.Lock()
		waiting := len(proc.wire.waiting)
		proc.wire.mu.Unlock()
		if waiting > 2*maxUnsent {
			t.Errorf("%d replies waited for", waiting)
		}
		wantOutcome(t, visit(t, p, Request{URL: html(t, "<p>here")}), OK)
	})
	before.check(t)
}

// ended is a context for whoever does not want to wait.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// TestFaultIdleRenderer: a tab whose renderer died while it waited for work is
// not blamed on the site that comes next.
func TestFaultIdleRenderer(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	tab := p.all[0].tab
	killRenderers(p.all[0].process())
	await(t, "the crash", func() bool { return tab.watch.now().crashed })
	wantOutcome(t, visit(t, p, Request{URL: html(t, "<p>here")}), OK)
}

// TestFaultMessage: a message over the bound ends the capture as too big, and
// neither the worker nor the next capture.
func TestFaultMessage(t *testing.T) {
	p := testPool(t, Options{Processes: 1, message: 1 << 20})
	page := visit(t, p, Request{URL: html(t, `<h1>here</h1><script>console.error("x".repeat(2 << 20))</script>`)})
	if page.Outcome != TooBig || !strings.Contains(page.Detail, errMessage.Error()) {
		t.Errorf("%s %q, want too_big for a message", page.Outcome, page.Detail)
	}
	wantOutcome(t, visit(t, p, Request{URL: html(t, "<p>next")}), OK)
}

// TestWireHangUp: the first reason that ended a conversation is the one that is
// told, and a reader that meets a message without an end stops within the bound.
func TestWireHangUp(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := newWire(endlessPipe{}, w, maxMessage)
	defer func() { _ = errors.Join(r.Close(), w.Close()) }()
	<-c.lost
	c.hangUp(errors.New("a later one"))
	if err := c.reason(); !errors.Is(err, errMessage) {
		t.Errorf("%v, want %v", err, errMessage)
	}
	if _, err := call(t.Context(), session{w: c}, browser.GetVersion, cdp.Empty{}); !errors.Is(err, errMessage) {
		t.Errorf("a command on it: %v, want %v", err, errMessage)
	}
}

// endlessPipe is a message that does not end.
type endlessPipe struct{}

func (endlessPipe) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte{'x'}, len(p))), nil
}
func (endlessPipe) Close() error { return nil }

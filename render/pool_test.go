package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// testPool is a pool that may visit the sites of the tests and is closed at
// their end.
func testPool(t testing.TB, o Options) *Pool {
	t.Helper()
	o.Dir = profiles
	o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	if o.Egress.AllowPrivate == nil {
		o.Egress.AllowPrivate = loopback
	}
	p, err := NewPool(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestURLs: what is not a web address never reaches a browser.
func TestURLs(t *testing.T) {
	refused := []string{
		"", "example.org", "file:///etc/passwd", "FILE:///etc/passwd", "javascript:alert(1)", "data:text/html,x",
		"view-source:http://example.org", "chrome://version", "devtools://x", "blob:http://x/y", "ftp://example.org",
		"fi\tle:///etc/passwd", "\x01http://example.org", "http://", "http:///x", "http://user:pw@example.org/",
		"http://user@example.org", "http://example.org:0/", "http://example.org:99999/", "http:\\\\example.org",
		"http://" + strings.Repeat("a", 300) + ".example/", "http://example.org/" + strings.Repeat("a", 5000),
	}
	for _, raw := range refused {
		if got, err := address(raw); !errors.Is(err, ErrURL) {
			t.Errorf("%q: %q, %v, want ErrURL", clip(raw, 60), got, err)
		}
	}
	accepted := map[string]string{
		"http://Example.ORG":              "http://example.org/",
		" https://example.org/a?b=c#d":    "https://example.org/a?b=c", //nolint:gocritic // the space is the point
		"https://پاکستان.example/":        "https://xn--mgbai9azgqp6j.example/",
		"http://[2001:db8::1]:8080/x":     "http://[2001:db8::1]:8080/x",
		"http://under_score.example.org/": "http://under_score.example.org/",
	}
	for raw, want := range accepted {
		if got, err := address(raw); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", raw, got, err, want)
		}
	}
}

// FuzzAddress: whatever comes out is an absolute web address that comes out
// again unchanged.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"http://example.org/", "https://a.b:81/c?d#e", "http://[::1]/", "file:///x", "http://پاکستان/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := address(raw)
		if err != nil {
			return
		}
		if !strings.HasPrefix(got, "http://") && !strings.HasPrefix(got, "https://") {
			t.Fatalf("%q became %q", raw, got)
		}
		if again, err := address(got); err != nil || again != got {
			t.Fatalf("%q became %q and then %q, %v", raw, got, again, err)
		}
	})
}

// FuzzHeaders: header objects of any shape are read within the bounds.
func FuzzHeaders(f *testing.F) {
	f.Add([]byte(`{"A":"b","Set-Cookie":"x\ny","n":1,"o":{"p":[]}}`))
	f.Add([]byte(`[1,2]`))
	f.Fuzz(func(t *testing.T, object []byte) {
		list := headers(object)
		if len(list) > maxHeaders {
			t.Fatalf("%d headers", len(list))
		}
		for _, h := range list {
			if len(h.Value) > maxValue || len(h.Name) > 200 {
				t.Fatalf("header of %d and %d bytes", len(h.Name), len(h.Value))
			}
		}
	})
}

// FuzzStat: the process table is read whatever a process calls itself.
func FuzzStat(f *testing.F) {
	f.Add([]byte("12 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24"))
	f.Add([]byte(")"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = parseStat(data) })
}

// TestHeaderOrder: headers keep the order and the repetitions they came in.
func TestHeaderOrder(t *testing.T) {
	got := headers([]byte(`{"Server":"x","Set-Cookie":"a=1\nb=2","Accept":"y"}`))
	want := []Header{{"server", "x"}, {"set-cookie", "a=1"}, {"set-cookie", "b=2"}, {"accept", "y"}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestConcurrent: more captures than processes wait for their turn and none
// sees another's cookies or storage.
func TestConcurrent(t *testing.T) {
	p := testPool(t, Options{Processes: 2, Retire: 3})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes"})
		fmt.Fprintf(w, `<!doctype html><p>cookies: %d</p><p id=s></p><script>s.textContent = "stored: " + localStorage.length; localStorage.x = 1</script>`, len(r.Cookies()))
	})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			page, err := p.Render(t.Context(), Request{URL: url})
			if err != nil {
				t.Error(err)
				return
			}
			wantOutcome(t, page, OK)
			wantText(t, page, "cookies: 0")
			wantText(t, page, "stored: 0")
		})
	}
	wg.Wait()
	if s := p.Stats(); s.Captures != 10 || s.Retired == 0 {
		t.Errorf("stats %+v, want 10 captures and processes retired after 3", s)
	}
}

// TestSandbox: Chrome runs as a user without rights, its renderers are under
// seccomp and may gain no privileges, and nothing of our environment is in its own.
func TestSandbox(t *testing.T) {
	t.Setenv("PASBAN_SECRET", "do-not-pass-on")
	p := testPool(t, Options{Processes: 1})
	visit(t, p, Request{URL: html(t, "x")})
	root := p.all[0].process().pid
	renderers := 0
	for _, r := range append(descendants(root), relative{pid: root}) {
		dir := fmt.Sprintf("/proc/%d/", r.pid)
		cmdline, err := os.ReadFile(dir + "cmdline")
		if err != nil {
			continue // it has ended
		}
		if bytes.Contains(cmdline, []byte("--no-sandbox")) {
			t.Error("Chrome runs with --no-sandbox")
		}
		if env, err := os.ReadFile(dir + "environ"); err == nil && bytes.Contains(env, []byte("do-not-pass-on")) {
			t.Error("our environment is in Chrome's")
		}
		if status, err := os.ReadFile(dir + "status"); err == nil && bytes.Contains(status, []byte("\nUid:\t0\t")) {
			t.Errorf("%s runs as root", clip(string(cmdline), 80))
		}
		if bytes.Contains(cmdline, []byte("--type=renderer")) {
			renderers++
			wantShutIn(t, dir+"status")
		}
	}
	if renderers == 0 {
		t.Error("no renderer to look at")
	}
}

// wantShutIn waits for the sandbox of a renderer: Chrome keeps one in reserve,
// which puts its filter on after it has started and before it draws anything.
func wantShutIn(t *testing.T, status string) {
	t.Helper()
	await(t, "the sandbox of a renderer", func() bool {
		now, err := os.ReadFile(status)
		ended := err != nil || bytes.Contains(now, []byte("\nState:\tZ"))
		return ended || bytes.Contains(now, []byte("\nSeccomp:\t2\n")) && bytes.Contains(now, []byte("\nNoNewPrivs:\t1\n"))
	})
}

// TestBrowserKilled: a browser that is killed under a capture is replaced and
// the capture made again; killed a second time it is an error.
func TestBrowserKilled(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	var kills atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if kills.Add(-1) >= 0 {
			killGroup(p.all[0].process().pid)
			<-r.Context().Done()
		}
		fmt.Fprint(w, "<h1>here</h1>")
	})
	kills.Store(1)
	wantOutcome(t, visit(t, p, Request{URL: url}), OK)
	kills.Store(100)
	if page, err := p.Render(t.Context(), Request{URL: url}); !errors.Is(err, ErrDied) {
		t.Errorf("%+v, %v, want ErrDied", page, err)
	}
	kills.Store(0)
	wantOutcome(t, visit(t, p, Request{URL: url}), OK)
}

// TestMemoryBudget: a page that makes Chrome grow beyond its budget is too big.
func TestMemoryBudget(t *testing.T) {
	p := testPool(t, Options{Processes: 1, Memory: 700 << 20})
	site := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait.js" { // nothing ends this load but the watchdog, however slow the machine is
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><h1>x</h1><script>
			const keep = []; for (let i = 0; i < 40; i++) keep.push(new Uint8Array(32 << 20).fill(i + 1))</script><script src=/wait.js></script>`)
	})
	page := visit(t, p, Request{URL: site, Soft: time.Minute, Hard: 2 * time.Minute})
	if page.Outcome != TooBig && page.Outcome != Crashed {
		t.Errorf("outcome %s (%s), want too_big or crashed", page.Outcome, page.Detail)
	}
	wantOutcome(t, visit(t, p, Request{URL: html(t, "fine")}), OK)
}

// TestFreshProcess: a capture that asks for a browser of its own gets one.
func TestFreshProcess(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	url := html(t, "<p>x")
	visit(t, p, Request{URL: url})
	before := p.all[0].process()
	visit(t, p, Request{URL: url, FreshProcess: true})
	visit(t, p, Request{URL: url})
	if s := p.Stats(); s.Started != 3 || !before.dead() {
		t.Errorf("stats %+v, want three processes, one each", s)
	}
}

// TestBadChrome: a Chrome that does not start is an error in good time, and
// leaves nothing behind.
func TestBadChrome(t *testing.T) {
	dir := filepath.Join(profiles, "..", filepath.Base(profiles)+"-bin")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for name, script := range map[string]string{
		"exits": "echo cannot open display >&2; exit 3", "hangs": "exec sleep 60",
		"garbage": "printf 'what\\0is\\0this' >&4; exec sleep 60",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		_, err := NewPool(t.Context(), Options{Chrome: path, Processes: 1, Dir: profiles, startTimeout: 300 * time.Millisecond,
			Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
		if !errors.Is(err, ErrStart) {
			t.Errorf("%s: %v, want ErrStart", name, err)
		}
		if name == "exits" && !strings.Contains(fmt.Sprint(err), "cannot open display") {
			t.Errorf("the error does not tell what Chrome said: %v", err)
		}
	}
	if _, err := NewPool(t.Context(), Options{Chrome: dir + "/none", Dir: profiles}); !errors.Is(err, ErrStart) {
		t.Errorf("no Chrome: %v, want ErrStart", err)
	}
}

// TestSweep: profiles of a run that was killed are removed, those of running
// processes and anything that is not a profile are not.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	start, err := startTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{ // stays
		fmt.Sprintf("%s%d-%d-a", profilePrefix, os.Getpid(), start):   true,
		fmt.Sprintf("%s%d-%d-b", profilePrefix, os.Getpid(), start-1): false, // the number was used again
		fmt.Sprintf("%s%d-5-c", profilePrefix, dead.Process.Pid):      false,
		profilePrefix + "x":     true,
		profilePrefix + "1-2":   true,
		"pasban-something-else": true,
	}
	for name := range names {
		if err := os.MkdirAll(filepath.Join(dir, name, "Default"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(dir, fmt.Sprintf("%s%d-5-d", profilePrefix, dead.Process.Pid))
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if n, err := sweepProfiles(dir); n != 2 || err != nil {
		t.Errorf("swept %d, %v, want 2", n, err)
	}
	for name, stays := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != stays {
			t.Errorf("%s: %v, stays %v", name, err, stays)
		}
	}
}

// TestClose: a closed pool takes no captures, and closing twice is closing once.
func TestClose(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Error(err)
	}
	if _, err := p.Render(context.Background(), Request{URL: "http://127.0.0.1/"}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
}

// TestWaiting: a caller that gives up while it waits for a browser is told so.
func TestWaiting(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	ctx, cancel := context.WithCancel(t.Context())
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	var wg sync.WaitGroup
	wg.Go(func() { visit(t, p, Request{URL: url, Soft: time.Second, Hard: 2 * time.Second}) })
	<-ctx.Done()
	if _, err := p.Render(ctx, Request{URL: url}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	wg.Wait()
}

// victimEnv makes the test binary play a program that is killed.
const victimEnv = "RENDER_TEST_VICTIM"

// TestKilledOwner: when the program is killed outright, every process of its
// Chromes goes too, and the next pool removes their profiles.
func TestKilledOwner(t *testing.T) {
	if dir := os.Getenv(victimEnv); dir != "" {
		victim(dir)
		return
	}
	dir, err := os.MkdirTemp("", "pasban-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestKilledOwner$")
	cmd.Env = append(os.Environ(), victimEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	if line := strings.TrimSpace(string(buf[:n])); line != "busy" {
		t.Fatalf("the victim said %q", line)
	}
	below := descendants(cmd.Process.Pid)
	if len(below) < 6 {
		t.Fatalf("only %d processes below the victim", len(below))
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed"
	if err := awaitGone(below, 10*time.Second); err != nil {
		t.Error(err)
	}
	if n, err := sweepProfiles(dir); n != 2 || err != nil {
		t.Errorf("swept %d profiles, %v, want those of 2 seats", n, err)
	}
}

// victim makes two Chromes busy and says so.
func victim(dir string) {
	p, err := NewPool(context.Background(), Options{Processes: 2, Dir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("busy")
	time.Sleep(time.Minute)
	fmt.Println(strconv.Itoa(p.opts.Processes))
}

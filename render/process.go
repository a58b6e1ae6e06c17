package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
)

// A process is one Chrome and everything it started.
type process struct {
	pid     int
	dir     string
	fonts   string // font configuration within dir, "" for the machine's
	wire    *wire
	version string // "HeadlessChrome/156.0.8078.79"
	agent   string // its own user agent
	output  tail

	exited chan struct{} // closed when the browser process was reaped
	ended  error         // how; valid once exited is closed
	once   sync.Once     // of kill
	swept  error         // what kill could not clean up

	shows int // captures made; belongs to the holder of the seat
	used  usage
}

// browser is the session of the browser itself.
func (p *process) browser() session { return session{w: p.wire} }

// quickFailure is how soon a start must have failed to be worth another at
// once: a machine that is short of something for a moment fails at once, and a
// browser that said nothing for startTimeout would say nothing again.
const quickFailure = 2 * time.Second

// startProcess starts Chrome, if need be twice. It takes quickFailure and
// startTimeout at the most, and the moment it takes to clear away.
func startProcess(ctx context.Context, o *Options) (*process, error) {
	begun := time.Now()
	p, err := startOnce(ctx, o)
	if err != nil && ctx.Err() == nil && time.Since(begun) < quickFailure {
		first := err
		if p, err = startOnce(ctx, o); err == nil {
			o.Logger.Warn("the browser started only the second time", "err", first)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, err)
	}
	return p, nil
}

func startOnce(ctx context.Context, o *Options) (*process, error) {
	ctx, cancel := context.WithTimeout(ctx, o.startTimeout)
	defer cancel()
	dir, fonts, err := makeProfile(o.Dir, o.user)
	if err != nil {
		return nil, err
	}
	p := &process{dir: dir, fonts: fonts, exited: make(chan struct{})}
	if err := p.launch(o); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := p.greet(ctx); err != nil {
		symptom := p.symptom(err, o.startTimeout)
		killed := p.kill() // what it printed is complete when it has ended
		return nil, errors.Join(fmt.Errorf("%s: %s; it printed %q; `pasban doctor` looks closer (%w)",
			o.Chrome, symptom, p.output.String(), err), killed)
	}
	return p, nil
}

// symptom says in an operator's words what became of a start that failed.
func (p *process) symptom(err error, patience time.Duration) string {
	if errors.Is(err, context.Canceled) {
		return "the start was given up"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %v: the machine is overloaded, or this is no chrome-headless-shell", patience)
	}
	if reason := p.wire.reason(); reason != nil && !hungUp(reason) {
		return "it answers with something else than the DevTools protocol: this is no chrome-headless-shell"
	}
	select {
	case <-p.exited:
		return fmt.Sprintf("it ended by itself (%v)", p.ended)
	case <-time.After(time.Second): // it has hung up, and is given a moment to end
		return "it closed its pipe before it had answered"
	}
}

// hungUp tells the end of a conversation from a disturbance of it.
func hungUp(reason error) bool {
	return errors.Is(reason, io.EOF) || errors.Is(reason, os.ErrClosed) || errors.Is(reason, syscall.EPIPE)
}

// launch runs the command and connects the pipes.
func (p *process) launch(o *Options) error {
	//nolint:noctx // it outlives the context it is started in; kill ends it
	cmd := exec.Command(o.Chrome, append(flags(p.dir, o.NoSandbox), "about:blank")...)
	cmd.Env, cmd.Dir = environment(p.dir, p.fonts), p.dir
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	cmd.WaitDelay = time.Second // a child may hold the output open
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if o.user != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: o.user.uid, Gid: o.user.gid, Groups: []uint32{}}
	}
	childR, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making the command pipe: %w", err)
	}
	r, childW, err := os.Pipe()
	if err != nil {
		return errors.Join(fmt.Errorf("making the answer pipe: %w", err), childR.Close(), w.Close())
	}
	cmd.ExtraFiles = []*os.File{childR, childW} // Chrome's descriptors 3 and 4
	err = p.start(cmd)
	closed := errors.Join(childR.Close(), childW.Close())
	if err = errors.Join(err, closed); err != nil {
		return errors.Join(err, r.Close(), w.Close())
	}
	p.wire = newWire(r, w, o.message)
	go func() {
		<-p.exited
		_ = errors.Join(r.Close(), w.Close()) // there is nobody left to tell
	}()
	return nil
}

// start runs cmd from a thread that stays until the process is gone, because
// the kernel sends Pdeathsig when the thread that forked ends, not the process
// (https://github.com/golang/go/issues/27505).
func (p *process) start(cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err != nil {
			return
		}
		if p.ended = cmd.Wait(); p.ended == nil {
			p.ended = errors.New("exit status 0")
		}
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	return nil
}

// greet waits for the first answer and sets what holds for the whole browser.
func (p *process) greet(ctx context.Context) error {
	b := p.browser()
	v, err := call(ctx, b, browser.GetVersion, cdp.Empty{})
	if err != nil {
		return fmt.Errorf("waiting for the browser's first answer: %w", err)
	}
	p.version, p.agent = v.Product, v.UserAgent
	// Windows that pages open are announced at once, so that they can be closed.
	if _, err := call(ctx, b, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true}); err != nil {
		return fmt.Errorf("listening for windows: %w", err)
	}
	return nil
}

// endTimeout is how long the kernel may take over a SIGKILL. It is longer only
// when a process hangs in a system call that cannot be interrupted.
const endTimeout = 10 * time.Second

// kill ends the browser, its group and every process below it, and removes its
// profile. It never asks first: a graceful close can hang on a hostile page.
func (p *process) kill() error {
	p.once.Do(func() {
		children := descendants(p.pid)
		killGroup(p.pid)
		select {
		case <-p.exited:
		case <-time.After(endTimeout):
			p.swept = fmt.Errorf("browser %d did not end within %v of SIGKILL; its profile %s stays", p.pid, endTimeout, p.dir)
			killAll(children)
			return
		}
		killAll(children)
		p.swept = errors.Join(awaitGone(children, endTimeout), removeProfile(p.dir))
	})
	return p.swept
}

// answers reports whether the browser process itself still answers, within
// limit: one that was stopped or hangs does not.
func (p *process) answers(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, err := send(p.browser(), browser.GetVersion, cdp.Empty{}).raw(ctx)
	return err == nil
}

// dead reports whether the browser process has ended or hung up.
func (p *process) dead() bool {
	select {
	case <-p.exited:
		return true
	case <-p.wire.lost:
		return true
	default:
		return false
	}
}

// Find returns the path of the Chrome a zero Options uses: Debian's
// chrome-headless-shell, or the first in PATH of the names it goes by.
func Find() (string, error) {
	const debian = "/usr/lib/chromium/chromium-headless-shell"
	if _, err := os.Stat(debian); err == nil {
		return debian, nil
	}
	names := []string{"chrome-headless-shell", "chromium-headless-shell", "headless-shell", "headless_shell"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: no %s and none of %s in PATH", ErrStart, debian, strings.Join(names, ", "))
}

// Version asks the Chrome at path what it is: "Chromium 156.0.8078.79 ...".
func Version(ctx context.Context, path string) (string, error) {
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.Env = environment(os.TempDir(), "")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", path, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Built is when the Chrome at path was built, by the time of its file: package managers
// unpack files with the time they were built at, which for Debian's packages is that of
// the package. The time of a script that starts Chrome says nothing: name Chrome itself.
func Built(path string) (time.Time, error) {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}, fmt.Errorf("looking for the age of Chrome: %w", err)
	}
	return info.ModTime(), nil
}

// tail keeps the first 8 KiB of what Chrome prints, for the error of a failed start.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

var _ io.Writer = (*tail)(nil)

// Write satisfies io.Writer and never fails: a full pipe would stop Chrome.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p[:min(len(p), 8<<10-len(t.buf))]...)
	return len(p), nil
}

// String returns what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.buf))
}

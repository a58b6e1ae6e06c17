package render

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"pasban/render/egress"
)

// Options of a Pool. The zero value works.
type Options struct {
	// Chrome is the path of a chrome-headless-shell. Default: see Find.
	Chrome string
	// Processes is how many captures are made at once, each in a Chrome of its
	// own. Default 2.
	Processes int
	// NoSandbox starts Chrome without its sandbox and says so in the log. Only
	// for a machine on which the sandbox cannot work and the pages are trusted.
	NoSandbox bool
	// Egress says where captures may go. Default: the public Internet.
	Egress egress.Policy
	// Retire is after how many captures a Chrome is replaced. Default 100.
	Retire int
	// Memory is the most a Chrome with all its children may use, in bytes. One
	// that uses more is killed and its capture is too_big. Default 1.5 GB.
	Memory int64
	// Logger for what concerns the machine. Default slog.Default().
	Logger *slog.Logger
	// Dir holds the profiles, one directory a Chrome, removed with it. Default
	// os.TempDir(); a tmpfs is best. When we run as root, Chrome runs as uid
	// 65534 and must be able to reach it.
	Dir string

	user                     *account
	startTimeout, tabTimeout time.Duration
	now                      func() time.Time // of the breaker
	message                  int              // most bytes of one that Chrome sends
}

func (o Options) withDefaults() (Options, error) {
	var err error
	if o.Chrome == "" {
		if o.Chrome, err = Find(); err != nil {
			return o, err
		}
	}
	if o.Dir == "" {
		o.Dir = os.TempDir()
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.Processes = orDefault(o.Processes, defaultProcesses)
	o.Retire = orDefault(o.Retire, defaultRetire)
	o.Memory = orDefault(o.Memory, int64(defaultMemory))
	o.startTimeout = orDefault(o.startTimeout, startTimeout)
	o.tabTimeout = orDefault(o.tabTimeout, tabTimeout)
	o.message = orDefault(o.message, maxMessage)
	if o.now == nil {
		o.now = time.Now
	}
	o.user = chooseUser()
	return o, nil
}

// A Pool takes captures with a fixed number of Chrome processes. Its methods
// are safe for concurrent use.
type Pool struct {
	opts Options
	lib  *library
	free chan *seat
	all  []*seat
	// spare is a Chrome started ahead, for the next seat that loses its own. There is
	// none before the first is lost: who looks at one page pays for one Chrome.
	spare    chan *process
	stocking atomic.Bool
	starts   breaker

	ctx   context.Context // ends with Close
	stop  context.CancelFunc
	group sync.WaitGroup // captures and background work

	seated int // seats that were ever free
	once   sync.Once
	closed error

	captures, started, retired, killed, failed atomic.Int64
}

// Stats are counts since the pool was made.
type Stats struct {
	Processes int   `json:"processes"` // captures that can be made at once
	Free      int   `json:"free"`      // of them, waiting for work
	Captures  int64 `json:"captures"`  // made
	Started   int64 `json:"started"`   // Chrome processes that captures were made with
	Retired   int64 `json:"retired"`   // of them, replaced after a clean capture
	Killed    int64 `json:"killed"`    // of them, replaced after anything else
	Failed    int64 `json:"failed"`    // starts that came to nothing

	// NotStarting is why no capture can be made: Chrome did not start several
	// times in a row, and is tried again now and then. "" if all is well.
	NotStarting string `json:"not_starting,omitempty"`
}

// A seat holds one Chrome at a time, with a tab ready for the next capture.
type seat struct {
	mu   sync.Mutex // of proc, for the watchdog; the holder of the seat owns the rest
	proc *process
	tab  *tab
}

// NewPool starts the processes and returns when they have answered. It removes
// the profiles that earlier runs left behind when they were killed.
func NewPool(ctx context.Context, o Options) (*Pool, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if o.NoSandbox {
		o.Logger.Warn("CHROME RUNS WITHOUT ITS SANDBOX: a page that breaks out of the renderer owns this account")
	}
	if n, err := sweepProfiles(o.Dir); err != nil || n > 0 {
		o.Logger.Info("swept profiles of earlier runs", "removed", n, "err", err)
	}
	p := &Pool{opts: o, lib: newLibrary(), free: make(chan *seat, o.Processes), spare: make(chan *process, 1)}
	p.starts.now = o.now
	p.ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := p.fill(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	p.group.Go(p.guard)
	return p, nil
}

// fill starts all processes at once.
func (p *Pool) fill(ctx context.Context) error {
	errs := make([]error, p.opts.Processes)
	var wg sync.WaitGroup
	for i := range p.opts.Processes {
		s := new(seat)
		p.all = append(p.all, s)
		wg.Go(func() {
			proc, err := startProcess(ctx, &p.opts)
			p.seat(s, proc)
			errs[i] = err
		})
	}
	wg.Wait()
	for _, s := range p.all {
		if s.proc != nil {
			p.ready(s)
			p.seated++
			p.free <- s
		}
	}
	return errors.Join(errs...)
}

// stock starts the spare, unless there is one. A failure is left to the seat
// that will need it, which starts its own and reports what is wrong.
func (p *Pool) stock() {
	if len(p.spare) == 0 && p.starts.refuse() == nil && p.stocking.CompareAndSwap(false, true) {
		defer p.stocking.Store(false)
		p.startSpare(false)
	}
}

// trial tries whether a browser starts again, and makes it the spare.
func (p *Pool) trial() { p.startSpare(true) }

func (p *Pool) startSpare(trial bool) {
	proc, err := p.try(p.ctx, trial)
	if err != nil {
		return // try has told
	}
	select {
	case p.spare <- proc:
	default: // somebody was faster
		p.end(proc)
	}
}

// start returns the spare, or starts a process, and has a spare made for the next.
func (p *Pool) start(ctx context.Context) (*process, error) {
	select {
	case proc := <-p.spare:
		if !proc.dead() {
			p.group.Go(p.stock)
			return proc, nil
		}
		p.end(proc)
	default:
	}
	if err := p.starts.refuse(); err != nil {
		return nil, err
	}
	proc, err := p.try(ctx, false)
	if err == nil {
		p.group.Go(p.stock)
	}
	return proc, err
}

// try starts a process and keeps account of how that went. The log tells of
// the first failures and of the change for the better, not of each trial.
func (p *Pool) try(ctx context.Context, trial bool) (*process, error) {
	proc, err := startProcess(ctx, &p.opts)
	if err != nil && ctx.Err() != nil {
		return nil, err // it was called off
	}
	if err != nil {
		p.failed.Add(1)
	}
	changed := p.starts.tried(trial, err)
	switch {
	case changed && err != nil:
		p.opts.Logger.Error("no browser starts; no captures until one does, which is tried again now and then", "err", err)
	case changed:
		p.opts.Logger.Info("the browser starts again")
	case err != nil && !trial:
		p.opts.Logger.Warn("a browser did not start", "err", err)
	}
	return proc, err
}

// end kills a process that has no seat.
func (p *Pool) end(proc *process) {
	if err := proc.kill(); err != nil {
		p.opts.Logger.Error("ending a browser", "err", err)
	}
}

// seat puts a process, or nil, on a seat.
func (p *Pool) seat(s *seat, proc *process) {
	if proc != nil {
		p.started.Add(1)
	}
	s.set(proc)
}

func (s *seat) set(proc *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proc = proc
}

func (s *seat) process() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc
}

// Render takes one capture. It waits for a free process until ctx ends; the
// capture itself ends by the request's own deadlines. The error is nil whatever
// the site does, see Outcome. A browser that dies is replaced and the capture
// made once more before ErrDied is returned.
func (p *Pool) Render(ctx context.Context, req Request) (*Page, error) {
	url, err := address(req.URL)
	if err != nil {
		return nil, fmt.Errorf("capturing %q: %w", clip(req.URL, 200), err)
	}
	req.URL = url
	req = req.withDefaults()
	page, err := p.render(ctx, req)
	if errors.Is(err, ErrDied) {
		p.opts.Logger.Warn("browser died under a capture, trying once more", "url", req.URL)
		page, err = p.render(ctx, req)
	}
	if err != nil {
		return nil, fmt.Errorf("capturing %s: %w", req.URL, err)
	}
	return page, nil
}

func (p *Pool) render(ctx context.Context, req Request) (*Page, error) {
	s, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	t, err := p.tabFor(ctx, s, req)
	if err != nil {
		p.giveBack(s, false)
		return nil, err
	}
	given := false
	defer func() {
		if !given { // also when a hostile tree made us panic
			p.giveBack(s, false)
		}
	}()
	c := newCapture(req, t, p.lib)
	err = c.run(ctx)
	p.captures.Add(1)
	closed := t.close()
	if err != nil {
		return nil, errors.Join(err, closed)
	}
	// What is left needs no browser: the seat goes on while the page is read.
	if c.reusable() {
		given = true
		p.giveBack(s, true)
	}
	return c.finish(), nil
}

// take waits for a free seat.
func (p *Pool) take(ctx context.Context) (*seat, error) {
	select {
	case s := <-p.free:
		if p.ctx.Err() != nil {
			p.free <- s
			return nil, ErrClosed
		}
		return s, nil
	case <-p.ctx.Done():
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a free browser: %w", ctx.Err())
	}
}

// tabFor returns the tab that was made ahead if it fits the request, and makes
// one otherwise.
func (p *Pool) tabFor(ctx context.Context, s *seat, req Request) (*tab, error) {
	ready := s.tab
	s.tab = nil
	fits := ready != nil && len(req.AllowPrivate) == 0 && !req.AllowExact.IsValid() && ready.usable()
	if fits && !(req.FreshProcess && s.proc.shows > 0) {
		s.proc.shows++
		return ready, nil
	}
	if ready != nil {
		if err := ready.close(); err != nil {
			p.opts.Logger.Warn("closing an unused tab", "err", err)
		}
	}
	if s.proc == nil || s.proc.dead() || req.FreshProcess && s.proc.shows > 0 {
		if err := p.replace(ctx, s); err != nil {
			return nil, err
		}
	}
	policy := p.opts.Egress
	policy.AllowPrivate = slices.Concat(policy.AllowPrivate, req.AllowPrivate)
	if req.AllowExact.IsValid() {
		policy.AllowExact = append(policy.AllowExact[:len(policy.AllowExact):len(policy.AllowExact)], req.AllowExact)
	}
	t, err := s.proc.openTab(ctx, policy, p.opts.tabTimeout)
	if err != nil && ctx.Err() != nil {
		return nil, err // it was the caller who gave up
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDied, err)
	}
	s.proc.shows++
	return t, nil
}

// giveBack makes a seat ready for the next capture in the background.
func (p *Pool) giveBack(s *seat, clean bool) {
	p.group.Go(func() {
		switch {
		case s.proc == nil: // none could be started: the next capture asks for one
		case !clean || s.proc.dead():
			p.killed.Add(1)
			p.renew(s)
		case s.proc.shows >= p.opts.Retire:
			p.retired.Add(1)
			p.renew(s)
		}
		p.ready(s)
		p.free <- s
	})
}

// renew replaces the process of a seat.
func (p *Pool) renew(s *seat) {
	_ = p.replace(p.ctx, s) // try has told, and the next capture tries again and reports it
}

// replace gives a seat the process that was started ahead, or a new one, while
// its old one is being killed.
func (p *Pool) replace(ctx context.Context, s *seat) error {
	old := s.process()
	s.set(nil)
	done := make(chan error, 1)
	go func() {
		if old == nil {
			done <- nil
			return
		}
		done <- old.kill()
	}()
	proc, err := p.start(ctx)
	p.seat(s, proc)
	if killErr := <-done; killErr != nil {
		p.opts.Logger.Error("ending a browser", "err", killErr)
	}
	return err
}

// ready makes the tab of the next capture.
func (p *Pool) ready(s *seat) {
	if s.proc == nil || p.ctx.Err() != nil {
		return
	}
	t, err := s.proc.openTab(p.ctx, p.opts.Egress, p.opts.tabTimeout)
	if err != nil {
		if p.ctx.Err() == nil {
			p.opts.Logger.Warn("making a tab ahead", "err", err)
			p.renew(s)
		}
		return
	}
	s.tab = t
}

// Stats returns the counts so far.
func (p *Pool) Stats() Stats {
	return Stats{
		Processes: p.opts.Processes, Free: len(p.free), Captures: p.captures.Load(),
		Started: p.started.Load(), Retired: p.retired.Load(), Killed: p.killed.Load(), Failed: p.failed.Load(),
		NotStarting: p.starts.why(),
	}
}

// Close waits for the captures under way, ends every process and removes every
// profile. The pool cannot be used afterwards.
func (p *Pool) Close() error {
	p.once.Do(func() { p.closed = p.shut() })
	return p.closed
}

func (p *Pool) shut() error {
	p.stop()
	for range p.seated {
		<-p.free // a seat is given back whatever became of its capture
	}
	p.group.Wait()
	var errs []error
	select {
	case proc := <-p.spare:
		errs = append(errs, proc.kill())
	default:
	}
	for _, s := range p.all {
		if s.tab != nil {
			errs = append(errs, s.tab.close())
			s.tab = nil
		}
		if proc := s.process(); proc != nil {
			errs = append(errs, proc.kill())
			s.set(nil)
		}
	}
	return errors.Join(errs...)
}

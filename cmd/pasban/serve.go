package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"pasban/monitor"
	"pasban/storage/db"
)

type serveCommand struct {
	Listen       string        `help:"Address of the console, and of /healthz and /status." default:"127.0.0.1:8080" placeholder:"HOST:PORT" env:"PASBAN_LISTEN"`
	CloakEvery   time.Duration `help:"How often each page is also looked at as a phone and as a search engine's robot, which intruders show other things; 0 for never." default:"24h" placeholder:"DURATION" env:"PASBAN_CLOAK_EVERY"`
	Digest       string        `help:"When the CERT's mailboxes get the list of what waits for an analyst: a time a day in Pakistan (UTC+5), a cron schedule, or off." default:"08:00" placeholder:"TIME" env:"PASBAN_DIGEST"`
	Metrics      string        `name:"metrics-listen" help:"Address of /metrics for Prometheus. Default: none." placeholder:"HOST:PORT" env:"PASBAN_METRICS_LISTEN"`
	NoLooks      bool          `help:"Leave the looks to workers: no browser of this process then faces a hostile page. It still probes, unless --probe-every is 0." env:"PASBAN_NO_LOOKS"`
	ProbeEvery   time.Duration `help:"How often each page is asked for by plain HTTP between its looks, so that a change is looked at at once; 0 for never." default:"40s" placeholder:"DURATION" env:"PASBAN_PROBE_EVERY"`
	ProbeContact string        `help:"URL or mail address that probes tell the servers they ask. Default: the first of --cert." placeholder:"URL" env:"PASBAN_PROBE_CONTACT"`
	consoleFlags
	guardFlags
}

// leastProbe is the shortest time between two probes: what is asked for more often
// is a load on the sites that are to be protected.
const leastProbe = 5 * time.Second

// checkProbe refuses a time between probes that makes no sense.
func checkProbe(every time.Duration) error {
	if every < 0 || every > 0 && every < leastProbe {
		return usageError{fmt.Errorf("--probe-every must be 0 or at least %v, not %v", leastProbe, every)}
	}
	return nil
}

// Run watches until it is told to stop, which is how a watch ends well.
func (s *serveCommand) Run(ctx context.Context, c *common, term terminal) (err error) {
	if _, err := monitor.DigestSchedule(s.Digest); err != nil {
		return usageError{fmt.Errorf("--digest: %w", err)}
	}
	if err := checkProbe(s.ProbeEvery); err != nil {
		return err
	}
	if err := c.checkLogs(); err != nil {
		return err
	}
	if c.Watchlist != "" {
		if _, err := readWatchlist(c.Watchlist); err != nil {
			return err
		}
	}
	if err := c.makeData(); err != nil {
		return err
	}
	for {
		err := s.watch(ctx, c, term)
		if !errors.Is(err, errStepDown) {
			return err
		}
		c.logger(term).Warn("the watch is another's now; this process stands by", "because", err)
	}
}

// watch watches as soon as this process may, until it is told to stop or has to
// step down.
func (s *serveCommand) watch(ctx context.Context, c *common, term terminal) (err error) {
	// Before anything is opened: a second serve must not even migrate.
	lock, err := s.lead(ctx, c, term)
	if err != nil {
		return unlessStopped(ctx, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return unlessStopped(ctx, usageError{fmt.Errorf("--listen: %w; choose another address", err)})
	}
	defer func() { err = errors.Join(err, ignoreClosed(listener.Close())) }()
	metrics, err := s.listenForMetrics(ctx)
	if err != nil {
		return unlessStopped(ctx, err)
	}
	seen := newLooks()
	desk := &desk{flags: s.consoleFlags}
	if err := desk.listen(ctx, listener); err != nil {
		return unlessStopped(ctx, err)
	}
	defer func() { err = errors.Join(err, desk.Close()) }()
	observe := func(e monitor.Event) { seen.observe(e); desk.observe(e) }
	h, err := c.open(ctx, term, use{looks: !s.NoLooks, judge: true, cloakEvery: s.CloakEvery, digest: s.Digest, guard: &s.guardFlags, observe: observe, console: desk.public(), probeEvery: s.ProbeEvery, probeContact: s.ProbeContact})
	if err != nil {
		return unlessStopped(ctx, err)
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	log := c.logger(term)
	if err := importNow(ctx, h, c.Watchlist, log); err != nil {
		return unlessStopped(ctx, err)
	}
	if c.SMTP == "" && len(c.Webhook) == 0 {
		log.Warn("nobody is told of an attack: neither --smtp nor --webhook is set")
	}
	pages, err := desk.open(h, healthHandler(h))
	if err != nil {
		return unlessStopped(ctx, err)
	}
	log.Info("watching", "data", c.Data, "console", desk.origin, "health", "http://"+listener.Addr().String()+"/healthz")
	if err := errors.Join(desk.firstRun(ctx, term), desk.wayBack(ctx, h, term)); err != nil {
		return unlessStopped(ctx, err)
	}
	if metrics != nil {
		defer func() { err = errors.Join(err, ignoreClosed(metrics.Close())) }()
		pages = append(pages, page{name: "metrics", listener: metrics, handler: metricsHandler(h, seen)})
		log.Info("metrics", "at", "http://"+metrics.Addr().String()+"/metrics")
	}
	return runWith(ctx, h, lock, pages)
}

// listenForMetrics takes the address of /metrics, if there is one.
func (s *serveCommand) listenForMetrics(ctx context.Context) (net.Listener, error) {
	if s.Metrics == "" {
		return nil, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Metrics)
	if err != nil {
		return nil, usageError{fmt.Errorf("--metrics-listen: %w; choose another address", err)}
	}
	return listener, nil
}

// importNow imports the watchlist as it is now: who stood by may have read it days
// ago. A list that has been spoilt since leaves what is watched as it was.
func importNow(ctx context.Context, h *house, path string, log *slog.Logger) error {
	if path == "" {
		return nil
	}
	list, err := readWatchlist(path)
	if err != nil {
		log.Error("the watchlist cannot be read any more; what was watched before is", "error", err)
		return nil
	}
	_, err = h.Import(ctx, operator("--watchlist", false), list, true)
	return err
}

// unlessStopped drops an error of starting when somebody said stop meanwhile: he
// knows why nothing came of it, and a service manager would take it for a fault.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // whoever said stop knows why nothing came of it
	}
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// errStepDown ends a watch that another process has taken over: that happens when
// the connection with the lock breaks, as it does when the server starts anew.
var errStepDown = errors.New("stepping down")

// page is what serve shows on one address.
type page struct {
	name     string
	listener net.Listener
	handler  http.Handler
	// cert and key are files, "" for plain HTTP.
	cert, key string
	stop      func() // ends what would keep the page from shutting down; nil for nothing
}

// runWith runs the pipeline and the pages until the context ends, or until another
// process has the lock.
func runWith(ctx context.Context, h *house, lock *db.Lock, pages []page) error {
	group, work := errgroup.WithContext(ctx)
	group.Go(func() error { return h.Run(work, true) })
	group.Go(func() error { return keepSmall(work) })
	group.Go(func() error {
		select {
		case err := <-lock.Lost:
			return fmt.Errorf("%w: %w", errStepDown, err)
		case <-work.Done():
			return nil
		}
	})
	for _, p := range pages {
		p.serve(work, group)
	}
	return group.Wait()
}

// serve shows a page until the context ends.
func (p page) serve(ctx context.Context, group *errgroup.Group) {
	server := pageServer(p.handler)
	if p.stop != nil {
		server.RegisterOnShutdown(p.stop)
	}
	group.Go(func() error {
		serve := func() error { return server.Serve(p.listener) }
		if p.cert != "" {
			serve = func() error { return server.ServeTLS(p.listener, p.cert, p.key) }
		}
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serving %s: %w", p.name, err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return server.Shutdown(stopping)
	})
}

func pageServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
	}
}

type workerCommand struct{}

// Run looks on behalf of a serve, until it is told to stop. It faces hostile
// pages, so it neither judges nor alerts.
func (w *workerCommand) Run(ctx context.Context, c *common, term terminal) (err error) {
	h, err := c.open(ctx, term, use{looks: true, joins: true})
	if err != nil {
		return unlessStopped(ctx, err)
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	c.logger(term).Info("looking", "looks_at_once", c.looks())
	group, work := errgroup.WithContext(ctx)
	group.Go(func() error { return h.Monitor.Run(work, false) })
	group.Go(func() error { return keepSmall(work) })
	return group.Wait()
}

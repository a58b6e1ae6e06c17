package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"pasban/monitor"
	"pasban/storage/db"
)

type serveCommand struct {
	Listen  string `help:"Address of the health page (/healthz, /status)." default:"127.0.0.1:8080" placeholder:"HOST:PORT" env:"PASBAN_LISTEN"`
	NoLooks bool   `help:"Leave the looks to workers: this process then never faces a hostile page." env:"PASBAN_NO_LOOKS"`
}

// Run watches until it is told to stop, which is how a watch ends well.
func (s *serveCommand) Run(ctx context.Context, c *common, term terminal) (err error) {
	var list monitor.Watchlist
	if c.Watchlist != "" {
		if list, err = readWatchlist(c.Watchlist); err != nil {
			return err
		}
	}
	if err := c.makeData(); err != nil {
		return err
	}
	// Before anything is opened: a second serve must not even migrate.
	lock, err := db.TakeLock(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return usageError{fmt.Errorf("--listen: %w; choose another address", err)}
	}
	defer func() { err = errors.Join(err, ignoreClosed(listener.Close())) }()
	h, err := c.open(ctx, term, use{looks: !s.NoLooks, judge: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if c.Watchlist != "" {
		if _, err := h.Import(ctx, operator("--watchlist", false), list, true); err != nil {
			return err
		}
	}
	log := c.logger(term)
	if c.SMTP == "" && len(c.Webhook) == 0 {
		log.Warn("nobody is told of an attack: neither --smtp nor --webhook is set")
	}
	log.Info("watching", "data", c.Data, "health", "http://"+listener.Addr().String()+"/healthz")
	return runWith(ctx, h, lock, listener)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// runWith runs the pipeline and the health page until the context ends, or
// until another process has the lock.
func runWith(ctx context.Context, h *house, lock *db.Lock, listener net.Listener) error {
	server := &http.Server{
		Handler: healthHandler(h), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
	}
	group, work := errgroup.WithContext(ctx)
	group.Go(func() error { return h.Run(work, true) })
	group.Go(func() error {
		select {
		case err := <-lock.Lost:
			return err
		case <-work.Done():
			return nil
		}
	})
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serving the health page: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-work.Done()
		stopping, cancel := context.WithTimeout(context.WithoutCancel(work), 5*time.Second)
		defer cancel()
		return server.Shutdown(stopping)
	})
	return group.Wait()
}

type workerCommand struct{}

// Run looks on behalf of a serve, until it is told to stop. It faces hostile
// pages, so it neither judges nor alerts.
func (w *workerCommand) Run(ctx context.Context, c *common, term terminal) (err error) {
	h, err := c.open(ctx, term, use{looks: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	c.logger(term).Info("looking", "looks_at_once", c.looks())
	return h.Monitor.Run(ctx, false)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"pasban/storage/db"
)

// On a database server several serves may run. One leads, and the others do nothing
// but wait for its place, which they have within seconds: see
// docs/decisions/2026-11-27-one-leads.md.

// lead returns when it is this process that watches.
func (s *serveCommand) lead(ctx context.Context, c *common, term terminal) (*db.Lock, error) {
	// What is wrong with its settings must not show when it is needed.
	if _, err := c.sinks(use{}); err != nil {
		return nil, err
	}
	page := &standby{listen: s.Listen, log: c.logger(term)}
	lock, err := db.AwaitLock(ctx, c.DB, func(why error) error { return page.say(ctx, why) })
	err = errors.Join(err, page.close(ctx))
	if err != nil && lock != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, err
}

// standby is the health page of a process that waits.
type standby struct {
	listen string
	log    *slog.Logger
	server *http.Server // nil before the first word
	failed chan error

	mu  sync.Mutex
	why error
}

// say notes why this process does not watch, and begins to tell when it is asked.
func (p *standby) say(ctx context.Context, why error) error {
	p.mu.Lock()
	changed := p.why == nil || p.why.Error() != why.Error()
	p.why = why
	p.mu.Unlock()
	if changed {
		p.log.Info("standing by", "because", why, "health", "http://"+p.listen+"/healthz")
	}
	if p.server == nil {
		return p.open(ctx)
	}
	select {
	case err := <-p.failed:
		return fmt.Errorf("serving the health page: %w", err)
	default:
		return nil
	}
}

func (p *standby) open(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.listen)
	if err != nil {
		return usageError{fmt.Errorf("--listen: %w; choose another address", err)}
	}
	p.server, p.failed = pageServer(p.handler()), make(chan error, 1)
	go func() { p.failed <- p.server.Serve(listener) }()
	return nil
}

// close ends the page, so that the one of a watch can take its place.
func (p *standby) close(ctx context.Context) error {
	if p.server == nil {
		return nil
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return p.server.Shutdown(stopping)
}

// handler answers as that of a watch does. A standby is well as long as somebody
// else watches.
func (p *standby) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		why := p.reason()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if !errors.Is(why, db.ErrLocked) {
			http.Error(w, plain(why.Error(), 600), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "standby:", plain(why.Error(), 600))
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := struct {
			Standby string        `json:"standby"`
			Process processHealth `json:"process"`
		}{plain(p.reason().Error(), 600), readProcess(nil)}
		if err := printJSON(w, answer); err != nil {
			p.log.Debug("the status page was not read to its end", "error", err)
		}
	})
	return unframed(mux)
}

func (p *standby) reason() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.why
}

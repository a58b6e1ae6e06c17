package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"pasban/alerting"
	"pasban/alerting/smtp"
	"pasban/alerting/webhook"
	"pasban/monitor"
	"pasban/monitor/ocr"
	"pasban/render"
	"pasban/render/egress"
	"pasban/storage/blob"
	"pasban/storage/db"
	copies "pasban/storage/snapshot"
)

// house is everything a command has opened. Close ends it in reverse order.
type house struct {
	*monitor.Monitor
	pool    *render.Pool
	copies  *copies.Store
	closers []io.Closer
}

// Close ends browsers first, then storage.
func (h *house) Close() error {
	var errs []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		errs = append(errs, h.closers[i].Close())
	}
	return errors.Join(errs...)
}

// use says which parts a command needs.
type use struct {
	looks bool // a pool of browsers
	judge bool // judgement and delivery
	solo  bool // own queues, beside a running serve
	joins bool // what a serve has made: a database whose login may do little
	// How often the schedule looks as other visitors, 0 for never.
	cloakEvery time.Duration
	// observe is handed to the monitor.
	observe func(monitor.Event)
	console string                   // its origin, for links in mails; "" if the CERT cannot reach it
	sinks   map[string]alerting.Sink // instead of those of the flags
	digest  string                   // when the CERT is mailed what waits, "" for never
	guard   *guardFlags              // the watch over the watch, nil for none
	// How often targets are probed between their looks, 0 for never, and what the
	// probes tell whom to turn to.
	probeEvery   time.Duration
	probeContact string
}

// open opens the data directory, the database, the blobs and what else u names.
func (c *common) open(ctx context.Context, term terminal, u use) (_ *house, err error) {
	h := &house{}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	if err := c.makeData(); err != nil {
		return nil, err
	}
	openDB := db.Open
	if u.joins {
		openDB = db.Join
	}
	store, err := openDB(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	h.closers = append(h.closers, store)
	if store.Broad() {
		c.logger(term).Warn("this worker's database login can do more than look: whoever takes the worker over can open incidents and read contacts; give it one of the role pasban_worker")
	}
	blobs, err := blob.Open(ctx, c.Blobs)
	if err != nil {
		return nil, err
	}
	h.closers = append(h.closers, blobs)
	if h.copies, err = copies.New(copies.Config{Blobs: blobs, Forms: copies.Forms(c.SnapshotForms)}); err != nil {
		return nil, err
	}
	config := monitor.Config{
		Snapshots: h.copies, SnapshotPages: c.copiedPages(), Store: store, Blobs: blobs, Looks: c.looks(), Judge: u.judge, Solo: u.solo, CloakEvery: u.cloakEvery,
		ConsoleURL: u.console, CERT: c.CERT, ReportTo: c.ReportTo, Hooks: c.Webhook, Observe: u.observe, Logger: c.logger(term),
		ApprovedOnly: c.Learn == "approved", Digest: u.digest, MailLimit: c.MailLimit, Keep: c.keep(),
		ProbeEvery: u.probeEvery, Logs: c.Logs, ProbePolicy: egress.Policy{AllowPrivate: c.allow}, ProbeContact: u.probeContact,
	}
	if u.looks {
		if h.pool, err = c.openPool(ctx, term); err != nil {
			return nil, err
		}
		h.closers = append(h.closers, h.pool)
		config.Renderer = h.pool
		if reader := c.openReader(ctx, term); reader != nil {
			config.PictureReader = reader
		}
	}
	if u.judge {
		if config.Sinks, err = c.sinks(u); err != nil {
			return nil, err
		}
		config.Fallback = c.sender()
	}
	if u.guard != nil {
		if config.Guard, err = c.guard(ctx, term, u, store); err != nil {
			return nil, err
		}
		if config.Guard.Canaries != nil {
			h.closers = append(h.closers, config.Guard.Canaries)
		}
	}
	h.Monitor, err = monitor.New(config)
	return h, err
}

// makeData makes the data directory when something is kept in it.
func (c *common) makeData() error {
	if c.keepsNothing() {
		return nil
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("making the data directory (choose another with --data): %w", err)
	}
	return nil
}

func (c *common) keepsNothing() bool {
	inside := func(path string) bool {
		return !strings.Contains(path, "://") && strings.HasPrefix(filepath.Clean(path), filepath.Clean(c.Data))
	}
	return !inside(c.DB) && !inside(c.Blobs)
}

// copiedPages is Config.SnapshotPages, where 0 has another meaning.
func (c *common) copiedPages() int {
	if c.SnapshotPages == 0 {
		return -1
	}
	return c.SnapshotPages
}

func (c *common) looks() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return max(2, runtime.NumCPU())
}

func (c *common) openPool(ctx context.Context, term terminal) (*render.Pool, error) {
	if c.NoSandbox {
		c.logger(term).Warn("Chrome runs without its sandbox: a hostile page needs only one hole to be on this machine")
	}
	return render.NewPool(ctx, render.Options{
		Chrome: c.Chrome, Processes: c.looks(), NoSandbox: c.NoSandbox,
		Egress: egress.Policy{AllowPrivate: c.allow}, Logger: c.logger(term),
	})
}

// openReader is what reads pictures, nil where nothing can: pictures are then
// judged by what they look like.
func (c *common) openReader(ctx context.Context, term terminal) *ocr.Reader {
	reader, err := ocr.Open(ctx, ocr.Options{})
	if err != nil && !errors.Is(err, ocr.ErrMissing) {
		c.logger(term).Warn("words in pictures are not read", "error", err)
	}
	return reader
}

func (c *common) sinks(u use) (map[string]alerting.Sink, error) {
	if u.sinks != nil {
		return u.sinks, nil
	}
	sinks := map[string]alerting.Sink{}
	if c.SMTP != "" {
		s, err := smtp.New(smtp.Config{URL: c.SMTP, From: c.sender()})
		if err != nil {
			return nil, usageError{fmt.Errorf("--smtp: %w", err)}
		}
		sinks[s.Name()] = s
	}
	if len(c.Webhook) > 0 {
		s, err := webhook.New(webhook.Config{Hooks: c.Webhook})
		if err != nil {
			return nil, usageError{fmt.Errorf("--webhook: %w", err)}
		}
		sinks[s.Name()] = s
	}
	return sinks, nil
}

func (c *common) sender() string {
	if c.From != "" {
		return c.From
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost"
	}
	if !strings.Contains(host, ".") {
		host += ".localdomain"
	}
	return "pasban@" + host
}

func (c *common) logger(term terminal) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.logLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(plainJSON{term.err}, options))
	}
	return slog.New(slog.NewTextHandler(term.err, options))
}

// operator is who gives orders on this command line.
func operator(reason string, force bool) monitor.Order {
	name := os.Getenv("SUDO_USER")
	if u, err := user.Current(); name == "" && err == nil {
		name = u.Username
	}
	if name == "" {
		name = fmt.Sprintf("uid-%d", os.Getuid())
	}
	return monitor.Order{Actor: "operator:" + name, Reason: reason, Force: force}
}

// importFile imports a watchlist from a file.
func importFile(ctx context.Context, m *monitor.Monitor, path string, replace bool) (monitor.Imported, error) {
	list, err := readWatchlist(path)
	if err != nil {
		return monitor.Imported{}, err
	}
	return m.Import(ctx, operator("imported from "+filepath.Base(path), false), list, replace)
}

// readWatchlist reads and checks a file, before anything else is touched.
func readWatchlist(path string) (_ monitor.Watchlist, err error) {
	f, err := os.Open(path)
	if err != nil {
		return monitor.Watchlist{}, usageError{fmt.Errorf("opening the watchlist: %w", err)}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	list, err := monitor.ParseWatchlist(path, f)
	if err != nil {
		return list, usageError{fmt.Errorf("%s: nothing was imported:\n%w", path, err)}
	}
	return list, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"pasban/monitor"
	"pasban/monitor/canary"
	"pasban/render"
)

// guardFlags are those of serve by which the watch watches itself.
type guardFlags struct {
	NoCanaries   bool   `help:"Do without canaries: pages of serve's own, of which one is attacked now and then to see whether the alarm comes." env:"PASBAN_NO_CANARIES"`
	CanaryListen string `help:"Address that the canaries are served on. Workers on other machines look at them only where they can reach it. Default: a port of 127.0.0.1, the same every time." placeholder:"IP:PORT" env:"PASBAN_CANARY_LISTEN"`
	UnseenTo     string `help:"Who is told that a site cannot be seen: cert, or owners, its institution as well." enum:"cert,owners" default:"cert" env:"PASBAN_UNSEEN_TO"`
}

// noCanaries says why there are none, "" if there are.
func (g *guardFlags) noCanaries(looks bool) string {
	switch {
	case g.NoCanaries:
		return "--no-canaries"
	case !looks && g.CanaryListen == "":
		return "--no-looks: no worker reaches canaries on 127.0.0.1; name an address of this machine with --canary-listen"
	}
	return ""
}

// guard is what the watch measures itself with.
func (c *common) guard(ctx context.Context, term terminal, u use, store monitor.Store) (*monitor.Guard, error) {
	g := &monitor.Guard{TellOwners: u.guard.UnseenTo == "owners"}
	if !c.keepsNothing() {
		g.Disk = func() (uint64, error) { return freeSpace(c.Data) }
	}
	if u.looks {
		g.Browser = c.browser()
	}
	if why := u.guard.noCanaries(u.looks); why != "" {
		c.logger(term).Info("no canaries are served", "because", why)
		return g, nil
	}
	var err error
	g.Canaries, err = startCanaries(ctx, u.guard.CanaryListen, store)
	return g, err
}

// startCanaries serves on an address that was asked for, else on the port of loopback
// that it had before, so that they need not be learned anew, or on another.
func startCanaries(ctx context.Context, asked string, store monitor.Store) (*canary.Server, error) {
	if asked != "" {
		s, err := canary.Start(ctx, asked)
		if err != nil {
			return nil, usageError{fmt.Errorf("--canary-listen: %w", err)}
		}
		return s, nil
	}
	const anyPort = "127.0.0.1:0"
	before, err := store.Site(ctx, monitor.CanarySite)
	if err != nil && !errors.Is(err, monitor.ErrNotFound) {
		return nil, err
	}
	if u, err := url.Parse(before.URL); err == nil && u.Hostname() == "127.0.0.1" {
		return canary.Start(ctx, u.Host, anyPort)
	}
	return canary.Start(ctx, anyPort)
}

// freeSpace is how many bytes this user may still write to the file system of a folder.
func freeSpace(folder string) (uint64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return 0, fmt.Errorf("reading the free space of %s: %w", folder, err)
	}
	return disk.Bavail * uint64(disk.Bsize), nil
}

// browser tells the version and the age of Chrome. The version is asked for once for
// every file that is it: an update while serve runs is noticed.
func (c *common) browser() func(context.Context) (string, time.Time, error) {
	var mu sync.Mutex
	var version string
	var of time.Time
	return func(ctx context.Context) (string, time.Time, error) {
		mu.Lock()
		defer mu.Unlock()
		path, err := c.findChrome()
		if err != nil {
			return "", time.Time{}, err
		}
		built, err := render.Built(path)
		if err != nil {
			return "", time.Time{}, err
		}
		if version == "" || !built.Equal(of) {
			if version, err = render.Version(ctx, path); err != nil {
				return "", built, err
			}
			of = built
		}
		return version, built, nil
	}
}

// Package desk is what an account may see of the watch and decide about it, whichever
// way it asks: by a page of the console, or by a program over the API.
//
// A [Desk] hands out what package monitor knows, as far as it is the business of [Who]
// asks: an institution sees its own sites and nothing that the CERT says to itself. What
// somebody decides goes on to monitor, which alone authorises it and writes it down. What
// many screens and programs ask for at once is read once and kept for a moment.
//
// It knows no HTML, no JSON and no language: how something is said is the business of
// package console and package api.
package desk

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"pasban/monitor"
	"pasban/monitor/statistics"
)

// Desk is shared by all who ask. Make it with New.
type Desk struct {
	Monitor *monitor.Monitor
	Clock   func() time.Time
	Logger  *slog.Logger
	// Told, if set, is called when somebody has decided something.
	Told func()

	walls     cache[monitor.Wall]
	cases     cache[[]statistics.Case]
	lockdowns cache[monitor.LockdownReport]
	statuses  cache[monitor.Status]
}

// New makes a desk of a monitor.
func New(m *monitor.Monitor, clock func() time.Time, logger *slog.Logger) *Desk {
	d := &Desk{Monitor: m, Clock: clock, Logger: logger}
	d.walls = cache[monitor.Wall]{age: time.Second, now: clock, read: m.Wall}
	d.cases = cache[[]statistics.Case]{age: time.Minute, now: clock, read: d.casesNow}
	d.lockdowns = cache[monitor.LockdownReport]{age: BoardKept, now: clock, read: d.lockdownNow}
	d.statuses = cache[monitor.Status]{age: StatusKept, now: clock, read: m.Status}
	return d
}

// Who asks.
type Who struct {
	monitor.Account
	// Token is the ID of the token by which a program asks for the account, 0 for a person.
	Token int64
}

// Sees reports a site that the account may know of.
func (w Who) Sees(site monitor.Site) bool { return !w.Outside() || site.Institution == w.Institution }

// Outside reports an account of an institution, which sees its own sites only.
func (w Who) Outside() bool { return w.Role == monitor.InstitutionRole }

// Order is a wish of theirs.
func (w Who) Order(reason string) monitor.Order {
	return monitor.Order{Actor: monitor.UserActor(w.Name), Reason: strings.TrimSpace(reason), Token: w.Token}
}

// own is the institution to whose sites an account is bound, "" for none. An account of
// nobody sees nothing, which must not mean everything.
func (w Who) own() (string, error) {
	if w.Outside() && w.Institution == "" {
		return "", monitor.ErrForbidden
	}
	if !w.Outside() {
		return "", nil
	}
	return w.Institution, nil
}

// DropWall makes the next wall be read anew.
func (d *Desk) DropWall() { d.walls.drop() }

// changed tells that something was decided.
func (d *Desk) changed() {
	d.walls.drop()
	if d.Told != nil {
		d.Told()
	}
}

// owner is the institution of a site, with its ID for a name if it is not on record.
func (d *Desk) owner(ctx context.Context, site monitor.Site) (monitor.Institution, error) {
	i, err := d.Monitor.Store.Institution(ctx, site.Institution)
	if errors.Is(err, monitor.ErrNotFound) { // a site of nobody
		return monitor.Institution{Name: site.Institution}, nil
	}
	return i, err
}

// cache keeps an answer for a moment: a room full of screens asks as one.
type cache[T any] struct {
	age  time.Duration
	now  func() time.Time
	read func(context.Context) (T, error)

	mu    sync.Mutex
	value T
	at    time.Time
}

func (c *cache[T]) get(ctx context.Context) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); !c.at.IsZero() && now.Sub(c.at).Abs() < c.age {
		return c.value, nil
	}
	value, err := c.read(ctx)
	if err != nil {
		return value, err
	}
	c.value, c.at = value, c.now()
	return value, nil
}

// drop makes the next get read anew: a decision was taken.
func (c *cache[T]) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = time.Time{}
}

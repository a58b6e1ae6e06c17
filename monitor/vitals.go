package monitor

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// vitals remember whether the watch is kept at all. That one look fails by our
// own fault says little; that none succeeds any more means that the disk, the
// evidence storage or Chrome is gone, and nobody is watching.
type vitals struct {
	mu     sync.Mutex
	failed int // looks in a row
	since  time.Time
	why    string
	store  map[string]string // why the database cannot be used, by what needs it
}

const (
	ailing   = 3   // failed looks in a row
	whyLimit = 500 // bytes of an error that are kept
)

// lookFailed counts a look that failed by our own fault.
func (m *Monitor) lookFailed(err error) {
	v := &m.vitals
	v.mu.Lock()
	if v.failed == 0 {
		v.since = m.now()
	}
	v.failed++
	v.why = brief(err)
	failed := v.failed
	v.mu.Unlock()
	if failed >= ailing {
		m.calm.say(slog.LevelError, "looks", "no look succeeds any more; the watch goes on by itself when the cause is removed", "error", err)
	}
}

// lookSucceeded ends what lookFailed began.
func (m *Monitor) lookSucceeded() {
	m.vitals.mu.Lock()
	m.vitals.failed = 0
	m.vitals.mu.Unlock()
	m.calm.over("looks", "looks succeed again")
}

// database says when the database cannot be used, and when it is back: for all
// who need it, since it may still be read when nothing can be written.
func (m *Monitor) database(ctx context.Context, user string, err error) {
	if err != nil && ctx.Err() != nil {
		return // asked to stop
	}
	v := &m.vitals
	v.mu.Lock()
	delete(v.store, user)
	if err != nil {
		if v.store == nil {
			v.store = map[string]string{}
		}
		v.store[user] = brief(err)
	}
	back := len(v.store) == 0
	v.mu.Unlock()
	if back {
		m.calm.over("database", "the database is back; the watch goes on")
	}
	if err == nil {
		return
	}
	m.calm.say(slog.LevelError, "database", "the database cannot be used; nothing is lost, and the watch goes on when it is back", "error", err)
}

func brief(err error) string {
	text := err.Error()
	if len(text) > whyLimit {
		text = text[:whyLimit] + "..."
	}
	return text
}

// Ailment says why the watch is not kept at the moment, "" if it is.
func (m *Monitor) Ailment() string {
	m.vitals.mu.Lock()
	defer m.vitals.mu.Unlock()
	for _, why := range m.vitals.store {
		return "the database cannot be used: " + why
	}
	if m.vitals.failed >= ailing {
		return fmt.Sprintf("no look has succeeded since %s: %s", m.vitals.since.Format(time.RFC3339), m.vitals.why)
	}
	return ""
}

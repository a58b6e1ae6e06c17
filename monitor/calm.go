package monitor

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// calm says in few lines what goes wrong many times: at once, then once a minute
// with the number of times it was not said, and when it is over. A database that
// is away for five minutes fails some thousand looks and questions; an operator
// who reads the log needs to know one thing.
type calm struct {
	log *slog.Logger
	now func() time.Time // with its monotonic reading: no clock that is set matters

	mu      sync.Mutex
	failing map[string]*failing
}

// failing is one kind of trouble.
type failing struct {
	since, seen, said time.Time
	unsaid            int
}

const (
	calmEvery = time.Minute
	calmKinds = 200 // kinds of trouble that are remembered
	// calmGrace is how long the job queue may stumble before its own words for
	// it are said: mostly somebody has better ones by then.
	calmGrace = 30 * time.Second
)

func newCalm(log *slog.Logger) *calm {
	return &calm{log: log, now: time.Now, failing: map[string]*failing{}}
}

// say logs, unless trouble of this kind was logged less than a minute ago.
func (c *calm) say(level slog.Level, kind, text string, args ...any) {
	c.sayAfter(0, level, kind, text, args...)
}

// sayAfter is say for trouble that may pass: it is not said before it has gone
// on for a while.
func (c *calm) sayAfter(grace time.Duration, level slog.Level, kind, text string, args ...any) {
	if times := c.due(grace, kind); times > 1 {
		c.log.Log(context.Background(), level, text, append(args, "times", times)...)
	} else if times == 1 {
		c.log.Log(context.Background(), level, text, args...)
	}
}

// due notes trouble and tells how many times it is to be said for now, 0 for
// not now.
func (c *calm) due(grace time.Duration, kind string) (times int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	f := c.failing[kind]
	if f == nil || now.Sub(f.seen) > 2*calmEvery {
		f = c.remember(kind, now)
	}
	f.seen = now
	f.unsaid++
	if now.Sub(f.since) < grace || !f.said.IsZero() && now.Sub(f.said) < calmEvery {
		return 0
	}
	times = f.unsaid
	f.said, f.unsaid = now, 0
	return times
}

func (c *calm) remember(kind string, now time.Time) *failing {
	if len(c.failing) >= calmKinds {
		clear(c.failing) // what still fails is said again
	}
	f := &failing{since: now}
	c.failing[kind] = f
	return f
}

// known reports whether there is trouble of this kind.
func (c *calm) known(kind string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failing[kind] != nil
}

// over logs that trouble of this kind has ended, if there was any.
func (c *calm) over(kind, text string) {
	c.mu.Lock()
	f := c.failing[kind]
	delete(c.failing, kind)
	now := c.now()
	c.mu.Unlock()
	if f != nil && !f.said.IsZero() {
		c.log.Info(text, "after", now.Sub(f.since).Round(time.Second))
	}
}

// cause is what many failures have in common: the innermost error, which does
// not name the site, the file or the row.
func cause(err error) string {
	for {
		if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 { //nolint:errorlint // it takes the chain apart
			err = joined.Unwrap()[0]
			continue
		}
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// quiet is the job queue's own log. The queue does nothing but ask the database,
// so its complaints are of use only where nobody else complains of that.
type quiet struct{ calm *calm }

// Enabled implements slog.Handler.
func (q quiet) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

// Handle implements slog.Handler.
func (q quiet) Handle(_ context.Context, r slog.Record) error {
	args := []any{"detail", r.Message}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "err" || a.Key == "error" {
			args = append(args, slog.String("error", a.Value.String()))
		}
		return true
	})
	if !q.calm.known("database") {
		q.calm.sayAfter(calmGrace, slog.LevelError, "queue", "the job queue is held up and goes on by itself when it can", args...)
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs([]slog.Attr) slog.Handler { return q }

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(string) slog.Handler { return q }

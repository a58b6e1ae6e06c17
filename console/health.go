package console

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"pasban/monitor"
)

// healthBody is how the watch itself is.
type healthBody struct {
	Status  monitor.Status
	Checks  []healthCheck
	Ill     int
	Newest  time.Time // when it was measured last, zero if never
	Silent  bool      // it was not measured for so long that nobody seems to watch
	Ailment string    // why no look succeeds at the moment, "" if they do
	Share   float64   // of pages that are seen in time
	Queues  []healthQueue
	Blind   []blindSpot
	More    int // blind spots that are not listed
}

// healthCheck is one thing that the guard measures.
type healthCheck struct {
	monitor.Condition
	Advice []string
	Old    bool // it is not measured any more
}

// Word is how it is, in one word.
func (c healthCheck) Word() string {
	switch {
	case c.Old:
		return "not measured"
	case c.Ill:
		return "ill"
	}
	return "well"
}

// healthQueue is what waits in a queue.
type healthQueue struct {
	Name string
	monitor.Backlog
}

// blindSpot is a page that was not seen well for longer than promised.
type blindSpot struct {
	monitor.Blind
	Site string // its ID
	Kept time.Duration
}

const (
	// healthOld is how old a measurement may be, which is made once a minute.
	healthOld = 5 * time.Minute
	// shownBlind is how many blind spots are listed, those out of sight longest.
	shownBlind = 50
	// statusKept is for how long a status is good for all who ask.
	statusKept = 5 * time.Second
)

func (s *Server) healthPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	status, err := s.statuses.get(r.Context())
	if err != nil {
		return err
	}
	b := healthBody{Status: status, Ailment: s.Monitor.Ailment(), Share: 1}
	if status.Targets > 0 {
		b.Share = float64(status.Fresh) / float64(status.Targets)
	}
	b.measured(s.Clock())
	backlog := s.Monitor.Backlog()
	for _, name := range []string{"look", "judge", "deliver"} {
		b.Queues = append(b.Queues, healthQueue{name, backlog[name]})
	}
	for _, blind := range status.Blind[:min(shownBlind, len(status.Blind))] {
		spot := blindSpot{Blind: blind, Kept: time.Duration(blind.Promise) * time.Second}
		target, err := s.Monitor.Store.Target(r.Context(), blind.Target)
		if err != nil && !errors.Is(err, monitor.ErrNotFound) {
			return err
		}
		spot.Site = target.Site
		b.Blind = append(b.Blind, spot)
	}
	b.More = len(status.Blind) - len(b.Blind)
	p := s.page(r, v, "health", "Health")
	p.Body = b
	return s.show(w, "health", p)
}

// measured puts what was measured in order: what is ill first, then as the guard has it.
func (b *healthBody) measured(now time.Time) {
	for _, c := range b.Status.Health {
		if c.Measured.After(b.Newest) {
			b.Newest = c.Measured
		}
	}
	b.Silent = b.Newest.IsZero() || now.Sub(b.Newest) > healthOld
	for _, c := range b.Status.Health {
		check := healthCheck{Condition: c, Old: b.Newest.Sub(c.Measured) > healthOld}
		if check.Word() == "ill" {
			check.Advice = monitor.Advice(c.Name)
			b.Ill++
		}
		b.Checks = append(b.Checks, check)
	}
	order := monitor.Checks()
	rank := func(c healthCheck) int {
		at := slices.Index(order, c.Name)
		if at < 0 {
			at = len(order)
		}
		return at + slices.Index([]string{"ill", "well", "not measured"}, c.Word())*100
	}
	slices.SortStableFunc(b.Checks, func(x, y healthCheck) int { return rank(x) - rank(y) })
}

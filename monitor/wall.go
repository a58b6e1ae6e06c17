package monitor

import (
	"context"
	"fmt"
	"time"
)

// Mark is how one site is, in one word: the gravest of what is true of it.
type Mark string

const (
	MarkGood     Mark = "good"
	MarkChanged  Mark = "changed"  // something waits for an analyst
	MarkIncident Mark = "incident" // an incident is open
	MarkStale    Mark = "stale"    // out of sight for longer than promised
	MarkPaused   Mark = "paused"
)

// WallSite is a site as the wall shows it.
type WallSite struct {
	Site
	Owner Institution
	Mark  Mark
}

// Wall is the whole watch at a glance.
type Wall struct {
	At    time.Time
	Sites []WallSite // by ID
	// Fresh of Targets were seen well in time; those of paused sites do not count.
	Fresh, Targets int
	Incidents      []Incident // open, newest first
	Questions      int
}

// Share is the part of the promise that is kept, 0 to 1; 1 if nothing is watched.
func (w Wall) Share() float64 {
	if w.Targets == 0 {
		return 1
	}
	return float64(w.Fresh) / float64(w.Targets)
}

// Wall reads the watch as it is now.
func (m *Monitor) Wall(ctx context.Context) (Wall, error) {
	w := Wall{At: m.now()}
	known, err := m.known(ctx)
	if err != nil {
		return w, err
	}
	stale, err := m.staleSites(ctx, &w, known)
	if err != nil {
		return w, err
	}
	if w.Incidents, err = m.Store.FindIncidents(ctx, IncidentQuery{OpenOnly: true}); err != nil {
		return w, err
	}
	questions, err := m.Store.Questions(ctx)
	if err != nil {
		return w, err
	}
	w.Questions = len(questions)
	marks := map[string]Mark{}
	for _, q := range questions {
		marks[q.Site] = MarkChanged
	}
	for _, i := range w.Incidents {
		marks[i.Site] = MarkIncident
	}
	w.Sites = make([]WallSite, 0, len(known.list))
	for _, s := range known.list {
		mark := marks[s.ID]
		switch {
		case mark != "":
		case s.Paused:
			mark = MarkPaused
		case stale[s.ID]:
			mark = MarkStale
		default:
			mark = MarkGood
		}
		w.Sites = append(w.Sites, WallSite{s, known.institutions[s.Institution], mark})
	}
	return w, nil
}

// staleSites are the sites of which a page is out of sight.
func (m *Monitor) staleSites(ctx context.Context, w *Wall, known knownSites) (map[string]bool, error) {
	targets, err := m.Store.Targets(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing targets: %w", err)
	}
	fresh, err := m.Store.Freshness(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading freshness: %w", err)
	}
	good := make(map[string]time.Time, len(fresh))
	for _, f := range fresh {
		good[f.Target] = f.LastGood
	}
	promises := map[string]time.Duration{} // many sites share a schedule
	stale := map[string]bool{}
	for _, t := range targets {
		site, ok := known.sites[t.Site]
		if !ok || site.Paused {
			continue
		}
		promise, ok := promises[site.Schedule]
		if !ok {
			promise = m.promise(site)
			promises[site.Schedule] = promise
		}
		w.Targets++
		// A good look that is still to come was dated by a clock that was ahead.
		if last := good[t.ID]; !last.IsZero() && w.At.Sub(last).Abs() <= promise {
			w.Fresh++
			continue
		}
		stale[t.Site] = true
	}
	return stale, nil
}

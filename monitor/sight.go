package monitor

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// sight is what the guard knows of how well the sites are seen. A page that is seen
// for no longer than its promise allows is out of sight. When most of the fleet is, it
// is we who are blind, and no site is reported for it.
type sight struct {
	m     *Monitor
	began time.Time // since when the watch has been kept: nobody owes a look before that

	// owed is from when on the promise to a target counts if it has not been seen
	// since, by target and schedule: a site that is new, was paused, or was looked at
	// by another clock is given its time.
	owed  map[string]time.Time
	fleet reading
	ahead time.Duration // by how much the newest look on record is later than now
	mails budget        // of those that tell of one site
	ends  budget        // of those that tell that it is seen again
}

// view is how one target is seen.
type view struct {
	target  Target
	site    Site
	fresh   Freshness
	promise time.Duration
	unseen  bool // for longer than promised
	dark    bool // unseen, or the last look was no good one
}

// forgive starts every promise anew.
func (s *sight) forgive() { s.began, s.owed = s.m.now(), nil }

// look finds out who is out of sight at a moment, and tells. The moment is the one at
// which the clock was last known to run as it should: set ahead a little later, it would
// put every site out of sight.
func (s *sight) look(ctx context.Context, now time.Time) error {
	views, err := s.views(ctx, now)
	if err != nil {
		return err
	}
	before, err := conditions(ctx, s.m.Store)
	if err != nil {
		return err
	}
	was := before["fleet"]
	s.fleet = fleetReading(views, was.Ill)
	if was.Ill && !s.fleet.ill {
		// Many were not looked at since it is over: they have their time again.
		s.forgive()
		if views, err = s.views(ctx, now); err != nil {
			return err
		}
	}
	return s.settle(ctx, views, s.fleet.ill)
}

// views are the targets that are watched, by ID.
func (s *sight) views(ctx context.Context, now time.Time) (map[string]view, error) {
	sites, targets, err := s.m.watched(ctx)
	if err != nil {
		return nil, err
	}
	known, err := s.m.Store.Freshness(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading freshness: %w", err)
	}
	first := s.owed == nil
	owed := map[string]time.Time{}
	out := map[string]view{}
	s.ahead = 0
	byTarget := map[string]Freshness{}
	for _, f := range known {
		byTarget[f.Target] = f
		s.ahead = max(s.ahead, f.LastAttempt.Sub(now))
	}
	for _, t := range targets {
		v := view{target: t, site: sites[t.Site], fresh: byTarget[t.ID]}
		v.promise = max(s.m.promise(v.site), s.m.Guard.Every) // what is shorter than a round cannot be told
		key := t.ID + " " + v.site.Schedule
		from, planned := s.owed[key]
		if !planned {
			from = now
			if first && !v.fresh.LastAttempt.IsZero() {
				from = s.began
			}
		}
		owed[key] = from
		seen := from
		if good := v.fresh.LastGood; good.After(seen) && !good.After(now.Add(skew)) {
			seen = good
		}
		v.unseen = now.Sub(seen) > v.promise
		v.dark = v.unseen || v.fresh.Failures > 0
		out[t.ID] = v
	}
	s.owed = owed
	return out, nil
}

// A fleet of fewer pages than this tells nothing about us: three of five sites may well
// be down at once.
const leastFleet = 10

// fleetReading: ill when more than half of the pages are dark, until at most a quarter
// is. Of the sites of a country a tenth is down on any day; half of them share nothing
// but us. The value is the share that is not dark.
func fleetReading(views map[string]view, before bool) reading {
	dark, outcomes := 0, map[string]int{}
	for _, v := range views {
		if v.dark {
			dark++
			outcomes[cmp.Or(v.fresh.Outcome, "not looked at")]++
		}
	}
	r := reading{value: 1, text: fmt.Sprintf("the last look at %d of %s was a good one and in time", len(views)-dark, counted(len(views), "page"))}
	if len(views) > 0 {
		r.value = 1 - float64(dark)/float64(len(views))
	}
	if dark > 0 {
		r.text += "; of the others most often: " + mostOften(outcomes)
	}
	bound := 0.5
	if before {
		bound = 0.75
	}
	r.ill = len(views) >= leastFleet && (r.value < bound)
	return r
}

// mostOften is the commonest outcome, with its number.
func mostOften(outcomes map[string]int) string {
	names := slices.SortedFunc(maps.Keys(outcomes), func(a, b string) int {
		return cmp.Or(outcomes[b]-outcomes[a], cmp.Compare(a, b))
	})
	return fmt.Sprintf("%s (%d)", names[0], outcomes[names[0]])
}

const (
	// budgetMails in budgetWindow tell of one site each; what more there is in that
	// time is gathered and told by one mail, one in each window. So a provider that
	// fails slowly cannot send a mail a minute.
	budgetMails  = 5
	budgetWindow = 15 * time.Minute
)

// budget bounds mails of one kind.
type budget struct {
	singles []time.Time
	grouped time.Time
}

// plan says how n things are told now: each by itself, together, or (neither) later.
func (b *budget) plan(n int, now time.Time) (each, together bool) {
	b.singles = slices.DeleteFunc(b.singles, func(t time.Time) bool { return now.Sub(t).Abs() >= budgetWindow })
	if len(b.singles)+n <= budgetMails {
		return true, false
	}
	return false, now.Sub(b.grouped).Abs() >= budgetWindow
}

// spend notes what was told.
func (b *budget) spend(n int, together bool, now time.Time) {
	switch {
	case together:
		b.grouped = now
	default:
		for range n {
			b.singles = append(b.singles, now)
		}
	}
}

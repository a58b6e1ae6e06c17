package monitor

import (
	"context"
	"slices"
	"time"

	"pasban/compare/lockdown"
)

// LockdownReport is what the CERT tells of a lockdown upwards.
type LockdownReport struct {
	Made     time.Time
	Tallies  []Tally         // the nation, its tiers, regions and institutions
	Controls []ControlTally  // in the order of the controls
	Waivers  []Waiver        // that hold, newest first
	Trend    []LockdownTrend // a day each, oldest first; days on which nothing was kept are left out
	Sites    []SiteStanding  // by ID
	Orders   []Directive     // in force, newest first
}

// ControlTally is how many sites stand how to a control.
type ControlTally struct {
	Control                       string
	Closed, Open, Unknown, Waived int
}

// LockdownTrend is a day of the nation's.
type LockdownTrend struct {
	Day           time.Time
	Sites, Score  int
	Open, Unknown int // controls of all sites together
}

// LockdownReport puts the report together: of the sites of a directive, or of all that
// are in lockdown, with a trend of some days back.
func (m *Monitor) LockdownReport(ctx context.Context, directive int64, days int) (LockdownReport, error) {
	r := LockdownReport{Made: m.now()}
	var err error
	if r.Sites, err = m.Compliance(ctx, directive, nil); err != nil {
		return r, err
	}
	r.Tallies, r.Controls = Tallies(r.Sites), controlTallies(r.Sites)
	orders, err := m.Store.Directives(ctx)
	if err != nil {
		return r, err
	}
	r.Orders = slices.DeleteFunc(orders, func(d Directive) bool { return !d.Lifted.IsZero() || directive != 0 && d.ID != directive })
	waivers, err := m.Store.Waivers(ctx, r.Made)
	if err != nil {
		return r, err
	}
	r.Waivers = slices.DeleteFunc(waivers, func(w Waiver) bool {
		return !w.Holds(r.Made) || !slices.ContainsFunc(r.Sites, func(s SiteStanding) bool { return w.of(s.Site) })
	})
	scores, err := m.Store.LockdownScores(ctx, dayOf(r.Made).AddDate(0, 0, -days))
	if err != nil {
		return r, err
	}
	r.Trend = trendOf(scores, r.Sites)
	return r, nil
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func controlTallies(all []SiteStanding) []ControlTally {
	var out []ControlTally
	for _, c := range lockdown.Controls() {
		t := ControlTally{Control: c.ID}
		for _, s := range all {
			for _, is := range s.Controls {
				if is.Control != c.ID {
					continue
				}
				switch is.State {
				case lockdown.Closed:
					t.Closed++
				case lockdown.Open:
					t.Open++
				case lockdown.Unknown:
					t.Unknown++
				case lockdown.Waived:
					t.Waived++
				}
			}
		}
		if t.Closed+t.Open+t.Unknown+t.Waived > 0 {
			out = append(out, t)
		}
	}
	return out
}

// trendOf sums up the scores of some sites by day. They come by day.
func trendOf(scores []LockdownScore, sites []SiteStanding) []LockdownTrend {
	of := map[string]bool{}
	for _, s := range sites {
		of[s.Site.ID] = true
	}
	out := []LockdownTrend{}
	for _, s := range scores {
		if !of[s.Site] {
			continue
		}
		if len(out) == 0 || !out[len(out)-1].Day.Equal(s.Day) {
			out = append(out, LockdownTrend{Day: s.Day})
		}
		t := &out[len(out)-1]
		t.Sites++
		t.Score += s.Score
		t.Open += s.Open
		t.Unknown += s.Unknown
	}
	for i := range out {
		out[i].Score /= out[i].Sites
	}
	return out
}

// longestTrend is how many days back a report goes.
const longestTrend = 366

// changedScores are how the sites in lockdown stand today, those that are not written
// down so.
func (m *Monitor) changedScores(ctx context.Context, all []SiteStanding) ([]LockdownScore, error) {
	today := dayOf(m.now())
	have, err := m.Store.LockdownScores(ctx, today)
	if err != nil {
		return nil, err
	}
	var out []LockdownScore
	for _, s := range all {
		score := LockdownScore{Day: today, Site: s.Site.ID, Score: s.Score, Open: s.Count(lockdown.Open), Unknown: s.Count(lockdown.Unknown)}
		if len(s.Orders) > 0 && !slices.Contains(have, score) {
			out = append(out, score)
		}
	}
	return out, nil
}

// forgetScores removes those that no report goes back to.
func (m *Monitor) forgetScores(ctx context.Context) error {
	return m.Store.Update(ctx, func(tx Tx) error {
		return tx.RemoveLockdownScores(ctx, dayOf(m.now()).AddDate(0, 0, -longestTrend))
	})
}

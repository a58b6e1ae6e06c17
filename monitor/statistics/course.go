package statistics

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Course is how one incident went. A zero moment did not come, or nobody knows it.
type Course struct {
	Site, SiteName string
	// Seen is the last look before it that saw the page well, Opened the first that
	// showed it: it began between the two.
	Seen, Opened time.Time
	Told         time.Time // when the first alert arrived
	Answered     time.Time // when a person first acknowledged, contained or closed it
	Recovered    time.Time // when the approved look was back
	FalseAlarm   bool
	Unseen       bool // a site out of sight, and no attack
}

// Delay is how long something took.
type Delay struct {
	Name   string // detect, notify, acknowledge, recover
	Count  int    // of so many incidents
	Median time.Duration
	// Slow is the ninth decile: one in ten took longer.
	Slow time.Duration
}

// Delays of incidents that were attacks: to detect, which is the most it can have been,
// from the last look that saw the page well; then from the look that showed it to the
// first alert that arrived, to the first answer of a person, and to the approved look's
// return. An incident in which a step did not happen is not in that step's figures.
func Delays(all []Course) []Delay {
	steps := []struct {
		name string
		took func(Course) (from, to time.Time)
	}{
		{"detect", func(c Course) (time.Time, time.Time) { return c.Seen, c.Opened }},
		{"notify", func(c Course) (time.Time, time.Time) { return c.Opened, c.Told }},
		{"acknowledge", func(c Course) (time.Time, time.Time) { return c.Opened, c.Answered }},
		{"recover", func(c Course) (time.Time, time.Time) { return c.Opened, c.Recovered }},
	}
	out := make([]Delay, len(steps))
	for i, s := range steps {
		var took []time.Duration
		for _, c := range all {
			from, to := s.took(c)
			if c.FalseAlarm || c.Unseen || from.IsZero() || to.IsZero() {
				continue
			}
			took = append(took, max(0, to.Sub(from))) // a clock may have been set
		}
		slices.Sort(took)
		out[i] = Delay{Name: s.name, Count: len(took), Median: quantile(took, 5), Slow: quantile(took, 9)}
	}
	return out
}

// quantile is the nth of ten parts of what is sorted, between its two neighbours; 0 of
// nothing.
func quantile(sorted []time.Duration, tenths int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	at := (len(sorted) - 1) * tenths
	low, rest := at/10, at%10
	if rest == 0 {
		return sorted[low]
	}
	return sorted[low] + (sorted[low+1]-sorted[low])*time.Duration(rest)/10
}

// Alarms says how many of the alarms were false.
type Alarms struct {
	All, False int // without sites that were only out of sight
}

// Rate is the share of false ones, 0 to 1; 0 of none.
func (a Alarms) Rate() float64 {
	if a.All == 0 {
		return 0
	}
	return float64(a.False) / float64(a.All)
}

// AlarmsOf counts alarms.
func AlarmsOf(all []Course) Alarms {
	var a Alarms
	for _, c := range all {
		if c.Unseen {
			continue
		}
		a.All++
		if c.FalseAlarm {
			a.False++
		}
	}
	return a
}

// Flaky is a site that costs attention for nothing.
type Flaky struct {
	Site, Name  string
	FalseAlarms int
	Unseen      int // times that it was out of sight
	Attacks     int // alarms that were right
}

// Flakiest are the sites with most false alarms and times out of sight together, at
// most so many. Those without any are none of them.
func Flakiest(all []Course, most int) []Flaky {
	sites := map[string]*Flaky{}
	for _, c := range all {
		f := sites[c.Site]
		if f == nil {
			f = &Flaky{Site: c.Site, Name: c.SiteName}
			sites[c.Site] = f
		}
		switch {
		case c.Unseen:
			f.Unseen++
		case c.FalseAlarm:
			f.FalseAlarms++
		default:
			f.Attacks++
		}
	}
	out := []Flaky{}
	for _, id := range slices.Sorted(maps.Keys(sites)) {
		if f := sites[id]; f.FalseAlarms+f.Unseen > 0 {
			out = append(out, *f)
		}
	}
	slices.SortStableFunc(out, func(a, b Flaky) int {
		return cmp.Or(cmp.Compare(b.FalseAlarms+b.Unseen, a.FalseAlarms+a.Unseen), cmp.Compare(b.FalseAlarms, a.FalseAlarms))
	})
	return out[:min(most, len(out))]
}

package statistics

import (
	"fmt"
	"time"
)

// Span is a time, from one moment up to another.
type Span struct{ From, Until time.Time }

func (s Span) holds(t time.Time) bool { return !t.Before(s.From) && t.Before(s.Until) }

// Days is how many days a span has, those that it only touches included.
func (s Span) Days() int {
	return int((s.Until.Sub(s.From) + 24*time.Hour - 1) / (24 * time.Hour))
}

// Span of a quarter.
func (q Quarter) Span() Span {
	from, until := q.Bounds()
	return Span{from, until}
}

// Last is the quarter in which a span ends.
func (s Span) Last() Quarter { return quarterOf(s.Until.Add(-1)) }

// Recent are the last n quarters up to that of a moment, the newest first.
func Recent(now time.Time, n int) []Quarter {
	out := make([]Quarter, n)
	for i := range out {
		out[i] = quarterOf(now).back(i)
	}
	return out
}

// LongestSpan is the most days that ParseSpan takes.
const LongestSpan = 366

// ParseSpan reads two days, 2026-01-01 and 2026-03-31, both of which are in the span.
func ParseSpan(from, to string) (Span, error) {
	var s Span
	for _, end := range []struct {
		name, text string
		into       *time.Time
	}{{"from", from, &s.From}, {"to", to, &s.Until}} {
		day, err := time.ParseInLocation(time.DateOnly, end.text, Zone)
		if err != nil || day.Year() < 1990 || day.Year() > 9000 {
			return s, fmt.Errorf("%s: %.20q is no day; expected something like 2026-03-31", end.name, end.text)
		}
		*end.into = day
	}
	s.Until = s.Until.AddDate(0, 0, 1)
	switch {
	case !s.From.Before(s.Until):
		return s, fmt.Errorf("the span ends before it begins")
	case s.Days() > LongestSpan:
		return s, fmt.Errorf("the span has %d days, and may have %d", s.Days(), LongestSpan)
	}
	return s, nil
}

// Counts is what a span came to, beside the span before it and that of a year before.
type Counts struct {
	Span                   Span
	Total, Before, YearAgo int
	Imported               int // of Total
	Kinds, Tiers           []Row
	Regions, Institutions  []Row
	Days                   []Day // every day of the span
}

// Day is one day, from midnight to midnight in Pakistan.
type Day struct {
	Day   time.Time
	Count int
}

// CountQuarter counts a quarter beside the one before it.
func CountQuarter(q Quarter, cases []Case) Counts {
	return countSpans([3]Span{q.Span(), q.back(1).Span(), q.back(4).Span()}, cases)
}

// CountSpan counts a span beside as many days before it.
func CountSpan(s Span, cases []Case) Counts {
	before := Span{s.From.AddDate(0, 0, -s.Days()), s.From}
	return countSpans([3]Span{s, before, {s.From.AddDate(-1, 0, 0), s.Until.AddDate(-1, 0, 0)}}, cases)
}

// countSpans counts a span, the one before it, and that of a year before.
func countSpans(spans [3]Span, cases []Case) Counts {
	c := Counts{Span: spans[0]}
	var kinds, tiers, regions, institutions = map[string]*Row{}, map[string]*Row{}, map[string]*Row{}, map[string]*Row{}
	days := map[string]int{}
	totals := [3]*int{&c.Total, &c.Before, &c.YearAgo}
	for _, one := range cases {
		for i, span := range spans { // two of them may overlap
			if !span.holds(one.At) {
				continue
			}
			*totals[i]++
			count(kinds, named(one.Kind), i)
			count(tiers, named(one.Tier), i)
			count(regions, named(one.Region), i)
			count(institutions, named(one.Institution), i)
			if i == 0 {
				days[one.At.In(Zone).Format(time.DateOnly)]++
				if one.Imported {
					c.Imported++
				}
			}
		}
	}
	c.Kinds, c.Tiers, c.Regions, c.Institutions = sorted(kinds), sorted(tiers), sorted(regions), sorted(institutions)
	for day := c.Span.From; day.Before(c.Span.Until) && len(c.Days) < LongestSpan; day = day.AddDate(0, 0, 1) {
		c.Days = append(c.Days, Day{day, days[day.In(Zone).Format(time.DateOnly)]})
	}
	return c
}

// count adds one to a row: to its span 0, the one before 1, or that of a year before 2.
func count(rows map[string]*Row, name string, span int) {
	row := rows[name]
	if row == nil {
		row = &Row{Name: name}
		rows[name] = row
	}
	*[3]*int{&row.Count, &row.Before, &row.YearAgo}[span]++
}

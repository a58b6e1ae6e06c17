// Package statistics makes the national statistics of a quarter out of incidents: how many
// there were, of which type, in which tier and region, and how that compares with the
// quarter and the year before. [Make] counts, and a Write function for each medium writes:
// Markdown, HTML with charts as inline SVG, CSV and JSON. The HTML is also what is
// printed as PDF.
//
// A quarter is one of the calendar in Pakistan Standard Time, and so is a year.
package statistics

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Case is one incident.
type Case struct {
	At                 time.Time
	Kind, Tier, Region string
	Institution        string // its name
	Owner              string // ID of the institution, "" if imported
	Imported           bool   // from before the watch, or from elsewhere
}

// Zone is Pakistan Standard Time, by which quarters, years and days are counted. It has had
// no summer time since 2009, so that no time zone database is needed.
var Zone = time.FixedZone("PKT", 5*60*60)

// Quarter of a year, 1 to 4.
type Quarter struct{ Year, Number int }

var quarterRE = regexp.MustCompile(`^(\d{4})-?[Qq]([1-4])$`)

// ParseQuarter reads 2026Q1.
func ParseQuarter(s string) (Quarter, error) {
	part := quarterRE.FindStringSubmatch(s)
	if part == nil {
		return Quarter{}, fmt.Errorf("%q is no quarter; expected something like 2026Q1", s)
	}
	year, err := strconv.Atoi(part[1])
	if err != nil || year < 1990 {
		return Quarter{}, fmt.Errorf("%q is a quarter before 1990", s)
	}
	return Quarter{year, int(part[2][0] - '0')}, nil
}

// String writes 2026Q1.
func (q Quarter) String() string { return fmt.Sprintf("%dQ%d", q.Year, q.Number) }

// MarshalText makes it a text in JSON.
func (q Quarter) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

func quarterOf(t time.Time) Quarter {
	t = t.In(Zone)
	return Quarter{t.Year(), (int(t.Month())-1)/3 + 1}
}

// back is the quarter n before.
func (q Quarter) back(n int) Quarter {
	i := q.Year*4 + q.Number - 1 - n
	return Quarter{i / 4, i%4 + 1}
}

// Bounds are when it begins and when the next one does.
func (q Quarter) Bounds() (from, until time.Time) {
	from = time.Date(q.Year, time.Month(3*q.Number-2), 1, 0, 0, 0, 0, Zone)
	return from, from.AddDate(0, 3, 0)
}

// Report is what a quarter came to.
type Report struct {
	Quarter  Quarter   `json:"quarter"`
	Made     time.Time `json:"made"`
	Complete bool      `json:"complete"` // the quarter was over when it was made
	Total    int       `json:"total"`
	// Before is the quarter before, YearAgo the same one of the year before.
	Before   int   `json:"quarter_before"`
	YearAgo  int   `json:"year_ago"`
	Imported int   `json:"imported"` // of Total
	Kinds    []Row `json:"by_type"`
	Tiers    []Row `json:"by_tier"`
	Regions  []Row `json:"by_region"`
	// Quarters are the last nine, the newest last; Years the last four.
	Quarters []Period `json:"quarters"`
	Years    []Year   `json:"years"`
}

// Row is one type, tier or region.
type Row struct {
	Name    string `json:"name"`
	Count   int    `json:"count"`
	Before  int    `json:"quarter_before"`
	YearAgo int    `json:"year_ago"`
}

// Period is one quarter.
type Period struct {
	Quarter Quarter `json:"quarter"`
	Total   int     `json:"total"`
}

// Year is one year with what it consisted of. That of the report ends with its quarter.
type Year struct {
	Year   int            `json:"year"`
	Total  int            `json:"total"`
	Partly bool           `json:"partly"` // it was not over at the end of the quarter
	Kinds  map[string]int `json:"by_type"`
	Tiers  map[string]int `json:"by_tier"`
}

const (
	quartersShown = 9
	yearsShown    = 4
)

// Make counts. Cases after the quarter are left out.
func Make(q Quarter, cases []Case, now time.Time) Report {
	_, until := q.Bounds()
	r := Report{Quarter: q, Made: now.UTC(), Complete: !now.Before(until)}
	quarters := map[Quarter]int{}
	years := map[int]*Year{}
	for _, c := range cases {
		if !c.At.Before(until) {
			continue
		}
		in := quarterOf(c.At)
		quarters[in]++
		y := years[in.Year]
		if y == nil {
			y = emptyYear(in.Year)
			years[in.Year] = y
		}
		y.Total++
		y.Kinds[named(c.Kind)]++
		y.Tiers[named(c.Tier)]++
	}
	in := CountQuarter(q, cases)
	r.Total, r.Before, r.YearAgo, r.Imported = in.Total, in.Before, in.YearAgo, in.Imported
	r.Kinds, r.Tiers, r.Regions = in.Kinds, in.Tiers, in.Regions
	for n := quartersShown - 1; n >= 0; n-- {
		r.Quarters = append(r.Quarters, Period{q.back(n), quarters[q.back(n)]})
	}
	r.Years = shownYears(q, years)
	if n := len(r.Years); n > 0 {
		r.Years[n-1].Partly = q.Number < 4 || !r.Complete
	}
	return r
}

func emptyYear(year int) *Year {
	return &Year{Year: year, Kinds: map[string]int{}, Tiers: map[string]int{}}
}

// shownYears are the last ones up to that of the quarter, from the first in which anything
// happened: a year of nothing between two others is shown, or they would look like neighbours.
func shownYears(q Quarter, years map[int]*Year) []Year {
	out := []Year{}
	if len(years) == 0 {
		return out
	}
	first := slices.Min(slices.Collect(maps.Keys(years)))
	for year := max(q.Year-yearsShown+1, first); year <= q.Year; year++ {
		y := years[year]
		if y == nil {
			y = emptyYear(year)
		}
		out = append(out, *y)
	}
	return out
}

func named(s string) string { return cmp.Or(s, "not stated") }

func sorted(rows map[string]*Row) []Row {
	out := []Row{}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		out = append(out, *rows[name])
	}
	slices.SortStableFunc(out, func(a, b Row) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// change says how a number compares with an earlier one.
func change(now, before int) string {
	switch {
	case before == 0 && now == 0:
		return "none in either"
	case before == 0:
		return "none before"
	case now == before:
		return "as many"
	}
	percent := 100 * float64(now-before) / float64(before)
	if percent >= -0.5 && percent <= 0.5 {
		return "nearly as many" // than a change by nothing
	}
	return strings.Replace(fmt.Sprintf("%+.0f %%", percent), "-", "\u2212", 1)
}

package statistics

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"
)

// A quarter and a year begin at midnight in Pakistan, and what comes after the quarter
// does not count.
func TestBoundaries(t *testing.T) {
	q, err := ParseQuarter("2026q1")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	r := Make(q, []Case{
		{At: at("2025-12-31T18:59:59Z"), Kind: "leak", Tier: "federal"}, {At: at("2025-12-31T19:00:00Z"), Kind: "leak", Tier: "federal", Imported: true},
		{At: at("2026-03-31T18:59:59Z"), Kind: "phishing"}, {At: at("2026-03-31T19:00:00Z"), Kind: "leak"}, {At: at("2025-02-01T00:00:00Z"), Kind: "leak"},
	}, at("2026-03-31T18:00:00Z"))
	if r.Total != 2 || r.Before != 1 || r.YearAgo != 1 || r.Imported != 1 || r.Complete || len(r.Years) != 2 || r.Years[0].Total != 2 || !r.Years[1].Partly {
		t.Errorf("%+v", r)
	}
	if len(r.Quarters) != 9 || r.Quarters[8].Total != 2 || r.Quarters[0].Quarter.String() != "2024Q1" {
		t.Errorf("%+v", r.Quarters)
	}
}

func TestChange(t *testing.T) {
	for _, c := range []struct {
		now, before int
		want        string
	}{{98, 140, "\u221230 %"}, {111, 47, "+136 %"}, {0, 0, "none in either"}, {3, 0, "none before"}, {3, 3, "as many"}, {299, 300, "nearly as many"}, {1001, 1000, "nearly as many"}, {199, 200, "nearly as many"}, {102, 100, "+2 %"}} {
		if got := change(c.now, c.before); got != c.want {
			t.Errorf("%d after %d: %q, want %q", c.now, c.before, got, c.want)
		}
	}
}

// A region is what somebody wrote into a file: it is no HTML, no cell and no formula.
func TestHostileNames(t *testing.T) {
	q := Quarter{2026, 1}
	from, _ := q.Bounds()
	hostile := "=1+1|<script>x</script>\u202e" + strings.Repeat("A", 500)
	r := Make(q, []Case{
		{At: from, Kind: "leak", Tier: "federal", Region: hostile}, {At: from, Kind: "leak", Tier: "federal", Region: " =1+1"}, {At: from, Kind: "leak", Tier: "federal", Region: `a\|b`},
	}, from)
	var page, text, table bytes.Buffer
	for _, err := range []error{WriteHTML(&page, r), WriteMarkdown(&text, r), WriteCSV(&table, r)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(page.String(), "<script") || strings.Contains(page.String(), "\u202e") {
		t.Error("the page has a script of a region")
	}
	if strings.Contains(text.String(), "<script") || !strings.Contains(text.String(), `1+1\|`) {
		t.Error("the text has HTML or a cell of a region")
	}
	if !strings.Contains(text.String(), `| a\\\|b | 1 |`) {
		t.Error("a backslash of a region ends its cell")
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if strings.HasPrefix(strings.TrimLeft(row[1], " "), "=") {
			t.Errorf("a spreadsheet would run %q", row[1])
		}
	}
}

// A quarter with nothing in it is a report as well.
func TestEmpty(t *testing.T) {
	var b bytes.Buffer
	r := Make(Quarter{2026, 1}, nil, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	for _, write := range []func() error{func() error { return WriteHTML(&b, r) }, func() error { return WriteMarkdown(&b, r) }, func() error { return WriteCSV(&b, r) }, func() error { return WriteJSON(&b, r) }} {
		if err := write(); err != nil {
			t.Error(err)
		}
	}
	if r.Total != 0 || !r.Complete {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(b.String(), `"years": []`) {
		t.Error("no years are no list in JSON")
	}
}

// A year that is not over says so in its last quarter too, a year of nothing stands where it
// belongs, and rows go by the last year that is over.
func TestYears(t *testing.T) {
	on := func(year, month int) time.Time { return time.Date(year, time.Month(month), 5, 0, 0, 0, 0, time.UTC) }
	cases := []Case{
		{At: on(2023, 2), Kind: "phishing", Tier: "federal"}, {At: on(2023, 3), Kind: "phishing", Tier: "federal"},
		{At: on(2025, 11), Kind: "leak", Tier: "banking"},
	}
	q := Quarter{2025, 4}
	early, late := Make(q, cases, on(2025, 12)), Make(q, cases, on(2026, 1))
	var years []string
	for _, y := range early.Years {
		years = append(years, fmt.Sprint(y.Year, " ", y.Total, " ", y.Partly))
	}
	if got := strings.Join(years, ", "); got != "2023 2 false, 2024 0 false, 2025 1 true" {
		t.Errorf("in December: %s", got)
	}
	if late.Years[2].Partly {
		t.Error("2025 is not over in January 2026")
	}
	first := func(r Report) string { return YearTable(r, "type")[0].Name }
	// 2024, the last year that was over in December, had none of either: 2023 decides.
	if got := first(early); got != "phishing" {
		t.Errorf("in December %s is first", got)
	}
	if got := first(late); got != "leak" {
		t.Errorf("in January %s is first", got)
	}
	one := Make(q, []Case{{At: on(2025, 11), Kind: "defacement"}, {At: on(2025, 11), Kind: "leak"}, {At: on(2025, 12), Kind: "leak"}}, on(2026, 1))
	if got := first(one); got != "leak" {
		t.Errorf("of one year %s is first", got)
	}
	var text bytes.Buffer
	if err := WriteMarkdown(&text, early); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| 2025 so far | 1 |", "## Year on year, by type\n\n| | 2023 | 2024 | 2025 so far |\n|---|---:|---:|---:|\n| Phishing | 2 | 0 | 0 |\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text has no %q:\n%s", want, text.String())
		}
	}
}

// A span of days is counted beside as many days before it, and is as long as it may be.
func TestCountSpan(t *testing.T) {
	s, err := ParseSpan("2026-03-01", "2026-03-10")
	if err != nil || s.Days() != 10 {
		t.Fatal(s, err)
	}
	at := func(day string) Case {
		v, err := time.ParseInLocation("2006-01-02 15:04", day, Zone)
		if err != nil {
			t.Fatal(err)
		}
		return Case{At: v, Kind: "leak", Institution: "A"}
	}
	c := CountSpan(s, []Case{at("2026-03-01 00:00"), at("2026-03-10 23:59"), at("2026-03-11 00:00"), at("2026-02-28 23:59"), at("2026-02-19 00:00"), at("2026-02-18 23:59"), at("2025-03-05 12:00")})
	if c.Total != 2 || c.Before != 2 || c.YearAgo != 1 || len(c.Days) != 10 || c.Days[0].Count != 1 || c.Days[9].Count != 1 || c.Days[5].Count != 0 {
		t.Errorf("%+v", c)
	}
	if len(c.Institutions) != 1 || c.Institutions[0] != (Row{"A", 2, 2, 1}) {
		t.Errorf("%+v", c.Institutions)
	}
	for _, bad := range [][2]string{{"", ""}, {"2026-03-01", ""}, {"2026-03-02", "2026-03-01"}, {"2025-01-01", "2026-01-02"}, {"2026-02-30", "2026-03-01"}, {"1989-01-01", "1989-01-02"}, {"9999-12-31", "9999-12-31"}} {
		if s, err := ParseSpan(bad[0], bad[1]); err == nil {
			t.Errorf("%v is %v", bad, s)
		}
	}
	if s, err := ParseSpan("2024-01-01", "2024-12-31"); err != nil || s.Days() != 366 || len(CountSpan(s, nil).Days) != 366 {
		t.Errorf("a whole year: %v, %v", s, err)
	}
}

// Times are those of attacks in which the step happened, and the middle of an even number
// lies between its neighbours.
func TestDelays(t *testing.T) {
	opened := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	after := func(d time.Duration) Course { return Course{Site: "a", Opened: opened, Told: opened.Add(d)} }
	all := []Course{after(10 * time.Second), after(20 * time.Second), after(40 * time.Second), after(-time.Hour), {Site: "b", Opened: opened}}
	all = append(all, Course{Site: "b", Opened: opened, Told: opened.Add(time.Hour), FalseAlarm: true}, Course{Site: "b", Opened: opened, Told: opened.Add(time.Hour), Unseen: true})
	d := Delays(all)
	if d[0].Count != 0 || d[0].Median != 0 || d[1] != (Delay{"notify", 4, 15 * time.Second, 34 * time.Second}) {
		t.Errorf("%+v", d)
	}
	if a := AlarmsOf(all); a != (Alarms{All: 6, False: 1}) || a.Rate() != 1.0/6 || (Alarms{}).Rate() != 0 {
		t.Errorf("%+v", a)
	}
	if f := Flakiest(all, 9); len(f) != 1 || f[0] != (Flaky{"b", "", 1, 1, 1}) {
		t.Errorf("%+v", f)
	}
}

// A chart of hostile names is no markup, and one from right to left begins there.
func TestColumns(t *testing.T) {
	all := []Column{{Name: "<script>", Count: 9}, {Count: 0}}
	here, there := string(Columns(all, `"><script>`, 100, false)), string(Columns(all, "", 100, true))
	if strings.Contains(here, "<script") || strings.Contains(here, "style=") || !strings.Contains(here, `x="25.0"`) || !strings.Contains(there, `x="75.0"`) {
		t.Errorf("%s\n%s", here, there)
	}
}

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
	first := func(r Report) string { return yearTable(r, "type")[0].Name }
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

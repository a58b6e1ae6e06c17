package statistics

import (
	"bytes"
	"encoding/csv"
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
	}{{98, 140, "\u221230 %"}, {111, 47, "+136 %"}, {0, 0, "none in either"}, {3, 0, "none before"}, {3, 3, "as many"}} {
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
	r := Make(q, []Case{{At: from, Kind: "leak", Tier: "federal", Region: hostile}}, from)
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
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if strings.HasPrefix(row[1], "=") {
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
}

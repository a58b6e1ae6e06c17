package console

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"pasban/console/desk"
	"pasban/monitor"
	"pasban/monitor/statistics"
)

// period is what the statistics are about, as the address says it: ?quarter=2026Q1, or
// ?from=2026-01-01&to=2026-02-15. Without either it is the quarter that is on.
type period struct{ desk.Period }

// Query is the period as an address has it.
func (p period) Query() string {
	if p.Quarter != "" {
		return "quarter=" + p.Quarter
	}
	return "from=" + p.From + "&to=" + p.To
}

// statisticsBody is a period with all that is told of it.
type statisticsBody struct {
	desk.Statistics
	Period   period
	Quarters []statistics.Quarter // to choose from
	Tables   []countTable
}

// countTable is one way to divide the incidents of a period.
type countTable struct {
	ID, Title string
	Rows      []statistics.Row
	Most      int // the longest bar
	More      int // rows that only the CSV has
}

// shownRows of a table stand on the page; the CSV has them all.
const shownRows = 12

func (s *Server) statisticsOf(r *http.Request, v viewer) (b statisticsBody, err error) {
	q := r.URL.Query()
	p, err := desk.ParsePeriod(q.Get("quarter"), q.Get("from"), q.Get("to"), s.Clock())
	if err != nil {
		return b, err
	}
	if b.Statistics, err = s.desk.Statistics(r.Context(), v.Who, p); err != nil {
		return b, err
	}
	b.Period, b.Quarters = period{p}, statistics.Recent(s.Clock(), 12)
	for _, t := range []countTable{
		{ID: "kind", Title: "By kind", Rows: b.Counts.Kinds}, {ID: "tier", Title: "By tier", Rows: b.Counts.Tiers},
		{ID: "region", Title: "By region", Rows: b.Counts.Regions}, {ID: "institution", Title: "By institution", Rows: b.Counts.Institutions},
	} {
		t.Most = 1
		for _, row := range t.Rows {
			t.Most = max(t.Most, row.Count, row.YearAgo)
		}
		b.Tables = append(b.Tables, t)
	}
	return b, nil
}

func (s *Server) statisticsPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	b, err := s.statisticsOf(r, v)
	if err != nil {
		return err
	}
	for i, t := range b.Tables {
		b.Tables[i].Rows, b.Tables[i].More = t.Rows[:min(shownRows, len(t.Rows))], max(0, len(t.Rows)-shownRows)
	}
	p := s.page(r, v, "statistics", "Statistics")
	p.Body = b
	return s.show(w, "statistics", p)
}

// statisticsCSV is one table as a file for a spreadsheet.
func (s *Server) statisticsCSV(w http.ResponseWriter, r *http.Request, v viewer) error {
	b, err := s.statisticsOf(r, v)
	if err != nil {
		return err
	}
	table := r.URL.Query().Get("table")
	rows := b.rows(table)
	if rows == nil {
		return monitor.ErrNotFound
	}
	var file bytes.Buffer
	if err := statistics.WriteRows(&file, rows); err != nil {
		return err
	}
	name := b.Period.Quarter
	if name == "" {
		name = b.Period.From + "-" + b.Period.To
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="pasban-`+name+`-`+table+`.csv"`)
	_, _ = w.Write(file.Bytes())
	return nil
}

// rows of a table, nil if there is no such table. Their names are English and do not
// change, since scripts read them too.
func (b statisticsBody) rows(table string) [][]string {
	switch table {
	case "day":
		out := [][]string{{"day", "incidents"}}
		for _, d := range b.Counts.Days {
			out = append(out, []string{d.Day.Format(time.DateOnly), strconv.Itoa(d.Count)})
		}
		return out
	case "quarter":
		out := [][]string{{"quarter", "incidents"}}
		for _, q := range b.Report.Quarters {
			out = append(out, []string{q.Quarter.String(), strconv.Itoa(q.Total)})
		}
		return out
	case "year":
		return b.yearRows()
	case "time":
		out := [][]string{{"step", "incidents", "median_s", "ninth_decile_s"}}
		for _, d := range b.Delays {
			out = append(out, []string{d.Name, strconv.Itoa(d.Count), seconds(d.Median), seconds(d.Slow)})
		}
		return append(out, []string{"false_alarms", strconv.Itoa(b.Alarms.False), "", ""}, []string{"alarms", strconv.Itoa(b.Alarms.All), "", ""})
	case "site":
		out := [][]string{{"site", "name", "false_alarms", "out_of_sight", "attacks"}}
		for _, f := range b.Flaky {
			out = append(out, []string{f.Site, f.Name, strconv.Itoa(f.FalseAlarms), strconv.Itoa(f.Unseen), strconv.Itoa(f.Attacks)})
		}
		return out
	}
	for _, t := range b.Tables {
		if t.ID == table {
			out := [][]string{{table, "incidents", "span_before", "year_before"}}
			for _, row := range t.Rows {
				out = append(out, []string{row.Name, strconv.Itoa(row.Count), strconv.Itoa(row.Before), strconv.Itoa(row.YearAgo)})
			}
			return out
		}
	}
	return nil
}

func (b statisticsBody) yearRows() [][]string {
	head, total := []string{"kind"}, []string{"all"}
	for _, y := range b.Report.Years {
		head, total = append(head, strconv.Itoa(y.Year)), append(total, strconv.Itoa(y.Total))
	}
	out := [][]string{head}
	for _, row := range statistics.YearTable(b.Report, "type") {
		line := []string{row.Name}
		for _, n := range row.Counts {
			line = append(line, strconv.Itoa(n))
		}
		out = append(out, line)
	}
	return append(out, total)
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// YearTable has a row for each kind.
func (b statisticsBody) YearTable() []statistics.YearRow {
	return statistics.YearTable(b.Report, "type")
}

// Columns of the days, with a name under those that begin a stretch.
func (b statisticsBody) Columns() []statistics.Column {
	days := b.Counts.Days
	out := make([]statistics.Column, len(days))
	for i, d := range days {
		out[i].Count = d.Count
		switch {
		case len(days) <= 14, len(days) <= 100 && d.Day.Weekday() == time.Monday:
			out[i].Name = d.Day.Format("01-02")
		case len(days) > 100 && d.Day.Day() == 1:
			out[i].Name = d.Day.Format("2006-01")
		}
	}
	return out
}

// Busy are the days on which something happened.
func (b statisticsBody) Busy() []statistics.Day {
	return slices.DeleteFunc(slices.Clone(b.Counts.Days), func(d statistics.Day) bool { return d.Count == 0 })
}

// QuarterColumns are the quarters, the newest in its colour.
func (b statisticsBody) QuarterColumns() []statistics.Column {
	var out []statistics.Column
	for i, q := range b.Report.Quarters {
		out = append(out, statistics.Column{Name: q.Quarter.String(), Count: q.Total, Soft: i < len(b.Report.Quarters)-1})
	}
	return out
}

// chartUnits is how wide a chart is on the usual screen, in pixels: its letters are then as
// large as the page's.
const chartUnits = 1060

// Draw is a chart of columns in the direction of the page.
func (p *page) Draw(all []statistics.Column, title string) template.HTML {
	return statistics.Columns(all, title, chartUnits, p.Dir == "rtl")
}

// Label is the name of a row: a word of ours in the language of the page, or what a
// watchlist or a file says.
func (p *page) Label(table, name string) string {
	if table == "kind" || table == "tier" || name == "not stated" {
		name = p.T(name)
	}
	return p.V(name, 60)
}

// Share of a whole in hundredths, for the length of a bar.
func (p *page) Share(part, whole int) int {
	if whole <= 0 {
		return 0
	}
	return 100 * part / whole
}

// Spell is Span of how long something took, a line for what did not happen.
func (p *page) Spell(d statistics.Delay) string {
	if d.Count == 0 {
		return "—"
	}
	return p.Span(d.Median)
}

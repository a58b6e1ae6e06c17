package statistics

import (
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	texttemplate "text/template"
	"unicode"
)

//go:embed report.html
var page string

//go:embed report.md
var markdown string

var names = map[string]string{
	"federal": "Federal", "provincial": "Provincial", "territory": "Territories", "private": "Private", "banking": "Banking",
	"defacement": "Defacement", "injection": "Injection", "leak": "Data leak", "lockdown": "Lockdown not kept", "availability": "Availability",
	"malware": "Malware", "phishing": "Phishing", "ransomware": "Ransomware", "unauthorised access": "Unauthorised access", "denial of service": "Denial of service",
	"other": "Other", "not stated": "Not stated",
}

// label is a name for people. Regions are what a file says and are made safe to show.
func label(s string) string {
	if n, ok := names[s]; ok {
		return n
	}
	return printable(s, 80)
}

// printable is what can be seen of a text, at most so many characters.
func printable(s string, most int) string {
	n := 0
	return strings.Map(func(r rune) rune {
		if n++; n > most || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// cell is a label in a table of Markdown, in which a bar ends the cell and HTML is HTML.
func cell(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "&", "&amp;", "[", `\[`, "`", "\\`", "*", `\*`, "_", `\_`).Replace(label(s))
}

var functions = map[string]any{"change": change, "label": label, "cell": cell, "bars": barChart, "columns": columnChart, "quarterName": quarterName, "years": YearTable}

var (
	htmlTemplate = template.Must(template.New("report").Funcs(functions).Parse(page))
	textTemplate = texttemplate.Must(texttemplate.New("report").Funcs(functions).Parse(markdown))
)

// WriteHTML writes a page that needs nothing from outside.
func WriteHTML(w io.Writer, r Report) error { return wrap(htmlTemplate.Execute(w, r)) }

// WriteMarkdown writes the tables without the charts.
func WriteMarkdown(w io.Writer, r Report) error { return wrap(textTemplate.Execute(w, r)) }

// WriteJSON writes the numbers for machines.
func WriteJSON(w io.Writer, r Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return wrap(e.Encode(r))
}

// WriteCSV writes a row for each number: what it is of, its name and the three counts.
func WriteCSV(w io.Writer, r Report) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"table", "name", "count", "quarter_before", "year_ago"}, {"total", r.Quarter.String(), fmt.Sprint(r.Total), fmt.Sprint(r.Before), fmt.Sprint(r.YearAgo)}}
	for _, t := range []struct {
		name string
		rows []Row
	}{{"type", r.Kinds}, {"tier", r.Tiers}, {"region", r.Regions}} {
		for _, row := range t.rows {
			rows = append(rows, []string{t.name, formula(row.Name), fmt.Sprint(row.Count), fmt.Sprint(row.Before), fmt.Sprint(row.YearAgo)})
		}
	}
	for _, p := range r.Quarters {
		rows = append(rows, []string{"quarter", p.Quarter.String(), fmt.Sprint(p.Total), "", ""})
	}
	for _, y := range r.Years {
		rows = append(rows, []string{"year", fmt.Sprint(y.Year), fmt.Sprint(y.Total), "", ""})
	}
	return wrap(c.WriteAll(rows))
}

// WriteRows writes rows that a spreadsheet opens: no cell is a formula, none has a
// character that reorders text or ends a line, and it begins with the mark by which
// Excel knows UTF-8.
func WriteRows(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return wrap(err)
	}
	c := csv.NewWriter(w)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, s := range row {
			safe[i] = formula(printable(s, 200))
		}
		if err := c.Write(safe); err != nil {
			return wrap(err)
		}
	}
	c.Flush()
	return wrap(c.Error())
}

// formula keeps a spreadsheet from running a region's name
// (https://owasp.org/www-community/attacks/CSV_Injection).
func formula(s string) string {
	if bare := strings.TrimLeft(s, " "); bare != "" && strings.ContainsRune("=+-@\t\r", rune(bare[0])) {
		return "'" + s
	}
	return s
}

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func quarterName(q Quarter) string {
	return [...]string{"first", "second", "third", "fourth"}[q.Number-1] + " quarter of " + fmt.Sprint(q.Year)
}

// YearRow is one line of the table of years.
type YearRow struct {
	Name   string
	Counts []int
}

// YearTable has a row for each type, or each tier, and a column for each year.
func YearTable(r Report, by string) []YearRow {
	var out []YearRow
	seen := map[string]int{}
	for i, y := range r.Years {
		counts := y.Kinds
		if by == "tier" {
			counts = y.Tiers
		}
		for name, n := range counts {
			at, known := seen[name]
			if !known {
				at = len(out)
				seen[name] = at
				out = append(out, YearRow{name, make([]int, len(r.Years))})
			}
			out[at].Counts[i] = n
		}
	}
	sortRows(out, len(r.Years) > 0 && r.Years[len(r.Years)-1].Partly)
	return out
}

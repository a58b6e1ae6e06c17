package statistics

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
)

// sortRows puts most first, by the last whole year. A year that is not over counts only
// if there is no other.
func sortRows(rows []YearRow, partly bool) {
	slices.SortFunc(rows, func(a, b YearRow) int {
		last := len(a.Counts) - 1
		if partly && last > 0 {
			last--
		}
		for i := last; i >= 0; i-- {
			if c := cmp.Compare(b.Counts[i], a.Counts[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.Name, b.Name)
	})
}

// Sizes of charts, in units of which the page is 680 wide.
const (
	chartWidth = 680
	rowHeight  = 26
	barLeft    = 170
	barRoom    = chartWidth - barLeft - 120
)

// barChart shows rows as bars, with last year's as a thin mark: most first.
func barChart(rows []Row) template.HTML {
	most := 1
	for _, r := range rows {
		most = max(most, r.Count, r.YearAgo)
	}
	var b strings.Builder
	height := rowHeight*len(rows) + 4
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" xmlns="http://www.w3.org/2000/svg">`, chartWidth, height)
	for i, r := range rows {
		y := i*rowHeight + 4
		width := barRoom * r.Count / most
		fmt.Fprintf(&b, `<text class="name" x="%d" y="%d" text-anchor="end">%s</text>`, barLeft-10, y+14, template.HTMLEscapeString(short(label(r.Name))))
		fmt.Fprintf(&b, `<rect class="bar" x="%d" y="%d" width="%d" height="16" rx="2"/>`, barLeft, y+1, max(width, 1))
		if r.YearAgo > 0 {
			fmt.Fprintf(&b, `<rect class="mark" x="%d" y="%d" width="2" height="22"/>`, barLeft+barRoom*r.YearAgo/most, y-2)
		}
		fmt.Fprintf(&b, `<text class="value" x="%d" y="%d">%d</text>`, barLeft+max(barRoom*r.YearAgo/most, width)+10, y+14, r.Count)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

func short(s string) string {
	if r := []rune(s); len(r) > 26 {
		return string(r[:25]) + "…"
	}
	return s
}

// Column of a chart.
type Column struct {
	Name  string // under it, "" for none
	Count int
	Soft  bool // it is there for comparison
}

// columnChart shows quarters, the reported one in its colour.
func columnChart(all []Period) template.HTML {
	var columns []Column
	for i, p := range all {
		columns = append(columns, Column{p.Quarter.String(), p.Total, i < len(all)-1})
	}
	return Columns(columns, "Incidents by quarter", chartWidth, false)
}

// leastHighest keeps one incident on one day from looking like the end of the world.
const leastHighest = 4

// Columns draws them side by side, from right to left if asked, in a picture of so many
// units. What they are is said to those who do not see them by the title; numbers stand
// above columns that have room for them, and above the first of the highest. The picture
// is SVG without style, which the page's own classes give it.
func Columns(all []Column, title string, units int, rightToLeft bool) template.HTML {
	const height, base, top = 190, 160, 24
	most, highest := leastHighest, -1
	for i, c := range all {
		if c.Count > 0 && (highest < 0 || c.Count > all[highest].Count) {
			highest, most = i, max(most, c.Count)
		}
	}
	step := float64(units) / float64(max(len(all), 1))
	width := min(38, step*0.72)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s" direction="ltr" xmlns="http://www.w3.org/2000/svg"><line class="axis" x1="0" y1="%d" x2="%d" y2="%d"/>`,
		units, height, template.HTMLEscapeString(title), base, units, base)
	for i, c := range all {
		h := (base - top) * c.Count / most
		class := map[bool]string{true: "bar soft", false: "bar"}[c.Soft]
		x := step*float64(i) + step/2
		if rightToLeft {
			x = float64(units) - x
		}
		if c.Count > 0 {
			fmt.Fprintf(&b, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d" rx="2"/>`, class, x-width/2, base-max(h, 2), width, max(h, 2))
		}
		if width >= 20 || i == highest {
			fmt.Fprintf(&b, `<text class="value" x="%.1f" y="%d" text-anchor="middle">%d</text>`, x, base-h-7, c.Count)
		}
		if c.Name != "" {
			fmt.Fprintf(&b, `<text class="name" x="%.1f" y="%d" text-anchor="middle">%s</text>`, inside(x, units, len(c.Name)*4), base+20, template.HTMLEscapeString(c.Name))
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// inside moves the middle of a name in, so that it does not stick out of the picture.
func inside(x float64, units, half int) float64 {
	return max(float64(half), min(x, float64(units-half)))
}

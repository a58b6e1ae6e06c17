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
func sortRows(rows []yearRow, partly bool) {
	slices.SortFunc(rows, func(a, b yearRow) int {
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

// columnChart shows quarters, the reported one in its colour.
func columnChart(all []Period) template.HTML {
	const height, base, top = 190, 160, 24
	most := 1
	for _, p := range all {
		most = max(most, p.Total)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" xmlns="http://www.w3.org/2000/svg"><line class="axis" x1="0" y1="%d" x2="%d" y2="%d"/>`, chartWidth, height, base, chartWidth, base)
	step := chartWidth / max(len(all), 1)
	for i, p := range all {
		h := (base - top) * p.Total / most
		class := "bar soft"
		if i == len(all)-1 {
			class = "bar"
		}
		x := i*step + step/2
		fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="38" height="%d" rx="2"/><text class="value" x="%d" y="%d" text-anchor="middle">%d</text><text class="name" x="%d" y="%d" text-anchor="middle">%s</text>`,
			class, x-19, base-h, h, x, base-h-7, p.Total, x, base+20, p.Quarter)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

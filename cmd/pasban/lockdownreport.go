package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"pasban/monitor"
)

// tallyLine is a sum over sites, as scripts read it.
type tallyLine struct {
	Line     string `json:"line"`  // tally
	Group    string `json:"group"` // nation, tier, region or institution
	Name     string `json:"name"`
	Sites    int    `json:"sites"`
	Complied int    `json:"complied"`
	Open     int    `json:"open"`
	Unknown  int    `json:"unknown"`
	Score    int    `json:"score"`
}

type controlTallyLine struct {
	Line    string `json:"line"` // control
	Control string `json:"control"`
	Closed  int    `json:"closed"`
	Open    int    `json:"open"`
	Unknown int    `json:"unknown"`
	Waived  int    `json:"waived"`
}

type trendLine struct {
	Line    string `json:"line"` // day
	Day     string `json:"day"`
	Sites   int    `json:"sites"`
	Score   int    `json:"score"`
	Open    int    `json:"open"`
	Unknown int    `json:"unknown"`
}

type reportWaiverLine struct {
	Line string `json:"line"` // waiver
	waiverLine
}

type reportDirectiveLine struct {
	Line string `json:"line"` // directive
	directiveLine
}

// printReportJSON writes one object a line; "line" says what each is.
func printReportJSON(r monitor.LockdownReport, term terminal) error {
	var lines []any
	for _, d := range r.Orders {
		lines = append(lines, reportDirectiveLine{"directive", directiveLineOf(d, sitesOf(r, d))})
	}
	for _, t := range r.Tallies {
		lines = append(lines, tallyLine{"tally", t.Group, t.Name, t.Sites, t.Complied, t.Open, t.Unknown, t.Score})
	}
	for _, c := range r.Controls {
		lines = append(lines, controlTallyLine{"control", c.Control, c.Closed, c.Open, c.Unknown, c.Waived})
	}
	for _, w := range r.Waivers {
		lines = append(lines, reportWaiverLine{"waiver", waiverLineOf(w)})
	}
	for _, d := range r.Trend {
		lines = append(lines, trendLine{"day", d.Day.Format(time.DateOnly), d.Sites, d.Score, d.Open, d.Unknown})
	}
	for _, line := range lines {
		if err := printJSON(term.out, line); err != nil {
			return err
		}
	}
	return nil
}

// sitesOf is how many of the sites in the report an order is about.
func sitesOf(r monitor.LockdownReport, d monitor.Directive) (n int) {
	for _, s := range r.Sites {
		for _, o := range s.Orders {
			if o.ID == d.ID {
				n++
			}
		}
	}
	return n
}

func printReport(r monitor.LockdownReport, term terminal) error {
	if len(r.Sites) == 0 {
		fmt.Fprintln(term.out, "nothing is ordered into lockdown")
		return nil
	}
	w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "GROUP\tNAME\tSITES\tCOMPLIED\tOPEN\tUNKNOWN\tSCORE")
	for _, t := range r.Tallies {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\n", t.Group, plain(t.Name, 80), t.Sites, t.Complied, t.Open, t.Unknown, t.Score)
	}
	fmt.Fprintln(w, "\nCONTROL\tCLOSED\tOPEN\tUNKNOWN\tWAIVED")
	for _, c := range r.Controls {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\n", c.Control, c.Closed, c.Open, c.Unknown, c.Waived)
	}
	if len(r.Waivers) > 0 {
		fmt.Fprintln(w, "\nWAIVER\tOVER\tCONTROLS\tUNTIL\tAPPROVER\tREASON")
	}
	for _, x := range r.Waivers {
		fmt.Fprintf(w, "%d\t%s\t%v\t%s\t%s\t%s\n", x.ID, plain(x.Site+x.Institution, 60), x.Controls, stamp(x.Expires), plain(x.Approver, 60), plain(x.Reason, 100))
	}
	if len(r.Trend) > 0 {
		fmt.Fprintln(w, "\nDAY\tSITES\tSCORE\tOPEN\tUNKNOWN")
	}
	for _, d := range r.Trend {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\n", d.Day.Format(time.DateOnly), d.Sites, d.Score, d.Open, d.Unknown)
	}
	return w.Flush()
}

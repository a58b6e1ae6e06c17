package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"pasban/monitor"
)

// checkLogs refuses a folder of logs that cannot be read: somebody who mistyped it would
// wait for findings for ever.
func (c *common) checkLogs() error {
	if c.Logs == "" {
		return nil
	}
	if _, err := os.ReadDir(c.Logs); err != nil {
		return usageError{fmt.Errorf("--logs: %w; make the folder, with one folder a site in it, named by the site's ID", err)}
	}
	return nil
}

// showLogs shows what access logs tell of the time of an incident.
func showLogs(l monitor.IncidentLogs, w io.Writer) {
	if len(l.Findings) == 0 {
		return
	}
	fmt.Fprintln(w, "\nFrom the web server's log")
	for _, f := range l.Findings {
		fmt.Fprintf(w, "  %s %-9s %-24s %s (%s, %s:%d)\n", f.First.Local().Format("2006-01-02 15:04:05"), f.Severity, f.Rule, plain(f.Request(), 160), count(int(f.Count), "time"), plain(f.File, 60), f.Line)
	}
	if l.LeftOut > 0 {
		fmt.Fprintf(w, "  and %s more: pasban logs list\n", count(l.LeftOut, "finding"))
	}
	if l.Thinned > 0 {
		fmt.Fprintf(w, "  %s of this site gave way to newer ones\n", count(int(l.Thinned), "older finding"))
	}
}

type logsList struct {
	Site string `arg:"" help:"ID of the site."`
	JSON bool   `help:"One finding a line, then a summary."`
}

// logsSummary ends the list.
type logsSummary struct {
	Site      string    `json:"site"`
	Findings  int       `json:"findings"`
	Lines     int64     `json:"lines"`
	Malformed int64     `json:"malformed"`
	LeftOut   int64     `json:"left_out"`
	Thinned   int64     `json:"thinned"`
	Full      int64     `json:"memory_full"`
	Files     []logSeen `json:"files"`
}

// logSeen is how far one log was read.
type logSeen struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	Lines int64  `json:"lines"`
	Seen  string `json:"seen"` // the day on which it lay there last
}

// Run lists what was found.
func (l *logsList) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		if _, err := h.Store.Site(ctx, l.Site); err != nil {
			return named(fmt.Errorf("site %s: %w", l.Site, err))
		}
		all, err := h.Store.LogFindings(ctx, l.Site, time.Unix(1, 0), time.Now().AddDate(1, 0, 0))
		if err != nil {
			return err
		}
		r, err := h.Store.LogReading(ctx, l.Site)
		if err != nil && !errors.Is(err, monitor.ErrNotFound) {
			return err
		}
		return l.print(term, all, r)
	})
}

func (l *logsList) print(term terminal, all []monitor.LogFinding, r monitor.LogReading) error {
	if l.JSON {
		for _, f := range all {
			if err := printJSON(term.out, f); err != nil {
				return err
			}
		}
		sum := logsSummary{Site: l.Site, Findings: len(all), Lines: r.Lines, Malformed: r.Malformed, LeftOut: r.LeftOut, Thinned: r.Thinned, Full: r.Memory.Full, Files: []logSeen{}}
		for _, p := range r.Places {
			sum.Files = append(sum.Files, logSeen{p.Name, p.Bytes, p.Lines, p.Seen.Format(time.DateOnly)})
		}
		return printJSON(term.out, sum)
	}
	w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "FIRST\tSEVERITY\tRULE\tTIMES\tREQUEST\tWHERE")
	for _, f := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s:%d\n", f.First.Local().Format("2006-01-02 15:04:05"), f.Severity, f.Rule, f.Count, plain(f.Request(), 140), plain(f.File, 60), f.Line)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(term.err, "%s read of %s, %s\n", count(int(r.Lines), "line"), count(len(r.Places), "log"), count(len(all), "finding"))
	if r.Malformed+r.LeftOut+r.Thinned > 0 {
		fmt.Fprintf(term.err, "%s could not be read; %s did not fit, %s gave way to newer ones\n", count(int(r.Malformed), "line"), count(int(r.LeftOut), "finding"), count(int(r.Thinned), "finding"))
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"pasban/compare"
	"pasban/monitor"
)

// questionLine is a question as scripts read it.
type questionLine struct {
	ID          int64            `json:"id"`
	Priority    int              `json:"priority"`
	Site        string           `json:"site"`
	Target      string           `json:"target"`
	URL         string           `json:"url"`
	Institution string           `json:"institution"`
	Tier        monitor.Tier     `json:"tier"`
	Capture     string           `json:"capture"`
	Opened      string           `json:"opened"`
	Kind        compare.Kind     `json:"kind"`
	Rule        string           `json:"rule"`
	Severity    compare.Severity `json:"severity"`
	Score       float64          `json:"score"`
	Why         string           `json:"why"`
	Evidence    string           `json:"evidence,omitempty"`
}

func questionLineOf(a monitor.Asked) questionLine {
	f := a.Gravest()
	return questionLine{
		ID: a.ID, Priority: a.Priority, Site: a.Site, Target: a.Target, URL: a.URL, Institution: a.Institution, Tier: a.Tier,
		Capture: a.Capture, Opened: a.Opened.Format(timeFormat), Kind: f.Kind, Rule: f.Rule, Severity: f.Severity,
		Score: a.Report.Score, Why: a.Report.Why, Evidence: f.Evidence,
	}
}

// questions lists what waits for an analyst.
func (l *incidentsList) questions(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		all, err := h.Waiting(ctx)
		if err != nil {
			return err
		}
		if l.JSON {
			for _, a := range all {
				if err := printJSON(term.out, questionLineOf(a)); err != nil {
					return err
				}
			}
			return nil
		}
		w := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "PRIORITY\tASKED\tSEVERITY\tKIND\tTARGET\tWHY")
		for _, a := range all {
			q := questionLineOf(a)
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", q.Priority, a.Opened.Local().Format("2006-01-02 15:04"), q.Severity, q.Kind, q.Target, plain(q.Why, 100))
		}
		return w.Flush()
	})
}

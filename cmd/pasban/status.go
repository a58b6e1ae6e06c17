package main

import (
	"context"
	"fmt"
	"io"

	"pasban/monitor"
)

type statusCommand struct {
	JSON bool `help:"As one object."`
}

// Run shows how well the watch is kept.
func (s *statusCommand) Run(ctx context.Context, c *common, term terminal) error {
	return withHouse(ctx, c, term, func(h *house) error {
		status, err := h.Status(ctx)
		if err != nil {
			return err
		}
		if s.JSON {
			return printJSON(term.out, status)
		}
		printStatus(term.out, status)
		return nil
	})
}

func printStatus(w io.Writer, s monitor.Status) {
	share := 100.0
	if s.Targets > 0 {
		share = 100 * float64(s.Fresh) / float64(s.Targets)
	}
	fmt.Fprintf(w, "%s on %s, %.1f %% seen within their promise\n", count(s.Targets, "page"), count(s.Sites, "site"), share)
	if s.Paused > 0 {
		fmt.Fprintf(w, "%s paused\n", count(s.Paused, "site"))
	}
	fmt.Fprintf(w, "%d approved baselines, %d from first sight only\n", s.Baselines, s.Provisional)
	fmt.Fprintf(w, "%s open, %s waiting for an analyst, %s not yet delivered\n",
		count(s.Incidents, "incident"), count(s.Questions, "question"), count(s.Undelivered, "alert"))
	for i, b := range s.Blind {
		if i == 0 {
			fmt.Fprintln(w, "\nBlind spots")
		}
		if i == maxListed {
			fmt.Fprintf(w, "  and %d more\n", len(s.Blind)-maxListed)
			break
		}
		last := "never"
		if !b.LastGood.IsZero() {
			last = b.LastGood.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "  %-28s last seen well %s: %s\n", plain(b.Target, 28), last, plain(b.Reason, 120))
	}
}

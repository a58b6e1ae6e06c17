package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

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
	if s.Removed.Captures > 0 || s.Removed.Blobs > 0 {
		fmt.Fprintf(w, "%s and %s (%.1f MB) removed so far, which the policy of retention does not keep\n",
			count(s.Removed.Captures, "look"), count(s.Removed.Blobs, "blob"), float64(s.Removed.Bytes)/1e6)
	}
	printHealth(w, s.Health, time.Now())
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

// stale is how old a measurement of the watch itself may be: it is made once a minute.
const stale = 5 * time.Minute

// printHealth shows how the watch itself is: in a line or two if all is well.
func printHealth(w io.Writer, health []monitor.Condition, now time.Time) {
	var newest time.Time
	for _, c := range health {
		if c.Measured.After(newest) {
			newest = c.Measured
		}
	}
	if newest.IsZero() {
		fmt.Fprintln(w, "Own health: not measured yet; pasban serve does so")
		return
	}
	if now.Sub(newest) > stale {
		fmt.Fprintf(w, "Own health was last measured %s: is pasban serve running?\n", newest.Local().Format("2006-01-02 15:04"))
	}
	var well, ill []string
	for _, c := range health {
		switch {
		case newest.Sub(c.Measured) > stale: // serve no longer measures it
		case c.Ill:
			ill = append(ill, fmt.Sprintf("  %-8s since %s: %s\n", c.Name, c.Since.Local().Format("2006-01-02 15:04"), plain(c.Text, 300)))
		default:
			well = append(well, c.Name)
			if c.Name == "canary" {
				fmt.Fprintf(w, "Canary: %s\n", plain(c.Text, 300))
			}
		}
	}
	if len(well) > 0 {
		fmt.Fprintf(w, "Well: %s\n", strings.Join(well, ", "))
	}
	if len(ill) > 0 {
		fmt.Fprintf(w, "\nNot well\n%s", strings.Join(ill, ""))
	}
}

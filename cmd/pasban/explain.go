package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"pasban/compare"
)

// explain prints what a verdict rests on: each finding with what it counts for, and
// each signal as it was measured. Weights are logarithms of likelihood ratios: see
// compare.Finding.
func explain(w io.Writer, l sweepLine) error {
	columns := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(columns, "  score    %.2f\n", l.Score)
	if len(l.found) == 0 {
		fmt.Fprintln(columns, "\n  No findings.")
	} else {
		fmt.Fprintln(columns, "\n  FINDING\tFAMILY\tCOUNTS AS\tWEIGHT\tSEVERITY\tEVIDENCE")
	}
	for _, f := range l.found {
		fmt.Fprintf(columns, "  %s\t%s\t%s\t%+.1f\t%s\t%s\n", f.Rule, familyOf(f.Rule), strengthOf(f.Score), f.Weight, f.Severity, plain(f.Evidence, 160))
	}
	if err := columns.Flush(); err != nil {
		return fmt.Errorf("writing the findings: %w", err)
	}
	if len(l.Signals) == 0 {
		_, err := fmt.Fprintln(w, "\n  No signals: "+unmeasured(l))
		return err
	}
	fmt.Fprintln(columns, "\n  SIGNAL\tVALUE\tWEIGHT\tEVIDENCE")
	for _, s := range l.Signals {
		fmt.Fprintf(columns, "  %s\t%.4g\t%+.1f\t%s\n", s.Name, s.Value, s.Weight, plain(s.Evidence, 160))
	}
	if err := columns.Flush(); err != nil {
		return fmt.Errorf("writing the signals: %w", err)
	}
	return nil
}

// unmeasured says why nothing was measured.
func unmeasured(l sweepLine) string {
	switch {
	case l.Verdict == string(compare.Unchanged):
		return "the look equals an approved one."
	case l.Verdict == string(compare.NotComparable):
		return "the look cannot be compared."
	}
	return "there was no approved look to measure by, so the content rules decided alone."
}

// familyOf names the family of a rule: two votes of one family are one.
func familyOf(id string) string {
	all := compare.Rules()
	if i := slices.IndexFunc(all, func(r compare.Rule) bool { return r.ID == id }); i >= 0 {
		return all[i].Family()
	}
	return "-"
}

// strengthOf says what a finding of this score counts for in the verdict: see
// compare's fusion, where a decisive one scores 0.95, a vote 0.6 and a note 0.35.
func strengthOf(score float64) string {
	switch {
	case score >= 0.9:
		return "decisive"
	case score >= 0.5:
		return "vote"
	}
	return "note"
}

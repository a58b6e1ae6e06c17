package compare

import (
	"cmp"
	"fmt"
	"slices"
)

// strength is what a hit counts for.
type strength int

const (
	note     strength = iota // worth an analyst's look
	vote                     // two of different families alert
	decisive                 // alerts alone
)

// Scores of one hit by strength: ranks rather than probabilities. What a finding
// says in numbers is its Weight.
const (
	noteScore     = 0.35
	voteScore     = 0.6
	decisiveScore = 0.95
)

func (s strength) score() float64 {
	switch s {
	case decisive:
		return decisiveScore
	case vote:
		return voteScore
	}
	return noteScore
}

// hit is a rule that fired, before fusion.
type hit struct {
	rule     string
	strength strength
	severity Severity // "" for the rule's own
	evidence string
	region   *Box
}

// finding renders a hit by its rule.
func (h hit) finding() Finding {
	r := ruleByID[h.rule]
	f := Finding{Kind: r.Kind, Rule: r.ID, Severity: r.Severity, Score: h.strength.score(), Why: r.why, Evidence: h.evidence, Region: h.region}
	if h.severity != "" {
		f.Severity = h.severity
	}
	if h.strength == note && f.Severity.Rank() > Medium.Rank() {
		f.Severity = Medium
	}
	return f
}

// fuse turns hits into verdict, score and reason. This is the only place that
// decides: one decisive hit, or votes of two families, alert; anything less is
// for the analysts.
func fuse(r *Report, hits []hit) {
	families := map[string]bool{}
	top := note
	for _, h := range hits {
		top = max(top, h.strength)
		if h.strength >= vote {
			families[ruleByID[h.rule].family] = true
		}
		r.Findings = append(r.Findings, h.finding())
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Severity.Rank(), a.Severity.Rank()))
	})
	weigh(r)
	switch {
	case top == decisive || len(families) >= 2:
		r.Verdict = Alert
		r.Score = max(r.Score, alertScore)
		raiseVotes(r.Findings)
	case len(hits) > 0:
		r.Verdict = Suspicious
		r.Score = min(max(r.Score, queueScore), alertScore-0.01)
	case r.NotComparable != "":
		r.Verdict = NotComparable
		r.Score = 0
	default:
		r.Verdict = Benign
		r.Score = min(r.Score, queueScore-0.01)
	}
	r.Why = reason(r)
}

// raiseVotes makes findings High that paged somebody together: what is worth a
// mail at night is not of medium weight, although each of them alone would be. A page
// that got another name, as others agree, got it from an intruder.
func raiseVotes(findings []Finding) {
	for i, f := range findings {
		switch {
		case f.Rule == "defacement.heading":
			findings[i].Severity = Critical
		case f.Score >= voteScore && f.Severity.Rank() < High.Rank():
			findings[i].Severity = High
		}
	}
}

// The scores of verdicts do not overlap: what pages people is above what waits for
// an analyst, and that above what asks nobody.
const (
	alertScore = 0.8
	queueScore = 0.2
)

// reason is one sentence for the people who run the site.
func reason(r *Report) string {
	switch {
	case len(r.Findings) > 0:
		why := r.Findings[0].Why
		if n := len(r.Findings) - 1; n > 0 {
			why += fmt.Sprintf(" (and %d more findings)", n)
		}
		return why
	case r.Verdict == NotComparable:
		return "This look cannot be compared: " + r.NotComparable + "."
	case r.ChangedShare > 0:
		return fmt.Sprintf("The page changed as living pages do: %.1f %% of the picture differs and nothing in it is out of place.", 100*r.ChangedShare)
	}
	return "The page changed as living pages do, and nothing in it is out of place."
}

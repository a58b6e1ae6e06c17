package compare

import "slices"

// Servers have honest reasons to show phones and robots another page than desktops:
// a narrow layout, a host of its own for phones, no advertisements, all of the text
// at once. Intruders who want to last have theirs. Such a look is held against the
// approved ones, which are a desktop's, by what the page says and does. How it looks
// and how it is laid out is not compared. That nothing of the site is left, not
// even the marks of its owner, is no layout.

// forgive takes for notes what another layout explains.
func (c *comparison) forgive(hits []hit) []hit {
	if !c.look.Other {
		return hits
	}
	for i, h := range hits {
		if ruleByID[h.rule].family == "replaced" && h.strength < decisive {
			hits[i].strength = note
		}
	}
	return hits
}

// settle ends the judgement of another visitor's look. Notes stay on its record, but
// ask nobody: pages laid out for phones have them every day, and there is no approved
// look of a phone by which an analyst could end that.
func (c *comparison) settle(r *Report) {
	telling := func(f Finding) bool { return f.Score >= voteScore }
	if !c.look.Other || r.Verdict != Suspicious || slices.ContainsFunc(r.Findings, telling) {
		return
	}
	r.Verdict, r.Score = Benign, min(r.Score, queueScore-0.01)
	r.Why = "This visitor is shown another page than a desktop, and nothing in it is out of place."
}

package monitor

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"pasban/compare"
)

// An incident that is open must not hide the next attack by the same means: a second
// skimmer is found by the rule that found the first. What tells them apart is whom
// they name or, where nobody is named, what they say.

const (
	// sure is the score from which on a finding is told by its evidence as well:
	// that of a finding that alerts alone. The evidence of weaker ones, a list of
	// words or a count, is another at every second look.
	sure = 0.9
	// maxAttacks is how many attacks by one rule on one page an incident tells
	// apart. A page that names another host at each load would write a mail at
	// each look.
	maxAttacks = 4
)

// sameAttack reports that a finding tells nothing that a known one of its rule did not.
func sameAttack(known, f compare.Finding) bool {
	if known.Rule != f.Rule {
		return false
	}
	if f.Severity.Rank() < compare.High.Rank() || f.Score < sure {
		return true
	}
	was, is := hostsIn(known.Evidence), hostsIn(f.Evidence)
	if len(is) == 0 {
		return lettersOf(known.Evidence) == lettersOf(f.Evidence)
	}
	return !slices.ContainsFunc(is, func(h string) bool { return !slices.Contains(was, h) })
}

var hostName = regexp.MustCompile(`(?i)\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}\b`)

func hostsIn(evidence string) []string { return hostName.FindAllString(strings.ToLower(evidence), -1) }

// lettersOf is a text without its numbers, signs and spaces: a share of 96 % says
// what one of 97 % did.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// full reports that an incident has heard as much of a rule on the page of a capture
// as it tells apart, at the severity of a finding or above.
func full(i Incident, c Capture, f compare.Finding) bool {
	n := 0
	for _, k := range i.Findings {
		if k.Rule == f.Rule && k.seenBy(c) && k.Severity.Rank() >= f.Severity.Rank() {
			n++
		}
	}
	return n >= maxAttacks
}

// seenBy reports a finding on the page of a capture, as seen by its visitor.
func (f IncidentFinding) seenBy(c Capture) bool {
	return f.Target == c.Target && f.Visitor.other() == c.Visitor.other() && (!c.Visitor.other() || f.Visitor == c.Visitor)
}

// entryOf is where in an incident a finding of a capture is counted, -1 if it is new.
func entryOf(i *Incident, c Capture, f compare.Finding) int {
	at := slices.IndexFunc(i.Findings, func(k IncidentFinding) bool { return k.seenBy(c) && sameAttack(k.Finding, f) })
	if at < 0 && full(*i, c, f) {
		at = slices.IndexFunc(i.Findings, func(k IncidentFinding) bool { return k.seenBy(c) && k.Rule == f.Rule })
	}
	return at
}

// tellsMore reports a finding, new to an incident, of which its people must hear: of
// another kind of attack, or of another attack by the same rule on the same page.
func tellsMore(i *Incident, c Capture, f compare.Finding) bool {
	if f.Severity.Rank() < compare.High.Rank() {
		return false
	}
	kind, rule, same := false, false, false
	for _, k := range i.Findings {
		kind = kind || k.Kind == f.Kind
		rule = rule || k.Rule == f.Rule && k.Target == c.Target
		same = same || k.Target == c.Target && sameAttack(k.Finding, f)
	}
	return !kind || rule && !same
}

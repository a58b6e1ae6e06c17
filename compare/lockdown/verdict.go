package lockdown

import (
	"slices"
	"time"
)

// State is what a verdict says of a control.
type State string

// The states. Waived is given by who knows of waivers, never by Judge.
const (
	Closed  State = "closed"
	Open    State = "open"
	Unknown State = "unknown"
	Waived  State = "waived"
)

// Verdict is what was found of one control.
type Verdict struct {
	Control string `json:"control"`
	State   State  `json:"state"`
	// Why is one sentence, in words of ours: what is open, or why nothing is known.
	Why string `json:"why,omitempty"`
	// Evidence is what was seen, at most 5 lines of 300 bytes. It is hostile text.
	Evidence []string `json:"evidence,omitempty"`
	// Box is where to look in the picture, nil if there is nothing to see.
	Box *Box `json:"box,omitempty"`
}

// Bounds of a verdict's evidence.
const (
	MaxEvidence     = 5 // lines
	maxEvidenceLine = 300
)

// add notes one thing that was seen.
func (v *Verdict) add(line string) {
	line = clip(line, maxEvidenceLine)
	if len(v.Evidence) < MaxEvidence && !slices.Contains(v.Evidence, line) {
		v.Evidence = append(v.Evidence, line)
	}
}

// show points at a place in the picture, unless an earlier one was pointed at.
func (v *Verdict) show(b Box) {
	if v.Box == nil && !b.empty() {
		v.Box = &b
	}
}

func closed(why string) Verdict  { return Verdict{State: Closed, Why: why} }
func unknown(why string) Verdict { return Verdict{State: Unknown, Why: why} }

// Evidence is what a verdict is reached from.
type Evidence struct {
	Page *Page // nil if there is no look
	// Server is what the active checks found, nil if they were not made; then Passive
	// says whether the watchlist forbids them.
	Server  *Server
	Passive bool
	// Home says that the page is the site's home page, on which the controls that are
	// not Everywhere are judged.
	Home bool
	// Allowed are hosts whose scripts the watchlist allows, Origin the addresses at
	// which the server behind a CDN is known.
	Allowed []string
	Origin  []string
	// Now is the day by which ends of support count.
	Now time.Time
}

// Judge reaches a verdict on each of the controls, in the order given; nil means all.
// Of a page that is not the home page only those that are Everywhere are judged.
func Judge(e Evidence, controls []string) []Verdict {
	var out []Verdict
	for _, c := range table {
		if controls != nil && !slices.Contains(controls, c.ID) || !c.Everywhere && !e.Home {
			continue
		}
		v := e.judge(c)
		v.Control = c.ID
		if v.State == Open && v.Why == "" {
			v.Why = c.open
		}
		out = append(out, v)
	}
	return out
}

// tests are how the controls are judged. Those that need the page are not asked
// without one, nor those that are Active without the server.
var tests map[string]func(Evidence) Verdict

func init() {
	tests = map[string]func(Evidence) Verdict{
		"login": door(login), "upload": door(upload), "form": form, "comment": comment, "search": door(search), "chat": chat, "script": script,
		"method": method, "backend": backend, "shell": shell, "listing": listing, "database": database, "outdated": outdated, "version": version,
		"cdn": cdn, "origin": origin, "tls": secure, "hsts": hsts, "csp": csp, "headers": security, "others": others, "contact": contact,
	}
}

func (e Evidence) judge(c Control) Verdict {
	switch {
	case !c.Active && e.Page == nil:
		return unknown("The page was not looked at yet.")
	case !c.Active && e.Page.Unseen != "":
		return unknown("The page could not be seen: " + clip(e.Page.Unseen, maxEvidenceLine))
	case c.Active && e.Passive:
		return unknown("Only active checks can tell, and the watchlist does not authorise them for this site: put \"active\" into its lockdown column.")
	case c.Active && e.Server == nil:
		return unknown("The active checks were not made yet.")
	case c.Active && e.Server.Unseen != "":
		return unknown("The server let nothing be learnt: " + clip(e.Server.Unseen, maxEvidenceLine))
	}
	return tests[c.ID](e)
}

// Score sums up verdicts: how much of what was demanded is proved, by weight, from 0
// to 100. What is unknown is not proved. What was waived counts as kept. 100 of none.
func Score(verdicts []Verdict) int {
	kept, all := 0, 0
	for _, v := range verdicts {
		c, known := ByID(v.Control)
		if !known {
			continue
		}
		all += c.weight()
		if v.State == Closed || v.State == Waived {
			kept += c.weight()
		}
	}
	if all == 0 {
		return 100
	}
	return kept * 100 / all
}

// Worst is the state of several pages together: one open door opens the site, and what
// is not known of one page is not known.
func Worst(a, b State) State {
	for _, s := range []State{Open, Unknown, Waived, Closed} {
		if a == s || b == s {
			return s
		}
	}
	return a
}

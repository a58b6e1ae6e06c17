package smtp

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"pasban/alerting"
)

// Bounds on what one mail shows. Some mail programs cut HTML at 100 kB, and the
// first thing to be cut would be the advice.
const (
	maxReasons  = 8
	maxSentence = 400
	maxEvidence = 240
	maxName     = 100
)

// content is what the templates show: bounded, defanged and in one language.
type content struct {
	Lang, Dir                   string
	Subject                     string
	Event, Kind, Lead, Summary  string
	Level, Severity             string // key and word
	Facts                       []fact
	ReasonsTitle, EvidenceTitle string
	Reasons                     []reason
	More                        string
	Now                         *picture // the page as it is: shown first
	PicturesTitle               string
	Others                      []picture
	PictureNote                 string // that one is missing
	InHTML                      string // for the text: where the pictures are
	AdviceTitle                 string
	Advice                      []string
	Console, ConsoleTitle       string
	TLP, TLPColour, TLPMeaning  string
	SharingTitle                string
	IncidentTitle, Incident     string
	ContactTitle, Contact       string
	Footer                      string

	pictures []picture
	over     bool // recovered or closed: nothing is on fire
}

// reason is one finding.
type reason struct {
	Why, Evidence, Level, Severity string
}

// newContent turns an alert into what a mail says.
func newContent(a alerting.Alert, lang string, zone *time.Location) *content {
	w := words(lang)
	c := &content{
		Lang: alerting.Language(lang), Dir: w.dir,
		Event: w.events[string(a.Event)], Kind: pick(w.kinds, a.Kind, ""),
		Severity: pick(w.severities, a.Severity, ""),
		Lead:     lead(a, w),
		Facts:    facts(a, w, zone), ReasonsTitle: w.reasons, EvidenceTitle: w.evidence,
		PicturesTitle: w.picturesTitle, SharingTitle: w.sharing,
		IncidentTitle: w.incident, Incident: fmt.Sprint(a.Incident),
		ContactTitle: w.contact, Contact: alerting.Visible(a.Contact, 2*maxName),
		Console: consoleLink(a.ConsoleURL), ConsoleTitle: w.console, Footer: w.footer,
	}
	if _, c.over = w.afterwards[string(a.Event)]; !c.over {
		c.Level = a.Severity // gives the colour
	}
	c.setSharing(a, w)
	c.setReasons(a, w)
	c.setSummary(a, w)
	c.setAdvice(a, w)
	c.Subject = subject(a, c, w)
	if a.Number != "" {
		c.Incident = fmt.Sprintf("%s (%d)", a.Number, a.Incident)
	}
	if a.ForCERT && a.Number != "" {
		c.Subject += " [" + a.Number + "]"
	}
	c.setPictures(a, w)
	return c
}

// lead is the first sentence: what is the matter, or what has become of it.
func lead(a alerting.Alert, w *wording) string {
	if _, ok := w.outcomes[string(a.Event)]; ok {
		return pick(w.outcomes, ofKind(a), string(a.Event))
	}
	return pick(w.leads, a.Kind, "")
}

// ofKind is the key of what is said about an event where it is another thing for one
// kind of incident.
func ofKind(a alerting.Alert) string { return string(a.Event) + "." + a.Kind }

func (c *content) setReasons(a alerting.Alert, w *wording) {
	for i, r := range a.Reasons {
		if i == maxReasons {
			c.More = fmt.Sprintf(w.more, len(a.Reasons)-maxReasons)
			return
		}
		c.Reasons = append(c.Reasons, reason{
			Why: alerting.Inert(pickRule(w, r), maxSentence), Evidence: alerting.Inert(r.Evidence, maxEvidence),
			Level: r.Severity, Severity: pick(w.severities, r.Severity, ""),
		})
	}
}

// pickRule is what a reason says in the language of w.
func pickRule(w *wording, r alerting.Reason) string {
	if s, ok := w.rules[r.Rule]; ok {
		return s
	}
	return r.Why
}

// setSummary shows the verdict's own sentence, which is English. A mail in
// another language does without it where its lead and its reasons say it all.
func (c *content) setSummary(a alerting.Alert, w *wording) {
	needed := w.rules == nil || len(a.Reasons) == 0 && !c.over
	for _, r := range a.Reasons {
		if _, ok := w.rules[r.Rule]; !ok {
			needed = true
		}
	}
	if needed {
		c.Summary = alerting.Inert(a.Summary, maxSentence)
	}
}

// setAdvice chooses the first-hour steps while the incident is on, and what
// follows once it is not.
func (c *content) setAdvice(a alerting.Alert, w *wording) {
	if steps, ok := w.afterwards[string(a.Event)]; ok {
		if own, ok := w.afterwards[ofKind(a)]; ok {
			steps = own
		}
		c.AdviceTitle, c.Advice = w.next, steps
		return
	}
	c.AdviceTitle, c.Advice = w.advice, alerting.Advice(a.Kind, c.Lang)
}

// setSharing sets the Traffic Light Protocol label. A label that is not one of
// TLP 2.0's five becomes AMBER: too careful is the better mistake.
func (c *content) setSharing(a alerting.Alert, w *wording) {
	c.TLP = strings.ToUpper(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(a.TLP)), "TLP:"))
	if c.TLP == "WHITE" {
		c.TLP = "CLEAR" // its name in TLP 1.0
	}
	if _, ok := w.tlp[c.TLP]; !ok {
		c.TLP = "AMBER"
	}
	c.TLPMeaning = w.tlp[c.TLP]
	c.TLPColour = tlpColours[strings.TrimSuffix(c.TLP, "+STRICT")]
}

// tlpColours are the colours of the labels on black, from the TLP 2.0 standard
// (https://www.first.org/tlp/).
var tlpColours = map[string]string{
	"RED": "#ff2b2b", "AMBER": "#ffc000", "GREEN": "#33ff00", "CLEAR": "#ffffff",
}

// consoleLink passes a link to our own console, if it is a web address.
func consoleLink(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

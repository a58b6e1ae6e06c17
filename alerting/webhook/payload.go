package webhook

import (
	"time"

	"pasban/alerting"
)

// Bounds on one payload, which stays below 100 kB whatever the site sent.
const (
	maxReasons = 50
	maxText    = 500 // characters of one field
)

// payload is the body of a request. Times are UTC.
type payload struct {
	Type      string    `json:"type"` // "incident." and the event
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

// data is the alert. Hostile text is bounded, control and direction characters
// in it are written out, and addresses are defanged: it may be shown anywhere.
type data struct {
	Alert       string     `json:"alert"`
	Incident    int64      `json:"incident"`
	Event       string     `json:"event"`
	Kind        string     `json:"kind"`
	Severity    string     `json:"severity"`
	TLP         string     `json:"tlp"`
	Institution string     `json:"institution"`
	Site        string     `json:"site"`
	SiteName    string     `json:"site_name,omitempty"`
	URL         string     `json:"url"`
	FinalURL    string     `json:"final_url,omitempty"`
	PageTitle   string     `json:"page_title,omitempty"`
	Opened      time.Time  `json:"opened"`
	Observed    time.Time  `json:"observed"`
	LastGood    *time.Time `json:"last_good,omitempty"`
	Summary     string     `json:"summary"`
	Score       float64    `json:"score,omitempty"`
	Confirmed   bool       `json:"confirmed"`
	Reasons     []reason   `json:"reasons"`
	LeftOut     int        `json:"reasons_left_out,omitempty"`
	Pictures    []picture  `json:"pictures"`
	Advice      []string   `json:"advice,omitempty"` // while the incident is on
	Console     string     `json:"console,omitempty"`
	Contact     string     `json:"contact,omitempty"`
	Campaign    string     `json:"campaign,omitempty"` // the mass event it is part of
	Number      string     `json:"number,omitempty"`   // under which the incident is reported
}

type reason struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Why      string `json:"why"`
	Evidence string `json:"evidence,omitempty"`
}

// picture names a picture in evidence storage.
type picture struct {
	Name   string `json:"name"`
	MIME   string `json:"mime"`
	Ref    string `json:"ref"`
	SHA256 string `json:"sha256"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// newPayload bounds and defangs an alert.
func newPayload(a alerting.Alert, lang string, now time.Time) payload {
	d := data{
		Alert: a.ID, Incident: a.Incident, Event: string(a.Event), Kind: a.Kind, Severity: a.Severity, TLP: a.TLP,
		Institution: text(a.Institution), Site: text(a.Site), SiteName: text(a.SiteName),
		URL: alerting.Defang(a.URL), FinalURL: alerting.Defang(a.FinalURL), PageTitle: text(a.PageTitle),
		Opened: a.Opened.UTC(), Observed: a.Observed.UTC(), Summary: text(a.Summary),
		Score: a.Score, Confirmed: a.Confirmed, Reasons: []reason{}, Pictures: []picture{},
		Console: a.ConsoleURL, Contact: a.Contact, Campaign: text(a.Campaign), Number: a.Number,
	}
	if a.Event == alerting.Opened || a.Event == alerting.Escalated {
		d.Advice = alerting.Advice(a.Kind, lang)
	}
	if !a.LastGood.IsZero() {
		at := a.LastGood.UTC()
		d.LastGood = &at
	}
	for i, r := range a.Reasons {
		if i == maxReasons {
			d.LeftOut = len(a.Reasons) - maxReasons
			break
		}
		d.Reasons = append(d.Reasons, reason{Rule: text(r.Rule), Severity: text(r.Severity), Why: text(r.Why), Evidence: text(r.Evidence)})
	}
	for _, p := range a.Pictures {
		d.Pictures = append(d.Pictures, picture{p.Name, p.MIME, p.Ref, p.SHA256, p.Width, p.Height})
	}
	kind := "incident."
	if a.Notice != nil {
		kind = "watch."
		d.setNotice(*a.Notice)
	}
	return payload{Type: kind + string(a.Event), Timestamp: now.UTC(), Data: d}
}

// setNotice puts what a notice says where an incident says it: its sites are reasons.
func (d *data) setNotice(n alerting.Notice) {
	d.Kind, d.Summary, d.Advice, d.LeftOut = "watch", text(n.Title+": "+n.Text), n.Advice, n.MoreSites
	for i, s := range n.Sites {
		if i == maxReasons {
			d.LeftOut += len(n.Sites) - maxReasons
			break
		}
		d.Reasons = append(d.Reasons, reason{Rule: "availability.unseen", Why: text(s.Why), Evidence: text(s.Name) + ", " + alerting.Defang(s.URL)})
	}
}

func text(s string) string { return alerting.Inert(s, maxText) }

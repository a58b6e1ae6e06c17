package smtp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/wneessen/go-mail"

	"pasban/alerting"
)

// report is what the CERT's machines read of an incident: attached as NUMBER-REVISION.json.
// Hostile text is bounded and made inert, and addresses are defanged, as in the mail.
type report struct {
	Schema      string         `json:"schema"` // "pasban-report/1"
	Number      string         `json:"number"` // the same in all revisions
	Revision    int            `json:"revision"`
	Event       string         `json:"event"`
	State       string         `json:"state"`
	Incident    int64          `json:"incident"`
	Campaign    string         `json:"campaign,omitempty"`
	Kind        string         `json:"kind"`
	Severity    string         `json:"severity"`
	TLP         string         `json:"tlp"`
	Institution string         `json:"institution"`
	Tier        string         `json:"tier"`
	Region      string         `json:"region"`
	Site        string         `json:"site"`
	SiteName    string         `json:"site_name"`
	URL         string         `json:"url"`
	Opened      time.Time      `json:"opened"`
	Observed    time.Time      `json:"observed"`
	LastGood    *time.Time     `json:"last_good,omitempty"`
	Summary     string         `json:"summary"`
	Confirmed   bool           `json:"confirmed"`
	Findings    []reportReason `json:"findings"`
	LeftOut     int            `json:"findings_left_out,omitempty"`
	Logs        []reportLog    `json:"log_findings,omitempty"`
	MoreLogs    int            `json:"log_findings_left_out,omitempty"`
	Pictures    []reportImage  `json:"pictures"`
}

type reportReason struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Why      string `json:"why"`
	Evidence string `json:"evidence,omitempty"`
}

// reportLog is what the site's own web server noted.
type reportLog struct {
	Rule     string    `json:"rule"`
	Severity string    `json:"severity"`
	Why      string    `json:"why"`
	Request  string    `json:"request"`
	Agent    string    `json:"agent,omitempty"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Count    int64     `json:"count"`
}

type reportImage struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

const maxReportFindings = 100

func newReport(a alerting.Alert) report {
	text := func(s string) string { return alerting.Inert(s, maxSentence) }
	r := report{
		Schema: "pasban-report/1", Number: a.Number, Revision: a.Revision, Event: string(a.Event), State: a.State, Incident: a.Incident,
		Campaign: a.Campaign, Kind: a.Kind, Severity: a.Severity, TLP: a.TLP, Institution: text(a.Institution), Tier: a.Tier, Region: text(a.Region),
		Site: text(a.Site), SiteName: text(a.SiteName), URL: alerting.Defang(a.URL), Opened: a.Opened.UTC(), Observed: a.Observed.UTC(),
		Summary: text(a.Summary), Confirmed: a.Confirmed, Findings: []reportReason{}, Pictures: []reportImage{},
	}
	if !a.LastGood.IsZero() {
		at := a.LastGood.UTC()
		r.LastGood = &at
	}
	for i, f := range a.Reasons {
		if i == maxReportFindings {
			r.LeftOut = len(a.Reasons) - i
			break
		}
		r.Findings = append(r.Findings, reportReason{text(f.Rule), f.Severity, text(f.Why), text(f.Evidence)})
	}
	r.MoreLogs = a.MoreLogs + max(0, len(a.Logs)-maxReportFindings)
	for _, l := range a.Logs[:min(len(a.Logs), maxReportFindings)] {
		r.Logs = append(r.Logs, reportLog{text(l.Rule), l.Severity, text(l.Why), text(l.Request), text(l.Agent), l.First.UTC(), l.Last.UTC(), l.Count})
	}
	for _, p := range a.Pictures {
		r.Pictures = append(r.Pictures, reportImage{p.Name, p.SHA256})
	}
	return r
}

// reportNumber is the form of a number that may become the name of a file.
var reportNumber = regexp.MustCompile(`^[A-Z0-9-]{1,40}$`)

// attachReport adds the report for machines to what goes to the CERT.
func attachReport(m *mail.Msg, a alerting.Alert) error {
	if !a.ForCERT || !reportNumber.MatchString(a.Number) {
		return nil
	}
	data, err := json.MarshalIndent(newReport(a), "", "  ")
	if err == nil {
		name := fmt.Sprintf("%s-%d.json", a.Number, a.Revision)
		err = m.AttachReader(name, bytes.NewReader(append(data, '\n')), mail.WithFileContentType("application/json"))
	}
	if err != nil {
		return fmt.Errorf("attaching the report %s: %w", a.Number, err)
	}
	return nil
}

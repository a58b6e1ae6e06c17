package smtp

import (
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"pasban/alerting"
)

// Several incidents in one mail: the victims of a campaign and what they share, or the
// alerts that a storm held back. It is a list rather than an alarm with pictures; those
// went to each institution, or are kept with the incidents.

// maxRows of a list are in the HTML, of which mail programs show 100 kB; the text part
// has them all.
const maxRows = 60

// group writes it.
func (s *Sink) group(alert alerting.Alert, to alerting.Address) (*mail.Msg, error) {
	content := newGroup(alert, to.Language, s.zone)
	l := letter{lang: content.Lang, subject: content.Subject}
	if err := l.fill("list", textGroup, htmlGroup, content); err != nil {
		return nil, err
	}
	m, err := s.envelope(l, alert, to)
	if err == nil && alert.Group.Campaign != "" {
		thread := alert
		thread.ID, thread.Incident = alert.Group.Campaign, 0
		s.setThread(m, thread, to)
	}
	return m, err
}

// groupContent is what the templates show: bounded, defanged and in one language.
type groupContent struct {
	Lang, Dir                             string
	Subject, Title, Lead                  string
	Level, Severity                       string
	TLP, TLPColour, TLPMeaning            string
	SharedTitle, LinesTitle               string
	Shared                                []groupShared
	Rows                                  []groupRow // those of the HTML
	Lines                                 []groupRow // all
	Remarks                               []string   // on rows that are not there
	More                                  string
	AdviceTitle                           string
	Advice                                []string
	Commands                              []string
	ContactTitle, Contact                 string
	SharingTitle, NewTitle, IncidentTitle string
	Footer, Opened                        string
}

type groupShared struct{ Name, Value, Sites string }

type groupRow struct {
	Number                 int
	Level, Severity, What  string
	Name, Address          string
	Since, State, Incident string
	New                    bool
}

func newGroup(a alerting.Alert, lang string, zone *time.Location) *groupContent {
	w := words(lang)
	gw, g := w.groups, *a.Group
	c := &groupContent{
		Lang: alerting.Language(lang), Dir: w.dir, Level: a.Severity, Severity: pick(w.severities, a.Severity, ""),
		ContactTitle: w.contact, Contact: alerting.Visible(a.Contact, 2*maxName), SharingTitle: w.sharing, NewTitle: gw.fresh,
		IncidentTitle: w.incident, Footer: gw.footer, Opened: w.time(a.Opened, zone),
	}
	sharing := content{}
	sharing.setSharing(a, w)
	c.TLP, c.TLPColour, c.TLPMeaning = sharing.TLP, sharing.TLPColour, sharing.TLPMeaning
	for i, l := range g.Lines[:min(len(g.Lines), alerting.GroupLines)] {
		c.Lines = append(c.Lines, newGroupRow(i+1, l, w, gw, zone))
	}
	c.Rows = c.Lines[:min(len(c.Lines), maxRows)]
	if n := len(c.Lines) - len(c.Rows); n > 0 {
		c.Remarks = append(c.Remarks, fmt.Sprintf(gw.moreRows, n))
	}
	if more := g.More + len(g.Lines) - len(c.Lines); more > 0 {
		c.More = fmt.Sprintf(gw.more, more)
		c.Remarks = append(c.Remarks, c.More)
	}
	if g.Campaign == "" {
		c.describeStorm(g, w, gw)
	} else {
		c.describeCampaign(g, w, gw)
	}
	return c
}

func (c *groupContent) describeStorm(g alerting.Group, w *wording, gw *groupWording) {
	c.Title, c.Lead, c.LinesTitle = fmt.Sprintf(gw.stormTitle, g.Count), gw.stormLead, gw.stormLines
	c.Subject = fmt.Sprintf(gw.stormSubject, c.TLP, g.Count, c.Severity)
	c.AdviceTitle, c.Advice = w.next, gw.stormAdvice
}

func (c *groupContent) describeCampaign(g alerting.Group, w *wording, gw *groupWording) {
	id := alerting.Visible(g.Campaign, maxName)
	fresh := 0
	for _, l := range g.Lines {
		if l.New {
			fresh++
		}
	}
	c.Title = fmt.Sprintf(gw.title, g.Count)
	c.Lead = fmt.Sprintf(gw.lead, g.Count, g.Institutions, c.Opened)
	c.Subject = fmt.Sprintf(gw.subject, c.TLP, id, g.Count, g.Institutions, c.Severity)
	if !g.First {
		c.Title = fmt.Sprintf(gw.titleUpdate, g.Count, fresh)
		c.Subject = fmt.Sprintf(gw.subjectUpdate, c.TLP, id, g.Count, fresh, c.Severity)
	}
	c.LinesTitle, c.SharedTitle = gw.lines, gw.shared
	for _, s := range g.Shared {
		c.Shared = append(c.Shared, groupShared{Name: pick(gw.kinds, s.Kind, ""), Value: sharedValue(s, gw), Sites: fmt.Sprintf(gw.sites, s.Sites)})
	}
	c.AdviceTitle, c.Advice = w.next, gw.advice
	c.Commands = []string{"pasban incidents list --campaign " + id}
}

// sharedValue is a trace that can be read, copied and searched for, and not clicked.
func sharedValue(s alerting.Shared, gw *groupWording) string {
	switch s.Kind {
	case "host", "address":
		return alerting.Defang(s.Value)
	case "picture":
		return gw.alike // its hash says nothing to anybody
	}
	return alerting.Inert(s.Value, maxEvidence)
}

func newGroupRow(n int, l alerting.GroupLine, w *wording, gw *groupWording, zone *time.Location) groupRow {
	name := alerting.Visible(l.Institution, maxName)
	if site := alerting.Visible(l.SiteName, maxName); site != "" && site != name {
		name = strings.TrimPrefix(name+" – "+site, " – ")
	}
	what := pick(w.kinds, l.Kind, "")
	if event := w.events[string(l.Event)]; event != "" {
		what = event + ": " + what
	}
	return groupRow{
		Number: n, Level: l.Severity, Severity: pick(w.severities, l.Severity, ""), What: what, Name: alerting.Inert(name, 2*maxName),
		Address: alerting.Defang(l.URL), Since: w.time(l.Opened, zone), State: gw.states[l.State], Incident: fmt.Sprint(l.Incident), New: l.New,
	}
}

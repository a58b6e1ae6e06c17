package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"pasban/console/desk"
	"pasban/monitor"
)

// Incident gathers the findings of one site over time.
type Incident struct {
	ID        int64         `json:"id"`
	Site      string        `json:"site"`
	Page      string        `json:"page" doc:"Where it was seen first."`
	Kind      string        `json:"kind"`
	Severity  string        `json:"severity"`
	State     monitor.State `json:"state" enum:"open,acknowledged,contained,resolved,false_alarm"`
	Summary   string        `json:"summary"`
	Opened    time.Time     `json:"opened"`
	Updated   time.Time     `json:"updated"`
	Recovered time.Time     `json:"recovered,omitzero" doc:"When the approved look was seen again."`
	Campaign  string        `json:"campaign,omitempty"`
}

func incidentOf(i monitor.Incident) Incident {
	return Incident{ID: i.ID, Site: i.Site, Page: i.Target, Kind: string(i.Kind), Severity: string(i.Severity), State: i.State, Summary: why(i.Summary), Opened: i.Opened, Updated: i.Updated, Recovered: i.Recovered, Campaign: i.Campaign}
}

// story is an incident with all that belongs to it.
type story struct {
	Incident
	Name        string            `json:"name" doc:"Of the site."`
	Institution institution       `json:"institution"`
	Owner       string            `json:"owner,omitempty" doc:"The account whose it is."`
	Findings    []incidentFinding `json:"findings"`
	Timeline    []moment          `json:"timeline"`
	Logs        []logLine         `json:"logs" doc:"What the site's access logs tell of it."`
	LogsLeftOut int               `json:"logs_left_out,omitempty"`
	Deliveries  []delivery        `json:"deliveries,omitempty" doc:"Who was told."`
	Related     []int64           `json:"related,omitempty" doc:"Incidents of the same campaign."`
	EvidenceURL string            `json:"evidence_url,omitempty" doc:"An archive of the evidence. Holds for some minutes."`
}

type incidentFinding struct {
	Finding
	Look string    `json:"look"`
	Page string    `json:"page"`
	At   time.Time `json:"at"`
	Seen int       `json:"seen" doc:"How many looks showed it."`
	Over time.Time `json:"over,omitzero"`
}

type moment struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Who  string    `json:"who,omitempty"`
	Text string    `json:"text,omitempty"`
}

type logLine struct {
	Rule     string    `json:"rule"`
	Severity string    `json:"severity"`
	Why      string    `json:"why"`
	Client   string    `json:"client"`
	Request  string    `json:"request"`
	Count    int64     `json:"count"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	File     string    `json:"file"`
	Line     int64     `json:"line"`
}

type delivery struct {
	ID        int64     `json:"id"`
	Alert     string    `json:"alert"`
	Sink      string    `json:"sink"`
	Recipient string    `json:"recipient"`
	State     string    `json:"state" doc:"pending, sending, sent, failed, held, grouped or withheld"`
	Attempts  int       `json:"attempts"`
	Problem   string    `json:"problem,omitempty" doc:"Of the last attempt."`
	Silence   int64     `json:"silence,omitempty" doc:"What holds or held it."`
	Created   time.Time `json:"created"`
	Updated   time.Time `json:"updated"`
}

func deliveryOf(d monitor.Delivery) delivery {
	out := delivery{ID: d.ID, Alert: d.Alert, Sink: d.Sink, Recipient: name(d.Recipient), State: string(d.State), Attempts: len(d.Attempts), Silence: d.Silence, Created: d.Created, Updated: d.Updated}
	if n := len(d.Attempts); n > 0 {
		out.Problem = why(d.Attempts[n-1].Error)
	}
	return out
}

// campaign is one attack on several sites.
type campaign struct {
	ID        string     `json:"id"`
	Opened    time.Time  `json:"opened"`
	Updated   time.Time  `json:"updated"`
	PartOf    string     `json:"part_of,omitempty" doc:"The campaign that it turned out to be part of: its incidents are there."`
	Incidents []Incident `json:"incidents,omitempty" doc:"Of one campaign only, by ID; at most 200."`
}

func campaignOf(c monitor.Campaign) campaign {
	return campaign{ID: c.ID, Opened: c.Opened, Updated: c.Updated, PartOf: c.PartOf}
}

type incidentQuery struct {
	Paging
	Open     bool      `query:"open" doc:"Only those that are not closed."`
	Since    time.Time `query:"since" doc:"Only those that were opened at that moment or later." example:"2026-01-31T12:00:00Z"`
	State    string    `query:"state" enum:"open,acknowledged,contained,resolved,false_alarm"`
	Kind     string    `query:"kind" enum:"defacement,injection,leak,lockdown,availability"`
	Severity string    `query:"severity" enum:"low,medium,high,critical"`
	Site     string    `query:"site" maxLength:"200" doc:"The ID of a site."`
	Campaign string    `query:"campaign" maxLength:"40"`
}

type OneIncident struct {
	ID int64 `path:"incident" minimum:"1"`
}

// verbs are what leads an incident to a state.
var verbs = map[monitor.State]string{
	monitor.Acknowledged: "acknowledge", monitor.Contained: "contain", monitor.Resolved: "resolve", monitor.FalseAlarm: "false", monitor.Open: "reopen",
}

type stateChange struct {
	OneIncident
	Body struct {
		Because
		State monitor.State `json:"state" enum:"open,acknowledged,contained,resolved,false_alarm" doc:"open opens a closed one again."`
	}
}

type ownerChange struct {
	OneIncident
	Body struct {
		Because
		Account string `json:"account" maxLength:"40" doc:"The name of an account, empty for nobody."`
	}
}

type newNote struct {
	OneIncident
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"4000"`
	}
}

func (a *API) addIncidents() {
	add(a, operation{method: http.MethodGet, path: "/incidents", tag: "Incidents", id: "listIncidents", summary: "Incidents", least: monitor.InstitutionRole, text: "Newest first. An institution sees those of its own sites."}, a.listIncidents)
	add(a, operation{method: http.MethodGet, path: "/incidents/{incident}", tag: "Incidents", id: "getIncident", summary: "An incident with its timeline, logs, deliveries and evidence", least: monitor.InstitutionRole}, a.getIncident)
	add(a, operation{method: http.MethodPost, path: "/incidents/{incident}/state", tag: "Incidents", id: "changeIncident", summary: "Take up, contain, resolve or reopen an incident", least: monitor.Analyst, text: "Those who were told of it are told, as the state asks for."}, a.changeIncident)
	add(a, operation{method: http.MethodPut, path: "/incidents/{incident}/owner", tag: "Incidents", id: "assignIncident", summary: "Say whose an incident is", least: monitor.Analyst}, a.assign)
	add(a, operation{method: http.MethodPost, path: "/incidents/{incident}/notes", tag: "Incidents", id: "noteIncident", summary: "Add a note to an incident", least: monitor.Analyst}, a.note)
	add(a, operation{method: http.MethodGet, path: "/campaigns", tag: "Incidents", id: "listCampaigns", summary: "Attacks on several sites", least: monitor.Viewer, text: "Newest first."}, a.listCampaigns)
	add(a, operation{method: http.MethodGet, path: "/campaigns/{campaign}", tag: "Incidents", id: "getCampaign", summary: "A campaign with its incidents", least: monitor.Viewer}, a.getCampaign)
}

func (a *API) listIncidents(ctx context.Context, w desk.Who, q *incidentQuery) (out pageOf[Incident], err error) {
	want := monitor.IncidentQuery{OpenOnly: q.Open, State: monitor.State(q.State), Kind: q.Kind, Severity: q.Severity, Site: q.Site, Campaign: q.Campaign, Since: q.Since, Limit: q.Limit + 1}
	if want.Before, err = before(q.Paging); err != nil {
		return out, err
	}
	all, err := a.desk.Incidents(ctx, w, want)
	if err != nil {
		return out, err
	}
	all, out.Next, err = turn(all, Paging{Limit: q.Limit}, func(i monitor.Incident) string { return strconv.FormatInt(i.ID, 10) })
	out.Items = each(all, incidentOf)
	return out, err
}

func (a *API) getIncident(ctx context.Context, w desk.Who, in *OneIncident) (out story, err error) {
	s, err := a.desk.Story(ctx, w, in.ID)
	if err != nil {
		return out, err
	}
	out = story{Incident: incidentOf(s.I), Name: name(s.Site.Name), Institution: institutionOf(s.Site.Institution, s.Owner), Owner: s.Owned, LogsLeftOut: s.Logs.LeftOut}
	out.Findings = each(s.I.Findings, func(f monitor.IncidentFinding) incidentFinding {
		one := incidentFinding{Look: f.Capture, Page: f.Target, At: f.At, Seen: f.Seen, Over: f.Over}
		one.Finding = Finding{Kind: string(f.Kind), Rule: f.Rule, Severity: string(f.Severity), Score: f.Score, Why: why(f.Why), Evidence: why(f.Evidence)}
		if f.Region != nil {
			one.Region = &Box{f.Region.X, f.Region.Y, f.Region.W, f.Region.H}
		}
		return one
	})
	out.Timeline = []moment{}
	for _, m := range s.Timeline {
		if m.Log == nil { // else it stands in the logs
			out.Timeline = append(out.Timeline, moment{m.At, m.Action, name(m.Who), text(m.Text, 4000)})
		}
	}
	out.Logs = each(s.Logs.Findings, func(l monitor.LogFinding) logLine {
		return logLine{l.Rule, string(l.Severity), why(l.Why), name(l.Client), why(l.Request()), l.Count, l.First, l.Last, name(l.File), l.Line}
	})
	if !w.Outside() {
		out.Deliveries, out.EvidenceURL = each(s.Deliveries, deliveryOf), a.signer.Incident(s.I.ID)
		out.Related = each(s.Kin, func(i monitor.Incident) int64 { return i.ID })
	}
	return out, nil
}

func (a *API) changeIncident(ctx context.Context, w desk.Who, in *stateChange) (recorded, error) {
	back, err := a.desk.ChangeIncident(ctx, w, in.ID, verbs[in.Body.State], "", in.Body.Reason)
	return recorded{back}, err
}

func (a *API) assign(ctx context.Context, w desk.Who, in *ownerChange) (recorded, error) {
	_, err := a.desk.ChangeIncident(ctx, w, in.ID, "assign", in.Body.Account, in.Body.Reason)
	return recorded{}, err
}

func (a *API) note(ctx context.Context, w desk.Who, in *newNote) (recorded, error) {
	_, err := a.desk.ChangeIncident(ctx, w, in.ID, "note", "", in.Body.Text)
	return recorded{}, err
}

func (a *API) listCampaigns(ctx context.Context, _ desk.Who, p *Paging) (out pageOf[campaign], err error) {
	all, err := a.desk.Monitor.Store.Campaigns(ctx)
	if err != nil {
		return out, err
	}
	all, out.Next, err = turn(all, *p, func(c monitor.Campaign) string { return c.ID })
	out.Items = each(all, campaignOf)
	return out, err
}

func (a *API) getCampaign(ctx context.Context, _ desk.Who, in *struct {
	ID string `path:"campaign" maxLength:"40" example:"C-2026-0007"`
},
) (out campaign, err error) {
	c, err := a.desk.Monitor.Store.Campaign(ctx, in.ID)
	if err != nil {
		return out, err
	}
	all, err := a.desk.Monitor.Store.CampaignIncidents(ctx, c.ID)
	out = campaignOf(c)
	out.Incidents = each(all[:min(200, len(all))], incidentOf)
	return out, err
}

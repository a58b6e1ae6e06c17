package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"pasban/monitor"
)

// pageLength is how many incidents or sites stand on a page.
const pageLength = 50

func (s *Server) incidentsPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	q := r.URL.Query()
	before, err := strconv.ParseInt(q.Get("before"), 10, 64)
	if err != nil {
		before = 0 // from the beginning
	}
	want := monitor.IncidentQuery{
		State: monitor.State(q.Get("state")), Kind: q.Get("kind"), Severity: q.Get("severity"), Site: q.Get("site"),
		Campaign: q.Get("campaign"), OpenOnly: q.Get("state") == "" && len(q) == 0, Before: before, Limit: pageLength + 1,
	}
	if q.Get("state") == "any" {
		want.State = ""
	}
	if v.Role == monitor.InstitutionRole {
		want.Institution = v.Institution
	}
	found, err := s.Monitor.Store.FindIncidents(r.Context(), want)
	if err != nil {
		return err
	}
	more := ""
	if len(found) > pageLength {
		found = found[:pageLength]
		on := url.Values{"state": {"any"}}
		for name, values := range q {
			on[name] = values
		}
		on.Set("before", strconv.FormatInt(found[pageLength-1].ID, 10))
		more = "/incidents?" + on.Encode()
	}
	p := s.page(r, v, "incidents", "Incidents")
	p.Body = map[string]any{"Incidents": found, "More": more, "State": q.Get("state"), "Kind": q.Get("kind"), "Severity": q.Get("severity"), "OpenOnly": want.OpenOnly}
	return s.show(w, "incidents", p)
}

// incidentBody is an incident with all that belongs to it.
type incidentBody struct {
	I          monitor.Incident
	Site       monitor.Site
	Owner      monitor.Institution
	Owned      string // by whom, the name of an account
	Timeline   []moment
	Logs       monitor.IncidentLogs
	Deliveries []monitor.Delivery
	Kin        []monitor.Incident // of the same campaign
	Picture    string             // of the gravest look
	Before     string
	Blur       bool
	Accounts   []monitor.Account
}

// moment is a line of the timeline.
type moment struct {
	At          time.Time
	Who, Action string
	Text        string
	Log         *monitor.LogFinding // of the site's access log
}

func (s *Server) incident(r *http.Request, v viewer) (incidentBody, error) {
	var b incidentBody
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return b, monitor.ErrNotFound
	}
	ctx, store := r.Context(), s.Monitor.Store
	if b.I, err = store.Incident(ctx, id); err != nil {
		return b, err
	}
	if b.Site, err = store.Site(ctx, b.I.Site); err != nil {
		return b, err
	}
	if !v.sees(b.Site) {
		return b, monitor.ErrNotFound
	}
	b.Owner, err = store.Institution(ctx, b.Site.Institution)
	if errors.Is(err, monitor.ErrNotFound) { // a site of nobody
		b.Owner, err = monitor.Institution{Name: b.Site.Institution}, nil
	}
	return b, err
}

func (s *Server) incidentPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	b, err := s.incident(r, v)
	if err != nil {
		return err
	}
	ctx, store := r.Context(), s.Monitor.Store
	decisions, err := store.Decisions(ctx, monitor.IncidentObject(b.I.ID))
	if err != nil {
		return err
	}
	b.Owned = ownerOf(decisions)
	if v.Role == monitor.InstitutionRole {
		decisions = shared(decisions)
	}
	if b.Logs, err = s.Monitor.IncidentLogs(ctx, store, b.I); err != nil {
		return err
	}
	b.Timeline = withLogs(timeline(b.I, decisions), b.Logs)
	if v.Role != monitor.InstitutionRole { // recipients are the CERT's business
		if b.Deliveries, err = store.Deliveries(ctx, b.I.ID); err != nil {
			return err
		}
		if b.Accounts, err = store.Accounts(ctx); err != nil {
			return err
		}
	}
	if b.I.Campaign != "" && v.Role != monitor.InstitutionRole {
		if b.Kin, err = store.FindIncidents(ctx, monitor.IncidentQuery{Campaign: b.I.Campaign, Limit: 40}); err != nil {
			return err
		}
	}
	switch c, err := store.Capture(ctx, b.I.Gravest().Capture); {
	case err == nil:
		var by bool
		if b.Before, by, err = s.approved(ctx, c); err != nil {
			return err
		}
		b.Picture, b.Blur = monitor.PictureOf(c), !by
	case !errors.Is(err, monitor.ErrNotFound):
		return err
	}
	p := s.page(r, v, "incidents", fmt.Sprintf("Incident %d", b.I.ID))
	p.Scripts = []string{"incident.js"}
	p.Body = b
	return s.show(w, "incident", p)
}

// changeIncident does what somebody decided about an incident.
func (s *Server) changeIncident(w http.ResponseWriter, r *http.Request, v viewer) error {
	b, err := s.incident(r, v)
	if err != nil {
		return err
	}
	ctx, m, id := r.Context(), s.Monitor, b.I.ID
	d := done{Next: fmt.Sprintf("/incidents/%d", id)}
	o := v.order(r.PostFormValue("reason"))
	o.Decided = func(n int64) { d.Undo = append(d.Undo, n) }
	verb := r.PostFormValue("verb")
	switch verb {
	case "acknowledge":
		err = m.Acknowledge(ctx, o, id)
	case "contain":
		err = m.Contain(ctx, o, id)
	case "resolve", "false":
		_, err = m.Resolve(ctx, o, id, verb == "false")
	case "reopen":
		err = m.Reopen(ctx, o, id)
		o.Decided = nil
	case "note":
		err = m.Note(ctx, o, id)
	case "assign":
		err = m.Assign(ctx, o, id, r.PostFormValue("owner"))
	default:
		err = monitor.Refuse("there is no such decision")
	}
	if err != nil {
		return err
	}
	if verb == "note" || verb == "assign" || verb == "reopen" {
		d.Undo = nil // is decided anew
	}
	s.walls.drop()
	s.hub.changed()
	d.Text = say(v.lang, "Incident %d: recorded", id)
	return s.answer(w, r, d)
}

// maxRecord is how many decisions the page of the record shows.
const maxRecord = 200

func (s *Server) recordPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	recent, err := s.Monitor.Store.RecentDecisions(r.Context(), r.URL.Query().Get("actor"), 0, maxRecord)
	if err != nil {
		return err
	}
	p := s.page(r, v, "record", "Record")
	p.Body = map[string]any{"Decisions": recent}
	return s.show(w, "record", p)
}

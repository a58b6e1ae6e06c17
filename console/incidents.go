package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"pasban/console/desk"
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
	found, err := s.desk.Incidents(r.Context(), v.Who, want)
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

// incidentBody is an incident with all that the page shows.
type incidentBody struct {
	desk.Story
	Picture  string // of the gravest look
	Before   string
	Blur     bool
	Accounts []monitor.Account // that may own it
}

// incidentID is the number in the address.
func incidentID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, monitor.ErrNotFound
	}
	return id, nil
}

func (s *Server) incidentPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	id, err := incidentID(r)
	if err != nil {
		return err
	}
	ctx, store := r.Context(), s.Monitor.Store
	var b incidentBody
	if b.Story, err = s.desk.Story(ctx, v.Who, id); err != nil {
		return err
	}
	if v.Role.AtLeast(monitor.Analyst) {
		if b.Accounts, err = store.Accounts(ctx); err != nil {
			return err
		}
	}
	switch c, err := store.Capture(ctx, b.I.Gravest().Capture); {
	case err == nil:
		var by bool
		if b.Before, by, err = s.desk.Approved(ctx, c); err != nil {
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
	id, err := incidentID(r)
	if err != nil {
		return err
	}
	back, err := s.desk.ChangeIncident(r.Context(), v.Who, id, r.PostFormValue("verb"), r.PostFormValue("owner"), r.PostFormValue("reason"))
	if err != nil {
		return err
	}
	return s.answer(w, r, done{Text: say(v.lang, "Incident %d: recorded", id), Undo: back, Next: fmt.Sprintf("/incidents/%d", id)})
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

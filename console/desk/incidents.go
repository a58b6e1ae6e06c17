package desk

import (
	"context"
	"maps"
	"slices"
	"time"

	"pasban/monitor"
)

// Incidents are those that somebody asks for and may know of, newest first.
func (d *Desk) Incidents(ctx context.Context, w Who, q monitor.IncidentQuery) ([]monitor.Incident, error) {
	own, err := w.own()
	if err != nil {
		return nil, err
	}
	if own != "" {
		q.Institution = own
	}
	return d.Monitor.Store.FindIncidents(ctx, q)
}

// Story is an incident with all that belongs to it.
type Story struct {
	I          monitor.Incident
	Site       monitor.Site
	Owner      monitor.Institution
	Owned      string // by whom, the name of an account
	Timeline   []Moment
	Logs       monitor.IncidentLogs
	Deliveries []monitor.Delivery
	Kin        []monitor.Incident // of the same campaign
}

// Moment is a line of the timeline.
type Moment struct {
	At          time.Time
	Who, Action string
	Text        string
	Log         *monitor.LogFinding // of the site's access log
}

// maxKin bounds the incidents of the same campaign that are listed.
const maxKin = 40

// Incident finds an incident and whose it is, ErrNotFound for one that is not the
// asker's business.
func (d *Desk) Incident(ctx context.Context, w Who, id int64) (s Story, err error) {
	if s.I, err = d.Monitor.Store.Incident(ctx, id); err != nil {
		return s, err
	}
	s.Site, s.Owner, err = d.Site(ctx, w, s.I.Site)
	return s, err
}

// Story is Incident with what happened and who was told. An institution does not see who
// decided what and why, and whom the CERT told.
func (d *Desk) Story(ctx context.Context, w Who, id int64) (Story, error) {
	s, err := d.Incident(ctx, w, id)
	if err != nil {
		return s, err
	}
	store := d.Monitor.Store
	decisions, err := store.Decisions(ctx, monitor.IncidentObject(id))
	if err != nil {
		return s, err
	}
	s.Owned = ownerOf(decisions)
	if w.Outside() {
		decisions, s.Owned = shared(decisions), ""
	}
	if s.Logs, err = d.Monitor.IncidentLogs(ctx, store, s.I); err != nil {
		return s, err
	}
	s.Timeline = withLogs(timeline(s.I, decisions), s.Logs)
	if w.Outside() {
		return s, nil
	}
	if s.Deliveries, err = store.Deliveries(ctx, id); err != nil || s.I.Campaign == "" {
		return s, err
	}
	s.Kin, err = store.FindIncidents(ctx, monitor.IncidentQuery{Campaign: s.I.Campaign, Limit: maxKin})
	return s, err
}

// incidentVerbs are what can be decided about an incident, and whether it is taken back
// by undoing it: a note, an owner and what was opened again are decided anew.
var incidentVerbs = map[string]struct {
	undone bool
	act    func(m *monitor.Monitor, ctx context.Context, o monitor.Order, id int64, owner string) error
}{
	"acknowledge": {true, func(m *monitor.Monitor, ctx context.Context, o monitor.Order, id int64, _ string) error {
		return m.Acknowledge(ctx, o, id)
	}},
	"contain": {true, func(m *monitor.Monitor, ctx context.Context, o monitor.Order, id int64, _ string) error {
		return m.Contain(ctx, o, id)
	}},
	"resolve": {true, func(m *monitor.Monitor, ctx context.Context, o monitor.Order, id int64, _ string) error {
		_, err := m.Resolve(ctx, o, id, false)
		return err
	}},
	"false": {true, func(m *monitor.Monitor, ctx context.Context, o monitor.Order, id int64, _ string) error {
		_, err := m.Resolve(ctx, o, id, true)
		return err
	}},
	"reopen": {false, func(m *monitor.Monitor, ctx context.Context, o monitor.Order, id int64, _ string) error {
		return m.Reopen(ctx, o, id)
	}},
	"note": {false, func(m *monitor.Monitor, ctx context.Context, o monitor.Order, id int64, _ string) error {
		return m.Note(ctx, o, id)
	}},
	"assign": {false, (*monitor.Monitor).Assign},
}

// IncidentVerbs are what can be decided about an incident.
func IncidentVerbs() []string { return slices.Sorted(maps.Keys(incidentVerbs)) }

// ChangeIncident does what somebody decided about an incident, and returns the decisions
// by which it is taken back, if it can be. owner is the account of "assign".
func (d *Desk) ChangeIncident(ctx context.Context, w Who, id int64, verb, owner, reason string) (back []int64, err error) {
	if _, err := d.Incident(ctx, w, id); err != nil {
		return nil, err
	}
	v, ok := incidentVerbs[verb]
	if !ok {
		return nil, monitor.Refuse("there is no such decision")
	}
	o := w.Order(reason)
	if v.undone {
		o.Decided = func(n int64) { back = append(back, n) }
	}
	if err := v.act(d.Monitor, ctx, o, id, owner); err != nil {
		return nil, err
	}
	d.changed()
	return back, nil
}

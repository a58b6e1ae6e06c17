package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/alerting"
	"pasban/compare"
)

// undoWithin is how long a decision can be taken back. What was decided a day ago has
// been built upon; it is decided anew.
const undoWithin = 24 * time.Hour

// undone is the detail of an undo.
type undone struct {
	Decision int64  `json:"decision"`
	Action   string `json:"action"`
}

// Undo takes a decision back, by a decision of its own: the record keeps both. Who was
// told of the one is told of the other. People take back what they decided themselves;
// a lead, what anybody did.
func (m *Monitor) Undo(ctx context.Context, o Order, decision int64) error {
	d, err := m.Store.Decision(ctx, decision)
	if err != nil {
		return fmt.Errorf("decision %d: %w", decision, err)
	}
	if m.now().Sub(d.At) > undoWithin {
		return Refuse("what was decided more than %d hours ago is decided anew", undoWithin/time.Hour)
	}
	if d.Actor != o.Actor {
		o.Force, o.Reason = true, "undoes what "+d.Actor+" decided. "+o.Reason
	}
	act, err := m.undoing(ctx, o, d)
	if err != nil {
		return fmt.Errorf("taking decision %d back: %w", decision, err)
	}
	err = m.decide(ctx, o, "undo", d.Object, undone{d.ID, d.Action}, func(tx Tx, id int64) error {
		if err := notUndone(ctx, tx, d, id); err != nil {
			return err
		}
		return act(tx, id)
	})
	if err != nil {
		return fmt.Errorf("taking decision %d back: %w", decision, err)
	}
	return nil
}

// notUndone refuses to take the same decision back twice. own is the decision that is
// about to, which is on record already.
func notUndone(ctx context.Context, tx Tx, d Decision, own int64) error {
	all, err := tx.Decisions(ctx, d.Object)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(e Decision) bool {
		var u undone
		return e.Action == "undo" && e.ID != own && json.Unmarshal(e.Detail, &u) == nil && u.Decision == d.ID
	}) {
		return Refuse("it has been taken back already")
	}
	return nil
}

// undoing is what takes a decision back, by its action. What needs evidence is read
// before the transaction.
func (m *Monitor) undoing(ctx context.Context, o Order, d Decision) (func(Tx, int64) error, error) {
	kind, what, _ := strings.Cut(d.Action, ".")
	switch {
	case d.Action == "baseline.approve":
		return m.undoApproval(ctx, o, d)
	case d.Action == "question.confirm" || d.Action == "question.dismiss":
		var a answer
		if err := json.Unmarshal(d.Detail, &a); err != nil {
			return nil, err
		}
		if d.Action == "question.confirm" && !a.Opened {
			return nil, Refuse("it is part of incident %d; close that one", a.Incident)
		}
		return func(tx Tx, _ int64) error { return m.undoAnswer(ctx, tx, a) }, nil
	case d.Action == "site.mask":
		return func(tx Tx, _ int64) error { return undoMask(ctx, tx, d) }, nil
	case d.Action == "snooze.place":
		return func(tx Tx, _ int64) error { return tx.PutSnooze(ctx, Snooze{Object: d.Object}) }, nil
	case kind == "incident" && slices.Contains([]State{Acknowledged, Contained, Resolved, FalseAlarm}, State(what)):
		return func(tx Tx, _ int64) error { return m.undoState(ctx, tx, d, State(what)) }, nil
	}
	return nil, Refuse("%s cannot be taken back", d.Action)
}

// undoState gives an incident the state it had.
func (m *Monitor) undoState(ctx context.Context, tx Tx, d Decision, made State) error {
	var change stateChange
	var id int64
	if _, err := fmt.Sscanf(d.Object, "incident:%d", &id); err != nil {
		return err
	}
	if err := json.Unmarshal(d.Detail, &change); err != nil || change.Was == "" {
		return Refuse("an earlier pasban decided this, and did not note what was before")
	}
	i, err := tx.Incident(ctx, id)
	if err != nil {
		return err
	}
	if i.State != made {
		return Refuse("incident %d is %s since", id, i.State)
	}
	if made.Closed() {
		return m.reopen(ctx, tx, id, change.Was)
	}
	i.State, i.Updated = change.Was, m.now()
	return tx.PutIncident(ctx, i)
}

// undoAnswer lets questions wait again. An incident that was opened for one was none.
func (m *Monitor) undoAnswer(ctx context.Context, tx Tx, a answer) error {
	for _, id := range a.Questions {
		q, err := tx.Question(ctx, id)
		if err != nil {
			return err
		}
		q.Answered = time.Time{}
		if err := tx.PutQuestion(ctx, q); err != nil {
			return err
		}
		if !a.Opened {
			continue
		}
		i, err := openIncident(ctx, tx, q.Site)
		if err != nil {
			return err
		}
		if i == nil || i.State != Acknowledged || !slices.ContainsFunc(i.Findings, func(f IncidentFinding) bool { return f.Capture == q.Capture }) {
			return Refuse("the incident has gone on since")
		}
		i.State = FalseAlarm
		seen, err := m.lastSeen(ctx, tx, *i)
		if err != nil {
			return err
		}
		if err := m.tell(ctx, tx, i, alerting.FalseAlarm, seen, nil); err != nil {
			return err
		}
	}
	return nil
}

// undoMask removes the region that a decision added.
func undoMask(ctx context.Context, tx Tx, d Decision) error {
	site, err := tx.Site(ctx, strings.TrimPrefix(d.Object, "site:"))
	if err != nil {
		return err
	}
	site.Masks = slices.DeleteFunc(site.Masks, func(k Mask) bool { return k.Decision == d.ID })
	return tx.PutSite(ctx, site)
}

// undoApproval makes the version before the approved look again: as a new version, for
// none ever changes or goes away.
func (m *Monitor) undoApproval(ctx context.Context, o Order, d Decision) (func(Tx, int64) error, error) {
	var a approval
	if err := json.Unmarshal(d.Detail, &a); err != nil {
		return nil, err
	}
	target := strings.TrimPrefix(d.Object, "target:")
	all, err := m.Store.Baselines(ctx, target)
	if err != nil {
		return nil, err
	}
	if len(all) < 2 || all[0].Version != a.Version {
		return nil, Refuse("%s has been approved anew since, or there was no look before it", target)
	}
	baseline, err := m.remake(ctx, o, all[1], all[0].Version+1)
	if err != nil {
		return nil, err
	}
	return func(tx Tx, decision int64) error {
		newest, err := tx.Baseline(ctx, target)
		if err != nil {
			return err
		}
		if newest.Version != a.Version {
			return Refuse("%s was approved anew meanwhile", target)
		}
		baseline.Decision = decision
		if err := tx.AddBaseline(ctx, baseline); err != nil {
			return err
		}
		return m.undoAnswer(ctx, tx, answer{Questions: a.Questions})
	}, nil
}

// remake keeps the looks of one version as another.
func (m *Monitor) remake(ctx context.Context, o Order, from Baseline, version int) (Baseline, error) {
	doc, err := m.readManifest(ctx, from.Manifest)
	if err != nil {
		return Baseline{}, err
	}
	leave, err := m.darkroom.enter(ctx)
	if err != nil {
		return Baseline{}, err
	}
	defer leave()
	var captures []Capture
	var looks []compare.Look
	for _, l := range doc.Captures {
		look, err := m.readLook(ctx, l.Blobs)
		if err != nil {
			return Baseline{}, fmt.Errorf("loading capture %s: %w", l.ID, err)
		}
		captures, looks = append(captures, l.capture(doc)), append(looks, look)
	}
	if len(captures) == 0 {
		return Baseline{}, errors.New("a version without looks")
	}
	return m.keepBaseline(ctx, manifest{
		Site: doc.Site, Target: doc.Target, URL: doc.URL, Version: version, Created: m.now(),
		Provisional: doc.Provisional, ApprovedBy: o.Actor, Reason: "as version " + fmt.Sprint(from.Version) + " was",
	}, captures, looks)
}

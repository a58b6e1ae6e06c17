package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"pasban/alerting"
	"pasban/compare"
	"pasban/render"
)

// Order is a person's or a policy's wish to do something, with the reason.
type Order struct {
	Actor  string // "operator:NAME"
	Reason string
	// Force does it although there is evidence against it; Reason must be set.
	Force bool
	// Token is the ID of the token by which the account asks, 0 if it asks itself.
	Token int64
	// Decided, if set, is told the number under which the decision stands in the record.
	Decided func(decision int64)
}

// decide asks whether the actor may, runs act and writes the decision, all in one
// transaction: what is not allowed and on record does not happen.
func (m *Monitor) decide(ctx context.Context, o Order, action, object string, detail any, act func(tx Tx, decision int64) error) error {
	raw, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("writing the decision: %w", err)
	}
	return m.decideAll(ctx, o, deed{action, object, raw, act})
}

// deed is one of the things that are decided together.
type deed struct {
	action, object string
	detail         json.RawMessage
	act            func(tx Tx, decision int64) error
}

// decideAll takes several decisions in one transaction: all of them, or none.
func (m *Monitor) decideAll(ctx context.Context, o Order, deeds ...deed) error {
	if o.Actor == "" {
		return Refuse("%s needs somebody who decides it", deeds[0].action)
	}
	if utf8.RuneCountInString(o.Reason) > maxNote {
		return Refuse("a reason has at most %d characters", maxNote)
	}
	ids := make([]int64, len(deeds))
	err := m.Store.Update(ctx, func(tx Tx) error {
		for n, d := range deeds {
			by, err := m.authorise(ctx, tx, o, d.action)
			if err != nil {
				return err
			}
			detail, err := marked(d.detail, by)
			if err != nil {
				return err
			}
			id, err := tx.AddDecision(ctx, Decision{At: m.now(), Actor: o.Actor, Action: d.action, Object: d.object, Reason: o.Reason, Detail: detail})
			if err != nil {
				return fmt.Errorf("recording the decision: %w", err)
			}
			if err := d.act(tx, id); err != nil {
				return err
			}
			ids[n] = id
		}
		return nil
	})
	if err == nil && o.Decided != nil {
		for _, id := range ids {
			o.Decided(id)
		}
	}
	return err
}

// Approve makes the newest comparable capture of a target its approved look.
// Captures approved before stay as known variation, up to a bound. It refuses
// a target with an open incident or with evidence of an attack unless forced.
func (m *Monitor) Approve(ctx context.Context, o Order, id string) (Baseline, error) {
	target, _, err := m.targetOf(ctx, id)
	if err != nil {
		return Baseline{}, err
	}
	capture, err := m.newestComparable(ctx, target)
	if err != nil {
		return Baseline{}, err
	}
	return m.approve(ctx, o, capture)
}

// ApproveCapture is Approve for the very look that somebody has seen, which may not
// be the newest any more.
func (m *Monitor) ApproveCapture(ctx context.Context, o Order, id string) (Baseline, error) {
	capture, err := m.Store.Capture(ctx, id)
	if err != nil {
		return Baseline{}, err
	}
	if !approvable(capture) {
		return Baseline{}, errNotApprovable
	}
	return m.approve(ctx, o, capture)
}

var errNotApprovable = Refuse("this look cannot be compared with later ones, so that it cannot be the approved one")

// Accept is ApproveCapture for what an incident was opened for, which was a false alarm
// then: both or neither. It is against the evidence, and takes what forcing takes.
func (m *Monitor) Accept(ctx context.Context, o Order, capture string, incident int64) (Baseline, error) {
	c, err := m.Store.Capture(ctx, capture)
	if err != nil {
		return Baseline{}, err
	}
	if !approvable(c) {
		return Baseline{}, errNotApprovable
	}
	closing, err := m.closing(ctx, incident, FalseAlarm, alerting.FalseAlarm, new(Incident))
	if err != nil {
		return Baseline{}, err
	}
	o.Force = true
	return m.approve(ctx, o, c, closing)
}

// approve approves a look, and does what belongs to it in the same transaction.
func (m *Monitor) approve(ctx context.Context, o Order, capture Capture, more ...deed) (Baseline, error) {
	if o.Force && o.Reason == "" {
		return Baseline{}, Refuse("to force an approval, say why")
	}
	// Asked again in the transaction; here so that nothing is read and stored in vain.
	if _, err := m.authorise(ctx, m.Store, o, "baseline.approve"); err != nil {
		return Baseline{}, err
	}
	target, site, err := m.targetOf(ctx, capture.Target)
	if err != nil {
		return Baseline{}, err
	}
	if err := m.mayApprove(ctx, m.Store, o, site, capture); err != nil {
		return Baseline{}, err
	}
	captures, version, err := m.nextVersion(ctx, target, capture)
	if err != nil {
		return Baseline{}, err
	}
	baseline, err := m.approved(ctx, o, target, captures, version)
	if err != nil {
		return Baseline{}, err
	}
	asked, err := m.questionsOf(ctx, target.ID)
	if err != nil {
		return Baseline{}, err
	}
	detail, err := json.Marshal(approval{Version: version, Capture: capture.ID, Forced: o.Force, Questions: asked})
	if err != nil {
		return Baseline{}, fmt.Errorf("writing the decision: %w", err)
	}
	approving := deed{"baseline.approve", "target:" + target.ID, detail, func(tx Tx, decision int64) error {
		baseline.Decision = decision
		if err := stillThere(ctx, tx, capture.ID); err != nil {
			return err
		}
		// An incident may have been opened while the evidence was read.
		if err := m.mayApprove(ctx, tx, o, site, capture); err != nil {
			return err
		}
		if err := tx.AddBaseline(ctx, baseline); err != nil {
			return err
		}
		return tx.AnswerQuestions(ctx, target.ID, m.now())
	}}
	if err := m.decideAll(ctx, o, append([]deed{approving}, more...)...); err != nil {
		return Baseline{}, fmt.Errorf("approving %s: %w", target.ID, err)
	}
	return baseline, nil
}

// approved stores looks as the next approved ones of a target; the decision is still
// to be recorded.
func (m *Monitor) approved(ctx context.Context, o Order, target Target, captures []Capture, version int) (Baseline, error) {
	leave, err := m.darkroom.enter(ctx)
	if err != nil {
		return Baseline{}, err
	}
	defer leave()
	looks := make([]compare.Look, len(captures))
	for i, c := range captures {
		if looks[i], err = m.readLook(ctx, c.Blobs); err != nil {
			return Baseline{}, fmt.Errorf("loading capture %s: %w", c.ID, err)
		}
	}
	doc := manifest{
		Site: target.Site, Target: target.ID, URL: target.URL, Version: version, Created: m.now(),
		ApprovedBy: o.Actor, Reason: o.Reason,
	}
	return m.keepBaseline(ctx, doc, captures, looks)
}

func (m *Monitor) newestComparable(ctx context.Context, target Target) (Capture, error) {
	captures, err := m.Store.Captures(ctx, target.ID, 100)
	if err != nil {
		return Capture{}, err
	}
	for _, c := range captures {
		if approvable(c) {
			return c, nil
		}
	}
	return Capture{}, Refuse("%s has no look that can be compared yet; run a sweep first", target.ID)
}

// approvable reports a look of the watch that later ones can be compared with.
func approvable(c Capture) bool {
	return c.Report.Verdict != compare.NotComparable && c.Picture != "" && c.Outcome != string(render.TimeoutPartial) && !c.Visitor.other()
}

// mayApprove refuses what would teach the watch an attack.
func (m *Monitor) mayApprove(ctx context.Context, from Reader, o Order, site Site, c Capture) error {
	if o.Force {
		return nil
	}
	open, err := attacked(ctx, from, site.ID)
	if err != nil {
		return err
	}
	if open != nil {
		return Refuse("%s has the open incident %d (%s); resolve it first, or force the approval and say why", site.ID, open.ID, open.Summary)
	}
	notice, err := announced(ctx, from, c)
	if err != nil || notice != nil {
		return err
	}
	for _, f := range c.Report.Findings {
		if c.Report.Verdict == compare.Alert || f.Severity.Rank() >= compare.High.Rank() {
			return Refuse("the newest look at %s shows evidence of an attack (%s: %s); force the approval if it is none, and say why", c.Target, f.Rule, f.Why)
		}
	}
	return nil
}

// nextVersion lists the captures of the next version, newest last: those
// approved so far, and the new one unless it is one of them.
func (m *Monitor) nextVersion(ctx context.Context, target Target, c Capture) ([]Capture, int, error) {
	b, err := m.Store.Baseline(ctx, target.ID)
	if errors.Is(err, ErrNotFound) {
		return []Capture{c}, 1, nil
	}
	if err != nil {
		return nil, 0, err
	}
	doc, err := m.readManifest(ctx, b.Manifest)
	if err != nil {
		return nil, 0, err
	}
	var captures []Capture
	for _, l := range doc.Captures {
		// An unchanged look stored nothing: it stands for the approved one.
		same := len(c.Blobs) == 0 && l.Picture == c.Picture && l.DOM == c.DOM
		if same {
			c = l.capture(doc)
		} else if l.ID != c.ID {
			captures = append(captures, l.capture(doc))
		}
	}
	if len(c.Blobs) == 0 {
		return nil, 0, Refuse("the evidence of capture %s is not on record", c.ID)
	}
	captures = append(captures, c)
	return captures[max(0, len(captures)-maxLooks):], b.Version + 1, nil
}

// Reject says that what was seen last is not to be the approved look: the
// baseline stays, and what waited for a decision about the target is answered.
func (m *Monitor) Reject(ctx context.Context, o Order, id string) error {
	if _, _, err := m.targetOf(ctx, id); err != nil {
		return err
	}
	return m.decide(ctx, o, "baseline.reject", "target:"+id, nil, func(tx Tx, _ int64) error {
		return tx.AnswerQuestions(ctx, id, m.now())
	})
}

// Resolve closes an incident: over, or (falseAlarm) never one.
func (m *Monitor) Resolve(ctx context.Context, o Order, id int64, falseAlarm bool) (Incident, error) {
	state, event := Resolved, alerting.Resolved
	if falseAlarm {
		state, event = FalseAlarm, alerting.FalseAlarm
	}
	var i Incident
	closing, err := m.closing(ctx, id, state, event, &i)
	if err != nil {
		return i, err
	}
	return i, m.decideAll(ctx, o, closing)
}

// closing is the decision that closes an incident, and leaves it in i.
func (m *Monitor) closing(ctx context.Context, id int64, state State, event alerting.Event, i *Incident) (deed, error) {
	found, err := m.Store.Incident(ctx, id)
	if err != nil {
		return deed{}, fmt.Errorf("incident %d: %w", id, err)
	}
	*i = found
	was := i.State
	detail, err := json.Marshal(stateChange{Was: was})
	if err != nil {
		return deed{}, fmt.Errorf("writing the decision: %w", err)
	}
	return deed{"incident." + string(state), IncidentObject(id), detail, func(tx Tx, _ int64) error {
		var err error
		if *i, err = tx.Incident(ctx, id); err != nil {
			return fmt.Errorf("incident %d: %w", id, err)
		}
		if i.State != was {
			return Refuse("incident %d was made %s meanwhile", id, i.State)
		}
		if i.State.Closed() {
			return Refuse("incident %d is %s already", id, i.State)
		}
		i.State = state
		seen, err := m.lastSeen(ctx, tx, *i)
		if err != nil {
			return err
		}
		return m.tell(ctx, tx, i, event, seen, nil)
	}}, nil
}

// lastSeen is the capture that showed the incident's gravest finding.
func (m *Monitor) lastSeen(ctx context.Context, tx Tx, i Incident) (Capture, error) {
	if i.unseenOnly() {
		return m.outOfSight(ctx, tx, i)
	}
	c, err := tx.Capture(ctx, topFinding(i.Findings).Capture)
	if err != nil {
		return c, fmt.Errorf("the evidence of incident %d: %w", i.ID, err)
	}
	return c, nil
}

// Pause stops or resumes the watch over a site.
func (m *Monitor) Pause(ctx context.Context, o Order, id string, paused bool) error {
	action := "site.resume"
	if paused {
		action = "site.pause"
	}
	return m.decide(ctx, o, action, "site:"+id, nil, func(tx Tx, _ int64) error {
		site, err := tx.Site(ctx, id)
		if err != nil {
			return fmt.Errorf("site %s: %w", id, err)
		}
		site.Paused = paused
		return tx.PutSite(ctx, site)
	})
}

// Select finds the targets that names mean: IDs of targets or sites. All of
// them if there is no name.
func (m *Monitor) Select(ctx context.Context, names []string) ([]Target, error) {
	all, err := m.Store.Targets(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing targets: %w", err)
	}
	if len(names) == 0 {
		return all, nil
	}
	var out []Target
	for _, name := range names {
		n := len(out)
		for _, t := range all {
			if (t.ID == name || t.Site == name) && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
		if len(out) == n && !slices.ContainsFunc(out, func(t Target) bool { return t.ID == name || t.Site == name }) {
			return nil, fmt.Errorf("%w: no site or target is called %q%s", ErrNotFound, name, nearest(name, all))
		}
	}
	return out, nil
}

// nearest suggests what a mistyped name may have meant.
func nearest(name string, all []Target) string {
	for _, t := range all {
		if strings.Contains(t.ID, name) || strings.Contains(name, t.Site) {
			return fmt.Sprintf("; did you mean %s?", t.ID)
		}
	}
	return "; `pasban sites list` shows what is watched"
}

package monitor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/alerting"
)

// What analysts do with what waits for them. Each of these is one Decision, and what
// Undo needs to take it back stands in its detail.

// stateChange is the detail of a decision about the state of an incident.
type stateChange struct {
	Was State `json:"was"`
}

// approval is the detail of an approved look.
type approval struct {
	Version   int     `json:"version"`
	Capture   string  `json:"capture"`
	Forced    bool    `json:"forced"`
	Questions []int64 `json:"questions,omitempty"` // that it answered
}

// answer is the detail of an answered question.
type answer struct {
	Questions []int64 `json:"questions"`
	Incident  int64   `json:"incident,omitempty"` // what a confirmed one was made part of
	Opened    bool    `json:"opened,omitempty"`   // and that it was opened for it
}

// IncidentObject and QuestionObject are how what is decided about stands in the record.
func IncidentObject(id int64) string { return fmt.Sprintf("incident:%d", id) }
func QuestionObject(id int64) string { return fmt.Sprintf("question:%d", id) }

// Acknowledge says that somebody looks after an incident.
func (m *Monitor) Acknowledge(ctx context.Context, o Order, id int64) error {
	return m.moveTo(ctx, o, id, Acknowledged, alerting.Acknowledged, Open)
}

// Contain says that an attack does no more harm, and is not over yet.
func (m *Monitor) Contain(ctx context.Context, o Order, id int64) error {
	return m.moveTo(ctx, o, id, Contained, alerting.Contained, Open, Acknowledged)
}

// moveTo changes the state of an incident that is not closed. No person is written to:
// those concerned are told what happens to the page, and that it is over. The mailboxes
// that keep a file of every incident get a revision of the report.
func (m *Monitor) moveTo(ctx context.Context, o Order, id int64, to State, event alerting.Event, from ...State) error {
	i, err := m.Store.Incident(ctx, id)
	if err != nil {
		return fmt.Errorf("incident %d: %w", id, err)
	}
	if !slices.Contains(from, i.State) {
		return Refuse("incident %d is %s", id, i.State)
	}
	return m.decide(ctx, o, "incident."+string(to), IncidentObject(id), stateChange{Was: i.State}, func(tx Tx, _ int64) error {
		now, err := tx.Incident(ctx, id)
		if err != nil {
			return err
		}
		if now.State != i.State {
			return Refuse("incident %d was made %s meanwhile", id, now.State)
		}
		now.State, now.Updated = to, m.now()
		if len(m.ReportTo) == 0 {
			return tx.PutIncident(ctx, now)
		}
		return m.reportState(ctx, tx, &now, event)
	})
}

// Reopen says that an incident which was closed is not over. Who was told that it was,
// is told.
func (m *Monitor) Reopen(ctx context.Context, o Order, id int64) error {
	i, err := m.Store.Incident(ctx, id)
	if err != nil {
		return fmt.Errorf("incident %d: %w", id, err)
	}
	return m.decide(ctx, o, "incident.reopen", IncidentObject(id), stateChange{Was: i.State}, func(tx Tx, _ int64) error {
		return m.reopen(ctx, tx, id, Open)
	})
}

func (m *Monitor) reopen(ctx context.Context, tx Tx, id int64, to State) error {
	i, err := tx.Incident(ctx, id)
	if err != nil {
		return err
	}
	if !i.State.Closed() {
		return Refuse("incident %d is open", id)
	}
	if other, err := tx.OpenIncident(ctx, i.Site); err == nil {
		return Refuse("%s has the open incident %d already; go on there", i.Site, other.ID)
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	i.State = to
	seen, err := m.lastSeen(ctx, tx, i)
	if err != nil {
		return err
	}
	return m.tell(ctx, tx, &i, alerting.Escalated, seen, nil)
}

// maxNote bounds a note, and the reason of any decision, in characters: the record never
// shrinks.
const maxNote = 4000

// Note adds what somebody has to say to the record of an incident.
func (m *Monitor) Note(ctx context.Context, o Order, id int64) error {
	o.Reason = strings.TrimSpace(o.Reason)
	if o.Reason == "" || len([]rune(o.Reason)) > maxNote {
		return Refuse("a note has 1 to %d characters", maxNote)
	}
	if _, err := m.Store.Incident(ctx, id); err != nil {
		return fmt.Errorf("incident %d: %w", id, err)
	}
	return m.decide(ctx, o, "incident.note", IncidentObject(id), nil, func(Tx, int64) error { return nil })
}

// Assign says whose an incident is: the name of an account, "" for nobody's.
func (m *Monitor) Assign(ctx context.Context, o Order, id int64, owner string) error {
	if _, err := m.Store.Incident(ctx, id); err != nil {
		return fmt.Errorf("incident %d: %w", id, err)
	}
	if owner != "" {
		if _, err := m.Store.Account(ctx, owner); err != nil {
			return fmt.Errorf("the new owner: %w", err)
		}
	}
	return m.decide(ctx, o, "incident.assign", IncidentObject(id), map[string]string{"owner": owner}, func(Tx, int64) error { return nil })
}

// Confirm says that what waited as a question is an attack: it becomes an incident, or
// part of the open one, and everybody concerned is told.
func (m *Monitor) Confirm(ctx context.Context, o Order, id int64) (Incident, error) {
	q, seen, err := m.asked(ctx, id)
	if err != nil {
		return Incident{}, err
	}
	pictures, err := m.draw(ctx, seen)
	if err != nil {
		return Incident{}, err
	}
	open, err := openIncident(ctx, m.Store, q.Site)
	if err != nil {
		return Incident{}, err
	}
	i := Incident{Site: q.Site, Target: q.Target, State: Acknowledged, Opened: seen.At, Summary: seen.Report.Why}
	detail, event := answer{Questions: []int64{id}, Opened: open == nil}, alerting.Opened
	if open != nil {
		i, event, detail.Incident = *open, alerting.Escalated, open.ID
	}
	if open == nil {
		gather(&i, seen)
	}
	err = m.decide(ctx, o, "question.confirm", QuestionObject(id), detail, func(tx Tx, _ int64) error {
		if err := m.stillAsked(ctx, tx, q); err != nil {
			return err
		}
		now, err := openIncident(ctx, tx, q.Site)
		if err != nil {
			return err
		}
		if (now == nil) != (open == nil) || now != nil && now.ID != open.ID {
			return Refuse("an incident of %s was opened or closed meanwhile; look again", q.Site)
		}
		again := i // Update may run this again
		if now != nil {
			again = *now // what was judged or decided since stays
			gather(&again, seen)
		} else {
			again.Updated = m.now()
			if again.ID, err = tx.AddIncident(ctx, again); err != nil {
				return fmt.Errorf("opening an incident: %w", err)
			}
		}
		i = again
		return m.tell(ctx, tx, &i, event, seen, pictures)
	})
	return i, err
}

// Dismiss says that what waited as a question is no attack. The approved look stays.
func (m *Monitor) Dismiss(ctx context.Context, o Order, id int64) error {
	q, _, err := m.asked(ctx, id)
	if err != nil {
		return err
	}
	return m.decide(ctx, o, "question.dismiss", QuestionObject(id), answer{Questions: []int64{id}}, func(tx Tx, _ int64) error {
		return m.stillAsked(ctx, tx, q)
	})
}

// asked finds a question that waits, and what it is about.
func (m *Monitor) asked(ctx context.Context, id int64) (Question, Capture, error) {
	q, err := m.Store.Question(ctx, id)
	if err != nil {
		return q, Capture{}, fmt.Errorf("question %d: %w", id, err)
	}
	if !q.Answered.IsZero() {
		return q, Capture{}, Refuse("somebody has answered this already")
	}
	c, err := m.Store.Capture(ctx, q.Capture)
	if err != nil {
		return q, c, fmt.Errorf("what question %d is about: %w", id, err)
	}
	c.Report = q.Report
	return q, c, nil
}

// stillAsked answers a question, unless somebody else has.
func (m *Monitor) stillAsked(ctx context.Context, tx Tx, q Question) error {
	now, err := tx.Question(ctx, q.ID)
	if err != nil {
		return err
	}
	if !now.Answered.IsZero() {
		return Refuse("somebody has answered this already")
	}
	now.Answered = m.now()
	return tx.PutQuestion(ctx, now)
}

// questionsOf are the IDs of the questions that wait about a target.
func (m *Monitor) questionsOf(ctx context.Context, target string) ([]int64, error) {
	all, err := m.Store.Questions(ctx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, q := range all {
		if q.Target == target {
			ids = append(ids, q.ID)
		}
	}
	return ids, nil
}

// maxMasks bounds the regions of a site that are not compared: a page that is masked
// all over is a page nobody watches.
const maxMasks = 40

// AddMask leaves a region of a page out of the comparison of pictures from now on. Its
// text and scripts are judged all the same.
func (m *Monitor) AddMask(ctx context.Context, o Order, target string, k Mask) error {
	t, site, err := m.targetOf(ctx, target)
	if err != nil {
		return err
	}
	k.Page = pathOf(t.URL)
	if k.X < 0 || k.Y < 0 || k.W < 1 || k.H < 1 || k.W > 20_000 || k.H > 20_000 {
		return Refuse("a region lies on the picture and has a size")
	}
	return m.decide(ctx, o, "site.mask", "site:"+site.ID, k, func(tx Tx, decision int64) error {
		now, err := tx.Site(ctx, site.ID)
		if err != nil {
			return err
		}
		if len(now.Masks) >= maxMasks {
			return Refuse("%s has %d ignored regions already", site.ID, len(now.Masks))
		}
		k.Decision = decision
		now.Masks = append(now.Masks, k)
		return tx.PutSite(ctx, now)
	})
}

// maxSnooze is how long something can be put off.
const maxSnooze = 7 * 24 * time.Hour

// PutOff hides a question or an incident from the queue for a time. Nothing else about
// it changes, and what gets worse is told as ever.
func (m *Monitor) PutOff(ctx context.Context, o Order, object string, until time.Time) error {
	if ahead := until.Sub(m.now()); ahead <= 0 || ahead > maxSnooze {
		return Refuse("a thing is put off for up to %d days", maxSnooze/(24*time.Hour))
	}
	return m.decide(ctx, o, "snooze.place", object, map[string]time.Time{"until": until.UTC()}, func(tx Tx, _ int64) error {
		if err := tx.RemoveSnoozes(ctx, m.now()); err != nil {
			return err
		}
		return tx.PutSnooze(ctx, Snooze{Object: object, Until: until.UTC()})
	})
}

// LookNow asks for a look at a target ahead of all others.
func (m *Monitor) LookNow(ctx context.Context, o Order, target string) error {
	t, _, err := m.targetOf(ctx, target)
	if err != nil {
		return err
	}
	if t.Gone {
		return Refuse("%s is not watched any more", target)
	}
	return m.decide(ctx, o, "look.ask", "target:"+target, nil, func(tx Tx, _ int64) error {
		return m.queue.insertLook(ctx, tx, lookArgs{Target: target, Reason: ReasonClick}, priorityUrgent)
	})
}

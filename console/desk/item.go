package desk

import (
	"context"
	"errors"
	"strconv"

	"pasban/monitor"
)

// Item is what a review is about: something of the queue, or any look on record.
type Item struct {
	Key      string
	Waiting  bool // it waits for a decision
	Line     Line
	Question *monitor.Question
	Incident *monitor.Incident
	Capture  string
	Site     monitor.Site
	Owner    monitor.Institution
	Target   monitor.Target
}

// Find reads the item that a key names: "q7" a question, "i12" an incident, "c" and an
// ID a look.
func (d *Desk) Find(ctx context.Context, w Who, key string) (Item, error) {
	it := Item{Key: key}
	if len(key) < 2 {
		return it, monitor.ErrNotFound
	}
	id, err := strconv.ParseInt(key[1:], 10, 64)
	if err != nil && key[0] != 'c' {
		return it, monitor.ErrNotFound
	}
	store := d.Monitor.Store
	var target string
	switch key[0] {
	case 'q':
		q, err := store.Question(ctx, id)
		if err != nil {
			return it, err
		}
		it.Question, it.Capture, target, it.Waiting = &q, q.Capture, q.Target, q.Answered.IsZero()
	case 'i':
		i, err := store.Incident(ctx, id)
		if err != nil {
			return it, err
		}
		it.Incident, target, it.Waiting = &i, i.Target, i.State == monitor.Open
		it.Capture = i.Gravest().Capture
	case 'c':
		c, err := store.Capture(ctx, key[1:])
		if err != nil {
			return it, err
		}
		it.Capture, target = c.ID, c.Target
	default:
		return it, monitor.ErrNotFound
	}
	if it.Target, err = store.Target(ctx, target); err != nil {
		return it, err
	}
	it.Site, it.Owner, err = d.Site(ctx, w, it.Target.Site)
	return it, err
}

// Kind says what the item is, in a word.
func (it Item) Kind() string {
	switch {
	case it.Incident != nil:
		return "incident"
	case it.Question != nil:
		return "question"
	}
	return "look"
}

// Object is how the item stands in the record.
func (it Item) Object() string {
	switch {
	case it.Incident != nil:
		return monitor.IncidentObject(it.Incident.ID)
	case it.Question != nil:
		return monitor.QuestionObject(it.Question.ID)
	}
	return "target:" + it.Target.ID
}

// Approved is the picture that a look was compared with, "" if there is none, and
// whether somebody has approved a look of its page: where nobody has, nobody knows what
// the page may show, and pictures of what was found are blurred.
func (d *Desk) Approved(ctx context.Context, c monitor.Capture) (picture string, by bool, err error) {
	b, err := d.Monitor.Store.Baseline(ctx, c.Target)
	if errors.Is(err, monitor.ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if c.Baseline != 0 && b.Version == c.Baseline && len(b.Looks) > 0 {
		picture = b.Looks[len(b.Looks)-1].Picture
	}
	return picture, !b.Provisional, nil
}

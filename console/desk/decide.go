package desk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"pasban/monitor"
)

// MostAtOnce is how many sites one decision is about. A slip of the finger must not teach
// the watch a hundred attacks.
const MostAtOnce = 10

// Choice is what somebody decides about things of the queue.
type Choice struct {
	Verb    string // one of Verbs
	Keys    []string
	Reason  string
	Force   bool          // against the evidence
	Mask    *monitor.Mask // of "ignore": the region
	Minutes int           // of "snooze": for how long, 0 for an hour
}

// verbs are what can be done with what waits.
var verbs = map[string]func(d *Desk, ctx context.Context, it Item, o monitor.Order, c Choice) error{
	"accept":  (*Desk).accept,
	"confirm": (*Desk).confirm,
	"false":   (*Desk).falseAlarm,
	"ignore":  (*Desk).ignore,
	"snooze":  (*Desk).snooze,
}

// Verbs are what can be done with what waits: "accept" it as the approved look,
// "confirm" it as an incident, say that it is a "false" alarm, "ignore" a region of the
// picture, "snooze" it.
func Verbs() []string { return slices.Sorted(maps.Keys(verbs)) }

// Outcome is what became of a decision about one thing.
type Outcome struct {
	Item      Item
	Decisions []int64 // by which it is taken back
	Err       error
}

// Decide does what somebody decided about one thing, or about several at once. Of
// several, those that could be decided are, each with its Outcome.
func (d *Desk) Decide(ctx context.Context, w Who, c Choice) ([]Outcome, error) {
	act, ok := verbs[c.Verb]
	switch {
	case !ok || len(c.Keys) == 0:
		return nil, monitor.Refuse("there is no such decision")
	case len(c.Keys) > 1 && c.Verb == "ignore":
		return nil, monitor.Refuse("a region is drawn on one page and ignored on that one")
	case len(c.Keys) > MostAtOnce:
		return nil, monitor.Refuse("%d sites are too many for one decision; narrow the queue to %d of them", len(c.Keys), MostAtOnce)
	}
	out := make([]Outcome, len(c.Keys))
	for i, key := range c.Keys {
		var err error
		if out[i].Item, err = d.Find(ctx, w, key); err != nil {
			return nil, err
		}
	}
	for i := range out {
		one := &out[i]
		o := w.Order(c.Reason)
		o.Force = c.Force
		o.Decided = func(id int64) { one.Decisions = append(one.Decisions, id) }
		one.Err = act(d, ctx, one.Item, o, c)
		if one.Err != nil && len(out) > 1 && !errors.Is(one.Err, monitor.ErrRefused) {
			d.Logger.Error("one of several decisions failed", "key", one.Item.Key, "error", one.Err)
		}
	}
	if len(out) == 1 && out[0].Err != nil {
		return nil, out[0].Err
	}
	d.changed() // what was done stays done, and can be taken back
	return out, nil
}

// Alike are the keys of what stands in one line of the queue, the one that was asked for
// first.
func Alike(lines []Line, key string) []string {
	keys := []string{key}
	for _, l := range lines {
		if l.Key != key {
			continue
		}
		for _, like := range l.Like {
			keys = append(keys, like.Key)
		}
	}
	return keys
}

// accept makes the look that was seen the approved one. An incident about it was a false
// alarm then.
func (d *Desk) accept(ctx context.Context, it Item, o monitor.Order, _ Choice) error {
	if it.Incident == nil {
		_, err := d.Monitor.ApproveCapture(ctx, o, it.Capture)
		return err
	}
	_, err := d.Monitor.Accept(ctx, o, it.Capture, it.Incident.ID)
	return err
}

func (d *Desk) confirm(ctx context.Context, it Item, o monitor.Order, _ Choice) error {
	if it.Incident != nil {
		return d.Monitor.Acknowledge(ctx, o, it.Incident.ID)
	}
	if it.Question == nil {
		return monitor.Refuse("nothing is asked about this look")
	}
	_, err := d.Monitor.Confirm(ctx, o, it.Question.ID)
	return err
}

func (d *Desk) falseAlarm(ctx context.Context, it Item, o monitor.Order, _ Choice) error {
	if it.Incident != nil {
		_, err := d.Monitor.Resolve(ctx, o, it.Incident.ID, true)
		return err
	}
	if it.Question == nil {
		return monitor.Refuse("nothing is asked about this look")
	}
	return d.Monitor.Dismiss(ctx, o, it.Question.ID)
}

// ignore leaves a region out of the comparison from now on, and settles what waits
// because of it.
func (d *Desk) ignore(ctx context.Context, it Item, o monitor.Order, c Choice) error {
	if c.Mask == nil {
		return monitor.Refuse("draw the region to ignore first")
	}
	if err := d.Monitor.AddMask(ctx, o, it.Target.ID, *c.Mask); err != nil {
		return err
	}
	if it.Question != nil && it.Waiting {
		return d.Monitor.Dismiss(ctx, o, it.Question.ID)
	}
	return nil
}

func (d *Desk) snooze(ctx context.Context, it Item, o monitor.Order, c Choice) error {
	minutes := c.Minutes
	if minutes == 0 {
		minutes = 60
	}
	return d.Monitor.PutOff(ctx, o, it.Object(), d.Clock().Add(time.Duration(minutes)*time.Minute))
}

// Undo takes decisions back, the last one first.
func (d *Desk) Undo(ctx context.Context, w Who, decisions []int64, reason string) error {
	if len(decisions) == 0 || len(decisions) > 4*MostAtOnce {
		return monitor.Refuse("nothing to take back")
	}
	for i := len(decisions) - 1; i >= 0; i-- {
		if err := d.Monitor.Undo(ctx, w.Order(reason), decisions[i]); err != nil {
			return err
		}
	}
	d.changed()
	return nil
}

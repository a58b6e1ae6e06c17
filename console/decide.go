package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"pasban/monitor"
)

// mostAtOnce is how many sites one decision is about. A slip of the finger must not teach
// the watch a hundred attacks.
const mostAtOnce = 10

// verbs are what can be done with what waits.
var verbs = map[string]func(s *Server, ctx context.Context, it item, o monitor.Order, r *http.Request) error{
	"accept":  (*Server).accept,
	"confirm": (*Server).confirm,
	"false":   (*Server).falseAlarm,
	"ignore":  (*Server).ignore,
	"snooze":  (*Server).snooze,
}

// done says what became of a decision.
type done struct {
	Text string  `json:"text"`
	Undo []int64 `json:"undo,omitempty"`
	Next string  `json:"next"`
}

// decide does what an analyst decided about one thing or, with all set, about
// everything that is like it, and leads on to the next.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, v viewer) error {
	ctx := r.Context()
	act, ok := verbs[r.PostFormValue("verb")]
	if !ok {
		return monitor.Refuse("there is no such decision")
	}
	it, err := s.find(ctx, v, r.PostFormValue("key"))
	if err != nil {
		return err
	}
	f := filterOf(r.URL.Query())
	lines, err := s.queue(ctx, f)
	if err != nil {
		return err
	}
	next := nextOf(lines, it.Key)
	all := r.PostFormValue("all") != ""
	if all && r.PostFormValue("verb") == "ignore" {
		return monitor.Refuse("a region is drawn on one page and ignored on that one")
	}
	items, err := s.together(ctx, v, lines, it, all)
	if err != nil {
		return err
	}
	d := done{Next: "/queue" + f.Suffix()}
	if next != "" {
		d.Next = "/review/" + next + f.Suffix()
	}
	failed := 0
	for _, one := range items {
		o := v.order(r.PostFormValue("reason"))
		o.Force = r.PostFormValue("force") != ""
		o.Decided = func(id int64) { d.Undo = append(d.Undo, id) }
		if err := act(s, ctx, one, o, r); err != nil {
			if len(items) == 1 {
				return err
			}
			if !errors.Is(err, monitor.ErrRefused) {
				s.Logger.Error("one of several decisions failed", "key", one.Key, "error", err)
			}
			failed++ // what was done stays done, and can be taken back
		}
	}
	s.walls.drop()
	s.hub.changed()
	d.Text = say(v.lang, said[r.PostFormValue("verb")], it.Site.Name)
	if len(items) > 1 {
		d.Text = say(v.lang, "%s, and %d like it", d.Text, len(items)-1-failed)
	}
	if failed > 0 {
		d.Text = say(v.lang, "%s; %d could not be decided", d.Text, failed)
	}
	return s.answer(w, r, d)
}

// said is what is told of a decision, with the site's name.
var said = map[string]string{
	"accept": "%s: accepted as it is now", "confirm": "%s: confirmed as an incident", "false": "%s: no attack",
	"ignore": "%s: the region is ignored from now on", "snooze": "%s: put off",
}

// answer tells the script, or leads on whoever has none.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, d done) error {
	s.flash(r, d.Text, d.Undo...)
	if wantsJSON(r) {
		writeJSON(w, http.StatusOK, d)
		return nil
	}
	http.Redirect(w, r, d.Next, http.StatusSeeOther)
	return nil
}

// nextOf is the key after one in the queue, "" at its end.
func nextOf(lines []line, key string) string {
	for i, l := range lines {
		if l.Key == key && i+1 < len(lines) {
			return lines[i+1].Key
		}
		if l.Key == key && i > 0 {
			return lines[0].Key
		}
	}
	if len(lines) > 0 && lines[0].Key != key {
		return lines[0].Key
	}
	return ""
}

// together are the things that a decision is about.
func (s *Server) together(ctx context.Context, v viewer, lines []line, it item, all bool) ([]item, error) {
	items := []item{it}
	if !all {
		return items, nil
	}
	for _, l := range lines {
		if l.Key != it.Key {
			continue
		}
		if len(l.Like)+1 > mostAtOnce {
			return nil, monitor.Refuse("%d sites are too many for one decision; narrow the queue to %d of them", len(l.Like)+1, mostAtOnce)
		}
		for _, like := range l.Like {
			other, err := s.find(ctx, v, like.Key)
			if err != nil {
				return nil, err
			}
			items = append(items, other)
		}
	}
	return items, nil
}

// accept makes the look that was seen the approved one. An incident about it was a false
// alarm then.
func (s *Server) accept(ctx context.Context, it item, o monitor.Order, _ *http.Request) error {
	if it.Incident == nil {
		_, err := s.Monitor.ApproveCapture(ctx, o, it.Capture)
		return err
	}
	_, err := s.Monitor.Accept(ctx, o, it.Capture, it.Incident.ID)
	return err
}

func (s *Server) confirm(ctx context.Context, it item, o monitor.Order, _ *http.Request) error {
	if it.Incident != nil {
		return s.Monitor.Acknowledge(ctx, o, it.Incident.ID)
	}
	if it.Question == nil {
		return monitor.Refuse("nothing is asked about this look")
	}
	_, err := s.Monitor.Confirm(ctx, o, it.Question.ID)
	return err
}

func (s *Server) falseAlarm(ctx context.Context, it item, o monitor.Order, _ *http.Request) error {
	if it.Incident != nil {
		_, err := s.Monitor.Resolve(ctx, o, it.Incident.ID, true)
		return err
	}
	if it.Question == nil {
		return monitor.Refuse("nothing is asked about this look")
	}
	return s.Monitor.Dismiss(ctx, o, it.Question.ID)
}

// ignore leaves a region out of the comparison from now on, and settles what waits
// because of it.
func (s *Server) ignore(ctx context.Context, it item, o monitor.Order, r *http.Request) error {
	var k monitor.Mask
	for name, into := range map[string]*int32{"x": &k.X, "y": &k.Y, "w": &k.W, "h": &k.H} {
		n, err := strconv.ParseInt(r.PostFormValue(name), 10, 32)
		if err != nil {
			return monitor.Refuse("draw the region to ignore first")
		}
		*into = int32(n)
	}
	if err := s.Monitor.AddMask(ctx, o, it.Target.ID, k); err != nil {
		return err
	}
	if it.Question != nil && it.Waiting {
		return s.Monitor.Dismiss(ctx, o, it.Question.ID)
	}
	return nil
}

func (s *Server) snooze(ctx context.Context, it item, o monitor.Order, r *http.Request) error {
	minutes, err := strconv.Atoi(r.PostFormValue("minutes"))
	if err != nil {
		minutes = 60
	}
	return s.Monitor.PutOff(ctx, o, it.Object(), s.Clock().Add(time.Duration(minutes)*time.Minute))
}

// undo takes decisions back, the last one first.
func (s *Server) undo(w http.ResponseWriter, r *http.Request, v viewer) error {
	var ids []int64
	if err := json.Unmarshal([]byte(r.PostFormValue("decisions")), &ids); err != nil || len(ids) == 0 || len(ids) > 4*mostAtOnce {
		return monitor.Refuse("nothing to take back")
	}
	for i := len(ids) - 1; i >= 0; i-- {
		if err := s.Monitor.Undo(r.Context(), v.order(r.PostFormValue("reason")), ids[i]); err != nil {
			return err
		}
	}
	s.walls.drop()
	s.hub.changed()
	return s.answer(w, r, done{Text: say(v.lang, "Taken back. The record keeps both."), Next: local(r.PostFormValue("next"))})
}

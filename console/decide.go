package console

import (
	"encoding/json"
	"net/http"
	"strconv"

	"pasban/console/desk"
	"pasban/monitor"
)

// done says what became of a decision.
type done struct {
	Text string  `json:"text"`
	Undo []int64 `json:"undo,omitempty"`
	Next string  `json:"next"`
}

// decide does what an analyst decided about one thing or, with all set, about
// everything that is like it, and leads on to the next.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, v viewer) error {
	f, key := desk.FilterOf(r.URL.Query()), r.PostFormValue("key")
	lines, err := s.desk.Queue(r.Context(), f)
	if err != nil {
		return err
	}
	c := choiceOf(r, key)
	if r.PostFormValue("all") != "" {
		c.Keys = desk.Alike(lines, key)
	}
	outcomes, err := s.desk.Decide(r.Context(), v.Who, c)
	if err != nil {
		return err
	}
	d := done{Next: "/queue" + f.Suffix()}
	if next := nextOf(lines, key); next != "" {
		d.Next = "/review/" + next + f.Suffix()
	}
	failed := 0
	for _, o := range outcomes {
		d.Undo = append(d.Undo, o.Decisions...)
		if o.Err != nil {
			failed++
		}
	}
	d.Text = say(v.lang, said[c.Verb], outcomes[0].Item.Site.Name)
	if len(outcomes) > 1 {
		d.Text = say(v.lang, "%s, and %d like it", d.Text, len(outcomes)-1-failed)
	}
	if failed > 0 {
		d.Text = say(v.lang, "%s; %d could not be decided", d.Text, failed)
	}
	return s.answer(w, r, d)
}

// choiceOf reads the form of a decision about one thing.
func choiceOf(r *http.Request, key string) desk.Choice {
	c := desk.Choice{Verb: r.PostFormValue("verb"), Keys: []string{key}, Reason: r.PostFormValue("reason"), Force: r.PostFormValue("force") != ""}
	c.Minutes, _ = strconv.Atoi(r.PostFormValue("minutes")) // 0 for what is no number
	var k monitor.Mask
	for name, into := range map[string]*int32{"x": &k.X, "y": &k.Y, "w": &k.W, "h": &k.H} {
		n, err := strconv.ParseInt(r.PostFormValue(name), 10, 32)
		if err != nil {
			return c // nothing was drawn
		}
		*into = int32(n)
	}
	c.Mask = &k
	return c
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
func nextOf(lines []desk.Line, key string) string {
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

// undo takes decisions back, the last one first.
func (s *Server) undo(w http.ResponseWriter, r *http.Request, v viewer) error {
	var ids []int64
	if err := json.Unmarshal([]byte(r.PostFormValue("decisions")), &ids); err != nil {
		return monitor.Refuse("nothing to take back")
	}
	if err := s.desk.Undo(r.Context(), v.Who, ids, r.PostFormValue("reason")); err != nil {
		return err
	}
	return s.answer(w, r, done{Text: say(v.lang, "Taken back. The record keeps both."), Next: local(r.PostFormValue("next"))})
}

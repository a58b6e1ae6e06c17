package desk

import (
	"encoding/json"
	"slices"
	"strings"

	"pasban/monitor"
)

// ownerOf is whom an incident was given to last.
func ownerOf(decisions []monitor.Decision) string {
	for _, d := range slices.Backward(decisions) {
		var detail struct{ Owner string }
		if d.Action == "incident.assign" && json.Unmarshal(d.Detail, &detail) == nil {
			return detail.Owner
		}
	}
	return ""
}

// shared are the decisions that the owner of a site may know of: that its incident was
// taken up, closed or opened again. Who did it and why, and what the CERT says to itself,
// stays with the CERT.
func shared(decisions []monitor.Decision) []monitor.Decision {
	var out []monitor.Decision
	for _, d := range decisions {
		action := d.Action
		if action == "undo" {
			var detail struct{ Action string }
			if json.Unmarshal(d.Detail, &detail) != nil {
				continue
			}
			action = detail.Action
		}
		what, of := strings.CutPrefix(action, "incident.")
		if of && what != "note" && what != "assign" {
			out = append(out, monitor.Decision{ID: d.ID, At: d.At, Action: d.Action, Object: d.Object})
		}
	}
	return out
}

// timeline tells what happened to a site, and what people did, in one order.
func timeline(i monitor.Incident, decisions []monitor.Decision) []Moment {
	out := []Moment{{At: i.Opened, Action: "opened", Text: i.Summary}}
	for n, f := range i.Findings {
		if n == 40 {
			break
		}
		out = append(out, Moment{At: f.At, Action: "seen", Text: f.Why})
		if !f.Over.IsZero() {
			out = append(out, Moment{At: f.Over, Action: "over", Text: f.Why})
		}
	}
	if !i.Recovered.IsZero() {
		out = append(out, Moment{At: i.Recovered, Action: "recovered"})
	}
	for _, d := range decisions {
		who := strings.TrimPrefix(strings.TrimPrefix(d.Actor, "user:"), "operator:")
		out = append(out, Moment{At: d.At, Who: who, Action: strings.TrimPrefix(d.Action, "incident."), Text: d.Reason})
	}
	slices.SortStableFunc(out, func(a, b Moment) int { return a.At.Compare(b.At) })
	return out
}

// withLogs puts what the site's access logs tell on the timeline of its incident.
func withLogs(line []Moment, l monitor.IncidentLogs) []Moment {
	for i := range l.Findings {
		line = append(line, Moment{At: l.Findings[i].First, Action: "in the server's log", Log: &l.Findings[i]})
	}
	slices.SortStableFunc(line, func(a, b Moment) int { return a.At.Compare(b.At) })
	return line
}

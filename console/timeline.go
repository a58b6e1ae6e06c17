package console

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

// timeline tells what happened to a site, and what people did, in one order.
func timeline(i monitor.Incident, decisions []monitor.Decision) []moment {
	out := []moment{{At: i.Opened, Action: "opened", Text: i.Summary}}
	for n, f := range i.Findings {
		if n == 40 {
			break
		}
		out = append(out, moment{At: f.At, Action: "seen", Text: f.Why})
		if !f.Over.IsZero() {
			out = append(out, moment{At: f.Over, Action: "over", Text: f.Why})
		}
	}
	if !i.Recovered.IsZero() {
		out = append(out, moment{At: i.Recovered, Action: "recovered"})
	}
	for _, d := range decisions {
		who := strings.TrimPrefix(strings.TrimPrefix(d.Actor, "user:"), "operator:")
		out = append(out, moment{At: d.At, Who: who, Action: strings.TrimPrefix(d.Action, "incident."), Text: d.Reason})
	}
	slices.SortStableFunc(out, func(a, b moment) int { return a.At.Compare(b.At) })
	return out
}

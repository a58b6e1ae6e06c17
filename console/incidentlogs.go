package console

import (
	"slices"

	"pasban/monitor"
)

// withLogs puts what the site's access logs tell on the timeline of its incident.
func withLogs(line []moment, l monitor.IncidentLogs) []moment {
	for i := range l.Findings {
		line = append(line, moment{At: l.Findings[i].First, Action: "in the server's log", Log: &l.Findings[i]})
	}
	slices.SortStableFunc(line, func(a, b moment) int { return a.At.Compare(b.At) })
	return line
}

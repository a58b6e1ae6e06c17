package monitor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pasban/alerting"
	"pasban/compare"
)

// maxFindings bounds what one incident gathers; a site under attack for weeks
// shows the same few again and again.
const maxFindings = 200

// alarm opens an incident for a confirmed alarm, or adds to the open one, and
// tells everybody concerned if there is something new to tell.
func (m *Monitor) alarm(ctx context.Context, tx Tx, r *ruling) error {
	seen := r.seen()
	event := alerting.Escalated
	if r.incident == nil {
		event = alerting.Opened
		r.incident = &Incident{
			Site: seen.Site, Target: seen.Target, State: Open, Opened: seen.At, Updated: m.now(), Summary: seen.Report.Why,
		}
	} else if knows(*r.incident, seen) {
		return m.seenAgain(ctx, tx, r)
	}
	worse := gather(r.incident, seen)
	if event == alerting.Escalated && !worse {
		r.incident.Updated = m.now()
		return tx.PutIncident(ctx, *r.incident)
	}
	if event == alerting.Opened {
		id, err := tx.AddIncident(ctx, *r.incident)
		if err != nil {
			return fmt.Errorf("opening an incident: %w", err)
		}
		r.incident.ID = id
	}
	return m.tell(ctx, tx, r.incident, event, seen, r.pictures)
}

// gather adds the findings of a capture to an incident, and reports whether
// they make it worse: another kind of attack, or a higher severity.
func gather(i *Incident, c Capture) (worse bool) {
	for _, f := range c.Report.Findings {
		at := slices.IndexFunc(i.Findings, func(k IncidentFinding) bool { return k.Rule == f.Rule && k.Target == c.Target })
		if at >= 0 {
			known := &i.Findings[at]
			known.Seen++
			if f.Severity.Rank() > known.Severity.Rank() {
				known.Finding, known.Capture, known.At = f, c.ID, c.At
			}
			continue
		}
		if len(i.Findings) < maxFindings {
			i.Findings = append(i.Findings, IncidentFinding{Finding: f, Capture: c.ID, Target: c.Target, At: c.At, Seen: 1})
		}
		if f.Severity.Rank() >= compare.High.Rank() && !slices.ContainsFunc(i.Findings[:len(i.Findings)-1], func(k IncidentFinding) bool { return k.Kind == f.Kind }) {
			worse = true
		}
	}
	top := topFinding(i.Findings)
	worse = worse || top.Severity.Rank() > i.Severity.Rank()
	i.Kind, i.Severity = top.Kind, top.Severity
	return worse
}

// topFinding is the one an incident is named after: the most severe, of those
// the surest, of those the first.
func topFinding(findings []IncidentFinding) IncidentFinding {
	var top IncidentFinding
	for _, f := range findings {
		if f.Severity.Rank() > top.Severity.Rank() || f.Severity == top.Severity && f.Score > top.Score {
			top = f
		}
	}
	return top
}

// seenAgain counts another look that showed what the incident knows. If the
// approved look had come back in between, the attack has returned.
func (m *Monitor) seenAgain(ctx context.Context, tx Tx, r *ruling) error {
	if r.incident == nil {
		return nil // resolved meanwhile: the next look is an alarm again
	}
	gather(r.incident, r.seen())
	r.incident.Updated = m.now()
	if r.incident.Recovered.IsZero() {
		return tx.PutIncident(ctx, *r.incident)
	}
	r.incident.Recovered = time.Time{}
	return m.tell(ctx, tx, r.incident, alerting.Escalated, r.seen(), r.pictures)
}

// recovered notes that the approved look is back on every page the incident
// was seen on. The incident stays open: a person decides that it is over.
func (m *Monitor) recovered(ctx context.Context, tx Tx, r *ruling) error {
	if r.incident == nil || !r.incident.Recovered.IsZero() {
		return nil
	}
	for _, f := range r.incident.Findings {
		if f.Target == r.capture.Target {
			continue
		}
		latest, err := tx.Captures(ctx, f.Target, 1)
		if err != nil {
			return err
		}
		if len(latest) == 0 || latest[0].Report.Verdict != compare.Unchanged && latest[0].Report.Verdict != compare.Benign {
			return nil
		}
	}
	r.incident.Recovered, r.incident.Updated = m.now(), m.now()
	return m.tell(ctx, tx, r.incident, alerting.Recovered, r.capture, nil)
}

package monitor

import (
	"cmp"
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
	if r.incident != nil && r.incident.unseenOnly() {
		event = alerting.Opened // to its people it is news
		r.incident.Target, r.incident.Summary = seen.Target, seen.Report.Why
	}
	if r.incident == nil {
		late, err := m.closedSince(ctx, tx, seen)
		if err != nil || late {
			return err
		}
		event = alerting.Opened
		r.incident = &Incident{
			Site: seen.Site, Target: seen.Target, State: Open, Opened: seen.At, Updated: m.now(), Summary: seen.Report.Why,
		}
	}
	// A look from before the recovery may be judged after it, and is no return.
	returned := !r.incident.Recovered.IsZero() && m.after(seen.At, r.incident.Recovered)
	if returned {
		r.incident.Recovered = time.Time{}
	}
	worse := gather(r.incident, seen)
	if event == alerting.Escalated && !worse && !returned {
		r.incident.Updated = m.now()
		return tx.PutIncident(ctx, *r.incident)
	}
	if r.incident.ID == 0 {
		id, err := tx.AddIncident(ctx, *r.incident)
		if err != nil {
			return fmt.Errorf("opening an incident: %w", err)
		}
		r.incident.ID = id
	}
	if err := m.cluster(ctx, tx, r.incident, seen, r.traces); err != nil {
		return err
	}
	return m.tell(ctx, tx, r.incident, event, seen, r.pictures)
}

// closedSince reports whether a capture is old news: an incident that knows all
// it shows was closed after it was taken. Judgements do not come in the order of
// the looks, and a second look takes its time; what is still there is seen again
// by the next look.
func (m *Monitor) closedSince(ctx context.Context, tx Tx, seen Capture) (bool, error) {
	all, err := tx.SiteIncidents(ctx, seen.Site)
	if err != nil {
		return false, fmt.Errorf("looking for a closed incident of %s: %w", seen.Site, err)
	}
	return slices.ContainsFunc(all, func(i Incident) bool {
		return i.State.Closed() && !m.after(seen.At, i.Updated) && knows(i, seen)
	}), nil
}

// gather adds the findings of a capture to an incident, and reports whether
// they make it worse: another attack, or a higher severity.
func gather(i *Incident, c Capture) (worse bool) {
	for _, f := range c.Report.Findings {
		if at := entryOf(i, c, f); at >= 0 {
			known := &i.Findings[at]
			known.Seen++
			if f.Severity.Rank() > known.Severity.Rank() {
				known.Finding, known.Capture, known.At = f, c.ID, c.At
			}
			continue
		}
		worse = worse || tellsMore(i, c, f)
		if len(i.Findings) < maxFindings {
			i.Findings = append(i.Findings, IncidentFinding{Finding: f, Capture: c.ID, Target: c.Target, Visitor: c.Visitor, At: c.At, Seen: 1})
		}
	}
	top := topFinding(i.Findings)
	worse = worse || top.Severity.Rank() > i.Severity.Rank()
	i.Kind, i.Severity = top.Kind, top.Severity
	return worse
}

// Gravest is the finding that an incident is named after, the zero value if it has none.
func (i Incident) Gravest() IncidentFinding { return topFinding(i.Findings) }

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

// seenAgain counts another look that showed what the incident knows.
func (m *Monitor) seenAgain(ctx context.Context, tx Tx, r *ruling) error {
	if r.incident == nil {
		return nil // resolved meanwhile: the next look is an alarm again
	}
	gather(r.incident, r.seen())
	r.incident.Updated = m.now()
	return tx.PutIncident(ctx, *r.incident)
}

// recovered notes that the approved look is back on every page the incident
// was seen on, for each visitor who saw it. The incident stays open: a person decides that it is over.
func (m *Monitor) recovered(ctx context.Context, tx Tx, r *ruling) error {
	if r.incident == nil || !r.incident.Recovered.IsZero() || r.capture.Baseline == 0 {
		return nil // without an approved look nothing can be back
	}
	if r.incident.unseenOnly() {
		return nil // the guard says when a site is seen again
	}
	for _, f := range r.incident.Findings {
		if f.seenBy(r.capture) || unseenFinding(f.Finding) {
			continue
		}
		latest, err := tx.CapturesAs(ctx, f.Target, cmp.Or(f.Visitor, Desktop), 1)
		if err != nil {
			return err
		}
		if len(latest) == 0 || latest[0].Report.Verdict != compare.Unchanged && latest[0].Report.Verdict != compare.Benign {
			return nil
		}
	}
	r.incident.Recovered, r.incident.Updated = r.capture.At, m.now()
	return m.tell(ctx, tx, r.incident, alerting.Recovered, r.capture, nil)
}

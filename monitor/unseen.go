package monitor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/alerting"
	"pasban/compare"
)

// A site that is out of sight is an incident of the kind availability, with the reason.
// It is the CERT's business first: whether the site is down, or shuts us out, or the
// line between is broken, a person finds out. It is closed when the site is seen again,
// by a policy, on record. A site that is under attack keeps its one incident, and that
// it is out of sight becomes a finding of it.

// unseenRule is the rule of such a finding.
const unseenRule = "availability.unseen"

// seenAgain is the actor of what closes such an incident.
const seenAgain = "policy:seen-again"

// unseenFinding reports a finding that somebody could not be seen.
func unseenFinding(f compare.Finding) bool { return f.Rule == unseenRule }

// live reports that it still is so.
func (f IncidentFinding) live() bool { return unseenFinding(f.Finding) && f.Over.IsZero() }

// unseenOnly reports an incident of a site that is out of sight, and no attack.
func (i Incident) unseenOnly() bool {
	return len(i.Findings) > 0 && !slices.ContainsFunc(i.Findings, func(f IncidentFinding) bool { return !unseenFinding(f.Finding) })
}

// aboutSight reports a report that says nothing but that a page could not be seen.
func aboutSight(r compare.Report) bool {
	return len(r.Findings) > 0 && !slices.ContainsFunc(r.Findings, func(f compare.Finding) bool { return !unseenFinding(f) })
}

// attacked finds the open incident of a site, nil if there is none or if the site is
// only out of sight, which says nothing about what it will show.
func attacked(ctx context.Context, from Reader, site string) (*Incident, error) {
	i, err := openIncident(ctx, from, site)
	if i != nil && i.unseenOnly() {
		return nil, err
	}
	return i, err
}

// loss is a site with pages that have gone out of sight, and its open incident.
type loss struct {
	site     Site
	incident Incident // without an ID if there is none yet
	pages    []view
}

// settle keeps what has gone out of sight and what has come back, and tells it, in one
// transaction. With blind nothing goes out of sight: it is us.
func (s *sight) settle(ctx context.Context, views map[string]view, blind bool) error {
	var lost, found int
	var each, together, endEach, endTogether bool
	now := s.m.now()
	err := s.m.Store.Update(ctx, func(tx Tx) error {
		open, err := tx.Incidents(ctx, true)
		if err != nil {
			return fmt.Errorf("listing open incidents: %w", err)
		}
		var losses []loss
		if !blind {
			if losses, err = s.losses(ctx, tx, views, open); err != nil {
				return err
			}
		}
		lost = len(losses)
		if each, together = s.mails.plan(lost, now); each || together {
			if err := s.lose(ctx, tx, losses, together); err != nil {
				return err
			}
		}
		back, err := s.back(ctx, tx, views, open)
		if err != nil {
			return err
		}
		found = len(back)
		if endEach, endTogether = s.ends.plan(found, now); endEach || endTogether {
			return s.find(ctx, tx, back, endTogether)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping what is out of sight: %w", err)
	}
	if each || together {
		s.mails.spend(lost, together, now)
	}
	if endEach || endTogether {
		s.ends.spend(found, endTogether, now)
	}
	return nil
}

// losses are the sites that went out of sight, by ID.
func (s *sight) losses(ctx context.Context, tx Tx, views map[string]view, open []Incident) ([]loss, error) {
	incidents := map[string]Incident{}
	for _, i := range open {
		incidents[i.Site] = i
	}
	bySite := map[string]*loss{}
	var all []Incident
	for _, v := range views {
		i := incidents[v.site.ID]
		if !v.unseen || slices.ContainsFunc(i.Findings, func(f IncidentFinding) bool { return f.live() && f.Target == v.target.ID }) {
			continue
		}
		if all == nil {
			var err error
			if all, err = tx.Incidents(ctx, false); err != nil {
				return nil, fmt.Errorf("listing incidents: %w", err)
			}
		}
		if dismissed(all, v, s.m.now()) {
			continue
		}
		if bySite[v.site.ID] == nil {
			bySite[v.site.ID] = &loss{site: v.site, incident: i}
		}
		bySite[v.site.ID].pages = append(bySite[v.site.ID].pages, v)
	}
	out := make([]loss, 0, len(bySite))
	for _, l := range bySite {
		slices.SortFunc(l.pages, func(a, b view) int { return strings.Compare(a.target.ID, b.target.ID) })
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b loss) int { return strings.Compare(a.site.ID, b.site.ID) })
	return out, nil
}

// dismissedFor is how long a person who closes the incident of a site that is still out
// of sight is not told of it again.
const dismissedFor = 24 * time.Hour

// dismissed reports that a person closed an incident while this page was out of sight,
// as it has been since.
func dismissed(all []Incident, v view, now time.Time) bool {
	return slices.ContainsFunc(all, func(i Incident) bool {
		return i.Site == v.site.ID && i.State.Closed() && i.Updated.After(v.fresh.LastGood) && now.Sub(i.Updated) < dismissedFor &&
			slices.ContainsFunc(i.Findings, func(f IncidentFinding) bool { return f.live() && f.Target == v.target.ID })
	})
}

// lose opens the incidents of sites that went out of sight, or adds to those they
// have, and tells.
func (s *sight) lose(ctx context.Context, tx Tx, losses []loss, together bool) error {
	for n := range losses {
		l := &losses[n]
		seen, event, err := s.addUnseen(ctx, tx, l)
		if err != nil {
			return err
		}
		if !together {
			err = s.m.tell(ctx, tx, &l.incident, event, seen, nil)
		} else {
			err = tx.PutIncident(ctx, l.incident)
		}
		if err != nil {
			return err
		}
	}
	if !together || len(losses) == 0 {
		return nil
	}
	n := alerting.Notice{
		Title:  fmt.Sprintf("%d sites cannot be seen", len(losses)),
		Text:   "They were not seen in good order for longer than promised. Others are seen: what these have in common may be a provider, a name server or a filter.",
		Advice: []string{"Look for what they share. Each has an incident of its own, which is closed when the site is seen again."},
	}
	for _, l := range losses {
		v := l.pages[0]
		n.Sites = append(n.Sites, alerting.NoticeSite{Name: cmp.Or(l.site.Name, l.site.ID), URL: v.target.URL, Since: v.fresh.LastGood, Why: v.reason()})
	}
	n.Sites, n.MoreSites = firstSites(n.Sites)
	return s.m.announce(ctx, tx, fmt.Sprintf("unseen.%d.%d", losses[0].incident.ID, s.m.now().UnixMilli()), "high", n)
}

func firstSites(all []alerting.NoticeSite) ([]alerting.NoticeSite, int) {
	n := min(len(all), alerting.NoticeSites)
	return all[:n], len(all) - n
}

// reason is why the last look was no good one.
func (v view) reason() string {
	switch {
	case v.fresh.LastAttempt.IsZero():
		return "never looked at"
	case v.fresh.Reason == "":
		return "not looked at since"
	}
	return v.fresh.Reason
}

// finding is what is wrong with a page that is out of sight.
func (v view) finding() compare.Finding {
	why := "Not seen in good order so far"
	if !v.fresh.LastGood.IsZero() {
		why = "Not seen in good order since " + onClock(v.fresh.LastGood)
	}
	why += ", which is longer than the " + inWords(v.promise) + " promised."
	if !v.fresh.LastAttempt.IsZero() {
		why += " Last tried on " + onClock(v.fresh.LastAttempt) + "."
	}
	return compare.Finding{Kind: compare.Availability, Rule: unseenRule, Severity: compare.Medium, Why: why, Evidence: storable(v.reason())}
}

// addUnseen puts what is out of sight into the incident of a site, which it opens if
// there is none, and returns what is to be told as if it had been seen.
func (s *sight) addUnseen(ctx context.Context, tx Tx, l *loss) (Capture, alerting.Event, error) {
	now := s.m.now()
	seen := Capture{Site: l.site.ID, Target: l.pages[0].target.ID, URL: l.pages[0].target.URL, At: now, Visitor: Desktop}
	i := &l.incident
	for _, v := range l.pages {
		newest, err := tx.Captures(ctx, v.target.ID, 1)
		if err != nil {
			return seen, "", err
		}
		f := IncidentFinding{Finding: v.finding(), Target: v.target.ID, At: now, Seen: 1}
		if len(newest) > 0 {
			f.Capture = newest[0].ID
		}
		seen.Report.Findings = append(seen.Report.Findings, f.Finding)
		i.Findings = slices.DeleteFunc(i.Findings, func(k IncidentFinding) bool { return unseenFinding(k.Finding) && k.Target == v.target.ID })
		if len(i.Findings) < maxFindings {
			i.Findings = append(i.Findings, f)
		}
	}
	seen.Report.Why = seen.Report.Findings[0].Why
	i.Updated = now
	if i.ID != 0 {
		return seen, alerting.Escalated, nil
	}
	i.Site, i.Target, i.State, i.Opened, i.Summary = l.site.ID, seen.Target, Open, now, seen.Report.Why
	i.Kind, i.Severity = compare.Availability, compare.Medium
	var err error
	if i.ID, err = tx.AddIncident(ctx, *i); err != nil {
		return seen, "", fmt.Errorf("opening an incident: %w", err)
	}
	return seen, alerting.Opened, nil
}

// back marks what is seen again, and returns the incidents that are over by it. Those of
// sites that are no longer watched are closed without a word.
func (s *sight) back(ctx context.Context, tx Tx, views map[string]view, open []Incident) ([]Incident, error) {
	var over []Incident
	for _, i := range open {
		changed, left, watched := false, false, false
		for k := range i.Findings {
			f := &i.Findings[k]
			if !f.live() {
				continue
			}
			v, known := views[f.Target]
			watched = watched || known
			if left = left || v.unseen; v.unseen {
				continue
			}
			f.Over, changed = s.m.now(), true
		}
		switch {
		case !changed:
		case !i.unseenOnly() || left:
			i.Updated = s.m.now()
			if err := tx.PutIncident(ctx, i); err != nil {
				return nil, err
			}
		case watched:
			over = append(over, i)
		default:
			if err := s.close(ctx, tx, &i, "its site is no longer watched"); err != nil {
				return nil, err
			}
		}
	}
	return over, nil
}

// find closes the incidents of sites that are seen again, and tells.
func (s *sight) find(ctx context.Context, tx Tx, over []Incident, together bool) error {
	n := alerting.Notice{
		Title: fmt.Sprintf("%d sites are seen again", len(over)), Over: true,
		Text: "Their last looks were good ones. Their incidents are closed.",
	}
	for _, i := range over {
		if err := s.close(ctx, tx, &i, "every page was seen in good order again"); err != nil {
			return err
		}
		seen, err := s.m.outOfSight(ctx, tx, i)
		if err != nil {
			return err
		}
		if !together {
			seen.Report = compare.Report{Why: "Every page of it was seen in good order again."}
			if err := s.m.tell(ctx, tx, &i, alerting.Recovered, seen, nil); err != nil {
				return err
			}
			continue
		}
		n.Sites = append(n.Sites, alerting.NoticeSite{Name: i.Site, URL: seen.URL, Since: s.m.now()})
	}
	if !together || len(over) == 0 {
		return nil
	}
	n.Sites, n.MoreSites = firstSites(n.Sites)
	return s.m.announce(ctx, tx, fmt.Sprintf("seen.%d.%d", over[0].ID, s.m.now().UnixMilli()), "medium", n)
}

// close ends an incident by the policy.
func (s *sight) close(ctx context.Context, tx Tx, i *Incident, why string) error {
	now := s.m.now()
	_, err := tx.AddDecision(ctx, Decision{At: now, Actor: seenAgain, Action: "incident." + string(Resolved), Object: fmt.Sprintf("incident:%d", i.ID), Reason: why})
	if err != nil {
		return fmt.Errorf("recording the decision: %w", err)
	}
	i.State, i.Recovered, i.Updated = Resolved, now, now
	return tx.PutIncident(ctx, *i)
}

// outOfSight stands in for the capture that an incident of a site out of sight does not
// have.
func (m *Monitor) outOfSight(ctx context.Context, from Reader, i Incident) (Capture, error) {
	f := topFinding(i.Findings)
	c := Capture{Site: i.Site, Target: f.Target, At: m.now(), Visitor: Desktop, Report: compare.Report{Why: f.Why, Findings: []compare.Finding{f.Finding}}}
	target, err := from.Target(ctx, f.Target)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return c, fmt.Errorf("target %s: %w", f.Target, err)
	}
	c.URL = target.URL
	return c, nil
}

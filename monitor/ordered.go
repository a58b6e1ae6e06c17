package monitor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pasban/compare"
	"pasban/compare/lockdown"
	"pasban/render"
)

// What a look at a page of a site in lockdown is held against, beside its baseline.

// demand is what is ordered of a site, and what is known of how it stands.
type demand struct {
	controls  []string // nil if nothing is ordered
	waived    []string
	server    *lockdown.Server // nil if it was not asked
	standings map[string]Standing
	beyond    []Standing // of pages that the home page leads to, by page and control
}

// ordersOf are the directives in force that are about a site. One that the watchlist
// itself puts into lockdown has one without number and deadline.
func ordersOf(ctx context.Context, from Reader, site Site) ([]Directive, error) {
	all, err := from.SiteDirectives(ctx, site.ID)
	if err != nil {
		return nil, fmt.Errorf("looking for what is ordered of %s: %w", site.ID, err)
	}
	if site.Policy().ReadOnly {
		every, err := lockdown.Select(nil)
		if err != nil {
			return nil, err
		}
		all = append(all, Directive{Scope: Scope{Sites: []string{site.ID}}, Controls: every, Authority: "the watchlist"})
	}
	return all, nil
}

// controlsOf are what several directives demand together, in the order of the controls.
func controlsOf(orders []Directive) []string {
	var names []string
	for _, d := range orders {
		names = append(names, d.Controls...)
	}
	if len(names) == 0 {
		return nil
	}
	known := slices.DeleteFunc(names, func(id string) bool { _, ok := lockdown.ByID(id); return !ok })
	out, err := lockdown.Select(known)
	if err != nil || len(known) == 0 {
		return nil
	}
	return out
}

// waivedFor are the controls that waivers leave open for a site at a moment.
func waivedFor(waivers []Waiver, site Site, at time.Time) []string {
	var out []string
	for _, w := range waivers {
		if w.of(site) && w.Holds(at) {
			out = append(out, w.Controls...)
		}
	}
	return out
}

// demandOn reads what is ordered of a page.
func (m *Monitor) demandOn(ctx context.Context, from Reader, target Target, site Site) (demand, error) {
	orders, err := ordersOf(ctx, from, site)
	if err != nil || len(orders) == 0 {
		return demand{}, err
	}
	d := demand{controls: controlsOf(orders), standings: map[string]Standing{}}
	waivers, err := from.Waivers(ctx, m.now())
	if err != nil {
		return d, fmt.Errorf("reading waivers: %w", err)
	}
	d.waived = waivedFor(waivers, site, m.now())
	if d.server, err = serverOf(ctx, from, site); err != nil {
		return d, err
	}
	standings, err := from.SiteStandings(ctx, target.Site)
	if err != nil {
		return d, fmt.Errorf("reading how %s stands: %w", target.Site, err)
	}
	for _, s := range standings {
		switch {
		case s.Target == target.ID:
			d.standings[s.Control] = s
		case s.Page() != "" && target.ID == site.ID:
			d.beyond = append(d.beyond, s)
		}
	}
	return d, nil
}

// serverOf is what the active checks found of a site, nil if they were not made.
func serverOf(ctx context.Context, from Reader, site Site) (*lockdown.Server, error) {
	s, err := from.Doors(ctx, site.ID)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what the server of %s said: %w", site.ID, err)
	}
	return &s, nil
}

// answersHold is how long what a server said holds: what an order weeks ago made it say
// must not stand beside what it says under the next.
const answersHold = 3 * doorsEvery

// evidence is what verdicts on a page are reached from. Answers of a server hold for a
// while, and as long as its owner agrees that it is asked.
func (m *Monitor) evidence(target Target, site Site, page *lockdown.Page, server *lockdown.Server) lockdown.Evidence {
	policy := site.Policy()
	if server != nil && (!policy.Active || m.now().Sub(server.At) > answersHold) {
		server = nil
	}
	return lockdown.Evidence{
		Page: page, Server: server, Passive: !policy.Active, Home: target.ID == site.ID,
		Allowed: site.AllowHosts, Origin: policy.origins(), Now: m.now(),
	}
}

// ordered holds a look against what is ordered. Of the home page it goes on to a page that
// the navigation leads to. It returns what has been opened again as findings, and whether
// the judge has something to keep.
func (m *Monitor) ordered(ctx context.Context, args lookArgs, target Target, site Site, page *render.Page, seen *lockdown.Page) (opened []compare.Finding, news bool, err error) {
	if site.ID == CanarySite {
		return nil, false, nil
	}
	d, err := m.demandOn(ctx, m.Store, target, site)
	if err != nil || d.controls == nil {
		return nil, false, err
	}
	opened, news = d.hold(lockdown.Judge(m.evidence(target, site, seen, d.server), d.controls))
	if target.ID != site.ID {
		return opened, news, nil
	}
	if err := m.goBeyond(ctx, args, d, site, page, seen); err != nil {
		return nil, false, err
	}
	more, newsThere := d.holdBeyond(seen)
	return append(opened, more...), news || newsThere, nil
}

// hold compares verdicts with how the page stood.
func (d demand) hold(verdicts []lockdown.Verdict) (opened []compare.Finding, news bool) {
	for _, v := range verdicts {
		was, known := d.standings[v.Control]
		news = news || !known || was.State != v.State
		if d.reopened(v) {
			opened = append(opened, finding(v, was.Shut))
		}
	}
	return opened, news || len(opened) > 0
}

// reopened reports a door that was shut under this order and is open, and that nobody
// decided to leave open.
func (d demand) reopened(v lockdown.Verdict) bool {
	return v.State == lockdown.Open && !d.standings[v.Control].Shut.IsZero() && !slices.Contains(d.waived, v.Control)
}

// lockdownScore is that of a decisive finding: see package compare. What is open is a
// fact, and whether it was meant is not asked.
const lockdownScore = 0.95

// finding is an open door as an incident shows it.
func finding(v lockdown.Verdict, shut time.Time) compare.Finding {
	c, _ := lockdown.ByID(v.Control)
	f := compare.Finding{Kind: compare.Lockdown, Rule: c.Rule(), Severity: c.Severity, Score: lockdownScore, Why: v.Why}
	if !shut.IsZero() {
		f.Why += " It was closed, and is open again."
	}
	if len(v.Evidence) > 0 {
		f.Evidence = storable(compare.Redact(v.Evidence[0]))
	}
	if v.Box != nil {
		box := compare.Box(*v.Box)
		f.Region = &box
	}
	return f
}

// withOpened is a report with the doors that have been opened again: an alarm, whatever
// else the page shows.
func withOpened(r compare.Report, opened []compare.Finding) compare.Report {
	if len(opened) == 0 {
		return r
	}
	r.Findings = append(slices.Clone(opened), r.Findings...)
	if r.Verdict != compare.Alert {
		r.Why = opened[0].Why
	}
	r.Verdict, r.Score, r.NotComparable = compare.Alert, max(r.Score, lockdownScore), ""
	return r
}

// keepStandings writes down how the page of a ruling stands, in its transaction. That a
// door was opened again is believed only when the alarm was confirmed, as any other:
// believed are the rules of which it was.
func (m *Monitor) keepStandings(ctx context.Context, tx Tx, c Capture, believed []string) error {
	if c.Lockdown == nil || c.Visitor.other() || c.Site == CanarySite {
		return nil
	}
	target, err := tx.Target(ctx, c.Target)
	if err != nil {
		return fmt.Errorf("target %s: %w", c.Target, err)
	}
	site, err := tx.Site(ctx, c.Site)
	if err != nil {
		return fmt.Errorf("site %s: %w", c.Site, err)
	}
	d, err := m.demandOn(ctx, tx, target, site)
	if err != nil || d.controls == nil {
		return err
	}
	if err := m.settleStandings(ctx, tx, d, lockdown.Judge(m.evidence(target, site, c.Lockdown, d.server), d.controls), c, believed); err != nil {
		return err
	}
	if target.ID != site.ID {
		return nil
	}
	return m.settleBeyond(ctx, tx, d, c, believed)
}

func (m *Monitor) settleStandings(ctx context.Context, tx Tx, d demand, verdicts []lockdown.Verdict, c Capture, believed []string) error {
	var changed []Standing
	for _, v := range verdicts {
		was, known := d.standings[v.Control]
		if known && was.State == v.State && was.Why == v.Why && slices.Equal(was.Evidence, v.Evidence) {
			continue
		}
		if c, _ := lockdown.ByID(v.Control); d.reopened(v) && !slices.Contains(believed, c.Rule()) {
			continue
		}
		is := Standing{
			Target: c.Target, Site: c.Site, Control: v.Control, State: v.State, Why: v.Why, Box: v.Box,
			Since: was.Since, Capture: c.ID, Shut: was.Shut,
		}
		for _, line := range v.Evidence {
			is.Evidence = append(is.Evidence, storable(compare.Redact(line)))
		}
		if was.State != v.State {
			is.Since = c.At
			if v.State == lockdown.Closed {
				is.Shut = c.At
			}
		}
		changed = append(changed, is)
	}
	if len(changed) == 0 {
		return nil
	}
	return tx.PutStandings(ctx, changed)
}

// unseenFor says why a page proves nothing about lockdown, "" if it may be judged. A
// page that is broken or stands in for the site shows no form either, and means nothing
// by it.
func unseenFor(p *render.Page) string {
	if why := notComparable(p); why != "" {
		return why
	}
	switch {
	case p.Outcome == render.TimeoutPartial:
		return "the page did not finish loading"
	case p.Status >= 400:
		return fmt.Sprintf("the server answered with status %d", p.Status)
	case len(p.Nodes) == 0:
		return "no document was read"
	}
	return ""
}

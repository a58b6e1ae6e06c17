package monitor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/compare/lockdown"
)

// Who complied. This is put together from standings when somebody asks; nothing of it
// is kept but one score a site and day.

// LockdownScore is how a site stood on a day.
type LockdownScore struct {
	Day           time.Time // its midnight, UTC
	Site          string
	Score         int // 0 to 100: see lockdown.Score
	Open, Unknown int // controls
}

// SiteStanding is how a site stands to what is ordered of it.
type SiteStanding struct {
	Site     Site
	Owner    Institution
	Orders   []Directive // that are about it, by ID
	Deadline time.Time   // the earliest, zero for none
	Score    int
	Controls []ControlStanding // in the order of the controls
	Checked  time.Time         // when its home page was looked at last, zero if never
	Asked    time.Time         // when the active checks were made last, zero if never
	Active   bool              // the watchlist authorises them
}

// ControlStanding is how a site stands to one control, all its pages together.
type ControlStanding struct {
	Standing
	Waiver Waiver // zero unless the state is Waived
}

// State of the site: the worst of its controls.
func (s SiteStanding) State() lockdown.State {
	worst := lockdown.Closed
	for _, c := range s.Controls {
		worst = lockdown.Worst(worst, c.State)
	}
	return worst
}

// Count how many controls are in a state.
func (s SiteStanding) Count(state lockdown.State) int {
	n := 0
	for _, c := range s.Controls {
		if c.State == state {
			n++
		}
	}
	return n
}

// Compliance tells how sites stand, by ID. With directive 0 it is all that are in
// lockdown; with names, IDs of sites, only those, and of those that nothing is ordered
// of it tells how they would stand.
func (m *Monitor) Compliance(ctx context.Context, directive int64, names []string) ([]SiteStanding, error) {
	return m.compliance(ctx, m.Store, directive, names)
}

func (m *Monitor) compliance(ctx context.Context, from Reader, directive int64, names []string) ([]SiteStanding, error) {
	sites, err := m.sitesIn(ctx, from, directive, names)
	if err != nil {
		return nil, err
	}
	r, err := m.readRegister(ctx, from)
	if err != nil {
		return nil, err
	}
	out := []SiteStanding{}
	for _, site := range sites {
		if len(r.pages[site.ID]) == 0 {
			continue
		}
		one, err := m.siteStanding(ctx, from, site, r, len(names) > 0)
		if err != nil {
			return nil, fmt.Errorf("site %s: %w", site.ID, err)
		}
		if len(one.Controls) > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// register is what is read once for all sites.
type register struct {
	owners    map[string]Institution
	pages     map[string][]Target // that are watched, by site
	standings map[string][]Standing
	fresh     map[string]Freshness // by target
	waivers   []Waiver
}

func (m *Monitor) readRegister(ctx context.Context, from Reader) (register, error) {
	r := register{owners: map[string]Institution{}, pages: map[string][]Target{}, standings: map[string][]Standing{}, fresh: map[string]Freshness{}}
	owners, err := from.Institutions(ctx)
	if err != nil {
		return r, err
	}
	for _, o := range owners {
		r.owners[o.ID] = o
	}
	targets, err := from.Targets(ctx)
	if err != nil {
		return r, err
	}
	for _, t := range targets {
		r.pages[t.Site] = append(r.pages[t.Site], t)
	}
	standings, err := from.Standings(ctx, "")
	if err != nil {
		return r, err
	}
	for _, s := range standings {
		r.standings[s.Site] = append(r.standings[s.Site], s)
	}
	fresh, err := from.Freshness(ctx)
	if err != nil {
		return r, err
	}
	for _, f := range fresh {
		r.fresh[f.Target] = f
	}
	r.waivers, err = from.Waivers(ctx, m.now())
	return r, err
}

// sitesIn are the sites that somebody asks for, by ID.
func (m *Monitor) sitesIn(ctx context.Context, from Reader, directive int64, names []string) ([]Site, error) {
	var ids []string
	if directive != 0 {
		if _, err := from.Directive(ctx, directive); err != nil {
			return nil, fmt.Errorf("directive %d: %w; `pasban lockdown status` lists them", directive, err)
		}
		var err error
		if ids, err = from.DirectiveSites(ctx, directive); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		if _, err := from.Site(ctx, name); err != nil {
			return nil, fmt.Errorf("site %s: %w; `pasban sites list` shows what is watched", name, err)
		}
	}
	all, err := from.Sites(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(s Site) bool {
		return directive != 0 && !slices.Contains(ids, s.ID) || len(names) > 0 && !slices.Contains(names, s.ID)
	}), nil
}

func (m *Monitor) siteStanding(ctx context.Context, from Reader, site Site, r register, asked bool) (SiteStanding, error) {
	out := SiteStanding{Site: site, Owner: r.owners[site.Institution], Active: site.Policy().Active, Checked: r.fresh[site.ID].LastGood}
	var err error
	if out.Orders, err = ordersOf(ctx, from, site); err != nil {
		return out, err
	}
	controls, standings := controlsOf(out.Orders), r.standings[site.ID]
	if controls == nil && !asked {
		return out, nil
	}
	server, err := serverOf(ctx, from, site)
	if err != nil {
		return out, err
	}
	if server != nil {
		out.Asked = server.At
	}
	if controls == nil {
		if standings, err = m.wouldStand(ctx, from, site, r.pages[site.ID], server); err != nil {
			return out, err
		}
		if controls, err = lockdown.Select(nil); err != nil {
			return out, err
		}
	}
	for _, d := range out.Orders {
		if !d.Deadline.IsZero() && (out.Deadline.IsZero() || d.Deadline.Before(out.Deadline)) {
			out.Deadline = d.Deadline
		}
	}
	out.Controls = together(site, r.pages[site.ID], controls, standings, r.waivers, m.now())
	out.Score = lockdown.Score(verdictsOf(out.Controls))
	return out, nil
}

// wouldStand is how a site of which nothing is ordered would stand, by the newest looks
// at its pages.
func (m *Monitor) wouldStand(ctx context.Context, from Reader, site Site, pages []Target, server *lockdown.Server) ([]Standing, error) {
	var out []Standing
	for _, t := range pages {
		newest, err := from.Captures(ctx, t.ID, 1)
		if err != nil {
			return nil, err
		}
		var c Capture
		if len(newest) > 0 {
			c = newest[0]
		}
		for _, v := range lockdown.Judge(m.evidence(t, site, c.Lockdown, server), nil) {
			out = append(out, Standing{Target: t.ID, Site: site.ID, Control: v.Control, State: v.State, Why: v.Why, Evidence: v.Evidence, Box: v.Box, Since: c.At, Capture: c.ID})
		}
	}
	return out, nil
}

// together sums up the watched pages of a site: of each control the worst page stands
// for it. A page of which nothing is known yet is not known.
func together(site Site, pages []Target, controls []string, standings []Standing, waivers []Waiver, now time.Time) []ControlStanding {
	have := map[[2]string]Standing{}
	for _, s := range standings {
		have[[2]string{s.Target, s.Control}] = s
	}
	var out []ControlStanding
	for _, id := range controls {
		one := ControlStanding{Standing: notLookedAt(site.ID, site.ID, id)}
		c, _ := lockdown.ByID(id)
		for i, page := range judgedOn(c, site, pages) {
			s, known := have[[2]string{page.ID, id}]
			if !known {
				s = notLookedAt(site.ID, page.ID, id)
			}
			if i == 0 || s.worse(one.Standing) {
				one.Standing = s
			}
		}
		one.Standing = withBeyond(one.Standing, standings)
		for _, w := range waivers {
			if one.State != lockdown.Closed && w.of(site) && w.Holds(now) && slices.Contains(w.Controls, id) {
				one.State, one.Waiver = lockdown.Waived, w
				break
			}
		}
		out = append(out, one)
	}
	return out
}

// worse reports a standing that counts for more than another: by its state, and of open
// doors one that somebody opened again.
func (s Standing) worse(than Standing) bool {
	if s.State != than.State {
		return lockdown.Worst(than.State, s.State) == s.State
	}
	return s.State == lockdown.Open && than.Shut.IsZero() && !s.Shut.IsZero()
}

// judgedOn are the pages on which a control is judged: all, or the home page.
func judgedOn(c lockdown.Control, site Site, pages []Target) []Target {
	if c.Everywhere {
		return pages
	}
	home := slices.IndexFunc(pages, func(t Target) bool { return t.ID == site.ID })
	if home < 0 {
		return nil
	}
	return pages[home : home+1]
}

func notLookedAt(site, target, control string) Standing {
	return Standing{Site: site, Target: target, Control: control, State: lockdown.Unknown, Why: "The page was not looked at yet."}
}

func verdictsOf(all []ControlStanding) []lockdown.Verdict {
	out := make([]lockdown.Verdict, len(all))
	for i, c := range all {
		out[i] = lockdown.Verdict{Control: c.Control, State: c.State}
	}
	return out
}

// Tally sums up sites: of an institution, a region, a tier or all.
type Tally struct {
	Group, Name string // "nation" ""; "tier" "federal"; "region"; "institution"
	Sites       int
	Complied    int // nothing open and nothing unknown
	Open        int // sites with something open
	Unknown     int // sites with nothing open and something unknown
	Score       int // mean of the sites' scores
}

// Tallies sums up sites for the nation, each tier, each region and each institution.
func Tallies(all []SiteStanding) []Tally {
	sums := map[[2]string]*Tally{}
	add := func(group, name string, s SiteStanding) {
		key := [2]string{group, name}
		t := sums[key]
		if t == nil {
			t = &Tally{Group: group, Name: name}
			sums[key] = t
		}
		t.Sites++
		t.Score += s.Score
		switch s.State() {
		case lockdown.Open:
			t.Open++
		case lockdown.Unknown:
			t.Unknown++
		default:
			t.Complied++
		}
	}
	for _, s := range all {
		add("nation", "", s)
		add("tier", string(s.Owner.Tier), s)
		add("region", s.Owner.Region, s)
		add("institution", s.Owner.Name, s)
	}
	order := []string{"nation", "tier", "region", "institution"}
	out := []Tally{}
	for _, t := range sums {
		t.Score /= t.Sites
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Tally) int {
		if a.Group != b.Group {
			return slices.Index(order, a.Group) - slices.Index(order, b.Group)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// Control is one thing that a site in lockdown must have closed.
type Control = lockdown.Control

// DoorState is how a site stands to a control.
type DoorState = lockdown.State

// The states of doors.
const (
	DoorClosed  = lockdown.Closed
	DoorOpen    = lockdown.Open
	DoorUnknown = lockdown.Unknown
	DoorWaived  = lockdown.Waived
)

// Controls are all there are, the gravest doors first.
func Controls() []Control { return lockdown.Controls() }

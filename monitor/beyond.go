package monitor

import (
	"context"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"pasban/compare"
	"pasban/compare/lockdown"
	"pasban/monitor/probe"
	"pasban/render"
)

// A site's doors are seldom on its home page alone, and the watchlist rarely names the
// page with the complaint form. So a look at the home page of a site in lockdown goes on,
// now and then, to one of the pages that the navigation leads to, as a visitor would:
// nothing is clicked, typed or sent. In the course of some looks all are seen. How each of
// them stands is kept like the standing of a watched page, so that what was open from the
// beginning is told from what somebody opened.

const (
	// followEvery is of how many routine looks one goes on to another page: they cost a
	// quarter more then.
	followEvery = 4
	// followAll is up to how many targets a sweep goes on from every home page: somebody
	// looks at few and wants to know. A larger one keeps to followEvery.
	followAll = 50
	// followBack is how many looks back the last page is looked for.
	followBack = 4 * followEvery
)

// beyondID stands for a target in the standing of a page that is none. No ID of a target
// has a space.
func beyondID(site, address string) string { return site + " " + address }

// Page is the address of a page that nobody watches and to which the navigation leads, ""
// for a target's standing.
func (s Standing) Page() string {
	_, address, _ := strings.Cut(s.Target, " ")
	return address
}

// On is the ID of the target: the page itself, or the home page whose navigation leads
// to it.
func (s Standing) On() string {
	target, _, _ := strings.Cut(s.Target, " ")
	return target
}

// at is what is demanded of a page that the navigation leads to.
func (d demand) at(address string) demand {
	there := demand{controls: lockdown.Beyond(d.controls), waived: d.waived, standings: map[string]Standing{}}
	for _, s := range d.beyond {
		if s.Page() == address {
			there.standings[s.Control] = s
		}
	}
	return there
}

// alarms reports a door that was opened again there, as the judge believed.
func (d demand) alarms(s Standing) bool {
	return d.at(s.Page()).reopened(lockdown.Verdict{Control: s.Control, State: s.State})
}

// goBeyond notes where the navigation of a home page leads, and visits one of the pages if
// it is time. The machine is the home page's, and nobody else looks at it meanwhile.
func (m *Monitor) goBeyond(ctx context.Context, args lookArgs, d demand, site Site, page *render.Page, seen *lockdown.Page) error {
	if seen.Unseen != "" || args.followed || len(lockdown.Beyond(d.controls)) == 0 {
		return nil
	}
	pages, err := m.Store.SiteTargets(ctx, site.ID)
	if err != nil {
		return fmt.Errorf("reading the pages of %s: %w", site.ID, err)
	}
	seen.Leads = leadsOf(page, pages)
	address, err := m.nextLead(ctx, args, d, site, seen.Leads)
	if err != nil || address == "" {
		return err
	}
	seen.Beyond, err = m.visit(ctx, args, site, address, pages)
	return err
}

// nextLead is the page to visit with this look, "" for none. A second look sees what the
// first saw. A page where an alarm stands is seen by each look, so that its end is known
// soon; one that was never seen comes before the others, which have their turns.
func (m *Monitor) nextLead(ctx context.Context, args lookArgs, d demand, site Site, leads []string) (string, error) {
	if len(leads) == 0 {
		return "", nil
	}
	if args.Confirms != "" {
		return m.sameLead(ctx, args.Confirms, leads)
	}
	last, ago, err := m.lastLead(ctx, site)
	if err != nil {
		return "", err
	}
	stands := func(fits func(Standing) bool) func(string) bool {
		return func(address string) bool {
			return slices.ContainsFunc(d.beyond, func(s Standing) bool { return s.Page() == address && fits(s) })
		}
	}
	if alarming := only(leads, stands(d.alarms)); len(alarming) > 0 {
		return following(alarming, last), nil
	}
	if ago < followEvery && !args.Follow && args.Reason != ReasonClick {
		return "", nil
	}
	known := stands(func(Standing) bool { return true })
	if fresh := only(leads, func(address string) bool { return address != last && !known(address) }); len(fresh) > 0 {
		return fresh[0], nil
	}
	return following(leads, last), nil
}

// sameLead is the page that the look to confirm visited, "" for none.
func (m *Monitor) sameLead(ctx context.Context, first string, leads []string) (string, error) {
	c, err := m.Store.Capture(ctx, first)
	if err != nil {
		return "", fmt.Errorf("loading the look to confirm: %w", err)
	}
	if c.Lockdown == nil || c.Lockdown.Beyond == nil || !slices.Contains(leads, c.Lockdown.Beyond.URL) {
		return "", nil
	}
	return c.Lockdown.Beyond.URL, nil
}

// lastLead is the page that was visited last, and how many looks ago: 1 for the look
// before. Where none was, it is as many as make sites begin in turn, in the course of their
// first followEvery looks: else all of a tier would go on with the same sweep.
func (m *Monitor) lastLead(ctx context.Context, site Site) (address string, ago int, err error) {
	before, err := m.Store.Captures(ctx, site.ID, followBack)
	if err != nil {
		return "", 0, fmt.Errorf("reading the last looks at %s: %w", site.ID, err)
	}
	for i, c := range before {
		switch {
		case c.Lockdown == nil:
		case c.Lockdown.Beyond != nil:
			return c.Lockdown.Beyond.URL, i + 1, nil
		case len(c.Lockdown.Leads) > 0:
			ago++
		}
	}
	return "", ago + 1 + int(crc32.ChecksumIEEE([]byte(site.ID))%followEvery), nil
}

func only(all []string, fits func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !fits(s) })
}

// following is the one whose turn is after the last, in a circle.
func following(all []string, last string) string {
	return all[(slices.Index(all, last)+1)%len(all)]
}

// visit looks at a page that the navigation leads to. That it cannot be opened is no
// failure of the look: nothing is proved then.
func (m *Monitor) visit(ctx context.Context, args lookArgs, site Site, address string, pages []Target) (*lockdown.Page, error) {
	if err := m.pauseAtDoor(ctx); err != nil {
		return nil, err
	}
	page, err := m.Renderer.Render(ctx, Desktop.as(render.Request{URL: address, AllowPrivate: site.AllowPrivate, FreshProcess: args.Confirms != ""}))
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("visiting %s: %w", address, ctx.Err())
	case err != nil:
		m.Logger.Error("a page of a site in lockdown cannot be visited", "site", site.ID, "url", address, "error", err)
		return &lockdown.Page{URL: address, Unseen: "it could not be opened"}, nil
	}
	return m.beyondOf(page, address, pages), nil
}

// pauseAtDoor lets a server breathe between two pages.
func (m *Monitor) pauseAtDoor(ctx context.Context) error {
	pause := m.DoorPause
	if pause <= 0 {
		pause = probe.DoorPause
	}
	wait := time.NewTimer(pause)
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("pausing between two pages: %w", ctx.Err())
	}
}

// beyondOf is what is kept of a visited page. What is no page, or leads to another site or
// to a page that is judged by itself, has no doors of its own; one that says that there is
// nothing has those that it shows.
func (m *Monitor) beyondOf(page *render.Page, address string, pages []Target) *lockdown.Page {
	out := &lockdown.Page{URL: address, Status: page.Status}
	if page.Outcome == render.NotHTML || page.Outcome == render.Download && len(page.Nodes) == 0 || away(page.FinalURL, address, pages) {
		return out
	}
	seen := doorsOf(page, m.scripts.read)
	out.Unseen, out.Doors, out.Frames, out.Makers, out.Hosts, out.Cut = seen.Unseen, seen.Doors, seen.Frames, seen.Makers, seen.Hosts, seen.Cut
	if (page.Status == http.StatusNotFound || page.Status == http.StatusGone) && notComparable(page) == "" {
		out.Unseen = ""
	}
	return out
}

// away reports that an address led to another site, or to a page that is watched.
func away(final, address string, pages []Target) bool {
	to, err := url.Parse(final)
	from, wrong := url.Parse(address)
	if err != nil || wrong != nil || to.Host == "" {
		return false
	}
	return !sameHost(from, to) || slices.ContainsFunc(pages, func(t Target) bool {
		u, err := url.Parse(t.URL)
		return err == nil && !t.Gone && placeOf(u) == placeOf(to)
	})
}

// holdBeyond holds the page that was visited against how it stood, and reminds of the
// alarms that stand on others: that they were not seen with this look ends none of them.
func (d demand) holdBeyond(seen *lockdown.Page) (opened []compare.Finding, news bool) {
	if seen.Unseen != "" {
		return nil, false
	}
	visited := ""
	if seen.Beyond != nil {
		visited = seen.Beyond.URL
		opened, news = d.at(visited).hold(lockdown.JudgeBeyond(seen.Beyond, d.controls))
	}
	for _, s := range d.beyond {
		switch {
		case seen.LeftOut(s.Page()):
			news = true
		case s.Page() != visited && d.alarms(s):
			opened = append(opened, finding(lockdown.Verdict{Control: s.Control, State: s.State, Why: s.Why, Evidence: s.Evidence}, s.Shut))
		}
	}
	return opened, news || len(opened) > 0
}

// settleBeyond writes down how the visited page stands, and forgets those to which the
// navigation does not lead any more.
func (m *Monitor) settleBeyond(ctx context.Context, tx Tx, d demand, c Capture, believed []string) error {
	seen := *c.Lockdown
	seen.Leads = seen.Leads[:min(len(seen.Leads), maxLeads)] // it comes from a machine that hostile pages are opened on
	if b := seen.Beyond; b != nil && slices.Contains(seen.Leads, b.URL) {
		there := c
		there.Target = beyondID(c.Site, b.URL)
		if err := m.settleStandings(ctx, tx, d.at(b.URL), lockdown.JudgeBeyond(b, d.controls), there, believed); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(d.beyond, func(s Standing) bool { return seen.LeftOut(s.Page()) }) {
		return nil
	}
	all, err := tx.SiteStandings(ctx, c.Site)
	if err != nil {
		return err
	}
	kept := slices.DeleteFunc(all, func(s Standing) bool { return s.Page() != "" && seen.LeftOut(s.Page()) })
	if err := tx.RemoveStandings(ctx, c.Site); err != nil {
		return err
	}
	return tx.PutStandings(ctx, kept)
}

// withBeyond is how a site stands to a control if the pages count to which its navigation
// leads: those that are open are named, whatever else is.
func withBeyond(one Standing, all []Standing) Standing {
	for _, s := range all {
		if s.Page() == "" || s.Control != one.Control {
			continue
		}
		both := one.State == lockdown.Open && s.State == lockdown.Open
		if s.worse(one) {
			one, s = s, one
		}
		if both {
			one.Evidence = slices.Concat(one.Evidence, s.Evidence)
			one.Evidence = one.Evidence[:min(len(one.Evidence), lockdown.MaxEvidence)]
		}
	}
	return one
}

package monitor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/compare/lockdown"
)

// Under attack the CERT orders sites to be read-only. A Directive is such an order: for
// which sites, which controls (package compare/lockdown), until when, by whose
// authority, in what words. Each look at a page of these sites is also held against the
// controls (ordered.go); where the watchlist authorises it, the server is asked as well
// (doorprobe.go); what was found is a Standing, one for each page and control. The
// institutions are told (ordernotice.go). Who cannot comply explains: a Waiver leaves a
// control open for a while, for a reason, by somebody's decision.

// Directive is an order into lockdown.
type Directive struct {
	ID        int64
	Scope     Scope
	Controls  []string // IDs of compare/lockdown, at least one
	Deadline  time.Time
	Authority string // who ordered it, and by what: "CERT, circular 12/2026"
	TextEN    string // what the institutions are told, "" for our own words
	TextUR    string
	Issued    time.Time
	By        string // actor of the Decision
	Decision  int64
	Lifted    time.Time // zero while it is in force
	LiftedBy  string
}

// Scope says which sites an order is about: all, or those that fit at least one of what
// is named.
type Scope struct {
	All          bool     `json:"all,omitempty"`
	Tiers        []Tier   `json:"tiers,omitempty"`
	Regions      []string `json:"regions,omitempty"`
	Institutions []string `json:"institutions,omitempty"` // Institution.ID
	Sites        []string `json:"sites,omitempty"`        // Site.ID
}

func (s Scope) empty() bool {
	return !s.All && len(s.Tiers)+len(s.Regions)+len(s.Institutions)+len(s.Sites) == 0
}

// covers reports a site that an order of this scope is about.
func (s Scope) covers(site Site, owner Institution) bool {
	inRegion := func(r string) bool { return owner.Region != "" && strings.EqualFold(r, owner.Region) }
	return s.All || owner.Tier != "" && slices.Contains(s.Tiers, owner.Tier) || slices.ContainsFunc(s.Regions, inRegion) ||
		slices.Contains(s.Institutions, site.Institution) || slices.Contains(s.Sites, site.ID)
}

// String is the scope in words.
func (s Scope) String() string {
	if s.All {
		return "all sites"
	}
	var parts []string
	add := func(name string, values []string) {
		if len(values) > 0 {
			parts = append(parts, name+" "+strings.Join(values, ", "))
		}
	}
	tiers := make([]string, len(s.Tiers))
	for i, t := range s.Tiers {
		tiers[i] = string(t)
	}
	add("tier", tiers)
	add("region", s.Regions)
	add("institution", s.Institutions)
	add("site", s.Sites)
	return strings.Join(parts, "; ")
}

// Waiver leaves controls of some sites open until a day, for a reason.
type Waiver struct {
	ID          int64
	Site        string // Site.ID, or "" for all of the institution
	Institution string // Institution.ID, or ""
	Controls    []string
	Reason      string
	Approver    string // who answers for it
	Issued      time.Time
	Expires     time.Time
	By          string // actor of the Decision
	Decision    int64
	Ended       time.Time // when it was withdrawn, zero if it was not
}

// Holds reports whether it holds at a moment.
func (w Waiver) Holds(at time.Time) bool {
	return !at.Before(w.Issued) && at.Before(w.Expires) && (w.Ended.IsZero() || at.Before(w.Ended))
}

// of reports a site that it is about.
func (w Waiver) of(site Site) bool {
	return w.Site == site.ID || w.Site == "" && w.Institution == site.Institution
}

// Standing is how one page stands to one control.
type Standing struct {
	Target, Site string // Target is made by beyondID for a page that is none
	Control      string
	State        lockdown.State // closed, open or unknown; what is waived stands as it is
	Why          string
	Evidence     []string
	Box          *lockdown.Box
	Since        time.Time // when this state was seen first
	Capture      string    // the look that showed it
	// Shut is when the door was last seen closed for the first time, zero if it never
	// was: what was shut and is open has been opened again.
	Shut time.Time
}

// Bounds of orders and waivers.
const (
	maxAuthority  = 300  // characters
	maxOrderText  = 4000 // characters, of each language
	maxDeadline   = 365 * 24 * time.Hour
	longestWaiver = 90 * 24 * time.Hour
)

// OrderLockdown puts a directive in force. It refuses one without scope, deadline or
// authority, and one that no watched site is in. It returns the sites that it is about.
func (m *Monitor) OrderLockdown(ctx context.Context, o Order, d Directive) (Directive, []Site, error) {
	d.Issued, d.By = m.now(), o.Actor
	if err := m.checkDirective(ctx, &d); err != nil {
		return d, nil, err
	}
	var sites []Site
	err := m.decide(ctx, o, "lockdown.order", "lockdown", d, func(tx Tx, decision int64) (err error) {
		d.Decision = decision
		if d.ID, err = tx.AddDirective(ctx, d); err != nil {
			return err
		}
		if sites, err = enrol(ctx, tx, d); err != nil {
			return err
		}
		if len(sites) == 0 {
			return fmt.Errorf("%w: no watched site is in %s; `pasban sites list` shows what is watched", ErrRefused, d.Scope)
		}
		return m.tellOrdered(ctx, tx, d, sites)
	})
	if err != nil {
		return d, nil, fmt.Errorf("ordering the lockdown: %w", err)
	}
	return d, sites, nil
}

func (m *Monitor) checkDirective(ctx context.Context, d *Directive) (err error) {
	d.Authority, d.TextEN, d.TextUR = strings.TrimSpace(d.Authority), strings.TrimSpace(d.TextEN), strings.TrimSpace(d.TextUR)
	d.Deadline = d.Deadline.UTC()
	if d.Controls, err = lockdown.Select(d.Controls); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	switch {
	case d.Scope.empty():
		return fmt.Errorf("%w: an order needs a scope: tiers, regions, institutions or sites, or all", ErrRefused)
	case d.Authority == "" || runes(d.Authority) > maxAuthority:
		return fmt.Errorf("%w: an order needs an authority, of at most %d characters", ErrRefused, maxAuthority)
	case d.Deadline.IsZero():
		return fmt.Errorf("%w: an order needs a deadline", ErrRefused)
	case !d.Deadline.After(d.Issued):
		return fmt.Errorf("%w: the deadline %s has passed", ErrRefused, d.Deadline.Format(time.RFC3339))
	case d.Deadline.Sub(d.Issued) > maxDeadline:
		return fmt.Errorf("%w: the deadline is more than a year away", ErrRefused)
	case runes(d.TextEN) > maxOrderText || runes(d.TextUR) > maxOrderText:
		return fmt.Errorf("%w: the text of an order has at most %d characters", ErrRefused, maxOrderText)
	}
	for _, t := range d.Scope.Tiers {
		if !slices.Contains(tiers, t) {
			return fmt.Errorf("%w: there is no tier %q; there are federal, provincial, territory, private, banking", ErrRefused, t)
		}
	}
	if err := m.checkRegions(ctx, d.Scope.Regions); err != nil {
		return err
	}
	for _, id := range d.Scope.Institutions {
		if _, err := m.Store.Institution(ctx, id); err != nil {
			return fmt.Errorf("institution %s: %w; `pasban sites list` shows them", id, err)
		}
	}
	for _, id := range d.Scope.Sites {
		if _, err := m.Store.Site(ctx, id); err != nil {
			return fmt.Errorf("site %s: %w; `pasban sites list` shows what is watched", id, err)
		}
	}
	return nil
}

// checkRegions refuses a region that no institution has: it is a slip of the pen, and the
// sites that were meant would be missing.
func (m *Monitor) checkRegions(ctx context.Context, regions []string) error {
	if len(regions) == 0 {
		return nil
	}
	owners, err := m.Store.Institutions(ctx)
	if err != nil {
		return err
	}
	var known []string
	for _, o := range owners {
		if o.Region != "" {
			known = append(known, o.Region)
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, r := range regions {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, r) }) {
			return fmt.Errorf("%w: no institution is in the region %q; there are %s", ErrRefused, clipField(r), cmp.Or(strings.Join(known, ", "), "none"))
		}
	}
	return nil
}

func runes(s string) int { return len([]rune(s)) }

// enrol writes down which watched sites a directive is about. A look asks for those of
// one site alone, and a worker does not get to see institutions.
func enrol(ctx context.Context, tx Tx, d Directive) ([]Site, error) {
	all, err := tx.Sites(ctx)
	if err != nil {
		return nil, err
	}
	watched, err := watchedSites(ctx, tx)
	if err != nil {
		return nil, err
	}
	owners := map[string]Institution{}
	var in []Site
	var ids []string
	for _, site := range all {
		owner, known := owners[site.Institution]
		if !known {
			if owner, err = tx.Institution(ctx, site.Institution); err != nil && !errors.Is(err, ErrNotFound) {
				return nil, err
			}
			owners[site.Institution] = owner
		}
		if watched[site.ID] && d.Scope.covers(site, owner) {
			in, ids = append(in, site), append(ids, site.ID)
		}
	}
	return in, tx.PutDirectiveSites(ctx, d.ID, ids)
}

// watchedSites are the sites with a target that is not gone.
func watchedSites(ctx context.Context, from Reader) (map[string]bool, error) {
	targets, err := from.Targets(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, t := range targets {
		out[t.Site] = true
	}
	return out, nil
}

// enrolAll follows a change of the watchlist in all directives that are in force, and
// forgets what nothing demands any more.
func enrolAll(ctx context.Context, tx Tx) error {
	all, err := tx.Directives(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if !d.Lifted.IsZero() {
			continue
		}
		if _, err := enrol(ctx, tx, d); err != nil {
			return fmt.Errorf("directive %d: %w", d.ID, err)
		}
	}
	if err := forgetDoors(ctx, tx); err != nil {
		return err
	}
	return forgetStandings(ctx, tx)
}

// forgetDoors removes what servers said that nobody watches, or whose owners do not agree
// to be asked.
func forgetDoors(ctx context.Context, tx Tx) error {
	sites, err := tx.Sites(ctx)
	if err != nil {
		return err
	}
	watched, err := watchedSites(ctx, tx)
	if err != nil {
		return err
	}
	for _, site := range sites {
		if watched[site.ID] && site.Policy().Active {
			continue
		}
		if err := tx.RemoveDoors(ctx, site.ID); err != nil {
			return err
		}
	}
	return nil
}

// forgetStandings removes how pages stand to what nothing demands of them any more: the
// next order begins anew, and what was shut under this one is no alarm under that.
func forgetStandings(ctx context.Context, tx Tx) error {
	all, err := tx.Standings(ctx, "")
	if err != nil {
		return err
	}
	of := map[string][]Standing{}
	for _, s := range all {
		of[s.Site] = append(of[s.Site], s)
	}
	for id, have := range of {
		controls, pages, err := demandedOf(ctx, tx, id)
		if err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(have), func(s Standing) bool {
			return !slices.Contains(controls, s.Control) || !slices.ContainsFunc(pages, func(t Target) bool { return t.ID == s.On() && !t.Gone })
		})
		if len(kept) == len(have) {
			continue
		}
		if err := tx.RemoveStandings(ctx, id); err != nil {
			return err
		}
		if err := tx.PutStandings(ctx, kept); err != nil {
			return err
		}
	}
	return nil
}

// demandedOf is what is ordered of a site, by directives and by the watchlist, and its
// pages. Of a site that is no more that is nothing.
func demandedOf(ctx context.Context, from Reader, id string) ([]string, []Target, error) {
	site, err := from.Site(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("site %s: %w", id, err)
	}
	orders, err := ordersOf(ctx, from, site)
	if err != nil {
		return nil, nil, err
	}
	pages, err := from.SiteTargets(ctx, id)
	return controlsOf(orders), pages, err
}

// LiftLockdown ends a directive. How its sites stand is forgotten, but for what another
// order, or the watchlist, demands of them.
func (m *Monitor) LiftLockdown(ctx context.Context, o Order, id int64) (Directive, error) {
	var d Directive
	err := m.decide(ctx, o, "lockdown.lift", fmt.Sprintf("directive:%d", id), nil, func(tx Tx, _ int64) (err error) {
		if d, err = tx.Directive(ctx, id); err != nil {
			return fmt.Errorf("directive %d: %w", id, err)
		}
		if !d.Lifted.IsZero() {
			return fmt.Errorf("%w: directive %d was lifted already", ErrRefused, id)
		}
		d.Lifted, d.LiftedBy = m.now(), o.Actor
		if err := tx.PutDirective(ctx, d); err != nil {
			return err
		}
		ids, err := tx.DirectiveSites(ctx, id)
		if err != nil {
			return err
		}
		if err := forgetStandings(ctx, tx); err != nil {
			return err
		}
		return m.tellLifted(ctx, tx, d, ids)
	})
	return d, err
}

// Waive leaves controls open for a while. It refuses a waiver without reason, approver
// or expiry, and one that is longer than 90 days.
func (m *Monitor) Waive(ctx context.Context, o Order, w Waiver) (Waiver, error) {
	w.Issued, w.By, w.Reason, w.Approver = m.now(), o.Actor, strings.TrimSpace(o.Reason), strings.TrimSpace(w.Approver)
	w.Expires = w.Expires.UTC()
	if err := m.checkWaiver(ctx, &w); err != nil {
		return w, err
	}
	object := "site:" + w.Site
	if w.Site == "" {
		object = "institution:" + w.Institution
	}
	err := m.decide(ctx, o, "lockdown.waive", object, w, func(tx Tx, decision int64) (err error) {
		w.Decision = decision
		w.ID, err = tx.AddWaiver(ctx, w)
		return err
	})
	if err != nil {
		return w, fmt.Errorf("waiving: %w", err)
	}
	return w, nil
}

func (m *Monitor) checkWaiver(ctx context.Context, w *Waiver) (err error) {
	switch {
	case (w.Site == "") == (w.Institution == ""):
		return fmt.Errorf("%w: a waiver is for a site or for an institution's sites", ErrRefused)
	case len(w.Controls) == 0:
		return fmt.Errorf("%w: a waiver names the controls that it leaves open", ErrRefused)
	case w.Reason == "" || runes(w.Reason) > maxReason:
		return fmt.Errorf("%w: a waiver needs a reason, of at most %d characters", ErrRefused, maxReason)
	case w.Approver == "" || runes(w.Approver) > maxReason:
		return fmt.Errorf("%w: a waiver needs somebody who answers for it", ErrRefused)
	case w.Expires.IsZero():
		return fmt.Errorf("%w: a waiver needs an expiry: what nobody remembers must not leave a door open", ErrRefused)
	case !w.Expires.After(w.Issued):
		return fmt.Errorf("%w: the waiver would have expired already", ErrRefused)
	case w.Expires.Sub(w.Issued) > longestWaiver:
		return fmt.Errorf("%w: a waiver lasts %d days at most; give the next one when it ends", ErrRefused, longestWaiver/(24*time.Hour))
	}
	if w.Controls, err = lockdown.Select(w.Controls); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if w.Site != "" {
		if _, err := m.Store.Site(ctx, w.Site); err != nil {
			return fmt.Errorf("site %s: %w; `pasban sites list` shows what is watched", w.Site, err)
		}
		return nil
	}
	if _, err := m.Store.Institution(ctx, w.Institution); err != nil {
		return fmt.Errorf("institution %s: %w; `pasban sites list` shows them", w.Institution, err)
	}
	return nil
}

// EndWaiver withdraws a waiver before it expires.
func (m *Monitor) EndWaiver(ctx context.Context, o Order, id int64) (Waiver, error) {
	var w Waiver
	err := m.decide(ctx, o, "lockdown.unwaive", fmt.Sprintf("waiver:%d", id), nil, func(tx Tx, _ int64) (err error) {
		if w, err = tx.Waiver(ctx, id); err != nil {
			return fmt.Errorf("waiver %d: %w", id, err)
		}
		if !w.Holds(m.now()) {
			return fmt.Errorf("%w: waiver %d has ended already", ErrRefused, id)
		}
		w.Ended = m.now()
		return tx.PutWaiver(ctx, w)
	})
	return w, err
}

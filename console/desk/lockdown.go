package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"pasban/monitor"
)

// DoorFilter is what of the board of a lockdown is asked for, "" for anything.
type DoorFilter struct {
	Text, State, Tier, Region, Control string
	Institution                        string // its ID
	By                                 string // "institution", or "" for a row a site
	Order                              int64  // 0 for all in force
}

// Fits reports a site that is asked for.
func (f DoorFilter) Fits(s monitor.SiteStanding) bool {
	text := strings.ToLower(s.Site.ID + " " + s.Site.Name + " " + s.Owner.Name)
	ordered := func(d monitor.Directive) bool { return d.ID == f.Order }
	return (f.Text == "" || strings.Contains(text, strings.ToLower(f.Text))) &&
		(f.Tier == "" || string(s.Owner.Tier) == f.Tier) && (f.Region == "" || monitor.Visible(s.Owner.Region, ShownRegion) == f.Region) &&
		(f.Institution == "" || s.Site.Institution == f.Institution) && (f.Order == 0 || slices.ContainsFunc(s.Orders, ordered)) &&
		(f.State == "" || slices.ContainsFunc(s.Controls, f.shown))
}

// shown reports a control that is as is asked for.
func (f DoorFilter) shown(c monitor.ControlStanding) bool {
	return (f.Control == "" || c.Control == f.Control) && (f.State == "" || StateOf(c) == f.State)
}

// Again is a control that was shut and is open: somebody opened the door again.
const Again = "again"

// StateOf is how a control stands, in a word of the board's.
func StateOf(c monitor.ControlStanding) string {
	if c.State == monitor.DoorOpen && !c.Shut.IsZero() {
		return Again
	}
	return string(c.State)
}

// DoorStates are the words of the board, gravest first.
var DoorStates = []string{Again, "open", "unknown", "waived", "closed"}

// ShownRegion bounds the name of a region, in characters.
const ShownRegion = 60

// BoardKept is for how long a report is good for all who ask, which says of when it is.
const BoardKept = time.Minute

// lockdownNow is the report that every viewer's board is made from.
func (d *Desk) lockdownNow(ctx context.Context) (monitor.LockdownReport, error) {
	return d.Monitor.LockdownReport(ctx, 0, 1)
}

// Lockdown is the report as far as the asker may know of it.
func (d *Desk) Lockdown(ctx context.Context, w Who) (monitor.LockdownReport, error) {
	r, err := d.lockdowns.get(ctx)
	if err != nil || !w.Outside() {
		return r, err
	}
	mine, ordered := []monitor.SiteStanding{}, map[int64]bool{}
	for _, site := range r.Sites {
		if w.Institution != "" && w.Sees(site.Site) {
			mine = append(mine, site)
			for _, o := range site.Orders {
				ordered[o.ID] = true
			}
		}
	}
	out := monitor.LockdownReport{Made: r.Made, Sites: mine}
	for _, o := range r.Orders {
		if ordered[o.ID] {
			o.Scope.Institutions, o.Scope.Sites = nil, nil // names of others
			out.Orders = append(out.Orders, o)
		}
	}
	for _, x := range r.Waivers {
		of := func(site monitor.SiteStanding) bool { return site.Site.ID == x.Site }
		if x.Institution == w.Institution && x.Institution != "" || x.Site != "" && slices.ContainsFunc(mine, of) {
			out.Waivers = append(out.Waivers, x)
		}
	}
	return out, nil
}

// OrderStanding is a directive with how the asker's sites stand to it.
type OrderStanding struct {
	monitor.Directive
	Sites, Complied int
	Late            bool
}

// OrdersOf are the orders in force, the most urgent first.
func OrdersOf(r monitor.LockdownReport) []OrderStanding {
	var out []OrderStanding
	for _, d := range r.Orders {
		o := OrderStanding{Directive: d, Late: d.Deadline.Before(r.Made)}
		for _, site := range r.Sites {
			if slices.ContainsFunc(site.Orders, func(x monitor.Directive) bool { return x.ID == d.ID }) {
				o.Sites++
				if Complied(site, d.Controls) {
					o.Complied++
				}
			}
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b OrderStanding) int { return a.Deadline.Compare(b.Deadline) })
	return out
}

// Complied reports a site with none of the controls open or unknown; nil for all of them.
func Complied(s monitor.SiteStanding, controls []string) bool {
	return !slices.ContainsFunc(s.Controls, func(c monitor.ControlStanding) bool {
		return (controls == nil || slices.Contains(controls, c.Control)) && (c.State == monitor.DoorOpen || c.State == monitor.DoorUnknown)
	})
}

// Standing is how a site stands as the board has it, or would stand if nothing is ordered.
func (d *Desk) Standing(ctx context.Context, site monitor.Site) (monitor.SiteStanding, error) {
	report, err := d.lockdowns.get(ctx)
	if err != nil {
		return monitor.SiteStanding{}, err
	}
	of := func(x monitor.SiteStanding) bool { return x.Site.ID == site.ID }
	if i := slices.IndexFunc(report.Sites, of); i >= 0 {
		return report.Sites[i], nil
	}
	all, err := d.Monitor.Compliance(ctx, 0, []string{site.ID})
	if err != nil || len(all) == 0 {
		return monitor.SiteStanding{Site: site}, err
	}
	return all[0], nil
}

// CopyRow is the newest copy of a site that can be used, or why there is none.
type CopyRow struct {
	Site    monitor.WallSite
	Copy    monitor.Snapshot // zero without one
	Failure string
}

// CopyOf finds the newest proved copy of a site, else the newest.
func (d *Desk) CopyOf(ctx context.Context, site monitor.WallSite) (CopyRow, error) {
	row := CopyRow{Site: site}
	all, err := d.Monitor.Store.SiteSnapshots(ctx, site.ID)
	if err != nil {
		return row, err
	}
	if i := slices.IndexFunc(all, func(c monitor.Snapshot) bool { return c.State == monitor.Proved }); i >= 0 {
		row.Copy = all[i]
	} else if len(all) > 0 {
		row.Copy = all[0]
	}
	row.Failure, _, err = d.Monitor.SnapshotFailure(ctx, site.ID)
	return row, err
}

// OrderLockdown puts an order in force, and returns the sites that it is about.
func (d *Desk) OrderLockdown(ctx context.Context, w Who, reason string, o monitor.Directive) (monitor.Directive, []monitor.Site, error) {
	o, sites, err := d.Monitor.OrderLockdown(ctx, w.Order(reason), o)
	return o, sites, d.ordered(err)
}

// LiftLockdown ends an order.
func (d *Desk) LiftLockdown(ctx context.Context, w Who, reason string, id int64) (monitor.Directive, error) {
	o, err := d.Monitor.LiftLockdown(ctx, w.Order(reason), id)
	return o, d.ordered(err)
}

// Waive leaves controls open for a while.
func (d *Desk) Waive(ctx context.Context, w Who, reason string, x monitor.Waiver) (monitor.Waiver, error) {
	x, err := d.Monitor.Waive(ctx, w.Order(reason), x)
	return x, d.ordered(err)
}

// EndWaiver withdraws a waiver.
func (d *Desk) EndWaiver(ctx context.Context, w Who, reason string, id int64) (monitor.Waiver, error) {
	x, err := d.Monitor.EndWaiver(ctx, w.Order(reason), id)
	return x, d.ordered(err)
}

// ordered makes the next board show what was ordered a moment ago.
func (d *Desk) ordered(err error) error {
	if err == nil {
		d.lockdowns.drop()
		d.changed()
	}
	return err
}

package desk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"pasban/monitor"
)

// SiteFilter is which sites are wanted, "" for any.
type SiteFilter struct {
	Text, Mark, Tier, Region, Institution string
}

func (f SiteFilter) fits(s monitor.WallSite) bool {
	name := strings.ToLower(s.ID + " " + s.Name + " " + s.Owner.Name + " " + s.URL)
	return (f.Text == "" || strings.Contains(name, strings.ToLower(f.Text))) && (f.Mark == "" || f.Mark == string(s.Mark)) &&
		(f.Tier == "" || f.Tier == string(s.Owner.Tier)) && (f.Region == "" || strings.EqualFold(f.Region, s.Owner.Region)) &&
		(f.Institution == "" || f.Institution == s.Institution)
}

// Sites are those that somebody asks for and may know of, by ID.
func (d *Desk) Sites(ctx context.Context, w Who, f SiteFilter) ([]monitor.WallSite, error) {
	wall, err := d.walls.get(ctx)
	if err != nil {
		return nil, err
	}
	var found []monitor.WallSite
	for _, s := range wall.Sites {
		if w.Sees(s.Site) && f.fits(s) {
			found = append(found, s)
		}
	}
	return found, nil
}

// Site finds a site and its owner, ErrNotFound for one that is not the asker's business.
func (d *Desk) Site(ctx context.Context, w Who, id string) (monitor.Site, monitor.Institution, error) {
	site, err := d.Monitor.Store.Site(ctx, id)
	if err != nil {
		return site, monitor.Institution{}, err
	}
	if !w.Sees(site) {
		return monitor.Site{}, monitor.Institution{}, monitor.ErrNotFound
	}
	owner, err := d.owner(ctx, site)
	return site, owner, err
}

// SiteFile is a site with all that is known of it.
type SiteFile struct {
	Site      monitor.Site
	Owner     monitor.Institution
	Pages     []SitePage
	Incidents []monitor.Incident
	Silences  []monitor.Silence
	Record    []monitor.Decision
}

// SitePage is one page of a site.
type SitePage struct {
	Target    monitor.Target
	Fresh     monitor.Freshness
	Captures  []monitor.Capture  // newest first
	Baselines []monitor.Baseline // newest first
}

// Blur reports a look with findings at a page of which nobody has approved a look.
func (p SitePage) Blur(c monitor.Capture) bool {
	return len(c.Report.Findings) > 0 && (len(p.Baselines) == 0 || p.Baselines[0].Provisional)
}

// Bounds of a SiteFile.
const (
	maxPages     = 20
	maxLooks     = 10 // of a page
	maxBaselines = 8  // of a page
	maxRecord    = 12
)

// SiteFile reads all that is known of a site.
func (d *Desk) SiteFile(ctx context.Context, w Who, id string) (f SiteFile, err error) {
	if f.Site, f.Owner, err = d.Site(ctx, w, id); err != nil {
		return f, err
	}
	store := d.Monitor.Store
	targets, err := store.SiteTargets(ctx, f.Site.ID)
	if err != nil {
		return f, err
	}
	for _, t := range targets {
		if t.Gone || len(f.Pages) == maxPages {
			continue
		}
		page, err := d.sitePage(ctx, t)
		if err != nil {
			return f, err
		}
		f.Pages = append(f.Pages, page)
	}
	if f.Incidents, err = store.FindIncidents(ctx, monitor.IncidentQuery{Site: f.Site.ID, Limit: 12}); err != nil || w.Outside() {
		return f, err
	}
	if f.Silences, err = d.silencesOver(ctx, f.Site); err != nil {
		return f, err
	}
	f.Record, err = store.Decisions(ctx, "site:"+f.Site.ID)
	f.Record = f.Record[max(0, len(f.Record)-maxRecord):]
	return f, err
}

func (d *Desk) sitePage(ctx context.Context, t monitor.Target) (p SitePage, err error) {
	store := d.Monitor.Store
	p.Target = t
	if p.Fresh, err = store.TargetFreshness(ctx, t.ID); err != nil && !errors.Is(err, monitor.ErrNotFound) {
		return p, err
	}
	if p.Captures, err = store.Captures(ctx, t.ID, maxLooks); err != nil {
		return p, err
	}
	p.Baselines, err = store.Baselines(ctx, t.ID)
	p.Baselines = p.Baselines[:min(maxBaselines, len(p.Baselines))]
	return p, err
}

// silencesOver are those about a site, or about all of its institution.
func (d *Desk) silencesOver(ctx context.Context, site monitor.Site) ([]monitor.Silence, error) {
	all, err := d.Monitor.Store.Silences(ctx, d.Clock())
	if err != nil {
		return nil, err
	}
	var out []monitor.Silence
	for _, s := range all {
		if s.Site == site.ID || s.Site == "" && s.Institution == site.Institution {
			out = append(out, s)
		}
	}
	return out, nil
}

// siteVerbs are what can be decided about a site.
var siteVerbs = map[string]func(d *Desk, ctx context.Context, o monitor.Order, s monitor.Site, target string) error{
	"look": (*Desk).look,
	"pause": func(d *Desk, ctx context.Context, o monitor.Order, s monitor.Site, _ string) error {
		return d.Monitor.Pause(ctx, o, s.ID, true)
	},
	"resume": func(d *Desk, ctx context.Context, o monitor.Order, s monitor.Site, _ string) error {
		return d.Monitor.Pause(ctx, o, s.ID, false)
	},
	"silence": func(d *Desk, ctx context.Context, o monitor.Order, s monitor.Site, _ string) error {
		_, err := d.Monitor.PlaceSilence(ctx, o, monitor.Silence{Mode: monitor.Maintenance, Site: s.ID, Until: d.Clock().Add(maintenance)})
		return err
	},
}

// SiteVerbs are what can be decided about a site: a "look" at one of its pages now, to
// "pause" and "resume" the watch over it, and a "silence" of three hours while somebody
// works on it.
func SiteVerbs() []string { return slices.Sorted(maps.Keys(siteVerbs)) }

// maintenance is for how long a site is silent while somebody works on it.
const maintenance = 3 * time.Hour

// ChangeSite does what somebody decided about a site. target is the page of a "look".
func (d *Desk) ChangeSite(ctx context.Context, w Who, id, verb, target, reason string) (monitor.Site, error) {
	site, _, err := d.Site(ctx, w, id)
	if err != nil {
		return site, err
	}
	act, ok := siteVerbs[verb]
	if !ok {
		return site, monitor.Refuse("there is no such decision")
	}
	if err := act(d, ctx, w.Order(reason), site, target); err != nil {
		return site, err
	}
	d.changed()
	return site, nil
}

// look asks for a look at a page of a site, and of no other.
func (d *Desk) look(ctx context.Context, o monitor.Order, site monitor.Site, target string) error {
	t, err := d.Monitor.Store.Target(ctx, target)
	if err != nil {
		return err
	}
	if t.Site != site.ID {
		return monitor.ErrNotFound
	}
	return d.Monitor.LookNow(ctx, o, target)
}

// PlaceSilence puts a silence in force.
func (d *Desk) PlaceSilence(ctx context.Context, w Who, reason string, s monitor.Silence) (monitor.Silence, error) {
	s, err := d.Monitor.PlaceSilence(ctx, w.Order(reason), s)
	if err == nil {
		d.changed()
	}
	return s, err
}

// LiftSilence ends a silence now.
func (d *Desk) LiftSilence(ctx context.Context, w Who, reason string, id int64) (monitor.Silence, error) {
	s, err := d.Monitor.LiftSilence(ctx, w.Order(reason), id)
	if err == nil {
		d.changed()
	}
	return s, err
}

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
	"pasban/compare/lockdown"
)

// What institutions are told of an order: that it is given, what is still open before
// the deadline, what is open after it, that it is lifted. Each notice has a name for
// ever, so that a loop that comes by every half minute tells it once.

// Our own words, where the order brings none.
const (
	orderEN = "Your web sites are ordered to be read-only until further notice: visitors may look, nothing may be written. Close every form, login, search box, upload, comment box and chat, refuse requests that change something at the web server, and let administration pages answer to allowed addresses only."
	orderUR = "آپ کی ویب سائٹس کو تا حکمِ ثانی صرف پڑھنے تک محدود کرنے کا حکم دیا گیا ہے: لوگ سائٹ دیکھ سکیں، مگر کچھ لکھا نہ جا سکے۔ تمام فارم، لاگ اِن، تلاش، اپ لوڈ، تبصرے اور چیٹ بند کریں، تبدیلی کی درخواستیں ویب سرور پر رد کریں، اور انتظامی صفحات صرف اجازت یافتہ پتوں کے لیے کھلے رکھیں۔"
)

// textFor is what an order says in a language.
func (d Directive) textFor(language string) string {
	en, ur := d.TextEN, d.TextUR
	switch {
	case language == alerting.Urdu && ur != "":
		return ur
	case language == alerting.Urdu && en != "":
		return orderUR + "\n\n" + en
	case language == alerting.Urdu:
		return orderUR
	case en != "":
		return en
	}
	return orderEN
}

// notify puts a notice for an institution into the outbox: to its own contacts, in its
// language, and to the hooks.
func (m *Monitor) notify(ctx context.Context, tx Tx, owner Institution, id, severity string, n func(language string) alerting.Notice) error {
	for _, to := range alerting.Route(owner.Contacts, owner.Language, nil, nil) {
		notice := n(to.Language)
		notice.Order = true
		alert := alerting.Alert{ID: id, Severity: severity, TLP: cmp.Or(owner.TLP, "AMBER"), Institution: owner.Name}
		if err := m.oweNotice(ctx, tx, alert, notice, to); err != nil {
			return err
		}
	}
	return nil
}

// byOwner files sites under their institutions, by ID.
func byOwner(ctx context.Context, from Reader, sites []Site) ([]Institution, map[string][]Site, error) {
	of := map[string][]Site{}
	var owners []Institution
	for _, s := range sites {
		if of[s.Institution] == nil {
			owner, err := from.Institution(ctx, s.Institution)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return nil, nil, err
			}
			owners = append(owners, owner)
		}
		of[s.Institution] = append(of[s.Institution], s)
	}
	return owners, of, nil
}

func siteList(sites []Site) ([]alerting.NoticeSite, int) {
	var out []alerting.NoticeSite
	for _, s := range sites {
		out = append(out, alerting.NoticeSite{Name: s.Name, URL: s.URL})
	}
	return firstSites(out)
}

// tellOrdered tells the institutions, and the CERT, of a new order.
func (m *Monitor) tellOrdered(ctx context.Context, tx Tx, d Directive, sites []Site) error {
	owners, of, err := byOwner(ctx, tx, sites)
	if err != nil {
		return err
	}
	for _, owner := range owners {
		err := m.notify(ctx, tx, owner, fmt.Sprintf("lockdown.%d.%s.ordered", d.ID, owner.ID), "high", func(language string) alerting.Notice {
			n := orderedNotice(language, d)
			n.Sites, n.MoreSites = siteList(of[owner.ID])
			return n
		})
		if err != nil {
			return err
		}
	}
	n := alerting.Notice{Title: fmt.Sprintf("Lockdown ordered for %d sites of %d institutions", len(sites), len(owners)), Text: d.Scope.String() + ", by " + onClock(d.Deadline) + ". " + d.Authority}
	return m.announce(ctx, tx, fmt.Sprintf("lockdown.%d", d.ID), "high", n)
}

// tellLifted tells them that it is over.
func (m *Monitor) tellLifted(ctx context.Context, tx Tx, d Directive, ids []string) error {
	var sites []Site
	for _, id := range ids {
		site, err := tx.Site(ctx, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil {
			sites = append(sites, site)
		}
	}
	owners, of, err := byOwner(ctx, tx, sites)
	if err != nil {
		return err
	}
	for _, owner := range owners {
		err := m.notify(ctx, tx, owner, fmt.Sprintf("lockdown.%d.%s.lifted", d.ID, owner.ID), "medium", func(language string) alerting.Notice {
			n := liftedNotice(language, d)
			n.Sites, n.MoreSites = siteList(of[owner.ID])
			return n
		})
		if err != nil {
			return err
		}
	}
	return m.announce(ctx, tx, fmt.Sprintf("lockdown.%d.lifted", d.ID), "medium", alerting.Notice{Title: fmt.Sprintf("Lockdown %d is lifted", d.ID), Over: true, Text: d.Scope.String()})
}

// stageOf is the newest notice that is due about an order, "" for none: a day and three
// hours before the deadline, at it, and then every day, or every third if nothing grave
// is open.
func stageOf(d Directive, grave bool, now time.Time) string {
	left := d.Deadline.Sub(now)
	whole := d.Deadline.Sub(d.Issued)
	switch {
	case left <= 0:
		// Named by the day, so that each day has one name however grave it is.
		day := int(-left / (24 * time.Hour))
		if !grave {
			day -= day % 3
		}
		return fmt.Sprintf("overdue%d", day)
	case left <= 3*time.Hour && whole > 6*time.Hour:
		return "3h"
	case left <= 24*time.Hour && whole > 48*time.Hour:
		return "24h"
	}
	return ""
}

// remind tells institutions what is open, as the deadlines come and go.
func (m *Monitor) remind(ctx context.Context, tx Tx, all []SiteStanding) error {
	orders := map[int64]Directive{}
	open := map[int64]map[string][]SiteStanding{} // by order and institution
	for _, s := range all {
		for _, d := range s.Orders {
			if d.ID == 0 || len(openTo(s, d)) == 0 {
				continue // the watchlist's own have no deadline
			}
			orders[d.ID] = d
			if open[d.ID] == nil {
				open[d.ID] = map[string][]SiteStanding{}
			}
			open[d.ID][s.Owner.ID] = append(open[d.ID][s.Owner.ID], s)
		}
	}
	for id, d := range orders {
		for _, sites := range open[id] {
			if err := m.remindOne(ctx, tx, d, sites); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *Monitor) remindOne(ctx context.Context, tx Tx, d Directive, sites []SiteStanding) error {
	grave := slices.ContainsFunc(sites, func(s SiteStanding) bool {
		return slices.ContainsFunc(openTo(s, d), func(c ControlStanding) bool { return isGrave(c.Control) })
	})
	stage := stageOf(d, grave, m.now())
	if stage == "" {
		return nil
	}
	owner := sites[0].Owner
	id := fmt.Sprintf("lockdown.%d.%s.%s", d.ID, owner.ID, stage)
	severity := "medium"
	if grave {
		severity = "high"
	}
	return m.notify(ctx, tx, owner, id, severity, func(language string) alerting.Notice {
		return reminderNotice(language, d, strings.HasPrefix(stage, "overdue"), sites)
	})
}

func isGrave(control string) bool {
	c, _ := lockdown.ByID(control)
	return c.Severity == lockdown.Critical || c.Severity == lockdown.High
}

// whatIsOpen lists what an order demands and a site has open.
func whatIsOpen(s SiteStanding, d Directive) string {
	var out []string
	for _, c := range openTo(s, d) {
		out = append(out, c.Why)
	}
	return strings.Join(out, " ")
}

// openTo are the controls that an order demands and a site has open.
func openTo(s SiteStanding, d Directive) []ControlStanding {
	return slices.DeleteFunc(slices.Clone(s.Controls), func(c ControlStanding) bool {
		return c.State != lockdown.Open || !slices.Contains(d.Controls, c.Control)
	})
}

// remindWaivers tells those concerned that a waiver is about to expire: three days
// before, or when a tenth of it is left.
func (m *Monitor) remindWaivers(ctx context.Context, tx Tx) error {
	all, err := tx.Waivers(ctx, m.now())
	if err != nil {
		return err
	}
	for _, w := range all {
		ahead := min(72*time.Hour, w.Expires.Sub(w.Issued)/10)
		if !w.Holds(m.now()) || w.Expires.Sub(m.now()) > ahead {
			continue
		}
		owner := w.Institution
		if w.Site != "" {
			site, err := tx.Site(ctx, w.Site)
			if err != nil {
				return err
			}
			owner = site.Institution
		}
		institution, err := tx.Institution(ctx, owner)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		id := fmt.Sprintf("waiver.%d.expires", w.ID)
		if err := m.notify(ctx, tx, institution, id, "medium", func(language string) alerting.Notice { return expiryNotice(language, w) }); err != nil {
			return err
		}
		if err := m.announce(ctx, tx, id, "medium", expiryNotice(alerting.English, w)); err != nil {
			return err
		}
	}
	return nil
}

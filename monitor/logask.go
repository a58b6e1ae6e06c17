package monitor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pasban/compare"
	"pasban/compare/accesslog"
)

// A web server that notes a write while its site is ordered to take none has either been
// left open or been opened. A log alone proves neither to us, and so nobody is paged: an
// analyst is asked, as about anything else that one witness alone has seen.

// writeInLockdown is the rule of package accesslog that asks.
const writeInLockdown = "log.write_in_lockdown"

// maxAsked bounds the writes of one lockdown that analysts are asked about.
const maxAsked = 100

// writeControls are those that forbid a write. A waiver of one leaves some door open, and
// then a log does not say which one a write came through.
var writeControls = []string{"login", "upload", "form", "comment", "method"}

// WritesForbidden tells since when a site must take no writes: from the earliest deadline
// of the orders in force that say so, zero if none does. It is of no effect that a door
// is waived. unknown says that the watchlist has the site in lockdown, which has no
// beginning.
func (m *Monitor) WritesForbidden(ctx context.Context, id string) (since time.Time, unknown bool, err error) {
	site, err := m.Store.Site(ctx, id)
	if err != nil {
		return since, false, fmt.Errorf("site %s: %w", id, err)
	}
	return forbidden(ctx, m.Store, site)
}

func forbidden(ctx context.Context, from Reader, site Site) (since time.Time, unknown bool, err error) {
	orders, err := ordersOf(ctx, from, site)
	if err != nil {
		return since, false, err
	}
	for _, d := range orders {
		switch {
		case !slices.ContainsFunc(d.Controls, func(c string) bool { return slices.Contains(writeControls, c) }):
		case d.Deadline.IsZero():
			unknown = true
		case since.IsZero() || d.Deadline.Before(since):
			since = d.Deadline
		}
	}
	return since, unknown, nil
}

// writesSince is since when writes in the logs of a site are told. Where the watchlist
// orders it, that is since it was first seen here.
func (m *Monitor) writesSince(ctx context.Context, from Reader, site Site, r *LogReading) (time.Time, error) {
	since, unknown, err := forbidden(ctx, from, site)
	switch {
	case !unknown:
		r.ReadOnly = time.Time{}
	case r.ReadOnly.IsZero():
		r.ReadOnly = m.now()
	}
	if unknown && (since.IsZero() || r.ReadOnly.Before(since)) {
		since = r.ReadOnly
	}
	return since, err
}

// askAboutWrites puts new writes of a lockdown before the analysts, in one question. A
// write that somebody has answered for is not asked about again.
func (m *Monitor) askAboutWrites(ctx context.Context, tx Tx, d *logDesk, writes []accesslog.Finding, r *LogReading) error {
	if len(writes) == 0 || d.since.IsZero() {
		return nil
	}
	waivers, err := tx.Waivers(ctx, m.now())
	if err != nil {
		return err
	}
	if slices.ContainsFunc(waivedFor(waivers, d.site, m.now()), func(c string) bool { return slices.Contains(writeControls, c) }) {
		return nil
	}
	asked := slices.Clone(r.Asked)
	if !r.Since.Equal(d.since) {
		asked = nil
	}
	var fresh []accesslog.Finding
	for _, f := range slices.Backward(writes) { // the oldest first
		key := f.Method + " " + f.Path
		if !slices.Contains(asked, key) && len(asked) < maxAsked {
			asked, fresh = append(asked, key), append(fresh, f)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	q, err := m.writesQuestion(ctx, tx, d.site, fresh)
	if err != nil || q.Capture == "" {
		return err // nobody has seen the site yet: the next write asks again
	}
	r.Since, r.Asked = d.since, asked
	_, err = tx.AddQuestion(ctx, q)
	return err
}

// maxWrites bounds the writes that one question shows.
const maxWrites = 10

// writesQuestion is about the newest look at the site's home page, since a question is
// about something that can be looked at.
func (m *Monitor) writesQuestion(ctx context.Context, tx Tx, site Site, writes []accesslog.Finding) (Question, error) {
	q := Question{Site: site.ID, Opened: m.now()}
	targets, err := tx.SiteTargets(ctx, site.ID)
	if err != nil {
		return q, err
	}
	slices.SortStableFunc(targets, func(a, b Target) int {
		if (a.ID == site.ID) == (b.ID == site.ID) {
			return 0
		}
		if a.ID == site.ID {
			return -1
		}
		return 1
	})
	for _, t := range targets {
		looks, err := tx.Captures(ctx, t.ID, 1)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return q, err
		}
		if len(looks) > 0 {
			q.Target, q.Capture = t.ID, looks[0].ID
			break
		}
	}
	why := fmt.Sprintf("The web server's log has %d kinds of writes that were accepted during the lockdown. The page itself may look as it should.", len(writes))
	if len(writes) == 1 {
		why = "The web server's log has a write that was accepted during the lockdown. The page itself may look as it should."
	}
	q.Report = compare.Report{Verdict: compare.Suspicious, Score: 0.5, Why: why}
	for _, f := range writes[:min(len(writes), maxWrites)] {
		known := logFinding(site.ID, f)
		q.Report.Findings = append(q.Report.Findings, compare.Finding{
			Kind: compare.Lockdown, Rule: f.Rule, Severity: f.Severity, Score: 0.5, Evidence: storable(known.Request()),
			Why: fmt.Sprintf("%s First on %s, %d times.", f.Why, onClock(f.First), f.Count),
		})
	}
	return q, nil
}

package db

import (
	"context"
	"fmt"
	"time"

	"pasban/compare/lockdown"
	"pasban/monitor"
)

// Orders into lockdown, what is waived of them, and how pages stand.

const selectDirectives = `SELECT d.id, d.scope, d.controls, d.deadline, d.authority, d.text_en, d.text_ur, d.issued, d.placed_by,
	d.decision, d.lifted, d.lifted_by FROM directives d `

func scanDirective(r row) (d monitor.Directive, err error) {
	err = r.Scan(&d.ID, jsonInto{&d.Scope}, jsonInto{&d.Controls}, instantInto{&d.Deadline}, &d.Authority, &d.TextEN, &d.TextUR,
		instantInto{&d.Issued}, &d.By, &d.Decision, instantInto{&d.Lifted}, &d.LiftedBy)
	return d, err
}

func (q queries) Directive(ctx context.Context, id int64) (monitor.Directive, error) {
	d, err := one(ctx, q, scanDirective, selectDirectives+`WHERE d.id = $1`, id)
	return d, wrap(err, "finding directive %d", id)
}

func (q queries) Directives(ctx context.Context) ([]monitor.Directive, error) {
	all, err := list(ctx, q, scanDirective, selectDirectives+`ORDER BY d.id DESC`)
	return all, wrap(err, "listing directives")
}

func (q queries) SiteDirectives(ctx context.Context, site string) ([]monitor.Directive, error) {
	all, err := list(ctx, q, scanDirective, selectDirectives+`JOIN directive_sites s ON s.directive = d.id
		WHERE s.site = $1 AND d.lifted = 0 ORDER BY d.id`, site)
	return all, wrap(err, "listing the directives about site %q", site)
}

func (q queries) DirectiveSites(ctx context.Context, directive int64) ([]string, error) {
	all, err := list(ctx, q, scanText, `SELECT site FROM directive_sites WHERE directive = $1 ORDER BY site`, directive)
	return all, wrap(err, "listing the sites of directive %d", directive)
}

func (t *tx) AddDirective(ctx context.Context, d monitor.Directive) (int64, error) {
	id, err := t.insert(ctx, `
		INSERT INTO directives (scope, controls, deadline, authority, text_en, text_ur, issued, placed_by, decision, lifted, lifted_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
		asJSON{d.Scope}, asJSON{d.Controls}, instant(d.Deadline), d.Authority, d.TextEN, d.TextUR, instant(d.Issued), d.By, d.Decision,
		instant(d.Lifted), d.LiftedBy)
	return id, wrap(err, "storing a directive")
}

func (t *tx) PutDirective(ctx context.Context, d monitor.Directive) error {
	err := touched(t.exec(ctx, `UPDATE directives SET lifted = $2, lifted_by = $3 WHERE id = $1`, d.ID, instant(d.Lifted), d.LiftedBy))
	return wrap(err, "storing directive %d", d.ID)
}

func (t *tx) PutDirectiveSites(ctx context.Context, directive int64, sites []string) error {
	_, err := t.exec(ctx, `DELETE FROM directive_sites WHERE directive = $1`, directive)
	for _, site := range sites {
		if err == nil {
			_, err = t.exec(ctx, `INSERT INTO directive_sites (directive, site) VALUES ($1, $2)`, directive, site)
		}
	}
	return wrap(err, "storing the sites of directive %d", directive)
}

const selectWaivers = `SELECT id, site, institution, controls, reason, approver, issued, expires, placed_by, decision, ended FROM waivers `

func scanWaiver(r row) (w monitor.Waiver, err error) {
	err = r.Scan(&w.ID, &w.Site, &w.Institution, jsonInto{&w.Controls}, &w.Reason, &w.Approver, instantInto{&w.Issued}, instantInto{&w.Expires},
		&w.By, &w.Decision, instantInto{&w.Ended})
	return w, err
}

func (q queries) Waiver(ctx context.Context, id int64) (monitor.Waiver, error) {
	w, err := one(ctx, q, scanWaiver, selectWaivers+`WHERE id = $1`, id)
	return w, wrap(err, "finding waiver %d", id)
}

func (q queries) Waivers(ctx context.Context, since time.Time) ([]monitor.Waiver, error) {
	all, err := list(ctx, q, scanWaiver, selectWaivers+`WHERE expires >= $1 ORDER BY id DESC`, instant(since))
	return all, wrap(err, "listing waivers")
}

func (t *tx) AddWaiver(ctx context.Context, w monitor.Waiver) (int64, error) {
	id, err := t.insert(ctx, `
		INSERT INTO waivers (site, institution, controls, reason, approver, issued, expires, placed_by, decision, ended)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
		w.Site, w.Institution, asJSON{w.Controls}, w.Reason, w.Approver, instant(w.Issued), instant(w.Expires), w.By, w.Decision, instant(w.Ended))
	return id, wrap(err, "storing a waiver")
}

func (t *tx) PutWaiver(ctx context.Context, w monitor.Waiver) error {
	err := touched(t.exec(ctx, `UPDATE waivers SET ended = $2 WHERE id = $1`, w.ID, instant(w.Ended)))
	return wrap(err, "storing waiver %d", w.ID)
}

const selectStandings = `SELECT target, site, control, state, why, evidence, box, since, capture, shut FROM standings `

func scanStanding(r row) (s monitor.Standing, err error) {
	err = r.Scan(&s.Target, &s.Site, &s.Control, &s.State, &s.Why, jsonInto{&s.Evidence}, jsonInto{&s.Box}, instantInto{&s.Since}, &s.Capture, instantInto{&s.Shut})
	return s, err
}

func (q queries) Standings(ctx context.Context, target string) ([]monitor.Standing, error) {
	if target == "" {
		all, err := list(ctx, q, scanStanding, selectStandings+`ORDER BY target, control`)
		return all, wrap(err, "listing standings")
	}
	all, err := list(ctx, q, scanStanding, selectStandings+`WHERE target = $1 ORDER BY control`, target)
	return all, wrap(err, "listing the standings of target %q", target)
}

func (q queries) SiteStandings(ctx context.Context, site string) ([]monitor.Standing, error) {
	all, err := list(ctx, q, scanStanding, selectStandings+`WHERE site = $1 ORDER BY target, control`, site)
	return all, wrap(err, "listing the standings of site %q", site)
}

func (t *tx) PutStandings(ctx context.Context, all []monitor.Standing) error {
	for _, s := range all {
		err := checkKeys(s.Target, s.Control)
		if err == nil {
			_, err = t.exec(ctx, `
				INSERT INTO standings (target, control, site, state, why, evidence, box, since, capture, shut)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
				ON CONFLICT (target, control) DO UPDATE SET site = excluded.site, state = excluded.state, why = excluded.why,
					evidence = excluded.evidence, box = excluded.box, since = excluded.since, capture = excluded.capture, shut = excluded.shut`,
				s.Target, s.Control, s.Site, s.State, s.Why, asJSON{s.Evidence}, asJSON{s.Box}, instant(s.Since), s.Capture, instant(s.Shut))
		}
		if err != nil {
			return wrap(err, "storing how target %q stands to %q", s.Target, s.Control)
		}
	}
	return nil
}

func (t *tx) RemoveStandings(ctx context.Context, site string) error {
	_, err := t.exec(ctx, `DELETE FROM standings WHERE site = $1`, site)
	return wrap(err, "forgetting how site %q stands", site)
}

func scanServer(r row) (s lockdown.Server, err error) {
	err = r.Scan(jsonInto{&s})
	return s, err
}

func (q queries) Doors(ctx context.Context, site string) (lockdown.Server, error) {
	s, err := one(ctx, q, scanServer, `SELECT answers FROM doors WHERE site = $1`, site)
	return s, wrap(err, "finding what the server of site %q said", site)
}

func (t *tx) PutDoors(ctx context.Context, site string, s lockdown.Server) error {
	err := checkKeys(site)
	if err == nil {
		_, err = t.exec(ctx, `INSERT INTO doors (site, at, answers) VALUES ($1, $2, $3)
			ON CONFLICT (site) DO UPDATE SET at = excluded.at, answers = excluded.answers`, site, instant(s.At), asJSON{s})
	}
	return wrap(err, "storing what the server of site %q said", site)
}

func (t *tx) RemoveDoors(ctx context.Context, site string) error {
	_, err := t.exec(ctx, `DELETE FROM doors WHERE site = $1`, site)
	return wrap(err, "forgetting what the server of site %q said", site)
}

func scanScore(r row) (s monitor.LockdownScore, err error) {
	err = r.Scan(instantInto{&s.Day}, &s.Site, &s.Score, &s.Open, &s.Unknown)
	return s, err
}

func (q queries) LockdownScores(ctx context.Context, since time.Time) ([]monitor.LockdownScore, error) {
	all, err := list(ctx, q, scanScore, `SELECT day, site, score, opened, unknown FROM lockdown_scores WHERE day >= $1 ORDER BY day, site`, instant(since))
	return all, wrap(err, "listing scores")
}

func (t *tx) PutLockdownScore(ctx context.Context, s monitor.LockdownScore) error {
	err := checkKeys(s.Site)
	if err == nil && s.Day.IsZero() {
		err = fmt.Errorf("the score has no day")
	}
	if err == nil {
		_, err = t.exec(ctx, `INSERT INTO lockdown_scores (day, site, score, opened, unknown) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (day, site) DO UPDATE SET score = excluded.score, opened = excluded.opened, unknown = excluded.unknown`,
			instant(s.Day), s.Site, s.Score, s.Open, s.Unknown)
	}
	return wrap(err, "storing the score of site %q", s.Site)
}

func (t *tx) RemoveLockdownScores(ctx context.Context, before time.Time) error {
	_, err := t.exec(ctx, `DELETE FROM lockdown_scores WHERE day < $1`, instant(before))
	return wrap(err, "removing old scores")
}

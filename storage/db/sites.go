package db

import (
	"context"

	"pasban/monitor"
)

// Institutions, their sites, the targets of these, how fresh they are, and what
// probes compare them with.

// notCanary leaves out what belongs to a canary: see monitor.CanarySite.
const notCanary = `site <> '` + monitor.CanarySite + `' `

func (q queries) Institution(ctx context.Context, id string) (monitor.Institution, error) {
	i, err := one(ctx, q, scanInstitution, `
		SELECT id, name, tier, region, contacts, language, tlp FROM institutions WHERE id = $1`, id)
	return i, wrap(err, "finding institution %q", id)
}

func (q queries) Institutions(ctx context.Context) ([]monitor.Institution, error) {
	all, err := list(ctx, q, scanInstitution, `SELECT id, name, tier, region, contacts, language, tlp FROM institutions ORDER BY id`)
	return all, wrap(err, "listing institutions")
}

func scanInstitution(r row) (i monitor.Institution, err error) {
	err = r.Scan(&i.ID, &i.Name, &i.Tier, &i.Region, jsonInto{&i.Contacts}, &i.Language, &i.TLP)
	return i, err
}

func (t *tx) PutInstitution(ctx context.Context, i monitor.Institution) error {
	err := checkKeys(i.ID)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO institutions (id, name, tier, region, contacts, language, tlp)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, tier = excluded.tier,
				region = excluded.region, contacts = excluded.contacts,
				language = excluded.language, tlp = excluded.tlp`,
			i.ID, i.Name, i.Tier, i.Region, asJSON{i.Contacts}, i.Language, i.TLP)
	}
	return wrap(err, "storing institution %q", i.ID)
}

const selectSites = `SELECT id, name, institution, url, schedule, allow_hosts,
	allow_private, masks, lockdown, paused FROM sites `

func scanSite(r row) (s monitor.Site, err error) {
	err = r.Scan(&s.ID, &s.Name, &s.Institution, &s.URL, &s.Schedule, jsonInto{&s.AllowHosts},
		jsonInto{&s.AllowPrivate}, jsonInto{&s.Masks}, &s.Lockdown, &s.Paused)
	return s, err
}

func (q queries) Sites(ctx context.Context) ([]monitor.Site, error) {
	all, err := list(ctx, q, scanSite, selectSites+`WHERE id <> '`+monitor.CanarySite+`' ORDER BY id`)
	return all, wrap(err, "listing sites")
}

func (q queries) Site(ctx context.Context, id string) (monitor.Site, error) {
	s, err := one(ctx, q, scanSite, selectSites+`WHERE id = $1`, id)
	return s, wrap(err, "finding site %q", id)
}

func (t *tx) PutSite(ctx context.Context, s monitor.Site) error {
	err := checkKeys(s.ID)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO sites (id, name, institution, url, schedule, allow_hosts,
				allow_private, masks, lockdown, paused)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, institution = excluded.institution,
				url = excluded.url, schedule = excluded.schedule, allow_hosts = excluded.allow_hosts,
				allow_private = excluded.allow_private, masks = excluded.masks,
				lockdown = excluded.lockdown, paused = excluded.paused`,
			s.ID, s.Name, s.Institution, s.URL, s.Schedule, asJSON{s.AllowHosts},
			asJSON{s.AllowPrivate}, asJSON{s.Masks}, s.Lockdown, s.Paused)
	}
	return wrap(err, "storing site %q", s.ID)
}

const selectTargets = `SELECT id, site, url, gone FROM targets `

func scanTarget(r row) (t monitor.Target, err error) {
	return t, r.Scan(&t.ID, &t.Site, &t.URL, &t.Gone)
}

func (q queries) Targets(ctx context.Context) ([]monitor.Target, error) {
	all, err := list(ctx, q, scanTarget, selectTargets+`WHERE NOT gone AND `+notCanary+`ORDER BY id`)
	return all, wrap(err, "listing targets")
}

func (q queries) Target(ctx context.Context, id string) (monitor.Target, error) {
	t, err := one(ctx, q, scanTarget, selectTargets+`WHERE id = $1`, id)
	return t, wrap(err, "finding target %q", id)
}

// SiteTargets lists the targets of a site by ID, without those that are gone.
func (q queries) SiteTargets(ctx context.Context, site string) ([]monitor.Target, error) {
	all, err := list(ctx, q, scanTarget, selectTargets+`WHERE site = $1 AND NOT gone ORDER BY id`, site)
	return all, wrap(err, "listing targets of site %q", site)
}

func (t *tx) PutTarget(ctx context.Context, target monitor.Target) error {
	err := checkKeys(target.ID, target.Site)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO targets (id, site, url, gone) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET site = excluded.site, url = excluded.url, gone = excluded.gone`,
			target.ID, target.Site, target.URL, target.Gone)
	}
	return wrap(err, "storing target %q", target.ID)
}

// Fingerprints lists those of all targets, gone ones included.
func (q queries) Fingerprints(ctx context.Context) ([]monitor.Fingerprint, error) {
	all, err := list(ctx, q, scanFingerprint, `SELECT target, updated, data FROM fingerprints ORDER BY target`)
	return all, wrap(err, "listing fingerprints")
}

func scanFingerprint(r row) (f monitor.Fingerprint, err error) {
	err = r.Scan(&f.Target, instantInto{&f.Updated}, &f.Data)
	return f, err
}

func (t *tx) PutFingerprint(ctx context.Context, f monitor.Fingerprint) error {
	err := checkKeys(f.Target)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO fingerprints (target, updated, data) VALUES ($1, $2, $3)
			ON CONFLICT (target) DO UPDATE SET updated = excluded.updated, data = excluded.data`,
			f.Target, instant(f.Updated), append([]byte{}, f.Data...))
	}
	return wrap(err, "storing the fingerprint of target %q", f.Target)
}

const selectFreshness = `SELECT target, last_attempt, last_good, outcome, reason, failures FROM freshness `

// Freshness lists every target that was ever attempted, gone ones included. It has no
// sites: that of a canary shows in the name, which begins with it.
func (q queries) Freshness(ctx context.Context) ([]monitor.Freshness, error) {
	all, err := list(ctx, q, scanFreshness, selectFreshness+`WHERE substr(target, 1, $1) <> $2 ORDER BY target`,
		len(monitor.CanarySite), monitor.CanarySite)
	return all, wrap(err, "listing freshness")
}

func (q queries) TargetFreshness(ctx context.Context, target string) (monitor.Freshness, error) {
	f, err := one(ctx, q, scanFreshness, selectFreshness+`WHERE target = $1`, target)
	return f, wrap(err, "finding the freshness of target %q", target)
}

func scanFreshness(r row) (f monitor.Freshness, err error) {
	err = r.Scan(&f.Target, instantInto{&f.LastAttempt}, instantInto{&f.LastGood}, &f.Outcome, &f.Reason, &f.Failures)
	return f, err
}

func (t *tx) PutFreshness(ctx context.Context, f monitor.Freshness) error {
	err := checkKeys(f.Target)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO freshness (target, last_attempt, last_good, outcome, reason, failures)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (target) DO UPDATE SET last_attempt = excluded.last_attempt,
				last_good = excluded.last_good, outcome = excluded.outcome,
				reason = excluded.reason, failures = excluded.failures`,
			f.Target, instant(f.LastAttempt), instant(f.LastGood), f.Outcome, f.Reason, f.Failures)
	}
	return wrap(err, "storing freshness of target %q", f.Target)
}

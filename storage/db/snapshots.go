package db

import (
	"context"

	"pasban/monitor"
)

// The copies of sites. Their IDs sort by time.

const selectSnapshots = `SELECT id, site, created, looks, manifest, pages, files, bytes, left_out, state, problem, proofs, verified
	FROM snapshots `

func scanSnapshot(r row) (s monitor.Snapshot, err error) {
	err = r.Scan(&s.ID, &s.Site, instantInto{&s.Created}, jsonInto{&s.Of}, &s.Manifest, &s.Pages, &s.Files, &s.Bytes,
		jsonInto{&s.LeftOut}, &s.State, &s.Problem, jsonInto{&s.Proofs}, instantInto{&s.Verified})
	return s, err
}

func (q queries) Snapshot(ctx context.Context, id string) (monitor.Snapshot, error) {
	s, err := one(ctx, q, scanSnapshot, selectSnapshots+`WHERE id = $1`, id)
	return s, wrap(err, "finding snapshot %q", id)
}

func (q queries) Snapshots(ctx context.Context) ([]monitor.Snapshot, error) {
	all, err := list(ctx, q, scanSnapshot, selectSnapshots+`ORDER BY site, id DESC`)
	return all, wrap(err, "listing snapshots")
}

func (q queries) SiteSnapshots(ctx context.Context, site string) ([]monitor.Snapshot, error) {
	all, err := list(ctx, q, scanSnapshot, selectSnapshots+`WHERE site = $1 ORDER BY id DESC`, site)
	return all, wrap(err, "listing snapshots of %q", site)
}

func (t *tx) PutSnapshot(ctx context.Context, s monitor.Snapshot) error {
	err := checkKeys(s.ID, s.Site)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO snapshots (id, site, created, looks, manifest, pages, files, bytes, left_out, state, problem, proofs, verified)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			ON CONFLICT (id) DO UPDATE SET state = excluded.state, problem = excluded.problem, proofs = excluded.proofs,
				verified = excluded.verified`,
			s.ID, s.Site, instant(s.Created), asJSON{s.Of}, s.Manifest, s.Pages, s.Files, s.Bytes, asJSON{s.LeftOut}, s.State,
			s.Problem, asJSON{s.Proofs}, instant(s.Verified))
	}
	return wrap(err, "storing snapshot %q", s.ID)
}

func (t *tx) RemoveSnapshot(ctx context.Context, id string) error {
	_, err := t.exec(ctx, `DELETE FROM snapshots WHERE id = $1`, id)
	return wrap(err, "removing snapshot %q", id)
}

package db

import (
	"context"

	"pasban/monitor"
)

const selectBaselines = `SELECT target, site, version, created, provisional, approved_by, decision,
	captures, manifest, looks FROM baselines b `

func scanBaseline(r row) (b monitor.Baseline, err error) {
	err = r.Scan(&b.Target, &b.Site, &b.Version, instantInto{&b.Created}, &b.Provisional, &b.ApprovedBy, &b.Decision,
		jsonInto{&b.Captures}, &b.Manifest, jsonInto{&b.Looks})
	return b, err
}

func (q queries) Baseline(ctx context.Context, target string) (monitor.Baseline, error) {
	b, err := one(ctx, q, scanBaseline, selectBaselines+`WHERE target = $1 ORDER BY version DESC LIMIT 1`, target)
	return b, wrap(err, "finding the baseline of target %q", target)
}

func (q queries) Baselines(ctx context.Context, target string) ([]monitor.Baseline, error) {
	all, err := list(ctx, q, scanBaseline, selectBaselines+`WHERE target = $1 ORDER BY version DESC`, target)
	return all, wrap(err, "listing baselines of target %q", target)
}

func (q queries) LatestBaselines(ctx context.Context) ([]monitor.Baseline, error) {
	all, err := list(ctx, q, scanBaseline, selectBaselines+`
		WHERE version = (SELECT MAX(version) FROM baselines WHERE target = b.target) AND `+notCanary+`ORDER BY target`)
	return all, wrap(err, "listing the newest baselines")
}

// AddBaseline returns monitor.ErrExists, wrapped, for a version that exists.
func (t *tx) AddBaseline(ctx context.Context, b monitor.Baseline) error {
	err := checkKeys(b.Target)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO baselines (target, site, version, created, provisional, approved_by, decision,
				captures, manifest, looks)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			b.Target, b.Site, b.Version, instant(b.Created), b.Provisional, b.ApprovedBy, b.Decision,
			asJSON{b.Captures}, b.Manifest, asJSON{b.Looks})
	}
	return wrap(err, "storing version %d of the baseline of target %q", b.Version, b.Target)
}

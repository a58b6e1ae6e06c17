package db

import (
	"context"
	"time"

	"pasban/monitor"
)

// What access logs told.

func scanLogFinding(r row) (f monitor.LogFinding, err error) {
	err = r.Scan(&f.ID, &f.Site, &f.Key, &f.Rule, &f.Severity, &f.Why, &f.Client, &f.Method, &f.Target, &f.Status, &f.Agent,
		instantInto{&f.First}, instantInto{&f.Last}, &f.Count, &f.File, &f.Line)
	return f, err
}

func (q queries) LogFindings(ctx context.Context, site string, from, to time.Time) ([]monitor.LogFinding, error) {
	all, err := list(ctx, q, scanLogFinding, `
		SELECT id, site, key, rule, severity, why, client, method, target, status, agent, first, last, count, file, line
		FROM log_findings WHERE site = $1 AND first <= $2 AND last >= $3 ORDER BY first, id`, site, instant(to), instant(from))
	return all, wrap(err, "listing what the logs of %q told", site)
}

func (q queries) LogReading(ctx context.Context, site string) (monitor.LogReading, error) {
	r, err := one(ctx, q, func(r row) (l monitor.LogReading, err error) {
		err = r.Scan(jsonInto{&l})
		return l, err
	}, `SELECT reading FROM log_readings WHERE site = $1`, site)
	return r, wrap(err, "finding how far the logs of %q were read", site)
}

func (t *tx) PutLogReading(ctx context.Context, site string, r monitor.LogReading) error {
	err := checkKeys(site)
	if err == nil {
		_, err = t.exec(ctx, `INSERT INTO log_readings (site, reading) VALUES ($1, $2)
			ON CONFLICT (site) DO UPDATE SET reading = excluded.reading`, site, asJSON{r})
	}
	return wrap(err, "noting how far the logs of %q were read", site)
}

func (t *tx) PutLogFinding(ctx context.Context, f monitor.LogFinding) error {
	err := checkKeys(f.Site, f.Key, f.Rule)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO log_findings (site, key, rule, severity, why, client, method, target, status, agent, first, last, count, file, line)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
			ON CONFLICT (site, key) DO UPDATE SET count = log_findings.count + excluded.count,
				first = CASE WHEN excluded.first < log_findings.first THEN excluded.first ELSE log_findings.first END,
				last = CASE WHEN excluded.last > log_findings.last THEN excluded.last ELSE log_findings.last END`,
			f.Site, f.Key, f.Rule, f.Severity, f.Why, f.Client, f.Method, f.Target, f.Status, f.Agent, instant(f.First), instant(f.Last), f.Count, f.File, f.Line)
	}
	return wrap(err, "storing what the log of %q told", f.Site)
}

func (t *tx) ThinLogFindings(ctx context.Context, site, rule string, keep int) (int, error) {
	n, err := t.exec(ctx, `DELETE FROM log_findings WHERE id IN (
			SELECT id FROM log_findings WHERE site = $1 AND rule = $2 ORDER BY first DESC, id DESC LIMIT 1000000 OFFSET $3)`, site, rule, keep)
	return int(n), wrap(err, "thinning what the logs of %q told", site)
}

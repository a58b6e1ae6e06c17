package db

import (
	"context"
	"errors"
	"fmt"

	"pasban/monitor"
)

// The numbers of reports, and incidents from before the watch.

type reportNumber struct{ incident, year, number int64 }

func (n reportNumber) String() string { return fmt.Sprintf("PASBAN-%d-%06d", n.year, n.number) }

func scanReportNumber(r row) (n reportNumber, err error) {
	err = r.Scan(&n.incident, &n.year, &n.number)
	return n, err
}

func (q queries) ReportNumbers(ctx context.Context) (map[int64]string, error) {
	all, err := list(ctx, q, scanReportNumber, `SELECT incident, year, number FROM reports`)
	out := make(map[int64]string, len(all))
	for _, n := range all {
		out[n.incident] = n.String()
	}
	return out, wrap(err, "listing the numbers of incidents")
}

// NumberReport numbers the reports of a year from 1. As with campaigns, two transactions
// that number at once collide, and the second is repeated.
func (t *tx) NumberReport(ctx context.Context, incident int64, year int) (string, error) {
	known, err := one(ctx, t.queries, scanReportNumber, `SELECT incident, year, number FROM reports WHERE incident = $1`, incident)
	if err == nil {
		return known.String(), nil
	}
	if !errors.Is(err, monitor.ErrNotFound) {
		return "", wrap(err, "finding the number of incident %d", incident)
	}
	number, err := one(ctx, t.queries, scanID, `SELECT COALESCE(MAX(number), 0) + 1 FROM reports WHERE year = $1`, year)
	if err == nil {
		err = touched(t.exec(ctx, `INSERT INTO reports (incident, year, number) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, incident, year, number))
	}
	if err != nil {
		return "", wrap(err, "numbering the report of incident %d", incident)
	}
	return reportNumber{incident, int64(year), number}.String(), nil
}

func scanPastIncident(r row) (p monitor.PastIncident, err error) {
	err = r.Scan(&p.ID, instantInto{&p.At}, &p.Kind, &p.Tier, &p.Region, &p.Institution, &p.Site, &p.Severity, &p.Summary)
	return p, err
}

func (q queries) PastIncidents(ctx context.Context) ([]monitor.PastIncident, error) {
	all, err := list(ctx, q, scanPastIncident, `SELECT id, at, kind, tier, region, institution, site, severity, summary FROM history ORDER BY at, id`)
	return all, wrap(err, "listing past incidents")
}

// PutPastIncident replaces one of the same ID.
func (t *tx) PutPastIncident(ctx context.Context, p monitor.PastIncident) error {
	err := checkKeys(p.ID)
	if err == nil {
		_, err = t.exec(ctx, `
			INSERT INTO history (id, at, kind, tier, region, institution, site, severity, summary) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (id) DO UPDATE SET at = excluded.at, kind = excluded.kind, tier = excluded.tier, region = excluded.region,
				institution = excluded.institution, site = excluded.site, severity = excluded.severity, summary = excluded.summary`,
			p.ID, instant(p.At), p.Kind, p.Tier, p.Region, p.Institution, p.Site, p.Severity, p.Summary)
	}
	return wrap(err, "storing past incident %q", p.ID)
}

package dbtest

import (
	"context"
	"testing"

	"pasban/compare"
	"pasban/monitor"
)

// An incident has one number for ever, and each year counts from one.
func reportNumbers(t *testing.T, s Subject) {
	store := s.open(t)
	none, err := store.ReportNumbers(limit(t))
	same(t, "ReportNumbers of none", err, none, map[int64]string{})
	for _, c := range []struct {
		incident int64
		year     int
		want     string
	}{{7, 2026, "PASBAN-2026-000001"}, {9, 2026, "PASBAN-2026-000002"}, {7, 2027, "PASBAN-2026-000001"}, {8, 2027, "PASBAN-2027-000001"}} {
		var got string
		update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
			got, err = tx.NumberReport(ctx, c.incident, c.year)
			return err
		})
		same(t, "NumberReport", nil, got, c.want)
	}
	got, err := store.ReportNumbers(limit(t))
	same(t, "ReportNumbers", err, got, map[int64]string{7: "PASBAN-2026-000001", 9: "PASBAN-2026-000002", 8: "PASBAN-2027-000001"})
}

// Past incidents are kept by their ID.
func pastIncidents(t *testing.T, s Subject) {
	store := s.open(t)
	a := monitor.PastIncident{ID: "b", At: at(2), Kind: "phishing", Tier: monitor.Federal, Region: "Islamabad", Institution: "وزارت", Site: "x.example", Severity: compare.Low, Summary: "s"}
	b := monitor.PastIncident{ID: "a", At: at(2), Kind: compare.Defacement, Tier: monitor.Banking}
	changed := a
	changed.Summary = "other"
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for _, p := range []monitor.PastIncident{a, b, changed} {
			if err := tx.PutPastIncident(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
	got, err := store.PastIncidents(limit(t))
	same(t, "PastIncidents", err, got, []monitor.PastIncident{b, changed})
}

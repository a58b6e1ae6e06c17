package dbtest

import (
	"context"
	"testing"

	"pasban/compare"
	"pasban/compare/accesslog"
	"pasban/monitor"
)

// What a log tells of one day is one finding that counts up, and comes back by its time.
func logFindings(t *testing.T, s Subject) {
	store := s.open(t)
	ctx := limit(t)
	f := monitor.LogFinding{Site: "court", Finding: accesslog.Finding{
		Key: "log.sql 1.1.1.1", Rule: "log.sql", Severity: compare.High, Why: "why", Client: "1.1.1.1", Method: "GET",
		Target: "/?id=1' or 1=1", Status: 200, Agent: "x", First: at(10), Last: at(20), Count: 3, File: "a.log", Line: 7,
	}}
	more := f
	more.First, more.Last, more.Count, more.File, more.Line = at(5), at(30), 2, "b.log", 1
	other := f
	other.Site = "bank"
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for _, one := range []monitor.LogFinding{f, more, other} {
			if err := tx.AddLogFinding(ctx, one); err != nil {
				return err
			}
		}
		return nil
	})
	want := f
	want.First, want.Last, want.Count = at(5), at(30), 5
	got, err := store.LogFindings(ctx, "court", at(29), at(31), 10)
	for i := range got {
		got[i].ID = 0
	}
	same(t, "LogFindings", err, got, []monitor.LogFinding{want})
	got, err = store.LogFindings(ctx, "court", at(31), at(40), 10)
	same(t, "LogFindings after the last", err, got, []monitor.LogFinding{})
	got, err = store.LogFindings(ctx, "court", at(0), at(5), 10)
	same(t, "LogFindings before the first", err, got, []monitor.LogFinding{})
}

// An incident has one number for ever, and each year counts from one.
func reportNumbers(t *testing.T, s Subject) {
	store := s.open(t)
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
	got, err := store.ReportNumber(limit(t), 9)
	same(t, "ReportNumber", err, got, "PASBAN-2026-000002")
	got, err = store.ReportNumber(limit(t), 1)
	same(t, "ReportNumber of none", err, got, "")
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

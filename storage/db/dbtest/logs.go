package dbtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pasban/compare/accesslog"
	"pasban/monitor"
	"pasban/monitor/logdir"
)

// logFindings: what is one finding is counted in one row, lists are by time, and the
// oldest of one rule give way.
func logFindings(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	full := monitor.LogFinding{Site: "b", Key: "k1", Rule: "log.sql", Severity: "high", Why: "why", Client: "192.0.2.7", Method: "GET", Target: "/?id=\\x1b <b>",
		Status: 200, Agent: "sqlmap", First: at(10), Last: at(20), Count: 3, File: "access.log", Line: 7}
	put := func(all ...monitor.LogFinding) {
		update(t, store, func(ctx context.Context, tx monitor.Tx) error {
			for _, f := range all {
				if err := tx.PutLogFinding(ctx, f); err != nil {
					return err
				}
			}
			return nil
		})
	}
	put(full)
	again := full
	again.First, again.Last, again.Count, again.File, again.Target = at(5), at(15), 2, "other", "/other"
	later := full
	later.First, later.Last, later.Count = at(40), at(50), 1
	put(again, later)
	want := full
	want.ID, want.First, want.Last, want.Count = 1, at(5), at(50), 6
	have, err := store.LogFindings(ctx, "b", at(50), at(60))
	same(t, "LogFindings that reach into a time", err, have, []monitor.LogFinding{want})
	for _, span := range [][2]time.Time{{at(51), at(60)}, {at(0), at(4)}} {
		have, err = store.LogFindings(ctx, "b", span[0], span[1])
		same(t, "LogFindings beside a time", err, have, []monitor.LogFinding{})
	}
	have, err = store.LogFindings(ctx, "a", at(0), at(60))
	same(t, "LogFindings of another site", err, have, []monitor.LogFinding{})

	for n := range 5 {
		put(monitor.LogFinding{Site: "b", Key: fmt.Sprint("x", n), Rule: "log.exec", Severity: "critical", First: at(n), Last: at(n), Count: 1},
			monitor.LogFinding{Site: "a", Key: fmt.Sprint("x", n), Rule: "log.exec", Severity: "critical", First: at(n), Last: at(n), Count: 1})
	}
	var thinned int
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		thinned, err = tx.ThinLogFindings(ctx, "b", "log.exec", 2)
		return err
	})
	have, err = store.LogFindings(ctx, "b", at(0), at(60))
	if err != nil || thinned != 3 || len(have) != 3 || have[0].Key != "x3" || have[1].Key != "x4" || have[2].Key != "k1" {
		t.Errorf("%d thinned, %v left, %v", thinned, have, err)
	}
	if have, err = store.LogFindings(ctx, "a", at(0), at(60)); err != nil || len(have) != 5 {
		t.Errorf("of another site %d are left, %v", len(have), err)
	}
}

// logReadings: all of how far logs were read comes back, the last of it.
func logReadings(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	_, err := store.LogReading(ctx, "b")
	missing(t, "LogReading of nothing", err)
	r := monitor.LogReading{
		Places: []logdir.Place{{Mark: "m", Stem: "access.log", Name: "access.log.1", Place: accesslog.Place{Bytes: 1 << 40, Lines: 9, Fields: " date time", Skip: true}, Done: 5, Seen: at(0)}},
		Memory: accesslog.Memory{Since: at(1), Until: at(2), Scripts: map[string]string{"/a.php": "2026-03-04"}, Full: 3},
		Lines:  10, Malformed: 2, LeftOut: 1, Thinned: 4, Since: at(3), Asked: []string{"POST /x"},
	}
	for range 2 {
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutLogReading(ctx, "b", r) })
		have, err := store.LogReading(ctx, "b")
		same(t, "LogReading", err, have, r)
		r.Lines, r.Places = 20, nil
	}
}

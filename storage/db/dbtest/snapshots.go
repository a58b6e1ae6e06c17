package dbtest

import (
	"context"
	"testing"

	"pasban/monitor"
)

// snapshots: all of a copy comes back, only what may change changes, and the newest
// stands first.
func snapshots(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	old := monitor.Snapshot{ID: "01", Site: "b", Created: at(1), State: monitor.Unproved, Problem: "not alike"}
	full := monitor.Snapshot{ID: "02", Site: "b", Created: at(2), Of: []monitor.SnapshotOf{{Target: "b", URL: "http://b/", Version: 3}},
		Manifest: "snapshots/b/02.json", Pages: 4, Files: 50, Bytes: 1 << 40, LeftOut: []string{"a \x1b <film>"}, State: monitor.Proved,
		Proofs: []monitor.SnapshotProof{{Target: "b", Likeness: 0.987, Text: 1, Verdict: "benign", Why: "as approved", Picture: "aa"}}, Verified: at(3)}
	other := monitor.Snapshot{ID: "00", Site: "a", Created: at(0), State: monitor.Proved}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for _, x := range []monitor.Snapshot{old, full, other} {
			if err := tx.PutSnapshot(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
	have, err := store.Snapshot(ctx, "02")
	same(t, "Snapshot", err, have, full)
	_, err = store.Snapshot(ctx, "none")
	missing(t, "Snapshot of nothing", err)
	all, err := store.Snapshots(ctx)
	same(t, "Snapshots", err, all, []monitor.Snapshot{other, full, old})
	all, err = store.SiteSnapshots(ctx, "b")
	same(t, "SiteSnapshots", err, all, []monitor.Snapshot{full, old})
	all, err = store.SiteSnapshots(ctx, "c")
	same(t, "SiteSnapshots of none", err, all, []monitor.Snapshot{})

	full.State, full.Problem, full.Verified, full.Proofs = monitor.Broken, "a file is lost", at(9), nil
	changed := full
	changed.Site, changed.Created = "c", at(7) // which never change
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutSnapshot(ctx, changed) })
	have, err = store.Snapshot(ctx, "02")
	same(t, "a broken Snapshot", err, have, full)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.RemoveSnapshot(ctx, "02") })
	_, err = store.Snapshot(ctx, "02")
	missing(t, "a removed Snapshot", err)
}

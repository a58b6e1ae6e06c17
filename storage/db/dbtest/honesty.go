package dbtest

import (
	"context"
	"testing"

	"pasban/compare"
	"pasban/monitor"
)

// How we are: put twice it is replaced, and comes back by name as it was put.
func conditions(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	disk := monitor.Condition{Name: "disk", Ill: true, Since: at(1), Told: true, Episode: 7, Text: "0.5 GB free", Value: 5.25e8, Measured: at(9)}
	clock := monitor.Condition{Name: "clock", Since: at(2), Measured: at(3)}
	put := func(c monitor.Condition) {
		t.Helper()
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutCondition(ctx, c) })
	}
	put(disk)
	put(clock)
	disk.Ill, disk.Since, disk.Value = false, at(10), 3e9
	put(disk)
	all, err := store.Conditions(ctx)
	same(t, "Conditions", err, all, []monitor.Condition{clock, disk})
	if err := tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutCondition(ctx, monitor.Condition{})
	}); err == nil {
		t.Error("a condition of nothing was stored")
	}
}

// The last delivery is the newest that arrived, not one that waits or failed.
func lastDelivery(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	have, err := store.LastDelivery(ctx)
	if err != nil || !have.IsZero() {
		t.Errorf("LastDelivery of an empty store = %v, %v", have, err)
	}
	for n, state := range []monitor.DeliveryState{monitor.Sent, monitor.Sent, monitor.Failed, monitor.Pending} {
		d := monitor.Delivery{Alert: string(rune('a' + n)), Sink: "smtp", Recipient: "a@x", State: state, Created: at(n), Updated: at(10 + n)}
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { _, err := tx.AddDelivery(ctx, d); return err })
	}
	swallowed := monitor.Delivery{Alert: "c", Sink: monitor.CanarySink, Recipient: "nobody", State: monitor.Sent, Updated: at(50)}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { _, err := tx.AddDelivery(ctx, swallowed); return err })
	have, err = store.LastDelivery(ctx)
	same(t, "LastDelivery", err, have, at(11))
}

// Canaries are in no list of what is watched, found and owed, and are found by name.
func canaries(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	target := monitor.CanarySite + "~page"
	in := incident(monitor.CanarySite, 1, monitor.Open)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for _, err := range []error{
			tx.PutSite(ctx, monitor.Site{ID: monitor.CanarySite}),
			tx.PutTarget(ctx, monitor.Target{ID: target, Site: monitor.CanarySite}),
			tx.PutFreshness(ctx, monitor.Freshness{Target: target, LastGood: at(1)}),
			tx.AddBaseline(ctx, monitor.Baseline{Target: target, Site: monitor.CanarySite, Version: 1, Created: at(1)}),
		} {
			if err != nil {
				return err
			}
		}
		if _, err := tx.AddQuestion(ctx, monitor.Question{Site: monitor.CanarySite, Target: target, Opened: at(1)}); err != nil {
			return err
		}
		_, err := tx.AddDelivery(ctx, monitor.Delivery{Alert: "1.opened", Sink: monitor.CanarySink, Recipient: "nobody", State: monitor.Pending, Created: at(1)})
		return err
	})
	addIncident(t, store, &in)
	emptyLists(t, ctx, store)
	site, err := store.Site(ctx, monitor.CanarySite)
	same(t, "Site", err, site, monitor.Site{ID: monitor.CanarySite})
	open, err := store.OpenIncident(ctx, monitor.CanarySite)
	same(t, "OpenIncident", err, open, in)
	fresh, err := store.TargetFreshness(ctx, target)
	same(t, "TargetFreshness", err, fresh, monitor.Freshness{Target: target, LastGood: at(1)})
}

// A site that was only out of sight has had no trouble: what it learns goes on.
func unseenIsNoTrouble(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	in := incident("a", 1, monitor.Open)
	in.Kind = compare.Availability
	addIncident(t, store, &in)
	have, err := store.Trouble(ctx, "a")
	same(t, "Trouble", err, have, monitor.Trouble{})
}

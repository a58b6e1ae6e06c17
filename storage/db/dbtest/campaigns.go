package dbtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"pasban/compare"
	"pasban/monitor"
)

func campaigns(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	add := func(c *monitor.Campaign) {
		t.Helper()
		update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
			c.ID, err = tx.AddCampaign(ctx, *c)
			return err
		})
	}
	older := monitor.Campaign{Opened: at(1), Updated: at(2), Told: at(3), Notices: 4, Pending: true, Listed: []int64{3, 7}}
	newer := monitor.Campaign{Opened: at(5), Updated: at(6)}
	add(&older)
	add(&newer)
	have, err := store.Campaign(ctx, older.ID)
	same(t, "Campaign", err, have, older)
	all, err := store.Campaigns(ctx)
	same(t, "Campaigns", err, all, []monitor.Campaign{newer, older})
	untold, err := store.UntoldCampaigns(ctx)
	same(t, "UntoldCampaigns", err, untold, []monitor.Campaign{older})

	older.Pending, older.PartOf, older.Notices = false, newer.ID, 5
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutCampaign(ctx, older) })
	have, err = store.Campaign(ctx, older.ID)
	same(t, "a changed Campaign", err, have, older)
	untold, err = store.UntoldCampaigns(ctx)
	same(t, "UntoldCampaigns after all was told", err, untold, []monitor.Campaign{})
	_, err = store.Campaign(ctx, "C-1999-0001")
	missing(t, "Campaign that is none", err)
	missing(t, "PutCampaign of nothing", tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutCampaign(ctx, monitor.Campaign{ID: "C-1999-0001"})
	}))

	first, second, other := incident("a", 1, monitor.Open), incident("b", 2, monitor.Open), incident("c", 3, monitor.Open)
	first.Campaign, second.Campaign, other.Campaign = newer.ID, newer.ID, ""
	for _, i := range []*monitor.Incident{&first, &second, &other} {
		addIncident(t, store, i)
	}
	victims, err := store.CampaignIncidents(ctx, newer.ID)
	same(t, "CampaignIncidents", err, victims, []monitor.Incident{first, second})
	victims, err = store.CampaignIncidents(ctx, "")
	same(t, "CampaignIncidents of none", err, victims, []monitor.Incident{})
	traces(t, store)
}

func traces(t *testing.T, store monitor.Store) {
	t.Helper()
	ctx := limit(t)
	trace := func(incident int64, kind compare.TraceKind, value string, n int) monitor.Trace {
		return monitor.Trace{Incident: incident, Site: "a", Trace: compare.Trace{Kind: kind, Value: value}, At: at(n)}
	}
	old, young := trace(1, compare.TraceSigner, "grey lantern", 10), trace(2, compare.TraceSigner, "grey lantern", 20)
	host, none := trace(2, compare.TraceHost, "grey lantern", 20), trace(3, compare.TraceSigner, "GREY LANTERN", 20)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for _, x := range []monitor.Trace{young, old, host, none, trace(1, compare.TraceSigner, "grey lantern", 99)} { // the last is there already
			if err := tx.AddTrace(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
	have, err := store.Traces(ctx, compare.TraceSigner, "grey lantern", at(10))
	same(t, "Traces", err, have, []monitor.Trace{old, young})
	have, err = store.Traces(ctx, compare.TraceSigner, "grey lantern", at(11))
	same(t, "Traces since later", err, have, []monitor.Trace{young})
	have, err = store.Traces(ctx, compare.TraceSigner, "", at(20))
	same(t, "Traces of any value", err, have, []monitor.Trace{young, none})
	have, err = store.IncidentTraces(ctx, 2)
	same(t, "IncidentTraces", err, have, []monitor.Trace{host, young})
}

// campaignNumbers: each year counts from one, and campaigns that are opened at once get
// numbers of their own.
func campaignNumbers(t *testing.T, s Subject) {
	store := s.open(t)
	ids := make([]string, 6)
	var all sync.WaitGroup
	for n := range ids {
		all.Go(func() {
			update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
				ids[n], err = tx.AddCampaign(ctx, monitor.Campaign{Opened: time.Date(2026+n/5, 12, 31, 23, 59, 59, 0, time.UTC)})
				return err
			})
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	for _, want := range []string{"C-2026-0001", "C-2026-0002", "C-2026-0003", "C-2026-0004", "C-2026-0005", "C-2027-0001"} {
		if !seen[want] {
			t.Errorf("no campaign is called %s among %v", want, ids)
		}
	}
}

func silences(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	past := monitor.Silence{Mode: monitor.Hush, Rule: "defacement.logo", From: at(1), Until: at(10), Reason: "known", By: "operator:a", Decision: 7}
	full := monitor.Silence{Mode: monitor.PlannedWork, Site: "s", Institution: "i", Rule: "r", Kind: compare.Leak, From: at(1), Until: at(20),
		Reason: "a new page & <more>", By: "the webmaster", Decision: 8, Lifted: at(15), LiftedBy: "operator:b"}
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		for _, x := range []*monitor.Silence{&past, &full} {
			if x.ID, err = tx.AddSilence(ctx, *x); err != nil {
				return err
			}
		}
		return nil
	})
	have, err := store.Silence(ctx, full.ID)
	same(t, "Silence", err, have, full)
	all, err := store.Silences(ctx, at(10))
	same(t, "Silences", err, all, []monitor.Silence{full, past})
	all, err = store.Silences(ctx, at(11))
	same(t, "Silences that end later", err, all, []monitor.Silence{full})
	past.Lifted, past.LiftedBy = at(5), "operator:c"
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutSilence(ctx, past) })
	have, err = store.Silence(ctx, past.ID)
	same(t, "a lifted Silence", err, have, past)
	past.ID += 1000
	missing(t, "PutSilence of nothing", tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutSilence(ctx, past) }))
}

// heldDeliveries: what is held is neither owed nor counted as a mail, until it is let go.
func heldDeliveries(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	delivery := func(alert string, n int, state monitor.DeliveryState, silence, within int64) monitor.Delivery {
		return monitor.Delivery{Alert: alert, Incident: 1, Sink: "smtp", Recipient: "a@x", State: state, Silence: silence, Within: within,
			Created: at(n), Updated: at(n), Attempts: []monitor.Attempt{}}
	}
	late, early := delivery("1.escalated", 5, monitor.Held, 3, 0), delivery("1.opened", 4, monitor.Held, 0, 0)
	sent, grouped, withheld := delivery("2.opened", 6, monitor.Sent, 0, 0), delivery("3.opened", 6, monitor.Grouped, 0, 9), delivery("4.opened", 6, monitor.Withheld, 3, 0)
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		for _, d := range []*monitor.Delivery{&late, &early, &sent, &grouped, &withheld} {
			if d.ID, err = tx.AddDelivery(ctx, *d); err != nil {
				return err
			}
		}
		return nil
	})
	held, err := store.HeldDeliveries(ctx)
	same(t, "HeldDeliveries", err, held, []monitor.Delivery{early, late})
	owed, err := store.Undelivered(ctx)
	same(t, "Undelivered", err, owed, []monitor.Delivery{})
	count := func(since, want int) {
		t.Helper()
		n, err := store.MailsSince(ctx, "smtp", "a@x", at(since))
		if err != nil || n != want {
			t.Errorf("MailsSince %d is %d, %v; want %d", since, n, err, want)
		}
	}
	count(6, 1)
	count(7, 0)
	early.State, early.Within = monitor.Pending, 77
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutDelivery(ctx, early) })
	have, err := store.Delivery(ctx, early.ID)
	same(t, "a delivery that was let go", err, have, early)
	count(0, 2)
	if n, err := store.MailsSince(ctx, "webhook", "a@x", at(0)); err != nil || n != 0 {
		t.Errorf("MailsSince by another sink is %d, %v", n, err)
	}
}

package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"pasban/compare"
	"pasban/monitor"
)

func incident(site string, n int, state monitor.State) monitor.Incident {
	return monitor.Incident{
		Site: site, Target: site + "~page", Kind: compare.Injection, Severity: compare.Critical, State: state,
		Summary: "a script nobody knows", Opened: at(n), Updated: at(n + 1), Campaign: "eid",
		Findings: []monitor.IncidentFinding{{
			Finding: compare.Finding{Kind: compare.Injection, Rule: "script.new", Severity: compare.Critical, Score: 0.75,
				Why: "new", Evidence: "evil.example", Region: &compare.Box{X: 1}},
			Capture: "c1", Target: site, Visitor: monitor.Search, At: at(n), Seen: 2, Over: at(n + 3),
		}},
		Recovered: at(n + 2), Notices: 4,
	}
}

// addIncident stores i and gives it its ID.
func addIncident(t *testing.T, store monitor.Store, i *monitor.Incident) {
	t.Helper()
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		i.ID, err = tx.AddIncident(ctx, *i)
		return err
	})
	if i.ID <= 0 {
		t.Fatalf("the incident got the ID %d", i.ID)
	}
}

func incidents(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	closed, open, denied, newest := incident("a", 1, monitor.Resolved), incident("a", 3, monitor.Acknowledged),
		incident("a", 2, monitor.FalseAlarm), incident("b", 4, monitor.Open)
	for _, i := range []*monitor.Incident{&closed, &open, &denied, &newest} {
		addIncident(t, store, i)
	}
	have, err := store.Incident(ctx, open.ID)
	same(t, "Incident", err, have, open)
	have, err = store.OpenIncident(ctx, "a")
	same(t, "OpenIncident", err, have, open)
	all, err := store.Incidents(ctx, false)
	same(t, "Incidents", err, all, []monitor.Incident{newest, open, denied, closed})
	all, err = store.Incidents(ctx, true)
	same(t, "open Incidents", err, all, []monitor.Incident{newest, open})

	changed := monitor.Incident{ID: open.ID, Site: "a", State: monitor.Contained, Opened: at(3), Updated: at(50), Notices: 5,
		Findings: append(open.Findings, monitor.IncidentFinding{At: at(9)})}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutIncident(ctx, changed) })
	have, err = store.OpenIncident(ctx, "a")
	same(t, "a changed Incident", err, have, changed)
	changed.ID = newest.ID + 1000
	missing(t, "PutIncident of nothing", tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutIncident(ctx, changed)
	}))
}

// Whatever two processes believe, a site never has two incidents that are not
// closed: people would be told everything twice.
func oneOpenIncident(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	first, closed := incident("a", 1, monitor.Open), incident("a", 0, monitor.Resolved)
	addIncident(t, store, &first)
	addIncident(t, store, &closed)
	refused := func(what string, f func(ctx context.Context, tx monitor.Tx) error) {
		t.Helper()
		if err := tryUpdate(t, store, f); !errors.Is(err, monitor.ErrExists) {
			t.Errorf("%s gave %v, want ErrExists", what, err)
		}
	}
	for _, state := range []monitor.State{monitor.Open, monitor.Acknowledged, monitor.Contained} {
		refused("a second incident "+string(state), func(ctx context.Context, tx monitor.Tx) error {
			_, err := tx.AddIncident(ctx, incident("a", 2, state))
			return err
		})
	}
	reopened := closed
	reopened.State = monitor.Open
	refused("reopening beside an open one", func(ctx context.Context, tx monitor.Tx) error { return tx.PutIncident(ctx, reopened) })

	resolved := first
	resolved.State = monitor.Resolved
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutIncident(ctx, resolved) })
	_, err := store.OpenIncident(ctx, "a")
	missing(t, "OpenIncident after it was resolved", err)
	next := incident("a", 3, monitor.Open)
	addIncident(t, store, &next)
}

func questions(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	question := func(target string, n int) monitor.Question {
		return monitor.Question{Site: "s", Target: target, Capture: "c1", Second: "c2",
			Report: fullCapture("c1", target, n).Report, Opened: at(n)}
	}
	second, first, other := question("a", 2), question("a", 1), question("b", 3)
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		for _, q := range []*monitor.Question{&second, &first, &other} {
			if q.ID, err = tx.AddQuestion(ctx, *q); err != nil {
				return err
			}
		}
		return nil
	})
	all, err := store.Questions(ctx)
	same(t, "Questions", err, all, []monitor.Question{first, second, other})
	for range 2 { // the second time there is nothing left to answer, which is no error
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.AnswerQuestions(ctx, "a", at(9)) })
		all, err = store.Questions(ctx)
		same(t, "Questions after answering", err, all, []monitor.Question{other})
	}
}

// trouble: what is open or waits counts as trouble now, what is over as trouble
// when it ended, and another site's is none of ours.
func trouble(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	want := func(what string, want monitor.Trouble) {
		t.Helper()
		have, err := store.Trouble(ctx, "a")
		same(t, "Trouble "+what, err, have, want)
	}
	other := incident("b", 90, monitor.Open)
	addIncident(t, store, &other)
	want("of a site that had none", monitor.Trouble{})
	in := incident("a", 10, monitor.Open)
	addIncident(t, store, &in)
	want("with an open incident", monitor.Trouble{Pending: true, Last: at(11)})
	in.State, in.Updated = monitor.Resolved, at(20)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutIncident(ctx, in) })
	want("after it was closed", monitor.Trouble{Last: at(20)})
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		_, err := tx.AddQuestion(ctx, monitor.Question{Site: "a", Target: "a~page", Capture: "c1", Opened: at(30)})
		return err
	})
	want("with a question", monitor.Trouble{Pending: true, Last: at(30)})
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.AnswerQuestions(ctx, "a~page", at(40)) })
	want("after it was answered", monitor.Trouble{Last: at(40)})
}

func deliveries(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	delivery := func(alert, to string, n int, state monitor.DeliveryState) monitor.Delivery {
		return monitor.Delivery{Alert: alert, Incident: 12, Sink: "smtp", Recipient: to, Language: "ur", State: state, Worker: "host-1a2b-77-c0ffee",
			Payload: json.RawMessage(`{"ID": "12.opened",  "URL": "http://x/?a=1&b=<2>"}`), Created: at(n), Updated: at(n),
			Attempts: []monitor.Attempt{{At: at(n), Error: "421 later"}, {At: at(n + 1)}}}
	}
	sending, pending := delivery("12.opened", "a@x", 2, monitor.Sending), delivery("12.opened", "b@x", 1, monitor.Pending)
	sent, failed := delivery("12.resolved", "a@x", 3, monitor.Sent), delivery("12.resolved", "b@x", 4, monitor.Failed)
	add := func(d *monitor.Delivery) {
		t.Helper()
		update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
			d.ID, err = tx.AddDelivery(ctx, *d)
			return err
		})
	}
	for _, d := range []*monitor.Delivery{&sending, &pending, &sent, &failed} {
		if add(d); d.ID <= 0 {
			t.Fatalf("the delivery got the ID %d", d.ID)
		}
	}
	have, err := store.Delivery(ctx, sending.ID)
	same(t, "Delivery", err, have, sending)
	all, err := store.Deliveries(ctx, 12)
	same(t, "Deliveries", err, all, []monitor.Delivery{sending, pending, sent, failed})
	all, err = store.Undelivered(ctx)
	same(t, "Undelivered", err, all, []monitor.Delivery{pending, sending})

	// The same state of an incident is told once, whoever asks again.
	again := delivery("12.opened", "a@x", 9, monitor.Pending)
	if add(&again); again.ID != 0 {
		t.Errorf("adding a delivery again gave the ID %d, want 0", again.ID)
	}
	have, err = store.Delivery(ctx, sending.ID)
	same(t, "Delivery after adding it again", err, have, sending)
	webhook := delivery("12.opened", "a@x", 9, monitor.Sent)
	webhook.Sink = "webhook"
	if add(&webhook); webhook.ID == 0 {
		t.Error("the same alert by another sink was taken for the same delivery")
	}

	sending.State, sending.Updated, sending.Attempts = monitor.Sent, at(20), append(sending.Attempts, monitor.Attempt{At: at(20)})
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutDelivery(ctx, sending) })
	have, err = store.Delivery(ctx, sending.ID)
	same(t, "a changed Delivery", err, have, sending)
	sending.ID += 1000
	missing(t, "PutDelivery of nothing", tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutDelivery(ctx, sending)
	}))
}

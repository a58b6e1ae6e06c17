package dbtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"pasban/monitor"
)

func rollback(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	wrong := errors.New("something went wrong")
	err := tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		in := incident("a", 1, monitor.Open)
		_, err := tx.AddIncident(ctx, in)
		_, err2 := tx.AddDelivery(ctx, monitor.Delivery{Alert: "1.opened", Incident: 1, Sink: "smtp", Recipient: "a@x", State: monitor.Pending})
		_, err3 := tx.AddDecision(ctx, monitor.Decision{Object: "site:a"})
		if err := errors.Join(err, err2, err3, tx.PutSite(ctx, monitor.Site{ID: "a"}), tx.AddCapture(ctx, fullCapture("c", "a", 1)),
			tx.AddBaseline(ctx, monitor.Baseline{Target: "a", Version: 1}), tx.PutFreshness(ctx, monitor.Freshness{Target: "a"})); err != nil {
			t.Errorf("writing: %v", err)
		}
		return wrong
	})
	if !errors.Is(err, wrong) {
		t.Errorf("Update returned %v, want the error of its function", err)
	}
	emptyLists(t, ctx, store)
	_, err = store.Capture(ctx, "c")
	missing(t, "Capture after a rollback", err)
}

func panics(t *testing.T, s Subject) {
	store := s.open(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("Update swallowed the panic of its function")
			}
		}()
		update(t, store, func(ctx context.Context, tx monitor.Tx) error {
			if err := tx.PutSite(ctx, monitor.Site{ID: "a"}); err != nil {
				t.Error(err)
			}
			panic("a bug")
		})
	}()
	// On SQLite this would wait for ever if the transaction were still open.
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		_, err := tx.Site(ctx, "a")
		missing(t, "Site after a panic", err)
		return nil
	})
}

func isolation(t *testing.T, s Subject) {
	store := s.open(t)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		if err := tx.PutSite(ctx, monitor.Site{ID: "a"}); err != nil {
			return err
		}
		if _, err := tx.Site(ctx, "a"); err != nil {
			t.Errorf("a transaction does not see its own site: %v", err)
		}
		// Reading from the store itself must neither wait nor see.
		_, err := store.Site(ctx, "a")
		missing(t, "Site before the commit", err)
		return nil
	})
	if _, err := store.Site(limit(t), "a"); err != nil {
		t.Errorf("after the commit: %v", err)
	}
}

func concurrent(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	const writers, each = 8, 10
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%d", w, i)
				err := store.Update(ctx, func(tx monitor.Tx) error {
					return errors.Join(tx.AddCapture(ctx, fullCapture(id, "t", i)), tx.PutFreshness(ctx, monitor.Freshness{Target: id}))
				})
				if err != nil {
					t.Errorf("%s: %v", id, err)
				}
				if _, err := store.Capture(ctx, id); err != nil {
					t.Errorf("%s is not there after its commit: %v", id, err)
				}
			}
		})
	}
	all.Wait()
	captures, err := store.Captures(ctx, "t", 1000)
	if err != nil || len(captures) != writers*each {
		t.Errorf("%d captures were stored (%v), want %d", len(captures), err, writers*each)
	}
}

// checkThenWrite is what judging does: look for an open incident, add to it if
// there is one, open one if not. Eight judges at once must end with one incident
// that counts all of them.
func checkThenWrite(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	judge := func(tx monitor.Tx) error {
		i, err := tx.OpenIncident(ctx, "a")
		if errors.Is(err, monitor.ErrNotFound) {
			_, err = tx.AddIncident(ctx, monitor.Incident{Site: "a", State: monitor.Open, Notices: 1})
			return err
		}
		if err != nil {
			return err
		}
		i.Notices++
		return tx.PutIncident(ctx, i)
	}
	const judges = 8
	var all sync.WaitGroup
	for range judges {
		all.Go(func() {
			if err := store.Update(ctx, judge); err != nil {
				t.Errorf("Update: %v", err)
			}
		})
	}
	all.Wait()
	list, err := store.Incidents(ctx, false)
	if err != nil || len(list) != 1 || list[0].Notices != judges {
		t.Errorf("%d judges at once left %+v, %v", judges, list, err)
	}
}

func cancelled(t *testing.T, s Subject) {
	store := s.open(t)
	ctx, cancel := context.WithCancel(limit(t))
	err := store.Update(ctx, func(tx monitor.Tx) error {
		if err := tx.PutSite(ctx, monitor.Site{ID: "a"}); err != nil {
			return err
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update gave %v, want context.Canceled", err)
	}
	if _, err := store.Sites(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Sites gave %v, want context.Canceled", err)
	}
	if err := store.Update(ctx, func(monitor.Tx) error { t.Error("it ran"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Update gave %v, want context.Canceled", err)
	}
	sites, err := store.Sites(limit(t))
	noneOf(t, "Sites after a cancelled transaction", sites, err)
}

func reopen(t *testing.T, s Subject) {
	url := s.Make(t)
	c, in := fullCapture("c", "t", 1), incident("a", 1, monitor.Open)
	for i := range 3 {
		store, err := s.Open(limit(t), url)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.AddCapture(ctx, c) })
			addIncident(t, store, &in)
		}
		have, err := store.Capture(limit(t), "c")
		same(t, "Capture", err, have, c)
		open, err := store.OpenIncident(limit(t), "a")
		same(t, "OpenIncident", err, open, in)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// shared: "serve" and "baseline approve" beside it. Two stores in one process
// have separate connections, as two processes do.
func shared(t *testing.T, s Subject) {
	url := s.Make(t)
	stores := []monitor.Store{s.openAt(t, url), s.openAt(t, url)}
	ctx := limit(t)
	var all sync.WaitGroup
	for w, store := range stores {
		all.Go(func() {
			for i := range 20 {
				err := store.Update(ctx, func(tx monitor.Tx) error {
					return tx.AddCapture(ctx, fullCapture(fmt.Sprintf("%d-%d", w, i), "t", i))
				})
				if err != nil {
					t.Errorf("process %d: %v", w, err)
				}
			}
		})
	}
	all.Wait()
	for w, store := range stores {
		captures, err := store.Captures(ctx, "t", 100)
		if err != nil || len(captures) != 40 {
			t.Errorf("process %d sees %d captures (%v), want 40", w, len(captures), err)
		}
	}
}

func openAtOnce(t *testing.T, s Subject) {
	url, ctx := s.Make(t), limit(t)
	start := make(chan struct{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			<-start
			store, err := s.Open(ctx, url)
			if err == nil {
				_, err = store.Sites(ctx)
				err = errors.Join(err, store.Close())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	all.Wait()
}

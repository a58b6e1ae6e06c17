package monitor_test

import (
	"errors"
	"strings"
	"testing"

	"pasban/monitor"
	"pasban/storage/db/dbtest"
)

// A look that is accepted against an incident closes it as a false alarm: both, or
// neither when somebody was faster.
func TestAcceptAgainstAnIncident(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.sweep()
	i := w.incidents()[0]
	look := i.Findings[0].Capture
	before, err := w.Store.Baseline(t.Context(), "ministry")
	if err != nil {
		t.Fatal(err)
	}
	store := w.Store
	w.Monitor.Store = dbtest.Meddled(store, func() {
		if err := store.Update(t.Context(), func(tx monitor.Tx) error {
			now, err := tx.Incident(t.Context(), i.ID)
			now.State = monitor.Contained
			return errors.Join(err, tx.PutIncident(t.Context(), now))
		}); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.Accept(t.Context(), analyst, look, i.ID); !errors.Is(err, monitor.ErrRefused) {
		t.Errorf("an incident that was changed meanwhile was closed: %v", err)
	}
	if b, err := store.Baseline(t.Context(), "ministry"); err != nil || b.Version != before.Version {
		t.Errorf("the look was approved although its incident is open: version %d, %v", b.Version, err)
	}
	var taken []int64
	o := analyst
	o.Decided = func(id int64) { taken = append(taken, id) }
	if b, err := w.Accept(t.Context(), o, look, i.ID); err != nil || b.Version != before.Version+1 {
		t.Errorf("version %d, %v", b.Version, err)
	}
	if got := w.incidents()[0].State; got != monitor.FalseAlarm || len(taken) != 2 {
		t.Errorf("the incident is %s, by %d decisions", got, len(taken))
	}
	for n := len(taken) - 1; n >= 0; n-- {
		if err := w.Undo(t.Context(), analyst, taken[n]); err != nil {
			t.Errorf("taking it back: %v", err)
		}
	}
	if got := w.incidents()[0].State; got != monitor.Contained {
		t.Errorf("after taking it back the incident is %s", got)
	}
}

// Nobody writes a book into the record, which never shrinks.
func TestReasonsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	for n, refused := range map[int]bool{4000: false, 4001: true} {
		o := monitor.Order{Actor: "operator:analyst", Reason: strings.Repeat("ا", n)}
		if err := w.Reject(t.Context(), o, "ministry"); errors.Is(err, monitor.ErrRefused) != refused || !refused && err != nil {
			t.Errorf("a reason of %d characters: %v", n, err)
		}
	}
}

package monitor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// An agenda gives exactly what is due, the soonest first, and keeps what is
// planned when the watchlist is read anew.
func TestAgenda(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	random := rand.New(rand.NewPCG(1, 2))
	var turns []turn
	last := map[Visitor]map[string]time.Time{Desktop: {}}
	for i := range 500 {
		id := fmt.Sprint(i)
		turns = append(turns, turn{key: id, look: lookArgs{Target: id}, next: func(after time.Time) time.Time { return after.Add(15 * time.Minute) }})
		last[Desktop][id] = now.Add(-time.Duration(random.IntN(1800)) * time.Second)
	}
	a := newAgenda()
	a.replace(turns, last, now)
	var want []string
	for id, at := range last[Desktop] {
		if !at.Add(15 * time.Minute).After(now) {
			want = append(want, id)
		}
	}
	taken := a.take(now, len(want)-3)
	rest := a.take(now, 1000)
	if len(rest) != 3 || len(taken) != len(want)-3 {
		t.Fatalf("taken were %d and %d of %d that are due", len(taken), len(rest), len(want))
	}
	taken = append(taken, rest...)
	if !slices.IsSortedFunc(taken, func(a, b *turn) int { return a.at.Compare(b.at) }) {
		t.Error("what is due was not taken in its order")
	}
	var have []string
	for _, e := range taken {
		have = append(have, e.look.Target)
		e.at = now.Add(time.Hour)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("due are %v, want %v", have, want)
	}
	a.put(taken)
	// One site less, one more: the others stay as they were, but for those planned
	// further ahead than their schedule says.
	turns[0].key, turns[0].look.Target = "new", "new"
	a.replace(turns, last, now)
	if due := a.take(now, 10); len(due) != 1 || due[0].look.Target != "new" {
		t.Errorf("due after reading the watchlist anew are %d, want the new one", len(due))
	}
	for _, e := range a.soonest {
		if e.at.After(now.Add(15 * time.Minute)) {
			t.Errorf("%s is planned for %v, later than its schedule says", e.key, e.at)
		}
	}
}

// Plans follow a clock that is set, back and forth.
func TestAgendaShift(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	a := newAgenda()
	next := func(after time.Time) time.Time { return after.Add(15 * time.Minute) }
	last := map[Visitor]map[string]time.Time{Desktop: {"a": now.Add(-5 * time.Minute), "b": now.Add(-10 * time.Minute)}}
	a.replace([]turn{{key: "a", look: lookArgs{Target: "a"}, next: next}, {key: "b", look: lookArgs{Target: "b"}, next: next}}, last, now)
	for _, by := range []time.Duration{-3 * time.Hour, 5 * time.Hour} {
		now = now.Add(by)
		a.shift(by, now)
		if e := a.soonest[0]; e.key != "b" || !e.at.Equal(now.Add(5*time.Minute)) {
			t.Errorf("after the clock was set by %v %s is due first, at %v; it is %v", by, e.key, e.at, now)
		}
	}
}

// BenchmarkAgenda is one second of a schedule of 100,000 pages every 15 minutes.
func BenchmarkAgenda(b *testing.B) {
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	schedule, err := ParseSchedule(DefaultSchedule)
	if err != nil {
		b.Fatal(err)
	}
	var turns []turn
	for i := range 100_000 {
		id := fmt.Sprintf("office-%07d", i)
		turns = append(turns, turn{key: id, look: lookArgs{Target: id}, next: func(after time.Time) time.Time { return nextDue(id, float64(i)/100_000, schedule, after) }})
	}
	a := newAgenda()
	a.replace(turns, map[Visitor]map[string]time.Time{}, now)
	for _, e := range a.take(now, len(turns)) {
		e.at = e.next(now)
		a.put([]*turn{e})
	}
	for b.Loop() {
		now = now.Add(time.Second)
		due := a.take(now, len(turns))
		for _, e := range due {
			e.at = e.next(now)
		}
		a.put(due)
	}
}

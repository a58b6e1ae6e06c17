package monitor

import (
	"container/heap"
	"context"
	"fmt"
	"time"
)

// agenda is what the schedule knows between two rounds: every look that is made
// again and again, the soonest first. A round takes from the top what is due, so
// that it costs what is due and not what there is to watch. What is watched is
// read anew only when the store says that it changed.
type agenda struct {
	revision int64 // of the store's sites and targets; 0 before the first round
	canaries int   // which the store does not know
	turns    map[string]*turn
	soonest  soonest
}

func newAgenda() *agenda { return &agenda{turns: map[string]*turn{}} }

// Round is one round of the schedule that found something due or read the
// watchlist anew.
type Round struct {
	Looks   int           // queued
	Planned int           // turns there are
	Find    time.Duration // to find what is due, the watchlist included if it was read
	Queue   time.Duration // to queue it
	Read    bool          // the watchlist was read anew
}

// dueBatch bounds how many looks are taken from the agenda at once, which is as
// many as are queued in one transaction: what was queued is planned on before the
// next are taken, so that a round which is cut short has not worked for nothing.
const dueBatch = queueBatch

// queueDue queues the looks whose time has come, and those of targets never seen.
func (m *Monitor) queueDue(ctx context.Context, a *agenda) error {
	began := time.Now()
	var round Round
	defer func() {
		if round.Looks > 0 || round.Read {
			m.observe(Event{Round: &round})
		}
	}()
	var err error
	if round.Read, err = m.readWatch(ctx, a); err != nil {
		return err
	}
	round.Planned = len(a.soonest)
	ctx, cancel := context.WithTimeout(ctx, planTimeout)
	defer cancel()
	now := m.now()
	for {
		due := a.take(now, dueBatch)
		round.Find += time.Since(began)
		if len(due) == 0 {
			return nil
		}
		began = time.Now()
		if err := m.queueTurns(ctx, copied(due)); err != nil {
			a.put(due) // they are still due
			return err
		}
		for _, t := range due {
			t.at, t.first = t.next(now), false
		}
		a.put(due)
		round.Looks += len(due)
		round.Queue += time.Since(began)
		began = time.Now()
	}
}

// readTimeout bounds the reading of the whole watchlist, which begins anew if it is
// cut short: 100,000 sites on a machine with thirty other things to do take longer
// than a round may.
const readTimeout = 10 * time.Minute

// readWatch brings the agenda up to the store's sites and targets if they have
// changed. What was planned stays planned.
func (m *Monitor) readWatch(ctx context.Context, a *agenda) (changed bool, err error) {
	asking, cancel := context.WithTimeout(ctx, planTimeout)
	defer cancel()
	revision, err := m.Store.Revision(asking)
	if err != nil {
		return false, fmt.Errorf("asking whether the watchlist has changed: %w", err)
	}
	site, canaries := m.canaries()
	if revision == a.revision && len(canaries) == a.canaries {
		return false, nil
	}
	ctx, cancel = context.WithTimeout(ctx, readTimeout)
	defer cancel()
	sites, targets, err := m.watched(ctx)
	if err != nil {
		return false, err
	}
	sites[site.ID], targets = site, append(targets, canaries...)
	var turns []turn
	phases := phasesOf(targets)
	for _, t := range targets {
		turns = append(turns, m.turns(t, sites[t.Site], phases[t.ID])...)
	}
	last, err := m.lastLooks(ctx)
	if err != nil {
		return false, err
	}
	a.replace(turns, last, m.now())
	a.revision, a.canaries = revision, len(canaries)
	return true, nil
}

// canaries are looked at like everything else, and are in no list.
func (m *Monitor) canaries() (Site, []Target) {
	if m.guarding == nil {
		return Site{}, nil
	}
	return m.guarding.flock.scheduled()
}

// copied are turns as they are now.
func copied(due []*turn) []turn {
	out := make([]turn, len(due))
	for i, t := range due {
		out[i] = *t
	}
	return out
}

// lastLooks tells when each target was last looked at, by visitor.
func (m *Monitor) lastLooks(ctx context.Context) (map[Visitor]map[string]time.Time, error) {
	visitors := []Visitor{Desktop}
	if m.CloakEvery > 0 {
		visitors = append(visitors, others...)
	}
	all := map[Visitor]map[string]time.Time{}
	for _, v := range visitors {
		last, err := m.Store.LastLooks(ctx, v)
		if err != nil {
			return nil, fmt.Errorf("reading when each page was last looked at: %w", err)
		}
		all[v] = last
	}
	return all, nil
}

// replace makes turns what is planned. Of those that were, the times stay, unless
// a clock that was ahead has planned them.
func (a *agenda) replace(turns []turn, last map[Visitor]map[string]time.Time, now time.Time) {
	planned := make(map[string]*turn, len(turns))
	a.soonest = a.soonest[:0]
	for i := range turns {
		t := &turns[i]
		if known := a.turns[t.key]; known != nil {
			t.at, t.first = known.at, known.first
		} else {
			seen := last[t.look.as()][t.look.Target]
			t.at, t.first = firstDue(*t, seen, now), seen.IsZero()
		}
		if upcoming := t.next(now); t.at.After(upcoming) {
			t.at = upcoming
		}
		planned[t.key] = t
		a.soonest = append(a.soonest, t)
	}
	a.turns = planned
	heap.Init(&a.soonest)
}

// take removes at most n turns that are due from the heap; put them back.
func (a *agenda) take(now time.Time, n int) []*turn {
	var due []*turn
	for len(due) < n && len(a.soonest) > 0 && !a.soonest[0].at.After(now) {
		due = append(due, heap.Pop(&a.soonest).(*turn))
	}
	return due
}

func (a *agenda) put(turns []*turn) {
	for _, t := range turns {
		heap.Push(&a.soonest, t)
	}
}

// shift moves all plans. None may come later than its turn would say by the new
// time: it was planned by a clock that was ahead.
func (a *agenda) shift(by time.Duration, now time.Time) {
	for _, e := range a.soonest {
		e.at = e.at.Add(by)
		if upcoming := e.next(now); e.at.After(upcoming) {
			e.at = upcoming
		}
	}
	heap.Init(&a.soonest)
}

// soonest is a heap of turns by time, for container/heap.
type soonest []*turn

func (s soonest) Len() int           { return len(s) }
func (s soonest) Less(i, j int) bool { return s[i].at.Before(s[j].at) }
func (s soonest) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// Push implements heap.Interface.
func (s *soonest) Push(x any) {
	*s = append(*s, x.(*turn))
}

// Pop implements heap.Interface.
func (s *soonest) Pop() any {
	old := *s
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*s = old[:len(old)-1]
	return e
}

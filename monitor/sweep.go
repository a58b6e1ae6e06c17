package monitor

import (
	"context"
	"sync"
	"time"

	"pasban/compare"
)

// deliveryWait is how long a sweep waits for the alerts it caused. What could
// not go stays in the outbox for the next process.
const deliveryWait = 30 * time.Second

// Swept is what one sweep did.
type Swept struct {
	Targets, OK, Suspicious, Alerts, NotComparable int

	Failed      int // looks that ended by our own fault
	Undelivered int // alerts that stay in the outbox
	Took        time.Duration
}

// Sweep looks at the targets once, now, and waits until every look is judged.
// each is called for every target as soon as it is done.
func (m *Monitor) Sweep(ctx context.Context, targets []Target, reason Reason, each func(Event)) (Swept, error) {
	return m.SweepAs(ctx, targets, Desktop, reason, each)
}

// SweepAs is a Sweep as another visitor.
func (m *Monitor) SweepAs(ctx context.Context, targets []Target, as Visitor, reason Reason, each func(Event)) (Swept, error) {
	started := m.now()
	var due []Site
	if m.Judge && !as.other() {
		var err error
		if due, err = m.dueToAsk(ctx, targets, started); err != nil {
			return Swept{}, err
		}
	}
	s := newSweeping(targets, each)
	outer := m.Observe
	m.Observe = func(e Event) {
		if outer != nil {
			outer(e)
		}
		s.observe(e)
	}
	defer func() { m.Observe = outer }()
	now, later := looksBySite(targets, as, reason, due)
	if err := m.enqueue(ctx, now); err != nil {
		return Swept{}, err
	}
	if err := m.start(ctx); err != nil {
		return Swept{}, err
	}
	err := m.askAndAwait(ctx, due, started, later, s.done)
	if err == nil && m.Judge {
		// Nobody may be there later to tell what was put off.
		err = m.letGoDue(ctx, s.told)
	}
	if err == nil {
		err = m.awaitDeliveries(ctx, s)
	}
	if stopErr := m.stop(context.WithoutCancel(ctx)); err == nil {
		err = stopErr
	}
	result := s.result()
	result.Took = m.now().Sub(started)
	return result, err
}

// looksBySite are the looks of a sweep: those that begin at once, and by their site
// those that begin when its server has been asked.
func looksBySite(targets []Target, as Visitor, reason Reason, due []Site) (now []queued, later map[string][]queued) {
	later = map[string][]queued{}
	for _, site := range due {
		later[site.ID] = nil
	}
	follow := reason == ReasonSweep && len(targets) <= followAll
	for _, t := range targets {
		look := turn{look: lookArgs{Target: t.ID, Visitor: as, Reason: reason, Follow: follow}}
		q := queued{look.look, look.priority()}
		if _, waits := later[t.Site]; waits {
			later[t.Site] = append(later[t.Site], q)
		} else {
			now = append(now, q)
		}
	}
	return now, later
}

// askAndAwait asks the servers of sites in lockdown while the other pages are looked at,
// and waits until all looks are done. A site's own looks follow its answer, by which
// they are judged.
func (m *Monitor) askAndAwait(ctx context.Context, due []Site, since time.Time, later map[string][]queued, done <-chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	failed := make(chan error, 1)
	var asking sync.WaitGroup
	asking.Go(func() {
		m.askDoors(ctx, due, since, func(site Site) {
			if err := m.enqueue(ctx, later[site.ID]); err != nil {
				select {
				case failed <- err:
				default: // one is enough to end the sweep
				}
			}
		})
	})
	defer asking.Wait()
	defer cancel()
	select {
	case <-done:
		return nil
	case err := <-failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// awaitDeliveries waits until what this sweep has to tell is told, or failed
// for good, or the time is up.
func (m *Monitor) awaitDeliveries(ctx context.Context, s *sweeping) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryWait)
	defer cancel()
	for {
		owed, err := m.Store.Undelivered(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		waiting := 0
		for _, d := range owed {
			if s.told(d.Incident) && len(d.Attempts) == 0 {
				waiting++
			}
		}
		s.setUndelivered(len(owed))
		if waiting == 0 || ctx.Err() != nil {
			return nil
		}
		select {
		case <-s.delivered:
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// sweeping follows the targets of one sweep to their conclusion.
type sweeping struct {
	each      func(Event)
	done      chan struct{}
	delivered chan struct{}

	mu        sync.Mutex
	waiting   map[string]bool
	incidents map[int64]bool
	swept     Swept
}

func newSweeping(targets []Target, each func(Event)) *sweeping {
	s := &sweeping{
		each: each, done: make(chan struct{}), delivered: make(chan struct{}, 1),
		waiting: map[string]bool{}, incidents: map[int64]bool{},
	}
	for _, t := range targets {
		s.waiting[t.ID] = true
	}
	if len(targets) == 0 {
		close(s.done)
	}
	return s
}

func (s *sweeping) observe(e Event) {
	if e.Delivery != nil {
		select {
		case s.delivered <- struct{}{}:
		default:
		}
		return
	}
	if !e.Concluded {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.waiting[e.Target] {
		return
	}
	delete(s.waiting, e.Target)
	if e.Incident != nil {
		s.incidents[e.Incident.ID] = true
	}
	s.swept.Count(e)
	if s.each != nil {
		s.each(e)
	}
	if len(s.waiting) == 0 {
		close(s.done)
	}
}

// Count adds one concluded look.
func (s *Swept) Count(e Event) {
	s.Targets++
	switch {
	case e.Err != nil:
		s.Failed++
	case e.Capture.Report.Verdict == compare.Alert:
		s.Alerts++
	case e.Capture.Report.Verdict == compare.NotComparable:
		s.NotComparable++
	case e.Capture.Report.Verdict == compare.Suspicious:
		s.Suspicious++
	default:
		s.OK++
	}
}

// Plus sums up two sweeps.
func (s Swept) Plus(t Swept) Swept {
	return Swept{
		Targets: s.Targets + t.Targets, OK: s.OK + t.OK, Suspicious: s.Suspicious + t.Suspicious, Alerts: s.Alerts + t.Alerts,
		NotComparable: s.NotComparable + t.NotComparable, Failed: s.Failed + t.Failed, Undelivered: s.Undelivered + t.Undelivered,
		Took: s.Took + t.Took,
	}
}

func (s *sweeping) told(incident int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.incidents[incident]
}

func (s *sweeping) setUndelivered(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.swept.Undelivered = n
}

func (s *sweeping) result() Swept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.swept
}

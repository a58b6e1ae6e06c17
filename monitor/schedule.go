package monitor

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// DefaultSchedule looks at a site every fifteen minutes.
const DefaultSchedule = "*/15 * * * *"

// tick is how often the scheduler asks what is due. Cron's grain is a minute.
const tick = time.Second

// ParseSchedule checks a cron expression of five fields, or one of @hourly,
// @daily, @every 10m and the like; a time zone may stand before it as
// "CRON_TZ=Asia/Karachi".
func ParseSchedule(s string) (cron.Schedule, error) {
	if strings.HasPrefix(s, "TZ=") || strings.HasPrefix(s, "CRON_TZ=") {
		// cron v3.0.1 looks for the blank behind the zone and does not mind that
		// there is none.
		if !strings.Contains(s, " ") {
			return nil, fmt.Errorf("%q is no cron schedule: nothing follows the time zone", s)
		}
	}
	schedule, err := cron.ParseStandard(s)
	if err != nil {
		return nil, fmt.Errorf("%q is no cron schedule: %w", s, err)
	}
	if schedule.Next(time.Now()).IsZero() {
		return nil, fmt.Errorf("%q never comes", s)
	}
	return schedule, nil
}

// schedule queues looks as they fall due, until the context ends.
func (m *Monitor) schedule(ctx context.Context) error {
	next := newAgenda()
	clock, late, lifted := newWall(m.now), false, time.Now()
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		if by := clock.moved(); by != 0 {
			m.follow(next, by)
			late = late || by < 0
		}
		err := m.plan(ctx, next, &late)
		if err == nil && time.Since(lifted) >= liftEvery {
			lifted = time.Now()
			err = m.lift(ctx)
		}
		m.database(ctx, "schedule", err)
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// planTimeout bounds one round of the scheduler, so that a database that answers
// nobody is noticed.
const planTimeout = 15 * time.Second

// plan is one round of the scheduler. late is whether jobs wait for a time that
// an earlier clock meant.
func (m *Monitor) plan(ctx context.Context, next *agenda, late *bool) error {
	if *late {
		limited, cancel := context.WithTimeout(ctx, planTimeout)
		defer cancel()
		if err := m.queue.hasten(limited); err != nil {
			return err
		}
		*late = false
	}
	return m.queueDue(ctx, next)
}

// lift puts those that have waited longest ahead of what is urgent, within the time
// of a round.
func (m *Monitor) lift(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, planTimeout)
	defer cancel()
	return m.queue.lift(ctx, m.Looks)
}

// follow moves the plans with a clock that was set: each look is as far ahead
// as it was.
func (m *Monitor) follow(next *agenda, by time.Duration) {
	m.Logger.Warn("the clock of this machine was set; the schedule follows it", "by", by)
	next.shift(by, m.now())
}

// queueTurns queues those looks that are due whose sites are not at rest.
func (m *Monitor) queueTurns(ctx context.Context, due []turn) error {
	open, err := m.Store.Incidents(ctx, true)
	if err != nil {
		return fmt.Errorf("listing open incidents: %w", err)
	}
	for i, t := range due {
		due[i].open = slices.ContainsFunc(open, func(i Incident) bool { return i.Site == t.site })
	}
	if due, err = m.rested(ctx, due); err != nil {
		return err
	}
	slices.SortStableFunc(due, byUrgency)
	return m.enqueue(ctx, withWitnesses(due, open))
}

// A turn is a look that is made again and again.
type turn struct {
	key   string // of the plan
	look  lookArgs
	site  string
	next  func(after time.Time) time.Time
	first bool      // its target was never seen
	open  bool      // its site has an open incident
	at    time.Time // when it is due
}

// period is the time between this turn and the next, about a moment.
func (t turn) period(about time.Time) time.Duration {
	first := t.next(about)
	return t.next(first).Sub(first)
}

// byUrgency orders turns that fall due together: sites with an open incident, what
// was never seen, what has waited longest.
func byUrgency(a, b turn) int {
	class := func(t turn) int {
		switch {
		case t.open:
			return 0
		case t.first:
			return 1
		}
		return 2
	}
	return cmp.Or(cmp.Compare(class(a), class(b)), a.at.Compare(b.at))
}

// turns of a target: on its site's schedule, and, more rarely, as other visitors.
// phase is where in its period it stands.
func (m *Monitor) turns(t Target, site Site, phase float64) []turn {
	schedule, err := ParseSchedule(site.Schedule)
	if err != nil {
		m.Logger.Error("a site has no usable schedule; import it again", "site", t.Site, "error", err)
		return nil
	}
	all := []turn{{
		key:  t.ID + " " + site.Schedule, // a new schedule counts from now on
		look: lookArgs{Target: t.ID, Reason: ReasonSchedule}, site: t.Site,
		next: func(after time.Time) time.Time { return nextDue(t.ID, phase, schedule, after) },
	}}
	if m.CloakEvery <= 0 || t.Site == CanarySite {
		return all
	}
	for _, v := range others {
		all = append(all, turn{
			key:  t.ID + " as " + string(v),
			look: lookArgs{Target: t.ID, Visitor: v, Reason: ReasonSchedule}, site: t.Site,
			next: func(after time.Time) time.Time { return nextAs(t.ID, v, m.CloakEvery, after) },
		})
	}
	return all
}

// firstDue is when a look is due that this process has not planned yet: a period
// after the last of its kind, which may be past. If there was none, a target is
// looked at now, and as another visitor when its time of the day comes: a watch
// that begins has enough to do.
func firstDue(t turn, last, now time.Time) time.Time {
	switch {
	case last.IsZero() && t.look.Visitor.other():
		return t.next(now)
	case last.IsZero():
		return now
	case last.After(now):
		return t.next(now) // the clock was set back since
	}
	return t.next(last)
}

// nextAs is the first time after a moment at which a target is due as another
// visitor. The name decides when in a period that is, so that a day has few looks
// of this kind in any minute.
func nextAs(target string, as Visitor, every time.Duration, after time.Time) time.Time {
	h := fnv.New64a()
	h.Write([]byte(target + " as " + string(as)))
	by := time.Duration(h.Sum64() % uint64(every))
	return after.Add(-by).Truncate(every).Add(every + by)
}

// queued is a look to be queued, with its priority.
type queued struct {
	lookArgs
	priority int
}

// withWitnesses gives the looks that are due, and with each those of other visitors
// who saw something of an open incident there. Whether it is over, only they can tell.
func withWitnesses(due []turn, open []Incident) []queued {
	witnesses := map[string][]Visitor{} // by target
	for _, i := range open {
		for _, f := range i.Findings {
			if f.Visitor.other() && !slices.Contains(witnesses[f.Target], f.Visitor) {
				witnesses[f.Target] = append(witnesses[f.Target], f.Visitor)
			}
		}
	}
	var all []queued
	for _, t := range due {
		all = append(all, queued{t.look, t.priority()})
		if t.look.Visitor.other() {
			continue
		}
		for _, v := range witnesses[t.look.Target] {
			all = append(all, queued{lookArgs{Target: t.look.Target, Visitor: v, Reason: t.look.Reason}, priorityOther})
		}
	}
	return all
}

// priority of a turn in the queue.
func (t turn) priority() int {
	switch {
	case t.look.Reason == ReasonClick:
		return priorityUrgent
	case t.look.Visitor.other():
		return priorityOther
	case t.open:
		return priorityProbe
	}
	return priorityRoutine
}

// nextDue is the first time after a moment that a schedule names, put off by the
// target's place in the period, and by a little more that differs from one period to
// the next: nobody is to know to the second when a page is not being looked at.
func nextDue(target string, phase float64, s cron.Schedule, after time.Time) time.Time {
	period := periodOf(s, after)
	by := offset(phase, period)
	longest := period / jitterPart
	for named := s.Next(after.Add(-by - longest)); ; named = s.Next(named) {
		if named.IsZero() {
			return after.Add(24 * time.Hour) // a schedule that never comes is refused on import
		}
		if at := named.Add(by + jitter(target, named, longest)); at.After(after) {
			return at
		}
	}
}

// jitterPart of a period is what a look is put off by at most, so that one look is
// hardly nearer to the next than the schedule says.
const jitterPart = 30

// jitter follows from the target and the time that its schedule named, so that a
// process that starts anew plans as the one before did.
func jitter(target string, named time.Time, longest time.Duration) time.Duration {
	if longest <= 0 {
		return 0
	}
	h := fnv.New64a()
	fmt.Fprint(h, target, named.Unix())
	return time.Duration(h.Sum64() % uint64(longest)).Truncate(time.Second)
}

// periodOf is how long one period of a schedule is, no more than the hour over which
// looks are spread; 0 for "@every 10m", which counts from the look before and needs
// no spreading.
func periodOf(s cron.Schedule, after time.Time) time.Duration {
	if _, every := s.(cron.ConstantDelaySchedule); every {
		return 0
	}
	first := s.Next(after)
	period := s.Next(first).Sub(first)
	if period <= 0 || period > time.Hour {
		return time.Hour
	}
	return period
}

// offset spreads the targets over a period, so that 1,527 sites on one schedule do
// not all fall due in one second, nor the pages of one host together. The last part
// of a period is left to jitter.
func offset(phase float64, period time.Duration) time.Duration {
	return time.Duration(phase * float64(period-period/jitterPart)).Truncate(time.Second)
}

// watched lists the sites that are not paused, by ID, and their targets.
func (m *Monitor) watched(ctx context.Context) (map[string]Site, []Target, error) {
	all, err := m.Store.Sites(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("listing sites: %w", err)
	}
	targets, err := m.Store.Targets(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("listing targets: %w", err)
	}
	sites := map[string]Site{}
	for _, s := range all {
		if !s.Paused {
			sites[s.ID] = s
		}
	}
	active := targets[:0]
	for _, t := range targets {
		if _, ok := sites[t.Site]; ok {
			active = append(active, t)
		}
	}
	return sites, active, nil
}

// queueBatch is how many looks are queued in a transaction.
const queueBatch = 200

// enqueue queues looks in their order.
func (m *Monitor) enqueue(ctx context.Context, looks []queued) error {
	for len(looks) > 0 {
		n := min(queueBatch, len(looks))
		err := m.Store.Update(ctx, func(tx Tx) error {
			for _, look := range looks[:n] {
				if err := m.queue.insertLook(ctx, tx, look.lookArgs, look.priority); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("queueing looks: %w", err)
		}
		looks = looks[n:]
	}
	return nil
}

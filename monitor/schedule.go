package monitor

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
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
	next := map[string]time.Time{}
	clock, late := newWall(m.now), false
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		if by := clock.moved(); by != 0 {
			m.follow(next, by)
			late = late || by < 0
		}
		err := m.plan(ctx, next, &late)
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
func (m *Monitor) plan(ctx context.Context, next map[string]time.Time, late *bool) error {
	ctx, cancel := context.WithTimeout(ctx, planTimeout)
	defer cancel()
	if *late {
		if err := m.queue.hasten(ctx); err != nil {
			return err
		}
		*late = false
	}
	return m.queueDue(ctx, next)
}

// follow moves the plans with a clock that was set: each look is as far ahead
// as it was.
func (m *Monitor) follow(next map[string]time.Time, by time.Duration) {
	m.Logger.Warn("the clock of this machine was set; the schedule follows it", "by", by)
	for key, at := range next {
		next[key] = at.Add(by)
	}
}

// queueDue queues the targets whose time has come, and those never seen. next
// keeps when each is due.
func (m *Monitor) queueDue(ctx context.Context, next map[string]time.Time) error {
	due, planned, err := m.due(ctx, next)
	if err != nil {
		return err
	}
	if len(due) > 0 {
		if err := m.enqueue(ctx, due, ReasonSchedule, priorityRoutine); err != nil {
			return err // next is as it was: they are still due
		}
	}
	maps.Copy(next, planned)
	return nil
}

// due lists the targets whose time has come, and when they and those that are
// new to this process are due next.
func (m *Monitor) due(ctx context.Context, next map[string]time.Time) ([]Target, map[string]time.Time, error) {
	sites, targets, err := m.watched(ctx)
	if err != nil {
		return nil, nil, err
	}
	now := m.now()
	var due []Target
	plan := map[string]time.Time{}
	for _, t := range targets {
		text := sites[t.Site].Schedule
		schedule, err := ParseSchedule(text)
		if err != nil {
			m.Logger.Error("a site has no usable schedule; import it again", "site", t.Site, "error", err)
			continue
		}
		key := t.ID + " " + text // a new schedule counts from now on
		at, planned := next[key]
		if !planned {
			if at, err = m.firstDue(ctx, t, schedule, now); err != nil {
				return nil, nil, err
			}
			plan[key] = at
		}
		upcoming := nextDue(t.ID, schedule, now)
		switch {
		case !at.After(now):
			due = append(due, t)
			plan[key] = upcoming
		case at.After(upcoming):
			plan[key] = upcoming // planned by a clock that was ahead
		}
	}
	return due, plan, nil
}

// firstDue is when a target is due that this process has not planned yet: now
// if it was never seen, else a period after its last look, which may be past.
func (m *Monitor) firstDue(ctx context.Context, t Target, s cron.Schedule, now time.Time) (time.Time, error) {
	last, err := m.lastAttempt(ctx, t.ID)
	if err != nil || last.IsZero() {
		return now, err
	}
	if last.After(now) {
		last = now // the clock was set back since
	}
	return nextDue(t.ID, s, last), nil
}

// nextDue is the first time after a moment that a schedule names, put off by the
// target's offset.
func nextDue(target string, s cron.Schedule, after time.Time) time.Time {
	by := offset(target, s, after)
	return s.Next(after.Add(-by)).Add(by)
}

// offset spreads the targets over a schedule's period by their names, so that
// 1,527 sites on one schedule do not all fall due in one second.
//
// "@every 10m" counts from the look before and needs no spreading.
func offset(target string, s cron.Schedule, after time.Time) time.Duration {
	if _, every := s.(cron.ConstantDelaySchedule); every {
		return 0
	}
	first := s.Next(after)
	period := s.Next(first).Sub(first)
	if period <= 0 || period > time.Hour {
		period = time.Hour
	}
	h := fnv.New64a()
	h.Write([]byte(target))
	return time.Duration(h.Sum64() % uint64(period)).Truncate(time.Second)
}

func (m *Monitor) lastAttempt(ctx context.Context, target string) (time.Time, error) {
	recent, err := m.Store.Captures(ctx, target, 1)
	if err != nil || len(recent) == 0 {
		return time.Time{}, err
	}
	return recent[0].At, nil
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

// enqueue queues one look for each target.
func (m *Monitor) enqueue(ctx context.Context, targets []Target, reason Reason, priority int) error {
	const batch = 200 // looks a transaction
	for len(targets) > 0 {
		n := min(batch, len(targets))
		err := m.Store.Update(ctx, func(tx Tx) error {
			for _, t := range targets[:n] {
				if err := m.queue.insertLook(ctx, tx, lookArgs{Target: t.ID, Reason: reason}, priority); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("queueing looks: %w", err)
		}
		targets = targets[n:]
	}
	return nil
}

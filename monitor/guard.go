package monitor

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"pasban/alerting"
	"pasban/monitor/canary"
)

// Who watches the watchman? A watch that fails must say so, or everybody takes its
// silence for good news. So the process that keeps the schedule also looks at itself,
// once a minute: whether the sites are seen within their promise (sight.go), whether
// an attack would be told (canary.go), and whether what all of that stands on is well
// (checks.go). What it finds is kept as a Condition, shown, and told to the CERT.

// Guard is what the process that keeps the schedule watches itself with. The zero value
// measures what needs nothing from outside.
type Guard struct {
	// Disk tells how many bytes are free where database and evidence are kept.
	// Default: not measured.
	Disk func() (free uint64, err error)
	// Browser tells the version of the Chrome that looks, and when it was built.
	// Default: not measured.
	Browser func(ctx context.Context) (version string, built time.Time, err error)
	// Canaries are attacked now and then. Default: none.
	Canaries *canary.Server
	// CanaryEvery is the schedule of looks at them. Default CanarySchedule.
	CanaryEvery string
	// AlarmWithin is how long the alarm of an attacked canary may take. Default 15
	// minutes: two looks of its schedule, the second look of another browser, and as
	// long again.
	AlarmWithin time.Duration
	// TellOwners also tells institutions that their sites cannot be seen. Default: the
	// CERT alone, which knows first whether it is the site or the way there.
	TellOwners bool
	// Random gives numbers from 0 up to 1. Default rand.Float64.
	Random func() float64
	// Every is how often all of it is done. Default a minute.
	Every time.Duration
}

// guardTimeout bounds one round.
const guardTimeout = 50 * time.Second

// guarding is the guard at work.
type guarding struct {
	m     *Monitor
	clock *wall
	sight sight
	flock *flock // nil without canaries

	set   time.Time // when the clock was last set, zero if never
	setBy time.Duration
}

func newGuarding(m *Monitor) *guarding {
	g := &guarding{m: m, clock: newWall(m.now), sight: sight{m: m, began: m.now()}}
	if m.Guard.Random == nil {
		m.Guard.Random = rand.Float64
	}
	if m.Guard.Every <= 0 {
		m.Guard.Every = time.Minute
	}
	if m.Guard.AlarmWithin <= 0 {
		m.Guard.AlarmWithin = alarmWithin
	}
	if m.Guard.Canaries != nil {
		g.flock = newFlock(m)
	}
	return g
}

// loop guards until the context ends.
func (g *guarding) loop(ctx context.Context) error {
	t := time.NewTicker(g.m.Guard.Every)
	defer t.Stop()
	for begun := false; ; {
		err := g.round(ctx, !begun)
		begun = begun || err == nil
		g.m.database(ctx, "guard", err)
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// round does all of it once.
func (g *guarding) round(ctx context.Context, first bool) error {
	ctx, cancel := context.WithTimeout(ctx, guardTimeout)
	defer cancel()
	if by := g.clock.moved(); by != 0 {
		g.clockSet(by)
	}
	if first {
		if err := g.resume(ctx); err != nil {
			return err
		}
	}
	if g.flock != nil {
		if err := g.flock.step(ctx); err != nil {
			return err
		}
	}
	if err := g.sight.look(ctx, g.clock.at); err != nil {
		return err
	}
	return g.settle(ctx)
}

// clockSet starts every wait anew that the new time would make too long or too short.
func (g *guarding) clockSet(by time.Duration) {
	g.set, g.setBy = g.m.now(), by
	g.sight.forgive()
	if g.flock != nil {
		g.flock.follow(by)
	}
}

// settle takes every measurement, and keeps and tells what follows from them, in one
// transaction.
func (g *guarding) settle(ctx context.Context) error {
	before, err := conditions(ctx, g.m.Store)
	if err != nil {
		return err
	}
	readings := map[string]reading{}
	for _, c := range checks {
		if r, measured := c.read(ctx, g, before[c.name]); measured {
			readings[c.name] = r
		}
	}
	var told []told
	err = g.m.Store.Update(ctx, func(tx Tx) error {
		told, err = g.conclude(ctx, tx, readings)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping how we are: %w", err)
	}
	for _, t := range told {
		g.log(t)
	}
	return nil
}

// told is a condition with what was told of it.
type told struct {
	check check
	Condition
	news
}

func (g *guarding) log(t told) {
	if t.news == fellIll {
		g.m.Logger.Log(context.Background(), slog.LevelError, t.check.ill, "check", t.Name, "measured", t.Text)
		return
	}
	g.m.Logger.Info(t.check.well, "check", t.Name, "measured", t.Text)
}

func (g *guarding) conclude(ctx context.Context, tx Tx, readings map[string]reading) ([]told, error) {
	before, err := conditions(ctx, tx)
	if err != nil {
		return nil, err
	}
	var out []told
	for _, c := range checks {
		r, measured := readings[c.name]
		if !measured {
			continue
		}
		was := before[c.name]
		was.Name = c.name
		is, news := was.after(r, c.patience, g.m.now())
		if err := tx.PutCondition(ctx, is); err != nil {
			return nil, err
		}
		if news == noNews {
			continue
		}
		if err := g.m.announce(ctx, tx, fmt.Sprintf("%s.%d", c.name, is.Episode), c.severity, c.notice(is, news)); err != nil {
			return nil, err
		}
		out = append(out, told{c, is, news})
	}
	return out, nil
}

// notice is what the CERT is told of a condition.
func (c check) notice(is Condition, n news) alerting.Notice {
	if n == fellIll {
		return alerting.Notice{Title: c.ill, Text: is.Text, Advice: c.advice}
	}
	return alerting.Notice{Title: c.well, Text: is.Text, Over: true}
}

// conditions are all there are, by name.
func conditions(ctx context.Context, from Reader) (map[string]Condition, error) {
	all, err := from.Conditions(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading how we were: %w", err)
	}
	out := map[string]Condition{}
	for _, c := range all {
		out[c.Name] = c
	}
	return out, nil
}

// A stop of the watch.
const (
	// keptName is the condition whose Since says since when the watch has been kept.
	keptName = "watch"
	// briefStop is a restart: what was seen before it counts as if there was none.
	briefStop = 5 * time.Minute
	// toldStop is the promise of the default schedule: after a longer stop it was
	// broken for every site, and the CERT is told.
	toldStop = 30 * time.Minute
)

// resume finds out for how long nobody watched, and tells it if it was for long.
func (g *guarding) resume(ctx context.Context) error {
	err := g.m.Store.Update(ctx, func(tx Tx) error {
		all, err := conditions(ctx, tx)
		if err != nil {
			return err
		}
		was, known := all[keptName]
		now := g.m.now()
		stop := now.Sub(was.Measured)
		switch {
		case known && stop.Abs() <= briefStop:
			g.sight.began = was.Since
			return nil
		case known && stop >= toldStop:
			was.Episode++
			err = g.m.announce(ctx, tx, fmt.Sprintf("%s.%d", keptName, was.Episode), "high", alerting.Notice{
				Title: "The watch was not kept for " + inWords(stop), Over: true,
				Text: fmt.Sprintf("From %s to %s no site was looked at: Pasban did not run. It does now.", onClock(was.Measured), onClock(now)),
			})
		}
		if err != nil {
			return err
		}
		return tx.PutCondition(ctx, Condition{Name: keptName, Since: now, Episode: was.Episode, Measured: now})
	})
	if err != nil {
		return fmt.Errorf("taking up the watch: %w", err)
	}
	return nil
}

package monitor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pasban/compare"
	"pasban/monitor/probe"
	"pasban/render"
)

// Between the looks of browsers, probes look at the plain pages: see package probe.
// This is what they have to do with the rest. What a probe suspects becomes a look
// ahead of the routine; what looks came to is told to the prober, who learns from
// good ones only; and what he learnt is kept, so that a process that starts anew
// neither suspects everything nor has to learn for a quarter of an hour.

// concludeEvery is how soon the prober hears of a look, unless it probes so often that
// each look would be older than the next probe by then.
const concludeEvery = 2 * time.Second

func (m *Monitor) newProber() *probe.Prober {
	contact := m.ProbeContact
	if contact == "" && len(m.CERT) > 0 {
		contact = "mailto:" + m.CERT[0]
	}
	return probe.New(probe.Config{
		Every: m.ProbeEvery, Policy: m.ProbePolicy, Contact: contact, Suspect: m.suspect,
		Machine: func(ctx context.Context, address string) string { return m.polite.key(ctx, address) },
		Clock:   m.now, Logger: m.Logger,
	})
}

// ProbeStats sums up the probes of this process, nil if it makes none.
func (m *Monitor) ProbeStats() *probe.Stats {
	if m.prober == nil {
		return nil
	}
	s := m.prober.Stats()
	return &s
}

// suspect queues a look for what a probe could not clear. That a site answers again
// is of interest only if a browser has found it down.
func (m *Monitor) suspect(ctx context.Context, s probe.Suspicion) (asked bool, err error) {
	err = m.Store.Update(ctx, func(tx Tx) error {
		asked = false
		f, err := tx.TargetFreshness(ctx, s.Target)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if s.Back && f.Failures == 0 {
			return nil
		}
		asked = true
		return m.queue.insertLook(ctx, tx, lookArgs{Target: s.Target, Reason: ReasonProbe}, priorityProbe)
	})
	if err != nil {
		return false, fmt.Errorf("queueing what a probe suspects: %w", err)
	}
	if asked {
		m.Logger.Info("a probe asks for a look", "target", s.Target, "why", s.Why)
	}
	return asked, nil
}

// probeLoop probes until the context ends.
func (m *Monitor) probeLoop(ctx context.Context) error {
	p := probing{m: m, known: map[string]time.Time{}}
	ended := make(chan struct{})
	defer func() { <-ended }()
	started := false
	t := time.NewTicker(min(concludeEvery, m.prober.Every/4))
	defer t.Stop()
	for {
		err := p.round(ctx)
		m.database(ctx, "probe", err)
		if err == nil && !started { // not before the fingerprints are read
			started = true
			go func() {
				defer close(ended)
				m.prober.Run(ctx)
			}()
		}
		select {
		case <-ctx.Done():
			if !started {
				close(ended)
			}
			return nil
		case <-t.C:
		}
	}
}

// probing is what the loop remembers from one round to the next.
type probing struct {
	m        *Monitor
	restored bool
	revision int64                // of the watchlist that the prober was told
	known    map[string]time.Time // the last attempt that the prober heard of, by target
}

// round tells the prober what is new and keeps what he learnt.
func (p *probing) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, planTimeout)
	defer cancel()
	if err := p.retarget(ctx); err != nil {
		return err
	}
	if !p.restored {
		if err := p.restore(ctx); err != nil {
			return err
		}
		p.restored = true
	}
	if err := p.conclude(ctx); err != nil {
		return err
	}
	return p.keep(ctx)
}

// retarget tells the prober what is watched, if that has changed.
func (p *probing) retarget(ctx context.Context) error {
	revision, err := p.m.Store.Revision(ctx)
	if err != nil {
		return fmt.Errorf("asking whether the watchlist has changed: %w", err)
	}
	if revision == p.revision {
		return nil
	}
	sites, targets, err := p.m.watched(ctx)
	if err != nil {
		return err
	}
	phases := phasesOf(targets)
	all := make([]probe.Target, len(targets))
	for i, t := range targets {
		all[i] = probe.Target{ID: t.ID, URL: t.URL, Allow: sites[t.Site].AllowPrivate, Phase: phases[t.ID]}
	}
	p.m.prober.Watch(all)
	p.revision = revision
	return nil
}

func (p *probing) restore(ctx context.Context) error {
	kept, err := p.m.Store.Fingerprints(ctx)
	if err != nil {
		return fmt.Errorf("reading the fingerprints: %w", err)
	}
	for _, f := range kept {
		p.m.prober.Restore(f.Target, f.Data)
	}
	return nil
}

// conclude tells the prober what looks came to since it was told last.
func (p *probing) conclude(ctx context.Context) error {
	all, err := p.m.Store.Freshness(ctx)
	if err != nil {
		return fmt.Errorf("reading freshness: %w", err)
	}
	for _, f := range all {
		if f.LastAttempt.Equal(p.known[f.Target]) {
			continue
		}
		if err := p.m.concludeProbe(ctx, f); err != nil {
			return err
		}
		p.known[f.Target] = f.LastAttempt
	}
	return nil
}

// concludeProbe tells the prober what the newest look at a target came to. Probes ask
// as the desktop does, so what a phone or a robot was shown says nothing about them.
func (m *Monitor) concludeProbe(ctx context.Context, f Freshness) error {
	newest, err := m.Store.CapturesAs(ctx, f.Target, Desktop, 1)
	if err != nil || len(newest) == 0 {
		return err
	}
	c := newest[0]
	verdict, err := m.vouches(ctx, c)
	if err != nil {
		return err
	}
	at := c.At
	if f.LastAttempt.After(at) {
		at, verdict = f.LastAttempt, probe.Unseen // a look that failed left no capture
	}
	m.prober.Conclude(c.Target, at, verdict)
	return nil
}

// vouches tells what a look says about the plain page. Only one that was good in
// full, of a page with an approved look, of a site that nothing is open against, and
// that did not have to answer for an alarm vouches for it.
func (m *Monitor) vouches(ctx context.Context, c Capture) (probe.Verdict, error) {
	switch c.Report.Verdict {
	case compare.Alert, compare.Suspicious:
		return probe.Bad, nil
	case compare.NotComparable:
		return probe.Unseen, nil
	}
	if c.Outcome != string(render.OK) {
		return probe.Unseen, nil
	}
	if c.Confirms != "" {
		return probe.Known, nil
	}
	open, err := openIncident(ctx, m.Store, c.Site)
	if err != nil || open != nil && open.Recovered.IsZero() {
		return probe.Known, err
	}
	if _, err := m.Store.Baseline(ctx, c.Target); errors.Is(err, ErrNotFound) {
		return probe.Known, nil
	} else if err != nil {
		return probe.Unseen, fmt.Errorf("looking for the approved look of %s: %w", c.Target, err)
	}
	return probe.Good, nil
}

// keep stores the fingerprints that changed.
func (p *probing) keep(ctx context.Context) error {
	changed, err := p.m.prober.Changed()
	if err != nil || len(changed) == 0 {
		return err
	}
	err = p.m.Store.Update(ctx, func(tx Tx) error {
		for target, data := range changed {
			if err := tx.PutFingerprint(ctx, Fingerprint{Target: target, Updated: p.m.now(), Data: data}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.m.prober.Keep(changed) // to be stored with the next
		return fmt.Errorf("keeping fingerprints: %w", err)
	}
	return nil
}

// phasesOf says where in a period each target stands, by its ID.
func phasesOf(targets []Target) map[string]float64 {
	hosts := make([]string, len(targets))
	for i, t := range targets {
		hosts[i] = hostOf(t.URL)
	}
	out := make(map[string]float64, len(targets))
	for i, phase := range probe.Phases(hosts) {
		out[targets[i].ID] = phase
	}
	return out
}

package monitor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"pasban/compare/lockdown"
	"pasban/monitor/probe"
)

// The active checks of sites in lockdown: who is asked, when, and what follows. What is
// asked is the business of probe.Doorkeeper.

const (
	// doorsEvery is how often a server is asked. A round is some thirty requests.
	doorsEvery = time.Hour
	// doorsAtOnce are rounds at different machines.
	doorsAtOnce = 32
	// orderTick is how often it is looked after what an order demands of us.
	orderTick = 30 * time.Second
)

// toAsk are the sites that may be asked and that were not since a moment.
func (m *Monitor) toAsk(ctx context.Context, sites []Site, since time.Time) ([]Site, error) {
	watched, err := watchedSites(ctx, m.Store)
	if err != nil {
		return nil, err
	}
	var out []Site
	for _, site := range sites {
		if !watched[site.ID] {
			continue
		}
		due, err := m.mayAsk(ctx, site, since)
		if err != nil {
			return nil, err
		}
		if due {
			out = append(out, site)
		}
	}
	return out, nil
}

// mayAsk reports that the owner of a watched site agrees to be asked, that something is
// ordered of it, and that it was not asked since a moment.
func (m *Monitor) mayAsk(ctx context.Context, site Site, since time.Time) (bool, error) {
	if site.Paused || !site.Policy().Active {
		return false, nil
	}
	orders, err := ordersOf(ctx, m.Store, site)
	if err != nil || len(orders) == 0 {
		return false, err
	}
	server, err := serverOf(ctx, m.Store, site)
	return server == nil || server.At.Before(since) || server.At.After(m.now().Add(skew)), err
}

// stillToAsk reads a site anew, and reports whether it may still be asked. Sites wait for
// their turn at a machine that many share, and meanwhile an owner may withdraw.
func (m *Monitor) stillToAsk(ctx context.Context, id string, since time.Time) (Site, bool, error) {
	site, err := m.Store.Site(ctx, id)
	if err != nil {
		return Site{}, false, fmt.Errorf("site %s: %w", id, err)
	}
	pages, err := m.Store.SiteTargets(ctx, id)
	if err != nil || !slices.ContainsFunc(pages, func(t Target) bool { return !t.Gone }) {
		return site, false, err
	}
	may, err := m.mayAsk(ctx, site, since)
	return site, may, err
}

// askDoors asks the servers of sites that were not asked since a moment, those of one
// machine one after the other, and waits until all have been asked. asked is called
// after each of them, from several goroutines. A site that cannot be asked by our own
// fault is logged, and stays due.
func (m *Monitor) askDoors(ctx context.Context, sites []Site, since time.Time, asked func(Site)) {
	contact := m.ProbeContact
	if contact == "" && len(m.CERT) > 0 {
		contact = "mailto:" + m.CERT[0]
	}
	keeper := probe.NewDoorkeeper(probe.DoorConfig{Policy: m.ProbePolicy, Contact: contact, Clock: m.now, Pause: m.DoorPause})
	machines := m.byMachine(ctx, sites)
	doorsAtATime(len(machines), func(i int) {
		for _, site := range machines[i] {
			if ctx.Err() != nil {
				return
			}
			if err := m.askDoor(ctx, keeper, site.ID, since); err != nil && ctx.Err() == nil {
				m.Logger.Error("a site in lockdown cannot be asked", "site", site.ID, "error", err)
			}
			asked(site)
		}
	})
}

// byMachine files sites under the machines that serve them, in the order in which they
// come: a machine that many share takes one place among those asked at once, not all.
func (m *Monitor) byMachine(ctx context.Context, sites []Site) [][]Site {
	keys := make([]string, len(sites))
	doorsAtATime(len(sites), func(i int) { keys[i] = m.doorway.key(ctx, sites[i].URL) })
	var out [][]Site
	at := map[string]int{}
	for i, site := range sites {
		n, known := at[keys[i]]
		if !known {
			n = len(out)
			at[keys[i]] = n
			out = append(out, nil)
		}
		out[n] = append(out[n], site)
	}
	return out
}

// doorsAtATime calls f for 0 to n-1, for doorsAtOnce of them at once, and waits.
func doorsAtATime(n int, f func(i int)) {
	var running errgroup.Group
	running.SetLimit(doorsAtOnce)
	for i := range n {
		running.Go(func() error {
			f(i)
			return nil
		})
	}
	_ = running.Wait() // none returns an error
}

func (m *Monitor) askDoor(ctx context.Context, keeper *probe.Doorkeeper, id string, since time.Time) error {
	site, may, err := m.stillToAsk(ctx, id, since)
	if err != nil || !may {
		return err
	}
	leave, err := m.doorway.enter(ctx, site.URL)
	if err != nil {
		return err
	}
	defer leave()
	if site, may, err = m.stillToAsk(ctx, id, since); err != nil || !may {
		return err
	}
	target := probe.DoorTarget{URL: site.URL, Allow: site.AllowPrivate, Origins: site.Policy().Origins}
	said, err := keeper.Check(ctx, target)
	if err != nil {
		return err
	}
	// What would be an alarm is asked twice, by the same rules.
	if again, err := m.wouldAlarm(ctx, site, said); err != nil {
		return err
	} else if again {
		if err := keeper.Wait(ctx, keeper.Pause); err != nil {
			return err
		}
		if _, may, err = m.stillToAsk(ctx, id, since); err != nil || !may {
			return err
		}
		if said, err = keeper.Check(ctx, target); err != nil {
			return err
		}
	}
	return m.Store.Update(ctx, func(tx Tx) error {
		if err := tx.PutDoors(ctx, site.ID, said); err != nil {
			return err
		}
		return m.settleServer(ctx, tx, site)
	})
}

// wouldAlarm reports that by what a server said a door has been opened again.
func (m *Monitor) wouldAlarm(ctx context.Context, site Site, said lockdown.Server) (bool, error) {
	home, err := m.Store.Target(ctx, site.ID)
	if err != nil {
		return false, fmt.Errorf("target %s: %w", site.ID, err)
	}
	d, err := m.demandOn(ctx, m.Store, home, site)
	if err != nil {
		return false, err
	}
	for _, v := range lockdown.Judge(m.evidence(home, site, nil, &said), d.controls) {
		if d.controls != nil && d.reopened(v) {
			return true, nil
		}
	}
	return false, nil
}

// settleServer writes down how a site's home page stands by what its server said. What
// has been opened again needs a look, which shows it and lets the judge decide.
func (m *Monitor) settleServer(ctx context.Context, tx Tx, site Site) error {
	home, err := tx.Target(ctx, site.ID)
	if err != nil {
		return fmt.Errorf("target %s: %w", site.ID, err)
	}
	newest, err := tx.Captures(ctx, home.ID, 1)
	if err != nil || len(newest) == 0 || newest[0].Lockdown == nil {
		return err // the first look takes it in
	}
	d, err := m.demandOn(ctx, tx, home, site)
	if err != nil || d.controls == nil {
		return err
	}
	c := newest[0]
	c.At = m.now()
	verdicts := lockdown.Judge(m.evidence(home, site, c.Lockdown, d.server), d.controls)
	if err := m.settleStandings(ctx, tx, d, verdicts, c, nil); err != nil {
		return err
	}
	for _, v := range verdicts {
		if d.reopened(v) && d.standings[v.Control].State != lockdown.Open {
			return m.queue.insertLook(ctx, tx, lookArgs{Target: home.ID, Reason: ReasonProbe}, priorityProbe)
		}
	}
	return nil
}

// dueToAsk are the sites of targets whose servers are asked before a sweep looks at
// their pages.
func (m *Monitor) dueToAsk(ctx context.Context, targets []Target, since time.Time) ([]Site, error) {
	if some, err := m.anyOrder(ctx); err != nil || !some {
		return nil, err
	}
	var sites []Site
	seen := map[string]bool{}
	for _, t := range targets {
		if seen[t.Site] || t.Site == CanarySite {
			continue
		}
		seen[t.Site] = true
		site, err := m.Store.Site(ctx, t.Site)
		if err != nil {
			return nil, fmt.Errorf("site %s: %w", t.Site, err)
		}
		sites = append(sites, site)
	}
	return m.toAsk(ctx, sites, since)
}

// orderLoop does what orders demand of us until the context ends: it asks servers,
// keeps the scores, and tells institutions what they must know.
func (m *Monitor) orderLoop(ctx context.Context) error {
	t := time.NewTicker(orderTick)
	defer t.Stop()
	var asking sync.WaitGroup
	defer asking.Wait()
	busy := make(chan struct{}, 1)
	for {
		m.database(ctx, "lockdown", m.orderRound(ctx))
		select {
		case busy <- struct{}{}:
			asking.Go(func() {
				defer func() { <-busy }()
				m.database(ctx, "lockdown", m.askDue(ctx))
			})
		default: // the last round of questions is still under way
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// anyOrder reports whether anything is in lockdown: mostly nothing is.
func (m *Monitor) anyOrder(ctx context.Context) (bool, error) {
	all, err := m.Store.Directives(ctx)
	if err != nil || slices.ContainsFunc(all, func(d Directive) bool { return d.Lifted.IsZero() }) {
		return err == nil, err
	}
	sites, err := m.Store.Sites(ctx)
	return slices.ContainsFunc(sites, func(s Site) bool { return s.Policy().ReadOnly }), err
}

func (m *Monitor) askDue(ctx context.Context) error {
	if some, err := m.anyOrder(ctx); err != nil || !some {
		return err
	}
	sites, err := m.Store.Sites(ctx)
	if err != nil {
		return err
	}
	since := m.now().Add(-doorsEvery)
	due, err := m.toAsk(ctx, sites, since)
	if err != nil {
		return err
	}
	m.askDoors(ctx, due, since, func(Site) {})
	return nil
}

// orderRound keeps scores and tells what is due. How sites stand is read before the
// transaction, which looks would otherwise wait for.
func (m *Monitor) orderRound(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, planTimeout)
	defer cancel()
	if some, err := m.anyOrder(ctx); err != nil || !some {
		return err
	}
	all, err := m.compliance(ctx, m.Store, 0, nil)
	if err != nil || len(all) == 0 {
		return err
	}
	scores, err := m.changedScores(ctx, all)
	if err != nil {
		return err
	}
	return m.Store.Update(ctx, func(tx Tx) error {
		for _, s := range scores {
			if err := tx.PutLockdownScore(ctx, s); err != nil {
				return err
			}
		}
		if err := m.remind(ctx, tx, all); err != nil {
			return err
		}
		return m.remindWaivers(ctx, tx)
	})
}

package dbtest

import (
	"context"
	"testing"

	"pasban/compare/lockdown"
	"pasban/monitor"
)

// directives: an order names its sites, and stands for them until it is lifted.
func directives(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	a := monitor.Directive{Scope: monitor.Scope{Tiers: []monitor.Tier{monitor.Federal}, Regions: []string{"Punjab"}, Institutions: []string{"i"}, Sites: []string{"s"}},
		Controls: []string{"login", "form"}, Deadline: at(9), Authority: "CERT & <more>", TextEN: "close", TextUR: "بند کریں", Issued: at(1), By: "operator:a", Decision: 4}
	b := monitor.Directive{Scope: monitor.Scope{All: true}, Controls: []string{"tls"}, Deadline: at(8), Authority: "CERT", Issued: at(2), By: "operator:b", Decision: 5}
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		for _, d := range []*monitor.Directive{&a, &b} {
			if d.ID, err = tx.AddDirective(ctx, *d); err != nil {
				return err
			}
			if err := tx.PutDirectiveSites(ctx, d.ID, []string{"x", "s", "S"}); err != nil {
				return err
			}
		}
		return tx.PutDirectiveSites(ctx, b.ID, []string{"s"})
	})
	have, err := store.Directive(ctx, a.ID)
	same(t, "Directive", err, have, a)
	all, err := store.Directives(ctx)
	same(t, "Directives", err, all, []monitor.Directive{b, a})
	sites, err := store.DirectiveSites(ctx, a.ID)
	same(t, "DirectiveSites", err, sites, []string{"S", "s", "x"})
	of, err := store.SiteDirectives(ctx, "s")
	same(t, "SiteDirectives", err, of, []monitor.Directive{a, b})
	a.Lifted, a.LiftedBy = at(5), "operator:c"
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutDirective(ctx, a) })
	have, err = store.Directive(ctx, a.ID)
	same(t, "a lifted Directive", err, have, a)
	of, err = store.SiteDirectives(ctx, "s")
	same(t, "SiteDirectives after one was lifted", err, of, []monitor.Directive{b})
	of, err = store.SiteDirectives(ctx, "x")
	same(t, "SiteDirectives of a site that nothing is ordered of", err, of, []monitor.Directive{})
	_, err = store.Directive(ctx, a.ID+1000)
	missing(t, "Directive that is none", err)
	missing(t, "PutDirective of nothing", tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutDirective(ctx, monitor.Directive{ID: a.ID + 1000})
	}))
	waivers(t, store)
}

func waivers(t *testing.T, store monitor.Store) {
	t.Helper()
	ctx := limit(t)
	old := monitor.Waiver{Site: "s", Controls: []string{"search"}, Reason: "r", Approver: "p", Issued: at(1), Expires: at(3), By: "operator:a", Decision: 1}
	young := monitor.Waiver{Institution: "i", Controls: []string{"login", "form"}, Reason: "r & <r>", Approver: "دفتر", Issued: at(1), Expires: at(9), By: "operator:b", Decision: 2}
	update(t, store, func(ctx context.Context, tx monitor.Tx) (err error) {
		for _, w := range []*monitor.Waiver{&old, &young} {
			if w.ID, err = tx.AddWaiver(ctx, *w); err != nil {
				return err
			}
		}
		return nil
	})
	all, err := store.Waivers(ctx, at(3))
	same(t, "Waivers", err, all, []monitor.Waiver{young, old})
	all, err = store.Waivers(ctx, at(4))
	same(t, "Waivers that expire later", err, all, []monitor.Waiver{young})
	young.Ended = at(4)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutWaiver(ctx, young) })
	have, err := store.Waiver(ctx, young.ID)
	same(t, "a withdrawn Waiver", err, have, young)
	young.ID += 1000
	missing(t, "PutWaiver of nothing", tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutWaiver(ctx, young) }))
}

// standings: one for each page and control, with what the server said and the scores.
func standings(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	login := monitor.Standing{Target: "a~b", Site: "a", Control: "login", State: lockdown.Open, Why: "open", Evidence: []string{"form & <b>", "two"},
		Box: &lockdown.Box{X: 1, Y: 2, W: 3, H: 4}, Since: at(1), Capture: "c", Shut: at(2)}
	form := monitor.Standing{Target: "a~b", Site: "a", Control: "form", State: lockdown.Closed, Since: at(1), Shut: at(1)}
	other := monitor.Standing{Target: "z", Site: "z", Control: "form", State: lockdown.Unknown, Why: "blocked", Since: at(3)}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutStandings(ctx, []monitor.Standing{login, form, other})
	})
	have, err := store.Standings(ctx, "a~b")
	same(t, "Standings of a page", err, have, []monitor.Standing{form, login})
	have, err = store.SiteStandings(ctx, "a")
	same(t, "SiteStandings", err, have, []monitor.Standing{form, login})
	login.State, login.Box, login.Evidence, login.Since = lockdown.Closed, nil, nil, at(7)
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutStandings(ctx, []monitor.Standing{login}) })
	have, err = store.Standings(ctx, "")
	same(t, "Standings", err, have, []monitor.Standing{form, login, other})
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.RemoveStandings(ctx, "a") })
	have, err = store.Standings(ctx, "")
	same(t, "Standings after some were removed", err, have, []monitor.Standing{other})

	_, err = store.Doors(ctx, "a")
	missing(t, "Doors of a site that was not asked", err)
	said := lockdown.Server{At: at(1), Requests: 3, Post: lockdown.Reply{Asked: true, Status: 405}, Places: []lockdown.Place{{Path: "/x", Reply: lockdown.Reply{Shape: 1<<64 - 1}}}}
	for _, requests := range []int{3, 4} {
		said.Requests = requests
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.PutDoors(ctx, "a", said) })
		got, err := store.Doors(ctx, "a")
		same(t, "Doors", err, got, said)
	}
	for range 2 {
		update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.RemoveDoors(ctx, "a") })
		_, err = store.Doors(ctx, "a")
		missing(t, "Doors that were removed", err)
	}

	first, second := monitor.LockdownScore{Day: at(0), Site: "a", Score: 40, Open: 3, Unknown: 1}, monitor.LockdownScore{Day: at(100), Site: "a", Score: 90}
	update(t, store, func(ctx context.Context, tx monitor.Tx) error {
		for _, x := range []monitor.LockdownScore{second, {Day: first.Day, Site: "a", Score: 1}, first} {
			if err := tx.PutLockdownScore(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
	scores, err := store.LockdownScores(ctx, at(0))
	same(t, "LockdownScores", err, scores, []monitor.LockdownScore{first, second})
	scores, err = store.LockdownScores(ctx, at(1))
	same(t, "LockdownScores since later", err, scores, []monitor.LockdownScore{second})
	update(t, store, func(ctx context.Context, tx monitor.Tx) error { return tx.RemoveLockdownScores(ctx, second.Day) })
	scores, err = store.LockdownScores(ctx, at(0))
	same(t, "LockdownScores after old ones were removed", err, scores, []monitor.LockdownScore{second})
}

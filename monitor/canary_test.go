package monitor_test

import (
	"context"
	"testing"

	"pasban/compare"
	"pasban/monitor"
	"pasban/monitor/canary"
	"pasban/render"
)

// chromed is a pool of one Chrome, and the canaries.
func chromed(t *testing.T) (*render.Pool, *canary.Server) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	pool, err := render.NewPool(ctx, render.Options{Processes: 1})
	if err != nil {
		t.Fatal(err)
	}
	server, err := canary.Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return pool, server
}

// The attack on a canary goes all the way with a real Chrome, whose looks may go nowhere on
// this machine but there.
func TestCanaryInChrome(t *testing.T) {
	t.Parallel()
	pool, server := chromed(t)
	g := newGuarded(t, map[string]string{"ministry": never}, func(c *monitor.Config) {
		c.Guard.Canaries, c.Guard.CanaryEvery, c.Guard.AlarmWithin = server, "@every 3s", patience
	})
	g.saw("ministry", "")
	g.Renderer, g.Looks = pool, 1
	g.runUntil(1, func() bool { return has(g.condition("canary").Text, "was attacked", "in the outbox") })
	t.Log(g.condition("canary").Text)
	g.want("Defacement", 0)
	g.want("Malicious", 0)
}

// Each of the attacks is one that alerts, and no canary does by itself.
func TestEveryCanaryAlarms(t *testing.T) {
	t.Parallel()
	pool, server := chromed(t)
	look := func(name string) compare.Look {
		t.Helper()
		p, err := pool.Render(t.Context(), render.Request{URL: server.URL(name), AllowExact: server.Addr()})
		if err != nil {
			t.Fatal(err)
		}
		l, err := monitor.LookAt(p)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, name := range canary.Names {
		own := look(name)
		server.Attack(name)
		other := look(name)
		server.Restore()
		approved := compare.Learn([]compare.Look{own, own})
		if r := monitor.Judge(nil, own); r.Verdict == compare.Alert || r.Verdict == compare.NotComparable {
			t.Errorf("%s by itself: %s, %s", name, r.Verdict, r.Why)
		}
		if r := monitor.Judge(approved, other); r.Verdict != compare.Alert {
			t.Errorf("%s, attacked: %s, %s", name, r.Verdict, r.Why)
		}
	}
}

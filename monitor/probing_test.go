package monitor_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/monitor"
	"pasban/render"
	"pasban/render/egress"
)

// plain is the web server of a site: its page has a nonce, a visitor counter and the
// time of day, as honest pages do, and an attacker may add to it.
type plain struct {
	*httptest.Server
	hits, refused atomic.Int64
	added         atomic.Pointer[string]
	down          atomic.Bool
}

func servePlain(t *testing.T) *plain {
	p := &plain{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *plain) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if p.down.Load() {
		p.refused.Add(1)
		panic(http.ErrAbortHandler)
	}
	n := p.hits.Add(1)
	added := ""
	if a := p.added.Load(); a != nil {
		added = *a
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<html><head><title>Ministry of Fixtures</title><meta name="csrf" content="%x9f8a7b6c5d4e"></head>
<body><h1>Ministry of Fixtures</h1><p>%s</p><p class="now">%s</p><p id="count">Visitor %d</p>%s
<script nonce="%x">var token = "%x77aa66bb55cc"; start(token);</script></body></html>`,
		n*7919, strings.Join(words, " "), time.Now().Format(time.RFC1123), 120_000+n, added, n, n*104729)
}

// probed is a watch of one site with a real web server. It is probed a little more often
// than it is looked at: a probe that always came between a look and its verdict would
// never learn from one.
func startProbed(t *testing.T, change ...func(*monitor.Config)) (*watch, *plain) {
	t.Helper()
	server := servePlain(t)
	w := startWatch(t, "@every 1h", append(change, func(c *monitor.Config) {
		c.ProbeEvery = 700 * time.Millisecond
		c.ProbePolicy = egress.Policy{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	})...)
	w.stage.show(server.URL+"/", ministry())
	w.schedule(server, "@every 1s")
	return w, server
}

// schedule watches the server's page, and no other, on a schedule.
func (w *watch) schedule(server *plain, schedule string) {
	w.importList("site_id,name,url,institution,tier,contacts,schedule\n" +
		"plain,Ministry of Fixtures," + server.URL + "/,Ministry,federal,webmaster@ministry.example," + schedule + "\n")
}

// reasons of the looks at the page, newest first.
func (w *watch) reasons() []monitor.Reason {
	w.t.Helper()
	all, err := w.Store.Captures(w.t.Context(), "plain", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []monitor.Reason
	for _, c := range all {
		out = append(out, c.Reason)
	}
	return out
}

// learnt waits until the page has a fingerprint, which is kept, and then leaves it to
// the probes: no routine look is due for an hour.
func (w *watch) learnt(server *plain) {
	w.t.Helper()
	w.await("a fingerprint", func() bool { return w.ProbeStats().Armed == 1 })
	w.await("the fingerprint to be kept", func() bool {
		kept, err := w.Store.Fingerprints(w.t.Context())
		return err == nil && len(kept) == 1 && len(kept[0].Data) > 0
	})
	w.schedule(server, "@every 1h")
}

// A page that changes at each load as honest pages do is never suspected. When an
// attacker has been there, a browser looks at once, and the CERT is told although no
// look was due.
func TestProbeCallsABrowser(t *testing.T) {
	t.Parallel()
	w, server := startProbed(t)
	w.learnt(server)
	before := server.hits.Load()
	w.await("more probes", func() bool { return server.hits.Load() > before+5 })
	if slices.Contains(w.reasons(), monitor.ReasonProbe) {
		t.Fatalf("a browser was called for noise: %v", w.ProbeStats())
	}
	attack := `<h1>HACKED BY GR3Y L4NTERN CREW</h1>`
	w.stage.show(server.URL+"/", defaced())
	server.added.Store(&attack)
	w.told(alerting.Opened)
	if !slices.Contains(w.reasons(), monitor.ReasonProbe) {
		t.Errorf("looks for %v, want one that a probe asked for", w.reasons())
	}

	// Nothing was learnt from the attacked page; when it is gone, a browser sees that too.
	w.stage.show(server.URL+"/", ministry())
	server.added.Store(nil)
	w.clock.set(5 * time.Minute) // suspicions of one page are that far apart
	w.told(alerting.Opened, alerting.Recovered)
}

// A site that was found down many times is at rest; the probe finds that it is back,
// and a browser looks although its rest is not over.
func TestProbeFindsASiteThatIsBack(t *testing.T) {
	t.Parallel()
	w, server := startProbed(t)
	w.learnt(server)
	server.down.Store(true)
	w.stage.show(server.URL+"/", &render.Page{Outcome: render.Unreachable})
	w.await("failed probes", func() bool { return server.refused.Load() > 3 && w.ProbeStats().Down == 1 })
	err := w.Store.Update(t.Context(), func(tx monitor.Tx) error {
		return tx.PutFreshness(t.Context(), monitor.Freshness{
			Target: "plain", LastAttempt: w.clock.now(), Outcome: "unreachable", Reason: "nobody answers", Failures: 20,
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.stage.show(server.URL+"/", ministry())
	server.down.Store(false)
	w.await("a good look", func() bool {
		f, err := w.Store.TargetFreshness(t.Context(), "plain")
		return err == nil && f.Failures == 0
	})
	if r := w.reasons(); r[0] != monitor.ReasonProbe {
		t.Errorf("the newest look was for %q, want the probe's", r[0])
	}
}

// A suspicion moves a look that waits already, for less, ahead; and it is queued once.
func TestSuspicionOvertakesTheRoutine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *monitor.Config) { c.Looks = 1 })
	list := "site_id,name,url,institution,tier,contacts\n"
	// No page but the first is seen before the suspicion is told.
	told := make(chan struct{})
	var first atomic.Value
	for i := range 16 {
		u := fmt.Sprintf("http://s%d.example/", i)
		w.stage.play(u, func(int, render.Request) (*render.Page, error) {
			if first.CompareAndSwap(nil, u); first.Load() != u {
				<-told
			}
			return ministry(), nil
		})
		list += fmt.Sprintf("s%d,Ministry %d,%s,Ministry,federal,w@ministry.example\n", i, i, u)
	}
	w.importList(list)
	targets, err := w.Select(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// The last in the list is suspected while the sweep's looks wait.
	last := targets[len(targets)-1].ID
	suspected := false
	var order []string
	_, err = w.Sweep(t.Context(), targets, monitor.ReasonSweep, func(e monitor.Event) {
		order = append(order, e.Target)
		if !suspected {
			suspected = true
			defer close(told)
			for range 3 {
				if err := w.Suspect(t.Context(), last); err != nil {
					t.Error(err)
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if at := slices.Index(order, last); at < 0 || at > len(order)/2 {
		t.Errorf("%s was looked at as number %d of %d, want it soon", last, at, len(order))
	}
	seen, err := w.Store.Captures(t.Context(), last, 10)
	if err != nil || len(seen) > 3 { // those of a first look
		t.Errorf("%d looks at what was suspected three times, %v; want one", len(seen), err)
	}
}

// While every browser is busy with suspicions that never end, a routine look still
// comes to its turn, and again.
func TestNoFloodStarvesTheRoutine(t *testing.T) {
	t.Parallel()
	const flood = 8 // twice as many as are worked on at once
	w := startWatch(t, "@every 1h", func(c *monitor.Config) { c.Looks = 1 })
	ids := []string{"calm"}
	for i := range flood {
		ids = append(ids, fmt.Sprintf("wild%d", i))
	}
	// Each look at a wild page is followed by a suspicion of it: more wait than there
	// are browsers, at all times.
	var flooding atomic.Bool
	w.mu.Lock()
	w.after = func(target string) {
		if strings.HasPrefix(target, "wild") && flooding.Load() {
			if err := w.Suspect(w.t.Context(), target); err != nil && w.t.Context().Err() == nil {
				w.t.Error(err)
			}
		}
	}
	w.mu.Unlock()
	flooding.Store(true)
	defer flooding.Store(false)
	w.sites("@every 1h", ids...)
	w.await("a flood", func() bool { return w.seen("wild0") > 3 })
	w.sites("@every 1s", ids...)
	for range 2 {
		before := w.seen("calm")
		w.await("a routine look to be due", func() bool { return w.waits("calm") })
		w.clock.set(3 * time.Minute)
		w.await("a routine look in a flood", func() bool { return w.seen("calm") > before })
	}
}

// waits reports whether a look at a target is queued and nobody works on it.
func (w *watch) waits(target string) bool {
	w.t.Helper()
	n := 0
	err := w.Store.Update(w.t.Context(), func(tx monitor.Tx) error {
		return tx.SQL().QueryRowContext(w.t.Context(), `SELECT count(*) FROM river_job
			WHERE kind = 'look' AND state = 'available' AND json_extract(args, '$.target') = $1`, target).Scan(&n)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n > 0
}

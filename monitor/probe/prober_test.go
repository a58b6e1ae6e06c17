package probe

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/fixtures"
	"pasban/render/egress"
)

var loopback = egress.Policy{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

// hand is a clock that a test moves.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) time() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hand) move(by time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(by)
}

// desk stands for the monitor: it notes what is suspected.
type desk struct {
	*Prober
	t        *testing.T
	clock    *hand
	suspects map[string][]string // why, by target, since it was last cleared
	all      int
}

func newDesk(t *testing.T, targets ...Target) *desk {
	t.Helper()
	d := &desk{t: t, clock: &hand{now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)}, suspects: map[string][]string{}}
	d.Prober = New(Config{
		Policy: loopback, Clock: d.clock.time, Logger: slog.New(slog.DiscardHandler),
		Suspect: func(_ context.Context, s Suspicion) (bool, error) {
			d.suspects[s.Target] = s.Why
			d.all++
			return true, nil
		},
	})
	t.Cleanup(d.client.close)
	d.Watch(targets)
	return d
}

// minute is one round, a minute after the one before.
func (d *desk) minute() {
	d.clock.move(time.Minute)
	d.Round(d.t.Context())
}

// good lets a browser find all is well, everywhere.
func (d *desk) good() {
	d.clock.move(time.Second)
	for _, w := range d.list() {
		d.Conclude(w.ID, d.clock.time(), Good)
	}
	clear(d.suspects)
}

// learn takes a quarter of an hour, as between two looks of a browser.
func (d *desk) learn() {
	d.good()
	for range 12 {
		d.minute()
	}
	d.good()
	if n := d.Stats().Armed; n != d.Stats().Targets {
		d.t.Fatalf("%d of %d targets are armed after a quarter of an hour", n, d.Stats().Targets)
	}
}

func fleetTargets(f *fixtures.Fleet) []Target {
	var out []Target
	for _, s := range f.Sites() {
		out = append(out, Target{ID: s.ID, URL: s.URL})
	}
	return out
}

// What honest sites do by themselves, minute by minute and over midnight, is learnt
// as noise: after the first hours a browser is hardly ever asked for. What attackers
// do to them is seen at the next probe.
func TestFixtureSites(t *testing.T) {
	var d *desk
	fleet, err := fixtures.Start(t.Context(), fixtures.Options{Base: "127.83.1.1", Clock: func() time.Time { return d.clock.time() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fleet.Close)
	d = newDesk(t)
	d.Watch(fleetTargets(fleet))
	d.learn()
	day := func() (asked int) {
		before := d.all
		for range 24 * 4 {
			for range 3 {
				d.minute()
				if len(d.suspects) > 0 {
					d.good()
				}
			}
			d.clock.move(12 * time.Minute)
			d.good()
		}
		return d.all - before
	}
	first, second := day(), day()
	t.Logf("asked %d times on the first day and %d on the second, of %d probes each", first, second, 12*24*4*3)
	if second > 12 {
		t.Errorf("%d suspicions on the second day of %d honest sites, want next to none", second, d.Stats().Targets)
	}
	for _, attack := range fixtures.Attacks() {
		for _, s := range fleet.Sites() {
			if err := fleet.Attack(s.ID, attack); err != nil {
				t.Fatal(err)
			}
		}
		d.clock.move(quietFor)
		for range fileBeats {
			d.minute()
		}
		for _, s := range fleet.Sites() {
			if d.suspects[s.ID] == nil {
				t.Errorf("%s at %s was not seen", attack, s.ID)
			}
			if err := fleet.Restore(s.ID); err != nil {
				t.Fatal(err)
			}
			d.Conclude(s.ID, d.clock.time(), Bad)
		}
		clear(d.suspects)
		d.clock.move(quietFor)
		d.minute()
		d.minute()
		d.good()
	}
}

// The reason names what changed, without a word of the page's own.
func TestReasons(t *testing.T) {
	fleet, err := fixtures.Start(t.Context(), fixtures.Options{Base: "127.83.2.1", Sites: []string{"bank"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fleet.Close)
	d := newDesk(t, fleetTargets(fleet)...)
	d.learn()
	if err := fleet.Attack("bank", fixtures.SkimmerExternal); err != nil {
		t.Fatal(err)
	}
	d.minute()
	if why := strings.Join(d.suspects["bank"], "; "); !strings.Contains(why, "a script's host") {
		t.Errorf("suspected for %q, want the script's host among the reasons", why)
	}
}

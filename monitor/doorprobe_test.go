package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/compare/lockdown"
	"pasban/monitor"
	"pasban/render/egress"
)

// street is a server with many sites by name, the log of what they were asked, and a
// world that watches them. All names but "far" are those of one machine.
type street struct {
	*world
	clock *settable
	port  string

	mu  sync.Mutex
	log []string // "site METHOD /path", as it came
	// answer, if set, answers instead of the plain page.
	answer func(site string, w http.ResponseWriter, r *http.Request)
}

// LookupNetIP implements egress.Resolver: all names lead to the street.
func (s *street) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

func (s *street) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	site, _, _ := strings.Cut(r.Host, ".")
	s.mu.Lock()
	s.log = append(s.log, site+" "+r.Method+" "+r.URL.Path)
	answer := s.answer
	s.mu.Unlock()
	switch {
	case !strings.HasPrefix(r.UserAgent(), "Pasban-probe/1 ("):
		s.t.Errorf("asked by %q", r.UserAgent())
	case answer != nil:
		answer(site, w, r)
	case r.URL.Path != "/":
		http.NotFound(w, r)
	case r.Method != http.MethodGet:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func newStreet(t *testing.T, sites ...string) *street {
	t.Helper()
	s := &street{clock: &settable{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	_, s.port, _ = net.SplitHostPort(server.Listener.Addr().String())
	s.world = newWorld(t, func(c *monitor.Config) {
		c.Clock, c.DoorPause = s.clock.now, time.Microsecond
		c.ProbePolicy = egress.Policy{Resolver: s, AllowPrivate: loopbackOnly}
		c.Addresses = func(_ context.Context, host string) ([]string, error) {
			if strings.HasPrefix(host, "far.") {
				return []string{"192.0.2.2"}, nil
			}
			return []string{"192.0.2.1"}, nil
		}
	})
	s.list(sites...)
	return s
}

// list makes the watchlist of sites, each "id" or "id: lockdown column".
func (s *street) list(sites ...string) {
	s.t.Helper()
	list := "site_id,name,url,institution,tier,lockdown\n"
	for _, site := range sites {
		id, policy, told := strings.Cut(site, ": ")
		if !told {
			policy = "active"
		}
		list += fmt.Sprintf("%s,%[1]s,http://%[1]s.street.example:%s/,Street,federal,%s\n", id, s.port, policy)
	}
	s.importList(list)
}

func (s *street) order() monitor.Directive {
	s.t.Helper()
	d, _, err := s.OrderLockdown(s.t.Context(), operatorTest, monitor.Directive{
		Scope: monitor.Scope{All: true}, Controls: []string{"method"}, Deadline: s.clock.now().Add(72 * time.Hour), Authority: "CERT, circular 1"})
	must(s.t, err)
	return d
}

// asked runs one round of questions, and tells which sites were asked in it, in their
// order, each as often as it was after another.
func (s *street) asked() []string {
	s.t.Helper()
	s.mu.Lock()
	s.log = nil
	s.mu.Unlock()
	must(s.t, s.AskDue(s.t.Context()))
	var out []string
	for _, line := range s.requests() {
		site, _, _ := strings.Cut(line, " ")
		out = append(out, site)
	}
	return slices.Compact(out)
}

func (s *street) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// once answers with the page, and calls f at the first request.
func (s *street) once(f func(site string)) {
	var first sync.Once
	s.answer = func(site string, w http.ResponseWriter, r *http.Request) {
		first.Do(func() { f(site) })
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	}
}

// Only sites are asked whose owners agreed, that are watched and in lockdown; those of
// one machine one after the other, and none twice in an hour.
func TestWhoIsAsked(t *testing.T) {
	s := newStreet(t, "agreed", "listed: active read-only", "mute: passive", "silent: read-only", "paused", "retired: active read-only", "other")
	if got := s.asked(); !slices.Equal(got, []string{"listed", "retired"}) {
		t.Errorf("before the order %v were asked", got)
	}
	s.clock.set(2 * time.Hour)
	d := s.order()
	must(t, s.Pause(t.Context(), operatorTest, "paused", true))
	s.list("agreed", "listed: active read-only", "mute: passive", "silent: read-only", "paused", "other: passive")
	if got := s.asked(); !slices.Equal(got, []string{"agreed", "listed"}) {
		t.Errorf("%v were asked, one after the other", got)
	}
	if _, err := s.Store.Doors(t.Context(), "retired"); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("what a site said that nobody watches any more is kept: %v", err)
	}
	s.clock.set(59 * time.Minute)
	if got := s.asked(); len(got) != 0 {
		t.Errorf("%v were asked again within an hour", got)
	}
	s.clock.set(2 * time.Minute)
	_, err := s.LiftLockdown(t.Context(), operatorTest, d.ID)
	must(t, err)
	if got := s.asked(); !slices.Equal(got, []string{"listed"}) {
		t.Errorf("after the order %v were asked", got)
	}
}

// Who withdraws while another site of the machine is asked is not asked any more.
func TestConsentIsReadBeforeEachSite(t *testing.T) {
	for name, withdraw := range map[string]func(*street, monitor.Directive){
		"paused": func(s *street, _ monitor.Directive) {
			must(s.t, s.Pause(s.t.Context(), operatorTest, "b", true))
		},
		"passive": func(s *street, _ monitor.Directive) { s.list("a", "b: passive") },
		"retired": func(s *street, _ monitor.Directive) { s.list("a") },
		"lifted": func(s *street, d monitor.Directive) {
			_, err := s.LiftLockdown(s.t.Context(), operatorTest, d.ID)
			must(s.t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t, "a", "b")
			d := s.order()
			s.once(func(string) { withdraw(s, d) })
			if got := s.asked(); !slices.Equal(got, []string{"a"}) {
				t.Errorf("%v were asked", got)
			}
		})
	}
}

// What would be an alarm is asked twice, but not of an owner who withdrew meanwhile; and
// what was not asked twice is not written down.
func TestConsentIsReadBeforeAskingAgain(t *testing.T) {
	for _, withdraws := range []bool{false, true} {
		s := newStreet(t, "a")
		s.order()
		must(t, s.Store.Update(t.Context(), func(tx monitor.Tx) error {
			return tx.PutStandings(t.Context(), []monitor.Standing{{Target: "a", Site: "a", Control: "method", State: lockdown.Closed, Since: s.clock.now(), Shut: s.clock.now()}})
		}))
		s.answer = func(_ string, w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && withdraws {
				must(t, s.Pause(t.Context(), operatorTest, "a", true))
			}
		}
		s.asked()
		posts := 0
		for _, line := range s.requests() {
			if line == "a POST /" {
				posts++
			}
		}
		if want := map[bool]int{false: 2, true: 1}[withdraws]; posts != want {
			t.Errorf("a site whose owner withdraws (%v) was asked %d times, want %d", withdraws, posts, want)
		}
		if _, err := s.Store.Doors(t.Context(), "a"); (err != nil) != withdraws {
			t.Errorf("what a site said whose owner withdraws (%v): %v", withdraws, err)
		}
	}
}

// A machine that many sites share does not keep others waiting.
func TestSharedMachineTakesOnePlace(t *testing.T) {
	sites := []string{"far"}
	for i := range 40 {
		sites = append(sites, fmt.Sprintf("a%02d", i))
	}
	s := newStreet(t, sites...)
	s.order()
	far := make(chan struct{})
	var late sync.Once
	s.answer = func(site string, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
		if site == "far" {
			close(far)
			return
		}
		select {
		case <-far:
		case <-r.Context().Done():
			late.Do(func() { t.Error("a site of a machine of its own waits for those of another") })
		}
	}
	if got := s.asked(); len(got) < 41 {
		t.Errorf("%d sites were asked", len(got))
	}
}

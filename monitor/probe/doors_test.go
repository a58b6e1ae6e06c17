package probe_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pasban/compare/lockdown"
	"pasban/monitor/probe"
	"pasban/render/egress"
)

// keeper makes a Doorkeeper that does not wait, and counts what it would have waited.
func keeper() (*probe.Doorkeeper, *time.Duration) {
	var waited time.Duration
	return probe.NewDoorkeeper(probe.DoorConfig{
		Policy:  egress.Policy{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		Contact: "mailto:cert@cert.example", Wait: func(_ context.Context, d time.Duration) error { waited += d; return nil },
	}), &waited
}

func serving(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/"
}

// A server that asks for fewer requests is not asked again in this round, and says why.
func TestDoorkeeperObeys(t *testing.T) {
	var asked atomic.Int64
	url := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) > 4 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	k, _ := keeper()
	said, err := k.Check(t.Context(), probe.DoorTarget{URL: url})
	if err != nil || asked.Load() != 5 || !strings.Contains(said.Stopped, "429") || said.Requests != 5 {
		t.Errorf("%d requests, %+v, %v", asked.Load(), said, err)
	}
}

// A server that breaks every connection is left alone after three.
func TestDoorkeeperGivesUp(t *testing.T) {
	var asked atomic.Int64
	url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > 1 {
			panic(http.ErrAbortHandler)
		}
	})
	k, _ := keeper()
	said, err := k.Check(t.Context(), probe.DoorTarget{URL: url})
	if err != nil || !strings.Contains(said.Stopped, "got no answer") || said.Requests != 4 {
		t.Errorf("%+v, %v", said, err)
	}
}

// Between two requests there is the pause, always, redirects included.
func TestDoorkeeperPauses(t *testing.T) {
	url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			http.Redirect(w, r, "/", http.StatusFound)
		}
	})
	k, waited := keeper()
	said, err := k.Check(t.Context(), probe.DoorTarget{URL: url})
	if want := time.Duration(said.Requests-1) * probe.DoorPause; err != nil || *waited != want || said.Requests < 30 {
		t.Errorf("%d requests with %v between them, want %v; %v", said.Requests, *waited, want, err)
	}
}

// Nothing is followed to another site, a POST is not followed at all, and no request
// carries a body, a cookie or a credential.
func TestDoorkeeperStaysHere(t *testing.T) {
	away := serving(t, func(http.ResponseWriter, *http.Request) { t.Error("another site was asked") })
	away = strings.Replace(away, "127.0.0.1", "127.0.0.2", 1)
	var thanks atomic.Int64
	url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 0 || r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" || r.URL.RawQuery != "" {
			t.Errorf("sent %s %s with %v", r.Method, r.URL, r.Header)
		}
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "1"})
		switch {
		case r.Method == http.MethodPost:
			http.Redirect(w, r, "/thanks", http.StatusSeeOther)
		case r.URL.Path == "/thanks":
			thanks.Add(1)
		case strings.HasPrefix(r.URL.Path, "/admin"):
			http.Redirect(w, r, away, http.StatusFound)
		case r.URL.Path != "/":
			http.NotFound(w, r)
		}
	})
	k, _ := keeper()
	said, err := k.Check(t.Context(), probe.DoorTarget{URL: url})
	if err != nil || thanks.Load() != 0 || said.Post.Status != http.StatusSeeOther {
		t.Errorf("thanked %d times, %+v, %v", thanks.Load(), said.Post, err)
	}
	for _, p := range said.Places {
		if p.Path == "/admin/" && p.Reply.Away != "127.0.0.2" {
			t.Errorf("/admin/ leads to %q", p.Reply.Away)
		}
	}
}

// An address that the policy refuses is not asked, whatever the watchlist says.
func TestDoorkeeperKeepsThePolicy(t *testing.T) {
	url := serving(t, func(http.ResponseWriter, *http.Request) { t.Error("a private address was asked") })
	k := probe.NewDoorkeeper(probe.DoorConfig{Wait: func(context.Context, time.Duration) error { return nil }})
	said, err := k.Check(t.Context(), probe.DoorTarget{URL: url})
	if err != nil || said.Unseen == "" {
		t.Errorf("%+v, %v", said, err)
	}
}

// The server behind a CDN is found at the address that the watchlist names, if it shows
// the site to whoever comes.
func TestDoorkeeperAsksTheOrigin(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<h1>Office of fixtures</h1>") }
	url := serving(t, page)
	origin := netip.MustParseAddrPort(strings.Trim(strings.TrimPrefix(serving(t, page), "http://"), "/"))
	closed := netip.MustParseAddrPort(strings.Trim(strings.TrimPrefix(serving(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }), "http://"), "/"))
	k, _ := keeper()
	said, err := k.Check(t.Context(), probe.DoorTarget{URL: url, Origins: []netip.AddrPort{origin, closed}})
	if err != nil || len(said.Origins) != 2 || !said.Origins[0].Same || said.Origins[1].Same || said.Origins[1].Status != http.StatusForbidden {
		t.Errorf("%+v, %v", said.Origins, err)
	}
}

// Where the home page leads to a login, the login's own address gets no POST: what is
// not GET goes to the path that the watchlist names.
func TestDoorkeeperPostsToTheHomePage(t *testing.T) {
	var posted []string
	url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet:
			posted = append(posted, r.Method+" "+r.RequestURI)
			w.WriteHeader(http.StatusMethodNotAllowed)
		case r.URL.Path == "/portal/":
			http.Redirect(w, r, "/login.aspx?ReturnUrl=%2fportal%2f", http.StatusFound)
		case r.URL.Path != "/login.aspx":
			http.NotFound(w, r)
		}
	})
	k, _ := keeper()
	said, err := k.Check(t.Context(), probe.DoorTarget{URL: url + "portal/?from=list"})
	if err != nil || said.Home.Status != http.StatusOK {
		t.Errorf("%+v, %v", said, err)
	}
	if want := []string{"OPTIONS /portal/", "PASBAN-TEST /portal/", "POST /portal/"}; !slices.Equal(posted, want) {
		t.Errorf("sent %q, want %q", posted, want)
	}
}

// A firewall that has enough of us in the middle of a round proves nothing by what it
// refuses from then on, whichever status it does it with; a page that changes by itself
// is no such refusal.
func TestDoorkeeperIsTurnedAway(t *testing.T) {
	for name, c := range map[string]struct {
		after  int // requests until the firewall has enough, 0 for never
		status int
		want   lockdown.State
	}{
		"never": {0, 0, lockdown.Closed}, "at the methods": {3, 403, lockdown.Unknown}, "at the places": {12, 403, lockdown.Unknown},
		"with a page": {12, 200, lockdown.Unknown}, "without an answer to the last": {35, 0, lockdown.Unknown},
	} {
		asked := 0
		url := serving(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			switch {
			case c.after > 0 && asked > c.after && c.status == 0:
				panic(http.ErrAbortHandler)
			case c.after > 0 && asked > c.after:
				w.WriteHeader(c.status)
				fmt.Fprint(w, "<h1>Blocked</h1>")
			case r.Method != http.MethodGet:
				w.WriteHeader(http.StatusMethodNotAllowed)
			case r.URL.Path == "/":
				fmt.Fprintf(w, "<h1>Office</h1><p>%s</p>", []string{"One", "Two", "Three"}[asked%3])
			default:
				http.NotFound(w, r)
			}
		})
		k, _ := keeper()
		said, err := k.Check(t.Context(), probe.DoorTarget{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range lockdown.Judge(lockdown.Evidence{Server: &said, Home: true}, []string{"backend", "shell", "listing"}) {
			if v.State != c.want {
				t.Errorf("turned away %s: %s is %s (%s)", name, v.Control, v.State, v.Why)
			}
		}
		if v := lockdown.Judge(lockdown.Evidence{Server: &said, Home: true}, []string{"method"})[0]; name == "at the methods" && v.State != lockdown.Unknown {
			t.Errorf("turned away %s: a POST is %s", name, v.State)
		}
	}
}

// Origins that a firewall keeps us from, as it should, are all asked, and take nothing
// from what was learnt before; one that our own policy forbids proves nothing.
func TestDoorkeeperAsksAllOrigins(t *testing.T) {
	url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
		}
	})
	var origins []netip.AddrPort
	for range 4 {
		s := httptest.NewServer(nil)
		origins = append(origins, netip.MustParseAddrPort(s.Listener.Addr().String()))
		s.Close()
	}
	judge := func(origins []netip.AddrPort, controls ...string) []lockdown.Verdict {
		k, _ := keeper()
		said, err := k.Check(t.Context(), probe.DoorTarget{URL: url, Origins: origins})
		if err != nil || len(said.Origins) != len(origins) || said.Stopped != "" {
			t.Errorf("%+v, %v", said, err)
		}
		var names []string
		for _, o := range origins {
			names = append(names, o.String())
		}
		return lockdown.Judge(lockdown.Evidence{Server: &said, Home: true, Origin: names}, controls)
	}
	for _, v := range judge(origins, "origin", "backend", "shell", "listing") {
		if v.State != lockdown.Closed {
			t.Errorf("with four origins that do not answer %s is %s (%s)", v.Control, v.State, v.Why)
		}
	}
	private := netip.MustParseAddrPort("10.1.2.3:80")
	if v := judge([]netip.AddrPort{origins[0], private}, "origin")[0]; v.State != lockdown.Unknown || !strings.Contains(v.Why, "10.1.2.3") {
		t.Errorf("an origin that we may not ask is %s (%s)", v.State, v.Why)
	}
}

// A page that stands for all there is not, with a login and a token that is another each
// time, is no back end and no shell under any address.
func TestDoorkeeperKnowsACatchAll(t *testing.T) {
	n := 0
	url := serving(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		token := strings.Repeat(string(rune('g'+n%20)), 1+n%7) + "xYz"
		if r.URL.Path == "/" {
			fmt.Fprint(w, "<h1>Office</h1>")
			return
		}
		fmt.Fprintf(w, `<meta name="csrf-token" content="%s"><script nonce='%[1]s'></script><h1>Members</h1><form><input type="hidden" name="_token" value="%[1]s"><input type="password" name="p"></form>`, token)
	})
	k, _ := keeper()
	said, err := k.Check(t.Context(), probe.DoorTarget{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range lockdown.Judge(lockdown.Evidence{Server: &said, Home: true}, []string{"backend", "shell", "listing"}) {
		if v.State != lockdown.Closed {
			t.Errorf("%s is %s: %q", v.Control, v.State, v.Evidence)
		}
	}
}

// A refusal for the lack of a token is told from one of the method.
func TestDoorkeeperReadsRefusals(t *testing.T) {
	for body, want := range map[string]lockdown.State{"<h1>403 Forbidden</h1>": lockdown.Closed, "<p>CSRF verification failed. Request aborted.</p>": lockdown.Unknown} {
		url := serving(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, body)
			}
		})
		k, _ := keeper()
		said, err := k.Check(t.Context(), probe.DoorTarget{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		if v := lockdown.Judge(lockdown.Evidence{Server: &said, Home: true}, []string{"method"})[0]; v.State != want {
			t.Errorf("%s is %s (%s), want %s", body, v.State, v.Why, want)
		}
	}
}

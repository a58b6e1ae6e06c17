package probe_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

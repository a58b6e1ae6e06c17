package probe

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pasban/render/egress"
)

func get(t *testing.T, p egress.Policy, a ask) answer {
	t.Helper()
	c := newClient(p, agent("https://cert.example/watch"))
	t.Cleanup(c.close)
	out, err := c.fetch(t.Context(), a, new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// serveAt serves on an address of the test's own.
func serveAt(t *testing.T, address string, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address+":0")
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// The inside of our network is out of reach: not by its address, not by a redirect,
// and not by one that goes by way of an address that is allowed.
func TestPrivateAddressesAreRefused(t *testing.T) {
	var reached atomic.Int64
	inside := serveAt(t, "127.84.1.2", func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	outside := serveAt(t, "127.84.1.1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusFound)
	})
	only := egress.Policy{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.84.1.1/32")}}
	for _, url := range []string{inside.URL, outside.URL, "http://169.254.169.254/latest/", "http://localhost/", "http://[::1]/", "http://2130706433/"} {
		if a := get(t, only, ask{url: url}); a.outcome != Gone {
			t.Errorf("%s came to %q (%s), want gone", url, a.outcome, a.why)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the inside was asked %d times", n)
	}
	// What one site may reach, another may not, though they name the same server.
	c := newClient(egress.Policy{}, "")
	t.Cleanup(c.close)
	for _, allow := range [][]netip.Prefix{{netip.MustParsePrefix("127.84.1.2/32")}, nil} {
		a, err := c.fetch(t.Context(), ask{url: inside.URL, allow: allow}, new(bytes.Buffer))
		if want := allow != nil; err != nil || (a.outcome == Answered) != want {
			t.Errorf("allowed %v: %q, %v", allow, a.outcome, err)
		}
	}
}

// What a server sends without end, or packs to a thousandth, is cut.
func TestBodiesAreBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var to io.Writer = w
		if r.URL.Path == "/bomb" {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			to = z
		}
		w.Header().Set("Content-Type", "text/html")
		block := bytes.Repeat([]byte("<p>"), 64<<10)
		for range 500 {
			if _, err := to.Write(block); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	for _, path := range []string{"/endless", "/bomb"} {
		a := get(t, loopback, ask{url: s.URL + path})
		if a.outcome != Answered || len(a.body) > maxPage || !a.cut {
			t.Errorf("%s: %s, %d bytes, cut %v; want at most %d and cut", path, a.outcome, len(a.body), a.cut, maxPage)
		}
		seen := readPage(a, 1, func(uint32, uint32) (bool, bool) { return false, false })
		if len(seen.features) > maxFeatures {
			t.Errorf("%s has %d features", path, len(seen.features))
		}
	}
}

// What servers do instead of answering is an outcome.
func TestOutcomes(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/busy":
			w.Header().Set("Retry-After", "1800")
			w.WriteHeader(http.StatusTooManyRequests)
		case "/never":
			w.Header().Set("Retry-After", "99999999")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/broken":
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, "no gzip at all")
		case "/cut":
			panic(http.ErrAbortHandler)
		}
	}))
	defer s.Close()
	s.Config.ErrorLog = nil
	for _, c := range []struct {
		url  string
		want Outcome
		wait time.Duration
	}{
		{s.URL + "/", Answered, 0}, {s.URL + "/loop", Down, 0}, {s.URL + "/cut", Down, 0}, {s.URL + "/broken", Down, 0},
		{s.URL + "/busy", Refused, 30 * time.Minute}, {s.URL + "/never", Refused, maxRetryIn},
		{"http://127.84.9.9:1/", Down, 0}, {"http://no-such-name.invalid/", Gone, 0}, {"ftp://x.example/", Down, 0},
	} {
		a := get(t, loopback, ask{url: c.url})
		if strings.Contains(c.url, ".invalid") && a.outcome == Down {
			continue // where this machine has no name server at all
		}
		if a.outcome != c.want || a.retryIn != c.wait {
			t.Errorf("%s: %s (%s) after %v, want %s after %v", c.url, a.outcome, a.why, a.retryIn, c.want, c.wait)
		}
	}
}

// A certificate that nobody vouches for does not keep the page from being looked at;
// it is told from one that is as it was.
func TestCertificates(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<p>hello") }))
	defer s.Close()
	a := get(t, loopback, ask{url: s.URL})
	if a.outcome != Answered || !strings.Contains(a.tls, "UnknownAuthority") {
		t.Errorf("%s with a certificate that is %q", a.outcome, a.tls)
	}
}

// Servers are told who asks and whom to turn to; what they cannot be told in a header
// is left out.
func TestAgent(t *testing.T) {
	got := ""
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.UserAgent() }))
	defer s.Close()
	get(t, loopback, ask{url: s.URL})
	if got != "Pasban-probe/1 (web watch of a national CERT; +https://cert.example/watch)" {
		t.Errorf("the User-Agent is %q", got)
	}
	if a := agent("a\r\nb (c)"); strings.ContainsAny(a, "\r\n") || strings.Count(a, "(") != 1 {
		t.Errorf("a hostile contact makes %q", a)
	}
}

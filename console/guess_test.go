package console

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pasban/monitor"
)

// behindProxy makes a room whose console is reached by way of a proxy.
func behindProxy(t *testing.T) *room {
	t.Helper()
	r := newRoom(t)
	r.server.Proxied = true
	return r
}

// signIn tries a password from an address that a proxy tells.
func (r *room) signIn(name, password, from string) (code int, body string) {
	r.t.Helper()
	return r.post(r.stranger(), "/login", url.Values{"name": {name}, "password": {password}}, "X-Forwarded-For", from)
}

// Guessing is slow, and says nothing about who has an account: a name that somebody has
// and one that nobody has are answered alike. Nobody is locked out from elsewhere.
func TestLockOut(t *testing.T) {
	t.Parallel()
	r := behindProxy(t)
	r.account("amina", monitor.Analyst, "")
	for attempt := range 8 {
		real, _ := r.signIn("amina", "wrong wrong wrong", "192.0.2.1")
		none, _ := r.signIn("nobody", "wrong wrong wrong", "192.0.2.1")
		want := http.StatusUnauthorized
		if attempt >= 5 {
			want = http.StatusTooManyRequests
		}
		if real != want || none != want {
			t.Errorf("attempt %d: %d for an account, %d for none, want %d", attempt+1, real, none, want)
		}
	}
	if code, _ := r.signIn("amina", password, "192.0.2.1"); code != http.StatusTooManyRequests {
		t.Errorf("the right password where it was guessed at: %d", code)
	}
	if code, _ := r.signIn("amina", password, "192.0.2.2"); code != http.StatusOK {
		t.Errorf("who guesses locks the account for everybody else: %d", code)
	}
	r.now = r.now.Add(2 * time.Minute)
	if code, body := r.signIn("amina", password, "192.0.2.1"); code != http.StatusOK || !strings.Contains(body, "Sign out") {
		t.Errorf("after the lock: %d", code)
	}
}

// An address that guesses is slowed down, by itself; one from which people sign in is not.
func TestAddressesAreCountedApart(t *testing.T) {
	t.Parallel()
	r := behindProxy(t)
	r.account("amina", monitor.Analyst, "")
	for i := range 25 { // what stands before the proxy's own word is the client's to choose
		r.signIn(strings.Repeat("x", i+2), "x", "198.51.100.7, 192.0.2.1")
	}
	if code, _ := r.signIn("amina", password, "192.0.2.1"); code != http.StatusTooManyRequests {
		t.Errorf("an address that guesses is not slowed down: %d", code)
	}
	for range 25 {
		if code, _ := r.signIn("amina", password, "192.0.2.2"); code != http.StatusOK {
			t.Fatalf("an office where everybody signs in is slowed down: %d", code)
		}
	}
	// Without a proxy the header is anybody's, and the peer is who he is.
	r.server.Proxied = false
	for i := range 25 {
		r.signIn(strings.Repeat("y", i+2), "x", "203.0.113."+string(rune('0'+i%10)))
	}
	if code, _ := r.signIn("amina", password, "203.0.113.99"); code != http.StatusTooManyRequests {
		t.Errorf("a client that makes up addresses is not slowed down: %d", code)
	}
}

func TestClientOf(t *testing.T) {
	s := &Server{Config: Config{Proxied: true}}
	for _, test := range []struct{ peer, forwarded, want string }{
		{"127.0.0.1:1", "1.2.3.4, 192.0.2.9", "192.0.2.9"},
		{"172.18.0.1:1", "192.0.2.9:4711", "192.0.2.9"},
		{"[::1]:1", "2001:db8::7", "2001:db8::7"},
		{"127.0.0.1:1", "", "127.0.0.1"},
		{"127.0.0.1:1", "192.0.2.9, <script>", "127.0.0.1"},
		{"203.0.113.5:1", "192.0.2.9", "203.0.113.5"}, // no proxy of ours
		{"[::ffff:10.0.0.1]:1", "192.0.2.9", "192.0.2.9"},
	} {
		req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		req.RemoteAddr = test.peer
		if test.forwarded != "" {
			req.Header.Set("X-Forwarded-For", test.forwarded)
		}
		if got := s.clientOf(req); got != test.want {
			t.Errorf("%s for %q is %q, want %q", test.peer, test.forwarded, got, test.want)
		}
	}
}

// /status is told to scripts on this machine: not to the network, not through a proxy, and
// not to a web page that a false DNS answer has led here.
func TestStatusIsToldToThisMachineOnly(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for _, test := range []struct {
		peer, host, header string
		proxied            bool
		want               int
	}{
		{"127.0.0.1:9", "127.0.0.1:8080", "", false, 200},
		{"127.0.0.1:9", "localhost:8080", "", false, 200},
		{"[::1]:9", "[::1]:8080", "", false, 200},
		{"127.0.0.1:9", "localhost", "", false, 200},
		{"192.0.2.1:9", "127.0.0.1:8080", "", false, 403},
		{"127.0.0.1:9", "rebound.evil.example:8080", "", false, 403},
		{"127.0.0.1:9", "127.0.0.1.evil.example", "", false, 403},
		{"127.0.0.1:9", "127.0.0.1:8080", "Forwarded", false, 403},
		{"127.0.0.1:9", "127.0.0.1:8080", "", true, 403}, // nginx adds no header by itself
	} {
		s, err := New(Config{
			Monitor: r.monitor, Signer: r.server.Signer, Proxied: test.proxied,
			Plain: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }),
		})
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodGet, "/status", http.NoBody)
		req.RemoteAddr, req.Host = test.peer, test.host
		if test.header != "" {
			req.Header.Set(test.header, "for=192.0.2.1")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if w.Code != test.want {
			t.Errorf("%+v: %d", test, w.Code)
		}
	}
}

// Who owns the machine lets an administrator in who has lost everything: once, and not by
// a link that somebody finds in a log later.
func TestSignInLink(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.account("root", monitor.Administrator, "")
	path := strings.TrimPrefix(r.server.SignInLink("root"), r.http.URL)
	c := r.stranger()
	if code, body := r.get(c, path); code != http.StatusOK || !strings.Contains(body, "New account") {
		t.Errorf("the link leads to %d", code)
	}
	if code, _ := r.get(r.stranger(), path); code != http.StatusUnauthorized {
		t.Errorf("the link holds twice: %d", code)
	}
	late := strings.TrimPrefix(r.server.SignInLink("root"), r.http.URL)
	r.now = r.now.Add(61 * time.Minute)
	if code, _ := r.get(r.stranger(), late); code != http.StatusUnauthorized {
		t.Errorf("the link holds after an hour: %d", code)
	}
	disabled := strings.TrimPrefix(r.server.SignInLink("root"), r.http.URL)
	r.change("root", func(a *monitor.Account) { a.Disabled = true })
	c = r.stranger()
	r.get(c, disabled)
	if _, body := r.get(c, "/settings"); !strings.Contains(body, `name="password"`) || strings.Contains(body, "New account") {
		t.Error("a disabled account was let in")
	}
}

// change changes an account behind everybody's back.
func (r *room) change(name string, f func(*monitor.Account)) {
	r.t.Helper()
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		a, err := tx.Account(ctx, name)
		if err != nil {
			return err
		}
		f(&a)
		return tx.PutAccount(ctx, a)
	})
}

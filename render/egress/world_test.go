package egress

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// dns is a resolver made of a function, which is told how often the name was
// asked for before.
type dns struct {
	mu     sync.Mutex
	asked  map[string]int
	answer func(host string, before int) ([]netip.Addr, error)
}

func resolving(answer func(host string, before int) ([]netip.Addr, error)) *dns {
	return &dns{asked: make(map[string]int), answer: answer}
}

func (d *dns) LookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	d.mu.Lock()
	before := d.asked[host]
	d.asked[host]++
	d.mu.Unlock()
	if network != "ip" {
		return nil, fmt.Errorf("network %q", network)
	}
	return d.answer(host, before)
}

func (d *dns) times(host string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked[host]
}

// hosts resolves the names of a map, and no others.
func hosts(table map[string][]netip.Addr) *dns {
	return resolving(func(host string, _ int) ([]netip.Addr, error) {
		if a, ok := table[host]; ok {
			return a, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	})
}

// The networks of the tests: sites live in one, what must never be reached in
// the other.
var (
	siteNet  = ranges("127.10.0.0/16")
	siteAddr = "127.10.0.1"
	sinkAddr = "127.20.0.1"
)

func open(t testing.TB, p Policy) *Proxy {
	t.Helper()
	proxy, err := Listen(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Errorf("closing the proxy: %v", err)
		}
	})
	return proxy
}

// site serves h on an address of the site network.
func site(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Listener = tcp(t, siteAddr)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func tcp(t testing.TB, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// sink is a listener that nothing may reach. The test fails if something does.
func sink(t testing.TB) (port string) {
	t.Helper()
	l := tcp(t, sinkAddr)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Errorf("the sink was reached from %v", conn.RemoteAddr())
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// raw serves one connection after the other with f.
func raw(t testing.TB, f func(net.Conn)) (address string) {
	t.Helper()
	l := tcp(t, siteAddr)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer func() { _ = conn.Close() }(); f(conn) }()
		}
	}()
	return l.Addr().String()
}

// browser is a client that goes through the proxy like Chrome does.
func browser(t testing.TB, p *Proxy) *http.Client {
	t.Helper()
	tr := &http.Transport{
		Proxy:              http.ProxyURL(&url.URL{Scheme: "http", Host: p.Addr()}),
		DisableCompression: true,
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// fetch is a GET that must get an answer.
func fetch(t testing.TB, c *http.Client, url string) (status int, body string) {
	t.Helper()
	r, err := c.Get(url)
	if err != nil {
		t.Fatalf("GET %s: %v", url, err)
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("GET %s: reading the body: %v", url, err)
	}
	return r.StatusCode, string(b)
}

// dialProxy opens a connection to the proxy as such.
func dialProxy(t testing.TB, p *Proxy) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, bufio.NewReader(conn)
}

// exchange sends bytes to the proxy and returns everything that comes back
// until the proxy closes.
func exchange(t testing.TB, p *Proxy, request string) string {
	t.Helper()
	conn, in := dialProxy(t, p)
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if err := closeWrite(conn); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatalf("after %q: %v", b, err)
	}
	return string(b)
}

// connect asks for a tunnel and returns the status line.
func connect(t testing.TB, p *Proxy, target string) (net.Conn, *bufio.Reader, string) {
	t.Helper()
	conn, in := dialProxy(t, p)
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target); err != nil {
		t.Fatal(err)
	}
	status, err := in.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for line := status; line != "\r\n"; {
		if line, err = in.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	return conn, in, strings.TrimSpace(status)
}

// only is the single verdict of a capture.
func only(t testing.TB, p *Proxy) Verdict {
	t.Helper()
	if err := p.Close(); err != nil { // so that it has ended
		t.Fatal(err)
	}
	v := p.Verdicts()
	if len(v) != 1 {
		t.Fatalf("verdicts: %+v, want one", v)
	}
	return v[0]
}

func portOf(address string) int {
	return int(netip.MustParseAddrPort(address).Port())
}

func wantStatus(t testing.TB, got string, status int) {
	t.Helper()
	if want := fmt.Sprintf("HTTP/1.1 %d ", status); !strings.HasPrefix(got, want) {
		t.Errorf("the proxy said %q, want %q", got, want)
	}
}

func hostPort(s *httptest.Server) string { return s.Listener.Addr().String() }

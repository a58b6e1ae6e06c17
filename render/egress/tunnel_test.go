package egress

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// https goes through a tunnel, and TLS is the site's own from end to end.
func TestTLSThroughTunnel(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s over %s", r.Host, r.Proto)
	}))
	s.Listener = tcp(t, siteAddr)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	_, port, _ := net.SplitHostPort(hostPort(s))
	p := open(t, Policy{
		Resolver:     hosts(map[string][]netip.Addr{"example.com": addrs(siteAddr)}),
		AllowPrivate: siteNet,
	})
	client := browser(t, p)
	tr := client.Transport.(*http.Transport)
	tr.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig // trusts its certificate, for example.com
	tr.ForceAttemptHTTP2 = true
	status, body := fetch(t, client, "https://example.com:"+port+"/")
	if want := "example.com:" + port + " over HTTP/2.0"; status != 200 || body != want {
		t.Errorf("%d %q, want %q", status, body, want)
	}
	tr.CloseIdleConnections()
	v := only(t, p)
	if v.Method != "CONNECT" || v.Host != "example.com" || v.Address != hostPort(s) || !v.Allowed || v.Sent < 200 || v.Got < 500 {
		t.Errorf("verdict %+v", v)
	}
}

// What Chrome sends right behind its CONNECT is part of the tunnel, and each
// side may finish before the other.
func TestTunnelCarriesBothWays(t *testing.T) {
	address := raw(t, func(conn net.Conn) {
		b, err := io.ReadAll(conn) // until Chrome's side is finished
		if err != nil {
			t.Errorf("reading: %v", err)
		}
		_, _ = io.WriteString(conn, "heard "+string(b))
	})
	p := open(t, Policy{AllowPrivate: siteNet})
	got := exchange(t, p, "CONNECT "+address+" HTTP/1.1\r\nHost: "+address+"\r\n\r\nearly bytes")
	if want := established + "heard early bytes"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if v := only(t, p); v.Sent != 11 || v.Got != 17 || v.Reason != "" {
		t.Errorf("verdict %+v", v)
	}
}

// A WebSocket that is asked for as a plain request is switched and then both
// sides talk.
func TestWebSocketAsPlainRequest(t *testing.T) {
	address := raw(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		r, err := http.ReadRequest(in)
		if err != nil || r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" {
			t.Errorf("the site was asked %+v, %v", r, err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
		line, _ := in.ReadString('\n')
		_, _ = io.WriteString(conn, strings.ToUpper(line))
	})
	p := open(t, Policy{AllowPrivate: siteNet})
	conn, in := dialProxy(t, p)
	_, err := fmt.Fprintf(conn, "GET http://%s/ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nping\n", address)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(in, nil)
	if err != nil || r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%+v %v", r, err)
	}
	b, err := io.ReadAll(in)
	if err != nil || string(b) != "helloPING\n" {
		t.Errorf("got %q, %v", b, err)
	}
}

// Many pages' worth of requests at once, plain and tunnelled, allowed and not.
func TestConcurrentUse(t *testing.T) {
	s := site(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })
	p := open(t, Policy{AllowPrivate: siteNet, Own: none})
	client := browser(t, p)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			for j := range 4 {
				path := fmt.Sprintf("/%d/%d", i, j)
				if status, body := get(t, client, s.URL+path); status != 200 || body != path {
					t.Errorf("%s: %d %q", path, status, body)
				}
			}
			if status, _ := get(t, client, "http://10.0.0.1/"); status != http.StatusForbidden {
				t.Errorf("10.0.0.1 answered %d", status)
			}
			if r, err := client.Get("https://10.0.0.1/"); err == nil {
				t.Errorf("a tunnel to 10.0.0.1: %s, %v", r.Status, r.Body.Close())
			}
			_ = p.Verdicts()
			_, _ = p.Last(siteAddr, 80)
		})
	}
	wg.Wait()
	if n := len(p.Verdicts()); n != 40*6 {
		t.Errorf("%d verdicts, want %d", n, 40*6)
	}
}

// get is fetch for goroutines that may not end the test.
func get(t *testing.T, c *http.Client, url string) (int, string) {
	r, err := c.Get(url)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return r.StatusCode, string(b)
}

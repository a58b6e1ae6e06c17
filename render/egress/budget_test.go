package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

// stream writes without end.
func stream(w http.ResponseWriter, _ *http.Request) {
	b := make([]byte, 32<<10)
	for {
		if _, err := w.Write(b); err != nil {
			return
		}
	}
}

// A body without end is cut when its connection has used up its share.
func TestConnectionBytesAreCut(t *testing.T) {
	s := site(t, stream)
	const limit = 1_000_000
	for _, how := range []string{"CONNECT", "GET"} {
		p := open(t, Policy{AllowPrivate: siteNet, Budget: Budget{ConnBytes: limit}})
		request := "GET " + s.URL + "/ HTTP/1.1\r\n\r\n"
		if how == "CONNECT" {
			request = "CONNECT " + hostPort(s) + " HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
		}
		conn, in := dialProxy(t, p)
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		n, _ := io.Copy(io.Discard, in) // ends, whichever way
		if n < limit/2 || n > limit+100_000 {
			t.Errorf("%s: %d bytes came through, the limit is %d", how, n, limit)
		}
		if got := p.Exceeded(); got != ReasonBytes {
			t.Errorf("%s: Exceeded = %q", how, got)
		}
		if v := only(t, p); v.Reason != ReasonBytes || !v.Allowed || v.Sent+v.Got < limit || v.Sent+v.Got > limit+100_000 {
			t.Errorf("%s: %+v", how, v)
		}
	}
}

// The capture as a whole has a share too; behind it nothing is dialled.
func TestTotalBytesAreCut(t *testing.T) {
	s := site(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 300_000)) })
	p := open(t, Policy{AllowPrivate: siteNet, Budget: Budget{Bytes: 1_000_000}})
	ok := 0
	for range 6 {
		conn, in := dialProxy(t, p)
		if _, err := fmt.Fprintf(conn, "GET %s/ HTTP/1.1\r\n\r\n", s.URL); err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil || r.StatusCode != 200 {
			continue
		}
		if n, err := io.Copy(io.Discard, r.Body); err == nil && n == 300_000 {
			ok++
		}
	}
	v := p.Verdicts()
	if ok != 3 || p.Exceeded() != ReasonBytes || len(v) != 6 {
		t.Fatalf("%d whole answers, want 3; exceeded %q; %+v", ok, p.Exceeded(), v)
	}
	if !v[3].Allowed || v[3].Reason != ReasonBytes || v[4].Allowed || v[4].Reason != ReasonBytes || !v[4].Denied() {
		t.Errorf("the fourth should be cut and the fifth refused: %+v", v[3:])
	}
}

func TestConnectionBudget(t *testing.T) {
	s := site(t, func(http.ResponseWriter, *http.Request) {})
	p := open(t, Policy{AllowPrivate: siteNet, Budget: Budget{Conns: 5}})
	client := browser(t, p)
	for i := range 8 {
		want := http.StatusOK
		if i >= 5 {
			want = http.StatusForbidden
		}
		if status, _ := fetch(t, client, s.URL); status != want {
			t.Errorf("request %d: %d, want %d", i, status, want)
		}
	}
	if v, _ := p.Last(siteAddr, portOf(hostPort(s))); v.Reason != ReasonConns || p.Exceeded() != ReasonConns {
		t.Errorf("%+v, exceeded %q", v, p.Exceeded())
	}
}

// Names that do not exist count too: each of them is a question to DNS.
func TestHostBudget(t *testing.T) {
	resolver := hosts(nil)
	p := open(t, Policy{Resolver: resolver, Own: none, Budget: Budget{Hosts: 3}})
	for i, want := range []int{502, 502, 502, 403, 403} {
		_, _, status := connect(t, p, fmt.Sprintf("h%d.test:443", i))
		wantStatus(t, status, want)
	}
	_, _, status := connect(t, p, "h1.test:80") // an old one is still answered
	wantStatus(t, status, http.StatusBadGateway)
	if got := p.Exceeded(); got != ReasonHosts || resolver.times("h3.test") != 0 || resolver.times("h1.test") != 1 {
		t.Errorf("Exceeded = %q; asked for h3 %d times, for h1 %d times", got, resolver.times("h3.test"), resolver.times("h1.test"))
	}
}

// The network log is bounded and says by how much it fell short.
func TestVerdictsAreBounded(t *testing.T) {
	p := open(t, Policy{Own: none})
	conn, in := dialProxy(t, p)
	for range maxVerdicts + 7 {
		if _, err := io.WriteString(conn, "GET http://10.0.0.1/ HTTP/1.1\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, r.Body)
	}
	if n, missed := len(p.Verdicts()), p.Missed(); n != maxVerdicts || missed != 7 {
		t.Errorf("%d verdicts and %d missed", n, missed)
	}
}

func TestLifetime(t *testing.T) {
	s := site(t, stream)
	p := open(t, Policy{AllowPrivate: siteNet, Budget: Budget{Lifetime: 100 * time.Millisecond, Bytes: 1 << 50, ConnBytes: 1 << 50}})
	conn, in := dialProxy(t, p)
	if _, err := fmt.Fprintf(conn, "GET %s/ HTTP/1.1\r\n\r\n", s.URL); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, in) // hangs here if the lifetime does nothing
	if v := only(t, p); v.Reason != ReasonLifetime || p.Exceeded() != ReasonLifetime || v.Got == 0 {
		t.Errorf("%+v, exceeded %q", v, p.Exceeded())
	}
}

// running counts the goroutines that are inside this package's proxy.
func running() int {
	var b strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&b, 2); err != nil {
		return -1
	}
	n := 0
	for g := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(g, "egress.(*Proxy)") || strings.Contains(g, "egress.(*client)") || strings.Contains(g, "egress.pipe") {
			n++
		}
	}
	return n
}

// Close is the kill switch: streams stop, waiting connections too, nothing
// keeps running, and the log says what was cut.
func TestClose(t *testing.T) {
	s := site(t, stream)
	silent := raw(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	big := Budget{Bytes: 1 << 50, ConnBytes: 1 << 50}
	p := open(t, Policy{AllowPrivate: siteNet, Budget: big})

	tunnel, tunnelIn, status := connect(t, p, hostPort(s))
	wantStatus(t, status, 200)
	if _, err := io.WriteString(tunnel, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	plain, plainIn := dialProxy(t, p)
	waiting, waitingIn := dialProxy(t, p)
	for conn, target := range map[net.Conn]string{plain: hostPort(s), waiting: silent} {
		if _, err := fmt.Fprintf(conn, "GET http://%s/ HTTP/1.1\r\n\r\n", target); err != nil {
			t.Fatal(err)
		}
	}
	_, idleIn := dialProxy(t, p)
	half, halfIn := dialProxy(t, p)
	if _, err := io.WriteString(half, "GET http://"); err != nil {
		t.Fatal(err)
	}
	// The streams flow: more has come than any buffer on the way holds at the start.
	for _, in := range []io.Reader{tunnelIn, plainIn} {
		if _, err := io.CopyN(io.Discard, in, 1<<20); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("Close took %v", took)
	}
	if n := running(); n != 0 {
		t.Errorf("%d goroutines of the proxy are left", n)
	}
	for _, in := range []io.Reader{tunnelIn, plainIn, waitingIn, idleIn, halfIn} {
		_, _ = io.Copy(io.Discard, in) // hangs to the deadline if a connection was left open
	}
	if time.Since(began) > 5*time.Second {
		t.Error("a connection outlived Close")
	}
	if conn, err := net.Dial("tcp", p.Addr()); err == nil {
		t.Errorf("the listener is still there: %v", conn.Close())
	}
	for _, v := range p.Verdicts() {
		if v.Method != "" && (v.Reason != ReasonClosed || !v.Allowed) {
			t.Errorf("%+v, want it cut by Close", v)
		}
	}
	if got := p.Exceeded(); got != "" {
		t.Errorf("Exceeded = %q", got)
	}
}

// The end of the context is the end of the proxy.
func TestContextEndsProxy(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := Listen(ctx, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	_, in := dialProxy(t, p)
	cancel()
	if _, err := in.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection lives on: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// A client that never finishes its header block is hung up on.
func TestSlowHeader(t *testing.T) {
	p, err := listen(t.Context(), Policy{}, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	conn, in := dialProxy(t, p)
	if _, err := io.WriteString(conn, "GET http://example.test/ HTTP/1.1\r\nA:"); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, string(b), http.StatusBadRequest)
}

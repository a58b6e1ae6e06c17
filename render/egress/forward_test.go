package egress

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// The site gets the request that Chrome would have sent without a proxy: origin
// form, Chrome's order and spelling, nothing that was meant for the proxy.
func TestRequestOnTheWire(t *testing.T) {
	seen := make(chan string, 1)
	address := raw(t, func(conn net.Conn) {
		head, err := readHead(bufio.NewReader(conn), 1<<20)
		if err != nil {
			t.Errorf("reading the request: %v", err)
		}
		seen <- string(head)
		_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	})
	p := open(t, Policy{AllowPrivate: siteNet})
	exchange(t, p, "GET http://"+address+"/a?b=%20c HTTP/1.1\r\nHost: evil.test\r\nProxy-Connection: keep-alive\r\n"+
		"Proxy-Authorization: Basic eA==\r\nConnection: X-Hop, Content-Length\r\nX-Hop: 1\r\nTE: trailers\r\nUpgrade: h2c\r\n"+
		"user-agent: UA\r\nX-Last: z\r\nAccept: */*\r\n\r\n")
	want := "GET /a?b=%20c HTTP/1.1\r\nHost: " + address + "\r\nConnection: keep-alive\r\n" +
		"user-agent: UA\r\nX-Last: z\r\nAccept: */*\r\n\r\n"
	if got := <-seen; got != want {
		t.Errorf("the site got\n%q, want\n%q", got, want)
	}
}

// Chrome gets the answer as the site sent it, whatever its framing, and the
// connection goes on where the framing allows it.
func TestAnswersPassUnchanged(t *testing.T) {
	cases := []struct{ name, answer, want string }{
		{"fixed", "HTTP/1.1 200 OK\r\nserver: b\r\nX-Aa: \xe9\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", ""},
		{"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nhi",
			"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"},
		{"to the end", "HTTP/1.0 200 OK\r\nA: b\r\n\r\nall of it", ""},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
		{"length beside chunks", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhi\r\n0\r\n\r\n"},
		{"proxy authentication", "HTTP/1.1 407 Who\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 407 Who\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
		{"interim", "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ""},
		{"interim without end", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", maxInterim+2), ""},
		{"switch that was not asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbytes", ""},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhi", ""},
		{"folded", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\nhi", ""},
		{"no colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\nhi", ""},
		{"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", ""},
		{"garbage", "\x00\x01\x02\xff", ""},
		{"HTTP/0.9", "<html>old</html>", ""},
		{"cut in the header", "HTTP/1.1 200 OK\r\nContent-Le", ""},
		{"cut in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi", ""},
		{"nothing", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.want == "" {
				c.want = c.answer
			}
			address := raw(t, func(conn net.Conn) {
				if _, err := readHead(bufio.NewReader(conn), 1<<20); err != nil {
					t.Errorf("reading the request: %v", err)
				}
				_, _ = io.WriteString(conn, c.answer)
			})
			p := open(t, Policy{AllowPrivate: siteNet})
			if got := exchange(t, p, "GET http://"+address+"/ HTTP/1.1\r\n\r\n"); got != c.want {
				t.Errorf("Chrome got\n%q, want\n%q", got, c.want)
			}
			v := only(t, p)
			if v.Got != int64(len(c.answer)) || v.Sent == 0 || !v.Allowed || v.Address != address {
				t.Errorf("verdict %+v, want %d bytes got from %s", v, len(c.answer), address)
			}
		})
	}
}

// A header block longer than Chrome reads is not held back from it.
func TestEndlessHeaderIsPassedOn(t *testing.T) {
	line := "X-Pad: " + strings.Repeat("a", 4000) + "\r\n"
	address := raw(t, func(conn net.Conn) {
		_, _ = readHead(bufio.NewReader(conn), 1<<20)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		for range 200 {
			_, _ = io.WriteString(conn, line)
		}
	})
	p := open(t, Policy{AllowPrivate: siteNet})
	got := exchange(t, p, "GET http://"+address+"/ HTTP/1.1\r\n\r\n")
	if want := len("HTTP/1.1 200 OK\r\n") + 200*len(line); len(got) != want {
		t.Errorf("%d bytes came through, want %d", len(got), want)
	}
}

// One connection to Chrome and one to the site carry many exchanges, and each
// has its own verdict with its own bytes.
func TestKeepAlive(t *testing.T) {
	var conns sync.Map
	s := site(t, func(w http.ResponseWriter, r *http.Request) {
		conns.Store(r.RemoteAddr, true)
		_, _ = io.WriteString(w, "page "+r.URL.Path)
	})
	p := open(t, Policy{AllowPrivate: siteNet})
	conn, in := dialProxy(t, p)
	for i := range 20 {
		path := fmt.Sprintf("/%d", i)
		if _, err := fmt.Fprintf(conn, "GET http://%s%s HTTP/1.1\r\n\r\n", hostPort(s), path); err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("exchange %d: %v", i, err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "page "+path {
			t.Fatalf("exchange %d: %q %v", i, body, err)
		}
	}
	n := 0
	for range conns.Range {
		n++
	}
	if n != 1 {
		t.Errorf("%d connections to the site, want 1", n)
	}
	v := p.Verdicts()
	if len(v) != 20 {
		t.Fatalf("%d verdicts, want 20", len(v))
	}
	for i, v := range v {
		if v.Method != "GET" || v.Address != hostPort(s) || v.Got < 50 || v.Got > 500 || v.Sent < 50 || v.Sent > 500 {
			t.Errorf("verdict %d: %+v", i, v)
		}
	}
}

// A site that closes its side between two requests costs a new connection and
// no error.
func TestStaleConnectionIsReplaced(t *testing.T) {
	address := raw(t, func(conn net.Conn) {
		_, _ = readHead(bufio.NewReader(conn), 1<<20)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") // and hangs up
	})
	p := open(t, Policy{AllowPrivate: siteNet})
	conn, in := dialProxy(t, p)
	for i := range 5 {
		if _, err := fmt.Fprintf(conn, "GET http://%s/ HTTP/1.1\r\n\r\n", address); err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("exchange %d: %v", i, err)
		}
		if body, err := io.ReadAll(r.Body); err != nil || string(body) != "ok" {
			t.Fatalf("exchange %d: %q %v", i, body, err)
		}
	}
}

// Bytes behind the end of an answer are not taken for the next answer.
func TestSurplusBytesAreNotTheNextAnswer(t *testing.T) {
	address := raw(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			if _, err := readHead(in, 1<<20); err != nil {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"+
				"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
		}
	})
	p := open(t, Policy{AllowPrivate: siteNet})
	client := browser(t, p)
	for range 3 {
		if _, body := fetch(t, client, "http://"+address+"/"); body != "ok" {
			t.Errorf("got %q", body)
		}
	}
}

// Bodies of requests arrive whole, and the connection goes on behind them.
func TestPost(t *testing.T) {
	s := site(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprintf(w, "%s %d %v", r.Method, n, err)
	})
	p := open(t, Policy{AllowPrivate: siteNet})
	conn, in := dialProxy(t, p)
	for range 3 {
		body := strings.Repeat("x", 100_000)
		if _, err := fmt.Fprintf(conn, "POST http://%s/ HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s", hostPort(s), len(body), body); err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r.Body); err != nil || string(got) != "POST 100000 <nil>" {
			t.Fatalf("%q %v", got, err)
		}
	}
}

// The body of a refused request is not read as the next request.
func TestBodyOfRefusedRequest(t *testing.T) {
	p := open(t, Policy{Own: none})
	body := "GET http://10.0.0.2/ HTTP/1.1\r\n\r\n"
	got := exchange(t, p, fmt.Sprintf("POST http://10.0.0.1/ HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s", len(body), body)+
		"GET http://10.0.0.3/ HTTP/1.1\r\n\r\n")
	if n := strings.Count(got, "HTTP/1.1 403 "); n != 2 {
		t.Errorf("%d refusals, want 2: %q", n, got)
	}
	v := p.Verdicts()
	if len(v) != 2 || v[0].Host != "10.0.0.1" || v[1].Host != "10.0.0.3" {
		t.Errorf("verdicts %+v", v)
	}
}

// HEAD and 304 have a length but no body.
func TestAnswersWithoutBody(t *testing.T) {
	s := site(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		if r.Method == http.MethodGet {
			w.Header().Del("Content-Length")
			w.WriteHeader(http.StatusNotModified)
		}
	})
	p := open(t, Policy{AllowPrivate: siteNet})
	conn, in := dialProxy(t, p)
	for _, method := range []string{"HEAD", "GET", "HEAD"} {
		if _, err := fmt.Fprintf(conn, "%s http://%s/ HTTP/1.1\r\n\r\n", method, hostPort(s)); err != nil {
			t.Fatal(err)
		}
		if _, err := http.ReadResponse(in, &http.Request{Method: method}); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
	}
}

// A refused dial is told from a refused request.
func TestUnreachable(t *testing.T) {
	l := tcp(t, siteAddr)
	address := l.Addr().String()
	_ = l.Close()
	p := open(t, Policy{AllowPrivate: siteNet})
	status, body := fetch(t, browser(t, p), "http://"+address)
	if status != http.StatusBadGateway || body != "Not reachable.\n" {
		t.Errorf("%d %q", status, body)
	}
	v := only(t, p)
	if v.Reason != ReasonDial || v.Address != address || !v.Allowed || v.Denied() {
		t.Errorf("%+v", v)
	}
}

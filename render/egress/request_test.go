package egress

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestParseRequest(t *testing.T) {
	good := []struct {
		head, method, host string
		port               uint16
		path               string
	}{
		{"CONNECT example.pk:443 HTTP/1.1\r\n\r\n", "CONNECT", "example.pk", 443, ""},
		{"CONNECT [2400:CB00::1]:8443 HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT", "2400:cb00::1", 8443, ""},
		{"GET http://Example.PK./ HTTP/1.1\r\n\r\n", "GET", "example.pk", 80, "/"},
		{"GET HTTP://example.pk:8080/a?b#HTTP HTTP/1.1\r\n\r\n", "", "", 0, ""}, // browsers keep fragments
		{"GET http://example.pk HTTP/1.1\r\n\r\n", "GET", "example.pk", 80, "/"},
		{"GET http://example.pk?q=1 HTTP/1.1\r\n\r\n", "GET", "example.pk", 80, "/?q=1"},
		{"GET http://[::1]/x HTTP/1.1\r\n\r\n", "GET", "::1", 80, "/x"},
		{"GET http://127.1/ HTTP/1.1\r\n\r\n", "GET", "127.1", 80, "/"}, // refused later, by name
		{"GET http://e.pk//a//b HTTP/1.1\r\n\r\n", "GET", "e.pk", 80, "//a//b"},
	}
	for _, c := range good {
		a, ok := parseRequest([]byte(c.head))
		if !ok {
			if c.method != "" {
				t.Errorf("%q was not understood", c.head)
			}
			continue
		}
		if a.method != c.method || a.host != c.host || a.port != c.port || a.path != c.path {
			t.Errorf("%q is %+v", c.head, a)
		}
	}
}

func TestMalformedRequests(t *testing.T) {
	for _, head := range []string{
		"\r\n\r\n",
		"garbage\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", // TLS to the proxy
		"GET / HTTP/1.1\r\nHost: example.pk\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: example.pk\r\n\r\n",
		"GET https://example.pk/ HTTP/1.1\r\n\r\n",
		"GET ftp://example.pk/ HTTP/1.1\r\n\r\n",
		"GET file:///etc/passwd HTTP/1.1\r\n\r\n",
		"GET http:///etc/passwd HTTP/1.1\r\n\r\n",
		"GET http://user@example.pk/ HTTP/1.1\r\n\r\n",
		"GET http://example.pk\\@10.0.0.1/ HTTP/1.1\r\n\r\n",
		"GET http://example.pk:/ HTTP/1.1\r\n\r\n",
		"GET http://example.pk:99999/ HTTP/1.1\r\n\r\n",
		"GET http://example.pk/ HTTP/1.0\r\n\r\n",
		"GET http://example.pk/\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\n",
		"CONNECT example.pk HTTP/1.1\r\n\r\n",
		"CONNECT example.pk:443/x HTTP/1.1\r\n\r\n",
		"CONNECT http://example.pk:443 HTTP/1.1\r\n\r\n",
		"CONNECT user@example.pk:443 HTTP/1.1\r\n\r\n",
		"CONNECT :443 HTTP/1.1\r\n\r\n",
		"CONNECT example.pk:443 example.pk:80 HTTP/1.1\r\n\r\n",
		"POST http://example.pk/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST http://example.pk/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"POST http://example.pk/ HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"GET http://example.pk/ HTTP/1.1\r\nA : b\r\n\r\n",
		"GET http://example.pk/ HTTP/1.1\r\nno colon\r\n\r\n",
		"GET http://example.pk/ HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
		"GET http://example.pk/ HTTP/1.1\r\nA: b\rB: c\r\n\r\n",
		"GET http://example.pk/ HTTP/1.1\r\nA: \x00\r\n\r\n",
		"GET http://example.pk/\x00 HTTP/1.1\r\n\r\n",
		"GET http://example.pk/ HTTP/1.1\r\nA: " + strings.Repeat("a", maxRequestHead) + "\r\n\r\n",
	} {
		p := open(t, Policy{Own: none})
		got := exchangeAny(t, p, head)
		if want := "HTTP/1.1 400 Bad Request\r\n"; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "\r\n\r\nBad request.\n") {
			t.Errorf("%.60q: the proxy said %q", head, got)
		}
		if v := only(t, p); v.Reason != ReasonMalformed || !v.Denied() || v.Host != "" {
			t.Errorf("%.60q: %+v", head, v)
		}
	}
}

// exchangeAny is exchange for a proxy that may hang up on unread bytes.
func exchangeAny(t *testing.T, p *Proxy, request string) string {
	t.Helper()
	conn, in := dialProxy(t, p)
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(in) // a reset behind the answer is what hanging up looks like
	return string(b)
}

// Whatever is understood as a request is passed on in a form that the standard
// library reads as the same request, for the host that was judged, and that
// carries nothing meant for the proxy.
func FuzzParseRequest(f *testing.F) {
	for _, s := range []string{
		"CONNECT example.pk:443 HTTP/1.1\r\nHost: example.pk:443\r\n\r\n",
		"GET http://example.pk/a?b HTTP/1.1\r\nHost: example.pk\r\nProxy-Connection: keep-alive\r\nAccept: */*\r\n\r\n",
		"POST http://[::1]:8080/ HTTP/1.1\r\nContent-Length: 3\r\nConnection: a, content-length\r\nA: b\r\n\r\nxyz",
		"GET http://a.pk/ HTTP/1.1\nUpgrade: websocket\nConnection: Upgrade\n\n",
		"GET http://a@b/ HTTP/1.1\r\nX: \r\n y\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"\r\n", "GET", "CONNECT :0 HTTP/1.1\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		head, err := readHead(bufio.NewReaderSize(bytes.NewReader(data), 16), maxRequestHead)
		if len(head) > maxRequestHead+16 || !bytes.HasPrefix(data, head) {
			t.Fatalf("read a header block of %d bytes of %d", len(head), len(data))
		}
		if err != nil {
			return
		}
		a, ok := parseRequest(head)
		if !ok {
			return
		}
		if a.port == 0 || a.host == "" || a.length < 0 || a.host != plainHost(a.host) && !strings.HasSuffix(a.host, ".") && !strings.ContainsAny(a.host, "[]") {
			t.Fatalf("%q gave %+v", head, a)
		}
		if a.method == http.MethodConnect {
			return
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(a.wire())))
		if err != nil {
			t.Fatalf("%q is passed on as %q: %v", head, a.wire(), err)
		}
		if r.Method != a.method || r.RequestURI != a.path || r.Host != a.authority || max(r.ContentLength, 0) != a.length {
			t.Fatalf("%q is passed on as %q", head, a.wire())
		}
		for name := range r.Header {
			if name = strings.ToLower(name); ours[name] && name != "connection" && name != "upgrade" {
				t.Fatalf("%q is passed on with %s: %q", head, name, a.wire())
			}
		}
	})
}

// Whatever is understood as an answer is passed on in a form that the standard
// library frames in the same way.
func FuzzParseAnswer(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\nProxy-Authenticate: x\r\n\r\n0\r\n\r\n",
		"HTTP/1.0 304 x\nConnection: keep-alive\n\n",
		"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 99999\r\n\r\n", "ICY 200 OK\r\n\r\n",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, bare bool) {
		method := http.MethodGet
		if bare {
			method = http.MethodHead
		}
		head, err := readHead(bufio.NewReaderSize(bytes.NewReader(data), 16), maxAnswerHead)
		if err != nil {
			return
		}
		a, ok := parseAnswer(head, method)
		if !ok {
			return
		}
		again, ok := parseAnswer(a.head, method)
		if !ok || again.status != a.status || again.body != a.body || again.keep != a.keep || a.body == bodyFixed && again.length != a.length {
			t.Fatalf("%q is passed on as %q: %+v, then %+v", head, a.head, a, again)
		}
		if !bytes.Equal(again.head, a.head) || bytes.Contains(bytes.ToLower(a.head), []byte("\nproxy-")) {
			t.Fatalf("%q is passed on as %q", head, a.head)
		}
	})
}

package render

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"

	"pasban/render/egress"
)

// fakeNames answers for the names of the tests: *.site.test is loopback,
// internal.test a private address, anything else does not exist.
type fakeNames struct{}

func (fakeNames) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	host = strings.TrimSuffix(host, ".")
	switch {
	case strings.HasSuffix(host, "site.test"):
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	case host == "internal.test":
		return []netip.Addr{netip.MustParseAddr("10.1.2.3")}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// serve starts a site of one handler and returns its URL.
func serve(t testing.TB, h http.HandlerFunc) string {
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	return srv.URL
}

// html is a site that answers every path with one document.
func html(t testing.TB, document string) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, document)
	})
}

// visit takes a capture that must not be an error.
func visit(t testing.TB, p *Pool, req Request) *Page {
	t.Helper()
	page, err := p.Render(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range page.Log {
		t.Logf("%v %s", line.At.Round(time.Millisecond), line.Text)
	}
	t.Logf("%s %q in %v, truncated %q", page.Outcome, page.Detail, page.Timings.Done.Round(time.Millisecond), page.Truncated)
	return page
}

func wantOutcome(t testing.TB, page *Page, want Outcome) {
	t.Helper()
	if page.Outcome != want {
		t.Errorf("outcome %s (%s), want %s", page.Outcome, page.Detail, want)
	}
}

func wantText(t testing.TB, page *Page, want string) {
	t.Helper()
	if !strings.Contains(page.VisibleText(), want) {
		t.Errorf("text %q does not hold %q", clip(page.VisibleText(), 300), want)
	}
}

// endless blocks until the visitor has gone.
func endless(w http.ResponseWriter, r *http.Request) {
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// outcomeCases are sites and what a capture of each must come to. The URL is
// made by site; check may look closer.
var outcomeCases = []struct {
	name  string
	site  func(t testing.TB) string
	req   Request
	want  Outcome
	check func(t testing.TB, p *Page)
}{
	{name: "ok", want: OK, site: func(t testing.TB) string {
		return html(t, `<!doctype html><title>Fine</title><h1>All is well</h1>`)
	}, check: func(t testing.TB, p *Page) {
		wantText(t, p, "All is well")
		if p.Title != "Fine" || p.Status != 200 || p.Screenshot == nil || p.Screenshot.Width != 1366 || p.Condition != Ordinary {
			t.Errorf("title %q status %d picture %v condition %q", p.Title, p.Status, p.Screenshot != nil, p.Condition)
		}
	}},
	{name: "500 with body", want: HTTPError, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(500)
			fmt.Fprint(w, "<h1>Hacked by nobody</h1>")
		})
	}, check: func(t testing.TB, p *Page) {
		wantText(t, p, "Hacked by nobody")
		if p.Status != 500 || p.Screenshot == nil {
			t.Errorf("status %d, picture %v", p.Status, p.Screenshot != nil)
		}
	}},
	{name: "401", want: AuthRequired, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(401)
			fmt.Fprint(w, "<h1>Who are you</h1>")
		})
	}, check: func(t testing.TB, p *Page) { wantText(t, p, "Who are you") }},
	{name: "tls self-signed", want: TLSError, site: tlsSite(time.Now().Add(time.Hour), "127.0.0.1"), check: checkTLS},
	{name: "tls expired", want: TLSError, site: tlsSite(time.Now().Add(-time.Hour), "127.0.0.1"), check: checkTLS},
	{name: "tls wrong host", want: TLSError, site: tlsSite(time.Now().Add(time.Hour), "other.example"), check: checkTLS},
	{name: "nxdomain http", want: DNSError, site: constant("http://gone.test/"), check: checkNothing},
	{name: "nxdomain https", want: DNSError, site: constant("https://gone.test/"), check: checkNothing},
	{name: "refused", want: Unreachable, site: refusedPort, check: checkNothing},
	{name: "not http", want: Unreachable, site: garbageSite, check: checkNothing},
	{name: "egress denied http", want: EgressDenied, site: constant("http://internal.test/"), check: checkNothing},
	{name: "egress denied https", want: EgressDenied, site: constant("https://internal.test/"), check: checkNothing},
	{name: "egress denied redirect", want: EgressDenied, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusFound)
		})
	}, check: func(t testing.TB, p *Page) {
		if len(p.Nodes) > 0 || p.FinalURL != "http://169.254.169.254/latest/" {
			t.Errorf("%d nodes of %s", len(p.Nodes), p.FinalURL)
		}
	}},
	{name: "redirect loop http", want: RedirectLoop, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) })
	}},
	{name: "redirect loop script", want: RedirectLoop, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `<p>round</p><script>location.href = "%sx"</script>`, r.URL.Path)
		})
	}, check: func(t testing.TB, p *Page) {
		// Stopped between two documents there may be nothing to see; the way is told.
		if len(p.Redirects) < 10 || p.Redirects[0].Kind != "script" {
			t.Errorf("the redirects were not kept: %+v", p.Redirects)
		}
	}},
	{name: "redirect loop meta", want: RedirectLoop, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `<!doctype html><meta http-equiv="refresh" content="0;url=%sx"><p>round</p>`, r.URL.Path)
		})
	}},
	{name: "redirect chain", want: OK, site: redirectChain, check: func(t testing.TB, p *Page) {
		var kinds []string
		for _, r := range p.Redirects {
			kinds = append(kinds, r.Kind)
		}
		if want := []string{"http", "meta", "script"}; !slices.Equal(kinds, want) || !strings.HasSuffix(p.FinalURL, "/end") {
			t.Errorf("redirects %+v to %s, want %q to /end", p.Redirects, p.FinalURL, want)
		}
		wantText(t, p, "arrived")
	}},
	{name: "slow headers", want: TimeoutConnect, req: Request{Soft: time.Second}, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	}, check: checkNothing},
	{name: "trickle", want: TimeoutPartial, req: Request{Soft: 3 * time.Second}, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "<!doctype html><h1>DEFACED</h1>"+strings.Repeat(" ", 2048))
			endless(w, r)
		})
	}, check: func(t testing.TB, p *Page) {
		wantText(t, p, "DEFACED")
		if p.Screenshot == nil {
			t.Error("no picture of what had come")
		}
	}},
	{name: "hanging image", want: OK, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				fmt.Fprint(w, `<h1>Here</h1><img src="/hang">`)
				return
			}
			endless(w, r)
		})
	}, check: func(t testing.TB, p *Page) { wantText(t, p, "Here") }},
	{name: "busy loop", want: Unresponsive, req: Request{Soft: 3 * time.Second}, site: func(t testing.TB) string {
		return html(t, `<h1>Owned</h1><script>for(;;);</script>`)
	}},
	{name: "clock wait", want: OK, site: func(t testing.TB) string {
		return html(t, `<h1 id=h>before</h1><script>const t = Date.now(); while (Date.now() - t < 500); const u = performance.now(); while (performance.now() - u < 500); while (new Date() - t < 2000); h.textContent = "after"</script>`)
	}, check: func(t testing.TB, p *Page) { wantText(t, p, "after") }},
	{name: "download", want: Download, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Disposition", `attachment; filename="update.exe"`)
			w.Header().Set("Content-Type", "application/octet-stream")
			fmt.Fprint(w, "MZ")
		})
	}, check: func(t testing.TB, p *Page) {
		if len(p.Downloads) != 1 || p.Downloads[0].Name != "update.exe" || p.Downloads[0].MIME != "application/octet-stream" {
			t.Errorf("downloads %+v", p.Downloads)
		}
	}},
	{name: "download by script", want: Download, site: func(t testing.TB) string {
		return html(t, `<h1>Wait</h1><a id=a download="prize.apk">x</a><script>a.href = URL.createObjectURL(new Blob(["x"])); a.click()</script>`)
	}, check: func(t testing.TB, p *Page) {
		wantText(t, p, "Wait")
		if len(p.Downloads) != 1 || p.Downloads[0].Name != "prize.apk" {
			t.Errorf("downloads %+v", p.Downloads)
		}
	}},
	{name: "one alert", want: OK, site: func(t testing.TB) string {
		return html(t, `<h1>Here</h1><script>alert("hacked by x"); confirm("sure?"); prompt("who?")</script>`)
	}, check: func(t testing.TB, p *Page) {
		want := []Dialog{{"alert", "hacked by x"}, {"confirm", "sure?"}, {"prompt", "who?"}}
		if !slices.Equal(p.Dialogs, want) {
			t.Errorf("dialogs %+v, want %+v", p.Dialogs, want)
		}
		wantText(t, p, "Here")
	}},
	{name: "dialog loop", want: DialogLoop, site: func(t testing.TB) string {
		return html(t, `<h1>Here</h1><script>for (;;) alert("owned")</script>`)
	}, check: func(t testing.TB, p *Page) {
		if len(p.Dialogs) != maxDialogs+1 || p.Dialogs[0].Text != "owned" {
			t.Errorf("%d dialogs, first %+v", len(p.Dialogs), p.Dialogs[0])
		}
		wantText(t, p, "Here")
	}},
	{name: "huge body", want: TooBig, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, &repeated{"<p>more and more of the same "})
		})
	}},
	{name: "challenge", want: BlockedByWAF, site: func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cf-Mitigated", "challenge")
			w.Header().Set("Server", "cloudflare")
			w.WriteHeader(403)
			fmt.Fprint(w, `<title>Just a moment...</title><p>Checking your browser before accessing the site</p>`)
		})
	}, check: func(t testing.TB, p *Page) {
		if p.Condition != Challenge {
			t.Errorf("condition %q", p.Condition)
		}
	}},
	{name: "json", want: NotHTML, site: typed("application/json", `{"a":1}`)},
	{name: "text", want: NotHTML, site: typed("text/plain", "plain words")},
	{name: "png", want: NotHTML, site: typed("image/png", string(noisePNG(20, 20, 1)))},
	{name: "pdf", want: NotHTML, site: typed("application/pdf", "%PDF-1.4\n%%EOF")},
	{name: "empty", want: OK, site: func(t testing.TB) string { return typed("text/html", "")(t) },
		check: func(t testing.TB, p *Page) {
			if p.Condition != Blank {
				t.Errorf("condition %q, want blank", p.Condition)
			}
		}},
}

// TestOutcomes holds the contract of Outcome: every kind of site, and after
// each the next site is seen as if nothing had been.
func TestOutcomes(t *testing.T) {
	p := testPool(t, Options{Processes: 2, Egress: egress.Policy{
		AllowPrivate: loopback, Resolver: fakeNames{}, Budget: egress.Budget{Bytes: 3 << 20},
	}})
	fine := html(t, `<h1>The next site</h1>`)
	for _, c := range outcomeCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			req := c.req
			req.URL = c.site(t)
			page := visit(t, p, req)
			wantOutcome(t, page, c.want)
			if c.check != nil {
				c.check(t, page)
			}
			if next := visit(t, p, Request{URL: fine}); next.Outcome != OK || !strings.Contains(next.VisibleText(), "next site") {
				t.Errorf("the next site: %s %s", next.Outcome, next.Detail)
			}
		})
	}
}

func checkNothing(t testing.TB, p *Page) {
	if len(p.Nodes) > 0 || p.Screenshot != nil || p.Status != 0 {
		t.Errorf("%d nodes, picture %v, status %d of a site that was not reached", len(p.Nodes), p.Screenshot != nil, p.Status)
	}
	if len(p.Network) == 0 {
		t.Error("no network log")
	}
}

func checkTLS(t testing.TB, p *Page) {
	wantText(t, p, "Secret")
	if p.TLS == nil || !strings.HasPrefix(p.TLS.Error, "net::ERR_CERT_") || p.TLS.Subject != "fixture" || p.TLS.NotAfter.IsZero() {
		t.Errorf("TLS %+v", p.TLS)
	}
}

func constant(url string) func(testing.TB) string { return func(testing.TB) string { return url } }

func typed(mime, body string) func(testing.TB) string {
	return func(t testing.TB) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", mime)
			fmt.Fprint(w, body)
		})
	}
}

func redirectChain(t testing.TB) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			http.Redirect(w, r, "/meta", http.StatusFound)
		case "/meta":
			fmt.Fprint(w, `<!doctype html><meta http-equiv="refresh" content="0;url=/script">`)
		case "/script":
			fmt.Fprint(w, `<script>location.replace("/end#part")</script>`)
		default:
			fmt.Fprint(w, "<!doctype html>arrived")
		}
	})
}

func refusedPort(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// garbageSite speaks no HTTP.
func garbageSite(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte("\x00\x01\x02 what is this\r\n\r\n"))
			conn.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

// tlsSite is a site whose certificate no authority signed.
func tlsSite(until time.Time, name string) func(testing.TB) string {
	return func(t testing.TB) string {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "<h1>Secret</h1>")
		}))
		srv.Config.ErrorLog = nil
		srv.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, until, name)}}
		srv.StartTLS()
		t.Cleanup(srv.Close)
		return srv.URL
	}
}

func certificate(t testing.TB, until time.Time, name string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fixture"},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// repeated is a text without end.
type repeated struct{ text string }

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], r.text)
	}
	return n, nil
}

// currentPage is the session of the capture a pool of one is making.
func currentPage(p *Pool) session {
	w := p.all[0].process().wire
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.listeners {
		if id != "" {
			return session{w, id}
		}
	}
	return session{w, ""}
}

// TestCrash: a renderer that dies is an outcome, and the next capture is made
// by another process.
func TestCrash(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/crash.js" {
			send(currentPage(p), page.Crash, cdp.Empty{})
			endless(w, r)
		}
		fmt.Fprint(w, `<h1>Here</h1><script src="/crash.js"></script>`)
	})
	wantOutcome(t, visit(t, p, Request{URL: url, Soft: 10 * time.Second}), Crashed)
	wantOutcome(t, visit(t, p, Request{URL: html(t, "<h1>fine</h1>")}), OK)
	if s := p.Stats(); s.Killed != 1 || s.Started != 2 {
		t.Errorf("stats %+v, want one process killed and another started", s)
	}
}

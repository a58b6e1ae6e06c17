package egress

import (
	"io"
	"net/http"
	"testing"
)

// What the proxy costs beside a direct request, on loopback, where nothing else
// costs anything.
func BenchmarkGet(b *testing.B) {
	page := make([]byte, 32<<10)
	s := site(b, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) })
	huge := Budget{Bytes: 1 << 60, ConnBytes: 1 << 60, Conns: 1 << 30, Lifetime: 1 << 60}
	direct := &http.Transport{}
	b.Cleanup(direct.CloseIdleConnections)
	for _, c := range []struct {
		name   string
		client *http.Client
	}{
		{"direct", &http.Client{Transport: direct}},
		{"proxied", browser(b, open(b, Policy{AllowPrivate: siteNet, Budget: huge}))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			for b.Loop() {
				r, err := c.client.Get(s.URL)
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, r.Body); err != nil || n != int64(len(page)) {
					b.Fatalf("%d bytes: %v", n, err)
				}
				_ = r.Body.Close()
			}
		})
	}
}

// What a capture pays for having a listener of its own.
func BenchmarkListen(b *testing.B) {
	for b.Loop() {
		p, err := Listen(b.Context(), Policy{})
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

package monitor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"pasban/render/egress"
)

// A file comes from a server whose certificate names the host it was asked of, be that a name
// or an address; unless a watched page is shown in spite of its own.
func TestFilesComeFromWhoTheCertificateNames(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(t.Output(), nil), slog.LevelInfo)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = server.Listener.Close() // another takes its place
	server.Listener = listener
	server.StartTLS() // its certificate is for 127.0.0.1, ::1 and example.com
	defer server.Close()
	go func() { _ = server.Config.Serve(tls.NewListener(elsewhere, server.TLS)) }() // until the server is closed
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())

	m := &Monitor{Config: Config{ProbePolicy: egress.Policy{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}}
	for _, c := range []struct {
		what     string
		roots    *x509.CertPool
		at       string
		trusting bool
		taken    bool
	}{
		{"its own address", roots, listener.Addr().String(), false, true},
		{"an address that it does not name", roots, elsewhere.Addr().String(), false, false},
		{"an authority that nobody knows", nil, listener.Addr().String(), false, false},
		{"the files of a page without a good certificate", nil, elsewhere.Addr().String(), true, true},
	} {
		f := newFetching(m, Site{}, c.roots)
		f.trusting.Store(c.trusting)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+c.at+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := f.RoundTrip(r)
		if err == nil {
			_ = answer.Body.Close() // it is empty
		}
		if _, unverified := errors.AsType[*tls.CertificateVerificationError](err); (err == nil) != c.taken || err != nil && !unverified {
			t.Errorf("%s: %v", c.what, err)
		}
		f.close()
	}
}

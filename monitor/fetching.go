package monitor

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"sync/atomic"
	"time"
)

// fetching goes out for the files of a copy: the policy that judges the browsers'
// connections judges these, and what was judged is what is dialled.
type fetching struct {
	strict, lax *http.Transport
	// trusting is set when a watched page was shown in spite of its certificate: then the
	// files of the copy are taken in spite of theirs. The approved look vouches for both.
	trusting atomic.Bool
}

// newFetching trusts the authorities in roots, nil for the system's.
func newFetching(m *Monitor, site Site, roots *x509.CertPool) *fetching {
	policy := m.ProbePolicy
	policy.AllowPrivate = append(policy.AllowPrivate[:len(policy.AllowPrivate):len(policy.AllowPrivate)], site.AllowPrivate...)
	transport := func(trusting bool) *http.Transport {
		return &http.Transport{
			DialContext:            policy.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: roots, InsecureSkipVerify: trusting},
			TLSHandshakeTimeout:    12 * time.Second,
			ResponseHeaderTimeout:  15 * time.Second,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			ForceAttemptHTTP2:      true,
		}
	}
	return &fetching{strict: transport(false), lax: transport(true)}
}

// RoundTrip implements http.RoundTripper.
func (f *fetching) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.trusting.Load() {
		return f.lax.RoundTrip(r)
	}
	return f.strict.RoundTrip(r)
}

func (f *fetching) close() {
	f.strict.CloseIdleConnections()
	f.lax.CloseIdleConnections()
}

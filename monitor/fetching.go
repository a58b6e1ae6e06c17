package monitor

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"time"
)

// transport goes out for the files of a copy: the policy that judges the browsers'
// connections judges these, and what was judged is what is dialled.
func (c *copying) transport() *http.Transport {
	policy := c.m.ProbePolicy
	policy.AllowPrivate = append(policy.AllowPrivate[:len(policy.AllowPrivate):len(policy.AllowPrivate)], c.site.AllowPrivate...)
	return &http.Transport{
		DialContext: policy.DialContext,
		TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, // verified in VerifyConnection, unless the page itself was shown without
			VerifyConnection:   c.verify,
		},
		TLSHandshakeTimeout:    12 * time.Second,
		ResponseHeaderTimeout:  15 * time.Second,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}
}

// verify is the check that crypto/tls makes by itself, for all but the files of a page
// whose own certificate is wrong.
func (c *copying) verify(s tls.ConnectionState) error {
	if c.lax.Load() {
		return nil
	}
	o := x509.VerifyOptions{DNSName: s.ServerName, Intermediates: x509.NewCertPool()}
	for _, cert := range s.PeerCertificates[1:] {
		o.Intermediates.AddCert(cert)
	}
	if _, err := s.PeerCertificates[0].Verify(o); err != nil {
		return fmt.Errorf("the certificate of %s: %w", s.ServerName, err)
	}
	return nil
}

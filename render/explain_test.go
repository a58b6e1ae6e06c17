package render

import (
	"strings"
	"testing"
	"time"
)

// A webmaster is told everything that can be seen to be wrong with a
// certificate, and nothing that is right.
func TestCertificateFaults(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	good := TLS{
		Subject: "site.example", Issuer: "An Authority", SANs: []string{"site.example", "*.www.example", "192.0.2.7", "2001:db8::7"},
		NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 1, 0),
	}
	with := func(change func(*TLS)) *TLS {
		t := good
		change(&t)
		return &t
	}
	for _, c := range []struct {
		tls  *TLS
		host string
		want []string
	}{
		{&good, "site.example", nil},
		{&good, "a.www.example", nil},
		{&good, "192.0.2.7", nil},
		{&good, "2001:db8::7", nil},
		{&good, "www.example", []string{`it is for "site.example, *.www.example, 192.0.2.7, 2001:db8::7" and not for "www.example"`}},
		{&good, "192.0.2.8", []string{`and not for "192.0.2.8"`}},
		{with(func(t *TLS) { t.SANs = nil }), "site.example", []string{`it is for "" and not for "site.example"`}},
		{with(func(t *TLS) { t.NotAfter = now.AddDate(0, 0, -1) }), "site.example", []string{"it expired on 2026-11-23"}},
		{with(func(t *TLS) { t.NotBefore = now.AddDate(0, 0, 1) }), "site.example", []string{"it is not valid before 2026-11-25"}},
		{with(func(t *TLS) { t.Issuer = t.Subject; t.NotAfter = now.AddDate(0, 0, -1) }), "other.example",
			[]string{"it expired on 2026-11-23", `and not for "other.example"`, "it was issued by itself"}},
		{with(func(t *TLS) { t.SANs = make([]string, maxSANs) }), "site.example", nil}, // there may be more than we kept
		{nil, "site.example", nil},
		{&TLS{Error: "net::ERR_CERT_INVALID"}, "site.example", nil},
	} {
		got := c.tls.faults(c.host, now)
		if n := strings.Count(got, ";") + 1; got != "" && n != len(c.want) || got == "" && len(c.want) > 0 {
			t.Errorf("%s: %q, want %d faults", c.host, got, len(c.want))
		}
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q does not say %q", c.host, got, want)
			}
		}
	}
}

// A code is told with what it means, and alone when we do not know.
func TestExplained(t *testing.T) {
	for code, want := range map[string]string{
		"":                        "",
		"net::ERR_SOMETHING_NEW":  "net::ERR_SOMETHING_NEW",
		"net::ERR_EMPTY_RESPONSE": "the server hung up without an answer (net::ERR_EMPTY_RESPONSE)",
	} {
		if got := explained(code); got != want {
			t.Errorf("%q is explained as %q, want %q", code, got, want)
		}
	}
}

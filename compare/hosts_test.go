package compare

import (
	"slices"
	"strings"
	"testing"
)

// A stranger that answers a form is a finding, unless a person vouched for it, in
// whatever way a host or a range is written, wherever it stands in the list.
func TestAllowKeepsAFindingAway(t *testing.T) {
	for _, c := range []struct {
		to    string
		allow []string
		found bool
	}{
		{"https://login.partner.example/", nil, true},
		{"https://login.partner.example/", []string{"other.example", "10.0.0.0/8"}, true},
		{"https://login.partner.example/", []string{"login.partner.example"}, false},
		{"https://login.partner.example/", []string{"zz.example", "PARTNER.example", "aa.example"}, false},
		{"https://login.partner.example/", []string{"*.partner.example"}, false},
		{"https://a.xn--bcher-kva.example/", []string{"b.bücher.example"}, false},
		{"http://10.1.2.3/", []string{"10.1.0.0/16"}, false},
		{"http://10.1.2.3/", []string{"zz.example", "10.1.2.3"}, false},
		{"http://10.2.2.3/", []string{"10.1.0.0/16", "10.1.2.3"}, true},
		{"http://[2001:db8::1]/", []string{"2001:DB8:0::1"}, false},
		{"https://evil.example/", []string{"example"}, true}, // a suffix is nobody's domain
	} {
		base := ministryBaseline(t)
		sites := slices.Clone(base.Sites)
		allowed := *base
		allowed.Allow(c.allow)
		look := edited(t, func(s string) string { return strings.Replace(s, "action=/login", "action="+c.to, 1) })
		r := Compare(&allowed, look, nil)
		if got := r.Verdict == Alert; got != c.found {
			t.Errorf("a login form to %s with %q allowed: verdict %s", c.to, c.allow, r.Verdict)
		}
		if !slices.Equal(base.Sites, sites) || len(base.Ranges) > 0 {
			t.Errorf("%q changed the baseline of which the allowed one is a copy", c.allow)
		}
	}
}

// Names under one registration are one site, however they are written; two ministries
// are two, and so are two addresses.
func TestSiteOf(t *testing.T) {
	for _, row := range []struct {
		a, b string
		same bool
	}{
		{"www.mofa.gov.pk", "portal.MOFA.gov.pk.", true},
		{"mofa.gov.pk", "finance.gov.pk", false},
		{"203.0.113.5", "203.0.113.6", false},
		{"10.1.0.1", "10.2.0.1", false},
		{"2001:db8::1", "2001:db8::2", false},
	} {
		if got := SiteOf(row.a) == SiteOf(row.b); got != row.same {
			t.Errorf("%s and %s are one site: %v", row.a, row.b, got)
		}
	}
}

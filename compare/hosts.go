package compare

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// hostOf is the host of a URL in lower case, "" if it has none.
func hostOf(raw string) string {
	if strings.HasPrefix(raw, "//") {
		raw = "https:" + raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// SiteOf is the registrable domain of a host as it was written: in any case, with a dot
// at its end or without. See siteOf.
func SiteOf(host string) string { return siteOf(strings.TrimSuffix(strings.ToLower(host), ".")) }

// siteOf is the registrable domain of a host: "portal.mofa.gov.pk" and
// "www.mofa.gov.pk" are one site, two ministries under gov.pk are two. An
// address is a site of its own.
func siteOf(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return site
}

// isState reports a host under a suffix that only states hand out: gov.pk,
// gov.uk, mil ... Moving from one to another is no hijack.
func isState(host string) bool {
	suffix, _ := publicsuffix.PublicSuffix(host)
	first, _, _ := strings.Cut(suffix, ".")
	return first == "gov" || first == "gob" || first == "gouv" || first == "mil" || first == "gop" || first == "gok"
}

// foreign reports a host that is neither the look's own site, nor known from the
// baseline, nor a well-known service.
func (c *comparison) foreign(host string) bool {
	return host != "" && !c.knownHost(host) && !isService(host)
}

// knownHost reports a host of the look's own site or of one the baseline knows.
// With no baseline only the own site is known.
func (c *comparison) knownHost(host string) bool {
	site := siteOf(host)
	if slices.Contains(c.own, site) {
		return true
	}
	if c.base == nil {
		return false
	}
	_, found := slices.BinarySearch(c.base.Sites, site)
	return found || c.base.inRange(host)
}

// Allow makes known what a person vouched for: a name with the whole of its
// registrable domain, written as "cdn.example", "*.cdn.example" or in a script of
// its own; an address; or a range of addresses. What b shares with its copies
// stays as it is.
func (b *Baseline) Allow(hosts []string) {
	b.Sites, b.Ranges, b.Open = slices.Clone(b.Sites), slices.Clone(b.Ranges), slices.Clone(b.Open)
	for _, h := range hosts {
		if r, err := netip.ParsePrefix(h); err == nil {
			b.Ranges = append(b.Ranges, r)
			continue
		}
		b.Sites = merge(b.Sites, siteOf(plainHost(h)))
		b.Open = merge(b.Open, plainHost(h))
	}
}

// plainHost is a host that a person wrote as browsers write it.
func plainHost(h string) string {
	h = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(h)), "*.")
	if a, err := netip.ParseAddr(h); err == nil {
		return a.String()
	}
	if ascii, err := idna.Lookup.ToASCII(h); err == nil {
		h = ascii
	}
	return strings.TrimSuffix(h, ".")
}

// inRange reports an address in a range that a person vouched for.
func (b *Baseline) inRange(host string) bool {
	if len(b.Ranges) == 0 {
		return false
	}
	a, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(b.Ranges, func(r netip.Prefix) bool { return r.Contains(a) })
}

// sitesOf lists the registrable domains that a view names as code, frame, form,
// link, picture or destination: sorted, unique.
func sitesOf(v View) []string {
	seen := map[string]bool{}
	add := func(host string) {
		if host != "" {
			seen[siteOf(host)] = true
		}
	}
	add(hostOf(v.FinalURL))
	for _, s := range v.Scripts {
		add(strings.ToLower(s.Host))
	}
	for _, f := range v.Frames {
		add(hostOf(f.URL))
	}
	for _, f := range v.Forms {
		add(hostOf(f.Action))
	}
	for _, l := range v.Links {
		add(hostOf(l.URL))
	}
	for _, d := range v.Destinations {
		add(strings.ToLower(d.Host))
	}
	for _, e := range v.Elements {
		add(hostOf(e.Src))
	}
	return sortedKeys(seen)
}

func sortedKeys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

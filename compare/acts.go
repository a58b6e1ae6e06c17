package compare

import (
	"regexp"
	"slices"
	"strings"
)

// refreshTo is the URL in the content of a meta refresh.
var refreshTo = regexp.MustCompile(`(?i)url\s*=\s*['"]?([^'"\s]+)`)

func refreshURL(v View) string {
	if m := refreshTo.FindStringSubmatch(v.Meta.Refresh); m != nil {
		return m[1]
	}
	return ""
}

func refreshSite(v View) string { return siteOf(hostOf(refreshURL(v))) }

// navigationHits judges where the page leads its visitors and its own links.
func navigationHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	v := c.look.View
	var hits []hit
	if to := hostOf(refreshURL(v)); c.foreign(to) && !slices.Contains(c.base.Refreshes, siteOf(to)) {
		hits = append(hits, hit{rule: "injection.meta_refresh", strength: decisive, evidence: to})
	}
	if to := hostOf(v.Meta.Base); c.foreign(to) {
		hits = append(hits, hit{rule: "injection.base_href", strength: decisive, evidence: to})
	}
	if to := hostOf(v.FinalURL); to != "" && !slices.Contains(c.base.Finals, siteOf(to)) {
		hits = append(hits, c.elsewhere(to))
	}
	return hits
}

// elsewhere judges a look that ended on another site than all approved ones. A
// site that moves takes its words along.
func (c *comparison) elsewhere(to string) hit {
	h := hit{rule: "injection.redirect", strength: note, evidence: to}
	if _, identity := c.identity(); identity < minIdentity && c.foreign(to) && !isState(to) && c.coreLost() {
		h.strength = decisive
	}
	return h
}

// lureHits judges instructions to run something by hand: "press Windows + R, then
// Ctrl + V, then Enter" stands on no honest home page.
func lureHits(c *comparison) []hit {
	found := map[string]bool{}
	var where *block
	for _, s := range c.sayings {
		if s.class == lure {
			found[s.text] = true
			where = s.block
		}
	}
	if len(found) < 2 {
		return nil
	}
	return []hit{{rule: "injection.lure", strength: decisive, evidence: excerpt(strings.Join(sortedKeys(found), ", ")), region: regionOf(where)}}
}

// destinationHits judges hosts that received what no approved look sent them.
func destinationHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	for _, d := range c.look.View.Destinations {
		host := strings.ToLower(d.Host)
		if d.PostBytes > 0 && c.foreign(host) && !slices.Contains(c.base.Served, siteOf(host)) {
			return []hit{{rule: "injection.destination", strength: vote, evidence: host}}
		}
	}
	return nil
}

package compare

import (
	"path"
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

// runnable are the kinds of file that infect whoever opens them.
var runnable = set(".exe", ".msi", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".hta", ".lnk", ".iso", ".img", ".jar", ".apk", ".dmg", ".pkg",
	".cpl", ".com", ".wsf", ".xll", ".appx", ".msix", ".deb")

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

// downloadHits judges files that the page hands out unasked.
func downloadHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	for _, d := range c.look.View.Downloads {
		if slices.Contains(c.base.Downloads, d.Name) && slices.Contains(c.base.Downloads, siteOf(hostOf(d.URL))) {
			continue
		}
		h := hit{rule: "injection.download", strength: note, evidence: excerpt(d.Name + " from " + hostOf(d.URL))}
		name, _, _ := strings.Cut(strings.ToLower(d.Name), "?")
		if runnable[path.Ext(name)] {
			h.strength = decisive
		}
		return []hit{h}
	}
	return nil
}

// dialogHits notes a dialog that no approved look opened; words in it are judged
// by the lexicon.
func dialogHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	for _, d := range c.look.View.Dialogs {
		if !slices.Contains(c.base.Dialogs, d) && len(c.base.Dialogs) == 0 {
			return []hit{{rule: "defacement.new_dialog", strength: note, evidence: excerpt(d)}}
		}
	}
	return nil
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

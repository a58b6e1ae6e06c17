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
		return keyLure(c)
	}
	return []hit{{rule: "injection.lure", strength: decisive, evidence: excerpt(strings.Join(sortedKeys(found), ", ")), region: regionOf(where)}}
}

// The keys that a lure makes its victims press are called the same in every
// language: those that open a place for commands, and those that paste. Lists of
// shortcuts name the neighbours of the latter as well.
var (
	opensRun     = regexp.MustCompile(`(?i)\bwin(?:dows)?(?:[ -]key)?["'”»)]? ?\+ ?["'“«(]?[rx]\b|⊞ ?\+? ?r\b|(?:⌘|\bcmd|\bcommand) ?\+? ?(?:space|␣)`)
	pastes       = regexp.MustCompile(`(?i)(?:\b(?:ctrl|control|strg|cmd|command)|⌘)["'”»)]? ?\+? ?["'“«(]?v\b`)
	otherEditing = regexp.MustCompile(`(?i)(?:\b(?:ctrl|control|strg|cmd|command)|⌘) ?\+? ?[cxzas]\b`)
)

// nearBlocks is how many blocks the steps of a lure are spread over at most.
const nearBlocks = 5

// keyLure finds a lure in whatever language by the keys that it names.
func keyLure(c *comparison) []hit {
	for i, b := range c.newBlocks {
		if !strings.ContainsAny(b.text, "+⌘⊞") || len(b.text) > maxFold || !opensRun.MatchString(b.text) {
			continue
		}
		var near strings.Builder
		for _, o := range c.newBlocks[i:min(len(c.newBlocks), i+nearBlocks)] {
			near.WriteString(o.text[:min(len(o.text), 4<<10)] + "\n")
		}
		if text := near.String(); pastes.MatchString(text) && !otherEditing.MatchString(text) {
			return []hit{{rule: "injection.lure", strength: decisive, evidence: excerpt(opensRun.FindString(b.text) + ", " + pastes.FindString(text)), region: regionOf(b)}}
		}
	}
	return nil
}

// canonicalHits judges a page that tells search engines that it is another site's
// copy: the rank that it earned goes there.
func canonicalHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	to := hostOf(c.look.View.Meta.Canonical)
	if !c.foreign(to) || isState(to) || siteOf(to) == siteOf(hostOf(c.base.Newest.Meta.Canonical)) {
		return nil
	}
	return []hit{{rule: "injection.canonical", strength: vote, evidence: to}}
}

// iconHits judges whose icon browsers show for the site, and whose app they
// install as it. Owners move both, to a place that they use already.
func iconHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	var hits []hit
	now, before := c.look.View.Meta, c.base.Newest.Meta
	for _, f := range []struct{ rule, now, before string }{
		{"injection.icon", now.Icon, before.Icon}, {"injection.manifest", now.Manifest, before.Manifest},
	} {
		host := hostOf(f.now)
		if c.stranger(host) && !isState(host) && siteOf(host) != siteOf(hostOf(f.before)) {
			hits = append(hits, hit{rule: f.rule, strength: vote, evidence: excerpt(f.now)})
		}
	}
	return hits
}

// destinationHits judges hosts that received what no approved look sent them.
func destinationHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	for _, d := range c.look.View.Destinations {
		host := strings.ToLower(d.Host)
		if d.PostBytes > 0 && c.stranger(host) && !slices.Contains(c.base.Served, siteOf(host)) {
			h := hit{rule: "injection.destination", strength: vote, evidence: host}
			if c.readerNames(host) {
				h.strength, h.severity = decisive, Critical
			}
			return []hit{h}
		}
	}
	return nil
}

// readerNames reports that new code which reads what visitors enter names a host.
func (c *comparison) readerNames(host string) bool {
	return slices.ContainsFunc(c.newScripts, func(n newScript) bool {
		return slices.ContainsFunc(n.parts, func(p conduct) bool {
			return p.does.any(readsFields|readsKeys) && slices.Contains(p.hosts, host)
		})
	})
}

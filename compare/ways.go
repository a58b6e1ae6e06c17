package compare

import (
	"fmt"
	"slices"
)

// floodOf is the number of windows at one load from which on they are a flood.
const floodOf = 6

// popupHits judges the windows that the page opened by itself.
func popupHits(c *comparison) []hit {
	if !c.knowsReach() {
		return nil
	}
	var hits []hit
	var strangers []string
	for _, p := range c.look.View.Popups {
		if host := hostOf(p); c.foreign(host) && !slices.Contains(c.base.Windows, siteOf(host)) {
			strangers = merge(strangers, host)
		}
	}
	if len(strangers) > 0 {
		hits = append(hits, hit{rule: "injection.popup", strength: vote, evidence: some(strangers)})
	}
	if n := len(c.look.View.Popups); n >= floodOf && n > c.base.MostWindows {
		hits = append(hits, hit{rule: "injection.popups", strength: vote, evidence: fmt.Sprintf("%d windows", n)})
	}
	return hits
}

// wayHits judges the stations between the address that was asked for and the page
// that came. A stranger between the two decides for each visitor where he goes;
// we were only let through.
func wayHits(c *comparison) []hit {
	if !c.knowsReach() {
		return nil
	}
	for i, h := range c.look.View.Hops {
		host := hostOf(h.URL)
		if i == 0 || !c.foreign(host) || slices.Contains(c.base.Hops, siteOf(host)) {
			continue // the first hop starts at the address itself
		}
		by := c.look.View.Hops[i-1].Kind // what led there
		found := hit{rule: "injection.redirect_hop", strength: note, evidence: excerpt(host + ", reached by " + redirectWords[by])}
		if by == "script" || by == "meta" {
			found.strength = vote
		}
		return []hit{found}
	}
	return nil
}

// redirectWords name the kinds of Hop.
var redirectWords = map[string]string{"http": "the server's redirect", "meta": "meta refresh", "script": "a script"}

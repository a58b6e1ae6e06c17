package lockdown

import "slices"

// Of the pages that a site's navigation leads to only the doors themselves are judged:
// what else a page has to keep, its headers and the scripts of others, is a matter of the
// pages that are watched.

// Beyond are those of some controls, nil for all, that are judged on such a page.
func Beyond(controls []string) []string {
	var out []string
	for _, c := range table {
		if slices.Contains(groups["doors"], c.ID) && (controls == nil || slices.Contains(controls, c.ID)) {
			out = append(out, c.ID)
		}
	}
	return out
}

// JudgeBeyond reaches a verdict on each of the controls that [Beyond] leaves, of a page
// that the navigation leads to. What it found names the page by its address, and points
// at no place in a picture, for none was kept.
func JudgeBeyond(p *Page, controls []string) []Verdict {
	controls = Beyond(controls)
	if len(controls) == 0 {
		return nil
	}
	out := Judge(Evidence{Page: p}, controls)
	for i := range out {
		v := &out[i]
		v.Box = nil
		seen := v.Evidence
		v.Evidence = nil
		for _, line := range seen {
			v.add(clip(p.URL, maxString) + ": " + line)
		}
		switch v.State {
		case Open:
			v.Why = "Seen on a page that the navigation leads to. " + v.Why
		case Unknown:
			v.Why = "A page that the navigation leads to proves nothing. " + v.Why
			v.add(clip(p.URL, maxString))
		}
	}
	return out
}

// LeftOut reports that the navigation of a home page leads to other pages, and no more to
// this one. A page without any navigation says nothing: it may have failed to load.
func (p *Page) LeftOut(address string) bool {
	return p.Unseen == "" && len(p.Leads) > 0 && !slices.Contains(p.Leads, address)
}

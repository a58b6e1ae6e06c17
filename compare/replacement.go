package compare

import (
	"fmt"
	"slices"
)

// Thresholds on what is left of the stable core.
const (
	// coreLostBelow: text and paths both under it is another page. Three looks
	// as the yardstick, 0 of 592 pairs hours apart and 0.39 % of 770 a month
	// apart (redesigns) fall under both (measured on 70 news pages).
	coreLostBelow = 0.3
	// minIdentity is how many marks of the same owner make a redesign of what
	// would otherwise be a replacement.
	minIdentity = 2
	// minCore is the size from which a core says anything: a page of one
	// sentence has lost it with every edit.
	minCore = 12
	// darkBelow: 71 % of 541 defacements have a mean luminance under it.
	// Evidence, never a rule.
	darkBelow = 40
)

// core is the approved design that the look is nearest to.
func (c *comparison) core() Core {
	if c.base == nil || len(c.base.Cores) == 0 {
		return Core{}
	}
	return c.base.Cores[c.design]
}

// coreLost reports that neither the text nor the structure of the approved looks is there.
func (c *comparison) coreLost() bool {
	return c.kept.text < coreLostBelow && c.kept.paths < coreLostBelow
}

// identity counts marks of the site's owner on the new page: its title, its
// pictures and ids, its vocabulary, links into the site. A redesign keeps some of
// them, whoever breaks in keeps none. named lists those that were found.
func (c *comparison) identity() (named []string, n int) {
	mark := func(found bool, name string) {
		if found {
			named, n = append(named, name), n+1
		}
	}
	mark(c.titleKept(), "title")
	mark(len(c.core().Landmarks) > 0 && c.kept.landmarks >= 0.1, "landmarks")
	words := len(c.core().Vocabulary) > 0 // nothing to lose is no mark
	mark(words && c.kept.vocabulary >= 0.15, "vocabulary")
	mark(words && c.kept.vocabulary >= 0.3, "vocabulary")
	mark(c.page.ownLinks >= 3 || c.page.ownLinks > 0 && c.page.ownLinks >= c.core().OwnLinks, "links to itself")
	return named, n
}

// titleKept reports that at least half of the words of some approved title are
// still in the title.
func (c *comparison) titleKept() bool {
	var now []string
	for _, w := range foldWords(c.look.View.Title) {
		now = append(now, w.text)
	}
	for _, t := range c.base.Titles {
		words := foldWords(t)
		kept := 0
		for _, w := range words {
			if slices.Contains(now, w.text) {
				kept++
			}
		}
		if len(words) > 0 && 2*kept >= len(words) {
			return true
		}
	}
	return false
}

// replacementHits judges whether this is still the page that was approved.
func replacementHits(c *comparison) []hit {
	if c.base == nil || c.look.View.Partial || len(c.core().Text)+len(c.core().Paths) < minCore {
		return nil
	}
	evidence := fmt.Sprintf("%.0f %% of the steady text and %.0f %% of the steady structure are left", 100*c.kept.text, 100*c.kept.paths)
	_, identity := c.identity()
	switch {
	case c.coreLost() && identity < minIdentity && !c.ownPage():
		return []hit{{rule: "defacement.replaced", strength: decisive, evidence: evidence}}
	case c.coreLost() && c.ownPage() && identity < minIdentity:
		return []hit{{rule: "availability.own_page", strength: note, evidence: evidence}}
	case c.coreLost():
		return []hit{{rule: "defacement.redesign", strength: note, evidence: evidence}}
	case c.kept.text < coreLostBelow && c.kept.vocabulary < coreLostBelow && c.page.words <= shortPage && len(c.core().Text) >= 3*minCore:
		return []hit{{rule: "defacement.emptied", strength: vote, evidence: evidence}}
	}
	return nil
}

// ownPage reports a short page that says it is being worked on, parked or broken.
// Package render knows most of them by other signs; this is the second net.
func (c *comparison) ownPage() bool {
	return c.page.words <= shortPage && slices.ContainsFunc(c.sayings, func(s saying) bool { return s.class == state })
}

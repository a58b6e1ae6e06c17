package compare

import (
	"slices"
	"strings"
)

// loud reports text that a visitor cannot miss.
func (s saying) loud() bool {
	if s.block == nil {
		return true
	}
	return s.block.hidden == "" && (s.block.tag == "h1" || s.block.tag == "h2" || s.block.tag == "marquee" || s.block.size >= loudFont)
}

// phraseHits judges title, dialogs and new text by the lexicon.
func phraseHits(c *comparison) []hit {
	var hits []hit
	if h, ok := c.titlePhrase(); ok {
		hits = append(hits, h)
	}
	if h, ok := c.dialogPhrase(); ok {
		hits = append(hits, h)
	}
	classes, headline := map[phraseClass]saying{}, []hit(nil)
	for _, s := range c.sayings {
		if s.class == state || s.class == lure || s.words > 2*shortPage {
			continue
		}
		if c.isHeadline(s.block) {
			if s.class == claim && s.signature {
				headline = append(headline, hit{rule: "defacement.words", strength: vote, evidence: excerpt(s.block.text), region: regionOf(s.block)})
			}
			continue
		}
		if old, ok := classes[s.class]; !ok || s.signature && !old.signature {
			classes[s.class] = s
		}
		if s.class == claim && s.signature || s.class == address && s.signature && s.loud() {
			h := hit{rule: "defacement.phrase", strength: decisive, evidence: excerpt(s.block.text), region: regionOf(s.block)}
			if s.loud() {
				h.severity = Critical
			}
			return append(hits, h)
		}
	}
	hits = append(hits, headline[:min(1, len(headline))]...)
	return append(hits, c.mixedPhrases(classes)...)
}

// isHeadline reports a block that is nothing but a link into the site: that is
// how a page announces what it reports about.
func (c *comparison) isHeadline(b *block) bool {
	if !b.linked {
		return false
	}
	if c.announced == nil {
		c.announced = c.ownLinkTexts()
	}
	return slices.ContainsFunc(c.announced, func(text string) bool { return strings.HasPrefix(b.text, text) })
}

// ownLinkTexts are the texts of links into the site, each once. They are gathered
// ahead: a page that has thousands of links and of blocks would otherwise have
// their addresses read millions of times. It is never nil.
func (c *comparison) ownLinkTexts() []string {
	texts := map[string]bool{}
	for _, l := range c.look.View.Links {
		if l.Text != "" && !texts[l.Text] && c.knownHost(hostOf(l.URL)) {
			texts[l.Text] = true
		}
	}
	return sortedKeys(texts)
}

// mixedPhrases weighs phrases that are no signature.
func (c *comparison) mixedPhrases(classes map[phraseClass]saying) []hit {
	if len(classes) == 0 {
		return nil
	}
	var first saying
	for _, class := range []phraseClass{claim, address, boast, taunt, crew} {
		if s, ok := classes[class]; ok {
			first = s
			break
		}
	}
	h := hit{rule: "defacement.words", strength: note, evidence: excerpt(first.block.text), region: regionOf(first.block)}
	_, claims := classes[claim]
	_, addresses := classes[address]
	switch {
	case (claims || addresses) && len(classes) >= 2 && first.words <= 3*shortBlock, len(classes) >= 3:
		h.rule, h.strength = "defacement.phrase", decisive
	case len(classes) >= 2 || (claims || addresses) && first.words <= headlineWords:
		h.strength = vote
	}
	if h.strength == vote && c.page.words <= shortPage && (claims || addresses) {
		h.rule, h.strength = "defacement.phrase", decisive // there is nothing else on the page
	}
	return []hit{h}
}

func (c *comparison) titlePhrase() (hit, bool) {
	title := c.look.View.Title
	if c.base != nil && slices.Contains(c.base.Titles, title) {
		return hit{}, false
	}
	for _, s := range findPhrases(title) {
		strong := s.class == claim || s.class == address
		if strong && (s.signature || c.base != nil || c.page.words <= shortPage) && c.isNewPhrase(s) {
			return hit{rule: "defacement.title", strength: decisive, evidence: excerpt(title)}, true
		}
	}
	return hit{}, false
}

// dialogPhrase judges the dialogs. A page that has no words to say but those of a
// crew says them to be known by them; "admin" and "security" alone can be the
// page's own trouble.
func (c *comparison) dialogPhrase() (found hit, ok bool) {
	for _, d := range c.look.View.Dialogs {
		if c.base != nil && slices.Contains(c.base.Dialogs, d) {
			continue
		}
		for _, s := range findPhrases(d) {
			switch s.class {
			case claim, address, boast:
				return hit{rule: "defacement.dialog", strength: decisive, evidence: excerpt(d)}, true
			case taunt, crew:
				found = hit{rule: "defacement.dialog", strength: vote, severity: High, evidence: excerpt(d)}
			}
		}
	}
	return found, found.rule != ""
}

// isNewPhrase reports a phrase that no approved look had.
func (c *comparison) isNewPhrase(s saying) bool { return c.base == nil || c.base.Phrases[s.text] == 0 }

// newSayings are the phrases in text that no approved look showed.
func (c *comparison) newSayings() []saying {
	var out []saying
	for _, s := range searchBlocks(c.newBlocks) {
		if c.isNewPhrase(s) {
			out = append(out, s)
		}
	}
	return out
}

// excerpt is evidence: one line of at most 120 characters.
func excerpt(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	runes := []rune(s)
	if len(runes) > 120 {
		return string(runes[:119]) + "…"
	}
	return s
}

func regionOf(b *block) *Box {
	if b == nil || b.box.W <= 0 || b.box.H <= 0 {
		return nil
	}
	r := b.box
	return &r
}

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
	var weak []saying
	for _, s := range c.sayings {
		if s.class == state || s.class == lure {
			continue
		}
		h, ok := c.signatureHit(s)
		if ok && h.strength == decisive {
			return append(hits, h)
		}
		if ok {
			hits = append(hits, h)
		} else if s.size <= 2*shortPage && !c.isHeadline(s.block) {
			weak = append(weak, s)
		}
	}
	hits = heaviest(hits, "defacement.words")
	return append(hits, c.mixedPhrases(weak)...)
}

// signatureHit judges a phrase that its author wrote about himself.
func (c *comparison) signatureHit(s saying) (hit, bool) {
	h := hit{rule: "defacement.phrase", strength: decisive, evidence: excerpt(s.block.text), region: regionOf(s.block)}
	if s.loud() {
		h.severity = Critical
	}
	switch {
	case s.class == crew || s.class == boast || s.class == taunt || !s.signature && !s.masked && !s.named:
		return hit{}, false
	case s.named && !s.signature && !s.masked:
		// Whoever writes his name so speaks of himself, whatever stands before it; news of
		// others are headlines, or on sites that tell of break-ins.
		return h, !s.reported && !c.isHeadline(s.block) && !c.talksOfHacking() && s.size <= shortBlock
	case c.isHeadline(s.block) && s.class == address && s.size <= maxSense && !s.reported && !c.talksOfHacking():
		return h, true // news are of other sites, and do not wake the admin
	case c.isHeadline(s.block), s.size > 2*shortPage && !s.masked:
		h.rule, h.strength, h.severity = "defacement.words", vote, ""
		return h, s.class == claim
	case showsMarkup(s.block.text) && c.base != nil && !c.coreLost():
		// An advisory shows the source of what it warns of; a browser shows no tags.
		h.rule, h.strength, h.severity = "defacement.words", vote, ""
		return h, true
	case s.masked: // no honest page writes so
		return h, true
	case s.class == tag && s.sure && s.loud() && !s.reported && !c.talksOfHacking():
		return h, true
	case s.reported && !s.loud(), s.class == tag, s.class == bare && !c.standsAlone():
		h.rule, h.strength, h.severity = "defacement.words", vote, ""
		return h, s.class != bare || s.loud()
	case s.class == claim, s.class == bare && s.loud():
		return h, true
	case s.class == address && !s.loud() && strings.HasPrefix(s.text, "the "):
		// "The site was owned within minutes" is how others tell of it.
		h.rule, h.strength, h.severity = "defacement.words", vote, ""
		return h, !s.reported
	case s.class == address && (s.loud() || s.size <= maxSense && !c.talksOfHacking()):
		return h, !s.reported
	}
	return hit{}, false
}

// showsMarkup reports a text in which tags or code can be read.
func showsMarkup(text string) bool {
	return strings.Contains(text, "</") || strings.Contains(text, "function(")
}

// talksOfHacking reports a site whose approved looks say who was hacked: a response
// team, the police, a newspaper.
func (c *comparison) talksOfHacking() bool {
	if c.base == nil {
		return false
	}
	for text := range c.base.Phrases {
		for _, m := range lexicon.find(foldWords(text)) {
			if class := lexicon.phrases[m.phrase].class; class == claim || class == address {
				return true
			}
		}
	}
	return false
}

// heaviest keeps one hit of a rule, the first of the strongest.
func heaviest(hits []hit, rule string) []hit {
	best := -1
	for i, h := range hits {
		if h.rule == rule && (best < 0 || h.strength > hits[best].strength) {
			best = i
		}
	}
	var out []hit
	for i, h := range hits {
		if h.rule != rule || i == best {
			out = append(out, h)
		}
	}
	return out
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

// near is how many new blocks lie between phrases of one message at most: a page
// of news speaks of many things.
const near = 8

// mixedPhrases weighs phrases that are no signature: the most telling group of
// them that stands together.
func (c *comparison) mixedPhrases(weak []saying) []hit {
	var best hit
	for i := range weak {
		if h, ok := c.group(weak[i:]); ok && (best.rule == "" || h.strength > best.strength) {
			best = h
		}
	}
	if best.rule == "" {
		return nil
	}
	return []hit{best}
}

// group weighs the first phrase and those near it.
func (c *comparison) group(weak []saying) (hit, bool) {
	classes, phrases := map[phraseClass]bool{}, map[string]bool{}
	first, reported, loud, sure := weak[0], false, false, false
	for _, s := range weak {
		if s.place-weak[0].place > near {
			break
		}
		classes[s.class], phrases[s.text] = true, true
		if s.class.order() < first.class.order() {
			first = s
		}
		reported, loud, sure = reported || s.reported, loud || s.loud(), sure || s.sure
	}
	h := hit{rule: "defacement.words", strength: note, evidence: excerpt(first.block.text), region: regionOf(first.block)}
	strong := first.class == claim || first.class == address || first.class == bare && first.size <= headlineWords/2
	switch {
	case reported && (len(phrases) < 2 || first.size > shortBlock):
		return hit{}, false // somebody tells of a break-in, or what to do after one
	case reported:
	case strong && len(classes) >= 2 && first.size <= 3*shortBlock, len(phrases) >= 3, len(phrases) == 2 && loud && first.size <= shortBlock:
		h.rule, h.strength = "defacement.phrase", decisive
	case len(phrases) >= 2, strong && first.size <= headlineWords, sure && loud && first.size <= headlineWords:
		h.strength = vote
	case !strong && (!sure || first.size > shortBlock):
		return hit{}, false // one weak word
	}
	if h.strength == vote && c.standsAlone() && (strong || sure) {
		h.rule, h.strength = "defacement.phrase", decisive
	}
	return h, true
}

// standsAlone reports a page on which there is little beside what is new.
func (c *comparison) standsAlone() bool {
	return c.page.words <= shortPage && (c.base == nil || c.kept.text < 0.5)
}

func (c *comparison) titlePhrase() (hit, bool) {
	title := c.look.View.Title
	if c.base != nil && slices.Contains(c.base.Titles, title) {
		return hit{}, false
	}
	for _, s := range findPhrases(title) {
		strong := s.class == claim || s.class == address || s.class == tag || s.class == bare
		signed := s.masked || s.signature && s.class != tag
		if strong && (signed || !s.reported && c.isNewPhrase(s) && (c.base != nil || c.page.words <= shortPage)) {
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
			case claim, address, boast, tag, bare:
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

// excerpt is evidence: one line of at most 120 characters, in which personal data
// and keys are masked, whatever rule it is evidence of.
func excerpt(s string) string {
	runes := []rune(strings.Join(strings.Fields(s[:min(len(s), 4000)]), " "))
	runes = []rune(Redact(string(runes[:min(len(runes), 400)])))
	if len(runes) > 120 {
		return string(runes[:119]) + "…"
	}
	return string(runes)
}

func regionOf(b *block) *Box {
	if b == nil || b.box.W <= 0 || b.box.H <= 0 {
		return nil
	}
	r := b.box
	return &r
}

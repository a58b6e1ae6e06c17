package compare

import (
	"cmp"
	"slices"
	"strings"
)

// Words in a picture are judged by the lexicon, like those of the document, with
// two differences. They were read by a machine, which mistakes letters: what it was
// not sure of finds no phrase, a letter in disguise is no evidence, and no phrase
// is looked for by likeness, since "backed by" is as near to "hacked by" as a
// misreading of it. And they stand in a picture, where an owner puts a photograph
// of a newspaper as well as the poster of an event: a message is short, in
// letters that are set to be seen, and signed.

const (
	// sureReading is from where a word counts. Letters of a plain font on a plain
	// ground are read with 80 to 97, what is made out in a photograph with less
	// than 50 (tesseract 5.3 on the pictures of the tests).
	sureReading = 60
	// posterWords is how many words a message has at the most: a page of a
	// newspaper has hundreds.
	posterWords = 60
	// maxReadings bounds what is judged of one look.
	maxReadings = 2000
	// loudLetters is the height in pixels of a line that is set to be seen.
	loudLetters = 18
	// textGone of the steady text left is a page whose document gave way.
	textGone = 0.2
)

// unsure stands for a word that was not read for sure. No phrase has it, and none
// leads its sentence behind it.
const unsure = "unsure"

// inscription is what was read in the picture.
type inscription struct {
	words             int  // that were read for sure
	told              bool // by somebody who tells of a break-in
	asked             bool // there is a question in it
	lines, paragraphs []*block
}

// readInscription puts the words together to lines and paragraphs.
func readInscription(readings []Reading) inscription {
	var p inscription
	readings = slices.Clone(readings[:min(len(readings), maxReadings)])
	slices.SortStableFunc(readings, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(a.Paragraph, b.Paragraph), cmp.Compare(a.Line, b.Line))
	})
	var line, paragraph int
	for i, r := range readings {
		text := strings.TrimSpace(r.Text)
		if r.Sure >= sureReading {
			p.words += len(foldWords(text))
		} else if text = unsure; len(foldWords(r.Text)) == 0 || len(r.Text) <= 2 {
			continue // a speck
		}
		if i == 0 || len(p.paragraphs) == 0 || r.Paragraph != paragraph {
			p.paragraphs = append(p.paragraphs, &block{tag: "p"})
			p.lines = append(p.lines, &block{tag: "p"})
		} else if r.Line != line {
			p.lines = append(p.lines, &block{tag: "p"})
		}
		line, paragraph = r.Line, r.Paragraph
		p.lines[len(p.lines)-1].write(text, r.Box)
		p.paragraphs[len(p.paragraphs)-1].write(text, r.Box)
	}
	p.told, p.asked = isReport(plainWords(p.text())), strings.ContainsAny(p.text(), "?؟")
	return p
}

// write adds a word to a block that is put together from a picture. Its size is
// the height of its highest word.
func (b *block) write(text string, at Box) {
	if b.text == "" {
		b.box = at
	} else {
		b.text += " "
		b.box = around(b.box, at)
	}
	b.text += text
	b.size = max(b.size, float32(at.H))
}

func (p inscription) text() string {
	var texts []string
	for _, b := range p.paragraphs {
		texts = append(texts, b.text)
	}
	return strings.Join(texts, " / ")
}

// paintedHits judges what was read in the picture.
func paintedHits(c *comparison) []hit {
	if len(c.look.Read) == 0 {
		return nil
	}
	p := readInscription(c.look.Read)
	lines := searchBlocks(p.lines)
	best := hit{strength: -1}
	take := func(h hit, ok bool) {
		if ok && h.strength > best.strength {
			best = h
		}
	}
	for _, s := range searchBlocks(p.paragraphs) {
		take(c.paintedSignature(p, s, true))
	}
	for _, s := range lines {
		take(c.paintedSignature(p, s, false))
	}
	take(c.paintedGroup(p, lines))
	take(c.paintedCrew(p))
	if best.rule == "" {
		return nil
	}
	return []hit{best}
}

// paintedSignature judges one phrase. whole tells that it was found in a paragraph:
// the line of a headline may begin with words that its sentence does not.
func (c *comparison) paintedSignature(p inscription, s saying, whole bool) (hit, bool) {
	if !c.isNewPhrase(s) || !s.signature || s.reported || p.told || p.words > posterWords {
		return hit{}, false
	}
	h := paintedHit("defacement.picture_words", vote, s.block)
	message := hit{rule: "defacement.picture_phrase", strength: decisive, evidence: h.evidence, region: h.region}
	if c.documentGone() {
		message.severity = Critical
	}
	large := s.block.size >= loudLetters
	switch s.class {
	case claim:
		if !c.talksOfHacking() && (whole && large || c.documentGone()) {
			return message, true
		}
		return h, true
	case address:
		alone := whole && p.words <= headlineWords && !p.asked && !c.talksOfHacking()
		if large && (alone || c.documentGone()) {
			return message, true
		}
		return h, large
	case bare:
		if large && c.documentGone() {
			return message, true
		}
		return h, large && p.words <= headlineWords
	case tag:
		gang := slices.ContainsFunc(foldWords(s.block.text), func(w word) bool { return gangs[w.text] })
		return h, large && (s.sure || gang)
	}
	return hit{}, false
}

// documentGone reports a page that says next to nothing but with its picture.
func (c *comparison) documentGone() bool {
	if c.base == nil || c.change == nil {
		return c.page.words <= pictureWords
	}
	return len(c.core().Text) >= minCore && c.kept.text < textGone && c.page.words <= shortPage
}

// paintedGroup weighs phrases that are no signature, by how many of them stand in
// one picture.
func (c *comparison) paintedGroup(p inscription, found []saying) (hit, bool) {
	classes, phrases := map[phraseClass]bool{}, map[string]bool{}
	var first *saying
	for i, s := range found {
		if s.class == state || s.class == lure || !c.isNewPhrase(s) || s.reported {
			continue
		}
		classes[s.class], phrases[s.text] = true, true
		if first == nil || s.class.order() < first.class.order() {
			first = &found[i]
		}
	}
	if len(phrases) < 2 || p.told || p.words > posterWords {
		return hit{}, false
	}
	strong := classes[claim] || classes[address]
	if !c.talksOfHacking() && (strong && len(classes) >= 2 || len(phrases) >= 3) {
		return paintedHit("defacement.picture_phrase", decisive, first.block), true
	}
	return paintedHit("defacement.picture_words", vote, first.block), true
}

// paintedCrew looks for the form of a crew's signature. A reader takes an O for a 0
// and a bar for an l, so that it is worth a note at most, and ornament nothing.
func (c *comparison) paintedCrew(p inscription) (hit, bool) {
	var signs crewSigns
	var where *block
	for _, b := range p.lines {
		s := c.crewSignsOf(b)
		if s.core > 0 && (where == nil || s.core > signs.core) {
			where = b
		}
		signs.add(s)
	}
	signs.ornament = false
	if where == nil || signs.core < 2 || signs.points() <= crewVote || p.told || p.words > posterWords {
		return hit{}, false
	}
	return paintedHit("defacement.picture_words", note, where), true
}

func paintedHit(rule string, s strength, where *block) hit {
	return hit{rule: rule, strength: s, evidence: excerpt(quoted(where.text)), region: regionOf(where)}
}

// quoted is a text for people, in which what was not read for sure is left open.
func quoted(text string) string { return strings.ReplaceAll(text, unsure, "…") }

// readSignals says what was read in the picture, and how much of it was not.
func (c *comparison) readSignals(left int) []Signal {
	var out []Signal
	if len(c.look.Read) > 0 {
		p := readInscription(c.look.Read)
		out = append(out, Signal{Name: "picture_text", Value: float64(p.words), Evidence: excerpt(quoted(p.text()))})
	}
	if left > 0 {
		out = append(out, Signal{Name: "unread_pictures", Value: float64(left)})
	}
	return out
}

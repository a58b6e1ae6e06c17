package compare

import (
	"slices"
	"strings"
	"time"
)

// Whoever rewords a notice, moves a payment to another account or puts a slogan in
// the place of a heading leaves the page as it was and says nothing that a lexicon
// knows. What gives him away is where he writes: owners add, and they rewrite
// whole sections; a sentence that has stood through every approved look and gives
// way to another one, between two neighbours that stay, is rare. Nobody is paged for
// it, since owners correct sentences too. Somebody should read it.

// Line is a piece of running text of the newest approved look.
type Line struct {
	Hash uint32 `json:"h"`
	Tag  string `json:"t,omitempty"`
	// Steady says that every look of the newest design showed it.
	Steady bool `json:"s,omitempty"`
	// Words are the hashes of its longer words.
	Words hashSet `json:"w,omitempty"`
}

const (
	// maxLines bounds how many lines of a page are kept.
	maxLines = 2000
	// steadyLooks is how many looks make a line steady. After one, everything is.
	steadyLooks = 2
	// steadyFor is how long a sentence must have stood for anybody to be asked about
	// another one in its place: the line of a ticker stands for minutes.
	steadyFor = 24 * time.Hour
	// maxSwapped is the longest run of lines that gave way to as many others and is
	// still an edit: more is a section that was written anew.
	maxSwapped = 2
	// leastSwapped words a line must have to be worth reading: less is a label.
	leastSwapped = 4
	// sharedWords is the share of its words that an edited sentence keeps.
	sharedWords = 0.34
)

// lines are the pieces of text that visitors see and that do not stand in a link:
// headlines come and go.
func (f *features) lines() []*block {
	var out []*block
	for i := range f.blocks {
		b := &f.blocks[i]
		if b.hidden == "" && !b.linked && len(out) < maxLines {
			out = append(out, b)
		}
	}
	return out
}

// linesOf are those of the newest look, with what the others of its design say of them.
func linesOf(looks []*features, design []int) []Line {
	newest := looks[design[len(design)-1]]
	var out []Line
	for _, b := range newest.lines() {
		l := Line{Hash: b.hash, Tag: b.tag, Steady: len(design) >= steadyLooks && !entries[b.tag]}
		for _, i := range design {
			l.Steady = l.Steady && looks[i].known.has(b.hash)
		}
		if l.Steady {
			l.Words = newest.wordsOf(b.text)
		}
		out = append(out, l)
	}
	return out
}

// entries are rows of lists and tables, which are exchanged all day.
var entries = set("li", "td", "th", "tr", "dt", "dd", "option", "figcaption", "time")

func (f *features) wordsOf(text string) hashSet {
	var all []uint32
	for _, w := range foldWords(text) {
		if t := withoutNumber(w.text); telling(t) {
			all = append(all, short(hash(f.salt, t)))
		}
	}
	return newHashSet(all)
}

// swap is a line that gave way to another one in its place.
type swap struct {
	was Line
	is  *block
}

// swaps finds the lines that gave way, one for one, between neighbours that stayed.
func (c *comparison) swaps() []swap {
	now := c.page.lines()
	place := map[uint32]int{}
	for i, b := range now {
		if _, twice := place[b.hash]; !twice {
			place[b.hash] = i
		}
	}
	var out []swap
	for at := 0; at < len(c.base.Lines); {
		end := at
		for end < len(c.base.Lines) && !shows(place, c.base.Lines[end]) {
			end++
		}
		if lost := c.base.Lines[at:end]; len(lost) > 0 && len(lost) <= maxSwapped {
			out = append(out, c.swapped(now, lost, anchor(place, c.base.Lines, at-1, -1), anchor(place, c.base.Lines, end, len(now)))...)
		}
		at = end + 1
	}
	return out
}

func shows(place map[uint32]int, l Line) bool { _, ok := place[l.Hash]; return ok }

// anchor is where a neighbour stands now, or the given end of the page.
func anchor(place map[uint32]int, lines []Line, i, otherwise int) int {
	if i < 0 || i >= len(lines) {
		return otherwise
	}
	return place[lines[i].Hash]
}

// swapped pairs the lines that were lost with what stands between the neighbours.
func (c *comparison) swapped(now []*block, lost []Line, after, before int) []swap {
	if before-after-1 != len(lost) {
		return nil
	}
	var out []swap
	for i, l := range lost {
		b := now[after+1+i]
		if l.Steady && b.tag == l.Tag && !c.base.Known.has(b.hash) && len(l.Words) > 0 && l.Words.containment(c.page.wordsOf(b.text)) < sharedWords {
			out = append(out, swap{l, b})
		}
	}
	return out
}

// steadyHits judges lines that gave way. A page's one heading is its name: if none of
// its words is left, somebody else may have named it.
func steadyHits(c *comparison) []hit {
	if c.base == nil || c.look.Other || c.look.View.Partial || c.coreLost() {
		return nil
	}
	var best hit
	for _, s := range c.swaps() {
		h := hit{rule: "defacement.reworded", strength: note, evidence: excerpt(s.is.text), region: regionOf(s.is)}
		switch {
		case s.was.Tag == "h1" && c.onlyHeading():
			h.rule, h.strength = "defacement.heading", vote
		case c.base.Span < steadyFor, len(foldWords(s.is.text)) < leastSwapped:
			continue
		}
		if best.rule == "" || h.strength > best.strength {
			best = h
		}
	}
	if h, ok := c.newTitle(); ok && h.strength > best.strength {
		best = h
	}
	if h, ok := c.ticker(); ok && (best.rule == "" || h.strength > best.strength) {
		best = h
	}
	if best.rule == "" {
		return nil
	}
	return []hit{best}
}

// onlyHeading reports a page whose approved look had one h1: on others they are
// headlines.
func (c *comparison) onlyHeading() bool {
	n := 0
	for _, l := range c.base.Lines {
		if l.Tag == "h1" {
			n++
		}
	}
	return n == 1
}

// newTitle judges a title that was the same on all looks and has no word of it now.
func (c *comparison) newTitle() (hit, bool) {
	title := c.look.View.Title
	if len(c.base.Titles) != 1 || len(c.base.Looks) < steadyLooks || title == "" || title == c.base.Titles[0] {
		return hit{}, false
	}
	was := c.page.wordsOf(c.base.Titles[0])
	if len(was) == 0 || was.containment(c.page.wordsOf(title)) > 0 {
		return hit{}, false
	}
	return hit{rule: "defacement.heading", strength: vote, evidence: excerpt(title)}, true
}

// ticker judges a text that was set in motion on a page that never had one. The
// element is obsolete; who writes by hand into a page still likes it.
func (c *comparison) ticker() (hit, bool) {
	if slices.ContainsFunc(c.base.Lines, func(l Line) bool { return l.Tag == "marquee" }) {
		return hit{}, false
	}
	for _, b := range c.newBlocks {
		if b.tag == "marquee" && b.hidden == "" && strings.TrimSpace(b.text) != "" {
			return hit{rule: "defacement.ticker", strength: vote, evidence: excerpt(b.text), region: regionOf(b)}, true
		}
	}
	return hit{}, false
}

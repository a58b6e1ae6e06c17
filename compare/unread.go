package compare

import (
	"cmp"
	"slices"
)

// What a picture says, the document does not: a defacer who exchanges the file of a
// banner leaves every text rule nothing to read. Compare reads no picture either,
// since that takes a program and a second. It says which parts are worth it, and
// judges what somebody read there: see Report.Unread and Look.Read.

// Reading is one word that was read in a look's picture.
type Reading struct {
	Text string
	Box  Box // in pixels of the picture
	Sure int // how sure the reader is, 0 to 100
	// Line and Paragraph number those of the whole look, as they were found. Words
	// of one line follow each other as they are read.
	Line, Paragraph int
}

// Bounds of what is worth reading. A reader takes about a second for a million
// pixels that are full of letters.
const (
	maxUnread       = 4
	maxUnreadPixels = 2 << 20
	// leastUnread is the smallest picture that says something to a visitor.
	leastUnread = 120 * 40
	// sparse is on how many pixels of a region one character of the document stands
	// at the most for it to be called written: text of 16 pixels has one on 400.
	sparse = 2000
)

// pictures are the painters whose content is pixels alone. What is in a frame is in
// the document.
var pictures = set("img", "svg", "canvas", "video", "object", "embed", "picture", "image", "input")

// worthReading is where the picture may say what the document does not, pictures
// before grounds, and how many more such parts are beyond the bounds.
func (c *comparison) worthReading(r *Report) (where []Box, left int) {
	if c.look.Picture == nil || c.look.Read != nil || saysEnough(r) {
		return nil, 0
	}
	if c.change == nil {
		return c.unreadPoster(), 0
	}
	return atMost(append(c.repaintedPictures(), c.repaintedGrounds()...))
}

// saysEnough reports a verdict that rests on an intruder's own words already.
func saysEnough(r *Report) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool {
		return ruleByID[f.Rule].family == "phrase" && f.Score >= decisiveScore
	})
}

// unreadPoster is the first screen of a page that has no approved picture to be
// held against, if it is a picture and next to nothing else.
func (c *comparison) unreadPoster() []Box {
	if c.page.words > pictureWords {
		return nil
	}
	first := screen(c.look.Picture)
	if _, _, ok := c.bigPicture(); !ok || !legible(first) {
		return nil
	}
	return []Box{first}
}

// repaintedPictures are the parts of the page's pictures that show something else
// than what stood in their place: words are often painted over a picture that stays.
func (c *comparison) repaintedPictures() []Box {
	var out []Box
	frame := frameOf(c.look)
	for _, e := range c.look.View.Elements {
		if !pictures[e.Tag] || e.Hidden != "" {
			continue
		}
		if b := e.Box.cut(frame); legible(b) && !c.isMasked(b) {
			if b = c.repaintedPart(b); legible(b) {
				out = append(out, b)
			}
		}
	}
	for _, e := range c.restlessPictures() {
		out = append(out, e.Box)
	}
	largestFirst(out)
	slices.SortStableFunc(out, func(a, b Box) int { return cmp.Compare(c.displaces(b), c.displaces(a)) })
	return out
}

// displaces is 1 for a box in which a large steady picture of the approved look stood:
// what took its place is read before what is merely new.
func (c *comparison) displaces(b Box) int {
	for _, k := range c.base.Images {
		if k.Steady && area(k.Box) >= minImage && 10*within(k.Box, b) >= 6*area(k.Box) {
			return 1
		}
	}
	return 0
}

// repaintedGrounds are large regions that changed and in which the document has
// little text: backgrounds, and what a style sheet paints.
func (c *comparison) repaintedGrounds() []Box {
	var out []Box
	frame := frameOf(c.look)
	for _, r := range c.change.Changed {
		if b := r.cut(frame); area(b) >= minImage && legible(b) && sparse*c.charsIn(b) < area(b) {
			out = append(out, b)
		}
	}
	return largestFirst(out)
}

// repaintedPart is what changed of a box, and a margin in which a letter may end.
func (c *comparison) repaintedPart(b Box) Box {
	var part Box
	for _, r := range c.change.Changed {
		if r = r.cut(b); area(r) == 0 {
			continue
		}
		if area(part) == 0 {
			part = r
		}
		part = around(part, r)
	}
	if area(part) == 0 {
		return Box{}
	}
	return Box{part.X - cell, part.Y - cell, part.W + 2*cell, part.H + 2*cell}.cut(b)
}

func largestFirst(boxes []Box) []Box {
	slices.SortStableFunc(boxes, func(a, b Box) int { return cmp.Compare(area(b), area(a)) })
	return boxes
}

// charsIn counts the bytes of text that the document shows in a region. A block
// counts where most of it stands there.
func (c *comparison) charsIn(region Box) int {
	n := 0
	for i := range c.page.blocks {
		if b := &c.page.blocks[i]; b.hidden == "" && fills(region, b.box, 50) {
			n += len(b.text)
		}
	}
	return n
}

// legible reports a box in which letters can be told.
func legible(b Box) bool { return area(b) >= leastUnread && b.W >= 80 && b.H >= 24 }

// atMost keeps the first parts within the bounds: none of which another holds the
// most, and one that is too large as far as the bound goes from its top.
func atMost(found []Box) (where []Box, left int) {
	room := maxUnreadPixels
	for _, b := range found {
		if slices.ContainsFunc(where, func(o Box) bool { return fills(o, b, 60) }) {
			continue
		}
		if b.H = min(b.H, int32(room)/b.W); len(where) >= maxUnread || !legible(b) {
			left++
			continue
		}
		room -= area(b)
		where = append(where, b)
	}
	return where, left
}

// frameOf is the whole picture of a look.
func frameOf(l Look) Box {
	b := l.Picture.Bounds()
	return Box{0, 0, int32(b.Dx()), int32(b.Dy())}
}

// cut is the part of a box that lies in a frame, empty if none does.
func (b Box) cut(frame Box) Box {
	x, y := max(b.X, frame.X), max(b.Y, frame.Y)
	// A hostile box may end beyond what fits in 32 bits.
	right := min(int64(b.X)+int64(b.W), int64(frame.X)+int64(frame.W))
	bottom := min(int64(b.Y)+int64(b.H), int64(frame.Y)+int64(frame.H))
	if right <= int64(x) || bottom <= int64(y) {
		return Box{}
	}
	return Box{x, y, int32(right - int64(x)), int32(bottom - int64(y))}
}

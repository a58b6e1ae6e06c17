package render

import "strings"

const (
	faintest = 0.05 // opacity below which nothing is seen
	smallest = 2    // px: less than this by this shows nothing
	// reach is how far sideways of its window, in px, a visitor may scroll
	// before he gives up; at least one width of the window. "left:-9999px" in
	// a right-to-left page, or "left:9999px" in others, can be scrolled to, but
	// nobody does.
	reach = 1366
)

// look is what visibility needs to know of a node beyond what is recorded.
type look struct {
	opacity        float32 // product down to here
	laid, passive  bool    // has a box; passive: a document or root, never hidden itself
	clipped        bool    // clip or clip-path leaves nothing, here or above
	flow, absolute bool    // an ancestor's empty clip takes in-flow, absolutely positioned children
	positioned     bool
	cropped        bool // clips its overflow and indents its text
	lends          bool // its unlaid text counts as laid: <select>, content-visibility
	shown          bool // something with an area is seen in it
	image, glyphs  bool // background image; background clipped to the text
	colour, back   colour
	shadow         string // kind of the shadow tree it is in
}

// dress sets box, colours and Hidden of a node that has just been appended.
// What can only be told from its descendants is left to settle.
func (f *flattener) dress(d *document, i int, self int32) {
	n, l := &f.nodes[self], &f.looks[self]
	l.opacity = d.faint
	var up look
	if n.Parent >= d.first {
		up = f.looks[n.Parent]
		l.opacity = up.opacity
	}
	l.flow, l.absolute, l.clipped = up.flow, up.absolute, up.clipped
	if kind, ok := d.shadow[int64(i)]; ok {
		l.shadow = f.text(kind)
	}
	l.passive = n.Name == "#document" || n.Name == "#doctype"
	if box, ok := d.bounds(i); ok {
		n.Box = boxOf(d.x+box[0], d.y+box[1], box[2], box[3])
		l.laid = true
		if n.Name == "#text" {
			f.dressText(d, i, self, up)
		} else if !l.passive {
			f.dressElement(d, i, self, up)
		}
		if n.Hidden == Shown && !l.passive && !blank(n) && d.offPage(box) {
			n.Hidden = OffPage
		}
	} else if !l.passive {
		f.borrow(self, up)
	}
	if d.hidden != Shown && n.Hidden == Shown {
		n.Hidden = d.hidden
	}
}

// borrow gives a node without a box what its parent lends: options of a
// <select>, the text of a <textarea> and what content-visibility has put off
// are a visitor's to read although Chrome has not laid them out.
func (f *flattener) borrow(self int32, up look) {
	n, l := &f.nodes[self], &f.looks[self]
	if !up.lends || notText[n.Name] {
		n.Hidden = NotRendered
		return
	}
	l.lends, l.laid, l.passive = true, true, true
	n.Box, n.Hidden = f.nodes[n.Parent].Box, f.nodes[n.Parent].Hidden
}

// notText are elements whose text is never shown.
var notText = map[string]bool{"script": true, "style": true, "noscript": true, "template": true,
	"head": true, "title": true, "datalist": true}

func (f *flattener) dressText(d *document, i int, self int32, up look) {
	n := &f.nodes[self]
	if blank(n) {
		return // white space is as visible as its parent, which does not matter
	}
	size := f.pixels(d, i, styleFontSize)
	box, _ := d.bounds(i)
	switch {
	case f.invisible(d, i):
		n.Hidden = Invisible
	case up.opacity < faintest:
		n.Hidden = Transparent
	case up.clipped || up.flow, box[2] < smallest && box[3] < smallest, size > 0 && size < smallest:
		n.Hidden = ZeroSize
	case n.Parent >= d.first && up.cropped && apart(n.Box, f.nodes[n.Parent].Box):
		n.Hidden = OffPage // text-indent has moved it out of the box that would show it
	}
	if n.Parent < d.first {
		return
	}
	if p := &f.nodes[n.Parent]; p.Color == "" {
		p.Color, p.Background = f.looks[n.Parent].colour.css, f.looks[n.Parent].back.css
		p.FontSize = float32(size)
	}
}

func (f *flattener) dressElement(d *document, i int, self int32, up look) {
	n, l := &f.nodes[self], &f.looks[self]
	l.opacity *= float32(f.opacity(d, i))
	l.back = f.colourOf(d, i, styleBackground)
	l.colour = f.colourOf(d, i, styleFill)
	if !l.colour.known {
		l.colour = f.colourOf(d, i, styleColor)
	}
	f.decorate(d, i, l)
	if n.Text != "" { // generated content has text of its own
		n.Color, n.Background = l.colour.css, l.back.css
		n.FontSize = float32(f.pixels(d, i, styleFontSize))
	}
	position := f.style(d, i, stylePosition)
	l.positioned = position != "static" && position != ""
	gone := up.flow
	switch position {
	case "absolute":
		gone = up.absolute
	case "fixed":
		gone = false
	}
	l.clipped = up.clipped || emptyClip(f.style(d, i, styleClip)) || emptyClipPath(f.style(d, i, styleClipPath))
	f.clip(d, i, l, gone)
	l.lends = n.Name == "select" || n.Name == "textarea" || f.style(d, i, styleContent) == "auto"
	switch {
	case f.invisible(d, i):
		n.Hidden = Invisible
	case l.opacity < faintest:
		n.Hidden = Transparent
	case l.clipped || gone:
		n.Hidden = ZeroSize
	}
}

// decorate notes what makes a text visible, or its background unknowable.
func (f *flattener) decorate(d *document, i int, l *look) {
	set := func(which int) bool {
		s := f.style(d, i, which)
		return s != "" && s != "none" && s != "0px"
	}
	l.image = set(styleBackImage)
	l.glyphs = strings.Contains(f.style(d, i, styleBackClip), "text") || set(styleShadow) || set(styleStroke)
}

// offPage says whether a box, in the document's coordinates, is out of reach.
func (d *document) offPage(b [4]float64) bool {
	x, y, right, bottom := b[0], b[1], b[0]+b[2], b[1]+b[3]
	if bottom <= 0 && y < 0 { // a box without a height that stands at 0 is not above the page
		return true
	}
	if d.view <= 0 {
		return right <= 0 && x < 0
	}
	far := max(d.view, reach)
	start, end := 0.0, d.view+far
	if d.rtl { // overflow is scrolled to on the left
		start, end = -far, d.view
	}
	end = min(end, max(d.width, d.view))
	return (right <= start && x < start) || (x >= end && right > end) || (d.height > 0 && y >= d.height && bottom > d.height)
}

// tiny says that a box can show nothing.
func (b Box) tiny() bool {
	return b.W == 0 || b.H == 0 || (b.W < smallest && b.H < smallest)
}

func blank(n *Node) bool {
	return n.Name == "#text" && strings.TrimSpace(n.Text) == ""
}

// settle goes through the tree once more from its end, when every node's
// descendants are known, and then judges colours.
func (f *flattener) settle() {
	for i := len(f.nodes) - 1; i >= 0; i-- {
		f.settleNode(i)
	}
	f.sameColours()
}

func (f *flattener) settleNode(i int) {
	n, l := &f.nodes[i], &f.looks[i]
	isText := n.Name == "#text"
	switch {
	case isText || l.passive:
	case !l.laid && l.shown: // display:contents has no box but its children do
		n.Hidden = Shown
	case l.laid && n.Hidden == Shown && !l.shown && n.Box.tiny():
		n.Hidden = ZeroSize
	}
	if blank(n) && n.Parent >= 0 && f.nodes[n.Parent].Hidden != Shown {
		n.Hidden = f.nodes[n.Parent].Hidden
	}
	area := l.laid && !n.Box.tiny() && !blank(n)
	if n.Hidden == Shown && n.Parent >= 0 && (l.shown || area) {
		f.looks[n.Parent].shown = true
	}
}

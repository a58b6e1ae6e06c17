package render

import (
	"fmt"
	"strings"
)

// links lists every element that takes the visitor elsewhere.
func (d *deriver) links() {
	p := d.p
	p.Links = nil
	dropped := 0
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Name != "a" && n.Name != "area" {
			continue
		}
		href, ok := n.lookup("href")
		if !ok {
			if href, ok = n.lookup("xlink:href"); !ok {
				continue
			}
		}
		if len(p.Links)+d.starved >= maxLinks { // those without room cost time as well
			dropped++
			continue
		}
		if l := d.link(int32(i), href); d.fits(l.URL, l.Text, l.Rel) {
			p.Links = append(p.Links, l)
		}
	}
	if dropped > 0 {
		p.Truncated = append(p.Truncated, fmt.Sprintf("links over %d, %d dropped", maxLinks, dropped))
	}
}

func (d *deriver) link(i int32, href string) Link {
	n := &d.p.Nodes[i]
	l := Link{Node: i, URL: d.resolve(n.Frame, href), Rel: strings.ToLower(n.attr("rel"))}
	l.Text = cutRunes(d.text(i, maxLinkText*4), maxLinkText)
	for _, name := range [...]string{"alt", "aria-label", "title"} {
		if l.Text == "" {
			l.Text = cutRunes(collapse(n.attr(name)), maxLinkText)
		}
	}
	l.Box, l.Hidden = d.extent(i)
	if n.Name == "area" && n.Parent >= 0 { // never laid out; the picture with the map is
		if l.Hidden = d.p.Nodes[n.Parent].Hidden; l.Hidden == ZeroSize {
			l.Hidden = Shown
		}
	}
	return l
}

// maxExtent bounds the walk over a link's content.
const maxExtent = 500

// extent is where a link is seen, and why not if it is not: a link that is
// itself shown but whose whole content is hidden cannot be seen either.
func (d *deriver) extent(i int32) (Box, Hidden) {
	nodes := d.p.Nodes
	box, why := nodes[i].Box, nodes[i].Hidden
	content, seen := Shown, false
	d.walk(i, maxExtent, func(k int32) {
		n := &nodes[k]
		if !paints(n) {
			return
		}
		if n.Hidden == Shown {
			seen = true
		} else if content == Shown {
			content = n.Hidden
		}
		box = union(box, n.Box)
	})
	if !seen && content != Shown && (why == Shown || why == ZeroSize) {
		why = content
	}
	return box, why
}

// paints says whether a node is something to see by itself.
func paints(n *Node) bool {
	if n.Text != "" {
		return strings.TrimSpace(n.Text) != ""
	}
	return replaced[n.Name]
}

func union(a, b Box) Box {
	if a.W == 0 && a.H == 0 {
		return b
	}
	if b.W == 0 && b.H == 0 {
		return a
	}
	x, y := min(a.X, b.X), min(a.Y, b.Y)
	return Box{x, y, max(a.X+a.W, b.X+b.W) - x, max(a.Y+a.H, b.Y+b.H) - y}
}

// walk visits the descendants of node i in document order, at most limit.
func (d *deriver) walk(i int32, limit int, visit func(int32)) {
	nodes := d.p.Nodes
	at := d.children.first[i]
	for at >= 0 && limit > 0 {
		visit(at)
		limit--
		if next := d.children.first[at]; next >= 0 {
			at = next
			continue
		}
		for at != i && d.children.next[at] < 0 {
			at = nodes[at].Parent
		}
		if at == i {
			return
		}
		at = d.children.next[at]
	}
}

// text is the text in node i, alternative texts of pictures included, in one
// line of about limit bytes, hidden text too: what a link says to a search
// engine matters most when no visitor sees it.
func (d *deriver) text(i int32, limit int) string {
	var b strings.Builder
	d.walk(i, 4*maxExtent, func(k int32) {
		n := &d.p.Nodes[k]
		if b.Len() > limit {
			return
		}
		switch {
		case n.Text != "" && !d.isCode(k):
			b.WriteString(cut(n.Text, limit))
		case n.Name == "img":
			b.WriteString(" " + cut(n.attr("alt"), limit) + " ")
		case n.Name == "br" || blocks[n.Name]:
			b.WriteByte(' ')
		}
	})
	return collapse(b.String())
}

func (d *deriver) isCode(k int32) bool {
	parent := d.p.Nodes[k].Parent
	return parent >= 0 && (d.p.Nodes[parent].Name == "script" || d.p.Nodes[parent].Name == "style")
}

// collapse makes one line of a text, words separated by single spaces.
func collapse(s string) string {
	return strings.Join(strings.Fields(s), " ")
}

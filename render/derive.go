package render

import (
	"fmt"
	"net/url"
	"strings"
)

// Bounds of what is derived from the tree.
const (
	maxTitle       = 1_000   // characters
	maxLinkText    = 300     // characters
	maxLabel       = 200     // characters
	maxVisibleText = 4 << 20 // bytes
	maxURL         = 8 << 10 // bytes
	maxLinks       = 20_000  // a site map of a large ministry has some 3,000
	maxForms       = 10_000
	maxInputs      = 10_000
	// maxDerived is the room in bytes for the addresses and texts of all links,
	// forms and labels. A short reference becomes an address as long as the base
	// is that the page chose, so that the tree's own bounds do not bound it. That
	// large site map needs half a megabyte.
	maxDerived = 16 << 20
)

// derive fills what follows from p.Nodes and p.Frames: Title, Language,
// Direction, Links, Forms, Meta, HTML and DOMDigest.
func (p *Page) derive() {
	d := deriver{p: p, children: childrenOf(p.Nodes), bases: basesOf(p), room: maxDerived}
	d.head()
	d.links()
	d.forms()
	if d.starved > 0 {
		p.Truncated = append(p.Truncated, fmt.Sprintf("links, forms and labels over %d bytes in all, %d dropped", maxDerived, d.starved))
	}
	p.serialise()
}

// deriver holds what several derivations need.
type deriver struct {
	p        *Page
	children children
	bases    []*url.URL // of each frame
	room     int        // what is left of maxDerived
	starved  int        // what found no room any more
}

// fits takes the room that the texts need, and is false if there is not as much.
func (d *deriver) fits(texts ...string) bool {
	size := 0
	for _, s := range texts {
		size += len(s)
	}
	if size > d.room {
		d.starved++
		return false
	}
	d.room -= size
	return true
}

// children is the tree the other way round: first child and next sibling of
// each node, -1 for none.
type children struct{ first, next []int32 }

func childrenOf(nodes []Node) children {
	c := children{make([]int32, len(nodes)), make([]int32, len(nodes))}
	last := make([]int32, len(nodes))
	for i := range nodes {
		c.first[i], c.next[i], last[i] = -1, -1, -1
		parent := nodes[i].Parent
		if parent < 0 || parent >= int32(i) {
			continue
		}
		if c.first[parent] < 0 {
			c.first[parent] = int32(i)
		} else {
			c.next[last[parent]] = int32(i)
		}
		last[parent] = int32(i)
	}
	return c
}

// basesOf finds what relative addresses in each frame are resolved against.
// Chrome says so in Frame.Base; without it, it is the frame's address.
func basesOf(p *Page) []*url.URL {
	bases := make([]*url.URL, len(p.Frames))
	for i, fr := range p.Frames {
		own := parseURL(fr.Base)
		if own == nil || own.Opaque != "" {
			own = parseURL(fr.URL)
		}
		if i == 0 && own == nil {
			own = parseURL(p.FinalURL)
		}
		if (own == nil || own.Opaque != "") && fr.Parent >= 0 && int(fr.Parent) < i { // about:srcdoc
			own = bases[fr.Parent]
		}
		bases[i] = own
	}
	return bases
}

func parseURL(s string) *url.URL {
	if s == "" || len(s) > maxURL {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil { // a hostile address that even Go cannot read resolves nothing
		return nil
	}
	return u
}

// resolve makes an address of a node absolute. One that cannot be parsed, or
// that has a scheme of its own (javascript:, mailto:, data:), stays as it is.
func (d *deriver) resolve(frame int32, ref string) string {
	ref = cut(trimURL(ref), maxURL) // bytes that are no text grow when they are written as such
	if frame < 0 || int(frame) >= len(d.bases) || d.bases[frame] == nil {
		return ref
	}
	u := parseURL(ref)
	if u == nil || u.Scheme != "" {
		return ref
	}
	// An opaque base, such as that of a data: document, can end in a space.
	return cut(trimURL(d.bases[frame].ResolveReference(u).String()), maxURL)
}

// trimURL drops what browsers drop before they read an address (WHATWG URL
// Standard, 4.4): space and control characters around it, tabs and newlines
// within. "java\nscript:" would otherwise pass for a relative path.
func trimURL(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	if !strings.ContainsAny(s, "\t\r\n") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, s)
}

// Host is the lower-case host name of the final address, without port; of the
// address asked for when the capture never got further.
func (p *Page) Host() string {
	if host := hostOf(p.FinalURL); host != "" {
		return host
	}
	return hostOf(p.URL)
}

// hostOf is the host of an address, for blob: that of the origin in it.
func hostOf(address string) string {
	address = strings.TrimPrefix(address, "blob:")
	u := parseURL(address)
	if u == nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// attr is the value of an attribute, "" without it.
func (n *Node) attr(name string) string {
	value, _ := n.lookup(name)
	return value
}

func (n *Node) lookup(name string) (string, bool) {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return n.Attrs[i].Value, true
		}
	}
	return "", false
}

// head fills Title, Language, Direction and Meta from the main document.
func (d *deriver) head() {
	p := d.p
	p.Title, p.Language, p.Direction, p.Meta = "", "", "", Meta{}
	if len(p.Frames) > 0 {
		p.Direction = p.Frames[0].Direction
	}
	titled := false
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Frame != 0 {
			continue
		}
		switch n.Name {
		case "html":
			d.root(n)
		case "title":
			if !titled && !d.within(int32(i), "svg") {
				p.Title, titled = cutRunes(d.text(int32(i), maxTitle*4), maxTitle), true
			}
		case "meta":
			d.meta(n)
		case "base":
			if href, ok := n.lookup("href"); ok && p.Meta.Base == "" {
				p.Meta.Base = d.against(p.FinalURL, href)
			}
		case "link":
			d.relation(n)
		}
	}
}

// root reads the <html> element; a later one is an impostor in the body.
func (d *deriver) root(n *Node) {
	p := d.p
	if n.Parent > 0 {
		return
	}
	p.Language = n.attr("lang")
	if p.Language == "" {
		p.Language = n.attr("xml:lang")
	}
	p.Language = cut(strings.TrimSpace(p.Language), 100)
	if p.Direction == "" {
		p.Direction = "ltr"
		if strings.EqualFold(n.attr("dir"), "rtl") {
			p.Direction = "rtl"
		}
	}
}

// against resolves a <base> itself: against the document's address, not the base.
func (d *deriver) against(address, ref string) string {
	base, u := parseURL(address), parseURL(trimURL(ref))
	if base == nil || u == nil {
		return trimURL(ref)
	}
	return cut(base.ResolveReference(u).String(), maxURL)
}

// meta keeps the first of each kind, as browsers and crawlers do.
func (d *deriver) meta(n *Node) {
	m := &d.p.Meta
	content := strings.TrimSpace(n.attr("content"))
	first := func(field *string) {
		if *field == "" {
			*field = content
		}
	}
	if strings.EqualFold(strings.TrimSpace(n.attr("http-equiv")), "refresh") {
		first(&m.Refresh)
	}
	switch strings.ToLower(strings.TrimSpace(n.attr("name"))) {
	case "robots":
		first(&m.Robots)
	case "description":
		first(&m.Description)
	case "generator":
		first(&m.Generator)
	}
}

func (d *deriver) relation(n *Node) {
	m := &d.p.Meta
	for _, rel := range strings.Fields(strings.ToLower(n.attr("rel"))) {
		var field *string
		switch rel {
		case "canonical":
			field = &m.Canonical
		case "icon":
			field = &m.Icon
		case "manifest":
			field = &m.Manifest
		default:
			continue
		}
		if *field == "" {
			*field = d.resolve(n.Frame, n.attr("href"))
		}
	}
}

// within says whether a node has an ancestor of that name.
func (d *deriver) within(node int32, name string) bool {
	return d.ancestor(node, name) >= 0
}

// ancestor is the nearest ancestor of that name in the same document, -1 for none.
func (d *deriver) ancestor(node int32, name string) int32 {
	nodes := d.p.Nodes
	for range maxAncestors {
		parent := nodes[node].Parent
		if parent < 0 || parent >= node || nodes[parent].Frame != nodes[node].Frame {
			return -1
		}
		if nodes[parent].Name == name {
			return parent
		}
		node = parent
	}
	return -1
}

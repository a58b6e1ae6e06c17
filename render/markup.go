package render

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// maxMarkup bounds the serialised tree in bytes.
const maxMarkup = 16 << 20

// markupEnd closes a serialisation that maxMarkup cut short.
const markupEnd = "<!-- cut -->"

// markup serialises a tree as HTML, the same bytes for the same tree. What HTML
// has no way to write is put into inert <template> elements:
//
//	<template data-frame="src">             the document of the <iframe> before it
//	<template shadowrootmode="closed">      a shadow tree, first child of its host
//	<template data-generated="before">      the text of ::before
//
// Attribute order is the document's; names that could not be parsed back have
// the offending characters replaced by "_", and an "x" before those of elements
// that do not begin with a letter, or would swallow all that follows. Scripts and
// styles stay readable, but for a backslash where their text would decide how a
// parser reads what comes after them. A result that reached maxMarkup
// ends with markupEnd. The bytes are evidence to be read, not to be rendered.
func markup(nodes []Node) []byte {
	m := marker{nodes: nodes}
	m.grow()
	for i := range nodes {
		if len(m.out) > maxMarkup {
			break
		}
		m.closeUntil(nodes[i].Parent)
		m.start(int32(i))
	}
	if len(m.out) <= maxMarkup {
		m.closeUntil(-1)
	}
	if len(m.out) > maxMarkup {
		return append(m.out[:maxMarkup-len(markupEnd)], markupEnd...)
	}
	return m.out
}

// markupDigest is the SHA-256 of a serialised tree, in hex: Page.DOMDigest.
func markupDigest(html []byte) string {
	sum := sha256.Sum256(html)
	return hex.EncodeToString(sum[:])
}

// serialise fills HTML and DOMDigest from Nodes and reports a cut.
func (p *Page) serialise() {
	p.HTML = markup(p.Nodes)
	p.DOMDigest = markupDigest(p.HTML)
	if len(p.HTML) == maxMarkup {
		p.Truncated = append(p.Truncated, "HTML over 16 MiB, cut")
	}
}

// marker writes elements and remembers what is to be closed.
type marker struct {
	nodes []Node
	out   []byte
	open  []ending
}

// ending is an open element: its node and the tag that closes it.
type ending struct {
	node int32
	tag  string // "" if there is nothing to close
	code bool   // a parser takes what is in it for code, up to its end tag
	from int    // where that began in out
}

func (m *marker) grow() {
	size := 0
	for i := range m.nodes {
		size += len(m.nodes[i].Text) + 2*len(m.nodes[i].Name) + 5 + 30*len(m.nodes[i].Attrs)
		if size > maxMarkup {
			size = maxMarkup
			break
		}
	}
	m.out = make([]byte, 0, size+4096)
}

// closeUntil ends what is open down to, and not including, the given parent.
// A parent that is not open (hostile order) closes everything.
func (m *marker) closeUntil(parent int32) {
	for len(m.open) > 0 {
		last := m.open[len(m.open)-1]
		if last.node == parent {
			return
		}
		if last.tag != "" {
			m.out = append(m.out, "</"+last.tag+">"...)
		}
		m.open = m.open[:len(m.open)-1]
	}
}

func (m *marker) start(i int32) {
	n := &m.nodes[i]
	if n.Name == "#text" {
		m.text(n)
		return
	}
	code := m.beginsCode(n.Name)
	if len(m.open) > 0 {
		m.open[len(m.open)-1].code = false // with more than text in it, what is code is not ours to say
	}
	var tag string
	switch {
	case n.Name == "#doctype":
		m.write("<!DOCTYPE html>")
		return
	case n.Name == "#document":
		tag = m.document(n)
	case n.Name == "#shadow-root":
		tag = m.template("shadowrootmode", n.attr("mode"))
	case strings.HasPrefix(n.Name, "::"):
		m.template("data-generated", n.Name[2:])
		m.escape(n.Text, false)
		m.write("</template>")
		return
	default:
		tag = m.element(n)
	}
	m.open = append(m.open, ending{i, tag, code, len(m.out)})
}

// beginsCode reports an element whose text a parser takes as it stands. In an SVG
// or a formula no element is read like that (HTML Standard, 13.2.6.5), nor in
// another one that is.
func (m *marker) beginsCode(name string) bool {
	return isCode(name) && !slices.ContainsFunc(m.open, func(e ending) bool { return isCode(e.tag) || e.tag == "svg" || e.tag == "math" })
}

func isCode(name string) bool { return name == "script" || name == "style" }

// document writes nothing for the main one. A frame's comes out of its
// <iframe>, in which a parser would take it for text.
func (m *marker) document(n *Node) string {
	if n.Parent < 0 || len(m.open) == 0 {
		return ""
	}
	last := &m.open[len(m.open)-1]
	if last.node == n.Parent && last.tag != "" {
		m.write("</" + last.tag + ">")
		last.tag = ""
	}
	address := ""
	if n.Parent < int32(len(m.nodes)) {
		address = m.nodes[n.Parent].attr("src")
	}
	return m.template("data-frame", address)
}

func (m *marker) template(attr, value string) string {
	m.write(`<template ` + attr + `="`)
	m.escape(value, true)
	m.write(`">`)
	return "template"
}

// void elements have no end tag (HTML Standard, 13.1.2).
var void = map[string]bool{"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true,
	"img": true, "input": true, "link": true, "meta": true, "param": true, "source": true, "track": true, "wbr": true}

func (m *marker) element(n *Node) string {
	tag := plainName(n.Name)
	if c := tag[0] | 32; c < 'a' || c > 'z' || tag == "plaintext" {
		tag = "x" + tag // after "<", anything but a letter begins a text or a comment; a plaintext never ends
	}
	m.write("<" + tag)
	for i := range n.Attrs {
		m.write(" " + plainName(n.Attrs[i].Name))
		if n.Attrs[i].Value != "" {
			m.write(`="`)
			m.escape(n.Attrs[i].Value, true)
			m.write(`"`)
		}
	}
	m.write(">")
	if void[tag] {
		return ""
	}
	return tag
}

// plainName replaces what would end a name in HTML.
func plainName(name string) string {
	for i := range len(name) {
		if endsName(rune(name[i])) {
			return "_" + strings.Map(func(r rune) rune {
				if endsName(r) {
					return '_'
				}
				return r
			}, name)
		}
	}
	if name == "" {
		return "_"
	}
	return name
}

func endsName(r rune) bool {
	switch r {
	case ' ', '\t', '\r', '\n', '\f', '"', '\'', '<', '>', '/', '=', 0:
		return true
	}
	return false
}

// text escapes a text, except in scripts and styles, which are kept readable.
func (m *marker) text(n *Node) {
	if len(m.open) > 0 && m.open[len(m.open)-1].code {
		m.code(n.Text, m.open[len(m.open)-1])
		return
	}
	m.escape(n.Text, false)
}

// The two beginnings that mean something to a parser in code: of an end tag, and
// in scripts of a comment, in which another <script> keeps the end tag of this one
// from ending it (HTML Standard, 13.2.5.20). Both are broken before their last
// character, since code may come in pieces.
var (
	styleBreaks  = strings.NewReplacer("</", `<\/`)
	scriptBreaks = strings.NewReplacer("</", `<\/`, "<!--", `<!-\-`)
)

func (m *marker) code(text string, in ending) {
	if len(m.out) > maxMarkup {
		return
	}
	before := string(m.out[max(in.from, len(m.out)-len("<!-")):])
	breaks := styleBreaks
	if in.tag == "script" {
		breaks = scriptBreaks
	}
	m.write(breaks.Replace(before + text)[len(before):])
}

func (m *marker) write(s string) {
	if len(m.out) <= maxMarkup {
		m.out = append(m.out, s...)
	}
}

// escape writes text or an attribute value by the serialisation rules of the
// HTML Standard, 13.3, since 2025 with "<" and ">" escaped in values too: where a
// parser expects none, they would be tags.
func (m *marker) escape(s string, attribute bool) {
	from := 0
	for i := 0; i < len(s); i++ {
		var entity string
		switch c := s[i]; {
		case c == '&':
			entity = "&amp;"
		case c == '<':
			entity = "&lt;"
		case c == '>':
			entity = "&gt;"
		case c == '"' && attribute:
			entity = "&quot;"
		default:
			continue
		}
		m.write(s[from:i])
		m.write(entity)
		from = i + 1
	}
	m.write(s[from:])
}

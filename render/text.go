package render

import "strings"

// blocks are the elements that start a line of their own by default (HTML
// Standard, 15.3 "Rendering: flow content"), and the parts of a table.
var blocks = make(map[string]bool)

func init() {
	const names = `address article aside blockquote body center dd details dialog dir div dl dt fieldset
	figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol option p
	pre search section select summary table caption tr ul textarea iframe #document optgroup button marquee video`
	for name := range strings.FieldsSeq(names) {
		blocks[name] = true
	}
}

// VisibleText is the text a visitor can see, in document order, frames and
// shadow trees included: one line a block, cells of a table separated by a
// space, at most 4 MiB. White space is collapsed except in <pre>.
func (p *Page) VisibleText() string {
	w := textWriter{nodes: p.Nodes}
	for i := range p.Nodes {
		w.node(int32(i))
		if w.b.Len() >= maxVisibleText {
			break
		}
	}
	return cut(w.b.String(), maxVisibleText)
}

// textWriter turns a flat tree into lines. It follows the ends of blocks by
// the blocks that are open at each node.
type textWriter struct {
	nodes        []Node
	b            strings.Builder
	open         []int32 // open blocks, outermost first
	space, broke bool    // what separates the next word from the last
}

func (w *textWriter) node(i int32) {
	n := &w.nodes[i]
	for len(w.open) > 0 && !w.encloses(w.open[len(w.open)-1], n.Parent) {
		w.open = w.open[:len(w.open)-1]
		w.broke = true
	}
	switch {
	case n.Text != "":
		if n.Hidden == Shown {
			w.text(n.Text, w.preformatted())
		}
	case n.Name == "br":
		w.broke = true
	case n.Name == "td" || n.Name == "th" || n.Name == "img":
		w.space = true
	case n.Name == "input":
		w.button(n)
	case blocks[n.Name]:
		w.open = append(w.open, i)
		w.broke = true
	}
}

// encloses says whether block is node or one of its ancestors. Parents have
// lower indices, so the climb stops as soon as it has passed the block.
func (w *textWriter) encloses(block, node int32) bool {
	for range maxAncestors {
		if node <= block {
			return node == block
		}
		node = w.nodes[node].Parent
	}
	return false
}

func (w *textWriter) preformatted() bool {
	return len(w.open) > 0 && w.nodes[w.open[len(w.open)-1]].Name == "pre"
}

// button writes what stands on an <input> that is one.
func (w *textWriter) button(n *Node) {
	switch strings.ToLower(n.attr("type")) {
	case "submit", "button", "reset":
		if n.Hidden == Shown {
			w.space = true
			w.text(n.attr("value"), false)
			w.space = true
		}
	}
}

// text writes words. White space at either end joins or separates it from its
// neighbours just as it does on the page.
func (w *textWriter) text(s string, keepLines bool) {
	for k, line := range lines(s, keepLines) {
		if k > 0 {
			w.broke = true
		}
		if line != "" && isSpace(line[0]) {
			w.space = true
		}
		for word := range strings.FieldsSeq(line) {
			w.separate()
			w.b.WriteString(word)
			w.space = true
		}
		if line != "" {
			w.space = isSpace(line[len(line)-1]) || (w.space && strings.TrimSpace(line) == "")
		}
	}
}

func lines(s string, keep bool) []string {
	if keep {
		return strings.Split(s, "\n")
	}
	return []string{s}
}

func isSpace(c byte) bool { return c == ' ' || (c >= '\t' && c <= '\r') }

func (w *textWriter) separate() {
	if w.b.Len() > 0 {
		if w.broke {
			w.b.WriteByte('\n')
		} else if w.space {
			w.b.WriteByte(' ')
		}
	}
	w.broke, w.space = false, false
}

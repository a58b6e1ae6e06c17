package snapshot

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// shadowRoot is the template of an element's shadow tree, nil if it has none.
func shadowRoot(host *html.Node) *html.Node {
	first := host.FirstChild
	if first != nil && first.DataAtom == atom.Template && attr(first, "shadowrootmode") != "" {
		return first
	}
	return nil
}

// unfold puts a shadow tree into the form that browsers read without a script: a
// declarative shadow root, open whatever it was, since nothing is left that could
// reach into it. So its styles stay its own.
//
// The record has the elements of the page that are shown in a slot below that slot;
// they go back to where they belong, which is the host. Trees of the browser itself,
// as <details> and <input> have, go altogether: it will make its own.
func unfold(host, root *html.Node) {
	own := strings.EqualFold(attr(root, "shadowrootmode"), "user-agent")
	for _, slot := range slots(root) {
		name := attr(slot, "name")
		var next *html.Node
		for c := slot.FirstChild; c != nil; c = next {
			next = c.NextSibling
			if own || assigned(c, name) {
				slot.RemoveChild(c)
				host.AppendChild(c)
			}
		}
	}
	if own {
		host.RemoveChild(root)
		return
	}
	root.Attr = []html.Attribute{{Key: "shadowrootmode", Val: "open"}}
}

// assigned reports a child of a slot that the page put there. What a slot shows for
// want of anything else cannot be told from it where the slot has no name, and looks
// the same there.
func assigned(n *html.Node, slot string) bool {
	if n.Type != html.ElementNode {
		return slot == ""
	}
	return attr(n, "slot") == slot
}

// slots are those of one shadow tree, without those of trees within.
func slots(root *html.Node) []*html.Node {
	var all []*html.Node
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.DataAtom == atom.Slot {
				all = append(all, c)
				continue
			}
			if c.DataAtom == atom.Template && attr(c, "shadowrootmode") != "" {
				continue
			}
			walk(c)
		}
	}
	walk(root)
	return all
}

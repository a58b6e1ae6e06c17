package render

import (
	"strconv"
	"strings"
)

// colour is one computed colour. One that is not known (a wide-gamut notation,
// no style at all) never hides anything.
type colour struct {
	r, g, b uint8
	a       float32
	known   bool
	css     string // as Chrome wrote it, "rgb(0, 0, 0)"; "" for a mixture
}

// over is c painted on an opaque background.
func (c colour) over(back colour) colour {
	mix := func(top, under uint8) uint8 {
		return uint8(float32(top)*c.a + float32(under)*(1-c.a) + 0.5)
	}
	return colour{mix(c.r, back.r), mix(c.g, back.g), mix(c.b, back.b), 1, c.known && back.known, ""}
}

// same says whether text of one colour cannot be read on the other. Ten steps
// of 255 in each channel is a contrast ratio of at most 1.1 to 1; WCAG asks 4.5.
func (c colour) same(o colour) bool {
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 10 }
	return c.known && o.known && near(c.r, o.r) && near(c.g, o.g) && near(c.b, o.b)
}

func (f *flattener) colourOf(d *document, i, which int) colour {
	k := d.boxes[i]
	if k < 0 || int(k) >= len(d.layout.Styles) || which >= len(d.layout.Styles[k]) {
		return colour{}
	}
	key := d.layout.Styles[k][which]
	if c, ok := f.colours[key]; ok {
		return c
	}
	c := parseColour(f.text(key))
	f.colours[key] = c
	return c
}

// parseColour reads "rgb(r, g, b)" and "rgba(r, g, b, a)".
func parseColour(s string) colour {
	inner, ok := strings.CutPrefix(s, "rgb(")
	if !ok {
		if inner, ok = strings.CutPrefix(s, "rgba("); !ok {
			return colour{}
		}
	}
	parts := strings.Split(strings.TrimSuffix(inner, ")"), ",")
	if len(parts) != 3 && len(parts) != 4 {
		return colour{}
	}
	var v [3]uint8
	for k := range v {
		n, err := strconv.ParseUint(strings.TrimSpace(parts[k]), 10, 8)
		if err != nil {
			return colour{}
		}
		v[k] = uint8(n)
	}
	c := colour{v[0], v[1], v[2], 1, true, s}
	if len(parts) == 4 {
		a, err := strconv.ParseFloat(strings.TrimSpace(parts[3]), 32)
		if err != nil || !(a >= 0 && a <= 1) {
			return colour{}
		}
		c.a = float32(a)
	}
	return c
}

// Bounds of the search for what is behind a text.
const (
	maxAncestors   = 512 // Chrome's parser nests no deeper; scripts can
	maxComparisons = 20_000_000
)

// sameColours marks texts in the colour of what is behind them. What is behind
// a text is the backgrounds of those ancestors that reach under its middle,
// down to the page's white; a picture among them, or any other painted element
// under the middle, makes the background unknown and the text shown.
func (f *flattener) sameColours() {
	var painters []int32
	collected := false
	left := maxComparisons
	for i := range f.nodes {
		n := &f.nodes[i]
		if n.Hidden != Shown || (n.Name != "#text" && n.Name[0] != ':') || n.Parent < 0 || strings.TrimSpace(n.Text) == "" {
			continue
		}
		text, ok := f.unreadable(i)
		if !ok {
			continue
		}
		if !collected {
			painters, collected = f.painters(), true
		}
		left -= len(painters)
		if left < 0 {
			f.truncated = append(f.truncated, "same-colour checks ended early: too many candidates")
			return
		}
		if text.a < faintest || !f.paintedUnder(i, painters) {
			n.Hidden = SameColour
		}
	}
}

// unreadable compares a text's colour with its ancestors' backgrounds.
func (f *flattener) unreadable(i int) (colour, bool) {
	n := &f.nodes[i]
	owner := int32(i)
	if n.Name == "#text" {
		owner = n.Parent
	}
	text := f.looks[owner].colour
	if !text.known || f.nodes[owner].Name == "text" || f.nodes[owner].Name == "tspan" { // SVG paints with fill
		return text, false
	}
	back, ok := f.behind(n.Box, owner)
	if text.a < faintest {
		return text, !f.glyphs(owner)
	}
	return text, ok && !f.glyphs(owner) && text.over(back).same(back)
}

// glyphs says whether the letters are painted by other means than their
// colour: a shadow, a stroke, or a background cut out to their shape.
func (f *flattener) glyphs(node int32) bool {
	for range 4 {
		if node < 0 {
			return false
		}
		if f.looks[node].glyphs {
			return true
		}
		node = f.nodes[node].Parent
	}
	return false
}

// behind blends the backgrounds of node and its ancestors under the middle of
// box. It is false if a picture or an unknown colour is among them.
func (f *flattener) behind(box Box, node int32) (colour, bool) {
	var layers [8]colour
	count := 0
	back := colour{255, 255, 255, 1, true, ""}
	for range maxAncestors {
		if node < 0 {
			break
		}
		l, n := &f.looks[node], &f.nodes[node]
		if l.laid && n.Name[0] != '#' && (n.Name == "html" || n.Name == "body" || covers(n.Box, box)) {
			if l.image || !l.back.known {
				return colour{}, false
			}
			if l.back.a >= 1 {
				back = l.back
				break
			}
			if l.back.a > 0 {
				if count == len(layers) {
					return colour{}, false
				}
				layers[count] = l.back
				count++
			}
		}
		node = n.Parent
	}
	for count > 0 {
		count--
		back = layers[count].over(back)
	}
	return back, true
}

// replaced are elements that paint something of their own.
var replaced = map[string]bool{"img": true, "video": true, "canvas": true, "svg": true, "iframe": true,
	"object": true, "embed": true, "input": true, "progress": true, "meter": true, "frame": true}

// painters lists the elements that could stand behind a text that is not in them.
func (f *flattener) painters() []int32 {
	var list []int32
	for i := range f.nodes {
		l, n := &f.looks[i], &f.nodes[i]
		if !l.laid || n.Hidden != Shown || n.Name[0] == '#' || n.Name == "html" || n.Name == "body" {
			continue
		}
		if replaced[n.Name] || l.image || l.back.a > faintest {
			list = append(list, int32(i))
		}
	}
	return list
}

// paintedUnder looks for a painter under the middle of a text that is not one
// of its ancestors: those have been judged already.
func (f *flattener) paintedUnder(text int, painters []int32) bool {
	for _, p := range painters {
		if covers(f.nodes[p].Box, f.nodes[text].Box) && !f.holds(p, int32(text)) {
			return true
		}
	}
	return false
}

func (f *flattener) holds(ancestor, node int32) bool {
	for range maxAncestors {
		if node <= ancestor {
			return node == ancestor
		}
		node = f.nodes[node].Parent
	}
	return false
}

// covers says whether a has the middle of b in it.
func covers(a, b Box) bool {
	x, y := b.X+b.W/2, b.Y+b.H/2
	return x >= a.X && x < a.X+a.W && y >= a.Y && y < a.Y+a.H
}

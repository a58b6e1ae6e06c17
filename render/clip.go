package render

import "strings"

// clip works out what becomes of the node's children. An absolutely positioned
// child escapes the clip of an ancestor that is not its containing block.
func (f *flattener) clip(d *document, i int, l *look, gone bool) {
	clips := hides(f.style(d, i, styleOverflowX)) || hides(f.style(d, i, styleOverflowY))
	box, _ := d.bounds(i)
	tiny := clips && (box[2] < smallest || box[3] < smallest)
	l.flow = gone || tiny
	if l.positioned {
		l.absolute = l.flow
	}
	indent := f.style(d, i, styleIndent)
	l.cropped = clips && indent != "" && indent != "0px" && indent != "0"
}

func apart(a, b Box) bool {
	return a.X+a.W <= b.X || b.X+b.W <= a.X || a.Y+a.H <= b.Y || b.Y+b.H <= a.Y
}

// emptyClip reads the old clip property: "rect(top, right, bottom, left)".
func emptyClip(s string) bool {
	inner, ok := strings.CutPrefix(s, "rect(")
	if !ok {
		return false
	}
	sides := strings.FieldsFunc(strings.TrimSuffix(inner, ")"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(sides) != 4 {
		return false
	}
	var v [4]float64
	for k, side := range sides {
		if side == "auto" {
			return false
		}
		v[k] = number(strings.TrimSuffix(side, "px"), 0)
	}
	return v[1]-v[3] < smallest || v[2]-v[0] < smallest
}

// emptyClipPath knows the shapes that are used to hide: insets that meet and
// circles without a radius.
func emptyClipPath(s string) bool {
	if inner, ok := strings.CutPrefix(s, "inset("); ok {
		first, _, _ := strings.Cut(strings.TrimSuffix(inner, ")"), " ")
		p, isPercent := strings.CutSuffix(first, "%")
		return isPercent && number(p, 0) >= 50
	}
	return strings.HasPrefix(s, "circle(0px") || strings.HasPrefix(s, "circle(0%") || s == "circle(0)"
}

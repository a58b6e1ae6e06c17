package compare

import (
	"fmt"
	"image"
	"slices"
)

// A picture tells where something changed, the tree tells what stands there.
// This file brings the two together.

// screenHeight is how much of a page a visitor sees before he does anything: the
// height of the window in which looks are taken.
const screenHeight = 768

// screen is the first screen of a picture.
func screen(img image.Image) Box {
	b := img.Bounds()
	return Box{0, 0, int32(b.Dx()), int32(min(b.Dy(), screenHeight))}
}

// within is the area that two boxes have in common, in pixels.
func within(a, b Box) int {
	w := int(min(a.X+a.W, b.X+b.W)) - int(max(a.X, b.X))
	h := int(min(a.Y+a.H, b.Y+b.H)) - int(max(a.Y, b.Y))
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}

// fills reports that a box takes up a share of another one, in percent.
func fills(b, of Box, percent int) bool {
	return area(of) > 0 && 100*within(b, of) >= percent*area(of)
}

// nameOf is an element as its author would call it: "div#hero.banner".
func nameOf(e Element) string { return e.Tag + e.Key }

// blockOf is the innermost shown element that a region of the picture lies in:
// three quarters of it at least, since regions end at cells.
func (v View) blockOf(region Box) (Element, bool) {
	best, found := Element{}, false
	for _, e := range v.Elements {
		if e.Hidden == "" && fills(e.Box, region, 75) && (!found || area(e.Box) <= area(best.Box)) {
			best, found = e, true
		}
	}
	return best, found
}

// maxNamedBlocks is how many of the changed regions are named.
const maxNamedBlocks = 3

// changedBlocks names the elements in which the largest changes lie.
func (c *comparison) changedBlocks() string {
	if c.change == nil {
		return ""
	}
	var names []string
	for _, region := range c.change.Changed[:min(maxNamedBlocks, len(c.change.Changed))] {
		e, found := c.look.View.blockOf(region)
		if !found {
			continue
		}
		name := fmt.Sprintf("%s (%d x %d at %d,%d)", nameOf(e), region.W, region.H, region.X, region.Y)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return some(names)
}

// descends marks the elements of the tree below one, itself included. A parent
// stands before its children.
func (v View) descends(from int) []bool {
	in := make([]bool, len(v.Elements))
	in[from] = true
	for i := from + 1; i < len(v.Elements); i++ {
		if p := v.Elements[i].Parent; p >= int32(from) && p < int32(i) {
			in[i] = in[p]
		}
	}
	return in
}

// holders marks the elements that hold one of those with the given boxes,
// themselves included.
func (v View) holders(boxes map[Box]bool) []bool {
	holds := make([]bool, len(v.Elements))
	for i, e := range slices.Backward(v.Elements) {
		if e.Hidden == "" && boxes[e.Box] {
			holds[i] = true
		}
		if p := e.Parent; holds[i] && p >= 0 && p < int32(i) {
			holds[p] = true
		}
	}
	return holds
}

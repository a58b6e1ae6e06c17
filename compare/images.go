package compare

import (
	"bytes"
	"image"
	"slices"
)

// minImage is the area in pixels from which a picture is a hero, not an icon.
const minImage = 300 * 150

// imageHits judges large pictures that are not what they were. A new file of the
// site's own is everyday work; the same address with another content, or a
// picture from a stranger, is not.
func imageHits(c *comparison) []hit {
	if c.base == nil || c.change == nil || c.coreLost() || c.change.Share > coveredShare {
		return nil
	}
	for _, e := range c.look.View.Elements {
		if e.Tag != "img" || e.Hidden != "" || area(e.Box) < minImage || c.isMasked(e.Box) {
			continue
		}
		foreign := c.foreign(hostOf(e.Src)) && c.repainted(e.Box)
		if !foreign && !c.overwritten(e) {
			continue
		}
		box := e.Box
		h := hit{rule: "defacement.image", strength: vote, evidence: excerpt(e.Src), region: &box}
		switch {
		case !foreign && c.overlaid(e):
			continue // what stands in front of it is judged for itself
		case c.imageDark(box):
			h.strength = decisive
		}
		return []hit{h}
	}
	return nil
}

// repainted reports that at least 0.6 of a box changed.
func (c *comparison) repainted(b Box) bool {
	covered := 0
	for _, r := range c.change.Changed {
		w := min(b.X+b.W, r.X+r.W) - max(b.X, r.X)
		h := min(b.Y+b.H, r.Y+r.H) - max(b.Y, r.Y)
		if w > 0 && h > 0 {
			covered += int(w) * int(h)
		}
	}
	return 10*covered >= 6*area(b)
}

// overwritten reports that an approved look had the same file in the same size and
// that its pixels are others now. A slide that merely moved shows the pixels it
// showed before; a file that did not load shows one colour.
func (c *comparison) overwritten(e Element) bool {
	old := imageLike(c.base.Images, e)
	if old < 0 || !c.base.Images[old].Steady {
		return false
	}
	share, ok := unlike(c.base.Reference, c.look.Picture, c.base.Images[old].Box, e.Box)
	return ok && share > 0.5 && !oneColour(toRGBA(c.look.Picture), rectOf(e.Box))
}

// imageLike finds the known image with the file and size of an element, -1 if
// there is none.
func imageLike(images []KnownImage, e Element) int {
	return slices.IndexFunc(images, func(k KnownImage) bool { return k.Src == e.Src && k.Box.W == e.Box.W && k.Box.H == e.Box.H })
}

// steadyImages lists the images of a look, and says which of them looked the same
// in the look before: what a slide show or an advertiser paints over is not steady.
func steadyImages(before *Look, images []KnownImage, now *Look) []KnownImage {
	out := knownImages(now.View.Elements)
	for i := range out {
		old := imageLike(images, Element{Src: out[i].Src, Box: out[i].Box})
		switch {
		case before == nil || before.Picture == nil || now.Picture == nil:
			out[i].Steady = now.Picture != nil
		case old >= 0:
			share, ok := unlike(before.Picture, now.Picture, images[old].Box, out[i].Box)
			out[i].Steady = ok && share < 0.1 && images[old].Steady
		}
	}
	return out
}

func (c *comparison) isMasked(b Box) bool {
	return slices.ContainsFunc(c.masks, func(m Box) bool { return overlap(m, b) })
}

// oneColour reports that all pixels of a part of the picture are equal: its first
// line equals itself shifted by a pixel, and all others equal the first.
func oneColour(img *image.RGBA, r image.Rectangle) bool {
	line := func(y int) []byte { return row(img, y)[4*r.Min.X : 4*r.Max.X] }
	first := line(r.Min.Y)
	if !bytes.Equal(first[4:], first[:len(first)-4]) {
		return false
	}
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		if !bytes.Equal(line(y), first) {
			return false
		}
	}
	return true
}

// unlike is the share of pixels, on a grid of 40 by 40, whose luminance differs
// clearly between two boxes of one size; false if one leaves its picture. Colours
// do not count: days of mourning take them out of a whole page.
func unlike(before, after image.Image, from, to Box) (float64, bool) {
	was, is := toRGBA(before), toRGBA(after)
	if !rectOf(from).In(was.Rect) || !rectOf(to).In(is.Rect) || area(to) == 0 {
		return 0, false
	}
	differ, n := 0, 0
	for y := 0; y < int(to.H); y += max(1, int(to.H)/40) {
		for x := 0; x < int(to.W); x += max(1, int(to.W)/40) {
			a := was.Pix[was.PixOffset(int(from.X)+x, int(from.Y)+y):]
			b := is.Pix[is.PixOffset(int(to.X)+x, int(to.Y)+y):]
			if n++; abs(luma(a)-luma(b)) > 32 {
				differ++
			}
		}
	}
	return float64(differ) / float64(n), true
}

// overlaid reports that something which no approved look had lies over an element.
func (c *comparison) overlaid(e Element) bool {
	for _, b := range c.newBlocks {
		if b.hidden == "" && overlap(b.box, e.Box) {
			return true
		}
	}
	if c.newFiles == nil {
		c.newFiles = c.elementsWithNewFiles()
	}
	return slices.ContainsFunc(c.newFiles, func(o Element) bool { return o.Src != e.Src && overlap(o.Box, e.Box) })
}

// elementsWithNewFiles are those shown whose file no approved look had. It is
// never nil.
func (c *comparison) elementsWithNewFiles() []Element {
	known := map[string]bool{"": true}
	for _, k := range c.base.Images {
		known[k.Src] = true
	}
	out := []Element{}
	for _, o := range c.look.View.Elements {
		if o.Hidden == "" && !known[o.Src] {
			out = append(out, o)
		}
	}
	return out
}

// imageDark reports that at least half of a part of the picture is nearly black:
// dark grounds are what most defacers paint on, and few sites do.
func (c *comparison) imageDark(b Box) bool {
	img := toRGBA(c.look.Picture)
	rect := rectOf(b).Intersect(img.Rect)
	dark, n := 0, 0
	for y := rect.Min.Y; y < rect.Max.Y; y += 4 {
		for x := rect.Min.X; x < rect.Max.X; x += 4 {
			if n++; luma(img.Pix[img.PixOffset(x, y):]) < darkBelow {
				dark++
			}
		}
	}
	return n > 0 && 2*dark >= n
}

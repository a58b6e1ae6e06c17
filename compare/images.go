package compare

import (
	"bytes"
	"fmt"
	"image"
	"slices"
)

// minImage is the area in pixels from which a picture is a hero, not an icon;
// minPortrait that from which people are shown, and minLogo that from which a logo
// can be told from another.
const (
	minImage    = 300 * 150
	minPortrait = 96 * 96
	minLogo     = 24 * 24
)

// manyImages is how many pictures that all became another one were not exchanged
// by somebody who works on the page.
const manyImages = 3

// imageHits judges pictures that are not what they were. A new file of the site's
// own is everyday work; the same address with another content, or a picture from a
// stranger, is not.
func imageHits(c *comparison) []hit {
	if c.base == nil || c.change == nil || c.coreLost() || c.page.words <= pictureWords && c.change.Share > coveredShare {
		return nil
	}
	if c.screenHidden() {
		return nil // what lies over the page is judged for itself
	}
	if h, ok := c.allOneImage(); ok {
		return []hit{h}
	}
	var best []hit
	written := 0
	for _, e := range c.look.View.Elements {
		if e.Tag != "img" || e.Hidden != "" || c.isMasked(e.Box) || !c.repainted(e.Box) {
			continue
		}
		h, overwritten := c.imageHit(e)
		if h.rule == "" {
			continue
		}
		if overwritten {
			written++
		}
		if len(best) == 0 || h.strength > best[0].strength {
			best = []hit{h}
		}
	}
	if len(best) == 0 {
		if h, ok := c.restlessHit(); ok {
			return []hit{h}
		}
	}
	if written >= manyImages {
		best[0].strength = decisive
		best[0].evidence = excerpt(fmt.Sprintf("%d pictures were overwritten, %s", written, best[0].evidence))
	}
	return best
}

// imageHit judges one picture whose pixels changed, and says whether its file was
// written over.
func (c *comparison) imageHit(e Element) (h hit, overwritten bool) {
	old, known := c.overwritten(e)
	logo := known && old.Logo
	large := area(e.Box) >= minImage
	foreign := large && c.foreign(hostOf(e.Src))
	box := e.Box
	h = hit{rule: "defacement.image", strength: vote, evidence: excerpt(e.Src), region: &box}
	switch {
	case !known && !foreign:
		if h, ok := c.blackened(e); ok {
			return h, false
		}
		return c.newLogo(e), false
	case !foreign && c.overlaid(e):
		return hit{}, false // what stands in front of it is judged for itself
	case !foreign && !large && !logo:
		switch {
		case area(e.Box) < minPortrait:
			return hit{}, false
		case !c.paintedOver(e, old, known):
			h.strength = note // a photograph for another one, under the same address
			return h, false
		}
	case logo && c.change.Share > coveredShare:
		// Behind a scrim or in another dress the whole page looks other than it did.
		h.rule, h.strength = "defacement.logo", note
	case logo:
		h.rule, h.strength = "defacement.logo", decisive
	case c.paintedOver(e, old, known):
		h.strength = decisive
	}
	return h, known
}

// paintedOver reports what most defacers leave where a photograph was: lettering on
// a flat ground, or the dark.
func (c *comparison) paintedOver(e Element, old KnownImage, known bool) bool {
	is := groundOf(toRGBA(c.look.Picture), e.Box)
	if !known {
		return is.black()
	}
	was := groundOf(toRGBA(c.base.Reference), old.Box)
	return is.drawn() && !was.drawn() || is.black() && !was.black()
}

// blackened judges another file of the site's own in the place of a large picture
// that was not dark: a dark one is what mourning and those who deface have in
// common, and worth an analyst's look.
func (c *comparison) blackened(e Element) (hit, bool) {
	i := slices.IndexFunc(c.base.Images, func(k KnownImage) bool {
		return k.Steady && k.Src != e.Src && area(k.Box) >= minImage && 10*within(k.Box, e.Box) >= 8*max(area(k.Box), area(e.Box))
	})
	if i < 0 || c.base.Reference == nil || c.shown(c.base.Images[i].Src) || !c.paintedOver(e, c.base.Images[i], true) {
		return hit{}, false
	}
	box := e.Box
	return hit{rule: "defacement.image", strength: note, evidence: excerpt(e.Src), region: &box}, groundOf(toRGBA(c.look.Picture), e.Box).black()
}

// newLogo judges a picture in the place of the site's logo, from another file. A
// house that takes a new logo does the same, once in many years.
func (c *comparison) newLogo(e Element) hit {
	if area(e.Box) < minLogo {
		return hit{}
	}
	i := slices.IndexFunc(c.base.Images, func(k KnownImage) bool {
		return k.Logo && k.Steady && k.Src != e.Src && 2*within(k.Box, e.Box) >= min(area(k.Box), area(e.Box))
	})
	if i < 0 || c.base.Reference == nil || c.shown(c.base.Images[i].Src) {
		return hit{}
	}
	was, is := toRGBA(c.base.Reference), toRGBA(c.look.Picture)
	if !fitsIn(e.Box, is) || recognisable(was, is, c.base.Images[i].Box, e.Box) || oneColour(is, rectOf(e.Box)) {
		return hit{}
	}
	box := e.Box
	return hit{rule: "defacement.logo", strength: note, evidence: excerpt(e.Src), region: &box}
}

func (c *comparison) shown(src string) bool {
	return slices.ContainsFunc(c.look.View.Elements, func(e Element) bool { return e.Hidden == "" && e.Src == src })
}

// allOneImage judges a page whose pictures all became the same one. A placeholder
// for pictures that did not load is flat.
func (c *comparison) allOneImage() (hit, bool) {
	places := map[string][]Box{} // of files that no approved look had
	shown := 0
	known := map[string]bool{"": true}
	for _, k := range c.base.Images {
		known[k.Src] = true
	}
	for _, e := range c.look.View.Elements {
		if e.Tag != "img" || e.Hidden != "" || e.Src == "" || area(e.Box) < minLogo {
			continue
		}
		shown++
		if !known[e.Src] {
			places[e.Src] = append(places[e.Src], e.Box)
		}
	}
	for src, boxes := range places {
		if len(boxes) < manyImages || 5*len(boxes) < 4*shown || len(known)-1 < manyImages {
			continue
		}
		const placeholder = 0.9
		if !slices.ContainsFunc(boxes, func(b Box) bool { return groundOf(toRGBA(c.look.Picture), b).share < placeholder }) {
			continue
		}
		box := slices.MaxFunc(boxes, func(a, b Box) int { return area(a) - area(b) })
		return hit{rule: "defacement.images", strength: decisive, evidence: excerpt(fmt.Sprintf("%d of %d pictures are %s", len(boxes), shown, src)), region: &box}, true
	}
	return hit{}, false
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

// overwritten reports that an approved look had the same file and that its pixels
// are others now, and which one it was. A slide that merely moved shows the pixels
// it showed before; a file that did not load shows one colour.
func (c *comparison) overwritten(e Element) (KnownImage, bool) {
	is := toRGBA(c.look.Picture)
	old := imageLike(c.base.Images, e)
	if old < 0 {
		return c.reshaped(e)
	}
	k := c.base.Images[old]
	if !k.Steady {
		return KnownImage{}, false
	}
	share, ok := unlike(c.base.Reference, is, k.Box, e.Box)
	return k, ok && share > 0.5 && !oneColour(is, rectOf(e.Box)) && !recognisable(toRGBA(c.base.Reference), is, k.Box, e.Box)
}

// reshaped is overwritten for a file that brings other proportions along: its box
// is another one, so that hashes are compared. A drawing in place of a photograph,
// often too flat for a hash, is another picture in any case.
func (c *comparison) reshaped(e Element) (KnownImage, bool) {
	is := toRGBA(c.look.Picture)
	i := slices.IndexFunc(c.base.Images, func(k KnownImage) bool { return k.Src == e.Src && k.Steady && len(k.Print.Hash) > 0 })
	if i < 0 || !fitsIn(e.Box, is) {
		return KnownImage{}, false
	}
	k := c.base.Images[i]
	if far, ok := fingerprintOf(is, e.Box).distance(k.Print); ok && far > pageHashFar {
		return k, true
	}
	was, now := groundOf(toRGBA(c.base.Reference), k.Box), groundOf(is, e.Box)
	return k, now.drawn() && !was.drawn() && !oneColour(is, rectOf(e.Box))
}

// fingerprintOf is the hash of a part of the picture, without what is of use for
// whole pages only.
func fingerprintOf(img *image.RGBA, b Box) Print {
	p := Fingerprint(img.SubImage(rectOf(b)))
	p.Tiles = nil
	return p
}

// maxImagePrints bounds how many pictures of a page are hashed: the logo and the
// largest.
const maxImagePrints = 12

// imageLike finds the known image with the file and size of an element, -1 if
// there is none.
func imageLike(images []KnownImage, e Element) int {
	return slices.IndexFunc(images, func(k KnownImage) bool { return k.Src == e.Src && k.Box.W == e.Box.W && k.Box.H == e.Box.H })
}

// steadyImages lists the images of a look, and says which of them looked the same
// in the look before: what a slide show or an advertiser paints over is not steady.
func steadyImages(before *Look, images []KnownImage, now *Look) []KnownImage {
	out := knownImages(now.View)
	for i := range out {
		if now.Picture != nil && i < maxImagePrints && (out[i].Logo || area(out[i].Box) >= minImage) {
			if is := toRGBA(now.Picture); fitsIn(out[i].Box, is) {
				out[i].Print = fingerprintOf(is, out[i].Box)
			}
		}
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

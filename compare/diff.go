package compare

import (
	"bytes"
	"encoding/binary"
	"image"
)

// Change is what differs between two pictures.
type Change struct {
	// Changed are regions of the new picture, largest first, at most 50; Gone
	// regions of the old one that have no place in the new.
	Changed, Gone []Box
	// Share of the new picture that differs, 0 to 1, masks left out.
	Share float64

	rows alignment
}

const (
	// cell is the edge of the squares in which pixels are counted.
	cell = 16
	// cellNoise is how many pixels of a cell may differ: a caret, the edge of
	// an anti-aliased glyph.
	cellNoise = 6
	maxBoxes  = 50
	// joinCells is the gap, in cells, across which changed cells make one region.
	joinCells = 2
)

// Diff compares two pictures of a page. Blocks that moved up or down because
// something was inserted or removed above them are not differences. Masks are in
// pixels of the new picture. A masked cell is neither counted nor reported.
func Diff(before, after image.Image, masks []Box) Change {
	return Secret(0).diff(before, after, masks, nil)
}

// diff is Diff with the baseline's volatile regions, which are in pixels of the
// old picture and move with its lines.
func (s Secret) diff(before, after image.Image, masks, volatile []Box) Change {
	if before == nil || after == nil || before.Bounds().Empty() || after.Bounds().Empty() {
		return Change{}
	}
	b, a := toRGBA(before), toRGBA(after)
	c := Change{rows: align(b, a)}
	g := newGrid(a.Rect.Dx(), a.Rect.Dy(), s)
	g.mask(masks)
	for _, l := range c.rows.stretches {
		g.maskMoved(volatile, l)
		g.compare(b, a, l)
	}
	for _, l := range c.rows.inserted {
		g.markContent(a, l.After, l.N)
	}
	c.Changed, c.Share = g.boxes(), g.share()
	c.Gone = goneBoxes(b, a, c.rows)
	return c
}

// differs counts pixels that are perceptibly different until there are more than noise.
func differs(b, a *image.RGBA, x0, x1, y0, y1, shift int) bool {
	n := 0
	for y := y0; y < y1; y++ {
		rb, ra := row(b, y+shift)[4*x0:4*x1], row(a, y)[4*x0:4*x1]
		if bytes.Equal(rb, ra) {
			continue
		}
		for i := 0; i < len(ra); i += 4 {
			if binary.LittleEndian.Uint32(rb[i:]) == binary.LittleEndian.Uint32(ra[i:]) {
				continue
			}
			if yiqDelta(rb[i:i+3], ra[i:i+3]) > pixelFar && !smoothed(b, x0+i/4, y+shift, luma(ra[i:i+3])) {
				if n++; n > cellNoise {
					return true
				}
			}
		}
	}
	return false
}

// smoothed reports whether a luminance lies within what the old picture has
// around a pixel: the edge of a glyph drawn a fraction of a pixel aside. A flat
// surrounding explains nothing.
func smoothed(b *image.RGBA, x, y, light int) bool {
	low, high := 255, 0
	for dy := max(0, y-1); dy <= min(y+1, b.Rect.Dy()-1); dy++ {
		for dx := max(0, x-1); dx <= min(x+1, b.Rect.Dx()-1); dx++ {
			l := luma(b.Pix[dy*b.Stride+4*dx:])
			low, high = min(low, l), max(high, l)
		}
	}
	return high-low > 40 && light >= low && light <= high
}

// goneBoxes are the contents of removed lines.
func goneBoxes(b, a *image.RGBA, rows alignment) []Box {
	g := newGrid(b.Rect.Dx(), b.Rect.Dy(), 0)
	for _, s := range rows.removed {
		g.markContent(b, s.Before, s.N)
	}
	return g.boxes()
}

package compare

import (
	"image"
	"math"
)

// ground is what a part of a picture is painted on.
type ground struct {
	share float64 // of the pixels that have exactly its most frequent colour
	light int     // luminance of that colour, 0 to 255
	dark  float64 // share of pixels that are nearly black
}

// drawnShare of one colour makes a drawing: lettering on a flat ground, as most
// who deface paint it. A camera gives no colour to more than a few of a hundred
// pixels, whatever it looks at.
const drawnShare = 0.3

func (g ground) drawn() bool { return g.share >= drawnShare }
func (g ground) black() bool { return g.dark >= 0.5 }

// groundOf samples a part of the picture on a grid of 64 by 64.
func groundOf(img *image.RGBA, b Box) ground {
	rect := rectOf(b).Intersect(img.Rect)
	counts := map[[3]byte]int{}
	n, dark := 0, 0
	for y := rect.Min.Y; y < rect.Max.Y; y += max(1, rect.Dy()/64) {
		for x := rect.Min.X; x < rect.Max.X; x += max(1, rect.Dx()/64) {
			p := img.Pix[img.PixOffset(x, y):]
			counts[[3]byte(p[:3])]++
			if luma(p) < darkBelow {
				dark++
			}
			n++
		}
	}
	if n == 0 {
		return ground{}
	}
	var top [3]byte
	most := 0
	for colour, k := range counts {
		if k > most || k == most && string(colour[:]) < string(top[:]) {
			top, most = colour, k
		}
	}
	return ground{share: float64(most) / float64(n), light: luma(top[:]), dark: float64(dark) / float64(n)}
}

// likeEnough is the correlation from which two parts of a picture show the same
// thing. Text over other text has one below 0.3.
const likeEnough = 0.5

// recognisable reports that what stood in one box of the old picture can be made
// out in a box of the new one, a pixel aside at most. It asks for the pattern and
// not for the colours: a page behind a veil, in another dress, in grey or in
// negative still shows what it showed.
func recognisable(was, is *image.RGBA, from, to Box) bool {
	w, h := min(from.W, to.W), min(from.H, to.H)
	for _, d := range [9]image.Point{{}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, -1}, {1, -1}, {-1, 1}} {
		moved := Box{to.X + int32(d.X), to.Y + int32(d.Y), w, h}
		if r, ok := correlation(was, is, Box{from.X, from.Y, w, h}, moved); ok && math.Abs(r) >= likeEnough {
			return true
		}
	}
	return false
}

// leastContrast is the standard deviation of luminance under which a part of a
// picture shows nothing, and under which nothing is left of it.
const (
	leastContrast = 8.0
	leastTrace    = 1.5
)

// contrast is the standard deviation of luminance in a part of the picture.
func contrast(img *image.RGBA, b Box) float64 {
	s, ok := sums(img, img, b, b)
	if !ok {
		return 0
	}
	return math.Sqrt(s.varianceA())
}

// correlation of the luminances of two boxes of one size; false if one of them
// leaves its picture. It is 0 where one of them is flat.
func correlation(was, is *image.RGBA, from, to Box) (float64, bool) {
	s, ok := sums(was, is, from, to)
	if !ok {
		return 0, false
	}
	a, b := s.varianceA(), s.varianceB()
	if a < leastTrace*leastTrace || b < leastTrace*leastTrace {
		return 0, true
	}
	return (s.ab/s.n - s.a/s.n*s.b/s.n) / math.Sqrt(a*b), true
}

// moments are sums over pairs of pixels.
type moments struct{ n, a, b, aa, bb, ab float64 }

func (m moments) varianceA() float64 { return max(0, m.aa/m.n-m.a/m.n*m.a/m.n) }
func (m moments) varianceB() float64 { return max(0, m.bb/m.n-m.b/m.n*m.b/m.n) }

// sums goes over at most 96 by 32 pairs of pixels.
func sums(was, is *image.RGBA, from, to Box) (moments, bool) {
	var m moments
	if from.W <= 0 || from.H <= 0 || !fitsIn(from, was) || !fitsIn(to, is) {
		return m, false
	}
	for y := 0; y < int(from.H); y += max(1, int(from.H)/32) {
		for x := 0; x < int(from.W); x += max(1, int(from.W)/96) {
			a := float64(luma(was.Pix[was.PixOffset(int(from.X)+x, int(from.Y)+y):]))
			b := float64(luma(is.Pix[is.PixOffset(int(to.X)+x, int(to.Y)+y):]))
			m.n, m.a, m.b, m.aa, m.bb, m.ab = m.n+1, m.a+a, m.b+b, m.aa+a*a, m.bb+b*b, m.ab+a*b
		}
	}
	return m, true
}

// fitsIn reports a box that does not leave a picture. Boxes come from pages and
// can be as large as they like.
func fitsIn(b Box, img *image.RGBA) bool {
	return b.X >= 0 && b.Y >= 0 && b.W > 0 && b.H > 0 && int(b.X)+int(b.W) <= img.Rect.Dx() && int(b.Y)+int(b.H) <= img.Rect.Dy()
}

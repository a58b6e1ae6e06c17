package compare

import (
	"image"
	"image/color"
	"testing"
)

// A mail about a leak must not spread it: what leaked cannot be read in any of
// its pictures, the rest can.
func TestLeaksAreVeiled(t *testing.T) {
	after := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			after.SetRGBA(x, y, color.RGBA{uint8(255 * (x / 2 % 2)), 0, 0, 255}) // stripes as fine as letters
		}
	}
	place := Box{X: 100, Y: 100, W: 200, H: 100}
	numbers := Box{X: 100, Y: 100, W: 40, H: 100}
	for _, c := range []struct {
		name   string
		report Report
	}{
		{"with a place", Report{Findings: []Finding{{Kind: Leak, Region: &place}}, Changed: []Box{place}}},
		{"with names beside it", Report{Findings: []Finding{{Kind: Leak, Region: &numbers}}, Changed: []Box{place}}},
		{"without one", Report{Findings: []Finding{{Kind: Leak}}, Changed: []Box{place}}},
	} {
		seen := DrawAfter(after, &c.report)
		for name, img := range map[string]*image.RGBA{"after": seen, "difference": DrawDifference(after, &c.report)} {
			a, b := img.RGBAAt(150, 150), img.RGBAAt(152, 150)
			if a != b {
				t.Errorf("%s: the leak can be read in the %s: %v beside %v", c.name, name, a, b)
			}
		}
		if seen.RGBAAt(10, 10) == seen.RGBAAt(12, 10) {
			t.Errorf("%s: the rest of the page is veiled too", c.name)
		}
	}
}

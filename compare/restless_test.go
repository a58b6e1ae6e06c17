package compare

import (
	"image"
	"image/color"
	"testing"
)

// slides is a look at a page whose hero shows another photograph each time.
func slides(name string, paint func(img *image.RGBA, b Box)) Look {
	return with(func(ps []part) []part {
		ps[1].src, ps[1].paint = "/img/"+name, paint
		return ps
	})
}

// In a place where every look shows another photograph, one more is no news.
// Lettering on black is, and whoever reads pictures is asked to read it.
func TestPlacesThatVaryAreStillLookedAt(t *testing.T) {
	var looks []Look
	for _, name := range []string{"a.jpg", "b.jpg", "c.jpg"} {
		looks = append(looks, slides(name, nil))
	}
	b := learned(looks...)
	if len(b.Volatile) == 0 {
		t.Fatal("the slide show was not learnt as one")
	}
	dark := func(img *image.RGBA, b Box) {
		fill(img, rectOf(b), color.RGBA{4, 4, 4, 255})
		lettering(img, Box{b.X + 100, b.Y + 100, 400, 80}, "somebody was here")
	}
	if r := Compare(b, slides("d.jpg", nil), nil); r.Verdict != Benign {
		t.Errorf("another photograph: %s", describe(r))
	}
	r := Compare(b, slides("d.jpg", dark), nil)
	if r.Verdict != Suspicious || !hasRule(r, "defacement.image") || r.Findings[0].Region == nil {
		t.Errorf("lettering on black: %s", describe(r))
	}
	if len(r.Unread) == 0 {
		t.Error("nobody is asked to read it")
	}
	hero := Box{40, 180, 1280, 300}
	if r := Compare(b, slides("d.jpg", dark), []Box{hero}); r.Verdict != Benign || len(r.Unread) > 0 {
		t.Errorf("masked: %s, to be read %v", describe(r), r.Unread)
	}
}

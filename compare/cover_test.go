package compare

import (
	"image"
	"image/color"
	"testing"
)

// laidOver is the office's page with something over it: the parts are numbered
// from the end of the page's own.
func laidOver(parts ...part) Look {
	return with(func(ps []part) []part {
		n := len(ps)
		for _, p := range parts {
			if p.in >= 0 {
				p.in += n
			}
			ps = append(ps, p)
		}
		return ps
	})
}

var wholeScreen = Box{0, 0, 1366, 768}

// flatly paints one colour.
func flatly(c color.RGBA) func(*image.RGBA, Box) {
	return func(img *image.RGBA, b Box) { fill(img, rectOf(b), c) }
}

// darkened darkens what is there.
func darkened(img *image.RGBA, b Box) {
	for y := int(b.Y); y < int(b.Y+b.H); y++ {
		line := row(img, y)[4*b.X : 4*(b.X+b.W)]
		for i := range line {
			if i%4 != 3 {
				line[i] /= 4
			}
		}
	}
}

// What lies over the whole first screen and lets nobody through alerts, whatever
// its colour, with words or with a picture, while the document below is untouched.
func TestOverlays(t *testing.T) {
	b := officeBaseline()
	for name, l := range map[string]Look{
		"black with words": laidOver(part{tag: "div", key: ".x", box: wholeScreen, in: -1, paint: flatly(ink)},
			part{tag: "p", text: "the night belongs to somebody else now", box: Box{300, 340, 700, 60}}),
		"white with words": laidOver(part{tag: "div", box: wholeScreen, in: -1, paint: flatly(chalk)},
			part{tag: "p", text: "nothing was deleted and nothing will be forgiven", box: Box{300, 340, 700, 60}}),
		"a picture": laidOver(part{tag: "img", src: "/img/up.jpg", box: wholeScreen, in: -1}),
		"a canvas":  laidOver(part{tag: "canvas", box: wholeScreen, in: -1, paint: painting(blood, "drawn by a script")}),
	} {
		r := Compare(b, l, nil)
		if r.Verdict != Alert || !hasRule(r, "defacement.covered") || r.Findings[0].Region == nil {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// Windows that an owner opens over his page do not page anybody: those that can be
// closed, those with a veil through which the page shows, and those in his name.
func TestHonestOverlays(t *testing.T) {
	b := officeBaseline()
	for name, tt := range map[string]struct {
		look Look
		most Verdict
	}{
		"a greeting to be closed": {laidOver(part{tag: "div", key: "#eid", box: wholeScreen, in: -1, paint: flatly(color.RGBA{0, 90, 50, 255})},
			part{tag: "img", src: "/img/eid.jpg", box: Box{200, 60, 960, 600}}, part{tag: "button", text: "×", box: Box{1320, 10, 30, 30}}), Suspicious},
		"mourning with a link on": {laidOver(part{tag: "div", box: wholeScreen, in: -1, paint: flatly(ink)},
			part{tag: "a", text: "Continue to the site", box: Box{500, 600, 300, 30}}), Suspicious},
		"in the owner's name": {laidOver(part{tag: "div", box: wholeScreen, in: -1, paint: flatly(ink)},
			part{tag: "p", text: "The National Bureau of Statistics mourns", box: Box{300, 340, 700, 60}}), Suspicious},
		"a veil and a window": {laidOver(part{tag: "div", key: ".mask", box: wholeScreen, in: -1, paint: darkened},
			part{tag: "div", text: "We use cookies to improve this site", box: Box{480, 300, 400, 120}, paint: flatly(chalk)}), Benign},
		"a bar below":  {laidOver(part{tag: "div", text: "We use cookies to improve this site", box: Box{0, 688, 1366, 80}, in: -1, paint: flatly(ink)}), Benign},
		"a dark dress": {inverted(), Benign},
	} {
		if r := Compare(b, tt.look, nil); r.Verdict == Alert || tt.most == Benign && r.Verdict != Benign {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// inverted is the office's page with all colours turned round.
func inverted() Look {
	l := laid(officeTitle, append(office(), part{tag: "i", box: Box{0, 1590, 4, 4}, in: -1}))
	img := l.Picture.(*image.RGBA)
	for i := range img.Pix {
		if i%4 != 3 {
			img.Pix[i] = 255 - img.Pix[i]
		}
	}
	return l
}

// A finding in the picture is told with the block that it lies in.
func TestChangedBlocksAreNamed(t *testing.T) {
	l := with(overwrittenPart("/img/hero.jpg", painting(ink, "we were never gone")))
	r := Compare(officeBaseline(), l, nil)
	for _, s := range r.Signals {
		if s.Name == "changed_share" && len(s.Evidence) > 8 && s.Evidence[:8] == "img#hero" {
			return
		}
	}
	t.Errorf("no signal names img#hero: %s", describe(r))
}

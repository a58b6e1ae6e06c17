package compare

import (
	"image"
	"testing"
)

// posterPage is a page that is one picture, below a title.
func posterPage(t testing.TB, title string) Look {
	t.Helper()
	return laid(title, []part{{tag: "img", src: "/x.jpg", box: Box{0, 0, 1366, 768}, in: -1}})
}

// A page that became one picture alerts: as a file, a background or a canvas, under
// the old title too, and over what the attacker left of the document and hid.
func TestPageBecomesOnePicture(t *testing.T) {
	b := officeBaseline()
	background := laid(officeTitle, nil)
	photograph(background.Picture.(*image.RGBA), wholeScreen, "f.png")
	hidden := with(func(ps []part) []part {
		return append(ps, part{tag: "img", src: "/x.jpg", box: Box{0, 0, 1366, 1600}, in: -1})
	})
	for i := range hidden.View.Elements {
		if e := &hidden.View.Elements[i]; e.Tag == "p" || e.Tag == "a" || e.Tag == "img" && e.Src != ministryURL+"x.jpg" {
			e.Hidden = "not-rendered"
		}
	}
	for i := range hidden.View.Links {
		hidden.View.Links[i].Hidden = "not-rendered"
	}
	for name, l := range map[string]Look{
		"file": posterPage(t, officeTitle), "no title": posterPage(t, ""), "background": background,
		"canvas":          laid(officeTitle, []part{{tag: "canvas", box: wholeScreen, in: -1, paint: painting(ink, "drawn")}}),
		"hidden document": hidden,
	} {
		if r := Compare(b, l, nil); r.Verdict != Alert || !hasRule(r, "defacement.picture_only") {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// The owner's splash page keeps his title, his logo and ways on.
func TestSplashPage(t *testing.T) {
	splash := office()[:6]
	splash[1] = part{tag: "img", src: "/img/14-august.jpg", box: Box{40, 180, 1280, 580}, in: -1}
	if r := Compare(officeBaseline(), laid(officeTitle, splash), nil); r.Verdict == Alert || hasRule(r, "defacement.picture_only") {
		t.Errorf("a splash page: %s", describe(r))
	}
}

// A site that always was one picture has no text to lose: another picture without
// its title, or in the dark, alerts; another poster of its own goes to the analysts
// at most, the same one is quiet.
func TestPosterSites(t *testing.T) {
	poster := func(title, src string, paint func(*image.RGBA, Box)) Look {
		l := laid(title, []part{{tag: "img", src: src, box: Box{0, 0, 1366, 1600}, in: -1, paint: paint}})
		l.View.Elements = append(l.View.Elements, Element{Parent: 1, Tag: "b"}, Element{Parent: 1, Tag: "u"}) // enough of a tree to be judged
		return l
	}
	b := learned(poster("Museum", "/m.jpg", nil), poster("Museum", "/m.jpg", nil), poster("Museum", "/m.jpg", nil))
	for name, tt := range map[string]struct {
		look Look
		want Verdict
	}{
		"no title":    {poster("", "/x.jpg", nil), Alert},
		"own poster":  {poster("Museum", "/n.jpg", nil), Suspicious},
		"in the dark": {poster("Museum", "/x.jpg", painting(ink, "dark days for museums")), Alert},
		"the same":    {poster("Museum", "/m.jpg?v=2", func(img *image.RGBA, b Box) { photograph(img, b, "/m.jpg") }), Benign},
	} {
		if r := Compare(b, tt.look, nil); r.Verdict != tt.want {
			t.Errorf("%s: want %s, got %s", name, tt.want, describe(r))
		}
	}
}

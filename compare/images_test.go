package compare

import (
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

// part is one element of a page that is laid out: unlike the pages read from HTML,
// its picture shows what its tree says.
type part struct {
	tag, key, text, src string
	box                 Box
	in                  int // index of the part it stands in, -1 for the body
	paint               func(*image.RGBA, Box)
}

// office is a page with a logo, a menu, a hero and paragraphs.
func office() []part {
	parts := []part{
		{tag: "img", key: ".logo", src: "/img/logo.png", box: Box{40, 10, 160, 70}, in: -1},
		{tag: "img", key: "#hero", src: "/img/hero.jpg", box: Box{40, 180, 1280, 300}, in: -1},
	}
	for i, text := range []string{"About the bureau", "Surveys and censuses", "Tables and indices", "Vacancies"} {
		parts = append(parts, part{tag: "a", text: text, box: Box{int32(240 + 260*i), 120, 200, 24}, in: -1})
	}
	topics := []string{"households", "prices", "foreign trade", "harvests", "livestock", "rivers", "schools", "clinics", "roads", "migration", "wages", "rents", "energy", "mines"}
	for i, topic := range topics {
		text := fmt.Sprintf("The bureau asks every district about %s and publishes what %s were like in the month before", topic, topic)
		parts = append(parts, part{tag: "p", text: text, box: Box{60, int32(510 + 60*i), 1200, 40}, in: -1})
	}
	for i := range 4 {
		parts = append(parts, part{tag: "img", src: fmt.Sprintf("/img/card-%d.jpg", i), box: Box{int32(60 + 300*i), 1380, 260, 150}, in: -1})
	}
	return parts
}

const officeTitle = "National Bureau of Statistics"

// laid makes a look of parts. What comes later is painted over what came before.
func laid(title string, parts []part) Look {
	l := Look{View: View{URL: ministryURL, FinalURL: ministryURL, Status: 200, Title: title, Width: 1366, Height: 1600}, Sources: map[string]string{}}
	img := image.NewRGBA(image.Rect(0, 0, 1366, 1600))
	fill(img, img.Rect, color.RGBA{250, 250, 248, 255})
	l.View.Elements = []Element{{Parent: -1, Tag: "html", Box: Box{0, 0, 1366, 1600}}, {Parent: 0, Tag: "body", Box: Box{0, 0, 1366, 1600}}}
	for _, p := range parts {
		e := Element{Parent: 1, Tag: p.tag, Key: p.key, Text: p.text, Box: p.box, FontSize: 16}
		if p.in >= 0 {
			e.Parent = int32(p.in + 2)
		}
		if p.src != "" {
			e.Src = ministryURL + p.src[1:]
			photograph(img, p.box, p.src)
		}
		if p.tag == "a" {
			l.View.Links = append(l.View.Links, Link{URL: ministryURL + "page", Text: p.text, Box: p.box})
		}
		if p.paint != nil {
			p.paint(img, p.box)
		}
		if p.text != "" {
			lettering(img, p.box, p.text)
		}
		l.View.Elements = append(l.View.Elements, e)
	}
	l.Picture = img
	return l
}

func dice(name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

// photograph paints what a camera would: patches and grain.
func photograph(img *image.RGBA, b Box, name string) {
	r := dice(name)
	rect := rectOf(b)
	var patches [6][10]int
	for y := range patches {
		for x := range patches[y] {
			patches[y][x] = 60 + r.IntN(150)
		}
	}
	for y := rect.Min.Y; y < rect.Max.Y; y++ {
		for x := rect.Min.X; x < rect.Max.X; x++ {
			v := patches[(y-rect.Min.Y)*6/rect.Dy()][(x-rect.Min.X)*10/rect.Dx()] + r.IntN(30)
			img.SetRGBA(x, y, color.RGBA{uint8(v), uint8(v + r.IntN(9)), uint8(v - r.IntN(9)), 255})
		}
	}
}

// lettering paints marks as letters are from afar.
func lettering(img *image.RGBA, b Box, text string) {
	r := dice(text)
	ink := color.RGBA{20, 20, 20, 255}
	if luma(img.Pix[img.PixOffset(int(b.X), int(b.Y)):]) < 100 {
		ink = color.RGBA{230, 230, 230, 255}
	}
	for y := int(b.Y) + 4; y+12 < int(b.Y+b.H); y += 20 {
		for x := int(b.X) + 2; x+10 < int(b.X+b.W); x += 5 + r.IntN(8) {
			fill(img, image.Rect(x, y+r.IntN(4), x+2+r.IntN(4), y+7+r.IntN(6)), ink)
		}
	}
}

// painting is a ground in one colour, with lettering on it.
func painting(c color.RGBA, text string) func(*image.RGBA, Box) {
	return func(img *image.RGBA, b Box) {
		fill(img, rectOf(b), c)
		lettering(img, Box{b.X + b.W/4, b.Y + b.H/3, b.W / 2, b.H / 4}, text)
	}
}

func officeBaseline() *Baseline {
	looks := []Look{laid(officeTitle, office()), laid(officeTitle, office()), laid(officeTitle, office())}
	return learned(looks...)
}

// with is the office's page with its parts changed.
func with(change func([]part) []part) Look { return laid(officeTitle, change(office())) }

// overwrittenPart repaints the part with a file.
func overwrittenPart(src string, paint func(*image.RGBA, Box)) func([]part) []part {
	return func(ps []part) []part {
		for i := range ps {
			if ps[i].src == src {
				ps[i].paint = paint
			}
		}
		return ps
	}
}

var (
	ink   = color.RGBA{6, 6, 8, 255}
	chalk = color.RGBA{246, 244, 236, 255}
	blood = color.RGBA{150, 10, 20, 255}
)

// A hero or a logo that was written over in place alerts, in the dark or in the
// light, also where the new file has other proportions.
func TestOverwrittenPictures(t *testing.T) {
	b := officeBaseline()
	for name, tt := range map[string]struct {
		src  string
		do   func(*image.RGBA, Box)
		rule string
	}{
		"dark hero":  {"/img/hero.jpg", painting(ink, "we were never gone"), "defacement.image"},
		"light hero": {"/img/hero.jpg", painting(chalk, "somebody stayed here"), "defacement.image"},
		"red hero":   {"/img/hero.jpg", painting(blood, "red is the night"), "defacement.image"},
		"dark logo":  {"/img/logo.png", painting(ink, "skull"), "defacement.logo"},
		"light logo": {"/img/logo.png", painting(chalk, "flag of others"), "defacement.logo"},
	} {
		l := with(overwrittenPart(tt.src, tt.do))
		if r := Compare(b, l, nil); r.Verdict != Alert || !hasRule(r, tt.rule) || r.Findings[0].Region == nil {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
	higher := with(func(ps []part) []part {
		ps = overwrittenPart("/img/hero.jpg", painting(chalk, "men with flags"))(ps)
		for i := range ps {
			if ps[i].src == "/img/hero.jpg" {
				ps[i].box.H = 320
			}
		}
		return ps
	})
	if r := Compare(b, higher, nil); r.Verdict != Alert {
		t.Errorf("a hero written over by a higher one: %s", describe(r))
	}
}

// Everyday work on pictures is quiet: another hero of the site's own, a hero that
// rotates, a file that did not load, pictures in grey.
func TestHonestPictures(t *testing.T) {
	b := officeBaseline()
	newFile := func(from, to string) func([]part) []part {
		return func(ps []part) []part {
			for i := range ps {
				if ps[i].src == from {
					ps[i].src = to
				}
			}
			return ps
		}
	}
	grey := with(func(ps []part) []part { return ps })
	img := grey.Picture.(*image.RGBA)
	for i := 0; i < len(img.Pix); i += 4 {
		l := uint8(luma(img.Pix[i:]))
		img.Pix[i], img.Pix[i+1], img.Pix[i+2] = l, l, l
	}
	for name, l := range map[string]Look{
		"new hero":   with(newFile("/img/hero.jpg", "/img/hero-2026.jpg")),
		"not loaded": with(overwrittenPart("/img/hero.jpg", func(img *image.RGBA, b Box) { fill(img, rectOf(b), chalk) })),
		"in grey":    grey,
	} {
		if r := Compare(b, l, nil); r.Verdict != Benign {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
	var looks []Look
	for i := range 3 {
		looks = append(looks, with(overwrittenPart("/img/hero.jpg", func(img *image.RGBA, b Box) { photograph(img, b, fmt.Sprint("slide", i)) })))
	}
	rotating := learned(looks...)
	if r := Compare(rotating, with(overwrittenPart("/img/hero.jpg", painting(chalk, "tonight in the opera"))), nil); r.Verdict != Benign {
		t.Errorf("a hero that never was the same: %s", describe(r))
	}
	if r := Compare(rotating, with(overwrittenPart("/img/hero.jpg", painting(ink, "tonight in the opera"))), nil); r.Verdict != Suspicious {
		t.Errorf("lettering on black, which may be a poster, is for the analysts: %s", describe(r))
	}
	if r := Compare(b, with(newFile("/img/logo.png", "/img/logo-new.png")), nil); r.Verdict != Suspicious || !hasRule(r, "defacement.logo") {
		t.Errorf("a new logo is for the analysts: %s", describe(r))
	}
}

// Every picture showing the same strange file alerts; placeholders of pictures that
// did not load do not.
func TestAllPicturesOne(t *testing.T) {
	b := officeBaseline()
	if r := Compare(b, officePictures("/img/troll.jpg")(t), nil); r.Verdict != Alert || !hasRule(r, "defacement.images") {
		t.Errorf("one picture everywhere: %s", describe(r))
	}
	empty := officePictures("/img/loading.gif")(t)
	for _, e := range empty.View.Elements {
		if e.Src != "" {
			fill(empty.Picture.(*image.RGBA), rectOf(e.Box), color.RGBA{230, 230, 230, 255})
		}
	}
	if r := Compare(b, empty, nil); hasRule(r, "defacement.images") {
		t.Errorf("placeholders: %s", describe(r))
	}
}

// emblemPainted is the ministry's next look with another emblem in the given file.
func emblemPainted(src string) func(testing.TB) Look {
	return func(t testing.TB) Look {
		l := replaced("/img/emblem.png", src)(t)
		img := clone(l.Picture)
		fill(img, rectOf(emblemBox), ink)
		fill(img, image.Rect(55, 25, 85, 45), chalk)
		l.Picture = img
		return l
	}
}

// officePictures is the office's page with all pictures from one file, or from a
// new one each.
func officePictures(src string) func(testing.TB) Look {
	return func(testing.TB) Look {
		return with(func(ps []part) []part {
			for i := range ps {
				if ps[i].src != "" {
					ps[i].src = firstOf(src, fmt.Sprintf("/img/other-%d.jpg", i))
				}
			}
			return ps
		})
	}
}

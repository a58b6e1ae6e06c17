package compare

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"strings"
	"testing"
)

// painted draws something like a page: a header bar, a dark menu, and blocks of
// "text" lines of which each looks different. Blocks with equal seeds are equal.
func painted(w int, blocks ...int) *image.RGBA {
	const header, blockHeight = 120, 160
	img := image.NewRGBA(image.Rect(0, 0, w, header+blockHeight*len(blocks)))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	fill(img, image.Rect(0, 0, w, 80), color.RGBA{0, 90, 50, 255})
	fill(img, image.Rect(0, 80, w, header), color.RGBA{30, 30, 60, 255})
	for i, seed := range blocks {
		paintBlock(img, header+i*blockHeight, blockHeight, uint64(seed))
	}
	return img
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// paintBlock draws lines of dark marks, as glyphs are from afar.
func paintBlock(img *image.RGBA, top, height int, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for line := top + 10; line+14 < top+height; line += 22 {
		for x := 40; x < img.Rect.Dx()-60; x += 4 + r.IntN(9) {
			if r.IntN(6) > 0 {
				fill(img, image.Rect(x, line+r.IntN(4), x+2+r.IntN(2), line+8+r.IntN(6)), color.RGBA{20, 20, 20, 255})
			}
		}
	}
}

func numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

// A block inserted near the top moves the page and reddens itself only.
func TestDiffFollowsShiftedBlocks(t *testing.T) {
	before := painted(1366, numbers(20)...)
	after := painted(1366, append([]int{1, 2, 77}, numbers(20)[2:]...)...)
	c := Diff(before, after, nil)
	if c.Share > 0.06 {
		t.Errorf("%.3f of the picture differs, want about one block in 21", c.Share)
	}
	if len(c.Changed) != 1 || c.Changed[0].Y < 120+2*160-16 || c.Changed[0].Y+c.Changed[0].H > 120+3*160+16 {
		t.Errorf("changed regions %v, want the inserted block at 440 to 600", c.Changed)
	}
	if len(c.Gone) != 0 {
		t.Errorf("gone regions %v, want none", c.Gone)
	}
}

// A removed block is reported where it was, and nothing else is.
func TestDiffReportsWhatIsGone(t *testing.T) {
	c := Diff(painted(1366, numbers(12)...), painted(1366, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12), nil)
	if len(c.Changed) != 0 || len(c.Gone) != 1 || c.Gone[0].Y < 120+4*160-16 || c.Gone[0].Y > 120+5*160 {
		t.Errorf("changed %v, gone %v, want nothing changed and the fifth block gone", c.Changed, c.Gone)
	}
}

// Noise of rendering (a channel off by one, a stroke a pixel aside) is no change,
// a changed word is.
func TestDiffToleratesRendering(t *testing.T) {
	before := painted(1366, numbers(6)...)
	after := clone(before)
	for i := 0; i < len(after.Pix); i += 4 * 7 {
		after.Pix[i] ^= 1
	}
	if c := Diff(before, after, nil); len(c.Changed) != 0 {
		t.Errorf("changed %v after a flip of the lowest bits, want none", c.Changed)
	}
	fill(after, image.Rect(300, 300, 380, 320), color.RGBA{200, 0, 0, 255})
	c := Diff(before, after, nil)
	if len(c.Changed) != 1 || !overlap(c.Changed[0], Box{300, 300, 80, 20}) || c.Changed[0].W > 120 || c.Changed[0].H > 64 {
		t.Errorf("changed %v, want one region around 300,300 80x20", c.Changed)
	}
	if c := Diff(before, after, []Box{{290, 290, 100, 40}}); len(c.Changed) != 0 || c.Share != 0 {
		t.Errorf("changed %v (%.4f) under a mask, want none", c.Changed, c.Share)
	}
}

// What differs between approved looks is not a difference later, even where the
// page has shifted since.
func TestVolatileRegionsMoveWithThePage(t *testing.T) {
	looks := make([]Look, 3)
	for i := range looks {
		looks[i] = pageLook(t, "<h1>News</h1>")
		looks[i].Picture = painted(1366, 1, 2, 3, 100+i, 5, 6, 7, 8)
	}
	b := Learn(looks)
	if len(b.Volatile) == 0 {
		t.Fatal("no volatile region learnt from a block that differs in three looks")
	}
	next := pageLook(t, "<h1>News</h1><p>more of it</p>")
	next.Picture = painted(1366, 1, 55, 2, 3, 999, 5, 6, 7, 8)
	r := Compare(b, next, nil)
	if len(r.Changed) != 1 || r.Changed[0].Y < 120+160-16 || r.Changed[0].Y+r.Changed[0].H > 120+2*160+16 {
		t.Errorf("changed %v, want the inserted block only (280 to 440), not the volatile one", r.Changed)
	}
}

func TestDiffBounds(t *testing.T) {
	one := painted(1366, 1)
	for name, c := range map[string]Change{
		"nil before": Diff(nil, one, nil), "nil after": Diff(one, nil, nil), "equal": Diff(one, clone(one), nil),
		"empty": Diff(one, image.NewRGBA(image.Rectangle{}), nil),
	} {
		if len(c.Changed)+len(c.Gone) != 0 || c.Share != 0 {
			t.Errorf("%s: %+v, want nothing", name, c)
		}
	}
	wide := Diff(painted(800, 1, 2), painted(1366, 1, 2), nil)
	if wide.Share < 0.2 {
		t.Errorf("share %.2f between widths 800 and 1366, want the part that only one has", wide.Share)
	}
	for _, b := range Diff(painted(101, 1), painted(101, 2), nil).Changed {
		if b.X < 0 || b.Y < 0 || b.X+b.W > 101 || b.Y+b.H > 280 {
			t.Errorf("region %v leaves the picture of 101 x 280", b)
		}
	}
}

// Another page is far from the approved one, the same page with a block inserted is near.
func TestFingerprint(t *testing.T) {
	page := Fingerprint(painted(1366, numbers(20)...))
	same := Fingerprint(painted(1366, append(numbers(19), 99)...))
	black := image.NewRGBA(image.Rect(0, 0, 1366, 900))
	fill(black, black.Rect, color.RGBA{0, 0, 0, 255})
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		x, y := r.IntN(1200), r.IntN(800)
		fill(black, image.Rect(x, y, x+r.IntN(300), y+r.IntN(90)), color.RGBA{uint8(r.IntN(256)), 255, 0, 255})
	}
	other := Fingerprint(black)
	near, ok := page.distance(same)
	if !ok || near > pageHashFar/2 {
		t.Errorf("a changed block is %d bits away (compared: %v), want at most %d", near, ok, pageHashFar/2)
	}
	far, ok := page.distance(other)
	if !ok || far <= near+40 {
		t.Errorf("another page is %d bits away (compared: %v), the same one %d", far, ok, near)
	}
	flatPage := image.NewRGBA(image.Rect(0, 0, 1366, 900))
	if _, ok := page.distance(Fingerprint(flatPage)); ok {
		t.Error("a flat picture was compared by its hash")
	}
	if p := Fingerprint(nil); len(p.Hash) != 0 {
		t.Errorf("print of no picture: %+v", p)
	}
}

// The pictures for people show the finding in its colour, leave their arguments
// alone and keep the size.
func TestDraw(t *testing.T) {
	before, after := painted(1366, 1, 2, 3), painted(1366, 1, 77, 3)
	saved := clone(after)
	region := Box{100, 300, 400, 60}
	r := &Report{Findings: []Finding{{Region: &region}}, Changed: []Box{{40, 280, 1200, 160}}, Gone: []Box{{40, 10, 100, 50}}}
	was, is, difference := DrawBefore(before, r), DrawAfter(after, r), DrawDifference(after, r)
	if is.RGBAAt(300, 297) != findingColour || difference.RGBAAt(300, 297) != findingColour {
		t.Error("no outline of the finding above its region")
	}
	if is.RGBAAt(600, 279) != changeColour {
		t.Error("no outline of the change")
	}
	if was.RGBAAt(60, 9) != goneColour {
		t.Error("no outline of what is gone")
	}
	if got := difference.RGBAAt(600, 40); got.R != got.G || got.R < 180 {
		t.Errorf("unchanged header is %v in the difference, want it faded to gray", got)
	}
	if difference.RGBAAt(1000, 400) != after.RGBAAt(1000, 400) {
		t.Error("the changed region is not shown as it is")
	}
	if string(saved.Pix) != string(after.Pix) {
		t.Error("drawing changed the picture it was given")
	}
	if DrawBefore(nil, r) != nil || DrawAfter(nil, r) != nil || DrawDifference(nil, r) != nil {
		t.Error("something was drawn of no picture")
	}
}

// bigPage is the HTML of a long page, changed in one paragraph by variant.
func bigPage(variant int) string {
	var b strings.Builder
	b.WriteString("<html><head><title>Ministry of Planning</title></head><body><div id=main>")
	for i := range 400 {
		fmt.Fprintf(&b, "<div class=item><h3>Notice %d about scheme number %d</h3><p>The department invites sealed bids for work %d in district %d, see <a href=/tender/%d>details</a></p></div>", i, i*7, i*3, i%30, i)
	}
	fmt.Fprintf(&b, "<p>Updated at %d o'clock by the section officer %s</p></div></body></html>", variant, strings.Repeat("x", variant+1))
	return b.String()
}

// manyScripts gives a look sixty scripts of its site, one in ten of which has
// changed since another time.
func manyScripts(l Look, time int) Look {
	for i := range 60 {
		source := strings.Repeat(fmt.Sprintf("function part%d(a,b){var c=a.length;for(var d=0;d<c;d++){b.push(a[d]+%d)}return b}\n", i, i), 60)
		if i%10 == 0 {
			source += fmt.Sprintf("var built=%d;", time)
		}
		l.Sources[digest(source)] = source
		url := fmt.Sprintf("https://www.planning.gov.pk/js/part-%d.js", i)
		l.View.Scripts = append(l.View.Scripts, Script{Kind: "external", URL: url, Host: hostOf(url), Ran: true, SHA256: digest(source), Length: len(source)})
	}
	return l
}

func BenchmarkCompareChanged(b *testing.B) {
	blocks := numbers(24) // 1366 x 3960
	first := manyScripts(pageLook(b, bigPage(1)), 1)
	first.Picture = painted(1366, blocks...)
	base := learned(first)
	next := manyScripts(pageLook(b, bigPage(2)), 2)
	blocks[3], blocks[9] = 101, 102
	next.Picture = painted(1366, append([]int{500}, blocks[:23]...)...)
	b.ReportAllocs()
	for b.Loop() {
		if r := Compare(base, next, nil); r.Verdict != Benign || len(r.Changed) == 0 {
			b.Fatal(describe(r))
		}
	}
}

func BenchmarkDiffAllDifferent(b *testing.B) {
	before, after := painted(1366, numbers(24)...), painted(1366, numbers(48)[24:]...)
	for b.Loop() {
		Diff(before, after, nil)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	img := painted(1366, numbers(24)...)
	for b.Loop() {
		Fingerprint(img)
	}
}

func BenchmarkDerive(b *testing.B) {
	look := pageLook(b, bigPage(1))
	for b.Loop() {
		derive(look.View)
	}
}

// pageLook is a look at a page of the ministry.
func pageLook(t testing.TB, body string) Look {
	t.Helper()
	return lookAt(t, "https://www.planning.gov.pk/", body, "")
}

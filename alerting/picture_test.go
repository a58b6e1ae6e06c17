package alerting_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"pasban/alerting"
)

// noise is the worst picture to compress.
func noise(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	_, _ = rand.NewChaCha8([32]byte{1}).Read(img.Pix) // never fails
	return img
}

// striped is a page on which every 100 rows have a colour of their own, so that
// a picture of it tells which part it shows.
func striped(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, stripe(y))
		}
	}
	return img
}

func stripe(y int) color.NRGBA {
	n := y / 100
	return color.NRGBA{R: byte(n % 4 * 80), G: byte(n / 4 % 4 * 80), B: byte(n / 16 % 4 * 80), A: 255}
}

func shrink(t *testing.T, img image.Image, box image.Rectangle) image.Image {
	t.Helper()
	data, mime, w, h, err := alerting.ShrinkAround(img, box)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > alerting.MaxPictureBytes {
		t.Errorf("%v: %d bytes, want at most %d", img.Bounds(), len(data), alerting.MaxPictureBytes)
	}
	if w > alerting.MaxPictureWidth || h > alerting.MaxPictureHeight {
		t.Errorf("%v: %d x %d pixels, want at most %d x %d", img.Bounds(), w, h, alerting.MaxPictureWidth, alerting.MaxPictureHeight)
	}
	out, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil || mime != "image/jpeg" || out.Bounds() != image.Rect(0, 0, w, h) {
		t.Fatalf("%v: a %s said to be %d x %d is %v: %v", img.Bounds(), mime, w, h, out.Bounds(), err)
	}
	return out
}

// Whatever comes in, what goes out fits.
func TestShrinkFits(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 5000}, {5000, 1}, {390, 844}, {1366, 768}, {1366, 5000}} {
		shrink(t, noise(size[0], size[1]), image.Rectangle{})
		shrink(t, noise(size[0], size[1]), image.Rect(0, size[1]-1, 1, size[1]))
	}
}

func TestShrinkRefusesNothing(t *testing.T) {
	if _, _, _, _, err := alerting.Shrink(image.NewRGBA(image.Rectangle{})); err == nil {
		t.Error("an empty picture was shrunk")
	}
}

// A small picture keeps its size, and a page of ordinary height is whole.
func TestShrinkKeepsSmall(t *testing.T) {
	if got := shrink(t, striped(800, 1700), image.Rectangle{}).Bounds(); got != image.Rect(0, 0, 800, 1700) {
		t.Errorf("a picture of 800 x 1700 became %v", got)
	}
	if got := shrink(t, striped(2400, 1200), image.Rectangle{}).Bounds(); got != image.Rect(0, 0, 1200, 600) {
		t.Errorf("a picture of 2400 x 1200 became %v", got)
	}
}

// In a tall page the region of interest is in the picture, and so is the top.
func TestShrinkAround(t *testing.T) {
	page := striped(300, 6300)
	for _, at := range []int{0, 700, 1650, 2550, 4050, 6250} {
		got := shrink(t, page, image.Rect(100, at, 300, at+50))
		if !shows(got, stripe(0)) {
			t.Errorf("box at %d: the top of the page is missing", at)
		}
		if !shows(got, stripe(at)) {
			t.Errorf("box at %d: the box is missing", at)
		}
	}
}

// shows reports whether a row of img has the colour want, JPEG's losses aside.
func shows(img image.Image, want color.NRGBA) bool {
	near := func(a uint32, b byte) bool { return max(a>>8, uint32(b))-min(a>>8, uint32(b)) < 12 }
	for y := range img.Bounds().Dy() {
		r, g, b, _ := img.At(200, y).RGBA()
		if near(r, want.R) && near(g, want.G) && near(b, want.B) {
			return true
		}
	}
	return false
}

// A transparent page is white, as browsers show it.
func TestShrinkTransparent(t *testing.T) {
	r, g, b, _ := shrink(t, image.NewNRGBA(image.Rect(0, 0, 10, 10)), image.Rectangle{}).At(5, 5).RGBA()
	if r>>8 < 250 || g>>8 < 250 || b>>8 < 250 {
		t.Errorf("transparent became %d %d %d, want white", r>>8, g>>8, b>>8)
	}
}

func BenchmarkShrink(b *testing.B) {
	page := striped(1366, 4000)
	for b.Loop() {
		if _, _, _, _, err := alerting.Shrink(page); err != nil {
			b.Fatal(err)
		}
	}
}

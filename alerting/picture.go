package alerting

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"

	"golang.org/x/image/draw"
)

// Bounds of a picture in an alert. Three of them and the text make a mail of
// about 1.2 MB, which every mailbox takes and a phone on a slow network loads.
const (
	MaxPictureWidth  = 1200      // pixels
	MaxPictureHeight = 1800      // pixels; a page three phone screens long
	MaxPictureBytes  = 300 << 10 // bytes
)

// bandHeight is the height of the torn edge between two parts of a page.
const bandHeight = 28

// Shrink makes a screenshot fit an alert: at most 1200 pixels wide, 1800 high
// and 300 kB, as JPEG. A page that is taller is cut below its top, which is
// where a defacement is looked for first. See ShrinkAround to show another part.
func Shrink(img image.Image) (data []byte, mime string, w, h int, err error) {
	return ShrinkAround(img, image.Rectangle{})
}

// ShrinkAround is Shrink for a page of which box, in pixels of img, must be
// seen. If box lies too deep, the picture shows the top of the page, by which
// people know the site, a torn edge, and the part around box.
func ShrinkAround(img image.Image, box image.Rectangle) (data []byte, mime string, w, h int, err error) {
	bounds := img.Bounds()
	if bounds.Empty() {
		return nil, "", 0, 0, errors.New("shrinking a picture: it is empty")
	}
	width := min(bounds.Dx(), MaxPictureWidth)
	scale := float64(width) / float64(bounds.Dx())
	small := compose(img, width, windows(bounds, box, scale))
	for {
		if data, err = encode(small); err != nil {
			return nil, "", 0, 0, err
		}
		size := small.Bounds()
		if len(data) <= MaxPictureBytes {
			return data, "image/jpeg", size.Dx(), size.Dy(), nil
		}
		// Bytes grow with the area: aim a little below the bound.
		factor := min(0.9, 0.95*math.Sqrt(float64(MaxPictureBytes)/float64(len(data))))
		small = resize(small, factor)
	}
}

// windows are the parts of a page to show, from the top down: all of it, its
// top, or its top and the surroundings of box.
func windows(page, box image.Rectangle, scale float64) []image.Rectangle {
	tallest := int(MaxPictureHeight / scale)
	if page.Dy() <= tallest {
		return []image.Rectangle{page}
	}
	top := page
	top.Max.Y = page.Min.Y + tallest
	box = box.Intersect(page)
	if box.Empty() || box.Max.Y <= top.Max.Y || box.Min.Y < page.Min.Y+tallest/3 {
		return []image.Rectangle{top}
	}
	top.Max.Y = page.Min.Y + tallest/4
	rest := tallest - top.Dy() - int(bandHeight/scale)
	// A box taller than what is left is shown from its beginning, a smaller one
	// in the middle of its surroundings.
	from := box.Min.Y - max(rest/8, (rest-box.Dy())/2)
	from = min(max(from, top.Max.Y), page.Max.Y-rest)
	part := image.Rect(page.Min.X, from, page.Max.X, from+rest)
	return []image.Rectangle{top, part}
}

// compose draws the parts of img below each other, width pixels wide, on white:
// a JPEG has no transparency and would show black.
func compose(img image.Image, width int, parts []image.Rectangle) *image.RGBA {
	scaled := func(n int) int { return max(1, n*width/img.Bounds().Dx()) }
	height := (len(parts) - 1) * bandHeight
	for _, p := range parts {
		height += scaled(p.Dy())
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	y := 0
	for i, p := range parts {
		if i > 0 {
			tear(out, y)
			y += bandHeight
		}
		to := image.Rect(0, y, width, y+scaled(p.Dy()))
		if p.Dx() == to.Dx() && p.Dy() == to.Dy() {
			draw.Draw(out, to, img, p.Min, draw.Over)
		} else {
			draw.CatmullRom.Scale(out, to, img, p, draw.Over, nil)
		}
		y = to.Max.Y
	}
	return out
}

// tear draws a zigzag band at y: the sign that a piece of the page is left out.
func tear(out *image.RGBA, y int) {
	band := color.RGBA{R: 0xd5, G: 0xd9, B: 0xde, A: 0xff}
	for x := range out.Bounds().Dx() {
		depth := x % 16
		if depth > 8 {
			depth = 16 - depth
		}
		for dy := depth; dy < bandHeight-8+depth; dy++ {
			out.SetRGBA(x, y+dy, band)
		}
	}
}

// resize makes img smaller by factor.
func resize(img *image.RGBA, factor float64) *image.RGBA {
	scaled := func(n int) int { return max(1, int(float64(n)*factor)) }
	out := image.NewRGBA(image.Rect(0, 0, scaled(img.Bounds().Dx()), scaled(img.Bounds().Dy())))
	draw.CatmullRom.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	return out
}

// encode writes img at the best quality that fits. Below 50 the text of a page
// gets hard to read, and a smaller picture serves better than a coarser one: the
// last attempt is returned even if it is too big.
func encode(img image.Image) ([]byte, error) {
	var buf bytes.Buffer
	for _, quality := range []int{85, 75, 62, 50} {
		buf.Reset()
		if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("encoding a picture as JPEG: %w", err)
		}
		if buf.Len() <= MaxPictureBytes {
			break
		}
	}
	return buf.Bytes(), nil
}

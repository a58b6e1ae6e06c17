package compare

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
)

// Colours of the outlines. One strong colour is kept for findings; changes are
// told apart from it by hue and by weight, also for colour-blind eyes.
var (
	findingColour = color.RGBA{200, 16, 46, 255} // red
	changeColour  = color.RGBA{0, 94, 184, 255}  // blue
	goneColour    = color.RGBA{110, 80, 150, 255}
)

// Line widths in pixels of a 1366 px wide picture; they grow with the picture, so
// that they stay visible when it is shrunk to a mail's 1200 px.
const (
	findingLine = 6
	changeLine  = 2
)

// A report is shown by three pictures of 22 MB each for an ordinary page. They are
// drawn one at a time, so that who stores them holds one.

// DrawBefore is the approved look, with what is gone outlined. It is nil without a picture.
func DrawBefore(before image.Image, r *Report) *image.RGBA {
	if missingPicture(before) {
		return nil
	}
	out := clone(before)
	for _, b := range r.Gone {
		outline(out, b, goneColour, changeLine)
	}
	return out
}

// DrawAfter is the new look, with findings and changes outlined and what leaked
// veiled. It is nil without a picture.
func DrawAfter(after image.Image, r *Report) *image.RGBA {
	if missingPicture(after) {
		return nil
	}
	out := clone(after)
	veilLeaks(out, r)
	for _, b := range r.Changed {
		outline(out, b, changeColour, changeLine)
	}
	outlineFindings(out, r)
	return out
}

// DrawDifference is the new look faded, with what changed in full colour, and what
// leaked veiled. It is nil without a picture.
func DrawDifference(after image.Image, r *Report) *image.RGBA {
	if missingPicture(after) {
		return nil
	}
	if slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Kind == Leak }) {
		veiled := clone(after)
		veilLeaks(veiled, r)
		after = veiled
	}
	return difference(after, r)
}

func missingPicture(img image.Image) bool { return img == nil || img.Bounds().Empty() }

// veilLeaks makes what leaked illegible: these pictures are mailed, and a mail
// must not spread it further. What changed around a leak is of it: the names
// beside the numbers. Where a leak has no place of its own, everything that is new
// on the page is veiled.
func veilLeaks(img *image.RGBA, r *Report) {
	for _, f := range r.Findings {
		switch {
		case f.Kind != Leak:
		case f.Region != nil:
			mosaic(img, rectOf(*f.Region))
			for _, b := range r.Changed {
				if rectOf(b).Overlaps(rectOf(*f.Region)) {
					mosaic(img, rectOf(b))
				}
			}
		case len(r.Changed) > 0:
			for _, b := range r.Changed {
				mosaic(img, rectOf(b))
			}
		default:
			mosaic(img, img.Rect)
		}
	}
}

// veil is the side of a mosaic's tile in pixels, wider than a line of text is
// high: letters leave nothing that could be guessed.
const veil = 20

// mosaic gives every tile of a region the mean of its colours.
func mosaic(img *image.RGBA, region image.Rectangle) {
	region = region.Intersect(img.Rect)
	for y := region.Min.Y; y < region.Max.Y; y += veil {
		for x := region.Min.X; x < region.Max.X; x += veil {
			tile := image.Rect(x, y, x+veil, y+veil).Intersect(region)
			draw.Draw(img, tile, image.NewUniform(mean(img, tile)), image.Point{}, draw.Src)
		}
	}
}

func mean(img *image.RGBA, tile image.Rectangle) color.RGBA {
	var sum [3]int
	for y := tile.Min.Y; y < tile.Max.Y; y++ {
		line := row(img, y)[tile.Min.X*4 : tile.Max.X*4]
		for i := 0; i < len(line); i += 4 {
			sum[0], sum[1], sum[2] = sum[0]+int(line[i]), sum[1]+int(line[i+1]), sum[2]+int(line[i+2])
		}
	}
	n := max(1, tile.Dx()*tile.Dy())
	return color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255}
}

func clone(img image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	src := toRGBA(img)
	for y := range out.Rect.Dy() {
		copy(row(out, y), row(src, y))
	}
	return out
}

func outlineFindings(img *image.RGBA, r *Report) {
	for _, f := range r.Findings {
		if f.Region != nil {
			outline(img, *f.Region, findingColour, findingLine)
		}
	}
}

// difference fades the page to light gray and leaves the changed regions as they
// are, inside an outline.
func difference(after image.Image, r *Report) *image.RGBA {
	src := toRGBA(after)
	out := image.NewRGBA(image.Rect(0, 0, src.Rect.Dx(), src.Rect.Dy()))
	for y := range out.Rect.Dy() {
		from, to := row(src, y), row(out, y)
		for i := 0; i < len(from); i += 4 {
			l := uint8(185 + luma(from[i:i+3])*70/255)
			to[i], to[i+1], to[i+2], to[i+3] = l, l, l, 255
		}
	}
	for _, b := range r.Changed {
		rect := rectOf(b).Intersect(out.Rect)
		draw.Draw(out, rect, src, rect.Min, draw.Src)
	}
	for _, b := range r.Changed {
		outline(out, b, changeColour, changeLine)
	}
	// Gone regions lie in the old picture: a bar at the margin tells at which
	// height something is missing.
	for _, b := range r.Gone {
		bar := image.Rect(0, int(b.Y), out.Rect.Dx()/100+1, int(b.Y+b.H)).Intersect(out.Rect)
		draw.Draw(out, bar, image.NewUniform(goneColour), image.Point{}, draw.Src)
	}
	outlineFindings(out, r)
	return out
}

func rectOf(b Box) image.Rectangle {
	return image.Rect(int(b.X), int(b.Y), int(b.X)+int(b.W), int(b.Y)+int(b.H))
}

// outline draws a frame around a box: outside of it where there is room, so that
// it covers nothing of the evidence.
func outline(img *image.RGBA, b Box, c color.RGBA, width int) {
	width = max(width, width*img.Rect.Dx()/1366)
	outer := rectOf(b).Inset(-width).Intersect(img.Rect)
	if outer.Empty() || b.W <= 0 || b.H <= 0 {
		return
	}
	ink := image.NewUniform(c)
	for _, side := range []image.Rectangle{
		{outer.Min, image.Pt(outer.Max.X, outer.Min.Y+width)},
		{image.Pt(outer.Min.X, outer.Max.Y-width), outer.Max},
		{outer.Min, image.Pt(outer.Min.X+width, outer.Max.Y)},
		{image.Pt(outer.Max.X-width, outer.Min.Y), outer.Max},
	} {
		draw.Draw(img, side.Intersect(outer), ink, image.Point{}, draw.Src)
	}
}

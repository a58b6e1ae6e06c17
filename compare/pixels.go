package compare

import (
	"image"
	"image/draw"
)

// toRGBA gives the picture in the one form that the pixel loops read, with its
// origin at 0,0. Screenshots are opaque, and an opaque NRGBA picture has the
// same bytes as an RGBA one: it is reinterpreted, not copied. (One that is not
// opaque is then compared by its colours without their transparency.)
func toRGBA(img image.Image) *image.RGBA {
	switch p := img.(type) {
	case *image.RGBA:
		if p.Rect.Min == (image.Point{}) {
			return p
		}
	case *image.NRGBA:
		if p.Rect.Min == (image.Point{}) {
			return &image.RGBA{Pix: p.Pix, Stride: p.Stride, Rect: p.Rect}
		}
	}
	out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// row is the bytes of line y, without the padding of the stride.
func row(img *image.RGBA, y int) []byte {
	return img.Pix[y*img.Stride : y*img.Stride+4*img.Rect.Dx()]
}

// yiqDelta is the squared perceptual distance of two pixels, with luminance
// weighing most: Kotsarenko and Ramos, "Measuring perceived color difference
// using YIQ" (2010), as used by pixelmatch, in integers scaled by 2^20.
func yiqDelta(a, b []byte) int64 {
	r, g, bl := int64(a[0])-int64(b[0]), int64(a[1])-int64(b[1]), int64(a[2])-int64(b[2])
	y := 306*r + 601*g + 117*bl // 0.299, 0.587, 0.114 in 1/1024
	i := 610*r - 281*g - 329*bl
	q := 217*r - 535*g + 319*bl
	return (5053*y*y + 2990*i*i + 1957*q*q) / 10000
}

// pixelFar is pixelmatch's default threshold t=0.1: 35215*t*t in the scale of
// yiqDelta.
const pixelFar int64 = 35215 * 1024 * 1024 / 100

// luma of a pixel, 0 to 255.
func luma(p []byte) int { return (77*int(p[0]) + 150*int(p[1]) + 29*int(p[2])) >> 8 }

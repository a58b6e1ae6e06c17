package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

// Bounds of one picture. Whoever compares pictures decodes them, four bytes a
// pixel: a page may be 16,000 high or 16,000 wide, but not both.
const (
	maxPNG  = 64 << 20   // bytes
	maxArea = 40_000_000 // pixels; 1366 x 16,000 is 22 million
)

// shotTimeout is how long one rung of the ladder may take.
const shotTimeout = 12 * time.Second

// size is what of the page is to be painted, in CSS pixels.
type size struct{ w, h int }

// within cuts a document to what we are willing to paint, but not below the
// viewport, and says what was cut.
func (s size) within(view size) (size, []string) {
	var cut []string
	full := size{max(s.w, view.w), max(s.h, view.h)}
	kept := size{min(full.w, maxPicture), min(full.h, maxPicture)}
	kept.w = min(kept.w, max(maxArea/kept.h, view.w)) // down is where visitors scroll
	kept.h = min(kept.h, max(maxArea/kept.w, view.h))
	if kept.w < full.w {
		cut = append(cut, fmt.Sprintf("width %d px, kept %d", full.w, kept.w))
	}
	if kept.h < full.h {
		cut = append(cut, fmt.Sprintf("height %d px, kept %d", full.h, kept.h))
	}
	return kept, cut
}

// askShot sends for a picture of the top left part of the page. The viewport
// keeps its size, so that an element of 100vh is not stretched.
func askShot(s session, of, view size) *reply[page.CaptureScreenshotResult] {
	return send(s, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format:                page.CaptureScreenshotFormatPng,
		OptimizeForSpeed:      new(true),
		CaptureBeyondViewport: new(of != view),
		Clip:                  &page.Viewport{Width: float64(of.w), Height: float64(of.h), Scale: 1},
	})
}

// shoot takes the full picture that was asked for, or if that fails one of the
// viewport, or none.
func (c *capture) shoot(ctx context.Context, first *reply[page.CaptureScreenshotResult], full bool) {
	if c.watch.now().navigations > maxNavigations { // there may be no document to paint just now
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, answerTimeout)
		defer cancel()
	}
	shot, err := awaitShot(ctx, first)
	if err != nil && ctx.Err() == nil && !c.watch.now().crashed {
		c.log("no picture of the whole page (%v), taking the viewport", err)
		if full {
			c.cut("picture of the whole page failed, kept the viewport")
		}
		c.runTime()
		shot, err = awaitShot(ctx, askShot(c.tab.page, c.view, c.view))
	}
	if err != nil {
		c.log("no picture: %v", err)
		c.tooSlow(err, "painted")
		return
	}
	c.page.Screenshot = shot
	c.page.Timings.Screenshot = time.Since(c.page.Started)
}

// runTime lets virtual time go on. While it stands still Chrome paints once,
// and a page that was stopped in the middle may have had that already.
func (c *capture) runTime() {
	send(c.tab.page, emulation.SetVirtualTimePolicy, emulation.SetVirtualTimePolicyParams{Policy: emulation.VirtualTimePolicyAdvance})
}

func awaitShot(ctx context.Context, r *reply[page.CaptureScreenshotResult]) (*Screenshot, error) {
	ctx, cancel := context.WithTimeout(ctx, shotTimeout)
	defer cancel()
	res, err := r.wait(ctx)
	if err != nil {
		return nil, err
	}
	return checkPNG(res.Data)
}

// checkPNG reads the header of a picture before anybody decodes it: a decoder
// reserves memory for the size the header claims.
func checkPNG(data []byte) (*Screenshot, error) {
	if len(data) > maxPNG {
		return nil, fmt.Errorf("a picture of %d bytes, limit %d", len(data), maxPNG)
	}
	header, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading the picture's header: %w", err)
	}
	if header.Width < 1 || header.Height < 1 || header.Width > maxPicture || header.Height > maxPicture || header.Width*header.Height > maxArea {
		return nil, errors.New("a picture of impossible size")
	}
	return &Screenshot{Data: data, SHA256: sha256Hex(data), Width: header.Width, Height: header.Height}, nil
}

// blankPicture reports whether a picture has one colour only. A page that
// painted anything makes a PNG of more than a fortieth of a byte a pixel or so;
// only those below that are decoded and looked at.
func blankPicture(s *Screenshot) bool {
	if s == nil || len(s.Data) > 4096+s.Width*s.Height/40 {
		return false
	}
	picture, err := png.Decode(bytes.NewReader(s.Data))
	if err != nil {
		return false
	}
	return uniform(picture)
}

func uniform(picture image.Image) bool {
	switch p := picture.(type) {
	case *image.RGBA:
		return repeats(p.Pix, 4)
	case *image.NRGBA:
		return repeats(p.Pix, 4)
	default:
		b := picture.Bounds()
		first := picture.At(b.Min.X, b.Min.Y)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if picture.At(x, y) != first {
					return false
				}
			}
		}
		return true
	}
}

// repeats reports whether pix is one group of n bytes over and over: then it
// equals itself shifted by n.
func repeats(pix []byte, n int) bool {
	return len(pix) >= n && bytes.Equal(pix[n:], pix[:len(pix)-n])
}

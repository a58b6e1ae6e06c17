package monitor

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// BenchmarkDecodePicture is what a changed page costs before anything is
// compared: twice this, once for the look and once for the approved picture.
// compare's BenchmarkCompareChanged is what follows. An unchanged page is
// recognised by its digests and costs neither.
func BenchmarkDecodePicture(b *testing.B) {
	var encoded bytes.Buffer
	fast := png.Encoder{CompressionLevel: png.BestSpeed} // as Chrome is asked to
	if err := fast.Encode(&encoded, pagePicture(1366, 4000)); err != nil {
		b.Fatal(err)
	}
	data := encoded.Bytes()
	before := processorTime(b)
	for b.Loop() {
		if _, err := decodePicture(data); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((processorTime(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(len(data))/1024, "KiB")
}

// pagePicture looks like a page: lines of small dark marks on white, and a
// photograph to every screen.
func pagePicture(width, height int) *image.RGBA {
	r := rand.New(rand.NewPCG(1, 2))
	page := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	for y := 20; y < height-20; y += 24 {
		for x := 40; x < width-60; x += 4 + r.IntN(14) {
			mark := image.Rect(x, y+r.IntN(4), x+2+r.IntN(3), y+8+r.IntN(6))
			draw.Draw(page, mark, image.Black, image.Point{}, draw.Src)
		}
	}
	for top := 0; top+260 < height; top += 768 {
		for y := top; y < top+260; y++ {
			for x := range min(400, width) {
				page.Set(x, y, color.RGBA{uint8(x/2 + r.IntN(8)), uint8(y - top), uint8(x + r.IntN(8)), 255})
			}
		}
	}
	return page
}

// processorTime is what this process has used, which is what can be compared
// when the machine has other work to do.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

package monitor_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"pasban/compare"
	"pasban/monitor"
	"pasban/monitor/ocr"
	"pasban/render"
)

// bannered is the ministry's page with a picture on top of what stood there, on
// which lines are written.
func bannered(t *testing.T, src string, lines ...string) *render.Page {
	t.Helper()
	p := ministry()
	shot, err := png.Decode(bytes.NewReader(p.Screenshot.Data))
	if err != nil {
		t.Fatal(err)
	}
	below := shot.Bounds()
	box := image.Rect(40, below.Dy(), 760, below.Dy()+200)
	img := image.NewRGBA(image.Rect(0, 0, below.Dx(), below.Dy()+220))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(img, below, shot, image.Point{}, draw.Src)
	draw.Draw(img, box, image.NewUniform(color.RGBA{20, 30, 60, 255}), image.Point{}, draw.Src)
	parsed, err := opentype.Parse(gobold.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 40, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		d := font.Drawer{Dst: img, Src: image.White, Face: face, Dot: fixed.P(box.Min.X+40, box.Min.Y+70+70*i)}
		d.DrawString(l)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	p.Screenshot = &render.Screenshot{Data: b.Bytes(), SHA256: digest(b.Bytes()), Width: img.Rect.Dx(), Height: img.Rect.Dy()}
	p.Nodes = append(p.Nodes, render.Node{Parent: 2, Name: "img", Attrs: []render.Attr{{Name: "src", Value: homeURL + src}},
		Box: render.Box{X: int32(box.Min.X), Y: int32(box.Min.Y), W: int32(box.Dx()), H: int32(box.Dy())}})
	p.HTML = append(p.HTML, "<img src="+src+">"...)
	p.DOMDigest = digest(p.HTML)
	return p
}

func reads(t *testing.T, o ocr.Options) func(*monitor.Config) {
	t.Helper()
	r, err := ocr.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("%v: `make setup` installs it", err)
	}
	return func(c *monitor.Config) { c.PictureReader = r }
}

// Both looks at an exchanged picture are judged by its words, and the incident
// names them.
func TestPicturesAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, reads(t, ocr.Options{Patience: patience}))
	w.stage.show(homeURL, bannered(t, "one.png", "Ministry of Fixtures"))
	w.sweep()
	w.stage.show(homeURL, bannered(t, "two.png", "Week of Forests", "from 2 to 8 March"))
	if e := w.sweep()["ministry"]; e.Capture.Report.Verdict != compare.Benign {
		t.Errorf("another banner is %s: %s", e.Capture.Report.Verdict, e.Capture.Report.Why)
	}
	w.stage.show(homeURL, bannered(t, "three.png", "HACKED BY QUIETFOX", "greetz to all"))
	w.sweep()
	all := w.incidents()
	if len(all) != 1 || all[0].Findings[0].Rule != "defacement.picture_phrase" || !strings.Contains(all[0].Findings[0].Evidence, "HACKED BY QUIETFOX") {
		t.Fatalf("incidents: %+v", all)
	}
	if len(w.mail.letters()) == 0 {
		t.Error("nobody was told")
	}
}

// A reader that fails is said once, and the look is what it would be without one.
func TestPicturesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "pasban-ocr-") // anybody may enter it, unlike t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	broken := filepath.Join(dir, "tesseract")
	const program = "#!/bin/sh\n[ \"$1\" = --list-langs ] && echo eng && exit\ncat >/dev/null\necho out of order >&2\nexit 1\n"
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(broken, []byte(program), 0o755)); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	w := newWorld(t, reads(t, ocr.Options{Path: broken, Patience: 10 * time.Minute}), func(c *monitor.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	w.stage.show(homeURL, bannered(t, "one.png", "Ministry of Fixtures"))
	w.sweep()
	w.stage.show(homeURL, bannered(t, "two.png", "HACKED BY QUIETFOX"))
	e := w.sweep()["ministry"]
	if e.Err != nil || e.Capture.Report.Verdict != compare.Benign {
		t.Errorf("verdict %s, error %v", e.Capture.Report.Verdict, e.Err)
	}
	if slices.ContainsFunc(e.Capture.Report.Signals, func(s compare.Signal) bool { return s.Name == "picture_text" }) {
		t.Errorf("signals of words that nobody read: %+v", e.Capture.Report.Signals)
	}
	if n := strings.Count(log.String(), "could not be read"); n != 1 || !strings.Contains(log.String(), "out of order") {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
}

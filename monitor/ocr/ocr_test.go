package ocr

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/sys/unix"

	"pasban/compare"
)

// reader is a Reader with all the time that a busy machine needs.
func reader(t *testing.T) *Reader {
	t.Helper()
	r, err := Open(t.Context(), Options{Patience: 2 * time.Minute})
	if err != nil {
		t.Fatalf("%v: `make setup` installs it", err)
	}
	return r
}

// bold is the Go font, parsed once.
var bold = sync.OnceValue(func() *opentype.Font {
	parsed, err := opentype.Parse(gobold.TTF)
	if err != nil {
		panic(err)
	}
	return parsed
})

// write draws a line of text of some size, from a point on its base line.
func write(img draw.Image, x, y int, size float64, ink color.Color, text string) {
	face, err := opentype.NewFace(bold(), &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		panic(err)
	}
	d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// poster is a picture in one colour with lines of text, the first the largest.
func poster(ground, ink color.Color, lines ...string) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 1200, 90+70*len(lines)))
	draw.Draw(img, img.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	for i, l := range lines {
		size := 30.0
		if i == 0 {
			size = 60
		}
		write(img, 80, 90+70*i, size, ink, l)
	}
	return img
}

func whole(img image.Image) []compare.Box {
	return []compare.Box{{W: int32(img.Bounds().Dx()), H: int32(img.Bounds().Dy())}}
}

// text is what was read, lines apart.
func text(words []compare.Reading) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i > 0 && w.Line != words[i-1].Line:
			b.WriteString("\n")
		case i > 0:
			b.WriteString(" ")
		}
		b.WriteString(w.Text)
	}
	return b.String()
}

// Letters are read with their place in the whole picture, also light ones on a dark
// ground; a part that holds none says nothing.
func TestRead(t *testing.T) {
	r := reader(t)
	page := image.NewRGBA(image.Rect(0, 0, 1366, 900))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	one, two := poster(color.Black, color.RGBA{200, 0, 0, 255}, "HACKED BY QUIETFOX", "Your security is zero"), poster(color.White, color.Black, "National Water Conference")
	draw.Draw(page, image.Rect(100, 50, 1300, 280), one, image.Point{}, draw.Src)
	draw.Draw(page, image.Rect(100, 400, 1300, 560), two, image.Point{}, draw.Src)
	words, err := r.Read(t.Context(), page, []compare.Box{{X: 100, Y: 50, W: 1200, H: 230}, {X: 0, Y: 600, W: 1366, H: 300}, {X: 100, Y: 400, W: 1200, H: 160}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := text(words), "HACKED BY QUIETFOX\nYour security is zero\nNational Water Conference"; got != want {
		t.Fatalf("read %q, want %q", got, want)
	}
	if at := words[0].Box; at.X < 150 || at.X > 210 || at.Y < 70 || at.Y > 120 || at.H < 30 || at.H > 60 {
		t.Errorf("the first word is at %v, it was written at 180, 95", at)
	}
	if words[0].Sure < 60 || words[0].Sure > 100 {
		t.Errorf("sure to %d of the first word", words[0].Sure)
	}
	if first, last := words[0], words[len(words)-1]; first.Paragraph == last.Paragraph || last.Line <= first.Line || last.Box.Y < 400 {
		t.Errorf("words of two parts are one: %+v, %+v", first, last)
	}
}

// What has been read is not read again, wherever it stands; a Reader may be asked
// by many.
func TestReadOnce(t *testing.T) {
	r := reader(t)
	img := poster(color.White, color.Black, "Open tenders of this month")
	first, err := r.Read(t.Context(), img, whole(img))
	if err != nil {
		t.Fatal(err)
	}
	r.Path = "/nowhere/tesseract"
	moved := image.NewRGBA(image.Rect(0, 0, 1300, 500))
	draw.Draw(moved, img.Rect.Add(image.Pt(50, 200)), img, image.Point{}, draw.Src)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			again, err := r.Read(t.Context(), moved, []compare.Box{{X: 50, Y: 200, W: int32(img.Rect.Dx()), H: int32(img.Rect.Dy())}})
			if err != nil || text(again) != text(first) || again[0].Box.Y != first[0].Box.Y+200 {
				t.Errorf("read %v, %v, want %v lower down", again, err, first)
			}
		})
	}
	all.Wait()
	if _, err := r.Read(t.Context(), moved, whole(moved)); err == nil {
		t.Error("another picture was not read anew")
	}
}

// Grain and patches, as a camera gives them, say nothing for sure.
func TestPhotograph(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 800, 400))
	dice := rand.New(rand.NewPCG(7, 1))
	for y := range 400 {
		for x := range 800 {
			v := uint8(60 + (x/80*37+y/70*61)%150 + dice.IntN(30))
			img.SetRGBA(x, y, color.RGBA{v, v, v, 255})
		}
	}
	words, err := reader(t).Read(t.Context(), img, whole(img))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		if w.Sure >= 60 && len(w.Text) > 3 {
			t.Errorf("read %q for sure", w.Text)
		}
	}
}

// A tesseract that is not there, is none, hangs, fails, prints without end or prints
// nonsense costs an error at most, and within the patience.
func TestTrouble(t *testing.T) {
	if _, err := Open(t.Context(), Options{Path: "/nowhere/tesseract"}); err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("opened one that is not there: %v", err)
	}
	if _, err := Open(t.Context(), Options{Path: script(t, `echo osd`)}); !errors.Is(err, ErrMissing) {
		t.Errorf("opened one without languages: %v", err)
	}
	img := poster(color.White, color.Black, "Notice")
	for name, do := range map[string]struct {
		body string
		want error
	}{
		"hangs":   {`exec tail -f /dev/null`, context.DeadlineExceeded},
		"fails":   {`cat >/dev/null; echo no such luck >&2; exit 3`, nil},
		"refuses": {`exec <&-; exit 1`, nil},
		"spins":   {`while :; do :; done`, nil},
	} {
		r := troubled(t, do.body)
		if _, err := r.Read(t.Context(), img, whole(img)); err == nil || do.want != nil && !errors.Is(err, do.want) {
			t.Errorf("one that %s: %v", name, err)
		}
	}
	for name, body := range map[string]string{
		"endless": `cat >/dev/null; head -c 30000000 /dev/zero`, "nonsense": `cat >/dev/null; printf '5\tx\n\n\377\376\n'`, "silent": `cat >/dev/null`,
	} {
		words, err := troubled(t, body).Read(t.Context(), img, whole(img))
		if err != nil || words == nil || len(words) > 0 {
			t.Errorf("%s output: %v, %v", name, words, err)
		}
	}
}

// troubled is a Reader of a program that knows English and nothing else.
func troubled(t *testing.T, body string) *Reader {
	t.Helper()
	r, err := Open(t.Context(), Options{Path: script(t, `if [ "$1" = --list-langs ]; then echo eng; exit; fi; `+body), Patience: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(body, "exec tail") {
		r.Patience = time.Second
	}
	return r
}

// script is a program that anybody may run.
func script(t *testing.T, body string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pasban-ocr-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	name := filepath.Join(dir, "tesseract")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(name, []byte("#!/bin/sh\n"+body+"\n"), 0o755)); err != nil { //nolint:gosec // run as nobody
		t.Fatal(err)
	}
	return name
}

// What parses the pixels is bounded, and is nobody if we are root.
func TestBounds(t *testing.T) {
	r := troubled(t, `read first; printf '5\t1\t1\t1\t1\t1\t0\t0\t1\t1\t90\t%s:%s:%s:%s:%s\n' "$(ulimit -t)" "$(ulimit -v)" "$(ulimit -f)" "$(nice)" "$(id -u)"; cat >/dev/null`)
	img := poster(color.White, color.Black, "Notice")
	words, err := r.Read(t.Context(), img, whole(img))
	if err != nil || len(words) != 1 {
		t.Fatalf("read %v, %v", words, err)
	}
	user := os.Geteuid()
	if user == 0 {
		user = nobody
	}
	own, err := unix.Getpriority(unix.PRIO_PROCESS, 0) // 20 less the niceness
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("5:1048576:0:%d:%d", min(19, 20-own+10), user); words[0].Text != want {
		t.Errorf("seconds, memory, file size, niceness, user are %s, want %s", words[0].Text, want)
	}
}

// Words of a hostile picture are bounded, and no row of the table can say more than
// a row does.
func FuzzParse(f *testing.F) {
	f.Add([]byte("5\t1\t1\t1\t1\t1\t265\t132\t223\t45\t96.2\tHACKED\n5\t1\t1\t1\t1\t2\t534\t133\t72\t43\t93.3\tBY\n"))
	f.Add([]byte("5\t1\t1\t1\t1\t1\t-1\t99999999999\t2\t4\tNaN\tx\n1\t1\t0\n\n"))
	f.Add([]byte("5\t1\t1\t1\t1\t1\t1\t1\t2\t4\t95\t" + strings.Repeat("پ", 200) + "\n"))
	f.Fuzz(func(t *testing.T, table []byte) {
		words := parse(table)
		if len(words) > maxWords {
			t.Fatalf("%d words", len(words))
		}
		for i, w := range words {
			if w.Text == "" || len(w.Text) > maxWordText || w.Sure < 0 || w.Sure > 100 || w.Box.X < 0 || w.Box.H < 0 {
				t.Fatalf("word %d is %+v", i, w)
			}
			if i > 0 && (w.Line < words[i-1].Line || w.Paragraph < words[i-1].Paragraph) {
				t.Fatalf("word %d goes back a line: %+v", i, w)
			}
		}
	})
}

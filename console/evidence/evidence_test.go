package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pasban/monitor"
)

// store is a Source that holds what a test puts there.
type store struct {
	blobs map[string][]byte
	reads int
}

func (s *store) OpenBlob(_ context.Context, digest string) (io.ReadCloser, error) {
	s.reads++
	data, ok := s.blobs[digest]
	if !ok {
		return nil, fmt.Errorf("blob %s: %w", digest, monitor.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (s *store) Difference(_ context.Context, capture string) (image.Image, error) {
	return image.NewRGBA(image.Rect(0, 0, 8, 8)), nil
}

func (s *store) ScriptSource(_ context.Context, _, sum string) (string, error) {
	if sum == hexB {
		return strings.Repeat("x", maxText+1), nil
	}
	return `<script>alert(1)</script>`, nil
}

func (s *store) Evidence(context.Context, int64) ([]monitor.EvidenceFile, error) {
	return []monitor.EvidenceFile{{Name: "c1-html.html.gz", Data: []byte("x")}}, nil
}

const (
	hexA    = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	hexB    = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	capture = "0198f6a2-1111-7aaa-8bbb-cccccccccccc"
)

func newTest(t *testing.T) (*Handler, *Signer, *store, *time.Time) {
	t.Helper()
	now := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	s := &store{blobs: map[string][]byte{}}
	signer := NewSigner("http://127.0.0.1:8081/", func() time.Time { return now })
	return New(s, signer, slog.New(slog.DiscardHandler)), signer, s, &now
}

func get(h http.Handler, address string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, http.NoBody))
	return w
}

func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	img.Set(0, 0, color.RGBA{200, 10, 10, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What goes out with a captured byte is written down here, to the letter: whoever
// changes it must change it here, and say why.
func TestHeadersArePinned(t *testing.T) {
	h, signer, s, _ := newTest(t)
	s.blobs[hexA] = picture(t, 400, 600)
	always := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; sandbox; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Resource-Policy": "cross-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
	}
	shown := map[string]string{"Content-Type": "image/png", "Content-Disposition": "inline", "Cache-Control": "private, max-age=600, immutable"}
	refused := map[string]string{"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
	for address, want := range map[string]map[string]string{
		signer.Picture(hexA):                             shown,
		signer.Thumb(hexA):                               shown,
		signer.Difference(capture):                       shown,
		signer.Script(capture, hexA):                     {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "Content-Disposition": `attachment; filename="script-aaaaaaaaaaaaaaaa.txt"`},
		signer.Incident(7):                               {"Content-Type": "application/zip", "Cache-Control": "no-store", "Content-Disposition": `attachment; filename="incident-7.zip"`},
		signer.Picture(hexB):                             refused,
		"http://127.0.0.1:8081/picture/" + hexA + ".png": refused,
	} {
		all := maps.Clone(always)
		maps.Copy(all, want)
		have := map[string]string{}
		for name, values := range get(h, address).Header() {
			have[name] = strings.Join(values, "|")
		}
		delete(have, "Content-Length")
		if diff := cmp.Diff(all, have); diff != "" {
			t.Errorf("%s (- want, + have):\n%s", address, diff)
		}
	}
}

// An address that was not made here, was made for something else, or is old shows nothing.
func TestAddresses(t *testing.T) {
	h, signer, s, now := newTest(t)
	s.blobs[hexA], s.blobs[hexB] = picture(t, 4, 4), picture(t, 4, 4)
	good := signer.Picture(hexA)
	if w := get(h, good); w.Code != http.StatusOK {
		t.Fatalf("a good address gave %d", w.Code)
	}
	*now = now.Add(9 * time.Minute)
	if again := signer.Picture(hexA); again != good {
		t.Error("nine minutes later the address is another: the browser fetches every picture twice")
	}
	other := NewSigner(signer.Origin(), signer.now)
	for name, address := range map[string]string{
		"another picture": strings.Replace(good, hexA, hexB, 1),
		"another kind":    strings.Replace(good, "/picture/", "/thumb/", 1),
		"a later end":     strings.Replace(good, "e=1", "e=2", 1),
		"no signature":    strings.Split(good, "&")[0],
		"another process": other.Picture(hexA),
		"the way up":      signer.Origin() + "/picture/../../etc/passwd",
	} {
		if w := get(h, address); w.Code == http.StatusOK {
			t.Errorf("%s was shown", name)
		}
	}
	*now = now.Add(12 * time.Minute)
	if w := get(h, good); w.Code != http.StatusForbidden {
		t.Errorf("an old address gave %d", w.Code)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, signer.Picture(hexA), http.NoBody))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST gave %d", w.Code)
	}
}

// Gauntlet case 83: a name is a digest, whatever is signed; never a path, nor a type.
func TestNames(t *testing.T) {
	h, signer, _, _ := newTest(t)
	for _, path := range []string{
		"/picture/x.svg", "/picture/" + hexA + ".svg", "/picture/" + hexA + ".html", "/picture/..%2f..%2fetc%2fpasswd",
		"/picture/" + strings.ToUpper(hexA) + ".png", "/difference/" + hexA + ".png", "/incident/0.zip", "/incident/-1.zip", "/script/x/" + hexA + ".txt", "/", "/blob/" + hexA,
	} {
		if w := get(h, signer.sign(path)); w.Code != http.StatusNotFound {
			t.Errorf("%s gave %d", path, w.Code)
		}
	}
}

// chunk is one chunk of a PNG.
func chunk(kind string, data []byte) []byte {
	n := len(data)
	out := slices.Concat([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, []byte(kind), data)
	sum := crc32.ChecksumIEEE(out[4:])
	return append(out, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
}

// What reaches a browser is our PNG: nothing of the file but its pixels.
func TestPicturesAreMadeAnew(t *testing.T) {
	h, signer, s, _ := newTest(t)
	plain := picture(t, 30, 20)
	// A text chunk that is a page, and a page behind the end: both are a PNG to Go.
	hostile := slices.Concat(plain[:33], chunk("tEXt", []byte("Comment\x00<script>alert(1)</script>")), plain[33:], []byte("<html><script>alert(2)</script>"))
	s.blobs[hexA] = hostile
	w := get(h, signer.Picture(hexA))
	if w.Code != http.StatusOK || bytes.Contains(w.Body.Bytes(), []byte("script")) {
		t.Errorf("status %d, and what was hidden in the picture came along: %t", w.Code, bytes.Contains(w.Body.Bytes(), []byte("script")))
	}
	img, err := png.Decode(w.Body)
	if err != nil || img.Bounds() != image.Rect(0, 0, 30, 20) || img.At(0, 0) != (color.RGBA{200, 10, 10, 255}) && fmt.Sprint(img.At(0, 0)) != "{200 10 10 255}" {
		t.Errorf("the picture is %v at its corner, %v", img.At(0, 0), err)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 10, 10)), nil); err != nil {
		t.Fatal(err)
	}
	s.blobs[hexB] = b.Bytes()
	if w := get(h, signer.Picture(hexB)); w.Header().Get("Content-Type") != "image/png" || !bytes.HasPrefix(w.Body.Bytes(), []byte("\x89PNG")) {
		t.Error("a JPEG was passed on as it is")
	}
}

// What is no picture, or one that would fill the memory, is not shown.
func TestWhatIsNoPicture(t *testing.T) {
	h, signer, s, _ := newTest(t)
	header := func(w, h uint32) []byte {
		data := []byte{byte(w >> 24), byte(w >> 16), byte(w >> 8), byte(w), byte(h >> 24), byte(h >> 16), byte(h >> 8), byte(h), 8, 6, 0, 0, 0}
		return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", data)...)
	}
	for name, data := range map[string][]byte{
		"a page":          []byte("<html><script>alert(1)</script></html>"),
		"a drawing":       []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"a GIF":           []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"nothing":         {},
		"a cut picture":   picture(t, 200, 200)[:60],
		"a bomb":          header(30_000, 30_000),
		"a negative bomb": header(0x80000001, 2),
		"a line":          header(2_000_000_000, 1),
	} {
		h.pictures = newPictures()
		s.blobs[hexA] = data
		if w := get(h, signer.Picture(hexA)); w.Code != http.StatusNotFound {
			t.Errorf("%s gave %d", name, w.Code)
		}
	}
}

// A thumbnail is the head of a page, and pictures are read once however many look.
func TestThumbsAndCache(t *testing.T) {
	h, signer, s, _ := newTest(t)
	s.blobs[hexA] = picture(t, 1366, 5000)
	for range 3 {
		w := get(h, signer.Thumb(hexA))
		img, err := png.DecodeConfig(w.Body)
		if err != nil || img.Width != thumbWidth || img.Height != thumbHeight {
			t.Fatalf("a thumbnail of %d x %d, %v", img.Width, img.Height, err)
		}
	}
	if s.reads != 1 {
		t.Errorf("the picture was read %d times", s.reads)
	}
	p := newPictures()
	for i := range 20 {
		p.keep(fmt.Sprint(i), make([]byte, cacheBytes/5))
	}
	if p.bytes > cacheBytes || len(p.done) != 5 || len(p.order) != 5 {
		t.Errorf("%d bytes in %d pictures are kept", p.bytes, len(p.done))
	}
}

// The archive holds the files under our names.
func TestArchive(t *testing.T) {
	h, signer, _, _ := newTest(t)
	body := get(h, signer.Incident(7)).Body.Bytes()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil || len(z.File) != 1 || z.File[0].Name != "c1-html.html.gz" {
		t.Errorf("the archive: %v", err)
	}
}

// FuzzPicture wants whatever bytes are stored to be a PNG of ours or a refusal.
func FuzzPicture(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("\xff\xd8\xff\xe0"))
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &store{blobs: map[string][]byte{hexA: data}}
		signer := NewSigner("http://x", time.Now)
		w := get(New(s, signer, slog.New(slog.DiscardHandler)), signer.Picture(hexA))
		if w.Code == http.StatusOK && !bytes.HasPrefix(w.Body.Bytes(), []byte("\x89PNG")) {
			t.Errorf("%q was passed on", w.Body.Bytes()[:16])
		}
	})
}

// patient is a connection that notes how long it may take.
type patient struct {
	*httptest.ResponseRecorder
	until []time.Time
}

func (p *patient) SetWriteDeadline(t time.Time) error {
	p.until = append(p.until, t)
	return nil
}

// An archive may take as long as its line needs, file by file; there are not more of them
// in memory than there is room for; and who has gone does not wait for a place.
func TestArchivesAreSlowAndFew(t *testing.T) {
	h, signer, _, _ := newTest(t)
	w := &patient{ResponseRecorder: httptest.NewRecorder()}
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, signer.Incident(7), http.NoBody))
	if w.Code != http.StatusOK || len(w.until) < 2 || time.Until(w.until[len(w.until)-1]) < time.Minute {
		t.Errorf("%d, with the deadlines %v", w.Code, w.until)
	}
	for range archivesAtOnce {
		h.archives <- struct{}{}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	turned := httptest.NewRecorder()
	h.ServeHTTP(turned, httptest.NewRequestWithContext(gone, http.MethodGet, signer.Incident(7), http.NoBody))
	if turned.Body.Len() != 0 {
		t.Error("an archive was made although there was no room for it")
	}
	<-h.archives
	if w := get(h, signer.Incident(7)); w.Body.Len() == 0 || len(h.archives) != archivesAtOnce-1 {
		t.Errorf("with room again: %d bytes, %d places taken", w.Body.Len(), len(h.archives))
	}
}

// A source that is cut says so.
func TestCutSourcesSaySo(t *testing.T) {
	h, signer, _, _ := newTest(t)
	if body := get(h, signer.Script(capture, hexB)).Body.String(); !strings.Contains(body, "cut here") || len(body) > maxText+200 {
		t.Errorf("%d bytes end in %q", len(body), body[max(0, len(body)-60):])
	}
	if body := get(h, signer.Script(capture, hexA)).Body.String(); strings.Contains(body, "cut here") {
		t.Error("a whole source says that it is cut")
	}
}

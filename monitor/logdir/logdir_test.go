package logdir_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"pasban/compare/accesslog"
	"pasban/monitor/logdir"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// world is a folder of logs of one site, and how far they were read.
type world struct {
	t     *testing.T
	dir   string
	known []logdir.Place
	n     int
	time  int
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir()}
	if err := os.Mkdir(w.path(""), 0o755); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, "site", name) }

// lines are new lines of a log, each with a number of its own.
func (w *world) lines(n int) []byte {
	var b bytes.Buffer
	for range n {
		w.n++
		fmt.Fprintf(&b, "192.0.2.1 - - [04/Mar/2026:10:%02d:%02d +0500] \"GET /%d HTTP/1.1\" 200 5\n", w.n/60, w.n%60, w.n)
	}
	return b.Bytes()
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(name string, content []byte) {
	w.t.Helper()
	w.must(os.WriteFile(w.path(name), content, 0o644))
	w.touch(name)
}

// touch makes a file the one that was changed last, on file systems with coarse times too.
func (w *world) touch(name string) {
	w.t.Helper()
	w.time++
	at := noon.Add(time.Duration(w.time) * time.Second)
	w.must(os.Chtimes(w.path(name), at, at))
}

func (w *world) add(name string, content []byte) {
	w.t.Helper()
	f, err := os.OpenFile(w.path(name), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	w.must(err)
	_, err = f.Write(content)
	w.must(errors.Join(err, f.Close()))
	w.touch(name)
}

func (w *world) site() *logdir.Site {
	w.t.Helper()
	f, err := logdir.Open(w.dir)
	w.must(err)
	w.t.Cleanup(func() { f.Close() })
	s, err := f.Site("site")
	w.must(err)
	w.t.Cleanup(func() { s.Close() })
	return s
}

// read reads on in all logs and returns the numbers of the lines.
func (w *world) read() string {
	w.t.Helper()
	s := w.site()
	var out []string
	for _, f := range s.Files {
		log, err := s.Open(w.t.Context(), f, w.known, noon)
		w.must(err)
		done := log.Reader == nil
		for !done {
			e, err := log.Reader.Next()
			var bad *accesslog.LineError
			switch {
			case err == nil:
				out = append(out, strings.TrimPrefix(string(e.Target), "/"))
			case errors.As(err, &bad):
				out = append(out, "bad")
			case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
				done = true
				w.known = logdir.Note(w.known, log.At(errors.Is(err, io.EOF)))
			default:
				w.t.Fatal(err)
			}
		}
		w.must(log.Close())
	}
	return strings.Join(out, " ")
}

func (w *world) want(step, want string) {
	w.t.Helper()
	if got := w.read(); got != want {
		w.t.Errorf("%s: read %q, want %q", step, got, want)
	}
	if again := w.read(); again != "" {
		w.t.Errorf("%s: read again %q", step, again)
	}
}

func packedWith(t *testing.T, ext string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var z io.WriteCloser = gzip.NewWriter(&b)
	if ext == ".zst" {
		var err error
		if z, err = zstd.NewWriter(&b); err != nil {
			t.Fatal(err)
		}
	}
	_, err := z.Write(content)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A log that grows is read as it grows, and a line that is half there when it is whole.
func TestGrows(t *testing.T) {
	w := newWorld(t)
	w.want("nothing", "")
	w.write("access.log", nil)
	w.want("empty", "")
	w.add("access.log", w.lines(2))
	w.want("two lines", "1 2")
	next := w.lines(1)
	w.add("access.log", next[:20])
	w.want("a half line", "")
	w.add("access.log", next[20:])
	w.want("a whole line", "3")
}

// Rotation by another name, by a copy and by packing tells no line twice, and loses none
// that came in between.
func TestRotation(t *testing.T) {
	for _, ext := range []string{".gz", ".zst"} {
		w := newWorld(t)
		w.write("access.log", w.lines(2))
		w.want("two lines", "1 2")
		w.add("access.log", w.lines(1))
		w.must(os.Rename(w.path("access.log"), w.path("access.log.1")))
		w.write("access.log", w.lines(1))
		w.want("renamed", "3 4")

		old, err := os.ReadFile(w.path("access.log.1"))
		w.must(err)
		packed := packedWith(t, ext, old)
		w.write("access.log.2"+ext, packed[:len(packed)/2])
		w.want("packing", "")
		w.write("access.log.2"+ext, packed)
		w.must(os.Remove(w.path("access.log.1")))
		w.want("packed", "")

		// logrotate with copytruncate
		w.add("access.log", w.lines(1))
		now, err := os.ReadFile(w.path("access.log"))
		w.must(err)
		w.write("access.log.1", now)
		w.must(os.Truncate(w.path("access.log"), 0))
		w.want("copied and emptied", "5")
		w.add("access.log", w.lines(1))
		w.want("after it", "6")

		// A log that came packed, and was never read, is read once.
		w.write("access-20260301.log"+ext, packedWith(t, ext, w.lines(3)))
		w.want("packed log", "7 8 9")
		w.must(os.Rename(w.path("access-20260301.log"+ext), w.path("access-20260301.log.old"+ext)))
		w.want("renamed packed log", "")
	}
}

// A collector that copies the log anew each time gives a part of it for a moment.
func TestCopiedAnew(t *testing.T) {
	w := newWorld(t)
	all := w.lines(5)
	w.write("access.log", all)
	w.want("first copy", "1 2 3 4 5")
	all = append(all, w.lines(1)...)
	w.must(os.Remove(w.path("access.log")))
	w.write("access.log", all[:len(all)/2])
	w.want("half of it", "")
	w.write(".access.log.Xy12", all)
	w.write("access.log.part", all)
	w.want("files of the copying program", "")
	w.write("access.log", all)
	w.want("all of it", "6")
}

// What was emptied, even to grow longer than it was, is another log.
func TestEmptied(t *testing.T) {
	w := newWorld(t)
	w.write("access.log", w.lines(2))
	w.want("two lines", "1 2")
	w.write("access.log", w.lines(4))
	w.want("another log", "3 4 5 6")
	w.write("other.log", w.lines(1))
	w.want("another name", "7")
}

// The column names of W3C hold on after a break.
func TestFields(t *testing.T) {
	w := newWorld(t)
	w.write("u_ex260304.log", []byte("#Software: Microsoft IIS 10.0\r\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\r\n2026-03-04 10:00:00 192.0.2.1 GET /1 200\r\n"))
	w.want("first", "1")
	w.write("u_ex260305.log", []byte("#Software: Microsoft IIS 10.0\r\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\r\n"))
	w.want("a head is no log", "")
	w.add("u_ex260304.log", []byte("2026-03-04 10:00:01 192.0.2.1 GET /2 200\r\n"))
	w.want("second", "2")
	w.add("u_ex260305.log", []byte("2026-03-05 10:00:01 192.0.2.1 GET /3 200\r\n"))
	w.want("other day", "3")
}

// Links, pipes, folders and odd names are no logs, and hold nobody up.
func TestHostileFolder(t *testing.T) {
	w := newWorld(t)
	secret := filepath.Join(w.dir, "secret.log")
	w.must(os.WriteFile(secret, w.lines(1), 0o644))
	w.must(os.Symlink(secret, w.path("link.log")))
	w.must(os.Symlink("../secret.log", w.path("link2.log")))
	w.must(os.Mkdir(w.path("folder"), 0o755))
	w.must(syscall.Mkfifo(w.path("pipe.log"), 0o644))
	w.write("odd\n\x1b[31m\u202ename\xff.log", w.lines(1))
	s := w.site()
	if want := []string{"folder", "link.log", "link2.log", "pipe.log"}; !slices.Equal(s.Unfit, want) || len(s.Files) != 1 {
		t.Errorf("unfit are %q, files %d", s.Unfit, len(s.Files))
	}
	w.want("an odd name", "2")
	if name := w.known[0].Name; strings.ContainsAny(name, "\n\x1b\u202e") || !utf8.ValidString(name) {
		t.Errorf("the name is kept as %q", name)
	}

	f, err := logdir.Open(w.dir)
	w.must(err)
	defer f.Close()
	w.must(os.Symlink(w.path(""), filepath.Join(w.dir, "other")))
	for _, name := range []string{"other", "secret.log"} {
		if _, err := f.Site(name); !errors.Is(err, logdir.ErrUnfit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"..", "../x", "/etc", ""} {
		if s, err := f.Site(name); err == nil {
			t.Errorf("%q is a site with %d logs", name, len(s.Files))
		}
	}
	// A file that was exchanged for a link after it was listed.
	s = w.site()
	file := s.Files[0]
	w.must(os.Remove(w.path(file.Name)))
	w.must(os.Symlink(secret, w.path(file.Name)))
	if _, err := s.Open(t.Context(), file, nil, noon); err == nil {
		t.Error("a link was followed")
	}
}

// Files over the bound are counted, and places over theirs are forgotten, the newest last.
func TestBounds(t *testing.T) {
	w := newWorld(t)
	for i := range logdir.MaxFiles + 5 {
		w.write(fmt.Sprintf("log%d", i), nil)
	}
	if s := w.site(); len(s.Files) != logdir.MaxFiles || s.LeftOut != 5 {
		t.Errorf("%d files, %d left out", len(s.Files), s.LeftOut)
	}
	var known []logdir.Place
	for i := range logdir.MaxPlaces + 5 {
		known = logdir.Note(known, logdir.Place{Mark: fmt.Sprint(i), Seen: noon})
	}
	if len(known) != logdir.MaxPlaces || known[0].Mark != fmt.Sprint(logdir.MaxPlaces+4) {
		t.Errorf("%d places, first %s", len(known), known[0].Mark)
	}
	known = logdir.Note(known, logdir.Place{Mark: "new", Seen: noon.AddDate(0, 2, 0)})
	if len(known) != 1 {
		t.Errorf("%d places after two months", len(known))
	}
}

// Whatever lies there is read to an end, and never twice.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("192.0.2.1 - - [04/Mar/2026:10:00:00 +0500] \"GET / HTTP/1.1\" 200 5\n"), 10)
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0}, 3)
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0}, 4)
	f.Fuzz(func(t *testing.T, content []byte, cut int) {
		w := newWorld(t)
		read := func(content []byte) (n int) {
			w.write("access.log", content)
			s := w.site()
			log, err := s.Open(t.Context(), s.Files[0], w.known, noon)
			if err != nil {
				return 0
			}
			defer log.Close()
			for log.Reader != nil {
				_, err := log.Reader.Next()
				var bad *accesslog.LineError
				if err == nil || errors.As(err, &bad) {
					n++
					continue
				}
				w.known = logdir.Note(w.known, log.At(errors.Is(err, io.EOF)))
				break
			}
			return n
		}
		read(content[:min(max(cut, 0), len(content))])
		read(content)
		if again := read(content); again != 0 {
			t.Errorf("%d lines again", again)
		}
	})
}

package logdir

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"pasban/compare/accesslog"
)

// Place is how far one log was read.
type Place struct {
	Mark string `json:"mark"` // digest of all up to the end of the first entry
	Stem string `json:"stem"` // the name without what rotation adds
	Name string `json:"name"` // under which it was seen last
	accesslog.Place
	// Done is the size of a packed log that was read to its end.
	Done int64 `json:"done,omitempty"`
	// Seen is when the log lay there last, to the day.
	Seen time.Time `json:"seen"`
}

const (
	// maxMark bounds what of a log is read to know it again.
	maxMark = 8 << 10
	// MaxPlaces bounds how many logs of a site are remembered.
	MaxPlaces = 2 * MaxFiles
	// forgotten is how long a log is remembered that lies there no more. Rotation packs
	// it a day later, and an administrator who tidies up may bring it back.
	forgotten = 30 * 24 * time.Hour
	// maxPlain bounds what is unpacked of one log: a gigabyte of gzip can be a terabyte
	// of blanks.
	maxPlain = 32 << 30
)

// ErrTooBig is returned, wrapped, for a packed log of which no more is read.
var ErrTooBig = errors.New("unpacks to more than 32 GiB")

// rotated is what rotation adds to a name: ".1", "-20261128", "_2026-11-28.gz", ".old".
var rotated = regexp.MustCompile(`(?i)\.(gz|zst|old|bak|orig|save)$|[._-]\d+`)

// stemOf is a name without that.
func stemOf(name string) string {
	for {
		short := rotated.ReplaceAllString(name, "")
		if short == name || short == "" {
			return shortened(name)
		}
		name = short
	}
}

// shortened bounds a name, and makes text of it that can be shown.
func shortened(name string) string {
	if len(name) > 120 {
		name = name[:120]
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, name)
}

// markOf is the digest of how a log begins, "" if it has no whole entry yet. What is
// longer than maxMark counts by its beginning.
func markOf(r io.Reader) (string, error) {
	in := bufio.NewReaderSize(io.LimitReader(r, maxMark), maxMark)
	h := sha256.New()
	for read := 0; ; {
		line, err := in.ReadSlice('\n')
		h.Write(line)
		read += len(line)
		switch {
		case err != nil && read < maxMark:
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = nil
			}
			return "", err
		case err == nil && (line[0] == '#' || len(bytes.TrimSpace(line)) == 0) && read < maxMark:
			continue // a directive, which other logs have as well
		}
		return hex.EncodeToString(h.Sum(nil)), nil
	}
}

// Log is a file that is open, at the place to which it was read.
type Log struct {
	Place Place // when it was opened
	// Reader reads on, nil if there is nothing to read.
	Reader *accesslog.Reader
	// Packed says that it is read in whole whenever it is opened.
	Packed bool
	file   *os.File
	size   int64
}

// Close ends it.
func (l *Log) Close() error { return l.file.Close() }

// At is how far it was read by now. At the end of a packed log (done), it need not be
// unpacked again.
func (l *Log) At(done bool) Place {
	p := l.Place
	if l.Reader != nil {
		p.Place = l.Reader.Place()
	}
	if done && l.Packed {
		p.Done = l.size
	}
	return p
}

// Open opens a log where reading stopped, by what is known of the places. The log has no
// mark if it has no whole entry yet.
func (s *Site) Open(ctx context.Context, f File, known []Place, now time.Time) (*Log, error) {
	file, err := s.open(f)
	if err != nil {
		return nil, err
	}
	l := &Log{file: file, size: f.Size(), Place: Place{Stem: stemOf(f.Name)}}
	if err := l.find(ctx, known); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.Join(fmt.Errorf("reading the log %q: %w", f.Name, err), file.Close())
	}
	l.Place.Name, l.Place.Seen = shortened(f.Name), now.UTC().Truncate(24*time.Hour)
	return l, nil
}

// find goes to where reading stopped. That a packed log ends early is no error of it: it
// is being written, or copied.
func (l *Log) find(ctx context.Context, known []Place) error {
	plain, err := l.begin(ctx)
	if err != nil {
		return err
	}
	if l.Place.Mark, err = markOf(plain); err != nil || l.Place.Mark == "" {
		return err
	}
	if i := slices.IndexFunc(known, l.Place.same); i >= 0 {
		l.Place = known[i]
	}
	at := l.Place.Bytes
	switch {
	case !l.Packed && l.size <= at, l.Packed && l.size == l.Place.Done:
		return nil // read, or a copy under way
	case !l.Packed:
		_, err = l.file.Seek(at, io.SeekStart)
		plain = l.file
	default:
		if plain, err = l.begin(ctx); err == nil {
			_, err = io.CopyN(io.Discard, plain, at)
		}
		if errors.Is(err, io.EOF) {
			return nil // less than was read: a copy under way
		}
		plain = &limited{plain, maxPlain - at}
	}
	if err == nil {
		l.Reader = accesslog.Resume(plain, l.Place.Place, !l.Packed)
	}
	return err
}

// begin gives the plain text of a log from its beginning.
func (l *Log) begin(ctx context.Context) (plain io.Reader, err error) {
	var magic [4]byte
	n, err := l.file.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if _, err := l.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	l.Packed = bytes.HasPrefix(magic[:n], []byte{0x1f, 0x8b}) || bytes.Equal(magic[:n], []byte{0x28, 0xb5, 0x2f, 0xfd})
	if plain, err = accesslog.Unpack(endable{ctx, l.file}); errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return bytes.NewReader(nil), nil // its head is still to come
	}
	return plain, err
}

// endable is a reader that a context ends.
type endable struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (e endable) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.r.Read(p)
}

// limited ends with ErrTooBig.
type limited struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, ErrTooBig
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

func (p Place) same(q Place) bool { return p.Mark == q.Mark && p.Stem == q.Stem }

// Note puts a place among those that are known, and forgets logs that have long gone and
// what is over MaxPlaces, the longest gone first.
func Note(known []Place, p Place) []Place {
	out := slices.DeleteFunc(slices.Clone(known), func(q Place) bool {
		return p.same(q) || p.Seen.Sub(q.Seen) > forgotten
	})
	out = append([]Place{p}, out...)
	slices.SortStableFunc(out, func(a, b Place) int { return b.Seen.Compare(a.Seen) })
	return out[:min(len(out), MaxPlaces)]
}

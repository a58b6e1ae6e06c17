// Package ocr reads what is written in a picture, with tesseract if it is installed.
//
// A page whose banner was exchanged for one that says "hacked by" gives the text
// rules nothing to read. Package compare names the parts of a picture where that may
// be so ([compare.Report.Unread]), a [Reader] reads them, and compare judges the
// words. Nothing depends on it: without tesseract the watch is as good as pixels and
// structure make it.
//
// A stranger chose the pixels, so a Reader trusts the program that parses them
// with nothing. Tesseract gets bare samples instead of a file, which we decoded; it
// runs as nobody if we are root, at low priority, within bounds on time, memory,
// files and output that are set before the first pixel arrives, and ends with us.
package ocr

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"pasban/compare"
)

// ErrMissing tells that there is no tesseract on this machine, or none that knows a
// language we want.
var ErrMissing = errors.New("no tesseract to read pictures with")

// wanted languages, the most useful first: those of the country's sites, and those
// that intruders write in. Each one adds a quarter to the time, so that a few of the
// installed are used.
var wanted = []string{"eng", "urd", "ara", "snd", "pus", "fas", "hin", "ben", "tur", "rus", "ind"}

const (
	maxLanguages = 4
	// patience with one look. It takes a second or two, and many times that on a
	// machine that is busy rendering.
	patience = 20 * time.Second
	// kept is how many parts of pictures are remembered: a banner that waits for its
	// approval is read once, not every fifteen minutes.
	kept = 512
)

// Options of a Reader. The zero value works.
type Options struct {
	// Path of tesseract. Default the first in PATH.
	Path string
	// Patience with one look; what was not read by then stays unread. Default 20 s.
	Patience time.Duration
}

// Reader reads pictures. It may be used by several looks at once.
type Reader struct {
	Options
	languages []string

	mu   sync.Mutex
	seen map[[sha256.Size]byte][]compare.Reading
}

// Open finds tesseract and asks for its languages. The error is ErrMissing where
// there is nothing to read with, and another one where it does not run.
func Open(ctx context.Context, o Options) (*Reader, error) {
	if o.Path == "" {
		path, err := exec.LookPath("tesseract")
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMissing, err)
		}
		o.Path = path
	}
	if o.Patience <= 0 {
		o.Patience = patience
	}
	r := &Reader{Options: o, seen: map[[sha256.Size]byte][]compare.Reading{}}
	out, err := r.run(ctx, nil, "--list-langs")
	if err != nil {
		return nil, fmt.Errorf("asking %s for its languages: %w", o.Path, err)
	}
	installed := strings.Fields(string(out))
	for _, l := range wanted {
		if slices.Contains(installed, l) && len(r.languages) < maxLanguages {
			r.languages = append(r.languages, l)
		}
	}
	if len(r.languages) == 0 {
		return nil, fmt.Errorf("%w: %s knows none of %s", ErrMissing, o.Path, strings.Join(wanted, ", "))
	}
	return r, nil
}

// Languages that pictures are read in, by tesseract's names.
func (r *Reader) Languages() []string { return slices.Clone(r.languages) }

// Read reads parts of a picture, in pixels of it. What was read before an error is
// returned with it. The result is never nil.
func (r *Reader) Read(ctx context.Context, picture image.Image, where []compare.Box) ([]compare.Reading, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Patience)
	defer cancel()
	all := []compare.Reading{}
	for _, b := range where {
		words, err := r.readPart(ctx, picture, b)
		if err != nil {
			return all, fmt.Errorf("reading %d x %d pixels of the picture: %w", b.W, b.H, err)
		}
		all = append(all, placed(words, b, all)...)
	}
	return all, nil
}

// placed moves words that were read in a part of the picture to where they stand in
// all of it, behind those that were read before.
func placed(words []compare.Reading, at compare.Box, before []compare.Reading) []compare.Reading {
	var line, paragraph int
	if n := len(before); n > 0 {
		line, paragraph = before[n-1].Line+1, before[n-1].Paragraph+1
	}
	out := slices.Clone(words)
	for i := range out {
		out[i].Box.X += at.X
		out[i].Box.Y += at.Y
		out[i].Line += line
		out[i].Paragraph += paragraph
	}
	return out
}

// readPart reads one part, unless it was read before.
func (r *Reader) readPart(ctx context.Context, picture image.Image, b compare.Box) ([]compare.Reading, error) {
	pixels := samples(picture, b)
	sum := sha256.Sum256(pixels)
	if words, ok := r.remembered(sum); ok {
		return words, nil
	}
	out, err := r.run(ctx, pixels, "stdin", "stdout", "-l", strings.Join(r.languages, "+"), "--psm", layout, "-c", "tessedit_create_tsv=1")
	if err != nil {
		return nil, err
	}
	words := parse(out)
	r.remember(sum, words)
	return words, nil
}

// layout is tesseract's mode of page segmentation. 3 finds the blocks of a page
// and keeps their lines and paragraphs together. 11, for text anywhere, reads posters
// as well as that, but takes a newspaper apart: "by" and "unknown group" of
// a headline become lines of their own, and what was a report reads like a signature.
const layout = "3"

func (r *Reader) remembered(sum [sha256.Size]byte) ([]compare.Reading, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	words, ok := r.seen[sum]
	return words, ok
}

func (r *Reader) remember(sum [sha256.Size]byte, words []compare.Reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) >= kept {
		clear(r.seen)
	}
	r.seen[sum] = words
}

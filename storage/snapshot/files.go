package snapshot

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// files are what the pages of one copy are painted with: each address fetched once,
// each content kept once.
type files struct {
	fetch *fetcher
	// keep stores a content and returns its digest.
	keep func(ctx context.Context, content []byte) (string, error)

	mu        sync.Mutex
	got       map[string]*file // by address
	total     int64
	exchanges []Exchange
	left      *leftOut

	byPath map[string]File // what is in the copy
}

// file is one that a page asked for.
type file struct {
	at     *url.URL
	wanted use
	kind   kind
	body   []byte // of a style sheet until it is written; nil for the others
	digest string
	size   int64
	path   string // "" if it is not in the copy
	busy   bool   // a style sheet that is being written: it imports itself
	done   bool
}

func newFiles(f *fetcher, keep func(context.Context, []byte) (string, error), left *leftOut) *files {
	return &files{fetch: f, keep: keep, got: map[string]*file{}, left: left, byPath: map[string]File{}}
}

// A want is an address and what for.
type want struct {
	at     *url.URL
	wanted use
}

func (w want) key() string { return string(w.wanted) + " " + w.at.String() }

// gather fetches what is wanted, and what the style sheets among it want, round by
// round. An error is our own fault.
func (f *files) gather(ctx context.Context, wants []want) error {
	for round := 0; len(wants) > 0; round++ {
		if round == maxRounds {
			f.left.add("%d files that style sheets name %d deep", len(wants), maxRounds)
			return nil
		}
		next, err := f.round(ctx, wants)
		if err != nil {
			return err
		}
		wants = next
	}
	return nil
}

func (f *files) round(ctx context.Context, wants []want) ([]want, error) {
	var mu sync.Mutex
	var next []want
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, w := range wants {
		one := f.register(w)
		if one == nil {
			continue
		}
		group.Go(func() error {
			if err := f.one(ctx, one); err != nil {
				return err
			}
			if one.body == nil {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			cssReferences(one.body, func(ref string, wanted use) {
				if u := absolute(one.at, ref); u != nil && !isData(ref) {
					next = append(next, want{u, wanted})
				}
			})
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(next, func(a, b want) int { return strings.Compare(a.key(), b.key()) })
	return next, nil
}

// register notes a file that was not asked for before, nil if it was or is one too many.
func (f *files) register(w want) *file {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.got[w.key()] != nil {
		return nil
	}
	if len(f.got) >= maxFiles {
		f.left.count("files beyond the first %d", maxFiles)
		return nil
	}
	one := &file{at: w.at, wanted: w.wanted}
	f.got[w.key()] = one
	return one
}

// one fetches a file and stores it. What the site does not give is left out.
func (f *files) one(ctx context.Context, one *file) error {
	if f.over() {
		f.left.count("files beyond %d MiB in all", maxAll>>20)
		return nil
	}
	got, err := f.fetch.get(ctx, one.at, acceptFor(one.wanted))
	if ctx.Err() != nil {
		return fmt.Errorf("fetching %s: %w", one.at, ctx.Err())
	}
	if err != nil && !errors.Is(err, errLeftOut) {
		return err
	}
	if err := f.record(ctx, got); err != nil {
		return err
	}
	if err != nil {
		f.left.add("%s %.200s: %v", one.wanted, one.at, err)
		return nil
	}
	k, ok := kindOf(one.wanted, got.contentType, got.body)
	if !ok {
		f.left.add("%s %.200s: it is none, but %.60q", one.wanted, one.at, got.contentType)
		return nil
	}
	return f.accept(ctx, one, k, got.body)
}

func (f *files) accept(ctx context.Context, one *file, k kind, body []byte) error {
	one.kind = k
	if k.is == useStyle {
		one.body = body
		return nil // it is written when all that it names is there
	}
	if k.ext == "svg" {
		clean, ok := inertSVG(body)
		if !ok {
			f.left.add("picture %.200s: it is no well-formed SVG", one.at)
			return nil
		}
		body = clean
	}
	return f.store(ctx, one, body)
}

// store keeps a file under a name by its content.
func (f *files) store(ctx context.Context, one *file, body []byte) error {
	digest, err := f.keep(ctx, body)
	if err != nil {
		return fmt.Errorf("storing %s: %w", one.at, err)
	}
	one.digest, one.size, one.body = digest, int64(len(body)), nil
	one.path = ownFolder + "/" + digest[:20] + "." + one.kind.ext
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byPath[one.path] = File{Path: one.path, Type: one.kind.mime, SHA256: digest, Size: one.size}
	return nil
}

// record keeps the exchanges with their bodies.
func (f *files) record(ctx context.Context, got fetched) error {
	for i := range got.exchanges {
		e := &got.exchanges[i]
		if i == len(got.exchanges)-1 && len(got.body) > 0 {
			digest, err := f.keep(ctx, got.body)
			if err != nil {
				return fmt.Errorf("storing what %s answered: %w", e.URL, err)
			}
			e.Body = digest
		} else {
			e.Size = 0 // what came with a redirect is not kept
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.exchanges = append(f.exchanges, got.exchanges...)
	f.total += int64(len(got.body))
	return nil
}

func (f *files) over() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.total >= maxAll
}

// path is where a file is in the copy, "" if it is not. A style sheet is written when
// it is first asked for, which is when all fetching is done.
func (f *files) path(ctx context.Context, u *url.URL, wanted use) (string, error) {
	one := f.got[want{u, wanted}.key()]
	if one == nil || one.busy {
		return "", nil
	}
	if one.body == nil || one.done {
		return one.path, nil
	}
	one.busy = true
	defer func() { one.busy, one.done = false, true }()
	var failed error
	sheet := rewriteCSS(one.body, func(ref string, wanted use) string {
		if isData(ref) || ref != "" && ref[0] == '#' {
			return ref
		}
		at := absolute(one.at, ref)
		if at == nil {
			return ""
		}
		p, err := f.path(ctx, at, wanted)
		failed = errors.Join(failed, err)
		if p == "" {
			return ""
		}
		// All files are in one folder.
		return p[len(ownFolder)+1:] + fragmentOf(ref)
	})
	if failed != nil {
		return "", failed
	}
	if err := f.store(ctx, one, sheet); err != nil {
		return "", err
	}
	return one.path, nil
}

// fragmentOf is what a style sheet says after "#": a part of an SVG picture or font.
func fragmentOf(ref string) string {
	for i := range ref {
		if ref[i] == '#' {
			return "#" + (&url.URL{Fragment: ref[i+1:]}).EscapedFragment()
		}
	}
	return ""
}

func acceptFor(u use) string {
	switch u {
	case useStyle:
		return "text/css,*/*;q=0.1"
	case usePicture:
		return "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
	}
	return "*/*"
}

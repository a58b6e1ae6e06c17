package snapshot

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"pasban/monitor"
)

// format of manifests and indexes; this program reads no other.
const format = 1

// Manifest is the small document by which a copy is found among the blobs, under
// "snapshots/SITE/ID.json". With the blobs it names, nothing else is needed.
type Manifest struct {
	Format  int       `json:"format"`
	ID      string    `json:"id"`
	Site    string    `json:"site"`
	URL     string    `json:"url"`
	Created time.Time `json:"created"`
	// Of are the approved looks that the copy was made at.
	Of []monitor.SnapshotOf `json:"of"`
	// Index is the blob of the Index, JSON, gzip.
	Index string `json:"index"`
}

// Index lists what is in a copy. All lists are sorted, so that it is the same bytes for
// the same content.
type Index struct {
	Pages     []Page     `json:"pages"`
	Files     []File     `json:"files"` // the pages among them
	Exchanges []Exchange `json:"exchanges"`
	// LeftOut says what the site has and the copy has not, and why.
	LeftOut []string `json:"left_out,omitempty"`
	Forms   Forms    `json:"forms"`
}

// Page is one that a visitor can ask for.
type Page struct {
	URL   string `json:"url"`
	Path  string `json:"path"`
	Title string `json:"title"`
}

// File is one file of a copy.
type File struct {
	Path   string `json:"path"` // slashes, never absolute, never upwards
	Type   string `json:"type"` // as it is to be served
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

func manifestName(site, id string) string { return "snapshots/" + site + "/" + id + ".json" }

// digests are the blobs of a copy, each once.
func (x *Index) digests() []string {
	var all []string
	for _, f := range x.Files {
		all = append(all, f.SHA256)
	}
	for _, e := range x.Exchanges {
		if e.Body != "" {
			all = append(all, e.Body)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (x *Index) bytes() int64 {
	var n int64
	for _, f := range x.Files {
		n += f.Size
	}
	return n
}

// file finds one by its path.
func (x *Index) file(path string) (File, bool) {
	i, ok := slices.BinarySearchFunc(x.Files, path, func(f File, p string) int { return strings.Compare(f.Path, p) })
	if !ok {
		return File{}, false
	}
	return x.Files[i], true
}

func (x *Index) sort() {
	slices.SortFunc(x.Pages, func(a, b Page) int { return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.URL, b.URL)) })
	slices.SortFunc(x.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(x.Exchanges, func(a, b Exchange) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.URL, b.URL), cmp.Compare(a.Status, b.Status))
	})
	slices.Sort(x.LeftOut)
}

// maxIndex bounds an index as it is read, unpacked.
const maxIndex = 64 << 20

// putIndex stores an index.
func putIndex(ctx context.Context, blobs monitor.Blobs, x *Index) (string, error) {
	plain, err := json.Marshal(x)
	if err != nil {
		return "", fmt.Errorf("writing the index: %w", err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(plain)
	if err := errors.Join(err, z.Close()); err != nil {
		return "", fmt.Errorf("packing the index: %w", err)
	}
	digest, err := blobs.Put(ctx, packed.Bytes())
	if err != nil {
		return "", fmt.Errorf("storing the index: %w", err)
	}
	return digest, nil
}

// readManifest reads and checks the manifest of a copy.
func readManifest(ctx context.Context, blobs monitor.Blobs, name string) (Manifest, error) {
	var m Manifest
	data, err := blobs.Manifest(ctx, name)
	if err != nil {
		return m, fmt.Errorf("reading the manifest %s: %w", name, err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("the manifest %s: %w: %w", name, monitor.ErrCorrupt, err)
	}
	if m.Format != format {
		return m, fmt.Errorf("the manifest %s has format %d; this pasban reads format %d", name, m.Format, format)
	}
	return m, nil
}

// readIndex reads and checks an index: what it says becomes paths of files.
func readIndex(ctx context.Context, blobs monitor.Blobs, digest string) (*Index, error) {
	packed, err := readBlob(ctx, blobs, digest, maxIndex)
	if err != nil {
		return nil, fmt.Errorf("reading the index: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("the index: %w: %w", monitor.ErrCorrupt, err)
	}
	x := new(Index)
	if err := json.NewDecoder(io.LimitReader(z, maxIndex)).Decode(x); err != nil {
		return nil, fmt.Errorf("the index: %w: %w", monitor.ErrCorrupt, err)
	}
	for _, f := range x.Files {
		if !safePath(f.Path) {
			return nil, fmt.Errorf("the index: %w: it has the path %.80q", monitor.ErrCorrupt, f.Path)
		}
	}
	x.sort()
	return x, nil
}

// safePath reports a path that names gives, and nothing else.
func safePath(p string) bool {
	if p == "" || len(p) > 2*maxPathLen {
		return false
	}
	for i, s := range strings.Split(p, "/") {
		if i == 0 && s == ownFolder {
			continue
		}
		if !plainSegment(s) {
			return false
		}
	}
	return true
}

// readBlob reads a blob whole, verified.
func readBlob(ctx context.Context, blobs monitor.Blobs, digest string, limit int64) (_ []byte, err error) {
	r, err := blobs.Open(ctx, digest)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("blob %s: %w: it has more than %d bytes", digest, monitor.ErrCorrupt, limit)
	}
	return content, err
}

// leftOut lists what is not in a copy: at most maxLeftOut reasons, the rest as a number.
type leftOut struct {
	mu     sync.Mutex
	list   []string
	more   int
	counts map[string]int
}

const maxLeftOut = 500

func (l *leftOut) add(form string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= maxLeftOut {
		l.more++
		return
	}
	l.list = append(l.list, oneLine(fmt.Sprintf(form, args...)))
}

// count adds to a reason that many things share.
func (l *leftOut) count(form string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[string]int{}
	}
	l.counts[fmt.Sprintf(form, args...)]++
}

func (l *leftOut) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.Clone(l.list)
	for why, n := range l.counts {
		out = append(out, fmt.Sprintf("%d %s", n, why))
	}
	if l.more > 0 {
		out = append(out, fmt.Sprintf("%d more that are not listed", l.more))
	}
	slices.Sort(out)
	return out
}

package snapshot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/net/html"

	"pasban/monitor"
)

// Config is what a Store is made of. Blobs must be set.
type Config struct {
	Blobs monitor.Blobs
	// Forms says what becomes of forms. Default Weld.
	Forms Forms
}

// Store makes copies, keeps them among the blobs, and hands them out. It may be used
// by several goroutines at once.
type Store struct{ Config }

var _ monitor.Snapshots = (*Store)(nil)

// New checks the configuration.
func New(c Config) (*Store, error) {
	if c.Blobs == nil {
		return nil, errors.New("snapshot: a place for blobs is needed")
	}
	switch c.Forms {
	case "":
		c.Forms = Weld
	case Weld, Remove:
	default:
		return nil, fmt.Errorf("forms are either %s or %s, not %q", Weld, Remove, c.Forms)
	}
	return &Store{c}, nil
}

// defaultPages of a site are copied: the front page, what its menu leads to, and a few
// more. A ministry's menu has ten to twenty entries.
const defaultPages = 25

// maxPages bounds what can be asked for.
const maxPages = 1000

// builder makes one copy.
type builder struct {
	*Store
	order monitor.SnapshotOrder
	home  *url.URL
	names *names
	files *files
	left  *leftOut
	pages []*page
	write *rewriter
	fail  error // of the storage, while a document was written
}

// page is one that was rendered.
type page struct {
	at    *url.URL
	title string
	doc   *document
}

// Build implements monitor.Snapshots.
func (s *Store) Build(ctx context.Context, o monitor.SnapshotOrder) (monitor.SnapshotBuilt, error) {
	home, err := url.Parse(o.URL)
	if err != nil || home.Host == "" || len(o.Of) == 0 {
		return monitor.SnapshotBuilt{}, fmt.Errorf("a copy of %s needs the site's address and a watched page", o.Site)
	}
	if o.Pages <= 0 {
		o.Pages = defaultPages
	}
	o.Pages = max(min(o.Pages, maxPages), len(o.Of))
	b := &builder{Store: s, order: o, home: home, names: newNames(home), left: &leftOut{}}
	b.files = newFiles(&fetcher{transport: o.Fetch, agent: o.Agent, now: time.Now}, s.Blobs.Put, b.left)
	if err := b.crawl(ctx); err != nil {
		return monitor.SnapshotBuilt{}, err
	}
	if err := b.files.gather(ctx, b.wants()); err != nil {
		return monitor.SnapshotBuilt{}, err
	}
	if err := b.rawPages(ctx); err != nil {
		return monitor.SnapshotBuilt{}, err
	}
	return b.finish(ctx)
}

// rawPages asks for the pages as the server sends them, for the WARC. That one is not to
// be had like that takes nothing from the copy.
func (b *builder) rawPages(ctx context.Context) error {
	for _, p := range b.pages {
		got, err := b.files.fetch.get(ctx, p.at, "text/html,application/xhtml+xml,*/*;q=0.8")
		if ctx.Err() != nil {
			return fmt.Errorf("fetching %s: %w", p.at, ctx.Err())
		}
		if err != nil {
			b.left.add("the answer of %.200s in the WARC: %v", p.at, err)
		}
		if err := b.files.record(ctx, got); err != nil {
			return err
		}
	}
	return nil
}

// addPage takes a rendered page into the copy.
func (b *builder) addPage(ctx context.Context, asked *url.URL, look monitor.SnapshotLook) error {
	at := absolute(asked, look.FinalURL)
	if at == nil {
		at = asked
	}
	doc, err := parseDocument(look.HTML, at)
	if err != nil {
		return fmt.Errorf("%w: %w", monitor.ErrUnfit, err)
	}
	doc.placeFrames()
	doc.path = b.names.add(asked)
	b.names.byPlace[placeOf(at)] = doc.path // links lead to either
	for i, f := range doc.frames {
		if f != nil {
			f.path = fmt.Sprintf("%s/f-%s-%d.html", ownFolder, shortHash([]byte(placeOf(asked))), i)
		}
	}
	b.pages = append(b.pages, &page{at: asked, title: look.Title, doc: doc})
	return b.keepRendered(ctx, asked, look)
}

// keepRendered keeps what the browser made of a page, for the WARC.
func (b *builder) keepRendered(ctx context.Context, at *url.URL, look monitor.SnapshotLook) error {
	digest, err := b.Blobs.Put(ctx, look.HTML)
	if err != nil {
		return fmt.Errorf("storing the rendered page %s: %w", at, err)
	}
	b.files.exchanges = append(b.files.exchanges, Exchange{
		URL: at.String(), At: look.At.UTC().Truncate(time.Second), Status: 200, Header: [][2]string{{"Content-Type", htmlType}},
		Body: digest, Size: int64(len(look.HTML)), Rendered: true,
	})
	return nil
}

// documents are all that become files, frames included.
func (p *page) documents() []*document {
	all := []*document{p.doc}
	for _, f := range p.doc.frames {
		if f != nil {
			all = append(all, f)
		}
	}
	return all
}

// wants lists what the pages are painted with.
func (b *builder) wants() []want {
	var all []want
	seen := map[string]bool{}
	for _, p := range b.pages {
		for _, d := range p.documents() {
			n := 0
			d.references(func(u *url.URL, wanted use) {
				w := want{u, wanted}
				if n++; n <= maxRefsPage && !seen[w.key()] {
					seen[w.key()] = true
					all = append(all, w)
				}
			})
		}
	}
	return all
}

// references calls add for every file that a document names, by running the rewriting
// over a copy of it: so that what is fetched is what will be asked for.
func (d *document) references(add func(u *url.URL, wanted use)) {
	dry := &rewriter{
		forms: Weld,
		file:  func(u *url.URL, wanted use) string { add(u, wanted); return "" },
		page:  func(*url.URL) string { return "" },
		home:  func(*url.URL) bool { return false },
	}
	w := &inerter{rewriter: dry, doc: &document{base: d.base, root: cloneTree(d.root), path: "x.html"}}
	w.children(w.doc.root)
}

// cloneTree copies a tree. Its depth is bounded by the parser, at 512.
func cloneTree(n *html.Node) *html.Node {
	c := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: append([]html.Attribute(nil), n.Attr...)}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.AppendChild(cloneTree(child))
	}
	return c
}

// finish writes pages, index and manifest.
func (b *builder) finish(ctx context.Context) (monitor.SnapshotBuilt, error) {
	b.write = &rewriter{forms: b.Forms, page: b.names.find,
		home: func(u *url.URL) bool { return bareHost(u) == b.names.home },
		file: func(u *url.URL, wanted use) string {
			p, err := b.files.path(ctx, u, wanted)
			b.fail = errors.Join(b.fail, err)
			return p
		}}
	index := &Index{Forms: b.Forms}
	for _, p := range b.pages {
		if err := b.writePage(ctx, index, p); err != nil {
			return monitor.SnapshotBuilt{}, err
		}
	}
	if err := b.putFile(ctx, index, "404.html", htmlType, absentPage()); err != nil {
		return monitor.SnapshotBuilt{}, err
	}
	for _, f := range b.files.byPath {
		index.Files = append(index.Files, f)
	}
	index.Exchanges, index.LeftOut = b.files.exchanges, b.left.all()
	index.sort()
	return b.putManifest(ctx, index)
}

func (b *builder) writePage(ctx context.Context, index *Index, p *page) error {
	for _, d := range p.documents() {
		content, err := b.write.write(d, p.doc.frames)
		if b.fail != nil {
			return b.fail
		}
		if errors.Is(err, ErrActs) {
			b.left.add("page %.200s: %v", p.at, err)
			if d == p.doc {
				return b.unlessWatched(p, err)
			}
			content = emptyFrame
		} else if err != nil {
			return err
		}
		if err := b.putFile(ctx, index, d.path, htmlType, content); err != nil {
			return err
		}
	}
	index.Pages = append(index.Pages, Page{URL: p.at.String(), Path: p.doc.path, Title: oneLine(p.title)})
	return nil
}

// emptyFrame stands for a frame that could not be made inert.
var emptyFrame = []byte(`<!DOCTYPE html><html><head><meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="` + policy + `"/></head><body></body></html>`)

// unlessWatched fails for a watched page: without it, the copy is none.
func (b *builder) unlessWatched(p *page, err error) error {
	for _, of := range b.order.Of {
		if of.URL == p.at.String() {
			return fmt.Errorf("%w: %s: %w", monitor.ErrUnfit, of.URL, err)
		}
	}
	return nil
}

func (b *builder) putFile(ctx context.Context, index *Index, path, contentType string, content []byte) error {
	digest, err := b.Blobs.Put(ctx, content)
	if err != nil {
		return fmt.Errorf("storing %s: %w", path, err)
	}
	index.Files = append(index.Files, File{Path: path, Type: contentType, SHA256: digest, Size: int64(len(content))})
	return nil
}

func (b *builder) putManifest(ctx context.Context, index *Index) (monitor.SnapshotBuilt, error) {
	digest, err := putIndex(ctx, b.Blobs, index)
	if err != nil {
		return monitor.SnapshotBuilt{}, err
	}
	m := Manifest{Format: format, ID: b.order.ID, Site: b.order.Site, URL: b.order.URL, Created: b.order.At.UTC(), Of: b.order.Of, Index: digest}
	doc, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return monitor.SnapshotBuilt{}, fmt.Errorf("writing the manifest: %w", err)
	}
	name := manifestName(m.Site, m.ID)
	if err := b.Blobs.PutManifest(ctx, name, doc); err != nil {
		return monitor.SnapshotBuilt{}, fmt.Errorf("storing the manifest %s: %w", name, err)
	}
	return monitor.SnapshotBuilt{Manifest: name, Pages: len(index.Pages), Files: len(index.Files), Bytes: index.bytes(), LeftOut: index.LeftOut}, nil
}

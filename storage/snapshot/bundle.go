package snapshot

import (
	"archive/tar"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"pasban/monitor"
)

// A bundle is all that is needed to show a site from another server, in one archive,
// tar.zst. Below one folder it has
//
//	manifest.json           what is in it: path, type, size and SHA-256 of every other file
//	manifest.json.sig       the Ed25519 signature of that, as base64
//	INSTRUCTIONS.html       what to do, in English and Urdu, to be printed
//	SHA256SUMS              the same sums for sha256sum -c
//	www/                    the copy, with a security.txt of the site's contacts
//	kit/                    configuration of nginx, Apache and Caddy
//	archive/SITE.warc.gz    what it was taken from, ISO 28500
//
// Two exports of one copy with one key and one program are the same bytes.

// Export says where a bundle goes and how it will be served.
type Export struct {
	Copy monitor.Snapshot
	Key  *Key
	Out  string // path of the file
	// Host the copy will be served as. Default: that of the site.
	Host string
	// Listen is the address and port. Default: port 80 of all addresses.
	Listen string
	// Root is the folder on the server that will hold the copy. Default /srv/pasban/HOST.
	Root string
	// Name of the site, for the instructions.
	Name string
	// Contacts are mail addresses for who finds a hole; security.txt names them. Without
	// any there is no such file.
	Contacts []string
}

// BundleManifest is what a bundle says about itself.
type BundleManifest struct {
	Format  int       `json:"format"`
	Copy    string    `json:"copy"`
	Site    string    `json:"site"`
	Name    string    `json:"name"`
	URL     string    `json:"url"`
	Host    string    `json:"host"`
	Created time.Time `json:"created"`
	State   string    `json:"state"`
	// Likeness of the least alike page to its approved look, 0 to 1.
	Likeness float64                 `json:"likeness"`
	Proofs   []monitor.SnapshotProof `json:"proofs,omitempty"`
	Pages    []Page                  `json:"pages"`
	LeftOut  []string                `json:"left_out,omitempty"`
	Files    []File                  `json:"files"`
}

// Exported is what Export wrote.
type Exported struct {
	Path        string `json:"path"`
	SHA256      string `json:"sha256"`
	Size        int64  `json:"size"`
	Site        string `json:"site"`
	Copy        string `json:"copy"`
	Pages       int    `json:"pages"`
	Files       int    `json:"files"`
	Records     int    `json:"warc_records"`
	Fingerprint string `json:"key_fingerprint"`
	PublicKey   string `json:"public_key"`
}

// entry is one file of a bundle on its way into the archive.
type entry struct {
	File
	open func() (io.ReadCloser, error)
}

// Export writes a bundle. It is there whole or not at all. An error that is ErrSetting is
// about what was asked for, and nothing was written.
func (s *Store) Export(ctx context.Context, e Export) (Exported, error) {
	m, index, err := s.open(ctx, e.Copy.Manifest)
	if err != nil {
		return Exported{}, err
	}
	e.complete(m)
	if err := e.check(); err != nil {
		return Exported{}, err
	}
	warc, records, err := s.spoolWARC(ctx, e.Out, m, index)
	if err != nil {
		return Exported{}, err
	}
	defer warc.discard()
	entries, err := s.entries(ctx, e, index, warc)
	if err != nil {
		return Exported{}, err
	}
	out, err := newOutput(e.Out)
	if err != nil {
		return Exported{}, fmt.Errorf("making %s: %w", e.Out, err)
	}
	defer out.discard()
	sum := sha256.New()
	counted := &counter{to: io.MultiWriter(out.file, sum)}
	if err := e.write(counted, m, index, entries); err != nil {
		return Exported{}, fmt.Errorf("writing %s: %w", e.Out, err)
	}
	if err := out.commit(0o644); err != nil {
		return Exported{}, err
	}
	public := e.Key.Public()
	return Exported{
		Path: e.Out, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: counted.n, Site: m.Site, Copy: m.ID, Pages: len(index.Pages),
		Files: len(entries) + 2, Records: records, Fingerprint: public.Fingerprint(), PublicKey: string(public.PEM()),
	}, nil
}

// complete documents itself in Export.
func (e *Export) complete(m Manifest) {
	if e.Host == "" {
		e.Host = hostName(m.URL)
	}
	if e.Root == "" {
		e.Root = "/srv/pasban/" + e.Host
	}
	if e.Name == "" {
		e.Name = m.Site
	}
}

// spoolWARC writes the WARC beside the bundle and reads it again: its sum stands in the
// manifest, which comes first.
func (s *Store) spoolWARC(ctx context.Context, beside string, m Manifest, x *Index) (_ *output, records int, err error) {
	out, err := newOutput(beside)
	if err != nil {
		return nil, 0, fmt.Errorf("making %s: %w", beside, err)
	}
	err = writeWARC(ctx, out.file, s.Blobs, m, x)
	if err == nil {
		_, err = out.file.Seek(0, io.SeekStart)
	}
	if err == nil {
		records, err = checkWARC(out.file)
	}
	if err == nil && records != len(x.Exchanges)+1 {
		err = fmt.Errorf("the WARC has %d records, not %d", records, len(x.Exchanges)+1)
	}
	if err != nil {
		out.discard()
		return nil, 0, fmt.Errorf("writing the WARC: %w", err)
	}
	return out, records, nil
}

// entries lists what a bundle holds, but for its manifest.
func (s *Store) entries(ctx context.Context, e Export, x *Index, warc *output) ([]entry, error) {
	var all []entry
	for _, f := range x.Files {
		digest, size := f.SHA256, f.Size
		f.Path = "www/" + f.Path
		all = append(all, entry{f, func() (io.ReadCloser, error) {
			content, err := readBlob(ctx, s.Blobs, digest, size)
			return io.NopCloser(strings.NewReader(string(content))), err
		}})
	}
	archived, err := fileEntry("archive/"+e.Copy.Site+".warc.gz", "application/warc", warc.file.Name())
	if err != nil {
		return nil, err
	}
	all = append(all, archived)
	kit, err := kitFiles(e, x)
	if err != nil {
		return nil, err
	}
	for _, f := range append(kit, e.securityTXT(x)...) {
		all = append(all, memoryEntry(f.path, f.mime, f.content))
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.Path, b.Path) })
	var sums strings.Builder
	for _, f := range all {
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Path)
	}
	return append(all, memoryEntry("SHA256SUMS", "text/plain; charset=utf-8", []byte(sums.String()))), nil
}

func memoryEntry(path, mime string, content []byte) entry {
	sum := sha256.Sum256(content)
	return entry{File{path, mime, hex.EncodeToString(sum[:]), int64(len(content))}, func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(content))), nil
	}}
}

func fileEntry(path, mime, from string) (_ entry, err error) {
	f, err := os.Open(from)
	if err != nil {
		return entry{}, err
	}
	defer func() { _ = f.Close() }() // it was read only
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	return entry{File{path, mime, hex.EncodeToString(sum.Sum(nil)), size}, func() (io.ReadCloser, error) { return os.Open(from) }}, err
}

// write writes the archive. One goroutine and no time but the copy's own, so that it is
// the same bytes every time.
func (e *Export) write(to io.Writer, m Manifest, x *Index, entries []entry) error {
	z, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	b := BundleManifest{
		Format: format, Copy: m.ID, Site: m.Site, Name: e.Name, URL: m.URL, Host: e.Host, Created: m.Created, State: string(e.Copy.State),
		Likeness: e.Copy.Likeness(), Proofs: e.Copy.Proofs, Pages: x.Pages, LeftOut: x.LeftOut,
	}
	for _, f := range entries {
		b.Files = append(b.Files, f.File)
	}
	doc, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return err
	}
	signature := base64.StdEncoding.EncodeToString(ed25519.Sign(e.Key.private, doc)) + "\n"
	first := []entry{memoryEntry("manifest.json", "application/json", doc), memoryEntry("manifest.json.sig", "text/plain", []byte(signature))}
	for _, f := range append(first, entries...) {
		if err := f.write(t, bundleFolder(m), m.Created); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

// bundleFolder is the one folder of a bundle.
func bundleFolder(m Manifest) string {
	return "pasban-" + m.Site + "-" + m.Created.UTC().Format("20060102")
}

func (f *entry) write(t *tar.Writer, folder string, at time.Time) (err error) {
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: folder + "/" + f.Path, Size: f.Size, Mode: 0o644, ModTime: at.UTC().Truncate(time.Second), Format: tar.FormatPAX,
	}
	if err := t.WriteHeader(header); err != nil {
		return err
	}
	r, err := f.open()
	if err != nil {
		return err
	}
	defer func() {
		if closed := r.Close(); err == nil {
			err = closed
		}
	}()
	_, err = io.Copy(t, r)
	return err
}

// BundleName is what a bundle is called unless somebody names it.
func BundleName(s monitor.Snapshot) string {
	return filepath.Base(fmt.Sprintf("pasban-%s-%s.tar.zst", s.Site, s.Created.UTC().Format("20060102")))
}

type counter struct {
	to io.Writer
	n  int64
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

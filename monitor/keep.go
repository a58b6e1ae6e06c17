package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"

	"github.com/klauspost/compress/gzip"

	"pasban/compare"
	"pasban/render"
)

// What is read back from evidence is bounded again: a blob may have been made
// by another version, or by somebody else.
const (
	maxBlob   = 64 << 20
	maxPixels = 40_000_000 // 1366 x 16,000 is 22 million
)

// keepEvidence stores everything a capture saw, and returns the names. Blobs
// that are there already cost no write. Of a page that leaks, what leaked is not
// kept: see withheld.
func (m *Monitor) keepEvidence(ctx context.Context, page *render.Page, look compare.Look, report *compare.Report) (map[string]string, error) {
	e := evidence{ctx: ctx, blobs: m.Blobs, names: map[string]string{}}
	if report.Withholds() {
		var err error
		if page, look, err = withheld(page, look, report); err != nil {
			return nil, fmt.Errorf("withholding what %s leaks: %w", page.URL, err)
		}
	}
	slim := *page
	slim.HTML, slim.Screenshot, slim.Scripts = nil, nil, make([]render.Script, len(page.Scripts))
	for i, s := range page.Scripts {
		s.Source = ""
		slim.Scripts[i] = s
	}
	sources := map[string]string{}
	for sum, source := range look.Sources {
		sources[sum] = e.put([]byte(source))
	}
	e.putJSON(BlobSources, sources)
	e.putJSON(BlobPage, slim)
	e.putJSON(BlobView, look.View)
	e.putZip(BlobHTML, page.HTML)
	if page.Screenshot != nil {
		e.names[BlobPicture] = e.put(page.Screenshot.Data)
	}
	if e.err != nil {
		return nil, fmt.Errorf("keeping the evidence of %s: %w", page.URL, e.err)
	}
	return e.names, nil
}

// withheld are a page and a look as they may be stored when the page shows data of
// people or keys: the view without them and the picture with a mosaic over them.
// Trees and documents hold the same text in forms that cannot be masked with
// certainty; they are left out, and the page says so.
func withheld(page *render.Page, look compare.Look, report *compare.Report) (*render.Page, compare.Look, error) {
	safe := compare.Withhold(look, report)
	p := *page
	p.Title, p.Meta.Description = safe.View.Title, safe.View.Meta.Description
	p.Nodes, p.HTML, p.Links, p.Forms, p.Dialogs, p.Log, p.Asks = nil, nil, nil, nil, nil, nil, nil
	p.Truncated = append(p.Truncated[:len(p.Truncated):len(p.Truncated)], "tree, document, links and log withheld: the page leaks data")
	if safe.Picture == nil || page.Screenshot == nil {
		p.Screenshot = nil
		return &p, safe, nil
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, safe.Picture); err != nil {
		return page, look, err
	}
	shot := *page.Screenshot
	shot.Data = b.Bytes()
	p.Screenshot = &shot
	return &p, safe, nil
}

// evidence collects blobs and remembers the first failure.
type evidence struct {
	ctx   context.Context
	blobs Blobs
	names map[string]string
	err   error
}

func (e *evidence) put(content []byte) string {
	if e.err != nil {
		return ""
	}
	digest, err := e.blobs.Put(e.ctx, content)
	e.err = err
	return digest
}

func (e *evidence) putJSON(name string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		e.err = errors.Join(e.err, err)
		return
	}
	e.putZip(name, data)
}

func (e *evidence) putZip(name string, data []byte) {
	var b bytes.Buffer
	// A fixed level and no time stamp: the same content gives the same digest.
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err == nil {
		_, err = z.Write(data)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		e.err = errors.Join(e.err, err)
		return
	}
	e.names[name] = e.put(b.Bytes())
}

// readBlob returns the content of a blob of at most maxBlob bytes.
func (m *Monitor) readBlob(ctx context.Context, digest string) ([]byte, error) {
	if digest == "" {
		return nil, fmt.Errorf("no such part on record: %w", ErrNotFound)
	}
	r, err := m.Blobs.Open(ctx, digest)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxBlob+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("reading blob %s: %w", digest, err)
	}
	if len(data) > maxBlob {
		return nil, fmt.Errorf("blob %s is larger than %d bytes", digest, maxBlob)
	}
	return data, nil
}

// readJSON decodes a compressed JSON blob.
func (m *Monitor) readJSON(ctx context.Context, digest string, into any) error {
	data, err := m.readBlob(ctx, digest)
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("reading blob %s: %w", digest, err)
	}
	if err := json.NewDecoder(io.LimitReader(z, 4*maxBlob)).Decode(into); err != nil {
		return fmt.Errorf("reading blob %s: %w", digest, err)
	}
	return nil
}

// readPicture decodes a stored screenshot.
func (m *Monitor) readPicture(ctx context.Context, digest string) (image.Image, error) {
	data, err := m.readBlob(ctx, digest)
	if err != nil {
		return nil, err
	}
	picture, err := decodePicture(data)
	if err != nil {
		return nil, fmt.Errorf("picture %s: %w", digest, err)
	}
	return picture, nil
}

// errNoPicture is what a blob is that should be a screenshot and is none.
var errNoPicture = errors.New("no picture")

// decodePicture decodes a PNG after checking its dimensions.
func decodePicture(data []byte) (image.Image, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: reading its header: %w", errNoPicture, err)
	}
	if c.Width*c.Height > maxPixels {
		return nil, fmt.Errorf("%w: %d x %d pixels are too many", errNoPicture, c.Width, c.Height)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoPicture, err)
	}
	return picture, nil
}

// unshowable tells evidence that is lost or damaged from a storage that is away: the
// one stays as it is, the other comes back.
func unshowable(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) || errors.Is(err, errNoPicture)
}

// readLook rebuilds a look from the evidence of a capture.
func (m *Monitor) readLook(ctx context.Context, blobs map[string]string) (compare.Look, error) {
	var look compare.Look
	if err := m.readJSON(ctx, blobs[BlobView], &look.View); err != nil {
		return look, err
	}
	var err error
	if blobs[BlobPicture] != "" {
		if look.Picture, err = m.readPicture(ctx, blobs[BlobPicture]); err != nil {
			return look, err
		}
	}
	look.Sources, err = m.readSources(ctx, blobs, nil)
	return look, err
}

// readSources loads script sources of a capture: those wanted, all if nil.
func (m *Monitor) readSources(ctx context.Context, blobs map[string]string, wanted []string) (map[string]string, error) {
	var stored map[string]string
	if err := m.readJSON(ctx, blobs[BlobSources], &stored); err != nil {
		return nil, err
	}
	if wanted == nil {
		for sum := range stored {
			wanted = append(wanted, sum)
		}
	}
	sources := map[string]string{}
	for _, sum := range wanted {
		digest, ok := stored[sum]
		if !ok {
			continue
		}
		source, err := m.readBlob(ctx, digest)
		if err != nil {
			return nil, err
		}
		sources[sum] = string(source)
	}
	return sources, nil
}

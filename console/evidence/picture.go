package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the pictures of alerts
	"image/png"
	"io"
	"sync"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/sync/singleflight"

	"pasban/monitor"
)

// errNoPicture is what a blob is that should be a picture and is none that we decode.
var errNoPicture = errors.New("no picture")

const (
	maxFile   = 64 << 20
	maxPixels = 40_000_000 // 1366 x 16,000, the tallest that is captured, is 22 million
	// A picture of that size takes 90 MB while it is decoded.
	decodeAtOnce = 2
	cacheBytes   = 96 << 20
	thumbWidth   = 360
	thumbHeight  = 270
)

// decode reads a stored picture after checking its dimensions.
func (h *Handler) decode(ctx context.Context, digest string) (image.Image, error) {
	r, err := h.source.OpenBlob(ctx, digest)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("reading picture %s: %w", digest, err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%w: more than %d bytes", errNoPicture, maxFile)
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoPicture, err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPixels || c.Height > maxPixels || c.Width*c.Height > maxPixels {
		return nil, fmt.Errorf("%w: %d x %d pixels", errNoPicture, c.Width, c.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: decoding %s: %w", errNoPicture, format, err)
	}
	return img, nil
}

// shrink is the head of a page in the size of a thumbnail.
func shrink(img image.Image) image.Image {
	b := img.Bounds()
	head := image.Rect(b.Min.X, b.Min.Y, b.Max.X, min(b.Max.Y, b.Min.Y+max(1, b.Dx()*thumbHeight/thumbWidth)))
	out := image.NewRGBA(image.Rect(0, 0, thumbWidth, (head.Dy()*thumbWidth+head.Dx()-1)/head.Dx()))
	draw.ApproxBiLinear.Scale(out, out.Rect, img, head, draw.Src, nil)
	return out
}

// pictures keeps what was encoded last, and bounds how much is decoded at once.
type pictures struct {
	flight singleflight.Group
	slots  chan struct{}

	mu    sync.Mutex
	bytes int
	order []string // least recently used first
	done  map[string][]byte
}

func newPictures() *pictures {
	return &pictures{slots: make(chan struct{}, decodeAtOnce), done: map[string][]byte{}}
}

// get returns the encoded picture of a key, and makes it if it is not kept.
func (p *pictures) get(ctx context.Context, key string, make func(context.Context) (image.Image, error)) ([]byte, error) {
	if data := p.kept(key); data != nil {
		return data, nil
	}
	// Whoever waits with us must not fail because the first has gone away.
	work := context.WithoutCancel(ctx)
	result := p.flight.DoChan(key, func() (any, error) {
		p.slots <- struct{}{}
		defer func() { <-p.slots }()
		limited, cancel := context.WithTimeout(work, 20*time.Second)
		defer cancel()
		img, err := make(limited)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
			return nil, fmt.Errorf("encoding a picture: %w", err)
		}
		p.keep(key, b.Bytes())
		return b.Bytes(), nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-result:
		data, _ := r.Val.([]byte)
		return data, r.Err
	}
}

func (p *pictures) kept(key string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	data := p.done[key]
	if data != nil {
		p.touch(key)
	}
	return data
}

func (p *pictures) keep(key string, data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(data) > cacheBytes/4 || p.done[key] != nil {
		return
	}
	p.done[key] = data
	p.bytes += len(data)
	p.order = append(p.order, key)
	for p.bytes > cacheBytes {
		p.bytes -= len(p.done[p.order[0]])
		delete(p.done, p.order[0])
		p.order = p.order[1:]
	}
}

func (p *pictures) touch(key string) {
	for i, k := range p.order {
		if k == key {
			p.order = append(append(p.order[:i:i], p.order[i+1:]...), key)
			return
		}
	}
}

// writeZip writes files as they are, and calls next before each: what the site made is
// compressed in them already, so that nothing opens it by a careless click, and no name
// in the archive is the site's. It has no password. archive/zip writes none, and one that
// everybody knows, as "infected" is for samples, would only keep scanners on the way from
// reading it, which is what the CERT's own should do; it would also keep the hashes of
// the manifest from being checked by whoever was not told.
func writeZip(w io.Writer, files []monitor.EvidenceFile, at time.Time, next func()) error {
	z := zip.NewWriter(w)
	for _, f := range files {
		next()
		out, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store, Modified: at})
		if err != nil {
			return err
		}
		if _, err := out.Write(f.Data); err != nil {
			return err
		}
	}
	return z.Close()
}

package snapshot

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/nlnwa/gowarc/v3"

	"pasban/monitor"
)

// A WARC 1.1 (ISO 28500:2017) is a way of writing down what a copy was taken from: one
// response record for each exchange, one resource record for each page as a browser
// rendered it. It is written when it is asked for, from exchanges that are kept by
// content, so that a month of copies does not keep the same logo thirty times.
//
// Two writings are the same bytes: records stand in the order of the index, their IDs
// follow from what is in them, and each is one member of the gzip file (Annex D).

// writeWARC writes the exchanges of a copy.
func writeWARC(ctx context.Context, to io.Writer, blobs monitor.Blobs, m Manifest, x *Index) error {
	w := &warcWriter{to: to, space: uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:uuid:"+m.ID))}
	if err := w.info(m); err != nil {
		return err
	}
	for i, e := range x.Exchanges {
		body, err := exchangeBody(ctx, blobs, e)
		if err != nil {
			return fmt.Errorf("writing what %s answered: %w", e.URL, err)
		}
		if err := w.exchange(i, e, body); err != nil {
			return fmt.Errorf("writing what %s answered: %w", e.URL, err)
		}
	}
	return nil
}

func exchangeBody(ctx context.Context, blobs monitor.Blobs, e Exchange) ([]byte, error) {
	if e.Body == "" {
		return nil, nil
	}
	return readBlob(ctx, blobs, e.Body, e.Size)
}

type warcWriter struct {
	to    io.Writer
	space uuid.UUID // of the record IDs
	id    string    // of the warcinfo
}

// info describes the file and how it came about.
func (w *warcWriter) info(m Manifest) error {
	w.id = w.recordID("warcinfo")
	fields := [][2]string{
		{"software", "Pasban (https://www.iso.org/standard/68004.html for the format)"},
		{"format", "WARC file version 1.1"},
		{"conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"},
		{"description", oneLine("Copy " + m.ID + " of " + m.URL + ", made for recovery. Response records are what the server answered; resource records (urn:x-pasban-rendered:...) are what a browser made of a page. Cookies are left out, and bodies are as unpacked.")},
	}
	return w.record(gowarc.Warcinfo, w.id, m.Created, "", gowarc.ApplicationWarcFields, func(b io.StringWriter) error {
		for _, f := range fields {
			if _, err := b.WriteString(f[0] + ": " + f[1] + "\r\n"); err != nil {
				return err
			}
		}
		return nil
	}, nil)
}

func (w *warcWriter) recordID(name string) string {
	return "<urn:uuid:" + uuid.NewSHA1(w.space, []byte(name)).String() + ">"
}

func (w *warcWriter) exchange(i int, e Exchange, body []byte) error {
	id := w.recordID(strconv.Itoa(i) + " " + e.URL + " " + e.Body)
	if e.Rendered {
		return w.record(gowarc.Resource, id, e.At, "urn:x-pasban-rendered:"+e.URL, htmlType, nil, body)
	}
	head := func(b io.StringWriter) error {
		_, err := b.WriteString(responseHead(e, len(body)))
		return err
	}
	return w.record(gowarc.Response, id, e.At, e.URL, "application/http;msgtype=response", head, body)
}

// responseHead is the status line and headers of an answer, with the length of the body
// as it is written here.
func responseHead(e Exchange, length int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %s\r\n", e.Proto, e.Status, http.StatusText(e.Status))
	for _, h := range e.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", length)
	return b.String()
}

// record writes one record as one member.
func (w *warcWriter) record(kind gowarc.RecordType, id string, at time.Time, uri, contentType string, head func(io.StringWriter) error, body []byte) error {
	b := gowarc.NewRecordBuilder(kind, gowarc.WithVersion(gowarc.V1_1), gowarc.WithSpecViolationPolicy(gowarc.ErrFail),
		gowarc.WithDefaultDigestAlgorithm("sha256"), gowarc.WithDefaultDigestEncoding(gowarc.Base32),
		gowarc.WithSyntaxErrorPolicy(gowarc.ErrIgnore), gowarc.WithBlockErrorPolicy(gowarc.ErrIgnore))
	if head != nil {
		if err := head(b); err != nil {
			return errors.Join(err, b.Close())
		}
	}
	if _, err := b.Write(body); err != nil {
		return errors.Join(err, b.Close())
	}
	b.AddWarcHeader(gowarc.WarcRecordID, id)
	b.AddWarcHeaderTime(gowarc.WarcDate, at.UTC())
	b.AddWarcHeader(gowarc.ContentType, contentType)
	if uri != "" {
		b.AddWarcHeader(gowarc.WarcTargetURI, uri)
		b.AddWarcHeader(gowarc.WarcWarcinfoID, w.id)
	}
	record, _, err := b.Build()
	if err != nil {
		return errors.Join(err, b.Close())
	}
	z, err := gzip.NewWriterLevel(w.to, gzip.DefaultCompression)
	if err == nil {
		_, _, err = gowarc.NewMarshaler().Marshal(z, record, 0)
		err = errors.Join(err, z.Close())
	}
	return errors.Join(err, record.Close())
}

// checkWARC reads a WARC again, every digest of it, and returns the number of records.
func checkWARC(r io.Reader) (int, error) {
	reader, err := gowarc.NewWarcFileReaderFromStream(bufio.NewReader(r), 0, gowarc.WithSpecViolationPolicy(gowarc.ErrFail),
		gowarc.WithSyntaxErrorPolicy(gowarc.ErrIgnore), gowarc.WithBlockErrorPolicy(gowarc.ErrFail))
	if err != nil {
		return 0, fmt.Errorf("reading the WARC again: %w", err)
	}
	for n := 0; ; n++ {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return n, reader.Close()
		}
		if err != nil {
			return n, errors.Join(fmt.Errorf("reading record %d of the WARC again: %w", n, err), reader.Close())
		}
		if err := record.Close(); err != nil {
			return n, errors.Join(fmt.Errorf("record %d of the WARC: %w", n, err), reader.Close())
		}
	}
}

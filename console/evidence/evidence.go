// Package evidence serves captured bytes, and is the only handler that does.
//
// What a hostile page left behind is shown to analysts by a page of the console.
// Should one of those bytes ever be taken for something else than a picture or a
// text, it must find itself where there is nothing to steal: so this handler stands
// on a listener of its own, which to a browser is another origin than the console,
// sets no cookie and reads none, and gives every answer a policy under which nothing
// runs, frames or loads.
//
// Without cookies, who may see what is said by the address itself: [Signer] makes
// addresses that hold for some minutes, and the console gives them to those whom it
// has let in. A name is a digest or a number of ours, never a word of the site's.
//
// A picture is not passed on as it is stored: it is measured, decoded, and encoded
// anew by Go, so that what reaches the analyst's browser is our PNG whatever was in
// the file. Documents and scripts of the site are only handed out as plain text or in an archive, to be
// saved and not opened.
//
// Sources: HOSTILE.md section 7; changedetection.io GHSA-cgj8-g98g-4p9x, a stored
// document served as text/html.
package evidence

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pasban/monitor"
)

// Source is where evidence comes from. *monitor.Monitor is the real one.
type Source interface {
	// OpenBlob opens stored content by its digest, or fails with monitor.ErrNotFound.
	OpenBlob(ctx context.Context, digest string) (io.ReadCloser, error)
	// Difference draws what changed at a capture, or fails with monitor.ErrNotFound.
	Difference(ctx context.Context, capture string) (image.Image, error)
	// ScriptSource is the source of a script that a capture saw.
	ScriptSource(ctx context.Context, capture, sum string) (string, error)
	// Evidence collects what an incident rests on.
	Evidence(ctx context.Context, incident int64) ([]monitor.EvidenceFile, error)
}

// Headers of every answer. The console embeds pictures from another origin, and for a
// host that is an address Chrome 156 does not take another port for the same site
// (blocked: corp-not-same-site); so the resource policy is open, and the signature
// alone says who may ask.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; sandbox; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Resource-Policy": "cross-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
}

// Handler answers for evidence.
type Handler struct {
	source   Source
	signer   *Signer
	pictures *pictures
	archives chan struct{} // slots
	log      *slog.Logger
	mux      *http.ServeMux
}

// New makes the handler. Addresses that another signer made are refused.
func New(source Source, signer *Signer, log *slog.Logger) *Handler {
	h := &Handler{source: source, signer: signer, pictures: newPictures(), archives: make(chan struct{}, archivesAtOnce), log: log, mux: http.NewServeMux()}
	h.mux.HandleFunc("GET /picture/{name}", h.picture)
	h.mux.HandleFunc("GET /thumb/{name}", h.thumb)
	h.mux.HandleFunc("GET /difference/{name}", h.difference)
	h.mux.HandleFunc("GET /script/{capture}/{name}", h.script)
	h.mux.HandleFunc("GET /incident/{name}", h.archive)
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("Cache-Control", "no-store")
	if r.TLS != nil {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "evidence is only read", http.StatusMethodNotAllowed)
		return
	}
	if !h.signer.holds(r.URL) {
		http.Error(w, "this address has expired, or was not made by this console", http.StatusForbidden)
		return
	}
	h.mux.ServeHTTP(w, r)
}

// digestOf reads "DIGEST.ext": 64 lower-case hex digits, and nothing else.
func digestOf(name, extension string) (string, bool) {
	digest, ok := strings.CutSuffix(name, extension)
	if !ok || len(digest) != 64 || strings.Trim(digest, "0123456789abcdef") != "" {
		return "", false
	}
	return digest, true
}

// captureOf reads the ID of a capture: a UUID, which the store looks up and no file is
// named by.
func captureOf(name string) (string, bool) {
	if len(name) != 36 || strings.Trim(name, "0123456789abcdef-") != "" {
		return "", false
	}
	return name, true
}

func (h *Handler) picture(w http.ResponseWriter, r *http.Request) {
	digest, ok := digestOf(r.PathValue("name"), ".png")
	if !ok {
		http.NotFound(w, r)
		return
	}
	h.show(w, r, "picture "+digest, func(ctx context.Context) (image.Image, error) { return h.decode(ctx, digest) })
}

func (h *Handler) thumb(w http.ResponseWriter, r *http.Request) {
	digest, ok := digestOf(r.PathValue("name"), ".png")
	if !ok {
		http.NotFound(w, r)
		return
	}
	h.show(w, r, "thumb "+digest, func(ctx context.Context) (image.Image, error) {
		full, err := h.decode(ctx, digest)
		if err != nil {
			return nil, err
		}
		return shrink(full), nil
	})
}

func (h *Handler) difference(w http.ResponseWriter, r *http.Request) {
	capture, ok := captureOf(strings.TrimSuffix(r.PathValue("name"), ".png"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	h.show(w, r, "difference "+capture, func(ctx context.Context) (image.Image, error) { return h.source.Difference(ctx, capture) })
}

// show answers with a picture of ours.
func (h *Handler) show(w http.ResponseWriter, r *http.Request, key string, make func(context.Context) (image.Image, error)) {
	data, err := h.pictures.get(r.Context(), key, make)
	if h.failed(w, r, err) {
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Content-Disposition", "inline")
	w.Header().Set("Cache-Control", "private, max-age=600, immutable")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
}

// maxText bounds a source that is handed out as text.
const maxText = 4 << 20

func (h *Handler) script(w http.ResponseWriter, r *http.Request) {
	capture, ok := captureOf(r.PathValue("capture"))
	sum, isSum := digestOf(r.PathValue("name"), ".txt")
	if !ok || !isSum {
		http.NotFound(w, r)
		return
	}
	text, err := h.source.ScriptSource(r.Context(), capture, sum)
	if h.failed(w, r, err) {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="script-`+sum[:16]+`.txt"`)
	_, err = io.WriteString(w, text[:min(len(text), maxText)])
	if err == nil && len(text) > maxText {
		_, _ = fmt.Fprintf(w, "\n[pasban: cut here; the script has %d bytes, and the archive of its incident all of them]\n", len(text))
	}
}

const (
	// An archive is in memory for as long as it is written: all pictures and documents of
	// an incident.
	archivesAtOnce = 2
	// perFile is how long a file of an archive may take on the line. A whole one may take
	// longer than the server allows a page.
	perFile = 2 * time.Minute
)

func (h *Handler) archive(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(strings.TrimSuffix(r.PathValue("name"), ".zip"), 10, 64)
	if err != nil || id < 1 {
		http.NotFound(w, r)
		return
	}
	select {
	case h.archives <- struct{}{}:
		defer func() { <-h.archives }()
	case <-r.Context().Done():
		return // who has gone needs none
	}
	control := http.NewResponseController(w)
	more := func() {
		// Where the line has no deadline, as in a test, none is missed.
		_ = control.SetWriteDeadline(time.Now().Add(perFile))
	}
	more()
	files, err := h.source.Evidence(r.Context(), id)
	if h.failed(w, r, err) {
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="incident-%d.zip"`, id))
	if err := writeZip(w, files, time.Now(), more); err != nil {
		h.log.Warn("the evidence of an incident was not read to its end", "incident", id, "error", err)
	}
}

// failed answers for an error, and says whether there was one.
func (h *Handler) failed(w http.ResponseWriter, r *http.Request, err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, monitor.ErrNotFound), errors.Is(err, errNoPicture), errors.Is(err, monitor.ErrCorrupt):
		http.Error(w, "this evidence is not on record, or is damaged", http.StatusNotFound)
	case r.Context().Err() != nil:
		http.Error(w, "the request was given up", http.StatusRequestTimeout)
	default:
		h.log.Error("evidence cannot be read", "path", r.URL.Path, "error", err)
		http.Error(w, "the evidence store does not answer", http.StatusServiceUnavailable)
	}
	return true
}

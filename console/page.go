package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"net/http"
	"path"
	"strings"
	"time"

	"pasban/monitor"
)

//go:embed templates static
var files embed.FS

// templates are parsed once; each screen is layout.html around its own file.
var templates = parseTemplates()

func parseTemplates() map[string]*template.Template {
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	shared := template.Must(template.New("").ParseFS(files, "templates/layout.html", "templates/parts.html", "templates/logs.html"))
	out := map[string]*template.Template{}
	for _, name := range names {
		base := strings.TrimSuffix(path.Base(name), ".html")
		if base == "layout" || base == "parts" || base == "logs" {
			continue
		}
		out[base] = template.Must(template.Must(shared.Clone()).ParseFS(files, name))
	}
	return out
}

// page is what layout.html shows. Templates ask it for words, times and addresses.
type page struct {
	Lang, Dir, Theme string
	User             viewer
	In               bool   // somebody has signed in
	Nav              string // the screen that is open
	Title            string
	Path             string // for coming back
	Flash            string
	Undo             []int64 // decisions that the flash offers to take back
	Wide             bool
	Scripts          []string
	Body             any

	s   *Server
	now time.Time
}

func (s *Server) page(r *http.Request, v viewer, nav, title string) *page {
	p := &page{Lang: v.lang, Dir: "ltr", Theme: v.theme, User: v, In: v.Name != "", Nav: nav, Title: title, Path: r.URL.RequestURI(), s: s, now: s.Clock()}
	if p.Lang == "" {
		p.Lang, p.Theme = s.language(r), s.theme(r)
	}
	if p.Lang == "ur" {
		p.Dir = "rtl"
	}
	if text := s.sessions.PopString(r.Context(), "flash"); text != "" {
		p.Flash = text
		if raw := s.sessions.PopString(r.Context(), "undo"); raw != "" {
			_ = json.Unmarshal([]byte(raw), &p.Undo) // ours; without it there is no button
		}
	}
	return p
}

// flash is said on the next page, with what it offers to take back.
func (s *Server) flash(r *http.Request, text string, undo ...int64) {
	s.sessions.Put(r.Context(), "flash", text)
	if len(undo) > 0 {
		raw, err := json.Marshal(undo)
		if err == nil {
			s.sessions.Put(r.Context(), "undo", string(raw))
		}
	}
}

// render fills a template and answers with it, or with nothing of it.
func (s *Server) render(w http.ResponseWriter, code int, name string, p *page) {
	var b bytes.Buffer
	if err := templates[name].ExecuteTemplate(&b, "layout", p); err != nil {
		s.Logger.Error("a page of the console cannot be drawn", "page", name, "error", err)
		http.Error(w, "This page cannot be drawn. It is in the log.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes())
}

func (s *Server) show(w http.ResponseWriter, name string, p *page) error {
	s.render(w, http.StatusOK, name, p)
	return nil
}

// T is a phrase in the language of the page, with what belongs into it.
func (p *page) T(key string, args ...any) string { return say(p.Lang, key, args...) }

// V is hostile text, made safe to read.
func (p *page) V(text string, limit int) string { return monitor.Visible(text, limit) }

// Can reports whether the viewer may do what takes a role.
func (p *page) Can(role string) bool { return p.User.Role.AtLeast(monitor.Role(role)) }

// Static is the address of a file of ours.
func (p *page) Static(name string) string { return "/static/" + p.s.static.version + "/" + name }

// Picture, Thumb, Difference, Source and Archive are addresses of evidence.
func (p *page) Picture(digest string) string     { return p.s.Signer.Picture(digest) }
func (p *page) Thumb(digest string) string       { return p.s.Signer.Thumb(digest) }
func (p *page) Difference(capture string) string { return p.s.Signer.Difference(capture) }
func (p *page) Source(capture, sum string) string {
	return p.s.Signer.Script(capture, sum)
}
func (p *page) Archive(incident int64) string { return p.s.Signer.Incident(incident) }

// When is a moment on the CERT's clock.
func (p *page) When(t time.Time) string {
	if t.IsZero() {
		return p.T("never")
	}
	t = t.In(monitor.Zone)
	if p.now.In(monitor.Zone).Format(time.DateOnly) == t.Format(time.DateOnly) {
		return t.Format("15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}

// ISO is a moment for machines.
func (p *page) ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Age is how long ago something was, in one unit.
func (p *page) Age(t time.Time) string {
	if t.IsZero() {
		return p.T("never")
	}
	return p.T("%s ago", p.Span(p.now.Sub(t)))
}

// Span is a length of time in one unit.
func (p *page) Span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < 90*time.Second:
		return p.T("%d s", int(d.Seconds()))
	case d < 90*time.Minute:
		return p.T("%d min", int(math.Round(d.Minutes())))
	case d < 36*time.Hour:
		return p.T("%d h", int(math.Round(d.Hours())))
	}
	return p.T("%d d", int(math.Round(d.Hours()/24)))
}

// Since is Span of the time since a moment.
func (p *page) Since(t time.Time) string { return p.Span(p.now.Sub(t)) }

// Percent is a share with as many digits as tell something.
func (p *page) Percent(share float64) string {
	if share < 1 && share > 0.99 {
		return fmt.Sprintf("%.1f", math.Floor(share*1000)/10)
	}
	return fmt.Sprintf("%.0f", math.Floor(share*100))
}

// Hundredths is a score from 0 to 1 as people say it.
func (p *page) Hundredths(score float64) int { return int(math.Round(score * 100)) }

// Defang is an address that nothing makes a link of.
func (p *page) Defang(address string, limit int) string {
	return monitor.Defang(monitor.Visible(address, limit))
}

// Dict lets a template hand several things to another.
func (p *page) Dict(pairs ...any) (map[string]any, error) {
	out := map[string]any{"P": p}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("%v is no name", pairs[i])
		}
		out[key] = pairs[i+1]
	}
	return out, nil
}

// static serves the files of ours that never change under their address.
type static struct {
	version string
	files   map[string][]byte
}

func newStatic() *static {
	s := &static{files: map[string][]byte{}}
	sum := sha256.New()
	entries, err := fs.ReadDir(files, "static")
	if err != nil {
		panic(err) // embedded
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, "static/"+e.Name())
		if err != nil {
			panic(err) // embedded
		}
		s.files[e.Name()] = data
		sum.Write(data)
	}
	s.version = hex.EncodeToString(sum.Sum(nil)[:8])
	return s
}

var types = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// ServeHTTP implements http.Handler.
func (s *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	data, ok := s.files[name]
	if !ok || r.PathValue("version") != s.version {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", types[path.Ext(name)])
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(data)
}

func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // to somebody who has gone
}

// Lists of what filters offer.
func (p *page) Kinds() []string {
	return []string{"defacement", "injection", "leak", "lockdown", "availability"}
}

// Severities, gravest first.
func (p *page) Severities() []string { return []string{"critical", "high", "medium", "low"} }

// Tiers in the order of the wall.
func (p *page) Tiers() []string {
	return []string{"federal", "banking", "provincial", "territory", "private"}
}

// States of incidents.
func (p *page) States() []string {
	return []string{"open", "acknowledged", "contained", "resolved", "false_alarm"}
}

// Marks of sites.
func (p *page) Marks() []string { return []string{"good", "changed", "incident", "stale", "paused"} }

// PictureOf is the digest of a look's picture, "" if there is none.
func (p *page) PictureOf(c monitor.Capture) string { return monitor.PictureOf(c) }

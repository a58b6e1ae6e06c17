package monitor

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"strings"
	"time"

	"pasban/alerting"
	"pasban/compare"
	"pasban/render"
)

// Visible returns hostile text as one bounded line that shows what is in it: see
// alerting.Visible. Everything of a site's that a person reads in the console is
// passed through it.
func Visible(text string, limit int) string { return alerting.Visible(text, limit) }

// Defang writes an address so that it can be read and not followed: see alerting.Defang.
func Defang(address string) string { return alerting.Defang(address) }

// OpenBlob opens stored content by its digest.
func (m *Monitor) OpenBlob(ctx context.Context, digest string) (io.ReadCloser, error) {
	return m.Blobs.Open(ctx, digest)
}

// Difference draws the look of a capture with what changed in full colour and the rest
// faded. ErrNotFound if there is no picture, or none to compare with.
func (m *Monitor) Difference(ctx context.Context, capture string) (image.Image, error) {
	c, err := m.Store.Capture(ctx, capture)
	if err != nil {
		return nil, err
	}
	approved, err := m.profileOf(ctx, c)
	if err != nil {
		return nil, err
	}
	if approved == nil {
		return nil, fmt.Errorf("capture %s has nothing to differ from: %w", capture, ErrNotFound)
	}
	leave, err := m.darkroom.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	after, err := m.readPicture(ctx, PictureOf(c))
	if err != nil {
		return nil, err
	}
	return compare.DrawDifference(after, &c.Report), nil
}

// ScriptSource is the source of a script that a capture, or the approved look it was
// compared with, saw.
func (m *Monitor) ScriptSource(ctx context.Context, capture, sum string) (string, error) {
	c, err := m.Store.Capture(ctx, capture)
	if err != nil {
		return "", err
	}
	places := []map[string]string{c.Blobs}
	if p, err := m.profileOf(ctx, c); err == nil && p != nil {
		places = append(places, p.newest().Blobs)
	}
	for _, blobs := range places {
		if blobs[BlobSources] == "" {
			continue
		}
		sources, err := m.readSources(ctx, blobs, []string{sum})
		if err != nil && !errors.Is(err, ErrNotFound) {
			return "", err
		}
		if s, ok := sources[sum]; ok {
			return s, nil
		}
	}
	return "", fmt.Errorf("script %s of capture %s: %w", sum, capture, ErrNotFound)
}

// PictureOf is the digest of a capture's picture. An unchanged look stores none: its
// picture is that of the approved one, under the digest of its content.
func PictureOf(c Capture) string {
	if d := c.Blobs[BlobPicture]; d != "" {
		return d
	}
	if len(c.Blobs) == 0 {
		return c.Picture
	}
	return ""
}

// Comparison is a capture beside the approved look it was compared with, as an analyst
// reads it. Strings are the site's, bounded in number and not yet in length.
type Comparison struct {
	Capture Capture
	// Before and After are digests of pictures, "" where there is none.
	Before, After string
	BeforeAt      time.Time
	Version       int  // of the approved look, 0 for none
	Approved      bool // by somebody: not merely what was seen first
	Title         string
	TitleBefore   string // "" without an approved look

	Text         []TextChange
	TextCut      int // changes that are not listed
	Scripts      []ScriptChange
	ScriptsCut   int
	Same         int      // scripts that are as they were
	Destinations []string // hosts that the page talks to, and did not before
	Forms        []FormChange
	Links        []LinkChange
	Headers      []HeaderChange
	TLS          []HeaderChange
	Log          []string // what the capture noted
	// Missing says which evidence could not be read, "" if all could.
	Missing string
}

// Bounds of what is listed of one comparison.
const (
	maxTextChanges   = 160
	maxScriptChanges = 24
	maxShownSources  = 6
	maxShownLinks    = 30
)

// HeaderChange is a named value before and after, "" for none.
type HeaderChange struct{ Name, Before, After string }

// FormChange is a form that is there now and was not, or the other way round.
type FormChange struct {
	Gone           bool
	Action, Method string
	Fields         []string
	Hidden         bool
}

// LinkChange is a link to a host to which no link led before.
type LinkChange struct {
	URL, Text string
	Hidden    bool
}

// Compare reads the evidence of a capture and of the approved look beside it. Evidence
// that is lost leaves its part out and is named.
func (m *Monitor) Compare(ctx context.Context, id string) (Comparison, error) {
	c, err := m.Store.Capture(ctx, id)
	if err != nil {
		return Comparison{}, fmt.Errorf("capture %s: %w", id, err)
	}
	out := Comparison{Capture: c, After: PictureOf(c), Title: c.Title}
	p, err := m.profileOf(ctx, c)
	if err != nil && !unshowable(err) {
		return out, err
	}
	var before manifestLook
	if p != nil {
		before = p.newest()
		out.Before, out.BeforeAt, out.TitleBefore = before.Picture, before.At, before.Title
		out.Version, out.Approved = p.manifest.Version, !p.manifest.Provisional
	}
	if len(c.Blobs) == 0 { // unchanged: there is nothing to compare
		return out, nil
	}
	var was, is compare.View
	missing := m.readView(ctx, c.Blobs, &is) + m.readView(ctx, before.Blobs, &was)
	if p != nil {
		out.Text, out.TextCut = textChanges(was, is)
		out.Destinations = newDestinations(was, is)
	}
	out.Forms, out.Links = formChanges(was, is), linkChanges(was, is)
	out.Scripts, out.ScriptsCut, out.Same = scriptChanges(was, is)
	missing += m.showSources(ctx, c, p, out.Scripts)
	missing += m.facts(ctx, c.Blobs, before.Blobs, &out)
	out.Missing = strings.TrimSpace(missing)
	return out, nil
}

func (m *Monitor) readView(ctx context.Context, blobs map[string]string, into *compare.View) string {
	if blobs[BlobView] == "" {
		return ""
	}
	if err := m.readJSON(ctx, blobs[BlobView], into); err != nil {
		m.Logger.Warn("a view cannot be read", "blob", blobs[BlobView], "error", err)
		return "The record of what stood on the page cannot be read. "
	}
	return ""
}

// pageFacts are the parts of a render.Page that views leave out. The tree, which is most
// of it, is passed over.
type pageFacts struct {
	Headers []render.Header
	TLS     *render.TLS
	Log     []render.LogLine
}

// facts adds what only the page itself tells: headers, certificate, log.
func (m *Monitor) facts(ctx context.Context, after, before map[string]string, out *Comparison) string {
	var is, was pageFacts
	for _, part := range []struct {
		blobs map[string]string
		into  *pageFacts
	}{{after, &is}, {before, &was}} {
		if part.blobs[BlobPage] == "" {
			continue
		}
		if err := m.readJSON(ctx, part.blobs[BlobPage], part.into); err != nil {
			m.Logger.Warn("a page cannot be read", "blob", part.blobs[BlobPage], "error", err)
			return "Headers and log cannot be read. "
		}
	}
	out.Headers = headerChanges(was, is)
	out.TLS = certificateChanges(was, is)
	for i, l := range is.Log {
		if i == 40 {
			out.Log = append(out.Log, fmt.Sprintf("and %d lines more", len(is.Log)-i))
			break
		}
		out.Log = append(out.Log, logLine(l))
	}
	return ""
}

// newDestinations are the hosts that a page talks to now and did not before.
func newDestinations(was, is compare.View) []string {
	var out []string
	for _, d := range is.Destinations {
		if !slices.ContainsFunc(was.Destinations, func(b compare.Destination) bool { return b.Host == d.Host }) && len(out) < 60 {
			out = append(out, d.Host)
		}
	}
	return out
}

func formChanges(was, is compare.View) []FormChange {
	key := func(f compare.Form) string { return f.Method + " " + f.Action }
	differ := func(a, b []compare.Form, gone bool) (out []FormChange) {
		for _, f := range a {
			if slices.ContainsFunc(b, func(o compare.Form) bool { return key(o) == key(f) }) || len(out) == 20 {
				continue
			}
			c := FormChange{Gone: gone, Action: f.Action, Method: f.Method, Hidden: f.Hidden != ""}
			for _, in := range f.Inputs[:min(12, len(f.Inputs))] {
				c.Fields = append(c.Fields, strings.TrimSpace(in.Kind+" "+in.Name))
			}
			out = append(out, c)
		}
		return out
	}
	return append(differ(is.Forms, was.Forms, false), differ(was.Forms, is.Forms, true)...)
}

func linkChanges(was, is compare.View) []LinkChange {
	known := map[string]bool{}
	for _, l := range was.Links {
		known[hostOf(l.URL)] = true
	}
	var out []LinkChange
	for _, l := range is.Links {
		host := hostOf(l.URL)
		if host == "" || known[host] || host == hostOf(is.FinalURL) || len(out) == maxShownLinks {
			continue
		}
		known[host] = true // one link a host tells enough
		out = append(out, LinkChange{URL: l.URL, Text: l.Text, Hidden: l.Hidden != ""})
	}
	return out
}

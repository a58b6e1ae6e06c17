package compare

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// lookAt turns static HTML into a Look as a browser without style sheets would
// see it: inline styles hide, everything else is shown, and every block gets a
// line of its own. dir, if given, is where external scripts of the page are read.
func lookAt(t testing.TB, pageURL, source, dir string) Look {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatalf("parsing the page: %v", err)
	}
	base, err := url.Parse(pageURL)
	if err != nil {
		t.Fatal(err)
	}
	c := &converter{look: Look{Sources: map[string]string{}}, base: base, dir: dir}
	c.look.View.URL, c.look.View.FinalURL, c.look.View.Status = pageURL, pageURL, 200
	c.look.View.DOMDigest = digest(source)
	c.walk(doc, -1, "", -1)
	return c.look
}

type converter struct {
	look Look
	base *url.URL
	dir  string
	y    int32
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (c *converter) absolute(ref string) string {
	if ref == "" {
		return ""
	}
	u, err := c.base.Parse(strings.TrimSpace(ref))
	if err != nil {
		return ""
	}
	return u.String()
}

// textOf is the text of a node and everything in it.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func ownText(n *html.Node) string {
	var b strings.Builder
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		if k.Type == html.TextNode {
			b.WriteString(k.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (c *converter) walk(n *html.Node, parent int32, hidden string, form int) {
	if n.Type == html.ElementNode {
		style := strings.ReplaceAll(strings.ToLower(attr(n, "style")), " ", "")
		switch {
		case strings.Contains(style, "display:none"):
			hidden = "display-none"
		case strings.Contains(style, "left:-") || strings.Contains(style, "text-indent:-"):
			hidden = "off-page"
		case strings.Contains(style, "visibility:hidden"):
			hidden = "visibility"
		}
		c.y += 4
		key := ""
		if id := attr(n, "id"); id != "" {
			key = "#" + id
		}
		e := Element{Parent: parent, Tag: n.Data, Key: key, Text: ownText(n), Hidden: hidden, FontSize: 16, Alt: attr(n, "alt"),
			Box: Box{0, c.y, 1000, 20}}
		if n.Data == "h1" {
			e.FontSize = 32
		}
		if n.Data == "img" || n.Data == "video" || n.Data == "embed" {
			e.Src = c.absolute(attr(n, "src"))
		}
		v := &c.look.View
		v.Elements = append(v.Elements, e)
		parent = int32(len(v.Elements) - 1)
		form = c.special(n, e, form)
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c.walk(k, parent, hidden, form)
	}
}

// special records what is more than an element. It returns the form that the
// children of the node belong to.
func (c *converter) special(n *html.Node, e Element, form int) int {
	v := &c.look.View
	switch n.Data {
	case "html":
		v.Language, v.Direction = attr(n, "lang"), attr(n, "dir")
	case "title":
		if v.Title == "" {
			v.Title = textOf(n)
		}
	case "a":
		if href := c.absolute(attr(n, "href")); href != "" {
			v.Links = append(v.Links, Link{URL: href, Text: textOf(n), Hidden: e.Hidden, Box: e.Box})
		}
	case "iframe":
		f := Frame{URL: c.absolute(attr(n, "src")), Hidden: e.Hidden, Box: Box{0, c.y, 300, 150}}
		if w := attr(n, "width"); w == "0" || w == "1" {
			f.Box.W, f.Box.H = 1, 1
		}
		v.Frames = append(v.Frames, f)
	case "base":
		v.Meta.Base = c.absolute(attr(n, "href"))
	case "meta":
		if strings.EqualFold(attr(n, "http-equiv"), "refresh") {
			v.Meta.Refresh = attr(n, "content")
		}
	case "form":
		v.Forms = append(v.Forms, Form{Action: c.absolute(attr(n, "action")), Method: attr(n, "method"), Hidden: e.Hidden, Box: e.Box})
		return len(v.Forms) - 1
	case "input", "textarea", "select":
		if form >= 0 {
			kind := firstOf(attr(n, "type"), n.Data)
			v.Forms[form].Inputs = append(v.Forms[form].Inputs, Input{Kind: kind, Name: attr(n, "name"), Label: attr(n, "placeholder")})
		}
	case "script":
		c.script(n)
	}
	return form
}

func (c *converter) script(n *html.Node) {
	if kind := attr(n, "type"); kind != "" && !strings.Contains(kind, "javascript") && kind != "module" {
		return
	}
	s := Script{Kind: "inline", URL: c.base.String(), Host: c.base.Hostname(), Ran: true}
	var source strings.Builder
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		source.WriteString(k.Data)
	}
	text := source.String()
	if src := attr(n, "src"); src != "" {
		s.Kind, s.URL = "external", c.absolute(src)
		s.Host, text = hostOf(s.URL), ""
		if u, err := url.Parse(s.URL); err == nil && u.Host == c.base.Host && c.dir != "" {
			if data, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(u.Path))); err == nil {
				text = string(bytes.ToValidUTF8(data, nil))
			}
		}
	}
	s.Length = len(text)
	if text != "" {
		s.SHA256 = digest(text)
		c.look.Sources[s.SHA256] = text
	}
	c.look.View.Scripts = append(c.look.View.Scripts, s)
}

// sourcesOf collects the sources of many looks, as the monitor would load them.
func sourcesOf(looks []Look) map[string]string {
	out := map[string]string{}
	for _, l := range looks {
		for k, s := range l.Sources {
			out[k] = s
		}
	}
	return out
}

// learned makes a baseline with everything Compare can use.
// The looks are a day apart.
func learned(looks ...Look) *Baseline {
	looks = slices.Clone(looks)
	for i := range looks {
		looks[i].At = time.Date(2026, 11, 1+i, 0, 0, 0, 0, time.UTC)
	}
	b := Learn(looks)
	if b != nil {
		b.Sources = sourcesOf(looks)
	}
	return b
}

// describe prints a report for a failing test.
func describe(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %.2f: %s", r.Verdict, r.Score, r.Why)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\n  %s %s %.2f %q", f.Rule, f.Severity, f.Score, f.Evidence)
	}
	for _, s := range r.Signals {
		fmt.Fprintf(&b, "\n  (%s %.2f %s)", s.Name, s.Value, s.Evidence)
	}
	return b.String()
}

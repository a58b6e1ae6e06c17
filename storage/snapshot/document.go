package snapshot

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Forms says what becomes of forms and of what is typed into.
type Forms string

const (
	// Weld keeps them in sight and makes them dead: no destination, every control
	// disabled, passwords and files turned into plain fields. It is the default: a
	// page without its search box looks broken.
	Weld Forms = "weld"
	// Remove takes them out.
	Remove Forms = "remove"
)

// policy is what every page of a copy says about itself, in case it is served by
// somebody who sets no headers, or opened from a disk: only the copy's own files are
// loaded, nothing runs, nothing is sent.
const policy = "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; media-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'"

// headerPolicy is policy with what only a header can say.
const headerPolicy = policy + "; frame-ancestors 'self'"

// A document is one page, or the document of a frame in one, on its way into a copy.
type document struct {
	at     *url.URL // where it is
	base   *url.URL // what is relative in it is relative to that: at, unless it has a <base>
	within string   // href of its <base>
	placed bool     // at was found by the <iframe> that shows it
	root   *html.Node
	frames []*document // in the order of their marks
	path   string      // in the copy
}

// parseDocument reads a serialised tree and those of its frames.
func parseDocument(tree []byte, at *url.URL) (*document, error) {
	main, frames := splitFrames(tree)
	doc, err := parseOne(main, at)
	if err != nil {
		return nil, err
	}
	for _, f := range frames[:min(len(frames), maxFrames)] {
		inner, err := parseOne(f, at)
		if err != nil {
			inner = nil // the frame stays empty; its page is worth more than it
		}
		doc.frames = append(doc.frames, inner)
	}
	return doc, nil
}

// maxFrames of one page are kept.
const maxFrames = 30

func parseOne(tree []byte, at *url.URL) (*document, error) {
	root, err := html.ParseWithOptions(bytes.NewReader(tree), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, fmt.Errorf("reading the rendered page again: %w", err)
	}
	d := &document{root: root}
	for n := range root.Descendants() {
		if n.DataAtom == atom.Base && n.Namespace == "" {
			d.within = attr(n, "href")
			break
		}
	}
	d.place(at)
	return d, nil
}

// place says where a document is.
func (d *document) place(at *url.URL) {
	d.at, d.base = at, at
	if b := absolute(at, d.within); b != nil {
		d.base = b
	}
}

// placeFrames gives each frame the address that its <iframe> names, or for want of one that
// of the document around it (HTML Standard, 7.4.1): what is relative in it is relative to
// that. Frames in frames come after those that they are in.
func (d *document) placeFrames() {
	all := []*document{d}
	all = append(all, d.frames...)
	for _, in := range all {
		if in == nil {
			continue
		}
		for n := range in.root.Descendants() {
			i, ok := frameIndex(n)
			if !ok || i >= len(d.frames) || d.frames[i] == nil || d.frames[i].placed {
				continue
			}
			owner := n.PrevSibling
			if owner == nil || owner.DataAtom != atom.Iframe {
				continue
			}
			at := absolute(in.base, attr(owner, "src"))
			if at == nil || hasAttr(owner, "srcdoc") {
				at = in.base
			}
			d.frames[i].place(at)
			d.frames[i].placed = true
		}
	}
}

func frameIndex(n *html.Node) (int, bool) {
	if n.DataAtom != atom.Template {
		return 0, false
	}
	i, err := strconv.Atoi(attr(n, frameMark))
	return i, err == nil && i >= 0
}

// A rewriter makes documents inert and exchanges their addresses.
type rewriter struct {
	forms Forms
	// file is the path of what a page is painted with, "" if it is not in the copy.
	file func(u *url.URL, wanted use) string
	// page is the path of a page, "" if it is not in the copy.
	page func(u *url.URL) string
	// home reports an address of the site itself.
	home func(u *url.URL) bool
}

// write makes a document inert and serialises it.
func (r *rewriter) write(d *document, frames []*document) ([]byte, error) {
	w := &inerter{rewriter: r, doc: d, frames: frames}
	w.children(d.root)
	w.headUp()
	var out bytes.Buffer
	if err := html.Render(&out, d.root); err != nil {
		return nil, fmt.Errorf("writing a page of the copy: %w", err)
	}
	if err := CheckInert(out.Bytes()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// inerter works through one document.
type inerter struct {
	*rewriter
	doc    *document
	frames []*document
}

// swap exchanges the address of a file.
func (w *inerter) swap(ref string, wanted use) string {
	if isData(ref) && wanted != useStyle {
		return ref
	}
	if strings.HasPrefix(ref, "#") {
		return ref
	}
	u := absolute(w.doc.base, ref)
	if u == nil {
		return ""
	}
	p := w.file(u, wanted)
	if p == "" {
		return ""
	}
	out := relative(w.doc.path, p)
	if _, fragment, ok := strings.Cut(ref, "#"); ok && wanted == usePicture {
		out += "#" + (&url.URL{Fragment: fragment}).EscapedFragment()
	}
	return out
}

func (w *inerter) children(n *html.Node) {
	var next *html.Node
	for c := n.FirstChild; c != nil; c = next {
		next = c.NextSibling
		if w.node(c) {
			w.children(c)
		} else if c.Parent == n {
			next = c.NextSibling
			n.RemoveChild(c)
		}
	}
}

// node makes one node inert. It is false for a node that goes.
func (w *inerter) node(n *html.Node) bool {
	switch n.Type {
	case html.TextNode:
		return true
	case html.DoctypeNode:
		n.Attr = nil
		return true
	case html.DocumentNode:
		return true
	case html.ElementNode:
	default: // comments
		return false
	}
	if _, isFrame := frameIndex(n); isFrame {
		return false // its <iframe> has seen to it
	}
	if !admitted(n) || !w.admit(n) {
		return false
	}
	w.attributes(n)
	if strings.EqualFold(n.Data, "style") {
		w.sheet(n)
	}
	if root := shadowRoot(n); root != nil {
		unfold(n, root)
	}
	return true
}

// sheet exchanges the addresses in a <style>. That of an SVG may be in pieces, with comments
// and elements between them, and a browser reads the pieces as one.
func (w *inerter) sheet(n *html.Node) {
	text := styleText(n)
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: string(rewriteCSS([]byte(text), w.swap))})
}

// styleText is what a browser reads of a <style>.
func styleText(n *html.Node) string {
	var text strings.Builder
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			text.WriteString(c.Data)
		}
	}
	return text.String()
}

// removed are elements that act, load what nobody can see, or take input that
// leads nowhere. What is not among them is shown: unknown elements are boxes.
var removed = map[string]bool{
	"script": true, "noscript": true, "object": true, "embed": true, "applet": true, "base": true, "portal": true,
	"fencedframe": true, "frame": true, "frameset": true, "noframes": true, "noembed": true, "param": true, "track": true,
	"keygen": true, "isindex": true, "bgsound": true, "plaintext": true, "xmp": true, "listing": true, "handler": true,
	"listener": true, "set": true, "animate": true, "datalist": true, "dialog": false, "annotation-xml": true,
	"selectedcontent": false, "model": true, "webview": true,
}

// admitted reports an element that may be in a copy at all.
func admitted(n *html.Node) bool {
	name := strings.ToLower(n.Data)
	if removed[name] || !plainName(name) {
		return false
	}
	if name == "template" {
		mode := strings.ToLower(attr(n, "shadowrootmode"))
		return mode == "open" && n.Parent != nil && n.Parent.FirstChild == n // its host has seen to it: see unfold
	}
	return true
}

// plainName reports the name of an element that no parser reads as anything more.
func plainName(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z') && !strings.ContainsRune("-_.:", r)
	})
}

// admit sees to the elements that need more than other attributes.
func (w *inerter) admit(n *html.Node) bool {
	switch strings.ToLower(n.Data) {
	case "meta":
		return inertMeta(n)
	case "link":
		return w.link(n)
	case "iframe":
		return w.frame(n)
	case "form", "input", "textarea", "select", "button", "fieldset":
		return w.control(n)
	}
	return true
}

// inertMeta keeps what a document says about itself without causing anything.
func inertMeta(n *html.Node) bool {
	switch strings.ToLower(attr(n, "name")) {
	case "viewport", "description", "color-scheme", "theme-color", "robots":
		return attr(n, "http-equiv") == ""
	}
	return false
}

// link keeps style sheets and icons.
func (w *inerter) link(n *html.Node) bool {
	rel := strings.Fields(strings.ToLower(attr(n, "rel")))
	wanted := usePicture
	switch {
	case slices.Contains(rel, "stylesheet") && !slices.Contains(rel, "alternate"):
		wanted = useStyle
		setAttr(n, "rel", "stylesheet")
	case slices.Contains(rel, "icon"):
		setAttr(n, "rel", "icon")
	default:
		return false
	}
	to := w.swap(attr(n, "href"), wanted)
	if to == "" {
		return false
	}
	keepAttrs(n, "rel", "media", "disabled", "sizes")
	n.Attr = append(n.Attr, html.Attribute{Key: "href", Val: to})
	return true
}

// frame points an <iframe> at the page that its document became.
func (w *inerter) frame(n *html.Node) bool {
	to := ""
	if mark := n.NextSibling; mark != nil {
		if i, ok := frameIndex(mark); ok && i < len(w.frames) && w.frames[i] != nil && w.frames[i].path != "" {
			to = relative(w.doc.path, w.frames[i].path)
		}
	}
	keepAttrs(n, "width", "height", "class", "id", "style", "title", "frameborder", "scrolling", "align", "hidden", "name", "marginwidth", "marginheight")
	n.Attr = append(n.Attr, html.Attribute{Key: "sandbox"})
	if to != "" {
		n.Attr = append(n.Attr, html.Attribute{Key: "src", Val: to})
	}
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	return true
}

// headUp puts first into the head what must be known before anything is loaded.
func (w *inerter) headUp() {
	for n := range w.doc.root.Descendants() {
		if n.DataAtom != atom.Head || n.Namespace != "" {
			continue
		}
		for _, attrs := range [][]html.Attribute{
			{{Key: "http-equiv", Val: "Content-Security-Policy"}, {Key: "content", Val: policy}},
			{{Key: "charset", Val: "utf-8"}},
		} {
			n.InsertBefore(&html.Node{Type: html.ElementNode, Data: "meta", DataAtom: atom.Meta, Attr: attrs}, n.FirstChild)
		}
		return
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && strings.EqualFold(a.Key, name) {
			return a.Val
		}
	}
	return ""
}

func setAttr(n *html.Node, name, value string) {
	for i := range n.Attr {
		if n.Attr[i].Namespace == "" && n.Attr[i].Key == name {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: name, Val: value})
}

func dropAttr(n *html.Node, names ...string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return slices.Contains(names, strings.ToLower(a.Key)) })
}

func keepAttrs(n *html.Node, names ...string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Namespace != "" || !slices.Contains(names, a.Key) })
}

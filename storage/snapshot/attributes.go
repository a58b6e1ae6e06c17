package snapshot

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// dropped are attributes that act, that fetch, or that mean nothing any more.
var dropped = map[string]bool{
	"srcdoc": true, "formaction": true, "formmethod": true, "formenctype": true, "formtarget": true, "formnovalidate": true,
	"action": true, "method": true, "enctype": true, "accept-charset": true, "novalidate": true, "ping": true, "nonce": true,
	"integrity": true, "crossorigin": true, "manifest": true, "archive": true, "codebase": true, "classid": true, "longdesc": true,
	"profile": true, "autofocus": true, "contenteditable": true, "popovertarget": true, "commandfor": true, "command": true,
	"http-equiv": true, "is": true, "lowsrc": true, "dynsrc": true, "attributionsrc": true, "referrerpolicy": true, "loading": true,
	"imagesrcset": true, "autoplay": true, "cite": true, "data": true, "allow": true, "csp": true, "itemtype": true, "itemid": true,
	"accesskey": true, "download": true, "usemap": false, "target": true, "dirname": true, "xmlns": false, "base": true,
}

// attributes makes those of one element inert, and exchanges the addresses in them.
func (w *inerter) attributes(n *html.Node) {
	name := strings.ToLower(n.Data)
	if name == "link" || name == "meta" || name == "iframe" {
		return // done already
	}
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		key := strings.ToLower(a.Key)
		if strings.HasPrefix(key, "on") || dropped[key] || !plainAttr(key) {
			continue
		}
		value, keep := w.value(n, name, key, a.Val)
		if !keep {
			continue
		}
		a.Val = value
		kept = append(kept, a)
	}
	n.Attr = kept
	if name == "a" || name == "area" {
		setAttr(n, "rel", "noopener noreferrer nofollow")
	}
}

// plainAttr reports a name that comes out of a parser as it went in.
func plainAttr(key string) bool {
	return key != "" && !strings.ContainsAny(key, " \t\r\n\f\"'<>/=\x00")
}

// value is the inert value of an attribute.
func (w *inerter) value(n *html.Node, element, key, value string) (string, bool) {
	switch key {
	case "style":
		return string(rewriteCSS([]byte(value), w.swap)), true
	case "href":
		if element == "a" || element == "area" {
			return w.reference(value)
		}
		// <use>, <image> and the like of SVG.
		to := w.swap(value, usePicture)
		return to, to != "" && n.Namespace == "svg"
	case "src":
		wanted := usePicture
		if element == "video" || element == "audio" || element == "source" && n.Parent != nil && n.Parent.Data != "picture" {
			wanted = useMedia
		}
		to := w.swap(value, wanted)
		return to, to != ""
	case "poster", "background":
		to := w.swap(value, usePicture)
		return to, to != ""
	case "srcset":
		to := w.candidates(value)
		return to, to != ""
	case "fill", "stroke", "filter", "mask", "clip-path", "marker-start", "marker-mid", "marker-end", "cursor":
		if strings.Contains(value, "(") {
			return string(rewriteCSS([]byte(value), w.swap)), true
		}
	}
	return value, true
}

// reference is where a link leads: inside of the copy, to the place on this server
// where the site has what the copy has not, or to another site. A link of the last
// kind is followed only by a visitor who clicks it.
func (w *inerter) reference(ref string) (string, bool) {
	ref = strings.TrimSpace(ref)
	if strings.HasPrefix(ref, "#") {
		return ref, true
	}
	low := strings.ToLower(ref)
	if strings.HasPrefix(low, "mailto:") || strings.HasPrefix(low, "tel:") {
		return ref, len(ref) <= maxAddress
	}
	u := absolute(w.doc.base, ref)
	if u == nil {
		return "", false
	}
	_, fragment, _ := strings.Cut(ref, "#")
	if fragment != "" {
		fragment = "#" + (&url.URL{Fragment: fragment}).EscapedFragment()
	}
	if p := w.page(u); p != "" {
		return relative(w.doc.path, p) + fragment, true
	}
	if w.home(u) {
		return u.RequestURI(), true
	}
	return u.String() + fragment, true
}

// maxCandidates of one srcset are kept.
const maxCandidates = 12

// candidates exchanges the addresses in a srcset (HTML Standard, 4.8.4.2.1). Those that
// are not in the copy are left out.
func (w *inerter) candidates(srcset string) string {
	var out []string
	for _, c := range splitCandidates(srcset) {
		to := w.swap(c.address, usePicture)
		if to != "" && !strings.ContainsAny(to, " ,") && plainDescriptor(c.descriptor) {
			out = append(out, strings.TrimSpace(to+" "+c.descriptor))
		}
	}
	return strings.Join(out, ", ")
}

func plainDescriptor(s string) bool {
	return len(s) < 40 && strings.Trim(s, "0123456789.wxh ") == ""
}

type candidate struct{ address, descriptor string }

func splitCandidates(srcset string) []candidate {
	var all []candidate
	rest := srcset
	for len(all) < maxCandidates {
		rest = strings.TrimLeft(rest, " \t\r\n\f,")
		if rest == "" {
			break
		}
		end := strings.IndexAny(rest, " \t\r\n\f")
		if end < 0 {
			end = len(rest)
		}
		c := candidate{address: rest[:end]}
		rest = rest[end:]
		if trimmed := strings.TrimRight(c.address, ","); trimmed != c.address {
			c.address = trimmed
		} else {
			c.descriptor, rest, _ = strings.Cut(rest, ",")
			c.descriptor = strings.TrimSpace(c.descriptor)
		}
		all = append(all, c)
	}
	return all
}

// control makes a form, or a control, what the policy says. It is false for one that goes.
func (w *inerter) control(n *html.Node) bool {
	name := strings.ToLower(n.Data)
	if name == "input" && strings.EqualFold(attr(n, "type"), "hidden") {
		return false // nobody sees it, and it may be a token
	}
	if w.forms == Remove {
		return false
	}
	dropAttr(n, "name", "form", "list", "autocomplete", "required", "pattern", "value-missing", "tabindex", "readonly")
	setAttr(n, "inert", "")
	if name == "form" {
		return true
	}
	setAttr(n, "disabled", "")
	switch strings.ToLower(attr(n, "type")) {
	case "password":
		setAttr(n, "type", "text")
		dropAttr(n, "value")
	case "file":
		setAttr(n, "type", "text")
	case "image":
		// A picture that submits: the picture stays.
		n.Data, n.DataAtom = "img", 0
		dropAttr(n, "type", "disabled", "inert")
	case "submit", "reset", "":
		if name == "button" {
			setAttr(n, "type", "button")
		} else if name == "input" && attr(n, "type") != "" {
			setAttr(n, "type", "button")
			if attr(n, "value") == "" {
				setAttr(n, "value", "Submit")
			}
		}
	}
	return true
}

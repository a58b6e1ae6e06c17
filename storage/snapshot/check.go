package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// ErrActs is returned, wrapped, for a page that could do something.
var ErrActs = errors.New("the page is not inert")

// CheckInert parses a page of a copy as a browser does and reports the first thing in
// it that could act: a script, a handler, a form that can be used, a frame or file from
// elsewhere, a refresh. Every page passes it after it was written, and again whenever
// a copy is verified: what the rewriting overlooks, or a parser reads differently the
// second time, ends here.
func CheckInert(page []byte) error {
	root, err := html.ParseWithOptions(bytes.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		return fmt.Errorf("%w: it cannot be parsed: %w", ErrActs, err)
	}
	guarded := false
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if why := acts(n); why != "" {
			return fmt.Errorf("%w: <%.40s> %.200s", ErrActs, n.Data, why)
		}
		guarded = guarded || n.DataAtom == atom.Meta && attr(n, "content") == policy
	}
	if !guarded {
		return fmt.Errorf("%w: it carries no policy", ErrActs)
	}
	return nil
}

// acts says what an element could do, "" if nothing.
func acts(n *html.Node) string {
	name := strings.ToLower(n.Data)
	if removed[name] || !plainName(name) {
		return "is not allowed"
	}
	for _, a := range n.Attr {
		if why := attributeActs(name, strings.ToLower(a.Key), strings.TrimSpace(a.Val)); why != "" {
			return why
		}
	}
	switch name {
	case "style":
		return sheetLoads(styleText(n))
	case "meta":
		if attr(n, "http-equiv") != "" && attr(n, "content") != policy {
			return "gives an order to the browser"
		}
	case "template":
		if attr(n, "shadowrootmode") == "" {
			return "hides a document"
		}
	case "input", "textarea", "select", "button":
		if !hasAttr(n, "disabled") || !hasAttr(n, "inert") {
			return "can be used"
		}
		switch strings.ToLower(attr(n, "type")) {
		case "submit", "password", "file", "image", "hidden":
			return "is a control of a form"
		}
	case "form":
		if !hasAttr(n, "inert") {
			return "can be used"
		}
	case "iframe":
		if !hasAttr(n, "sandbox") {
			return "is not sealed"
		}
	}
	return ""
}

// attributeActs says what an attribute could do.
func attributeActs(element, key, value string) string {
	if key == "style" {
		return sheetLoads(value)
	}
	low := strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, value))
	switch {
	case strings.HasPrefix(key, "on"):
		return "has a handler " + key
	case key == "srcdoc", key == "formaction", key == "action", key == "ping", key == "contenteditable":
		return "has the attribute " + key
	case strings.HasPrefix(low, "javascript:"), strings.HasPrefix(low, "vbscript:"):
		if key == "href" || key == "src" || key == "poster" || key == "background" {
			return "has a script for an address"
		}
	case key == "src", key == "poster", key == "background", key == "href" && element != "a" && element != "area":
		if elsewhere(value, low) {
			return "loads from elsewhere: " + value
		}
	}
	return ""
}

func elsewhere(value, low string) bool {
	return !isData(value) && (strings.Contains(low, "://") || strings.HasPrefix(low, "//") || strings.HasPrefix(low, "data:"))
}

// sheetLoads says what a style sheet loads from elsewhere, "" if nothing.
func sheetLoads(sheet string) string {
	why := ""
	cssReferences([]byte(sheet), func(address string, _ use) {
		if elsewhere(address, strings.ToLower(strings.TrimSpace(address))) {
			why = "has a style that loads from elsewhere: " + address
		}
	})
	return why
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return true
		}
	}
	return false
}

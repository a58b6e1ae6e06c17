package snapshot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// inertSVG leaves of a picture what paints: elements of SVG that only show something,
// without handlers, and with references to nothing but its own parts and pictures in
// itself. It is false for what is no XML: such a picture is left out.
func inertSVG(picture []byte) ([]byte, bool) {
	in := xml.NewDecoder(bytes.NewReader(picture))
	in.Strict = true
	in.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	w := svgWriter{}
	for {
		token, err := in.RawToken()
		if errors.Is(err, io.EOF) {
			return w.out.Bytes(), w.depth == 0 && w.rooted
		}
		if err != nil || !w.token(token) {
			return nil, false
		}
	}
}

// svgWriter writes what may stay of a picture.
type svgWriter struct {
	out    bytes.Buffer
	depth  int
	rooted bool
	skip   int           // how many elements are open that go
	sheet  *bytes.Buffer // the text of a <style> that is open: a browser reads its pieces as one
}

// token is false for what is no picture.
func (w *svgWriter) token(token xml.Token) bool {
	switch t := token.(type) {
	case xml.StartElement:
		if w.depth++; w.depth == 1 && !w.rooted && t.Name.Local != "svg" {
			return false
		}
		w.rooted = true
		w.start(t)
	case xml.EndElement:
		w.depth--
		w.end(t)
	case xml.CharData:
		switch {
		case w.skip > 0:
		case w.sheet != nil:
			w.sheet.Write(t)
		default:
			escapeXML(&w.out, string(t))
		}
	}
	return w.depth >= 0 && w.depth <= 500
}

func (w *svgWriter) start(t xml.StartElement) {
	if w.skip > 0 || w.sheet != nil || !paints(t) {
		w.skip++
		return
	}
	writeStart(&w.out, t)
	if t.Name.Local == "style" {
		w.sheet = new(bytes.Buffer)
	}
}

func (w *svgWriter) end(t xml.EndElement) {
	if w.skip > 0 {
		w.skip--
		return
	}
	if w.sheet != nil {
		escapeXML(&w.out, string(rewriteCSS(w.sheet.Bytes(), ownParts)))
		w.sheet = nil
	}
	w.out.WriteString("</" + qualified(t.Name) + ">")
}

// painting are the elements of SVG 2 (appendix F) and of its filters that only show
// something. Of them XHTML, which a prefix can mix in, knows style and title.
var painting = wordSet(`svg g defs symbol use switch view title desc metadata style
	path rect circle ellipse line polyline polygon image marker pattern mask clipPath
	linearGradient radialGradient meshgradient meshrow meshpatch stop hatch hatchpath solidcolor
	text tspan tref textPath animate animateTransform animateMotion mpath
	filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
	feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode
	feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// paints reports an element that only shows something.
func paints(t xml.StartElement) bool {
	return painting[t.Name.Local] && (t.Name.Local != "animate" || !animatesReference(t))
}

func animatesReference(t xml.StartElement) bool {
	for _, a := range t.Attr {
		v := strings.ToLower(a.Value)
		if strings.EqualFold(a.Name.Local, "attributeName") && (strings.Contains(v, "href") || strings.HasPrefix(v, "on")) {
			return true
		}
	}
	return false
}

func writeStart(out *bytes.Buffer, t xml.StartElement) {
	out.WriteString("<" + qualified(t.Name))
	for _, a := range t.Attr {
		value, keep := svgValue(t.Name.Local, a)
		if !keep {
			continue
		}
		out.WriteString(" " + qualified(a.Name) + `="`)
		escapeXML(out, value)
		out.WriteString(`"`)
	}
	out.WriteString(">")
}

// svgValue is the inert value of an attribute.
func svgValue(element string, a xml.Attr) (string, bool) {
	name := strings.ToLower(a.Name.Local)
	switch {
	case a.Name.Space == "xmlns" || name == "xmlns":
		return a.Value, true
	case strings.HasPrefix(name, "on"), dropped[name], name == "srcset":
		return "", false
	case name == "href", name == "src":
		// A picture in a picture runs nothing; what <use> brings in is a part of this one.
		whole := (element == "image" || element == "feImage") && isData(a.Value)
		return a.Value, whole || strings.HasPrefix(a.Value, "#")
	case strings.Contains(a.Value, "("):
		return string(rewriteCSS([]byte(a.Value), ownParts)), true
	}
	return a.Value, true
}

// ownParts keeps references to parts of the same picture.
func ownParts(address string, _ use) string {
	if strings.HasPrefix(address, "#") || isData(address) {
		return address
	}
	return ""
}

func escapeXML(out *bytes.Buffer, s string) {
	// It writes into memory, which cannot fail.
	_ = xml.EscapeText(out, []byte(s))
}

func qualified(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

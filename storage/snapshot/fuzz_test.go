package snapshot

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
)

// FuzzPage: whatever a page is, its copy is inert, or there is none; and what was made
// inert stays as it is when it is made inert again.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		"<p>x", "<script>1</script>", `<a href="javascript:1">`, `<iframe src=x></iframe><template data-frame="x"><p>y</template>`,
		`<p-x><template shadowrootmode="open"><slot>a</slot></template></p-x>`, "<svg><style><img src=x onerror=1></style></svg>",
		"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=1&gt;'>", "<form><form><input>", "<select><button>x",
		"<noscript><style></noscript><img src=x onerror=1>", "<template><template data-frame=x></template>", "<style>a{b:url(</style><script>",
	} {
		f.Add(seed)
	}
	at := &url.URL{Scheme: "http", Host: "x.example", Path: "/"}
	f.Fuzz(func(t *testing.T, page string) {
		doc, err := parseDocument([]byte(page), at)
		if err != nil {
			return
		}
		doc.placeFrames()
		doc.path = "index.html"
		r := &rewriter{forms: Weld, page: func(*url.URL) string { return "" }, home: func(*url.URL) bool { return true },
			file: func(*url.URL, use) string { return "_pasban/a.png" }}
		for _, d := range append(doc.frames, doc) {
			if d == nil {
				continue
			}
			out, err := r.write(d, doc.frames)
			if err != nil {
				continue // refused, which is safe
			}
			if err := CheckInert(out); err != nil {
				t.Errorf("%q became %q: %v", page, out, err)
			}
			if low := bytes.ToLower(out); bytes.Contains(low, []byte("<script>")) || bytes.Contains(low, []byte("<script ")) {
				t.Errorf("%q became %q", page, out)
			}
		}
	})
}

// FuzzCSS: no style sheet leads out of the copy, nor out of the element it stands in.
func FuzzCSS(f *testing.F) {
	for _, seed := range []string{
		"a{b:url(x)}", `@import "x";`, "@import url(//x)", "a{b:image-set('x' 1x,\"y\" 2x)}", `a{b:url("x\"y")}`, `a{b:u\72l(http://x)}`, "a{b:url(x", "</style>", `@import 'a\
b'`, "src(x)", `@\69mport "http://x"`, `a{b:\<url(http://x)}`, "a{b:image\\2d\r\nset('http://x' 1x)}", "a{b:image-set(var(--u,{}) 'http://x')}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sheet string) {
		out := string(rewriteCSS([]byte(sheet), func(string, use) string { return "IN" }))
		if strings.Contains(out, "</") {
			t.Errorf("%q ends its element: %q", sheet, out)
		}
		rewriteCSS([]byte(out), func(address string, _ use) string {
			if address != "IN" && address != nowhere {
				t.Errorf("%q became %q, which names %q", sheet, out, address)
			}
			return ""
		})
	})
}

// FuzzSVG: no picture acts.
func FuzzSVG(f *testing.F) {
	for _, seed := range append([]string{"<svg/>", "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>"}, actingSVG...) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, picture string) {
		if out, ok := inertSVG([]byte(picture)); ok {
			if why := svgActs(out); why != "" {
				t.Errorf("%q became %q: %s", picture, out, why)
			}
		}
	})
}

// FuzzNames: no address becomes a path that leads out of a copy.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"http://x.example/", "http://x.example/a/../../b", "http://x.example/%2e%2e/a", "https://www.x.example/a?b=c", "http://x.example/a%00", "http://x.example/con/", "http://x.example/a/NUL.html"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.Parse(raw)
		if err != nil {
			return
		}
		n := newNames(&url.URL{Scheme: "http", Host: "x.example"})
		if p := n.add(u); !safePath(p) {
			t.Errorf("%q becomes %q", raw, p)
		}
	})
}

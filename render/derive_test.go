package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeadOfRealPage(t *testing.T) {
	p := pureReal(t).page
	base := strings.TrimSuffix(p.FinalURL, "/")
	if p.Title != "Visible and hidden" || p.Language != "ur" || p.Direction != "ltr" {
		t.Errorf("title %q, language %q, direction %q", p.Title, p.Language, p.Direction)
	}
	want := Meta{Refresh: "900", Base: base + "/base/", Canonical: base + "/base/home", Robots: "noindex", Icon: base + "/i.png"}
	if diff := cmp.Diff(want, p.Meta); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
}

func TestLinksOfRealPage(t *testing.T) {
	p := pureReal(t).page
	base := strings.TrimSuffix(p.FinalURL, "/")
	got := make(map[string]Link)
	for _, l := range p.Links {
		got[l.URL] = l
	}
	for _, want := range []Link{
		{URL: base + "/base/rel", Text: "alt text"},
		{URL: "https://spam.example/casino", Text: "casino", Hidden: NotRendered},
		{URL: "https://spam.example/slot", Text: "slot", Hidden: SameColour},
		{URL: base + "/svglink", Text: "text svg"},
		{URL: "javascript:window.js=2", Text: "jj"},
	} {
		l, ok := got[want.URL]
		if !ok || l.Text != want.Text || l.Hidden != want.Hidden {
			t.Errorf("link %+v, want %+v", l, want)
		}
	}
	if l := got[base+"/base/rel"]; l.Box.W < 50 || l.Box.H < 50 {
		t.Errorf("a link around a floating picture has the box %+v", l.Box)
	}
}

func TestFormsOfRealPage(t *testing.T) {
	p := pureReal(t).page
	if len(p.Forms) != 2 {
		t.Fatalf("%d forms: %+v", len(p.Forms), p.Forms)
	}
	login, loose := p.Forms[0], p.Forms[1]
	if login.Action != "https://evil.example/steal" || login.Method != "post" || login.Node < 0 {
		t.Errorf("form %+v", login)
	}
	var got []string
	for _, in := range login.Inputs {
		got = append(got, in.Kind+" "+in.Name+" "+in.Label)
	}
	want := []string{"text u User name", "password p Pass", "hidden t ", "button  Go", "text late late one"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	if login.Inputs[2].Hidden != NotRendered || login.Inputs[0].Autocomplete != "username" {
		t.Errorf("inputs %+v", login.Inputs)
	}
	got = nil
	for _, in := range loose.Inputs {
		got = append(got, in.Kind+" "+in.Label)
	}
	want = []string{"select ", "textarea ", "search loose one", "contenteditable ", "button nn"}
	if diff := cmp.Diff(want, got); diff != "" || loose.Node != -1 {
		t.Errorf("loose inputs (-want +got):\n%s", diff)
	}
}

func TestResolveKeepsForeignSchemes(t *testing.T) {
	p := pureParse(t, `<a href="java
script:x()">a</a><a href=" //evil.example/x ">b</a><a href="mailto:a@b.example">c</a><a href="?q=1#f">d</a><a href="http://[bad">e</a><a>f</a>`)
	var got []string
	for _, l := range p.Links {
		got = append(got, l.URL)
	}
	want := []string{"javascript:x()", "https://evil.example/x", "mailto:a@b.example", "https://site.example/?q=1#f", "http://[bad"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSrcdocUsesItsParentsBase(t *testing.T) {
	p := &Page{FinalURL: "https://site.example/dir/", Frames: []Frame{
		{Parent: -1, Owner: -1, URL: "https://site.example/dir/"}, {Parent: 0, Owner: 1, URL: "about:srcdoc"}}}
	p.Nodes = []Node{{Parent: -1, Name: "#document"}, {Name: "iframe"}, {Parent: 1, Frame: 1, Name: "#document"},
		{Parent: 2, Frame: 1, Name: "a", Attrs: []Attr{{"href", "x"}}}}
	p.derive()
	if p.Links[0].URL != "https://site.example/dir/x" {
		t.Errorf("link in srcdoc goes to %s", p.Links[0].URL)
	}
}

func TestHost(t *testing.T) {
	for in, want := range map[string]string{"https://WWW.Site.Example.:8443/x": "www.site.example", "http://[::1]:80/": "::1", "": "", "blob:https://a.example/1-2": "a.example"} {
		if got := (&Page{FinalURL: in}).Host(); got != want {
			t.Errorf("host of %q is %q", in, got)
		}
	}
	if got := (&Page{URL: "https://asked.example/"}).Host(); got != "asked.example" {
		t.Errorf("a page that never loaded has the host %q", got)
	}
}

func TestVisibleText(t *testing.T) {
	p := pureParse(t, `<title>no</title><h1>Big  <b>and</b>
 bold</h1>joined<i>word</i><p>para<br>next<ul><li>one<li>two</ul><table><tr><td>1<td>2<tr><td>3</table><pre>a  b
c</pre><script>no</script><input type=submit value=Send>after`)
	want := "Big and bold\njoinedword\npara\nnext\none\ntwo\n1 2\n3\na b\nc\nSend after"
	if diff := cmp.Diff(want, p.VisibleText()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMarkupEscapes(t *testing.T) {
	nodes := []Node{{Parent: -1, Name: "#document"}, {Name: "p", Attrs: []Attr{{"title", `"><script>`}, {`on"x`, "1"}, {"hidden", ""}}},
		{Parent: 1, Name: "#text", Text: "<img> & co"}, {Name: "script"}, {Parent: 3, Name: "#text", Text: "a='</script>'"}, {Name: "br"},
		{Name: "x>y"}}
	want := `<p title="&quot;&gt;&lt;script&gt;" _on_x="1" hidden>&lt;img&gt; &amp; co</p><script>a='<\/script>'</script><br><x_x_y></x_x_y>`
	if diff := cmp.Diff(want, string(markup(nodes))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Code stays readable in the evidence: nothing in it is changed but what would
// end it, or keep its end from being seen.
func TestMarkupKeepsCode(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"script", "if (a<b && c>d) x(\"<p>\")", "if (a<b && c>d) x(\"<p>\")"},
		{"script", "<!-- hide\nw('<script></script>') // -->", "<!-\\- hide\nw('<script><\\/script>') // -->"},
		{"style", "<!-- a > b {} --></", "<!-- a > b {} --><\\/"},
		{"plaintext", "<b>", "&lt;b&gt;"},
	} {
		nodes := []Node{{Parent: -1, Name: "#document"}, {Name: c.name}}
		for i := range len(c.text) { // in pieces, as a script can put it there
			nodes = append(nodes, Node{Parent: 1, Name: "#text", Text: c.text[i : i+1]})
		}
		tag := strings.Replace(c.name, "plain", "xplain", 1)
		if got, want := string(markup(nodes)), "<"+tag+">"+c.want+"</"+tag+">"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestMarkupIsBounded(t *testing.T) {
	nodes := []Node{{Parent: -1, Name: "#document"}}
	big := strings.Repeat("&", maxNodeText)
	for range 200 {
		nodes = append(nodes, Node{Name: "#text", Text: big})
	}
	p := &Page{Nodes: nodes}
	p.serialise()
	if len(p.HTML) != maxMarkup || !strings.HasSuffix(string(p.HTML), markupEnd) || len(p.Truncated) != 1 {
		t.Errorf("%d bytes, notes %q", len(p.HTML), p.Truncated)
	}
}

func FuzzDerive(f *testing.F) {
	for _, s := range []string{"<a href=x>y", "<form><input form=q>", "<label for=a>x<input id=a>", "<title><svg><title>x", "<base href='//[x'><a href=z>",
		"<pre>a\n\n b</pre>c", "<p contenteditable><b contenteditable>x", "<script src=x>y</script><p onclick=z()>", "<meta http-equiv=refresh content='0;url=x'>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, markup string) {
		p := pureParse(t, markup)
		text := p.VisibleText()
		if strings.TrimSpace(text) != text || strings.Contains(text, "\n\n") {
			t.Errorf("visible text %q", text)
		}
		for _, l := range p.Links {
			if l.Node < 0 || int(l.Node) >= len(p.Nodes) || strings.ContainsAny(l.URL, "\n\t\r") {
				t.Errorf("link %+v", l)
			}
		}
		joinScripts(nil, p)
		condition(p)
	})
}

// A page whose base makes a long address of every short reference fills no
// memory with them, what comes first is kept, and the bound is told.
func TestDerivedAddressesAreBounded(t *testing.T) {
	base := "https://site.example/" + strings.Repeat("a", maxURL/2) + "/"
	p := &Page{FinalURL: base, Frames: []Frame{{Parent: -1, Owner: -1, URL: base, Base: base}}, Nodes: []Node{{Parent: -1, Name: "#document"}}}
	const each = maxDerived / maxURL * 2 // either kind alone would nearly fill the room
	for range each {
		p.Nodes = append(p.Nodes, Node{Name: "a", Attrs: []Attr{{"href", "x"}}})
	}
	for range each {
		p.Nodes = append(p.Nodes, Node{Name: "form", Attrs: []Attr{{"action", "y"}}})
	}
	p.derive()
	kept := 0
	for _, l := range p.Links {
		kept += len(l.URL)
	}
	for _, f := range p.Forms {
		kept += len(f.Action)
	}
	if kept > maxDerived || kept < maxDerived-2*maxURL || p.Links[0].URL != base+"x" {
		t.Errorf("%d bytes of addresses are kept, the room is for %d", kept, maxDerived)
	}
	want := fmt.Sprintf("links, forms and labels over %d bytes in all, %d dropped", maxDerived, 2*each-len(p.Links)-len(p.Forms))
	if !slices.Contains(p.Truncated, want) {
		t.Errorf("notes %q, want %q", p.Truncated, want)
	}
}

// A page with more forms than anybody would fill in keeps the first of them, and
// says so.
func TestFormsAreBounded(t *testing.T) {
	p := &Page{Frames: []Frame{{Parent: -1, Owner: -1}}, Nodes: []Node{{Parent: -1, Name: "#document"}}}
	for range maxForms + 7 {
		p.Nodes = append(p.Nodes, Node{Name: "form"})
	}
	p.derive()
	if want := fmt.Sprintf("forms over %d, 7 dropped", maxForms); len(p.Forms) != maxForms || !slices.Contains(p.Truncated, want) {
		t.Errorf("%d forms, notes %q", len(p.Forms), p.Truncated)
	}
}

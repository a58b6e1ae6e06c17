package render

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/domsnapshot"
)

// pureBuilder writes snapshots by hand, for what no page makes Chrome send.
type pureBuilder struct {
	strings []string
	index   map[string]int64
	docs    []*domsnapshot.DocumentSnapshot
}

func (b *pureBuilder) str(s string) int64 {
	if b.index == nil {
		b.index = make(map[string]int64)
	}
	if i, ok := b.index[s]; ok {
		return i
	}
	b.strings = append(b.strings, s)
	b.index[s] = int64(len(b.strings) - 1)
	return b.index[s]
}

func (b *pureBuilder) doc() *domsnapshot.DocumentSnapshot {
	d := &domsnapshot.DocumentSnapshot{Nodes: &domsnapshot.NodeTreeSnapshot{}, Layout: &domsnapshot.LayoutTreeSnapshot{},
		DocumentURL: domsnapshot.StringIndex(b.str("https://site.example/")), BaseURL: -1, ContentWidth: 1366, ContentHeight: 5000}
	b.docs = append(b.docs, d)
	b.node(d, -1, 9, "#document", "", 0)
	return d
}

// node appends a node with a box of 100 by 20 px at its own height.
func (b *pureBuilder) node(d *domsnapshot.DocumentSnapshot, parent, kind int64, name, value string, attrs int) int64 {
	i := int64(len(d.Nodes.NodeType))
	d.Nodes.ParentIndex = append(d.Nodes.ParentIndex, parent)
	d.Nodes.NodeType = append(d.Nodes.NodeType, kind)
	d.Nodes.NodeName = append(d.Nodes.NodeName, domsnapshot.StringIndex(b.str(name)))
	d.Nodes.NodeValue = append(d.Nodes.NodeValue, domsnapshot.StringIndex(b.str(value)))
	var list domsnapshot.ArrayOfStrings
	for k := range attrs {
		list = append(list, b.str(fmt.Sprintf("data-%d", k)), b.str("value"))
	}
	d.Nodes.Attributes = append(d.Nodes.Attributes, list)
	d.Layout.NodeIndex = append(d.Layout.NodeIndex, i)
	d.Layout.Bounds = append(d.Layout.Bounds, domsnapshot.Rectangle{0, float64(i % 200 * 20), 100, 20})
	d.Layout.Text = append(d.Layout.Text, domsnapshot.StringIndex(b.str(value)))
	styles := make(domsnapshot.ArrayOfStrings, len(snapshotStyles))
	for k := range styles {
		styles[k] = b.str("")
	}
	styles[styleVisibility], styles[styleOpacity] = b.str("visible"), b.str("1")
	styles[styleColor], styles[styleBackground] = b.str("rgb(0, 0, 0)"), b.str("rgba(0, 0, 0, 0)")
	d.Layout.Styles = append(d.Layout.Styles, styles)
	return i
}

// pureNews is a page of about size nodes in the shape of a news front page.
func pureNews(size int) *pureBuilder {
	b := &pureBuilder{}
	d := b.doc()
	html := b.node(d, 0, 1, "HTML", "", 1)
	body := b.node(d, html, 1, "BODY", "", 2)
	for len(d.Nodes.NodeType) < size {
		section := b.node(d, body, 1, "SECTION", "", 2)
		for range 10 {
			card := b.node(d, section, 1, "DIV", "", 3)
			link := b.node(d, card, 1, "A", "", 2)
			at := len(d.Nodes.Attributes) - 1
			d.Nodes.Attributes[at] = append(d.Nodes.Attributes[at], b.str("href"), b.str(fmt.Sprintf("/news/%d?id=1&x=2", at)))
			b.node(d, link, 3, "#text", "A headline of some length that says what has happened "+fmt.Sprint(at), 0)
			b.node(d, card, 3, "#text", "A paragraph of the text below it, of the length that such paragraphs have on front pages.", 0)
		}
	}
	return b
}

func TestSnapshotOfNothing(t *testing.T) {
	for _, docs := range [][]*domsnapshot.DocumentSnapshot{nil, {nil}, {{}}, {{Nodes: &domsnapshot.NodeTreeSnapshot{}}, nil}} {
		if tr := snapshotNodes(docs, nil, 0); len(tr.nodes) != 0 {
			t.Errorf("%d nodes out of nothing", len(tr.nodes))
		}
	}
}

func TestSnapshotBounds(t *testing.T) {
	b := &pureBuilder{}
	d := b.doc()
	b.node(d, 0, 3, "#text", strings.Repeat("ب", maxNodeText), 0)
	b.node(d, 0, 1, "P", "", maxNodeAttrs+50)
	tr := snapshotNodes(b.docs, b.strings, 0)
	if got := tr.nodes[1].Text; len(got) > maxNodeText || strings.Trim(got, "ب") != "" {
		t.Errorf("text of %d bytes kept, or a letter split", len(got))
	}
	if len(tr.nodes[2].Attrs) != maxNodeAttrs {
		t.Errorf("%d attributes kept", len(tr.nodes[2].Attrs))
	}
	if len(tr.truncated) != 2 {
		t.Errorf("two cuts were reported as %q", tr.truncated)
	}
}

// A text that a page puts into very many nodes is one string to Chrome, and would
// be very many in every record of the page: what all of them hold is bounded,
// and what was short is there all the same.
func TestSharedTextIsBounded(t *testing.T) {
	var b pureBuilder
	d := b.doc()
	long := strings.Repeat("x", maxNodeText)
	for range 2 * maxTreeText / maxNodeText {
		b.node(d, 0, 3, "#text", long, 0)
	}
	b.node(d, 0, 3, "#text", "Hacked by QuietFox", 0)
	tr := snapshotNodes(b.docs, b.strings, 0)
	sum := 0
	for _, n := range tr.nodes {
		sum += len(n.Text)
	}
	if last := tr.nodes[len(tr.nodes)-1].Text; sum > maxTreeText+maxShortText || sum < maxTreeText/2 || last != "Hacked by QuietFox" {
		t.Errorf("%d bytes of text were kept, the last of them %.40q", sum, last)
	}
	if !slices.ContainsFunc(tr.truncated, func(s string) bool { return strings.Contains(s, "in all") }) {
		t.Errorf("nothing tells what was left out: %q", tr.truncated)
	}
}

// TestFrameCannotCrowdOutThePage: the main document has the first claim.
func TestFrameCannotCrowdOutThePage(t *testing.T) {
	b := &pureBuilder{}
	d := b.doc()
	frame := b.node(d, 0, 1, "IFRAME", "", 0)
	d.Nodes.ContentDocumentIndex = &domsnapshot.RareIntegerData{Index: []int64{frame}, Value: []int64{1}}
	for range 50 {
		b.node(d, 0, 3, "#text", "the page", 0)
	}
	flood := b.doc()
	for range 1000 {
		b.node(flood, 0, 3, "#text", "rubbish", 0)
	}
	tr := snapshotNodes(b.docs, b.strings, 100)
	kept := 0
	for _, n := range tr.nodes {
		if n.Text == "the page" {
			kept++
		}
	}
	if kept != 50 || len(tr.nodes) > 100 || len(tr.truncated) != 1 {
		t.Errorf("%d texts of the page kept in %d nodes, notes %q", kept, len(tr.nodes), tr.truncated)
	}
}

func TestSnapshotCycles(t *testing.T) {
	b := &pureBuilder{}
	d := b.doc()
	frame := b.node(d, 0, 1, "IFRAME", "", 0)
	d.Nodes.ContentDocumentIndex = &domsnapshot.RareIntegerData{Index: []int64{frame, frame, 99}, Value: []int64{0, 0}}
	b.node(d, 5, 1, "P", "", 0)  // a parent that comes later
	b.node(d, 3, 1, "P", "", 0)  // its own parent
	b.node(d, -7, 1, "P", "", 0) // no parent
	d.Layout.Bounds[2] = domsnapshot.Rectangle{math.NaN(), math.Inf(1), -5, 1e300}
	d.Layout.Bounds[3] = domsnapshot.Rectangle{1}
	tr := snapshotNodes(b.docs, b.strings, 0)
	if len(tr.nodes) != 5 || len(tr.frames) != 1 {
		t.Fatalf("%d nodes, %d frames", len(tr.nodes), len(tr.frames))
	}
	for i, n := range tr.nodes[2:] {
		if n.Parent != 0 {
			t.Errorf("stray %d hangs below %d", i, n.Parent)
		}
	}
}

func TestSameColourBudgetIsReported(t *testing.T) {
	b := &pureBuilder{}
	d := b.doc()
	body := b.node(d, 0, 1, "BODY", "", 0)
	for range 6_000 {
		p := b.node(d, body, 1, "P", "", 0)
		at := len(d.Layout.Styles) - 1
		d.Layout.Styles[at][styleColor] = b.str("rgb(255, 255, 255)")
		d.Layout.Styles[at][styleBackground] = b.str("rgb(255, 255, 255)")
		b.node(d, p, 3, "#text", "spam", 0)
		d.Layout.Bounds[len(d.Layout.Bounds)-1] = d.Layout.Bounds[at]
	}
	tr := snapshotNodes(b.docs, b.strings, 0)
	if len(tr.truncated) != 1 || !strings.Contains(tr.truncated[0], "same-colour") {
		t.Errorf("notes %q", tr.truncated)
	}
}

func TestParseColour(t *testing.T) {
	for in, want := range map[string]string{
		"rgb(1, 2, 3)": "rgb(1, 2, 3)", "rgba(1, 2, 3, 0.5)": "rgba(1, 2, 3, 0.5)", "rgba(0, 0, 0, 1)": "rgba(0, 0, 0, 1)",
		"rgb(256, 0, 0)": "", "rgb(1, 2)": "", "color(srgb 1 1 1)": "", "": "", "rgba(0, 0, 0, NaN)": "", "rgb(-1, 0, 0)": "",
	} {
		if got := parseColour(in).css; got != want {
			t.Errorf("parseColour(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEmptyClips(t *testing.T) {
	for in, want := range map[string]bool{
		"rect(0px, 0px, 0px, 0px)": true, "rect(1px, 1px, 1px, 1px)": true, "rect(0px, 50px, 50px, 0px)": false,
		"rect(auto, auto, auto, auto)": false, "auto": false, "": false, "rect(0px)": false,
	} {
		if got := emptyClip(in); got != want {
			t.Errorf("emptyClip(%q) = %v", in, got)
		}
	}
	for in, want := range map[string]bool{"inset(50%)": true, "inset(100% 0 0)": true, "inset(10%)": false, "none": false, "circle(0px at 50% 50%)": true} {
		if got := emptyClipPath(in); got != want {
			t.Errorf("emptyClipPath(%q) = %v", in, got)
		}
	}
}

// pureTape hands out the numbers of a fuzzer's input, most of them small.
type pureTape struct{ data []byte }

func (t *pureTape) next() int64 {
	if len(t.data) == 0 {
		return 0
	}
	v := int64(int8(t.data[0]))
	t.data = t.data[1:]
	if v == 127 {
		return math.MaxInt64
	}
	if v == -128 {
		return math.MinInt64
	}
	return v
}

func (t *pureTape) list() []int64 {
	out := make([]int64, 0, 32)
	for range t.next() & 31 {
		out = append(out, t.next())
	}
	return out
}

func (t *pureTape) indices() []domsnapshot.StringIndex {
	var out []domsnapshot.StringIndex
	for _, v := range t.list() {
		out = append(out, domsnapshot.StringIndex(v))
	}
	return out
}

func (t *pureTape) arrays() []domsnapshot.ArrayOfStrings {
	var out []domsnapshot.ArrayOfStrings
	for range t.next() & 15 {
		out = append(out, t.list())
	}
	return out
}

func (t *pureTape) rare() *domsnapshot.RareStringData {
	if t.next() < 0 {
		return nil
	}
	return &domsnapshot.RareStringData{Index: t.list(), Value: t.indices()}
}

func (t *pureTape) doc() *domsnapshot.DocumentSnapshot {
	d := &domsnapshot.DocumentSnapshot{DocumentURL: domsnapshot.StringIndex(t.next()), BaseURL: domsnapshot.StringIndex(t.next()),
		ContentWidth: float64(t.next()), ScrollOffsetX: math.Inf(int(t.next()))}
	d.Nodes = &domsnapshot.NodeTreeSnapshot{ParentIndex: t.list(), NodeType: t.list(), NodeName: t.indices(), NodeValue: t.indices(),
		Attributes: t.arrays(), ShadowRootType: t.rare(), InputValue: t.rare(), PseudoType: t.rare()}
	d.Nodes.ContentDocumentIndex = &domsnapshot.RareIntegerData{Index: t.list(), Value: t.list()}
	d.Layout = &domsnapshot.LayoutTreeSnapshot{NodeIndex: t.list(), Styles: t.arrays(), Text: t.indices()}
	for range t.next() & 31 {
		d.Layout.Bounds = append(d.Layout.Bounds, domsnapshot.Rectangle{float64(t.next()), float64(t.next()), float64(t.next()), float64(t.next())})
	}
	return d
}

var pureStrings = []string{"", "HTML", "BODY", "P", "A", "href", "IFRAME", "INPUT", "value", "SCRIPT", "text", "none", "0", "hidden", "absolute",
	"rgb(255, 255, 255)", "rect(0px, 0px, 0px, 0px)", "::before", "open", "closed", "FORM", "LABEL", "for", "id", "SELECT", "rtl", "base", "LINK",
	"javascript:x()", "onclick", "TITLE", "#text", "http://[::1", "%zz", "#document", "\x00<a \"b", "template", "svg", "META"}

func FuzzSnapshotNodes(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 1, 3, 255, 0, 1, 3, 9, 1, 3, 3, 1, 2, 3})
	f.Add([]byte(strings.Repeat("\x04\x00\x01\x03\x09\x01", 60)))
	f.Add([]byte(strings.Repeat("\x1f\x80\x7f\x01\x09\x0a", 90)))
	f.Fuzz(func(t *testing.T, data []byte) {
		tape := &pureTape{data: data}
		var docs []*domsnapshot.DocumentSnapshot
		for range tape.next()&3 + 1 {
			docs = append(docs, tape.doc())
		}
		pureInvariants(t, snapshotNodes(docs, pureStrings, 64))
	})
}

// pureInvariants is what every consumer of a tree relies on.
func pureInvariants(t *testing.T, tr tree) {
	if len(tr.nodes) > 64 {
		t.Fatalf("%d nodes over a limit of 64", len(tr.nodes))
	}
	for i, n := range tr.nodes {
		if n.Parent >= int32(i) || n.Parent < -1 || n.Name == "" || n.Frame < 0 || int(n.Frame) >= len(tr.frames) {
			t.Fatalf("node %d: %+v", i, n)
		}
		if n.Box.W < 0 || n.Box.H < 0 {
			t.Fatalf("node %d has the box %+v", i, n.Box)
		}
	}
	p := &Page{URL: "https://site.example/", Nodes: tr.nodes, Frames: tr.frames, Status: 200}
	p.derive()
	if html := markup(p.Nodes); markupDigest(html) != p.DOMDigest {
		t.Fatal("serialising twice gives two digests")
	}
	joinScripts([]parsedScript{{source: "x()"}, {url: "javascript:x()", sourceURL: true}}, p)
	condition(p)
	p.VisibleText()
}

func BenchmarkDecode5000(b *testing.B) {
	news := pureNews(5_000)
	b.ReportAllocs()
	for b.Loop() {
		tr := snapshotNodes(news.docs, news.strings, 0)
		p := &Page{FinalURL: "https://site.example/", Nodes: tr.nodes, Frames: tr.frames}
		p.derive()
	}
}

func BenchmarkSnapshotNodes5000(b *testing.B) {
	news := pureNews(5_000)
	b.ReportAllocs()
	for b.Loop() {
		snapshotNodes(news.docs, news.strings, 0)
	}
}

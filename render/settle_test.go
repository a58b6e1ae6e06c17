package render

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"
)

// movingPages are pages that look different each time they are opened.
var movingPages = map[string]string{
	"interval":  `<h1 id=n>0</h1><script>let i = 0; setInterval(() => n.textContent = ++i, 37)</script>`,
	"slideshow": `<div id=s style="height:300px"></div><script>let k = 0; setInterval(() => s.style.background = ["red", "green", "blue"][k++ % 3], 700)</script>`,
	"css": `<style>@keyframes a { from { transform: none } to { transform: translateX(300px) } } div { width: 90px; height: 90px; background: red }
		#i { animation: a 1s infinite alternate } #f { animation: a 3s forwards } #t { transition: width 2s }</style><div id=i></div><div id=f></div><div id=t></div>
		<script>setTimeout(() => t.style.width = "500px", 100)</script>`,
	"random":  `<pre id=r></pre><script>r.textContent = [Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint32Array(4)), Math.random()].join("\n")</script>`,
	"date":    `<pre id=d></pre><script>setInterval(() => d.textContent = [new Date(), Date.now(), Date(), performance.now()].join("\n"), 10)</script>`,
	"frames":  `<h1 id=n></h1><script>let i = 0; const f = (t) => { n.textContent = ++i + " " + t; requestAnimationFrame(f) }; requestAnimationFrame(f)</script>`,
	"canvas":  `<canvas id=c width=300 height=300></canvas><script>const x = c.getContext("2d"); let a = 0; const f = () => { x.clearRect(0, 0, 300, 300); x.fillRect(a++ % 300, 20, 40, 200); requestAnimationFrame(f) }; f()</script>`,
	"idle":    `<h1 id=n></h1><script>let i = 0; const f = () => { n.textContent = ++i; requestIdleCallback(f) }; requestIdleCallback(f)</script>`,
	"animate": `<div id=b style="width:50px;height:50px;background:blue"></div><script>b.animate([{ marginLeft: "0px" }, { marginLeft: "400px" }], { duration: 1500, iterations: Infinity })</script>`,
	"marquee": `<marquee>This runs through the picture</marquee>`,
	"gif":     `<img src="/moving.gif">`,
	"caret":   `<input autofocus value="here">`,
	"frame":   `<iframe srcdoc="<h1 id=n></h1><script>setInterval(() => n.textContent = Math.random(), 13)</script>"></iframe>`,
	"shadow":  `<div id=h></div><script>const s = h.attachShadow({ mode: "open" }); s.innerHTML = "<style>@keyframes k { to { opacity: 0 } } b { animation: k 1s infinite }</style><b>blinks</b>"</script>`,
	"svg":     `<svg width=300 height=100><circle r=20 cy=50 cx=0><animate attributeName="cx" from="0" to="300" dur="1s" repeatCount="indefinite"/></circle></svg>`,
}

// TestDeterminism: two looks at a page that moves are the same, byte for byte.
func TestDeterminism(t *testing.T) {
	p := testPool(t, Options{Processes: 2})
	moving := movingGIF(t)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moving.gif" {
			w.Header().Set("Content-Type", "image/gif")
			w.Write(moving)
			return
		}
		fmt.Fprintf(w, `<!doctype html><html><body>%s</body></html>`, movingPages[strings.TrimPrefix(r.URL.Path, "/")])
	})
	for name := range movingPages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := visit(t, p, Request{URL: url + "/" + name})
			if name == "marquee" {
				wantText(t, a, "This runs through")
			}
			b := visit(t, p, Request{URL: url + "/" + name})
			wantOutcome(t, a, OK)
			if !bytes.Equal(a.HTML, b.HTML) || a.DOMDigest != b.DOMDigest || a.DOMDigest == "" {
				t.Errorf("trees differ:\n%s\n%s", clip(string(a.HTML), 600), clip(string(b.HTML), 600))
			}
			if a.Screenshot == nil || b.Screenshot == nil || a.Screenshot.SHA256 != b.Screenshot.SHA256 {
				t.Errorf("pictures differ: %v %v", a.Screenshot != nil, b.Screenshot != nil)
			}
		})
	}
}

func movingGIF(t *testing.T) []byte {
	t.Helper()
	var g gif.GIF
	for i := range 6 {
		frame := image.NewPaletted(image.Rect(0, 0, 80, 80), color.Palette{color.White, color.RGBA{200, uint8(i * 40), 0, 255}})
		for x := range 80 {
			frame.SetColorIndex(x, i*13, 1)
		}
		g.Image, g.Delay = append(g.Image, frame), append(g.Delay, 3)
	}
	var buf bytes.Buffer
	if err := gif.EncodeAll(&buf, &g); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestTimePasses: frozen does not mean that a page's timers do not run, and
// the date is today's.
func TestTimePasses(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	page := visit(t, p, Request{URL: html(t, `<!doctype html><p id=a></p><p id=b></p><script>
		a.textContent = new Date().toISOString().slice(0, 10);
		setTimeout(() => b.textContent = "two seconds later", 2000)</script>`), TimeZone: "UTC"})
	wantText(t, page, "two seconds later")
	wantText(t, page, page.Started.UTC().Format(time.DateOnly))
}

// TestTall: the picture is the whole page, up to the bound, and no taller than
// the viewport for a page that is not.
func TestTall(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	for _, c := range []struct{ height, want int }{{10, 768}, {5000, 5000}, {40_000, maxPicture}} {
		page := visit(t, p, Request{URL: html(t, fmt.Sprintf(`<!doctype html><body style="margin:0;background:linear-gradient(red,blue)"><div style="height:%dpx"></div>`, c.height))})
		if page.Screenshot == nil || page.Screenshot.Height != c.want {
			t.Fatalf("a page of %d px: picture %+v, want %d px", c.height, page.Screenshot != nil, c.want)
		}
		if cut := len(page.Truncated) > 0; cut != (c.height > maxPicture) {
			t.Errorf("a page of %d px: truncated %q", c.height, page.Truncated)
		}
	}
}

// TestViewportHeight: an element as high as the window stays so in the picture
// of the whole page.
func TestViewportHeight(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	page := visit(t, p, Request{URL: html(t, `<!doctype html><body style="margin:0"><div style="height:100vh;background:rgb(255,0,0)"></div><div style="height:3000px;background:rgb(0,0,255)"></div>`)})
	picture, err := png.Decode(bytes.NewReader(page.Screenshot.Data))
	if err != nil {
		t.Fatal(err)
	}
	red, blue := color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}
	if got := color.RGBAModel.Convert(picture.At(600, 767)); got != red {
		t.Errorf("row 767 is %v, want red", got)
	}
	if got := color.RGBAModel.Convert(picture.At(600, 769)); got != blue {
		t.Errorf("row 769 is %v, want blue", got)
	}
}

// TestLazy: what is loaded only when it is seen is in the picture, and a page
// that grows for ever while it is scrolled is left in time.
func TestLazy(t *testing.T) {
	p := testPool(t, Options{Processes: 2})
	picture := noisePNG(200, 200, 7)
	pages := map[string]string{
		"/lazy":     `<!doctype html><div style="height:5000px"></div><img loading=lazy src="/p.png">`,
		"/observer": `<!doctype html><div style="height:5000px"></div><img id=i width=200 height=200><script>new IntersectionObserver((e) => { if (e.some((x) => x.isIntersecting)) i.src = "/p.png" }).observe(i)</script>`,
		"/scroll":   `<!doctype html><div style="height:5000px"></div><img id=i width=200 height=200><script>addEventListener("scroll", () => { if (i.getBoundingClientRect().top < innerHeight) i.src = "/p.png" })</script>`,
		"/endless":  `<!doctype html><main></main><script>const more = () => { for (let i = 0; i < 50; i++) document.querySelector("main").insertAdjacentHTML("beforeend", "<p>more</p>") }; more(); addEventListener("scroll", more)</script>`,
	}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/p.png" {
			w.Header().Set("Content-Type", "image/png")
			w.Write(picture)
			return
		}
		fmt.Fprint(w, pages[r.URL.Path])
	})
	for path := range pages {
		t.Run(path[1:], func(t *testing.T) {
			t.Parallel()
			page := visit(t, p, Request{URL: url + path})
			wantOutcome(t, page, OK)
			if path == "/endless" {
				return
			}
			if last := page.Resources[len(page.Resources)-1]; !strings.HasSuffix(last.URL, "/p.png") || last.Status != 200 {
				t.Errorf("the picture was not loaded: %+v", page.Resources)
			}
		})
	}
}

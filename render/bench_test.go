package render

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// frontPage serves a page like the front page of a ministry: some 1,500 nodes,
// a style sheet, three scripts, twelve pictures, 4,000 px high.
func frontPage(t testing.TB) *httptest.Server {
	var body strings.Builder
	body.WriteString(`<!doctype html><html lang="en"><head><title>Ministry of Fixtures</title><link rel="stylesheet" href="/style.css"><script src="/a.js"></script></head><body><header><h1>Ministry of Fixtures</h1><nav><ul>`)
	for i := range 40 {
		fmt.Fprintf(&body, `<li><a href="/page/%d">Section %d</a></li>`, i, i)
	}
	body.WriteString(`</ul></nav></header><main>`)
	for i := range 120 {
		fmt.Fprintf(&body, `<article class="card"><h2>Notice %d</h2><p>Tenders are invited for the <b>supply</b> of item %d. <a href="/notice/%d">Read more</a></p><span class="date">2026-01-%02d</span></article>`, i, i, i, i%28+1)
		if i%10 == 0 {
			fmt.Fprintf(&body, `<img src="/img/%d.png" width="300" height="200" alt="picture %d">`, i, i)
		}
	}
	body.WriteString(`</main><script src="/b.js"></script><script>document.querySelector("h1").dataset.ready = "1"; setInterval(() => { document.title = "tick" + Date.now() }, 1000)</script></body></html>`)
	page := body.String()
	pictures := make(map[string][]byte)
	for i := 0; i < 120; i += 10 {
		pictures[fmt.Sprintf("/img/%d.png", i)] = noisePNG(300, 200, uint64(i))
	}
	script := strings.Repeat("(function(){var a=[];for(var i=0;i<100;i++){a.push(i*i)}window.__a=a;})();\n", 300)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/style.css":
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, `body{font:16px/1.4 sans-serif;margin:0}nav ul{display:flex;flex-wrap:wrap}li{list-style:none;padding:4px 10px}main{display:grid;grid-template-columns:repeat(4,1fr);gap:12px}.card{border:1px solid #ccc;padding:8px;box-shadow:0 1px 3px rgba(0,0,0,.3)}header{background:linear-gradient(#064,#0a6);color:#fff}`)
		case strings.HasSuffix(r.URL.Path, ".js"):
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, "/*"+r.URL.Path+"*/"+script)
		case pictures[r.URL.Path] != nil:
			w.Header().Set("Content-Type", "image/png")
			w.Write(pictures[r.URL.Path])
		case r.URL.Path == "/":
			fmt.Fprint(w, page)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

// noisePNG is a picture that does not compress to nothing.
func noisePNG(w, h int, seed uint64) []byte {
	rnd := rand.New(rand.NewPCG(seed, 1))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(rnd.Uint32() & 31), 255})
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// BenchmarkRender is a whole capture, everything on, two processes.
func BenchmarkRender(b *testing.B) {
	srv := frontPage(b)
	p := testPool(b, Options{Processes: 2})
	before := cpuSeconds()
	b.ResetTimer()
	parallel(b, 2, func() error {
		page, err := p.Render(context.Background(), Request{URL: srv.URL})
		if err == nil && (page.Outcome != OK || page.Screenshot == nil || len(page.Nodes) < 1000) {
			err = fmt.Errorf("%s %s: %d nodes, picture %v, %v", page.Outcome, page.Detail, len(page.Nodes), page.Screenshot != nil, page.Log)
		}
		return err
	})
	b.StopTimer()
	report(b, before)
}

// BenchmarkNaked is chromedp alone: navigate, the outer HTML, one full-page
// picture, two browsers, a fresh context each time.
func BenchmarkNaked(b *testing.B) {
	srv := frontPage(b)
	var browsers []context.Context
	for range 2 {
		browsers = append(browsers, nakedBrowser(b))
	}
	free := make(chan context.Context, 2)
	for _, ctx := range browsers {
		free <- ctx
	}
	before := cpuSeconds()
	b.ResetTimer()
	parallel(b, 2, func() error {
		browser := <-free
		defer func() { free <- browser }()
		ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
		defer cancel()
		return nakedLook(ctx, srv.URL)
	})
	b.StopTimer()
	report(b, before)
}

// nakedBrowser starts a Chrome the way chromedp does.
func nakedBrowser(b *testing.B) context.Context {
	path, err := Find()
	if err != nil {
		b.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1366, 768))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	b.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	b.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		b.Fatal(err)
	}
	return ctx
}

func nakedLook(ctx context.Context, url string) error {
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		return err
	}
	html, err := chromedp.Run(ctx, chromedp.OuterHTML(chromedp.CSS("html")))
	if err != nil || len(html) < 1000 {
		return fmt.Errorf("html: %d bytes, %w", len(html), err)
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil || len(shot) < 1000 {
		return fmt.Errorf("shot: %d bytes, %w", len(shot), err)
	}
	return nil
}

// BenchmarkFormats compares the encodings of one picture of the whole page.
func BenchmarkFormats(b *testing.B) {
	for name, params := range map[string]page.CaptureScreenshotParams{
		"png-fast": {Format: page.CaptureScreenshotFormatPng, OptimizeForSpeed: new(true)},
		"png":      {Format: page.CaptureScreenshotFormatPng},
		"jpeg-90":  {Format: page.CaptureScreenshotFormatJpeg, Quality: new(int64(90))},
		"webp-90":  {Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(90))},
	} {
		b.Run(name, func(b *testing.B) { benchmarkFormat(b, params) })
	}
}

// benchmarkFormat takes the same picture again and again, of a page whose time
// runs: while virtual time stands still Chrome paints once only.
func benchmarkFormat(b *testing.B, params page.CaptureScreenshotParams) {
	srv := frontPage(b)
	ctx, cancel := chromedp.NewContext(nakedBrowser(b), chromedp.WithNewBrowserContext())
	b.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate(srv.URL)); err != nil {
		b.Fatal(err)
	}
	params.CaptureBeyondViewport = new(true)
	params.Clip = &page.Viewport{Width: 1366, Height: 4000, Scale: 1}
	size, before := 0, cpuSeconds()
	b.ResetTimer()
	for range b.N {
		res, err := chromedp.Call(ctx, page.CaptureScreenshot, params)
		if err != nil {
			b.Fatal(err)
		}
		size = len(res.Data)
	}
	b.StopTimer()
	report(b, before)
	b.ReportMetric(float64(size)/1024, "KiB")
}

// parallel runs f b.N times from n goroutines.
func parallel(b *testing.B, n int, f func() error) {
	work := make(chan struct{})
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for range work {
				if err := f(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	wg.Wait()
}

// report adds the rate, and the processor time of this process and the browsers
// a look: on a busy machine only the second can be compared.
func report(b *testing.B, before float64) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "looks/s")
	b.ReportMetric(1000*(cpuSeconds()-before)/float64(b.N), "cpu-ms/look")
}

// cpuSeconds is the processor time of this process and all below it, those
// that have ended included.
func cpuSeconds() float64 {
	total := 0.0
	for _, r := range append(descendants(os.Getpid()), relative{pid: os.Getpid()}) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.pid))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+2:]))
		for _, f := range fields[11:15] { // utime stime cutime cstime, in hundredths
			n, _ := strconv.Atoi(f)
			total += float64(n) / 100
		}
	}
	return total
}

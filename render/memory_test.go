package render

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// heap is what is in use of our own memory, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// maxGrowth is what a capture may leave in our own memory, in bytes, while its
// page is still held.
const maxGrowth = 64 << 20

// TestMemoryScript: a script that allocates without end is ended by the budget,
// since V8 raises its own limit under a debugger, and takes nobody along.
func TestMemoryScript(t *testing.T) {
	p := testPool(t, Options{Processes: 1, Memory: 700 << 20})
	before := heap()
	page := visit(t, p, Request{URL: html(t, `<h1>x</h1><script>const keep = []; for (;;) keep.push({ a: [keep.length, "x" + keep.length] })</script>`)})
	wantOutcome(t, page, TooBig)
	if grown := heap() - before; grown > maxGrowth {
		t.Errorf("our own heap grew by %d MB", grown>>20)
	}
	wantOutcome(t, visit(t, p, Request{URL: html(t, "fine")}), OK)
	runtime.KeepAlive(page)
}

// growing adds half a million elements, a few thousand at a time: they are in
// the renderer's own memory and not in that of its scripts.
const growing = `<!doctype html><h1>x</h1><script>
	let left = 500000;
	const grow = () => {
		const all = document.createDocumentFragment();
		for (let i = 0; i < 5000; i++, left--) {
			const e = document.createElement("div");
			e.style.cssText = "border:1px solid;margin:1px;color:rgb(" + i % 255 + ",0,0)"; e.append("node ", i); all.append(e);
		}
		document.body.append(all); document.body.offsetHeight;
		if (left > 0) setTimeout(grow, 1);
	}; grow()</script>`

// TestMemoryNative: a page of half a million elements is too big, by the budget
// and with its figure, our own heap does not pay for it, and the next is fine.
func TestMemoryNative(t *testing.T) {
	p := testPool(t, Options{Processes: 1, Memory: 400 << 20})
	before := heap()
	page := visit(t, p, Request{URL: html(t, growing)})
	wantOutcome(t, page, TooBig)
	if !strings.Contains(page.Detail, "budget 400 MB") {
		t.Errorf("the detail is %q, want the budget in it", page.Detail)
	}
	if page.Memory < 400<<20 {
		t.Errorf("the page was seen to use %d MB, want more than the budget", page.Memory>>20)
	}
	if grown := heap() - before; grown > maxGrowth {
		t.Errorf("our own heap grew by %d MB", grown>>20)
	}
	wantOutcome(t, visit(t, p, Request{URL: html(t, "fine")}), OK)
	runtime.KeepAlive(page)
}

// TestMemoryTold: a page says what its Chrome used: more for one that needs
// more, and not what the page before it needed.
func TestMemoryTold(t *testing.T) {
	const large = 300 << 20
	p := testPool(t, Options{Processes: 1})
	hold := serve(t, func(w http.ResponseWriter, r *http.Request) {
		// A script that does not come holds the page until the watchdog has looked.
		seen := map[string]int64{"/seen.js": 1, "/full.js": large}[r.URL.Path]
		u := &p.all[0].process().used
		await(t, "the watchdog", func() bool { u.mu.Lock(); defer u.mu.Unlock(); return u.peak >= seen })
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		wait := "<script src=/seen.js></script>"
		if r.URL.Path == "/large" {
			wait = "<script>const keep = new Uint8Array(300 << 20).fill(1); onload = () => setTimeout(() => keep[0]++, 2000)</script><script src=/full.js></script>"
		}
		fmt.Fprint(w, "<!doctype html><h1>here</h1>"+wait)
	})
	small := visit(t, p, Request{URL: hold}).Memory
	most := visit(t, p, Request{URL: hold + "/large"}).Memory
	again := visit(t, p, Request{URL: hold, FreshProcess: true}).Memory
	t.Logf("%d MB, %d MB, %d MB", small>>20, most>>20, again>>20)
	if small < 20<<20 || most < large || small >= large || again >= large {
		t.Errorf("%d MB, then %d MB for a page that holds 300 MB more, then %d MB", small>>20, most>>20, again>>20)
	}
}

// TestMemoryAddresses: long addresses are cut and the rest of them is let go: a
// page of many megabytes of data: URLs does not stay in our memory.
func TestMemoryAddresses(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	before := heap()
	all, done := context.WithCancel(t.Context())
	defer done()
	site := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/done":
			done()
		case "/wait.js": // until all was asked for, however slow the machine is
			select {
			case <-all.Done():
			case <-r.Context().Done():
			}
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, `<!doctype html><h1>x</h1><script>
				const long = "data:text/plain," + "x".repeat(2 << 20);
				(async () => { for (let i = 0; i < 60; i++) try { await fetch(long + i) } catch (e) {} fetch("/done") })()</script>
				<script src=/wait.js></script>`)
		}
	})
	page := visit(t, p, Request{URL: site, Soft: time.Minute, Hard: 2 * time.Minute})
	kept := 0
	for i := range page.Resources {
		if strings.HasPrefix(page.Resources[i].URL, "data:") && len(page.Resources[i].URL) == maxAddress {
			kept++
		}
	}
	if kept < 50 {
		t.Errorf("only %d long addresses were seen", kept)
	}
	if grown := heap() - before; grown > maxGrowth {
		t.Errorf("%d addresses of 2 MB: our own heap grew by %d MB", kept, grown>>20)
	}
	runtime.KeepAlive(page)
}

// TestMemoryUsage: the costly reading is made at first, when the cheap one has moved,
// and whenever that is over the budget; a new capture begins from nothing.
func TestMemoryUsage(t *testing.T) {
	const mb = 1 << 20
	var u usage
	reads := 0
	for i, step := range []struct {
		resident, pss int64
		reads         int
		over          bool
	}{
		{300 * mb, 100 * mb, 1, false},
		{340 * mb, 999 * mb, 1, false}, // has hardly moved: not read
		{364 * mb, 120 * mb, 2, false},
		{300 * mb, 90 * mb, 3, false},
		{600 * mb, 400 * mb, 4, false}, // shared pages alone do not break a budget
		{601 * mb, 410 * mb, 5, false},
		{700 * mb, 501 * mb, 6, true},
	} {
		over := u.look(step.resident, 500*mb, func() int64 { reads++; return step.pss })
		if reads != step.reads || over != step.over {
			t.Errorf("look %d: %d readings, over %v, want %d and %v", i, reads, over, step.reads, step.over)
		}
	}
	if u.most() != 501*mb || u.overBudget() != "memory: 501 MB used, budget 500 MB" {
		t.Errorf("most %d, %q", u.most()/mb, u.overBudget())
	}
	u = usage{resident: 200 * mb, pss: 80 * mb, peak: 300 * mb}
	if u.begin(); u.most() != 80*mb {
		t.Errorf("a capture nobody looked at has used %d MB, want what was seen last", u.most()/mb)
	}
}

// BenchmarkGuard is one look of the watchdog at two idle Chromes, of which four
// are made a second, and beside it the PSS of one of them. The processor time
// counts: the machine may be busy with other things.
func BenchmarkGuard(b *testing.B) {
	p := testPool(b, Options{Processes: 2})
	pids, resident := family(p.all[0].process().pid, processes())
	measure := func(look func()) func(b *testing.B) {
		return func(b *testing.B) {
			before := cpuSeconds()
			for b.Loop() {
				look()
			}
			b.ReportMetric((cpuSeconds()-before)*1e6/float64(b.N), "cpu-us/op")
			b.ReportMetric(float64(resident>>20), "RSS-MB")
			b.ReportMetric(float64(proportional(pids)>>20), "PSS-MB")
		}
	}
	b.Run("look", measure(p.checkMemory))
	b.Run("pss", measure(func() { _ = proportional(pids) }))
}

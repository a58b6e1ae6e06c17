package render

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestPopups: windows are recorded and closed, a flood of them costs nothing.
func TestPopups(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	page := visit(t, p, Request{URL: html(t, `<!doctype html><h1>Here</h1><script>for (let i = 0; i < 200; i++) open("/ad" + i)</script>`)})
	wantOutcome(t, page, OK)
	wantText(t, page, "Here")
	if n := len(page.Popups); n < notePopups || n > 20 || !strings.HasSuffix(page.Popups[0], "/ad0") {
		t.Errorf("popups %q", page.Popups)
	}
	if !slices.ContainsFunc(page.Truncated, func(s string) bool { return strings.Contains(s, "windows opened") }) {
		t.Errorf("the flood is not noted: %q", page.Truncated)
	}
}

// TestScriptsThatRan: the inventory holds what V8 compiled, workers included,
// and none of our own scripts.
func TestScriptsThatRan(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	page := visit(t, p, Request{URL: serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/lib.js", "/worker.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprintf(w, "/* %s */ var lib = 1;", r.URL.Path)
		default:
			fmt.Fprint(w, `<!doctype html><script src="/lib.js"></script><script>eval("var evaluated = 1"); new Worker("/worker.js")</script>`)
		}
	})})
	want := map[string]string{"external": "/lib.js", "inline": "eval(", "eval": "var evaluated", "worker": "/worker.js"}
	for _, s := range page.Scripts {
		if strings.Contains(s.Source, "xorshift") || strings.Contains(s.Source, "isolated world") {
			t.Errorf("our own script is listed: %s", clip(s.Source, 80))
		}
		if part := want[s.Kind]; part != "" && strings.Contains(s.Source, part) && s.Ran && len(s.SHA256) == 64 {
			delete(want, s.Kind)
		}
	}
	if len(want) > 0 {
		t.Errorf("missing %v in %+v", want, page.Scripts)
	}
}

// TestLyingPage: what a page says of itself by its own JavaScript is not what
// is recorded.
func TestLyingPage(t *testing.T) {
	p := testPool(t, Options{Processes: 1})
	page := visit(t, p, Request{URL: html(t, `<!doctype html><h1>HACKED</h1><script>
		for (const o of [Element.prototype, HTMLElement.prototype, Document.prototype, Node.prototype])
			for (const k of ["outerHTML", "innerHTML", "innerText", "textContent", "scrollHeight", "title"])
				try { Object.defineProperty(o, k, { get: () => "All is well" }) } catch (e) {}
		Document.prototype.getElementsByTagName = () => []; Object.prototype.toString = () => "x"; Promise = Array = null</script>`)})
	wantOutcome(t, page, OK)
	wantText(t, page, "HACKED")
}

// TestUnrest: things that would hold a browser up, or fill our memory, do
// neither.
func TestUnrest(t *testing.T) {
	p := testPool(t, Options{Processes: 2})
	for name, script := range map[string]string{
		"beforeunload": `addEventListener("beforeunload", (e) => { e.preventDefault(); e.returnValue = "stay" })`,
		"print":        `print()`,
		"console":      `for (let i = 0; i < 20000; i++) console.error("line " + i)`,
		"permissions":  `navigator.geolocation.getCurrentPosition(() => {}); Notification.requestPermission(); navigator.mediaDevices?.getUserMedia({ video: true })`,
		"debugger":     `debugger`,
		"exception":    `throw new Error("boom")`,
		"cyclic":       `setInterval(() => {}, 0); Promise.resolve().then(function f() { setTimeout(f, 0) })`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := visit(t, p, Request{URL: html(t, "<!doctype html><h1>Here</h1><script>"+script+"</script>")})
			wantOutcome(t, page, OK)
			wantText(t, page, "Here")
			if len(page.Console) > maxConsole {
				t.Errorf("%d console lines", len(page.Console))
			}
			if name == "exception" && (len(page.Console) != 1 || !strings.Contains(page.Console[0], "boom")) {
				t.Errorf("console %q", page.Console)
			}
		})
	}
}

package render

import (
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
)

// A watch records what happens in one tab. Its methods on events run on the
// goroutine that reads the pipe, everything else holds mu; wake tells the
// capture that something it may wait for has changed.
type watch struct {
	tab  *tab
	wake chan struct{}

	mu      sync.Mutex
	started time.Time
	phase

	resources []Resource
	content   content
	byRequest map[network.RequestID]int // index in resources, of those in it
	dropped   int                       // resources over the bound
	redirects []Redirect
	hop       hop
	main      mainResponse
	before    mainResponse // the document that stands while the next one is asked for

	dialogs   []Dialog
	downloads []DownloadAttempt
	popups    []string
	windows   int // that the page tried to open
	console   []string
	asks      map[Ask]bool
	messages  int // console messages of any kind
	unread    int // console errors over the bound

	asksInOrder []Ask
	unasked     int // asks over the bound

	scripts  []heardScript
	unheard  int // scripts over the bound
	children map[target.SessionID]string
	held     int // workers over the bound

	timings Timings
}

// phase is how far the page has come.
type phase struct {
	navigations int  // documents committed in the main frame
	parsed      bool // DOMContentLoaded of the current document
	loaded      bool // load event of the current document
	expired     int  // virtual time budgets used up
	crashed     bool
	looping     bool   // more dialogs than maxDialogs
	flood       string // which bound on content was met, "" if none
	lastTraffic time.Time
}

func newWatch() *watch {
	return &watch{
		wake:      make(chan struct{}, 1),
		byRequest: make(map[network.RequestID]int),
		children:  make(map[target.SessionID]string),
	}
}

// attach starts to listen to the page and the browser of t.
func (w *watch) attach(t *tab) {
	w.tab = t
	t.proc.wire.listen(t.page.id, func(m string, p jsonv2.Value) { w.event(t.page, m, p) })
	t.proc.wire.listen("", t.onBrowser)
}

func (w *watch) detach() {
	if w.tab == nil {
		return
	}
	w.tab.proc.wire.listen(w.tab.page.id, nil)
	w.tab.proc.wire.listen("", nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.children {
		w.tab.proc.wire.listen(id, nil)
	}
}

// begin sets the zero of the capture's clock.
func (w *watch) begin(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started = at
	w.lastTraffic = at
}

// now returns the phase.
func (w *watch) now() phase {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.phase
}

func (w *watch) changed() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// on decodes the parameters of an event and hands them to f under the lock.
// Events that do not decode are a newer Chrome's, and of no use to us.
func on[E any](w *watch, params jsonv2.Value, f func(*E)) {
	ev := new(E)
	if jsonv2.Unmarshal(params, ev, jsonv2.AllowInvalidUTF8(true)) != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f(ev)
}

// event handles one event of the page or of one of its workers (s says which).
func (w *watch) event(s session, method string, params jsonv2.Value) {
	switch method {
	case network.RequestWillBeSent.Method:
		on(w, params, w.request)
	case network.ResponseReceived.Method:
		on(w, params, w.response)
	case network.ResponseReceivedExtraInfo.Method:
		w.extraInfo(params)
	case network.LoadingFinished.Method:
		on(w, params, w.finished)
	case network.LoadingFailed.Method:
		on(w, params, w.failed)
	case network.DataReceived.Method:
		on(w, params, w.data)
	case network.WebSocketCreated.Method:
		on(w, params, w.webSocket)
	case debugger.ScriptParsed.Method:
		on(w, params, func(ev *scriptParsed) { w.scriptParsed(s, ev) })
	case network.WebTransportCreated.Method:
		on(w, params, w.webTransport)
	case target.AttachedToTarget.Method:
		on(w, params, w.attached)
	case target.DetachedFromTarget.Method:
		on(w, params, func(ev *target.EventDetachedFromTarget) { delete(w.children, ev.SessionID) })
	case runtime.ExceptionThrown.Method, runtime.ConsoleAPICalled.Method, log.EntryAdded.Method:
		w.consoleMessage(s, method, params)
	case runtime.BindingCalled.Method:
		w.asked(s, params)
	case inspector.TargetCrashed.Method:
		w.mark(func() { w.phase.crashed = true })
	case emulation.VirtualTimeBudgetExpired.Method:
		w.mark(func() { w.expired++ })
	default:
		w.pageEvent(method, params)
	}
}

func (w *watch) pageEvent(method string, params jsonv2.Value) {
	switch method {
	case page.FrameNavigated.Method:
		on(w, params, w.navigated)
	case page.FrameRequestedNavigation.Method:
		on(w, params, w.navigationRequested)
	case page.DomContentEventFired.Method:
		w.mark(func() { w.parsed = true; w.timings.DOMContent = time.Since(w.started) })
	case page.LoadEventFired.Method:
		w.mark(func() { w.loaded = true; w.timings.Load = time.Since(w.started) })
	case page.JavascriptDialogOpening.Method:
		on(w, params, w.dialog)
	case page.WindowOpen.Method:
		on(w, params, w.windowOpen)
	}
}

// mark changes the phase and wakes the capture.
func (w *watch) mark(f func()) {
	w.mu.Lock()
	f()
	w.mu.Unlock()
	w.changed()
}

// dialog dismisses an alert, confirm, prompt or beforeunload. Until that is
// done the page and every command to it stand still.
func (w *watch) dialog(ev *page.EventJavascriptDialogOpening) {
	kind := ev.Type
	if len(w.dialogs) < maxDialogs+1 {
		w.dialogs = append(w.dialogs, Dialog{Kind: clip(string(kind), 20), Text: runes(ev.Message, maxDialogText)})
	}
	if len(w.dialogs) > maxDialogs && !w.looping {
		w.looping = true
		w.silence()
		w.changed()
	}
	// Leaving is what we want when the page asks whether to stay.
	accept := kind == page.DialogTypeBeforeunload
	send(w.tab.page, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: accept})
}

// silence stops the scripts of a page that will not stop by itself, so that
// what it shows can still be read.
func (w *watch) silence() {
	s := w.tab.page
	send(s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	send(s, runtime.TerminateExecution, cdp.Empty{})
	send(s, page.StopLoading, cdp.Empty{})
	send(s, emulation.SetVirtualTimePolicy, emulation.SetVirtualTimePolicyParams{Policy: emulation.VirtualTimePolicyPause})
}

func (w *watch) download(url, name string) {
	w.mark(func() {
		if len(w.downloads) < maxDownloads {
			w.downloads = append(w.downloads, DownloadAttempt{URL: clip(url, maxAddress), Name: runes(name, 255)})
		}
	})
}

// attached begins to watch a worker, which was halted for this, and closes any
// window that got as far as that. A worker too many stays halted: two hundred
// that spin leave the page itself no processor to be seen with.
func (w *watch) attached(ev *target.EventAttachedToTarget) {
	if ev.TargetInfo == nil {
		return
	}
	child := session{w.tab.proc.wire, ev.SessionID}
	if ev.TargetInfo.Type == "page" {
		send(w.tab.proc.browser(), target.CloseTarget, target.CloseTargetParams{TargetID: ev.TargetInfo.TargetID})
		return
	}
	if len(w.children) >= maxWorkers {
		w.held++
		return
	}
	w.children[ev.SessionID] = ev.TargetInfo.Type
	child.w.listen(child.id, func(m string, p jsonv2.Value) { w.event(child, m, p) })
	send(child, debugger.Enable, debugger.EnableParams{})
	send(child, debugger.SetSkipAllPauses, debugger.SetSkipAllPausesParams{Skip: true})
	send(child, network.Enable, smallBuffers)
	send(child, target.SetAutoAttach, autoAttach)
	send(child, runtime.RunIfWaitingForDebugger, cdp.Empty{})
}

// interrupt ends whatever script runs in the page and in its workers just now.
func (w *watch) interrupt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	send(w.tab.page, runtime.TerminateExecution, cdp.Empty{})
	for id := range w.children {
		send(session{w.tab.proc.wire, id}, runtime.TerminateExecution, cdp.Empty{})
	}
}

// crowded reports whether the page started more workers than may run.
func (w *watch) crowded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.held > 0
}

// consoleMessage keeps errors. A flood is answered by not listening any more,
// which the renderer hears only when the script that floods it has been
// interrupted. That is rough, and happens to no page that logs a lot: freeze.js
// lets a document say some hundreds of things, and ends what it says after that.
func (w *watch) consoleMessage(s session, method string, params jsonv2.Value) {
	const flood = 2_000
	w.mu.Lock()
	w.messages++
	n, kept := w.messages, len(w.console)
	w.mu.Unlock()
	if n == flood {
		send(s, runtime.Disable, cdp.Empty{})
		send(s, log.Disable, cdp.Empty{})
		if method != log.EntryAdded.Method {
			send(s, runtime.TerminateExecution, cdp.Empty{})
		}
	}
	if n > flood {
		return
	}
	on(w, params, func(ev *consoleEvent) {
		switch text := ev.text(method); {
		case text == "":
		case kept >= maxConsole:
			w.unread++
		default:
			w.console = append(w.console, runes(text, maxConsoleText))
		}
	})
}

// consoleEvent is what the three events that report errors have of interest.
type consoleEvent struct {
	Type string `json:"type"`
	Args []struct {
		Value       jsonv2.Value `json:"value"`
		Description string       `json:"description"`
	} `json:"args"`
	Entry struct {
		Level string `json:"level"`
		Text  string `json:"text"`
		URL   string `json:"url"`
	} `json:"entry"`
	ExceptionDetails struct {
		Text      string `json:"text"`
		URL       string `json:"url"`
		Exception struct {
			Description string `json:"description"`
		} `json:"exception"`
	} `json:"exceptionDetails"`
}

func (ev *consoleEvent) text(method string) string {
	switch {
	case method == runtime.ExceptionThrown.Method:
		return ev.ExceptionDetails.Text + " " + ev.ExceptionDetails.Exception.Description
	case method == log.EntryAdded.Method && ev.Entry.Level == "error":
		return ev.Entry.Text + " " + clip(ev.Entry.URL, 200)
	case method == runtime.ConsoleAPICalled.Method && ev.Type == "error" && len(ev.Args) > 0:
		if d := ev.Args[0].Description; d != "" {
			return d
		}
		return clip(string(ev.Args[0].Value), 4*maxConsoleText)
	}
	return ""
}

// clip cuts s to n bytes, at the start of a rune. What it cuts it copies: a
// part of a string keeps the whole of it in memory, and a page can name
// addresses of many megabytes by the thousand.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}

// runes cuts s to n runes.
func runes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return strings.Clone(s[:i])
		}
		n--
	}
	return s
}

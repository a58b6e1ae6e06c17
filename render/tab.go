package render

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/browser"
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

	"pasban/render/egress"
)

// freezeScript is given to every document before its own scripts.
//
//go:embed freeze.js
var freezeScript string

// A tab is all one capture needs, made before it is asked for: a browser
// context with nothing in it, a proxy that is its only way out, and a page that
// reports to a watch.
type tab struct {
	proc    *process
	proxy   *egress.Proxy
	context cdp.BrowserContextID
	target  target.ID
	page    session
	watch   *watch
}

// openTab makes a tab in p, which takes milliseconds, or gives up after limit:
// a browser that hangs must not hold up a seat. The proxy has no lifetime of
// its own: it ends with the tab, which may wait long for its capture.
func (p *process) openTab(ctx context.Context, policy egress.Policy, limit time.Duration) (*tab, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	policy.Budget.Lifetime = 30 * 24 * time.Hour
	proxy, err := egress.Listen(context.WithoutCancel(ctx), policy)
	if err != nil {
		return nil, fmt.Errorf("opening the capture's proxy: %w", err)
	}
	t := &tab{proc: p, proxy: proxy, watch: newWatch()}
	if err := t.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening a tab: %w", err), proxy.Close())
	}
	return t, nil
}

func (t *tab) open(ctx context.Context) error {
	b := t.proc.browser()
	made, err := call(ctx, b, target.CreateBrowserContext, target.CreateBrowserContextParams{
		DisposeOnDetach: new(true),
		ProxyServer:     "http://" + t.proxy.Addr(),
		ProxyBypassList: "<-loopback>",
	})
	if err != nil {
		return err
	}
	t.context = made.BrowserContextID
	send(b, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorDeny, BrowserContextID: t.context, EventsEnabled: new(true),
	})
	opened, err := call(ctx, b, target.CreateTarget, target.CreateTargetParams{
		URL: "about:blank", BrowserContextID: t.context, Width: 1366, Height: 768,
	})
	if err != nil {
		return err
	}
	t.target = opened.TargetID
	attached, err := call(ctx, b, target.AttachToTarget, target.AttachToTargetParams{
		TargetID: t.target, Flatten: new(true),
	})
	if err != nil {
		return err
	}
	t.page = session{t.proc.wire, attached.SessionID}
	t.watch.attach(t)
	return t.prepare(ctx)
}

// prepare turns on what the watch listens to and off what a page could abuse.
func (t *tab) prepare(ctx context.Context) error {
	s := t.page
	return all(ctx,
		send(s, page.Enable, page.EnableParams{}),
		send(s, network.Enable, smallBuffers),
		send(s, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}),
		send(s, runtime.Enable, cdp.Empty{}),
		send(s, log.Enable, cdp.Empty{}),
		send(s, inspector.Enable, cdp.Empty{}),
		send(s, debugger.Enable, debugger.EnableParams{}),
		send(s, debugger.SetSkipAllPauses, debugger.SetSkipAllPausesParams{Skip: true}),
		send(s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
		}),
		send(s, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: freezeScript}),
		send(s, runtime.AddBinding, runtime.AddBindingParams{Name: asksBinding}),
		send(s, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: asksScript}),
		send(s, target.SetAutoAttach, autoAttach),
	)
}

// smallBuffers keeps Chrome from storing response bodies for us to ask for.
var smallBuffers = network.EnableParams{MaxTotalBufferSize: new(int64(1)), MaxResourceBufferSize: new(int64(1))}

// autoAttach brings workers under the same watch, halted until it has begun.
var autoAttach = target.SetAutoAttachParams{AutoAttach: true, WaitForDebuggerOnStart: true, Flatten: new(true)}

// usable is false for a tab that has died while it waited for its capture.
func (t *tab) usable() bool { return !t.proc.dead() && !t.watch.now().crashed }

// close cuts the tab off and throws its context away. It waits for nothing but
// the proxy, whose end also ends whatever the page still sends.
func (t *tab) close() error {
	t.watch.detach()
	err := t.proxy.Close()
	if t.context != "" && !t.proc.dead() {
		send(t.proc.browser(), target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: t.context})
	}
	if err != nil {
		return fmt.Errorf("closing the capture's proxy: %w", err)
	}
	return nil
}

// onBrowser handles the events of the browser itself: windows that pages open
// and downloads that they start.
func (t *tab) onBrowser(method string, params jsonv2.Value) {
	switch method {
	case target.TargetCreated.Method:
		t.windowCreated(params)
	case browser.DownloadWillBegin.Method:
		var ev browser.EventDownloadWillBegin
		if jsonv2.Unmarshal(params, &ev) == nil {
			t.watch.download(ev.URL, ev.SuggestedFilename)
		}
	}
}

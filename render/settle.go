package render

import (
	"context"
	_ "embed"
	"strconv"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

//go:embed settle.js
var settleScript string

//go:embed still.js
var stillScript string

// How long a page is given. Virtual time runs as fast as the machine can and
// stands still while anything is loading, so that its budgets are cheap; the
// others are real time and guard against pages on which it never runs out, such
// as one that holds a stream open.
const (
	loadBudget       = 3000 * time.Millisecond // virtual, from the commit of the document
	scrollBudget     = 500 * time.Millisecond  // virtual, after scrolling
	afterLoad        = 2500 * time.Millisecond // real, from the load event
	afterTraffic     = 4 * time.Second         // real, from the last response, if the document is parsed
	fontWait         = 2 * time.Second         // real
	answerTimeout    = 3 * time.Second         // real: a renderer that takes longer is hung
	interruptTimeout = 8 * time.Second         // real: what it may leave undone after its script was ended
	scrollSteps      = maxPicture/768 + 1      // windows of the page: as far down as the picture goes
)

// settle waits until nothing more is expected of the page: virtual time has run
// out, or a guard, or the soft deadline.
func (c *capture) settle(ctx context.Context) {
	c.awaitDocument(ctx)
	why := c.await(ctx, loadBudget)
	c.ended = c.watch.now().parsed
	if why == "" {
		c.scroll(ctx)
		c.ended = c.watch.now().parsed
	} else {
		c.log("%s", why)
	}
	c.page.Timings.Settled = time.Since(c.page.Started)
}

// awaitDocument waits until the page has told of its document. On a busy machine
// Chrome's answer to the navigation comes first, and a document that turns up
// after its allowance of virtual time looks like another one: it would get two.
func (c *capture) awaitDocument(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	for {
		if ph := c.watch.now(); ph.navigations > 0 || ph.crashed {
			return
		}
		select {
		case <-c.watch.wake:
		case <-c.tab.proc.wire.lost:
			return
		case <-ctx.Done():
			return
		}
	}
}

// await grants the page virtual time and waits for it to be used up. It returns
// why it waited no longer, "" if it was used up.
func (c *capture) await(ctx context.Context, budget time.Duration) string {
	c.grant(budget)
	seen := c.watch.now().navigations
	guard := time.NewTicker(100 * time.Millisecond)
	defer guard.Stop()
	for {
		ph := c.watch.now()
		if ph.navigations != seen && ph.navigations <= maxNavigations {
			seen = ph.navigations // a new document, and a new allowance
			c.grant(budget)
		}
		if done, why := ph.over(time.Now(), c.watch.loadedAt()); done {
			return why
		}
		select {
		case <-c.watch.wake:
		case <-guard.C:
		case <-c.tab.proc.wire.lost:
			return "the browser ended"
		case <-ctx.Done():
			c.late = true
			send(c.tab.page, page.StopLoading, cdp.Empty{})
			return "soft deadline: load stopped"
		}
	}
}

// over says whether a page in this phase has to be waited for.
func (ph phase) over(now, loadedAt time.Time) (bool, string) {
	switch {
	case ph.crashed:
		return true, "the renderer crashed"
	case ph.looping:
		return true, "too many dialogs"
	case ph.navigations > maxNavigations:
		return true, "too many navigations"
	case ph.flood != "":
		return true, "too much content"
	case ph.expired > 0:
		return true, ""
	case ph.loaded && now.Sub(loadedAt) > afterLoad:
		return true, "guard: virtual time did not run out after the load event"
	case ph.parsed && !ph.loaded && now.Sub(ph.lastTraffic) > afterTraffic:
		return true, "guard: a resource hangs and holds up the load event"
	}
	return false, ""
}

// grant gives the page some virtual time.
func (c *capture) grant(budget time.Duration) {
	c.watch.mark(func() { c.watch.expired = 0 })
	send(c.tab.page, emulation.SetVirtualTimePolicy, emulation.SetVirtualTimePolicyParams{
		Policy: emulation.VirtualTimePolicyPauseIfNetworkFetchesPending,
		Budget: new(float64(budget.Milliseconds())), MaxVirtualTimeTaskStarvationCount: 10_000,
	})
}

// scroll goes through the page once so that what waits to be seen is loaded.
func (c *capture) scroll(ctx context.Context) {
	type result struct {
		Scrolled int    `json:"scrolled"`
		Pending  bool   `json:"pending"`
		Fonts    string `json:"fonts"`
	}
	stepCtx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	got, err := evaluate[result](stepCtx, c.tab.page, c.watch.mainFrame(), settleScript, strconv.Itoa(scrollSteps))
	if err != nil {
		c.log("scrolling: %v", err)
		return
	}
	if got.Scrolled > 0 || got.Pending || got.Fonts != "loaded" {
		if why := c.await(ctx, scrollBudget); why != "" {
			c.log("after scrolling: %s", why)
		}
	}
}

// measured is what still.js reports.
type measured struct {
	Nodes  int     `json:"nodes"` // elements, texts and comments, without closed shadow trees
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
	Fonts  string  `json:"fonts"`
}

func (c *capture) measure(ctx context.Context, patience time.Duration) (measured, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return evaluate[measured](ctx, c.tab.page, c.watch.mainFrame(), stillScript, "")
}

// still stops what moves and measures the page. It returns false when there is
// no tree to read: the renderer hung, or the tree is over the bound, which is
// met here because Chrome would send any tree whole.
func (c *capture) still(ctx context.Context) bool {
	if c.big = c.watch.now().flood; c.big != "" {
		return false
	}
	if c.watch.now().navigations > maxNavigations {
		c.hold(ctx)
	}
	got, err := c.measure(ctx, answerTimeout)
	if ph := c.watch.now(); err != nil && !c.gone() && !ph.looping && ph.navigations <= maxNavigations {
		// A script that never returns is interrupted; what it left is evidence.
		c.hung = true
		c.log("the renderer hung (%v); interrupting its script", err)
		c.watch.interrupt()
		got, err = c.measure(ctx, interruptTimeout)
	}
	if err != nil {
		c.log("measuring the page: %v", err)
		return false
	}
	if code := c.watch.mainDocument().broken; code != "" && got.Nodes == 0 {
		c.loadErr = code // nothing of it came, and a picture of nothing would be waited for in vain
		return false
	}
	c.whole = size{clampInt(got.Width), clampInt(got.Height)}
	if got.Nodes > 2*maxNodes {
		c.big = strconv.Itoa(got.Nodes) + " nodes"
		return false
	}
	return true
}

// hold keeps a page that leads on without end where it is: once its clock is
// known to stand still it asks for no further document, and the one that it has
// asked for is called off.
func (c *capture) hold(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	_, err := call(ctx, c.tab.page, emulation.SetVirtualTimePolicy, emulation.SetVirtualTimePolicyParams{Policy: emulation.VirtualTimePolicyPause})
	if err == nil {
		_, err = call(ctx, c.tab.page, page.StopLoading, cdp.Empty{})
	}
	if err != nil {
		c.log("holding a page that leads on: %v", err)
	}
}

// gone reports whether there is no page left to ask.
func (c *capture) gone() bool { return c.watch.now().crashed || c.tab.proc.dead() }

// clampInt converts a length that the renderer named.
func clampInt(f float64) int {
	if !(f > 0) { // NaN too
		return 0
	}
	return int(min(f, 1<<30))
}

package render

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net"
	"strings"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/domsnapshot"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"pasban/render/egress"
)

// maxLog bounds the lines of a capture's own log.
const maxLog = 200

// A capture is one look being taken: a Page that fills up.
type capture struct {
	req   Request
	view  size
	page  *Page
	tab   *tab
	watch *watch
	lib   *library

	loadErr  string // net:: code of the navigation, "" if it succeeded
	strict   string // net:: code of the strict TLS load
	download bool   // the navigation became a download
	late     bool   // the soft deadline passed
	ended    bool   // parsing of the main document ended in time
	hung     bool   // the renderer did not answer
	frozen   bool   // nor did the browser itself
	slow     string // what was asked of the page and not had in time, "" if nothing
	whole    size   // of the document
	big      string // why the page is too big, "" if it is not
	snapshot *cdproto.Message
	sources  []parsedScript
}

// newCapture starts the clock of a look. The request is complete and checked.
func newCapture(req Request, t *tab, lib *library) *capture {
	c := &capture{req: req, tab: t, watch: t.watch, lib: lib, view: size{req.Width, req.Height}}
	c.page = &Page{URL: req.URL, FinalURL: req.URL, Started: time.Now(), Browser: t.proc.version}
	c.watch.begin(c.page.Started)
	t.proc.used.begin()
	return c
}

// withDefaults documents itself in Request.
func (r Request) withDefaults() Request {
	if r.Mobile && r.Width <= 0 && r.Height <= 0 {
		r.Width, r.Height = 390, 844
	}
	r.Width, r.Height = orDefault(r.Width, 1366), orDefault(r.Height, 768)
	r.Width, r.Height = min(r.Width, 4096), min(r.Height, 4096)
	r.Soft, r.Hard = orDefault(r.Soft, defaultSoft), orDefault(r.Hard, defaultHard)
	r.Hard = max(r.Hard, r.Soft)
	if r.Locale == "" {
		r.Locale = "en-US"
	}
	if r.TimeZone == "" {
		r.TimeZone = "Asia/Karachi"
	}
	return r
}

func orDefault[T int | int64 | time.Duration](v, d T) T {
	if v <= 0 {
		return d
	}
	return v
}

// run takes the look. What it returns is an error of the machine; what the site
// did is in the capture.
func (c *capture) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.req.Hard)
	defer cancel()
	soft, cancelSoft := context.WithTimeout(ctx, c.req.Soft)
	defer cancelSoft()

	if err := c.navigate(soft); err != nil {
		return err
	}
	if c.hasDocument() {
		c.settle(soft)
		c.take(ctx)
	}
	c.frozen = !c.tab.proc.answers(context.WithoutCancel(ctx), c.patience())
	c.page.Memory = c.tab.proc.used.most()
	c.page.Timings.Done = time.Since(c.page.Started)
	return c.machineError(ctx)
}

// patience is how long the browser may take to say that it is alive when the
// look is over: until a moment after the hard deadline at the most.
func (c *capture) patience() time.Duration {
	left := time.Until(c.page.Started.Add(c.req.Hard))
	return min(max(left, 0)+250*time.Millisecond, answerTimeout)
}

// machineError is the browser's end if it was not the page's doing.
func (c *capture) machineError(ctx context.Context) error {
	if !c.tab.proc.dead() {
		return nil
	}
	if over := c.tab.proc.used.overBudget(); over != "" {
		c.big = over
		return nil
	}
	if errors.Is(c.tab.proc.wire.reason(), errMessage) {
		c.big = errMessage.Error()
		return nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return fmt.Errorf("%w during %s", ErrDied, c.req.URL)
}

// hasDocument reports whether there is anything of the site to take.
func (c *capture) hasDocument() bool {
	return c.loadErr == "" && !c.download && !c.tab.proc.dead() && !c.ourAnswer()
}

// take reads what is there: the tree, the picture, the scripts. The commands go
// out together; the renderer answers them in order, so that the tree and the
// picture are of the same instant.
func (c *capture) take(ctx context.Context) {
	if c.watch.now().crashed {
		return
	}
	s := c.tab.page
	if !c.still(ctx) {
		if c.whole.h > 0 { // it is too large to be read, and can still be seen
			c.runTime()
			c.shoot(ctx, askShot(s, c.view, c.view), false)
		}
		return
	}
	if c.watch.now().looping { // its scripts are off
		c.runTime()
	}
	of, cut := c.whole.within(c.view)
	c.page.Truncated = append(c.page.Truncated, cut...)
	tree := send(s, domsnapshot.CaptureSnapshot, domsnapshot.CaptureSnapshotParams{
		ComputedStyles: snapshotStyles, IncludeDOMRects: new(true),
	})
	shot := askShot(s, of, c.view)
	scripts, unasked := askSources(c.watch.heard(), c.lib)
	if unasked > 0 {
		c.cut("%d script sources over %d bytes in all", unasked, maxScriptSources)
	}

	treeCtx, cancel := context.WithTimeout(ctx, shotTimeout)
	defer cancel()
	var err error
	if c.snapshot, err = tree.raw(treeCtx); err != nil {
		c.log("no tree: %v", err)
		c.tooSlow(err, "read")
	}
	c.page.Timings.Snapshot = time.Since(c.page.Started)
	c.shoot(ctx, shot, of != c.view)
	c.sources = collectSources(treeCtx, scripts, c.lib)
}

// tooSlow notes that a page which had arrived did not let itself be read, or
// painted, in the time there is for that.
func (c *capture) tooSlow(err error, what string) {
	if c.slow == "" && errors.Is(err, context.DeadlineExceeded) {
		c.slow = what
	}
}

// finish fills in the rest of the page. The browser is not needed any more.
func (c *capture) finish() *Page {
	p := c.page
	c.watch.report(p)
	p.Network = c.tab.proxy.Verdicts()
	c.describeMain()
	if c.snapshot != nil {
		c.readTree()
	}
	p.derive()
	p.Scripts = joinScripts(c.sources, p)
	p.Condition = condition(p)
	if p.Condition == Ordinary && blankPicture(p.Screenshot) && strings.TrimSpace(p.VisibleText()) == "" {
		p.Condition = Blank
	}
	c.decide()
	return p
}

// readTree decodes the snapshot.
func (c *capture) readTree() {
	var res domsnapshot.CaptureSnapshotResult
	if err := jsonv2.Unmarshal(c.snapshot.Result, &res, chromedp.DefaultUnmarshalOptions); err != nil {
		c.log("decoding the tree: %v", err)
		return
	}
	c.snapshot = nil
	t := snapshotNodes(res.Documents, res.Strings, maxNodes)
	c.page.Nodes, c.page.Frames = t.nodes, t.frames
	c.page.Truncated = append(c.page.Truncated, t.truncated...)
}

// describeMain fills in what is known of the main document's response.
func (c *capture) describeMain() {
	p, main := c.page, c.watch.mainDocument()
	if main.url != "" {
		p.FinalURL = withoutFragment(clip(main.url, maxAddress))
	}
	if main.got && !c.ourAnswer() {
		p.Status, p.MIME, p.TLS = main.Status, mimeType(main.MIME), main.tls
		p.Headers = main.extra
		if p.Headers == nil {
			p.Headers = headers(main.Headers)
		}
	}
	if c.download {
		c.addMainDownload()
	}
	if c.strict != "" {
		if p.TLS == nil {
			p.TLS = &TLS{}
		}
		p.TLS.Error = c.strict
	}
	p.RemoteIPs = dialled(p.Network, p.FinalURL)
}

// addMainDownload lists the file that the URL answered with. Chrome announces
// the downloads that a page starts, and this one only sometimes.
func (c *capture) addMainDownload() {
	d := mainDownload(c.page)
	for i := range c.page.Downloads {
		if c.page.Downloads[i].URL == d.URL {
			c.page.Downloads[i].MIME = d.MIME
			return
		}
	}
	c.page.Downloads = append(c.page.Downloads, d)
}

func mainDownload(p *Page) DownloadAttempt {
	d := DownloadAttempt{URL: clip(p.FinalURL, maxAddress), MIME: p.MIME}
	for _, h := range p.Headers {
		if h.Name == "content-disposition" {
			if _, params, err := mime.ParseMediaType(h.Value); err == nil {
				d.Name = runes(params["filename"], 255)
			}
		}
	}
	return d
}

// evaluate calls a function of ours in a world of the main frame that shares
// the page's documents and none of its objects.
func evaluate[T any](ctx context.Context, s session, frame cdp.FrameID, function string, arg string) (T, error) {
	var out T
	world, err := call(ctx, s, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
		FrameID: frame, WorldName: "pasban", GrantUniveralAccess: new(true),
	})
	if err != nil {
		return out, fmt.Errorf("making an isolated world: %w", err)
	}
	res, err := call(ctx, s, runtime.Evaluate, runtime.EvaluateParams{
		Expression: "(" + function + ")(" + arg + ")", ContextID: world.ExecutionContextID,
		ReturnByValue: new(true), AwaitPromise: new(true), Silent: new(true),
	})
	if err != nil {
		return out, err
	}
	if res.ExceptionDetails != nil {
		return out, fmt.Errorf("in the isolated world: %s", clip(res.ExceptionDetails.Text, 200))
	}
	if res.Result == nil || jsonv2.Unmarshal(res.Result.Value, &out) != nil {
		return out, errors.New("the isolated world gave no value")
	}
	return out, nil
}

// log adds a line to the capture's own log.
func (c *capture) log(format string, args ...any) {
	if len(c.page.Log) < maxLog {
		c.page.Log = append(c.page.Log, LogLine{time.Since(c.page.Started), clip(fmt.Sprintf(format, args...), 1000)})
	}
}

// cut notes that a bound was met.
func (c *capture) cut(format string, args ...any) {
	c.page.Truncated = append(c.page.Truncated, fmt.Sprintf(format, args...))
}

// dialled lists the addresses the proxy dialled for the host of rawURL.
func dialled(list []egress.Verdict, rawURL string) []string {
	host, _ := hostPort(rawURL)
	var ips []string
	seen := make(map[string]bool)
	for _, v := range list {
		ip := v.Address
		if addr, _, err := net.SplitHostPort(ip); err == nil {
			ip = addr
		}
		if v.Host == host && ip != "" && !seen[ip] {
			seen[ip] = true
			ips = append(ips, ip)
		}
	}
	return ips
}

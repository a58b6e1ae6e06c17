package render

import (
	"fmt"
	"net/http"
	"strings"

	"pasban/render/egress"
)

// decide gives the capture its outcome: the first rule that fits, the gravest
// first. What the site did is told in Detail.
func (c *capture) decide() {
	for _, rule := range outcomeRules {
		if outcome, detail := rule(c); outcome != "" {
			c.page.Outcome, c.page.Detail = outcome, detail
			return
		}
	}
	c.page.Outcome, c.page.Detail = OK, conditionWords[c.page.Condition]
}

// An outcomeRule gives an outcome and why, or "" if it does not apply.
type outcomeRule func(*capture) (Outcome, string)

// outcomeRules in their order: what ended the capture, what kept the document
// from coming, what came instead of it, and how it came.
var outcomeRules = []outcomeRule{
	overBudget, badlyBehaved, deadOrHung, neverLeft, notLoaded, byStatus, byCondition, byKind, cutShort, handsOut,
}

func overBudget(c *capture) (Outcome, string) {
	if c.big != "" {
		return TooBig, c.big
	}
	if why := c.tab.proxy.Exceeded(); why != "" {
		return TooBig, "network: " + why
	}
	return "", ""
}

func deadOrHung(c *capture) (Outcome, string) {
	switch {
	case c.watch.now().crashed:
		return Crashed, "the renderer process died"
	case c.frozen:
		return Unresponsive, "the browser itself stopped answering"
	case c.hung:
		return Unresponsive, "a script of the page did not return"
	}
	return "", ""
}

func badlyBehaved(c *capture) (Outcome, string) {
	ph := c.watch.now()
	switch {
	case ph.looping:
		return DialogLoop, "more than 20 dialogs"
	case ph.navigations > maxNavigations || c.loadErr == "net::ERR_TOO_MANY_REDIRECTS":
		return RedirectLoop, orWord(explained(c.loadErr), "more than 10 documents by script or meta refresh")
	case c.download && !viewable(c.page):
		return Download, "the URL answered with a file to save"
	case c.download:
		return NotHTML, c.page.MIME
	}
	return "", ""
}

// viewable reports whether a file that Chrome wanted to save is one that a
// visitor's browser would have shown: the headless shell has no viewer for PDF.
func viewable(p *Page) bool {
	for _, h := range p.Headers {
		if h.Name == "content-disposition" && !strings.HasPrefix(strings.ToLower(h.Value), "inline") {
			return false
		}
	}
	kind, _, _ := strings.Cut(p.MIME, "/")
	return p.MIME == "application/pdf" || kind == "image" || kind == "video" || kind == "audio" || kind == "text"
}

// neverLeft explains a document that our own proxy refused or could not fetch.
func neverLeft(c *capture) (Outcome, string) {
	if c.loadErr == "" && !c.ourAnswer() {
		return "", ""
	}
	v, ok := c.lastDial()
	if !ok {
		return "", ""
	}
	detail := v.Host + ": " + withCode(reasonWords[v.Reason], v.Reason)
	switch v.Reason {
	case egress.ReasonPrivate, egress.ReasonOwn, egress.ReasonPort, egress.ReasonName:
		return EgressDenied, detail
	case egress.ReasonNoName, egress.ReasonDNS:
		return DNSError, detail
	case egress.ReasonDial:
		return Unreachable, detail
	case egress.ReasonBytes, egress.ReasonConns, egress.ReasonHosts, egress.ReasonLifetime:
		return TooBig, detail
	}
	return "", ""
}

// lastDial is the last the proxy heard of the main document's host.
func (c *capture) lastDial() (egress.Verdict, bool) {
	url := c.watch.mainDocument().url
	if url == "" {
		url = c.req.URL
	}
	host, port := hostPort(url)
	return c.tab.proxy.Last(host, port)
}

// ourAnswer reports whether the main document is the proxy's refusal and not
// the site's. A plain-HTTP request is refused with a response, and Chrome shows
// it like any other; a tunnel that is refused fails the load.
func (c *capture) ourAnswer() bool {
	main := c.watch.mainDocument()
	if !main.got || !strings.HasPrefix(main.url, "http:") || main.Status != 403 && main.Status != 502 {
		return false
	}
	v, ok := c.lastDial()
	return ok && (!v.Allowed || v.Reason == egress.ReasonDial)
}

// notLoaded sorts Chrome's net:: codes.
func notLoaded(c *capture) (Outcome, string) {
	code := c.loadErr
	switch {
	case code == "":
		return "", ""
	case c.late:
		return TimeoutConnect, code
	case certificateError(code), strings.Contains(code, "_SSL_"):
		return TLSError, explained(code)
	case strings.HasPrefix(code, "net::ERR_NAME_"), strings.HasPrefix(code, "net::ERR_DNS_"):
		return DNSError, code
	case strings.Contains(code, "TIMED_OUT"):
		return TimeoutConnect, code
	case code == "net::ERR_INVALID_AUTH_CREDENTIALS":
		return AuthRequired, code
	case code == "net::ERR_BLOCKED_BY_CLIENT", code == "net::ERR_BLOCKED_BY_ADMINISTRATOR":
		return EgressDenied, code
	}
	return Unreachable, explained(code)
}

func byStatus(c *capture) (Outcome, string) {
	p := c.page
	switch {
	case p.Status == 401, p.Status == 407:
		return AuthRequired, "the site asks for a password"
	case c.strict != "":
		return TLSError, c.distrust()
	case p.Condition == Challenge:
		return "", ""
	case p.Status >= 400:
		return HTTPError, fmt.Sprintf("status %d %s", p.Status, http.StatusText(p.Status))
	}
	return "", ""
}

// distrust tells why the certificate was refused: Chrome's reason, and what
// can be seen to be wrong with it beside that.
func (c *capture) distrust() string {
	host, _ := hostPort(c.page.FinalURL)
	if more := c.page.TLS.faults(host, c.page.Started); more != "" {
		return explained(c.strict) + "; " + more
	}
	return explained(c.strict)
}

func byCondition(c *capture) (Outcome, string) {
	if c.page.Condition == Challenge {
		return BlockedByWAF, conditionWords[Challenge]
	}
	return "", ""
}

func byKind(c *capture) (Outcome, string) {
	switch c.page.MIME {
	case "", "text/html", "application/xhtml+xml":
		return "", ""
	}
	return NotHTML, c.page.MIME
}

func cutShort(c *capture) (Outcome, string) {
	if code := c.watch.mainDocument().broken; code != "" {
		return TimeoutPartial, "the document did not arrive whole: " + explained(code)
	}
	if c.late && !c.ended {
		return TimeoutPartial, "the document had not arrived whole at the deadline"
	}
	if c.late {
		return TimeoutPartial, "still loading at the deadline"
	}
	if c.slow != "" {
		return TimeoutPartial, "the page could not be " + c.slow + " in time"
	}
	return "", ""
}

// handsOut comes last: a page that starts a download is there all the same, and
// whatever else is the matter with it says more.
func handsOut(c *capture) (Outcome, string) {
	if len(c.page.Downloads) == 0 {
		return "", ""
	}
	return Download, "the page gave its visitor a file unasked"
}

// reusable reports whether the browser may show another site after this one,
// judged before the page is read: a page that did no more than answer, whatever
// its answer was, leaves nothing behind once its context is gone.
func (c *capture) reusable() bool {
	ph := c.watch.now()
	return !ph.crashed && !ph.looping && ph.navigations <= maxNavigations &&
		!c.hung && !c.frozen && !c.late && c.slow == "" && !c.watch.crowded() && !c.download && c.big == "" && c.tab.proxy.Exceeded() == "" &&
		!c.req.FreshProcess && !c.tab.proc.dead()
}

func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return s
}

// Lasts reports whether an outcome is one that does not pass by itself: the site is
// gone, leads nowhere, or does not let us in. detail is that of the page. A name
// that does not exist lasts; a name server that gives no answer does not.
func (o Outcome) Lasts(detail string) bool {
	switch o {
	case EgressDenied, BlockedByWAF, AuthRequired, RedirectLoop, NotHTML:
		return true
	case DNSError:
		return strings.Contains(detail, "("+egress.ReasonNoName+")")
	}
	return false
}

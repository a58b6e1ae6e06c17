package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

// The events of the Network domain, with the fields we read and no others:
// they are the bulk of what Chrome sends, and decoding them whole costs more
// than the rest of a capture in Go.
type (
	requestSent struct {
		RequestID network.RequestID `json:"requestId"`
		FrameID   cdp.FrameID       `json:"frameId"`
		Type      string            `json:"type"`
		Request   struct {
			URL      string `json:"url"`
			Method   string `json:"method"`
			PostData string `json:"postData"`
		} `json:"request"`
		Initiator struct {
			Type  string     `json:"type"`
			URL   string     `json:"url"`
			Stack stackTrace `json:"stack"`
		} `json:"initiator"`
		RedirectResponse *response `json:"redirectResponse"`
	}
	response struct {
		URL      string           `json:"url"`
		Status   int              `json:"status"`
		Headers  jsonv2.Value     `json:"headers"`
		MIME     string           `json:"mimeType"`
		IP       string           `json:"remoteIPAddress"`
		Security *securityDetails `json:"securityDetails"`
	}
	responseReceived struct {
		RequestID network.RequestID `json:"requestId"`
		FrameID   cdp.FrameID       `json:"frameId"`
		Type      string            `json:"type"`
		Response  response          `json:"response"`
	}
	securityDetails struct {
		Protocol  string   `json:"protocol"`
		Cipher    string   `json:"cipher"`
		Subject   string   `json:"subjectName"`
		SANs      []string `json:"sanList"`
		Issuer    string   `json:"issuer"`
		ValidFrom float64  `json:"validFrom"`
		ValidTo   float64  `json:"validTo"`
	}
	loadingFinished struct {
		RequestID network.RequestID `json:"requestId"`
		Bytes     float64           `json:"encodedDataLength"`
	}
	loadingFailed struct {
		RequestID network.RequestID `json:"requestId"`
		Error     string            `json:"errorText"`
		Blocked   string            `json:"blockedReason"`
	}
	frameNavigated struct {
		Frame struct {
			ID       cdp.FrameID  `json:"id"`
			ParentID cdp.FrameID  `json:"parentId"`
			LoaderID cdp.LoaderID `json:"loaderId"`
			URL      string       `json:"url"`
			MIME     string       `json:"mimeType"`
		} `json:"frame"`
	}
	stackTrace struct {
		Frames []struct {
			URL string `json:"url"`
		} `json:"callFrames"`
		Parent *stackTrace `json:"parent"`
	}
)

// maxIP is room for the longest way to write an address, in bytes.
const maxIP = 64

// hop is what the main frame is about to do, as far as it has said so.
type hop struct {
	kind string // "script" or "meta", "" for what we asked for
	from string
}

// mainResponse is the last response to a request for the main document.
type mainResponse struct {
	committed bool // it became the document
	request   network.RequestID
	url       string
	got       bool
	response
	extra  []Header // as received, Set-Cookie included
	tls    *TLS
	broken string // net:: code that ended its content before it was whole
}

// request records a request, and a redirect if it follows one.
func (w *watch) request(ev *requestSent) {
	w.lastTraffic = time.Now()
	isMain := ev.Type == string(network.ResourceTypeDocument) && ev.FrameID == w.mainFrame()
	if i, ok := w.byRequest[ev.RequestID]; ok && ev.RedirectResponse != nil {
		w.resources[i].Status = ev.RedirectResponse.Status
		w.resources[i].IP = clip(ev.RedirectResponse.IP, maxIP)
	}
	if isMain {
		w.mainRequest(ev)
	}
	if isData(ev.Request.URL) {
		w.count(int64(len(ev.Request.URL)), strings.EqualFold(ev.Type, documentKind))
	}
	if len(w.resources) == maxResources {
		delete(w.byRequest, ev.RequestID) // what is not recorded is not followed: it may never end
		w.dropped++
		return
	}
	w.byRequest[ev.RequestID] = len(w.resources)
	w.resources = append(w.resources, Resource{
		URL: clip(ev.Request.URL, maxAddress), Method: clip(ev.Request.Method, 20), Kind: clip(strings.ToLower(ev.Type), 40),
		Initiator: clip(ev.initiator(), maxAddress), PostBytes: int64(len(ev.Request.PostData)),
	})
}

func (ev *requestSent) initiator() string {
	if ev.Initiator.URL != "" {
		return ev.Initiator.URL
	}
	if urls := ev.Initiator.Stack.urls(1); len(urls) > 0 {
		return urls[0]
	}
	return ""
}

// urls lists the scripts of a stack, nearest first, at most n, without repeats.
func (s *stackTrace) urls(n int) []string {
	var list []string
	for ; s != nil; s = s.Parent {
		for _, f := range s.Frames {
			if f.URL != "" && len(list) < n && !slices.Contains(list, f.URL) {
				list = append(list, clip(f.URL, maxAddress))
			}
		}
	}
	return list
}

// mainRequest notes how the main document came to be asked for.
func (w *watch) mainRequest(ev *requestSent) {
	switch {
	case ev.RedirectResponse != nil:
		w.redirect(ev.RedirectResponse.URL, ev.RedirectResponse.Status, "http")
	case w.hop.kind != "":
		w.redirect(w.hop.from, 0, w.hop.kind)
	}
	w.hop = hop{}
	if w.main.committed {
		w.before = w.main
	}
	w.main = mainResponse{request: ev.RequestID, url: ev.Request.URL}
}

// notLeft takes a navigation back that came to nothing, as one does that turns
// into a download: the document before it is still there.
func (w *watch) notLeft(id network.RequestID, code string) {
	if id == w.main.request && code == "net::ERR_ABORTED" && !w.main.committed && w.before.committed {
		w.main = w.before
	}
}

func (w *watch) redirect(from string, status int, kind string) {
	if len(w.redirects) < maxHTTPRedirects+maxNavigations {
		w.redirects = append(w.redirects, Redirect{URL: clip(from, maxAddress), Status: status, Kind: kind})
	}
}

// mainFrame is the id of the main frame, which is that of the target.
func (w *watch) mainFrame() cdp.FrameID { return cdp.FrameID(w.tab.target) }

func (w *watch) response(ev *responseReceived) {
	w.lastTraffic = time.Now()
	if i, ok := w.byRequest[ev.RequestID]; ok {
		r := &w.resources[i]
		r.Status, r.MIME, r.IP = ev.Response.Status, mimeType(ev.Response.MIME), clip(ev.Response.IP, maxIP)
	}
	if ev.RequestID != w.main.request || ev.FrameID != w.mainFrame() {
		return
	}
	w.main.got, w.main.response = true, ev.Response
	w.main.tls = ev.Response.Security.tls()
	w.timings.Response = time.Since(w.started)
	w.changed()
}

// extraInfo keeps the headers of the main document as they came over the
// network: those of the response event lack Set-Cookie. The event is only
// decoded when it is about the main document.
func (w *watch) extraInfo(params jsonv2.Value) {
	w.mu.Lock()
	id := w.main.request
	w.mu.Unlock()
	if id == "" || !bytes.Contains(params, []byte(id)) {
		return
	}
	type extraInfo struct {
		RequestID network.RequestID `json:"requestId"`
		Headers   jsonv2.Value      `json:"headers"`
	}
	on(w, params, func(ev *extraInfo) {
		if ev.RequestID == w.main.request {
			w.main.extra = headers(ev.Headers)
		}
	})
}

func (w *watch) finished(ev *loadingFinished) {
	w.settled(ev.RequestID, func(r *Resource) { r.Bytes = int64(ev.Bytes) })
}

func (w *watch) failed(ev *loadingFailed) {
	w.notLeft(ev.RequestID, ev.Error)
	if ev.RequestID == w.main.request && w.main.got && ev.Error != "net::ERR_ABORTED" { // which is our own doing
		w.main.broken = clip(ev.Error, 100)
	}
	w.settled(ev.RequestID, func(r *Resource) {
		r.Failed = clip(ev.Error, 100)
		if ev.Blocked != "" {
			r.Failed += " (" + clip(ev.Blocked, 60) + ")"
		}
	})
}

func (w *watch) settled(id network.RequestID, f func(*Resource)) {
	w.lastTraffic = time.Now()
	if i, ok := w.byRequest[id]; ok {
		f(&w.resources[i])
	}
}

func (w *watch) webSocket(ev *network.EventWebSocketCreated) { w.opened(ev.URL, "GET", "websocket") }

// webTransport notes what the page tried: without QUIC it does not get as far as
// the proxy.
func (w *watch) webTransport(ev *network.EventWebTransportCreated) {
	w.opened(ev.URL, "CONNECT", "webtransport")
}

func (w *watch) opened(url, method, kind string) {
	if len(w.resources) == maxResources {
		w.dropped++
		return
	}
	w.resources = append(w.resources, Resource{URL: clip(url, maxAddress), Method: method, Kind: kind})
}

// navigated notes that a document was committed.
func (w *watch) navigated(ev *frameNavigated) {
	if ev.Frame.ParentID != "" {
		return
	}
	w.navigations++
	w.main.committed = true
	w.parsed, w.loaded = false, false
	if w.navigations == maxNavigations+1 {
		w.silence()
	}
	w.changed()
}

// navigationRequested notes that a script or a meta refresh of the main frame
// asked for another document.
func (w *watch) navigationRequested(ev *page.EventFrameRequestedNavigation) {
	if ev.FrameID != w.mainFrame() || ev.Disposition != page.ClientNavigationDispositionCurrentTab {
		return
	}
	kind := "script"
	switch ev.Reason {
	case page.ClientNavigationReasonMetaTagRefresh, page.ClientNavigationReasonHTTPHeaderRefresh:
		kind = "meta"
	}
	w.hop = hop{kind: kind, from: w.main.url}
}

// tls converts Chrome's account of a connection.
func (s *securityDetails) tls() *TLS {
	if s == nil {
		return nil
	}
	t := &TLS{
		Protocol: clip(s.Protocol, 40), Cipher: clip(s.Cipher, 80),
		Subject: clip(s.Subject, 500), Issuer: clip(s.Issuer, 500),
		NotBefore: certificateTime(s.ValidFrom), NotAfter: certificateTime(s.ValidTo),
	}
	for _, name := range s.SANs[:min(len(s.SANs), maxSANs)] {
		t.SANs = append(t.SANs, clip(name, 255))
	}
	return t
}

// certificateTime is an instant of a certificate, whose years have four digits:
// no other can be written down as JSON, and evidence is kept as that.
func certificateTime(seconds float64) time.Time {
	const first, last = -62167219200, 253402300799 // of the years 0 and 9999
	return time.Unix(int64(min(max(finite(seconds), first), last)), 0).UTC()
}

// headers reads a JSON object of headers in its own order; a Go map would lose
// it. Chrome joins the values of a repeated header with newlines.
func headers(object jsonv2.Value) []Header {
	var ordered orderedObject
	if jsonv2.Unmarshal(object, &ordered, jsonv2.AllowInvalidUTF8(true)) != nil {
		return nil
	}
	var list []Header
	for _, pair := range ordered {
		for value := range strings.SplitSeq(pair[1], "\n") {
			if len(list) == maxHeaders {
				return list
			}
			list = append(list, Header{Name: clip(strings.ToLower(pair[0]), 200), Value: clip(value, maxValue)})
		}
	}
	return list
}

// mimeType is a MIME type in lower case without its parameters.
func mimeType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	return clip(strings.ToLower(strings.TrimSpace(s)), 120)
}

// orderedObject is a JSON object of strings in the order it was written.
type orderedObject [][2]string

// UnmarshalJSON satisfies json.Unmarshaler. Values that are not strings are skipped.
func (o *orderedObject) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil { // the opening brace
		return fmt.Errorf("reading headers: %w", err)
	}
	for d.More() && len(*o) < maxHeaders {
		name, err := d.Token()
		if err != nil {
			return fmt.Errorf("reading a header name: %w", err)
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("reading a header value: %w", err)
		}
		text, ok := value.(string)
		if key, isName := name.(string); ok && isName {
			*o = append(*o, [2]string{key, text})
		}
	}
	return nil
}

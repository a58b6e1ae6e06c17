package render

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// deafWatch is a watch over a browser that hears everything and says nothing.
func deafWatch(t *testing.T) *watch {
	in := gate{bytes.NewReader(nil), make(chan struct{})}
	t.Cleanup(func() { close(in.open) })
	w := newWatch()
	w.tab = &tab{page: session{w: newWire(in, sewer{io.Discard}, maxMessage)}}
	return w
}

// asks is the event of a request.
func asks(id int, kind, url string) *requestSent {
	ev := &requestSent{RequestID: network.RequestID(fmt.Sprint(id)), Type: kind}
	ev.Request.URL = url
	return ev
}

// A page that asks for more than is recorded, and lets nothing of it end, fills
// no memory, and the bound is told.
func TestRequestsThatNeverEnd(t *testing.T) {
	w := deafWatch(t)
	for i := range 20 * maxResources {
		w.request(asks(i, "Fetch", "https://site.example/"))
		w.request(asks(i, "Fetch", "https://site.example/redirected"))
	}
	p := &Page{}
	w.report(p)
	want := fmt.Sprintf("%d requests over the bound", 39*maxResources)
	if len(p.Resources) != maxResources || !slices.Contains(p.Truncated, want) {
		t.Errorf("%d requests are recorded, notes %q; want %q", len(p.Resources), p.Truncated, want)
	}
	if len(w.byRequest) > maxResources {
		t.Errorf("%d requests are followed, of which %d are recorded", len(w.byRequest), maxResources)
	}
	w.failed(&loadingFailed{RequestID: "0", Error: "net::ERR_FAILED"})
	w.failed(&loadingFailed{RequestID: network.RequestID(fmt.Sprint(maxResources)), Error: "net::ERR_FAILED"})
	if got := w.resources[1].Failed; got != "net::ERR_FAILED" {
		t.Errorf("the end of a recorded request is not recorded: %q", got)
	}
}

// Addresses that hold their content themselves never pass the proxy, and count
// like what does, once, whether Chrome tells of their pieces or not.
func TestDataAddressesAreCounted(t *testing.T) {
	const mb = 1 << 20
	long := "DATA:text/html," + strings.Repeat("x", mb)
	for _, c := range []struct {
		kind   string
		times  int
		pieces bool
		want   string
	}{
		{"Fetch", 191, true, ""},
		{"Fetch", 193, false, "content over 192 MB when unpacked"},
		{"Document", 19, true, ""},
		{"Document", 21, false, "documents over 20 MB when unpacked"},
	} {
		w := deafWatch(t)
		for i := range c.times {
			w.request(asks(i, c.kind, long))
			if c.pieces {
				w.data(&dataReceived{RequestID: network.RequestID(fmt.Sprint(i)), Length: mb})
			}
		}
		if got := w.now().flood; got != c.want {
			t.Errorf("%d addresses of a megabyte for a %s: %q, want %q", c.times, c.kind, got, c.want)
		}
	}
}

// What a page unpacks is counted, its documents more strictly, and the bound
// that it meets first is the one that is told.
func TestContentIsCounted(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		pieces     int // of a megabyte
		want       string
	}{
		{"documents within", "document", 20, ""},
		{"documents beyond", "document", 21, "documents over 20 MB when unpacked"},
		{"pictures within", "image", 192, ""},
		{"pictures beyond", "image", 193, "content over 192 MB when unpacked"},
	} {
		w := deafWatch(t)
		w.resources, w.byRequest["1"] = []Resource{{Kind: c.kind}}, 0
		for range c.pieces {
			w.data(&dataReceived{RequestID: "1", Length: 1 << 20})
		}
		if got := w.now().flood; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

package render

import (
	"bytes"
	"io"
	"testing"
)

// What a page unpacks is counted, its documents more strictly, and the bound
// that it meets first is the one that is told.
func TestContentIsCounted(t *testing.T) {
	in := gate{bytes.NewReader(nil), make(chan struct{})}
	defer close(in.open)
	wire := newWire(in, sewer{io.Discard}, maxMessage)
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
		w := newWatch()
		w.tab = &tab{page: session{w: wire}}
		w.resources, w.byRequest["1"] = []Resource{{Kind: c.kind}}, 0
		for range c.pieces {
			w.data(&dataReceived{RequestID: "1", Length: 1 << 20})
		}
		if got := w.now().flood; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

package render

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/network"
)

// How much content a page may have when it is unpacked, in bytes. The egress
// proxy counts what passes the wire, and a thousandth of a page is enough there
// to fill a gigabyte here. Documents have a bound of their own: the renderer
// lays out as it reads, and does not answer meanwhile. The longest honest ones
// are some 10 MB, and no more than 16 MB of one are kept.
const (
	maxDocuments = 20 << 20 // all documents of a page together, frames and redirects included
	maxContent   = 192 << 20
)

// content counts what was unpacked for a page.
type content struct{ documents, all int64 }

// dataReceived is a piece of content as the page gets it.
type dataReceived struct {
	RequestID network.RequestID `json:"requestId"`
	Length    int64             `json:"dataLength"`
}

// documentKind is the Resource.Kind of documents.
const documentKind = "document"

// isData reports an address that holds its content itself. It passes no wire, and
// Chrome tells its pieces or does not: it is counted when it is asked for.
func isData(address string) bool {
	return len(address) >= 5 && strings.EqualFold(address[:5], "data:")
}

// data counts a piece.
func (w *watch) data(ev *dataReceived) {
	i, known := w.byRequest[ev.RequestID]
	if known && isData(w.resources[i].URL) {
		return
	}
	w.count(ev.Length, known && w.resources[i].Kind == documentKind)
}

// count adds to what a page has had, and stops the page that has had too much.
func (w *watch) count(n int64, document bool) {
	n = min(max(n, 0), 1<<40) // whatever it says, the sums cannot overflow
	w.content.all += n
	if document {
		w.content.documents += n
	}
	if w.flood != "" {
		return
	}
	switch {
	case w.content.documents > maxDocuments:
		w.flood = fmt.Sprintf("documents over %d MB when unpacked", maxDocuments>>20)
	case w.content.all > maxContent:
		w.flood = fmt.Sprintf("content over %d MB when unpacked", maxContent>>20)
	default:
		return
	}
	w.silence()
	w.changed()
}

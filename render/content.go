package render

import (
	"fmt"

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

// data counts a piece, and stops the page that has had too much.
func (w *watch) data(ev *dataReceived) {
	n := min(max(ev.Length, 0), 1<<40) // whatever it says, the sums cannot overflow
	w.content.all += n
	if i, ok := w.byRequest[ev.RequestID]; ok && i >= 0 && w.resources[i].Kind == "document" {
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

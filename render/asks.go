package render

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/runtime"
)

// What a page asks the visitor's browser for leaves no trace in the DevTools
// protocol: Chrome denies it, and there is no event. So the functions that ask
// are wrapped in every document before its own scripts run (asks.js), and the
// wrappers call a binding, which arrives here as Runtime.bindingCalled.
//
// The wrappers live among the page's own objects, where a page may do as it
// likes. It finds no unwrapped function there, in no frame of its own making
// either, and the binding is gone from its globals before it could look; what is
// left to it is to avoid being heard by not asking. Nobody clicked anything, so
// that whatever is heard was asked for at load. It is evidence beside the script
// that asks, which the inventory has.

//go:embed asks.js
var asksSource string

// asksBinding is a name that no page has a variable of.
const asksBinding = "pasban_5f1e0c9ab7"

// asksScript is given to every document before its own scripts.
var asksScript = strings.ReplaceAll(asksSource, "__NAME__", asksBinding)

// Bounds of what is kept of a page's asks.
const (
	maxAsks    = 50
	maxAskText = 1_000 // runes
)

// askKinds are those of asks.js.
var askKinds = map[string]bool{
	"clipboard_write": true, "clipboard_read": true, "notification": true, "geolocation": true, "camera": true, "microphone": true,
	"screen": true, "payment": true, "usb": true, "bluetooth": true, "midi": true,
	"service_worker": true,
}

// asked notes what a page asked for, each thing once. A page that makes frame
// after frame to ask from is no longer listened to.
func (w *watch) asked(s session, params jsonv2.Value) {
	full := false
	on(w, params, func(ev *runtime.EventBindingCalled) {
		ask, ok := readAsk(ev)
		if !ok || w.asks[ask] {
			return
		}
		if full = len(w.asks) >= maxAsks; full {
			w.unasked++
			return
		}
		if w.asks == nil {
			w.asks = make(map[Ask]bool)
		}
		w.asks[ask] = true
		w.asksInOrder = append(w.asksInOrder, ask)
	})
	if full {
		send(s, runtime.RemoveBinding, runtime.RemoveBindingParams{Name: asksBinding})
	}
}

func readAsk(ev *runtime.EventBindingCalled) (Ask, bool) {
	var told [2]string
	if ev.Name != asksBinding || json.Unmarshal([]byte(ev.Payload), &told) != nil || !askKinds[told[0]] {
		return Ask{}, false
	}
	return Ask{Kind: told[0], Detail: runes(told[1], maxAskText)}, true
}

package render

import (
	"fmt"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
)

// windowOpen records a window that the page tried to open. Chrome is told to
// refuse them all (--block-new-web-contents), as a visitor's popup blocker does,
// and tells of each before it does so.
func (w *watch) windowOpen(ev *page.EventWindowOpen) {
	w.windows++
	if len(w.popups) < maxPopups {
		w.popups = append(w.popups, clip(ev.URL, maxAddress))
	}
}

// windowNote says that there were many, "" if there were not.
func (w *watch) windowNote() string {
	if w.windows <= notePopups {
		return ""
	}
	return fmt.Sprintf("%d windows opened by the page, all refused", w.windows)
}

// windowCreated closes a window that was opened all the same.
func (t *tab) windowCreated(params jsonv2.Value) {
	var ev target.EventTargetCreated
	if jsonv2.Unmarshal(params, &ev) != nil || ev.TargetInfo == nil {
		return
	}
	if info := ev.TargetInfo; info.BrowserContextID == t.context && info.Type == "page" && info.TargetID != t.target {
		send(t.proc.browser(), target.CloseTarget, target.CloseTargetParams{TargetID: info.TargetID})
	}
}

package render

import (
	"fmt"
	"slices"
	"time"
)

// What the rest of a capture asks a watch for. Everything is copied out under
// the lock: events may still arrive.

// again forgets a load that is about to be repeated.
func (w *watch) again() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.redirects, w.hop, w.main, w.before = nil, hop{}, mainResponse{}, mainResponse{}
	w.navigations, w.parsed, w.loaded, w.expired = 0, false, false, 0
}

func (w *watch) mainDocument() mainResponse {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.main
}

func (w *watch) downloaded() []DownloadAttempt {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.downloads)
}

func (w *watch) heard() []heardScript {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.scripts)
}

// loadedAt is when the load event came.
func (w *watch) loadedAt() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.started.Add(w.timings.Load)
}

// downloadsWithType adds what the servers said the files are: Chrome's event has
// only their names.
func (w *watch) downloadsWithType() []DownloadAttempt {
	list := slices.Clone(w.downloads)
	for i := range list {
		for k := range w.resources {
			if r := &w.resources[k]; r.URL == list[i].URL && r.MIME != "" {
				list[i].MIME = r.MIME
			}
		}
	}
	return list
}

// report copies what was recorded into p.
func (w *watch) report(p *Page) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.Redirects = slices.Clone(w.redirects)
	p.Resources = slices.Clone(w.resources)
	p.Dialogs = slices.Clone(w.dialogs)
	p.Downloads = w.downloadsWithType()
	p.Popups = slices.Clone(w.popups)
	p.Console = slices.Clone(w.console)
	p.Asks = slices.Clone(w.asksInOrder)
	p.Timings.Response, p.Timings.DOMContent, p.Timings.Load = w.timings.Response, w.timings.DOMContent, w.timings.Load
	note := func(n int, format string) {
		if n > 0 {
			p.Truncated = append(p.Truncated, fmt.Sprintf(format, n))
		}
	}
	note(w.dropped, "%d requests over the bound")
	note(w.unheard, "%d scripts over the bound")
	note(w.held, "%d workers over the bound, not run")
	note(w.unread, "%d console errors over the bound")
	note(w.unasked, "%d requests for the visitor's clipboard, camera and the like over the bound")
	if text := w.windowNote(); text != "" {
		p.Truncated = append(p.Truncated, text)
	}
}

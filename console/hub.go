package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"pasban/monitor"
)

const (
	// gather is how long events are collected before screens are told: a round of the
	// schedule judges many looks in a second.
	gather = 400 * time.Millisecond
	// beat is how often a screen hears something, come what may: what goes stale does so
	// without an event, and a proxy closes what is silent for a minute.
	beat = 15 * time.Second
	// maxScreens bounds who listens at once.
	maxScreens = 200
	// feedLength is how many events of the last minutes a wall begins with.
	feedLength = 30
)

// hub tells screens that something has happened. It keeps no state of the watch: what
// is shown is read when it is told.
type hub struct {
	mu      sync.Mutex
	screens map[chan struct{}]bool
	feed    []happening // newest first
	timer   *time.Timer
	count   int64 // numbers the happenings
}

// happening is a line of what is going on.
type happening struct {
	N        int64     `json:"n"`
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"` // incident, question, told, failed
	Site     string    `json:"site"`
	Incident int64     `json:"incident,omitempty"`
	Text     string    `json:"text"` // made visible
}

func newHub() *hub { return &hub{screens: map[chan struct{}]bool{}} }

// observe notes an event and wakes the screens a little later.
func (h *hub) observe(e monitor.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if x, ok := describeEvent(e); ok {
		h.count++
		x.N = h.count
		h.feed = append([]happening{x}, h.feed[:min(len(h.feed), feedLength-1)]...)
	}
	h.wakeLater()
}

// changed tells the screens that somebody has decided something.
func (h *hub) changed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wakeLater()
}

func (h *hub) wakeLater() {
	if h.timer == nil && len(h.screens) > 0 {
		h.timer = time.AfterFunc(gather, h.wake)
	}
}

func (h *hub) wake() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.timer = nil
	for ch := range h.screens {
		select {
		case ch <- struct{}{}:
		default: // it has yet to look at what came before
		}
	}
}

func describeEvent(e monitor.Event) (happening, bool) {
	x := happening{At: time.Now().UTC(), Site: e.Capture.Site}
	switch {
	case e.Err != nil:
		return happening{At: x.At, Kind: "failed", Site: e.Target, Text: monitor.Visible(e.Err.Error(), 160)}, true
	case e.Delivery != nil && e.Delivery.State == monitor.Sent:
		return happening{At: x.At, Kind: "told", Incident: e.Delivery.Incident, Text: monitor.Visible(e.Delivery.Recipient, 80)}, true
	case e.Incident != nil && e.Capture.Report.Verdict == "alert":
		x.Kind, x.Incident, x.Text = "incident", e.Incident.ID, monitor.Visible(e.Incident.Summary, 160)
		return x, true
	case e.Concluded && e.Capture.Report.Verdict == "suspicious":
		x.Kind, x.Text = "question", monitor.Visible(e.Capture.Report.Why, 160)
		return x, true
	}
	return x, false
}

func (h *hub) join() (chan struct{}, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.screens) >= maxScreens {
		return nil, false
	}
	ch := make(chan struct{}, 1)
	h.screens[ch] = true
	return ch, true
}

func (h *hub) leave(ch chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.screens, ch)
}

func (h *hub) happenings() []happening {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]happening(nil), h.feed...)
}

// wallNews is what changed since a screen was last told.
type wallNews struct {
	Marks     map[string]monitor.Mark `json:"marks,omitempty"` // of sites that are another now
	Counts    map[monitor.Mark]int    `json:"counts"`
	Fresh     string                  `json:"fresh"` // per cent
	Incidents int                     `json:"incidents"`
	Waiting   int                     `json:"waiting"`
	Feed      []happening             `json:"feed,omitempty"`
	Clock     string                  `json:"clock"`
}

// events streams what happens to a wall (server-sent events).
func (s *Server) events(w http.ResponseWriter, r *http.Request, v viewer) error {
	wake, ok := s.hub.join()
	if !ok {
		http.Error(w, "too many screens listen", http.StatusServiceUnavailable)
		return nil
	}
	defer s.hub.leave(wake)
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	// The server's deadline for reading a request would end the stream, too.
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return nil //nolint:nilerr // the connection is gone
	}
	tick := time.NewTicker(beat)
	defer tick.Stop()
	shown := map[string]monitor.Mark{}
	last := int64(-1)
	for first := true; ; first = false {
		news, err := s.news(r, v, shown, &last, first)
		if err != nil {
			return nil //nolint:nilerr // the screen asks again, by itself
		}
		data, err := json.Marshal(news)
		if err != nil {
			return nil //nolint:nilerr // numbers and strings; and the stream has begun
		}
		// The server's deadline is for pages; each part of a stream has its own.
		if err := control.SetWriteDeadline(time.Now().Add(beat)); err != nil {
			return nil //nolint:nilerr // the connection is gone
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil || control.Flush() != nil {
			return nil //nolint:nilerr // the screen is gone
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-wake:
		case <-tick.C:
		}
		if _, still := s.viewer(r); !still {
			return nil
		}
	}
}

// news is what a viewer's screen has not been told. The first time it is told no
// happenings: the page came with them.
func (s *Server) news(r *http.Request, v viewer, shown map[string]monitor.Mark, last *int64, first bool) (wallNews, error) {
	wall, err := s.walls.get(r.Context())
	if err != nil {
		return wallNews{}, err
	}
	board := boardOf(wall, v)
	out := wallNews{Marks: map[string]monitor.Mark{}, Counts: board.Marks, Incidents: len(board.Incidents), Waiting: board.Waiting, Clock: s.Clock().In(karachi).Format("15:04")}
	p := page{}
	out.Fresh = p.Percent(board.Share)
	for _, site := range board.sites {
		if shown[site.ID] != site.Mark {
			if !first {
				out.Marks[site.ID] = site.Mark
			}
			shown[site.ID] = site.Mark
		}
	}
	for _, x := range s.hub.happenings() {
		if x.N <= *last {
			break
		}
		if !first && board.mine(x) {
			out.Feed = append(out.Feed, x)
		}
	}
	*last = s.hub.newest()
	return out, nil
}

func (h *hub) newest() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

package console

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
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
	// maxScreens bounds who listens at once, maxOwn what one account may of it.
	maxScreens = 200
	maxOwn     = 20
	// feedLength is how many events of the last minutes a wall begins with.
	feedLength = 30
)

// hub tells screens that something has happened. It keeps no state of the watch: what
// is shown is read when it is told.
type hub struct {
	before func() // called before the screens are told
	closed chan struct{}
	end    sync.Once

	mu      sync.Mutex
	screens map[chan struct{}]string // with the account that listens
	feed    []happening              // newest first
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

// newHub makes a hub that calls before whenever it is about to tell the screens.
func newHub(before func()) *hub {
	return &hub{before: before, closed: make(chan struct{}), screens: map[chan struct{}]string{}}
}

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
	h.before() // without the lock: it may wait for a read of the database
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

// exercise reports what a page of our own is attacked with, to see whether the alarm
// comes: it is no news.
func exercise(e monitor.Event) bool {
	return monitor.IsCanary(e.Target) || e.Capture.Site == monitor.CanarySite || e.Incident != nil && e.Incident.Site == monitor.CanarySite ||
		e.Delivery != nil && e.Delivery.Sink == monitor.CanarySink
}

func describeEvent(e monitor.Event) (happening, bool) {
	x := happening{At: time.Now().UTC(), Site: e.Capture.Site}
	switch {
	case exercise(e):
		return x, false
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

func (h *hub) join(account string) (chan struct{}, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	own := 0
	for _, a := range h.screens {
		if a == account {
			own++
		}
	}
	if len(h.screens) >= maxScreens || own >= maxOwn {
		return nil, false
	}
	ch := make(chan struct{}, 1)
	h.screens[ch] = account
	return ch, true
}

func (h *hub) leave(ch chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.screens, ch)
}

// happenings are the newest, newest first, and the number of the newest of all.
func (h *hub) happenings() ([]happening, int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]happening(nil), h.feed...), h.count
}

// wallNews is what changed since a screen was last told.
type wallNews struct {
	Marks     map[string]monitor.Mark `json:"marks,omitempty"` // of sites that are another now
	Counts    map[monitor.Mark]int    `json:"counts"`
	Fresh     string                  `json:"fresh"` // per cent
	Incidents int                     `json:"incidents"`
	Listed    string                  `json:"listed"` // another one when the list of incidents is
	Waiting   int                     `json:"waiting"`
	Feed      []happening             `json:"feed,omitempty"`
	Clock     string                  `json:"clock"`
}

// told is what a screen knows.
type told struct {
	marks map[string]monitor.Mark
	last  int64 // happening
}

// events streams what happens to a wall (server-sent events). A screen that comes back
// says by Last-Event-ID what it was told last, one that has just opened by its address.
func (s *Server) events(w http.ResponseWriter, r *http.Request, v viewer) error {
	wake, ok := s.hub.join(v.Name)
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
	knows := told{marks: map[string]monitor.Mark{}, last: lastEvent(r)}
	for {
		news, err := s.news(r, v, &knows)
		if err != nil {
			if r.Context().Err() == nil {
				s.Logger.Error("a wall cannot be told what happens", "error", err)
			}
			return nil // the screen asks again, by itself
		}
		if !send(w, control, knows.last, news) {
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-s.hub.closed:
			return nil
		case <-wake:
		case <-tick.C:
		}
		if !s.still(r, v) {
			return nil
		}
	}
}

// lastEvent is the number of the happening that a screen was told last.
func lastEvent(r *http.Request) int64 {
	n, err := strconv.ParseInt(cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")), 10, 64)
	if err != nil {
		return 0 // all that is remembered
	}
	return n
}

// send writes one message, and reports whether the screen is still there.
func send(w http.ResponseWriter, control *http.ResponseController, id int64, news wallNews) bool {
	data, err := json.Marshal(news)
	if err != nil {
		return false // numbers and strings; and the stream has begun
	}
	// The server's deadline is for pages; each part of a stream has its own.
	if err := control.SetWriteDeadline(time.Now().Add(beat)); err != nil {
		return false
	}
	_, err = fmt.Fprintf(w, "id: %d\ndata: %s\n\n", id, data)
	return err == nil && control.Flush() == nil
}

// still reports whether who listens is signed in yet. The session is read anew: the one
// that came with the request knows nothing of a logout.
func (s *Server) still(r *http.Request, v viewer) bool {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), beat)
	defer cancel()
	fresh, err := s.sessions.Load(ctx, cookie.Value)
	if err != nil {
		return false // the screen asks again, by itself
	}
	now, ok, err := s.viewer(r.WithContext(fresh))
	return err == nil && ok && now.Name == v.Name
}

// news is what a viewer's screen has not been told: all marks, the first time.
func (s *Server) news(r *http.Request, v viewer, knows *told) (wallNews, error) {
	board, err := s.desk.Board(r.Context(), v.Who)
	if err != nil {
		return wallNews{}, err
	}
	out := wallNews{
		Marks: map[string]monitor.Mark{}, Counts: board.Marks, Fresh: new(page).Percent(board.Share), Incidents: len(board.Incidents),
		Listed: board.Listed(), Waiting: board.Waiting, Clock: s.Clock().In(monitor.Zone).Format("15:04"),
	}
	for _, site := range board.All {
		if knows.marks[site.ID] != site.Mark {
			out.Marks[site.ID], knows.marks[site.ID] = site.Mark, site.Mark
		}
	}
	feed, newest := s.hub.happenings()
	if knows.last > newest { // of the process before this one
		knows.last = 0
	}
	for _, x := range feed {
		if x.N > knows.last && mine(board, x) {
			out.Feed = append(out.Feed, x)
		}
	}
	knows.last = newest
	return out, nil
}

// Close ends the streams of all screens, which would keep a server from shutting down.
func (s *Server) Close() { s.hub.end.Do(func() { close(s.hub.closed) }) }

package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pasban/monitor"
)

// stream is a screen that listens.
type stream struct {
	t    *testing.T
	res  *http.Response
	read *bufio.Scanner
}

func (r *room) listen(t *testing.T, c *http.Client, path string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.http.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Jar: c.Jar}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return &stream{t, res, bufio.NewScanner(res.Body)}
}

// next is what the screen is told next; false if the stream has ended.
func (s *stream) next() (news wallNews, more bool) {
	s.t.Helper()
	for s.read.Scan() {
		if data, ok := strings.CutPrefix(s.read.Text(), "data: "); ok {
			if err := json.Unmarshal([]byte(data), &news); err != nil {
				s.t.Fatal(err)
			}
			return news, true
		}
	}
	if err := s.read.Err(); err != nil && !errors.Is(err, context.Canceled) && strings.Contains(err.Error(), "deadline") {
		s.t.Fatal("the stream says nothing, and does not end")
	}
	return news, false
}

func (r *room) alarm(c monitor.Capture, incident int64, why string) {
	c.Report.Verdict = "alert"
	r.server.Observe(monitor.Event{Capture: c, Incident: &monitor.Incident{ID: incident, Site: c.Site, Summary: why}})
}

// A wall is told the marks when it begins to listen, then what is new, each thing once;
// one that comes back is told what it has missed.
func TestWallIsToldEverythingOnce(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	look := r.site("bank", "bank", "Bank", "x", "y")
	c := r.account("wall", monitor.Viewer, "")
	r.alarm(look, 1, "before the page")
	_, page := r.get(c, "/")
	_, after, _ := strings.Cut(page, `data-newest="`)
	after, _, _ = strings.Cut(after, `"`)
	r.alarm(look, 2, "between page and stream")
	s := r.listen(t, c, "/events?after="+after)
	first, _ := s.next()
	if first.Marks["bank"] == "" || len(first.Feed) != 1 || first.Feed[0].Text != "between page and stream" {
		t.Errorf("the screen is told %+v first", first)
	}
	if !strings.Contains(page, `data-listed="`+first.Listed+`"`) {
		t.Error("the list on the page is another than that of the stream")
	}
	id := r.question(look)
	if _, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "operator:x"}, id); err != nil {
		t.Fatal(err)
	}
	r.alarm(look, 3, "later")
	second, _ := s.next()
	if second.Marks["bank"] != monitor.MarkIncident || len(second.Feed) != 1 || second.Feed[0].Text != "later" || second.Listed == first.Listed {
		t.Errorf("then it is told %+v", second)
	}
	s.res.Body.Close()
	r.alarm(look, 4, "while it was away")
	back, _ := r.listen(t, c, "/events?after=2").next() // as Last-Event-ID, which says 3
	if len(back.Feed) != 2 || back.Marks["bank"] != monitor.MarkIncident {
		t.Errorf("when it comes back it is told %+v", back)
	}
	if restarted, _ := r.listen(t, c, "/events?after=4000").next(); len(restarted.Feed) != 4 {
		t.Errorf("after a restart it is told %d things", len(restarted.Feed))
	}
}

// What is attacked for practice is no news for anybody's wall.
func TestCanariesAreNoNews(t *testing.T) {
	t.Parallel()
	alarming, doubtful := monitor.Capture{Site: monitor.CanarySite}, monitor.Capture{Site: monitor.CanarySite}
	alarming.Report.Verdict, doubtful.Report.Verdict = "alert", "suspicious"
	for name, e := range map[string]monitor.Event{
		"alarm":    {Capture: alarming, Incident: &monitor.Incident{ID: 1, Site: monitor.CanarySite}},
		"question": {Capture: doubtful, Concluded: true},
		"failure":  {Err: errors.New("x"), Target: monitor.CanarySite + "~page"},
		"delivery": {Delivery: &monitor.Delivery{Sink: monitor.CanarySink, State: monitor.Sent}},
	} {
		if x, ok := describeEvent(e); ok {
			t.Errorf("%s: %+v", name, x)
		}
	}
}

// A stream ends with the session, and when the console does: a server that is told to
// stop does not wait for the screens on the walls.
func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := r.account("amina", monitor.Analyst, "")
	here, err := url.Parse(r.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	old := r.stranger()
	old.Jar.SetCookies(here, c.Jar.Cookies(here))
	s := r.listen(t, old, "/events")
	s.next()
	r.post(c, "/logout", nil)
	r.server.hub.changed()
	if _, more := s.next(); more {
		t.Error("a stream goes on after its session")
	}
	r.post(c, "/login", url.Values{"name": {"amina"}, "password": {password}})
	s = r.listen(t, c, "/events")
	s.next()
	r.http.Config.RegisterOnShutdown(r.server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := r.http.Config.Shutdown(ctx); err != nil {
		t.Errorf("the server waits for a screen: %v", err)
	}
	r.server.Close() // twice is once
}

// One account does not take the places of all screens.
func TestScreensOfOneAccount(t *testing.T) {
	t.Parallel()
	h := newHub(func() {})
	for range maxOwn {
		if _, ok := h.join("sara"); !ok {
			t.Fatal("a screen finds no place")
		}
	}
	if _, ok := h.join("sara"); ok {
		t.Errorf("one account has more than %d screens", maxOwn)
	}
	if _, ok := h.join("amina"); !ok {
		t.Error("another finds no place")
	}
}

// A screen that is woken is told what is, not what the cache has kept.
func TestWakingDropsTheCache(t *testing.T) {
	t.Parallel()
	dropped := false
	h := newHub(func() { dropped = true })
	ch, _ := h.join("sara")
	h.wake()
	if <-ch; !dropped {
		t.Error("screens are told before the cache is dropped")
	}
}

// blind is a store in which accounts cannot be read.
type blind struct{ monitor.Store }

func (blind) Account(context.Context, string) (monitor.Account, error) {
	return monitor.Account{}, errors.New("the database is away")
}

// Whose session has ended is led back to where he was; whose account cannot be read is
// told so, and not asked for his password.
func TestWaysToTheDoor(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := r.account("amina", monitor.Analyst, "")
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	location := func(method, path, referer string) (code int, to string) {
		req := httptest.NewRequest(method, path, http.NoBody)
		if referer != "" {
			req.Header.Set("Referer", referer)
		}
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		r.server.ServeHTTP(w, req)
		return w.Code, w.Header().Get("Location")
	}
	for _, test := range []struct{ method, path, referer, want string }{
		{"GET", "/review/q7?kind=leak", "", "/review/q7?kind=leak"},
		{"POST", "/decide", "http://example.com/review/q7", "/review/q7"},
		{"POST", "/decide", "http://evil.example/review/q7", "/"},
		{"POST", "/decide", "", "/"},
	} {
		if code, to := location(test.method, test.path, test.referer); code != http.StatusSeeOther || to != "/login?next="+url.QueryEscape(test.want) {
			t.Errorf("%s %s from %s: %d %s", test.method, test.path, test.referer, code, to)
		}
	}
	// A link in a web mailer comes without the cookie, and is asked for again from here.
	req := httptest.NewRequest(http.MethodGet, "/review/q7", http.NoBody)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	r.server.ServeHTTP(w, req)
	if w.Code != http.StatusOK || w.Header().Get("Refresh") != "0; url=/review/q7" || w.Header().Get("Location") != "" {
		t.Errorf("a link from elsewhere: %d %v", w.Code, w.Header())
	}
	r.monitor.Store = blind{r.store}
	if code, body := r.get(c, "/queue"); code != http.StatusInternalServerError || strings.Contains(body, `name="password"`) {
		t.Errorf("with the database away: %d", code)
	}
}

package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pasban/console/access"
	"pasban/console/desk"
	"pasban/console/evidence"
	"pasban/monitor"
	"pasban/storage/blob"
	"pasban/storage/db"
	"pasban/storage/db/dbtest"
)

const password = "correct horse battery"

// room is a console with a store of its own.
type room struct {
	t       testing.TB
	store   *db.DB
	monitor *monitor.Monitor
	server  *Server
	http    *httptest.Server
	now     time.Time
	picture string
}

func newRoom(t testing.TB) *room {
	t.Helper()
	r := &room{t: t, now: time.Now()}
	var err error
	if r.store, err = db.Open(t.Context(), filepath.Join(t.TempDir(), "pasban.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.store.Close() })
	blobs, err := blob.Open(t.Context(), filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	clock := func() time.Time { return r.now }
	log := slog.New(slog.DiscardHandler)
	if r.monitor, err = monitor.New(monitor.Config{Store: r.store, Blobs: blobs, Clock: clock, Logger: log, CERT: []string{"cert@cert.example"}}); err != nil {
		t.Fatal(err)
	}
	r.http = httptest.NewUnstartedServer(nil)
	r.http.Start()
	t.Cleanup(r.http.Close)
	r.server, err = New(Config{Monitor: r.monitor, Signer: evidence.NewSigner("http://127.0.0.2:1", clock), Origin: r.http.URL, Clock: clock, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	r.http.Config.Handler = r.server
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	if r.picture, err = blobs.Put(t.Context(), b.Bytes()); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *room) update(f func(ctx context.Context, tx monitor.Tx) error) {
	r.t.Helper()
	if err := r.store.Update(r.t.Context(), func(tx monitor.Tx) error { return f(r.t.Context(), tx) }); err != nil {
		r.t.Fatal(err)
	}
}

// account makes an account and signs it in.
func (r *room) account(name string, role monitor.Role, institution string) *http.Client {
	r.t.Helper()
	hash, err := access.Hash(password)
	if err != nil {
		r.t.Fatal(err)
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		return tx.PutAccount(ctx, monitor.Account{Name: name, Role: role, Institution: institution, Language: "en", Password: hash})
	})
	c := r.stranger()
	code, _ := r.post(c, "/login", url.Values{"name": {name}, "password": {password}})
	if code != http.StatusOK {
		r.t.Fatalf("%s cannot sign in: %d", name, code)
	}
	return c
}

func (r *room) stranger() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 30 * time.Second}
}

func (r *room) get(c *http.Client, path string) (code int, body string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.http.URL+path, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.answer(c, req)
}

func (r *room) post(c *http.Client, path string, form url.Values, headers ...string) (code int, body string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return r.answer(c, req)
}

func (r *room) answer(c *http.Client, req *http.Request) (int, string) {
	r.t.Helper()
	res, err := c.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, b.String()
}

// site makes a site with one page, one look at it, and what was found.
func (r *room) site(id, owner, title, why, evidence string) monitor.Capture {
	r.t.Helper()
	c := monitor.Capture{
		ID: "0198f6a2-1111-7aaa-8bbb-" + fmt.Sprintf("%012x", len(id)*1000+int(id[len(id)-1])), Target: id, Site: id, At: r.now, Reason: monitor.ReasonSchedule,
		Title: title, URL: "https://" + id + ".example/", Outcome: "ok", Picture: r.picture, DOM: "d", Blobs: map[string]string{monitor.BlobPicture: r.picture}, Judged: true,
	}
	report, err := json.Marshal(map[string]any{"verdict": "suspicious", "score": 0.6, "why": why, "findings": []any{
		map[string]any{"kind": "injection", "rule": "script.host", "severity": "medium", "score": 0.6, "why": why, "evidence": evidence, "region": map[string]int{"X": 1, "Y": 2, "W": 8, "H": 9}},
	}})
	if err == nil {
		err = json.Unmarshal(report, &c.Report)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		for _, err := range []error{
			tx.PutInstitution(ctx, monitor.Institution{ID: owner, Name: title, Tier: monitor.Banking, Region: title, Contacts: []string{owner + "@" + owner + ".example"}, Language: "en"}),
			tx.PutSite(ctx, monitor.Site{ID: id, Name: title, Institution: owner, URL: "https://" + id + ".example/", Schedule: "*/15 * * * *"}),
			tx.PutTarget(ctx, monitor.Target{ID: id, Site: id, URL: "https://" + id + ".example/" + url.PathEscape(title[:min(len(title), 40)])}),
			tx.AddCapture(ctx, c),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	return c
}

func (r *room) question(c monitor.Capture) (id int64) {
	r.t.Helper()
	r.update(func(ctx context.Context, tx monitor.Tx) (err error) {
		id, err = tx.AddQuestion(ctx, monitor.Question{Site: c.Site, Target: c.Target, Capture: c.ID, Report: c.Report, Opened: r.now})
		return err
	})
	return id
}

func (r *room) decisions() []monitor.Decision {
	r.t.Helper()
	all, err := r.store.Decisions(r.t.Context(), "")
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

// Whoever has not signed in sees the door, and nothing behind it.
func TestNobodyGetsInWithoutASession(t *testing.T) {
	r := newRoom(t)
	r.site("bank", "bank", "The Secret Bank", "x", "y")
	for _, path := range []string{"/", "/queue", "/incidents", "/incidents/1", "/sites", "/sites/bank", "/review/q1", "/record", "/settings", "/events", "/statistics", "/statistics/csv?table=day", "/lockdown", "/lockdown/bank", "/snapshots", "/health", "/tokens", reader} {
		code, body := r.get(r.stranger(), path)
		if code != http.StatusOK || !strings.Contains(body, `name="password"`) || strings.Contains(body, "Secret") {
			t.Errorf("%s: %d", path, code)
		}
	}
	for _, path := range []string{"/decide", "/undo", "/sites/bank", "/settings", "/incidents/1"} {
		before := len(r.decisions())
		r.post(r.stranger(), path, url.Values{"verb": {"pause"}, "key": {"q1"}})
		if len(r.decisions()) != before {
			t.Errorf("POST %s by a stranger is on record", path)
		}
	}
}

// Gauntlet case 86: a page of another origin decides nothing, with the analyst's own
// cookie.
func TestForgedRequests(t *testing.T) {
	r := newRoom(t)
	id := r.question(r.site("bank", "bank", "Bank", "x", "y"))
	c := r.account("amina", monitor.Analyst, "")
	before := len(r.decisions())
	form := url.Values{"verb": {"false"}, "key": {fmt.Sprintf("q%d", id)}}
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		if code, _ := r.post(c, "/decide", form, headers...); code != http.StatusForbidden {
			t.Errorf("%v gave %d", headers, code)
		}
	}
	if n := len(r.decisions()); n != before {
		t.Errorf("%d decisions are on record that nobody took", n-before)
	}
	if code, _ := r.post(c, "/decide", form, "Sec-Fetch-Site", "same-origin"); code != http.StatusOK {
		t.Errorf("the console's own page gave %d", code)
	}
}

// What a role may not do is refused where it is decided, and leaves no trace.
func TestRoles(t *testing.T) {
	r := newRoom(t)
	id := r.question(r.site("bank", "bank", "Bank", "x", "y"))
	other := r.site("other", "other", "The Other", "x", "y")
	viewer, owner, analyst := r.account("viewer", monitor.Viewer, ""), r.account("owner", monitor.InstitutionRole, "bank"), r.account("amina", monitor.Analyst, "")
	key := fmt.Sprintf("q%d", id)
	elsewhere, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "operator:x"}, r.question(other))
	if err != nil {
		t.Fatal(err)
	}
	asked := r.question(other)
	before := len(r.decisions())
	for name, test := range map[string]struct {
		who  *http.Client
		path string
		form url.Values
		want int
	}{
		"a viewer decides":               {viewer, "/decide", url.Values{"verb": {"false"}, "key": {key}}, 403},
		"a viewer closes an incident":    {viewer, fmt.Sprintf("/incidents/%d", elsewhere.ID), url.Values{"verb": {"resolve"}}, 403},
		"a viewer undoes":                {viewer, "/undo", url.Values{"decisions": {"[1]"}}, 403},
		"an institution decides":         {owner, "/decide", url.Values{"verb": {"false"}, "key": {key}}, 403},
		"an institution asks for a look": {owner, "/sites/bank", url.Values{"verb": {"look"}, "target": {"bank"}}, 403},
		"an analyst pauses":              {analyst, "/sites/bank", url.Values{"verb": {"pause"}}, 403},
		"an analyst makes a lead":        {analyst, "/settings", url.Values{"new": {"1"}, "name": {"x1"}, "role": {"lead"}, "password": {password}}, 403},
		"an analyst forces a look":       {analyst, "/decide", url.Values{"verb": {"accept"}, "key": {key}, "force": {"1"}, "reason": {"because"}}, 403},
		"an analyst does anything":       {analyst, "/decide", url.Values{"verb": {"destroy"}, "key": {key}}, 409},
		"an analyst at another's page":   {analyst, "/sites/bank", url.Values{"verb": {"look"}, "target": {"other"}}, 404},
	} {
		if code, _ := r.post(test.who, test.path, test.form, "Accept", "application/json"); code != test.want {
			t.Errorf("%s: %d, want %d", name, code, test.want)
		}
	}
	if n := len(r.decisions()); n != before {
		t.Errorf("%d decisions are on record", n-before)
	}
	for path, want := range map[string]int{"/sites/bank": 200, "/sites/other": 404, "/queue": 403, "/record": 403, "/review/" + key: 200, "/": 200, "/sites": 200,
		fmt.Sprintf("/incidents/%d", elsewhere.ID): 404, fmt.Sprintf("/review/i%d", elsewhere.ID): 404, fmt.Sprintf("/review/q%d", asked): 404,
		"/review/c" + other.ID: 404, "/incidents?site=other": 200, "/incidents?state=any": 200, "/statistics": 200, "/lockdown": 200, "/lockdown/bank": 200, "/lockdown/other": 404, "/snapshots": 200, "/health": 403} {
		code, body := r.get(owner, path)
		if code != want || strings.Contains(body, "The Other") || strings.Contains(body, fmt.Sprintf(`href="/incidents/%d"`, elsewhere.ID)) {
			t.Errorf("an institution asks for %s: %d, and the other's name is there: %t", path, code, strings.Contains(body, "The Other"))
		}
	}
	r.alarm(other, elsewhere.ID, "x")
	news, _ := r.listen(t, owner, "/events").next()
	if _, told := news.Marks["other"]; told || len(news.Feed) != 0 || news.Incidents != 0 || len(news.Marks) != 1 {
		t.Errorf("an institution's wall is told of another: %+v", news)
	}
	// A role that is taken away is gone at once, whatever the open page says.
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		a, err := tx.Account(ctx, "amina")
		a.Role = monitor.Viewer
		if err == nil {
			err = tx.PutAccount(ctx, a)
		}
		return err
	})
	if err := r.monitor.Dismiss(t.Context(), monitor.Order{Actor: "user:amina"}, id); err == nil {
		t.Error("somebody decided with a role that was taken away")
	}
}

// A decision leads on, is told of, and can be taken back: once.
func TestDecideAndUndo(t *testing.T) {
	r := newRoom(t)
	id := r.question(r.site("bank", "bank", "Bank", "x", "same"))
	r.question(r.site("clinic", "clinic", "Clinic", "x", "other"))
	c := r.account("amina", monitor.Analyst, "")
	key := fmt.Sprintf("q%d", id)
	for _, verb := range []string{"false", "snooze", "ignore", "confirm"} {
		form := url.Values{"verb": {verb}, "key": {key}, "minutes": {"60"}, "x": {"1"}, "y": {"1"}, "w": {"9"}, "h": {"9"}}
		code, body := r.post(c, "/decide", form, "Accept", "application/json")
		var d done
		if err := json.Unmarshal([]byte(body), &d); code != http.StatusOK || err != nil || len(d.Undo) == 0 || !strings.HasPrefix(d.Next, "/review/q") {
			t.Fatalf("%s: %d %s", verb, code, body)
		}
		if w := r.waiting(); len(w) != 1 {
			t.Errorf("after %s %d things wait", verb, len(w))
		}
		if _, body := r.get(c, d.Next); !strings.Contains(body, `id="undo"`) {
			t.Errorf("after %s there is no way back", verb)
		}
		raw, _ := json.Marshal(d.Undo)
		if code, body := r.post(c, "/undo", url.Values{"decisions": {string(raw)}}, "Accept", "application/json"); code != http.StatusOK {
			t.Errorf("taking %s back: %d %s", verb, code, body)
		}
		if w := r.waiting(); len(w) != 2 {
			t.Errorf("after taking %s back %d things wait", verb, len(w))
		}
		if code, _ := r.post(c, "/undo", url.Values{"decisions": {string(raw)}}, "Accept", "application/json"); code == http.StatusOK {
			t.Errorf("%s was taken back twice", verb)
		}
	}
	site, err := r.store.Site(t.Context(), "bank")
	if err != nil || len(site.Masks) != 0 {
		t.Errorf("masks %v are left, %v", site.Masks, err)
	}
	incidents, err := r.store.Incidents(t.Context(), false)
	if err != nil || len(incidents) != 1 || incidents[0].State != monitor.FalseAlarm {
		t.Errorf("the incident that was taken back: %v, %v", incidents, err)
	}
	if audit, err := r.monitor.VerifyAudit(t.Context(), ""); err != nil || audit.Broken != 0 {
		t.Errorf("the record: %+v, %v", audit, err)
	}
}

func (r *room) waiting() []monitor.Waiting {
	r.t.Helper()
	all, err := r.monitor.Queue(r.t.Context(), false)
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

// What looks the same on several sites is decided once; on very many, not at all.
func TestAlikeIsDecidedOnce(t *testing.T) {
	r := newRoom(t)
	c := r.account("amina", monitor.Analyst, "")
	var first int64
	for i := range desk.MostAtOnce {
		id := r.question(r.site(fmt.Sprintf("site-%c", 'a'+i), "owner", "Site", "x", "cdn.evil.example"))
		if i == 0 {
			first = id
		}
	}
	_, page := r.get(c, "/queue")
	if n := strings.Count(page, "<li data-key"); n != 1 || !strings.Contains(page, fmt.Sprintf("%d alike", desk.MostAtOnce)) {
		t.Errorf("the queue has %d lines", n)
	}
	r.question(r.site("site-z", "owner", "Site", "x", "cdn.evil.example"))
	form := url.Values{"verb": {"false"}, "key": {fmt.Sprintf("q%d", first)}, "all": {"1"}}
	if code, _ := r.post(c, "/decide", form, "Accept", "application/json"); code != http.StatusConflict || len(r.waiting()) != desk.MostAtOnce+1 {
		t.Errorf("one person decided about %d sites: %d", desk.MostAtOnce+1, code)
	}
	r.post(c, "/decide", url.Values{"verb": {"false"}, "key": {fmt.Sprintf("q%d", first+desk.MostAtOnce)}}, "Accept", "application/json")
	if code, body := r.post(c, "/decide", form, "Accept", "application/json"); code != http.StatusOK || len(r.waiting()) != 0 {
		t.Errorf("deciding about all: %d %s; %d wait", code, body, len(r.waiting()))
	}
}

// A region is drawn on one page: nobody ignores that place on others unseen.
func TestARegionIsIgnoredOnOnePage(t *testing.T) {
	r := newRoom(t)
	c := r.account("amina", monitor.Analyst, "")
	id := r.question(r.site("site-a", "owner", "Site", "x", "cdn.evil.example"))
	r.question(r.site("site-b", "owner", "Site", "x", "cdn.evil.example"))
	form := url.Values{"verb": {"ignore"}, "key": {fmt.Sprintf("q%d", id)}, "all": {"1"}, "x": {"1"}, "y": {"1"}, "w": {"9"}, "h": {"9"}}
	if code, _ := r.post(c, "/decide", form, "Accept", "application/json"); code != http.StatusConflict {
		t.Errorf("a region was ignored on two sites: %d", code)
	}
	for _, id := range []string{"site-a", "site-b"} {
		if site, err := r.store.Site(t.Context(), id); err != nil || len(site.Masks) != 0 {
			t.Errorf("%s ignores %v, %v", id, site.Masks, err)
		}
	}
}

// What of several decisions was taken can be taken back, whatever became of the others.
func TestPartOfManyCanBeUndone(t *testing.T) {
	r := newRoom(t)
	c := r.account("amina", monitor.Analyst, "")
	id := r.question(r.site("site-a", "owner", "Site", "x", "cdn.evil.example"))
	gone := r.site("site-b", "owner", "Site", "x", "cdn.evil.example")
	gone.ID = "0198f6a2-9999-7aaa-8bbb-000000000000" // retention was faster
	r.question(gone)
	form := url.Values{"verb": {"false"}, "key": {fmt.Sprintf("q%d", id)}, "all": {"1"}}
	code, body := r.post(c, "/decide", form, "Accept", "application/json")
	var d done
	if err := json.Unmarshal([]byte(body), &d); code != http.StatusOK || err != nil || len(d.Undo) != 1 || !strings.Contains(d.Text, "1 could not") {
		t.Errorf("%d %s", code, body)
	}
}

// A question that joins an incident adds to it as it is then: what somebody did to the
// incident meanwhile stays. It is part of the incident from then on.
func TestConfirmLosesNothing(t *testing.T) {
	r := newRoom(t)
	look := r.site("bank", "bank", "Bank", "x", "y")
	first, second := r.question(look), r.question(look)
	o := monitor.Order{Actor: "operator:x"}
	i, err := r.monitor.Confirm(t.Context(), o, first)
	if err != nil {
		t.Fatal(err)
	}
	r.monitor.Store = dbtest.Meddled(r.store, func() {
		r.update(func(ctx context.Context, tx monitor.Tx) error {
			now, err := tx.Incident(ctx, i.ID)
			now.State, now.Summary, now.Campaign = monitor.Contained, "written meanwhile", "C-2026-0001"
			return errors.Join(err, tx.PutIncident(ctx, now))
		})
	})
	var decision int64
	o.Decided = func(id int64) { decision = id }
	if _, err := r.monitor.Confirm(t.Context(), o, second); err != nil {
		t.Fatal(err)
	}
	now, err := r.store.Incident(t.Context(), i.ID)
	if err != nil || now.State != monitor.Contained || now.Summary != "written meanwhile" || now.Campaign == "" || now.Findings[0].Seen != 2 {
		t.Errorf("the incident is %+v, %v", now, err)
	}
	if err := r.monitor.Undo(t.Context(), monitor.Order{Actor: "operator:x"}, decision); !errors.Is(err, monitor.ErrRefused) || !strings.Contains(err.Error(), "part of incident") {
		t.Errorf("a finding was left in the incident, and its question asked again: %v", err)
	}
}

// The session is another one after signing in, and ends when the account's do.
func TestSessions(t *testing.T) {
	r := newRoom(t)
	c := r.account("amina", monitor.Analyst, "")
	here, _ := url.Parse(r.http.URL)
	token := func() (value string) {
		for _, k := range c.Jar.Cookies(here) {
			if k.Name == "pasban" {
				value = k.Value
			}
		}
		return value
	}
	first := token()
	r.post(c, "/logout", nil)
	r.post(c, "/login", url.Values{"name": {"amina"}, "password": {password}})
	if first == "" || token() == first {
		t.Error("the session has the same token before and after signing in")
	}
	if _, err := r.store.Session(t.Context(), token(), r.now); err == nil {
		t.Error("the database gives the session away")
	}
	r.update(func(ctx context.Context, tx monitor.Tx) error {
		a, err := tx.Account(ctx, "amina")
		a.Epoch++
		if err == nil {
			err = tx.PutAccount(ctx, a)
		}
		return err
	})
	if _, body := r.get(c, "/queue"); !strings.Contains(body, `name="password"`) {
		t.Error("a session outlived those of its account")
	}
}

// The first account is made by the link in the terminal: once.
func TestFirstRun(t *testing.T) {
	r := newRoom(t)
	link, err := r.server.FirstRun(t.Context())
	if err != nil || !strings.HasPrefix(link, r.http.URL+"/welcome?token=") {
		t.Fatal(link, err)
	}
	path := strings.TrimPrefix(link, r.http.URL)
	token := strings.TrimPrefix(path, "/welcome?token=")
	form := url.Values{"token": {token}, "name": {"Root"}, "full_name": {"<b>Root"}, "password": {"short"}}
	if code, body := r.post(r.stranger(), "/welcome", form); code != http.StatusConflict || !strings.Contains(body, "12 to 200") {
		t.Errorf("a short password gave %d", code)
	}
	form.Set("password", password)
	c := r.stranger()
	if code, body := r.post(c, "/welcome", form); code != http.StatusOK || !strings.Contains(body, "New account") {
		t.Errorf("the first account: %d", code)
	}
	if code, _ := r.get(r.stranger(), path); code != http.StatusUnauthorized {
		t.Errorf("the link holds twice: %d", code)
	}
	if again, err := r.server.FirstRun(t.Context()); err != nil || again != "" {
		t.Errorf("there is a link although there is an account: %q, %v", again, err)
	}
	if code, _ := r.post(c, "/settings", url.Values{"name": {"root"}, "role": {"viewer"}}, "Accept", "application/json"); code != http.StatusConflict {
		t.Errorf("the last administrator gave himself away: %d", code)
	}
}

// Gauntlet cases 81 and 84: whatever a site is called, no screen takes it for markup, and
// none grows without a bound.
func TestHostileNames(t *testing.T) {
	for name, hostile := range map[string]string{
		"markup": `"><script>alert(1)</script><img src=x onerror=alert(2)> {{.}} javascript:alert(3)`,
		"bidi":   "evil\u202egnp.exe\u2066\u200b\x00\x1b[31m" + strings.Repeat("\u0335", 400),
		"huge":   strings.Repeat("Ünïcödé ", 1<<17),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			look := r.site("bank", "bank", hostile, hostile, hostile)
			id := r.question(look)
			root := r.account("root", monitor.Administrator, "")
			i, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "user:root", Reason: hostile[:min(len(hostile), 3000)]}, id)
			if err != nil {
				t.Fatal(err)
			}
			r.question(look)
			r.orderAll()
			r.stand("bank", "form", monitor.DoorOpen, time.Time{}, hostile)
			paths := []string{"/", "/queue", "/queue?q=" + url.QueryEscape(hostile[:min(len(hostile), 2000)]), "/review/c" + look.ID, fmt.Sprintf("/review/q%d", id), fmt.Sprintf("/review/i%d", i.ID),
				"/incidents?state=any", fmt.Sprintf("/incidents/%d", i.ID), "/sites", "/sites/bank", "/record", "/settings", "/statistics", "/lockdown", "/lockdown?by=institution&q=" + url.QueryEscape(hostile[:min(len(hostile), 2000)]), "/lockdown/bank", "/snapshots", "/health", "/nothing" + url.PathEscape("<script>")}
			for _, path := range paths {
				code, body := r.get(root, path)
				if code != http.StatusOK && code != http.StatusNotFound {
					t.Errorf("%s: %d", path[:min(len(path), 60)], code)
				}
				for _, bad := range []string{"<script>alert", "<img src=x", "\u202e", "\u2066", "\x00", "\x1b", "href=\"javascript"} {
					if strings.Contains(body, bad) {
						t.Errorf("%s shows %q as it is", path[:min(len(path), 60)], bad)
					}
				}
				if len(body) > 150<<10 {
					t.Errorf("%s weighs %d bytes", path[:min(len(path), 60)], len(body))
				}
			}
		})
	}
}

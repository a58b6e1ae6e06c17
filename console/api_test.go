package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"pasban/console/access"
	"pasban/console/api"
	"pasban/console/desk"
	"pasban/monitor"
)

// program asks by a token, as a script would.
type program struct {
	r      *room
	secret string
	token  monitor.Token
}

// program makes an account with a token. Its name is the account's.
func (r *room) program(name string, role monitor.Role, institution string, scope monitor.TokenScope) program {
	r.t.Helper()
	if _, err := r.store.Account(r.t.Context(), name); err != nil {
		o := monitor.Order{Actor: "operator:x"}
		if err := r.monitor.MakeAccount(r.t.Context(), o, monitor.Account{Name: name, Role: role, Institution: institution, Language: "en"}); err != nil {
			r.t.Fatal(err)
		}
	}
	secret, digest := access.NewToken()
	t, err := r.monitor.MakeToken(r.t.Context(), monitor.Order{Actor: "operator:x"}, monitor.Token{Account: name, Name: "siem", Scope: scope, Digest: digest})
	if err != nil {
		r.t.Fatal(err)
	}
	return program{r, secret, t}
}

// ask sends a request and reads the answer.
func (p program) ask(method, path string, body any) (*http.Response, []byte) {
	p.r.t.Helper()
	var sent io.Reader = http.NoBody
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			p.r.t.Fatal(err)
		}
		sent = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(p.r.t.Context(), method, p.r.http.URL+api.Root+path, sent)
	if err != nil {
		p.r.t.Fatal(err)
	}
	if p.secret != "" {
		req.Header.Set("Authorization", "Bearer "+p.secret)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := (&http.Client{Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		p.r.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		p.r.t.Fatal(err)
	}
	return res, data
}

// do asks for what must succeed, and reads it into something.
func (p program) do(method, path string, body, into any) {
	p.r.t.Helper()
	res, data := p.ask(method, path, body)
	if res.StatusCode >= 300 {
		p.r.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, data)
	}
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			p.r.t.Fatalf("%s %s: %v in %s", method, path, err, data)
		}
	}
}

type obj = map[string]any

// refused asks for what must not succeed, and wants a problem that says something.
func (p program) refused(what, method, path string, body any, want int) {
	p.r.t.Helper()
	res, data := p.ask(method, path, body)
	var problem struct {
		Status        int
		Title, Detail string
	}
	if err := json.Unmarshal(data, &problem); err != nil || res.StatusCode != want || problem.Status != want || problem.Detail == "" || problem.Title == "" {
		p.r.t.Errorf("%s: %d %s, want %d", what, res.StatusCode, data, want)
	}
	if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
		p.r.t.Errorf("%s is answered as %q", what, kind)
	}
}

// address is the path of an operation with something in every place.
func address(path, site string) string {
	return strings.NewReplacer("{site}", site, "{incident}", "1", "{id}", "1", "{key}", "q1", "{campaign}", "C-2026-0001").Replace(path)
}

// operations are all there are, with their paths and methods.
func (r *room) operations() []apiOperation {
	var out []apiOperation
	for path, item := range r.server.api.OpenAPI().Paths {
		for method, o := range map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete} {
			if o != nil {
				role, _ := o.Extensions["x-pasban-role"].(monitor.Role)
				out = append(out, apiOperation{o.OperationID, method, path, role})
			}
		}
	}
	return out
}

type apiOperation struct {
	id, method, path string
	least            monitor.Role
}

// Nobody is let in without a token that holds, whatever he asks for; a cookie is none,
// and nothing sets one. The description alone is told to everybody.
func TestAPIWithoutAToken(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.site("bank", "bank", "The Secret Bank", "x", "y")
	signedIn := r.account("sara", monitor.Administrator, "")
	res, body := r.get(signedIn, api.Root+"/sites")
	if res != http.StatusUnauthorized || strings.Contains(body, "Secret") {
		t.Errorf("a cookie lets in: %d", res)
	}
	revoked, expired, disabled := r.program("amina", monitor.Lead, "", monitor.TokenDecides), r.program("bilal", monitor.Lead, "", monitor.TokenDecides), r.program("carl", monitor.Lead, "", monitor.TokenDecides)
	for _, p := range []program{revoked, expired, disabled} {
		p.do("GET", "/sites", nil, nil)
	}
	if _, err := r.monitor.RevokeToken(t.Context(), monitor.Order{Actor: "user:amina"}, revoked.token.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.monitor.ChangeAccount(t.Context(), monitor.Order{Actor: "operator:x"}, "carl", monitor.AccountChange{Role: monitor.Lead, Disabled: true}); err != nil {
		t.Fatal(err)
	}
	unknown, _ := access.NewToken()
	for what, p := range map[string]program{
		"nothing": {r: r}, "rubbish": {r: r, secret: "pasban_x"}, "another's": {r: r, secret: unknown}, "a revoked token": revoked, "that of a disabled account": disabled,
	} {
		for _, o := range r.operations() {
			p.refused(what+" for "+o.id, o.method, address(o.path, "bank"), obj{}, http.StatusUnauthorized)
		}
	}
	r.now = expired.token.Expires
	expired.refused("an expired token", "GET", "/sites", nil, http.StatusUnauthorized)
	answer, data := program{r: r}.ask("GET", "/openapi.json", nil)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Set-Cookie") != "" || bytes.Contains(data, []byte("Secret")) {
		t.Errorf("the description: %d", answer.StatusCode)
	}
	if challenge, _ := revoked.ask("GET", "/sites", nil); !strings.Contains(challenge.Header.Get("WWW-Authenticate"), "invalid_token") {
		t.Error("a client is not told that its token is the matter")
	}
}

// Each operation takes the role that it names, and what changes something a token to
// decide. What is refused leaves no trace in the record.
func TestAPIRoles(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.site("bank", "bank", "Bank", "x", "y")
	for _, role := range monitor.Roles {
		owner := map[bool]string{true: "bank"}[role == monitor.InstitutionRole]
		programs := []program{r.program("who-"+string(role), role, owner, monitor.TokenReads)}
		if role.AtLeast(monitor.Analyst) {
			programs = append(programs, r.program("who-"+string(role), role, owner, monitor.TokenDecides))
		}
		before := len(r.decisions())
		for _, p := range programs {
			for _, o := range r.operations() {
				may := role.AtLeast(o.least) && (o.method == http.MethodGet || p.token.Scope == monitor.TokenDecides)
				res, data := p.ask(o.method, address(o.path, "none"), map[bool]any{false: obj{}}[o.method == http.MethodGet])
				if o.least == "" || (res.StatusCode != http.StatusForbidden) != may || res.StatusCode >= 500 || res.StatusCode == http.StatusUnauthorized {
					t.Errorf("%s with a token to %s asks for %s, which takes %s: %d %s", role, p.token.Scope, o.id, o.least, res.StatusCode, data)
				}
				r.now = r.now.Add(time.Second)
			}
		}
		if n := len(r.decisions()); n != before {
			t.Errorf("%s: %d decisions are on record", role, n-before)
		}
	}
}

// An institution's token sees its own sites, and is told of another neither its name nor
// whether it is there.
func TestAPIOfAnInstitution(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	mine, other := r.site("bank", "bank", "My Bank", "x", "y"), r.site("other", "other", "The Other", "x", "y")
	asked := r.question(other)
	theirs, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "operator:x"}, r.question(other))
	if err != nil {
		t.Fatal(err)
	}
	own, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "operator:secret"}, r.question(mine))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.monitor.OrderLockdown(t.Context(), monitor.Order{Actor: "operator:secret"}, monitor.Directive{Scope: monitor.Scope{Sites: []string{"other", "bank"}}, Deadline: r.now.Add(time.Hour), Authority: "CERT"}); err != nil {
		t.Fatal(err)
	}
	p := r.program("owner", monitor.InstitutionRole, "bank", monitor.TokenReads)
	for _, pair := range [][2]string{
		{"/sites/other", "/sites/nowhere"}, {"/sites/other/snapshots", "/sites/nowhere/snapshots"}, {fmt.Sprintf("/incidents/%d", theirs.ID), "/incidents/999"},
		{fmt.Sprintf("/reviews/q%d", asked), "/reviews/q999"}, {"/reviews/c" + other.ID, "/reviews/cnone"}, {"/lockdown/sites/other", "/lockdown/sites/nowhere"},
	} {
		there, said := p.ask("GET", pair[0], nil)
		not, saidNot := p.ask("GET", pair[1], nil)
		if there.StatusCode != http.StatusNotFound || not.StatusCode != http.StatusNotFound || !bytes.Equal(said, saidNot) {
			t.Errorf("%s and %s are told apart: %d %s, %d %s", pair[0], pair[1], there.StatusCode, said, not.StatusCode, saidNot)
		}
	}
	for _, path := range []string{
		"/sites", "/sites?q=other", "/snapshots", "/incidents", "/incidents?site=other", "/lockdown/sites", "/lockdown/orders", "/lockdown/waivers", "/wall", "/statistics", "/sites/bank",
		fmt.Sprintf("/incidents/%d", own.ID), "/reviews/c" + mine.ID, "/lockdown/sites/bank",
	} {
		res, data := p.ask("GET", path, nil)
		for _, secret := range []string{"The Other", `"other"`, "other.example", "operator:secret", "@"} {
			if res.StatusCode != http.StatusOK || bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s: %d tells %s: %s", path, res.StatusCode, secret, data)
			}
		}
	}
	var sites struct{ Items []struct{ ID string } }
	p.do("GET", "/sites", nil, &sites)
	if len(sites.Items) != 1 || sites.Items[0].ID != "bank" {
		t.Errorf("an institution sees %+v", sites)
	}
}

type apiOutcomes struct {
	Outcomes []struct {
		Key, Problem string
		Undo         []int64
	}
}

// What an analyst decides with the keyboard a program decides with a token: each is on
// record as the account's with that token, and can be taken back.
func TestAPIDecides(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	key := fmt.Sprintf("q%d", r.question(r.site("bank", "bank", "Bank", "x", "same")))
	p := r.program("amina", monitor.Analyst, "", monitor.TokenDecides)
	for _, choice := range []obj{{"verb": "false_alarm"}, {"verb": "snooze", "minutes": 90}, {"verb": "ignore", "region": obj{"x": 1, "y": 1, "w": 9, "h": 9}}, {"verb": "confirm", "reason": "a skimmer"}} {
		choice["keys"] = []string{key}
		var done apiOutcomes
		p.do("POST", "/decisions", choice, &done)
		if len(done.Outcomes) != 1 || done.Outcomes[0].Key != key || len(done.Outcomes[0].Undo) == 0 || len(r.waiting()) != 0 {
			t.Fatalf("%v came to %+v; %d wait", choice, done, len(r.waiting()))
		}
		p.do("POST", "/decisions/undo", obj{"decisions": done.Outcomes[0].Undo, "reason": "a drill"}, nil)
		if w := r.waiting(); len(w) != 1 {
			t.Errorf("after taking %v back %d things wait", choice, len(w))
		}
		p.refused("taking it back twice", "POST", "/decisions/undo", obj{"decisions": done.Outcomes[0].Undo}, http.StatusConflict)
	}
	p.refused("a region nobody sent", "POST", "/decisions", obj{"keys": []string{key}, "verb": "ignore"}, http.StatusUnprocessableEntity)
	p.refused("an unknown verb", "POST", "/decisions", obj{"keys": []string{key}, "verb": "destroy"}, http.StatusUnprocessableEntity)
	p.refused("a mistyped name", "POST", "/decisions", obj{"keys": []string{key}, "verb": "confirm", "raeson": "x"}, http.StatusUnprocessableEntity)
	p.refused("an analyst forces", "POST", "/decisions", obj{"keys": []string{key}, "verb": "accept", "force": true, "reason": "x"}, http.StatusForbidden)
	var record struct {
		Items []struct {
			Actor, Action string
			Token         *struct {
				ID   int64
				Name string
			}
		}
		Next string
	}
	lead := r.program("lead", monitor.Lead, "", monitor.TokenReads)
	lead.do("GET", "/audit?actor=user:amina&limit=3", nil, &record)
	if len(record.Items) != 3 || record.Next == "" {
		t.Fatalf("the record: %+v", record)
	}
	for _, d := range record.Items {
		if d.Token == nil || d.Token.ID != p.token.ID || d.Token.Name != "siem" || d.Actor != "user:amina" {
			t.Errorf("%s by %s, token %+v", d.Action, d.Actor, d.Token)
		}
	}
	_, page := r.get(r.account("boss", monitor.Lead, ""), "/record")
	if !strings.Contains(page, "siem") {
		t.Error("the record does not show people that a token decided")
	}
	if audit, err := r.monitor.VerifyAudit(t.Context(), ""); err != nil || audit.Broken != 0 {
		t.Errorf("the record: %+v, %v", audit, err)
	}
}

// Several things are decided at once, with an outcome each, and never very many.
func TestAPIDecidesSeveral(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var keys []string
	for i := range desk.MostAtOnce + 1 {
		keys = append(keys, fmt.Sprintf("q%d", r.question(r.site(fmt.Sprintf("site-%c", 'a'+i), "owner", "Site", "x", "cdn.evil.example"))))
	}
	p := r.program("amina", monitor.Analyst, "", monitor.TokenDecides)
	var queue struct{ Items []struct{ Alike []string } }
	p.do("GET", "/queue", nil, &queue)
	if len(queue.Items) != 1 || len(queue.Items[0].Alike) != desk.MostAtOnce {
		t.Errorf("the queue is %+v", queue)
	}
	p.refused("too many at once", "POST", "/decisions", obj{"keys": keys, "verb": "false_alarm"}, http.StatusUnprocessableEntity)
	p.do("POST", "/decisions", obj{"keys": keys[:1], "verb": "false_alarm"}, nil)
	var done apiOutcomes
	p.do("POST", "/decisions", obj{"keys": keys[:3], "verb": "false_alarm"}, &done)
	if o := done.Outcomes; len(o) != 3 || o[0].Problem == "" || len(o[0].Undo) != 0 || o[1].Problem != "" || o[2].Problem != "" || len(r.waiting()) != desk.MostAtOnce-2 {
		t.Errorf("of three, one of which was decided: %+v; %d wait", done, len(r.waiting()))
	}
}

// An incident goes its whole way, and back, over the API.
func TestAPIIncident(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	i, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "operator:x"}, r.question(r.site("bank", "bank", "Bank", "x", "y")))
	if err != nil {
		t.Fatal(err)
	}
	p := r.program("amina", monitor.Analyst, "", monitor.TokenDecides)
	path := fmt.Sprintf("/incidents/%d", i.ID)
	for ago, want := range map[time.Duration]int{time.Hour: 1, -time.Hour: 0} {
		var found struct{ Items []struct{ ID int64 } }
		p.do("GET", "/incidents?open=true&since="+r.now.Add(-ago).UTC().Format(time.RFC3339), nil, &found)
		if len(found.Items) != want {
			t.Errorf("since %v ago there are %+v", ago, found)
		}
	}
	var done struct{ Undo []int64 }
	for _, state := range []monitor.State{monitor.Contained, monitor.Resolved, monitor.Open, monitor.Acknowledged, monitor.FalseAlarm} {
		p.do("POST", path+"/state", obj{"state": state, "reason": "as a test"}, &done)
		if have, err := r.store.Incident(t.Context(), i.ID); err != nil || have.State != state {
			t.Errorf("it is %s and not %s, %v", have.State, state, err)
		}
	}
	p.do("POST", "/decisions/undo", obj{"decisions": done.Undo}, nil)
	p.refused("taking up what was taken up", "POST", path+"/state", obj{"state": "acknowledged"}, http.StatusConflict)
	p.do("PUT", path+"/owner", obj{"account": "amina"}, nil)
	p.refused("giving it to nobody we know", "PUT", path+"/owner", obj{"account": "nobody"}, http.StatusNotFound)
	p.do("POST", path+"/notes", obj{"text": "the host was called"}, nil)
	var story struct {
		State, Owner string
		EvidenceURL  string `json:"evidence_url"`
		Findings     []struct{ Rule string }
		Timeline     []struct{ What, Who, Text string }
	}
	p.do("GET", path, nil, &story)
	last := story.Timeline[len(story.Timeline)-1]
	if story.State != "acknowledged" || story.Owner != "amina" || len(story.Findings) != 1 || last.What != "note" || last.Who != "amina" || last.Text != "the host was called" || !strings.HasPrefix(story.EvidenceURL, "http://127.0.0.2:1/incident/") {
		t.Errorf("the incident is told as %+v", story)
	}
}

// Sites are paused and looked at, and silences placed and lifted.
func TestAPISitesAndSilences(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for i := range 5 {
		r.site(fmt.Sprintf("site-%c", 'a'+i), "bank", "Bank", "x", "y")
	}
	p := r.program("lead", monitor.Lead, "", monitor.TokenDecides)
	var seen []string
	for cursor := ""; ; {
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		p.do("GET", "/sites?limit=2&cursor="+url.QueryEscape(cursor), nil, &page)
		for _, s := range page.Items {
			seen = append(seen, s.ID)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if strings.Join(seen, " ") != "site-a site-b site-c site-d site-e" {
		t.Errorf("page by page there are %q", seen)
	}
	p.refused("a cursor of nothing", "GET", "/sites?cursor=none", nil, http.StatusConflict)
	p.do("POST", "/sites/site-a/pause", obj{"reason": "moved"}, nil)
	var paused struct{ Items []struct{ ID string } }
	r.now = r.now.Add(2 * time.Second)
	if s, err := r.store.Site(t.Context(), "site-a"); err != nil || !s.Paused {
		t.Errorf("the site is not paused, %v", err)
	}
	p.do("GET", "/sites?mark=paused", nil, &paused)
	if len(paused.Items) != 1 {
		t.Errorf("paused are %+v", paused)
	}
	p.do("POST", "/sites/site-a/resume", obj{}, nil)
	if res, data := p.ask("POST", "/sites/site-b/look", obj{}); res.StatusCode != http.StatusAccepted {
		t.Errorf("asking for a look: %d %s", res.StatusCode, data)
	}
	p.refused("a page of another site", "POST", "/sites/site-b/look", obj{"page": "site-c"}, http.StatusNotFound)
	var placed struct {
		ID    int64
		Holds bool
	}
	p.do("POST", "/silences", obj{"mode": "maintenance", "site": "site-a", "until": r.now.Add(time.Hour), "reason": "a new server"}, &placed)
	p.refused("a silence over everything", "POST", "/silences", obj{"mode": "silence", "until": r.now.Add(time.Hour), "reason": "peace"}, http.StatusConflict)
	p.refused("one for a month", "POST", "/silences", obj{"mode": "silence", "kind": "leak", "until": r.now.AddDate(0, 1, 0), "reason": "peace"}, http.StatusConflict)
	if !placed.Holds {
		t.Error("the silence does not hold")
	}
	p.do("POST", fmt.Sprintf("/silences/%d/lift", placed.ID), obj{"reason": "done"}, &placed)
	if placed.Holds {
		t.Error("the silence holds after it was lifted")
	}
	p.refused("lifting it twice", "POST", fmt.Sprintf("/silences/%d/lift", placed.ID), obj{}, http.StatusConflict)
}

// Sites are ordered to be read-only, who complied is told, who cannot explains, and the
// order is lifted.
func TestAPILockdown(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.site("bank", "bank", "Bank", "x", "y")
	r.site("tax", "tax", "Tax", "x", "y")
	p := r.program("root", monitor.Administrator, "", monitor.TokenDecides)
	body := obj{"scope": obj{"tiers": []string{"banking"}}, "controls": []string{"doors"}, "deadline": r.now.Add(48 * time.Hour), "authority": "CERT, circular 12/2026", "text_ur": "حکم"}
	r.program("lead", monitor.Lead, "", monitor.TokenDecides).refused("a lead orders", "POST", "/lockdown/orders", body, http.StatusForbidden)
	var order struct {
		ID      int64
		Sites   []string
		Passive int
		By      string
	}
	p.do("POST", "/lockdown/orders", body, &order)
	if order.ID == 0 || len(order.Sites) != 2 || order.Passive != 2 || order.By != "user:root" {
		t.Fatalf("the order is %+v", order)
	}
	if err := r.monitor.Store.Update(t.Context(), func(tx monitor.Tx) error {
		return tx.PutStandings(t.Context(), []monitor.Standing{{Target: "tax http://tax.example/complaint", Site: "tax", Control: "form", State: monitor.DoorOpen, Since: r.now}})
	}); err != nil {
		t.Fatal(err)
	}
	var tax struct {
		Controls []struct{ Control, State, Page, Beyond string }
	}
	p.do("GET", "/lockdown/sites/tax", nil, &tax)
	if i := slices.IndexFunc(tax.Controls, func(c struct{ Control, State, Page, Beyond string }) bool { return c.Control == "form" }); i < 0 ||
		tax.Controls[i].State != "open" || tax.Controls[i].Page != "tax" || tax.Controls[i].Beyond != "http://tax.example/complaint" {
		t.Errorf("a form behind the menu: %+v", tax)
	}
	var board struct {
		Items []struct {
			Site, State string
			Orders      []int64
			Controls    []struct {
				Control, State string
				Waiver         int64
			}
		}
	}
	p.do("GET", "/lockdown/sites", nil, &board)
	if len(board.Items) != 2 || board.Items[0].Orders[0] != order.ID || board.Items[0].State != "unknown" {
		t.Errorf("the board is %+v", board)
	}
	var waiver struct{ ID int64 }
	p.do("POST", "/lockdown/waivers", obj{"site": "bank", "controls": []string{"login"}, "reason": "branches", "approver": "the director", "expires": r.now.AddDate(0, 0, 30)}, &waiver)
	p.do("GET", "/lockdown/sites?state=waived", nil, &board)
	if len(board.Items) != 1 || board.Items[0].Site != "bank" || board.Items[0].Controls[0].Waiver != waiver.ID {
		t.Errorf("who explained: %+v", board)
	}
	p.do("POST", fmt.Sprintf("/lockdown/waivers/%d/end", waiver.ID), obj{}, nil)
	var orders struct {
		Items []struct {
			ID         int64
			Compliance struct{ Sites, Complied int }
		}
	}
	p.do("GET", "/lockdown/orders", nil, &orders)
	if len(orders.Items) != 1 || orders.Items[0].Compliance.Sites != 2 {
		t.Errorf("in force are %+v", orders)
	}
	p.do("POST", fmt.Sprintf("/lockdown/orders/%d/lift", order.ID), obj{"reason": "over"}, nil)
	p.do("GET", "/lockdown/orders", nil, &orders)
	if len(orders.Items) != 0 {
		t.Errorf("after it was lifted in force are %+v", orders)
	}
	for what, change := range map[string]obj{
		"no scope": {"scope": obj{}}, "an unknown region": {"scope": obj{"regions": []string{"Atlantis"}}}, "an unknown control": {"controls": []string{"moat"}}, "a past deadline": {"deadline": r.now.Add(-time.Hour)},
	} {
		wrong := maps.Clone(body)
		maps.Copy(wrong, change)
		p.refused(what, "POST", "/lockdown/orders", wrong, http.StatusConflict)
	}
	p.refused("an unknown site", "POST", "/lockdown/orders", obj{"scope": obj{"sites": []string{"none"}}, "deadline": r.now.Add(time.Hour), "authority": "x"}, http.StatusNotFound)
}

// One token that asks without end waits, and another does not wait for it.
func TestAPIPace(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	busy, calm := r.program("busy", monitor.Viewer, "", monitor.TokenReads), r.program("calm", monitor.Viewer, "", monitor.TokenReads)
	asked := 0
	for ; asked < 1000; asked++ {
		res, _ := busy.ask("GET", "/me", nil)
		if res.StatusCode == http.StatusTooManyRequests {
			if res.Header.Get("Retry-After") != "1" {
				t.Errorf("it is to wait %q", res.Header.Get("Retry-After"))
			}
			break
		}
	}
	if asked < 30 || asked > 100 {
		t.Errorf("a token may ask %d times at once", asked)
	}
	calm.do("GET", "/me", nil, nil)
	r.now = r.now.Add(time.Second)
	busy.do("GET", "/me", nil, nil)
}

// What is no request of this API is answered with what to do instead.
func TestAPIRefusals(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	p := r.program("root", monitor.Administrator, "", monitor.TokenDecides)
	p.refused("an unknown address", "GET", "/nothing", nil, http.StatusNotFound)
	p.refused("an unknown method", "DELETE", "/sites", nil, http.StatusMethodNotAllowed)
	p.refused("an unknown filter", "GET", "/sites?colour=red", nil, http.StatusUnprocessableEntity)
	p.refused("a wrong value", "GET", "/sites?mark=red", nil, http.StatusUnprocessableEntity)
	p.refused("too many at once", "GET", "/sites?limit=201", nil, http.StatusUnprocessableEntity)
	p.refused("more than there can be", "POST", "/sites/x/pause", obj{"reason": strings.Repeat("x", 70<<10)}, http.StatusRequestEntityTooLarge)
	p.refused("nothing", "POST", "/sites/x/pause", nil, http.StatusBadRequest)
	if res, _ := p.ask("DELETE", "/sites", nil); res.Header.Get("Allow") != "GET" {
		t.Errorf("allowed is %q", res.Header.Get("Allow"))
	}
	for kind, want := range map[string]int{"text/plain": http.StatusUnsupportedMediaType, "application/x-www-form-urlencoded": http.StatusUnsupportedMediaType} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.http.URL+api.Root+"/sites/x/pause", strings.NewReader(`{"reason":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.secret)
		req.Header.Set("Content-Type", kind)
		if code, _ := r.answer(r.stranger(), req); code != want {
			t.Errorf("%s is answered %d", kind, code)
		}
	}
}

// What a site says reaches a program as data: JSON, escaped, with what reorders text
// made visible. No answer is a page, and none lets another origin in.
func TestAPIOfAHostileSite(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	evil := "</script><img src=x onerror=alert(1)>\u202eevil\x00"
	c := r.site("bank", "bank", evil, evil, evil)
	q := r.question(c)
	i, err := r.monitor.Confirm(t.Context(), monitor.Order{Actor: "operator:x", Reason: evil}, r.question(c))
	if err != nil {
		t.Fatal(err)
	}
	p := r.program("root", monitor.Administrator, "", monitor.TokenReads)
	for _, path := range []string{"/sites", "/sites/bank", "/queue", fmt.Sprintf("/reviews/q%d", q), "/reviews/c" + c.ID, "/incidents", fmt.Sprintf("/incidents/%d", i.ID), "/wall", "/health", "/audit", "/statistics", "/lockdown/sites/bank", "/nothing?" + url.QueryEscape(evil)} {
		res, data := p.ask("GET", path, nil)
		h := res.Header
		if bytes.ContainsAny(data, "<>\u202e\x00") || !strings.HasSuffix(h.Get("Content-Type"), "json") || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("Cache-Control") != "no-store" || h.Get("Set-Cookie") != "" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v %s", path, h, data)
		}
	}
}

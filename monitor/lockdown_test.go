package monitor_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/compare"
	"pasban/compare/lockdown"
	"pasban/monitor"
	"pasban/render"
)

// withForm is a page with a form that can be used.
func withForm(p *render.Page) *render.Page {
	q := *p
	body := int32(2)
	box := render.Box{X: 40, Y: 140, W: 300, H: 80}
	at := int32(len(q.Nodes))
	q.Nodes = append(slices.Clone(q.Nodes), render.Node{Parent: body, Name: "form", Box: box}, render.Node{Parent: at, Name: "input", Box: box})
	q.Forms = []render.Form{{Node: at, Method: "post", Box: box, Inputs: []render.Input{{Node: at + 1, Kind: "text", Name: "name", Box: box}}}}
	q.HTML = append(slices.Clone(q.HTML), "<form method=post><input name=name></form>"...)
	q.DOMDigest = digest(q.HTML)
	return &q
}

var operatorTest = monitor.Order{Actor: "operator:test", Reason: "exercise"}

// ordered is a world whose site is ordered to have no form.
func ordered(t *testing.T) (*world, *settable, monitor.Directive) {
	t.Helper()
	clock := &settable{}
	w := newWorld(t, func(c *monitor.Config) { c.Clock = clock.now })
	w.sweep()
	d, sites, err := w.OrderLockdown(t.Context(), operatorTest, monitor.Directive{
		Scope: monitor.Scope{Tiers: []monitor.Tier{monitor.Federal}}, Controls: []string{"form"}, Deadline: clock.now().Add(72 * time.Hour), Authority: "CERT, circular 1"})
	if err != nil || len(sites) != 1 {
		t.Fatalf("ordering: %v, %v", sites, err)
	}
	return w, clock, d
}

func (w *world) state(control string) lockdown.State {
	w.t.Helper()
	all, err := w.Compliance(w.t.Context(), 0, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range all {
		for _, c := range s.Controls {
			if c.Control == control {
				return c.State
			}
		}
	}
	return ""
}

// alarms are the alerts of kind lockdown that a mailbox got.
func (w *world) alarms(mailbox string) []alerting.Alert {
	return slices.DeleteFunc(w.to(mailbox), func(a alerting.Alert) bool { return a.Kind != "lockdown" || a.Event != alerting.Opened })
}

// A form that comes back is one alert of kind lockdown, with the picture and the box
// around it, after a second look agreed. While it stays there is no other.
func TestDoorThatReopens(t *testing.T) {
	w, _, _ := ordered(t)
	if got := w.state("form"); got != lockdown.Unknown {
		t.Errorf("before the first look the form is %s", got)
	}
	w.sweep()
	if got := w.state("form"); got != lockdown.Closed {
		t.Errorf("a page without a form is %s", got)
	}
	w.stage.show(homeURL, withForm(ministry()))
	for range 3 {
		w.sweep()
	}
	if got := w.state("form"); got != lockdown.Open {
		t.Errorf("the form that came back is %s", got)
	}
	alarms := w.alarms("webmaster@ministry.example")
	if len(alarms) != 1 || !alarms[0].Confirmed || alarms[0].Reasons[0].Rule != "lockdown.form" {
		t.Fatalf("the institution got %+v", alarms)
	}
	if len(alarms[0].Pictures) == 0 {
		t.Error("the alert has no picture")
	}
	incidents := w.incidents()
	if len(incidents) != 1 || incidents[0].Kind != compare.Lockdown || incidents[0].Findings[0].Region == nil || incidents[0].Findings[0].Region.W != 300 {
		t.Errorf("incidents: %+v", incidents)
	}
	w.stage.show(homeURL, ministry())
	w.sweep()
	if got, i := w.state("form"), w.incidents()[0]; got != lockdown.Closed || i.Recovered.IsZero() {
		t.Errorf("after it was closed again the form is %s, the incident recovered at %v", got, i.Recovered)
	}
}

// A form that was there before the order is no alarm: it is what the reminders are for.
func TestDoorThatWasNeverShut(t *testing.T) {
	w, _, _ := ordered(t)
	w.stage.show(homeURL, withForm(ministry()))
	w.sweep()
	w.sweep()
	if got := w.state("form"); got != lockdown.Open || len(w.alarms("webmaster@ministry.example")) != 0 {
		t.Errorf("the form is %s, alarms %v", got, w.alarms("webmaster@ministry.example"))
	}
}

// A door that only one of two looks saw is a question for an analyst, and stays closed.
func TestDoorThatOnlyOneLookSaw(t *testing.T) {
	w, _, _ := ordered(t)
	w.sweep()
	w.stage.play(homeURL, func(n int, _ render.Request) (*render.Page, error) {
		if n == 1 {
			return withForm(ministry()), nil
		}
		return ministry(), nil
	})
	w.sweep()
	questions, err := w.Store.Questions(t.Context())
	if err != nil || len(questions) != 1 || len(w.incidents()) != 0 {
		t.Errorf("questions %v (%v), incidents %v", questions, err, w.incidents())
	}
	w.sweep()
	if got := w.state("form"); got != lockdown.Closed {
		t.Errorf("the form is %s", got)
	}
}

// What is waived does not alarm while the waiver holds, and does when it has expired.
func TestWaivedDoor(t *testing.T) {
	w, clock, _ := ordered(t)
	w.sweep()
	if _, err := w.Waive(t.Context(), operatorTest, monitor.Waiver{Site: "ministry", Controls: []string{"form"}, Approver: "Director", Expires: clock.now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	w.stage.show(homeURL, withForm(ministry()))
	w.sweep()
	if got := w.state("form"); got != lockdown.Waived || len(w.incidents()) != 0 {
		t.Errorf("the waived form is %s, incidents %v", got, w.incidents())
	}
	clock.set(2 * time.Hour)
	w.sweep()
	if got := w.state("form"); got != lockdown.Open || len(w.alarms("webmaster@ministry.example")) != 1 {
		t.Errorf("after the waiver the form is %s, alarms %v", got, w.alarms("webmaster@ministry.example"))
	}
}

// A page that stands in for the site proves nothing, and does not make a door that was
// closed look opened or closed.
func TestUnseenPageProvesNothing(t *testing.T) {
	w, _, _ := ordered(t)
	w.sweep()
	blocked := *ministry()
	blocked.Outcome, blocked.Condition = render.BlockedByWAF, render.Challenge
	w.stage.show(homeURL, &blocked)
	w.sweep()
	if got := w.state("form"); got != lockdown.Unknown {
		t.Errorf("behind a challenge the form is %s", got)
	}
}

// Lifting ends it all: nothing is open any more, and it is told.
func TestLiftedLockdown(t *testing.T) {
	w, _, d := ordered(t)
	w.sweep()
	if _, err := w.LiftLockdown(t.Context(), operatorTest, d.ID); err != nil {
		t.Fatal(err)
	}
	w.stage.show(homeURL, withForm(ministry()))
	w.sweep()
	if got := w.state("form"); got != "" || len(w.alarms("webmaster@ministry.example")) != 0 {
		t.Errorf("after the order the form is %q", got)
	}
	if _, err := w.LiftLockdown(t.Context(), operatorTest, d.ID); !errors.Is(err, monitor.ErrRefused) {
		t.Errorf("lifting twice: %v", err)
	}
	var titles []string
	for _, a := range w.to("webmaster@ministry.example") {
		if a.Notice != nil {
			titles = append(titles, a.Notice.Title)
		}
	}
	if len(titles) != 2 || !strings.HasPrefix(titles[0], "Lockdown ordered") || !strings.Contains(titles[1], "lifted") {
		t.Errorf("the institution was told %q", titles)
	}
}

// A site that comes onto the watchlist after the order is under it as well.
func TestOrderFollowsTheWatchlist(t *testing.T) {
	w, _, d := ordered(t)
	w.importList("site_id,name,url,institution,tier\nministry,Ministry," + homeURL + ",Ministry,federal\nbank,Bank,http://bank.example/,Bank,banking\nnew,New,http://new.example/,New,federal\n")
	sites, err := w.Store.DirectiveSites(t.Context(), d.ID)
	if err != nil || !slices.Equal(sites, []string{"ministry", "new"}) {
		t.Errorf("the order is about %v, %v", sites, err)
	}
}

// Bad orders and waivers are refused with the reason.
func TestRefusedOrders(t *testing.T) {
	w, clock, _ := ordered(t)
	soon := clock.now().Add(time.Hour)
	all := monitor.Scope{All: true}
	for want, d := range map[string]monitor.Directive{
		"needs a scope":       {Deadline: soon, Authority: "a"},
		"needs an authority":  {Scope: all, Deadline: soon},
		"needs a deadline":    {Scope: all, Authority: "a"},
		"has passed":          {Scope: all, Authority: "a", Deadline: clock.now().Add(-time.Hour)},
		"no control":          {Scope: all, Authority: "a", Deadline: soon, Controls: []string{"gate"}},
		"no tier":             {Scope: monitor.Scope{Tiers: []monitor.Tier{"royal"}}, Authority: "a", Deadline: soon},
		"no watched site":     {Scope: monitor.Scope{Tiers: []monitor.Tier{monitor.Territory}}, Authority: "a", Deadline: soon},
		"region \"Atlantis\"": {Scope: monitor.Scope{All: true, Regions: []string{"Atlantis"}}, Authority: "a", Deadline: soon},
	} {
		if _, _, err := w.OrderLockdown(t.Context(), operatorTest, d); !errors.Is(err, monitor.ErrRefused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for want, waiver := range map[string]monitor.Waiver{
		"needs an expiry":    {Site: "ministry", Controls: []string{"form"}, Approver: "a"},
		"answers for it":     {Site: "ministry", Controls: []string{"form"}, Expires: soon},
		"names the controls": {Site: "ministry", Approver: "a", Expires: soon},
		"90 days":            {Site: "ministry", Controls: []string{"form"}, Approver: "a", Expires: soon.AddDate(1, 0, 0)},
	} {
		if _, err := w.Waive(t.Context(), operatorTest, waiver); !errors.Is(err, monitor.ErrRefused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// The watchlist's column is read word by word.
func TestPolicy(t *testing.T) {
	for text, wrong := range map[string]string{"": "", "passive": "", "active": "", "active read-only; origin=203.0.113.5": "", "Active,origin=[2001:db8::1]:8443": "",
		"aktive": "unknown word", "active passive": "not both", "origin=office": "is no address"} {
		_, err := monitor.ParsePolicy(text)
		if (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), wrong) {
			t.Errorf("%q: %v, want %q", text, err, wrong)
		}
	}
	if p, _ := monitor.ParsePolicy("active read-only"); !p.Active || !p.ReadOnly {
		t.Errorf("%+v", p)
	}
	if _, err := parse("list.csv", "url,lockdown\nhttp://a.example/,always\n"); err == nil || !strings.Contains(err.Error(), "line 2, column lockdown") {
		t.Errorf("a bad column: %v", err)
	}
}

// An institution with an open door is told before the deadline and after it, each time
// once however often somebody looks, and one that has complied is not.
func TestReminders(t *testing.T) {
	w, clock, _ := ordered(t)
	w.stage.show(homeURL, withForm(ministry()))
	w.sweep()
	titles := func() []string {
		w.t.Helper()
		for range 2 {
			if err := w.OrderRound(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return w.owed("webmaster@ministry.example")
	}
	if got := titles(); len(got) != 1 {
		t.Errorf("three days before the deadline the institution was told %q", got)
	}
	clock.set(49 * time.Hour)
	if got := titles(); len(got) != 2 || got[1] != "lockdown.1.ministry.24h" {
		t.Errorf("a day before the deadline the institution was told %q", got)
	}
	clock.set(24 * time.Hour)
	if got := titles(); len(got) != 3 || got[2] != "lockdown.1.ministry.overdue0" {
		t.Errorf("after the deadline the institution was told %q", got)
	}
	w.stage.show(homeURL, ministry())
	w.sweep()
	clock.set(48 * time.Hour)
	if got := titles(); len(got) != 3 {
		t.Errorf("after it complied the institution was told %q", got)
	}
	scores, err := w.Store.LockdownScores(t.Context(), time.Time{})
	if err != nil || len(scores) < 3 || scores[0].Score != 0 || scores[len(scores)-1].Score != 100 {
		t.Errorf("scores %+v, %v", scores, err)
	}
}

// owed are the names of the notices about orders that a mailbox was put down for.
func (w *world) owed(mailbox string) []string {
	w.t.Helper()
	all, err := w.Store.Deliveries(w.t.Context(), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, d := range all {
		if d.Recipient == mailbox && strings.HasPrefix(d.Alert, "lockdown.") {
			out = append(out, d.Alert)
		}
	}
	return out
}

// order puts an order about all sites in force, at the world's time.
func (w *world) order(now time.Time, scope monitor.Scope, controls ...string) monitor.Directive {
	w.t.Helper()
	d, _, err := w.OrderLockdown(w.t.Context(), operatorTest, monitor.Directive{Scope: scope, Controls: controls, Deadline: now.Add(72 * time.Hour), Authority: "CERT"})
	must(w.t, err)
	return d
}

func (w *world) standings(target string) []string {
	w.t.Helper()
	all, err := w.Store.Standings(w.t.Context(), target)
	must(w.t, err)
	var out []string
	for _, s := range all {
		out = append(out, s.Control)
	}
	return out
}

// What one order demanded and no other does is forgotten when it ends, when the site is
// taken off the list, and only then: the next order begins anew, and what the watchlist
// or another order still demands is remembered.
func TestWhatIsForgotten(t *testing.T) {
	w, clock, form := ordered(t)
	both := w.order(clock.now(), monitor.Scope{All: true}, "form", "login")
	w.sweep()
	if got := w.standings("ministry"); !slices.Equal(got, []string{"form", "login"}) {
		t.Fatalf("the page stands to %v", got)
	}
	_, err := w.LiftLockdown(t.Context(), operatorTest, both.ID)
	must(t, err)
	if got := w.standings("ministry"); !slices.Equal(got, []string{"form"}) {
		t.Errorf("after one of two orders was lifted the page stands to %v", got)
	}
	row := "ministry,Ministry," + homeURL + ",Ministry,federal,"
	head := "site_id,name,url,institution,tier,lockdown\n"
	w.importList(head + row + "read-only\n")
	w.sweep()
	_, err = w.LiftLockdown(t.Context(), operatorTest, form.ID)
	must(t, err)
	if got := w.standings("ministry"); len(got) < 20 {
		t.Errorf("after the last order was lifted a site that the list keeps read-only stands to %v", got)
	}
	w.importList(head + row + "passive\n")
	if got := w.standings("ministry"); len(got) != 0 {
		t.Errorf("a site that nothing is ordered of stands to %v", got)
	}
	w.order(clock.now(), monitor.Scope{Sites: []string{"ministry"}}, "form")
	w.stage.show(homeURL, withForm(ministry()))
	w.sweep()
	if got := w.alarms("webmaster@ministry.example"); len(got) != 0 {
		t.Errorf("a door that the order before had shut alarms under the next, %d times", len(got))
	}
}

// What a server said long ago, or before its owner withdrew, proves nothing.
func TestOldAnswersProveNothing(t *testing.T) {
	s := newStreet(t, "a")
	s.order()
	s.asked()
	state := func() lockdown.State {
		t.Helper()
		all, err := s.Compliance(t.Context(), 0, []string{"a"})
		must(t, err)
		for _, c := range all[0].Controls {
			if c.Control == "method" {
				return c.State
			}
		}
		return ""
	}
	_, err := s.LiftLockdown(t.Context(), operatorTest, 1)
	must(t, err)
	if got := state(); got != lockdown.Closed {
		t.Errorf("what was just asked is %s", got)
	}
	s.clock.set(4 * time.Hour)
	if got := state(); got != lockdown.Unknown {
		t.Errorf("what was asked four hours ago is %s", got)
	}
	s.list("a: passive")
	if _, err := s.Store.Doors(t.Context(), "a"); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("answers outlive the owner's consent: %v", err)
	}
}

// A page that was never looked at is not known, whatever the others show; one that was
// taken off the list does not count.
func TestPagesThatCount(t *testing.T) {
	clock := &settable{}
	w := newWorld(t, func(c *monitor.Config) { c.Clock = clock.now })
	const list = "site_id,name,url,institution,tier,pages\nministry,Ministry," + homeURL + ",Ministry,federal,"
	w.importList(list + "\n")
	w.sweep()
	w.order(clock.now(), monitor.Scope{All: true}, "form")
	w.sweep()
	if got := w.state("form"); got != lockdown.Closed {
		t.Errorf("the site is %s", got)
	}
	w.importList(list + "/contact\n")
	if got := w.state("form"); got != lockdown.Unknown {
		t.Errorf("with a page that nobody has looked at the site is %s", got)
	}
	contact := strings.TrimSuffix(homeURL, "/") + "/contact"
	w.stage.show(contact, withForm(ministry()))
	w.sweep()
	if got := w.state("form"); got != lockdown.Open {
		t.Errorf("with an open form on one page the site is %s", got)
	}
	w.importList(list + "\n")
	if got := w.state("form"); got != lockdown.Closed {
		t.Errorf("after the page was taken off the list the site is %s", got)
	}
}

// Each order reminds of what it demands itself, and a day has one name whether what is
// open is grave or not.
func TestRemindersAreOfTheirOrder(t *testing.T) {
	w, clock, _ := ordered(t) // demands form
	w.stage.show(homeURL, withForm(ministry()))
	w.order(clock.now(), monitor.Scope{All: true}, "login")
	light := w.order(clock.now(), monitor.Scope{All: true}, "csp")
	w.sweep()
	clock.set(73 * time.Hour)
	for range 4 {
		must(t, w.OrderRound(t.Context()))
		clock.set(24 * time.Hour)
	}
	reminders := slices.DeleteFunc(w.owed("webmaster@ministry.example"), func(id string) bool { return !strings.Contains(id, "overdue") })
	slices.Sort(reminders)
	var want []string
	for _, day := range []string{"0", "1", "2", "3"} {
		want = append(want, "lockdown.1.ministry.overdue"+day)
	}
	for _, day := range []string{"0", "3"} {
		want = append(want, fmt.Sprintf("lockdown.%d.ministry.overdue%s", light.ID, day))
	}
	if !slices.Equal(reminders, want) {
		t.Errorf("told %q, want %q", reminders, want)
	}
}

// Two looks that each saw another door open do not bear each other out.
func TestDoorsOfTwoLooksMustBeTheSame(t *testing.T) {
	clock := &settable{}
	w := newWorld(t, func(c *monitor.Config) { c.Clock = clock.now })
	w.sweep()
	w.order(clock.now(), monitor.Scope{All: true}, "form", "search")
	w.sweep()
	searching := withForm(ministry())
	searching.Forms = slices.Clone(searching.Forms)
	searching.Forms[0].Method = "get"
	searching.Forms[0].Inputs = []render.Input{{Node: searching.Forms[0].Inputs[0].Node, Kind: "search", Name: "q", Box: searching.Forms[0].Box}}
	w.stage.play(homeURL, func(n int, _ render.Request) (*render.Page, error) {
		switch n {
		case 1:
			return withForm(ministry()), nil
		case 2:
			return searching, nil
		}
		return ministry(), nil
	})
	w.sweep()
	if got := w.alarms("webmaster@ministry.example"); len(got) != 0 || len(w.incidents()) != 0 {
		t.Errorf("%d alarms, %d incidents", len(got), len(w.incidents()))
	}
	for _, control := range []string{"form", "search"} {
		if got := w.state(control); got != lockdown.Closed {
			t.Errorf("%s, which one look saw open, is %s", control, got)
		}
	}
}

// What a CDN says anew with each answer does not make each look one of its own: the
// thinning would end.
func TestLooksThroughACDNRepeat(t *testing.T) {
	w := newWorld(t)
	w.stage.play(homeURL, func(n int, _ render.Request) (*render.Page, error) {
		p := *ministry()
		p.Headers = append(slices.Clone(p.Headers), render.Header{Name: "cf-ray", Value: fmt.Sprintf("%x-KHI", n)}, render.Header{Name: "x-amz-cf-id", Value: fmt.Sprint(n)},
			render.Header{Name: "via", Value: fmt.Sprintf("1.1 %x.cloudfront.net (CloudFront)", n)}, render.Header{Name: "content-security-policy", Value: fmt.Sprintf("script-src 'nonce-%d'", n)})
		return &p, nil
	})
	for range 5 {
		w.sweep()
	}
	past, err := w.Store.Past(t.Context(), "", 10)
	must(t, err)
	if len(past) < 5 || !past[len(past)-2].Repeats {
		t.Errorf("looks: %+v", past)
	}
}

// Scores are kept as far back as a report goes.
func TestOldScoresAreForgotten(t *testing.T) {
	w, clock, _ := ordered(t)
	w.sweep()
	must(t, w.OrderRound(t.Context()))
	clock.set(367 * 24 * time.Hour)
	must(t, w.OrderRound(t.Context()))
	must(t, w.ForgetScores(t.Context()))
	scores, err := w.Store.LockdownScores(t.Context(), time.Time{})
	if err != nil || len(scores) != 1 {
		t.Errorf("%+v, %v", scores, err)
	}
}

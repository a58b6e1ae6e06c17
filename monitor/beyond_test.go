package monitor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/compare/lockdown"
	"pasban/monitor"
	"pasban/render"
)

// withMenu is a page with a menu of links, each "address name".
func withMenu(p *render.Page, links ...string) *render.Page {
	q := *p
	q.Nodes = slices.Clone(q.Nodes)
	add := func(parent int32, name string) int32 {
		q.Nodes = append(q.Nodes, render.Node{Parent: parent, Name: name})
		return int32(len(q.Nodes) - 1)
	}
	nav := add(2, "nav")
	for _, l := range links {
		address, text, _ := strings.Cut(l, " ")
		q.Links = append(q.Links, render.Link{Node: add(nav, "a"), URL: address, Text: text})
	}
	return &q
}

const complaintURL = homeURL + "complaint"

// led is a world whose site is ordered to have no form, and whose menu leads to a page
// for complaints.
func led(t *testing.T) *world {
	t.Helper()
	clock := &settable{}
	w := newWorld(t, func(c *monitor.Config) { c.Clock, c.DoorPause = clock.now, time.Microsecond })
	w.stage.show(homeURL, withMenu(ministry(), homeURL+" Home", complaintURL+" Complaints"))
	w.stage.show(complaintURL, ministry())
	w.sweep()
	w.order(clock.now(), monitor.Scope{All: true}, "form", "login", "tls")
	return w
}

// control is how the site stands to a control.
func (w *world) control(id string) monitor.ControlStanding {
	w.t.Helper()
	all, err := w.Compliance(w.t.Context(), 0, []string{"ministry"})
	must(w.t, err)
	i := slices.IndexFunc(all[0].Controls, func(c monitor.ControlStanding) bool { return c.Control == id })
	if i < 0 {
		w.t.Fatalf("the site does not stand to %s", id)
	}
	return all[0].Controls[i]
}

// A form on a page that only the menu leads to counts, is named, and is one alert when it
// comes back after it was closed.
func TestDoorBeyondTheHomePage(t *testing.T) {
	w := led(t)
	w.stage.show(complaintURL, withForm(ministry()))
	w.sweep()
	form := w.control("form")
	if form.State != lockdown.Open || form.Page() != complaintURL || !strings.HasPrefix(form.Evidence[0], complaintURL+": form (post)") || form.Box != nil {
		t.Errorf("with an open form behind the menu the site is %+v", form)
	}
	if got := w.control("login").State; got != lockdown.Closed {
		t.Errorf("the login that is nowhere is %s", got)
	}
	w.sweep()
	if len(w.incidents()) != 0 {
		t.Fatalf("a form that was never closed alarms: %+v", w.incidents())
	}
	w.stage.show(complaintURL, ministry())
	w.sweep()
	if got := w.control("form"); got.State != lockdown.Closed {
		t.Errorf("after the form was closed the site is %+v", got)
	}
	w.stage.show(complaintURL, withForm(ministry()))
	for range 3 {
		w.sweep()
	}
	alarms := w.alarms("webmaster@ministry.example")
	if len(alarms) != 1 || !alarms[0].Confirmed || alarms[0].Reasons[0].Rule != "lockdown.form" || !strings.Contains(fmt.Sprint(alarms[0].Reasons), "complaint") {
		t.Fatalf("the institution got %+v", alarms)
	}
	if got := w.control("form"); got.State != lockdown.Open || got.Shut.IsZero() || len(w.incidents()) != 1 {
		t.Errorf("the form that came back is %+v, incidents %+v", got, w.incidents())
	}
	w.stage.show(complaintURL, ministry())
	w.sweep()
	if got, i := w.control("form"), w.incidents()[0]; got.State != lockdown.Closed || i.Recovered.IsZero() {
		t.Errorf("after it was closed again the form is %s, the incident recovered at %v", got.State, i.Recovered)
	}
}

// A door behind the menu that only one of two looks saw is a question for an analyst.
func TestDoorBeyondThatOnlyOneLookSaw(t *testing.T) {
	w := led(t)
	w.sweep()
	w.stage.play(complaintURL, func(n int, _ render.Request) (*render.Page, error) {
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
	if got := w.control("form").State; got != lockdown.Closed {
		t.Errorf("the form is %s", got)
	}
}

// A form that comes back on the home page alarms although another page had one all along.
func TestHomeAlarmsBesideAnOpenPage(t *testing.T) {
	w := led(t)
	w.stage.show(complaintURL, withForm(ministry()))
	w.sweep()
	w.stage.show(homeURL, withMenu(withForm(ministry()), complaintURL+" Complaints"))
	w.sweep()
	form := w.control("form")
	if len(w.incidents()) != 1 || form.Page() != "" || len(form.Evidence) != 2 || !strings.HasPrefix(form.Evidence[1], complaintURL) {
		t.Errorf("incidents %+v, form %+v", w.incidents(), form)
	}
}

// What cannot be seen there is not known; what is gone, or is another site's, is closed.
func TestUnseenPageBeyond(t *testing.T) {
	w := led(t)
	for _, row := range []struct {
		change func(*render.Page)
		want   lockdown.State
	}{
		{func(p *render.Page) { p.Status, p.Outcome = 500, render.HTTPError }, lockdown.Unknown},
		{func(p *render.Page) { p.Status, p.Outcome = 404, render.HTTPError }, lockdown.Open},
		{func(p *render.Page) { p.Outcome = render.NotHTML }, lockdown.Closed},
		{func(p *render.Page) { p.Outcome, p.Condition = render.BlockedByWAF, render.Challenge }, lockdown.Unknown},
		{nil, lockdown.Unknown},
	} {
		w.stage.play(complaintURL, func(int, render.Request) (*render.Page, error) {
			if row.change == nil {
				return nil, fmt.Errorf("the browser is gone")
			}
			p := *withForm(ministry())
			row.change(&p)
			return &p, nil
		})
		w.sweep()
		if got := w.control("form"); got.State != row.want {
			t.Errorf("the form is %s (%s), want %s", got.State, got.Why, row.want)
		}
	}
}

// visits counts how often a page was opened since the test said what it shows.
func (s *stage) visits(url string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[url]
}

// routine looks at everything as the schedule does.
func (w *world) routine() {
	w.t.Helper()
	w.renew(w.Config)
	targets, err := w.Select(w.t.Context(), nil)
	must(w.t, err)
	_, err = w.Sweep(w.t.Context(), targets, monitor.ReasonSchedule, nil)
	must(w.t, err)
}

// Of four routine looks one goes on, to one page after the other, so that all have their
// turn; an eager menu is cut; watched pages, deeds and other sites are left alone.
func TestTurnsOfPagesBeyond(t *testing.T) {
	w := led(t)
	links := []string{homeURL + "#top Home", homeURL + "logout Log in again", homeURL + "news?delete=1 News", "http://other.example/complaint Complaint"}
	for i := range 12 {
		links = append(links, fmt.Sprintf("%spage%d Page", homeURL, i))
		w.stage.show(fmt.Sprintf("%spage%d", homeURL, i), ministry())
	}
	w.stage.show(homeURL, withMenu(ministry(), append(links, complaintURL+" شکایت")...))
	w.stage.show(complaintURL, ministry())
	opened := func() (each []int) {
		each = append(each, w.stage.visits(complaintURL))
		for i := range 12 {
			each = append(each, w.stage.visits(fmt.Sprintf("%spage%d", homeURL, i)))
		}
		return each
	}
	var when []int         // the looks that went on
	for look := range 35 { // four for each of eight pages, and a site may begin with its fourth
		before := opened()
		w.routine()
		if !slices.Equal(before, opened()) {
			when = append(when, look)
		}
		if len(when) == 8 {
			break
		}
	}
	if got := opened(); !slices.Equal(got, []int{1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0}) {
		t.Errorf("the page whose name promises a door, and the others, were opened %v times", got)
	}
	for i, look := range when {
		if look != when[0]+4*i || when[0] > 3 {
			t.Errorf("the looks that went on are %v", when)
		}
	}
	w.importList("site_id,name,url,institution,tier,pages\nministry,Ministry of Fixtures," + homeURL + ",Ministry,federal,/complaint\n")
	w.sweep()
	all, err := w.Store.SiteStandings(t.Context(), "ministry")
	must(t, err)
	if slices.ContainsFunc(all, func(s monitor.Standing) bool { return s.Page() == complaintURL }) {
		t.Error("a page that is watched now stands for itself and for the menu as well")
	}
	_, err = w.LiftLockdown(t.Context(), operatorTest, 1)
	must(t, err)
	if all, err = w.Store.SiteStandings(t.Context(), "ministry"); err != nil || len(all) != 0 {
		t.Errorf("after the order %d standings are left, %v", len(all), err)
	}
}

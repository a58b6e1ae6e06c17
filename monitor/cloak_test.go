package monitor_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
)

// visitorOf tells visitors apart as a server does.
func visitorOf(r render.Request) monitor.Visitor {
	switch {
	case strings.Contains(r.UserAgent, "Googlebot"):
		return monitor.Search
	case r.Mobile:
		return monitor.Phone
	}
	return monitor.Desktop
}

// cloak makes the ministry show its visitors different pages from now on; who has
// none is shown the desktop's.
func (w *world) cloak(pages map[monitor.Visitor]*render.Page) {
	w.stage.play(homeURL, func(_ int, r render.Request) (*render.Page, error) {
		if p := pages[visitorOf(r)]; p != nil {
			return p, nil
		}
		return pages[monitor.Desktop], nil
	})
}

// sweepAs looks at everything once as one visitor.
func (w *world) sweepAs(as monitor.Visitor) monitor.Event {
	w.t.Helper()
	w.renew(w.Config)
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	targets, err := w.Select(ctx, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	var out monitor.Event
	if _, err := w.SweepAs(ctx, targets, as, monitor.ReasonSweep, func(e monitor.Event) { out = e }); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// heard are the events that the CERT had letters about.
func (w *world) heard() string {
	var events []alerting.Event
	for _, l := range w.mail.letters() {
		if l.to.To == "cert@cert.example" {
			events = append(events, l.alert.Event)
		}
	}
	return fmt.Sprint(events)
}

// spam is the ministry as a search engine is shown it after a break-in.
func spam() *render.Page {
	return ministry("situs slot gacor maxwin", "togel online terpercaya", "casino online deposit", "sbobet judi bola")
}

// What only a search engine's robot is shown is an attack once a second look as the
// robot agrees, and is told as one; a desktop that sees a good page does not end it,
// the robot that does so ends it.
func TestCloakedSpamIsToldAndEndedAsTheRobot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	var second []monitor.Visitor
	w.stage.play(homeURL, func(_ int, r render.Request) (*render.Page, error) {
		if r.FreshProcess {
			second = append(second, visitorOf(r))
		}
		if visitorOf(r) == monitor.Search {
			return spam(), nil
		}
		return ministry(), nil
	})
	if e := w.sweep()["ministry"]; e.Capture.Report.Verdict != compare.Unchanged || e.Incident != nil {
		t.Fatalf("on a desktop: verdict %s, incident %v; want unchanged without one", e.Capture.Report.Verdict, e.Incident)
	}
	e := w.sweepAs(monitor.Search)
	if e.Incident == nil || e.Incident.Kind != compare.Injection || e.Incident.Findings[0].Visitor != monitor.Search {
		t.Fatalf("as the robot: %s (%s), incident %+v; want one of the robot's", e.Capture.Report.Verdict, e.Capture.Report.Why, e.Incident)
	}
	if len(second) != 1 || second[0] != monitor.Search {
		t.Errorf("second looks as %v, want one as the robot", second)
	}
	for _, l := range w.mail.letters() {
		if l.alert.Visitor != "search" || !strings.Contains(l.alert.Summary, "Shown to visitors from search engines only.") {
			t.Errorf("the letter to %s says %q, not who is shown it", l.to.To, l.alert.Summary)
		}
	}
	w.sweep()
	w.sweepAs(monitor.Phone)
	if got := w.heard(); got != "[opened]" {
		t.Fatalf("told %s after good looks of others, want [opened]", got)
	}
	w.stage.show(homeURL, ministry())
	if w.sweep(); w.heard() != "[opened]" {
		t.Errorf("told %s before the robot saw a good page", w.heard())
	}
	if w.sweepAs(monitor.Search); w.heard() != "[opened recovered]" {
		t.Errorf("told %s after it, want [opened recovered]", w.heard())
	}
}

// A page that everybody sees attacked is one incident, told once, and over when the
// last of those who saw it sees a good page.
func TestAnAttackOnAllVisitorsIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.sweep()
	w.sweepAs(monitor.Search)
	w.cloak(map[monitor.Visitor]*render.Page{monitor.Desktop: ministry(), monitor.Search: defaced()})
	w.sweep()
	if got := w.heard(); got != "[opened]" || len(w.incidents()) != 1 {
		t.Errorf("told %s of %d incidents while the robot still sees it; want [opened] of 1", got, len(w.incidents()))
	}
	w.stage.show(homeURL, ministry())
	if w.sweepAs(monitor.Search); w.heard() != "[opened recovered]" {
		t.Errorf("told %s, want [opened recovered]", w.heard())
	}
}

// narrow is the ministry as it lays itself out for phones: a menu, other ids, less
// text, in another order.
func narrow() *render.Page {
	full := ministry()
	var lines []string
	for _, n := range full.Nodes {
		if n.Name == "#text" && len(lines) < 6 && n.Text != full.Title {
			lines = append([]string{n.Text}, lines...)
		}
	}
	p := page(full.Title, append([]string{"Menu", "Search", "Call us"}, lines...)...)
	for i := range p.Nodes {
		if p.Nodes[i].Name == "p" {
			p.Nodes[i].Name = "li"
		}
	}
	return p
}

// A page laid out for phones is no finding that anybody hears of, though most of the
// picture and of the structure is another.
func TestHonestPhoneLayoutIsQuiet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.cloak(map[monitor.Visitor]*render.Page{monitor.Desktop: ministry(), monitor.Phone: narrow()})
	e := w.sweepAs(monitor.Phone)
	if e.Err != nil || e.Capture.Report.Verdict != compare.Benign || e.Capture.Visitor != monitor.Phone {
		t.Errorf("verdict %s (%s) as %s, error %v; want benign as a phone", e.Capture.Report.Verdict, e.Capture.Report.Why, e.Capture.Visitor, e.Err)
	}
	if asked, err := w.Store.Questions(t.Context()); err != nil || len(asked) > 0 || len(w.mail.letters()) > 0 {
		t.Errorf("%d questions (%v), %d letters; want none", len(asked), err, len(w.mail.letters()))
	}
}

// A phone that is shown an intruder's page is an attack, whatever the layout.
func TestDefacedForPhonesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.cloak(map[monitor.Visitor]*render.Page{monitor.Desktop: ministry(), monitor.Phone: defaced()})
	if e := w.sweepAs(monitor.Phone); e.Incident == nil || e.Incident.Severity != compare.Critical {
		t.Errorf("verdict %s, incident %+v; want a critical one", e.Capture.Report.Verdict, e.Incident)
	}
	for _, l := range w.mail.letters() {
		if len(l.alert.Pictures) != 2 || !strings.Contains(l.alert.Summary, "Shown to phones only.") {
			t.Errorf("%d pictures, %q; want what was approved, what phones see, and who sees it", len(l.alert.Pictures), l.alert.Summary)
		}
	}
}

// A server that turns away whoever calls himself a search engine is no attack, and
// neither keeps its page fresh nor makes it stale.
func TestRobotTurnedAwayIsQuiet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	before, err := w.Store.TargetFreshness(t.Context(), "ministry")
	if err != nil {
		t.Fatal(err)
	}
	forbidden := page("403 Forbidden", "You are not allowed here.")
	forbidden.Status, forbidden.Outcome = 403, render.HTTPError
	w.cloak(map[monitor.Visitor]*render.Page{monitor.Desktop: ministry(), monitor.Search: forbidden})
	e := w.sweepAs(monitor.Search)
	if e.Capture.Report.Verdict != compare.NotComparable || len(w.incidents()) > 0 || len(w.mail.letters()) > 0 {
		t.Errorf("verdict %s, %d incidents; want not_comparable and none", e.Capture.Report.Verdict, len(w.incidents()))
	}
	after, err := w.Store.TargetFreshness(t.Context(), "ministry")
	if err != nil || after != before {
		t.Errorf("freshness %+v, %v; want %+v as before", after, err, before)
	}
}

// What another visitor saw is never approved, and makes no baseline at first sight.
func TestOtherVisitorsTeachNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := ministry("a line for phones")
	w.cloak(map[monitor.Visitor]*render.Page{monitor.Desktop: ministry(), monitor.Phone: other})
	w.sweepAs(monitor.Phone)
	if all, err := w.Store.Baselines(t.Context(), "ministry"); err != nil || len(all) > 0 {
		t.Fatalf("%d baselines (%v) of a phone's look", len(all), err)
	}
	w.sweep()
	w.sweepAs(monitor.Phone)
	b, err := w.Approve(t.Context(), monitor.Order{Actor: "operator:test"}, "ministry")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range b.Captures {
		if c, err := w.Store.Capture(t.Context(), id); err != nil || c.Visitor != monitor.Desktop {
			t.Errorf("the baseline holds a look of %s (%v)", c.Visitor, err)
		}
	}
}

// Who called what a phone is shown a false alarm is not told of it at every look to
// come, but of anything else.
func TestFalseAlarmOfAnotherVisitorStaysOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.cloak(map[monitor.Visitor]*render.Page{monitor.Desktop: ministry(), monitor.Phone: spam()})
	e := w.sweepAs(monitor.Phone)
	if e.Incident == nil {
		t.Fatalf("no incident: %s", e.Capture.Report.Why)
	}
	if _, err := w.Resolve(t.Context(), monitor.Order{Actor: "operator:test"}, e.Incident.ID, true); err != nil {
		t.Fatal(err)
	}
	if w.sweepAs(monitor.Phone); len(w.incidents()) != 1 {
		t.Errorf("%d incidents after the false alarm was seen again, want 1", len(w.incidents()))
	}
	w.cloak(map[monitor.Visitor]*render.Page{monitor.Desktop: ministry(), monitor.Phone: defaced()})
	if w.sweepAs(monitor.Phone); len(w.incidents()) != 2 {
		t.Errorf("%d incidents after a defacement, want 2", len(w.incidents()))
	}
}

// An open incident does not hide the next attack by the same means: a second
// intruder's title is told, the first one's again is not, and a page that signs with
// another name at each load is told a few times only.
func TestSecondAttackByTheSameRuleIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	signed := func(name string) *render.Page {
		return page("Hacked by "+name, "HACKED BY "+strings.ToUpper(name), "your security is zero", "greetz to all members")
	}
	for _, step := range []struct{ name, told string }{
		{"Gr3y L4ntern", "[opened]"}, {"Gr3y L4ntern", "[opened]"}, {"Quiet Fox", "[opened escalated]"}, {"Gr3y L4ntern", "[opened escalated]"},
	} {
		w.stage.show(homeURL, signed(step.name))
		if w.sweep(); w.heard() != step.told {
			t.Errorf("told %s after a title by %s, want %s", w.heard(), step.name, step.told)
		}
	}
	for i := range 8 {
		w.stage.show(homeURL, signed("Crew "+string(rune('A'+i))+" Wolf"))
		w.sweep()
	}
	if n := strings.Count(w.heard(), "escalated"); n > 4 {
		t.Errorf("told %d times that it got worse, want a few", n)
	}
}

// serve runs the pipeline with its schedule, every second for the desktop, while f
// runs.
func (w *world) serve(cloakEvery time.Duration, schedule string, f func(await func(what string, done func() bool))) {
	w.t.Helper()
	w.importList("site_id,name,url,institution,tier,contacts,schedule\nministry,Ministry of Fixtures," + homeURL + ",Ministry,federal,webmaster@ministry.example," + schedule + "\n")
	config := w.Config
	config.Solo, config.CloakEvery = false, cloakEvery
	w.renew(config)
	ctx, stop := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, true) }()
	f((&watch{world: w}).await)
	stop()
	if err := <-ended; err != nil {
		w.t.Error(err)
	}
}

// scheduled counts the looks as one visitor that the schedule asked for.
func (w *world) scheduled(as monitor.Visitor) int {
	w.t.Helper()
	all, err := w.Store.CapturesAs(w.t.Context(), "ministry", as, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, c := range all {
		if c.Reason == monitor.ReasonSchedule && c.Visitor == as {
			n++
		}
	}
	return n
}

// The schedule looks as a phone and as a robot again and again, however rarely it
// looks on a desktop, and finds what only they are shown.
func TestScheduleLooksAsOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.cloak(map[monitor.Visitor]*render.Page{monitor.Desktop: ministry(), monitor.Search: spam()})
	w.serve(time.Second, "@every 24h", func(await func(string, func() bool)) {
		await("a letter", func() bool { return w.heard() == "[opened]" })
		await("looks as others", func() bool { return w.scheduled(monitor.Phone) >= 2 && w.scheduled(monitor.Search) >= 2 })
	})
	if n := w.scheduled(monitor.Desktop); n > 0 {
		t.Errorf("%d looks on a desktop in a moment of a day, want none", n)
	}
}

// While an incident is open that only the robot saw, the robot looks as often as the
// desktop does; the phone, which saw nothing, does not.
func TestWitnessLooksOnTheOrdinarySchedule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.cloak(map[monitor.Visitor]*render.Page{monitor.Desktop: ministry(), monitor.Search: spam()})
	w.sweepAs(monitor.Search)
	w.serve(0, "@every 1s", func(await func(string, func() bool)) {
		await("looks as the robot", func() bool { return w.scheduled(monitor.Search) >= 2 })
		w.stage.show(homeURL, ministry())
		await("the end of it", func() bool { return w.heard() == "[opened recovered]" })
	})
	if n := w.scheduled(monitor.Phone); n > 0 {
		t.Errorf("%d looks as a phone, want none", n)
	}
}

package monitor_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
)

// hush places a silence over a site, from now for an hour.
func (w *world) hush(s monitor.Silence) monitor.Silence {
	w.t.Helper()
	s.Until = w.Clock().Add(time.Hour)
	if s.Mode == "" {
		s.Mode = monitor.Hush
	}
	s, err := w.PlaceSilence(w.t.Context(), monitor.Order{Actor: "operator:analyst", Reason: "the disk is exchanged"}, s)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// While a silence holds, an attack is on record and nobody is written to; when it ends
// and the attack is still there, the alert goes out and says who held it until when.
func TestSilence(t *testing.T) {
	t.Parallel()
	w, clock := fleet(t, 2)
	placed := w.hush(monitor.Silence{Site: siteID(0), By: "the operations room"})
	w.hack(0, signed("Grey Lantern", 0))
	w.sweep()
	if n := len(w.incidents()); n != 1 || len(w.mail.letters()) != 0 {
		t.Fatalf("%d incidents and %d letters in a silence; want one and none", n, len(w.mail.letters()))
	}
	clock.set(61 * time.Minute)
	w.sweep() // lets go what waited; serve delivers it
	w.serveUntil(func() bool { return len(w.to(cert)) > 0 && len(w.to("web@site00.example")) > 0 })
	for _, to := range []string{cert, "web@site00.example"} {
		got := w.to(to)
		if eventsOf(got) != "opened" {
			t.Fatalf("%s was told %q", to, eventsOf(got))
		}
		if e := got[0].Ended; e == nil || e.By != "the operations room" || !e.Until.Equal(placed.Until) || e.What != "silence" || e.Reason != "the disk is exchanged" || len(got[0].Pictures) != 3 {
			t.Errorf("%s is told that %+v ended", to, e)
		}
	}
	decisions, err := w.Store.Decisions(t.Context(), "site:site00")
	if err != nil || len(decisions) != 1 || decisions[0].Action != "silence.place" || decisions[0].ID != placed.Decision {
		t.Errorf("the decisions are %+v, %v", decisions, err)
	}
}

// What is over when the silence ends is not told, and stays on record as withheld.
func TestSilenceOverWhatIsOver(t *testing.T) {
	t.Parallel()
	w, clock := fleet(t, 2)
	w.hush(monitor.Silence{Institution: "institution-site00"})
	w.hush(monitor.Silence{Site: siteID(1)})
	w.hack(0, signed("Grey Lantern", 0))
	w.hack(0, ownPage(0))
	w.hack(1, signed("Red Moon Riders", 1))
	if _, err := w.Resolve(t.Context(), analyst, w.incidents()[0].ID, false); err != nil {
		t.Fatal(err)
	}
	w.stage.show(siteURL(1), ownPage(1))
	clock.set(61 * time.Minute)
	w.sweep()
	if got := w.mail.letters(); len(got) != 0 {
		t.Errorf("told of what was over: %+v", got)
	}
	for _, i := range w.incidents() {
		all, err := w.Store.Deliveries(t.Context(), i.ID)
		if err != nil || len(all) < 2 {
			t.Fatalf("incident %d has the deliveries %+v, %v", i.ID, all, err)
		}
		for _, d := range all {
			if d.State != monitor.Withheld && d.State != monitor.Grouped {
				t.Errorf("alert %s to %s is %s", d.Alert, d.Recipient, d.State)
			}
		}
	}
}

// A silence over one rule or kind does not hold what is beside it, and one that is lifted
// lets go at once.
func TestSilenceScopeAndLift(t *testing.T) {
	t.Parallel()
	w, _ := fleet(t, 2)
	w.hush(monitor.Silence{Kind: compare.Leak})
	w.hush(monitor.Silence{Site: siteID(1), Rule: "defacement.logo"})
	w.hack(1, signed("Grey Lantern", 1))
	if got := w.to(cert); eventsOf(got) != "opened" || got[0].Ended != nil {
		t.Fatalf("silences over something else held it: %q", eventsOf(got))
	}
	s := w.hush(monitor.Silence{Kind: compare.Defacement})
	w.hack(0, signed("Red Moon Riders", 0))
	if got := w.to(cert); eventsOf(got) != "opened" {
		t.Fatalf("in a silence over its kind the CERT was told %q", eventsOf(got))
	}
	lifted, err := w.LiftSilence(t.Context(), analyst, s.ID)
	if err != nil || lifted.Lifted.IsZero() || lifted.LiftedBy != analyst.Actor {
		t.Fatalf("lifting: %+v, %v", lifted, err)
	}
	w.sweep()
	got := w.to(cert)
	if eventsOf(got) != "opened opened" || got[1].Ended == nil || !got[1].Ended.Until.Equal(lifted.Lifted) {
		t.Errorf("after it was lifted the CERT was told %q, %+v", eventsOf(got), got[len(got)-1].Ended)
	}
	if _, err := w.LiftSilence(t.Context(), analyst, s.ID); !errors.Is(err, monitor.ErrRefused) {
		t.Errorf("lifting it again: %v, want a refusal", err)
	}
}

// A silence has an end, a scope and a reason.
func TestSilenceIsBounded(t *testing.T) {
	t.Parallel()
	w, clock := fleet(t, 1)
	day := 24 * time.Hour
	now := clock.now()
	good := monitor.Silence{Mode: monitor.Hush, Site: siteID(0), Until: now.Add(time.Hour)}
	for name, change := range map[string]func(*monitor.Silence, *monitor.Order){
		"without scope":      func(s *monitor.Silence, _ *monitor.Order) { s.Site = "" },
		"without reason":     func(_ *monitor.Silence, o *monitor.Order) { o.Reason = " " },
		"by nobody":          func(_ *monitor.Silence, o *monitor.Order) { o.Actor = "" },
		"without end":        func(s *monitor.Silence, _ *monitor.Order) { s.Until = time.Time{} },
		"over already":       func(s *monitor.Silence, _ *monitor.Order) { s.From, s.Until = now.Add(-2*day), now.Add(-day) },
		"too long":           func(s *monitor.Silence, _ *monitor.Order) { s.Until = now.Add(7*day + time.Hour) },
		"too far ahead":      func(s *monitor.Silence, _ *monitor.Order) { s.From, s.Until = now.Add(91*day), now.Add(92*day) },
		"of no site":         func(s *monitor.Silence, _ *monitor.Order) { s.Site = "nowhere" },
		"of no institution":  func(s *monitor.Silence, _ *monitor.Order) { s.Institution = "nobody" },
		"of no rule":         func(s *monitor.Silence, _ *monitor.Order) { s.Rule = "defacement.none" },
		"of no kind":         func(s *monitor.Silence, _ *monitor.Order) { s.Kind = "noise" },
		"of no mode":         func(s *monitor.Silence, _ *monitor.Order) { s.Mode = "sleep" },
		"planned for a rule": func(s *monitor.Silence, _ *monitor.Order) { s.Mode, s.Rule = monitor.PlannedWork, "defacement.logo" },
		"planned for no site": func(s *monitor.Silence, _ *monitor.Order) {
			s.Mode, s.Site, s.Kind = monitor.PlannedWork, "", compare.Leak
		},
	} {
		s, o := good, analyst
		change(&s, &o)
		if _, err := w.PlaceSilence(t.Context(), o, s); !errors.Is(err, monitor.ErrRefused) && !errors.Is(err, monitor.ErrNotFound) {
			t.Errorf("a silence %s: %v, want a refusal", name, err)
		}
	}
	if all, err := w.Store.Silences(t.Context(), time.Time{}); err != nil || len(all) != 0 {
		t.Errorf("placed were %+v, %v", all, err)
	}
	planned := good
	planned.Mode, planned.Until = monitor.PlannedWork, now.Add(14*day-time.Minute)
	for _, s := range []monitor.Silence{good, planned} {
		if _, err := w.PlaceSilence(t.Context(), analyst, s); err != nil {
			t.Errorf("placing %+v: %v", s, err)
		}
	}
}

// A change that the owner announced waits as a question and may be approved; what only
// an intruder does alarms all the same; and once the notice has ended, what is not
// approved is an alarm that says so.
func TestPlannedChange(t *testing.T) {
	t.Parallel()
	w, clock := fleet(t, 3)
	for i := range 3 {
		w.hush(monitor.Silence{Mode: monitor.PlannedWork, Site: siteID(i), By: "webmaster of site"})
	}
	relaunch := func(i int) *render.Page {
		return page("Services", words[i], "open from nine", "a wholly new page", "of few words")
	}
	w.stage.show(siteURL(0), relaunch(0))
	w.stage.show(siteURL(1), relaunch(1))
	w.stage.show(siteURL(2), signed("Grey Lantern", 2))
	w.sweep()
	if got := w.to(cert); eventsOf(got) != "opened" || got[0].Site != siteID(2) || got[0].Ended != nil {
		t.Fatalf("the CERT was told %q of %v", eventsOf(got), got)
	}
	asked, err := w.Store.Questions(t.Context())
	if err != nil || len(asked) != 2 || !strings.Contains(asked[0].Report.Why, "announced by webmaster of site until") {
		t.Fatalf("questions are %+v, %v; want two that name the notice", asked, err)
	}
	if _, err := w.Approve(t.Context(), monitor.Order{Actor: "operator:analyst"}, siteID(0)); err != nil {
		t.Errorf("approving what was announced: %v", err)
	}
	clock.set(61 * time.Minute)
	w.sweep()
	got := w.to("web@site01.example")
	if eventsOf(got) != "opened" || got[0].Ended == nil || got[0].Ended.What != "planned" || got[0].Ended.By != "webmaster of site" {
		t.Errorf("after the notice ended the institution was told %q", eventsOf(got))
	}
	if own := w.to("web@site00.example"); len(own) != 0 {
		t.Errorf("what was approved was told: %q", eventsOf(own))
	}
}

// A second attack on a page whose first is known to the CERT goes out of a silence as
// one mail, the last.
func TestSilenceTellsTheLastWord(t *testing.T) {
	t.Parallel()
	w, clock := fleet(t, 1)
	w.hack(0, signed("Grey Lantern", 0))
	w.hush(monitor.Silence{Site: siteID(0), Mode: monitor.Maintenance})
	for _, p := range []*render.Page{ownPage(0), signed("Grey Lantern", 0), ownPage(0)} {
		w.hack(0, p)
	}
	if got := w.to(cert); eventsOf(got) != "opened" {
		t.Fatalf("in the window the CERT was told %q", eventsOf(got))
	}
	clock.set(61 * time.Minute)
	w.sweep() // lets go what waited; serve delivers it
	w.serveUntil(func() bool { return len(w.to(cert)) > 1 })
	got := w.to(cert)
	if eventsOf(got) != "opened recovered" || got[1].Ended == nil || got[1].Ended.What != string(monitor.Maintenance) {
		t.Errorf("after the window the CERT was told %q", eventsOf(got))
	}
}

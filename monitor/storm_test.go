package monitor_test

import (
	"testing"
	"time"

	"pasban/alerting"
	"pasban/monitor"
)

// More mails than a person can read come as one list, in which each alert is once.
func TestStorm(t *testing.T) {
	t.Parallel()
	w, clock := fleet(t, 8, func(c *monitor.Config) { c.MailLimit = 3 })
	w.Solo = false
	crews := []string{"Grey Lantern", "Red Moon Riders", "Silent Otters", "Blue Ferry", "Tin Harbour", "Paper Tiger", "Old Compass", "Salt Mill"}
	for i, crew := range crews {
		w.stage.show(siteURL(i), signed(crew, i))
	}
	clock.set(61 * time.Minute)
	w.runUntil(1, func() bool { return len(w.incidents()) == 8 && w.allTold() })
	if got := w.to(cert); eventsOf(got) != "opened opened opened" {
		t.Fatalf("with a limit of three the CERT was told %q", eventsOf(got))
	}
	clock.set(11 * time.Minute)
	w.runUntil(2, func() bool { return len(w.to(cert)) > 3 && w.allTold() })
	got := w.to(cert)
	if eventsOf(got) != "opened opened opened held" {
		t.Fatalf("after ten minutes the CERT was told %q", eventsOf(got))
	}
	told := map[int64]int{}
	for _, a := range got[:3] {
		told[a.Incident]++
	}
	list := got[3].Group
	for _, l := range list.Lines {
		told[l.Incident]++
		if l.Event != alerting.Opened || l.Severity != "critical" || l.URL == "" {
			t.Errorf("the list says %+v", l)
		}
	}
	for _, i := range w.incidents() {
		if told[i.ID] != 1 {
			t.Errorf("incident %d was told %d times", i.ID, told[i.ID])
		}
	}
	for i := range 8 {
		if own := w.to("web@" + siteID(i) + ".example"); eventsOf(own) != "opened" {
			t.Errorf("%s was told %q", siteID(i), eventsOf(own))
		}
	}
}

// A single alert that was held goes out by itself, and a sweep does not end before it
// has told what it held.
func TestStormOfASweep(t *testing.T) {
	t.Parallel()
	w, _ := fleet(t, 3, func(c *monitor.Config) { c.MailLimit = 1 })
	for i, crew := range []string{"Grey Lantern", "Red Moon Riders"} {
		w.stage.show(siteURL(i), signed(crew, i))
	}
	w.sweep()
	if got := w.to(cert); eventsOf(got) != "opened opened" {
		t.Errorf("the CERT was told %q", eventsOf(got))
	}
}

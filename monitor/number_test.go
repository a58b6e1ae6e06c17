package monitor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pasban/alerting"
	"pasban/monitor"
)

// An incident is reported under one number, whatever becomes of it. The mailbox that gets
// all reports is told although somebody holds the mails; nobody but the CERT gets one.
func TestReportsAreNumberedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *monitor.Config) {
		c.ReportTo, c.ConsoleURL = []string{"intake@cert.example"}, "https://pasban.cert.example"
	})
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.sweep()
	all := w.incidents()
	if len(all) != 1 {
		t.Fatalf("%d incidents, want 1", len(all))
	}
	if _, err := w.Resolve(t.Context(), monitor.Order{Actor: "operator:test", Reason: "mended"}, all[0].ID, false); err != nil {
		t.Fatal(err)
	}
	reports := func() (out []alerting.Alert) {
		for _, l := range w.mail.letters() {
			if l.to.To == "intake@cert.example" {
				out = append(out, l.alert)
			}
		}
		return out
	}
	w.serveUntil(func() bool { return len(reports()) == 2 })
	got := reports()
	for i, a := range got {
		if !strings.HasPrefix(a.Number, "PASBAN-") || !strings.HasSuffix(a.Number, "-000001") || !a.ForCERT || a.Revision != i+1 || a.Tier != "federal" {
			t.Errorf("report %d is numbered %q, revision %d, tier %q", i, a.Number, a.Revision, a.Tier)
		}
	}
	if got[0].Event != alerting.Opened || got[1].Event != alerting.Resolved || got[1].State != "resolved" {
		t.Errorf("told were %s and %s (%s)", got[0].Event, got[1].Event, got[1].State)
	}
	for _, l := range w.mail.letters() {
		if institution := strings.HasSuffix(l.to.To, "@ministry.example"); institution == l.alert.ForCERT || l.alert.Number != got[0].Number {
			t.Errorf("%s got %q, for the CERT: %v", l.to.To, l.alert.Number, l.alert.ForCERT)
		}
		want := ""
		if l.alert.ForCERT {
			want = fmt.Sprintf("https://pasban.cert.example/incidents/%d", all[0].ID)
		}
		if l.alert.ConsoleURL != want {
			t.Errorf("%s is linked to %q, want %q", l.to.To, l.alert.ConsoleURL, want)
		}
	}
}

// That somebody looks after an incident, and that it was contained, are revisions of its
// report. Neither the institution nor a person at the CERT is written to for them.
func TestStatesAreReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *monitor.Config) { c.ReportTo = []string{"intake@cert.example"} })
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.sweep()
	id, order := w.incidents()[0].ID, monitor.Order{Actor: "operator:test", Reason: "a test"}
	for _, move := range []func(context.Context, monitor.Order, int64) error{w.Acknowledge, w.Contain} {
		if err := move(t.Context(), order, id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Resolve(t.Context(), order, id, false); err != nil {
		t.Fatal(err)
	}
	told := func() map[string][]string {
		out := map[string][]string{}
		for _, l := range w.mail.letters() {
			out[l.to.To] = append(out[l.to.To], fmt.Sprintf("%d %s %s", l.alert.Revision, l.alert.Event, l.alert.State))
		}
		for _, all := range out {
			slices.Sort(all)
		}
		return out
	}
	w.serveUntil(func() bool { return len(told()["intake@cert.example"]) == 4 })
	got := told()
	want := []string{"1 opened open", "2 acknowledged acknowledged", "3 contained contained", "4 resolved resolved"}
	if !slices.Equal(got["intake@cert.example"], want) {
		t.Errorf("reported were %q", got["intake@cert.example"])
	}
	for _, to := range []string{"cert@cert.example", "webmaster@ministry.example"} {
		if len(got[to]) != 2 {
			t.Errorf("%s was told %q, want the beginning and the end", to, got[to])
		}
	}
}

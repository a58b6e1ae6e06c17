package monitor_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"pasban/alerting"
	"pasban/compare/lockdown"
	"pasban/monitor"
)

// Every door has its words in Urdu, and none is there that is no door.
func TestDoorsInUrdu(t *testing.T) {
	for _, c := range lockdown.Controls() {
		if alerting.OpenDoor(c.ID, "ur") == "" || alerting.Door(c.ID, "ur") == "" {
			t.Errorf("%s has no words in Urdu", c.ID)
		}
		if alerting.OpenDoor(c.ID, "en") != "" || alerting.Door(c.ID, "en") != c.ID {
			t.Errorf("%s is told in Urdu to who reads English", c.ID)
		}
	}
	if got := len(alerting.Doors()); got != len(lockdown.Controls()) {
		t.Errorf("%d doors have words, there are %d", got, len(lockdown.Controls()))
	}
}

// An institution that reads Urdu is told of the order, of what is open before and after
// the deadline, of a waiver that ends and of the end in Urdu; one that reads English in
// English.
func TestOrdersInUrdu(t *testing.T) {
	clock := &settable{}
	w := newWorld(t, func(c *monitor.Config) { c.Clock = clock.now })
	w.importList("site_id,name,url,institution,tier,contacts,language\nministry,Ministry," + homeURL + ",Ministry,federal,webmaster@ministry.example,ur\n" +
		"english,English,http://english.example/,English,federal,webmaster@english.example,en\n")
	w.stage.show("http://english.example/", withForm(ministry()))
	w.stage.show(homeURL, withForm(ministry()))
	w.sweep()
	d, _, err := w.OrderLockdown(t.Context(), operatorTest, monitor.Directive{
		Scope: monitor.Scope{All: true}, Controls: []string{"form", "login"}, Deadline: clock.now().Add(72 * time.Hour), Authority: "CERT, circular 1"})
	if err != nil {
		t.Fatal(err)
	}
	round := func() {
		t.Helper()
		w.sweep()
		if err := w.OrderRound(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sweep() // which delivers
	}
	round()
	clock.set(60 * time.Hour)
	round()
	clock.set(24 * time.Hour)
	round()
	if _, err := w.Waive(t.Context(), operatorTest, monitor.Waiver{Site: "ministry", Controls: []string{"login"}, Approver: "Director", Expires: clock.now().Add(10 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	clock.set(9*time.Hour + 30*time.Minute)
	round()
	if _, err := w.LiftLockdown(t.Context(), operatorTest, d.ID); err != nil {
		t.Fatal(err)
	}
	w.sweep()
	told := func(mailbox string) (all []alerting.Notice, text string) {
		for _, a := range w.to(mailbox) {
			if a.Notice != nil {
				all = append(all, *a.Notice)
				text += a.Notice.Title + "\n" + a.Notice.Text + "\n" + strings.Join(a.Notice.Advice, "\n") + "\n"
				for _, s := range a.Notice.Sites {
					text += s.Why + "\n"
				}
			}
		}
		return all, text
	}
	urdu, text := told("webmaster@ministry.example")
	for _, want := range []string{"لاک ڈاؤن کا حکم", "کو ختم ہو رہی ہے، اور", "کو ختم ہو چکی ہے", "استثنا کی مدت", "لاک ڈاؤن ختم", alerting.OpenDoor("form", "ur"), "CERT, circular 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the ministry was not told %q:\n%s", want, text)
		}
	}
	for _, n := range urdu {
		if text, _, _ := strings.Cut(n.Text, "CERT"); !mostlyArabic(n.Title) || !mostlyArabic(text) {
			t.Errorf("it is not in Urdu: %s: %s", n.Title, n.Text)
		}
		for _, s := range n.Sites {
			if s.Why != "" && !mostlyArabic(s.Why) {
				t.Errorf("what is open is not told in Urdu: %s", s.Why)
			}
		}
	}
	english, text := told("webmaster@english.example")
	if len(english) != len(urdu)-1 || strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
		t.Errorf("the other was told %d times where the ministry was %d times:\n%s", len(english), len(urdu), text)
	}
}

// mostlyArabic reports a text that has more letters of the Arabic script than of others.
func mostlyArabic(s string) bool {
	arabic, other := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Arabic, r):
			arabic++
		case unicode.IsLetter(r):
			other++
		}
	}
	return arabic > other
}

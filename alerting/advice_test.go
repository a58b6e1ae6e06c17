package alerting_test

import (
	"strings"
	"testing"
	"unicode"

	"pasban/alerting"
)

// Every kind of incident has advice in both languages, step for step, and none
// of it tells people to destroy evidence first.
func TestAdvice(t *testing.T) {
	for _, kind := range []string{"defacement", "injection", "leak", "lockdown", "availability", "something new"} {
		english, urdu := alerting.Advice(kind, "en"), alerting.Advice(kind, "ur")
		if len(english) < 4 || len(english) != len(urdu) {
			t.Errorf("%s: %d steps in English, %d in Urdu", kind, len(english), len(urdu))
		}
		if !strings.Contains(strings.Join(english, " "), "CERT") {
			t.Errorf("%s: nobody is told to reach the CERT", kind)
		}
		for _, step := range urdu {
			checkUrdu(t, step)
		}
	}
}

// checkUrdu finds what a hasty hand leaves in Urdu text.
func checkUrdu(t *testing.T, step string) {
	t.Helper()
	if !strings.HasSuffix(step, "۔") {
		t.Errorf("%q does not end in an Urdu full stop", step)
	}
	for _, wrong := range []string{"?", ";", "ي", "ك", "ه"} { // Arabic letters look alike and are not Urdu's
		if strings.Contains(step, wrong) {
			t.Errorf("%q contains %q", step, wrong)
		}
	}
	arabic := 0
	for _, r := range step {
		if unicode.Is(unicode.Arabic, r) {
			arabic++
		}
	}
	if arabic*2 < len([]rune(step)) {
		t.Errorf("%q is mostly not in Arabic script", step)
	}
}

// A caller may change what it gets.
func TestAdviceIsACopy(t *testing.T) {
	alerting.Advice("leak", "en")[0] = "changed"
	if got := alerting.Advice("leak", "en")[0]; got == "changed" {
		t.Error("the advice of one alert changed that of the next")
	}
}

package alerting_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pasban/alerting"
)

func TestRoute(t *testing.T) {
	got := alerting.Route(
		[]string{"Webmaster <web@moe.gov.pk>", " WEB@moe.gov.pk ", "soc@cert.gov.pk", "not an address", ""},
		"ur-PK",
		[]string{"National CERT <soc@cert.gov.pk>", "duty@cert.gov.pk"},
		[]string{"https://hook.cert.gov.pk/in#whsec_c2VjcmV0", "https://hook.cert.gov.pk/in"},
	)
	want := []alerting.Address{
		{Sink: "smtp", To: "web@moe.gov.pk", Language: "ur"},
		{Sink: "smtp", To: "not an address", Language: "ur"}, // fails where people see it
		{Sink: "webhook", To: "https://hook.cert.gov.pk/in", Language: "en"},
		{Sink: "smtp", To: "soc@cert.gov.pk", Language: "en"},
		{Sink: "smtp", To: "duty@cert.gov.pk", Language: "en"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Route (-want +got):\n%s", diff)
	}
}

// An institution without contacts still reaches the CERT.
func TestRouteWithoutContacts(t *testing.T) {
	got := alerting.Route(nil, "", []string{"soc@cert.gov.pk"}, nil)
	if len(got) != 1 || got[0].To != "soc@cert.gov.pk" {
		t.Errorf("Route = %v, want the CERT alone", got)
	}
}

func TestBackoff(t *testing.T) {
	for attempt, want := range map[int]time.Duration{
		-1: 30 * time.Second, 0: 30 * time.Second, 1: 30 * time.Second, 2: time.Minute, 3: 2 * time.Minute,
		7: 32 * time.Minute, 8: time.Hour, 9: time.Hour, 1 << 40: time.Hour,
	} {
		if got := alerting.Backoff(attempt); got != want {
			t.Errorf("Backoff(%d) = %v, want %v", attempt, got, want)
		}
	}
}

func TestJitter(t *testing.T) {
	for random, want := range map[float64]time.Duration{0: 80 * time.Second, 0.5: 100 * time.Second, 1: 120 * time.Second} {
		if got := alerting.Jitter(100*time.Second, random); got.Round(time.Millisecond) != want {
			t.Errorf("Jitter(100s, %v) = %v, want %v", random, got, want)
		}
	}
}

// Each part of what makes an alert itself changes its key; what may differ
// between two attempts does not.
func TestKey(t *testing.T) {
	alert := alerting.Alert{ID: "12.opened", Site: "moe", Opened: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	to := alerting.Address{Sink: "smtp", To: "a@b.pk", Language: "en"}
	key := alerting.Key(alert, to)
	same := alert
	same.Opened = alert.Opened.In(time.FixedZone("PKT", 5*60*60)) // as it comes back from a database
	same.Summary, same.Observed = "in other words", time.Now()
	if got := alerting.Key(same, to); got != key {
		t.Errorf("the key of another attempt is %s, want %s", got, key)
	}
	otherID, otherSite, later := alert, alert, alert
	otherID.ID, otherSite.Site, later.Opened = "12.resolved", "mof", alert.Opened.Add(time.Second)
	for name, got := range map[string]string{
		"alert": alerting.Key(otherID, to), "site": alerting.Key(otherSite, to), "beginning": alerting.Key(later, to),
		"recipient": alerting.Key(alert, alerting.Address{Sink: "smtp", To: "c@b.pk"}),
		"sink":      alerting.Key(alert, alerting.Address{Sink: "webhook", To: "a@b.pk"}),
	} {
		if got == key {
			t.Errorf("another %s has the same key", name)
		}
	}
}

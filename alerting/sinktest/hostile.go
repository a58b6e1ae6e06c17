package sinktest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/alerting"
)

// Hostile is an alert in which everything a site can write is written by an
// attacker who knows how mails, JSON and mail programs work.
func Hostile() alerting.Alert {
	a := Example()
	a.ID, a.Incident = "13.opened", 13
	a.PageTitle = "Home\r\nBcc: everyone@victim.test\r\n\r\n<script>alert(1)</script>"
	a.SiteName = "\u202emoc.kcah\u202c \x00\x1b[2J"
	a.Institution = "Ministry\r\nX-Injected: yes\r\n"
	a.URL = "https://www.examples.test/\r\nX-Injected: yes?u=http://evil.example/"
	a.FinalURL = "javascript:alert(document.cookie)//\u2066https://evil.example"
	a.Summary = "See http://evil.example/login and www.evil.example\n.\nQUIT\n"
	long := strings.Repeat("A\u0301\u0302\u0303\u0304\u0305\u0306 <img src=http://evil.example/x.png onerror=alert(1)> {{.}} ", 20_000)
	a.Reasons = nil
	for i := range 200 {
		r := alerting.Reason{Rule: "injection.\r\nhost", Severity: "high\r\n", Why: "A script from cdn.evil.example was added.\r\n.\r\n"}
		if i < 3 {
			r.Evidence = long[i : i+1<<20] // also cut inside a character
		}
		a.Reasons = append(a.Reasons, r)
	}
	return a
}

// Nothing an attacker writes leaves its field, hides, links, or fills a mailbox.
func hostileText(t *testing.T, r Receiver) {
	for _, lang := range []string{alerting.English, alerting.Urdu} {
		if err := deliver(t, r, Hostile(), lang); err != nil {
			t.Fatalf("Deliver in %s: %v", lang, err)
		}
	}
	for _, got := range r.Receipts() {
		if got.Malformed != nil {
			t.Errorf("the message is malformed: %v", got.Malformed)
		}
		if got.Size > maxMessage {
			t.Errorf("the message has %d bytes, want at most %d", got.Size, maxMessage)
		}
		inert(t, got.Readable+"\n"+got.HTML)
		for _, bad := range []string{"<script", "<img src=h", "onerror=alert(1)>"} {
			if strings.Contains(got.HTML, bad) {
				t.Errorf("the markup contains %q", bad)
			}
		}
	}
}

// inert looks for text that a reader's program would act on.
func inert(t *testing.T, readable string) {
	t.Helper()
	lower := strings.ToLower(readable)
	for _, bad := range []string{"http://evil", "https://evil", "https://www.examples", "evil.example",
		"javascript:", "\u202e", "\u2066", "\x00", "\x1b", "\r\n.\r\n"} {
		if strings.Contains(lower, bad) {
			t.Errorf("the message contains %q", bad)
		}
	}
	for line := range strings.Lines(lower) {
		if strings.HasPrefix(line, "bcc:") || strings.HasPrefix(line, "x-injected:") {
			t.Errorf("the message has a line %q, which a page wrote", line)
		}
	}
	if !strings.Contains(readable, "[U+202E]") {
		t.Error("the direction override is not shown; a reader should see that it was there")
	}
}

// Sixteen deliveries at once all arrive.
func concurrent(t *testing.T, r Receiver) {
	const n = 16
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			a := Example()
			a.Incident, a.Opened = int64(i), a.Opened.Add(time.Duration(i)*time.Second)
			if err := deliver(t, r, a, alerting.Urdu); err != nil {
				t.Errorf("Deliver %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	seen := map[string]bool{}
	for _, got := range r.Receipts() {
		seen[got.Key] = true
	}
	if len(seen) != n {
		t.Errorf("%d different messages arrived, want %d", len(seen), n)
	}
}

// Every event and kind makes a message, in both languages.
func everyEvent(t *testing.T, r Receiver) {
	events := []alerting.Event{alerting.Opened, alerting.Escalated, alerting.Recovered, alerting.Resolved, alerting.FalseAlarm, "new one"}
	for i, kind := range []string{"defacement", "injection", "leak", "lockdown", "availability", "new one"} {
		a := Example()
		a.ID, a.Event, a.Kind = "12."+string(events[i]), events[i], kind
		for _, lang := range []string{alerting.English, alerting.Urdu} {
			if err := deliver(t, r, a, lang); err != nil {
				t.Errorf("Deliver %s %s in %s: %v", a.Event, kind, lang, err)
			}
		}
	}
	for _, got := range r.Receipts() {
		if got.Malformed != nil {
			t.Errorf("a message is malformed: %v", got.Malformed)
		}
	}
}

func keys(list []Receipt) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.Key)
	}
	return out
}

package smtp

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pasban/alerting"
)

// What goes to the CERT bears its number and has the report attached, and nobody else's
// mail has: whatever a site wrote, it is inert in both.
func TestReport(t *testing.T) {
	s, err := New(Config{URL: "smtp://127.0.0.1:25", From: "pasban@cert.example"})
	if err != nil {
		t.Fatal(err)
	}
	a := alerting.Alert{
		ID: "12.2.resolved", Incident: 12, Event: alerting.Resolved, Kind: "defacement", Severity: "critical", TLP: "AMBER", Number: "PASBAN-2026-000123",
		Site: "court", URL: "https://court.example/<script>", Opened: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Tier: "federal", Region: "Federal", Revision: 2, State: "resolved",
		Logs:     []alerting.LogLine{{Rule: "log.shell", Severity: "critical", Why: "why", Request: "POST /\x1b[31mx.php?u=http://evil.example 200 192.0.2.9", Agent: "https://bot.example", Count: 3}},
		MoreLogs: 2,
		Reasons:  []alerting.Reason{{Rule: "defacement.title", Severity: "critical", Why: "why", Evidence: "\x1b[31mhttp://evil.example"}},
	}
	mail := func(a alerting.Alert) string {
		m, err := s.message(a, alerting.Address{Sink: alerting.SMTP, To: "soc@cert.example", Language: "en"})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := m.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if m := mail(a); strings.Contains(m, "application/json") {
		t.Error("a mail to an institution has the report attached")
	}
	a.ForCERT = true
	if m := mail(a); !strings.Contains(m, `PASBAN-2026-000123-2.json`) || !strings.Contains(m, "[PASBAN-2026-000123]") {
		t.Errorf("the mail to the CERT lacks its number or its report:\n%s", m)
	}
	raw, err := json.Marshal(newReport(a))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"number":"PASBAN-2026-000123"`, `"revision":2`, `"state":"resolved"`, `"tier":"federal"`, `"opened":"2026-03-04T05:06:07Z"`, `"log_findings":[{"rule":"log[.]shell"`, `"count":3`, `"log_findings_left_out":2`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the report lacks %s: %s", want, raw)
		}
	}
	if strings.Contains(string(raw), "http://") || strings.Contains(string(raw), "https://") || strings.Contains(string(raw), "u001b") {
		t.Errorf("the report is not inert: %s", raw)
	}
	a.Number = "../x"
	if m := mail(a); strings.Contains(m, "application/json") {
		t.Error("a number that is none became the name of a file")
	}
}

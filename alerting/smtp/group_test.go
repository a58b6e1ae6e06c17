package smtp_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/alerting/sinktest"
	"pasban/alerting/smtp"
	"pasban/alerting/smtp/smtptest"
)

// exampleCampaign is a night on which one crew went through one server.
func exampleCampaign() alerting.Alert {
	at := time.Date(2026, time.March, 1, 4, 5, 6, 0, time.UTC)
	line := func(n int64, name, site, url, state string, fresh bool) alerting.GroupLine {
		return alerting.GroupLine{Incident: n, Kind: "defacement", Severity: "critical", Institution: name, SiteName: site, URL: url,
			Opened: at.Add(time.Duration(n-12) * time.Minute), State: state, New: fresh}
	}
	return alerting.Alert{
		ID: "C-2026-0007.2", Incident: 15, Event: alerting.Mass, Kind: "defacement", Severity: "critical", TLP: "AMBER", Opened: at,
		Observed: at.Add(20 * time.Minute), Contact: "cert@cert.test",
		Group: &alerting.Group{
			Campaign: "C-2026-0007", Made: at.Add(20 * time.Minute), Count: 4, Institutions: 3,
			Shared: []alerting.Shared{
				{Kind: "signer", Value: "grey lantern", Sites: 4}, {Kind: "picture", Value: strings.Repeat("0f", 32), Sites: 3},
				{Kind: "host", Value: "collect.lantern.example", Sites: 2},
				{Kind: "script", Value: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Sites: 2}, {Kind: "address", Value: "198.51.100.7", Sites: 3},
			},
			Lines: []alerting.GroupLine{
				line(15, "Board of Examples", "Results", "https://results.examples.test/", "open", true),
				line(14, "وزارتِ مثال", "", "https://ministry.examples.test/ur", "open", true),
				line(13, "Department of Examples", "Tenders", "https://tenders.examples.test/", "recovered", false),
				line(12, "Board of Examples", "Board of Examples", "https://board.examples.test/", "contained", false),
			},
		},
	}
}

// exampleStorm is what ten minutes held back.
func exampleStorm() alerting.Alert {
	a := exampleCampaign()
	a.ID, a.Event, a.TLP = "held.40.43", alerting.Held, "AMBER+STRICT"
	g := *a.Group
	g.Campaign, g.Shared, g.Institutions = "", nil, 0
	g.Lines = append([]alerting.GroupLine(nil), g.Lines...)
	for i, event := range []alerting.Event{alerting.Opened, alerting.Escalated, alerting.Recovered, alerting.Resolved} {
		g.Lines[i].Event, g.Lines[i].State, g.Lines[i].New = event, "", false
	}
	g.Lines[2].Severity, g.Lines[2].Kind = "high", "injection"
	a.Group = &g
	return a
}

func groups() map[string]alerting.Alert {
	first := exampleCampaign()
	g := *first.Group
	g.First, g.Count, g.Institutions, g.Lines, g.Shared = true, 2, 2, g.Lines[2:], g.Shared[:2]
	first.ID, first.Group = "C-2026-0007.1", &g
	return map[string]alerting.Alert{"campaign": first, "campaign-update": exampleCampaign(), "storm": exampleStorm()}
}

// The lists say what they said when somebody last looked at them.
func TestGoldenGroups(t *testing.T) {
	for name, alert := range groups() {
		for _, lang := range []string{alerting.English, alerting.Urdu} {
			mail := receive(t, alert, lang)
			compareGolden(t, name+"."+lang+".txt", "Subject: "+mail.Subject+"\n\n"+mail.Text)
			compareGolden(t, name+"."+lang+".html", mail.HTML)
			if *preview != "" {
				writePreview(t, filepath.Join(*preview, name+"."+lang+".html"), mail)
			}
		}
	}
}

// Every attempt at one list has the same Message-ID, the next one about the campaign has
// another, and the two are one conversation.
func TestGroupIsOneMessage(t *testing.T) {
	server := start(t, smtptest.Options{})
	to := alerting.Address{Sink: alerting.SMTP, To: "cert@cert.test", Language: alerting.English}
	next := exampleCampaign()
	next.ID, next.Incident = "C-2026-0007.3", 99
	for _, a := range []alerting.Alert{exampleCampaign(), exampleCampaign(), next} {
		if err := sink(t, smtp.Config{URL: server.URL()}).Deliver(t.Context(), a, to); err != nil {
			t.Fatal(err)
		}
	}
	m := server.Mails()
	if m[0].MessageID != m[1].MessageID || m[0].MessageID == m[2].MessageID {
		t.Errorf("the Message-IDs are %s, %s and %s", m[0].MessageID, m[1].MessageID, m[2].MessageID)
	}
	if a, b := m[0].Header.Get("References"), m[2].Header.Get("References"); a == "" || a != b {
		t.Errorf("the mails refer to %q and %q", a, b)
	}
}

// What sites write into a list stays in its place; the HTML stays below what mail
// programs show whole, and the text names every site there is.
func TestHostileGroup(t *testing.T) {
	hostile := sinktest.Hostile()
	alert := exampleCampaign()
	alert.Group.Lines, alert.Group.Shared = nil, nil
	for i := range 1527 {
		alert.Group.Lines = append(alert.Group.Lines, alerting.GroupLine{Incident: int64(i), Kind: "leak\r\n", Severity: "high\r\n", New: true,
			Institution: hostile.SiteName + strings.Repeat("long ", 100), SiteName: hostile.PageTitle, URL: hostile.FinalURL, Opened: hostile.Opened})
	}
	for _, kind := range []string{"signer", "message", "host", "script", "page", "address", "none"} {
		alert.Group.Shared = append(alert.Group.Shared, alerting.Shared{Kind: kind, Value: hostile.Reasons[0].Evidence + hostile.PageTitle + "http://evil.example/", Sites: 2})
	}
	for _, lang := range []string{alerting.English, alerting.Urdu} {
		mail := receive(t, alert, lang)
		for _, bad := range []string{"<script", "<img", "javascript:", "http://evil", "\u202e", "\x1b"} {
			if strings.Contains(strings.ToLower(mail.Text), bad) && bad[0] != '<' || strings.Contains(strings.ToLower(mail.HTML), bad) {
				t.Errorf("the list contains %q", bad)
			}
		}
		if !strings.Contains(mail.Text, "\n1527. ") || !strings.Contains(mail.HTML, fmt.Sprint(1527-60)) {
			t.Error("not every site is listed in the text, or those that the HTML leaves out are not counted")
		}
		if len(mail.HTML) > 100_000 {
			t.Errorf("the HTML has %d bytes; mail programs cut at 100,000", len(mail.HTML))
		}
	}
}

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

// exampleDigest is an ordinary morning.
func exampleDigest() alerting.Alert {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.FixedZone("PKT", 5*60*60))
	return alerting.Alert{
		ID: "digest.2026-03-01", Event: alerting.Daily, TLP: "AMBER", Opened: day, Observed: day.Add(8 * time.Hour), Contact: "cert@cert.test",
		Digest: &alerting.Digest{Day: "2026-03-01", Made: day.Add(8 * time.Hour), Waiting: 9, More: 1, MoreWaiting: 2, Lines: []alerting.DigestLine{
			{Rule: "injection.script_host", Kind: "injection", Severity: "medium", Why: "The page runs code from a host that is new to it.",
				Evidence: "cdn.widgets.example", Priority: 58, Score: 0.6, Since: day.Add(-20 * time.Hour), MoreSites: 2, Sites: []alerting.DigestSite{
					{Name: "National Bank of Examples", URL: "https://bank.examples.test/"}, {Name: "وزارتِ مثال", URL: "https://ministry.examples.test/ur"},
					{Name: "Board of Examples", URL: "https://board.examples.test/"}}},
			{Rule: "defacement.redesign", Kind: "defacement", Severity: "low", Why: "The page was rebuilt but still looks like its owner's; approve it if this was planned.",
				Priority: 31, Score: 0.35, Since: day.Add(-50 * time.Hour), Sites: []alerting.DigestSite{{Name: "School of Examples", URL: "https://school.examples.test/"}}},
		}},
	}
}

// The digest says what it said when somebody last looked at it.
func TestGoldenDigest(t *testing.T) {
	mail := receive(t, exampleDigest(), alerting.English)
	compareGolden(t, "digest.en.txt", "Subject: "+mail.Subject+"\n\n"+mail.Text)
	compareGolden(t, "digest.en.html", mail.HTML)
	if *preview != "" {
		writePreview(t, filepath.Join(*preview, "digest.en.html"), mail)
	}
}

// Every attempt at the digest of a day to one mailbox has the same Message-ID, and
// that of another day has another.
func TestDigestIsOneMessage(t *testing.T) {
	server := start(t, smtptest.Options{})
	next := exampleDigest()
	next.ID, next.Opened = "digest.2026-03-02", next.Opened.AddDate(0, 0, 1)
	to := alerting.Address{Sink: alerting.SMTP, To: "cert@cert.test", Language: alerting.English}
	for _, a := range []alerting.Alert{exampleDigest(), exampleDigest(), next} {
		if err := sink(t, smtp.Config{URL: server.URL()}).Deliver(t.Context(), a, to); err != nil {
			t.Fatal(err)
		}
	}
	mails := server.Mails()
	if mails[0].MessageID != mails[1].MessageID || mails[0].MessageID == mails[2].MessageID {
		t.Errorf("the Message-IDs are %s, %s and %s", mails[0].MessageID, mails[1].MessageID, mails[2].MessageID)
	}
}

// What sites write into a digest stays in its place: it neither links nor acts, and
// fifty of the longest lines stay below what mail programs show whole.
func TestHostileDigest(t *testing.T) {
	hostile := sinktest.Hostile()
	alert := exampleDigest()
	alert.Digest.Lines = nil
	for i := range 2 * alerting.DigestLines {
		l := alerting.DigestLine{Kind: "injection\r\n", Severity: "high\r\n", Why: hostile.Summary + strings.Repeat("long ", 1000),
			Evidence: fmt.Sprint(i, " ", hostile.SiteName, hostile.Reasons[0].Evidence), Since: hostile.Opened}
		for range 20 {
			l.Sites = append(l.Sites, alerting.DigestSite{Name: hostile.PageTitle, URL: hostile.FinalURL})
		}
		alert.Digest.Lines = append(alert.Digest.Lines, l)
	}
	mail := receive(t, alert, alerting.English)
	for _, bad := range []string{"<script", "<img", "javascript:", "http://evil", "\u202e", "\x1b"} {
		if strings.Contains(strings.ToLower(mail.Text), bad) && bad[0] != '<' || strings.Contains(strings.ToLower(mail.HTML), bad) {
			t.Errorf("the digest contains %q", bad)
		}
	}
	if n := strings.Count(mail.Text, "Waiting since"); n != alerting.DigestLines || !strings.Contains(mail.Text, "not listed: 51") {
		t.Errorf("%d lines are listed, want %d, and the others counted", n, alerting.DigestLines)
	}
	if len(mail.HTML) > 100_000 {
		t.Errorf("the HTML has %d bytes; mail programs cut at 100,000", len(mail.HTML))
	}
}

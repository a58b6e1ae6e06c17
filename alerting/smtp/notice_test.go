package smtp_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/alerting/sinktest"
)

// exampleNotice tells that many sites went out of sight, and its end.
func exampleNotice() (begun, over alerting.Alert) {
	at := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
	begun = alerting.Alert{ID: "unseen.3.opened", Event: alerting.Opened, Severity: "high", TLP: "AMBER", Opened: at, Observed: at, Contact: "cert@cert.test",
		Notice: &alerting.Notice{
			Title: "23 sites cannot be seen", Text: "They were not seen in good order for longer than promised.", Advice: []string{"Ask their hoster."},
			Sites: []alerting.NoticeSite{
				{Name: "National Bank of Examples", URL: "https://bank.examples.test/", Since: at.Add(-time.Hour), Why: "no answer"},
				{Name: "وزارتِ مثال", URL: "https://ministry.examples.test/ur", Why: "never looked at"},
			}, MoreSites: 21,
		}}
	over = begun
	over.ID, over.Event, over.Notice = "fleet.3.recovered", alerting.Recovered, &alerting.Notice{Title: "The watch sees again", Over: true, Text: "1,500 of 1,527 sites are seen."}
	return begun, over
}

// A notice says what it said when somebody last looked at it.
func TestGoldenNotice(t *testing.T) {
	begun, over := exampleNotice()
	for name, alert := range map[string]alerting.Alert{"notice": begun, "noticeover": over} {
		mail := receive(t, alert, alerting.English)
		compareGolden(t, name+".en.txt", "Subject: "+mail.Subject+"\n\n"+mail.Text)
		compareGolden(t, name+".en.html", mail.HTML)
		if urgent := mail.Header.Get("Importance") == "high"; urgent == alert.Notice.Over {
			t.Errorf("%s is urgent: %v", name, urgent)
		}
		if *preview != "" {
			writePreview(t, filepath.Join(*preview, name+".en.html"), mail)
		}
	}
}

// exampleOrder tells an institution what is open after a deadline.
func exampleOrder(lang string) alerting.Alert {
	at := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
	n := &alerting.Notice{
		Order: true, Title: "Still open after the deadline of 1 March, 08:00 PKT", Text: "CERT, circular 12/2026", Advice: []string{"Ask for the steps."},
		Sites: []alerting.NoticeSite{{Name: "وزارتِ مثال", URL: "https://ministry.examples.test/ur", Since: at, Why: "The page still has a form that can be used."}}, MoreSites: 3,
	}
	if lang == alerting.Urdu {
		n.Title, n.Text, n.Advice = "مہلت 1 مارچ، 08:00 PKT کو ختم ہو چکی ہے، اور کچھ اب بھی کھلا ہے", "حکم: CERT, circular 12/2026", []string{"طریقہ سرٹ سے معلوم کریں۔"}
		n.Sites[0].Why = alerting.OpenDoor("form", lang)
	}
	return alerting.Alert{ID: "lockdown.3.x.overdue1", Event: alerting.Opened, Severity: "high", TLP: "AMBER", Opened: at, Observed: at, Contact: "cert@cert.test", Notice: n}
}

// An order speaks the language of the institution throughout, from right to left where
// that is Urdu.
func TestGoldenOrder(t *testing.T) {
	for _, lang := range []string{alerting.English, alerting.Urdu} {
		mail := receive(t, exampleOrder(lang), lang)
		compareGolden(t, "order."+lang+".txt", "Subject: "+mail.Subject+"\n\n"+mail.Text)
		compareGolden(t, "order."+lang+".html", mail.HTML)
		if got := mail.Header.Get("Content-Language"); got != lang {
			t.Errorf("the mail in %s says it is in %q", lang, got)
		}
		if *preview != "" {
			writePreview(t, filepath.Join(*preview, "order."+lang+".html"), mail)
		}
		if lang != alerting.Urdu {
			continue
		}
		if !strings.Contains(mail.HTML, `<html lang="ur" dir="rtl">`) || !strings.Contains(mail.Subject, "پاسبان") {
			t.Errorf("it is not Urdu: %s\n%s", mail.Subject, mail.HTML)
		}
		for _, english := range []string{"What to do", "Order", "Sent by", "Addresses", "more sites", "still"} {
			if strings.Contains(mail.Text, english) {
				t.Errorf("it says %q", english)
			}
		}
	}
}

// What the watch tells the CERT about itself is English whatever is asked for.
func TestNoticeToTheCERT(t *testing.T) {
	begun, _ := exampleNotice()
	if mail := receive(t, begun, alerting.Urdu); mail.Header.Get("Content-Language") != alerting.English || !strings.Contains(mail.Text, "About the watch") {
		t.Errorf("the CERT is told in another language:\n%s", mail.Text)
	}
}

// What sites and servers write into a notice neither links nor acts, and the longest
// stays below what mail programs show whole.
func TestHostileNotice(t *testing.T) {
	hostile := sinktest.Hostile()
	alert, _ := exampleNotice()
	long := hostile.Reasons[0].Evidence
	alert.Notice.Title, alert.Notice.Text, alert.Notice.Sites = hostile.PageTitle, hostile.Summary+long, nil
	for range 3 * alerting.NoticeSites {
		alert.Notice.Sites = append(alert.Notice.Sites, alerting.NoticeSite{Name: hostile.SiteName + long, URL: hostile.FinalURL, Why: hostile.Summary + long})
	}
	mail := receive(t, alert, alerting.English)
	for _, bad := range []string{"<script", "<img", "javascript:", "http://evil", "\u202e", "\x1b"} {
		if strings.Contains(strings.ToLower(mail.Text), bad) && bad[0] != '<' || strings.Contains(strings.ToLower(mail.HTML), bad) {
			t.Errorf("the notice contains %q", bad)
		}
	}
	if mail.Header.Has("Bcc") || !strings.Contains(mail.Text, "And 121 more sites") {
		t.Errorf("the header holds what the title says, or the others are not counted:\n%s", mail.Text)
	}
	if len(mail.HTML) > 100_000 {
		t.Errorf("the HTML has %d bytes; mail programs cut at 100,000", len(mail.HTML))
	}
}

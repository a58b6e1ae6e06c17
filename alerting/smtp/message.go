package smtp

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail"

	"pasban/alerting"
)

// message writes the whole mail.
func (s *Sink) message(alert alerting.Alert, to alerting.Address) (*mail.Msg, error) {
	recipient, err := netmail.ParseAddress(to.To)
	if err != nil {
		return nil, fmt.Errorf("reading the address %q: %w: %w", to.To, alerting.ErrPermanent, err)
	}
	content := newContent(alert, to.Language, s.zone)
	text, html, err := content.render()
	if err != nil {
		return nil, err
	}
	encoding := mail.EncodingQP
	if content.Lang == alerting.Urdu {
		encoding = mail.EncodingB64 // a third of the size for Arabic script
	}
	m := mail.NewMsg(mail.WithEncoding(encoding), mail.WithNoDefaultUserAgent())
	m.FromMailAddress(s.from)
	m.ToMailAddress(recipient)
	m.Subject(content.Subject)
	m.SetDateWithValue(s.now())
	s.setThread(m, alert, to)
	setAutomatic(m, alert)
	m.SetGenHeader("Content-Language", content.Lang)
	if reply, err := netmail.ParseAddress(alert.Contact); err == nil {
		m.ReplyToMailAddress(reply)
	}
	m.SetBodyString(mail.TypeTextPlain, text)
	m.AddAlternativeString(mail.TypeTextHTML, html)
	for _, p := range content.pictures {
		if err := addPicture(m, p); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// setThread names the mail, and hangs all mails of an incident to a recipient
// below one name, so that mail programs show them as one conversation. No mail
// bears that name: threads form below a parent that is missing (RFC 5256), and
// so nothing depends on which alert came first or whether it arrived.
func (s *Sink) setThread(m *mail.Msg, alert alerting.Alert, to alerting.Address) {
	m.SetMessageIDWithValue(s.messageID(alert, to))
	thread := alert
	thread.ID, thread.Event = fmt.Sprint(alert.Incident), "incident"
	parent := "<" + s.messageID(thread, to) + ">"
	m.SetGenHeader(mail.HeaderInReplyTo, parent)
	m.SetGenHeader(mail.HeaderReferences, parent)
}

// notAtom is what RFC 5322, section 3.2.3 does not allow in a Message-ID's left
// half, and the dot.
var notAtom = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// messageID is the same for every attempt at one alert to one recipient. The
// number and event in front are for the administrator who reads a log.
func (s *Sink) messageID(alert alerting.Alert, to alerting.Address) string {
	_, domain, _ := strings.Cut(s.from.Address, "@")
	event := notAtom.ReplaceAllString(string(alert.Event), "-")
	return fmt.Sprintf("%d.%s.%s@%s", alert.Incident, event, alerting.Key(alert, to), domain)
}

// setAutomatic tells other machines not to answer (RFC 3834, and the header that
// Exchange heeds instead), and mail programs what is urgent.
func setAutomatic(m *mail.Msg, alert alerting.Alert) {
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	urgent := alert.Severity == "critical" || alert.Severity == "high"
	if urgent && (alert.Event == alerting.Opened || alert.Event == alerting.Escalated) {
		m.SetImportance(mail.ImportanceHigh)
	}
}

// addPicture puts a picture into the mail for its HTML to show.
func addPicture(m *mail.Msg, p picture) error {
	name := p.Name + "." + strings.TrimPrefix(p.mime, "image/")
	err := m.EmbedReader(name, bytes.NewReader(p.data),
		mail.WithFileContentType(mail.ContentType(p.mime)), mail.WithFileContentID("<"+p.CID+">"))
	if err != nil {
		return fmt.Errorf("adding the picture %s: %w", p.Name, err)
	}
	return nil
}

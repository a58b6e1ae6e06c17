package smtp

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail"

	"pasban/alerting"
)

// message writes the whole mail.
func (s *Sink) message(alert alerting.Alert, to alerting.Address) (*mail.Msg, error) {
	if alert.Digest != nil {
		return s.digest(alert, to)
	}
	if alert.Notice != nil {
		return s.notice(alert, to)
	}
	if alert.Group != nil {
		return s.group(alert, to)
	}
	content := newContent(alert, to.Language, s.zone)
	l := letter{lang: content.Lang, subject: content.Subject}
	if err := l.fill("mail", textTemplate, htmlTemplate, content); err != nil {
		return nil, err
	}
	m, err := s.envelope(l, alert, to)
	if err != nil {
		return nil, err
	}
	thread := alert
	thread.ID, thread.Event = fmt.Sprint(alert.Incident), "incident"
	s.setThread(m, thread, to)
	for _, p := range content.pictures {
		if err := addPicture(m, p); err != nil {
			return nil, err
		}
	}
	return m, attachReport(m, alert)
}

// encodingFor is how a body in a language travels: base64 takes a third of the size for
// Arabic script.
func encodingFor(lang string) mail.Encoding {
	if lang == alerting.Urdu {
		return mail.EncodingB64
	}
	return mail.EncodingQP
}

// setThread hangs all mails of an incident, or of a campaign, to a recipient below one
// name, so that mail programs show them as one conversation. No mail bears that
// name: threads form below a parent that is missing (RFC 5256), and so nothing
// depends on which alert came first or whether it arrived.
func (s *Sink) setThread(m *mail.Msg, thread alerting.Alert, to alerting.Address) {
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
	first := alert.Group != nil && alert.Group.First
	if urgent && (alert.Event == alerting.Opened || alert.Event == alerting.Escalated || first) {
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

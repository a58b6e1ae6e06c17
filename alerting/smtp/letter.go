package smtp

import (
	"fmt"
	"io"
	netmail "net/mail"
	"strings"

	"github.com/wneessen/go-mail"

	"pasban/alerting"
)

// A letter is what a mail says, whatever it is about, and in which language.
type letter struct{ lang, subject, text, html string }

// filler is a template, of text or of HTML.
type filler interface {
	Execute(w io.Writer, content any) error
}

// fill fills both templates of a mail; what says which mail it is, for errors.
func (l *letter) fill(what string, text, html filler, content any) error {
	var t, h strings.Builder
	if err := text.Execute(&t, content); err != nil {
		return fmt.Errorf("writing the text of a %s: %w", what, err)
	}
	if err := html.Execute(&h, content); err != nil {
		return fmt.Errorf("writing the HTML of a %s: %w", what, err)
	}
	l.text, l.html = t.String(), h.String()
	return nil
}

// envelope makes a mail of a letter: from whom, to whom, when, and under a name that
// is the same whenever this alert is written to this recipient.
func (s *Sink) envelope(l letter, alert alerting.Alert, to alerting.Address) (*mail.Msg, error) {
	recipient, err := netmail.ParseAddress(to.To)
	if err != nil {
		return nil, fmt.Errorf("reading the address %q: %w: %w", to.To, alerting.ErrPermanent, err)
	}
	m := mail.NewMsg(mail.WithEncoding(encodingFor(l.lang)), mail.WithNoDefaultUserAgent())
	m.FromMailAddress(s.from)
	m.ToMailAddress(recipient)
	m.Subject(l.subject)
	m.SetDateWithValue(s.now())
	m.SetMessageIDWithValue(s.messageID(alert, to))
	setAutomatic(m, alert)
	m.SetGenHeader("Content-Language", l.lang)
	if reply, err := netmail.ParseAddress(alert.Contact); err == nil {
		m.ReplyToMailAddress(reply)
	}
	m.SetBodyString(mail.TypeTextPlain, l.text)
	m.AddAlternativeString(mail.TypeTextHTML, l.html)
	return m, nil
}

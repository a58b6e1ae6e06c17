package smtp_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"pasban/alerting"
	"pasban/alerting/sinktest"
	"pasban/alerting/smtp"
	"pasban/alerting/smtp/smtptest"
)

// mailbox is the receiving side of the conformance suite: a real SMTP server.
type mailbox struct {
	t      *testing.T
	server *smtptest.Server
	sink   *smtp.Sink
	answer atomic.Int32
}

func newMailbox(t *testing.T) sinktest.Receiver {
	m := &mailbox{t: t}
	m.server = start(t, smtptest.Options{Handler: m.handle})
	m.sink = sink(t, smtp.Config{URL: m.server.URL()})
	return m
}

// start runs a mail server until the test ends.
func start(t *testing.T, options smtptest.Options) *smtptest.Server {
	t.Helper()
	server, err := smtptest.Start(t.Context(), "127.0.0.1:0", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func sink(t *testing.T, config smtp.Config) *smtp.Sink {
	t.Helper()
	config.From = "National CERT <alerts@cert.test>"
	s, err := smtp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (m *mailbox) handle(smtptest.Mail) error {
	switch sinktest.Answer(m.answer.Load()) {
	case sinktest.Later:
		return smtptest.Reply{Code: 450, Enhanced: [3]int{4, 2, 0}, Text: "mailbox is busy"}
	case sinktest.Never:
		return smtptest.Reply{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "no such mailbox"}
	case sinktest.Silence:
		<-m.t.Context().Done()
		return context.Canceled
	}
	return nil
}

func (m *mailbox) Sink() alerting.Sink      { return m.sink }
func (m *mailbox) Answer(a sinktest.Answer) { m.answer.Store(int32(a)) }

func (m *mailbox) Address(lang string) alerting.Address {
	return alerting.Address{Sink: alerting.SMTP, To: "webmaster@examples.test", Language: lang}
}

func (m *mailbox) Receipts() []sinktest.Receipt {
	var out []sinktest.Receipt
	for _, mail := range m.server.Mails() {
		out = append(out, sinktest.Receipt{
			Key:       mail.MessageID,
			Readable:  fields(mail) + "\n" + mail.Text,
			HTML:      mail.HTML,
			Malformed: malformed(mail),
			Size:      len(mail.Text) + len(mail.HTML),
		})
	}
	return out
}

// fields writes the header as the receiving side understood it.
func fields(mail smtptest.Mail) string {
	var b strings.Builder
	for f := mail.Header.Fields(); f.Next(); {
		value, err := f.Text()
		if err != nil {
			value = err.Error()
		}
		fmt.Fprintf(&b, "%s: %s\n", f.Key(), value)
	}
	return b.String()
}

// malformed says what a mail must not lack.
func malformed(mail smtptest.Mail) error {
	switch {
	case len(mail.To) != 1 || mail.To[0] != "webmaster@examples.test":
		return fmt.Errorf("it went to %q", mail.To)
	case mail.Text == "" || mail.HTML == "":
		return fmt.Errorf("it has %d bytes of text and %d of HTML", len(mail.Text), len(mail.HTML))
	case mail.Header.Get("Auto-Submitted") != "auto-generated":
		return fmt.Errorf("Auto-Submitted is %q", mail.Header.Get("Auto-Submitted"))
	case mail.Date.IsZero():
		return fmt.Errorf("it has no date")
	}
	return nil
}

func TestSink(t *testing.T) { sinktest.Run(t, newMailbox) }

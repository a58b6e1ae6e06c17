// Package smtp sends alerts by mail.
//
// A mail says the same thing twice: as plain text that is complete by itself,
// and as HTML with the pictures inside. Nothing in it comes from outside when it
// is opened, and nothing in it leads to the site it warns of. The HTML is one
// column with its styles inline, because that is what mail programs on phones
// show as it was meant.
//
// One mail goes to one recipient over one connection. Deliver returns nil when
// the server has answered 250 to the whole message, and not before. Whatever
// goes wrong earlier is an error, and the next attempt carries the same
// Message-ID, by which a server that had taken the mail after all drops the
// second one. What goes wrong later, such as a connection that breaks at the
// goodbye, is not an error: the mail is there.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"pasban/alerting"
)

// Time limits of a delivery; the context's deadline holds as well.
const (
	dialTimeout    = 10 * time.Second // connection and TLS handshake
	deliverTimeout = 60 * time.Second // all of it
)

// Config says how to send mail.
type Config struct {
	// URL of the mail server. smtp://host uses STARTTLS if the server offers
	// it; smtp://user:password@host insists on it, except on loopback;
	// smtps://host begins with TLS. The port is 25, 587 with a user, 465 for
	// smtps unless given. ?tls=must insists on STARTTLS, ?tls=off does without.
	URL string
	// From is the sender, "CERT <alerts@cert.example>". Its domain names the
	// messages. Default: pasban@ the name of this machine.
	From string
	// Zone is the time zone of the times in a mail. Default: Pakistan Standard
	// Time, UTC+5.
	Zone *time.Location
	// TLS replaces the TLS settings, for a private certificate authority.
	TLS *tls.Config
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Sink is the alerting.Sink that sends mail.
type Sink struct {
	server server
	from   *netmail.Address
	zone   *time.Location
	now    func() time.Time
}

var _ alerting.Sink = (*Sink)(nil)

// New checks config; it opens no connection.
func New(config Config) (*Sink, error) {
	server, err := parseServer(config.URL, config.TLS)
	if err != nil {
		return nil, err
	}
	from, err := sender(config.From)
	if err != nil {
		return nil, err
	}
	s := &Sink{server: server, from: from, zone: config.Zone, now: config.Now}
	if s.zone == nil {
		// Without summer time since 2009, so a fixed zone is right and needs no
		// time zone database on the machine.
		s.zone = time.FixedZone("PKT", 5*60*60)
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}

// sender parses the address alerts come from.
func sender(from string) (*netmail.Address, error) {
	if from == "" {
		host, err := os.Hostname()
		if err != nil {
			return nil, fmt.Errorf("making a sender address: %w", err)
		}
		from = "pasban@" + host
	}
	a, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("reading the sender address %q: %w", from, err)
	}
	return a, nil
}

// Name implements alerting.Sink.
func (s *Sink) Name() string { return alerting.SMTP }

// Deliver implements alerting.Sink. Its error wraps alerting.ErrPermanent if the
// address cannot be one or the server has refused it, or the message, for good.
func (s *Sink) Deliver(ctx context.Context, alert alerting.Alert, to alerting.Address) error {
	ctx, cancel := context.WithTimeout(ctx, deliverTimeout)
	defer cancel() // also closes the connection, see dial
	message, err := s.message(alert, to)
	if err != nil {
		return fmt.Errorf("writing the mail about incident %d: %w", alert.Incident, err)
	}
	client, err := s.server.client(ctx)
	if err != nil {
		return fmt.Errorf("preparing to mail %s: %w", to.To, err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	if err == nil || message.IsDelivered() {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("mailing %s: %w: %w", to.To, cause, err)
	}
	if permanent(err) {
		return fmt.Errorf("mailing %s: %w: %w", to.To, alerting.ErrPermanent, err)
	}
	return fmt.Errorf("mailing %s: %w", to.To, err)
}

// permanent reports whether the server has refused the recipient or the message
// for good: a reply 5xx (RFC 5321, section 4.2.1) to RCPT or to the message.
// A refusal for policy, 5.7.x in RFC 3463, and a 530 are mostly about ourselves
// (a relay that does not know us yet, a password that is missing, a sender
// domain without its record): an administrator puts that right and the alert
// must still be there.
func permanent(err error) bool {
	var refusal *mail.SendError
	if !errors.As(err, &refusal) {
		return false
	}
	switch refusal.Reason {
	case mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrSMTPDataClose:
	default:
		return false
	}
	code := refusal.ErrorCode()
	return code >= 500 && code != 530 && !strings.HasPrefix(refusal.EnhancedStatusCode(), "5.7.")
}

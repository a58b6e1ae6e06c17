package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"

	"github.com/wneessen/go-mail"
)

// server is the mail server to hand mails to.
type server struct {
	host           string
	port           int
	user, password string
	implicit       bool // TLS from the first byte
	policy         mail.TLSPolicy
	tls            *tls.Config
}

// parseServer reads Config.URL. Its errors do not repeat the URL: it may hold a
// password.
func parseServer(raw string, config *tls.Config) (server, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return server{}, errors.New("the mail server must be given as smtp://host:port or smtps://host:port")
	}
	s := server{host: u.Hostname(), user: u.User.Username(), implicit: u.Scheme == "smtps"}
	s.password, _ = u.User.Password()
	if s.port, err = port(u, s.user != ""); err != nil {
		return server{}, err
	}
	if s.policy, err = policy(u.Query().Get("tls"), s); err != nil {
		return server{}, err
	}
	s.tls = settings(config, s)
	return s, nil
}

// port is the one given or the custom of the scheme.
func port(u *url.URL, user bool) (int, error) {
	switch {
	case u.Port() != "":
		n, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil {
			return 0, errors.New("the mail server's port must be a number up to 65535")
		}
		return int(n), nil
	case u.Scheme == "smtps":
		return 465, nil
	case user:
		return 587, nil
	}
	return 25, nil
}

// policy says what to do about STARTTLS.
func policy(wish string, s server) (mail.TLSPolicy, error) {
	secret := s.user != "" && !s.implicit && !loopback(s.host)
	switch {
	case wish == "off" && secret:
		return 0, errors.New("a mail password is not sent without TLS: leave out tls=off")
	case wish == "off":
		return mail.NoTLS, nil
	case wish == "must" || wish == "" && secret:
		return mail.TLSMandatory, nil
	case wish == "":
		return mail.TLSOpportunistic, nil
	}
	return 0, errors.New("tls in the mail server's URL must be must or off")
}

// settings are the TLS settings for s.
func settings(given *tls.Config, s server) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if given != nil {
		config = given.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = s.host
	}
	if given == nil && s.policy == mail.TLSOpportunistic && !s.implicit {
		// Encryption that is merely used when offered does not authenticate: who
		// can forge a certificate could as well take the offer away, and the
		// mail would go in clear. Refusing a relay's own certificate would only
		// stop the mail (RFC 7435, section 3). tls=must verifies.
		config.InsecureSkipVerify = true
	}
	return config
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// client makes a client for one delivery under ctx.
func (s server) client(ctx context.Context) (*mail.Client, error) {
	policy := s.policy
	if s.implicit {
		// The dialler below speaks TLS already. With this policy the client asks
		// the connection what it is and so knows that passwords are safe on it.
		policy = mail.TLSOpportunistic
	}
	options := []mail.Option{
		mail.WithPort(s.port),
		mail.WithTLSConfig(s.tls),
		mail.WithTLSPolicy(policy),
		mail.WithTimeout(deliverTimeout),
		mail.WithoutNoop(),
		mail.WithDialContextFunc(func(_ context.Context, network, addr string) (net.Conn, error) {
			return s.dial(ctx, network, addr)
		}),
	}
	if s.user != "" {
		kind := mail.SMTPAuthAutoDiscover
		if loopback(s.host) && !s.implicit && policy != mail.TLSMandatory {
			kind = mail.SMTPAuthPlainNoEnc // never leaves the machine
		}
		options = append(options, mail.WithSMTPAuth(kind), mail.WithUsername(s.user), mail.WithPassword(s.password))
	}
	return mail.NewClient(s.host, options...)
}

// dial connects, and closes the connection when ctx ends, which is at the end of
// the delivery at the latest. That bounds every step: the mail client's own
// deadlines begin anew with each.
func (s server) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	plain, err := new(net.Dialer).DialContext(limited, network, addr)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = plain.Close() }) // nothing left to do about an error
	if !s.implicit {
		return plain, nil
	}
	secure := tls.Client(plain, s.tls)
	if err := secure.HandshakeContext(limited); err != nil {
		return nil, fmt.Errorf("agreeing on TLS: %w", err)
	}
	return secure, nil
}

package smtp_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/alerting/sinktest"
	"pasban/alerting/smtp"
	"pasban/alerting/smtp/smtptest"
)

// Which refusals are for good: those of the recipient and of the message, but
// not those that an administrator will put right.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name      string
		options   smtptest.Options
		permanent bool
	}{
		{"no such mailbox", atRecipient(550, 5, 1, 1), true},
		{"mailbox is full", atRecipient(452, 4, 2, 2), false},
		{"greylisted", atRecipient(451, 4, 7, 1), false},
		{"relaying denied", atRecipient(554, 5, 7, 1), false},
		{"authentication required", atRecipient(530, 5, 7, 0), false},
		{"message rejected", atMessage(554, 5, 6, 0), true},
		{"server busy", atMessage(451, 4, 3, 0), false},
		{"sender not authenticated", atMessage(550, 5, 7, 26), false},
		{"password missing", smtptest.Options{Username: "u", Password: "p"}, false},
	} {
		server := start(t, c.options)
		err := sink(t, smtp.Config{URL: server.URL()}).Deliver(t.Context(), sinktest.Example(), recipient)
		if err == nil || errors.Is(err, alerting.ErrPermanent) != c.permanent {
			t.Errorf("%s: got %v, want an error that is permanent: %v", c.name, err, c.permanent)
		}
	}
}

func atRecipient(code int, enhanced ...int) smtptest.Options {
	return smtptest.Options{Recipient: func(string) error { return smtptest.Reply{Code: code, Enhanced: [3]int(enhanced), Text: "no"} }}
}

func atMessage(code int, enhanced ...int) smtptest.Options {
	return smtptest.Options{Handler: func(smtptest.Mail) error { return smtptest.Reply{Code: code, Enhanced: [3]int(enhanced), Text: "no"} }}
}

// Without a server the alert waits; with a recipient that is none it cannot.
func TestUnreachable(t *testing.T) {
	server := start(t, smtptest.Options{})
	sink := sink(t, smtp.Config{URL: server.URL()})
	bad := alerting.Address{Sink: alerting.SMTP, To: "nobody\r\nRCPT TO:<x@y.test>"}
	if err := sink.Deliver(t.Context(), sinktest.Example(), bad); !errors.Is(err, alerting.ErrPermanent) {
		t.Errorf("a recipient that is none: got %v, want ErrPermanent", err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sink.Deliver(t.Context(), sinktest.Example(), recipient); err == nil || errors.Is(err, alerting.ErrPermanent) {
		t.Errorf("no server: got %v, want an error that is not permanent", err)
	}
}

// scripted is a server that answers each command with what answers says for its
// first word, "250 ok" by default, and hangs up where that is "".
func scripted(t *testing.T, answers map[string]string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close() //nolint:errcheck // the client has gone
		converse(conn, answers)
	}()
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return "smtp://" + listener.Addr().String()
}

func converse(conn net.Conn, answers map[string]string) {
	lines, data := bufio.NewScanner(conn), false
	fmt.Fprint(conn, "220 mail.test\r\n")
	for lines.Scan() {
		word, _, _ := strings.Cut(lines.Text(), " ")
		if data && word != "." {
			continue
		}
		answer, ok := answers[word]
		if !ok {
			answer = map[string]string{"DATA": "354 go on", "QUIT": "221 bye"}[word]
			if answer == "" {
				answer = "250 ok"
			}
		}
		if answer == "" {
			return
		}
		data = word == "DATA"
		fmt.Fprint(conn, answer+"\r\n")
	}
}

// A mail that the server has taken is delivered, whatever goes wrong afterwards:
// an error would send it twice.
func TestTakenIsDelivered(t *testing.T) {
	for _, after := range []map[string]string{{"RSET": ""}, {"RSET": "500 what"}, {"QUIT": ""}, {"QUIT": "421 gone"}} {
		url := scripted(t, after)
		if err := sink(t, smtp.Config{URL: url}).Deliver(t.Context(), sinktest.Example(), recipient); err != nil {
			t.Errorf("%v after the mail was taken: %v", after, err)
		}
	}
}

// A mail is not delivered before the server has said so about the whole of it.
func TestNotTakenIsNotDelivered(t *testing.T) {
	for _, before := range []map[string]string{{".": ""}, {".": "452 disk full"}, {"DATA": ""}, {"MAIL": "550 who are you"}, {"EHLO": "", "HELO": ""}} {
		url := scripted(t, before)
		err := sink(t, smtp.Config{URL: url}).Deliver(t.Context(), sinktest.Example(), recipient)
		if err == nil || errors.Is(err, alerting.ErrPermanent) {
			t.Errorf("%v: got %v, want an error that is not permanent", before, err)
		}
	}
}

// TLS and passwords, as the URL asks for them.
func TestTLS(t *testing.T) {
	identity, trust := certificate(t)
	server := func(implicit bool) *smtptest.Server {
		return start(t, smtptest.Options{TLS: identity, Implicit: implicit, Username: "pasban", Password: "p@ss/word"})
	}
	starttls, implicit, plain := server(false), server(true), start(t, smtptest.Options{})
	user := func(s *smtptest.Server, password string) string {
		return strings.Replace(s.URL(), "://", "://pasban:"+password+"@", 1)
	}
	const right = "p%40ss%2Fword"
	for _, c := range []struct {
		name, url string
		tls       *tls.Config
		works     bool
	}{
		{"STARTTLS, verified", user(starttls, right) + "?tls=must", trust, true},
		{"STARTTLS, offered, not verified", user(starttls, right), nil, true},
		{"STARTTLS, must, unknown authority", user(starttls, right) + "?tls=must", nil, false},
		{"implicit TLS", user(implicit, right), trust, true},
		{"implicit TLS, unknown authority", user(implicit, right), nil, false},
		{"wrong password", user(starttls, "wrong"), trust, false},
		{"must, not offered", plain.URL() + "?tls=must", nil, false},
		{"not offered", plain.URL(), nil, true},
	} {
		err := sink(t, smtp.Config{URL: c.url, TLS: c.tls}).Deliver(t.Context(), sinktest.Example(), recipient)
		if (err == nil) != c.works || errors.Is(err, alerting.ErrPermanent) {
			t.Errorf("%s: got %v, want it to work: %v", c.name, err, c.works)
		}
	}
}

// certificate makes a server's TLS identity and a client's trust in it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}

// A mistake in the configuration is found at the start and does not show a
// password.
func TestNewRefuses(t *testing.T) {
	for name, config := range map[string]smtp.Config{
		"no URL":              {},
		"scheme":              {URL: "http://u:secret@mail.test"},
		"no host":             {URL: "smtp://u:secret@"},
		"port":                {URL: "smtp://u:secret@mail.test:99999"},
		"unreadable":          {URL: "smtp://u:secret@mail.test:x y"},
		"unknown tls":         {URL: "smtp://mail.test?tls=maybe"},
		"password in clear":   {URL: "smtp://u:secret@mail.test?tls=off"},
		"sender is no sender": {URL: "smtp://mail.test", From: "nobody"},
	} {
		_, err := smtp.New(config)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error %q shows the password", name, err)
		}
	}
	if _, err := smtp.New(smtp.Config{URL: "smtp://mail.test"}); err != nil {
		t.Errorf("a URL alone: %v", err)
	}
}

package smtptest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one connection of a client.
type session struct {
	server  *Server
	trusted bool // has said the right password
	from    string
	to      []string
}

// AuthMechanisms implements smtp.AuthSession.
func (c *session) AuthMechanisms() []string {
	if c.server.options.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		o := c.server.options
		if username != o.Username || password != o.Password {
			return smtp.ErrAuthFailed
		}
		c.trusted = true
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	if c.server.options.Username != "" && !c.trusted {
		return smtp.ErrAuthRequired
	}
	c.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if judge := c.server.options.Recipient; judge != nil {
		if err := judge(to); err != nil {
			return reply(err)
		}
	}
	c.to = append(c.to, to)
	return nil
}

// Data implements smtp.Session: it keeps the mail and only then returns.
func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r) // the server bounds it
	if err != nil {
		return err
	}
	return reply(c.server.receive(c.from, c.to, raw))
}

// Reset implements smtp.Session.
func (c *session) Reset() { c.from, c.to = "", nil }

// Logout implements smtp.Session.
func (c *session) Logout() error { return nil }

// reply turns an error into what the client is told.
func reply(err error) error {
	if err == nil {
		return nil
	}
	var r Reply
	if errors.As(err, &r) {
		return &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.EnhancedCode(r.Enhanced), Message: r.Text}
	}
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: err.Error()}
}

// receive keeps a mail, on disk first, and announces it.
func (s *Server) receive(from string, to []string, raw []byte) error {
	mail, err := Parse(bytes.NewReader(raw))
	if err != nil {
		return Reply{Code: 554, Enhanced: [3]int{5, 6, 0}, Text: err.Error()}
	}
	mail.From, mail.To, mail.Received = from, to, time.Now()
	s.mu.Lock()
	s.count++
	number := s.count
	s.mu.Unlock()
	if mail.File, err = s.keep(raw, number, mail.Received); err != nil {
		return err
	}
	if s.options.Handler != nil {
		if err := s.options.Handler(mail); err != nil {
			if mail.File != "" {
				err = errors.Join(err, os.Remove(mail.File))
			}
			return err
		}
	}
	s.announce(mail)
	return nil
}

// announce makes the mail readable and wakes those who wait for it.
func (s *Server) announce(mail Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, mail)
	if over := len(s.mails) - maxKept; over > 0 {
		s.mails = append([]Mail(nil), s.mails[over:]...)
	}
	close(s.arrived)
	s.arrived = make(chan struct{})
}

// keep writes raw to a file that is whole or not there, even if the machine
// stops now, and returns its path. The name is made of time and number only:
// nothing in it comes from the mail.
func (s *Server) keep(raw []byte, number int, at time.Time) (string, error) {
	if s.options.Dir == "" {
		return "", nil
	}
	name := fmt.Sprintf("%s-%06d.eml", at.UTC().Format("20060102T150405.000000000"), number)
	path := filepath.Join(s.options.Dir, name)
	if err := writeDurably(path, raw); err != nil {
		return "", fmt.Errorf("keeping a mail: %w", err)
	}
	return path, nil
}

// writeDurably writes to a temporary file, flushes it, gives it its name, and
// flushes the folder that holds the name.
func writeDurably(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".incoming-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

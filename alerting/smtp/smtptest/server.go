// Package smtptest is a mail server that receives and keeps: for tests, which
// read what arrived, and for the demo, which shows it. It speaks real SMTP on a
// loopback address, takes mail for anyone, and answers 250 only when the mail is
// on disk.
//
//	server, err := smtptest.Start(ctx, "127.0.0.1:0", smtptest.Options{Dir: dir})
//	... send to server.URL() ...
//	mails, err := server.Wait(ctx, 2)
package smtptest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Bounds of the server.
const (
	maxMessageBytes = 16 << 20
	maxRecipients   = 50
	maxKept         = 1000 // mails in memory; older ones are on disk only
	ioTimeout       = time.Minute
)

// Options of a server. The zero value keeps mails in memory only.
type Options struct {
	// Dir is where each mail is kept as a file TIME-NUMBER.eml, exactly as it
	// came in. It is made if it is not there. "" keeps no files.
	Dir string
	// Handler, if set, is called for each mail after it is kept. If it returns
	// an error the mail is forgotten and the client is told so: 451, or the
	// reply itself if the error is a Reply.
	Handler func(Mail) error
	// Recipient, if set, judges each RCPT. Its error is told to the client as
	// Handler's is.
	Recipient func(to string) error
	// TLS, if set, offers STARTTLS; with Implicit the connection begins with
	// TLS.
	TLS      *tls.Config
	Implicit bool
	// Username and Password, if set, must be given before a mail is taken.
	Username, Password string
}

// Reply is an answer to the client other than 250, such as 550 for a mailbox
// that does not exist.
type Reply struct {
	Code     int
	Enhanced [3]int // as in RFC 3463; zero for none
	Text     string
}

// Error implements error.
func (r Reply) Error() string { return fmt.Sprintf("%d %s", r.Code, r.Text) }

// Server receives mail until it is closed or the context of Start ends.
type Server struct {
	options  Options
	listener net.Listener
	smtp     *smtp.Server
	done     chan struct{} // closed when serving has ended
	served   error         // why it ended, valid after done
	closing  sync.Once
	closed   error // valid after closing

	mu      sync.Mutex
	mails   []Mail
	count   int           // mails received ever; numbers the files
	arrived chan struct{} // closed and replaced at every arrival
}

// Start listens on addr, such as 127.0.0.1:0, and receives mail until ctx ends
// or Close is called.
func Start(ctx context.Context, addr string, options Options) (*Server, error) {
	if options.Dir != "" {
		if err := os.MkdirAll(options.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder for mails: %w", err)
		}
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening for mail: %w", err)
	}
	if options.Implicit {
		listener = tls.NewListener(listener, options.TLS)
	}
	s := &Server{options: options, listener: listener, done: make(chan struct{}), arrived: make(chan struct{})}
	s.smtp = s.configure()
	go s.serve()
	context.AfterFunc(ctx, func() { _ = s.Close() }) // a caller of Close gets the same error
	return s, nil
}

// configure makes the protocol side of the server.
func (s *Server) configure() *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{server: s}, nil
	}))
	server.Domain = "mail.test"
	server.MaxMessageBytes = maxMessageBytes
	server.MaxRecipients = maxRecipients
	server.ReadTimeout = ioTimeout
	server.WriteTimeout = ioTimeout
	server.EnableSMTPUTF8 = true
	server.ErrorLog = silent{}
	server.AllowInsecureAuth = true // on loopback
	if !s.options.Implicit {
		server.TLSConfig = s.options.TLS
	}
	return server
}

// silent drops the server's log: a client that goes away is an ordinary event.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func (s *Server) serve() {
	defer close(s.done)
	if err := s.smtp.Serve(s.listener); err != nil && !errors.Is(err, net.ErrClosed) {
		s.served = fmt.Errorf("receiving mail: %w", err)
	}
}

// Addr is the address the server listens on, as host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is how an SMTP sink is told of this server.
func (s *Server) URL() string {
	scheme := "smtp://"
	if s.options.Implicit {
		scheme = "smtps://"
	}
	return scheme + s.Addr()
}

// Close ends the server and all its connections. It may be called again.
func (s *Server) Close() error {
	s.closing.Do(func() {
		s.closed = errors.Join(closed(s.smtp.Close()), closed(s.listener.Close()))
		<-s.done
	})
	return errors.Join(s.closed, s.served)
}

// closed drops the error that says that something is closed already: serving may
// begin only when the server is closed, and does not know the listener before.
func closed(err error) error {
	if err == nil || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("closing the mail server: %w", err)
}

// Mails are the mails received so far, oldest first, the last 1000 of them.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Wait returns Mails as soon as there are n, or the context's error.
func (s *Server) Wait(ctx context.Context, n int) ([]Mail, error) {
	for {
		s.mu.Lock()
		arrived, count := s.arrived, s.count
		s.mu.Unlock()
		if mails := s.Mails(); len(mails) >= n {
			return mails, nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return s.Mails(), fmt.Errorf("waiting for mail %d, %d came: %w", n, count, ctx.Err())
		}
	}
}

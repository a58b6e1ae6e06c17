package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// What a mail server does wrong with the first mail to a mailbox. All of it ends
// when the server is mended, but for noMailbox.
const (
	hangsInData   = "hangs-in-data@cert.example"    // takes the mail and says nothing
	dropsBefore   = "drops-before-250@cert.example" // has the mail, and hangs up without saying so
	closesBetween = "closes-between@cert.example"   // hangs up instead of answering RCPT
	saysLater     = "says-later@cert.example"       // 451
	noMailbox     = "no-mailbox@cert.example"       // 550, always
	nothingWrong  = "nothing-wrong@cert.example"
)

// Whatever a mail server does, everybody is told by one message each when it is
// well again; nobody waits for a mailbox that hangs; and what is refused for good
// is shown as failed, and not tried for ever. The very first connection is never
// greeted, whoever's mail it was to carry.
func TestMailFaults(t *testing.T) {
	t.Parallel()
	s := newStricken(t)
	front := startMailFront(t, s.listen, s.mail.Addr())
	s.serve("PASBAN_SMTP=smtp://"+front.address,
		"PASBAN_CERT="+strings.Join([]string{hangsInData, dropsBefore, closesBetween, saysLater, noMailbox, nothingWrong}, ","))
	s.attack()
	s.await("every fault", func() bool {
		return front.asked(hangsInData, dropsBefore, closesBetween, saysLater, noMailbox) >= 4 // and one is not greeted
	})
	s.await("a mail that waits for nobody", func() bool {
		told := s.messages()
		return told["opened to "+strickenContact] != nil || told["opened to "+nothingWrong] != nil
	})
	front.mend()
	s.toldTo([]string{strickenContact, hangsInData, dropsBefore, closesBetween, saysLater, nothingWrong}, "opened")
	s.calmly(15, "an alert cannot be delivered.*no-mailbox@cert.example.*550.*no such mailbox")
	if shown := s.pasban("incidents", "show", "1"); !strings.Contains(shown, "failed") || front.asked(noMailbox) != 1 {
		t.Errorf("the mailbox that does not exist was tried %d times, want 1, and shown as\n%s", front.asked(noMailbox), shown)
	}
}

// A mail server that is not there at all delays the alerts.
func TestMailServerGone(t *testing.T) {
	t.Parallel()
	s := newStricken(t)
	front := startMailFront(t, s.listen, s.mail.Addr())
	front.mend()
	front.close()
	s.serve("PASBAN_SMTP=smtp://" + front.address)
	s.attack()
	s.await("a refused connection", func() bool { return len(s.log.lines("job=deliver.*connection refused")) > 0 })
	front.open(front.address)
	s.told("opened")
	s.calmly(6, "job=deliver.*connection refused")
}

// mailFront stands before a mail server and spoils its conversations.
type mailFront struct {
	t                *testing.T
	address, backend string
	mended           chan struct{}

	mu       sync.Mutex
	listener net.Listener
	rcpts    map[string]int // how often a mailbox was named
	greeted  bool           // the first connection, which is not, has come
}

// startMailFront listens on the host of an address that is the test's own.
func startMailFront(t *testing.T, own, backend string) *mailFront {
	t.Helper()
	host, _, err := net.SplitHostPort(own)
	must(t, err)
	f := &mailFront{t: t, backend: backend, mended: make(chan struct{}), rcpts: map[string]int{}}
	f.open(net.JoinHostPort(host, "0"))
	f.address = f.listener.Addr().String()
	t.Cleanup(f.close)
	return f
}

func (f *mailFront) open(address string) {
	f.t.Helper()
	listener, err := new(net.ListenConfig).Listen(f.t.Context(), "tcp", address)
	must(f.t, err)
	f.listener = listener
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go f.converse(conn)
		}
	}()
}

func (f *mailFront) close() {
	_ = f.listener.Close() // the test may have closed it
}

// mend ends every fault, and the conversations that hang with it.
func (f *mailFront) mend() { close(f.mended) }

func (f *mailFront) isMended() bool {
	select {
	case <-f.mended:
		return true
	default:
		return false
	}
}

// asked is how often mailboxes were named to the server.
func (f *mailFront) asked(boxes ...string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, box := range boxes {
		n += f.rcpts[box]
	}
	return n
}

// named counts a mailbox.
func (f *mailFront) named(box string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rcpts[box]++
}

// first reports whether this is the first connection.
func (f *mailFront) first() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	first := !f.greeted
	f.greeted = true
	return first
}

// converse passes on what client and server say, until a fault is due.
func (f *mailFront) converse(client net.Conn) {
	defer func() { _ = client.Close() }() // its end is the client's business
	if f.first() && !f.isMended() {
		<-f.mended
		return
	}
	server, err := new(net.Dialer).DialContext(context.Background(), "tcp", f.backend)
	if err != nil {
		return // the test is over
	}
	defer func() { _ = server.Close() }()
	talk := &conversation{front: f, client: client, server: server, replies: bufio.NewReader(server)}
	if talk.reply() != nil {
		return
	}
	commands := bufio.NewReader(client)
	for {
		line, err := commands.ReadString('\n')
		if err != nil || talk.command(line, commands) != nil {
			return
		}
	}
}

// conversation is one connection.
type conversation struct {
	front          *mailFront
	client, server net.Conn
	replies        *bufio.Reader
	box            string
}

var errHungUp = errors.New("hung up")

// reply passes on one reply of the server, of one line or several.
func (c *conversation) reply() error {
	for {
		line, err := c.replies.ReadString('\n')
		if err != nil {
			return err
		}
		if _, err := io.WriteString(c.client, line); err != nil {
			return err
		}
		if len(line) > 3 && line[3] != '-' {
			return nil
		}
	}
}

// command passes on one command, and spoils those that are due.
func (c *conversation) command(line string, more *bufio.Reader) error {
	if to, found := strings.CutPrefix(line, "RCPT TO:<"); found {
		c.box, _, _ = strings.Cut(to, ">")
		c.front.named(c.box)
		if spoilt, err := c.spoilRecipient(); spoilt {
			return err
		}
	}
	if _, err := io.WriteString(c.server, line); err != nil {
		return err
	}
	if err := c.reply(); err != nil || !strings.HasPrefix(line, "DATA") {
		return err
	}
	for line != ".\r\n" {
		var err error
		if line, err = more.ReadString('\n'); err != nil {
			return err
		}
		if line == ".\r\n" && c.box == hangsInData && !c.front.isMended() {
			<-c.front.mended
			return errHungUp
		}
		if _, err := io.WriteString(c.server, line); err != nil {
			return err
		}
	}
	if c.box == dropsBefore && !c.front.isMended() {
		_, _ = c.replies.ReadString('\n') // the 250 that the client never hears
		return errHungUp
	}
	return c.reply()
}

func (c *conversation) spoilRecipient() (spoilt bool, err error) {
	switch {
	case c.box == noMailbox:
		_, err = fmt.Fprint(c.client, "550 5.1.1 no such mailbox\r\n")
		return true, err
	case c.front.isMended():
		return false, nil
	case c.box == saysLater:
		_, err = fmt.Fprint(c.client, "451 4.3.0 come again later\r\n")
		return true, err
	case c.box == closesBetween:
		return true, errHungUp
	}
	return false, nil
}

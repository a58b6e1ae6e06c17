package egress

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// client is one connection from Chrome.
type client struct {
	proxy *Proxy
	conn  net.Conn
	in    *bufio.Reader
	up    *upstream // what its last plain request went through, nil if it is gone
}

func (c *client) close() {
	c.hangUp()
	c.proxy.drop(c.conn)
}

// exchange serves one request. It is false when the connection is finished.
func (c *client) exchange() bool {
	if _, err := c.in.Peek(1); err != nil {
		return false // Chrome opens connections ahead of need and closes them unused
	}
	if c.conn.SetReadDeadline(time.Now().Add(c.proxy.headWait)) != nil {
		return false
	}
	head, err := readHead(c.in, maxRequestHead)
	if err != nil {
		return c.malformed()
	}
	a, ok := parseRequest(head)
	if !ok || c.conn.SetReadDeadline(time.Time{}) != nil {
		return c.malformed()
	}
	if a.method == http.MethodConnect {
		return c.tunnel(a)
	}
	return c.forward(a)
}

// admit opens the account of a request and asks the budgets.
func (c *client) admit(a *ask) (*entry, string) {
	e, reason := c.proxy.ledger.open(a.method, a.host, a.port)
	if reason == "" && !c.proxy.names.enter(a.host) {
		c.proxy.ledger.overrun(ReasonHosts)
		reason = ReasonHosts
	}
	return e, reason
}

// finish closes the account of a request that was not refused.
func (c *client) finish(e *entry) { e.end(c.proxy.why()) }

// fail closes the account with what err says and tells Chrome, in fixed words.
// It is false when the connection is finished.
func (c *client) fail(e *entry, a *ask, err error) bool {
	refused, ok := errors.AsType[*Error](err)
	if !ok {
		c.finish(e)
		return false
	}
	if refused.Address != "" {
		e.allow(refused.Address)
	}
	e.forbid(refused.Refused)
	if why := c.proxy.why(); why != "" {
		refused.Reason = why // the dial or the lookup failed because we ended it
	}
	return c.refuse(e, a, refused.Reason)
}

// maxDrained is how much of the body of a refused request is read so that the
// connection can go on. Beyond that closing it is cheaper.
const maxDrained = 256 << 10

func (c *client) refuse(e *entry, a *ask, reason string) bool {
	e.end(reason)
	status := http.StatusForbidden
	if (Verdict{Reason: reason}).failed() {
		status = http.StatusBadGateway
	}
	keep := a.method != http.MethodConnect && a.length <= maxDrained
	if keep {
		_, err := io.CopyN(io.Discard, c.in, a.length)
		keep = err == nil
	}
	return c.say(status, keep)
}

// malformed answers what is not a request to a proxy.
func (c *client) malformed() bool {
	e, _ := c.proxy.ledger.open("", "", 0)
	e.end(ReasonMalformed)
	return c.say(http.StatusBadRequest, false)
}

// words are the bodies of the proxy's own answers. They are fixed: the page
// reads them, and what the inside of the network said is not for it.
var words = map[int]string{
	http.StatusBadRequest: "Bad request.\n",
	http.StatusForbidden:  "Not allowed.\n",
	http.StatusBadGateway: "Not reachable.\n",
}

// say sends one of the proxy's own answers. It returns keep if that went well.
func (c *client) say(status int, keep bool) bool {
	body := words[status]
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status) + "\r\n")
	b.WriteString("Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n")
	b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	if !keep {
		b.WriteString("Connection: close\r\n")
	}
	b.WriteString("\r\n" + body)
	_, err := c.conn.Write(b.Bytes())
	return err == nil && keep
}

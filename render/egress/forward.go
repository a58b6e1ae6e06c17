package egress

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
)

// maxInterim bounds the 1xx answers before the real one.
const maxInterim = 10

// upstream is a connection to a site that plain requests go through, one
// after the other.
type upstream struct {
	*meter
	in    *bufio.Reader
	key   string // host and port it leads to
	spent bool   // carries no further exchange
}

// forward serves one plain http request. It is false when the connection to
// Chrome is finished.
func (c *client) forward(a *ask) bool {
	e, reason := c.admit(a)
	if reason != "" {
		return c.refuse(e, a, reason)
	}
	if err := c.send(e, a); err != nil {
		c.hangUp()
		return c.fail(e, a, err)
	}
	defer c.finish(e)
	return c.relay(a)
}

// send brings the request to the site, through the connection of the request
// before if that led there too, and waits until the answer begins.
//
// Only requests without a body are sent on a used connection: the site may
// have closed it meanwhile, and these can be repeated on a new one.
func (c *client) send(e *entry, a *ask) error {
	if up := c.up; up != nil && up.key == key(a.host, a.port) && a.repeatable() {
		up.entry = e
		e.allow(up.RemoteAddr().String())
		if up.ask(a, nil) == nil {
			return nil
		}
	}
	c.hangUp()
	m, err := c.proxy.dial(e, a.host, a.port)
	if err != nil {
		return err
	}
	c.up = &upstream{meter: m, in: bufio.NewReaderSize(m, 8<<10), key: key(a.host, a.port)}
	return c.up.ask(a, c.in)
}

func (a *ask) repeatable() bool {
	return !a.body() && !a.websocket && (a.method == http.MethodGet || a.method == http.MethodHead)
}

// ask sends a request and waits for the first byte of the answer. A site may
// answer before it has the whole body, and then hang up: it is heard all the
// same.
func (u *upstream) ask(a *ask, body io.Reader) error {
	_, err := u.Write(a.wire())
	if err == nil && a.body() {
		_, err = pump(u, io.LimitReader(body, a.length))
	}
	u.spent = u.spent || err != nil
	_, err = u.in.Peek(1)
	return err
}

// reusable says whether nothing stands in the way of another exchange. Bytes
// behind the end of an answer do: they would be taken for the next one.
func (u *upstream) reusable() bool { return !u.spent && u.in.Buffered() == 0 }

func (c *client) hangUp() {
	if c.up != nil {
		c.proxy.drop(c.up.meter)
		c.up = nil
	}
}

// relay passes the answer on to Chrome. It is false when the connection to
// Chrome is finished.
func (c *client) relay(a *ask) bool {
	for range maxInterim {
		ans, raw := c.up.answer(a.method)
		if raw != nil {
			return c.verbatim(raw)
		}
		if _, err := c.conn.Write(ans.head); err != nil {
			return false
		}
		switch {
		case ans.status == http.StatusSwitchingProtocols && a.websocket:
			if pipe(c.conn, c.in, c.up, c.up.in) {
				c.up.entry.end("")
			}
			return false
		case ans.status == http.StatusSwitchingProtocols:
			return c.verbatim(nil)
		case ans.status >= 200:
			if c.content(ans) != nil {
				return false
			}
			c.up.entry.end("") // whole, also if Close comes before we look again
			return ans.keep && c.up.reusable()
		}
	}
	return c.verbatim(nil)
}

// answer reads a header block. If it is not one that we understand it returns
// what was read instead. The wait for the first four bytes lets a server that
// does not speak HTTP be known at once, before a line has ended.
func (u *upstream) answer(method string) (answer, []byte) {
	start, _ := u.in.Peek(4) // too few bytes are told from "HTTP" just as well
	if string(start) != "HTTP" {
		return answer{}, []byte{}
	}
	head, err := readHead(u.in, maxAnswerHead)
	if err != nil {
		return answer{}, head
	}
	ans, ok := parseAnswer(head, method)
	if !ok {
		return answer{}, head
	}
	return ans, nil
}

// verbatim gives Chrome what was read and all that follows. It is always
// false: where this answer ends is not known, so the connection ends with it.
func (c *client) verbatim(read []byte) bool {
	if _, err := c.conn.Write(read); err == nil {
		_, _ = pump(c.conn, c.up.in) // either side going away is the end of it
	}
	return false
}

// content passes the body on and keeps its framing. Trailers are dropped.
func (c *client) content(ans answer) error {
	switch ans.body {
	case bodyFixed:
		n, err := pump(c.conn, io.LimitReader(c.up.in, ans.length))
		if err == nil && n < ans.length {
			err = io.ErrUnexpectedEOF
		}
		return err
	case bodyChunked:
		return c.chunks()
	case bodyToEnd:
		_, err := pump(c.conn, c.up.in)
		return err
	}
	return nil
}

func (c *client) chunks() error {
	if _, err := pump(chunker{c.conn}, httputil.NewChunkedReader(c.up.in)); err != nil {
		return err
	}
	if _, err := readTrailer(c.up.in); err != nil {
		return err
	}
	_, err := io.WriteString(c.conn, "0\r\n\r\n")
	return err
}

// readTrailer reads what follows the last chunk, up to its empty line.
func readTrailer(in *bufio.Reader) ([]byte, error) { return readHead(in, maxRequestHead) }

// chunker writes each piece as a chunk of its own, at once, so that a page
// that streams is seen to stream.
type chunker struct{ w io.Writer }

func (c chunker) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil // an empty chunk would be the last
	}
	size := strconv.AppendInt(nil, int64(len(b)), 16)
	parts := net.Buffers{append(size, "\r\n"...), b, []byte("\r\n")}
	if _, err := parts.WriteTo(c.w); err != nil {
		return 0, err
	}
	return len(b), nil
}

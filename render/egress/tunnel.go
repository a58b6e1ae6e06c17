package egress

import (
	"io"
	"net"
	"sync"
)

// established ends the proxy's part in a tunnel.
const established = "HTTP/1.1 200 Connection established\r\n\r\n"

// tunnel serves CONNECT: https, and WebSockets of either kind. It is always
// false, because the connection is the tunnel's from then on.
func (c *client) tunnel(a *ask) bool {
	e, reason := c.admit(a)
	if reason != "" {
		return c.refuse(e, a, reason)
	}
	c.hangUp()
	m, err := c.proxy.dial(e, a.host, a.port)
	if err != nil {
		return c.fail(e, a, err)
	}
	defer c.finish(e)
	defer c.proxy.drop(m)
	if _, err := io.WriteString(c.conn, established); err == nil && pipe(c.conn, c.in, m, m) {
		e.end("")
	}
	return false
}

// pipe carries bytes both ways until both ways have ended, and says whether
// they did so in good order. The readers may hold bytes of their connections
// that were read ahead. A side that finishes leaves the other way open; one
// that breaks takes both down.
func pipe(chrome net.Conn, fromChrome io.Reader, site net.Conn, fromSite io.Reader) bool {
	var up sync.WaitGroup
	var asked bool
	up.Go(func() { asked = oneWay(site, fromChrome, chrome) })
	answered := oneWay(chrome, fromSite, site)
	up.Wait()
	return asked && answered
}

// oneWay carries bytes from one side to the other and then says so.
func oneWay(dst net.Conn, src io.Reader, from net.Conn) bool {
	if _, err := pump(dst, src); err == nil && closeWrite(dst) == nil {
		return true
	}
	_ = dst.Close() // broken on one side is broken on both
	_ = from.Close()
	return false
}

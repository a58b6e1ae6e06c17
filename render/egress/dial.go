package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// Together these stay below the 15 s after which a capture stops loading, so
// that a dead name server or host is told as what it is and not as a timeout.
const (
	lookupWait = 6 * time.Second
	dialWait   = 8 * time.Second
)

// Bounds on what a name may answer with: all are judged, some are dialled.
const (
	maxAnswers = 64
	maxDials   = 4
)

// Error says why there is no connection. Reason is one of the Reason
// constants; Address is what was dialled last, "" if nothing was; Refused is the
// address that was not to be dialled, "" if the reason is another.
type Error struct {
	Host    string
	Reason  string
	Address string
	Refused string
	Err     error // what the resolver or the dialler said, nil for a refusal
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("refusing to connect to %q: %s", e.Host, e.Reason)
	}
	return fmt.Sprintf("connecting to %q: %s: %v", e.Host, e.Reason, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// DialContext connects under the policy without a proxy between, for Go code
// of ours that visits watched sites by itself. It fits
// [net/http.Transport.DialContext]. The budget does not apply. Its errors are
// of type [*Error], except for a policy that is not valid.
func (p Policy) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	full, err := p.complete()
	if err != nil {
		return nil, err
	}
	host, port, ok := splitTarget(address, 0)
	if !ok {
		return nil, &Error{Host: address, Reason: ReasonName}
	}
	addrs, err := full.resolve(ctx, host, port)
	if err != nil {
		return nil, err
	}
	return full.connect(ctx, host, addrs, port)
}

// resolve finds the addresses of a host, unmapped. It does not judge them, but it does
// not send a name to the resolver that is refused whatever it answers.
func (p *Policy) resolve(ctx context.Context, host string, port uint16) ([]netip.Addr, error) {
	if a := literal(host); a.IsValid() {
		return []netip.Addr{a.Unmap()}, nil
	}
	switch {
	case !sensible(host):
		return nil, &Error{Host: host, Reason: ReasonName}
	case isLocalhost(host):
		return []netip.Addr{loopback4}, nil
	case !p.usual(port) && len(p.AllowPrivate) == 0:
		return nil, &Error{Host: host, Reason: ReasonPort}
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	addrs, err := p.Resolver.LookupNetIP(ctx, "ip", host)
	switch dns := (*net.DNSError)(nil); {
	case errors.As(err, &dns) && dns.IsNotFound, err == nil && len(addrs) == 0:
		return nil, &Error{Host: host, Reason: ReasonNoName, Err: err}
	case err != nil:
		return nil, &Error{Host: host, Reason: ReasonDNS, Err: err}
	case len(addrs) > maxAnswers:
		return nil, &Error{Host: host, Reason: ReasonDNS, Err: fmt.Errorf("%d answers", len(addrs))}
	}
	out := make([]netip.Addr, len(addrs))
	for i, a := range addrs {
		out[i] = a.Unmap()
	}
	return out, nil
}

// connect judges unmapped addresses and dials them in order until one answers.
func (p *Policy) connect(ctx context.Context, host string, addrs []netip.Addr, port uint16) (net.Conn, error) {
	if err := p.admit(host, addrs, port); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialWait)
	defer cancel()
	addrs = addrs[:min(len(addrs), maxDials)]
	failed := &Error{Host: host, Reason: ReasonDial}
	for i, a := range addrs {
		to := netip.AddrPortFrom(a, port)
		failed.Address = to.String()
		conn, err := dialOne(ctx, to, len(addrs)-i)
		if err == nil {
			return conn, nil
		}
		failed.Err = err
	}
	return nil, failed
}

// dialOne gives an address its fair share of the time that is left, so that a
// host with one dead address is still reached by the others.
func dialOne(ctx context.Context, to netip.AddrPort, left int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
		defer cancel()
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, err
	}
	if got := peer(conn); got != to {
		return nil, errors.Join(fmt.Errorf("dialled %v, connected to %v", to, got), conn.Close())
	}
	return conn, nil
}

// peer is the far end of a connection, unmapped.
func peer(conn net.Conn) netip.AddrPort {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

func key(host string, port uint16) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

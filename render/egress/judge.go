package egress

import (
	"net/netip"
	"slices"
)

// Judge says whether a name with these addresses may be dialled: "" if so,
// else [ReasonPrivate], [ReasonOwn], or [ReasonNoName] if there is no address.
//
// Every address must be acceptable. A name that answers with a public and a
// private one is how a page gets a browser to fall back to the private one.
// IPv4 addresses in IPv6 clothes are judged as what they are. Ports are not
// judged here.
func Judge(addrs []netip.Addr, p Policy) string {
	if len(addrs) == 0 {
		return ReasonNoName
	}
	_, reason := p.worst(addrs)
	return reason
}

// worst finds the first address that must not be dialled, and why not.
func (p *Policy) worst(addrs []netip.Addr) (netip.Addr, string) {
	for _, a := range addrs {
		if reason := p.refusal(a.Unmap()); reason != "" {
			return a.Unmap(), reason
		}
	}
	return netip.Addr{}, ""
}

// refusal judges one unmapped address.
func (p *Policy) refusal(a netip.Addr) string {
	switch {
	case !a.IsValid(), a.Zone() != "": // a zone names a link of this machine
		return ReasonPrivate
	case within(a, p.Deny):
		return ReasonPrivate
	case within(a, p.AllowPrivate):
		return ""
	case within(a, special), a.Is6() && !global6.Contains(a):
		return ReasonPrivate
	case p.isOwn(a):
		return ReasonOwn
	}
	return ""
}

// isOwn says whether a is an address of this machine. When they cannot be
// told, everything is: the machine is not to be reached by our own ignorance.
func (p *Policy) isOwn(a netip.Addr) bool {
	if p.Own != nil {
		return slices.Contains(p.Own(), a)
	}
	own, err := machine.read()
	return err != nil || slices.Contains(own, a)
}

// admit judges the unmapped addresses of a host, of which there is one at
// least, and the port together.
func (p *Policy) admit(host string, addrs []netip.Addr, port uint16) error {
	if p.exactly(host, port) {
		return nil
	}
	if a, reason := p.worst(addrs); reason != "" {
		return &Error{Host: host, Reason: reason, Refused: a.String()}
	}
	if !p.usual(port) && !p.allInside(addrs) {
		return &Error{Host: host, Reason: ReasonPort}
	}
	return nil
}

// exactly says whether a host is an address that AllowExact names with this port.
func (p *Policy) exactly(host string, port uint16) bool {
	a := literal(host).Unmap()
	return a.IsValid() && slices.Contains(p.AllowExact, netip.AddrPortFrom(a, port)) && !within(a, p.Deny)
}

func (p *Policy) usual(port uint16) bool { return slices.Contains(p.Ports, port) }

// allInside says whether the ranges of AllowPrivate hold every address.
func (p *Policy) allInside(addrs []netip.Addr) bool {
	return !slices.ContainsFunc(addrs, func(a netip.Addr) bool {
		return !within(a, p.AllowPrivate)
	})
}

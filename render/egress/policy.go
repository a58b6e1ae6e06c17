package egress

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Policy says where a capture may go and how much it may cost. The zero value
// works: public addresses only, on the usual web ports, within the default
// budget.
type Policy struct {
	// Resolver answers names. Default: the system's, asked for absolute names,
	// so that no search domain turns a public name into an internal one.
	Resolver Resolver
	// AllowPrivate are ranges that may be dialled although they are private,
	// loopback or this machine's own, for internal sites and for tests. Such
	// sites sit on odd ports, so any port is allowed in them. Default: none.
	AllowPrivate []netip.Prefix
	// AllowExact are single addresses with one port each that may be dialled
	// whatever they are, for what this machine itself serves to be looked at. A name
	// that leads there is not let through: the URL must hold the address. Default: none.
	AllowExact []netip.AddrPort
	// Deny are further ranges that are refused, such as the CERT's own public
	// ones. Deny wins over AllowPrivate and AllowExact. Default: none.
	Deny []netip.Prefix
	// Own lists this machine's addresses, which are refused even when they
	// are public. Default: those of its interfaces, read every 30 s.
	Own func() []netip.Addr
	// Ports that may be dialled. Default: 80, 443, 8080, 8443.
	Ports []uint16
	// ExtraPorts adds to Ports what one site needs. Default: none.
	ExtraPorts []uint16
	// Budget bounds the capture. Each zero field takes its default.
	Budget Budget
}

// Resolver is the part of [net.Resolver] that is used. The network is always
// "ip".
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Budget bounds what one capture may use of the network. The defaults leave
// room for the heaviest front pages (tens of megabytes) and stop a stream
// that never ends within seconds. Bytes are those on the wire.
type Budget struct {
	Bytes     int64         // all connections together, both directions; default 60 MB
	ConnBytes int64         // one connection, both directions; default 25 MB
	Conns     int           // CONNECTs and plain requests asked for; default 400
	Hosts     int           // distinct names and addresses asked for; default 100
	Lifetime  time.Duration // of the listener and all its connections; default 60 s
}

var defaultBudget = Budget{
	Bytes:     60_000_000,
	ConnBytes: 25_000_000,
	Conns:     400,
	Hosts:     100,
	Lifetime:  time.Minute,
}

var defaultPorts = []uint16{80, 443, 8080, 8443}

// complete returns a copy in which every default is filled in, or an error
// when a range is not valid: a rule that can never match must not be taken
// for one that protects.
func (p Policy) complete() (Policy, error) {
	if p.Resolver == nil {
		p.Resolver = absolute{net.DefaultResolver}
	}
	if len(p.Ports) == 0 {
		p.Ports = defaultPorts
	}
	p.Ports = slices.Concat(p.Ports, p.ExtraPorts)
	p.Budget = p.Budget.complete()
	if p.Own == nil {
		if _, err := machine.read(); err != nil {
			return p, err
		}
	}
	var err error
	if p.AllowPrivate, err = unmapped(p.AllowPrivate); err != nil {
		return p, fmt.Errorf("allowed ranges: %w", err)
	}
	if p.Deny, err = unmapped(p.Deny); err != nil {
		return p, fmt.Errorf("denied ranges: %w", err)
	}
	return p, nil
}

func (b Budget) complete() Budget {
	b.Bytes = positive(b.Bytes, defaultBudget.Bytes)
	b.ConnBytes = positive(b.ConnBytes, defaultBudget.ConnBytes)
	b.Conns = positive(b.Conns, defaultBudget.Conns)
	b.Hosts = positive(b.Hosts, defaultBudget.Hosts)
	b.Lifetime = positive(b.Lifetime, defaultBudget.Lifetime)
	return b
}

// positive is v, or the default when v is zero or makes no sense.
func positive[N int | int64 | time.Duration](v, def N) N {
	if v > 0 {
		return v
	}
	return def
}

// unmapped turns ::ffff:a.b.c.d/96+n into a.b.c.d/n, because addresses are
// unmapped before they are judged.
func unmapped(ranges []netip.Prefix) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(ranges))
	for _, r := range ranges {
		if !r.IsValid() {
			return nil, fmt.Errorf("a range is not valid: %v", r)
		}
		if r.Addr().Is4In6() && r.Bits() >= 96 {
			r = netip.PrefixFrom(r.Addr().Unmap(), r.Bits()-96)
		}
		out = append(out, r.Masked())
	}
	return out, nil
}

// absolute asks for names with a final dot, so that the search list of
// resolv.conf is not tried. Names of one label are left alone: an internal
// site may well be called by one.
type absolute struct{ Resolver }

func (r absolute) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if strings.Contains(host, ".") {
		host += "."
	}
	return r.Resolver.LookupNetIP(ctx, network, host)
}

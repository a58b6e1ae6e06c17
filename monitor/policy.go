package monitor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Policy is what the watchlist's column "lockdown" says of a site, in words separated by
// blanks, commas or semicolons:
//
//	passive            judged by what its pages show; the same as saying nothing
//	active             its owner agrees to the active checks (docs/lockdown.md), which
//	                   ask the server a few things that change nothing
//	read-only          it is in lockdown, by the list itself: all controls, no deadline
//	origin=ADDRESS     where its server is known to be behind the CDN, with a port or
//	                   without
type Policy struct {
	Active   bool
	ReadOnly bool
	Origins  []netip.AddrPort // port 0 for that of the site's URL
}

// maxOrigins of one site.
const maxOrigins = 4

// ParsePolicy reads the column. The error says what is wrong with which word.
func ParsePolicy(s string) (Policy, error) {
	var p Policy
	passive := false
	for _, word := range split(strings.ToLower(s)) {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case word == "passive":
			passive = true
		case word == "active":
			p.Active = true
		case word == "read-only":
			p.ReadOnly = true
		case name == "origin":
			at, err := parseOrigin(value)
			if err != nil {
				return Policy{}, fmt.Errorf("%q is no address; expected origin=203.0.113.5 or origin=203.0.113.5:8080", clipField(value))
			}
			p.Origins = append(p.Origins, at)
		default:
			return Policy{}, fmt.Errorf("unknown word %q; expected passive or active, read-only, origin=ADDRESS", clipField(word))
		}
	}
	switch {
	case passive && p.Active:
		return Policy{}, fmt.Errorf("a site is passive or active, not both")
	case len(p.Origins) > maxOrigins:
		return Policy{}, fmt.Errorf("more than %d origins", maxOrigins)
	}
	return p, nil
}

func parseOrigin(s string) (netip.AddrPort, error) {
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at, nil
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return netip.AddrPortFrom(addr, 0), err
}

// Policy of the site. What an older list wrote into the column counts for nothing.
func (s Site) Policy() Policy {
	p, err := ParsePolicy(s.Lockdown)
	if err != nil {
		return Policy{}
	}
	return p
}

// origins as the controls know them.
func (p Policy) origins() []string {
	var out []string
	for _, o := range p.Origins {
		if o.Port() == 0 {
			out = append(out, o.Addr().String())
		} else {
			out = append(out, o.String())
		}
	}
	slices.Sort(out)
	return out
}

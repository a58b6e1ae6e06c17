package compare

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Refusal.Reason in the words of package egress.
const (
	refusedPrivate = "private-address"
	refusedOwn     = "own-address"
	refusedPort    = "port"
)

// manyInside is the number of inner addresses from which on a page searches a
// network. One or two are mostly left over from a developer's own machine.
const manyInside = 5

// metadataHosts answer machines in a cloud with their keys: Amazon (and its
// containers, and over IPv6), Google, Azure, Oracle, DigitalOcean, OpenStack at
// the first; Alibaba.
var metadataHosts = set("169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23", "100.100.100.200",
	"metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal")

// IsMetadata reports a host from which machines in a cloud get their keys, in any
// spelling that a browser leaves.
func IsMetadata(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if a, err := netip.ParseAddr(host); err == nil {
		host = a.Unmap().String()
	}
	return metadataHosts[host]
}

// metadataHits judges a page that reaches for a server's keys. There is no honest
// reason to have visitors do that, so that it counts at first sight.
func metadataHits(c *comparison) []hit {
	for _, r := range c.reached() {
		if r.metadata() {
			return []hit{{rule: "injection.reach_metadata", strength: decisive, evidence: excerpt(r.address())}}
		}
	}
	return nil
}

// reachHits judges the other connections that the page was refused: the inside of
// a network, and ports that no web server uses.
func reachHits(c *comparison) []hit {
	if !c.knowsReach() {
		return nil
	}
	var inside, ports []string
	for _, r := range c.reached() {
		switch {
		case r.metadata():
		case r.Reason == refusedPrivate || r.Reason == refusedOwn:
			inside = append(inside, r.address())
		case r.Reason == refusedPort && c.foreign(r.Host):
			ports = append(ports, r.address())
		}
	}
	var hits []hit
	if n := len(inside); n > 0 {
		h := hit{rule: "injection.reach_inside", strength: note, evidence: some(inside)}
		if n >= manyInside {
			h.strength, h.severity = vote, High
		}
		hits = append(hits, h)
	}
	if len(ports) > 0 {
		hits = append(hits, hit{rule: "injection.reach_port", strength: note, evidence: some(ports)})
	}
	return hits
}

// knowsReach reports a baseline that can tell what is new in where a page leads
// and what it asks for.
func (c *comparison) knowsReach() bool { return c.base != nil && c.base.Version >= 2 }

// reached are the refused connections that no approved look asked for. A site
// whose own address is refused does not reach for anything.
func (c *comparison) reached() []Refusal {
	own := hostOf(c.look.View.URL)
	var out []Refusal
	for _, r := range c.look.View.Refused {
		r.Host = strings.ToLower(r.Host)
		if r.Host != own && (c.base == nil || !slices.Contains(c.base.Reached, r.Host)) {
			out = append(out, r)
		}
	}
	return out
}

// metadata reports a refusal of a metadata service, by whatever name it was
// asked for.
func (r Refusal) metadata() bool { return IsMetadata(r.Host) || IsMetadata(r.Address) }

func (r Refusal) address() string {
	if strings.Contains(r.Host, ":") && !strings.HasPrefix(r.Host, "[") {
		return fmt.Sprintf("[%s]:%d", r.Host, r.Port)
	}
	if r.Address != "" {
		return fmt.Sprintf("%s:%d at %s", r.Host, r.Port, r.Address)
	}
	return fmt.Sprintf("%s:%d", r.Host, r.Port)
}

// some is the first few of a list and how many more there are.
func some(list []string) string {
	text := strings.Join(list[:min(3, len(list))], ", ")
	if n := len(list) - 3; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return excerpt(text)
}

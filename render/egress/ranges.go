package egress

import "net/netip"

// special are the ranges that are never a public web site. They are the IANA
// special-purpose address registries for IPv4 and IPv6
// (https://www.iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry) with the multicast and class E space beside
// them. Ranges that carry an IPv4 address inside an IPv6 one are refused as a
// whole: the address inside could be any.
var special = prefixes(
	"0.0.0.0/8",          // RFC 791: "this network"; Linux connects 0.0.0.0 to itself
	"10.0.0.0/8",         // RFC 1918: private
	"100.64.0.0/10",      // RFC 6598: carrier-grade NAT, and one cloud's metadata service
	"127.0.0.0/8",        // RFC 1122: loopback
	"168.63.129.16/32",   // the host behind an Azure machine: a public address that is not
	"169.254.0.0/16",     // RFC 3927: link-local, and the other clouds' metadata services
	"172.16.0.0/12",      // RFC 1918: private
	"192.0.0.0/24",       // RFC 6890: protocol assignments
	"192.0.2.0/24",       // RFC 5737: documentation
	"192.88.99.0/24",     // RFC 7526: 6to4 relay, deprecated
	"192.168.0.0/16",     // RFC 1918: private
	"198.18.0.0/15",      // RFC 2544: benchmarks
	"198.51.100.0/24",    // RFC 5737: documentation
	"203.0.113.0/24",     // RFC 5737: documentation
	"224.0.0.0/4",        // RFC 1112: multicast
	"240.0.0.0/4",        // RFC 1112: reserved
	"255.255.255.255/32", // RFC 919: broadcast

	"::/96",         // RFC 4291: unspecified, loopback, and IPv4-compatible addresses
	"::ffff:0:0/96", // RFC 4291: IPv4-mapped; unmapped before they get here
	"64:ff9b::/96",  // RFC 6052: NAT64, an IPv4 address inside
	"64:ff9b:1::/48",
	"100::/64",      // RFC 6666: discard
	"2001::/23",     // RFC 2928: protocol assignments; Teredo, ORCHID, benchmarks
	"2001:db8::/32", // RFC 3849: documentation
	"2002::/16",     // RFC 3056: 6to4, an IPv4 address inside
	"3fff::/20",     // RFC 9637: documentation
	"5f00::/16",     // RFC 9602: segment routing
	"fc00::/7",      // RFC 4193: unique local
	"fe80::/10",     // RFC 4291: link-local
	"fec0::/10",     // RFC 3879: site-local, deprecated
	"ff00::/8",      // RFC 4291: multicast
)

// global6 is the only part of IPv6 that IANA hands out for global unicast
// (RFC 4291, section 2.4). What lies outside is refused even if nobody has
// named it yet.
var global6 = netip.MustParsePrefix("2000::/3")

// loopback4 is where names of localhost lead: RFC 6761, section 6.3, has them
// answered without asking anybody.
var loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})

func prefixes(ranges ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(ranges))
	for i, r := range ranges {
		out[i] = netip.MustParsePrefix(r)
	}
	return out
}

// within says whether one of the ranges holds a.
func within(a netip.Addr, ranges []netip.Prefix) bool {
	for _, r := range ranges {
		if r.Contains(a) {
			return true
		}
	}
	return false
}

package egress

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// maxHost is the longest name DNS can carry, as text (RFC 1035, section 2.3.4).
const maxHost = 253

// splitTarget takes "host:port", "[v6]:port" or "host" apart. The host comes
// back in lower case, without brackets and final dot. A port of 0 as default
// means that one must be given. It does not ask whether the name is sensible:
// see [sensible].
func splitTarget(target string, def uint16) (host string, port uint16, ok bool) {
	if def != 0 && !hasPort(target) {
		target = net.JoinHostPort(strings.Trim(target, "[]"), strconv.Itoa(int(def)))
	}
	host, digits, err := net.SplitHostPort(target)
	if err != nil {
		return "", 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 {
		return "", 0, false
	}
	return plainHost(host), uint16(n), true
}

// hasPort says whether a colon stands behind the last bracket.
func hasPort(target string) bool {
	return strings.LastIndexByte(target, ':') > strings.LastIndexByte(target, ']')
}

// plainHost is the form in which hosts are compared and recorded.
func plainHost(host string) string {
	host = strings.ToLower(strings.Trim(host, "[]"))
	return strings.TrimSuffix(host, ".")
}

// literal reads a host that is an address. The zero Addr means it is none.
func literal(host string) netip.Addr {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return a
}

// sensible says whether a host can be a DNS name: letters, digits, hyphens and
// underscores in labels of 1 to 63 bytes. A name whose last label is a number
// is none: "127.1", "0x7f.1" and "2130706433" are spellings of an IPv4 address
// to a browser (WHATWG URL, "ends in a number") and to some resolvers, and a
// browser never sends them to a proxy in that form.
func sensible(host string) bool {
	if host == "" || len(host) > maxHost {
		return false
	}
	last := ""
	for label := range strings.SplitSeq(host, ".") {
		if !isLabel(label) {
			return false
		}
		last = label
	}
	return !isNumber(last)
}

func isLabel(s string) bool {
	if s == "" || len(s) > 63 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

// isNumber says whether a label is decimal, octal or hexadecimal.
func isNumber(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// isLocalhost says whether a name is localhost or below it.
func isLocalhost(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

package egress

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"
)

// lenient reads an IPv4 address as the most tolerant of parsers do (inet_aton,
// and the "IPv4 parser" of the WHATWG URL Standard): one to four parts, each
// decimal, octal or hexadecimal, the last one filling what is left.
func lenient(host string) (netip.Addr, bool) {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var sum uint64
	for i, part := range parts {
		n, err := strconv.ParseUint(octal(part), 0, 64)
		if err != nil {
			return netip.Addr{}, false
		}
		left := 8 * (4 - i)
		if i == len(parts)-1 {
			if n >= 1<<left {
				return netip.Addr{}, false
			}
			sum += n
			break
		}
		if n > 255 {
			return netip.Addr{}, false
		}
		sum += n << (left - 8)
	}
	return netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}), true
}

// octal is a number as ParseUint reads it, which knows further prefixes.
func octal(part string) string {
	switch {
	case part == "0x" || part == "0X":
		return "0"
	case strings.ContainsAny(part, "_obOB") && !strings.HasPrefix(strings.ToLower(part), "0x"), strings.Contains(part, "_"):
		return ""
	}
	return part
}

// FuzzTarget: of every spelling of a host there is one reading. What is taken for
// a name is an address to no parser, and what is an address is judged as it.
func FuzzTarget(f *testing.F) {
	for _, s := range []string{
		"example.pk:443", "127.0.0.1:80", "127.1:80", "0177.0.0.1:80", "0x7f000001:80", "2130706433:80", "[::1]:443", "[::ffff:127.0.0.1]:80",
		"[fe80::1%25eth0]:80", "[[::1]]:80", "localhost.:80", "a.localhost:80", "0x:80", "1.0x:80", "EXAMPLE.pk.:443", "xn--a.pk:1", "١٢٧.0.0.1:80",
		"a..b:80", ":80", "a:", "a:+1", "a:0", "a:65536", "127.0.0.1..:80", "[127.0.0.1]:80", "a\x00.pk:80", "08.1:80", "1.2.3.4.5:80", "0x100000000:80",
	} {
		f.Add(s, uint16(0))
		f.Add(s, uint16(80))
	}
	f.Fuzz(func(t *testing.T, target string, def uint16) {
		host, port, ok := splitTarget(target, def)
		if !ok {
			return
		}
		if port == 0 || host != strings.ToLower(host) {
			t.Fatalf("%q is host %q, port %d", target, host, port)
		}
		a := literal(host)
		if a.IsValid() && sensible(host) {
			t.Fatalf("%q is an address and a name", host)
		}
		if n, is := lenient(host); is && !a.IsValid() && sensible(host) {
			t.Fatalf("%q is a name here and %v elsewhere", host, n)
		}
		if !sensible(host) {
			return
		}
		for label := range strings.SplitSeq(host, ".") {
			if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
				t.Fatalf("%q is taken for a name", host)
			}
		}
		if again, port2, ok := splitTarget(host+":"+strconv.Itoa(int(port)), 0); !ok || again != host || port2 != port {
			t.Fatalf("%q reads as %q, and then as %q", target, host, again)
		}
	})
}

// FuzzJudge: an address that may be dialled is public by the standard library's
// account as well, in whatever form it comes, and one that may not spoils every
// answer it is in.
func FuzzJudge(f *testing.F) {
	for _, s := range []string{"8.8.8.8", "127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "::1", "::ffff:10.0.0.1", "2400:cb00::1",
		"64:ff9b::7f00:1", "2002:7f00:1::", "fd00::1", "fe80::1", "ff02::1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "::7f00:1"} {
		f.Add(netip.MustParseAddr(s).AsSlice(), "")
		f.Add(netip.MustParseAddr(s).AsSlice(), "eth0")
	}
	own := netip.MustParseAddr("198.17.0.9")
	policy := Policy{Own: func() []netip.Addr { return []netip.Addr{own} }}
	f.Fuzz(func(t *testing.T, raw []byte, zone string) {
		a, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		a = a.WithZone(zone)
		reason := Judge([]netip.Addr{a}, policy)
		plain := a.Unmap()
		if reason == "" && (!plain.IsGlobalUnicast() || plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() || plain == own || plain.Zone() != "") {
			t.Fatalf("%v may be dialled", a)
		}
		if plain.Is4() {
			mapped := netip.AddrFrom16(plain.As16())
			if got := Judge([]netip.Addr{mapped}, policy); got != reason {
				t.Fatalf("%v is %q and %v is %q", plain, reason, mapped, got)
			}
		}
		public := netip.MustParseAddr("8.8.8.8")
		for _, answer := range [][]netip.Addr{{public, a}, {a, public}} {
			if got := Judge(answer, policy); got != reason {
				t.Fatalf("%v is %q, and %v is %q", a, reason, answer, got)
			}
		}
		if got := Judge([]netip.Addr{a}, Policy{Own: policy.Own, Deny: []netip.Prefix{netip.PrefixFrom(plain.WithZone(""), plain.BitLen())}}); got == "" {
			t.Fatalf("%v is denied and may be dialled", a)
		}
	})
}

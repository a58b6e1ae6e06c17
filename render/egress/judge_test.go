package egress

import (
	"errors"
	"net/netip"
	"testing"
)

func addrs(texts ...string) []netip.Addr {
	out := make([]netip.Addr, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParseAddr(t)
	}
	return out
}

func ranges(texts ...string) []netip.Prefix { return prefixes(texts...) }

// none is an Own that keeps the test independent of the machine it runs on.
func none() []netip.Addr { return nil }

// The first and the last address of every range that is not public is refused,
// and the neighbours of the ranges are not.
func TestJudgeRanges(t *testing.T) {
	refused := []string{
		"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
		"127.0.0.0", "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254",
		"169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0",
		"192.0.2.255", "192.88.99.0", "192.88.99.255", "192.168.0.0", "192.168.255.255", "198.18.0.0",
		"198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0",
		"239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:ffff", "64:ff9b::", "64:ff9b::808:808", "64:ff9b::ffff:ffff",
		"64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "100::", "100::ffff:ffff:ffff:ffff",
		"2001::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
		"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:7f00:1::",
		"2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::1", "5f00::1", "fc00::", "fd00::1", "fd00:ec2::254",
		"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::", "fe80::1", "febf::1", "fec0::1", "feff::1",
		"ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", // mapped, judged as what they are
		"fe80::1%eth0", "2400:cb00::1%eth0", // a zone is a link of ours
		"1::1", "4000::1", "8000::1", // nobody's, so nobody's web site
	}
	for _, a := range refused {
		if got := Judge(addrs(a), Policy{Own: none}); got != ReasonPrivate {
			t.Errorf("Judge(%s) = %q, want %q", a, got, ReasonPrivate)
		}
	}
	public := []string{
		"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"168.63.129.15", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0",
		"192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
		"198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "8.8.8.8",
		"::ffff:8.8.8.8", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2400:cb00::1", "2a00::1",
		"3ffe:ffff::1",
	}
	for _, a := range public {
		if got := Judge(addrs(a), Policy{Own: none}); got != "" {
			t.Errorf("Judge(%s) = %q, want it allowed", a, got)
		}
	}
}

func TestJudge(t *testing.T) {
	own := func() []netip.Addr { return addrs("39.32.1.1", "2400:cb00::1") }
	cases := []struct {
		name   string
		addrs  []netip.Addr
		policy Policy
		want   string
	}{
		{"no address", nil, Policy{}, ReasonNoName},
		{"the zero address", []netip.Addr{{}}, Policy{}, ReasonPrivate},
		{"public first, private last", addrs("8.8.8.8", "10.0.0.1"), Policy{}, ReasonPrivate},
		{"private first", addrs("10.0.0.1", "8.8.8.8"), Policy{}, ReasonPrivate},
		{"two public", addrs("8.8.8.8", "2400:cb00::2"), Policy{}, ""},
		{"own", addrs("39.32.1.1"), Policy{}, ReasonOwn},
		{"own, mapped", addrs("::ffff:39.32.1.1"), Policy{}, ReasonOwn},
		{"own, IPv6", addrs("2400:cb00::1"), Policy{}, ReasonOwn},
		{"own but allowed", addrs("39.32.1.1"), Policy{AllowPrivate: ranges("39.32.1.1/32")}, ""},
		{"allowed", addrs("10.2.3.4"), Policy{AllowPrivate: ranges("10.2.0.0/16")}, ""},
		{"beside the allowed", addrs("10.3.3.4"), Policy{AllowPrivate: ranges("10.2.0.0/16")}, ReasonPrivate},
		{"allowed and private", addrs("10.2.3.4", "10.3.0.1"), Policy{AllowPrivate: ranges("10.2.0.0/16")}, ReasonPrivate},
		{"allowed IPv4 inside NAT64", addrs("64:ff9b::7f00:1"), Policy{AllowPrivate: ranges("127.0.0.0/8")}, ReasonPrivate},
		{"0.0.0.0 with loopback allowed", addrs("0.0.0.0"), Policy{AllowPrivate: ranges("127.0.0.0/8")}, ReasonPrivate},
		{"denied", addrs("39.33.0.1"), Policy{Deny: ranges("39.33.0.0/16")}, ReasonPrivate},
		{"denied wins", addrs("10.2.3.4"), Policy{AllowPrivate: ranges("10.0.0.0/8"), Deny: ranges("10.2.0.0/16")}, ReasonPrivate},
	}
	for _, c := range cases {
		c.policy.Own = own
		if got := Judge(c.addrs, c.policy); got != c.want {
			t.Errorf("%s: Judge = %q, want %q", c.name, got, c.want)
		}
	}
}

// The default Own knows this machine's interfaces: loopback is always one.
func TestOwnAddresses(t *testing.T) {
	own, err := new(ownAddresses).read()
	if err != nil {
		t.Fatal(err)
	}
	p := Policy{}
	found := false
	for _, a := range own {
		found = found || a.IsLoopback()
		if !p.isOwn(a) {
			t.Errorf("%s is an address of this machine and not recognised", a)
		}
	}
	if !found || p.isOwn(netip.MustParseAddr("8.8.8.8")) {
		t.Errorf("own addresses are %v", own)
	}
}

func TestPortsOfAdmit(t *testing.T) {
	p, err := Policy{Own: none, ExtraPorts: []uint16{7443}, AllowPrivate: ranges("::ffff:10.2.0.0/112")}.complete()
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		addrs []netip.Addr
		port  uint16
		want  string
	}{
		{addrs("8.8.8.8"), 80, ""},
		{addrs("8.8.8.8"), 443, ""},
		{addrs("8.8.8.8"), 8080, ""},
		{addrs("8.8.8.8"), 8443, ""},
		{addrs("8.8.8.8"), 7443, ""},
		{addrs("8.8.8.8"), 22, ReasonPort},
		{addrs("8.8.8.8"), 25, ReasonPort},
		{addrs("8.8.8.8"), 6379, ReasonPort},
		{addrs("10.2.0.1"), 6379, ""}, // internal sites sit on odd ports
		{addrs("10.2.0.1", "8.8.8.8"), 6379, ReasonPort},
		{addrs("10.3.0.1"), 6379, ReasonPrivate},
	}
	for _, c := range cases {
		got := ""
		if refused, ok := errors.AsType[*Error](p.admit("example.test", c.addrs, c.port)); ok {
			got = refused.Reason
		}
		if got != c.want {
			t.Errorf("admit(%v, %d) = %q, want %q", c.addrs, c.port, got, c.want)
		}
	}
}

// What AllowExact names may be dialled when the URL holds it: no other port there, no
// other address, and not by a name that leads there.
func TestExactlyOneAddress(t *testing.T) {
	one := netip.MustParseAddrPort("127.0.0.1:9999")
	p := Policy{Own: none, AllowExact: []netip.AddrPort{one}}
	for _, c := range []struct {
		host, addr string
		port       uint16
		deny       []netip.Prefix
		allowed    bool
	}{
		{"127.0.0.1", "127.0.0.1", 9999, nil, true},
		{"::ffff:127.0.0.1", "127.0.0.1", 9999, nil, true},
		{"127.0.0.1", "127.0.0.1", 9998, nil, false},
		{"127.0.0.1", "127.0.0.1", 80, nil, false},
		{"127.0.0.2", "127.0.0.2", 9999, nil, false},
		{"rebound.example", "127.0.0.1", 9999, nil, false},
		{"localhost", "127.0.0.1", 9999, nil, false},
		{"127.0.0.1", "127.0.0.1", 9999, ranges("127.0.0.0/8"), false},
	} {
		policy := p
		policy.Deny = c.deny
		full, err := policy.complete()
		if err != nil {
			t.Fatal(err)
		}
		if err := full.admit(c.host, addrs(c.addr), c.port); (err == nil) != c.allowed {
			t.Errorf("%s port %d, denied %v: %v; want allowed %v", c.host, c.port, c.deny, err, c.allowed)
		}
	}
}

func TestListenRefusesInvalidRange(t *testing.T) {
	for _, p := range []Policy{{Deny: []netip.Prefix{{}}}, {AllowPrivate: []netip.Prefix{{}}}} {
		if proxy, err := Listen(t.Context(), p); err == nil {
			t.Errorf("Listen took a range that can never match: %v %v", p, proxy.Close())
		}
	}
}

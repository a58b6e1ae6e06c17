package egress

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// With nothing allowed, no spelling of an inside address gets through, by
// CONNECT or by a plain request, and the sink sees no connection.
func TestInsideIsRefused(t *testing.T) {
	port := sink(t)
	resolver := hosts(map[string][]netip.Addr{
		"inside.test":   addrs(sinkAddr),
		"mixed.test":    addrs("8.8.8.8", sinkAddr),
		"mapped.test":   addrs("::ffff:" + sinkAddr),
		"metadata.test": addrs("169.254.169.254"),
		"own.test":      addrs("39.32.1.1"),
	})
	own := func() []netip.Addr { return addrs("39.32.1.1") }
	// What the log has to say about a name: the address that it was refused for.
	leads := map[string]string{
		"inside.test": sinkAddr, "mixed.test": sinkAddr, "mapped.test": sinkAddr, "metadata.test": "169.254.169.254",
		"own.test": "39.32.1.1", "localhost": "127.0.0.1", "x.localhost": "127.0.0.1",
	}
	n := uint16(portOf(sinkAddr + ":" + port))
	cases := []struct{ host, reason string }{
		{sinkAddr, ReasonPrivate},
		{"[::ffff:" + sinkAddr + "]", ReasonPrivate},
		{"[::1]", ReasonPrivate},
		{"[::]", ReasonPrivate},
		{"[fe80::1%25lo]", ReasonPrivate},
		{"0.0.0.0", ReasonPrivate},
		{"169.254.169.254", ReasonPrivate},
		{"100.64.0.1", ReasonPrivate},
		{"192.168.0.1", ReasonPrivate},
		{"[fd00::1]", ReasonPrivate},
		{"[64:ff9b::7f00:1]", ReasonPrivate},
		{"localhost", ReasonPrivate},
		{"LOCALHOST.", ReasonPrivate},
		{"x.localhost", ReasonPrivate},
		{"inside.test", ReasonPrivate},
		{"mixed.test", ReasonPrivate},
		{"mapped.test", ReasonPrivate},
		{"metadata.test", ReasonPrivate},
		{"own.test", ReasonOwn},
		{"39.32.1.1", ReasonOwn},
		{"2130706433", ReasonName},
		{"0x7f.1", ReasonName},
		{"127.1", ReasonName},
		{"0177.0.0.1", ReasonName},
		{"a_very..odd", ReasonName},
		{"nowhere.test", ReasonNoName},
	}
	for _, c := range cases {
		for _, how := range []string{"CONNECT", "GET"} {
			p := open(t, Policy{Resolver: resolver, Own: own, ExtraPorts: []uint16{n}})
			target := c.host + ":" + port
			request := "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n"
			if how == "GET" {
				request = "GET http://" + target + "/ HTTP/1.1\r\nHost: " + target + "\r\nConnection: close\r\n\r\n"
			}
			got := exchange(t, p, request)
			status := http.StatusForbidden
			if c.reason == ReasonNoName {
				status = http.StatusBadGateway
			}
			wantStatus(t, got, status)
			v := only(t, p)
			if v.Allowed || v.Address != "" || v.Reason != c.reason || v.Method != how || v.Sent+v.Got != 0 {
				t.Errorf("%s %s: %+v, want reason %q", how, c.host, v, c.reason)
			}
			if literal := net.ParseIP(strings.Trim(c.host, "[]")); literal != nil && v.Refused != netip.MustParseAddr(literal.String()).String() {
				t.Errorf("%s %s: refused for %q", how, c.host, v.Refused)
			}
			if want := leads[c.host]; want != "" && v.Refused != want {
				t.Errorf("%s %s: refused for %q, want %s", how, c.host, v.Refused, want)
			}
			if v.Denied() != (c.reason != ReasonNoName) {
				t.Errorf("%s %s: Denied is %v", how, c.host, v.Denied())
			}
		}
	}
}

// What the page can read of a refusal is the same for every reason.
func TestRefusalTellsNothing(t *testing.T) {
	resolver := resolving(func(host string, _ int) ([]netip.Addr, error) {
		if host == "dead.test" {
			return nil, &net.DNSError{Err: "lookup failed on 10.1.1.53:53", Name: host, Server: "10.1.1.53:53"}
		}
		return addrs("10.1.1.1"), nil
	})
	p := open(t, Policy{Resolver: resolver, Own: none})
	forbidden := exchange(t, p, "CONNECT inside.test:443 HTTP/1.1\r\n\r\n")
	for _, target := range []string{"10.0.0.1:80", "127.0.0.1:80", "8.8.8.8:22", "127.1:80", "example.test:25"} {
		if got := exchange(t, p, "CONNECT "+target+" HTTP/1.1\r\n\r\n"); got != forbidden {
			t.Errorf("%s: %q differs from %q", target, got, forbidden)
		}
	}
	wantStatus(t, forbidden, http.StatusForbidden)
	if !strings.HasSuffix(forbidden, "\r\n\r\nNot allowed.\n") {
		t.Errorf("the refusal is %q", forbidden)
	}
	bad := exchange(t, p, "CONNECT dead.test:443 HTTP/1.1\r\n\r\n")
	wantStatus(t, bad, http.StatusBadGateway)
	if !strings.HasSuffix(bad, "\r\n\r\nNot reachable.\n") || strings.Contains(bad, "10.1") {
		t.Errorf("the failure is %q", bad)
	}
	if v, ok := p.Last("dead.test", 443); !ok || v.Reason != ReasonDNS || v.Denied() {
		t.Errorf("Last = %+v, %v", v, ok)
	}
}

// Ports that are not the web's are refused without a question to DNS.
func TestPortsAreRefused(t *testing.T) {
	resolver := hosts(map[string][]netip.Addr{"example.test": addrs("8.8.8.8")})
	p := open(t, Policy{Resolver: resolver, Own: none})
	for _, port := range []string{"22", "25", "6379"} {
		_, _, status := connect(t, p, "example.test:"+port)
		wantStatus(t, status, http.StatusForbidden)
		wantStatus(t, exchange(t, p, "GET http://example.test:"+port+"/ HTTP/1.1\r\n\r\n"), http.StatusForbidden)
	}
	for _, v := range p.Verdicts() {
		if v.Reason != ReasonPort || v.Allowed {
			t.Errorf("%+v, want it refused for its port", v)
		}
	}
	if n := resolver.times("example.test"); n != 0 {
		t.Errorf("asked DNS %d times about ports that are refused anyway", n)
	}
}

// A name that answers with another address the second time is not asked a
// second time: every request goes where the first one was judged to go.
func TestRebinding(t *testing.T) {
	port := sink(t)
	s := site(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("outside")) })
	_, sitePort, _ := net.SplitHostPort(hostPort(s))
	resolver := resolving(func(_ string, before int) ([]netip.Addr, error) {
		if before == 0 {
			return addrs(siteAddr), nil
		}
		return addrs(sinkAddr), nil
	})
	p := open(t, Policy{Resolver: resolver, AllowPrivate: siteNet})
	if status, body := fetch(t, browser(t, p), "http://rebind.test:"+sitePort+"/"); status != 200 || body != "outside" {
		t.Fatalf("first request: %d %q", status, body)
	}
	// The second goes to the port of the sink, where the site has nothing.
	_, _, status := connect(t, p, "rebind.test:"+port)
	wantStatus(t, status, http.StatusBadGateway)
	v, ok := p.Last("REBIND.test.", portOf(sinkAddr+":"+port))
	if !ok || v.Reason != ReasonDial || !strings.HasPrefix(v.Address, siteAddr+":") {
		t.Errorf("second request: %+v, want a failed dial of %s", v, siteAddr)
	}
	if n := resolver.times("rebind.test"); n != 1 {
		t.Errorf("resolved %d times, want once", n)
	}
}

// A name whose first answer is refused is refused, even if it would now
// answer with an address that is allowed.
func TestRefusedNameStaysRefused(t *testing.T) {
	resolver := resolving(func(_ string, before int) ([]netip.Addr, error) {
		return addrs([]string{sinkAddr, siteAddr}[min(before, 1)]), nil
	})
	p := open(t, Policy{Resolver: resolver, AllowPrivate: siteNet})
	for range 2 {
		_, _, status := connect(t, p, "flip.test:443")
		wantStatus(t, status, http.StatusForbidden)
	}
}

// The next judged address is tried when the first does not answer.
func TestSecondAddress(t *testing.T) {
	s := site(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("here")) })
	_, port, _ := net.SplitHostPort(hostPort(s))
	p := open(t, Policy{
		Resolver:     hosts(map[string][]netip.Addr{"two.test": addrs("127.10.0.99", siteAddr)}),
		AllowPrivate: siteNet,
	})
	if status, body := fetch(t, browser(t, p), "http://two.test:"+port); status != 200 || body != "here" {
		t.Fatalf("%d %q", status, body)
	}
	if v := only(t, p); v.Address != hostPort(s) || v.Reason != "" || !v.Allowed {
		t.Errorf("%+v", v)
	}
}

// A page on an allowed address cannot use the proxy to talk to the proxy.
func TestProxyDoesNotDialItself(t *testing.T) {
	p := open(t, Policy{AllowPrivate: ranges("127.0.0.0/8")})
	_, _, status := connect(t, p, p.Addr())
	wantStatus(t, status, http.StatusForbidden)
	if v := only(t, p); v.Reason != ReasonOwn {
		t.Errorf("%+v", v)
	}
}

// The dialler for our own Go code obeys the same rules.
func TestDialContext(t *testing.T) {
	s := site(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("probe")) })
	_, port, _ := net.SplitHostPort(hostPort(s))
	policy := Policy{
		AllowPrivate: siteNet,
		Resolver:     hosts(map[string][]netip.Addr{"in.test": addrs(siteAddr), "out.test": addrs(sinkAddr)}),
	}
	tr := &http.Transport{DialContext: policy.DialContext}
	defer tr.CloseIdleConnections()
	if status, body := fetch(t, &http.Client{Transport: tr}, "http://in.test:"+port); status != 200 || body != "probe" {
		t.Errorf("%d %q", status, body)
	}
	conn, err := policy.DialContext(t.Context(), "tcp", "out.test:"+sink(t))
	refused, ok := errors.AsType[*Error](err)
	if !ok || refused.Reason != ReasonPrivate || conn != nil {
		t.Errorf("DialContext = %v, %v", conn, err)
	}
}

// The system's resolver is asked for absolute names: with a search domain in
// resolv.conf, "example.pk" could otherwise be answered by "example.pk.cert.local".
func TestDefaultResolverAsksAbsoluteNames(t *testing.T) {
	for host, want := range map[string]string{"example.pk": "example.pk.", "intranet": "intranet"} {
		d := resolving(func(string, int) ([]netip.Addr, error) { return addrs("8.8.8.8"), nil })
		if _, err := (absolute{d}).LookupNetIP(t.Context(), "ip", host); err != nil || d.times(want) != 1 {
			t.Errorf("%s: %v, asked for %v", host, err, d.asked)
		}
	}
	p, err := Policy{}.complete()
	if _, ok := p.Resolver.(absolute); !ok || err != nil {
		t.Errorf("the default resolver is a %T, %v", p.Resolver, err)
	}
}

// Errors say what happened and wrap what the resolver said.
func TestErrorText(t *testing.T) {
	dead := &net.DNSError{Err: "server misbehaving", Name: "dead.test", IsTemporary: true}
	p := Policy{Own: none, Resolver: resolving(func(string, int) ([]netip.Addr, error) { return nil, dead })}
	for address, want := range map[string]string{
		"dead.test:80":  `connecting to "dead.test": dns-failed: ` + dead.Error(),
		"10.0.0.1:80":   `refusing to connect to "10.0.0.1": private-address`,
		"8.8.8.8:22":    `refusing to connect to "8.8.8.8": port`,
		"example.pk":    `refusing to connect to "example.pk": bad-name`,
		"127.1:80":      `refusing to connect to "127.1": bad-name`,
		"odd.test:6379": `refusing to connect to "odd.test": port`,
	} {
		_, err := p.DialContext(t.Context(), "tcp", address)
		if err == nil || err.Error() != want || errors.Is(err, dead) != (address == "dead.test:80") {
			t.Errorf("%s: %v, want %s", address, err, want)
		}
	}
}

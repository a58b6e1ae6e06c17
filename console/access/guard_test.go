package access

import (
	"fmt"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"pasban/monitor"
)

// A house has a /64 of addresses: they count as one. The house beside it does not.
func TestNetworks(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::9": "2001:db8:1:2::/64", "2001:db8:1:3::9": "2001:db8:1:3::/64", "fe80::1%eth0": "fe80::/64", "pipe": "pipe",
	} {
		if got := networkOf(address); got != want {
			t.Errorf("%s is of %s, want %s", address, got, want)
		}
	}
}

// A flood from everywhere stops those who were never here, and nobody who was; and it
// leaves nothing behind.
func TestFlood(t *testing.T) {
	now := time.Unix(1e9, 0)
	g := newGuard(func() time.Time { return now })
	if !g.admit("192.0.2.1") {
		t.Fatal("the first attempt is refused")
	}
	for i := range maxTracked {
		g.admit(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
		g.wrong(fmt.Sprint("name", i), "203.0.113.7")
	}
	if g.admit("192.0.2.2") {
		t.Error("a flood is let in")
	}
	if !g.admit("192.0.2.1") {
		t.Error("a flood keeps out who was here before")
	}
	if g.wrong("one more", "203.0.113.7"); len(g.tries) > maxTracked || len(g.names) > maxTracked {
		t.Errorf("%d addresses and %d names are remembered", len(g.tries), len(g.names))
	}
	now = now.Add(3 * time.Hour)
	if !g.admit("192.0.2.2") || g.wrong("one more", "203.0.113.7") || len(g.tries) > 2 || len(g.names) > 1 {
		t.Errorf("%d addresses and %d names are remembered after the flood", len(g.tries), len(g.names))
	}
}

// A code holds once, and so do all before it: the last one that was used is not the only
// one that somebody has seen over a shoulder.
func TestOldCodesDoNotHold(t *testing.T) {
	now := time.Unix(1e9, 0)
	d := &Door{now: func() time.Time { return now }, steps: map[string]int64{}}
	const secret = "JBSWY3DPEHPK3PXP"
	code := func(at time.Time) string {
		c, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a := monitor.Account{Name: "sara", TOTP: secret}
	older, newer := code(now), code(now.Add(period))
	for i, step := range []struct {
		code string
		want bool
	}{{older, true}, {newer, true}, {older, false}, {newer, false}, {"000000", false}} {
		if got := d.fresh(a, step.code); got != step.want {
			t.Errorf("step %d: %t", i, got)
		}
	}
	now = now.Add(2 * period)
	if !d.fresh(a, code(now)) {
		t.Error("the next code is refused")
	}
}

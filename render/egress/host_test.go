package egress

import (
	"strings"
	"testing"
)

func TestSplitTarget(t *testing.T) {
	cases := []struct {
		target string
		def    uint16
		host   string
		port   uint16
		ok     bool
	}{
		{"example.pk:443", 0, "example.pk", 443, true},
		{"EXAMPLE.pk.:443", 0, "example.pk", 443, true},
		{"[::1]:443", 0, "::1", 443, true},
		{"[2400:CB00::1]:8443", 0, "2400:cb00::1", 8443, true},
		{"example.pk", 80, "example.pk", 80, true},
		{"[::1]", 80, "::1", 80, true},
		{"example.pk:8080", 80, "example.pk", 8080, true},
		{"example.pk", 0, "", 0, false},
		{"example.pk:", 0, "", 0, false},
		{"example.pk:0", 0, "", 0, false},
		{"example.pk:65536", 0, "", 0, false},
		{"example.pk:+80", 0, "", 0, false},
		{"example.pk:http", 0, "", 0, false},
		{"::1:443", 0, "", 0, false},
		{"[::1:443", 0, "", 0, false},
	}
	for _, c := range cases {
		host, port, ok := splitTarget(c.target, c.def)
		if ok != c.ok || ok && (host != c.host || port != c.port) {
			t.Errorf("splitTarget(%q, %d) = %q, %d, %v", c.target, c.def, host, port, ok)
		}
	}
}

// Spellings of addresses that only some parsers know never reach a resolver.
func TestSensible(t *testing.T) {
	for _, name := range []string{
		"example.pk", "a-b_c.example.gov.pk", "xn--mgbai9azgqp6j", "localhost", "1.example.pk", "0x7f.example",
		"3com.com", strings.Repeat("a", 63) + ".pk",
	} {
		if !sensible(name) {
			t.Errorf("%q is a name", name)
		}
	}
	for _, name := range []string{
		"", ".", "a..b", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001", "127.0.0.0x1",
		"example.0x", "1.2.3.4.5", "a b", "a/b", "a@b", "a%00b", "exa\u00admple.pk", "پاکستان", "a:b", "*.pk",
		strings.Repeat("a", 64) + ".pk", strings.Repeat("a.", 127) + "aa",
	} {
		if sensible(name) {
			t.Errorf("%q is no name", name)
		}
	}
}

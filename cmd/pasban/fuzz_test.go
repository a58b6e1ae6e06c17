package main

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/v2"
)

// inMemory is a configuration file without a file.
type inMemory []byte

func (m inMemory) ReadBytes() ([]byte, error) { return m, nil }

func (m inMemory) Read() (map[string]any, error) { return nil, errors.ErrUnsupported }

// FuzzConfig: a configuration file is refused, with the key that is wrong in it,
// or gives every flag one value or a list.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{"data: ./x\nworkers: 3\n", "cert: [a@b.pk, c@d.pk]\nno-sandbox: true\n", "egress-allow:\n- 10.0.0.0/8\n", "sntp: x\n", "data: {a: 1}\n", "? [a]\n: b\n",
		"- a\n", "data: !!binary x\n", "1: 2\n", "a: &a [*a]\n", "data: ~\n", "\x00", "data\x00x: 1\n", "<<: {data: x}\n", "cert: [[a], {b: c}]\n"} {
		f.Add([]byte(s))
	}
	parser, err := kong.New(&commandLine{}, kong.Name("pasban"), helpVars())
	if err != nil {
		f.Fatal(err)
	}
	known := commonFlags(parser.Model)
	f.Fuzz(func(t *testing.T, data []byte) {
		k := koanf.New("\x00")
		if k.Load(inMemory(data), yaml.Parser()) != nil {
			return
		}
		r := &fileResolver{loaded: true, k: k}
		if err := r.Validate(parser.Model); err != nil {
			if !strings.Contains(err.Error(), "unknown key") || strings.ContainsAny(err.Error(), "\n\x1b\x00") {
				t.Errorf("the error %q", err)
			}
			return
		}
		for _, key := range k.Keys() {
			if !slices.Contains(known, key) {
				t.Errorf("the key %q was accepted", key)
			}
		}
		for _, flag := range parser.Model.Flags {
			v, err := r.Resolve(nil, nil, flag)
			if err != nil {
				t.Errorf("--%s: %v", flag.Name, err)
			}
			switch v.(type) {
			case nil, string, []any:
			default:
				t.Errorf("--%s is a %T", flag.Name, v)
			}
		}
	})
}

// FuzzRange: a range that is accepted holds what was written, and is written back
// as a range that is accepted.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"10.1.0.0/16", "10.1.2.3/16", "10.1.2.3", "::1", "::ffff:10.0.0.0/104", "fe80::1%eth0", "10.0.0.0/33", "0.0.0.0/0", "010.0.0.1", "10.0.0.0/-1", "1.2.3.4/08", "::%/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePrefix(s)
		if err != nil {
			return
		}
		again, err := parsePrefix(p.String())
		if err != nil || again != p || !p.IsValid() {
			t.Errorf("%q is %v, and that is %v, %v", s, p, again, err)
		}
		address, _, _ := strings.Cut(s, "/")
		if a, err := netip.ParseAddr(address); err != nil || !p.Contains(a) {
			t.Errorf("%q is %v, which does not hold %v, %v", s, p, a, err)
		}
	})
}

// FuzzSuggest: a mistyped word is answered with a known one or with all of them.
func FuzzSuggest(f *testing.F) {
	known := []string{"data", "workers", "smtp"}
	for _, s := range []string{"", "dta", "wrokers", "\xff", strings.Repeat("a", 500)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if d := editDistance(word, word); d != 0 {
			t.Errorf("%q is %d from itself", word, d)
		}
		if a, b := editDistance(word, "data"), editDistance("data", word); a != b || a > max(len(word), 4) {
			t.Errorf("%q is %d or %d from data", word, a, b)
		}
		if got := suggest(word, known); !slices.ContainsFunc(known, func(k string) bool { return strings.Contains(got, k) }) {
			t.Errorf("%q is answered with %q", word, got)
		}
	})
}

package compare

import (
	"encoding/json"
	"strings"
	"testing"
)

// filler is letters and digits without a pattern, made up for each length.
func filler(n int, alphabet string) string {
	var b strings.Builder
	for i, x := 0, uint32(2463534242); i < n; i++ {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b.WriteByte(alphabet[x%uint32(len(alphabet))])
	}
	return b.String()
}

const (
	mixed = "aB3cD4eF5gH6jK7mN8pQ9rS2tU"
	hexes = "0123456789abcdef"
)

// Keys of known form are found wherever they stand in a text, once each; what is
// meant for browsers is not, nor what only looks like one.
func TestTokens(t *testing.T) {
	for name, token := range map[string]string{
		"aws":        "AKIA" + filler(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
		"github":     "ghp_" + filler(36, mixed),
		"gitlab":     "glpat-" + filler(20, mixed),
		"slack":      "xoxb-" + filler(12, "123456789") + "-" + filler(12, "123456789") + filler(24, mixed),
		"stripe":     "sk_live_" + filler(24, mixed),
		"sendgrid":   "SG." + filler(66, mixed),
		"npm":        "npm_" + filler(36, "abcdefghjkmnpqrstuvwxyz23456789"),
		"hook":       "https://hooks.slack.com/services/" + filler(44, mixed),
		"ocean":      "dop_v1_" + filler(64, hexes),
		"shopify":    "shpat_" + filler(32, hexes),
		"connection": "postgres://portal_rw:Kh4ir9pur@10.20.0.5",
	} {
		for place, text := range map[string]string{"alone": token, "in a list": "a=1 key: " + token + " b=2\n" + token + "\n", "late": strings.Repeat("the sky is blue. ", 4000) + token} {
			if got := tokensIn(text); len(got) != 1 || got[0].text != token || text[got[0].at:got[0].at+len(token)] != token {
				t.Errorf("%s %s: %v", name, place, got)
			}
		}
		if got := tokensIn(token[:len(token)/2]); len(got) != 0 {
			t.Errorf("half of %s is taken for a key: %v", name, got)
		}
	}
	for _, text := range []string{
		"AIza" + filler(35, mixed), "pk_live_" + filler(24, mixed), "https://" + filler(32, hexes) + "@sentry.example.org/2", "6L" + filler(38, mixed),
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + filler(43, mixed), "sourcegraph " + filler(40, hexes), "s.getBoundingClientRectangle",
		"https://www.example.org:8080/a@b", "ghp_" + strings.Repeat("x", 10), "facebook: 1234567890123456|" + filler(27, mixed),
	} {
		if got := tokensIn(text); len(got) != 0 {
			t.Errorf("%q is taken for a key: %v", text, got)
		}
	}
}

// Every rule that is taken over from gitleaks can be read, and the generic ones are not among them.
func TestTokenRulesCompile(t *testing.T) {
	rules := tokenRules()
	if len(rules) < 90 || len(rules) > 150 {
		t.Errorf("%d rules, want some hundred", len(rules))
	}
	for _, r := range rules {
		if pattern, _ := r.compiled(); pattern == nil || unfit[r.ID] {
			t.Errorf("rule %s is not fit", r.ID)
		}
	}
}

// A key that a script brings along is a leak when it is new, a key for browsers,
// for trying things out or of an approved script is none.
func TestSecretsInScripts(t *testing.T) {
	live := "AKIA" + filler(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
	source := func(key string) string { return honestWidget + `var config={region:"ap-south-1",key:"` + key + `"};` }
	own := "https://www.planning.gov.pk/js/config.js"
	b := ministryBaseline(t)
	r := Compare(b, external(own, source(live))(t), nil)
	if r.Verdict != Alert || !hasRule(r, "leak.secrets") || strings.Contains(shown(r), live[4:]) {
		t.Errorf("a key in a new script: %s", describe(r))
	}
	for name, key := range map[string]string{"maps": "AIza" + filler(35, mixed), "publishable": "pk_live_" + filler(24, mixed),
		"test": "sk_test_" + filler(24, mixed), "example": "AKIAIOSFODNN7EXAMPLE"} {
		if r := Compare(b, external(own, source(key))(t), nil); hasRule(r, "leak.secrets") {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
	approved := external(own, source(live))(t)
	known := learned(approved, external(own, source(live)+"//2")(t))
	if r := Compare(known, external(own, source(live)+"//3")(t), nil); hasRule(r, "leak.secrets") {
		t.Errorf("a key that the approved looks have: %s", describe(r))
	}
	other := "AKIA" + filler(17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")[1:]
	if r := Compare(known, external(own, source(other))(t), nil); !hasRule(r, "leak.secrets") {
		t.Errorf("another key in its place: %s", describe(r))
	}
	if data, err := json.Marshal(known); err != nil || strings.Contains(string(data), live[4:]) {
		t.Errorf("the baseline holds the key in clear (%v)", err)
	}
}

func BenchmarkLeaks(b *testing.B) {
	f := derive(lookAt(b, ministryURL, strings.Repeat(ministry(1), 20), "").View)
	t := readLeakText(f)
	b.SetBytes(int64(len(t.text)))
	for b.Loop() {
		scanLeaks(t.text)
	}
}

func BenchmarkScriptTokens(b *testing.B) {
	sources := map[string]string{"a": strings.Repeat(honestWidget+hiddenSkimmer, 1000)}
	b.SetBytes(int64(len(sources["a"])))
	for b.Loop() {
		scriptTokens(sources)
	}
}

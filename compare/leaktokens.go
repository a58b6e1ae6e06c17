package compare

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
	"github.com/zricethezav/gitleaks/v8/config"
)

// tokenRule is a rule of gitleaks: how one provider's keys are written. What it
// is compiled to is made when a text has one of its words for the first time:
// all of them would cost every start some tens of milliseconds.
type tokenRule struct {
	ID          string
	Regex       string
	Keywords    []string
	Entropy     float64
	SecretGroup int
	Allowlists  []struct {
		Regexes   []string
		StopWords []string
	}

	compiled func() (pattern *regexp.Regexp, allowed []*regexp.Regexp)
}

// unfit are rules of gitleaks that are left out, each for what it finds on
// ordinary pages: keys that are meant for browsers, sessions that every visitor
// has, and patterns that other texts fit as well.
var unfit = set("generic-api-key",
	"gcp-api-key", "flutterwave-public-key", "facebook-access-token", // for browsers: maps, payment widgets, log-in buttons
	"jwt", "jwt-base64", "gitlab-session-cookie", // a visitor's own session
	"curl-auth-header", "curl-auth-user", "kubernetes-secret-yaml", // the wording of manuals
	"sourcegraph-access-token", "vault-service-token", "square-access-token", "private-key") // any 40 hex digits, s.member, base64; the last is a sign of ours

// nearWord is in rules that take any run of letters and digits near a provider's
// name for a key. They are as generic as the one that is called so.
const nearWord = `[ \t\w.-]{0,20}`

// tokenRules are the rules of gitleaks, without those that are unfit or generic.
// Published measurements find its rules at 88 % recall and 46 % precision, and
// name the generic ones as the cause (Basak et al. 2023).
var tokenRules = sync.OnceValue(func() []tokenRule {
	var file struct{ Rules []tokenRule }
	if err := toml.Unmarshal([]byte(config.DefaultConfig), &file); err != nil {
		panic(fmt.Sprintf("compare: reading the rules of gitleaks: %v", err)) // pinned; a test reads them
	}
	rules := slices.DeleteFunc(file.Rules, func(r tokenRule) bool {
		return r.Regex == "" || len(r.Keywords) == 0 || unfit[r.ID] || strings.Contains(r.Regex, nearWord)
	})
	for i := range rules {
		r := rules[i]
		rules[i].compiled = sync.OnceValues(func() (*regexp.Regexp, []*regexp.Regexp) {
			var allowed []*regexp.Regexp
			for _, list := range r.Allowlists {
				for _, pattern := range list.Regexes {
					allowed = append(allowed, regexp.MustCompile(pattern))
				}
			}
			return regexp.MustCompile(r.Regex), allowed
		})
	}
	return append(rules, connectionRule())
})

// connectionRule is ours: the address of a service with a password in it.
func connectionRule() tokenRule {
	pattern := regexp.MustCompile(`(?i)\b((?:mysql|mariadb|postgres(?:ql)?|mongodb(?:\+srv)?|rediss?|amqps?|ftps?|sftp|smtps?|ldaps?|mssql|sqlserver|https?)://[^\s:@/"'<>]{1,60}:[^\s:@/"'<>]{3,100}@[\w.-]{3,100})`)
	return tokenRule{ID: "connection-string", Keywords: []string{"://"}, SecretGroup: 1,
		compiled: func() (*regexp.Regexp, []*regexp.Regexp) { return pattern, nil }}
}

var tokenWords = sync.OnceValue(func() *keywordIndex {
	x := new(keywordIndex)
	for i, r := range tokenRules() {
		for _, w := range r.Keywords {
			x.add(w, i)
		}
	}
	return x
})

// Bounds of the search for tokens.
const (
	tokenBefore = 120  // bytes before a keyword that its rule reads
	tokenAfter  = 1200 // and after it
	longToken   = 600  // bytes that a token can have and still be seen across two reads
	maxLooks    = 200  // places of one rule in one text
	maxScripts  = 2 << 20
)

// tokensIn finds the distinct tokens in a text, in order.
func tokensIn(text string) []value {
	x, rules := tokenWords(), tokenRules()
	looked := make([]int, len(rules)) // how often
	read := make([]int, len(rules))   // up to where
	seen := map[string]bool{}
	var out []value
	for i := 0; i+2 < len(text); i++ {
		for _, k := range x.at(text, i) {
			if i < read[k.rule] || looked[k.rule] >= maxLooks || !k.standsAt(text, i) {
				continue
			}
			looked[k.rule]++
			from, to := max(0, i-tokenBefore), min(len(text), i+tokenAfter)
			start, end := rules[k.rule].find(text[from:to])
			read[k.rule] = from + end
			if start < 0 {
				continue
			}
			if s := text[from+start : from+end]; !seen[s] {
				seen[s] = true
				out = append(out, value{s, from + start})
			}
		}
	}
	return withoutOverlaps(out)
}

// withoutOverlaps orders values by their places, and keeps of those that two rules
// found at one place the longest.
func withoutOverlaps(values []value) []value {
	slices.SortStableFunc(values, func(a, b value) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(len(b.text), len(a.text))) })
	end := 0
	return slices.DeleteFunc(values, func(v value) bool {
		if v.at < end {
			return true
		}
		end = v.at + len(v.text)
		return false
	})
}

// find returns where the rule's secret stands in a part of a text. If there is
// none, start is -1 and end is up to where nobody need look again.
func (r *tokenRule) find(part string) (start, end int) {
	pattern, allowed := r.compiled()
	m := pattern.FindStringSubmatchIndex(part)
	if m == nil {
		return -1, max(0, len(part)-longToken)
	}
	start, end = m[0], m[1]
	if g := max(1, r.SecretGroup); 2*g+1 < len(m) && m[2*g] >= 0 {
		start, end = m[2*g], m[2*g+1]
	}
	secret := part[start:end]
	if entropy(secret) < r.Entropy || slices.ContainsFunc(allowed, func(a *regexp.Regexp) bool { return a.MatchString(secret) }) && !isExample(secret) {
		return -1, m[1]
	}
	return start, end
}

// entropy is Shannon's, in bits a byte.
func entropy(s string) float64 {
	var counts [256]int
	for i := range len(s) {
		counts[s[i]]++
	}
	sum := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(s))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}

// scriptTokens finds the tokens in the sources of scripts, at most 2 MB of them,
// in the order of their digests. Addresses with a password are for the web's own
// log-in prompts there, and keys for trying things out are no secret.
func scriptTokens(sources map[string]string) []value {
	var out []value
	budget := maxScripts
	for _, sum := range slices.Sorted(maps.Keys(sources)) {
		source := sources[sum]
		if budget -= len(source); budget < 0 {
			break
		}
		for _, v := range tokensIn(source) {
			if !strings.Contains(v.text, "://") && !isExample(v.text) {
				out = append(out, v)
			}
		}
	}
	return out
}

// isExample reports a value out of a manual: a provider's published example, a
// placeholder, a key for trying things out.
func isExample(s string) bool { return exampleValue.MatchString(s) }

var exampleValue = regexp.MustCompile(`(?i)example|sample|change-?_?me|place-?_?holder|dummy|foo-?_?bar|your[-_ ]?(own|db|app|api|secret|pass|key|user|token)|x{5,}|\*{3,}|\.{3}|1234567|abcdefg|=\s*["']?(password|passwd|secret|root|admin|test|null|none|true|false|user|username|<[^>]*>|\$\{?\w+\}?|\{\{.*|%\w+%)["']?$|[sr]k_test_|_test[_-]|://[^:]*:(pass(word)?|pwd|secret|user|changeit|guest|\$\{?\w+\}?|<[^>]*>)@|@(localhost|127\.0\.0\.1|host|hostname|server|db\.local)\b`)

package access

import (
	"regexp"
	"strings"
	"testing"
)

// A token is what it says it is, or none at all.
func TestTokens(t *testing.T) {
	shape := regexp.MustCompile(`^pasban_[0-9A-Za-z]{49}$`)
	seen := map[string]bool{}
	for range 200 {
		secret, digest := NewToken()
		if again, ok := TokenDigest(secret); !ok || again != digest || len(digest) != 64 || strings.Contains(digest, secret) || !shape.MatchString(secret) || seen[secret] {
			t.Fatalf("%s: digest %s, %s, %t", secret, digest, again, ok)
		}
		seen[secret] = true
		for _, wrong := range []string{
			secret[:len(secret)-1], secret + "0", strings.TrimPrefix(secret, tokenMark), strings.ToUpper(secret), " " + secret,
			secret[:20] + string('a'+(secret[20]+1)%10) + secret[21:], "",
		} {
			if _, ok := TokenDigest(wrong); ok && wrong != secret {
				t.Errorf("%q is taken for a token", wrong)
			}
		}
	}
}

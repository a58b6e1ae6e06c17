package compare

import (
	"fmt"
	"strings"
	"testing"
)

// ibans makes n valid made-up account numbers.
func ibans(n int) []string {
	var out []string
	for i := 0; len(out) < n; i++ {
		account := fmt.Sprintf("SCBL%016d", 1000+i)
		for check := 2; check <= 98; check++ {
			if s := fmt.Sprintf("PK%02d%s", check, account); validIBAN(strings.ToLower(s)) {
				out = append(out, s)
				break
			}
		}
	}
	return out
}

func mails(n int, host string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "person%d@%s, ", i, host)
	}
	return b.String()
}

// A leak is found in the digits and dashes people write, and never shown in clear.
func TestPersonalData(t *testing.T) {
	for _, tt := range []struct {
		text, kind string
		want       int
	}{
		{"35202-1234567-1", leakCNIC, 1},
		{"۳۵۲۰۲-۱۲۳۴۵۶۷-۱", leakCNIC, 1},
		{"35202–1234567–1 35202-1234567-1", leakCNIC, 1}, // an en dash; the same number twice
		{"35202-1234567-1 42101-7654321-9", leakCNIC, 2},
		{"3520212345671", leakCNIC, 0},
		{"19999-1234567-1", leakCNIC, 0}, // no such locality
		{"135202-1234567-1", leakCNIC, 0},
		{"4111111111111111", leakCard, 1},
		{"4111 1111 1111 1112", leakCard, 0},
		{"0000000000000000", leakCard, 0},
		{"PK36 SCBL 0000 0011 2345 6702", leakIBAN, 1},
		{"PK37SCBL0000001123456702", leakIBAN, 0},
		{"a.b@gmail.com A.B@GMAIL.COM", leakMail, 1},
		{"info@planning.gov.pk logo@2x.png @mention x@y", leakMail, 0},
	} {
		counts, examples := scanLeaks(asciiDigits(tt.text))
		if counts[tt.kind] != tt.want {
			t.Errorf("%q: %d of %s, want %d", tt.text, counts[tt.kind], tt.kind, tt.want)
		}
		if e := examples[tt.kind]; tt.want > 0 && !strings.Contains(e, "*") {
			t.Errorf("%q: evidence %q is not masked", tt.text, e)
		}
	}
}

// A directory that was approved once is learnt; five more numbers are a leak again.
func TestLeaksAreJudgedAsChange(t *testing.T) {
	page := func(n int) Look { return lookAt(t, ministryURL, into(identities(n), "</body>")(ministry(1)), "") }
	b := learned(page(30))
	if r := Compare(b, page(31), nil); hasRule(r, "leak.cnic") {
		t.Errorf("one more than was approved: %s", describe(r))
	}
	if r := Compare(b, page(60), nil); !hasRule(r, "leak.cnic") {
		t.Errorf("thirty more than were approved: %s", describe(r))
	}
}

func FuzzScanLeaks(f *testing.F) {
	for _, s := range []string{"35202-1234567-1", "PK36SCBL0000001123456702", "4111 1111 1111 1111", "a@b.co", "@", "PK", "1-", "12 -", "\xff@\xff.pk"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, examples := scanLeaks(asciiDigits(s))
		for kind, e := range examples {
			if (kind == leakCNIC || kind == leakCard || kind == leakIBAN) && strings.Count(e, "*") < 5 {
				t.Errorf("%s shown nearly in clear: %q", kind, e)
			}
		}
	})
}

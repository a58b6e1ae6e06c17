package compare

import (
	"slices"
	"strings"
	"testing"
)

const paying = `<p>Pay the fee to PK36SCBL0000001123456702 and call 051-9201234 or write to info@planning.gov.pk. Ref. 2026-11-24 10:30, Rs. 1,250,000. Open 03-02-2026 27-01-2026.</p>`

// reachableMinistry is the baseline of a page that says how to reach and pay its owner.
func reachableMinistry(t testing.TB) *Baseline {
	t.Helper()
	return learned(reachable(t, 1, paying), reachable(t, 2, paying), reachable(t, 3, paying))
}

func reachable(t testing.TB, n int, fragment string) Look {
	t.Helper()
	return edited(t, func(string) string { return into(fragment, "</body>")(ministry(n)) })
}

// paidTo is the next look at that page with one thing exchanged.
func paidTo(from, to string) func(testing.TB) Look {
	return func(t testing.TB) Look { return reachable(t, 9, strings.Replace(paying, from, to, 1)) }
}

// An account or a helpline that always stood there and gave way to another is told,
// an added or moved one is not.
func TestContacts(t *testing.T) {
	b := reachableMinistry(t)
	for _, c := range []struct{ name, fragment, rule string }{
		{"as it was", paying, ""},
		{"another account", strings.Replace(paying, "PK36SCBL0000001123456702", "PK70BANK0000123456789000", 1), "defacement.account"},
		{"no account any more", strings.Replace(paying, "PK36SCBL0000001123456702", "", 1), ""},
		{"another helpline", strings.Replace(paying, "051-9201234", "0300-5551234", 1), "defacement.contact"},
		{"another mailbox", strings.Replace(paying, "info@planning.gov.pk", "refund.desk@mail.example", 1), "defacement.contact"},
		{"one helpline more", paying + "<p>Complaints: 051-9205678</p>", ""},
		{"a wallet", paying + "<p>Send 0.5 BTC to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq</p>", "defacement.account"},
		{"another date and amount", strings.NewReplacer("2026-11-24 10:30", "2027-01-03 09:15", "03-02-2026", "09-02-2026", "1,250,000", "7,310,400").Replace(paying), ""},
	} {
		r := Compare(b, reachable(t, 9, c.fragment), nil)
		at := slices.IndexFunc(r.Findings, func(f Finding) bool {
			return strings.HasPrefix(f.Rule, "defacement.account") || f.Rule == "defacement.contact"
		})
		switch {
		case c.rule == "" && at >= 0, c.rule != "" && (at < 0 || r.Findings[at].Rule != c.rule):
			t.Errorf("%s: want %q, got %s", c.name, c.rule, describe(r))
		case c.rule != "" && r.Findings[at].Region == nil:
			t.Errorf("%s: no box around it", c.name)
		case c.rule != "" && r.Verdict != Suspicious:
			t.Errorf("%s pages somebody by itself: %s", c.name, describe(r))
		}
	}
}

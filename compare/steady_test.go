package compare

import (
	"testing"
	"time"
)

// A sentence in the place of one that had stood for days is for the analysts; in the
// place of one that had stood for three minutes it is what tickers do.
func TestRewordedTakesTime(t *testing.T) {
	look := replaced("Citizens may ask for information about any scheme under the Right of Access to Information Act by writing to the public information officer.",
		"Whoever wants to be heard pays the fee of the counter to a friend of the house before noon.")
	for apart, want := range map[time.Duration]Verdict{time.Minute: Benign, 13 * time.Hour: Suspicious} {
		var looks []Look
		for n := range 3 {
			l := ministryLook(t, n+1)
			l.At = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * apart)
			looks = append(looks, l)
		}
		if r := Compare(Learn(looks), look(t), nil); r.Verdict != want {
			t.Errorf("looks %v apart: want %s, got %s", apart, want, describe(r))
		}
	}
}

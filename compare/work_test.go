package compare

import (
	"fmt"
	"testing"
)

// crowd is the page with n links to strangers that announce a break-in elsewhere:
// none is a signature, so that each has to be looked at.
func crowd(t testing.TB, n int) Look {
	l := ministryLook(t, 4)
	for i := range n {
		text := fmt.Sprintf("Ministry website hacked by foreign group %d", i)
		l.View.Elements = append(l.View.Elements, Element{Parent: -1, Tag: "a", Text: text})
		l.View.Links = append(l.View.Links, Link{URL: fmt.Sprintf("https://news%d.example/", i), Text: "Ministry website"})
	}
	return l
}

// A page of twice the size costs about twice the work, also one that is made to
// be looked at for long: what is done with it is counted in allocations, since
// every address that is read costs some.
func TestWorkGrowsWithThePage(t *testing.T) {
	base := ministryBaseline(t)
	work := func(n int) float64 {
		l := crowd(t, n)
		return testing.AllocsPerRun(1, func() { Compare(base, l, nil) })
	}
	if one, two := work(400), work(800); two > 3*one {
		t.Errorf("%.0f allocations for 400 links and %.0f for 800", one, two)
	}
}

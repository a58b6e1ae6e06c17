package compare

import "testing"

// What layout and picture alone tell of another visitor's look is no finding that
// anybody hears of, and what the page says and does is judged as on a desktop.
func TestOtherVisitorsLook(t *testing.T) {
	b := ministryBaseline(t)
	for name, c := range map[string]struct {
		look Look
		want Verdict
	}{
		"laid out anew":      {wholePage("Ministry of Planning, Development and Reform", redesigned)(t), Benign},
		"short of its text":  {edited(t, emptied), Benign},
		"dark from top":      {covered(t, night), Benign},
		"another page":       {trialOf(t, "defacement.replaced"), Alert},
		"an intruder's text": {trialOf(t, "defacement.phrase"), Alert},
		"a skimmer":          {trialOf(t, "injection.skimmer"), Alert},
		"links that sell":    {trialOf(t, "injection.hidden_link"), Alert},
		"one strange vote":   {trialOf(t, "injection.destination"), Suspicious},
	} {
		c.look.Other = true
		if r := Compare(b, c.look, nil); r.Verdict != c.want {
			t.Errorf("%s: %s, want %s", name, describe(r), c.want)
		}
	}
}

// trialOf is the bad page of a rule's trial.
func trialOf(t *testing.T, rule string) Look {
	for _, tr := range trials {
		if tr.rule == rule {
			return tr.bad(t)
		}
	}
	t.Fatalf("there is no trial of %s", rule)
	return Look{}
}

package compare

import "testing"

// Where visitors end up on a stranger's site, the incident is named after that
// and not after the page of theirs that is missing: an analyst looks for code or
// a header that leads away, not for a changed page.
func TestRedirectIsNoDefacement(t *testing.T) {
	look := wholePage("You won", "<p>Congratulations, click to claim the prize of the day that was kept for you</p>")(t)
	look.View.FinalURL = "https://evil-land.top/win"
	r := Compare(ministryBaseline(t), look, nil)
	if r.Verdict != Alert || !hasRule(r, "injection.redirect") || hasRule(r, "defacement.replaced") {
		t.Error(describe(r))
	}
}

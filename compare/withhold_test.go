package compare

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// What leaked is not in what is stored of the look: not in its text, not in a
// script, not in its picture; the rest of the page is.
func TestWithhold(t *testing.T) {
	b := ministryBaseline(t)
	var rows strings.Builder
	for i := range 20 {
		fmt.Fprintf(&rows, "<tr><td>Nasreen Bibi %d</td><td>35202-48817%02d-%d</td></tr>", i, i+10, i%9+1)
	}
	l := added("<table><tr><th>Name</th><th>CNIC</th></tr>" + rows.String() + "</table>")(t)
	key := "AKIA" + "Z7VRSDQ4WXT5BKHN"
	l.View.Scripts = append(l.View.Scripts, Script{Kind: "inline", Ran: true, SHA256: "s", Length: 60})
	l.Sources["s"] = `var c={accessKeyId:"` + key + `",owner:"42101-1234567-3"}`
	r := Compare(b, l, nil)
	if r.Verdict != Alert || !hasRule(r, "leak.cnic") || !r.Withholds() {
		t.Fatalf("want an alert about identity numbers, got %s", describe(r))
	}
	kept := Withhold(l, r)
	data, err := json.Marshal(kept.View)
	if err != nil {
		t.Fatal(err)
	}
	stored := string(data) + kept.Sources["s"]
	for _, secret := range []string{"48817", "Nasreen", key, "1234567"} {
		if strings.Contains(stored, secret) {
			t.Errorf("%q is kept", secret)
		}
	}
	if !strings.Contains(stored, "prepares the national plan") {
		t.Error("the rest of the page is not kept")
	}
	if text, _ := json.Marshal(l.View); !strings.Contains(string(text), "48817") {
		t.Error("the look itself was changed")
	}
	if clean := Compare(b, ministryLook(t, 5), nil); clean.Withholds() {
		t.Error("an ordinary look is withheld")
	}
}

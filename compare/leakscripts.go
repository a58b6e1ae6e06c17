package compare

import (
	"maps"
	"slices"
)

// peopleKinds are the leaks that count in the data of scripts as well. Tables of
// people travel as JSON beside the page that shows one row of them.
var peopleKinds = []string{leakCNIC, leakCard, leakIBAN, leakPassport, leakPassword, leakMail, leakPhone}

// inScripts is the name under which Baseline.Leaks counts what scripts hold.
func inScripts(kind string) string { return "script:" + kind }

// scriptPeople finds the personal data in the scripts that stand in the page, and
// the identity numbers in all. Files of code hold numbers of cards to try things
// out with; no file holds identity numbers with their dashes.
func scriptPeople(v View, sources map[string]string) map[string][]value {
	inline := map[string]bool{}
	for _, s := range v.Scripts {
		if s.Kind == "inline" {
			inline[s.SHA256] = true
		}
	}
	found, seen, budget := map[string][]value{}, map[string]bool{}, maxScripts
	for _, sum := range slices.Sorted(maps.Keys(sources)) {
		if budget -= len(sources[sum]); budget < 0 {
			break
		}
		people := scriptData(sources[sum])
		for _, kind := range peopleKinds {
			for _, v := range people[kind] {
				if key := kind + compact(v.text); (inline[sum] || kind == leakCNIC) && !seen[key] && len(found[kind]) < maxValues {
					seen[key] = true
					found[kind] = append(found[kind], value{v.text, nowhere})
				}
			}
		}
	}
	return found
}

package compare

import (
	"math"
	"slices"
)

// How much a finding or a measurement says is counted, not felt: its weight is the
// logarithm of how much oftener the like was seen on attacked pages than on honest
// updates (weights.go, which `make fit` writes from the development half of the
// replay). Weights put what waits for an analyst in order, and are shown beside
// their finding. Whether people are paged is decided by votes, see fuse.

// priorOdds is the logarithm of the odds that a changed page was attacked, before
// anything is known of the change. The true ones differ from site to site by
// orders of magnitude; at one in twenty a decisive finding comes to a score of 0.9
// and a single note to 0.2, which orders a queue well.
var priorOdds = math.Log(1.0 / 20)

// ruleStrength is what the weight of a finding depends on.
type ruleStrength struct {
	rule     string
	strength strength
}

// A step of a scale holds for values below its end.
type step struct{ below, weight float64 }

// inf is the end of the last step.
var inf = math.Inf(1)

// weigh gives each finding and signal its weight, and the report its score: the
// probability that these weights come to. What is of one family is not independent
// of the rest of it, so that each family counts once, by its strongest member.
func weigh(r *Report) {
	families := map[string]float64{}
	count := func(family string, weight float64) {
		if most, known := families[family]; !known || weight > most {
			families[family] = weight
		}
	}
	for i := range r.Signals {
		s := &r.Signals[i]
		s.Weight = signalWeight(s.Name, s.Value)
		count(signalFamilies[s.Name], s.Weight)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Weight = findingWeight(f.Rule, strengthOfScore(f.Score))
		count(ruleByID[f.Rule].family, f.Weight)
	}
	odds := priorOdds
	for _, weight := range families {
		odds += weight
	}
	r.Score = math.Round(100/(1+math.Exp(-odds))) / 100
}

// signalFamilies are the families that measurements belong to; see Rule.Family.
var signalFamilies = map[string]string{
	"text_core": "replaced", "path_core": "replaced", "vocabulary": "replaced", "landmarks": "replaced", "identity": "replaced",
	"page_hash": "picture", "changed_share": "picture", "light_shift": "picture", "new_blocks": "text", "new_scripts": "scripts",
}

// signalWeight reads a weight off the scale of a signal: 0 if it has none.
func signalWeight(name string, value float64) float64 {
	scale := signalWeights[name]
	i := slices.IndexFunc(scale, func(s step) bool { return value < s.below })
	if i < 0 {
		return 0
	}
	return scale[i].weight
}

// findingWeight is the weight of a rule at a strength. Where a rule never fired at
// that strength while the weights were fitted, it is that of the strength, between
// what the rule came to at weaker and at stronger ones.
func findingWeight(rule string, s strength) float64 {
	if w, known := ruleWeights[ruleStrength{rule, s}]; known {
		return w
	}
	weight := strengthWeights[s]
	for other := note; other <= decisive; other++ {
		w, known := ruleWeights[ruleStrength{rule, other}]
		switch {
		case known && other < s:
			weight = max(weight, w)
		case known && other > s:
			weight = min(weight, w)
		}
	}
	return weight
}

// strengthOfScore is the strength that a finding's score stands for.
func strengthOfScore(score float64) strength {
	switch {
	case score >= decisiveScore:
		return decisive
	case score >= voteScore:
		return vote
	}
	return note
}

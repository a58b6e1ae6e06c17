package compare

import (
	"math"
	"testing"
)

// The weights that are committed are of rules and signals that there are. A
// stronger finding of a rule never weighs less than a weaker one, and every scale
// has a weight for every value.
func TestWeights(t *testing.T) {
	for of := range ruleWeights {
		if _, known := ruleByID[of.rule]; !known {
			t.Errorf("there is a weight for %s, and no such rule: run make fit", of.rule)
		}
	}
	for id := range ruleByID {
		if n, v, d := findingWeight(id, note), findingWeight(id, vote), findingWeight(id, decisive); n > v || v > d {
			t.Errorf("%s: a note weighs %.1f, a vote %.1f, a decisive finding %.1f", id, n, v, d)
		}
	}
	for name, scale := range signalWeights {
		if signalFamilies[name] == "" || len(scale) == 0 || !math.IsInf(scale[len(scale)-1].below, 1) {
			t.Errorf("the scale of %s has no family or no end", name)
		}
	}
}

// Scores order what waits: the more families speak, the higher; and no verdict's
// scores reach into those of another.
func TestScoresFollowTheEvidence(t *testing.T) {
	score := func(hits ...hit) float64 {
		r := &Report{}
		fuse(r, hits)
		return r.Score
	}
	one := score(hit{rule: "injection.frame", strength: note})
	two := score(hit{rule: "injection.frame", strength: note}, hit{rule: "injection.script_host", strength: note})
	vote1 := score(hit{rule: "injection.frame", strength: vote}, hit{rule: "injection.script_host", strength: note})
	alarm := score(hit{rule: "injection.skimmer", strength: decisive})
	if !(score() < one && one <= two && two <= vote1 && vote1 < alarm) || one < queueScore || vote1 >= alertScore || alarm < alertScore {
		t.Errorf("nothing %.2f, a note %.2f, two %.2f, a vote and a note %.2f, decisive %.2f", score(), one, two, vote1, alarm)
	}
}

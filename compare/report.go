package compare

// Verdict is the sum of a comparison.
type Verdict string

const (
	Unchanged     Verdict = "unchanged"
	Benign        Verdict = "benign"     // changed, as living pages do
	Suspicious    Verdict = "suspicious" // for the analysts' queue
	Alert         Verdict = "alert"      // pages people, once a second look agrees
	NotComparable Verdict = "not_comparable"
)

// Kind classes a finding by what was done to the site.
type Kind string

const (
	Defacement   Kind = "defacement"
	Injection    Kind = "injection"
	Leak         Kind = "leak"
	Lockdown     Kind = "lockdown"
	Availability Kind = "availability"
)

// Severity of a finding, in rising order Low to Critical.
type Severity string

const (
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Rank orders severities: 0 for an unknown one, 1 for Low to 4 for Critical.
func (s Severity) Rank() int {
	switch s {
	case Low:
		return 1
	case Medium:
		return 2
	case High:
		return 3
	case Critical:
		return 4
	}
	return 0
}

// Report is the result of comparing one look with a baseline.
type Report struct {
	Verdict Verdict `json:"verdict"`
	// Score is the fused evidence from 0 (nothing) to 1 (certain): at least 0.8 of
	// an Alert, 0.2 to 0.79 of what is Suspicious, below that of the rest.
	Score float64 `json:"score"`
	// Why is one sentence a webmaster understands.
	Why           string    `json:"why"`
	NotComparable string    `json:"not_comparable,omitempty"`
	Findings      []Finding `json:"findings,omitempty"`
	Signals       []Signal  `json:"signals,omitempty"`
	// Changed are the regions of the new picture that differ from the
	// baseline, largest first, at most 50; Gone those of the baseline's
	// picture that are no longer there.
	Changed []Box `json:"changed,omitempty"`
	Gone    []Box `json:"gone,omitempty"`
	// ChangedShare is the part of the picture that differs, 0 to 1, after
	// alignment and outside of masks.
	ChangedShare float64 `json:"changed_share"`
	// Unread are parts of the new picture that may say what the document does not, at
	// most 4 of 2 million pixels together. Who can read them does, and judges the look
	// anew with Look.Read. It is not part of the record.
	Unread []Box `json:"-"`
}

// Finding is one thing that is wrong.
type Finding struct {
	Kind     Kind     `json:"kind"`
	Rule     string   `json:"rule"` // id of the rule, e.g. "defacement.phrase"
	Severity Severity `json:"severity"`
	Score    float64  `json:"score"` // 0.95 of a decisive one, 0.6 of a vote, 0.35 of a note
	// Weight is the logarithm of how much oftener the like was found on attacked
	// pages than on honest ones.
	Weight float64 `json:"weight,omitempty"`
	// Why is one sentence; Evidence the bounded, masked proof (a phrase, a
	// host, a count). Evidence is hostile text.
	Why      string `json:"why"`
	Evidence string `json:"evidence,omitempty"`
	Region   *Box   `json:"region,omitempty"` // where to look in the picture
}

// Signal is one measurement that the fusion weighs.
type Signal struct {
	Name     string  `json:"name"`
	Value    float64 `json:"value"`  // as measured
	Weight   float64 `json:"weight"` // as of a Finding; negative if it speaks for an honest page
	Evidence string  `json:"evidence,omitempty"`
}

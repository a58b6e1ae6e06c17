package alerting

import "time"

// DigestLines is how many lines one digest lists; it counts the others.
const DigestLines = 50

// Digest is what waits for an analyst: findings that were not sure enough to alert
// anybody, the most pressing first. It holds hostile strings, as an Alert does.
type Digest struct {
	Day     string // "2026-11-24", where the CERT is
	Made    time.Time
	Waiting int // questions in all
	Lines   []DigestLine
	// More is how many lines did not fit, and MoreWaiting the questions in them.
	More, MoreWaiting int
}

// DigestLine is one change, on all the sites that show it.
type DigestLine struct {
	Rule, Kind, Severity string
	Why                  string
	Evidence             string // hostile
	Priority             int    // 0 to 100
	Score                float64
	Since                time.Time // when the first of its questions was asked
	Sites                []DigestSite
	MoreSites            int // sites that are not listed
}

// DigestSite is one site that shows a change.
type DigestSite struct{ Name, URL string }

package alerting

import "time"

// NoticeSites is how many sites one notice names; it counts the others.
const NoticeSites = 50

// Notice is what the CERT is told of no single incident: that the watch itself is not
// as it should be, that many sites went out of sight at once, and when that is over.
// It goes to the CERT alone, unless it is about an order, and speaks English. Text and sites hold hostile strings,
// as an Alert does.
type Notice struct {
	Title  string   // "The watch is blind"
	Over   bool     // the end of what an earlier notice told
	Text   string   // what was measured, in a sentence or two
	Advice []string // what to do
	Sites  []NoticeSite
	// Order says that it is about an order into lockdown: it goes to those whose sites it
	// is about, and Text may be in their language.
	Order bool `json:",omitempty"`
	// MoreSites is how many did not fit.
	MoreSites int
}

// NoticeSite is one site of a notice.
type NoticeSite struct {
	Name, URL string
	Since     time.Time // last seen in good order, zero if never
	Why       string
}

package alerting

import "time"

// GroupLines is how many incidents one list names; it counts the others. It is more than
// there are sites to watch.
const GroupLines = 2000

// Group is several incidents in one mail: the victims of a campaign, or the alerts that
// a storm held back. It holds hostile strings, as an Alert does.
type Group struct {
	Campaign string // "C-2026-0007", "" for alerts that were held back
	First    bool   // nothing was said of this campaign before
	Made     time.Time
	// Count is all of them: sites of a campaign, alerts of a storm. Institutions are
	// those a campaign has hit.
	Count, Institutions int
	Shared              []Shared
	Lines               []GroupLine
	More                int // that did not fit
}

// Shared is one thing that victims of a campaign have in common.
type Shared struct {
	Kind  string // signer, message, script, host, page, picture, address
	Value string // hostile
	Sites int    // that have it
}

// StateBack is the State of an incident that is open, whose page is in order again.
const StateBack = "recovered"

// GroupLine is one incident.
type GroupLine struct {
	Incident       int64
	Event          Event  // what was to be told, "" in a campaign
	Kind, Severity string // as of an Alert
	Institution    string
	SiteName, URL  string
	Opened         time.Time
	State          string // open, acknowledged, contained, recovered, resolved; "" to leave it unsaid
	New            bool   // not on the list before
}

// Ended says why an alert comes now: what held it has ended.
type Ended struct {
	What   string // silence, maintenance or planned
	By     string
	Reason string
	Until  time.Time
}

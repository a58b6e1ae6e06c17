package monitor

import (
	"net/netip"
	"time"
)

// Institution owns sites and receives alerts about them.
type Institution struct {
	ID       string // slug of the name
	Name     string
	Tier     Tier
	Region   string
	Contacts []string // mail addresses
	Language string   // "en" or "ur"
	TLP      string   // CLEAR, GREEN, AMBER, AMBER+STRICT, RED
}

// Tier is the kind of institution; statistics and priorities go by it.
type Tier string

const (
	Federal    Tier = "federal"
	Provincial Tier = "provincial"
	Territory  Tier = "territory"
	Private    Tier = "private"
	Banking    Tier = "banking"
)

// Site is one web presence of an institution.
type Site struct {
	ID          string // from the watchlist, or derived from the host
	Name        string
	Institution string // Institution.ID
	URL         string // of the home page
	Schedule    string // cron expression, e.g. "*/15 * * * *"
	AllowHosts  []string
	// AllowPrivate are the ranges among AllowHosts: the renderer may dial them
	// although they are not public.
	AllowPrivate []netip.Prefix
	Masks        []Mask
	Lockdown     string // the watchlist's words: see Policy
	Paused       bool
}

// Mask is a region of a page that an analyst or the watchlist excludes from
// picture comparison. Its text and scripts are judged all the same.
type Mask struct {
	Page       string // path of the page, "" for all pages of the site
	X, Y, W, H int32  // picture pixels
	// Decision is that of the analyst who drew it, 0 if the watchlist has it.
	Decision int64 `json:",omitempty"`
}

// Target is one page of a site, the unit that is watched.
type Target struct {
	ID   string // the site's ID for its home page, else "SITE~slug-of-path"; safe as a file name
	Site string // Site.ID
	URL  string
	// Gone targets are no longer on the watchlist but keep their history.
	Gone bool
}

// Fingerprint is what probes compare a target with: see package probe, which alone
// knows what Data means.
type Fingerprint struct {
	Target  string
	Updated time.Time
	Data    []byte
}

// Freshness is what is known about when a target was last seen well.
type Freshness struct {
	Target      string
	LastAttempt time.Time
	LastGood    time.Time // last look that could be compared
	Outcome     string    // of the last attempt
	Reason      string    // why the last attempt was no good look, "" if it was
	Failures    int       // attempts since LastGood
}

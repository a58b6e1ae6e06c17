package monitor

import (
	"encoding/json"
	"time"

	"pasban/compare"
	"pasban/compare/lockdown"
)

// Capture is one look on record: what was seen, which blobs hold it, and what
// was made of it.
type Capture struct {
	ID     string // UUIDv7: sorts by time
	Target string
	Site   string
	At     time.Time
	Reason Reason
	// Visitor is as whom it was made. A store takes "" for Desktop. Only a desktop's
	// look can be approved, and only such a look keeps a target fresh.
	Visitor Visitor `json:",omitempty"`
	// Confirms is the ID of the capture whose alert this second look was asked
	// to confirm, "" for any other look.
	Confirms string
	URL      string
	FinalURL string
	Title    string
	Outcome  string // render.Outcome
	Detail   string
	Status   int
	TookMS   int64
	Picture  string // SHA-256 of the screenshot, "" if there is none
	DOM      string // SHA-256 of the serialised DOM
	// Blobs names what is stored, by the Blob constants. An unchanged look
	// stores nothing: its digests are those of a look of its Baseline.
	Blobs    map[string]string
	Baseline int // version compared with, 0 for none
	Report   compare.Report
	Judged   bool
	// Lockdown is what the look showed of the site's doors, nil for one by another
	// visitor than the desktop's.
	Lockdown *lockdown.Page `json:",omitempty"`
}

// Names of the blobs of a capture.
const (
	BlobPage       = "page"    // the rendered page without picture, HTML and sources, JSON, gzip
	BlobView       = "view"    // compare.View, JSON, gzip
	BlobHTML       = "html"    // the serialised DOM, gzip
	BlobPicture    = "picture" // the screenshot, PNG
	BlobSources    = "sources" // map of script SHA-256 to the blob of its source, JSON, gzip
	BlobBefore     = "before"  // alert pictures, JPEG
	BlobAfter      = "after"
	BlobDifference = "difference"
)

// Reason says why a look was asked for.
type Reason string

const (
	ReasonSchedule Reason = "schedule"
	ReasonSweep    Reason = "sweep"
	ReasonFirst    Reason = "first"   // never seen: the looks of a provisional baseline
	ReasonConfirm  Reason = "confirm" // second look before an alert
	ReasonProbe    Reason = "probe"
	ReasonClick    Reason = "click"
)

// Baseline is one version of the approved look of a target. It never changes;
// a new approval makes a new version.
type Baseline struct {
	Target      string
	Site        string
	Version     int
	Created     time.Time
	Provisional bool   // made at first sight, not yet approved by anyone
	ApprovedBy  string // actor of the Decision
	Decision    int64
	Captures    []string // IDs, newest last
	Manifest    string   // name of its manifest among the blobs, "baselines/SITE/TARGET/N.json"
	// Looks are the digests by which an unchanged look is recognised.
	Looks []Digests
}

// Digests identify a look without its content: picture, document and behaviour.
type Digests = compare.LookDigest

// Incident gathers the findings of one site over time.
type Incident struct {
	ID       int64
	Site     string
	Target   string // where it was seen first
	Kind     compare.Kind
	Severity compare.Severity
	State    State
	Summary  string
	Opened   time.Time
	Updated  time.Time
	Campaign string // ID of the Campaign it is part of, "" for none
	Findings []IncidentFinding
	// Recovered is when the approved look was seen again, zero if it was not.
	Recovered time.Time
	// Notices counts the alerts sent for this incident; it numbers them.
	Notices int
}

// State of an incident.
type State string

const (
	Open         State = "open"
	Acknowledged State = "acknowledged"
	Contained    State = "contained"
	Resolved     State = "resolved"
	FalseAlarm   State = "false_alarm"
)

// Closed reports whether nothing more is expected to happen.
func (s State) Closed() bool { return s == Resolved || s == FalseAlarm }

// IncidentFinding is a finding with the capture that shows it.
type IncidentFinding struct {
	compare.Finding
	Capture string    `json:"capture"`
	Target  string    `json:"target"`
	Visitor Visitor   `json:"visitor,omitempty"` // who saw it first; "" for Desktop
	At      time.Time `json:"at"`
	Seen    int       `json:"seen"` // number of looks that showed it
	// Over is when a page that was out of sight was seen again; zero for any other finding.
	Over time.Time `json:"over,omitzero"`
}

// Question is a finding that one look raised and a second look did not
// confirm: it waits for an analyst instead of paging anyone.
type Question struct {
	ID       int64
	Site     string
	Target   string
	Capture  string
	Second   string // the look that disagreed, "" if the verdict never asked for one
	Report   compare.Report
	Opened   time.Time
	Answered time.Time
}

// Decision records who did what to which object, when and why.
type Decision struct {
	ID     int64
	At     time.Time
	Actor  string // "operator:NAME", "policy:NAME"
	Action string // "baseline.approve", "incident.resolve", "site.pause" ...
	Object string // "target:ID", "incident:12", "site:ID"
	Reason string
	Detail json.RawMessage
}

// DeliveryState of one alert to one recipient.
type DeliveryState string

const (
	Pending DeliveryState = "pending"
	// Sending is written before the message leaves: a process that dies now
	// leaves a delivery in doubt, which is repeated under the same Message-ID.
	Sending DeliveryState = "sending"
	Sent    DeliveryState = "sent"
	Failed  DeliveryState = "failed"
	// Held waits, for a silence to end or for a storm to pass: see silence.go and
	// storm.go. From there it becomes Pending, or one of the next two.
	Held     DeliveryState = "held"
	Grouped  DeliveryState = "grouped"  // told by the delivery Within, among others
	Withheld DeliveryState = "withheld" // not sent: when its silence ended it was over
)

// Delivery is one alert to one recipient by one sink. Alert, Sink and Recipient
// together are unique: the same state of an incident is told once.
type Delivery struct {
	ID        int64
	Alert     string // alerting.Alert.ID
	Incident  int64
	Sink      string
	Recipient string
	Language  string
	State     DeliveryState
	Worker    string          // the process that sends or sent it
	Payload   json.RawMessage // alerting.Alert without picture bytes
	Attempts  []Attempt
	Silence   int64 // what holds or held it, 0 for none
	Within    int64 // the delivery that tells it, 0 for its own
	Created   time.Time
	Updated   time.Time
}

// Attempt is one try of a delivery.
type Attempt struct {
	At    time.Time `json:"at"`
	Error string    `json:"error,omitempty"`
}

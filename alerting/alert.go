// Package alerting tells people about incidents.
//
// An Alert is what one incident has to say at one moment. Route turns an
// institution's contacts and the CERT's own mailboxes into Addresses, one alert
// each, and a Sink carries an alert to one address: package smtp by mail,
// package webhook by signed HTTP. The caller keeps an outbox. It calls Deliver
// until the answer is nil or wraps ErrPermanent, waits Backoff between two
// attempts, and never has to know whether an attempt that ended in an error was
// received all the same: a sink names the message by Key, which is the same for
// every attempt, and the receiving side drops what it already has.
//
// An alert is full of strings that an attacker wrote: titles, addresses, pieces
// of script. They must not reach a reader as anything but text. Visible makes
// control and direction characters visible and bounds the length; Inert also
// breaks everything a mail program would turn into a link; Defang does so for an
// address. Shrink and ShrinkAround make a screenshot small enough for a mail and
// keep it legible. Advice says what to do in the first hour.
package alerting

import (
	"context"
	"errors"
	"time"
)

// Alert is what one incident has to say to people at one moment. It holds
// hostile strings (titles, addresses, evidence); every sink bounds, escapes and
// defangs them for its own medium.
type Alert struct {
	// ID names this state of this incident for ever: "12.opened". Sinks derive
	// idempotency keys and Message-IDs from it together with the recipient.
	ID       string
	Incident int64
	Event    Event
	Kind     string // defacement, injection, leak, lockdown, availability
	Severity string // low, medium, high, critical
	TLP      string // CLEAR, GREEN, AMBER, AMBER+STRICT or RED

	Institution, Site, SiteName string
	URL                         string // as watched, not defanged
	FinalURL                    string
	PageTitle                   string
	Visitor                     string    // as whom it was seen: phone or search, "" for a desktop
	Opened, Observed            time.Time // when the incident began, when this was seen
	LastGood                    time.Time // zero if never
	Summary                     string    // the verdict in one sentence
	// Score is how sure the verdict is, 0 to 1; 0 leaves it unsaid. Confirmed
	// says that a second look in another browser saw the same.
	Score      float64
	Confirmed  bool
	Reasons    []Reason
	Pictures   []Picture
	ConsoleURL string // "" while there is no console to link to
	Contact    string // how to reach the CERT
	// Digest makes this the daily list of what waits for an analyst. Only ID, Event,
	// Opened and Contact count besides.
	Digest *Digest `json:",omitempty"`
	// Notice makes this a word about the watch itself, Opened or Recovered. Only ID,
	// Event, Severity, Opened, Observed and Contact count besides.
	Notice *Notice `json:",omitempty"`
	// Group makes this a list of incidents, for an Event of Mass or Held.
	Group *Group `json:",omitempty"`
	// Campaign is the ID of the campaign that the incident is part of, "" for none.
	Campaign string `json:",omitempty"`
	// Number is under which the incident is reported, "PASBAN-2026-000123", "" for none.
	// It stays the same for all that is told of the incident.
	Number string `json:",omitempty"`
	// ForCERT has a sink that can attach the report as JSON. Tier and Region are those
	// of the institution, and Revision numbers what was told of the incident.
	ForCERT      bool   `json:",omitempty"`
	Tier, Region string `json:",omitempty"`
	Revision     int    `json:",omitempty"`
	State        string `json:",omitempty"` // of the incident
	// Logs is what the web server's own log tells of the time of the incident, for the
	// report alone; MoreLogs counts what did not fit.
	Logs     []LogLine `json:",omitempty"`
	MoreLogs int       `json:",omitempty"`
	// Ended is set where something held this alert, or the page, until now.
	Ended *Ended `json:",omitempty"`
}

// Event is what happened to the incident.
type Event string

const (
	Opened     Event = "opened"
	Escalated  Event = "escalated" // worse than what was told before
	Recovered  Event = "recovered" // the approved look is back
	Resolved   Event = "resolved"  // closed by a person
	FalseAlarm Event = "false_alarm"
	// Somebody looks after it, and it does no more harm: reported, and mailed to nobody else.
	Acknowledged Event = "acknowledged"
	Contained    Event = "contained"
	Daily        Event = "digest"   // of no incident: see Digest
	Mass         Event = "campaign" // of several: see Group
	Held         Event = "held"     // alerts that a storm held back: see Group
)

// Reason is one finding in words.
type Reason struct {
	Rule, Severity, Why string
	Evidence            string // hostile
}

// LogLine is what a web server noted that matters. Request and Agent are hostile.
type LogLine struct {
	Rule, Severity, Why string
	Request, Agent      string // what was asked, and answered to whom
	First, Last         time.Time
	Count               int64
}

// Picture is one of the three views of what happened.
type Picture struct {
	Name string // "before", "after" or "difference"
	MIME string // image/jpeg or image/png
	Data []byte `json:"-"`
	// Ref and SHA256 name the picture in evidence storage; sinks that do not
	// carry pictures send these.
	Ref, SHA256   string
	Width, Height int
}

// Address is where one alert goes: a sink, what the sink calls the recipient,
// and the language to speak ("en" or "ur").
type Address struct {
	Sink     string // "smtp", "webhook"
	To       string // mail address, or URL of the hook
	Language string
}

// Sink sends alerts by one medium. Deliver returns nil only when the receiving
// side has taken responsibility. It must be safe for concurrent use, must obey
// the context, and must send the same idempotency key or Message-ID whenever it
// is called again with the same alert and address.
type Sink interface {
	Name() string
	Deliver(ctx context.Context, alert Alert, to Address) error
}

// ErrPermanent marks a refusal that another attempt will not change, such as an
// unknown mailbox. Test with errors.Is.
var ErrPermanent = errors.New("refused for good")

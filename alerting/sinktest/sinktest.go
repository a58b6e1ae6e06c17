// Package sinktest holds every alerting.Sink to what its interface promises. A
// sink's own test starts a real receiving side, describes it by a Receiver, and
// calls Run.
package sinktest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pasban/alerting"
)

// Answer is what the receiving side does with a message.
type Answer int

// The answers a receiver can give.
const (
	Accept  Answer = iota // take responsibility
	Later                 // refuse for now
	Never                 // refuse for good
	Silence               // take the message and say nothing, until the test ends
)

// Receipt is a message the receiving side has taken.
type Receipt struct {
	Key string // what makes two messages the same: Message-ID, idempotency key
	// Readable is all text of the message, decoded, with its fields on separate
	// lines as the receiving side understood them.
	Readable string
	HTML     string // the part of the message that is markup, "" if none
	// Malformed says what is wrong with the form of the message, nil if the
	// receiver could take it apart.
	Malformed error
	Size      int // bytes of the whole message
}

// Receiver is the receiving side of a sink under test. Its methods may be called
// from several goroutines.
type Receiver interface {
	// Sink returns the sink that sends to this receiver.
	Sink() alerting.Sink
	// Address returns an address it has; all languages.
	Address(lang string) alerting.Address
	// Answer sets what it does with all messages from now on.
	Answer(Answer)
	// Receipts are the messages it has accepted, oldest first.
	Receipts() []Receipt
}

// maxMessage bounds a message about a hostile site, pictures left aside.
const maxMessage = 256 << 10

// Run holds the sink of a receiver to the contract. start is called anew for
// each part and must clean up after itself with t.Cleanup.
func Run(t *testing.T, start func(t *testing.T) Receiver) {
	parts := map[string]func(*testing.T, Receiver){
		"Delivers":         delivers,
		"NamesItself":      namesItself,
		"SameKeyOnRetry":   sameKeyOnRetry,
		"KeysDiffer":       keysDiffer,
		"LaterIsTransient": laterIsTransient,
		"NeverIsPermanent": neverIsPermanent,
		"ObeysDeadline":    obeysDeadline,
		"ObeysCancel":      obeysCancel,
		"HostileText":      hostileText,
		"Concurrent":       concurrent,
		"EveryEvent":       everyEvent,
	}
	for name, part := range parts {
		t.Run(name, func(t *testing.T) { part(t, start(t)) })
	}
}

// Example is an ordinary alert, for the tests of sinks.
func Example() alerting.Alert {
	at := time.Date(2026, time.March, 1, 4, 5, 6, 0, time.UTC)
	return alerting.Alert{
		ID: "12.opened", Incident: 12, Event: alerting.Opened, Kind: "defacement", Severity: "critical", TLP: "AMBER",
		Institution: "Ministry of Examples", Site: "examples", SiteName: "Main site",
		URL: "https://www.examples.test/", FinalURL: "https://www.examples.test/index.php", PageTitle: "Owned by Team X",
		Opened: at, Observed: at.Add(time.Minute), LastGood: at.Add(-15 * time.Minute),
		Summary: "The whole page was replaced by a defacement.", Score: 0.97, Confirmed: true,
		Reasons: []alerting.Reason{
			{Rule: "defacement.phrase", Severity: "critical", Why: "The page says that it was hacked.", Evidence: "Hacked by Team X"},
			{Rule: "picture.changed", Severity: "high", Why: "94 % of the picture differs from the approved look."},
		},
		Contact: "cert@cert.test",
	}
}

// deliver sends within a minute and returns the error.
func deliver(t *testing.T, r Receiver, alert alerting.Alert, lang string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return r.Sink().Deliver(ctx, alert, r.Address(lang))
}

// What was accepted is there, and says what it is about.
func delivers(t *testing.T, r Receiver) {
	if err := deliver(t, r, Example(), alerting.English); err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	got := r.Receipts()
	if len(got) != 1 {
		t.Fatalf("%d messages arrived, want 1", len(got))
	}
	if got[0].Malformed != nil {
		t.Errorf("the message is malformed: %v", got[0].Malformed)
	}
	for _, want := range []string{"Ministry of Examples", "hxxps://www[.]examples[.]test/", "12",
		"The whole page was replaced by a defacement.", "Hacked by Team X", "The page says that it was hacked."} {
		if !strings.Contains(got[0].Readable, want) {
			t.Errorf("the message does not say %q", want)
		}
	}
}

// An address names a sink by its Name.
func namesItself(t *testing.T, r Receiver) {
	if got, want := r.Sink().Name(), r.Address(alerting.English).Sink; got != want {
		t.Errorf("Name() = %q, but addresses say %q", got, want)
	}
}

// The receiving side can tell that two messages are the same.
func sameKeyOnRetry(t *testing.T, r Receiver) {
	for range 2 {
		if err := deliver(t, r, Example(), alerting.English); err != nil {
			t.Fatalf("Deliver: %v", err)
		}
	}
	got := r.Receipts()
	if len(got) != 2 || got[0].Key == "" || got[0].Key != got[1].Key {
		t.Errorf("keys of two attempts at one alert: %v, want two equal ones", keys(got))
	}
}

// Two alerts are never taken for one.
func keysDiffer(t *testing.T, r Receiver) {
	second, third := Example(), Example()
	second.ID, second.Event = "12.escalated.critical", alerting.Escalated
	third.Opened = third.Opened.AddDate(1, 0, 0) // incident 12 of another installation
	for _, a := range []alerting.Alert{Example(), second, third} {
		if err := deliver(t, r, a, alerting.English); err != nil {
			t.Fatalf("Deliver %s: %v", a.ID, err)
		}
	}
	seen := map[string]bool{}
	for _, receipt := range r.Receipts() {
		seen[receipt.Key] = true
	}
	if len(seen) != 3 {
		t.Errorf("three alerts had the keys %v, want three different ones", keys(r.Receipts()))
	}
}

// A refusal for now is an error that may be tried again, and then succeeds.
func laterIsTransient(t *testing.T, r Receiver) {
	r.Answer(Later)
	err := deliver(t, r, Example(), alerting.English)
	if err == nil || errors.Is(err, alerting.ErrPermanent) {
		t.Errorf("refused for now: got %v, want an error that is not ErrPermanent", err)
	}
	r.Answer(Accept)
	if err := deliver(t, r, Example(), alerting.English); err != nil {
		t.Errorf("second attempt: %v", err)
	}
	if n := len(r.Receipts()); n != 1 {
		t.Errorf("%d messages arrived, want 1", n)
	}
}

// A refusal for good says so.
func neverIsPermanent(t *testing.T, r Receiver) {
	r.Answer(Never)
	if err := deliver(t, r, Example(), alerting.English); !errors.Is(err, alerting.ErrPermanent) {
		t.Errorf("refused for good: got %v, want ErrPermanent", err)
	}
}

// A receiver that says nothing is given up at the deadline, and the alert is not
// reported as delivered.
func obeysDeadline(t *testing.T, r Receiver) {
	r.Answer(Silence)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := r.Sink().Deliver(ctx, Example(), r.Address(alerting.English))
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, alerting.ErrPermanent) {
		t.Errorf("got %v, want DeadlineExceeded and not ErrPermanent", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v to give up a delivery of 300 ms", took)
	}
}

// A delivery that is cancelled beforehand does not happen.
func obeysCancel(t *testing.T, r Receiver) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Sink().Deliver(ctx, Example(), r.Address(alerting.English)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	if n := len(r.Receipts()); n != 0 {
		t.Errorf("%d messages arrived, want none", n)
	}
}

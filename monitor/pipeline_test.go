package monitor_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
)

func TestFirstSightMakesAProvisionalBaseline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.sweep()["ministry"]
	if e.Err != nil || e.Capture.Report.Verdict != compare.Benign {
		t.Fatalf("first look: verdict %q, error %v; want benign", e.Capture.Report.Verdict, e.Err)
	}
	b, err := w.Store.Baseline(t.Context(), "ministry")
	if err != nil {
		t.Fatal(err)
	}
	if !b.Provisional || b.Version != 1 || b.Decision == 0 {
		t.Errorf("baseline %+v; want a provisional version 1 with a decision on record", b)
	}
	if got := w.sweep()["ministry"].Capture.Report.Verdict; got != compare.Unchanged {
		t.Errorf("second sweep: verdict %q, want unchanged", got)
	}
}

func TestUnchangedLookStoresNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	before := countBlobs(t, w)
	e := w.sweep()["ministry"]
	if after := countBlobs(t, w); after != before || len(e.Capture.Blobs) != 0 {
		t.Errorf("an unchanged look stored %d blobs and named %d; want none", after-before, len(e.Capture.Blobs))
	}
}

func countBlobs(t *testing.T, w *world) int {
	t.Helper()
	n := 0
	if err := w.blobs.List(t.Context(), func(string, int64) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// One attack is one incident, and one mail to each who must know, with the
// before, the after and the difference.
func TestDefacementIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.show(homeURL, defaced())
	e := w.sweep()["ministry"]
	if e.Incident == nil || e.Incident.Kind != compare.Defacement || e.Incident.Severity != compare.Critical {
		t.Fatalf("the sweep ended with %+v; want a critical defacement", e.Incident)
	}
	w.sweep()
	w.sweep()
	if n := len(w.incidents()); n != 1 {
		t.Errorf("%d incidents after three looks at one defacement, want 1", n)
	}
	got := w.mail.letters()
	if len(got) != 2 {
		t.Fatalf("%d letters, want one to the webmaster and one to the CERT", len(got))
	}
	for _, l := range got {
		if l.alert.Event != alerting.Opened || len(l.alert.Pictures) != 3 {
			t.Errorf("letter to %s: %s with %d pictures; want opened with 3", l.to.To, l.alert.Event, len(l.alert.Pictures))
		}
		for _, p := range l.alert.Pictures {
			if len(p.Data) == 0 {
				t.Errorf("letter to %s: the %s picture is empty", l.to.To, p.Name)
			}
		}
	}
}

// An attack is told once more when the approved look is back, and again if the
// attack returns.
func TestRecoveryAndReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	for _, p := range []*render.Page{defaced(), ministry(), defaced()} {
		w.stage.show(homeURL, p)
		w.sweep()
	}
	var events []alerting.Event
	for _, l := range w.mail.letters() {
		if l.to.To == "cert@cert.example" {
			events = append(events, l.alert.Event)
		}
	}
	want := []alerting.Event{alerting.Opened, alerting.Recovered, alerting.Escalated}
	if fmt.Sprint(events) != fmt.Sprint(want) {
		t.Errorf("the CERT was told %v, want %v", events, want)
	}
	if n := len(w.incidents()); n != 1 {
		t.Errorf("%d incidents, want 1", n)
	}
}

// What no second look confirms waits for an analyst and pages nobody.
func TestUnconfirmedAlarmIsAQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.play(homeURL, func(n int, _ render.Request) (*render.Page, error) {
		if n == 1 {
			return defaced(), nil
		}
		return ministry(), nil
	})
	e := w.sweep()["ministry"]
	if e.Capture.Report.Verdict != compare.Suspicious || e.Incident != nil {
		t.Errorf("verdict %q, incident %v; want suspicious without one", e.Capture.Report.Verdict, e.Incident)
	}
	asked, err := w.Store.Questions(t.Context())
	if err != nil || len(asked) != 1 || asked[0].Second == "" {
		t.Errorf("questions %+v, %v; want one that names the second look", asked, err)
	}
	if n := len(w.mail.letters()); n != 0 {
		t.Errorf("%d letters, want none", n)
	}
}

// The second look is made in a browser that has shown nothing else.
func TestSecondLookIsInAFreshBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	fresh := 0
	w.stage.play(homeURL, func(_ int, r render.Request) (*render.Page, error) {
		if r.FreshProcess {
			fresh++
		}
		return defaced(), nil
	})
	w.sweep()
	if fresh != 1 {
		t.Errorf("%d looks in a fresh browser, want 1", fresh)
	}
}

// A site that is defaced when it is first seen gives no baseline, and an alarm.
func TestDefacedAtFirstSight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stage.show(homeURL, defaced())
	e := w.sweep()["ministry"]
	if e.Incident == nil {
		t.Error("no incident")
	}
	if _, err := w.Store.Baseline(t.Context(), "ministry"); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("a baseline was made of a defaced page (error %v)", err)
	}
	for _, l := range w.mail.letters() {
		if len(l.alert.Pictures) != 1 {
			t.Errorf("%d pictures, want only the after", len(l.alert.Pictures))
		}
	}
}

// What cannot be compared counts against freshness and is neither unchanged
// nor an attack.
func TestNotComparableCountsAgainstFreshness(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	down := &render.Page{Outcome: render.TimeoutConnect, Detail: "no answer in 15 s"}
	w.stage.show(homeURL, down)
	if got := w.sweep()["ministry"].Capture.Report.Verdict; got != compare.NotComparable {
		t.Errorf("verdict %q, want not_comparable", got)
	}
	f, err := w.Store.TargetFreshness(t.Context(), "ministry")
	if err != nil {
		t.Fatal(err)
	}
	if f.Failures != 1 || !strings.Contains(f.Reason, "no answer in 15 s") || !f.LastGood.Before(f.LastAttempt) {
		t.Errorf("freshness %+v; want one failure with its reason, and an older good look", f)
	}
}

// Two pages of a site that are attacked at once make one incident.
func TestTwoPagesOneIncident(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.importList("site_id,url,pages,contacts\nministry," + homeURL + ",/news;/contact,webmaster@ministry.example\n")
	urls := []string{homeURL, homeURL + "news", homeURL + "contact"}
	for _, u := range urls {
		w.stage.show(u, ministry())
	}
	w.sweep()
	for _, u := range urls {
		w.stage.show(u, defaced())
	}
	w.sweep()
	if n := len(w.incidents()); n != 1 {
		t.Fatalf("%d incidents, want 1", n)
	}
	opened := 0
	for _, l := range w.mail.letters() {
		if l.to.To == "webmaster@ministry.example" && l.alert.Event == alerting.Opened {
			opened++
		}
	}
	if opened != 1 {
		t.Errorf("the webmaster was told %d times that it began, want once", opened)
	}
}

// An alert that cannot be delivered stays in the outbox, and the next process
// sends it.
func TestOutboxOutlivesTheSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.mail.fail = func(alerting.Alert, alerting.Address) error { return errors.New("451 try later") }
	w.sweep()
	owed, err := w.Store.Undelivered(t.Context())
	if err != nil || len(owed) != 2 {
		t.Fatalf("%d deliveries are owed, %v; want 2", len(owed), err)
	}
	if n := len(owed[0].Attempts); n != 1 || !strings.Contains(owed[0].Attempts[0].Error, "451") {
		t.Errorf("attempts %+v; want one with its reason", owed[0].Attempts)
	}
	w.mail.fail = nil
	w.serveUntil(func() bool { return len(w.mail.letters()) == 2 })
}

// A sweep without a mail server tells nobody, but it does not swallow what the
// process that has one would tell.
func TestSweepWithoutSinksLeavesTheOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.show(homeURL, defaced())
	sinks := w.Sinks
	w.Sinks = nil
	w.sweep()
	w.Sinks = sinks
	w.serveUntil(func() bool { return len(w.mail.letters()) == 2 })
}

// A delivery found as being sent by a process that is gone is sent at once.
func TestDeliveryOfADeadProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.show(homeURL, defaced())
	sinks := w.Sinks
	w.Sinks = nil
	w.sweep()
	w.Sinks = sinks
	err := w.Store.Update(t.Context(), func(tx monitor.Tx) error {
		owed, err := tx.Undelivered(t.Context())
		if err != nil {
			return err
		}
		for _, d := range owed {
			// 1 lives for ever, and ours is the number of an earlier process.
			d.State, d.Worker, d.Updated = monitor.Sending, monitor.ProcessName(os.Getpid()), time.Now()
			if d.Recipient == "cert@cert.example" {
				d.Worker = monitor.ProcessName(1)
			}
			if err := tx.PutDelivery(t.Context(), d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.serveUntil(func() bool { return len(w.mail.letters()) == 1 })
	if to := w.mail.letters()[0].to.To; to != "webmaster@ministry.example" {
		t.Errorf("the delivery that another process is making, to %s, was made twice", to)
	}
}

// A site that is taken down before it is restored has recovered all the same.
func TestRecoveryAfterAnOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	for _, p := range []*render.Page{defaced(), {Outcome: render.Unreachable}, ministry()} {
		w.stage.show(homeURL, p)
		w.sweep()
	}
	if i := w.incidents()[0]; i.Recovered.IsZero() {
		t.Error("the incident does not know that the approved look is back")
	}
}

// A page that flips back and forth is not told on the word of one look.
func TestReturnNeedsASecondLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	for _, p := range []*render.Page{defaced(), ministry()} {
		w.stage.show(homeURL, p)
		w.sweep()
	}
	before := len(w.mail.letters())
	w.stage.play(homeURL, func(n int, _ render.Request) (*render.Page, error) {
		if n == 1 {
			return defaced(), nil
		}
		return ministry(), nil
	})
	w.sweep()
	if n := len(w.mail.letters()) - before; n != 0 {
		t.Errorf("%d letters about a flip that no second look saw, want none", n)
	}
}

// While a site is under attack, what stands on a page that was never approved
// does not become its baseline.
func TestNoFirstSightUnderAttack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stage.show(homeURL, defaced())
	w.sweep()
	w.stage.show(homeURL, ministry("quite another face of the same intruder"))
	w.sweep()
	if b, err := w.Store.Baseline(t.Context(), "ministry"); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("baseline %+v, %v; want none while the incident is open", b, err)
	}
}

// Evidence that is lost must not keep an alarm from being raised.
func TestAlarmWithoutTheApprovedPicture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.sweep()["ministry"]
	if err := w.blobs.Delete(t.Context(), e.Capture.Blobs[monitor.BlobPicture]); err != nil {
		t.Fatal(err)
	}
	w.stage.show(homeURL, defaced())
	if e := w.sweep()["ministry"]; e.Incident == nil {
		t.Error("no incident")
	}
}

// A look that fails by our own fault counts against freshness, with its reason.
func TestOwnFailureIsNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.play(homeURL, func(n int, _ render.Request) (*render.Page, error) {
		if n <= 2 {
			return nil, errors.New("the browser would not start")
		}
		return ministry(), nil
	})
	reasons := map[string]bool{}
	w.Observe = func(e monitor.Event) {
		if e.Err != nil {
			f, err := w.Store.TargetFreshness(t.Context(), "ministry")
			reasons[f.Reason] = err == nil
		}
	}
	if e := w.sweep()["ministry"]; e.Err != nil {
		t.Errorf("the third try failed too: %v", e.Err)
	}
	for r := range reasons {
		if !strings.Contains(r, "the browser would not start") {
			t.Errorf("reason %q", r)
		}
	}
	if len(reasons) == 0 {
		t.Error("the failed looks were not noted")
	}
}

// A mailbox that does not exist is given up, and the others are not.
func TestPermanentRefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.mail.fail = func(_ alerting.Alert, to alerting.Address) error {
		if to.To == "webmaster@ministry.example" {
			return fmt.Errorf("550 no such user: %w", alerting.ErrPermanent)
		}
		return nil
	}
	w.sweep()
	states := map[string]monitor.DeliveryState{}
	all, err := w.Store.Deliveries(t.Context(), w.incidents()[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		states[d.Recipient] = d.State
	}
	if states["webmaster@ministry.example"] != monitor.Failed || states["cert@cert.example"] != monitor.Sent {
		t.Errorf("deliveries %v; want failed and sent", states)
	}
}

// An attack that the first look could not paint goes out with the pictures of
// the second one.
func TestPicturesOfTheSecondLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.play(homeURL, func(n int, _ render.Request) (*render.Page, error) {
		p := *defaced()
		if n == 1 {
			p.Screenshot = nil
		}
		return &p, nil
	})
	if e := w.sweep()["ministry"]; e.Incident == nil {
		t.Fatalf("no incident: %s", e.Capture.Report.Why)
	}
	for _, l := range w.mail.letters() {
		if len(l.alert.Pictures) != 3 {
			t.Errorf("letter to %s: %d pictures, want 3", l.to.To, len(l.alert.Pictures))
		}
	}
}

package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pasban/alerting"
	"pasban/monitor/canary"
)

// Miners took a canary along: when it fell silent, the air was bad. Ours are pages that
// this process serves (package canary). They are looked at in every round, through the
// same queue, browsers, comparison and judgement as any site, and one of them, chosen
// at random at a random time of every hour, is attacked. Its alarm must come to the
// outbox in time; there it ends, since it goes to nobody.

// CanarySite is the site that the canaries are pages of. No watchlist can name it:
// its IDs begin with a letter or a digit. It is in no list of a Store.
const CanarySite = "_canary"

// CanarySink takes the alerts about canaries, which go to nobody.
const CanarySink = "canary"

const (
	// CanarySchedule is how often canaries are looked at: thrice as often as sites, so
	// that the wait for the schedule is a small part of what is measured.
	CanarySchedule = "@every 5m"
	// attackEvery is how long the time is in which one canary is attacked.
	attackEvery = time.Hour
	alarmWithin = 15 * time.Minute // see Guard.AlarmWithin
)

// IsCanary reports a target that is one.
func IsCanary(target string) bool { return strings.HasPrefix(target, CanarySite+"~") }

// flock is the canaries of one process. The scheduler reads it, the guard drives it.
type flock struct {
	m       *Monitor
	began   time.Time
	site    Site
	targets []Target
	names   map[string]string // page, by target

	mu       sync.Mutex
	released bool // they are on record, and may be looked at
	next     time.Time
	attack   *attackOn
	last     reading
}

// attackOn is the attack that is on.
type attackOn struct {
	target string
	at     time.Time
}

func newFlock(m *Monitor) *flock {
	server := m.Guard.Canaries
	f := &flock{m: m, began: m.now(), next: m.now(), names: map[string]string{}, last: reading{text: "not attacked yet: the canaries are being learned"}}
	f.site = Site{ID: CanarySite, Name: "Canary", URL: server.URL(""), Schedule: m.Guard.CanaryEvery}
	if f.site.Schedule == "" {
		f.site.Schedule = CanarySchedule
	}
	for _, name := range canary.Names {
		// At another port it is another page, which is learned anew.
		t := Target{ID: fmt.Sprintf("%s~%s-%d", CanarySite, name, server.Addr().Port()), Site: CanarySite, URL: server.URL(name)}
		f.targets = append(f.targets, t)
		f.names[t.ID] = name
	}
	return f
}

// scheduled are the canaries as the scheduler looks at them.
func (f *flock) scheduled() (Site, []Target) {
	if f == nil {
		return Site{}, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.released {
		return Site{}, nil
	}
	return f.site, f.targets
}

func (f *flock) reading() reading {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

func (f *flock) say(r reading) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = r
}

// follow moves what is planned with a clock that was set.
func (f *flock) follow(by time.Duration) {
	f.began, f.next = f.began.Add(by), f.next.Add(by)
	if f.attack != nil {
		f.attack.at = f.attack.at.Add(by)
	}
}

// step does what is due.
func (f *flock) step(ctx context.Context) error {
	if err := f.release(ctx); err != nil {
		return fmt.Errorf("putting the canaries on record: %w", err)
	}
	if f.attack != nil {
		return f.await(ctx)
	}
	if _, err := f.bury(ctx, time.Time{}); err != nil { // of an attack that a restart ended
		return err
	}
	if f.m.now().Before(f.next) {
		return nil
	}
	return f.begin(ctx)
}

// release puts the canaries on record, once.
func (f *flock) release(ctx context.Context) error {
	if f.released {
		return nil
	}
	err := f.m.Store.Update(ctx, func(tx Tx) error {
		if err := tx.PutSite(ctx, f.site); err != nil {
			return err
		}
		for _, t := range f.targets {
			if err := tx.PutTarget(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.released = true
	return nil
}

// begin attacks one canary, if all of them are known as they are.
func (f *flock) begin(ctx context.Context) error {
	for _, t := range f.targets {
		why, err := f.unlearned(ctx, t)
		if err != nil {
			return err
		}
		if why == "" {
			continue
		}
		if late := f.m.now().Sub(f.began); late > f.m.Guard.AlarmWithin {
			f.say(reading{ill: true, value: late.Seconds(), text: fmt.Sprintf("the canary %s was not learned in %s: %s", f.names[t.ID], inWords(late), why)})
		}
		return nil
	}
	t := f.targets[int(f.m.Guard.Random()*float64(len(f.targets)))%len(f.targets)]
	f.m.Guard.Canaries.Attack(f.names[t.ID])
	f.attack = &attackOn{target: t.ID, at: f.m.now()}
	return nil
}

// unlearned says why a canary has no approved look yet, "" if it has.
func (f *flock) unlearned(ctx context.Context, t Target) (string, error) {
	_, err := f.m.Store.Baseline(ctx, t.ID)
	if !errors.Is(err, ErrNotFound) {
		return "", err
	}
	fresh, err := f.m.Store.TargetFreshness(ctx, t.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", err
	}
	return view{fresh: fresh}.reason(), nil
}

// await looks for the alarm.
func (f *flock) await(ctx context.Context) error {
	at, name := f.attack.at, f.names[f.attack.target]
	told, err := f.bury(ctx, at)
	if err != nil {
		return err
	}
	now := f.m.now()
	if told.IsZero() {
		if late := now.Sub(at); late > f.m.Guard.AlarmWithin {
			f.say(reading{ill: true, value: late.Seconds(), text: fmt.Sprintf("the canary %s was attacked on %s, and no alarm came in %s%s",
				name, onClock(at), inWords(late), f.trace(ctx))})
		}
		return nil
	}
	f.m.Guard.Canaries.Restore()
	took := max(0, told.Sub(at))
	f.say(reading{value: took.Seconds(), text: fmt.Sprintf("the canary %s was attacked on %s; the alarm was in the outbox %s later", name, onClock(at), inWords(took))})
	f.attack = nil
	f.next = nextAttack(f.began, now, f.m.Guard.Random())
	return nil
}

// trace tells what the last look at the attacked canary came to.
func (f *flock) trace(ctx context.Context) string {
	seen, err := f.m.Store.Captures(ctx, f.attack.target, 1)
	if err != nil || len(seen) == 0 || seen[0].At.Before(f.attack.at) {
		return ": it was not looked at since"
	}
	return fmt.Sprintf(": the look of %s came to %s, %s", onClock(seen[0].At), seen[0].Outcome, seen[0].Report.Verdict)
}

// nextAttack is a random moment of the next hour, counted from when the process began:
// nobody who would deceive the canaries can know it.
func nextAttack(began, now time.Time, random float64) time.Time {
	hour := now.Sub(began).Truncate(attackEvery) // the one that has begun, since the process did
	return began.Add(hour + attackEvery + time.Duration(random*float64(attackEvery)))
}

// bury closes the incident of the canaries, if there is one that told of an attack after
// a moment, and returns when its alert came to the outbox, the zero time if it did not.
// No person has any part in it, and no decision is put on record: what happened is the
// incident itself.
func (f *flock) bury(ctx context.Context, since time.Time) (told time.Time, err error) {
	i, err := openIncident(ctx, f.m.Store, CanarySite)
	if err != nil || i == nil {
		return told, err
	}
	alerts, err := f.m.Store.Deliveries(ctx, i.ID)
	if err != nil {
		return told, err
	}
	for _, d := range alerts {
		if d.Created.Before(since) {
			continue
		}
		told = d.Created
		break
	}
	if told.IsZero() && !since.IsZero() {
		return told, nil
	}
	return told, f.m.Store.Update(ctx, func(tx Tx) error {
		i, err := openIncident(ctx, tx, CanarySite)
		if err != nil || i == nil {
			return err
		}
		i.State, i.Updated = Resolved, f.m.now()
		return tx.PutIncident(ctx, *i)
	})
}

// swallow puts the alert about a canary where all alerts go, for nobody to get: it is
// sent as soon as it is written.
func (m *Monitor) swallow(ctx context.Context, tx Tx, alert alerting.Alert, payload json.RawMessage) error {
	_, err := tx.AddDelivery(ctx, Delivery{
		Alert: alert.ID, Incident: alert.Incident, Sink: CanarySink, Recipient: "nobody", Language: alerting.English,
		State: Sent, Payload: payload, Created: m.now(), Updated: m.now(),
	})
	if err != nil {
		return fmt.Errorf("writing to the outbox: %w", err)
	}
	return nil
}

// canaryAddress is the one address and port that a look at a canary may go to, although
// it is this machine's; the zero value for any other target.
func canaryAddress(t Target) netip.AddrPort {
	if t.Site != CanarySite {
		return netip.AddrPort{}
	}
	u, err := url.Parse(t.URL)
	if err != nil {
		return netip.AddrPort{}
	}
	at, err := netip.ParseAddrPort(u.Host)
	if err != nil {
		return netip.AddrPort{} // it is looked at as any site, and refused
	}
	return at
}

// strayFor is how long a look at a canary that is served elsewhere is left to others.
const strayFor = 10 * time.Minute

// elsewhere hands back a look that this process cannot take: at a canary on the loopback
// of the machine that serves it. It is handed back until that one takes it, and dropped
// when none does. nil means that the look can be taken here.
func (m *Monitor) elsewhere(ctx context.Context, job *rivertype.JobRow, target string) error {
	if !IsCanary(target) || m.serves(target) {
		return nil
	}
	t, err := m.Store.Target(ctx, target)
	if err == nil && !canaryAddress(t).Addr().IsLoopback() {
		return nil
	}
	if err != nil || m.now().Sub(job.CreatedAt).Abs() > strayFor {
		return river.JobCancel(fmt.Errorf("the canary %s is served by nobody any more", target))
	}
	return river.JobSnooze(time.Second)
}

// serves reports a canary of this process.
func (m *Monitor) serves(target string) bool {
	if m.guarding == nil || m.guarding.flock == nil {
		return false
	}
	return slices.ContainsFunc(m.guarding.flock.targets, func(t Target) bool { return t.ID == target })
}

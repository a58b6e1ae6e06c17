package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/monitor"
)

// settable is a clock that runs, and can be set.
type settable struct{ off atomic.Int64 }

func (c *settable) now() time.Time { return time.Now().Add(time.Duration(c.off.Load())) }

func (c *settable) set(by time.Duration) { c.off.Add(int64(by)) }

// watch is a world whose pipeline runs as that of serve, with a clock to set.
type watch struct {
	*world
	clock *settable
	gate  *gate

	mu    sync.Mutex
	looks []string // targets, in the order they were looked at
	after func(target string)
}

// gate is a Sink that asks somebody before it hands on a letter.
type gate struct {
	alerting.Sink
	ask atomic.Pointer[func() error]
}

// Deliver implements alerting.Sink.
func (g *gate) Deliver(ctx context.Context, a alerting.Alert, to alerting.Address) error {
	if ask := g.ask.Load(); ask != nil {
		if err := (*ask)(); err != nil {
			return err
		}
	}
	return g.Sink.Deliver(ctx, a, to)
}

// startWatch runs it until the test ends, with a schedule for the ministry.
func startWatch(t *testing.T, schedule string, change ...func(*monitor.Config)) *watch {
	t.Helper()
	w := &watch{clock: &settable{}, gate: &gate{}}
	w.world = newWorld(t, append(change, func(c *monitor.Config) {
		c.Clock, c.Solo, c.Observe = w.clock.now, false, w.observe
		w.gate.Sink = c.Sinks[alerting.SMTP]
		c.Sinks = map[string]alerting.Sink{alerting.SMTP: w.gate}
	})...)
	w.sites(schedule, "ministry")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, true) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return w
}

// sites imports sites that show the ministry's page.
func (w *watch) sites(schedule string, ids ...string) {
	w.t.Helper()
	list := "site_id,name,url,institution,tier,contacts,schedule\n"
	for _, id := range ids {
		u := "http://" + id + ".example/"
		w.stage.show(u, ministry())
		list += fmt.Sprintf("%s,Ministry of Fixtures,%s,Ministry,federal,webmaster@ministry.example,%s\n", id, u, schedule)
	}
	w.importList(list)
}

func (w *watch) observe(e monitor.Event) {
	if !e.Concluded {
		return
	}
	w.mu.Lock()
	w.looks = append(w.looks, e.Target)
	after := w.after
	w.mu.Unlock()
	if after != nil {
		after(e.Target)
	}
}

func (w *watch) seen(target string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(w.looks), func(t string) bool { return t != target }))
}

func (w *watch) await(what string, done func() bool) {
	w.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-limit.C:
			w.t.Fatalf("waited %v in vain for %s", patience, what)
		}
	}
}

func (w *watch) lookedAgain(target string) {
	w.t.Helper()
	before := w.seen(target)
	w.await("looks at "+target, func() bool { return w.seen(target) >= before+2 })
}

// told waits until the CERT was told of these events, in this order.
func (w *watch) told(want ...alerting.Event) {
	w.t.Helper()
	var events []alerting.Event
	w.await(fmt.Sprintf("the CERT to be told of %v", want), func() bool {
		events = nil
		for _, l := range w.mail.letters() {
			if l.to.To == "cert@cert.example" {
				events = append(events, l.alert.Event)
			}
		}
		return len(events) >= len(want)
	})
	if !slices.Equal(events, want) {
		w.t.Errorf("the CERT was told %v, want %v", events, want)
	}
}

// When the clock is set back, looks go on at once, an attack is told, so are its
// recovery and its return, and a page that is not seen is not called fresh.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	w := startWatch(t, "@every 1s")
	w.lookedAgain("ministry")
	w.stage.show(homeURL, defaced())
	w.told(alerting.Opened)
	w.stage.show(homeURL, ministry())
	w.told(alerting.Opened, alerting.Recovered)

	w.clock.set(-3 * time.Hour)
	w.lookedAgain("ministry")
	w.stage.show(homeURL, defaced())
	w.told(alerting.Opened, alerting.Recovered, alerting.Escalated)
	w.stage.show(homeURL, ministry())
	w.told(alerting.Opened, alerting.Recovered, alerting.Escalated, alerting.Recovered)
	if n := len(w.incidents()); n != 1 {
		t.Errorf("%d incidents, want 1", n)
	}
}

// When the clock was ahead and is set back, what was last seen well by it does
// not count as fresh until the false time has come.
func TestClockSetBackIsNotFresh(t *testing.T) {
	t.Parallel()
	clock := &settable{}
	w := newWorld(t, func(c *monitor.Config) { c.Clock = clock.now })
	w.sweep()
	clock.set(-3 * time.Hour)
	status, err := w.Status(t.Context())
	if err != nil || status.Fresh != 0 || len(status.Blind) != 1 {
		t.Errorf("the status is %+v, %v; want nothing fresh and one blind spot", status, err)
	}
}

// A process that starts after the clock was set back looks within a period, and
// not when the old time has come.
func TestClockSetBackBeforeStart(t *testing.T) {
	t.Parallel()
	w := startWatch(t, "@every 2s", func(c *monitor.Config) {
		ahead := &settable{}
		ahead.set(3 * time.Hour)
		before := *c
		before.Clock, before.Solo = ahead.now, true
		lookOnce(t, before)
	})
	w.lookedAgain("ministry")
}

// lookOnce is a sweep of another process, before the world's own.
func lookOnce(t *testing.T, c monitor.Config) {
	t.Helper()
	c.Renderer.(*stage).show(homeURL, ministry())
	m, err := monitor.New(c)
	if err != nil {
		t.Fatal(err)
	}
	list, err := monitor.ParseWatchlist("list.csv", strings.NewReader("site_id,url\nministry,"+homeURL+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Import(t.Context(), monitor.Order{Actor: "operator:test"}, list, true); err != nil {
		t.Fatal(err)
	}
	targets, err := m.Select(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Sweep(t.Context(), targets, monitor.ReasonSweep, nil); err != nil {
		t.Fatal(err)
	}
}

// When the clock is set ahead, not everything is due at once: each page is
// looked at when it would have been.
func TestClockSetAhead(t *testing.T) {
	t.Parallel()
	w := startWatch(t, "@every 1h")
	all := []string{"ministry", "a", "b", "c", "d", "e"}
	w.sites("@every 1h", all...)
	w.await("first looks", func() bool { return !slices.ContainsFunc(all, func(id string) bool { return w.seen(id) == 0 }) })

	w.clock.set(3 * time.Hour)
	// A site that comes later is looked at after everything that is due before.
	w.lookedNew("late")
	w.lookedNew("later")
	for _, id := range all {
		if n := w.seen(id); n != 1 {
			t.Errorf("%s was looked at %d times within its hour, want once", id, n)
		}
	}
}

// lookedNew adds a site to those that are watched, and waits for its first look.
func (w *watch) lookedNew(id string) {
	w.t.Helper()
	u := "http://" + id + ".example/"
	w.stage.show(u, ministry())
	list, err := monitor.ParseWatchlist("list.csv", strings.NewReader("site_id,url,schedule\n"+id+","+u+",@every 1h\n"))
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Import(w.t.Context(), monitor.Order{Actor: "operator:test"}, list, false); err != nil {
		w.t.Fatal(err)
	}
	w.await("a look at "+id, func() bool { return w.seen(id) > 0 })
}

// Alerts that wait for their next attempt are not put off by a clock that is
// set back.
func TestClockSetBackDelaysNoAlert(t *testing.T) {
	t.Parallel()
	w := startWatch(t, "@every 1s")
	var refused atomic.Int64
	refuse := func() error {
		if refused.Add(1) <= 2 {
			return errors.New("come again later")
		}
		return nil
	}
	w.gate.ask.Store(&refuse)
	w.lookedAgain("ministry")
	w.stage.show(homeURL, defaced())
	w.await("both mails to be refused", func() bool { return refused.Load() >= 2 })
	w.clock.set(-3 * time.Hour)
	w.told(alerting.Opened)
}

// What is being sent is not sent by a second hand as well when the queue takes
// it for stuck, as it does when the clock is set ahead.
func TestClockSetAheadSendsNothingTwice(t *testing.T) {
	t.Parallel()
	w := startWatch(t, "@every 1s")
	w.lookedAgain("ministry")
	var sending atomic.Int64
	release := make(chan struct{})
	hold := func() error { sending.Add(1); <-release; return nil }
	w.gate.ask.Store(&hold)
	w.stage.show(homeURL, defaced())
	w.await("both mails to be on their way", func() bool { return sending.Load() == 2 })
	w.clock.set(3 * time.Hour)
	// What River's rescuer does to what began hours ago, as it seems.
	w.inJobs("UPDATE river_job SET state = 'available' WHERE kind = 'deliver' AND state = 'running'")
	w.await("the job to be handed out again", func() bool { return w.jobs("kind = 'deliver' AND metadata LIKE '%snoozes%'") > 0 })
	close(release)
	w.told(alerting.Opened)
	w.await("the outbox to be empty", func() bool {
		owed, err := w.Store.Undelivered(t.Context())
		return err == nil && len(owed) == 0
	})
	if n := len(w.mail.letters()); n != 2 {
		t.Errorf("%d letters were sent, want one to each of two", n)
	}
}

// A look whose end never reached the database is made again, soon: its row says
// that it is running, and would keep the page from being looked at.
func TestLostEndOfLook(t *testing.T) {
	t.Parallel()
	w := startWatch(t, "@every 1h")
	w.await("a first look", func() bool { return w.seen("ministry") == 1 && w.jobs("kind = 'look' AND state = 'completed'") == 1 })
	stays := 0
	w.await("the row to say for a second that it is running", func() bool {
		if stays++; w.jobs("kind = 'look' AND state = 'running'") == 0 {
			stays = 0 // River tells the end of each job once more
			w.inJobs("UPDATE river_job SET state = 'running', finalized_at = NULL WHERE kind = 'look'")
		}
		return stays == 50
	})
	w.await("the look to be made again", func() bool { return w.seen("ministry") == 2 })
}

// inJobs changes the job queue behind everybody's back.
func (w *watch) inJobs(statement string) {
	w.t.Helper()
	err := w.Store.Update(w.t.Context(), func(tx monitor.Tx) error {
		_, err := tx.SQL().ExecContext(w.t.Context(), statement)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// jobs counts those that match.
func (w *watch) jobs(where string) int {
	w.t.Helper()
	n := 0
	err := w.Store.Update(w.t.Context(), func(tx monitor.Tx) error {
		return tx.SQL().QueryRowContext(w.t.Context(), "SELECT count(*) FROM river_job WHERE "+where).Scan(&n)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

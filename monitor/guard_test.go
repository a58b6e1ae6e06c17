package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/alerting/smtp"
	"pasban/alerting/smtp/smtptest"
	"pasban/compare"
	"pasban/monitor"
	"pasban/monitor/canary"
	"pasban/render"
)

// guarded is a world whose guard goes round quickly, and which mails for real.
type guarded struct {
	*world
	clock *settable
	mails *smtptest.Server
	guard *monitor.Guard
}

const (
	atOnce = "@every 1s" // out of sight after two seconds
	never  = "@every 1000h"
)

// newGuarded watches sites that nobody looks at: what is known of them is what a test says.
func newGuarded(t *testing.T, schedules map[string]string, change ...func(*monitor.Config)) *guarded {
	t.Helper()
	server, err := smtptest.Start(context.WithoutCancel(t.Context()), "127.0.0.1:0", smtptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	sink, err := smtp.New(smtp.Config{URL: server.URL(), From: "pasban@cert.example"})
	if err != nil {
		t.Fatal(err)
	}
	g := &guarded{clock: &settable{}, mails: server, guard: &monitor.Guard{Every: 20 * time.Millisecond}}
	g.world = newWorld(t, append([]func(*monitor.Config){func(c *monitor.Config) {
		c.Clock, c.Solo, c.Renderer, c.Guard = g.clock.now, false, nil, g.guard
		c.Sinks = map[string]alerting.Sink{alerting.SMTP: sink}
	}}, change...)...)
	g.schedule(schedules)
	return g
}

// schedule imports the sites, each with the schedule that its ID has.
func (g *guarded) schedule(schedules map[string]string) {
	g.t.Helper()
	list := "site_id,name,url,institution,tier,contacts,schedule\n"
	for id, schedule := range schedules {
		list += fmt.Sprintf("%s,The %s,http://%s.example/,%s,federal,webmaster@%s.example,%s\n", id, id, id, id, id, schedule)
	}
	g.importList(list)
}

// saw says how the last look at a site came out: "" for well.
func (g *guarded) saw(site, trouble string) {
	g.t.Helper()
	ctx := context.WithoutCancel(g.t.Context())
	err := g.Store.Update(ctx, func(tx monitor.Tx) error {
		f, err := tx.TargetFreshness(ctx, site)
		if err != nil && !errors.Is(err, monitor.ErrNotFound) {
			return err
		}
		f.Target, f.LastAttempt, f.Outcome, f.Reason = site, g.clock.now(), "ok", trouble
		if trouble == "" {
			f.LastGood, f.Failures = f.LastAttempt, 0
		} else {
			f.Outcome = "unreachable"
			f.Failures++
		}
		return tx.PutFreshness(ctx, f)
	})
	if err != nil {
		g.t.Fatal(err)
	}
}

// until runs the guard until done, and then for three rounds more, in which it must not
// say anything again.
func (g *guarded) until(done func() bool) {
	g.t.Helper()
	var since time.Time
	rounds := 0
	g.runUntil(1, func() bool {
		if rounds == 0 && !done() {
			return false
		}
		if c := g.condition("watch"); c.Measured.After(since) {
			since = c.Measured
			rounds++
		}
		return rounds > 3 && len(g.owed()) == 0
	})
}

func (g *guarded) condition(name string) monitor.Condition {
	all, err := g.Store.Conditions(context.WithoutCancel(g.t.Context()))
	if err != nil {
		g.t.Error(err)
	}
	for _, c := range all {
		if c.Name == name {
			return c
		}
	}
	return monitor.Condition{}
}

func (g *guarded) owed() []monitor.Delivery {
	owed, err := g.Store.Undelivered(context.WithoutCancel(g.t.Context()))
	if err != nil {
		g.t.Error(err)
	}
	return owed
}

// titled waits for a mail with these words in its subject.
func (g *guarded) titled(words string) func() bool {
	return func() bool { return len(g.subjects(words)) > 0 }
}

// subjects of the mails so far that hold some words, each with its recipient.
func (g *guarded) subjects(words string) []string {
	var out []string
	for _, m := range g.mails.Mails() {
		if strings.Contains(m.Subject, words) {
			out = append(out, strings.Join(m.To, " ")+": "+m.Subject)
		}
	}
	return out
}

// want compares the mails so far.
func (g *guarded) want(words string, n int) {
	g.t.Helper()
	if got := g.subjects(words); len(got) != n {
		g.t.Errorf("%d mails say %q, want %d: %q of %q", len(got), words, n, got, g.subjects(""))
	}
}

// A site that is not seen for longer than promised is told to the CERT with the reason,
// once, whoever serves; and once that it is seen again, by which its incident is closed.
// Its webmaster hears nothing of either.
func TestSiteOutOfSight(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, map[string]string{"ministry": atOnce})
	g.saw("ministry", "")
	g.saw("ministry", "the server does not answer")
	g.until(g.titled("Site not available"))
	g.until(func() bool { return true }) // another process, as after a kill
	g.want("", 1)
	m := g.mails.Mails()[0]
	if m.To[0] != "cert@cert.example" || !strings.Contains(m.Text, "longer than the 2 s promised") || !strings.Contains(m.Text, "the server does not answer") ||
		strings.Contains(m.Text, "second look") {
		t.Errorf("to %v:\n%s", m.To, m.Text)
	}
	in := g.incidents()
	if len(in) != 1 || in[0].Kind != compare.Availability || in[0].State != monitor.Open {
		t.Fatalf("the incidents are %+v", in)
	}
	g.schedule(map[string]string{"ministry": never})
	g.saw("ministry", "")
	g.until(g.titled("Recovered"))
	g.want("", 2)
	if m := g.mails.Mails()[1]; !strings.Contains(m.Text, "sees this page in good order again") || strings.Contains(m.Text, "password") {
		t.Errorf("the end is told as\n%s", m.Text)
	}
	decisions, err := g.Store.Decisions(t.Context(), fmt.Sprintf("incident:%d", in[0].ID))
	if in := g.incidents(); err != nil || in[0].State != monitor.Resolved || len(decisions) != 1 || decisions[0].Actor != "policy:seen-again" {
		t.Errorf("the incident is %+v, decided by %+v, %v", in, decisions, err)
	}
}

// Where the CERT wants it so, the institution hears of it too.
func TestOwnersOutOfSight(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, map[string]string{"ministry": atOnce})
	g.guard.TellOwners = true
	g.until(g.titled("Site not available"))
	if got := g.subjects("webmaster"); len(g.mails.Mails()) != 2 {
		t.Errorf("mailed %q %q", got, g.subjects(""))
	}
}

// A person who closes the incident of a site that stays out of sight is not told of it
// again.
func TestDismissedOutOfSight(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, map[string]string{"ministry": atOnce})
	g.saw("ministry", "the server does not answer")
	g.until(g.titled("Site not available"))
	if _, err := g.Resolve(t.Context(), monitor.Order{Actor: "operator:test", Reason: "it was shut down for good"}, g.incidents()[0].ID, false); err != nil {
		t.Fatal(err)
	}
	g.until(g.titled("Closed"))
	g.want("", 2)
	if in := g.incidents(); len(in) != 1 || in[0].State != monitor.Resolved {
		t.Errorf("the incidents are %+v", in)
	}
}

// Many sites that go out of sight together are one mail, and one when they come back.
// Each has its incident.
func TestManyOutOfSight(t *testing.T) {
	t.Parallel()
	schedules := map[string]string{}
	for i := range 20 {
		schedules[fmt.Sprintf("site-%02d", i)] = map[bool]string{true: atOnce, false: never}[i < 8]
	}
	g := newGuarded(t, schedules)
	for id := range schedules {
		g.saw(id, "")
	}
	g.until(g.titled("8 sites cannot be seen"))
	g.want("", 1)
	if in := g.incidents(); len(in) != 8 || in[0].Kind != compare.Availability {
		t.Errorf("there are %d incidents, want 8", len(in))
	}
	for id := range schedules {
		schedules[id] = never
	}
	g.schedule(schedules)
	g.until(g.titled("8 sites are seen again"))
	g.want("", 2)
	if open, err := g.Store.Incidents(t.Context(), true); err != nil || len(open) != 0 {
		t.Errorf("%d incidents are open, %v", len(open), err)
	}
}

// When most of the fleet is out of sight it is said that we are blind: one mail, no
// incident. It is said once that it is over, and sites that were not looked at since have
// their time again.
func TestFleetOutOfSight(t *testing.T) {
	t.Parallel()
	schedules := map[string]string{}
	for i := range 40 {
		schedules[fmt.Sprintf("site-%02d", i)] = map[bool]string{true: atOnce, false: never}[i < 30]
	}
	g := newGuarded(t, schedules)
	for id := range schedules {
		g.saw(id, "")
		g.saw(id, "no route to host")
	}
	g.until(func() bool { return g.condition("fleet").Ill })
	g.want("blind", 0) // not yet for long enough
	g.clock.set(6 * time.Minute)
	g.until(g.titled("The watch is blind"))
	g.want("", 1)
	if m := g.mails.Mails()[0]; !strings.Contains(m.Text, "0 of 40 pages") || !strings.Contains(m.Text, "unreachable (40)") {
		t.Errorf("it says\n%s", m.Text)
	}
	for id := range schedules {
		schedules[id] = never
		if id < "site-35" {
			g.saw(id, "")
		}
	}
	g.schedule(schedules)
	g.until(func() bool { return !g.condition("fleet").Ill })
	g.clock.set(6 * time.Minute)
	g.until(g.titled("sees the sites again"))
	g.want("", 2)
	if in := g.incidents(); len(in) != 0 {
		t.Errorf("%d incidents were opened", len(in))
	}
}

// A watch that was not kept for hours says so when it is taken up again; one that was
// started anew at once does not. No site is out of sight for it.
func TestStoppedWatch(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, map[string]string{"ministry": "@every 10m"})
	g.saw("ministry", "")
	g.until(func() bool { return true })
	g.until(func() bool { return true })
	g.want("", 0)
	g.clock.set(3 * time.Hour)
	g.until(g.titled("The watch was not kept for 3 h 0 min"))
	g.want("", 1)
	if in := g.incidents(); len(in) != 0 {
		t.Errorf("the incidents are %+v", in)
	}
}

// Our own health is measured and kept; an illness is mailed to the CERT once, with what
// to do, and once when it is over, whatever the measure does about its limit.
func TestOwnHealth(t *testing.T) {
	t.Parallel()
	var free atomic.Uint64
	g := newGuarded(t, map[string]string{"ministry": never}, func(c *monitor.Config) {
		c.Guard.Disk = func() (uint64, error) { return free.Load(), nil }
		c.Guard.Browser = func(context.Context) (string, time.Time, error) {
			return "Chromium 150", time.Now().Add(-60 * 24 * time.Hour), nil
		}
	})
	free.Store(1 << 30)
	g.until(func() bool { return g.condition("disk").Ill && g.condition("browser").Ill })
	g.want("", 0)
	g.clock.set(6 * time.Minute)
	g.until(g.titled("disk is almost full"))
	free.Store(5 << 29) // 2.5 GB: above the one limit, below the other
	g.until(func() bool { return g.condition("disk").Value > 2e9 })
	if !g.condition("disk").Ill {
		t.Error("it is well again before there is room")
	}
	free.Store(5 << 30)
	g.until(func() bool { return !g.condition("disk").Ill })
	g.clock.set(61 * time.Minute)
	g.until(g.titled("room on the disk again"))
	g.until(g.titled("Chrome has not been updated"))
	g.want("disk", 2)
	g.want("Chrome", 1)
	for _, name := range []string{"blobs", "mail", "clock", "fleet", "watch"} {
		if c := g.condition(name); c.Text == "" || c.Ill {
			t.Errorf("%s: %+v", name, c)
		}
	}
	// Nobody takes the look that was due an hour ago.
	if c := g.condition("queue"); !c.Ill || c.Value < 3600 || !strings.HasPrefix(c.Text, "1 look waiting, the oldest for 1 h") {
		t.Errorf("queue: %+v", c)
	}
}

// A clock that is set while the watch runs is told, and no site is out of sight for it.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, map[string]string{"ministry": "@every 10m"})
	g.saw("ministry", "")
	set := false
	g.until(func() bool {
		if !set && !g.condition("clock").Measured.IsZero() {
			set = true
			g.clock.set(2 * time.Hour)
		}
		return len(g.subjects("A clock is wrong")) > 0
	})
	g.want("", 1)
	if m := g.mails.Mails()[0]; !strings.Contains(m.Text, "set ahead by 2 h 0 min") {
		t.Errorf("it says\n%s", m.Text)
	}
}

// A site that comes back into sight defaced is news to its people, in the incident that
// it has; and one that is under attack and goes out of sight is told to the CERT alone.
func TestAttackOutOfSight(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, map[string]string{"ministry": never})
	g.Renderer = g.stage
	g.sweep() // learns it
	g.schedule(map[string]string{"ministry": atOnce})
	g.Renderer = nil
	g.saw("ministry", "the server does not answer")
	g.until(g.titled("Site not available"))
	g.stage.show("http://ministry.example/", defaced())
	g.Renderer = g.stage
	g.sweep()
	g.want("] Defacement", 2)
	in := g.incidents()
	if len(in) != 1 || in[0].Kind != compare.Defacement {
		t.Fatalf("the incidents are %+v", in)
	}
	// The attacked page was seen: it is in sight. Then it is taken down.
	g.Renderer = nil
	g.schedule(map[string]string{"ministry": never})
	g.until(func() bool {
		return slices.ContainsFunc(g.incidents()[0].Findings, func(f monitor.IncidentFinding) bool { return !f.Over.IsZero() })
	})
	g.schedule(map[string]string{"ministry": atOnce})
	g.until(g.titled("Worse"))
	g.want("Worse", 1)
	g.want("", 4)
	if in := g.incidents(); len(in) != 1 || in[0].State != monitor.Open || in[0].Kind != compare.Defacement {
		t.Errorf("the incidents are %+v", in)
	}
}

// A mail server that takes nothing is an illness once alerts have waited for longer than
// it may say "later"; the word of it arrives when it takes mail again.
func TestMailIsIll(t *testing.T) {
	t.Parallel()
	g := newGuarded(t, map[string]string{"ministry": atOnce})
	box := &mailbox{fail: func(alerting.Alert, alerting.Address) error { return errors.New("421 later") }}
	g.Sinks = map[string]alerting.Sink{alerting.SMTP: box}
	g.runUntil(1, func() bool { return len(g.owed()) > 0 && len(g.owed()[0].Attempts) > 0 })
	g.clock.set(25 * time.Minute)
	g.runUntil(1, func() bool { return g.condition("mail").Told })
	if c := g.condition("mail"); !strings.Contains(c.Text, "421 later") {
		t.Errorf("it says %q", c.Text)
	}
	box.mu.Lock()
	box.fail = nil
	box.mu.Unlock()
	g.clock.set(25 * time.Minute) // the next attempts are due
	g.runUntil(1, func() bool { return !g.condition("mail").Ill && !g.condition("mail").Told && len(g.owed()) == 0 })
	var titles []string
	for _, l := range box.letters() {
		if l.alert.Notice != nil {
			titles = append(titles, l.alert.Notice.Title)
		}
	}
	if !slices.Contains(titles, "Alerts cannot be delivered") || !slices.Contains(titles, "Alerts are delivered again") {
		t.Errorf("told %q", titles)
	}
}

// flocked is a guarded watch that looks, with canaries; the stage shows what they serve,
// as a browser would, unless it is blind.
func flocked(t *testing.T, change ...func(*monitor.Config)) (g *guarded, blind *atomic.Bool) {
	t.Helper()
	server, err := canary.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	blind = &atomic.Bool{}
	g = newGuarded(t, map[string]string{"ministry": never}, append([]func(*monitor.Config){func(c *monitor.Config) {
		c.Guard.Canaries, c.Guard.CanaryEvery = server, atOnce
		c.Guard.Random = func() float64 { return 0.4 } // the second
	}}, change...)...)
	g.Renderer = g.stage
	g.stage.show("http://ministry.example/", ministry())
	for _, name := range canary.Names {
		clean := fetch(t, server.URL(name))
		g.stage.play(server.URL(name), func(_ int, r render.Request) (*render.Page, error) {
			if r.AllowExact != server.Addr() || len(r.AllowPrivate) > 0 {
				t.Errorf("the look at %s may go to %v %v", r.URL, r.AllowExact, r.AllowPrivate)
			}
			if blind.Load() || fetch(t, r.URL) == clean {
				return page("Canary "+name, strings.Fields(name+" of the canary office published today for all who ask")...), nil
			}
			return defaced(), nil
		})
	}
	return g, blind
}

func fetch(t *testing.T, url string) string {
	response, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

// An attacked canary goes through the whole watch; its alarm comes to the outbox and to
// nobody, and the canary is in no list of anything.
func TestCanary(t *testing.T) {
	t.Parallel()
	g, _ := flocked(t)
	g.until(func() bool { return strings.Contains(g.condition("canary").Text, "in the outbox") })
	if c := g.condition("canary"); c.Ill || !strings.Contains(c.Text, "the canary notices was attacked") {
		t.Errorf("it says %+v", c)
	}
	g.want("", 0)
	status, err := g.Status(t.Context())
	if err != nil || status.Sites != 1 || status.Targets != 1 || status.Incidents != 0 || status.Baselines+status.Provisional != 1 || status.Undelivered != 0 {
		t.Errorf("the status is %+v, %v", status, err)
	}
	if all, err := g.Select(t.Context(), nil); err != nil || len(all) != 1 {
		t.Errorf("a sweep looks at %+v, %v", all, err)
	}
	if in := g.incidents(); len(in) != 0 {
		t.Errorf("the incidents are %+v", in)
	}
	i, err := g.Store.Incident(t.Context(), 1)
	if err != nil || i.State != monitor.Resolved || i.Site != monitor.CanarySite {
		t.Errorf("what happened is %+v, %v", i, err)
	}
	told, err := g.Store.Deliveries(t.Context(), i.ID)
	if err != nil || len(told) != 1 || told[0].Sink != monitor.CanarySink {
		t.Errorf("it was told by %+v, %v", told, err)
	}
}

// When the alarm of a canary does not come the CERT is told once that the watch is blind,
// and once that it sees again when the alarm comes.
func TestBlindWatch(t *testing.T) {
	t.Parallel()
	g, blind := flocked(t, func(c *monitor.Config) { c.Guard.AlarmWithin = 2 * time.Second })
	blind.Store(true)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	ended := make(chan error, 1)
	g.renew(g.Config)
	m := g.Monitor
	go func() { ended <- m.Run(ctx, true) }()
	_, err := g.mails.Wait(ctx, 1)
	blind.Store(false)
	if err == nil {
		_, err = g.mails.Wait(ctx, 2)
	}
	stop()
	if err := errors.Join(err, <-ended); err != nil {
		t.Error(err)
	}
	got := g.subjects("")
	if len(got) != 2 || !strings.Contains(got[0], "The watch is blind: the alarm of a canary did not come") || !strings.Contains(got[1], "The watch sees again") {
		t.Errorf("mailed %q", got)
	}
}

func has(text string, words ...string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

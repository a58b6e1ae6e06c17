package monitor_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/compare"
	"pasban/monitor"
)

// ask puts a question about a target into the queue.
func (w *world) ask(site string, opened time.Time, f compare.Finding) {
	w.t.Helper()
	q := monitor.Question{Site: site, Target: site, Capture: "c", Opened: opened,
		Report: compare.Report{Verdict: compare.Suspicious, Score: f.Score, Why: f.Why, Findings: []compare.Finding{f}}}
	err := w.Store.Update(w.t.Context(), func(tx monitor.Tx) error {
		_, err := tx.AddQuestion(w.t.Context(), q)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func finding(kind compare.Kind, severity compare.Severity, score float64, evidence string) compare.Finding {
	return compare.Finding{Kind: kind, Rule: string(kind) + ".test", Severity: severity, Score: score, Why: "Something is odd.", Evidence: evidence}
}

// A graver finding, a surer one, one that hurts more people, a bank's and an older one
// are each more pressing, and no priority leaves 0 to 100.
func TestPriority(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	question := func(kind compare.Kind, severity compare.Severity, score float64, age time.Duration) monitor.Question {
		return monitor.Question{Opened: now.Add(-age), Report: compare.Report{Score: score, Findings: []compare.Finding{finding(kind, severity, score, "")}}}
	}
	base := monitor.Priority(question(compare.Defacement, compare.Medium, 0.35, 0), monitor.Private, now)
	for name, p := range map[string]int{
		"severity": monitor.Priority(question(compare.Defacement, compare.High, 0.35, 0), monitor.Private, now),
		"score":    monitor.Priority(question(compare.Defacement, compare.Medium, 0.6, 0), monitor.Private, now),
		"kind":     monitor.Priority(question(compare.Leak, compare.Medium, 0.35, 0), monitor.Private, now),
		"tier":     monitor.Priority(question(compare.Defacement, compare.Medium, 0.35, 0), monitor.Banking, now),
		"age":      monitor.Priority(question(compare.Defacement, compare.Medium, 0.35, 49*time.Hour), monitor.Private, now),
	} {
		if p <= base {
			t.Errorf("more %s has priority %d, not above %d", name, p, base)
		}
	}
	if p := monitor.Priority(question(compare.Leak, compare.Critical, 7, 1e6*time.Hour), monitor.Federal, now); p != 100 {
		t.Errorf("the most pressing question has priority %d, want 100", p)
	}
	if p := monitor.Priority(monitor.Question{Opened: now.Add(time.Hour)}, "", now); p < 0 || p > base {
		t.Errorf("a question about nothing, of tomorrow, has priority %d", p)
	}
}

// digestWorld is a watch over three sites at half past eight in Pakistan, and its
// clock, with a digest due at eight.
func digestWorld(t *testing.T) (*world, *settable) {
	t.Helper()
	clock := &settable{}
	clock.set(time.Until(time.Date(2027, 1, 5, 3, 30, 0, 0, time.UTC)))
	w := newWorld(t, func(c *monitor.Config) {
		c.Clock, c.Digest, c.Solo, c.Renderer = clock.now, "08:00", false, nil
		c.CERT = []string{"cert@cert.example", "soc@cert.example"}
	})
	list := "site_id,name,url,institution,tier,schedule\n"
	for _, id := range []string{"ministry", "bank", "school"} {
		list += fmt.Sprintf("%s,The %s,http://%s.example/,%s,%s,@every 1h\n", id, id, id, id, map[string]string{"bank": "banking"}[id])
	}
	w.importList(strings.ReplaceAll(list, ",,@", ",private,@"))
	return w, clock
}

// runUntil runs so many serves side by side until done.
func (w *world) runUntil(serves int, done func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	var all sync.WaitGroup
	for range serves {
		w.renew(w.Config)
		m := w.Monitor
		all.Go(func() {
			if err := m.Run(ctx, true); err != nil {
				w.t.Error(err)
			}
		})
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !done() && ctx.Err() == nil {
		<-again.C
	}
	if ctx.Err() != nil {
		w.t.Errorf("what serve should do was not done in %v", patience)
	}
	cancel()
	all.Wait()
}

// digests are the letters that are one, and made reports that a day's was decided.
func (w *world) digests() []letter {
	var out []letter
	for _, l := range w.mail.letters() {
		if l.alert.Digest != nil {
			out = append(out, l)
		}
	}
	return out
}

func (w *world) made(day string) func() bool {
	return func() bool {
		all, err := w.Store.Decisions(context.WithoutCancel(w.t.Context()), "digest:"+day)
		if err != nil {
			w.t.Error(err)
		}
		owed, err := w.Store.Undelivered(context.WithoutCancel(w.t.Context()))
		if err != nil {
			w.t.Error(err)
		}
		return len(all) > 0 && len(owed) == 0
	}
}

// Once a day every mailbox of the CERT gets one list of what waits, the most pressing
// first, one line for one change, whoever serves and however often it starts.
func TestOneDigestADay(t *testing.T) {
	t.Parallel()
	w, clock := digestWorld(t)
	now := clock.now()
	w.ask("school", now.Add(-30*time.Hour), finding(compare.Injection, compare.Medium, 0.35, "cdn.example"))
	w.ask("ministry", now.Add(-time.Hour), finding(compare.Injection, compare.Medium, 0.35, "cdn.example"))
	w.ask("bank", now.Add(-time.Hour), finding(compare.Injection, compare.Critical, 0.6, "other.example"))
	w.runUntil(2, w.made("2027-01-05"))
	w.runUntil(1, w.made("2027-01-05"))
	got := w.digests()
	if len(got) != 2 || got[0].to.To == got[1].to.To {
		t.Fatalf("%d digests were mailed: %+v; want one to each of two mailboxes", len(got), got)
	}
	d := got[0].alert.Digest
	if d.Waiting != 3 || len(d.Lines) != 2 || d.Lines[0].Sites[0].Name != "The bank" || len(d.Lines[1].Sites) != 2 {
		t.Errorf("the digest says %+v; want the bank first, then one line for two sites", d)
	}
	if since := d.Lines[1].Since; !since.Equal(now.Add(-30 * time.Hour).UTC()) {
		t.Errorf("the change of two sites waits since %v, want since the first was asked", since)
	}
	first := alerting.Key(got[0].alert, got[0].to)
	clock.set(24 * time.Hour)
	w.runUntil(1, w.made("2027-01-06"))
	got = w.digests()
	if len(got) != 4 || alerting.Key(got[2].alert, got[0].to) == first {
		t.Errorf("after a second day %d digests, want four, under names of their own", len(got))
	}
}

// Where nothing waits when the digest is due there is no mail, also not for what comes
// later that day.
func TestNoEmptyDigest(t *testing.T) {
	t.Parallel()
	w, clock := digestWorld(t)
	w.runUntil(1, w.made("2027-01-05"))
	w.ask("bank", clock.now(), finding(compare.Leak, compare.High, 0.6, "x"))
	w.runUntil(1, w.made("2027-01-05"))
	if got := w.digests(); len(got) != 0 {
		t.Errorf("mailed %+v", got)
	}
}

// A digest lists fifty changes and counts the others.
func TestDigestIsBounded(t *testing.T) {
	t.Parallel()
	w, clock := digestWorld(t)
	for i := range 70 {
		w.ask("school", clock.now(), finding(compare.Injection, compare.Medium, 0.35, fmt.Sprint("host ", i%60)))
	}
	w.runUntil(1, w.made("2027-01-05"))
	got := w.digests()
	if len(got) == 0 {
		t.Fatal("no digest was mailed")
	}
	if d := got[0].alert.Digest; len(d.Lines) != alerting.DigestLines || d.More != 10 || d.Waiting != 70 || d.MoreWaiting != 10 {
		t.Errorf("%d lines, %d more with %d of %d questions; want 50, 10 with 10 of 70", len(d.Lines), d.More, d.MoreWaiting, d.Waiting)
	}
}

// When the digest is due can be said as a time, as a cron expression, or off.
func TestDigestSchedule(t *testing.T) {
	t.Parallel()
	after := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC) // 08:00 in Pakistan
	for s, want := range map[string]time.Time{
		"08:00": after.AddDate(0, 0, 1), "8:01": after.Add(time.Minute), "23:59": after.Add(16*time.Hour - time.Minute),
		"CRON_TZ=UTC 0 4 * * *": after.Add(time.Hour),
	} {
		schedule, err := monitor.DigestSchedule(s)
		if err != nil || !schedule.Next(after).Equal(want) {
			t.Errorf("%s comes at %v, %v; want %v", s, schedule.Next(after), err, want)
		}
	}
	for _, s := range []string{"", "off"} {
		if schedule, err := monitor.DigestSchedule(s); schedule != nil || err != nil {
			t.Errorf("%q is %v, %v; want never", s, schedule, err)
		}
	}
	for _, s := range []string{"24:00", "08:60", "morning", "8"} {
		if _, err := monitor.DigestSchedule(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

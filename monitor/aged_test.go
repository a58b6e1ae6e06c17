package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
)

const agedPolicy = "policy:aged-and-clean"

// driftWorld is a world whose clock a test moves, with the ministry's page approved
// by a person.
func driftWorld(t *testing.T, change ...func(*monitor.Config)) (*world, *settable) {
	t.Helper()
	clock := &settable{}
	w := newWorld(t, append(change, func(c *monitor.Config) { c.Clock = clock.now })...)
	w.sweep()
	if _, err := w.Approve(t.Context(), analyst, "ministry"); err != nil {
		t.Fatal(err)
	}
	return w, clock
}

// days looks at the page of each day, three times eight hours apart.
func (w *world) days(clock *settable, n int, page func(day int) *render.Page) []compare.Verdict {
	w.t.Helper()
	var out []compare.Verdict
	for day := range n {
		w.stage.show(homeURL, page(day))
		for range 3 {
			clock.set(8 * time.Hour)
			out = append(out, w.sweep()["ministry"].Capture.Report.Verdict)
		}
	}
	return out
}

func (w *world) versions() []monitor.Baseline {
	w.t.Helper()
	all, err := w.Store.Baselines(w.t.Context(), "ministry")
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) questions() []monitor.Question {
	w.t.Helper()
	all, err := w.Store.Questions(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// notice is the honest news of a day.
func notice(day int) string {
	return fmt.Sprintf("notice %d about %s and %s for %s", day, words[day%len(words)], words[(day*3+5)%len(words)], words[(day*7+11)%len(words)])
}

// notices is the ministry's page with the news of four days.
func notices(day int) *render.Page {
	return ministry(notice(day), notice(day+1), notice(day+2), notice(day+3))
}

// rewritten is the ministry's page after n of its fourteen lines were written anew.
func rewritten(n int) *render.Page {
	var lines []string
	for i := range 14 {
		from := 0
		if i < n {
			from = 17
		}
		var line []string
		for j := range 12 {
			line = append(line, words[(i*7+j*(i+3)+from*(j+1))%len(words)])
		}
		lines = append(lines, strings.Join(line, " "))
	}
	return page("Ministry of Fixtures", lines...)
}

// The approved look follows a page that changes honestly, at most once a day, from
// looks that are a day old, and every version is a decision on record.
func TestHonestDriftIsFollowed(t *testing.T) {
	t.Parallel()
	w, clock := driftWorld(t)
	approved := w.versions()[0].Version
	for i, v := range w.days(clock, 8, notices) {
		if v != compare.Benign {
			t.Errorf("look %d of an honest page is %q", i, v)
		}
	}
	all := w.versions()
	if len(all) == 0 || all[0].Version == approved {
		t.Fatal("nothing was learnt in eight days")
	}
	for i, b := range all[:len(all)-approved] {
		if b.ApprovedBy != agedPolicy || b.Provisional || len(b.Captures) < 3 {
			t.Errorf("version %d: %+v; want one by the policy that is not provisional", b.Version, b)
		}
		if b.Created.Sub(all[i+1].Created) < 24*time.Hour {
			t.Errorf("version %d came %v after the one before", b.Version, b.Created.Sub(all[i+1].Created))
		}
		checkAged(t, w, b)
	}
	decisions, err := w.Store.Decisions(t.Context(), "target:ministry")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(slices.DeleteFunc(decisions, func(d monitor.Decision) bool { return d.Action != "baseline.aged" })); n != len(all)-approved {
		t.Errorf("%d decisions for %d versions", n, len(all)-approved)
	}
	if q := w.questions(); len(q) > 0 {
		t.Errorf("honest drift raised questions: %+v", q)
	}
}

// checkAged: what a version was learnt from was approved before, or was a day old and
// benign, as a desktop saw it.
func checkAged(t *testing.T, w *world, b monitor.Baseline) {
	t.Helper()
	for _, id := range b.Captures {
		c, err := w.Store.Capture(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if c.Report.Verdict != compare.Benign || c.Visitor != monitor.Desktop || b.Created.Sub(c.At) < 24*time.Hour {
			t.Errorf("version %d learnt %s: %s as %s, %v old", b.Version, id, c.Report.Verdict, c.Visitor, b.Created.Sub(c.At))
		}
	}
}

// What nobody has approved stays provisional, however long it is followed.
func TestDriftStaysProvisional(t *testing.T) {
	t.Parallel()
	clock := &settable{}
	w := newWorld(t, func(c *monitor.Config) { c.Clock = clock.now })
	w.sweep()
	w.days(clock, 5, notices)
	if b := w.versions()[0]; b.ApprovedBy != agedPolicy || !b.Provisional {
		t.Errorf("the newest version is %+v; want one by the policy, still provisional", b)
	}
}

// With learning off, only people make versions.
func TestLearnOnlyWhatWasApproved(t *testing.T) {
	t.Parallel()
	w, clock := driftWorld(t, func(c *monitor.Config) { c.ApprovedOnly = true })
	before := len(w.versions())
	w.days(clock, 5, notices)
	if n := len(w.versions()); n != before {
		t.Errorf("%d versions were made", n-before)
	}
}

// A page that is taken over in ten small daily steps is stopped: what is learnt always
// keeps half of what a person approved, and then an analyst is asked.
func TestCreepingStepsHaveAnEnd(t *testing.T) {
	t.Parallel()
	w, clock := driftWorld(t)
	w.days(clock, 13, func(day int) *render.Page { return rewritten(min(14, (day+1)*3/2)) })
	if len(w.questions())+len(w.incidents()) == 0 {
		t.Error("the page was rewritten line by line, and nobody was asked or told")
	}
	for _, b := range w.versions() {
		for _, id := range b.Captures {
			c, err := w.Store.Capture(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if c.Picture == rewritten(14).Screenshot.SHA256 {
				t.Errorf("version %d learnt the page that has nothing left of the approved one", b.Version)
			}
		}
	}
}

// After an attack, or a question, nothing that was seen before its end is learnt, and
// nothing at all while it is open.
func TestTroubleEndsLearning(t *testing.T) {
	t.Parallel()
	w, clock := driftWorld(t)
	before := w.versions()[0].Version
	w.days(clock, 1, notices)
	w.stage.show(homeURL, defaced())
	w.sweep()
	if len(w.incidents()) != 1 {
		t.Fatal("no incident")
	}
	w.days(clock, 5, notices)
	if v := w.versions()[0].Version; v != before {
		t.Fatalf("version %d was made while an incident was open", v)
	}
	if _, err := w.Resolve(t.Context(), analyst, w.incidents()[0].ID, false); err != nil {
		t.Fatal(err)
	}
	closed := clock.now()
	w.days(clock, 6, notices)
	all := w.versions()
	if all[0].Version == before {
		t.Fatal("nothing was learnt in six good days after the incident was closed")
	}
	for _, b := range all[:len(all)-before] {
		for _, id := range b.Captures {
			c, err := w.Store.Capture(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if approved := slices.Contains(all[len(all)-before].Captures, id); !approved && c.At.Before(closed) {
				t.Errorf("version %d learnt a look from before the incident was closed", b.Version)
			}
		}
	}
}

// A process that ends between the blobs of a version and its decision loses nothing:
// the next look makes the version.
func TestDriftSurvivesADeath(t *testing.T) {
	t.Parallel()
	w, clock := driftWorld(t)
	before := w.versions()[0].Version
	store := w.Store
	w.Config.Store = &dying{Store: store}
	w.days(clock, 4, notices)
	if v := w.versions()[0].Version; v != before {
		t.Fatalf("version %d was made by a process that died before its decision", v)
	}
	w.Config.Store = store
	w.days(clock, 1, notices)
	b := w.versions()[0]
	if b.Version != before+1 || b.ApprovedBy != agedPolicy {
		t.Fatalf("the newest version is %+v; want %d by the policy", b, before+1)
	}
	checkAged(t, w, b)
}

// dying is a Store that fails where a decision of the policy is written.
type dying struct{ monitor.Store }

func (d *dying) Update(ctx context.Context, f func(monitor.Tx) error) error {
	return d.Store.Update(ctx, func(tx monitor.Tx) error { return f(dyingTx{tx}) })
}

type dyingTx struct{ monitor.Tx }

func (d dyingTx) AddDecision(ctx context.Context, made monitor.Decision) (int64, error) {
	if made.Actor == agedPolicy {
		return 0, errors.New("killed")
	}
	return d.Tx.AddDecision(ctx, made)
}

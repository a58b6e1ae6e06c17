package monitor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
	"pasban/storage/db"
)

var analyst = monitor.Order{Actor: "operator:analyst", Reason: "seen with my own eyes"}

func TestApproveKeepsKnownVariation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	if b, err := w.Approve(t.Context(), analyst, "ministry"); err != nil || b.Version != 2 || b.Provisional {
		t.Fatalf("approving the first look: %+v, %v", b, err)
	}
	w.stage.show(homeURL, ministry("a new notice about schools and roads"))
	w.sweep()
	b, err := w.Approve(t.Context(), analyst, "ministry")
	if err != nil {
		t.Fatal(err)
	}
	if b.Version != 3 || len(b.Captures) < 2 {
		t.Errorf("version %d with %d looks; want 3 with the earlier one kept", b.Version, len(b.Captures))
	}
	for _, p := range []struct {
		name  string
		extra []string
	}{{"new", []string{"a new notice about schools and roads"}}, {"old", nil}} {
		w.stage.show(homeURL, ministry(p.extra...))
		if got := w.sweep()["ministry"].Capture.Report.Verdict; got != compare.Unchanged {
			t.Errorf("the %s look is %q, want unchanged", p.name, got)
		}
	}
}

func TestApproveRefusesAnAttack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.sweep()
	_, err := w.Approve(t.Context(), analyst, "ministry")
	if !errors.Is(err, monitor.ErrRefused) || !strings.Contains(err.Error(), "open incident") {
		t.Errorf("approving a site under attack: %v; want a refusal that names the incident", err)
	}
	id := w.incidents()[0].ID
	if _, err := w.Resolve(t.Context(), analyst, id, false); err != nil {
		t.Fatal(err)
	}
	_, err = w.Approve(t.Context(), analyst, "ministry")
	if !errors.Is(err, monitor.ErrRefused) || !strings.Contains(err.Error(), "evidence of an attack") {
		t.Errorf("approving a defaced look after its incident was closed: %v; want a refusal that names the evidence", err)
	}
	force := analyst
	force.Force, force.Reason = true, ""
	if _, err := w.Approve(t.Context(), force, "ministry"); !errors.Is(err, monitor.ErrRefused) {
		t.Errorf("forcing without a reason: %v, want a refusal", err)
	}
	force.Reason = "a drill"
	if _, err := w.Approve(t.Context(), force, "ministry"); err != nil {
		t.Errorf("forcing with a reason: %v", err)
	}
	decisions, err := w.Store.Decisions(t.Context(), "target:ministry")
	if err != nil {
		t.Fatal(err)
	}
	last := decisions[len(decisions)-1]
	if last.Action != "baseline.approve" || last.Reason != "a drill" || !strings.Contains(string(last.Detail), `"forced":true`) {
		t.Errorf("the decision on record is %+v", last)
	}
}

// A decision that nobody takes does not happen.
func TestDecisionNeedsAnActor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	if _, err := w.Approve(t.Context(), monitor.Order{}, "ministry"); !errors.Is(err, monitor.ErrRefused) {
		t.Errorf("approving as nobody: %v, want a refusal", err)
	}
	if b, err := w.Store.Baseline(t.Context(), "ministry"); err != nil || b.Version != 1 {
		t.Errorf("baseline %+v, %v; want version 1 untouched", b, err)
	}
}

func TestResolveTellsThoseWhoWereTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.sweep()
	before := len(w.mail.letters())
	id := w.incidents()[0].ID
	if _, err := w.Resolve(t.Context(), analyst, id, true); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Resolve(t.Context(), analyst, id, true); !errors.Is(err, monitor.ErrRefused) {
		t.Errorf("closing a closed incident: %v, want a refusal", err)
	}
	w.stage.show(homeURL, ministry())
	w.sweep()
	owed, err := w.Store.Undelivered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if told := len(w.mail.letters()) - before; told+len(owed) != 2 {
		t.Errorf("%d letters and %d owed about the end; want 2 together", told, len(owed))
	}
}

func TestSelectSuggests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Select(t.Context(), []string{"ministry-of"})
	if !errors.Is(err, monitor.ErrNotFound) || !strings.Contains(err.Error(), "did you mean ministry?") {
		t.Errorf("selecting a name that is not there: %v", err)
	}
}

// With the blobs alone, a new database knows the approved looks again, and
// judges by them.
func TestRestoreFromBlobsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	if _, err := w.Approve(t.Context(), analyst, "ministry"); err != nil {
		t.Fatal(err)
	}
	store, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "new.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	config := w.Config
	config.Store = store
	w.renew(config)
	done, err := w.Restore(t.Context(), analyst)
	if err != nil || done.Baselines != 2 || done.Targets != 1 || len(done.Damaged) != 0 {
		t.Fatalf("restored %+v, %v; want two baselines of one target", done, err)
	}
	if got := w.sweep()["ministry"].Capture.Report.Verdict; got != compare.Unchanged {
		t.Errorf("after restoring, the approved page is %q; want unchanged", got)
	}
	w.stage.show(homeURL, defaced())
	if e := w.sweep()["ministry"]; e.Incident == nil {
		t.Error("after restoring, a defacement opens no incident")
	}
}

func TestPausedSiteIsNotDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Pause(t.Context(), analyst, "ministry", true); err != nil {
		t.Fatal(err)
	}
	status, err := w.Status(context.Background())
	if err != nil || status.Paused != 1 || status.Targets != 0 {
		t.Errorf("status %+v, %v; want one site paused and nothing watched", status, err)
	}
	if err := w.Pause(t.Context(), analyst, "nowhere", true); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("pausing what is not there: %v", err)
	}
}

// A script behind the same picture and document is approved like anything else.
func TestApproveAChangeOfBehaviour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	changed := ministry()
	changed.Scripts = []render.Script{{Kind: "external", URL: homeURL + "app.js", Host: "ministry.example", SHA256: strings.Repeat("ab", 32), Source: "show()", Length: 6, Ran: true}}
	w.stage.show(homeURL, changed)
	if got := w.sweep()["ministry"].Capture.Report.Verdict; got == compare.Unchanged {
		t.Fatal("a new script behind the same picture passed for unchanged")
	}
	if _, err := w.Approve(t.Context(), analyst, "ministry"); err != nil {
		t.Fatal(err)
	}
	if got := w.sweep()["ministry"].Capture.Report.Verdict; got != compare.Unchanged {
		t.Errorf("after its approval the page is %q, want unchanged", got)
	}
}

// After an approved redesign the watch sees as well as before.
func TestDefacementAfterARedesign(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	var lines []string
	for i := range 14 {
		lines = append(lines, strings.Repeat(words[(i*5+3)%len(words)]+" welcome portal services citizens ", 3))
	}
	w.stage.show(homeURL, page("Citizens Portal", lines...))
	w.sweep()
	force := monitor.Order{Actor: "operator:analyst", Reason: "our redesign", Force: true}
	if _, err := w.Approve(t.Context(), force, "ministry"); err != nil {
		t.Fatal(err)
	}
	for _, i := range w.incidents() {
		if !i.State.Closed() {
			if _, err := w.Resolve(t.Context(), analyst, i.ID, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.stage.show(homeURL, defaced())
	if e := w.sweep()["ministry"]; e.Incident == nil || e.Incident.Kind != compare.Defacement {
		t.Errorf("a defacement after the redesign: %+v", e.Capture.Report)
	}
}

// A baseline that an earlier pasban learnt is learnt anew from its evidence: the
// page is judged as if nothing had happened.
func TestBaselineOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sweep()
	b, err := w.Store.Baseline(t.Context(), "ministry")
	if err != nil {
		t.Fatal(err)
	}
	old := reprofiled(t, w, b, []byte(`{"version":2,"text_core":"AAAAAA==","known":""}`))
	err = w.Store.Update(t.Context(), func(tx monitor.Tx) error { return tx.AddBaseline(t.Context(), old) })
	if err != nil {
		t.Fatal(err)
	}
	changed := ministry("A new notice of the day")
	w.stage.show(homeURL, changed)
	if r := w.sweep()["ministry"].Capture.Report; r.Verdict != compare.Benign || r.NotComparable != "" {
		t.Errorf("an honest change: %s, %s", r.Verdict, r.Why)
	}
	w.stage.show(homeURL, defaced())
	if e := w.sweep()["ministry"]; e.Incident == nil {
		t.Errorf("a defacement: %s, %s; want an incident", e.Capture.Report.Verdict, e.Capture.Report.Why)
	}
}

// reprofiled is the next version of a baseline, with another profile.
func reprofiled(t *testing.T, w *world, b monitor.Baseline, profile []byte) monitor.Baseline {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(profile)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	name, err := w.blobs.Put(t.Context(), packed.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	data, err := w.blobs.Manifest(t.Context(), b.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	b.Version++
	doc["profile"], doc["version"] = name, b.Version
	if data, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	b.Manifest = strings.Replace(b.Manifest, "/1.json", "/2.json", 1)
	if err := w.blobs.PutManifest(t.Context(), b.Manifest, data); err != nil {
		t.Fatal(err)
	}
	return b
}

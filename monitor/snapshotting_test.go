package monitor_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/monitor"
	"pasban/render"
	"pasban/render/egress"
	"pasban/storage/snapshot"
)

// mirror is a stage before which copies can be proved: what is served on loopback is the
// ministry's page.
type mirror struct {
	*stage
	now func() time.Time
}

// Render implements monitor.Renderer.
func (m mirror) Render(ctx context.Context, r render.Request) (*render.Page, error) {
	p := ministry()
	if !strings.HasPrefix(r.URL, "http://127.") {
		var err error
		if p, err = m.stage.Render(ctx, r); err != nil {
			return nil, err
		}
	}
	p.URL, p.FinalURL, p.Started = r.URL, r.URL, m.now()
	return p, nil
}

// flaky are blobs of which one cannot be read for a while, as on a disk that fails.
type flaky struct {
	monitor.Blobs
	bad atomic.Value // its digest
}

// Open implements monitor.Blobs.
func (f *flaky) Open(ctx context.Context, digest string) (io.ReadCloser, error) {
	if digest == f.bad.Load() {
		return nil, syscall.EIO
	}
	return f.Blobs.Open(ctx, digest)
}

// copyWorld is a world that makes copies, whose clock a test moves, with the ministry's page
// approved by a person.
func copyWorld(t *testing.T) (*world, *settable, *flaky) {
	t.Helper()
	blobs := new(flaky)
	w, clock := driftWorld(t, func(c *monitor.Config) {
		blobs.Blobs = c.Blobs
		copies, err := snapshot.New(snapshot.Config{Blobs: blobs})
		must(t, err)
		c.Blobs, c.Snapshots, c.ProbePolicy = blobs, copies, egress.Policy{AllowPrivate: loopbackOnly}
	})
	w.Renderer = mirror{w.stage, clock.now}
	return w, clock, blobs
}

// copies on record, newest first.
func (w *world) copies() []monitor.Snapshot {
	w.t.Helper()
	all, err := w.Store.Snapshots(w.t.Context())
	must(w.t, err)
	return all
}

// notices lists what the CERT was told by mail of copies: the beginnings of its names.
func (w *world) notices(prefix string) []alerting.Alert {
	w.t.Helper()
	owed, err := w.Store.Undelivered(w.t.Context())
	must(w.t, err)
	var all []alerting.Alert
	for _, d := range owed {
		if strings.HasPrefix(d.Alert, prefix) && d.Recipient == "cert@cert.example" {
			var a alerting.Alert
			must(w.t, json.Unmarshal(d.Payload, &a))
			all = append(all, a)
		}
	}
	return all
}

// When no copy can be made for three days, the CERT gets one mail that says why; and another
// one when that happens again later.
func TestMissingCopyIsTold(t *testing.T) {
	t.Parallel()
	w, clock, _ := copyWorld(t)
	round := func(want int) {
		t.Helper()
		must(t, w.SnapshotRound(t.Context()))
		if told := w.notices("snapshot.missing.ministry."); len(told) != want {
			t.Fatalf("the CERT is told %d times, want %d", len(told), want)
		}
		clock.set(25 * time.Hour)
	}
	w.stage.show(homeURL, defaced())
	round(0)
	round(0)
	round(0)
	round(1) // 75 hours after the first
	round(1)
	n := w.notices("snapshot.missing.")[0].Notice
	if len(n.Sites) != 1 || n.Sites[0].URL != homeURL || !strings.Contains(n.Sites[0].Why, "not fit for a copy") || !strings.Contains(n.Text, "3 days") {
		t.Errorf("it says %+v", n)
	}
	w.stage.show(homeURL, ministry())
	round(1)
	if all := w.copies(); len(all) != 1 || all[0].State != monitor.Proved {
		t.Fatalf("when the page is well again, the copies are %+v", all)
	}
	clock.set(31 * 24 * time.Hour) // the copy is old, and another due
	w.stage.show(homeURL, defaced())
	round(1)
	round(1)
	round(1)
	round(2)
}

// Copies are read in full once a week, and one that is damaged is told once.
func TestCopiesAreReadOnceAWeek(t *testing.T) {
	t.Parallel()
	w, clock, _ := copyWorld(t)
	_, err := w.MakeSnapshot(t.Context(), "ministry")
	must(t, err)
	verify := func(want int) {
		t.Helper()
		if n, err := w.VerifyDue(t.Context()); err != nil || n != want {
			t.Fatalf("%d copies were read: %v; want %d", n, err, want)
		}
	}
	verify(0)
	clock.set(6 * 24 * time.Hour)
	verify(0)
	clock.set(25 * time.Hour)
	verify(1)
	verify(0)
	digests, err := w.Snapshots.Digests(t.Context(), w.copies()[0].Manifest)
	must(t, err)
	must(t, w.blobs.Delete(t.Context(), digests[0]))
	clock.set(6 * 24 * time.Hour)
	verify(0)
	if len(w.notices("snapshot.broken.")) > 0 {
		t.Error("it is told before it was read")
	}
	clock.set(25 * time.Hour)
	verify(1)
	clock.set(8 * 24 * time.Hour)
	verify(0)
	if told := len(w.notices("snapshot.broken.")); told != 1 || w.copies()[0].State != monitor.Broken {
		t.Errorf("a damaged copy is %s, and told %d times", w.copies()[0].State, told)
	}
}

// A copy that cannot be read, or is of another version of Pasban, keeps neither the others from
// being read nor new ones from being made; and when that lasts, the CERT is told once.
func TestUnreadableCopyIsInNobodysWay(t *testing.T) {
	t.Parallel()
	w, clock, blobs := copyWorld(t)
	ctx := t.Context()
	failing, err := w.MakeSnapshot(ctx, "ministry")
	must(t, err)
	clock.set(time.Minute)
	foreign := failing
	foreign.ID, foreign.Manifest = strings.Replace(failing.ID, failing.ID[:1], "1", 1), "snapshots/ministry/foreign.json"
	must(t, w.blobs.PutManifest(ctx, foreign.Manifest, []byte(`{"format":99}`)))
	must(t, w.Store.Update(ctx, func(tx monitor.Tx) error { return tx.PutSnapshot(ctx, foreign) }))
	last, err := w.MakeSnapshot(ctx, "ministry")
	must(t, err)
	digests, err := w.Snapshots.Digests(ctx, failing.Manifest)
	must(t, err)
	blobs.bad.Store(digests[len(digests)-1])

	clock.set(8 * 24 * time.Hour)
	n, err := w.VerifyDue(ctx)
	if n != 1 || !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "format 99") {
		t.Errorf("%d copies were read: %v; want one, and what is wrong with two", n, err)
	}
	if len(w.notices("snapshot.unread.")) > 0 {
		t.Error("it is told on the first day")
	}
	clock.set(31 * 24 * time.Hour)
	if _, err := w.VerifyDue(ctx); !errors.Is(err, syscall.EIO) {
		t.Errorf("reading again says %v", err)
	}
	if err := w.SnapshotRound(ctx); !errors.Is(err, syscall.EIO) {
		t.Errorf("the round says %v", err)
	}
	all := w.copies()
	newest := all[0]
	for _, s := range all {
		if s.Created.After(newest.Created) {
			newest = s
		}
	}
	if !newest.Created.After(last.Created) || newest.State != monitor.Proved {
		t.Errorf("no copy was made: the newest is of %v", newest.Created)
	}
	told := w.notices("snapshot.unread." + failing.ID)
	if len(told) != 1 || !strings.Contains(told[0].Notice.Sites[0].Why, "input/output error") {
		t.Errorf("the CERT is told %d times: %+v", len(told), told)
	}
}

// That some page behind a link has a bad certificate is no reason to take files from servers
// that cannot say who they are; that the watched page has one, and was approved so, is.
func TestOnlyWatchedPagesVouchForCertificates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what        string
		home, other render.Outcome
		asked       bool
	}{
		{"a page behind a link", render.OK, render.TLSError, false},
		{"the watched page", render.TLSError, render.OK, true},
	} {
		asked := false
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
		server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(t.Output(), nil), slog.LevelInfo)
		server.StartTLS()
		show := func(outcome render.Outcome) *render.Page {
			p := ministry()
			p.Outcome, p.HTML = outcome, append(p.HTML, `<a href="/other">more</a><img src="`+server.URL+`/a.png">`...)
			return p
		}
		w, _, _ := copyWorld(t)
		w.stage.show(homeURL, show(c.home))
		w.stage.show(homeURL+"other", show(c.other))
		s, err := w.MakeSnapshot(t.Context(), "ministry")
		if err != nil || s.Pages != 2 {
			t.Errorf("%s: %d pages: %v; %q", c.what, s.Pages, err, s.LeftOut)
		}
		server.Close() // what was asked is answered
		if asked != c.asked {
			t.Errorf("%s: a server without a good certificate was asked: %v; left out %q", c.what, asked, s.LeftOut)
		}
	}
}

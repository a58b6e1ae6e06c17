package monitor_test

import (
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pasban/fixtures"
	"pasban/monitor"
	"pasban/render"
	"pasban/render/egress"
	"pasban/storage/blob"
	"pasban/storage/db"
	"pasban/storage/snapshot"
)

var loopbackOnly = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// watchFleet watches fixture sites with real browsers, each seen and approved.
func watchFleet(t *testing.T, sites ...string) (*monitor.Monitor, *fixtures.Fleet, *snapshot.Store) {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	fleet, err := fixtures.Start(ctx, fixtures.Options{Base: "127.88.1.1", Sites: sites})
	must(t, err)
	t.Cleanup(fleet.Close)
	store, err := db.Open(ctx, filepath.Join(dir, "pasban.db"))
	must(t, err)
	closeLater(t, store)
	blobs, err := blob.Open(ctx, filepath.Join(dir, "blobs"))
	must(t, err)
	closeLater(t, blobs)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	pool, err := render.NewPool(ctx, render.Options{Processes: 2, Egress: egress.Policy{AllowPrivate: loopbackOnly}, Logger: log})
	must(t, err)
	closeLater(t, pool)
	copies, err := snapshot.New(snapshot.Config{Blobs: blobs})
	must(t, err)
	m, err := monitor.New(monitor.Config{
		Store: store, Blobs: blobs, Renderer: pool, Judge: true, Solo: true, Snapshots: copies, SnapshotPages: 8,
		ProbePolicy: egress.Policy{AllowPrivate: loopbackOnly}, Logger: log, CERT: []string{"cert@cert.example"},
	})
	must(t, err)
	list, err := monitor.ParseWatchlist("list.csv", strings.NewReader(string(fleet.Watchlist())))
	must(t, err)
	_, err = m.Import(ctx, monitor.Order{Actor: "operator:test"}, list, true)
	must(t, err)
	targets, err := m.Select(ctx, nil)
	must(t, err)
	_, err = m.Sweep(ctx, targets, monitor.ReasonSweep, func(monitor.Event) {})
	must(t, err)
	for _, target := range targets {
		_, err := m.Approve(ctx, monitor.Order{Actor: "operator:test"}, target.ID)
		must(t, err)
	}
	return m, fleet, copies
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func closeLater(t *testing.T, c io.Closer) {
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A copy of an approved site looks like it to the browsers that watch it, and holds
// more than the page that is watched.
func TestCopiesLookLikeTheirSites(t *testing.T) {
	m, _, copies := watchFleet(t)
	sites, err := m.Store.Sites(t.Context())
	must(t, err)
	for _, site := range sites {
		s, err := m.MakeSnapshot(t.Context(), site.ID)
		if err != nil {
			t.Errorf("%s: %v", site.ID, err)
			continue
		}
		t.Logf("%-12s %s likeness %.3f, %d pages, %d files, %d bytes; %q; left out %q", site.ID, s.State, s.Likeness(), s.Pages, s.Files, s.Bytes, s.Problem, s.LeftOut)
		for _, p := range s.Proofs {
			t.Logf("    %s %.3f text %.3f %s: %s", p.Target, p.Likeness, p.Text, p.Verdict, p.Why)
		}
		if s.State != monitor.Proved || s.Pages < len(s.Of) {
			t.Errorf("%s: the copy is %s with %d pages: %s", site.ID, s.State, s.Pages, s.Problem)
		}
		if err := copies.Verify(t.Context(), s.Manifest); err != nil {
			t.Errorf("%s: %v", site.ID, err)
		}
	}
}

// A copy is due when somebody approved a look, and not again; when a file of it is lost
// the CERT is told once, and another copy is due; what a copy is made of is not collected.
func TestCopiesAreKeptAndWatched(t *testing.T) {
	m, _, _ := watchFleet(t, "planning", "court")
	ctx := t.Context()
	due := func(want ...string) {
		t.Helper()
		have, err := m.SnapshotsDue(ctx)
		must(t, err)
		if diff := cmp.Diff(have, append([]string{}, want...)); diff != "" {
			t.Errorf("due (-have +want):\n%s", diff)
		}
	}
	due("court", "planning")
	s, err := m.MakeSnapshot(ctx, "planning")
	must(t, err)
	due("court")

	m.Keep.Blobs = -time.Hour // all of them are older than in an hour
	_, err = m.Collect(ctx)
	must(t, err)
	s, err = m.VerifySnapshot(ctx, s)
	must(t, err)
	if s.State != monitor.Proved {
		t.Fatalf("after a collection the copy is %s: %s", s.State, s.Problem)
	}

	digests, err := m.Snapshots.Digests(ctx, s.Manifest)
	must(t, err)
	must(t, m.Blobs.Delete(ctx, digests[0]))
	for range 2 {
		if s, err = m.VerifySnapshot(ctx, s); err != nil || s.State != monitor.Broken {
			t.Fatalf("a copy that lost a file is %s: %v", s.State, err)
		}
	}
	owed, err := m.Store.Undelivered(ctx)
	must(t, err)
	told := 0
	for _, d := range owed {
		if strings.HasPrefix(d.Alert, "snapshot.broken.") && d.Recipient == "cert@cert.example" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the CERT is told %d times of a damaged copy", told)
	}
	due("court", "planning")
}

// No copy is made of a page that does not look as it was approved.
func TestNoCopyOfAnAttackedSite(t *testing.T) {
	m, fleet, _ := watchFleet(t, "planning")
	must(t, fleet.Attack("planning", fixtures.FullBlack))
	if s, err := m.MakeSnapshot(t.Context(), "planning"); !errors.Is(err, monitor.ErrUnfit) {
		t.Errorf("a copy of a defaced page is %s: %v", s.State, err)
	}
	must(t, m.SnapshotRound(t.Context()))
	all, err := m.Store.Snapshots(t.Context())
	must(t, err)
	if len(all) > 0 {
		t.Errorf("it is on record: %+v", all)
	}
	why, since, err := m.SnapshotFailure(t.Context(), "planning")
	if err != nil || !strings.Contains(why, "not fit for a copy") || since.IsZero() {
		t.Errorf("why there is no copy: %q since %v: %v", why, since, err)
	}
	due, err := m.SnapshotsDue(t.Context())
	if err != nil || len(due) > 0 {
		t.Errorf("it is tried again at once: %q %v", due, err)
	}
	must(t, fleet.Restore("planning"))
	if s, err := m.MakeSnapshot(t.Context(), "planning"); err != nil || s.State != monitor.Proved {
		t.Errorf("a copy of the restored page is %s: %v", s.State, err)
	}
}

// When the database is lost, the newest copies are found again among the blobs, and those that
// were replaced and collected are no mistake.
func TestCopiesAreFoundAgain(t *testing.T) {
	t.Parallel()
	w, clock, blobs := copyWorld(t)
	ctx := t.Context()
	for range 5 {
		_, err := w.MakeSnapshot(ctx, "ministry")
		must(t, err)
		clock.set(31 * 24 * time.Hour)
	}
	kept := w.copies()
	keep := w.Keep
	w.Keep.Blobs = -time.Hour // all of them are older than in an hour
	_, err := w.Collect(ctx)
	must(t, err)
	w.Keep = keep

	lost := func() {
		store, err := db.Open(ctx, filepath.Join(t.TempDir(), "new.db"))
		must(t, err)
		closeLater(t, store)
		config := w.Config
		config.Store = store
		w.renew(config)
	}
	lost()
	for i, want := range []int{3, 0} {
		done, err := w.Restore(ctx, analyst)
		if err != nil || done.Snapshots != want || len(done.Damaged) > 0 {
			t.Fatalf("time %d: %d copies, damaged %q: %v; want %d", i+1, done.Snapshots, done.Damaged, err, want)
		}
	}
	again := w.copies()
	if len(again) != len(kept) {
		t.Fatalf("%d copies are on record, want %d", len(again), len(kept))
	}
	for i, s := range again {
		if s.ID != kept[i].ID || s.State != monitor.Unproved {
			t.Errorf("copy %d is %s, %s; want %s, unproved", i, s.ID, s.State, kept[i].ID)
		}
	}
	if n, err := w.VerifyDue(ctx); n != 3 || err != nil || w.copies()[0].State != monitor.Unproved {
		t.Errorf("%d of them were read, the newest is %s: %v", n, w.copies()[0].State, err)
	}

	// One cannot be read now: the others come back all the same.
	digests, err := w.Snapshots.Digests(ctx, kept[0].Manifest)
	must(t, err)
	blobs.bad.Store(digests[len(digests)-1])
	lost()
	if done, err := w.Restore(ctx, analyst); !errors.Is(err, syscall.EIO) || done.Snapshots != 2 {
		t.Errorf("with one unreadable, %d came back: %v", done.Snapshots, err)
	}
}

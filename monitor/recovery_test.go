package monitor_test

import (
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

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

package monitor_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
	"pasban/storage/blob"
	"pasban/storage/db"
)

// archive is a monitor on a folder, without a pipeline.
type archive struct {
	*monitor.Monitor
	t   *testing.T
	dir string
	now time.Time
}

func newArchive(t *testing.T, dir string, keep monitor.Keep) *archive {
	t.Helper()
	store, err := db.Open(t.Context(), filepath.Join(dir, "pasban.db"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.Open(t.Context(), filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(store.Close(), blobs.Close()); err != nil {
			t.Error(err)
		}
	})
	a := &archive{t: t, dir: dir, now: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)}
	a.Monitor, err = monitor.New(monitor.Config{Store: store, Blobs: blobs, Keep: keep, Clock: func() time.Time { return a.now }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// add records captures: each half a day older than the next, the last one now.
func (a *archive) add(all []monitor.Capture) {
	a.t.Helper()
	err := a.Store.Update(a.t.Context(), func(tx monitor.Tx) error {
		for _, c := range all {
			if err := tx.AddCapture(a.t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *archive) ids() []string {
	a.t.Helper()
	all, err := a.Store.Past(a.t.Context(), "", 10_000)
	if err != nil {
		a.t.Fatal(err)
	}
	ids := []string{}
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	return ids
}

func (a *archive) retain() int {
	a.t.Helper()
	r, err := a.Retain(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	return r.Captures
}

// A page that changes every five days, looked at every twelve hours for 150: all
// looks of two days stay, then the first and the last of each face, then nothing
// but what an approved look or an incident names.
func TestRetentionThinsOut(t *testing.T) {
	t.Parallel()
	a := newArchive(t, t.TempDir(), monitor.Keep{Incidents: 200 * 24 * time.Hour})
	const looks = 300
	var all []monitor.Capture
	age := map[string]time.Duration{}
	for i := range looks {
		c := monitor.Capture{
			ID: fmt.Sprintf("%06d", i), Target: "t", Site: "s", Judged: true, At: a.now.Add(-time.Duration(looks-1-i) * 12 * time.Hour),
			Title: fmt.Sprint("face ", i/10),
		}
		age[c.ID] = a.now.Sub(c.At)
		all = append(all, c)
	}
	all[14].Judged = false
	quiet := monitor.Capture{ID: "000020-quiet", Target: "quiet", Site: "s", Judged: true, At: all[20].At}
	a.add(append(all, quiet))
	closed := monitor.Incident{Site: "s", State: monitor.Resolved, Updated: a.now, Findings: []monitor.IncidentFinding{{Capture: "000025"}}}
	err := a.Store.Update(t.Context(), func(tx monitor.Tx) error {
		_, err := tx.AddIncident(t.Context(), closed)
		return errors.Join(err, tx.AddBaseline(t.Context(), monitor.Baseline{Target: "t", Version: 1, Captures: []string{"000035"}}))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"000014", "000020-quiet", "000025", "000035"}
	for i, c := range all {
		switch {
		case age[c.ID] <= 48*time.Hour, age[c.ID] <= 90*24*time.Hour && (i%10 == 0 || i%10 == 9):
			want = append(want, c.ID)
		}
	}
	removed := a.retain()
	if have := a.ids(); !slices.Equal(have, want) {
		t.Errorf("left are\n%v, want\n%v", have, want)
	}
	if removed != looks+1-len(want) {
		t.Errorf("%d were removed by its own account, %d are gone", removed, looks+1-len(want))
	}
	if again := a.retain(); again != 0 {
		t.Errorf("a second round removed %d more", again)
	}
	// Half a year and more later only what is named, waits or is the newest is left,
	// and the incident has let go.
	a.now = a.now.Add(201 * 24 * time.Hour)
	a.retain()
	if have, want := a.ids(), []string{"000014", "000020-quiet", "000035", "000299"}; !slices.Equal(have, want) {
		t.Errorf("in the end %v are left, want %v", have, want)
	}
}

// A policy that would take from the watch what it needs is refused with the reason.
func TestKeep(t *testing.T) {
	t.Parallel()
	for _, bad := range []monitor.Keep{
		{All: time.Hour}, {All: -1}, {All: 100 * 24 * time.Hour}, {Changed: 24 * time.Hour}, {Incidents: 24 * time.Hour}, {Blobs: time.Minute},
	} {
		if _, err := bad.Complete(); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	for _, good := range []monitor.Keep{{}, {All: monitor.Forever, Changed: monitor.Forever}, {Blobs: monitor.Forever}} {
		if _, err := good.Complete(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
}

// ageBlobs makes all blobs below a folder two hours old.
func ageBlobs(t *testing.T, dir string) {
	t.Helper()
	old := time.Now().Add(-2 * time.Hour)
	err := filepath.WalkDir(filepath.Join(dir, "sha256"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, old, old)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func blobsIn(t *testing.T, blobs monitor.Blobs) int {
	t.Helper()
	n := 0
	if err := blobs.List(t.Context(), func(string, int64) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// readable fails for every blob that a capture on record names and that is gone,
// the sources of its scripts included.
func readable(t *testing.T, m *monitor.Monitor) {
	t.Helper()
	all, err := m.Store.Past(t.Context(), "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		c, err := m.Store.Capture(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, digest := range c.Blobs {
			if _, err := m.Blobs.Stat(t.Context(), digest); err != nil {
				t.Errorf("the %s of a capture on record: %v", name, err)
			}
		}
		for _, digest := range sourcesOf(t, m.Blobs, c.Blobs[monitor.BlobSources]) {
			if _, err := m.Blobs.Stat(t.Context(), digest); err != nil {
				t.Errorf("a script of a capture on record: %v", err)
			}
		}
	}
}

// sourcesOf reads which blobs hold the scripts of a capture.
func sourcesOf(t *testing.T, blobs monitor.Blobs, bundle string) map[string]string {
	t.Helper()
	if bundle == "" {
		return nil
	}
	r, err := blobs.Open(t.Context(), bundle)
	if err != nil {
		t.Errorf("the scripts of a capture on record: %v", err)
		return nil
	}
	defer r.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	var sources map[string]string
	if err := json.NewDecoder(z).Decode(&sources); err != nil {
		t.Fatal(err)
	}
	return sources
}

// forget removes all captures that nothing names, so that nothing names their blobs.
func forget(t *testing.T, store monitor.Store) {
	t.Helper()
	all, err := store.Past(t.Context(), "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	err = store.Update(t.Context(), func(tx monitor.Tx) error {
		_, err := tx.RemoveCaptures(t.Context(), ids)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// scripted is a page with scripts of its own, so that blobs name blobs.
func scripted(face int) *render.Page {
	p := ministry(fmt.Sprintf("notice %d of the ministry", face))
	for i := range 3 {
		source := fmt.Sprintf("console.log('%d of %d')", i, face)
		p.Scripts = append(p.Scripts, render.Script{Source: source, SHA256: digest([]byte(source)), Length: len(source)})
	}
	return p
}

// heldBack are blobs whose old ones are listed only when somebody says so.
type heldBack struct {
	monitor.Blobs
	marked, goOn chan struct{}
}

// ListOld says that all that is named was marked, and waits.
func (h heldBack) ListOld(ctx context.Context, before time.Time, f func(string, int64) error) error {
	close(h.marked)
	<-h.goOn
	return h.Blobs.ListOld(ctx, before, f)
}

// A look stores again what is old and what nobody named when the collection marked
// what is named. The collection comes to it only now, and must leave it; what no
// look stored again it removes.
func TestCollectWhileLooksGoOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := newWorld(t, func(c *monitor.Config) {
		blobs, err := blob.OpenDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		c.Blobs, c.Keep = blobs, monitor.Keep{Blobs: time.Hour}
	})
	w.sweep()
	for face := range 2 {
		w.stage.show(homeURL, scripted(face))
		w.sweep()
	}
	forget(t, w.Store)
	ageBlobs(t, dir)
	config := w.Config
	held := heldBack{w.Blobs, make(chan struct{}), make(chan struct{})}
	config.Blobs = held
	collector, err := monitor.New(config)
	if err != nil {
		t.Fatal(err)
	}
	var removed monitor.Removed
	ended := make(chan error)
	go func() {
		var err error
		removed, err = collector.Collect(t.Context())
		ended <- err
	}()
	<-held.marked
	if look := w.sweep()["ministry"]; len(look.Capture.Blobs) == 0 {
		t.Fatalf("the look stored nothing: %+v", look)
	}
	close(held.goOn)
	if err := <-ended; err != nil || removed.Blobs == 0 {
		t.Errorf("of what no look stored again %d blobs were removed, %v", removed.Blobs, err)
	}
	readable(t, w.Monitor)
}

// What a baseline, a waiting alert or a capture names stays, however old it is;
// what was put lately stays, whoever names it; and of another database's blobs
// nothing is touched.
func TestCollect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := newWorld(t, func(c *monitor.Config) {
		blobs, err := blob.OpenDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		c.Blobs, c.Keep = blobs, monitor.Keep{Blobs: time.Hour}
	})
	w.sweep()
	w.stage.show(homeURL, scripted(1))
	w.sweep()
	before := blobsIn(t, w.Blobs)
	ageBlobs(t, dir)
	if r, err := w.Collect(t.Context()); err != nil || r.Blobs != 0 {
		t.Errorf("of blobs that are all needed %d were removed, %v", r.Blobs, err)
	}
	forget(t, w.Store)
	young, err := w.Blobs.Put(t.Context(), []byte("about to be named"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Collect(t.Context())
	if err != nil || r.Blobs == 0 || r.Bytes == 0 {
		t.Errorf("of what nothing names %d blobs with %d bytes were removed, %v", r.Blobs, r.Bytes, err)
	}
	if left := blobsIn(t, w.Blobs); left != before+1-r.Blobs {
		t.Errorf("%d blobs are left of %d, %d were removed by its own account", left, before+1, r.Blobs)
	}
	if _, err := w.Blobs.Stat(t.Context(), young); err != nil {
		t.Errorf("what was put a moment ago: %v", err)
	}
	readable(t, w.Monitor)
	other := newArchive(t, t.TempDir(), monitor.Keep{Blobs: time.Hour})
	other.Blobs = w.Blobs
	ageBlobs(t, dir)
	if r, err := other.Collect(t.Context()); !errors.Is(err, monitor.ErrOtherDatabase) || r.Blobs != 0 {
		t.Errorf("another database removed %d blobs, %v", r.Blobs, err)
	}
}

// collectEnv tells this test's binary to be the process that is killed.
const collectEnv = "PASBAN_TEST_COLLECT_IN"

// TestCollectVictim is that process; by itself it does nothing.
func TestCollectVictim(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(collectEnv)
	if dir == "" {
		return
	}
	a := newArchive(t, dir, monitor.Keep{Blobs: time.Hour})
	fmt.Println("collecting")
	if _, err := a.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	fmt.Println("done")
}

// A collection that is killed has removed nothing that is named, and the next one
// removes the rest.
func TestCollectKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := newArchive(t, dir, monitor.Keep{Blobs: time.Hour})
	const many = 1500
	var all []monitor.Capture
	for i := range many {
		digest, err := a.Blobs.Put(t.Context(), fmt.Appendf(nil, "blob %d", i))
		if err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			all = append(all, monitor.Capture{ID: fmt.Sprintf("%06d", i), Target: "t", Judged: true, Blobs: map[string]string{monitor.BlobPicture: digest}})
		}
	}
	a.add(all)
	ageBlobs(t, filepath.Join(dir, "blobs"))
	killed := 0
	for _, left := range []int{many - 50, many - 300, many - 600} {
		if killCollector(t, a, dir, left) {
			killed++
		}
		readable(t, a.Monitor)
	}
	if killed == 0 {
		t.Error("no collection was killed before its end: the test shows nothing")
	}
	if _, err := a.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	readable(t, a.Monitor)
	if n := blobsIn(t, a.Blobs); n != len(all) {
		t.Errorf("%d blobs are left in the end, want the %d that are named", n, len(all))
	}
}

// killCollector kills a collection when no more than so many blobs are left, and
// reports whether it was still at work then.
func killCollector(t *testing.T, a *archive, dir string, left int) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCollectVictim$")
	cmd.Env = append(os.Environ(), collectEnv+"="+dir)
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("the collection ended by itself: %v\n%s", err, out.String())
			}
			return false
		default:
		}
		if blobsIn(t, a.Blobs) <= left {
			if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			if err := <-ended; err == nil {
				t.Log("it ended in the moment in which it was killed")
			}
			return !strings.Contains(out.String(), "done")
		}
	}
}

// A page that does not change costs 50 kB a day at most, at a look every 15
// minutes: all looks of a day, the jobs of six hours, for which the queue keeps
// them, and no blob at all. 48 pages are looked at instead of one, since a day of
// one page is less than SQLite grows by at once.
func TestUnchangedPageCostsLittle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := newWorld(t, func(c *monitor.Config) {
		blobs, err := blob.OpenDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		c.Blobs, c.Addresses = blobs, func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	})
	const pages, rounds, aDay = 48, 4, 96
	list := "site_id,name,url,institution,tier\n"
	for i := range pages {
		url := fmt.Sprintf("http://office-%d.example/", i)
		w.stage.show(url, ministry())
		list += fmt.Sprintf("office-%d,Office %d,%s,Ministry,federal\n", i, i, url)
	}
	w.importList(list)
	for range 2 { // what is approved, and the row that all looks after that share
		w.sweep()
	}
	keepJobs(t, w.Store, 0)
	file, blobs := fileBytes(t, w.Store), blobsIn(t, w.Blobs)
	for range rounds {
		for id, e := range w.sweep() {
			if e.Capture.Report.Verdict != compare.Unchanged {
				t.Fatalf("%s is %s, want unchanged", id, e.Capture.Report.Verdict)
			}
		}
	}
	keepJobs(t, w.Store, pages*rounds/4)
	look := float64(fileBytes(t, w.Store)-file) / (pages * rounds)
	t.Logf("a look that sees nothing new: %.0f bytes, a day of them %.1f kB", look, aDay*look/1000)
	if aDay*look > 50_000 {
		t.Errorf("a day at an unchanged page costs %.0f bytes, want 50,000 at most", aDay*look)
	}
	if n := blobsIn(t, w.Blobs); n != blobs {
		t.Errorf("looks that saw nothing new stored %d blobs", n-blobs)
	}
}

// keepJobs removes finished jobs but the last n, as the queue does by itself with
// those that are older than six hours.
func keepJobs(t *testing.T, store monitor.Store, n int) {
	t.Helper()
	err := store.Update(t.Context(), func(tx monitor.Tx) error {
		_, err := tx.SQL().ExecContext(t.Context(), fmt.Sprintf("DELETE FROM river_job WHERE id <= (SELECT MAX(id) FROM river_job) - %d", n))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func fileBytes(t *testing.T, store monitor.Store) int64 {
	t.Helper()
	var n int64
	err := store.Update(t.Context(), func(tx monitor.Tx) error {
		return tx.SQL().QueryRowContext(t.Context(), `SELECT (p.page_count - f.freelist_count) * s.page_size
			FROM pragma_page_count() p, pragma_freelist_count() f, pragma_page_size() s`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

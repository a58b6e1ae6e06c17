package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the pictures of alerts
	"log/slog"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/compare"
	"pasban/monitor"
	"pasban/render"
	"pasban/render/egress"
	"pasban/storage/blob"
	"pasban/storage/db"
)

// corporaWatch is the whole product but its command line: browsers, SQLite, a
// directory of blobs, judgement and outbox. Only the last hop is a mailbox that
// keeps what it is given.
type corporaWatch struct {
	t *testing.T
	*monitor.Monitor
	mail *corporaMailbox
}

const corporaCERT = "cert@cert.example"

// corporaMailbox is a Sink that keeps alerts by site.
type corporaMailbox struct {
	mu  sync.Mutex
	got map[string][]corporaLetter
}

type corporaLetter struct {
	alert alerting.Alert
	to    string
}

// Name implements alerting.Sink.
func (m *corporaMailbox) Name() string { return alerting.SMTP }

// Deliver implements alerting.Sink.
func (m *corporaMailbox) Deliver(_ context.Context, a alerting.Alert, to alerting.Address) error {
	if a.Event == alerting.Resolved {
		return nil // the end of the step before, told by the sweep of the next one
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got[a.Site] = append(m.got[a.Site], corporaLetter{a, to.To})
	return nil
}

// take empties the mailbox of a site.
func (m *corporaMailbox) take(site string) []corporaLetter {
	m.mu.Lock()
	defer m.mu.Unlock()
	letters := m.got[site]
	delete(m.got, site)
	return letters
}

// corporaEyes tell why a look brought no picture: an overloaded machine is no
// fault of the judgement that is tested here.
type corporaEyes struct {
	t    *testing.T
	pool *render.Pool
}

// Render implements monitor.Renderer.
func (e corporaEyes) Render(ctx context.Context, r render.Request) (*render.Page, error) {
	p, err := e.pool.Render(ctx, r)
	if err == nil && p.Screenshot == nil {
		e.t.Logf("no picture of %s: %s %s, log %v, took %v", r.URL, p.Outcome, p.Detail, p.Log, p.Timings)
	}
	return p, err
}

// newCorporaWatch watches the sites of a watchlist, which are on loopback.
func newCorporaWatch(t *testing.T, watchlist string) *corporaWatch {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	logger := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	store, err := db.Open(ctx, filepath.Join(dir, "pasban.db"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.Open(ctx, filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := render.NewPool(ctx, render.Options{
		Processes: 2, Logger: logger,
		Egress: egress.Policy{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(pool.Close(), blobs.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	w := &corporaWatch{t: t, mail: &corporaMailbox{got: map[string][]corporaLetter{}}}
	w.renew(monitor.Config{
		Store: store, Blobs: blobs, Renderer: corporaEyes{t, pool}, Looks: 2, Judge: true, Solo: true, Logger: logger,
		Sinks: map[string]alerting.Sink{alerting.SMTP: w.mail}, CERT: []string{corporaCERT}, MailLimit: -1,
	})
	list, err := monitor.ParseWatchlist("list.csv", strings.NewReader(watchlist))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Import(ctx, corporaOrder, list, true); err != nil {
		t.Fatal(err)
	}
	return w
}

var corporaOrder = monitor.Order{Actor: "operator:test", Reason: "part of the test", Force: true}

// renew makes a monitor; one monitor runs one sweep, as one process does.
func (w *corporaWatch) renew(c monitor.Config) {
	m, err := monitor.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Monitor = m
}

// sweep looks at the targets and returns how each of them concluded. What a
// busy machine failed to paint in time is looked at once more, as the next sweep
// would.
func (w *corporaWatch) sweep(ids ...string) map[string]monitor.Event {
	w.t.Helper()
	seen := w.sweepOnce(ids)
	var again []string
	for id, e := range seen {
		if e.Capture.Report.Verdict == compare.NotComparable && e.Capture.Picture == "" {
			again = append(again, id)
		}
	}
	maps.Copy(seen, w.sweepOnce(again))
	return seen
}

func (w *corporaWatch) sweepOnce(ids []string) map[string]monitor.Event {
	w.t.Helper()
	out := map[string]monitor.Event{}
	if len(ids) == 0 {
		return out // Select would take that for all
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Minute)
	defer cancel()
	w.renew(w.Config)
	targets, err := w.Select(ctx, ids)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Sweep(ctx, targets, monitor.ReasonSweep, func(e monitor.Event) { out[e.Target] = e }); err != nil {
		w.t.Fatal(err)
	}
	for id, e := range out {
		if e.Err != nil {
			w.t.Errorf("%s: the look failed: %v", id, e.Err)
		}
	}
	return out
}

// incidents of a site that are not closed.
func (w *corporaWatch) incidents(site string) []monitor.Incident {
	w.t.Helper()
	all, err := w.Store.Incidents(w.t.Context(), true)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []monitor.Incident
	for _, i := range all {
		if i.Site == site {
			out = append(out, i)
		}
	}
	return out
}

// settle closes what is open about a site, as an analyst would when it is over.
func (w *corporaWatch) settle(site string) {
	w.t.Helper()
	for _, i := range w.incidents(site) {
		if _, err := w.Resolve(w.t.Context(), corporaOrder, i.ID, false); err != nil {
			w.t.Fatal(err)
		}
	}
}

// quiet reports what a benign look must not have caused: an alarm, an incident
// or a mail. It is "" if all is well.
func (w *corporaWatch) quiet(site string, e monitor.Event) string {
	w.t.Helper()
	open, mails := w.incidents(site), w.mail.take(site)
	if e.Capture.Report.Verdict != compare.Alert && len(open) == 0 && len(mails) == 0 {
		return ""
	}
	return fmt.Sprintf("verdict %s, %d incidents, %d mails", e.Capture.Report.Verdict, len(open), len(mails))
}

// alarmed reports what is wrong about the alarm that an attack caused: it must
// be one grave incident of the kind, and one mail with the pictures for each of
// the two recipients, of whom the CERT hears by a list once there is a campaign. It is "" if all is well.
func (w *corporaWatch) alarmed(site string, kind compare.Kind, visible bool, pictures int) string {
	w.t.Helper()
	open, mails := w.incidents(site), w.mail.take(site)
	if len(open) != 1 {
		return fmt.Sprintf("%d incidents, want 1", len(open))
	}
	if open[0].Kind != kind {
		return fmt.Sprintf("kind %s, want %s", open[0].Kind, kind)
	}
	if open[0].Severity.Rank() < compare.High.Rank() {
		return fmt.Sprintf("severity %s, want high or critical", open[0].Severity)
	}
	told := map[string]int{}
	for _, m := range mails {
		told[m.to]++
		if m.alert.Event != alerting.Opened {
			return fmt.Sprintf("%s was told %q, want opened", m.to, m.alert.Event)
		}
		if wrong := wrongPictures(m.alert.Pictures, visible, pictures); wrong != "" {
			return wrong
		}
	}
	if open[0].Campaign != "" && len(mails) == 1 && told[corporaCERT] == 0 {
		return "" // the CERT is told by the list of the campaign
	}
	if len(told) != 2 || told[corporaCERT] != 1 || len(mails) != 2 {
		return fmt.Sprintf("mails %v, want one each to the webmaster and the CERT", told)
	}
	return ""
}

// wrongPictures decodes what a mail shows.
func wrongPictures(all []alerting.Picture, visible bool, want int) string {
	if len(all) != want {
		return fmt.Sprintf("%d pictures, want %d", len(all), want)
	}
	shown := map[string]image.Image{}
	for _, p := range all {
		img, _, err := image.Decode(bytes.NewReader(p.Data))
		if err != nil {
			return fmt.Sprintf("the %s picture: %v", p.Name, err)
		}
		size := img.Bounds().Size()
		if size != image.Pt(p.Width, p.Height) || size.X < 300 || size.Y < 100 || size.X > alerting.MaxPictureWidth || size.Y > alerting.MaxPictureHeight {
			return fmt.Sprintf("the %s picture is %v, announced as %dx%d", p.Name, size, p.Width, p.Height)
		}
		shown[p.Name] = img
	}
	switch {
	case want == 3 && samePixels(shown["before"], shown["difference"]):
		return "the difference is the same picture as before"
	case want == 3 && visible && samePixels(shown["before"], shown["after"]):
		return "before and after are the same picture"
	}
	return ""
}

// samePixels compares decoded pictures; a missing one equals nothing.
func samePixels(a, b image.Image) bool {
	if a == nil || b == nil || a.Bounds() != b.Bounds() {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

// corporaRow is a line of the result table.
type corporaRow struct {
	site, what string
	report     compare.Report
	wrong      string
}

func (r corporaRow) String() string {
	var rules []string
	for _, f := range r.report.Findings {
		rules = append(rules, fmt.Sprintf("%s/%s", f.Rule, f.Severity))
	}
	s := fmt.Sprintf("%-20s %-42s %-14s %.2f %.3f %s", r.site, r.what, r.report.Verdict, r.report.Score, r.report.ChangedShare, strings.Join(rules, " "))
	if len(rules) == 0 {
		s += r.report.Why
	}
	if n := r.report.NotComparable; n != "" {
		s += " (not comparable: " + n + ")"
	}
	if r.wrong != "" {
		s += "  WRONG: " + r.wrong
	}
	return s
}

// signals prints what a wrong judgement rests on.
func (r corporaRow) signals() string {
	var b strings.Builder
	for _, f := range r.report.Findings {
		fmt.Fprintf(&b, "\n    %s %s %.2f %q", f.Rule, f.Severity, f.Score, f.Evidence)
	}
	for _, s := range r.report.Signals {
		fmt.Fprintf(&b, "\n    (%s %.3f %s)", s.Name, s.Value, s.Evidence)
	}
	return b.String()
}

func sortedTargets(seen map[string]monitor.Event) []string { return slices.Sorted(maps.Keys(seen)) }

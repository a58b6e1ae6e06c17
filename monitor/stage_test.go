package monitor_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/alerting"
	"pasban/monitor"
	"pasban/render"
	"pasban/storage/blob"
	"pasban/storage/db"
)

// stage is a Renderer whose sites do what a test says. It makes pages as the
// real one does, so that everything behind it is the real thing.
type stage struct {
	t  *testing.T
	mu sync.Mutex
	// acts give the page of a URL; n counts the looks at it from 1.
	acts map[string]func(n int, r render.Request) (*render.Page, error)
	seen map[string]int
}

func newStage(t *testing.T) *stage {
	return &stage{t: t, acts: map[string]func(int, render.Request) (*render.Page, error){}, seen: map[string]int{}}
}

func (s *stage) play(url string, act func(n int, r render.Request) (*render.Page, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acts[url], s.seen[url] = act, 0
}

// show makes a URL show one page from now on.
func (s *stage) show(url string, p *render.Page) {
	s.play(url, func(int, render.Request) (*render.Page, error) { return p, nil })
}

// Render implements monitor.Renderer.
func (s *stage) Render(_ context.Context, r render.Request) (*render.Page, error) {
	s.mu.Lock()
	act := s.acts[r.URL]
	s.seen[r.URL]++
	n := s.seen[r.URL]
	s.mu.Unlock()
	if act == nil {
		return nil, errors.New("nothing is played at " + r.URL)
	}
	p, err := act(n, r)
	if err != nil {
		return nil, err
	}
	copied := *p
	copied.URL, copied.FinalURL = r.URL, r.URL
	return &copied, nil
}

// words make a page of plausible length out of its lines.
var words = strings.Fields(`the ministry publishes tenders notices reports budgets plans laws forms
contacts news events projects districts schools hospitals roads water power trade health farmers students`)

// page makes a rendered page: a heading and paragraphs, each painted as a bar
// whose shade and length follow from its text.
func page(title string, lines ...string) *render.Page {
	p := &render.Page{Title: title, Status: 200, MIME: "text/html", Outcome: render.OK, Language: "en", Direction: "ltr"}
	add := func(parent int32, name, text string, box render.Box) int32 {
		p.Nodes = append(p.Nodes, render.Node{Parent: parent, Name: name, Text: text, Box: box, FontSize: 16})
		return int32(len(p.Nodes) - 1)
	}
	img := image.NewRGBA(image.Rect(0, 0, 800, 60+60*len(lines)))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	doc := add(-1, "#document", "", render.Box{})
	body := add(add(doc, "html", "", render.Box{W: 800, H: 600}), "body", "", render.Box{W: 800, H: 600})
	for i, text := range append([]string{title}, lines...) {
		box := render.Box{X: 40, Y: int32(20 + 60*i), W: 720, H: 40}
		tag := "p"
		if i == 0 {
			tag = "h1"
		}
		add(add(body, tag, "", box), "#text", text, box)
		bar(img, text, box)
	}
	p.HTML = []byte("<h1>" + title + "</h1><p>" + strings.Join(lines, "</p><p>") + "</p>")
	p.DOMDigest = digest(p.HTML)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	p.Screenshot = &render.Screenshot{Data: b.Bytes(), SHA256: digest(b.Bytes()), Width: img.Rect.Dx(), Height: img.Rect.Dy()}
	p.Timings.Done = 42 * time.Millisecond
	return p
}

func bar(img *image.RGBA, text string, box render.Box) {
	sum := sha256.Sum256([]byte(text))
	for x := range box.W {
		shade := sum[int(x/16)%len(sum)]
		for y := range box.H {
			img.SetRGBA(int(box.X+x), int(box.Y+y), color.RGBA{shade, shade / 2, sum[1], 0xff})
		}
	}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// ministry is an ordinary page of some length.
func ministry(extra ...string) *render.Page {
	var lines []string
	for i := range 14 {
		var line []string
		for j := range 12 {
			line = append(line, words[(i*7+j*(i+3))%len(words)])
		}
		lines = append(lines, strings.Join(line, " "))
	}
	return page("Ministry of Fixtures", append(lines, extra...)...)
}

// defaced is a page that no one can take for anything else.
func defaced() *render.Page {
	return page("Hacked by Gr3y L4ntern", "HACKED BY GR3Y L4NTERN CREW", "your security is zero", "greetz to all members")
}

// mailbox is a Sink that keeps what it is given.
type mailbox struct {
	mu   sync.Mutex
	got  []letter
	fail func(alerting.Alert, alerting.Address) error
}

type letter struct {
	alert alerting.Alert
	to    alerting.Address
}

// Name implements alerting.Sink.
func (m *mailbox) Name() string { return alerting.SMTP }

// Deliver implements alerting.Sink.
func (m *mailbox) Deliver(_ context.Context, a alerting.Alert, to alerting.Address) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(a, to); err != nil {
			return err
		}
	}
	m.got = append(m.got, letter{a, to})
	return nil
}

func (m *mailbox) letters() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]letter(nil), m.got...)
}

// world is a monitor on real storage before a stage.
type world struct {
	*monitor.Monitor
	t     *testing.T
	stage *stage
	mail  *mailbox
	blobs monitor.Blobs
}

const homeURL = "http://ministry.example/"

// newWorld watches one site, that of a ministry which reads its mail.
func newWorld(t *testing.T, change ...func(*monitor.Config)) *world {
	t.Helper()
	ctx := t.Context()
	dir := t.TempDir()
	store, err := db.Open(ctx, filepath.Join(dir, "pasban.db"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.Open(ctx, filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(store.Close(), blobs.Close()); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, stage: newStage(t), mail: &mailbox{}, blobs: blobs}
	config := monitor.Config{
		Store: store, Blobs: blobs, Renderer: w.stage, Judge: true, Solo: true,
		Sinks: map[string]alerting.Sink{alerting.SMTP: w.mail}, CERT: []string{"cert@cert.example"},
		Addresses: func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil },
		Logger:    slog.New(slog.NewTextHandler(testWriter{t}, nil)),
	}
	for _, f := range change {
		f(&config)
	}
	w.renew(config)
	w.stage.show(homeURL, ministry())
	w.importList("site_id,name,url,institution,tier,contacts\nministry,Ministry of Fixtures," + homeURL + ",Ministry,federal,webmaster@ministry.example\n")
	return w
}

// renew makes a monitor: one runs one sweep, as one process does.
func (w *world) renew(config monitor.Config) {
	w.t.Helper()
	m, err := monitor.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Monitor = m
}

func (w *world) importList(csv string) {
	w.t.Helper()
	list, err := monitor.ParseWatchlist("list.csv", strings.NewReader(csv))
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Import(w.t.Context(), monitor.Order{Actor: "operator:test"}, list, true); err != nil {
		w.t.Fatal(err)
	}
}

// patience is how long a test waits for what takes a moment: a machine with other
// things to do may give the race detector, which makes the work twentyfold, a
// tenth of a processor.
const patience = 5 * time.Minute

// sweep looks at everything once and returns how each target concluded.
func (w *world) sweep() map[string]monitor.Event {
	w.t.Helper()
	w.renew(w.Config)
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	targets, err := w.Select(ctx, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]monitor.Event{}
	if _, err := w.Sweep(ctx, targets, monitor.ReasonSweep, func(e monitor.Event) { out[e.Target] = e }); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// serveUntil runs the pipeline as serve does, without new looks, until done.
func (w *world) serveUntil(done func() bool) {
	w.t.Helper()
	config := w.Config
	config.Solo, config.Renderer = false, nil
	delivered := make(chan struct{}, 100)
	config.Observe = func(monitor.Event) { delivered <- struct{}{} }
	w.renew(config)
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, false) }()
	for !done() && ctx.Err() == nil {
		select {
		case <-delivered:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		w.t.Errorf("what serve should do was not done in %v", patience)
	}
	cancel()
	if err := <-ended; err != nil {
		w.t.Error(err)
	}
}

// incidents of the world, newest first.
func (w *world) incidents() []monitor.Incident {
	w.t.Helper()
	all, err := w.Store.Incidents(w.t.Context(), false)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

type testWriter struct{ t *testing.T }

// Write implements io.Writer.
func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/monitor"
	"pasban/monitor/canary"
)

// served runs serve in this process until the test ends, and returns its log.
func served(t *testing.T, args ...string) *follower {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var out bytes.Buffer
	log := &follower{changed: make(chan struct{}, 1)}
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), terminal{&out, log})
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitDone {
			t.Errorf("serve ended with %d:\n%s", code, log)
		}
	})
	return log
}

// follower keeps a log and tells when it has grown.
type follower struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

// Write implements io.Writer.
func (f *follower) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case f.changed <- struct{}{}:
	default:
	}
	return f.text.Write(p)
}

func (f *follower) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text.String()
}

// awaitLine waits for what a pattern finds in a log.
func awaitLine(t *testing.T, log *follower, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	patience := time.After(3 * time.Minute)
	for {
		if m := re.FindStringSubmatch(log.String()); m != nil {
			return m[1]
		}
		select {
		case <-log.changed:
		case <-patience:
			t.Fatalf("%q is not in the log:\n%s", pattern, log)
		}
	}
}

func body(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v\n%s", url, response.Status, err, data)
	}
	return string(data)
}

// Prometheus is told of the watch and its health in some dozens of series, on an address
// of its own; and status says the same to people.
func TestMetricsAndHealth(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "list.csv")
	if err := os.WriteFile(list, []byte("site_id,url\ncourt,https://court.example/\nbank,https://bank.example/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	log := served(t, "--no-looks", "--data", data, "--watchlist", list, "--metrics-listen", "127.0.0.1:0")
	url := awaitLine(t, log, `msg=metrics at=(\S+)`)
	awaitLine(t, log, `no canaries are served.*(--no-looks)`)
	awaitLine(t, log, `(watching)`)
	again := time.NewTicker(snapshotAge / 5)
	defer again.Stop()
	text := body(t, url)
	for !strings.Contains(text, `pasban_health_ill{check="disk"}`) {
		<-again.C
		text = body(t, url)
	}
	for _, want := range []string{
		"pasban_targets 2", "pasban_targets_fresh 0", "pasban_targets_blind 2", "pasban_sites 2", `pasban_health_ill{check="fleet"} 0`, `pasban_health_ill{check="blobs"} 0`,
		"pasban_disk_free_bytes ", "pasban_snapshot_success 1", "pasban_build_info{version=", "process_resident_memory_bytes",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	series := regexp.MustCompile(`(?m)^pasban_`).FindAllString(text, -1)
	if len(series) > 100 || strings.Contains(text, "court") {
		t.Errorf("%d series of ours; a site is named: %v", len(series), strings.Contains(text, "court"))
	}
	var out, complaints bytes.Buffer
	if code := run(t.Context(), []string{"status", "--data", data}, terminal{&out, &complaints}); code != exitDone {
		t.Fatalf("status ended with %d: %s", code, complaints.String())
	}
	if got := out.String(); !strings.Contains(got, "Well: blobs, clock, disk, fleet, queue, watch") || strings.Contains(got, "Not well") {
		t.Errorf("status says\n%s", got)
	}
}

// Illness is shown with its reason, and old measurements are not taken for news.
func TestPrintHealth(t *testing.T) {
	now := time.Now()
	health := []monitor.Condition{
		{Name: "canary", Text: "the alarm came", Measured: now.Add(-time.Minute)},
		{Name: "disk", Ill: true, Since: now.Add(-time.Hour), Text: "0.5 GB\x1b[2J free", Measured: now.Add(-time.Minute)},
		{Name: "browser", Ill: true, Text: "of a serve that looked", Measured: now.Add(-24 * time.Hour)},
	}
	var fresh, old bytes.Buffer
	printHealth(&fresh, health, now)
	printHealth(&old, health, now.Add(time.Hour))
	if got := fresh.String(); !strings.Contains(got, "Canary: the alarm came\nWell: canary\n") || !strings.Contains(got, "disk     since") || strings.ContainsAny(got, "\x1b") ||
		strings.Contains(got, "browser") || strings.Contains(got, "running?") {
		t.Errorf("it says\n%s", got)
	}
	if got := old.String(); !strings.Contains(got, "is pasban serve running?") {
		t.Errorf("an hour later it says\n%s", got)
	}
}

// The canaries come back at the port they had: they need not be learned anew.
func TestCanariesKeepTheirPort(t *testing.T) {
	c := &common{Data: t.TempDir()}
	if err := c.complete(nil); err != nil {
		t.Fatal(err)
	}
	h, err := c.open(t.Context(), terminal{io.Discard, io.Discard}, use{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	start := func() *canary.Server {
		s, err := startCanaries(t.Context(), "", h.Store)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := start()
	err = h.Store.Update(t.Context(), func(tx monitor.Tx) error {
		return tx.PutSite(t.Context(), monitor.Site{ID: monitor.CanarySite, URL: first.URL("")})
	})
	if err != nil {
		t.Fatal(err)
	}
	other := start() // the port is taken
	defer other.Close()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again := start()
	defer again.Close()
	if again.Addr() != first.Addr() || other.Addr() == first.Addr() {
		t.Errorf("first at %v, beside it %v, again %v", first.Addr(), other.Addr(), again.Addr())
	}
	if _, err := startCanaries(t.Context(), "localhost:0", h.Store); err == nil || !strings.Contains(err.Error(), "--canary-listen") {
		t.Errorf("a name was taken: %v", err)
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/alerting/smtp/smtptest"
	"pasban/fixtures"
	"pasban/fixtures/gauntlet"
)

// TestSoak keeps one serve at work for a long time, on honest sites and on
// those of the gauntlet, and prints what it holds on to: nothing may grow with
// the number of captures, nothing may be left at the end, and the last capture
// may not be slower than the first. PASBAN_SOAK_CAPTURES sets how many captures
// it takes (24, which tries no more than the harness); `make soak` takes 10,000.
func TestSoak(t *testing.T) {
	captures := fromEnv(t, "PASBAN_SOAK_CAPTURES", 24)
	w := startSoak(t, captures)
	samples := w.run(int64(captures))
	w.serve.stop(os.Interrupt)
	left := leftovers(w.profiles)
	t.Log("\n" + soakReport(samples, len(left)))
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	wantFlat(t, samples)
}

// soak is a serve at work, with the world around it.
type soak struct {
	*victim
	listen string
}

// sample is what serve said of itself at one moment.
type sample struct {
	at time.Time
	processHealth
}

func startSoak(t *testing.T, captures int) *soak {
	t.Helper()
	w := &soak{victim: &victim{t: t, dir: t.TempDir()}}
	var err error
	if w.profiles, err = profileFolder(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	if w.listen, err = freeAddress("127.92.0.250"); err != nil {
		t.Fatal(err)
	}
	if w.mail, err = smtptest.Start(t.Context(), "127.0.0.1:0", smtptest.Options{}); err != nil {
		t.Fatal(err)
	}
	w.env = []string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + w.profiles, "PASBAN_DATA=" + filepath.Join(w.dir, "data"), "PASBAN_LISTEN=" + w.listen,
		"PASBAN_EGRESS_ALLOW=127.0.0.0/8", "PASBAN_CLOAK_EVERY=0", "PASBAN_NO_CANARIES=1", "PASBAN_SMTP=" + w.mail.URL(), "PASBAN_CERT=" + crashCERT, "PASBAN_FROM=pasban@cert.example",
		"PASBAN_WORKERS=4",
	}
	honest := w.honestSites()
	list := filepath.Join(w.dir, "watchlist.csv")
	w.write(list, honest)
	w.pasban("sweep", "--watchlist", list)
	w.pasban("baseline", "approve", "--all")
	w.write(list, append(honest, w.hostileSites(captures/8)...))
	w.env = append(w.env, "PASBAN_WATCHLIST="+list)
	w.serve = w.start()
	return w
}

// honestSites are those of the demo, in quick succession.
func (w *soak) honestSites() []byte {
	w.t.Helper()
	var err error
	if w.fleet, err = fixtures.Start(w.t.Context(), fixtures.Options{Base: "127.92.0.1"}); err != nil {
		w.t.Fatal(err)
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, "site_id,url,schedule,contacts")
	for _, s := range w.fleet.Sites() {
		fmt.Fprintf(&b, "%s,%s,@every 3s,%s\n", s.ID, s.URL, s.Contacts[0])
	}
	return b.Bytes()
}

// hostileSites are at most n of the gauntlet, all that need no name server of
// their own. Each comes round so seldom that the honest ones are not starved:
// many of them cost a seat for as long as a deadline lasts.
func (w *soak) hostileSites(n int) []byte {
	w.t.Helper()
	world, err := gauntlet.Open(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := world.Close(); err != nil {
			w.t.Error(err)
		}
	})
	var b bytes.Buffer
	for _, c := range gauntlet.Cases() {
		if c.Named || c.Serve == nil || n == 0 {
			continue
		}
		n--
		site, err := world.Serve(c)
		if err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(&b, "gauntlet-%02d,%s,@every 5m,webmaster@%s.example\n", c.Number, site.URL, c.Name)
	}
	return b.Bytes()
}

func (w *soak) write(path string, data []byte) {
	w.t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// run samples serve until it has taken so many captures.
func (w *soak) run(captures int64) []sample {
	w.t.Helper()
	const interval = 5 * time.Second
	var samples []sample
	began := time.Now()
	tick := time.NewTicker(min(interval, time.Duration(captures)*time.Millisecond*5))
	defer tick.Stop()
	for {
		s, err := w.sample()
		switch {
		case err == nil:
			samples = append(samples, s)
			if s.Browsers.Captures >= captures {
				return samples
			}
		case time.Since(began) > patience && len(samples) == 0, w.ended():
			w.t.Fatalf("serve does not answer: %v\n%s", err, &w.serve.log)
		}
		if n := len(samples); n%60 == 1 {
			w.t.Logf("%v: %+v, %+v", time.Since(began).Round(time.Second), samples[n-1].processHealth, *samples[n-1].Browsers)
		}
		select {
		case <-tick.C:
		case <-w.t.Context().Done():
			w.t.Fatal("the time is up")
		}
	}
}

// ended reports whether serve has ended by itself.
func (w *soak) ended() bool { return len(processesOf(w.profiles)) == 0 }

func (w *soak) sample() (sample, error) {
	h, err := statusOf(w.t.Context(), w.listen)
	if err != nil {
		return sample{}, err
	}
	if h.Process.Browsers == nil {
		return sample{}, errors.New("no browsers in the status")
	}
	return sample{time.Now(), h.Process}, nil
}

// statusOf asks a serve how it is.
func statusOf(ctx context.Context, listen string) (h health, err error) {
	ctx, cancel := context.WithTimeout(ctx, 25*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+"/status", http.NoBody)
	if err != nil {
		return h, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return h, err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(io.LimitReader(resp.Body, 8<<20)).Decode(&h)
	return h, err
}

// soakReport is the table of a run: its start, its middle and its end.
func soakReport(samples []sample, left int) string {
	var b strings.Builder
	first, last := samples[0], samples[len(samples)-1]
	fmt.Fprintf(&b, "%d captures in %v, %d browsers started, %d of them after a hostile page; left behind: %d\n",
		last.Browsers.Captures, last.at.Sub(first.at).Round(time.Second), last.Browsers.Started, last.Browsers.Killed, left)
	fmt.Fprintf(&b, "%-8s %12s %9s %6s %11s\n", "", "captures/s", "memory", "files", "goroutines")
	for i, name := range []string{"start", "2nd", "middle", "4th", "end"} {
		fifth := samples[i*len(samples)/5 : (i+1)*len(samples)/5]
		if len(fifth) < 2 {
			continue
		}
		f := typical(fifth)
		fmt.Fprintf(&b, "%-8s %12.2f %6d MB %6d %11d\n", name, rate(fifth), f.Memory>>20, f.Files, f.Goroutines)
	}
	return b.String()
}

// rate is captures a second between the first and the last of some samples.
func rate(s []sample) float64 {
	first, last := s[0], s[len(s)-1]
	return float64(last.Browsers.Captures-first.Browsers.Captures) / last.at.Sub(first.at).Seconds()
}

// typical is the median of each figure by itself.
func typical(s []sample) processHealth {
	return processHealth{
		Memory:     middle(s, func(x sample) int64 { return x.Memory }),
		Files:      int(middle(s, func(x sample) int64 { return int64(x.Files) })),
		Goroutines: int(middle(s, func(x sample) int64 { return int64(x.Goroutines) })),
	}
}

func middle(s []sample, of func(sample) int64) int64 {
	values := make([]int64, len(s))
	for i := range s {
		values[i] = of(s[i])
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// wantFlat compares the last fifth of a run with the middle one. A few hundred captures
// say nothing about growth: what is kept ready is still filling.
func wantFlat(t *testing.T, samples []sample) {
	t.Helper()
	n := len(samples)
	if samples[n-1].Browsers.Captures < 500 {
		return
	}
	mid, end := typical(samples[2*n/5:3*n/5]), typical(samples[4*n/5:])
	if end.Memory > mid.Memory*5/4 || end.Files > mid.Files+20 || end.Goroutines > mid.Goroutines+50 {
		t.Errorf("it grows: %+v in the middle, %+v at the end", mid, end)
	}
}

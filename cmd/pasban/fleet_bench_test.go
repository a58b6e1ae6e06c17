package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Sites of BenchmarkTwoWorkers. Their servers take so long to answer that two workers
// with their browsers have enough of two processors: what is measured is how the work is
// shared, not how many processors there are.
const (
	slowSites  = 12
	slowAnswer = 4 * time.Second
)

// BenchmarkTwoWorkers counts the looks a second of one worker and then, in the same run,
// of two: each with two browsers, at sites that are slow to answer, on PostgreSQL and
// MinIO. The second is to be worth 0.9 of the first at least.
func BenchmarkTwoWorkers(b *testing.B) {
	f := newFleet(b, "health") // which the list below takes the place of
	f.shared = append(f.shared, "PASBAN_WATCHLIST="+slowList(b), "PASBAN_WORKERS=2")
	f.says(f.serve("serve"), "ok")
	f.admit()
	f.worker("one")
	f.await("an approved look at every site", func() bool { return f.count(`SELECT count(*) FROM baselines`) == slowSites })
	for b.Loop() {
		one := f.rate(4 * slowSites)
		second := f.worker("two")
		f.looking(second)
		two := f.rate(8 * slowSites)
		f.lose(second, syscall.SIGTERM) // the next round begins with one again
		b.ReportMetric(one, "looks/s-of-one")
		b.ReportMetric(two, "looks/s-of-two")
		b.ReportMetric(two/one, "of-one")
		fmt.Printf("\none worker %.2f looks a second, two %.2f: %.2f times as many\n\n", one, two, two/one)
	}
}

// rate waits for n more looks, and says how many there were a second.
func (f *fleet) rate(n int) float64 {
	f.t.Helper()
	looks := func() int { return f.count(`SELECT count(*) FROM captures`) }
	began, before := time.Now(), looks()
	f.await(fmt.Sprint(n, " looks"), func() bool { return looks() >= before+n })
	return float64(looks()-before) / time.Since(began).Seconds()
}

// slowList starts the slow sites and writes their watchlist. They are always due.
func slowList(b *testing.B) string {
	b.Helper()
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(answerSlowly)}
	b.Cleanup(func() { _ = server.Close() })
	var list bytes.Buffer
	fmt.Fprintln(&list, "site_id,url,institution,schedule,contacts")
	for i := range slowSites {
		l, err := net.Listen("tcp", fmt.Sprintf("127.95.0.%d:0", i+1))
		if err != nil {
			b.Fatal(err)
		}
		go func() { _ = server.Serve(l) }()
		fmt.Fprintf(&list, "slow-%d,http://%s/,Slow %d,@every 1s,it@slow-%d.example\n", i, l.Addr(), i, i)
	}
	name := filepath.Join(b.TempDir(), "watchlist.csv")
	if err := os.WriteFile(name, list.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return name
}

func answerSlowly(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	select {
	case <-time.After(slowAnswer):
	case <-r.Context().Done():
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>%[1]s</title><h1>Office at %[1]s</h1>
<p>This office answers in its own time. Its forms, notices and opening hours are on this page, and they stay as they are.</p>`, r.Host)
}

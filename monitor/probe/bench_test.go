package probe

import (
	"bytes"
	"log/slog"
	"syscall"
	"testing"
	"time"

	"pasban/fixtures"
)

// BenchmarkProbe is one probe of a page that did not change, server included, and
// BenchmarkRead what one costs more that did: taking a page apart and comparing it.
func BenchmarkProbe(b *testing.B) {
	for _, site := range []string{"planning", "bulletin"} { // with entity tags, and another at each load
		b.Run(site, func(b *testing.B) {
			p, _ := benchProber(b, site)
			b.ReportAllocs()
			before := processor()
			for b.Loop() {
				p.Round(b.Context())
			}
			b.ReportMetric((processor()-before).Seconds()*1e6/float64(b.N), "cpu-µs/op")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	p, w := benchProber(b, "bulletin")
	room := new(bytes.Buffer)
	a, err := p.client.fetch(b.Context(), ask{url: w.URL}, room)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(a.body)))
	b.ReportAllocs()
	before := processor()
	for b.Loop() {
		w.print.compare(readPage(a, w.print.Salt, w.print.expects))
	}
	b.ReportMetric((processor()-before).Seconds()*1e6/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64(4*(len(w.print.Known)+len(w.print.Core)+len(w.print.Next))), "B/print")
}

// processor is the time this process has used: on a machine with other things to do,
// that of the clock tells nothing.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchProber(b *testing.B, site string) (*Prober, *watched) {
	b.Helper()
	fleet, err := fixtures.Start(b.Context(), fixtures.Options{Base: "127.83.3.1", Sites: []string{site}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(fleet.Close)
	p := New(Config{Policy: loopback, Logger: slog.New(slog.DiscardHandler)})
	b.Cleanup(p.client.close)
	p.Watch(fleetTargets(fleet))
	for range 5 {
		p.Round(b.Context())
	}
	p.Conclude(site, p.Clock().Add(1), Good)
	w := p.find(site)
	return p, w
}

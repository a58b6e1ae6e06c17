package db_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pasban/compare"
	"pasban/monitor"
)

// BenchmarkCaptures stores one unchanged look a transaction, as the pipeline
// does, and reports the bytes a row costs.
func BenchmarkCaptures(b *testing.B) {
	file := filepath.Join(b.TempDir(), "pasban.db")
	store, err := open(b.Context(), file)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	for n := 0; b.Loop(); n++ {
		c := monitor.Capture{
			ID: fmt.Sprintf("0195c0de-%012x-%08x", start.UnixNano(), n), Target: fmt.Sprintf("www.site-%d.gov.pk", n%1527),
			At: start.Add(time.Duration(n)), Reason: monitor.ReasonSchedule, URL: "https://www.example.gov.pk/", Outcome: "ok",
			Title: "Ministry of Examples", Status: 200, TookMS: 2345, Baseline: 1,
			Report: compare.Report{Verdict: compare.Unchanged, Why: "The page is as it was approved."},
		}
		err := store.Update(b.Context(), func(tx monitor.Tx) error {
			return errors.Join(tx.AddCapture(b.Context(), c), tx.PutFreshness(b.Context(), monitor.Freshness{Target: c.Target, LastGood: c.At}))
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	rows := float64(b.N)
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/rows, "B/row")
	b.ReportMetric(rows/b.Elapsed().Seconds(), "tx/s")
}

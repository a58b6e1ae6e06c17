package monitor_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pasban/monitor"
)

var newYear2026 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Rows without an ID are told apart, and are the same when they come again.
func TestHistoryWithoutIDs(t *testing.T) {
	const list = "date,type,tier\n2025-03-31,Phishing,Federal\n2025-03-31,phishing,federal\n2025-03-31,Phishing,Federal\n"
	first, err := monitor.ParseHistory(strings.NewReader(list), newYear2026)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	order := monitor.Order{Actor: "operator:test"}
	done, err := w.ImportHistory(t.Context(), order, first)
	if err != nil || done != (monitor.ImportedHistory{Added: 3}) {
		t.Fatalf("%+v, %v", done, err)
	}
	second, err := monitor.ParseHistory(strings.NewReader("\xef\xbb\xbf"+strings.ReplaceAll(list, "\n", "\r\n")), newYear2026)
	if err != nil {
		t.Fatal(err)
	}
	done, err = w.ImportHistory(t.Context(), order, second)
	if err != nil || done != (monitor.ImportedHistory{Same: 3}) {
		t.Fatalf("%+v, %v", done, err)
	}
	second[0].Summary = "more is known"
	done, err = w.ImportHistory(t.Context(), order, second)
	if err != nil || done != (monitor.ImportedHistory{Changed: 1, Same: 2}) {
		t.Fatalf("%+v, %v", done, err)
	}
	cases, err := w.Cases(t.Context())
	if err != nil || len(cases) != 3 || cases[0].Kind != "phishing" || !cases[0].Imported {
		t.Errorf("%+v, %v", cases, err)
	}
}

// What is counted bears the tier of the institution that owns the site, a past incident that
// is one of ours counts once, and the store is not asked about each incident by itself.
func TestCases(t *testing.T) {
	t.Parallel()
	var store *countingStore
	w := newWorld(t, func(c *monitor.Config) {
		store = &countingStore{Store: c.Store}
		c.Store = store
	})
	w.sweep()
	w.stage.show(homeURL, defaced())
	w.sweep()
	numbers, err := w.Store.ReportNumbers(t.Context())
	if err != nil || len(numbers) != 1 {
		t.Fatalf("%v, %v; want one number", numbers, err)
	}
	own := w.incidents()[0]
	past := []monitor.PastIncident{
		{ID: numbers[own.ID], At: newYear2026, Kind: "defacement", Tier: monitor.Federal},
		{ID: "A-1", At: newYear2026, Kind: "phishing", Tier: monitor.Banking, Region: "Sindh"},
	}
	order := monitor.Order{Actor: "operator:test", Reason: "a test"}
	if _, err := w.ImportHistory(t.Context(), order, past); err != nil {
		t.Fatal(err)
	}
	store.single.Store(0)
	cases, err := w.Cases(t.Context())
	if err != nil || len(cases) != 2 {
		t.Fatalf("%+v, %v; want two", cases, err)
	}
	if c := cases[0]; !c.Imported || c.Kind != "phishing" || c.Region != "Sindh" {
		t.Errorf("the past one is %+v", c)
	}
	if c := cases[1]; c.Imported || c.Kind != string(own.Kind) || c.Tier != "federal" || !c.At.Equal(own.Opened) {
		t.Errorf("our own is %+v", c)
	}
	if n := store.single.Load(); n > 0 {
		t.Errorf("%d things were asked for one by one", n)
	}
	if _, err := w.Resolve(t.Context(), order, own.ID, true); err != nil {
		t.Fatal(err)
	}
	if cases, err = w.Cases(t.Context()); err != nil || len(cases) != 1 {
		t.Errorf("%+v, %v; a false alarm is none, under its number neither", cases, err)
	}
}

// countingStore counts what is asked for one by one.
type countingStore struct {
	monitor.Store
	single atomic.Int64
}

func (s *countingStore) Site(ctx context.Context, id string) (monitor.Site, error) {
	s.single.Add(1)
	return s.Store.Site(ctx, id)
}

func (s *countingStore) Institution(ctx context.Context, id string) (monitor.Institution, error) {
	s.single.Add(1)
	return s.Store.Institution(ctx, id)
}

// Whatever a file says, it is refused with lines or read whole.
func FuzzParseHistory(f *testing.F) {
	for _, s := range []string{
		"id,date,type,tier,region,institution,site,severity,summary\nA,2025-01-01,defacement,federal,Punjab,\"M, o\",x,high,y\n", "date,type,tier\n", "\xff", "", "kind,date,tier\n\"",
		"date,type,tier\n2025-01-01,leak,banking,\n9999-01-01,leak,banking\n", "date,date,tier\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, file string) {
		all, err := monitor.ParseHistory(strings.NewReader(file), newYear2026)
		var row monitor.RowError
		switch {
		case err != nil && (len(all) > 0 || !errors.As(err, &row) || row.Line < 1):
			t.Fatalf("%d incidents and %v", len(all), err)
		case err == nil && len(all) == 0:
			t.Fatal("nothing, and no error")
		}
		for _, p := range all {
			if p.ID == "" || p.At.IsZero() || p.At.After(newYear2026) || p.Kind == "" || p.Tier == "" {
				t.Fatalf("%+v", p)
			}
		}
	})
}

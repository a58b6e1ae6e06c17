package monitor_test

import (
	"errors"
	"strings"
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

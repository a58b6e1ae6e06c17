package db

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pasban/compare"
	"pasban/monitor"
)

// FuzzColumn: what stands in a column is refused or read, and reading what was
// written gives the same again.
func FuzzColumn(f *testing.F) {
	f.Add([]byte(`{"verdict":"alert","score":0.9,"why":"x","findings":[{"kind":"leak","rule":"r","region":{"X":1}}]}`), int64(0))
	f.Add([]byte(`{"findings":null,"changed_share":1e999}`), int64(-1))
	f.Add([]byte("\x00\xff"), int64(1)<<62)
	f.Add([]byte(""), int64(1))
	f.Add([]byte(`[]x`), int64(-1<<63))
	f.Fuzz(func(t *testing.T, raw []byte, nanos int64) {
		var report compare.Report
		if (jsonInto{&report}).Scan(raw) == nil {
			text, err := asJSON{report}.Value()
			if err != nil {
				t.Fatalf("%q cannot be written again: %v", raw, err)
			}
			var again compare.Report
			if err := (jsonInto{&again}).Scan(text); err != nil || again.Why != report.Why || len(again.Findings) != len(report.Findings) {
				t.Errorf("%q is written as %q and reads as %+v, %v", raw, text, again, err)
			}
		}
		if v, err := rawJSON(raw).Value(); err == nil {
			var again json.RawMessage
			if err := (rawInto{&again}).Scan(v); err != nil || utf8.Valid(raw) && !bytes.Equal(again, raw) {
				t.Errorf("%q is written as %q and reads as %q, %v", raw, v, again, err)
			}
		}
		if s := cleanText(string(raw)); !utf8.ValidString(s) || strings.Contains(s, "\x00") || utf8.Valid(raw) && !bytes.Contains(raw, []byte{0}) && s != string(raw) {
			t.Errorf("%q is stored as %q", raw, s)
		}
		checkInstant(t, nanos)
	})
}

// checkInstant holds for every time that a column can have.
func checkInstant(t *testing.T, nanos int64) {
	t.Helper()
	var at, again time.Time
	if err := (instantInto{&at}).Scan(nanos); err != nil {
		t.Fatal(err)
	}
	v, err := instant(at).Value()
	if err != nil || v != nanos {
		t.Fatalf("%d is the time %v, and that is stored as %v, %v", nanos, at, v, err)
	}
	if err := (instantInto{&again}).Scan(v); err != nil || !again.Equal(at) {
		t.Errorf("%v comes back as %v, %v", at, again, err)
	}
}

// FuzzKeys: a key that is accepted is stored as it is.
func FuzzKeys(f *testing.F) {
	for _, s := range []string{"a~b", "", "\x00", "\xff", "کھیل", "'; drop table sites; --"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if checkKeys(key) == nil && (key == "" || clean([]any{monitor.Reason(key)})[0] != key && cleanText(key) != key) {
			t.Errorf("the key %q is stored as %q", key, cleanText(key))
		}
	})
}

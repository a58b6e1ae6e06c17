package accesslog_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pasban/compare/accesslog"
)

var seeds = []string{
	`203.0.113.7 - - [10/Oct/2026:13:55:36 +0500] "GET /a.php?id=1%27%20or%201=1 HTTP/1.1" 200 2326 "https://x.example/" "x \"y\" \x1b"`,
	"#Fields: date time c-ip cs-uri-stem cs-uri-query sc-status\n2026-10-10 08:55:36 1.2.3.4 /../../etc/passwd a=%2527 200\n",
	`{"time":1791622536.5,"client":"1.1.1.1","request":"POST /uploads/x.php HTTP/1.1","status":200,"x":[{"a":"]"}],"y":"\ud83d\ude00\u0000"}`,
	"www.x.example:80 ::1 - - [01/Jan/2026:00:00:00 +0000] \"\\x16\\x03\" 400 0\n\n{}\n#\n# Fields:\n",
	"\x1f\x8b\x08\x00", "\x28\xb5\x2f\xfd\x04\x00", "/*!50000union*/ select/*", "%u0027%c0%ae%c0%af%%%2", "{\"a\":", "[", "\xef\xbb\xbf",
}

// Whatever a log says, reading it ends, every line is an entry or an error with its
// number, and what is shown of it is safe.
func FuzzScan(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, log []byte) {
		r := accesslog.NewReader(bytes.NewReader(log))
		s := accesslog.NewScanner(accesslog.Options{Learn: -1, LockdownSince: noon})
		entries, last := int64(0), int64(0)
		for {
			e, err := r.Next()
			var wrong *accesslog.LineError
			switch {
			case errors.Is(err, io.EOF):
				report := s.Report()
				if report.Entries != entries || last > int64(bytes.Count(log, []byte("\n")))+1 {
					t.Fatalf("%d entries of %d, last line %d", report.Entries, entries, last)
				}
				for _, found := range report.Findings {
					checkShown(t, found.Target, found.Agent, found.Client, found.Method)
				}
				return
			case errors.As(err, &wrong):
				checkShown(t, wrong.Text)
				if wrong.Line <= last {
					t.Fatalf("line %d after %d", wrong.Line, last)
				}
				last = wrong.Line
				continue
			case err != nil:
				t.Fatal(err)
			}
			if e.Line <= last || e.Status < 100 || e.Status > 999 || e.At.IsZero() || e.At.Year() > 9999 || len(e.Client) == 0 {
				t.Fatalf("%+v after line %d", e, last)
			}
			last = e.Line
			entries++
			s.Add(e)
		}
	})
}

func checkShown(t *testing.T, all ...string) {
	t.Helper()
	for _, s := range all {
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 1200 || strings.ContainsFunc(s, func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) }) {
			t.Fatalf("not safe to show: %q", s)
		}
	}
}

// What our reader of JSON takes for an object, the standard library does too, with the
// same texts.
func FuzzJSON(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		e, err := accesslog.NewReader(strings.NewReader("{" + line)).Next()
		if err != nil || e.Line != 1 {
			return
		}
		var all map[string]any
		if err := json.Unmarshal([]byte(strings.TrimRight("{"+strings.SplitN(line, "\n", 2)[0], "\r")), &all); err != nil {
			return // it is laxer about numbers, words and what stands in texts
		}
		if status, ok := all["status"].(float64); ok && int(status) != e.Status && all["response"] == nil && all["status_code"] == nil {
			t.Fatalf("status %d of %q", e.Status, line)
		}
	})
}

// What is not packed passes unchanged, what is packed comes back whole, and of hostile
// gzip comes what the standard library makes of it, or an error where that has one.
func FuzzUnpack(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err := z.Write(in)
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		if got, err := unpacked(packed.Bytes()); err != nil || !bytes.Equal(got, in) {
			t.Fatalf("%q came back as %q, %v", in, got, err)
		}
		got, err := unpacked(in)
		switch {
		case bytes.HasPrefix(in, []byte{0x1f, 0x8b}):
			var want []byte
			r, wantErr := gzip.NewReader(bytes.NewReader(in))
			if wantErr == nil {
				want, wantErr = io.ReadAll(io.LimitReader(r, 64<<20))
			}
			if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
				t.Fatalf("%q, %v where the standard library has %q, %v", got, err, want, wantErr)
			}
		case bytes.HasPrefix(in, []byte{0x28, 0xb5, 0x2f, 0xfd}): // it ends, with an error or not
		case err != nil || !bytes.Equal(got, in):
			t.Fatalf("%q passed as %q, %v", in, got, err)
		}
	})
}

func unpacked(in []byte) ([]byte, error) {
	r, err := accesslog.Unpack(bytes.NewReader(in))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, 64<<20))
}

package accesslog_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pasban/compare/accesslog"
)

// all reads to the end and returns the paths of the entries, with their lines.
func all(t *testing.T, r *accesslog.Reader) (out []string) {
	t.Helper()
	for {
		e, err := r.Next()
		var bad *accesslog.LineError
		switch {
		case errors.Is(err, io.EOF):
			return out
		case errors.As(err, &bad):
			out = append(out, fmt.Sprintf("%d:bad", bad.Line))
		case err != nil:
			t.Fatal(err)
		default:
			out = append(out, fmt.Sprintf("%d:%s", e.Line, e.Target))
		}
	}
}

// Wherever a log is cut while it grows, reading on gives what reading at once gives.
func TestResume(t *testing.T) {
	line := func(path string) string {
		return `192.0.2.1 - - [04/Mar/2026:10:00:00 +0500] "GET ` + path + ` HTTP/1.1" 200 5` + "\n"
	}
	w3c := "#Fields: date time c-ip cs-method cs-uri-stem sc-status\r\n2026-03-04 10:00:00 192.0.2.1 GET /a 200\r\n2026-03-04 10:00:01 192.0.2.1 GET /b 200\r\n"
	long := line("/" + strings.Repeat("x", 70_000))
	for name, log := range map[string]string{"combined": line("/a") + "nonsense\n" + line("/b"), "w3c": w3c, "long": line("/a") + long + line("/b")} {
		want := all(t, accesslog.NewReader(strings.NewReader(log)))
		step := max(1, len(log)/300)
		for cut := 0; cut <= len(log); cut += step {
			first := accesslog.Resume(strings.NewReader(log[:cut]), accesslog.Place{}, true)
			got := all(t, first)
			place := first.Place()
			got = append(got, all(t, accesslog.Resume(strings.NewReader(log[place.Bytes:]), place, true))...)
			if !slices.Equal(got, want) {
				t.Fatalf("%s cut at %d: %q, want %q", name, cut, got, want)
			}
		}
	}
}

// What was taken is not told again, and what a visitor did before still counts.
func TestTake(t *testing.T) {
	s := accesslog.NewScanner(accesslog.Options{Learn: -1})
	for i := range 19 {
		scanLine(t, s, noon.Add(time.Duration(i)*time.Second), "1.1.1.1", "POST /wp-login.php HTTP/1.1", 200)
	}
	if got := s.Take(); len(got.Findings) != 0 || got.Entries != 19 {
		t.Errorf("%+v", got)
	}
	scanLine(t, s, noon.Add(time.Minute), "1.1.1.1", "POST /wp-login.php HTTP/1.1", 200)
	if got := s.Take(); len(got.Findings) != 1 || got.Findings[0].Rule != "log.guessing" || got.Findings[0].Path != "" || got.Entries != 1 {
		t.Errorf("%+v", got)
	}
	s.Order(noon, time.Time{})
	scanLine(t, s, noon.Add(2*time.Minute), "2.2.2.2", "POST /form HTTP/1.1", 200)
	if got := s.Take(); len(got.Findings) != 1 || got.Findings[0].Rule != "log.write_in_lockdown" || got.Findings[0].Path != "/form" {
		t.Errorf("%+v", got)
	}
}

package accesslog_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"pasban/compare/accesslog"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func scanLine(t *testing.T, s *accesslog.Scanner, at time.Time, client, request string, status int) []string {
	t.Helper()
	line := fmt.Sprintf(`%s - - [%s] %s %d 10 "-" "x"`, client, at.Format("02/Jan/2006:15:04:05 -0700"), `"`+request+`"`, status)
	e, err := accesslog.NewReader(strings.NewReader(line)).Next()
	if err != nil {
		t.Fatal(err)
	}
	return s.Add(e)
}

// A script is new once, after the site was known for a day, and never again, also for a
// Scanner that was given the memory of another one.
func TestNewScript(t *testing.T) {
	var m accesslog.Memory
	s := accesslog.NewScanner(accesslog.Options{Memory: &m})
	if got := scanLine(t, s, noon, "1.1.1.1", "GET /index.php?x=1 HTTP/1.1", 200); got != nil {
		t.Errorf("while it learns: %q", got)
	}
	later := noon.Add(25 * time.Hour)
	if got := scanLine(t, s, later, "1.1.1.1", "GET /index.php/path HTTP/1.1", 200); got != nil {
		t.Errorf("a known script: %q", got)
	}
	if got := scanLine(t, s, later, "1.1.1.1", "GET /gone.php HTTP/1.1", 404); got != nil {
		t.Errorf("a script that is not there: %q", got)
	}
	if got := fmt.Sprint(scanLine(t, s, later, "1.1.1.1", "POST /New.PHP HTTP/1.1", 200)); got != "[log.new_script]" {
		t.Errorf("a new script: %s", got)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var kept accesslog.Memory
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	s = accesslog.NewScanner(accesslog.Options{Memory: &kept})
	if got := scanLine(t, s, later, "1.1.1.1", "GET /new.php HTTP/1.1", 200); got != nil {
		t.Errorf("known from before: %q", got)
	}
	if got := fmt.Sprint(scanLine(t, s, later, "1.1.1.1", "GET /another.php HTTP/1.1", 200)); got != "[log.new_script]" {
		t.Errorf("another: %s", got)
	}
}

// Writes count while the lockdown lasts, and only those that were taken.
func TestLockdown(t *testing.T) {
	s := accesslog.NewScanner(accesslog.Options{LockdownSince: noon, LockdownUntil: noon.Add(time.Hour)})
	for _, c := range []struct {
		after   time.Duration
		request string
		status  int
		want    string
	}{
		{-time.Second, "POST /f HTTP/1.1", 200, "[]"}, {0, "POST /f HTTP/1.1", 200, "[log.write_in_lockdown]"}, {time.Minute, "DELETE /f HTTP/1.1", 302, "[log.write_in_lockdown]"},
		{time.Minute, "POST /f HTTP/1.1", 405, "[]"}, {time.Minute, "POST /f HTTP/1.1", 301, "[]"}, {time.Minute, "POST /f HTTP/1.1", 308, "[]"}, {time.Minute, "GET /f HTTP/1.1", 200, "[]"}, {time.Hour, "POST /f HTTP/1.1", 200, "[]"},
	} {
		if got := fmt.Sprint(scanLine(t, s, noon.Add(c.after), "1.1.1.1", c.request, c.status)); got != c.want {
			t.Errorf("%s with %d after %v: %s, want %s", c.request, c.status, c.after, got, c.want)
		}
	}
}

// What one visitor does a thousand times is one finding with its count, and its texts
// are safe to show.
func TestGathered(t *testing.T) {
	s := accesslog.NewScanner(accesslog.Options{})
	for i := range 1000 {
		scanLine(t, s, noon.Add(time.Duration(i)*time.Second), "1.1.1.1", fmt.Sprintf(`GET /x?id=%d%%27%%20or%%20%%271%%27=%%271\x1b[31m\xe2\x80\xae%s HTTP/1.1`, i, strings.Repeat("A", 5000)), 200)
	}
	r := s.Report()
	if len(r.Findings) != 1 || r.Findings[0].Count != 1000 || r.Findings[0].Last.Sub(r.Findings[0].First) != 999*time.Second {
		t.Fatalf("%+v", r.Findings)
	}
	f := r.Findings[0]
	if len(f.Target) > 1000 || strings.ContainsFunc(f.Target+f.Agent+f.Client, func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) }) {
		t.Errorf("not safe to show: %q", f.Target)
	}
}

// However many visitors and paths there are, what is kept has a bound, and what did not
// fit is counted.
func TestBounds(t *testing.T) {
	var m accesslog.Memory
	s := accesslog.NewScanner(accesslog.Options{Memory: &m, Learn: -1})
	for i := range 30_000 {
		scanLine(t, s, noon, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), fmt.Sprintf("GET /s%d.php?a=/etc/passwd HTTP/1.1", i), 200)
	}
	r := s.Report()
	if len(r.Findings) > 5000 || r.LeftOut == 0 || len(m.Scripts) > 5000 || m.Full == 0 {
		t.Errorf("%d findings, %d left out, %d scripts, %d full", len(r.Findings), r.LeftOut, len(m.Scripts), m.Full)
	}
}

// The rules have what `pasban rules` shows.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range accesslog.Rules() {
		if !strings.HasPrefix(r.ID, "log.") || r.Title == "" || r.Source == "" || r.Severity.Rank() == 0 || seen[r.ID] {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
}

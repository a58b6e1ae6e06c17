package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pasban/alerting/smtp/smtptest"
	"pasban/fixtures"
)

// The faults tests take away from a watching pasban what it stands on, attack a
// site meanwhile, and give it back. Each asserts the same four things: everybody
// is told of the attack, by one message; an operator was told what is wrong and
// what to do, in few lines; the health page said so; and nobody had to start
// anything again.
//
//	the disk is full               TestFullDisk
//	the evidence storage is gone   TestEvidenceStorageGone
//	the database is gone           TestPostgresGone, TestDatabaseLocked
//	the mail server misbehaves     TestMailFaults
//	somebody starts a second one   testdata/browser/twoserves.txtar
//	a part of a fleet is lost      TestFleetLosses
//	Chrome is gone                 TestChromeGone
//	the clock is set               monitor, TestClock*

// stricken is a serve that something happens to, with the world around it.
type stricken struct {
	t        testing.TB
	dir      string // of everything that is not said to be elsewhere
	profiles string
	listen   string
	env      []string
	fleet    *fixtures.Fleet
	mail     *smtptest.Server
	cmd      *exec.Cmd
	log      *journal
	stopped  bool
	patience time.Duration // how long await waits
}

const (
	strickenSite    = "health"
	strickenContact = "it@health-sarhad.example"
	strickenCERT    = "cert@cert.example"
)

// strickens counts these worlds, each of which has addresses of its own.
var strickens atomic.Int64

// newStricken prepares a world with one site.
func newStricken(t *testing.T) *stricken {
	t.Helper()
	return newStrickenAt(t, []string{strickenSite})
}

func newStrickenAt(t testing.TB, sites []string) *stricken {
	t.Helper()
	s := &stricken{t: t, dir: t.TempDir(), log: newJournal(), patience: patience}
	var err error
	if s.profiles, err = profileFolder(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	number := strickens.Add(1)
	s.fleet, err = fixtures.Start(t.Context(), fixtures.Options{
		Base: fmt.Sprintf("127.93.%d.1", number), Sites: sites, Schedule: "@every 2s",
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.mail, err = smtptest.Start(t.Context(), "127.0.0.1:0", smtptest.Options{}); err != nil {
		t.Fatal(err)
	}
	if s.listen, err = freeAddress(fmt.Sprintf("127.93.%d.250", number)); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(s.dir, "watchlist.csv")
	if err := os.WriteFile(list, bytes.ReplaceAll(homePages(s.fleet), []byte("@every 1s"), []byte("@every 2s")), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = []string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + s.profiles, "PASBAN_DATA=" + filepath.Join(s.dir, "data"), "PASBAN_LISTEN=" + s.listen,
		"PASBAN_EGRESS_ALLOW=127.0.0.0/8", "PASBAN_CLOAK_EVERY=0", "PASBAN_NO_CANARIES=1", "PASBAN_SMTP=" + s.mail.URL(), "PASBAN_CERT=" + strickenCERT, "PASBAN_FROM=pasban@cert.example",
		"PASBAN_WORKERS=1", "PASBAN_WATCHLIST=" + list,
	}
	return s
}

// serve starts it with settings of the form PASBAN_NAME=value, and waits until
// it knows the site.
func (s *stricken) serve(settings ...string) {
	s.t.Helper()
	s.env = append(s.env, settings...)
	s.cmd = exec.Command("pasban", "serve")
	s.cmd.Env, s.cmd.Dir, s.cmd.Stderr = s.env, s.dir, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("starting serve: %v", err)
	}
	s.await("a first look", func() bool {
		_, status := s.get("/status")
		return strings.Contains(status, `"provisional":1,`)
	})
}

func (s *stricken) close() {
	s.stop()
	if s.fleet != nil {
		s.fleet.Close()
	}
	if left := leftovers(s.profiles); len(left) > 0 {
		s.t.Errorf("left behind: %q", left)
	}
	if err := os.RemoveAll(s.profiles); err != nil {
		s.t.Error(err)
	}
	s.t.Logf("the log of serve:\n%s", s.log)
}

// stop ends serve as an operator does, and insists that it ends well.
func (s *stricken) stop() {
	if s.cmd == nil || s.cmd.Process == nil || s.stopped {
		return
	}
	s.stopped = true
	_ = s.cmd.Process.Signal(os.Interrupt) // it may have ended by itself: Wait tells
	hanging := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	defer hanging.Stop()
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("serve did not end well: %v", err)
	}
}

// await asks again and again for what another process does.
func (s *stricken) await(what string, done func() bool) {
	s.t.Helper()
	limit := time.NewTimer(s.patience)
	defer limit.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-limit.C:
			s.t.Fatalf("waited %v in vain for %s", s.patience, what)
		}
	}
}

// get asks the health page; code is 0 if it does not answer.
func (s *stricken) get(path string) (code int, body string) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.listen+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// unhealthy waits until the health page says something.
func (s *stricken) unhealthy(pattern string) {
	s.t.Helper()
	var code int
	var body string
	s.await("the health page to say "+pattern, func() bool {
		code, body = s.get("/healthz")
		return code == http.StatusServiceUnavailable && regexp.MustCompile(pattern).MatchString(body)
	})
}

func (s *stricken) healthy() {
	s.t.Helper()
	s.await("the health page to say ok", func() bool { code, _ := s.get("/healthz"); return code == http.StatusOK })
}

func (s *stricken) attack() {
	s.t.Helper()
	if err := s.fleet.Attack(strickenSite, fixtures.FullBlack); err != nil {
		s.t.Fatal(err)
	}
}

// told waits until each recipient was told of each event of incident 1, then
// ends serve and asserts that each was told by one message.
func (s *stricken) told(events ...string) {
	s.t.Helper()
	s.toldTo([]string{strickenContact, strickenCERT}, events...)
}

func (s *stricken) toldTo(recipients []string, events ...string) {
	s.t.Helper()
	want := len(recipients) * len(events)
	s.await(fmt.Sprintf("%d alerts", want), func() bool { return len(s.messages()) >= want })
	s.await("the outbox to be empty", func() bool {
		_, status := s.get("/status")
		return strings.Contains(status, `"undelivered":0`)
	})
	s.healthy()
	s.stop()
	got := s.messages()
	for _, to := range recipients {
		for _, event := range events {
			if ids := got[event+" to "+to]; len(ids) != 1 {
				s.t.Errorf("%s was told that the incident was %s by %d messages, want 1: %v", to, event, len(ids), ids)
			}
		}
	}
	if len(got) != want {
		s.t.Errorf("the alerts are %v, want %d", got, want)
	}
}

// messages are the Message-IDs of what was told, such as "opened to somebody".
func (s *stricken) messages() map[string]map[string]bool {
	told := map[string]map[string]bool{}
	about := "" // not always incident 1: PostgreSQL does not take back a number with its transaction
	for _, m := range s.mail.Mails() {
		for _, to := range m.To {
			parts := strings.SplitN(m.MessageID, ".", 3)
			if about == "" {
				about = parts[0]
			}
			if parts[0] != about {
				s.t.Errorf("a mail is about incident %s, another about %s: there should be one only", parts[0], about)
			}
			key := parts[1] + " to " + to
			if told[key] == nil {
				told[key] = map[string]bool{}
			}
			told[key][m.MessageID] = true
		}
	}
	return told
}

// calmly asserts that an operator was told in few lines: not more than limit
// complaints, one of which matches.
func (s *stricken) calmly(limit int, pattern string) {
	s.t.Helper()
	complaints := s.log.lines(`level=(WARN|ERROR)`)
	if len(complaints) > limit {
		s.t.Errorf("%d lines of complaint, want at most %d", len(complaints), limit)
	}
	if len(s.log.lines(`level=(WARN|ERROR).*`+pattern)) == 0 {
		s.t.Errorf("no complaint says %q", pattern)
	}
}

// journal is what a program writes to stderr, readable while it does.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func newJournal() *journal { return &journal{} }

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// String implements fmt.Stringer.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// lines are the lines that match.
func (j *journal) lines(pattern string) []string {
	match := regexp.MustCompile(pattern)
	var found []string
	for line := range strings.Lines(j.String()) {
		if match.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

// pasban runs a command beside serve, as an operator does.
func (s *stricken) pasban(args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "pasban", args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("pasban %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

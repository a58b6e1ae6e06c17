package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pasban/alerting/smtp/smtptest"
	"pasban/fixtures"
	"pasban/storage/db"
)

// crashSites do not change by themselves; each has two contacts, so that every
// event of an incident is two mails. The CERT would be told of some by the list of
// their campaign: the attacks are those of one crew.
var crashSites = []string{"health", "court"}

// crashAttacks are as different as attacks are.
var crashAttacks = []fixtures.Attack{fixtures.FullBlack, fixtures.FullFlag, fixtures.FullUrdu, fixtures.LeakCNIC}

const (
	crashCERT   = "cert@cert.example"
	crashSecond = "second@cert.example"
	mailsOfLife = 6 // opened, recovered, resolved; to two recipients each
)

// victim is a pasban that is killed, with the world around it.
type victim struct {
	t        *testing.T
	random   *rand.Rand
	dir      string // of its data
	profiles string
	env      []string
	fleet    *fixtures.Fleet
	mail     *smtptest.Server
	serve    *serving
	lives    []time.Duration

	mu      sync.Mutex
	ledger  []receipt
	arrived chan struct{} // closed and replaced at every arrival
	plan    kill
	since   int         // mails of this round
	timer   *time.Timer // of a kill after a time
	armed   bool
	kills   sync.WaitGroup
}

// receipt is a mail as the receiving server saw it.
type receipt struct{ id, to, subject string }

// startVictim starts the world and a first serve, and has its looks approved.
func startVictim(t *testing.T, random *rand.Rand) *victim {
	t.Helper()
	w := &victim{t: t, random: random, dir: t.TempDir(), arrived: make(chan struct{})}
	var err error
	if w.profiles, err = profileFolder(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	w.fleet, err = fixtures.Start(t.Context(), fixtures.Options{Base: "127.91.0.1", Sites: crashSites, Schedule: "@every 1s"})
	if err != nil {
		t.Fatal(err)
	}
	w.mail, err = smtptest.Start(t.Context(), "127.0.0.1:0", smtptest.Options{Handler: w.receive})
	if err != nil {
		t.Fatal(err)
	}
	listen, err := freeAddress("127.91.0.250")
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(w.dir, "watchlist.csv")
	if err := os.WriteFile(list, homePages(w.fleet, crashSecond), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = []string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + w.profiles, "PASBAN_DATA=" + filepath.Join(w.dir, "data"), "PASBAN_LISTEN=" + listen,
		"PASBAN_EGRESS_ALLOW=127.0.0.0/8", "PASBAN_CLOAK_EVERY=0", "PASBAN_NO_CANARIES=1", "PASBAN_SMTP=" + w.mail.URL(), "PASBAN_MAIL_LIMIT=-1", "PASBAN_FROM=pasban@cert.example",
	}
	w.pasban("sweep", "--watchlist", list)
	w.pasban("baseline", "approve", "--all")
	w.serve = w.start()
	return w
}

// homePages is a fleet's watchlist without the pages beside the home pages: one
// target a site, so that what follows an attack is the same every time. more are
// contacts of every site.
func homePages(f *fixtures.Fleet, more ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "site_id,url,institution,schedule,contacts")
	for _, s := range f.Sites() {
		fmt.Fprintf(&b, "%s,%s,%s,@every 1s,%s\n", s.ID, s.URL, s.ID, strings.Join(append([]string{s.Contacts[0]}, more...), " "))
	}
	return b.Bytes()
}

// close ends what is left when a test has failed, and looks for leftovers.
func (w *victim) close() {
	w.disarm()
	if w.serve != nil {
		w.serve.stop(os.Kill)
	}
	if w.fleet != nil {
		w.fleet.Close()
	}
	if left := processesOf(w.profiles); len(left) > 0 {
		w.t.Errorf("left behind: %q", leftovers(w.profiles))
	}
	if err := os.RemoveAll(w.profiles); err != nil {
		w.t.Error(err)
	}
	if keep := os.Getenv("PASBAN_CRASH_KEEP"); keep != "" && w.t.Failed() {
		if err := os.CopyFS(keep, os.DirFS(w.dir)); err != nil {
			w.t.Error(err)
		}
	}
}

// pasban runs a command beside serve, as an operator does.
func (w *victim) pasban(args ...string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "pasban", args...)
	cmd.Env, cmd.Dir = w.env, w.dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		w.t.Fatalf("pasban %s: %v\n%s", strings.Join(args, " "), err, &errs)
	}
	return out.String()
}

// settle waits until serve, which may have been killed a moment ago, is looking
// again and owes nobody anything.
func (w *victim) settle() {
	w.t.Helper()
	seen := w.fleet.Hits(crashSites[0])
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for w.fleet.Hits(crashSites[0]) == seen || w.owes() {
		select {
		case <-again.C:
		case <-limit.C:
			w.t.Fatalf("serve did not settle within %v", patience)
		}
	}
}

// owes reports whether the outbox has anything in it.
func (w *victim) owes() bool {
	var status struct{ Undelivered int }
	if err := json.Unmarshal([]byte(w.pasban("status", "--json")), &status); err != nil {
		w.t.Fatalf("reading the status: %v", err)
	}
	return status.Undelivered != 0
}

// serving is one process of serve.
type serving struct {
	cmd  *exec.Cmd
	log  bytes.Buffer
	once sync.Once
}

func (w *victim) start() *serving {
	s := &serving{cmd: exec.Command("pasban", "serve")}
	s.cmd.Env, s.cmd.Dir, s.cmd.Stderr = w.env, w.dir, &s.log
	if err := s.cmd.Start(); err != nil {
		w.t.Errorf("starting serve: %v", err)
	}
	return s
}

// stop ends it and waits until it has ended.
func (s *serving) stop(signal os.Signal) {
	s.once.Do(func() {
		_ = s.cmd.Process.Signal(signal) // it may have ended by itself
		_ = s.cmd.Wait()                 // how a killed process ended is known
	})
}

// strike kills serve, and starts the next one at once.
func (w *victim) strike() {
	w.serve.stop(os.Kill)
	w.serve = w.start()
}

// arm plans the kill of a round.
func (w *victim) arm(k kill) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plan, w.since, w.armed = k, 0, k != kill{}
	if k.mail == 0 && k.after > 0 {
		w.kills.Add(1)
		w.timer = time.AfterFunc(k.after, func() {
			defer w.kills.Done()
			w.strike()
		})
	}
}

// disarm waits until the kill of the round has been carried out. A round may be
// over before its moment has come: then it comes now.
func (w *victim) disarm() {
	w.mu.Lock()
	timer := w.timer
	w.timer, w.armed = nil, false
	w.mu.Unlock()
	if timer != nil && timer.Stop() {
		w.strike()
		w.kills.Done()
	}
	w.kills.Wait()
}

// receive is the mail server's handler: it keeps the books, and kills if that
// is the plan. The mail counts as received either way, as it does on a server
// that has it on disk when the client goes away.
func (w *victim) receive(m smtptest.Mail) error {
	w.mu.Lock()
	for _, to := range m.To {
		w.ledger = append(w.ledger, receipt{m.MessageID, to, m.Subject})
	}
	w.since++
	due := w.armed && w.since == w.plan.mail
	plan := w.plan
	if due {
		w.kills.Add(1)
	}
	close(w.arrived)
	w.arrived = make(chan struct{})
	w.mu.Unlock()
	switch {
	case due && plan.early:
		w.strike()
		w.kills.Done()
	case due:
		time.AfterFunc(plan.after, func() {
			defer w.kills.Done()
			w.strike()
		})
	}
	return nil
}

// received is how many mails came in this round.
func (w *victim) received() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.since
}

// await waits until everybody was told of an event of an incident.
func (w *victim) await(incident int, event string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	prefix := fmt.Sprintf("%d.%s.", incident, event)
	for {
		w.mu.Lock()
		told, arrived := map[string]bool{}, w.arrived
		for _, r := range w.ledger {
			if strings.HasPrefix(r.id, prefix) {
				told[r.to] = true
			}
		}
		w.mu.Unlock()
		if len(told) == 2 {
			return
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			w.t.Fatalf("%d of 2 recipients were told that incident %d was %s; the log of serve:\n%s", len(told), incident, event, w.evidence())
		}
	}
}

// evidence ends serve and returns the end of its log, what it saw last and who was told of
// what.
func (w *victim) evidence() string {
	w.disarm()
	w.serve.stop(os.Kill)
	log := w.serve.log.String()
	var ledger strings.Builder
	for _, r := range w.ledger {
		fmt.Fprintf(&ledger, "%s %s %s\n", r.id, r.to, r.subject)
	}
	return log[max(0, len(log)-8000):] + "\n" + w.seen() + w.pasban("incidents", "list") + "\n" + ledger.String()
}

// seen lists the newest looks and what they came to.
func (w *victim) seen() string {
	store, err := db.Open(w.t.Context(), filepath.Join(w.dir, "data", "pasban.db"))
	if err != nil {
		return err.Error()
	}
	defer store.Close()
	var b strings.Builder
	for _, site := range crashSites {
		looks, err := store.Captures(w.t.Context(), site, 8)
		for _, c := range looks {
			fmt.Fprintf(&b, "%s %s %s: %s %s, judged %v against version %d: %s %.2f %q %s\n", c.At.Format(time.TimeOnly), c.Target, c.Reason,
				c.Outcome, c.Detail, c.Judged, c.Baseline, c.Report.Verdict, c.Report.Score, c.Report.Why, c.Report.NotComparable)
		}
		if err != nil {
			fmt.Fprintln(&b, err)
		}
	}
	return b.String()
}

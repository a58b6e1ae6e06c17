package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pasban/alerting/smtp/smtptest"
	"pasban/fixtures"
)

// TestWatch is `make bench-watch`: how long it takes from an attack to a mail, while
// the whole country is watched. It serves the national fleet on loopback, lets the
// real serve watch it as an operator would, with nothing switched off, attacks random
// sites at random times, and prints one table. What is too slow is told and fails
// nothing, since that is up to the machine; a false alarm does.
//
//	PASBAN_WATCH_SITES    sites, default 1527
//	PASBAN_WATCH_MINUTES  of watching, default 20
//	PASBAN_WATCH_ATTACKS  default a third of the sites, 60 at most
//	PASBAN_WATCH_SEED     of the attacks; default a new one, which is printed
//	PASBAN_WATCH_PROBE    --probe-every, default as serve has it
//	PASBAN_WATCH_DATA     folder that keeps what was learnt for the next run
//
// The first sight of 1,527 sites takes the better part of an hour. With
// PASBAN_WATCH_DATA that is done once.
func TestWatch(t *testing.T) {
	if os.Getenv("PASBAN_WATCH") == "" {
		return // hours of rendering; TestSoak is the part for every day
	}
	w := newCountry(t)
	w.begin()
	w.watch()
	t.Log("\n" + w.report())
	if n := len(w.book.wrong); n > 0 {
		t.Errorf("%d false alarms: %q", n, w.book.wrong)
	}
}

// Bounds of a run. All of them are for a machine that is slow, and reported when hit.
const (
	countryLimit = 3 * time.Hour // beside the watching itself
	learnRounds  = 6
	learnProbe   = 20 * time.Second // so that three answers are there within a minute
	learnWait    = 65 * time.Second
	settleLimit  = 20 * time.Minute
	wellEnough   = 0.99 // of the sites
)

// country is the fleet, and the watch that is measured.
type country struct {
	t        *testing.T
	ctx      context.Context
	sites    int
	watching time.Duration
	seed     uint64
	random   *rand.Rand
	dir      string // data, and what is kept beside it
	profiles string
	program  string
	listen   string
	env      []string
	fleet    *fixtures.Fleet
	mail     *smtptest.Server
	serve    *serving
	book     *watchBook
	start    beginning
	kept     bool // the beginning was taken over from an earlier run
	figures  gauged
	armed    int // sites with a fingerprint when the attacks began
	asked    int // questions for analysts at the end
}

// beginning is how a watch came to know its sites; it is kept with what it learnt.
type beginning struct {
	Sites      int     `json:"sites"`
	Port       int     `json:"port"`
	FirstSight float64 `json:"first_sight_s"`
	Learning   float64 `json:"learning_s"`
}

func newCountry(t *testing.T) *country {
	t.Helper()
	w := &country{
		t: t, sites: fromEnv(t, "PASBAN_WATCH_SITES", 1527), dir: os.Getenv("PASBAN_WATCH_DATA"),
		watching: time.Duration(fromEnv(t, "PASBAN_WATCH_MINUTES", 20)) * time.Minute,
		seed:     fromEnv(t, "PASBAN_WATCH_SEED", uint64(time.Now().UnixNano())), book: newWatchBook(),
	}
	w.random = rand.New(rand.NewPCG(w.seed, 1))
	if w.dir == "" {
		w.dir = t.TempDir()
	}
	var cancel context.CancelFunc
	w.ctx, cancel = context.WithTimeout(t.Context(), countryLimit+w.watching)
	t.Cleanup(cancel)
	var err error
	if w.profiles, err = profileFolder(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	w.program = buildProgram(t, filepath.Join(t.TempDir(), "pasban"), ".")
	w.takeOver()
	if w.fleet, err = fixtures.StartFleetAt(w.ctx, w.sites, w.start.Port); err != nil {
		t.Fatal(err)
	}
	if w.mail, err = smtptest.Start(w.ctx, "127.0.0.1:0", smtptest.Options{Handler: w.book.receive}); err != nil {
		t.Fatal(err)
	}
	if w.listen, err = freeAddress("127.80.99.250"); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "watchlist.csv")
	if err := os.WriteFile(list, w.fleet.Watchlist(), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = []string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + w.profiles, "PASBAN_DATA=" + w.data(), "PASBAN_LISTEN=" + w.listen,
		"PASBAN_EGRESS_ALLOW=127.0.0.0/8", "PASBAN_SMTP=" + w.mail.URL(), "PASBAN_CERT=" + crashCERT,
		"PASBAN_FROM=pasban@cert.example", "PASBAN_WATCHLIST=" + list,
	}
	for _, s := range w.fleet.Sites() {
		w.book.contact(s.Contacts[0], s.ID)
	}
	return w
}

func (w *country) data() string { return filepath.Join(w.dir, "data") }

// close ends what is left, and looks for leftovers.
func (w *country) close() {
	if w.serve != nil {
		w.serve.stop(os.Interrupt)
	}
	if w.fleet != nil {
		w.fleet.Close()
	}
	if left := leftovers(w.profiles); len(left) > 0 {
		w.t.Errorf("left behind: %q", left)
	}
	if err := os.RemoveAll(w.profiles); err != nil {
		w.t.Error(err)
	}
}

// The database as it was when an earlier run had learnt everything, and whose it is.
const (
	keptDatabase  = "begin.db"
	keptBeginning = "begin.json"
)

// takeOver puts the kept database back, if there is one. The blobs stay: they are
// named by their content, and later ones do no harm.
func (w *country) takeOver() {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, keptBeginning))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err == nil {
		err = json.Unmarshal(data, &w.start)
	}
	if err != nil {
		w.t.Fatalf("PASBAN_WATCH_DATA: %v", err)
	}
	if w.start.Sites != w.sites {
		w.t.Fatalf("PASBAN_WATCH_DATA is of %d sites and not of %d; name another folder, or the same number", w.start.Sites, w.sites)
	}
	database := filepath.Join(w.data(), "pasban.db")
	for _, beside := range []string{"-wal", "-shm"} {
		if err := os.Remove(database + beside); err != nil && !errors.Is(err, os.ErrNotExist) {
			w.t.Fatal(err)
		}
	}
	w.copyFile(filepath.Join(w.dir, keptDatabase), database)
	w.kept = true
}

func (w *country) copyFile(from, to string) {
	w.t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// begin sees all sites for the first time, has them approved, and lets the probes
// learn them. A watch is then as it would be on its second day, and a fleet that was
// never seen before has no part in what is measured.
func (w *country) begin() {
	w.t.Helper()
	if w.kept {
		w.t.Logf("what was learnt in an earlier run is taken over: %+v", w.start)
		return
	}
	began := time.Now()
	w.pasban("sweep")
	w.pasban("baseline", "approve", "--all")
	w.start.Sites, w.start.FirstSight = w.sites, time.Since(began).Seconds()
	w.t.Logf("%d sites were seen for the first time in %.0f s", w.sites, w.start.FirstSight)
	began = time.Now()
	w.learn()
	w.start.Learning = time.Since(began).Seconds()
	w.keep()
}

// learn lets probes and looks take turns until nearly every site has a fingerprint.
// A site that moves is told from an attacked one by what it does while looks find it
// well.
func (w *country) learn() {
	w.t.Helper()
	w.serve = w.startServe("--probe-every", learnProbe.String())
	for round := 1; ; round++ {
		w.wait(learnWait)
		w.pasban("sweep")
		w.wait(5 * time.Second) // the prober hears of looks every two
		s := w.status()
		w.t.Logf("round %d: %d of %d sites have a fingerprint, %d suspicions", round, s.Probes.Armed, w.sites, s.Probes.Suspects)
		if round > 1 && float64(s.Probes.Armed) >= wellEnough*float64(w.sites) || round == learnRounds {
			break
		}
	}
	w.serve.stop(os.Interrupt)
	w.serve = nil
}

// keep puts the database aside for the next run.
func (w *country) keep() {
	w.t.Helper()
	_, port, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(w.fleet.Sites()[0].URL, "http://"), "/"), ":")
	if _, err := fmt.Sscan(port, &w.start.Port); err != nil {
		w.t.Fatal(err)
	}
	w.copyFile(filepath.Join(w.data(), "pasban.db"), filepath.Join(w.dir, keptDatabase))
	data, err := json.Marshal(w.start)
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, keptBeginning), data, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// watch is what is measured: serve as an operator starts it, and the attacks.
func (w *country) watch() {
	w.t.Helper()
	var more []string
	if every := os.Getenv("PASBAN_WATCH_PROBE"); every != "" {
		more = []string{"--probe-every", every}
	}
	w.serve = w.startServe(more...)
	w.settle()
	strikes := w.plan(fromEnv(w.t, "PASBAN_WATCH_ATTACKS", min(60, max(1, w.sites/3))))
	g := startGauge(w.serve.cmd.Process.Pid)
	began := time.Now()
	for i := range strikes {
		s := &strikes[i]
		w.wait(s.after - time.Since(began))
		w.book.strike(s)
		if err := w.fleet.Attack(s.site, s.attack); err != nil {
			w.t.Fatal(err)
		}
	}
	w.wait(w.watching - time.Since(began))
	w.figures = g.stop()
	w.asked = w.status().Questions
	w.serve.stop(os.Interrupt)
}

// settle waits until serve has seen nearly every site lately: a database that was
// kept since yesterday makes everything due at once.
func (w *country) settle() {
	w.t.Helper()
	limit := time.Now().Add(settleLimit)
	for {
		w.wait(3 * time.Second)
		s, err := statusOf(w.ctx, w.listen)
		enough := int(wellEnough * float64(w.sites))
		if err == nil && s.Probes != nil && s.Fresh >= enough && s.Probes.Armed >= enough {
			w.armed = s.Probes.Armed
			return
		}
		if time.Now().After(limit) {
			w.t.Logf("serve has not settled within %v: %d of %d sites are fresh", settleLimit, s.Fresh, w.sites)
			return
		}
		if w.ctx.Err() != nil || len(processesOf(w.profiles)) == 0 {
			w.t.Fatalf("serve does not answer: %v\n%s", err, &w.serve.log)
		}
	}
}

// wait lets time pass: it is what is measured.
func (w *country) wait(d time.Duration) {
	w.t.Helper()
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.ctx.Done():
		w.t.Fatalf("the time is up: %v", w.ctx.Err())
	}
}

func (w *country) status() health {
	w.t.Helper()
	s, err := statusOf(w.ctx, w.listen)
	if err != nil || s.Probes == nil {
		w.t.Fatalf("serve does not tell how it is: %v\n%s", err, &w.serve.log)
	}
	return s
}

// pasban runs a command to its end.
func (w *country) pasban(args ...string) {
	w.t.Helper()
	cmd := exec.CommandContext(w.ctx, w.program, args...)
	cmd.Env, cmd.Dir = w.env, w.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("pasban %s: %v\n%s", strings.Join(args, " "), err, out[max(0, len(out)-4000):])
	}
}

func (w *country) startServe(args ...string) *serving {
	w.t.Helper()
	s := &serving{cmd: exec.Command(w.program, append([]string{"serve"}, args...)...)}
	s.cmd.Env, s.cmd.Dir, s.cmd.Stderr = w.env, w.dir, &s.log
	if err := s.cmd.Start(); err != nil {
		w.t.Fatalf("starting serve: %v", err)
	}
	return s
}

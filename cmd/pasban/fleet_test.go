package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pasban/fixtures"
	"pasban/monitor"
	"pasban/storage/blob/blobtest"
	"pasban/storage/db/dbtest"
	"pasban/storage/servertest"
)

// fleet is a watch that has outgrown its machine: two serves, two workers with the
// narrow login and key, PostgreSQL and MinIO, all of them real and all to be lost.
type fleet struct {
	*stricken
	sites    []string
	owner    *sql.DB
	postgres *servertest.Running
	minio    *servertest.Running
	shared   []string // environment of all
	serves   []string // environment of serves
	workers  []string // environment of workers
	members  []*member

	leader, standby, one, two *member // as they are at the moment: serves and workers
}

// member is one process of the fleet.
type member struct {
	name, listen string
	cmd          *exec.Cmd
	log          *journal
	done         chan error // how it ended
	ended        bool
}

func newFleet(t testing.TB, sites ...string) *fleet {
	t.Helper()
	s := newStrickenAt(t, sites)
	s.patience *= 3 // many sites are met at once, by two browsers
	f := &fleet{stricken: s, sites: sites, shared: s.env}
	t.Cleanup(f.end)
	database, postgres := dbtest.PostgresServer(t)
	bucket, minio := blobtest.MinIOServer(t)
	f.postgres, f.minio = postgres, minio
	bucket += "&lock=governance:30d"
	f.serves = []string{"PASBAN_DB=" + database.String(), "PASBAN_BLOBS=" + bucket, "PASBAN_NO_LOOKS=true"}
	var err error
	if f.owner, err = sql.Open("pgx", database.String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, f.owner.Close()) })
	return f
}

// admit makes the login and the key of workers, which takes that a serve has migrated.
func (f *fleet) admit() {
	f.t.Helper()
	database, bucket := f.setting("PASBAN_DB"), f.setting("PASBAN_BLOBS")
	f.workers = []string{
		"PASBAN_DB=" + dbtest.Worker(f.t, database),
		"PASBAN_BLOBS=" + blobtest.Worker(f.t, bucket, "../../deploy/minio-worker.json"),
	}
	f.t.Cleanup(f.end) // before their login is removed
}

func (f *fleet) setting(name string) string {
	for _, s := range f.serves {
		if value, ok := strings.CutPrefix(s, name+"="); ok {
			return value
		}
	}
	f.t.Fatalf("serves have no %s", name)
	return ""
}

func (f *fleet) start(name, command string, settings []string) *member {
	f.t.Helper()
	listen, err := freeAddress(strings.Split(f.listen, ":")[0])
	must(f.t, err)
	m := &member{name: name, listen: listen, cmd: exec.Command("pasban", command), log: newJournal(), done: make(chan error, 1)}
	m.cmd.Env = slices.Concat(f.shared, settings, []string{"PASBAN_LISTEN=" + listen, "PASBAN_DATA=" + filepath.Join(f.dir, name)})
	m.cmd.Dir, m.cmd.Stderr = f.dir, m.log
	must(f.t, m.cmd.Start())
	go func() { m.done <- m.cmd.Wait() }()
	f.members = append(f.members, m)
	return m
}

func (f *fleet) serve(name string) *member { return f.start(name, "serve", f.serves) }

// worker starts one as a supervisor does: again, if it ends before it looks because the
// machine is too busy for a browser to start.
func (f *fleet) worker(name string) *member {
	f.t.Helper()
	for {
		m := f.start(name, "worker", f.workers)
		f.await(name+" to begin", func() bool {
			select {
			case err := <-m.done:
				m.ended = true
				f.t.Logf("%s ended before it looked: %v", name, err)
			default:
			}
			return m.ended || len(m.log.lines("msg=looking")) > 0
		})
		if !m.ended {
			return m
		}
	}
}

// lose ends a member by a signal, and waits until it is gone.
func (f *fleet) lose(m *member, signal syscall.Signal) {
	f.t.Helper()
	m.ended = true
	must(f.t, m.cmd.Process.Signal(signal))
	hanging := time.AfterFunc(patience, func() { _ = m.cmd.Process.Kill() })
	defer hanging.Stop()
	if err := <-m.done; err != nil && signal != syscall.SIGKILL {
		f.t.Errorf("%s did not end well: %v", m.name, err)
	}
}

func (f *fleet) end() {
	for _, m := range f.members {
		if !m.ended {
			f.lose(m, syscall.SIGTERM)
		}
		f.t.Logf("the log of %s:\n%s", m.name, m.log)
	}
	f.members = nil
}

// says waits until the health page of a member begins so.
func (f *fleet) says(m *member, want string) {
	f.t.Helper()
	began := time.Now()
	f.listen = m.listen
	f.await(m.name+" to say "+want, func() bool {
		code, body := f.get("/healthz")
		return code == http.StatusOK && strings.HasPrefix(body, want)
	})
	f.t.Logf("%s says %s after %v", m.name, want, time.Since(began).Round(10*time.Millisecond))
}

// looking waits until a worker has a look in hand.
func (f *fleet) looking(m *member) {
	f.t.Helper()
	f.await(m.name+" to look", func() bool {
		return f.count(`SELECT count(*) FROM river_job WHERE state = 'running' AND kind = 'look' AND attempted_by[array_upper(attempted_by, 1)] LIKE $1`,
			monitor.ProcessName(m.cmd.Process.Pid)+"%") > 0
	})
}

// seen waits until every target was looked at, and well, after a moment.
func (f *fleet) seen(since time.Time) {
	f.t.Helper()
	f.await("a look at every target", func() bool {
		return f.count(`SELECT count(DISTINCT target) FROM captures JOIN looks ON looks.id = look WHERE outcome = 'ok' AND at > $1`, since.UnixNano()) == len(f.sites)
	})
	f.t.Logf("every target was seen %v after the loss", time.Since(since).Round(10*time.Millisecond))
}

// count is -1 while the database is away.
func (f *fleet) count(query string, args ...any) int {
	n := -1
	_ = f.owner.QueryRowContext(f.t.Context(), query, args...).Scan(&n)
	return n
}

// attacked attacks a site, and returns what waits until both of its recipients know.
func (f *fleet) attacked(site string, attack fixtures.Attack) (told func()) {
	f.t.Helper()
	must(f.t, f.fleet().Attack(site, attack))
	before := len(f.opened())
	return func() {
		f.t.Helper()
		f.await("the alerts about "+site, func() bool { return len(f.opened()) == before+2 })
	}
}

func (f *fleet) fleet() *fixtures.Fleet { return f.stricken.fleet }

// opened are the Message-IDs by which each recipient was told of each incident.
func (f *fleet) opened() map[string]map[string]bool {
	told := map[string]map[string]bool{}
	for _, m := range f.mail.Mails() {
		parts := strings.SplitN(m.MessageID, ".", 3)
		if parts[1] != "opened" {
			continue
		}
		for _, to := range m.To {
			key := fmt.Sprintf("incident %s to %s", parts[0], to)
			if told[key] == nil {
				told[key] = map[string]bool{}
			}
			told[key][m.MessageID] = true
		}
	}
	return told
}

// A loss is what a fleet loses in the middle of a sweep. A site is attacked meanwhile:
// each by somebody else, since two by the same are a campaign, of which the CERT gets a
// list in the place of a second alert.
type loss struct {
	what   string
	site   string // one that does not change by itself
	attack fixtures.Attack
	happen func(*fleet)
	alone  bool // only in the long form: what is lost is lost in another one, too
}

var losses = []loss{
	{what: "a rolling restart", site: "health", attack: fixtures.FullBlack, happen: func(f *fleet) {
		f.succeed(syscall.SIGTERM)
		f.succeed(syscall.SIGTERM)
		f.lose(f.one, syscall.SIGTERM)
		f.one = f.worker("one, updated")
	}},
	{what: "a worker and the leader are killed, a look in hand", site: "court", attack: fixtures.FullUrdu, happen: func(f *fleet) {
		f.lose(f.one, syscall.SIGKILL)
		f.succeed(syscall.SIGKILL)
		f.one = f.worker("one, after a kill")
	}},
	{what: "the database is restarted", site: "planning", attack: fixtures.LeakCNIC, happen: func(f *fleet) {
		f.postgres.Stop(f.t)
		f.postgres.Start(f.t)
	}},
	{what: "the evidence storage is restarted", site: "university", attack: fixtures.FullQuiet, happen: func(f *fleet) {
		f.minio.Stop(f.t)
		f.minio.Start(f.t)
	}},
	{what: "a worker is killed", site: "education", attack: fixtures.FullFlag, alone: true, happen: func(f *fleet) {
		f.lose(f.two, syscall.SIGKILL)
		f.two = f.worker("two, after a kill")
	}},
	{what: "the leader is killed", site: "tax", attack: fixtures.HiddenSpam, alone: true, happen: func(f *fleet) { f.succeed(syscall.SIGKILL) }},
	{what: "both stores are restarted, and a worker is killed between", site: "bank", attack: fixtures.LeakEmails, alone: true, happen: func(f *fleet) {
		f.postgres.Stop(f.t)
		f.minio.Stop(f.t)
		f.lose(f.one, syscall.SIGKILL)
		f.postgres.Start(f.t)
		f.minio.Start(f.t)
		f.one = f.worker("one, after everything")
	}},
}

// succeed ends the leader, by a signal, and waits until the standby leads and another
// stands by.
func (f *fleet) succeed(signal syscall.Signal) {
	f.t.Helper()
	f.lose(f.leader, signal)
	f.says(f.standby, "ok")
	f.leader = f.standby
	f.standby = f.serve("one that stands by")
	f.says(f.standby, "standby")
}

// Whatever is lost in the middle of a sweep, one thing after the other: every target
// is looked at, and everybody is told of every attack by one message. The workers do
// all this with a login and a key that can do nothing else. `make losses`, which sets
// PASBAN_LOSSES, also loses each thing by itself, and more at once. Nothing runs beside
// it: on a machine that is busy enough both second looks come to nothing, and then an
// attack is a question for analysts, of which nobody is mailed.
func TestFleetLosses(t *testing.T) {
	all := slices.DeleteFunc(slices.Clone(losses), func(l loss) bool { return l.alone && os.Getenv("PASBAN_LOSSES") == "" })
	var sites []string
	for _, l := range all {
		sites = append(sites, l.site)
	}
	f := newFleet(t, sites...)
	f.leader = f.serve("first")
	f.says(f.leader, "ok")
	f.standby = f.serve("second")
	f.says(f.standby, "standby: another pasban serve is watching")
	f.admit()
	f.one, f.two = f.worker("one"), f.worker("two")
	f.await("a baseline of every target", func() bool { return f.count(`SELECT count(*) FROM baselines`) == len(sites) })

	for _, l := range all {
		began := time.Now()
		f.looking(f.one)
		told := f.attacked(l.site, l.attack)
		l.happen(f)
		moment := time.Now()
		told()
		f.seen(moment)
		f.oneLeads()
		t.Logf("%s: over after %v", l.what, time.Since(began).Round(10*time.Millisecond))
	}
	if got := f.count(`SELECT count(*) FROM incidents`); got != len(all) {
		t.Errorf("%d incidents of %d attacks", got, len(all))
	}
	for who, ids := range f.opened() {
		if len(ids) != 1 {
			t.Errorf("%s: %d messages, want 1: %v", who, len(ids), ids)
		}
	}
	f.waited()
	checked := []*member{f.one, f.two}
	f.end()
	for _, m := range checked {
		if denied := m.log.lines("lacks a permission|may not do that"); len(denied) > 0 {
			t.Errorf("%s tried what it may not: %s", m.name, denied[0])
		}
	}
}

// waited logs how long jobs that nothing was wrong with waited to be taken: what asking
// the database now and then costs, in comparison to being called.
func (f *fleet) waited() {
	f.t.Helper()
	for _, kind := range []string{"look", "judge", "deliver"} {
		median := f.count(`SELECT round(1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM attempted_at - scheduled_at)))::int
			FROM river_job WHERE state = 'completed' AND attempt = 1 AND kind = $1`, kind)
		f.t.Logf("the median %s job waited %d ms to be taken", kind, median)
	}
}

// oneLeads waits until one of the serves leads and the other stands by. Which one it is
// after the database was restarted is up to them.
func (f *fleet) oneLeads() {
	f.t.Helper()
	says := func(m *member, want string) bool {
		f.listen = m.listen
		code, body := f.get("/healthz")
		return code == http.StatusOK && strings.HasPrefix(body, want)
	}
	f.await("one to lead and one to stand by", func() bool {
		if says(f.standby, "ok\n") {
			f.leader, f.standby = f.standby, f.leader
		}
		return says(f.leader, "ok\n") && says(f.standby, "standby")
	})
}

// A worker says what is missing when no serve has made the schema yet.
func TestWorkerWithoutServe(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("pasban", "worker")
	var said bytes.Buffer
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PASBAN_DB=" + dbtest.Postgres(t), "PASBAN_DATA=" + t.TempDir()}
	cmd.Stderr = &said
	code, err := exitCode(cmd.Run())
	if want := "start the pasban serve of this version first"; code != exitFailed || err != nil || !strings.Contains(said.String(), want) {
		t.Errorf("ended with %d, %v, and said %q; want %q", code, err, &said, want)
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"pasban/monitor"
	"pasban/storage/blob"
	"pasban/storage/db"
)

// simulation is what to simulate, and the parts it runs on.
type simulation struct {
	sites  int
	days   float64
	limit  time.Duration
	looks  int
	target string // database, "" for a file of its own
	log    *slog.Logger
	say    func(what string)

	store   *db.DB
	blobs   blob.Blobs
	page    *synthetic
	began   time.Time
	result  simulated
	resting db.Usage // after the history
}

// Looks a day at a page, one every 15 minutes.
const (
	lookEvery  = 15 * time.Minute
	looksADay  = int(24 * time.Hour / lookEvery)
	keptJobs   = 6.0 / 24 // of a day: how long the queue keeps a finished job
	sitesATime = 500      // in a transaction
)

// simulate fills a database with sites and their history, and measures the parts
// of the watch on it one after the other.
func simulate(ctx context.Context, s simulation) (_ simulated, err error) {
	folder, err := os.MkdirTemp("", "pasban-simulation-*")
	if err != nil {
		return s.result, fmt.Errorf("making a folder for the simulation: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := s.open(ctx, folder); err != nil {
		return s.result, err
	}
	defer func() { err = errors.Join(err, s.store.Close(), s.blobs.Close()) }()
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"meeting the sites", s.meet},
		{"writing their history", s.writeHistory},
		{"reading what looks need", s.readLooks},
		{"queueing what is due", s.queueAll},
		{"looking as fast as it goes", s.work},
		{"keeping the schedule", s.keepSchedule},
		{"thinning out", s.thin},
	} {
		s.say(step.what)
		if err := step.do(ctx); err != nil {
			return s.result, fmt.Errorf("%s: %w", step.what, err)
		}
		s.result.Memory = max(s.result.Memory, resident())
	}
	return s.result, s.sumUp(ctx)
}

func (s *simulation) open(ctx context.Context, folder string) (err error) {
	s.result.Database, s.result.Sites, s.result.Targets = "sqlite", s.sites, s.sites
	s.result.NeedPS = float64(s.sites) / lookEvery.Seconds()
	if strings.Contains(s.target, "://") {
		s.result.Database = "postgres"
	}
	if s.target == "" {
		s.target = filepath.Join(folder, "simulation.db")
	}
	s.began = time.Now()
	if s.page, err = newSynthetic(); err != nil {
		return err
	}
	if s.store, err = db.OpenSimulation(ctx, s.target); err != nil {
		return err
	}
	if s.blobs, err = blob.Open(ctx, filepath.Join(folder, "blobs")); err != nil {
		return errors.Join(err, s.store.Close())
	}
	return nil
}

// monitor makes one: with a renderer it looks.
func (s *simulation) monitor(looks bool, observe func(monitor.Event)) (*monitor.Monitor, error) {
	config := monitor.Config{
		Store: s.store, Blobs: s.blobs, Looks: s.looks, Judge: true, Addresses: everyHostItsOwn, Observe: observe,
		Logger: slog.New(slog.DiscardHandler),
	}
	if looks {
		config.Renderer = s.page
	}
	return monitor.New(config)
}

// meet makes the sites. The first is looked at as any other; the others are given
// the approved look that they would get.
func (s *simulation) meet(ctx context.Context) error {
	if err := s.store.Update(ctx, func(tx monitor.Tx) error { return putSimulated(ctx, tx, 0) }); err != nil {
		return err
	}
	m, err := s.monitor(true, nil)
	if err != nil {
		return err
	}
	first, err := m.Select(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := m.Sweep(ctx, first, monitor.ReasonFirst, nil); err != nil {
		return err
	}
	approved, err := s.store.Baseline(ctx, simulatedID(0))
	if err != nil {
		return err
	}
	if !slices.Contains(approved.Looks, s.page.digest(simulatedURL(0))) {
		return errors.New("the simulated page is not recognised: this is a mistake of the simulation")
	}
	for from := 1; from < s.sites; from += sitesATime {
		err := s.store.Update(ctx, func(tx monitor.Tx) error {
			for n := from; n < min(from+sitesATime, s.sites); n++ {
				b := approved
				b.Target, b.Site, b.Captures = simulatedID(n), simulatedID(n), nil
				b.Looks = []monitor.Digests{s.page.digest(simulatedURL(n))}
				if err := errors.Join(putSimulated(ctx, tx, n), tx.AddBaseline(ctx, b)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func putSimulated(ctx context.Context, tx monitor.Tx, n int) error {
	id := simulatedID(n)
	return errors.Join(
		tx.PutSite(ctx, monitor.Site{ID: id, Name: "Simulated office " + id, URL: simulatedURL(n), Schedule: monitor.DefaultSchedule}),
		tx.PutTarget(ctx, monitor.Target{ID: id, Site: id, URL: simulatedURL(n)}))
}

// writeHistory writes what a watch would have by now, the newest first: a history
// that is cut short is a shorter one. It ends a period ago, so that every page is
// due.
func (s *simulation) writeHistory(ctx context.Context) error {
	empty, err := s.store.Usage(ctx)
	if err != nil {
		return err
	}
	s.result.BytesSite = float64(empty.Bytes) / float64(s.sites)
	seen, err := s.store.Captures(ctx, simulatedID(0), 1)
	if err != nil || len(seen) == 0 {
		return errors.Join(err, errors.New("the first site was not seen"))
	}
	before := processorTime()
	began, bulk, rounds := time.Now(), s.store.Bulk(), int(s.days*float64(looksADay))
	round := 0
	for ; round < rounds && time.Since(began) < s.limit; round++ {
		if err := s.writeRound(ctx, bulk, seen[0], round); err != nil {
			return err
		}
	}
	took := time.Since(began)
	s.result.CutShort, s.result.Days = round < rounds, float64(round)/float64(looksADay)
	s.result.History = int64(round) * int64(s.sites)
	if s.result.History > 0 {
		s.result.HistoryCPU = ms(processorTime()-before) / float64(s.result.History)
	}
	s.result.HistoryPS = perSecond(int(s.result.History), took)
	if s.resting, err = s.store.Usage(ctx); err == nil && s.result.History > 0 {
		s.result.BytesCapture = float64(s.resting.Bytes-empty.Bytes) / float64(s.result.History)
	}
	return err
}

// writeRound writes one look at every site, in the order in which they are due.
func (s *simulation) writeRound(ctx context.Context, bulk *db.Bulk, like monitor.Capture, round int) error {
	const batch = 5000
	start := s.began.Add(-lookEvery * time.Duration(round+2))
	captures := make([]monitor.Capture, 0, batch)
	for n := range s.sites {
		c := like
		c.At = start.Add(lookEvery * time.Duration(n) / time.Duration(s.sites))
		c.ID, c.Target, c.Site, c.URL = captureID(c.At, n), simulatedID(n), simulatedID(n), simulatedURL(n)
		c.FinalURL, c.Reason, c.Judged, c.Baseline, c.Blobs = c.URL, monitor.ReasonSchedule, true, 1, nil
		captures = append(captures, c)
		if len(captures) == batch || n == s.sites-1 {
			if err := bulk.Add(ctx, captures); err != nil {
				return err
			}
			captures = captures[:0]
		}
	}
	return nil
}

// captureID is a UUIDv7 of a moment, https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7,
// with a number where random bits would be.
func captureID(at time.Time, n int) string {
	ms := at.UnixMilli() & (1<<48 - 1)
	return fmt.Sprintf("%08x-%04x-7000-8000-%012x", ms>>16, ms&0xffff, n)
}

// readLooks times what a look reads, on this history: it must not grow with it.
func (s *simulation) readLooks(ctx context.Context) error {
	var took []time.Duration
	step := max(1, s.sites/500)
	for n := 0; n < s.sites; n += step {
		id, began := simulatedID(n), time.Now()
		_, err := s.store.Target(ctx, id)
		_, err2 := s.store.Site(ctx, id)
		_, err3 := s.store.Baseline(ctx, id)
		_, err4 := s.store.Captures(ctx, id, 20)
		if err := errors.Join(err, err2, err3, err4); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	s.result.LookP50 = ms(quantile(took, 0.5))
	return nil
}

// rounds gathers what the schedule tells.
type rounds struct {
	mu   sync.Mutex
	all  []monitor.Round
	done int // looks concluded
}

func (r *rounds) observe(e monitor.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Round != nil {
		r.all = append(r.all, *e.Round)
	}
	if e.Concluded && e.Err == nil {
		r.done++
	}
}

// run runs a monitor for a time.
func (s *simulation) run(ctx context.Context, m *monitor.Monitor, schedule bool, limit time.Duration, until func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx, schedule) }()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
			if until() {
				cancel()
			}
		}
	}
}

// queueAll lets the schedule find that everything is due, as after a long stop,
// and queue it, while nobody looks.
func (s *simulation) queueAll(ctx context.Context) error {
	var seen rounds
	m, err := s.monitor(false, seen.observe)
	if err != nil {
		return err
	}
	queued := func() int {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		n := 0
		for _, r := range seen.all {
			n += r.Looks
		}
		return n
	}
	before := processorTime()
	if err := s.run(ctx, m, true, s.limit/3, func() bool { return queued() >= s.sites }); err != nil {
		return err
	}
	used := processorTime() - before
	var took time.Duration
	for _, r := range seen.all {
		took += r.Queue
		if r.Read {
			s.result.ReadWatch = max(s.result.ReadWatch, ms(r.Find))
		}
	}
	s.result.Inserted = queued()
	if s.result.Inserted > 0 {
		s.result.InsertCPU = ms(used) / float64(s.result.Inserted)
	}
	s.result.InsertPS = perSecond(s.result.Inserted, took)
	queue, err := s.store.Usage(ctx)
	if err == nil && queue.Jobs > 0 {
		s.result.BytesJob = float64(queue.Bytes-s.resting.Bytes) / float64(queue.Jobs)
	}
	return err
}

// work works the queue as fast as it goes.
func (s *simulation) work(ctx context.Context) error {
	var seen rounds
	m, err := s.monitor(true, seen.observe)
	if err != nil {
		return err
	}
	done := func() int {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		return seen.done
	}
	began, before, ended := time.Now(), processorTime(), time.Duration(0)
	err = s.run(ctx, m, false, s.limit/3, func() bool {
		ended = time.Since(began)
		return done() >= s.result.Inserted
	})
	s.result.Worked = done()
	s.result.WorkPS = perSecond(s.result.Worked, ended)
	if s.result.Worked > 0 {
		s.result.WorkCPU = ms(processorTime()-before) / float64(s.result.Worked)
	}
	return err
}

// keepSchedule runs scheduler and looks together, at the pace of the schedule.
func (s *simulation) keepSchedule(ctx context.Context) error {
	var seen rounds
	m, err := s.monitor(true, seen.observe)
	if err != nil {
		return err
	}
	if err := s.run(ctx, m, true, s.limit/3, func() bool { return false }); err != nil {
		return err
	}
	var find []time.Duration
	for _, r := range seen.all {
		if !r.Read {
			find = append(find, r.Find)
		}
	}
	s.result.Rounds = len(find)
	s.result.FindP50, s.result.FindP99 = ms(quantile(find, 0.5)), ms(quantile(find, 0.99))
	return nil
}

// thin removes what the policy does not keep, if the history is long enough.
func (s *simulation) thin(ctx context.Context) error {
	m, err := s.monitor(false, nil)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	removed, err := m.Retain(limited)
	if limited.Err() != nil && ctx.Err() == nil {
		err = nil // it goes on in the next round
	}
	s.result.Thinned = removed.Captures
	if removed.Captures > 0 {
		s.result.ThinPS = perSecond(removed.Captures, removed.Took)
	}
	return err
}

// sumUp says what a day of looks that see nothing new comes to.
func (s *simulation) sumUp(ctx context.Context) error {
	end, err := s.store.Usage(ctx)
	if err != nil {
		return err
	}
	r := &s.result
	r.Bytes, r.Captures, r.Jobs = end.Bytes, end.Captures, end.Jobs
	r.TargetDay = float64(looksADay) * r.BytesCapture
	r.BytesDay = float64(s.sites) * r.TargetDay
	r.BytesSteady = 2*r.BytesDay + keptJobs*float64(looksADay*s.sites)*r.BytesJob
	return nil
}

// quantile of durations, 0 of none.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

func perSecond(n int, took time.Duration) float64 {
	if took <= 0 {
		return 0
	}
	return float64(n) / took.Seconds()
}

// processorTime is what this process has used, in user mode and in the kernel; 0
// where it is not known. Unlike time it does not go by what else the machine does.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

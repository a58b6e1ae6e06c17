package monitor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pasban/alerting"
)

// The three queues. A process that runs solo works queues of its own, named
// after them with its run as a suffix.
const (
	queueLook    = "look"
	queueJudge   = "judge"
	queueDeliver = "deliver"
)

// Priorities of look jobs; River works 1 first, and within one those that were asked
// for first. What falls due together is asked for in the order of urgency: see
// enqueue. That nobody waits for ever behind what is more urgent is the business of
// lift.
const (
	priorityUrgent  = 1 // a click, a second look
	priorityProbe   = 2 // a probe's suspicion, a site with an open incident
	priorityRoutine = 3 // never seen, then routine
	priorityOther   = 4 // as another visitor
)

// How long a job may take, and how often it is tried. A look has its own hard
// deadline of 30 s a load; the first look of a target loads it several times.
const (
	jobTimeout      = 4 * time.Minute
	lookAttempts    = 5
	judgeAttempts   = 1000
	deliverAttempts = 10_000 // with a cap of an hour between them: more than a year
)

// pollInterval is how often each queue asks the database for work while it has
// none; a busy queue asks again as soon as a job ends. SQLite cannot call, and
// each question costs the better part of a millisecond, for three queues: at
// 100 ms that was two hundredths of a processor, idle or not.
const pollInterval = 250 * time.Millisecond

// lookArgs asks for one look. Target, Visitor, Confirms and Try tell one job from
// another: the same look is queued once.
type lookArgs struct {
	Target string `json:"target" river:"unique"`
	// Visitor is "" for Desktop, in the queue always.
	Visitor  Visitor `json:"visitor,omitempty" river:"unique"`
	Confirms string  `json:"confirms,omitempty" river:"unique"`
	Try      int     `json:"try,omitempty" river:"unique"`
	Reason   Reason  `json:"reason"`
	// Follow has a look at the home page of a site in lockdown also visit a page that its
	// navigation leads to, whenever that was done last: see Monitor.goBeyond.
	Follow bool `json:"follow,omitempty"`

	followed bool // an earlier look of the same job did
}

// Kind names the job.
func (lookArgs) Kind() string { return "look" }

// as is the visitor, named.
func (a lookArgs) as() Visitor { return cmp.Or(a.Visitor, Desktop) }

// judgeArgs asks for the judgement of a recorded capture. It is all that a look
// can ask of the judge, and he takes nothing in it for granted: it comes from a
// machine that hostile pages are opened on.
type judgeArgs struct {
	Capture string `json:"capture" river:"unique"`
	Try     int    `json:"try,omitempty"`
	// First are the captures of a target's first sight, oldest first: see meet.
	First []string `json:"first,omitempty"`
	// GivenUp says that the second look at the capture could not be made.
	GivenUp bool `json:"given_up,omitempty"`
	// Drift asks only whether the approved look should follow the page: see aged.go.
	Drift bool `json:"drift,omitempty"`
}

// Kind names the job.
func (judgeArgs) Kind() string { return "judge" }

// deliverArgs asks for one delivery of the outbox.
type deliverArgs struct {
	Delivery int64 `json:"delivery" river:"unique"`
}

// Kind names the job.
func (deliverArgs) Kind() string { return "deliver" }

// queue is the job queue as the pipeline uses it.
type queue struct {
	client *river.Client[*sql.Tx]
	store  Store
	suffix string
	hands  *working
	now    func() time.Time
	// backlog is what waited when unfinished work was last looked through.
	backlog atomic.Pointer[map[string]Backlog]
}

func newQueue(m *Monitor, ownClock bool) (*queue, error) {
	id := clientID()
	q := &queue{store: m.Store, hands: m.working, now: m.now}
	if m.Solo {
		q.suffix = "-" + id
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &lookWorker{m: m})
	config := &river.Config{
		ID:                   id,
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: jobTimeout + skew, // of a machine that is gone; the clocks may differ
		FetchCooldown:        20 * time.Millisecond,
		FetchPollInterval:    pollInterval,
		// Jobs are of no use once they are done: captures, incidents and
		// deliveries keep what happened. Less than a likely error of the clock
		// would be too short: River 0.31 on SQLite panics when it deletes a job
		// as old that it has not finished counting as complete, which takes it a
		// quarter of a second.
		CompletedJobRetentionPeriod: 6 * time.Hour,
		CancelledJobRetentionPeriod: 24 * time.Hour,
		DiscardedJobRetentionPeriod: 7 * 24 * time.Hour,
		Logger:                      slog.New(quiet{m.calm}),
		RetryPolicy:                 retryPolicy{m.now},
		ErrorHandler:                &errorHandler{m},
		Middleware:                  []rivertype.Middleware{storableFailures},
		Workers:                     workers,
		SkipUnknownJobCheck:         true,
		Queues:                      map[string]river.QueueConfig{},
	}
	if ownClock {
		config.Test.Time = riverClock(m.Clock)
	}
	if m.Renderer != nil {
		// More goroutines than browsers: some wait for a host to be free, for a moment
		// (enterOrSnooze).
		config.Queues[q.name(queueLook)] = river.QueueConfig{MaxWorkers: 4 * m.Looks}
	}
	if m.Judge {
		river.AddWorker(workers, &judgeWorker{m: m})
		river.AddWorker(workers, &deliverWorker{m: m})
		config.Queues[q.name(queueJudge)] = river.QueueConfig{MaxWorkers: 2}
		// Many, because a server that hangs holds each of its deliveries for a
		// minute, and must not hold those of others.
		config.Queues[q.name(queueDeliver)] = river.QueueConfig{MaxWorkers: 16}
	}
	if len(config.Queues) == 0 {
		config.Queues, config.Workers = nil, nil
	}
	client, err := river.NewClient(m.Store.Driver(), config)
	if err != nil {
		return nil, fmt.Errorf("setting up the job queue: %w", err)
	}
	q.client = client
	return q, nil
}

func (q *queue) name(base string) string { return base + q.suffix }

func (q *queue) insertLook(ctx context.Context, tx Tx, a lookArgs, priority int) error {
	if !a.Visitor.other() {
		a.Visitor = "" // one look must not be queued under two names
	}
	return q.insert(ctx, tx, a, queueLook, priority, lookAttempts)
}

func (q *queue) insertJudge(ctx context.Context, tx Tx, a judgeArgs) error {
	return q.insert(ctx, tx, a, queueJudge, 1, judgeAttempts)
}

func (q *queue) insertDeliver(ctx context.Context, tx Tx, delivery int64) error {
	return q.insert(ctx, tx, deliverArgs{Delivery: delivery}, queueDeliver, 1, deliverAttempts)
}

func (q *queue) insert(ctx context.Context, tx Tx, args river.JobArgs, base string, priority, attempts int) error {
	return q.insertInto(ctx, tx, args, q.name(base), priority, attempts)
}

func (q *queue) insertInto(ctx context.Context, tx Tx, args river.JobArgs, name string, priority, attempts int) error {
	inserted, err := q.client.InsertTx(ctx, tx.SQL(), args, &river.InsertOpts{
		Queue: name, Priority: priority, MaxAttempts: attempts,
		// A finished job does not stand in the way of the next one like it.
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByQueue: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}},
	})
	if err != nil {
		return fmt.Errorf("queueing %s: %w", args.Kind(), err)
	}
	if inserted.UniqueSkippedAsDuplicate && inserted.Job.Priority > priority {
		return promote(ctx, tx, inserted.Job.ID, priority) // it waits already, for less
	}
	return nil
}

// promote moves a job that waits ahead of others.
func promote(ctx context.Context, tx Tx, job int64, priority int) error {
	statement := fmt.Sprintf("UPDATE river_job SET priority = %d WHERE id = %d AND priority > %d", priority, job, priority)
	if _, err := tx.SQL().ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("moving job %d ahead: %w", job, err)
	}
	return nil
}

// What waits behind the more urgent.
const (
	liftEvery = 10 * time.Second
	liftAfter = 2 * time.Minute
)

// lift puts the looks that have waited longest at the head of the queue, n of them.
// Called every liftEvery, it gives the routine a share of the browsers that no flood
// of suspicions takes, and gives it in the order of age, so that each look comes to
// its turn; and it leaves the larger share to what is urgent.
func (q *queue) lift(ctx context.Context, n int) error {
	params := river.NewJobListParams().Kinds(lookArgs{}.Kind()).Queues(q.name(queueLook)).
		States(rivertype.JobStateAvailable).Priorities(priorityProbe, priorityRoutine, priorityOther).First(n)
	return q.store.Update(ctx, func(tx Tx) error {
		oldest, err := q.client.JobListTx(ctx, tx.SQL(), params)
		if err != nil {
			return fmt.Errorf("listing the looks that wait: %w", err)
		}
		for _, job := range oldest.Jobs {
			if q.now().Sub(job.CreatedAt) < liftAfter {
				break // by their numbers, and so by their age
			}
			if err := promote(ctx, tx, job.ID, priorityUrgent); err != nil {
				return err
			}
		}
		return nil
	})
}

// clientID names a process: where it runs, its process id, and a random part. A
// later process at the same place can tell by it whether this one still lives.
func clientID() string {
	return ProcessName(os.Getpid()) + strings.ReplaceAll(uuid.NewString(), "-", "")[:8]
}

// ProcessName begins the name under which the process of that number on this
// machine works jobs and sends deliveries.
func ProcessName(pid int) string { return fmt.Sprintf("%s-%d-", place(), pid) }

// place names where process ids mean what they mean here: this boot of this
// machine, and within it this container. Containers may share a host name.
var place = sync.OnceValue(func() string {
	h := sha256.New()
	host, err := os.Hostname()
	fmt.Fprint(h, host, err)
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	fmt.Fprint(h, string(boot), err)
	namespace, err := os.Readlink("/proc/self/ns/pid")
	fmt.Fprint(h, namespace, err)
	return hex.EncodeToString(h.Sum(nil)[:8])
})

// orphaned reports whether the process that a client ID names is known to be
// gone: it ran at this place, under a process id that is free now or ours. Of
// what ran elsewhere nothing is known; River takes over its jobs when they have
// been running for too long.
func orphaned(id string) bool {
	parts := strings.Split(id, "-")
	if len(parts) != 3 || parts[0] != place() {
		return false
	}
	pid, err := strconv.Atoi(parts[1])
	if err != nil || pid <= 0 {
		return false
	}
	if pid == os.Getpid() {
		return true // an earlier process with our number
	}
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// adopt takes over what dead processes of this host left: jobs they were
// running, and jobs in queues that only they worked. A solo process calls it
// with release set when it ends, and hands over its own.
func (q *queue) adopt(ctx context.Context, release bool) error {
	params := river.NewJobListParams().First(10_000).States(rivertype.JobStateRunning,
		rivertype.JobStateAvailable, rivertype.JobStateRetryable, rivertype.JobStateScheduled)
	return q.store.Update(ctx, func(tx Tx) error {
		jobs, err := q.client.JobListTx(ctx, tx.SQL(), params)
		if err != nil {
			return fmt.Errorf("listing unfinished jobs: %w", err)
		}
		q.backlog.Store(backlogOf(jobs.Jobs, q.now()))
		lost := q.hands.lost(q.running(jobs.Jobs))
		for _, job := range jobs.Jobs {
			if err := q.wake(ctx, tx, job); err != nil {
				return fmt.Errorf("waking job %d: %w", job.ID, err)
			}
			if err := q.adoptJob(ctx, tx, job, release, lost[job.ID]); err != nil {
				return fmt.Errorf("taking over job %d: %w", job.ID, err)
			}
		}
		return nil
	})
}

// running are the jobs this process runs according to their rows, as attempts
// by ID.
func (q *queue) running(jobs []*rivertype.JobRow) map[int64]int {
	mine := map[int64]int{}
	for _, job := range jobs {
		if n := len(job.AttemptedBy); job.State == rivertype.JobStateRunning && n > 0 && job.AttemptedBy[n-1] == q.client.ID() {
			mine[job.ID] = job.Attempt
		}
	}
	return mine
}

// How long after its time a job is woken, which is the business of one process
// that River elects; after a fault its election may take a minute, and after the
// clock was set back until the old time has come again.
const overdue = 10 * time.Second

// wake makes a job available that waits for no good reason: its time has passed,
// or is further ahead than any wait there is, so that the clock must have been
// set back since.
func (q *queue) wake(ctx context.Context, tx Tx, job *rivertype.JobRow) error {
	ahead := job.ScheduledAt.Sub(q.now())
	waits := job.State == rivertype.JobStateRetryable || job.State == rivertype.JobStateScheduled
	if waits && ahead < -overdue || job.State != rivertype.JobStateRunning && ahead > longestWait(job.Kind) {
		_, err := q.client.JobRetryTx(ctx, tx.SQL(), job.ID)
		return err
	}
	return nil
}

// longestWait is more than a job of this kind ever waits for its next attempt.
func longestWait(kind string) time.Duration {
	if kind == (deliverArgs{}).Kind() {
		return 90 * time.Minute
	}
	return 2 * time.Minute
}

// hasten makes everything that waits available: nobody knows for when it was
// planned, by a clock that has been set back.
func (q *queue) hasten(ctx context.Context) error {
	params := river.NewJobListParams().First(10_000).States(rivertype.JobStateAvailable,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled)
	return q.store.Update(ctx, func(tx Tx) error {
		jobs, err := q.client.JobListTx(ctx, tx.SQL(), params)
		if err != nil {
			return fmt.Errorf("listing waiting jobs: %w", err)
		}
		for _, job := range jobs.Jobs {
			if _, err := q.client.JobRetryTx(ctx, tx.SQL(), job.ID); err != nil {
				return fmt.Errorf("waking job %d: %w", job.ID, err)
			}
		}
		return nil
	})
}

func (q *queue) adoptJob(ctx context.Context, tx Tx, job *rivertype.JobRow, release, lost bool) error {
	if job.State == rivertype.JobStateRunning {
		worker := ""
		if n := len(job.AttemptedBy); n > 0 {
			worker = job.AttemptedBy[n-1]
		}
		if worker == q.client.ID() && !release && !lost || worker != q.client.ID() && !orphaned(worker) {
			return nil
		}
		// River itself would wait for RescueStuckJobsAfter.
		statement := fmt.Sprintf("UPDATE river_job SET state = 'available' WHERE id = %d AND state = 'running'", job.ID)
		if _, err := tx.SQL().ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	base, owner, solo := strings.Cut(job.Queue, "-")
	if !solo || owner == q.client.ID() && !release || owner != q.client.ID() && !orphaned(owner) {
		return nil
	}
	// Asked for anew in a queue that is worked, since its unique key names the old one.
	if _, err := q.client.JobDeleteTx(ctx, tx.SQL(), job.ID); err != nil {
		return err
	}
	return q.reinsert(ctx, tx, job, base, release)
}

// reinsert asks for the work of a job anew: in a queue of this process, or for
// whoever comes when it is released.
func (q *queue) reinsert(ctx context.Context, tx Tx, job *rivertype.JobRow, base string, release bool) error {
	var args river.JobArgs
	var err error
	switch job.Kind {
	case "look":
		args, err = decodeArgs[lookArgs](job)
	case "judge":
		args, err = decodeArgs[judgeArgs](job)
	case "deliver":
		args, err = decodeArgs[deliverArgs](job)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	if release {
		return q.insertInto(ctx, tx, args, base, job.Priority, job.MaxAttempts)
	}
	return q.insert(ctx, tx, args, base, job.Priority, job.MaxAttempts)
}

func decodeArgs[T river.JobArgs](job *rivertype.JobRow) (T, error) {
	var args T
	if err := json.Unmarshal(job.EncodedArgs, &args); err != nil {
		return args, fmt.Errorf("reading the arguments of job %d: %w", job.ID, err)
	}
	return args, nil
}

// retryPolicy waits as alerting.Backoff says: what fails waits for a mail
// server, a database or a disk to come back. A look is of no use later; it is
// tried again after 1, 2, 4 and 8 seconds and then left to the schedule.
type retryPolicy struct{ now func() time.Time }

// NextRetry implements river.ClientRetryPolicy.
func (p retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	if job.Kind == (lookArgs{}).Kind() {
		return p.now().Add(time.Second << min(len(job.Errors), 3))
	}
	wait := alerting.Backoff(len(job.Errors) + 1)
	if job.Kind == (judgeArgs{}).Kind() {
		wait = min(wait, judgeWait)
	}
	return p.now().Add(alerting.Jitter(wait, rand.Float64()))
}

// judgeWait is the longest wait for the next attempt to judge: only our own
// storage can be in the way, and an alert behind it.
const judgeWait = 30 * time.Second

// errorHandler turns job failures into log lines: one for each kind and cause,
// and then one a minute. What became of each job is on record.
type errorHandler struct{ m *Monitor }

// HandleError implements river.ErrorHandler.
func (h *errorHandler) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	what := "job failed and will be tried again"
	if job.Attempt >= job.MaxAttempts {
		what = "job failed and is given up"
	}
	h.m.calm.say(slog.LevelWarn, job.Kind+": "+cause(err), what, "job", job.Kind, "args", string(job.EncodedArgs), "attempt", job.Attempt, "error", err)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (h *errorHandler) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	h.m.Logger.Error("job panicked", "job", job.Kind, "args", string(job.EncodedArgs), "panic", value, "trace", trace)
	return nil
}

package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pasban/monitor"
)

type judgeArgs struct {
	Capture string `json:"capture" river:"unique"`
}

func (judgeArgs) Kind() string { return "judge" }

// judgeWorker fails the first attempt of each job and stores a site at the
// second.
type judgeWorker struct {
	river.WorkerDefaults[judgeArgs]
	store monitor.Store
}

func (w *judgeWorker) Work(ctx context.Context, job *river.Job[judgeArgs]) error {
	if job.Attempt == 1 {
		return errors.New("not the first time")
	}
	return w.store.Update(ctx, func(tx monitor.Tx) error {
		return tx.PutSite(ctx, monitor.Site{ID: job.Args.Capture})
	})
}

// NextRetry keeps the test short: the default is a second.
func (w *judgeWorker) NextRetry(*river.Job[judgeArgs]) time.Time { return time.Now() }

func client(t *testing.T, store monitor.Store, config *river.Config) *river.Client[*sql.Tx] {
	t.Helper()
	config.Logger = slog.New(slog.DiscardHandler)
	client, err := river.NewClient(store.Driver(), config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// jobsInTransaction: a capture and the job that judges it are there together or
// not at all.
func jobsInTransaction(t *testing.T, s Subject) {
	store := s.open(t)
	client := client(t, store, &river.Config{})
	wrong := errors.New("something went wrong")
	for _, result := range []error{wrong, nil} {
		err := tryUpdate(t, store, func(ctx context.Context, tx monitor.Tx) error {
			if err := tx.AddCapture(ctx, monitor.Capture{ID: "c", Target: "t"}); err != nil {
				return err
			}
			opts := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
			for _, duplicate := range []bool{false, true} {
				inserted, err := client.InsertTx(ctx, tx.SQL(), judgeArgs{"c"}, opts)
				if err != nil {
					return err
				}
				if inserted.UniqueSkippedAsDuplicate != duplicate {
					t.Errorf("inserted as a duplicate: %t, want %t", inserted.UniqueSkippedAsDuplicate, duplicate)
				}
			}
			return result
		})
		if !errors.Is(err, result) {
			t.Fatalf("Update gave %v, want %v", err, result)
		}
		jobs, err := client.JobList(limit(t), river.NewJobListParams())
		if err != nil {
			t.Fatal(err)
		}
		_, err = store.Capture(limit(t), "c")
		if committed := result == nil; len(jobs.Jobs) == 1 != committed || (err == nil) != committed {
			t.Errorf("committed %t: %d jobs, and the capture: %v", committed, len(jobs.Jobs), err)
		}
	}
}

// jobsWorked runs River as "serve" does: workers that write to the store they
// come from, while jobs are added, with one connection for all of it on SQLite.
func jobsWorked(t *testing.T, s Subject) {
	store, ctx := s.open(t), limit(t)
	workers := river.NewWorkers()
	river.AddWorker(workers, &judgeWorker{store: store})
	client := client(t, store, &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}}, Workers: workers,
		FetchPollInterval: 50 * time.Millisecond, FetchCooldown: 10 * time.Millisecond,
	})
	const jobs = 20
	events, unsubscribe := client.SubscribeConfig(&river.SubscribeConfig{
		ChanSize: 10 * jobs, Kinds: []river.EventKind{river.EventKindJobCompleted, river.EventKindJobFailed},
	})
	defer unsubscribe()
	if err := client.Start(ctx); err != nil {
		t.Fatal(err)
	}
	for i := range jobs {
		update(t, store, func(ctx context.Context, tx monitor.Tx) error {
			_, err := client.InsertTx(ctx, tx.SQL(), judgeArgs{fmt.Sprintf("c%02d", i)}, nil)
			return err
		})
	}
	for completed := 0; completed < jobs; {
		select {
		case event := <-events:
			if event.Job.State == rivertype.JobStateCompleted {
				completed++
			}
		case <-ctx.Done():
			t.Fatalf("%d of %d jobs were completed in a minute", completed, jobs)
		}
	}
	if err := client.Stop(ctx); err != nil {
		t.Errorf("stopping: %v", err)
	}
	sites, err := store.Sites(ctx)
	if err != nil || len(sites) != jobs {
		t.Errorf("%d jobs left %d sites, %v", jobs, len(sites), err)
	}
}

package monitor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// stopGrace is how long a stopping process lets its jobs finish. What does not
// finish is tried again by the next process.
const stopGrace = 20 * time.Second

// Run works the queues until the context ends: looks if there is a renderer,
// judgements and deliveries if Judge is set. With a schedule it also queues
// what falls due.
func (m *Monitor) Run(ctx context.Context, schedule bool) error {
	if err := m.start(ctx); err != nil {
		return unlessEnded(ctx, err)
	}
	group, work := errgroup.WithContext(ctx)
	if schedule {
		group.Go(func() error { return m.schedule(work) })
		group.Go(func() error { return m.digestLoop(work) })
		group.Go(func() error { return m.retainLoop(work) })
	}
	if schedule && m.Judge && m.guarding != nil {
		group.Go(func() error { return m.guarding.loop(work) })
	}
	if schedule && m.Judge && m.Snapshots != nil {
		group.Go(func() error { return m.snapshotLoop(work) })
	}
	if schedule && m.Judge {
		group.Go(func() error { return m.orderLoop(work) })
	}
	if schedule && m.Judge && m.Logs != "" {
		group.Go(func() error { return m.logLoop(work) })
	}
	group.Go(func() error { return m.adoptLoop(work) })
	group.Go(func() error { return m.heldLoop(work) })
	if m.prober != nil {
		group.Go(func() error { return m.probeLoop(work) })
	}
	err := group.Wait()
	return errors.Join(err, m.stop(context.WithoutCancel(ctx)))
}

// unlessEnded drops the error of a start that was told to stop before it was one.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // whoever said stop knows why nothing came of it
	}
	return err
}

// start takes over what dead processes left and begins to work.
func (m *Monitor) start(ctx context.Context) error {
	if err := m.queue.adopt(ctx, false); err != nil {
		return fmt.Errorf("taking over unfinished work: %w", err)
	}
	if m.Judge {
		if err := m.requeue(ctx); err != nil {
			return err
		}
	}
	// The queue outlives ctx, so that jobs can finish while stopping.
	if err := m.queue.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("starting the job queue: %w", err)
	}
	return nil
}

// stop ends the work: jobs under way get a moment, then they are cancelled.
func (m *Monitor) stop(ctx context.Context) error {
	grace, cancel := context.WithTimeout(ctx, stopGrace)
	defer cancel()
	err := m.queue.client.Stop(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		hard, cancel := context.WithTimeout(ctx, stopGrace)
		defer cancel()
		err = m.queue.client.StopAndCancel(hard)
	}
	if err != nil {
		return fmt.Errorf("stopping the job queue: %w", err)
	}
	return m.queue.adopt(ctx, m.Solo)
}

// adoptEvery is how often a process looks after unfinished work. What ended
// while the database was away is begun anew within twice that time.
const adoptEvery = 10 * time.Second

// adoptLoop takes over, now and then, what other processes of this host left
// when they died, and what this one could not bring to an end.
func (m *Monitor) adoptLoop(ctx context.Context) error {
	t := time.NewTicker(adoptEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			err := m.queue.adopt(ctx, false)
			if err == nil && m.Judge {
				err = m.requeue(ctx)
			}
			m.database(ctx, "queue", err)
		}
	}
}

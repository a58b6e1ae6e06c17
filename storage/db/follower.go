package db

import (
	"context"
	"database/sql"

	"github.com/riverqueue/river/riverdriver"
)

// follower is a River driver of a process that is never elected to keep the queue:
// to clean it, to wake what waits, to take back what hangs. River 0.31 has every
// client that works jobs stand for election, which takes the right to all jobs of
// all queues. Here the bid fails before it reaches the database, and River goes on
// as it does wherever another client was elected.
type follower struct{ riverdriver.Driver[*sql.Tx] }

// GetExecutor implements riverdriver.Driver.
func (f follower) GetExecutor() riverdriver.Executor {
	return followerExecutor{f.Driver.GetExecutor()}
}

type followerExecutor struct{ riverdriver.Executor }

// Begin implements riverdriver.Executor. It is in a transaction of its own that
// River holds an election.
func (e followerExecutor) Begin(ctx context.Context) (riverdriver.ExecutorTx, error) {
	tx, err := e.Executor.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return followerTx{tx}, nil
}

type followerTx struct{ riverdriver.ExecutorTx }

// LeaderDeleteExpired implements riverdriver.Executor.
func (followerTx) LeaderDeleteExpired(context.Context, *riverdriver.LeaderDeleteExpiredParams) (int, error) {
	return 0, nil
}

// LeaderAttemptElect implements riverdriver.Executor.
func (followerTx) LeaderAttemptElect(context.Context, *riverdriver.LeaderElectParams) (bool, error) {
	return false, nil
}

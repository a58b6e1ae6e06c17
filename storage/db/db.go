// Package db keeps what Pasban knows, apart from the evidence itself, in a
// relational database: sites, captures, baselines, incidents, decisions, the
// outbox of alerts, and the job queue that belongs to them.
//
// One database holds rows and jobs, so that a capture and the job that judges
// it, or an incident and the alerts about it, are committed together or not at
// all. That is what makes "kill -9 at any instant, nothing lost" a property of
// the database instead of a hope.
//
// SQLite is the default and needs no server; PostgreSQL serves several
// machines. The statements are the same for both. What differs is in
// dialect.go, sqlite.go, postgres.go and the two folders of migrations. Package
// dbtest is the behaviour both must show.
//
// Transactions opened by [DB.Update] behave as if they ran one after another on
// either database: SQLite admits one writer at a time, PostgreSQL runs them
// SERIALIZABLE and repeats the ones that collide.
//
// Strings come from hostile pages. Invalid UTF-8 and NUL bytes, which PostgreSQL
// refuses, are stored as U+FFFD on both; a key (an ID) that holds one is refused,
// because two keys must never become one.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/riverqueue/river/riverdriver"

	"pasban/monitor"
)

// ErrNewer is returned, wrapped, by Open for a database that a newer Pasban has
// migrated: an old binary must not write to it.
var ErrNewer = errors.New("made by a newer pasban: update this binary")

// ErrOlder is returned, wrapped, by Join for a database that has not been migrated
// to the version of this binary.
var ErrOlder = errors.New("start the pasban serve of this version first, which migrates it")

// attempts bounds how often Update runs a transaction that PostgreSQL turned
// down because of another one. With pauses of up to 10 ms, 20 ms, 40 ms ... it
// gives up after about ten seconds, as SQLite's busy timeout does.
const attempts = 11

// DB is a monitor.Store. It is safe for concurrent use.
type DB struct {
	queries // outside of transactions: committed data
	writer  *sql.DB
	reader  *sql.DB // may be writer itself
	driver  riverdriver.Driver[*sql.Tx]
	broad   bool
}

var _ monitor.Store = (*DB)(nil)

// Open opens the database at url, creates it if it is not there, and migrates
// it: a path such as "data/pasban.db" is a SQLite file, "postgres://..." a
// database on a PostgreSQL server. No error of this package shows the password
// in url.
func Open(ctx context.Context, url string) (*DB, error) { return open(ctx, url, false) }

// Join opens a database for a worker, whose login may do little (see the migration
// that makes the role pasban_worker). On a server it migrates nothing, and its Driver
// never becomes the one that keeps the queue for all. A SQLite file is opened as by
// Open: it has no roles, and a worker beside it is as good as a serve.
func Join(ctx context.Context, url string) (*DB, error) { return open(ctx, url, true) }

// Broad reports that a database which was joined lets this login open incidents: it is
// that of a serve, and no worker should have it.
func (db *DB) Broad() bool { return db.broad }

func open(ctx context.Context, url string, join bool) (*DB, error) {
	scheme, _, found := strings.Cut(url, "://")
	switch {
	case url == "":
		return nil, errors.New("opening the database: no file name and no postgres:// URL given")
	case !found:
		return openSQLite(ctx, url)
	case scheme == "postgres" || scheme == "postgresql":
		return openPostgres(ctx, url, join)
	}
	return nil, fmt.Errorf("opening the database: %s:// is neither a file name nor a postgres:// URL", scheme)
}

// Driver lets River keep its jobs in this database:
//
//	client, err := river.NewClient(store.Driver(), config)
//	err = store.Update(ctx, func(tx monitor.Tx) error {
//		_, err := client.InsertTx(ctx, tx.SQL(), args, nil)
//		return err
//	})
//
// River announces nothing through it: clients find new jobs by polling
// (river.Config.FetchPollInterval, 1 s by default). Inside of Update use
// InsertTx only; on SQLite, Insert would wait for the transaction that is open.
func (db *DB) Driver() riverdriver.Driver[*sql.Tx] { return db.driver }

// Close waits for running statements and closes the database. River clients
// that use it must have been stopped.
func (db *DB) Close() error {
	var err error
	if db.reader != db.writer {
		err = db.reader.Close()
	}
	if err = errors.Join(err, db.writer.Close()); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}

// Update implements monitor.Store.
func (db *DB) Update(ctx context.Context, f func(monitor.Tx) error) error {
	var err error
	for attempt := range attempts {
		if err = db.update(ctx, f); err == nil || !db.dialect.collided(err) {
			return err
		}
		pause := time.Duration(rand.Int64N(int64(10*time.Millisecond) << attempt))
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting to repeat a transaction: %w", ctx.Err())
		case <-time.After(pause):
		}
	}
	return fmt.Errorf("giving up on a transaction after %d attempts: %w", attempts, err)
}

// update makes one attempt. The transaction ends on every way out, a panic in f
// included: SQLite has only one to give.
func (db *DB) update(ctx context.Context, f func(monitor.Tx) error) error {
	sqlTx, err := db.writer.BeginTx(ctx, db.dialect.txOptions)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", db.dialect.explain(err))
	}
	// After Commit this does nothing; before, it can only fail because the
	// connection is gone, which ends the transaction too.
	defer func() { _ = sqlTx.Rollback() }()
	if err := f(&tx{queries{sqlTx, db.dialect}, sqlTx}); err != nil {
		return sayCancelled(ctx, err)
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("committing a transaction: %w", sayCancelled(ctx, db.dialect.explain(err)))
	}
	return nil
}

// sayCancelled names the reason for sql.ErrTxDone: when a context ends,
// database/sql rolls back from a goroutine of its own, and whoever comes next
// is told only that it is over.
func sayCancelled(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

// tx is a monitor.Tx. The methods that write are beside those that read, in the
// files of their subjects.
type tx struct {
	queries
	tx *sql.Tx
}

func (t *tx) SQL() *sql.Tx { return t.tx }

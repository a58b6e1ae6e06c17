package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"pasban/monitor"
)

// A simulation fills a database with what never was. It must never be one that
// somebody keeps something in.

// ErrInUse is returned, wrapped, by OpenSimulation for a database that holds
// something else than a simulation.
var ErrInUse = errors.New("it is not empty, and not of a simulation")

// simulated is the mark: a table in a file, a schema on a server.
const simulated = "pasban_simulation"

// OpenSimulation opens a database as Open does, for a simulation. What an earlier
// simulation left there is removed; a database that holds anything else is
// refused with ErrInUse before anything is changed.
func OpenSimulation(ctx context.Context, target string) (*DB, error) {
	if strings.Contains(target, "://") {
		return simulateOnServer(ctx, target)
	}
	if err := clearSimulation(ctx, target); err != nil {
		return nil, fmt.Errorf("simulating in %s: %w", target, err)
	}
	db, err := Open(ctx, target)
	if err != nil {
		return nil, err
	}
	if _, err := db.writer.ExecContext(ctx, "CREATE TABLE "+simulated+" (mark TEXT)"); err != nil {
		return nil, fmt.Errorf("marking %s as a simulation: %w", target, errors.Join(err, db.Close()))
	}
	return db, nil
}

// clearSimulation removes a file that has the mark, with what SQLite keeps beside it.
func clearSimulation(ctx context.Context, file string) error {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Size() > 0 {
		marked, err := hasMark(ctx, file)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrInUse, err)
		}
		if !marked {
			return ErrInUse
		}
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(file + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func hasMark(ctx context.Context, file string) (marked bool, err error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return false, err
	}
	pool, err := sql.Open("sqlite", sqliteName(path, true))
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	err = pool.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = $1)", simulated).Scan(&marked)
	return marked, err
}

// simulateOnServer keeps to a schema of its own, in a database that has no tables
// outside of it.
func simulateOnServer(ctx context.Context, target string) (*DB, error) {
	config, where, err := parsePostgres(target)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", where, explainPostgres(err))
	}
	var tables int
	err = conn.QueryRow(ctx, `SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema', $1)`, simulated).Scan(&tables)
	if err == nil && tables > 0 {
		err = fmt.Errorf("%w: there are %d tables", ErrInUse, tables)
	}
	if err == nil {
		_, err = conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+simulated+" CASCADE; CREATE SCHEMA "+simulated)
	}
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return nil, fmt.Errorf("simulating in database %s: %w", where, err)
	}
	own, err := url.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("simulating in database %s: its URL cannot be taken apart", where)
	}
	query := own.Query()
	query.Set("search_path", simulated)
	own.RawQuery = query.Encode()
	return Open(ctx, own.String())
}

// Usage is how much a database holds.
type Usage struct {
	Bytes    int64 // tables and indexes, what is free for reuse included
	Captures int64
	Jobs     int64 // of the queue, finished ones included
}

// Usage counts; on a large database that takes seconds.
func (db *DB) Usage(ctx context.Context) (Usage, error) {
	size := `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	if db.dialect.txOptions != nil { // PostgreSQL
		size = `SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
			WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'`
	}
	var u Usage
	for into, statement := range map[*int64]string{&u.Bytes: size, &u.Captures: `SELECT count(*) FROM captures`, &u.Jobs: `SELECT count(*) FROM river_job`} {
		n, err := one(ctx, db.queries, scanID, statement)
		if err != nil {
			return u, wrap(err, "asking how much the database holds")
		}
		*into = n
	}
	return u, nil
}

// Bulk adds many captures fast, a transaction a call: for simulations. It
// remembers what looks saw, so that it must be the only one to write.
type Bulk struct {
	db    *DB
	looks map[string]int64 // rows by digest
}

// Bulk returns a Bulk.
func (db *DB) Bulk() *Bulk { return &Bulk{db: db, looks: map[string]int64{}} }

// bulkRows is how many captures one statement adds: the driver of SQLite looks for
// each of its values among all of them.
const bulkRows = 50

// Add adds captures.
func (b *Bulk) Add(ctx context.Context, captures []monitor.Capture) error {
	return b.db.Update(ctx, func(m monitor.Tx) error {
		t := m.(*tx)
		for len(captures) > 0 {
			n := min(bulkRows, len(captures))
			if err := b.add(ctx, t, captures[:n]); err != nil {
				return wrap(err, "storing %d captures", n)
			}
			captures = captures[n:]
		}
		return nil
	})
}

func (b *Bulk) add(ctx context.Context, t *tx, captures []monitor.Capture) error {
	var statement strings.Builder
	statement.WriteString(`INSERT INTO captures (id, target, at, reason, confirms, took_ms, judged, look, visitor) VALUES `)
	args := make([]any, 0, 9*len(captures))
	for i, c := range captures {
		look, err := b.look(ctx, t, c)
		if err != nil {
			return err
		}
		if i > 0 {
			statement.WriteByte(',')
		}
		n := len(args)
		fmt.Fprintf(&statement, "($%d,$%d,$%d,$%d,$%d,$%d,$%d,$%d,$%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8, n+9)
		args = append(args, c.ID, c.Target, instant(c.At), c.Reason, c.Confirms, c.TookMS, c.Judged, look, c.Visitor)
	}
	_, err := t.exec(ctx, statement.String(), args...)
	return err
}

func (b *Bulk) look(ctx context.Context, t *tx, c monitor.Capture) (int64, error) {
	digest, err := lookDigest(c)
	if err != nil {
		return 0, err
	}
	if id, ok := b.looks[digest]; ok {
		return id, nil
	}
	id, err := t.putLook(ctx, c)
	if err == nil {
		b.looks[digest] = id
	}
	return id, err
}

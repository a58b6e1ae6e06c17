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
	"runtime"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// busyTimeout is how long a transaction waits for one of another process:
// "serve" and a "baseline approve" beside it are both legitimate.
const busyTimeout = 10 * time.Second

// openSQLite opens a database file with two pools. All writing, River's too,
// goes through one connection, because SQLite admits one writer and tells a
// second one SQLITE_BUSY; reading has connections of its own, which the
// write-ahead log keeps from waiting for the writer and from holding it up.
func openSQLite(ctx context.Context, file string) (*DB, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", file, err)
	}
	dialect := &dialect{
		goose:      goose.DialectSQLite3,
		migrations: "migrations/sqlite",
		collided:   func(error) bool { return false },
		duplicate:  sqliteDuplicate,
		explain:    explainSQLite(file),
		lock:       func(ctx context.Context) (func() error, error) { return lockFolder(ctx, filepath.Dir(path)) },
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of database %s: %w", file, err)
	}
	writer, err := sql.Open("sqlite", sqliteName(path, false))
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", file, err)
	}
	writer.SetMaxOpenConns(1)
	driver := riversqlite.New(writer)
	if err := migrate(ctx, writer, driver, dialect, func() error { return createPrivate(path) }); err != nil {
		return nil, fmt.Errorf("opening database %s: %w", file, errors.Join(dialect.explain(err), writer.Close()))
	}
	reader, err := sql.Open("sqlite", sqliteName(path, true))
	if err != nil {
		return nil, fmt.Errorf("opening database %s for reading: %w", file, errors.Join(err, writer.Close()))
	}
	reader.SetMaxOpenConns(max(4, runtime.NumCPU()))
	reader.SetMaxIdleConns(2)
	return &DB{queries: queries{reader, dialect}, writer: writer, reader: reader, driver: driver}, nil
}

// sqliteName builds the data source name, https://www.sqlite.org/uri.html with
// the parameters of the driver.
//
// synchronous=FULL makes a commit reach the disk before it returns. NORMAL
// would be about as safe against kill -9, but a power cut could take back
// commits of the last seconds: an alert recorded as sent would be sent twice, a
// decision would be forgotten. At the few commits a second that a sweep makes,
// the price is not felt; BenchmarkCaptures shows it.
func sqliteName(path string, readOnly bool) string {
	values := url.Values{
		"_busy_timeout": {fmt.Sprint(busyTimeout.Milliseconds())},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"1"},
		"_txlock":       {"immediate"}, // take the write lock at BEGIN, where waiting for it is possible
		"_dqs":          {"0"},
		"_error_rc":     {"1"},
		"_pragma":       {"trusted_schema(0)", "journal_size_limit(67108864)"},
	}
	if readOnly {
		values.Set("_query_only", "1")
		values.Set("_txlock", "deferred")
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: values.Encode()}
	return name.String()
}

// createPrivate makes the database file readable by its owner only, and with it
// the log files that SQLite makes beside it: they name contacts and findings.
// It never touches a file that is there: closing it would drop the locks that
// SQLite holds on it in this process, https://www.sqlite.org/howtocorrupt.html.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// lockFolder takes an advisory lock on the folder of the database; it needs no
// file of its own and ends with the process.
func lockFolder(ctx context.Context, folder string) (func() error, error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f.Close, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, fmt.Errorf("locking %s: %w", folder, errors.Join(err, f.Close()))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for another pasban to migrate %s: %w", folder, errors.Join(ctx.Err(), f.Close()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A dialect is what the statements of this package must know about the database
// they run on. Placeholders are $1 on both; both know ON CONFLICT and RETURNING.
type dialect struct {
	goose      goose.Dialect
	migrations string // folder in the embedded file system
	txOptions  *sql.TxOptions
	// collided tells a transaction that failed only because of another one.
	collided func(error) bool
	// duplicate tells a violated UNIQUE or PRIMARY KEY.
	duplicate func(error) bool
	// explain adds what an operator can do about an error, where that is known.
	explain func(error) error
	// lock keeps two processes from migrating the same database at once.
	lock func(ctx context.Context) (unlock func() error, err error)
}

// sqliteCode is the extended result code of an error, 0 if it is not SQLite's.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code()
}

func sqliteDuplicate(err error) bool {
	code := sqliteCode(err)
	return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// explainSQLite returns a function because the advice names the file.
func explainSQLite(file string) func(error) error {
	return func(err error) error {
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("nobody got to write to %s in time; is a backup or another pasban holding it? %w", file, err)
		}
		switch sqliteCode(err) & 0xff { // the primary code
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return fmt.Errorf("%s stayed locked by another process for %v; is a backup or another pasban holding it? %w", file, busyTimeout, err)
		case sqlite3.SQLITE_FULL:
			return fmt.Errorf("no space is left for %s: %w", file, err)
		case sqlite3.SQLITE_IOERR:
			return fmt.Errorf("the disk that holds %s fails, or this process may not write files that large (ulimit -f): %w", file, err)
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
			return fmt.Errorf("%s or its folder cannot be written by this user: %w", file, err)
		case sqlite3.SQLITE_NOTADB:
			return fmt.Errorf("%s is not a SQLite database: %w", file, err)
		case sqlite3.SQLITE_CORRUPT:
			return fmt.Errorf("%s is damaged; restore it from a backup: %w", file, err)
		}
		return err
	}
}

// postgresCode is the SQLSTATE of an error, "" if it is not the server's:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func postgresCode(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}

func postgresDuplicate(err error) bool { return postgresCode(err) == "23505" }

// postgresCollided knows serialization_failure and deadlock_detected.
func postgresCollided(err error) bool {
	code := postgresCode(err)
	return code == "40001" || code == "40P01"
}

// broken tells that there is no connection, or no longer one.
func broken(err error) bool {
	var connecting *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connecting) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn)
}

func explainPostgres(err error) error {
	switch postgresCode(err) {
	case "":
		if broken(err) {
			return fmt.Errorf("the PostgreSQL server cannot be reached; is it running there, and is sslmode right? %w", err)
		}
	case "57P01", "57P02", "57P03":
		return fmt.Errorf("the PostgreSQL server is stopping or starting: %w", err)
	case "28000", "28P01":
		return fmt.Errorf("the PostgreSQL server refuses this user or password: %w", err)
	case "3D000":
		return fmt.Errorf("there is no such database on the PostgreSQL server; create it and give it to the user: %w", err)
	case "53100":
		return fmt.Errorf("the disk of the PostgreSQL server is full: %w", err)
	case "53300":
		return fmt.Errorf("the PostgreSQL server has no connection left; raise max_connections: %w", err)
	case "42501":
		return fmt.Errorf("the database user lacks a permission: %w", err)
	case "25006":
		return fmt.Errorf("the PostgreSQL server is read-only, perhaps a standby: %w", err)
	}
	return err
}

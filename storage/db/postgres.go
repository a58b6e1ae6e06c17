package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
)

const (
	// connectTimeout holds for a URL without connect_timeout.
	connectTimeout = 10 * time.Second
	// postgresConns is the size of the pool of one process: a worker fleet of
	// five stays below the 100 connections a server admits by default.
	postgresConns = 16
	// migrationLock is the key of the advisory lock: "pasban" in ASCII.
	migrationLock = 0x70617362616e
)

// openPostgres opens a database on a PostgreSQL server, version 13 or newer, and
// migrates it; joining, it finds it migrated.
func openPostgres(ctx context.Context, url string, join bool) (*DB, error) {
	config, where, err := parsePostgres(url)
	if err != nil {
		return nil, err
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns / 2)
	dialect := &dialect{
		goose:      goose.DialectPostgres,
		migrations: "migrations/postgres",
		txOptions:  &sql.TxOptions{Isolation: sql.LevelSerializable},
		collided:   postgresCollided,
		duplicate:  postgresDuplicate,
		explain:    explainPostgres,
		lock:       func(ctx context.Context) (func() error, error) { return lockServer(ctx, pool) },
	}
	db := &DB{queries: queries{pool, dialect}, writer: pool, reader: pool, driver: riverdatabasesql.New(pool)}
	if join {
		err = explainJoin(db.join(ctx))
	} else {
		err = migrate(ctx, pool, db.driver, dialect, func() error { return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", where, errors.Join(explainPostgres(err), pool.Close()))
	}
	return db, nil
}

// join checks what a worker finds.
func (db *DB) join(ctx context.Context) error {
	db.driver = follower{db.driver}
	if err := migrated(ctx, db.writer, db.driver, db.dialect); err != nil {
		return err
	}
	err := db.writer.QueryRowContext(ctx, "SELECT has_table_privilege('incidents', 'INSERT')").Scan(&db.broad)
	return wrap(err, "reading what this login may do")
}

// explainJoin adds what is missing when a worker may not even read the version.
func explainJoin(err error) error {
	if postgresCode(err) == "42501" {
		return fmt.Errorf("a worker logs in as a member of the role pasban_worker; if it was made by hand, the owner of the database lets it in by SELECT admit_workers(): %w", err)
	}
	return err
}

// parsePostgres reads a URL, and names the database without the password.
func parsePostgres(url string) (config *pgx.ConnConfig, where string, err error) {
	config, err = pgx.ParseConfig(url)
	if err != nil {
		// The error of the parser may quote the URL, and with it the password.
		return nil, "", errors.New("opening the database: the postgres:// URL cannot be understood; it has the form postgres://user:password@host:5432/database")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	return config, fmt.Sprintf("%s on %s:%d", config.Database, config.Host, config.Port), nil
}

// lockServer takes an advisory lock on a connection of its own.
func lockServer(ctx context.Context, pool *sql.DB) (func() error, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return nil, fmt.Errorf("waiting for another pasban to migrate: %w", errors.Join(err, conn.Close()))
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock)
		return errors.Join(err, conn.Close())
	}, nil
}

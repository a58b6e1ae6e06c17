package db_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite"

	"pasban/monitor"
	"pasban/storage/db"
	"pasban/storage/db/dbtest"
)

// raw opens a database behind the back of package db.
func raw(t *testing.T, driver, name string) *sql.DB {
	t.Helper()
	pool, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	return pool
}

func mustExec(t *testing.T, pool *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// mustOpen makes the database.
func mustOpen(t *testing.T, url string) {
	t.Helper()
	store, err := open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// An old binary must not write to what a newer one made, and must say so in
// words that tell what to do.
func TestNewer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pasban.db")
	for driver, url := range map[string]string{"sqlite": file, "pgx": dbtest.Postgres(t)} {
		mustOpen(t, url)
		pool := raw(t, driver, url)
		mustExec(t, pool, "INSERT INTO schema_version (version_id, is_applied) VALUES (9999, TRUE)")
		_, err := db.Open(t.Context(), url)
		if !errors.Is(err, db.ErrNewer) || !strings.Contains(err.Error(), "update this binary") {
			t.Errorf("%s: a newer schema gave %v, want ErrNewer", driver, err)
		}
		mustExec(t, pool, "DELETE FROM schema_version WHERE version_id = 9999")
		mustOpen(t, url)
		mustExec(t, pool, "INSERT INTO river_migration (line, version) VALUES ('main', 9999)")
		if _, err := db.Open(t.Context(), url); !errors.Is(err, db.ErrNewer) {
			t.Errorf("%s: a newer job queue gave %v, want ErrNewer", driver, err)
		}
	}
}

// The statements are shared, so both schemas must have the same tables and the
// same columns.
func TestSchemasAreTwins(t *testing.T) {
	file, url := filepath.Join(t.TempDir(), "pasban.db"), dbtest.Postgres(t)
	mustOpen(t, file)
	mustOpen(t, url)
	ours := ` NOT LIKE 'river%' AND %s <> 'schema_version'`
	sqlite := columns(t, raw(t, "sqlite", file), `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name`+strings.ReplaceAll(ours, "%s", "m.name"))
	postgres := columns(t, raw(t, "pgx", url), `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name`+strings.ReplaceAll(ours, "%s", "table_name"))
	if len(sqlite) < 50 {
		t.Errorf("only %d columns were found on SQLite", len(sqlite))
	}
	for column := range sqlite {
		if !postgres[column] {
			t.Errorf("%s is missing on PostgreSQL", column)
		}
	}
	for column := range postgres {
		if !sqlite[column] {
			t.Errorf("%s is missing on SQLite", column)
		}
	}
}

func columns(t *testing.T, pool *sql.DB, query string) map[string]bool {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	found := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		found[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// What the errors of Open say to an operator, and that none shows a password.
func TestOpenErrors(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"":                                      "no file name",
		"mysql://user:geheim@host/db":           "mysql://",
		text:                                    "text.db is not a SQLite database",
		text + "/pasban.db":                     "not a directory",
		folder:                                  "cannot be written",
		"postgres://u:geheim@127.0.0.1:1/db":    "db on 127.0.0.1:1: the PostgreSQL server cannot be reached",
		"postgres://u:geheim@127.0.0.1:port/db": "cannot be understood",
		"postgres://u:geheim%zz@127.0.0.1/db":   "cannot be understood",
	} {
		store, err := db.Open(t.Context(), url)
		if err == nil {
			t.Errorf("Open(%q) worked", url)
			_ = store.Close() // the test has failed already
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("Open(%q) says %q, want something about %q and no password", url, err, want)
		}
	}
}

// The database names contacts and findings: it is its owner's alone, and so are
// the logs beside it.
func TestFileIsPrivate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data", "pasban.db")
	store, err := open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Update(t.Context(), func(tx monitor.Tx) error { return tx.PutSite(t.Context(), monitor.Site{ID: "a"}) }); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{filepath.Dir(file): 0o700, file: 0o600, file + "-wal": 0o600, file + "-shm": 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v, want %v", path, info.Mode().Perm(), err, want)
		}
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// A commit must reach the disk, and writing must not hold up reading: both hang
// on settings that a typing error would turn off silently.
func TestSettings(t *testing.T) {
	store, err := open(t.Context(), filepath.Join(t.TempDir(), "pasban.db"))
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx monitor.Tx) error {
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000", "trusted_schema": "0",
		} {
			var have string
			if err := tx.SQL().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&have); err != nil || have != want {
				t.Errorf("%s is %s, %v, want %s", pragma, have, err, want)
			}
		}
		return nil
	})
	if err := errors.Join(err, store.Close()); err != nil {
		t.Error(err)
	}
}

// While another process holds the write lock, a transaction waits for it: a
// second here, ten at most.
func TestWaitsForAnotherProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pasban.db")
	store, err := open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	other := raw(t, "sqlite", file)
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		done <- store.Update(context.WithoutCancel(t.Context()), func(tx monitor.Tx) error {
			return tx.PutSite(context.WithoutCancel(t.Context()), monitor.Site{ID: "a"})
		})
	}()
	select {
	case err := <-done:
		t.Errorf("Update did not wait for the other process: %v", err)
	case <-time.After(time.Second):
		if _, err := store.Sites(t.Context()); err != nil {
			t.Errorf("reading meanwhile: %v", err)
		}
		if _, err := conn.ExecContext(t.Context(), "COMMIT"); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Errorf("after the other process was done: %v", err)
		}
	}
	if err := errors.Join(conn.Close(), store.Close()); err != nil {
		t.Error(err)
	}
}

// A database of the version before visitors opens, and all its looks are those of
// desktops.
func TestLooksOfOldAreADesktops(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pasban.db")
	old := raw(t, "sqlite", file)
	migrateTo(t, old, 1)
	for _, statement := range []string{
		`INSERT INTO looks (id, digest, site, url, final_url, title, outcome, detail, status, picture, dom, blobs, baseline, report)
			VALUES (1, 'x', 's', '', '', '', 'ok', '', 200, '', '', '{}', 1, '{}')`,
		"INSERT INTO captures (id, target, at, reason, confirms, took_ms, judged, look) VALUES ('c', 't', 1, 'schedule', '', 1, TRUE, 1)",
	} {
		mustExec(t, old, statement)
	}
	store, err := open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := store.Captures(t.Context(), "t", 10)
	if err := errors.Join(err, store.Close()); err != nil || len(all) != 1 || all[0].Visitor != monitor.Desktop {
		t.Errorf("the looks are %+v, %v; want one of a desktop", all, err)
	}
}

// migrateTo makes a database of an earlier version.
func migrateTo(t *testing.T, pool *sql.DB, version int64) {
	t.Helper()
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, os.DirFS(filepath.Join("migrations", "sqlite")),
		goose.WithTableName("schema_version"), goose.WithDisableGlobalRegistry(true))
	if err == nil {
		_, err = provider.UpTo(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
}

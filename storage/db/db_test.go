package db_test

import (
	"context"
	"path/filepath"
	"testing"

	"pasban/monitor"
	"pasban/storage/db"
	"pasban/storage/db/dbtest"
)

func open(ctx context.Context, url string) (monitor.Store, error) {
	store, err := db.Open(ctx, url)
	if err != nil {
		return nil, err // not a nil *DB in the interface
	}
	return store, nil
}

func sqliteFile(t *testing.T) string {
	return filepath.Join(t.TempDir(), "not made yet", "100% odd?name#.db")
}

func TestSQLite(t *testing.T) {
	dbtest.Run(t, dbtest.Subject{Make: sqliteFile, Open: open})
}

func TestPostgres(t *testing.T) {
	dbtest.Run(t, dbtest.Subject{
		Make: func(t *testing.T) string { return dbtest.Postgres(t) },
		Open: open,
	})
}

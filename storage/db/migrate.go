package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations
var migrations embed.FS

// migrate brings our schema and River's to the version of this binary, while no
// other process does. prepare runs first, under the same lock.
func migrate(ctx context.Context, pool *sql.DB, driver riverdriver.Driver[*sql.Tx], dialect *dialect, prepare func() error) (err error) {
	unlock, err := dialect.lock(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := prepare(); err != nil {
		return err
	}
	if err := migrateSchema(ctx, pool, dialect); err != nil {
		return err
	}
	return migrateJobs(ctx, driver)
}

func migrateSchema(ctx context.Context, pool *sql.DB, dialect *dialect) error {
	folder, err := fs.Sub(migrations, dialect.migrations)
	if err != nil {
		return fmt.Errorf("reading the embedded migrations: %w", err)
	}
	provider, err := goose.NewProvider(dialect.goose, pool, folder,
		goose.WithTableName("schema_version"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the embedded migrations: %w", err)
	}
	have, want, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	if have > want {
		return fmt.Errorf("the schema has version %d, this binary knows %d: %w", have, want, ErrNewer)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating the schema from version %d to %d: %w", have, want, err)
	}
	return nil
}

func migrateJobs(ctx context.Context, driver riverdriver.Driver[*sql.Tx]) error {
	// River tells every step at level Info; that a database was made is no news.
	config := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	migrator, err := rivermigrate.New(driver, config)
	if err != nil {
		return fmt.Errorf("reading the migrations of the job queue: %w", err)
	}
	have, err := jobsVersion(ctx, driver.GetExecutor())
	if err != nil {
		return fmt.Errorf("reading the version of the job queue: %w", err)
	}
	newest := 0
	for _, m := range migrator.AllVersions() {
		newest = max(newest, m.Version)
	}
	if have > newest {
		return fmt.Errorf("the job queue has version %d, this binary knows %d: %w", have, newest, ErrNewer)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrating the job queue from version %d to %d: %w", have, newest, err)
	}
	return nil
}

// jobsVersion is the version of River's schema, 0 before there is one. The
// migrator can tell it too, but fails at a version that it does not know.
func jobsVersion(ctx context.Context, executor riverdriver.Executor) (int, error) {
	there, err := executor.TableExists(ctx, &riverdriver.TableExistsParams{Table: "river_migration"})
	if err != nil || !there {
		return 0, err
	}
	all, err := executor.MigrationGetByLine(ctx, &riverdriver.MigrationGetByLineParams{Line: riverdriver.MigrationLineMain})
	if err != nil {
		return 0, err
	}
	newest := 0
	for _, m := range all {
		newest = max(newest, m.Version)
	}
	return newest, nil
}

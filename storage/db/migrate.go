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

// migrate brings River's schema and ours to the version of this binary, while no
// other process does. River's comes first, because ours says who may touch it.
// prepare runs before both, under the same lock.
func migrate(ctx context.Context, pool *sql.DB, driver riverdriver.Driver[*sql.Tx], dialect *dialect, prepare func() error) (err error) {
	unlock, err := dialect.lock(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := prepare(); err != nil {
		return err
	}
	if err := migrateJobs(ctx, driver); err != nil {
		return err
	}
	return migrateSchema(ctx, pool, dialect)
}

// embedded are our migrations for a database.
func embedded(pool *sql.DB, dialect *dialect) (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, dialect.migrations)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded migrations: %w", err)
	}
	provider, err := goose.NewProvider(dialect.goose, pool, folder,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("reading the embedded migrations: %w", err)
	}
	return provider, nil
}

// versionTable is where goose notes what it has migrated.
const versionTable = "schema_version"

func migrateSchema(ctx context.Context, pool *sql.DB, dialect *dialect) error {
	provider, err := embedded(pool, dialect)
	if err != nil {
		return err
	}
	have, want, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	if err := checkVersion("schema", have, want); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating the schema from version %d to %d: %w", have, want, err)
	}
	return nil
}

// checkVersion refuses what a newer binary has migrated.
func checkVersion(what string, have, want int64) error {
	if have > want {
		return fmt.Errorf("the %s has version %d, this binary knows %d: %w", what, have, want, ErrNewer)
	}
	return nil
}

// migrated checks that both schemas have the versions of this binary, for a process
// that may not migrate.
func migrated(ctx context.Context, pool *sql.DB, driver riverdriver.Driver[*sql.Tx], dialect *dialect) error {
	provider, err := embedded(pool, dialect)
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	have, err := newestOf(ctx, pool)
	if err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	jobs, err := jobsVersion(ctx, driver.GetExecutor())
	if err != nil {
		return fmt.Errorf("reading the version of the job queue: %w", err)
	}
	jobsMigrator, err := jobMigrations(driver)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		what       string
		have, want int64
	}{{"schema", have, sources[len(sources)-1].Version}, {"job queue", int64(jobs), int64(newestVersion(jobsMigrator))}} {
		if err := checkVersion(part.what, part.have, part.want); err != nil {
			return err
		}
		if part.have < part.want {
			return fmt.Errorf("the %s has version %d, this binary needs %d: %w", part.what, part.have, part.want, ErrOlder)
		}
	}
	return nil
}

// newestOf reads the version of our schema, 0 before there is one.
func newestOf(ctx context.Context, pool *sql.DB) (version int64, err error) {
	var there bool
	if err := pool.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", versionTable).Scan(&there); err != nil || !there {
		return 0, err
	}
	err = pool.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+versionTable).Scan(&version)
	return version, err
}

func jobMigrations(driver riverdriver.Driver[*sql.Tx]) (*rivermigrate.Migrator[*sql.Tx], error) {
	// River tells every step at level Info; that a database was made is no news.
	config := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	migrator, err := rivermigrate.New(driver, config)
	if err != nil {
		return nil, fmt.Errorf("reading the migrations of the job queue: %w", err)
	}
	return migrator, nil
}

func newestVersion(migrator *rivermigrate.Migrator[*sql.Tx]) int {
	newest := 0
	for _, m := range migrator.AllVersions() {
		newest = max(newest, m.Version)
	}
	return newest
}

func migrateJobs(ctx context.Context, driver riverdriver.Driver[*sql.Tx]) error {
	migrator, err := jobMigrations(driver)
	if err != nil {
		return err
	}
	have, err := jobsVersion(ctx, driver.GetExecutor())
	if err != nil {
		return fmt.Errorf("reading the version of the job queue: %w", err)
	}
	newest := newestVersion(migrator)
	if err := checkVersion("job queue", int64(have), int64(newest)); err != nil {
		return err
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

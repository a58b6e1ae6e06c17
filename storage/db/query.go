package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"pasban/monitor"
)

// queries implements monitor.Reader on a pool or on a transaction. The
// statements are in the files of their subjects.
type queries struct {
	db interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
	dialect *dialect
}

// A row is what a scan function reads one object from.
type row interface{ Scan(into ...any) error }

// list returns all rows of a statement, never nil.
func list[T any](ctx context.Context, q queries, scan func(row) (T, error), statement string, args ...any) (all []T, err error) {
	rows, err := q.db.QueryContext(ctx, statement, clean(args)...)
	if err != nil {
		return nil, q.dialect.explain(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all = []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, q.dialect.explain(err)
	}
	return all, nil
}

// one returns the first row of a statement, or monitor.ErrNotFound.
func one[T any](ctx context.Context, q queries, scan func(row) (T, error), statement string, args ...any) (T, error) {
	all, err := list(ctx, q, scan, statement, args...)
	if err != nil || len(all) == 0 {
		var none T
		if err == nil {
			err = monitor.ErrNotFound
		}
		return none, err
	}
	return all[0], nil
}

// exec runs a statement that returns no rows and tells how many it touched.
func (q queries) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	result, err := q.db.ExecContext(ctx, statement, clean(args)...)
	if err != nil {
		return 0, q.explain(err)
	}
	return result.RowsAffected()
}

// insert runs an INSERT ... RETURNING id; 0 if it inserted nothing.
func (q queries) insert(ctx context.Context, statement string, args ...any) (int64, error) {
	id, err := one(ctx, q, scanID, statement, args...)
	if errors.Is(err, monitor.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, q.explain(err)
	}
	return id, nil
}

func scanID(r row) (id int64, err error) {
	err = r.Scan(&id)
	return id, err
}

func (q queries) explain(err error) error {
	if q.dialect.duplicate(err) {
		return fmt.Errorf("%w: %w", monitor.ErrExists, err)
	}
	return q.dialect.explain(err)
}

// touched turns "no row has this key" into monitor.ErrNotFound.
func touched(n int64, err error) error {
	if err == nil && n == 0 {
		return monitor.ErrNotFound
	}
	return err
}

// wrap adds what was being attempted; nil stays nil.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

// clean makes the strings among the arguments of a statement storable on either
// database: see the package comment. It stands in the one place all statements
// pass, so that none can forget it.
func clean(args []any) []any {
	for i, arg := range args {
		if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
			args[i] = cleanText(v.String())
		}
	}
	return args
}

func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// checkKeys refuses keys that clean would change, and empty ones.
func checkKeys(keys ...string) error {
	for _, key := range keys {
		if key == "" || !utf8.ValidString(key) || strings.Contains(key, "\x00") {
			return fmt.Errorf("%q is no key: it is empty, or holds a NUL byte or invalid UTF-8", key)
		}
	}
	return nil
}

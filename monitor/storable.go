package monitor

import (
	"context"
	"strings"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// maxFailure bounds what is kept of the text of a failure, in bytes. A mail
// server, a webhook or a browser may have written most of it.
const maxFailure = 4 << 10

// storableFailures makes the errors of jobs fit to be kept. The queue keeps them
// as JSON, and PostgreSQL refuses a NUL byte in that: the job would neither end
// nor be tried again.
var storableFailures = river.WorkerMiddlewareFunc(func(ctx context.Context, _ *rivertype.JobRow, work func(context.Context) error) error {
	err := work(ctx)
	if err == nil || storable(err.Error()) == err.Error() {
		return err
	}
	return storableError{err}
})

// storableError is an error whose text can be kept.
type storableError struct{ error }

// Error implements error.
func (e storableError) Error() string { return storable(e.error.Error()) }

// Unwrap lets errors.Is and errors.As find what happened.
func (e storableError) Unwrap() error { return e.error }

// storable is a text without what no database keeps, cut to maxFailure.
func storable(s string) string {
	if len(s) > maxFailure {
		s = s[:maxFailure] + " ..."
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

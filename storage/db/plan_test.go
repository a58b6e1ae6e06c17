package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pasban/monitor"
	"pasban/storage/db/dbtest"
)

// recorder notes the statements that pass through it.
type recorder struct {
	to interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
	seen *[]statement
}

type statement struct {
	text string
	args []any
}

// ExecContext notes a statement and runs it.
func (r recorder) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	*r.seen = append(*r.seen, statement{query, args})
	return r.to.ExecContext(ctx, query, args...)
}

// QueryContext notes a statement and runs it.
func (r recorder) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	*r.seen = append(*r.seen, statement{query, args})
	return r.to.QueryContext(ctx, query, args...)
}

// What a look costs must not grow with history: nothing that a look, a judgement,
// a round of the schedule or a round of retention asks reads a table, or an index,
// from end to end. The plans of the databases say so, whatever the machine does.
func TestNothingIsReadFromEndToEnd(t *testing.T) {
	for name, plan := range map[string]struct {
		url  string
		read func(t *testing.T, tx *sql.Tx, s statement) string
	}{
		"SQLite":   {filepath.Join(t.TempDir(), "pasban.db"), sqlitePlan},
		"Postgres": {dbtest.Postgres(t), postgresPlan},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := Open(t.Context(), plan.url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			fillHistory(t, store)
			sqlTx, err := store.writer.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer sqlTx.Rollback()
			var seen []statement
			askAll(t, &tx{queries{recorder{sqlTx, &seen}, store.dialect}, sqlTx})
			if len(seen) < 25 {
				t.Fatalf("only %d statements were asked", len(seen))
			}
			for _, s := range seen {
				if scan := plan.read(t, sqlTx, s); scan != "" {
					t.Errorf("%s\nreads from end to end: %s", strings.Join(strings.Fields(s.text), " "), scan)
				}
			}
		})
	}
}

// fillHistory makes enough of everything for a planner to take an index where
// there is one.
func fillHistory(t *testing.T, store *DB) {
	t.Helper()
	err := store.Update(t.Context(), func(tx monitor.Tx) error {
		for i := range 1200 {
			target := fmt.Sprintf("site-%d", i%40)
			c := monitor.Capture{ID: fmt.Sprintf("%08d", i), Target: target, Site: target, At: time.Unix(int64(i), 0), Judged: true, Title: fmt.Sprint(i)}
			if i%10 == 9 {
				c.Confirms = fmt.Sprintf("%08d", i-1)
			}
			in := monitor.Incident{Site: target, State: monitor.Resolved, Opened: c.At, Findings: []monitor.IncidentFinding{{Capture: c.ID}}}
			_, err := tx.AddIncident(t.Context(), in)
			_, err2 := tx.AddQuestion(t.Context(), monitor.Question{Site: target, Target: target, Capture: c.ID, Answered: c.At})
			if err := errors.Join(err, err2, tx.AddCapture(t.Context(), c), tx.PutFreshness(t.Context(), monitor.Freshness{Target: target}),
				tx.PutSite(t.Context(), monitor.Site{ID: target}), tx.PutTarget(t.Context(), monitor.Target{ID: target, Site: target}),
				tx.AddBaseline(t.Context(), monitor.Baseline{Target: target, Version: 1 + i/40})); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = store.writer.ExecContext(t.Context(), "ANALYZE")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// askAll asks what the pipeline asks again and again.
func askAll(t *testing.T, tx *tx) {
	t.Helper()
	ctx, c := t.Context(), monitor.Capture{ID: "new", Target: "site-7", Site: "site-7", At: time.Unix(5000, 0)}
	var errs []error
	ask := func(_ any, err error) {
		if !errors.Is(err, monitor.ErrNotFound) {
			errs = append(errs, err)
		}
	}
	// A look.
	ask(tx.Target(ctx, c.Target))
	ask(tx.Site(ctx, c.Site))
	ask(tx.Baseline(ctx, c.Target))
	ask(tx.Baselines(ctx, c.Target))
	for _, as := range []monitor.Visitor{monitor.Desktop, monitor.Phone, monitor.Search} {
		ask(tx.CapturesAs(ctx, c.Target, as, 20))
	}
	ask(tx.TargetFreshness(ctx, c.Target))
	ask(tx.Trouble(ctx, c.Site))
	ask(tx.SiteTargets(ctx, c.Site))
	ask(nil, tx.AddCapture(ctx, c))
	ask(nil, tx.PutFreshness(ctx, monitor.Freshness{Target: c.Target}))
	// Its judgement.
	ask(tx.Capture(ctx, "00000007"))
	ask(tx.Confirmation(ctx, "00000007"))
	ask(tx.OpenIncident(ctx, c.Site))
	ask(tx.SiteIncidents(ctx, c.Site))
	ask(tx.Questions(ctx))
	ask(nil, tx.SetJudged(ctx, c.ID, map[string]string{"after": "x"}))
	ask(nil, tx.AnswerQuestions(ctx, c.Target, c.At))
	ask(tx.Undelivered(ctx))
	// The schedule.
	ask(tx.Revision(ctx))
	ask(tx.Incidents(ctx, true))
	// Retention.
	ask(tx.Past(ctx, "00000100", 50))
	ask(tx.RemoveCaptures(ctx, []string{"00000101", "00000102"}))
	ask(tx.Kept(ctx, 100, 50))
	ask(tx.Unpin(ctx, 7))
	ask(tx.Note(ctx, "x"))
	// A span of the statistics.
	ask(tx.Courses(ctx, monitor.CourseQuery{From: time.Unix(1100, 0), Until: time.Unix(1190, 0), Limit: 100}))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// sqlitePlan returns the scans of a plan, https://www.sqlite.org/eqp.html: SCAN
// visits all rows, SEARCH a part of them. One that begins where the last batch
// ended is a SEARCH.
func sqlitePlan(t *testing.T, tx *sql.Tx, s statement) string {
	rows, err := tx.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+s.text, s.args...)
	if err != nil {
		t.Fatalf("%s: %v", s.text, err)
	}
	defer rows.Close()
	var scans []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(detail, "SCAN") && !sqliteHarmless.MatchString(detail) {
			scans = append(scans, detail)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(scans, "; ")
}

// Scans of what is small by itself: a result that was found already, the one row
// of the revision, and partial indexes of what is open and will be closed.
var sqliteHarmless = regexp.MustCompile(`^SCAN (trouble|free|\(subquery|\d+ CONSTANT|CONSTANT|watch_revision|.* USING (COVERING )?INDEX (incidents_pending|questions_pending|deliveries_open))`)

// postgresPlan returns the nodes of a plan that read all of a table or an index,
// though the ways to do so, which a planner rightly takes for tables as small as
// these, were made as dear as they can be.
func postgresPlan(t *testing.T, tx *sql.Tx, s statement) string {
	for _, way := range []string{"seqscan", "hashjoin", "mergejoin"} {
		if _, err := tx.ExecContext(t.Context(), "SET LOCAL enable_"+way+" = off"); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := tx.QueryContext(t.Context(), "EXPLAIN "+s.text, s.args...)
	if err != nil {
		t.Fatalf("%s: %v", s.text, err)
	}
	defer rows.Close()
	var scans []string
	var open string // an index scan whose condition was not seen yet
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(line, "Index Cond") {
			open = ""
		}
		if strings.Contains(line, "Scan") && open != "" {
			scans, open = append(scans, open), ""
		}
		switch {
		case strings.Contains(line, "Seq Scan on") && !strings.Contains(line, "watch_revision"):
			scans = append(scans, strings.TrimSpace(line))
		case postgresIndexScan.MatchString(line) && !postgresHarmless.MatchString(line):
			open = strings.TrimSpace(line)
		}
	}
	if open != "" {
		scans = append(scans, open)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(scans, "; ")
}

var (
	postgresIndexScan = regexp.MustCompile(`(Index Scan|Index Only Scan) `)
	postgresHarmless  = regexp.MustCompile(`incidents_pending|questions_pending|questions_open|deliveries_open|incidents_open`)
)

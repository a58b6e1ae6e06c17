package db_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"pasban/monitor"
	"pasban/storage/db"
	"pasban/storage/db/dbtest"
)

// workersSite is what a worker finds in the database, and some of what it must not.
const workersSite = `
INSERT INTO institutions VALUES ('ministry', 'Ministry', 'federal', 'federal', '["webmaster@ministry.example"]', 'en', 'amber');
INSERT INTO sites VALUES ('ministry', 'Ministry', 'ministry', 'http://ministry.example/', '*/15 * * * *', '[]', '[]', '[]', '', false);
INSERT INTO targets VALUES ('ministry', 'ministry', 'http://ministry.example/', false);
INSERT INTO freshness VALUES ('ministry', 1, 1, 'ok', '', 0);
INSERT INTO looks (digest, site, url, final_url, title, outcome, detail, status, picture, dom, blobs, baseline, report)
	VALUES ('d', 'ministry', 'u', 'u', 't', 'ok', '', 200, '', '', '{}', 1, '{}');
INSERT INTO captures VALUES ('seen', 'ministry', 1, 'schedule', '', 1, false, 1);
INSERT INTO baselines VALUES ('ministry', 1, 'ministry', 1, true, 'policy:first-sight', 1, '["seen"]', 'm', '[]');
INSERT INTO incidents (site, target, kind, severity, state, summary, opened, updated, campaign, findings, recovered, notices)
	VALUES ('ministry', 'ministry', 'defacement', 'critical', 'open', 's', 1, 1, '', '[]', 0, 1);
INSERT INTO river_job (queue, kind, args, max_attempts) VALUES
	('look', 'look', '{"target":"ministry"}', 5), ('judge', 'judge', '{"capture":"seen"}', 5), ('deliver', 'deliver', '{"delivery":1}', 5);
INSERT INTO river_queue (name, updated_at) VALUES ('judge', now());`

// joined are the owner's and a worker's connection to a database with workersSite.
func joined(t *testing.T) (database string, owner, worker *sql.DB) {
	t.Helper()
	database = dbtest.Postgres(t)
	store, err := db.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	owner = connect(t, database)
	if _, err := owner.ExecContext(t.Context(), workersSite); err != nil {
		t.Fatal(err)
	}
	return database, owner, connect(t, dbtest.Worker(t, database))
}

func connect(t *testing.T, url string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("pgx", url)
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

// A worker that was taken over has its database login, and this is all it can do
// with it. "refused" is an error; of a statement that meets no row the worker may
// touch, "nothing" happens.
func TestWhatAWorkerMay(t *testing.T) {
	_, _, worker := joined(t)
	for _, row := range []struct{ what, statement, comesTo string }{
		{"read a site", `SELECT * FROM sites`, "done"},
		{"read a target", `SELECT * FROM targets`, "done"},
		{"read an approved look", `SELECT * FROM baselines`, "done"},
		{"read captures", `SELECT * FROM captures JOIN looks ON looks.id = look`, "done"},
		{"take a look job", `UPDATE river_job SET state = 'running', attempt = attempt + 1 WHERE queue = 'look'`, "done"},
		{"give a look job back", `UPDATE river_job SET state = 'available' WHERE queue = 'look'`, "done"},
		{"add what was seen", `INSERT INTO looks (digest, site, url, final_url, title, outcome, detail, status, picture, dom, blobs, baseline, report)
			VALUES ('e', 'ministry', 'u', 'u', 't', 'ok', '', 200, '', '', '{}', 1, '{}') RETURNING id`, "done"},
		{"add a capture", `INSERT INTO captures VALUES ('new', 'ministry', 2, 'schedule', '', 1, false, 1)`, "done"},
		{"note how fresh a target is", `UPDATE freshness SET last_attempt = 2 WHERE target = 'ministry'`, "done"},
		{"ask the judge", `INSERT INTO river_job (queue, kind, args, max_attempts) VALUES ('judge', 'judge', '{"capture":"new"}', 5)`, "done"},
		{"note that looks are worked", `INSERT INTO river_queue (name, updated_at) VALUES ('look', now()) ON CONFLICT (name) DO UPDATE SET updated_at = now()`, "done"},

		{"read what is ordered", `SELECT * FROM directives JOIN directive_sites ON directive = id`, "nothing"},
		{"read how pages stand", `SELECT * FROM standings, waivers, doors`, "nothing"},

		{"order", `INSERT INTO directive_sites VALUES (1, 'ministry')`, "refused"},
		{"lift an order", `UPDATE directives SET lifted = 1`, "refused"},
		{"say that a door is shut", `INSERT INTO standings VALUES ('ministry', 'login', 'ministry', 'closed', '', '[]', 'null', 1, '', 1)`, "refused"},
		{"read contacts", `SELECT contacts FROM institutions`, "refused"},
		{"read incidents", `SELECT * FROM incidents`, "refused"},
		{"read what waits for analysts", `SELECT * FROM questions`, "refused"},
		{"read decisions", `SELECT * FROM decisions`, "refused"},
		{"read alerts", `SELECT * FROM deliveries`, "refused"},
		{"open an incident", `INSERT INTO incidents (site, target, kind, severity, state, summary, opened, updated, campaign, findings, recovered, notices)
			VALUES ('x', 'x', 'defacement', 'critical', 'open', '', 1, 1, '', '[]', 0, 1)`, "refused"},
		{"close an incident", `UPDATE incidents SET state = 'resolved'`, "refused"},
		{"write an alert", `INSERT INTO deliveries (alert, incident, sink, recipient, language, state, worker, payload, attempts, created, updated)
			VALUES ('1.opened.1', 1, 'smtp', 'x@example.org', 'en', 'pending', '', '', '[]', 1, 1)`, "refused"},
		{"unsay an alert", `DELETE FROM deliveries`, "refused"},
		{"send an alert", `INSERT INTO river_job (queue, kind, args, max_attempts) VALUES ('deliver', 'deliver', '{"delivery":1}', 5)`, "refused"},
		{"send an alert in the guise of a judgement", `INSERT INTO river_job (queue, kind, args, max_attempts) VALUES ('judge', 'deliver', '{"delivery":1}', 5)`, "refused"},
		{"see what is delivered", `SELECT * FROM river_job WHERE queue = 'deliver'`, "nothing"},
		{"hold up what is delivered", `UPDATE river_job SET state = 'cancelled', finalized_at = now() WHERE queue = 'deliver'`, "nothing"},
		{"hold up what is judged", `UPDATE river_job SET state = 'cancelled', finalized_at = now() WHERE queue = 'judge'`, "nothing"},
		{"pause the judge", `UPDATE river_queue SET paused_at = now() WHERE name = 'judge'`, "refused"},
		{"say that nobody judges", `UPDATE river_queue SET updated_at = 'epoch' WHERE name = 'judge'`, "nothing"},
		{"remove a job", `DELETE FROM river_job`, "refused"},
		{"ask for a look", `INSERT INTO river_job (queue, kind, args, max_attempts) VALUES ('look', 'look', '{"target":"ministry"}', 5)`, "refused"},
		{"have something else looked at", `UPDATE river_job SET args = '{"target":"x"}' WHERE queue = 'look'`, "refused"},
		{"make a look a judgement", `UPDATE river_job SET kind = 'judge' WHERE queue = 'look'`, "refused"},
		{"keep the queue for all", `INSERT INTO river_leader (leader_id, elected_at, expires_at) VALUES ('me', now(), now() + interval '1 year')`, "refused"},
		{"approve a look", `INSERT INTO baselines VALUES ('ministry', 2, 'ministry', 1, false, 'operator:x', 1, '[]', 'm', '[]')`, "refused"},
		{"put a copy on record", `INSERT INTO snapshots VALUES ('1', 'ministry', 1, '[]', 'm', 1, 1, 1, '[]', 'proved', '', '[]', 1)`, "refused"},
		{"read what logs told", `SELECT * FROM log_findings`, "refused"},
		{"have a log read again", `DELETE FROM log_readings`, "refused"},
		{"read copies", `SELECT * FROM snapshots`, "refused"},
		{"read tokens", `SELECT * FROM tokens`, "refused"},
		{"make itself a token", `INSERT INTO tokens (account, name, scope, digest, created, expires, used, revoked, revoked_by) VALUES ('x', 'x', 'decide', 'x', 1, 1, 0, 0, '')`, "refused"},
		{"decide", `INSERT INTO decisions (at, actor, action, object, reason, detail) VALUES (1, 'operator:x', 'site.pause', 'site:ministry', '', '')`, "refused"},
		{"watch something else", `INSERT INTO targets VALUES ('x', 'ministry', 'http://x.example/', false)`, "refused"},
		{"end a watch", `UPDATE sites SET paused = true`, "refused"},
		{"open the inside to looks", `UPDATE sites SET allow_private = '["10.0.0.0/8"]'`, "refused"},
		{"change a capture", `UPDATE captures SET judged = true`, "refused"},
		{"change a report", `UPDATE looks SET report = '{}'`, "refused"},
		{"remove a capture", `DELETE FROM captures`, "refused"},
		{"remove how fresh a target is", `DELETE FROM freshness`, "refused"},
		{"empty a table", `TRUNCATE captures`, "refused"},
		{"say that the schema is another", `UPDATE schema_version SET version_id = 1`, "refused"},
		{"admit itself", `SELECT admit_workers()`, "refused"},
		{"take the bound away", `ALTER TABLE river_job DISABLE ROW LEVEL SECURITY`, "refused"},
		{"make a table", `CREATE TABLE public.x (y text)`, "refused"},
		{"be somebody else", `SET ROLE pasban`, "refused"},
		{"make a login", `CREATE ROLE another LOGIN`, "refused"},
		{"read files of the server", `SELECT pg_read_file('PG_VERSION')`, "refused"},
		{"run a program on the server", `COPY captures TO PROGRAM 'true'`, "refused"},
	} {
		if got := outcome(t.Context(), worker, row.statement); got != row.comesTo {
			t.Errorf("%s: %s, want %s", row.what, got, row.comesTo)
		}
	}
}

// outcome tells what a statement came to.
func outcome(ctx context.Context, pool *sql.DB, statement string) string {
	result, err := pool.ExecContext(ctx, statement)
	var server *pgconn.PgError
	if errors.As(err, &server) && server.Code == "42501" {
		return "refused"
	}
	if err != nil {
		return err.Error()
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return "nothing"
	}
	return "done"
}

// The privileges of the role, table by table: whoever adds a table that a worker may
// touch says so here. Column privileges count for their table, in lower case.
func TestWorkerPrivileges(t *testing.T) {
	_, owner, _ := joined(t)
	rows, err := owner.QueryContext(t.Context(), `
		SELECT c.relname, p.name, has_table_privilege('pasban_worker', c.oid, p.name)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
			unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (name)
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm') AND (has_table_privilege('pasban_worker', c.oid, p.name)
			OR p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege('pasban_worker', c.oid, p.name))`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got := map[string][]string{}
	for rows.Next() {
		var table, privilege string
		var whole bool
		if err := rows.Scan(&table, &privilege, &whole); err != nil {
			t.Fatal(err)
		}
		if !whole {
			privilege = strings.ToLower(privilege)
		}
		got[table] = append(got[table], privilege)
		slices.Sort(got[table])
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"schema_version": {"SELECT"}, "river_migration": {"SELECT"},
		"sites": {"SELECT"}, "targets": {"SELECT"}, "baselines": {"SELECT"},
		"captures": {"INSERT", "SELECT"}, "looks": {"INSERT", "SELECT"}, "freshness": {"INSERT", "SELECT", "UPDATE"},
		"directives": {"SELECT"}, "directive_sites": {"SELECT"}, "waivers": {"SELECT"}, "standings": {"SELECT"}, "doors": {"SELECT"},
		"river_job": {"INSERT", "SELECT", "update"}, "river_queue": {"INSERT", "SELECT", "update"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what a worker may (- want, + have):\n%s", diff)
	}
}

// A worker joins what a serve has migrated, and says what is missing when none has.
func TestJoin(t *testing.T) {
	database, owner, _ := joined(t)
	worker := dbtest.Worker(t, database)
	store, err := db.Join(t.Context(), worker)
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx monitor.Tx) error {
		return tx.AddCapture(t.Context(), monitor.Capture{ID: "by the store", Target: "ministry", Site: "ministry"})
	})
	if err != nil {
		t.Errorf("adding a capture: %v", err)
	}
	if store.Broad() {
		t.Error("the login of a worker is called one that can open incidents")
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	asServe, err := db.Join(t.Context(), database)
	if err != nil || !asServe.Broad() {
		t.Errorf("joining as a serve: %v; want to be told that it can open incidents", err)
	}
	if err := asServe.Close(); err != nil {
		t.Error(err)
	}
	for statement, want := range map[string]error{
		`DELETE FROM schema_version WHERE version_id > 1`:                         db.ErrOlder,
		`INSERT INTO schema_version (version_id, is_applied) VALUES (9999, true)`: db.ErrNewer,
	} {
		if _, err := owner.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Join(t.Context(), worker); !errors.Is(err, want) {
			t.Errorf("after %s: %v, want %v", statement, err, want)
		}
	}
	if _, err := db.Join(t.Context(), dbtest.Postgres(t)); !errors.Is(err, db.ErrOlder) {
		t.Errorf("joining an empty database: %v, want ErrOlder", err)
	}
}

// Databases of one server share the role: the second one finds it there.
func TestRoleIsShared(t *testing.T) {
	for range 2 {
		joined(t)
	}
}

// An operator who may not make roles can watch all the same. Who may makes the role
// later, and the operator lets it in.
func TestMigratingWithoutTheRightToMakeRoles(t *testing.T) {
	server, _ := dbtest.PostgresServer(t)
	admin := connect(t, server.String())
	for _, statement := range []string{"CREATE ROLE modest LOGIN", "CREATE DATABASE modest OWNER modest"} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	server.User, server.Path = url.User("modest"), "/modest"
	store, err := db.Open(t.Context(), server.String())
	if err != nil {
		t.Fatalf("migrating as one who may not make roles: %v", err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	if _, err := admin.ExecContext(t.Context(), "CREATE ROLE pasban_worker; CREATE ROLE worker LOGIN IN ROLE pasban_worker"); err != nil {
		t.Fatal(err)
	}
	asWorker := *server
	asWorker.User = url.User("worker")
	if _, err := db.Join(t.Context(), asWorker.String()); err == nil || !strings.Contains(err.Error(), "admit_workers()") {
		t.Errorf("before the role was admitted: %v, want what to do", err)
	}
	if _, err := connect(t, server.String()).ExecContext(t.Context(), "SELECT admit_workers()"); err != nil {
		t.Fatal(err)
	}
	joined, err := db.Join(t.Context(), asWorker.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := joined.Close(); err != nil {
		t.Error(err)
	}
}

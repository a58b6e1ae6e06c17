package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	// The driver named "pgx".
	_ "github.com/jackc/pgx/v5/stdlib"

	"pasban/storage/servertest"
)

// server is the PostgreSQL of this test binary.
var server struct {
	sync.Mutex
	url *url.URL // of a database to make others from; nil until it runs
}

// Postgres returns the URL of an empty database on a real PostgreSQL: the server
// that PASBAN_TEST_POSTGRES names (a URL whose user may make databases), or a
// throw-away one that runs as long as this test binary. The programs come from
// PATH or from where Debian puts them.
func Postgres(t testing.TB) string {
	t.Helper()
	server.Lock()
	defer server.Unlock()
	if server.url == nil {
		server.url = findServer(t)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := inDatabase(server.url, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("making a database: %v", err)
	}
	t.Cleanup(func() {
		if err := inDatabase(server.url, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("removing a database: %v", err)
		}
	})
	u := *server.url
	u.Path = "/" + name
	return u.String()
}

// Disconnect ends every connection to a database that Postgres returned, as a
// server does that is started anew, and returns when they have ended.
func Disconnect(t testing.TB, database string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal("the URL of the database cannot be understood")
	}
	if err := inDatabase(u, "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
		t.Fatalf("ending connections: %v", err)
	}
}

func findServer(t testing.TB) *url.URL {
	t.Helper()
	text := os.Getenv("PASBAN_TEST_POSTGRES")
	if text == "" {
		u, _ := PostgresServer(t)
		return u
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal("PASBAN_TEST_POSTGRES is not a URL") // the error would show the password
	}
	return u
}

// PostgresServer starts a throw-away server that can be stopped and started
// again, and returns the URL of its first database. It makes a cluster of a locale that sorts in another way than Go
// does, where there is one, so that the tests notice a missing COLLATE. The
// server refuses to run as root, so as root it runs as nobody.
func PostgresServer(t testing.TB) (*url.URL, *servertest.Running) {
	t.Helper()
	programs := findPostgres(t)
	address := servertest.FreeAddress(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	u := &url.URL{Scheme: "postgres", User: url.User("pasban"), Host: address, Path: "/postgres", RawQuery: "sslmode=disable"}
	var uid uint32
	if os.Getuid() == 0 {
		uid = 65534
	}
	running := servertest.Start(t, servertest.Server{
		Name: "postgres",
		UID:  uid,
		Prepare: []string{filepath.Join(programs, "initdb"), "--pgdata=DIR/data", "--username=pasban",
			"--auth=trust", "--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8", "--no-sync"},
		// Durability is PostgreSQL's to prove, not ours: without fsync the
		// tests take a tenth of the time.
		Args: []string{filepath.Join(programs, "postgres"), "-D", "DIR/data", "-k", "DIR", "-h", host, "-p", port,
			"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "max_connections=200"},
		Stop:  "QUIT",
		Ready: func(string) error { return inDatabase(u, "SELECT 1") },
	})
	return u, running
}

func findPostgres(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(real)
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		t.Fatalf("these tests need a PostgreSQL server, and there is none: install it, or name one in PASBAN_TEST_POSTGRES")
	}
	return filepath.Dir(found[len(found)-1])
}

// inDatabase runs one statement.
func inDatabase(u *url.URL, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// Worker makes a login of the role pasban_worker for the length of the test, and
// returns the URL under which it opens a database that Postgres or PostgresServer
// returned and db.Open has migrated.
func Worker(t testing.TB, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal("the URL of the database cannot be understood")
	}
	login, password := "worker_"+strings.ToLower(rand.Text()), rand.Text()
	if err := inDatabase(u, "CREATE ROLE "+login+" LOGIN PASSWORD '"+password+"' IN ROLE pasban_worker"); err != nil {
		t.Fatalf("making a login for a worker: %v", err)
	}
	owner := *u
	t.Cleanup(func() {
		if err := inDatabase(&owner, "DROP ROLE "+login); err != nil {
			t.Errorf("removing the login of a worker: %v", err)
		}
	})
	u.User = url.UserPassword(login, password)
	return u.String()
}

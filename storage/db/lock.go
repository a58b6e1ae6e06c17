package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// One watch a database. Two schedulers would look at everything twice and tell
// nobody more; what is worse, an operator would not know which of the two to
// stop. Commands beside a watch (sweep, approve, worker) take no lock.

// ErrLocked is returned, wrapped, by TakeLock when another process watches.
var ErrLocked = errors.New("another pasban serve is watching")

const (
	// serveLock is the key of the advisory lock: "serving" in ASCII.
	serveLock = 0x73657276696e67
	// lockCheck is how often the lock on a server is looked after.
	lockCheck = 5 * time.Second
)

// A Lock says that this process is the one that watches. It ends with the
// process, however that ends.
type Lock struct {
	// Lost gets one error when another process has the lock now, which can
	// happen after the connection to a server broke. Nil for a file.
	Lost    <-chan error
	release func() error
}

// Close gives the lock back.
func (l *Lock) Close() error { return l.release() }

// TakeLock takes the lock of the database at url, without opening, making or
// migrating that. It does not wait: if another process has the lock, the error
// wraps ErrLocked and says which.
func TakeLock(ctx context.Context, url string) (*Lock, error) {
	if strings.Contains(url, "://") {
		return lockDatabase(ctx, url)
	}
	return lockFile(url + ".lock")
}

// lockFile takes a lock that the kernel keeps, and takes back when the process
// is gone. The file stays: removing it would let two processes lock two files of
// one name.
func lockFile(path string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the lock %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock %s: %w", path, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		holder := holderOf(f)
		return nil, errors.Join(fmt.Errorf("%w with %s: %s; stop it first, or give this one a folder of its own",
			ErrLocked, strings.TrimSuffix(path, ".lock"), holder), f.Close())
	case err == nil:
		err = noteHolder(f)
	}
	if err != nil {
		return nil, fmt.Errorf("taking the lock %s: %w", path, errors.Join(err, f.Close()))
	}
	return &Lock{release: f.Close}, nil
}

// noteHolder writes down who has the lock. A full disk keeps that from being
// known, and nothing else.
func noteHolder(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(f, "%d\n", os.Getpid()); err != nil && !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return nil
}

func holderOf(f *os.File) string {
	text, err := io.ReadAll(io.LimitReader(f, 20))
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return "process " + pid
	}
	return "a process that has not said its number"
}

// serverLock is an advisory lock on a connection of its own.
type serverLock struct {
	config *pgx.ConnConfig
	where  string
	lost   chan error
	stop   context.CancelFunc
	done   sync.WaitGroup
}

func lockDatabase(ctx context.Context, url string) (*Lock, error) {
	config, where, err := parsePostgres(url)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a machine without a name"
	}
	config.RuntimeParams["application_name"] = fmt.Sprintf("pasban serve, process %d on %.30s", os.Getpid(), host)
	// A machine that is cut off must not hold the lock for the two hours that
	// TCP takes to notice by itself.
	config.RuntimeParams["tcp_keepalives_idle"] = "30"
	config.RuntimeParams["tcp_keepalives_interval"] = "10"
	config.RuntimeParams["tcp_keepalives_count"] = "3"
	s := &serverLock{config: config, where: where, lost: make(chan error, 1)}
	conn, err := s.take(ctx)
	if err != nil {
		return nil, err
	}
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.done.Go(func() { s.keep(keeping, conn) })
	return &Lock{Lost: s.lost, release: s.release}, nil
}

func (s *serverLock) release() error {
	s.stop()
	s.done.Wait()
	return nil
}

// take connects and takes the lock.
func (s *serverLock) take(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", s.where, explainPostgres(err))
	}
	var mine bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(serveLock)).Scan(&mine); err != nil {
		return nil, fmt.Errorf("taking the lock of database %s: %w", s.where, errors.Join(explainPostgres(err), conn.Close(ctx)))
	}
	if mine {
		return conn, nil
	}
	holder := "a connection without a name"
	// Whoever has it may have let go meanwhile; then the text above stands.
	_ = conn.QueryRow(ctx, `SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ($1::bigint >> 32)::int::oid AND l.objid = ($1::bigint & 4294967295)::oid
		AND a.datname = current_database()`, int64(serveLock)).Scan(&holder)
	return nil, errors.Join(fmt.Errorf("%w with database %s: %s; stop it first: one serve watches, and any number of `pasban worker` look for it",
		ErrLocked, s.where, holder), conn.Close(ctx))
}

// keep looks after the lock: a server that is started anew has forgotten it.
func (s *serverLock) keep(ctx context.Context, conn *pgx.Conn) {
	tick := time.NewTicker(lockCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if conn != nil {
				_ = conn.Close(context.WithoutCancel(ctx)) // the server takes the lock back either way
			}
			return
		case <-tick.C:
		}
		var err error
		if conn, err = s.check(ctx, conn); errors.Is(err, ErrLocked) {
			s.lost <- err
			return
		}
	}
}

// check returns the connection that has the lock, nil if there is none now
// because the server cannot be reached.
func (s *serverLock) check(ctx context.Context, conn *pgx.Conn) (*pgx.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if conn != nil {
		if err := conn.Ping(limited); err == nil {
			return conn, nil
		}
		_ = conn.Close(limited) // it is broken
	}
	return s.take(limited)
}

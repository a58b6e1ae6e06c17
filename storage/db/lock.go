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
// stop. On a server others may stand by; beside a file there is nobody to stand by
// for, since whoever uses it is on the same machine. Commands beside a watch (sweep,
// approve, worker) take no lock.

var (
	// ErrLocked is returned, wrapped, when another process watches.
	ErrLocked = errors.New("another pasban serve is watching")
	// ErrUsurped is returned, wrapped, when the lock is held by a login that cannot
	// watch: that of a worker which was taken over, since anybody who may connect may
	// take an advisory lock. Then nobody watches.
	ErrUsurped = errors.New("nobody is watching, and the lock of those who may is held by another login")
)

const (
	// serveLock is the key of the advisory lock: "serving" in ASCII.
	serveLock = 0x73657276696e67
	// lockCheck is how often the lock on a server is looked after.
	lockCheck = 5 * time.Second
	// standbyCheck is how often a standby tries to take it. It asks and does not wait
	// in the server: a statement that waits for days keeps its snapshot for days, and
	// with it every row that was deleted since.
	standbyCheck = time.Second
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
		return lockDatabase(ctx, url, func(why error) error { return why })
	}
	return lockFile(url + ".lock")
}

// AwaitLock takes the lock of a database on a server as soon as nobody else has it,
// within a second or so. Whenever it cannot be had it calls waiting with the reason,
// which wraps ErrLocked or ErrUsurped, or says why the server does not answer; an
// error of waiting ends the wait. A file is locked at once, or the error says who
// has it.
func AwaitLock(ctx context.Context, url string, waiting func(why error) error) (*Lock, error) {
	if strings.Contains(url, "://") {
		return lockDatabase(ctx, url, waiting)
	}
	return TakeLock(ctx, url)
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

func lockDatabase(ctx context.Context, url string, waiting func(why error) error) (*Lock, error) {
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
	conn, err := s.await(ctx, waiting)
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

// await returns the connection that has the lock. A server that cannot be reached
// at first is an error; one that goes away later may come back.
func (s *serverLock) await(ctx context.Context, waiting func(why error) error) (*pgx.Conn, error) {
	conn, err := s.try(ctx, nil)
	if err != nil && !errors.Is(err, ErrLocked) && !errors.Is(err, ErrUsurped) {
		return nil, err
	}
	tick := time.NewTicker(standbyCheck)
	defer tick.Stop()
	for err != nil {
		if err = waiting(err); err == nil {
			select {
			case <-ctx.Done():
				err = ctx.Err()
			case <-tick.C:
			}
		}
		if err != nil {
			return nil, errors.Join(err, closeIf(ctx, conn))
		}
		conn, err = s.try(ctx, conn)
	}
	return conn, nil
}

func closeIf(ctx context.Context, conn *pgx.Conn) error {
	if conn == nil {
		return nil
	}
	return conn.Close(context.WithoutCancel(ctx))
}

// try takes the lock by a connection, a new one if it is nil. The connection it
// returns can be used to try again, and has the lock if there is no error.
func (s *serverLock) try(ctx context.Context, conn *pgx.Conn) (*pgx.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if conn == nil {
		var err error
		if conn, err = pgx.ConnectConfig(limited, s.config); err != nil {
			return nil, fmt.Errorf("opening database %s: %w", s.where, explainPostgres(err))
		}
	}
	var mine bool
	if err := conn.QueryRow(limited, "SELECT pg_try_advisory_lock($1)", int64(serveLock)).Scan(&mine); err != nil {
		_ = conn.Close(limited) // it is broken
		return nil, fmt.Errorf("taking the lock of database %s: %w", s.where, explainPostgres(err))
	}
	if !mine {
		return conn, s.held(limited, conn)
	}
	return conn, nil
}

// take is a try by a new connection, which is closed if it fails.
func (s *serverLock) take(ctx context.Context) (*pgx.Conn, error) {
	conn, err := s.try(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, closeIf(ctx, conn))
	}
	return conn, nil
}

// held says who has the lock.
func (s *serverLock) held(ctx context.Context, conn *pgx.Conn) error {
	name, login, pid, watches := "a connection without a name", "", 0, true
	// Whoever has it may have let go meanwhile; then the words above stand. Before
	// anything was migrated nobody can be told apart.
	_ = conn.QueryRow(ctx, `SELECT a.application_name, a.usename, a.pid,
			coalesce(has_table_privilege(a.usesysid, to_regclass('incidents'), 'INSERT'), true)
		FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ($1::bigint >> 32)::int::oid AND l.objid = ($1::bigint & 4294967295)::oid
		AND a.datname = current_database()`, int64(serveLock)).Scan(&name, &login, &pid, &watches)
	if !watches {
		return fmt.Errorf("%w, %q; find out why, and end it with SELECT pg_terminate_backend(%d) in database %s", ErrUsurped, login, pid, s.where)
	}
	return fmt.Errorf("%w with database %s: %s", ErrLocked, s.where, name)
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

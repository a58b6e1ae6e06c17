package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pasban/storage/db"
	"pasban/storage/db/dbtest"
)

// One process watches a database; the next one is told who does, and may when
// that has ended.
func TestLock(t *testing.T) {
	for name, url := range map[string]string{
		"sqlite": filepath.Join(t.TempDir(), "not made yet", "pasban.db"), "postgres": dbtest.Postgres(t),
	} {
		t.Run(name, func(t *testing.T) {
			first, err := db.TakeLock(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			_, err = db.TakeLock(t.Context(), url)
			if !errors.Is(err, db.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
				t.Errorf("the second lock: got %v, want ErrLocked and the number of this process", err)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			again, err := db.TakeLock(t.Context(), url)
			if err != nil {
				t.Fatalf("after the first was given back: %v", err)
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A lock is taken before anything is made of the database: what a refused
// process has not opened it cannot have migrated.
func TestLockOpensNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pasban.db")
	lock, err := db.TakeLock(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the database file is there (%v)", err)
	}
}

// A connection that breaks takes the lock with it. The holder takes it back
// when nobody else has, and is told when somebody has.
func TestLockOfBrokenConnection(t *testing.T) {
	url := dbtest.Postgres(t)
	first, err := db.TakeLock(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	dbtest.Disconnect(t, url)
	second := takeSoon(t, url)
	if second == nil {
		t.Log("the first took it back before the second came")
		return
	}
	defer second.Close()
	select {
	case err := <-first.Lost:
		if !errors.Is(err, db.ErrLocked) {
			t.Errorf("the first lost it to %v, want ErrLocked", err)
		}
	case <-time.After(time.Minute):
		t.Error("the first was not told that another has the lock")
	}
}

// takeSoon takes the lock at once: the holder looks after it every few seconds
// only. It is nil if the holder was quicker.
func takeSoon(t *testing.T, url string) *db.Lock {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lock, err := db.TakeLock(ctx, url)
	if errors.Is(err, db.ErrLocked) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return lock
}

// On a server others stand by. They are told who watches, and one of them has the
// lock soon after it was let go, by a kill too: the server notices that itself.
func TestStandby(t *testing.T) {
	url := dbtest.Postgres(t)
	first, err := db.TakeLock(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var told error
	second, err := db.AwaitLock(ctx, url, func(why error) error {
		if told == nil {
			told = why
			return first.Close()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(told, db.ErrLocked) || !strings.Contains(told.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("the standby was told %v, want ErrLocked and the number of the process", told)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// A standby outlives its server's restart: what it waits for may go away with it.
func TestStandbyOfBrokenConnection(t *testing.T) {
	url := dbtest.Postgres(t)
	first, err := db.TakeLock(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	enough := errors.New("enough")
	calls := 0
	second, err := db.AwaitLock(ctx, url, func(error) error {
		if calls++; calls == 1 {
			dbtest.Disconnect(t, url)
		}
		if calls == 3 {
			return enough
		}
		return nil
	})
	// Whoever was quicker has it now; both are well.
	if err != nil && !errors.Is(err, enough) {
		t.Errorf("a standby whose connection broke: %v", err)
	}
	if second != nil {
		defer second.Close()
	}
}

// Where everybody is on one machine nobody stands by.
func TestNobodyStandsByForAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pasban.db")
	first, err := db.TakeLock(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, err = db.AwaitLock(t.Context(), file, func(error) error { t.Error("it waits"); return nil })
	if !errors.Is(err, db.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

// Anybody who may connect may take an advisory lock. A worker that was taken over and
// does is not mistaken for a watch.
func TestUsurpedLock(t *testing.T) {
	database, _, worker := joined(t)
	if _, err := worker.ExecContext(t.Context(), "SELECT pg_advisory_lock($1)", 0x73657276696e67); err != nil {
		t.Fatal(err)
	}
	_, err := db.TakeLock(t.Context(), database)
	if !errors.Is(err, db.ErrUsurped) || errors.Is(err, db.ErrLocked) || !strings.Contains(err.Error(), "worker_") {
		t.Errorf("got %v, want ErrUsurped and the login", err)
	}
}

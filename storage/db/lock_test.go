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

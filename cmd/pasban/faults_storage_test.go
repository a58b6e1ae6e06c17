package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"pasban/storage/blob/blobtest"
	"pasban/storage/db/dbtest"
)

// A disk that is full, with the evidence on it or with the database, delays
// alerts until there is space again, and loses none.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for what, place := range map[string]struct{ setting, file, says string }{
		"evidence": {"PASBAN_BLOBS", "blobs", "is full; free some space"},
		"database": {"PASBAN_DB", "pasban.db", "no space is left"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newStricken(t)
			disk := newDisk(t, filepath.Join(s.dir, "small"))
			s.serve(place.setting + "=" + filepath.Join(s.dir, "small", place.file))
			disk.fill(s.cmd.Process.Pid)
			s.attack()
			s.unhealthy(disk.says(place.says))
			disk.free(s.cmd.Process.Pid)
			s.told("opened")
			s.calmly(12, disk.says(place.says))
		})
	}
}

// disk is a place that can be filled. Where mounting is not permitted it is a
// bound on the size of the files serve may write, which the kernel enforces in
// the same system calls with another error.
type disk struct {
	t      *testing.T
	path   string
	filler string
}

func newDisk(t *testing.T, path string) *disk {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	err := unix.Mount("tmpfs", path, "tmpfs", 0, "size=24m,mode=0700")
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		t.Logf("mounting is not permitted here (%v): a limit on the size of files stands for the full disk", err)
		return &disk{t: t, path: path}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return &disk{t: t, path: path, filler: filepath.Join(path, "filler")}
}

// says is what an operator is told: of a limit, what is true of all files, the
// database among them.
func (d *disk) says(full string) string {
	if d.filler == "" {
		return "may not write files that large"
	}
	return full
}

func (d *disk) fill(serve int) {
	d.t.Helper()
	if d.filler == "" {
		d.limit(serve, 4096)
		return
	}
	f, err := os.Create(d.filler)
	if err != nil {
		d.t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 64<<10))
	}
	if err := f.Close(); err != nil {
		d.t.Error(err)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatalf("filling the disk: %v", err)
	}
}

func (d *disk) free(serve int) {
	d.t.Helper()
	if d.filler == "" {
		d.limit(serve, unix.RLIM_INFINITY)
		return
	}
	if err := os.Remove(d.filler); err != nil {
		d.t.Fatal(err)
	}
}

func (d *disk) limit(serve int, bytes uint64) {
	d.t.Helper()
	if err := unix.Prlimit(serve, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}, nil); err != nil {
		d.t.Fatal(err)
	}
}

// Evidence storage that is gone and comes back, a server or a folder, delays
// alerts and loses none; their pictures are in them.
func TestEvidenceStorageGone(t *testing.T) {
	t.Parallel()
	t.Run("minio", func(t *testing.T) {
		t.Parallel()
		s := newStricken(t)
		url, minio := blobtest.MinIOServer(t)
		s.serve("PASBAN_BLOBS=" + url)
		minio.Stop(t)
		s.attack()
		s.unhealthy("server cannot be reached; is MinIO running")
		minio.Start(t)
		s.told("opened")
		s.calmly(12, "is MinIO running")
		s.pictured()
	})
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		s := newStricken(t)
		s.serve()
		blobs := filepath.Join(s.dir, "data", "blobs")
		must(t, os.Rename(blobs, blobs+".away"))
		must(t, os.WriteFile(blobs, []byte("a file where the folder was"), 0o600))
		s.attack()
		s.unhealthy("is its disk mounted")
		must(t, os.Remove(blobs))
		must(t, os.Rename(blobs+".away", blobs))
		s.told("opened")
		s.calmly(12, "is its disk mounted")
		s.pictured()
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pictured asserts that each mail shows what it is about.
func (s *stricken) pictured() {
	s.t.Helper()
	for _, m := range s.mail.Mails() {
		if len(m.Pictures) != 3 {
			s.t.Errorf("the mail %s has %d pictures, want before, after and difference", m.MessageID, len(m.Pictures))
		}
	}
}

// A PostgreSQL server that is stopped without warning and started again delays
// alerts and loses none.
func TestPostgresGone(t *testing.T) {
	t.Parallel()
	s := newStricken(t)
	url, postgres := dbtest.PostgresServer(t)
	s.serve("PASBAN_DB=" + url.String())
	postgres.Stop(t)
	s.attack()
	s.unhealthy("the PostgreSQL server cannot be reached")
	postgres.Start(t)
	s.told("opened")
	s.calmly(12, "the PostgreSQL server cannot be reached; is it running there")
}

// Another process that holds the database for longer than anybody waits, as a
// careless backup does, delays alerts and loses none.
func TestDatabaseLocked(t *testing.T) {
	t.Parallel()
	s := newStricken(t)
	s.serve()
	release := holdDatabase(t, filepath.Join(s.dir, "data", "pasban.db"))
	s.attack()
	s.unhealthy("is a backup or another pasban holding it")
	release()
	s.told("opened")
	s.calmly(12, "is a backup or another pasban holding it")
}

// holdDatabase begins to write and does not end.
func holdDatabase(t *testing.T, path string) (release func()) {
	t.Helper()
	pool, err := sql.Open("sqlite", fmt.Sprintf("file:%s?_busy_timeout=10000&_txlock=immediate", path))
	must(t, err)
	tx, err := pool.BeginTx(t.Context(), nil)
	must(t, err)
	return func() {
		t.Helper()
		must(t, errors.Join(tx.Rollback(), pool.Close()))
	}
}

package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
)

// Removing what is old while others put. What is put is often there already:
// then Put writes nothing, and whoever removes old blobs must not remove this one
// in the next moment. So Put makes it young, and the two exclude each other: in a
// directory by a lock of the kernel, in a bucket by a note beside the blob.

// renewAfter is the age at which Put stores an object of a bucket anew. It must be
// well below the least age at which anything is removed, an hour, with room for
// clocks that differ by the quarter of an hour that S3 admits.
const renewAfter = 20 * time.Minute

// guard runs f while no other process, or goroutine of this one, does what is
// contrary to it: those that put share the lock, who removes has it alone. It is
// held for a few system calls, and ends with the process.
func (d *Dir) guard(how int, f func() error) (err error) {
	lock, err := os.Open(d.temp())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	for {
		if err = syscall.Flock(int(lock.Fd()), how); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("locking %s: %w", d.temp(), err)
	}
	return f()
}

// renew makes a file of this size young. It reports false if there is none.
func (d *Dir) renew(path string, size int64) (there bool, err error) {
	err = d.guard(syscall.LOCK_SH, func() error {
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.Size() != size {
			return nil //nolint:nilerr // it is written anew, and that tells what is wrong
		}
		now := time.Now()
		err = os.Chtimes(path, now, now)
		there = err == nil
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
			return nil // another user's: a new file takes its place
		}
		return err
	})
	return there, err
}

// ListOld implements monitor.Blobs.
func (d *Dir) ListOld(ctx context.Context, before time.Time, f func(digest string, size int64) error) error {
	return d.walk(ctx, func(digest string, info fs.FileInfo) error {
		if !info.ModTime().Before(before) {
			return nil
		}
		return f(digest, info.Size())
	})
}

// DeleteOld implements monitor.Blobs.
func (d *Dir) DeleteOld(ctx context.Context, digest string, before time.Time) (removed bool, err error) {
	err = ctx.Err()
	if err == nil {
		err = checkDigest(digest)
	}
	if err == nil {
		err = d.guard(syscall.LOCK_EX, func() error {
			removed, err = removeOld(d.path(digest), before)
			return err
		})
	}
	if err != nil {
		return false, fmt.Errorf("deleting blob %.80s from %s: %w", digest, d.root, explainFile(d.root, err))
	}
	return removed, nil
}

func removeOld(path string, before time.Time) (bool, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || !info.ModTime().Before(before) {
		return false, err
	}
	return true, os.Remove(path)
}

// walk calls f for every blob, in lexical order.
func (d *Dir) walk(ctx context.Context, f func(digest string, info fs.FileInfo) error) error {
	return filepath.WalkDir(filepath.Join(d.root, "sha256"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("listing blobs in %s: %w", d.root, err)
		}
		if digest := entry.Name(); isDigest(digest) && path == d.path(digest) {
			info, err := entry.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil // deleted meanwhile
			}
			if err != nil {
				return fmt.Errorf("listing blobs in %s: %w", d.root, err)
			}
			return f(digest, info)
		}
		return nil
	})
}

const (
	// doomedPrefix is where a bucket notes what is about to be removed.
	doomedPrefix = "doomed/"
	// doomedFor is how long such a note counts: who wrote it has removed the
	// object by then, or never will.
	doomedFor = time.Minute
)

// renew stores an object anew that is there and old. Who removes it at the same
// time has first noted so, and then asked for its age: so either he saw that it
// is young, or his note is there to be seen now, or all is over and so may be the
// object.
func (s *S3) renew(ctx context.Context, digest string, content []byte) error {
	if err := s.upload(ctx, blobPrefix+digest, content, false); err != nil {
		return err
	}
	if err := s.awaitDoom(ctx, doomedPrefix+digest); err != nil {
		return err
	}
	_, err := s.core.StatObject(ctx, s.bucket, blobPrefix+digest, minio.StatObjectOptions{})
	if missing(err) {
		err = s.upload(ctx, blobPrefix+digest, content, false)
	}
	return err
}

// awaitDoom waits until a note is gone or counts no more.
func (s *S3) awaitDoom(ctx context.Context, note string) error {
	limited, cancel := context.WithTimeout(ctx, doomedFor)
	defer cancel()
	for {
		_, err := s.core.StatObject(ctx, s.bucket, note, minio.StatObjectOptions{})
		if missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-limited.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ListOld implements monitor.Blobs. It also removes the notes of those that were
// killed in the middle of a removal. A bucket that keeps versions, as one with a lock
// does, lists nothing: what is removed there takes up its room all the same until
// the lock ends, and to store old objects anew would only add to it. Its own rules
// (lifecycle) say how long anything stays.
func (s *S3) ListOld(ctx context.Context, before time.Time, f func(digest string, size int64) error) error {
	versions, err := s.core.Client.GetBucketVersioning(ctx, s.bucket)
	if err != nil {
		return fmt.Errorf("asking whether %s keeps versions: %w", s.where, explainS3(err))
	}
	if versions.Enabled() {
		return nil
	}
	err = s.list(ctx, doomedPrefix, func(name string, o minio.ObjectInfo) error {
		if time.Since(o.LastModified) < time.Hour {
			return nil
		}
		return s.core.RemoveObject(ctx, s.bucket, doomedPrefix+name, minio.RemoveObjectOptions{})
	})
	if err != nil {
		return err
	}
	return s.list(ctx, blobPrefix, func(name string, o minio.ObjectInfo) error {
		if !isDigest(name) || !o.LastModified.Before(before) {
			return nil
		}
		return f(name, o.Size)
	})
}

// DeleteOld implements monitor.Blobs.
func (s *S3) DeleteOld(ctx context.Context, digest string, before time.Time) (bool, error) {
	err := checkDigest(digest)
	removed := false
	if err == nil {
		removed, err = s.deleteOld(ctx, digest, before)
	}
	if err != nil {
		return false, fmt.Errorf("deleting blob %.80s from %s: %w", digest, s.where, explainS3(err))
	}
	return removed, nil
}

func (s *S3) deleteOld(ctx context.Context, digest string, before time.Time) (removed bool, err error) {
	note := doomedPrefix + digest
	// Half of the time for which the note counts: a request that is under way at
	// its end is over well before others stop to wait for it.
	limited, cancel := context.WithTimeout(ctx, doomedFor/2)
	defer cancel()
	if _, err := s.core.Client.PutObject(limited, s.bucket, note, bytes.NewReader(nil), 0, minio.PutObjectOptions{}); err != nil {
		return false, err
	}
	defer func() {
		err = errors.Join(err, s.core.RemoveObject(context.WithoutCancel(ctx), s.bucket, note, minio.RemoveObjectOptions{}))
	}()
	info, err := s.core.StatObject(limited, s.bucket, blobPrefix+digest, minio.StatObjectOptions{})
	if missing(err) || err == nil && !info.LastModified.Before(before) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.core.RemoveObject(limited, s.bucket, blobPrefix+digest, minio.RemoveObjectOptions{})
}

package blob

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Writing files that survive a power cut. A file is there for good only after
// three things: its content was fsynced, it got its name, and the directory that
// holds the name was fsynced, up to one that was there before.
//
// Why each of them is needed: Pillai et al., "All File Systems Are Not Created
// Equal", OSDI 2014; and Rebello et al., "Can Applications Recover from fsync
// Failures?", USENIX ATC 2020, for why a failed fsync is never tried again here:
// the kernel may have dropped the data and report success the second time.

// staleAfter is the age at which a temporary file belongs to nobody any more:
// no Put takes an hour.
const staleAfter = time.Hour

// writeTemp writes content to a new read-only file in folder and makes it
// durable there. The caller gives it its name, or removes it.
func writeTemp(folder string, content []byte) (path string, err error) {
	f, err := os.CreateTemp(folder, "put-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(content); err != nil {
		return "", err
	}
	if err := f.Chmod(0o444); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

// SyncFolder makes the names in a directory durable: those that files got, and those that
// they lost.
func SyncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// folders makes directories below root and remembers which ones lead back to it
// durably, so that the price of an fsync upwards is paid once a process for each
// directory, and not for each blob. Directories that an earlier process left are
// not trusted: it may have been killed before its fsync.
type folders struct {
	root  string
	mu    sync.Mutex
	known map[string]bool
}

// make makes path, which must be root or below it.
func (f *folders) make(path string) error {
	f.mu.Lock()
	known := path == f.root || f.known[path]
	f.mu.Unlock()
	if known {
		return nil
	}
	parent := filepath.Dir(path)
	if err := f.make(parent); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := SyncFolder(parent); err != nil {
		return err
	}
	f.mu.Lock()
	f.known[path] = true
	f.mu.Unlock()
	return nil
}

// forget makes the next call of make look at path again: somebody removed it.
func (f *folders) forget(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; path != f.root && len(path) > len(f.root); path = filepath.Dir(path) {
		delete(f.known, path)
	}
}

// sweep removes temporary files that a killed process left.
func sweep(folder string, now time.Time) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && now.Sub(info.ModTime()) < staleAfter {
			continue // another process finished it, or may still be writing
		}
		if err != nil {
			return err
		}
		if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// explainFile adds what an operator can do about an error of the file system.
func explainFile(root string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk that holds %s is full; free some space or move the storage: %w", root, err)
	case errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("this process may not write files that large in %s; raise its limit (ulimit -f): %w", root, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("the folder %s, or something in it, is gone; is its disk mounted? %w", root, err)
	case errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("the disk quota for %s is used up: %w", root, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s is on a file system mounted read-only: %w", root, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("this user may not read or write %s; change its owner: %w", root, err)
	case errors.Is(err, syscall.EIO):
		return fmt.Errorf("the disk that holds %s fails: %w", root, err)
	}
	return err
}

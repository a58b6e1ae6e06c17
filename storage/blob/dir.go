package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"pasban/monitor"
)

// Dir keeps blobs in a directory, which several processes may share. It is safe
// for concurrent use. Files are 0444 and directories 0700.
type Dir struct {
	root    string // absolute
	folders folders
}

var _ Blobs = (*Dir)(nil)

// OpenDir opens the storage in a directory, makes the directory if it is not
// there, and removes what killed processes left unfinished more than an hour
// ago.
func OpenDir(path string) (*Dir, error) {
	root, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("opening blob storage %s: %w", path, err)
	}
	d := &Dir{root: root, folders: folders{root: root, known: map[string]bool{}}}
	if err := d.prepare(); err != nil {
		return nil, fmt.Errorf("opening blob storage %s: %w", path, explainFile(root, err))
	}
	return d, nil
}

func (d *Dir) prepare() error {
	if err := os.MkdirAll(d.root, 0o700); err != nil {
		return err
	}
	if err := SyncFolder(filepath.Dir(d.root)); err != nil {
		return err
	}
	for _, folder := range []string{"tmp", "sha256", "manifests"} {
		if err := d.folders.make(filepath.Join(d.root, folder)); err != nil {
			return err
		}
	}
	return sweep(d.temp(), time.Now())
}

func (d *Dir) temp() string { return filepath.Join(d.root, "tmp") }

// path of a blob. Two levels of 256 directories keep each below a few hundred
// files for ten million blobs.
func (d *Dir) path(digest string) string {
	return filepath.Join(d.root, "sha256", digest[:2], digest[2:4], digest)
}

func (d *Dir) manifestPath(name string) string {
	return filepath.Join(d.root, "manifests", filepath.FromSlash(name))
}

// Close implements io.Closer. There is nothing to wait for.
func (d *Dir) Close() error { return nil }

// Put implements monitor.Blobs. A file of the right name and the wrong size is
// damage, and is replaced.
func (d *Dir) Put(ctx context.Context, content []byte) (string, error) {
	digest := digestOf(content)
	if err := d.put(ctx, digest, content); err != nil {
		return "", fmt.Errorf("storing blob %s in %s: %w", digest, d.root, explainFile(d.root, err))
	}
	return digest, nil
}

func (d *Dir) put(ctx context.Context, digest string, content []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	path := d.path(digest)
	folder := filepath.Dir(path)
	there, err := d.renew(path, int64(len(content)))
	if err != nil {
		return err
	}
	if there {
		// Whoever wrote it has perhaps not come to the fsync of its directory.
		if err := d.folders.make(folder); err != nil {
			return err
		}
		return SyncFolder(folder)
	}
	return d.write(folder, content, func(temp string) error {
		return d.guard(syscall.LOCK_SH, func() error { return os.Rename(temp, path) })
	})
}

// write makes content durable and calls name to give it its final name in
// folder. The directory may have been removed since it was made: once more then.
func (d *Dir) write(folder string, content []byte, name func(temp string) error) error {
	temp, err := writeTemp(d.temp(), content)
	if err != nil {
		return err
	}
	for range 2 {
		if err = d.folders.make(folder); err != nil {
			break
		}
		if err = name(temp); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		d.folders.forget(folder)
	}
	if err != nil {
		return errors.Join(err, removeFile(temp))
	}
	return SyncFolder(folder)
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Open implements monitor.Blobs.
func (d *Dir) Open(ctx context.Context, digest string) (io.ReadCloser, error) {
	f, err := d.open(ctx, digest)
	if err != nil {
		return nil, fmt.Errorf("opening blob %.80s in %s: %w", digest, d.root, explainFile(d.root, err))
	}
	return verify(ctx, f, digest), nil
}

func (d *Dir) open(ctx context.Context, digest string) (*os.File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkDigest(digest); err != nil {
		return nil, err
	}
	f, err := os.Open(d.path(digest))
	return f, d.notFound(err)
}

// notFound says fs.ErrNotExist in the words of monitor. Where the whole storage
// is gone, as when its disk is not mounted, nothing is known about one blob: who
// asked must not go on as if it had never been stored.
func (d *Dir) notFound(err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, top := os.Stat(filepath.Join(d.root, "sha256")); top != nil {
		return top
	}
	return monitor.ErrNotFound
}

// Stat implements monitor.Blobs.
func (d *Dir) Stat(ctx context.Context, digest string) (int64, error) {
	size, err := d.stat(ctx, digest)
	if err != nil {
		return 0, fmt.Errorf("looking for blob %.80s in %s: %w", digest, d.root, explainFile(d.root, err))
	}
	return size, nil
}

func (d *Dir) stat(ctx context.Context, digest string) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := checkDigest(digest); err != nil {
		return 0, err
	}
	info, err := os.Stat(d.path(digest))
	if err != nil {
		return 0, d.notFound(err)
	}
	return info.Size(), nil
}

// Delete implements monitor.Blobs. The empty directories stay.
func (d *Dir) Delete(ctx context.Context, digest string) error {
	err := ctx.Err()
	if err == nil {
		err = checkDigest(digest)
	}
	if err == nil {
		err = removeFile(d.path(digest))
	}
	if err != nil {
		return fmt.Errorf("deleting blob %.80s from %s: %w", digest, d.root, explainFile(d.root, err))
	}
	return nil
}

// List implements monitor.Blobs. Files that are no blobs are passed over.
func (d *Dir) List(ctx context.Context, f func(digest string, size int64) error) error {
	return d.walk(ctx, func(digest string, info fs.FileInfo) error { return f(digest, info.Size()) })
}

// PutManifest implements monitor.Blobs. A hard link gives the document its
// name, because unlike rename it fails if the name is taken.
func (d *Dir) PutManifest(ctx context.Context, name string, content []byte) error {
	err := ctx.Err()
	if err == nil {
		err = checkManifest(name, content)
	}
	if err == nil {
		path := d.manifestPath(name)
		err = d.write(filepath.Dir(path), content, func(temp string) error {
			if err := os.Link(temp, path); err != nil {
				return err
			}
			return os.Remove(temp)
		})
	}
	if errors.Is(err, fs.ErrExist) {
		return d.compareManifest(ctx, name, content)
	}
	if err != nil {
		return fmt.Errorf("storing manifest %q in %s: %w", name, d.root, explainFile(d.root, err))
	}
	return nil
}

func (d *Dir) compareManifest(ctx context.Context, name string, content []byte) error {
	have, err := d.Manifest(ctx, name)
	if err != nil {
		return err
	}
	if err := sameManifest(name, have, content); err != nil {
		return err
	}
	// As for blobs: its writer may not have come to this.
	if err := SyncFolder(filepath.Dir(d.manifestPath(name))); err != nil {
		return fmt.Errorf("storing manifest %q in %s: %w", name, d.root, err)
	}
	return nil
}

// Manifest implements monitor.Blobs.
func (d *Dir) Manifest(ctx context.Context, name string) ([]byte, error) {
	content, err := d.manifest(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("reading manifest %q in %s: %w", name, d.root, explainFile(d.root, err))
	}
	return content, nil
}

func (d *Dir) manifest(ctx context.Context, name string) (content []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	f, err := os.Open(d.manifestPath(name))
	if err != nil {
		return nil, d.notFound(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return readManifest(f)
}

// Manifests implements monitor.Blobs. It reads only the directory that prefix
// names. A prefix that no name can have finds nothing.
func (d *Dir) Manifests(ctx context.Context, prefix string) ([]string, error) {
	names := []string{}
	folder := prefix[:strings.LastIndexByte(prefix, '/')+1]
	if !mayHoldNames(folder) {
		return names, nil
	}
	top := d.manifestPath("")
	err := filepath.WalkDir(d.manifestPath(folder), func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(top, path)
		if name := filepath.ToSlash(relative); strings.HasPrefix(name, prefix) && checkName(name) == nil {
			names = append(names, name)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing manifests in %s: %w", d.root, err)
	}
	// Not the order of the walk, which puts "a/x" before "a.b/x".
	slices.Sort(names)
	return names, nil
}

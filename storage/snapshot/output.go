package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pasban/storage/blob"
)

// output is a file that is there whole or not at all: written beside its place, made
// durable, and then given its name. What a killed process leaves behind is removed by
// the next one, an hour later.
type output struct {
	file *os.File
	path string
	done bool
}

func newOutput(path string) (*output, error) {
	sweepOutputs(path, time.Now())
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".part-*")
	if err != nil {
		return nil, err
	}
	return &output{file: f, path: path}, nil
}

// sweepOutputs removes what killed writers of the same file left.
func sweepOutputs(path string, now time.Time) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return // who writes there next says what is wrong
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), "."+filepath.Base(path)+".part-") && now.Sub(info.ModTime()) > time.Hour {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name())) // it is in nobody's way
		}
	}
}

// commit gives the file its name, in place of what had it.
func (o *output) commit(mode fs.FileMode) error {
	if err := errors.Join(o.file.Chmod(mode), o.file.Sync()); err != nil {
		return fmt.Errorf("writing %s: %w", o.path, err)
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return fmt.Errorf("writing %s: %w", o.path, err)
	}
	o.done = true
	return errors.Join(o.file.Close(), blob.SyncFolder(filepath.Dir(o.path)))
}

// link gives the file its name unless something has it.
func (o *output) link() error {
	if err := o.file.Sync(); err != nil {
		return err
	}
	if err := os.Link(o.file.Name(), o.path); err != nil {
		return err
	}
	return blob.SyncFolder(filepath.Dir(o.path))
}

// discard removes the file unless it has its name.
func (o *output) discard() {
	if o.done {
		return
	}
	_ = o.file.Close()           // nothing of it is wanted
	_ = os.Remove(o.file.Name()) // likewise; sweepOutputs tries again
}

// Package logdir follows the access logs that web servers, or whoever collects from
// them, put into a folder: one folder a site below it, named by the site's ID.
//
//	/var/log/sites/planning/access.log
//	/var/log/sites/planning/access.log.1
//	/var/log/sites/planning/access.log.2.gz
//
// What was read of a log is a [Place], which the caller keeps. A log is known by how it
// begins and not by its name or inode, because those change: rotation renames it, copies
// it and empties the original, packs it; a collector that copies anew makes another file
// of the same content. So a Place has a mark, the digest of all up to the end of the
// first entry, whose time and address no other log has, and the name without what
// rotation adds to it, for two servers that noted the same request in the same second.
//
// A file that is shorter than what was read of it is a copy under way: it waits. One that
// was emptied and begins with another entry is another log.
//
// Whoever can write into the folder may be an intruder on a web server. Names are never
// paths, links of any kind are not followed, what is no plain file is not opened, and
// files, bytes and folders are bounded; what is over a bound is counted.
package logdir

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// Bounds on what is looked at in one round.
const (
	MaxSites = 10_000 // folders
	MaxFiles = 300    // in one folder
)

// Folder is a watched directory.
type Folder struct{ root *os.Root }

// Open opens a directory.
func Open(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of logs: %w", err)
	}
	return &Folder{root}, nil
}

// Close ends it.
func (f *Folder) Close() error { return f.root.Close() }

// names lists a folder, sorted, up to a bound, and counts what is over it. Names that
// begin with a dot are of editors and copying programs.
func names(root *os.Root, limit int) (out []string, left int, err error) {
	d, err := root.Open(".")
	if err != nil {
		return nil, 0, err
	}
	defer d.Close()
	for {
		some, err := d.Readdirnames(256)
		for _, name := range some {
			switch {
			case strings.HasPrefix(name, "."):
			case len(out) == limit:
				left++
			default:
				out = append(out, name)
			}
		}
		if errors.Is(err, io.EOF) {
			slices.Sort(out)
			return out, left, nil
		}
		if err != nil {
			return nil, 0, err
		}
	}
}

// Names lists the folders and whatever else lies there, at most MaxSites, and how many
// more there are. What a name is, Site finds out.
func (f *Folder) Names() (all []string, left int, err error) {
	all, left, err = names(f.root, MaxSites)
	if err != nil {
		return nil, 0, fmt.Errorf("reading the folder of logs: %w", err)
	}
	return all, left, nil
}

// ErrUnfit is returned, wrapped, for what is not read on purpose: a link, a device, a
// file in the place of a folder.
var ErrUnfit = errors.New("is not read")

// File is a log as it lies there now.
type File struct {
	Name string
	info fs.FileInfo
}

// Same reports that nothing happened to a file since.
func (f File) Same(was File) bool {
	return f.info != nil && was.info != nil && os.SameFile(f.info, was.info) && f.info.Size() == was.info.Size() && f.info.ModTime().Equal(was.info.ModTime())
}

// Size in bytes, as it lies there.
func (f File) Size() int64 { return f.info.Size() }

// Site is the folder of one site.
type Site struct {
	root *os.Root
	// Files that can be read, the one that was changed longest ago first: that is how
	// rotated logs come in the order of their times.
	Files []File
	// Unfit are names of what is not read, and LeftOut counts what is over MaxFiles.
	Unfit   []string
	LeftOut int
}

// Site opens the folder of a name. It must be a folder itself, no link to one.
func (f *Folder) Site(name string) (*Site, error) {
	before, err := f.root.Lstat(name)
	if err != nil {
		return nil, fmt.Errorf("opening the folder %q: %w", name, err)
	}
	if !before.IsDir() {
		return nil, fmt.Errorf("%q is no folder: it %w", name, ErrUnfit)
	}
	root, err := f.root.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("opening the folder %q: %w", name, err)
	}
	s := &Site{root: root}
	after, err := root.Stat(".")
	if err == nil && !os.SameFile(before, after) {
		err = fmt.Errorf("it was exchanged while it was opened: it %w", ErrUnfit)
	}
	if err == nil {
		err = s.list()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading the folder %q: %w", name, err), root.Close())
	}
	return s, nil
}

// Close ends it.
func (s *Site) Close() error { return s.root.Close() }

// passing are files that copying programs and editors make for a moment.
var passing = regexp.MustCompile(`(?i)\.(tmp|part|partial|swp|filepart|lock)$|~$`)

func (s *Site) list() error {
	all, left, err := names(s.root, MaxFiles)
	if err != nil {
		return err
	}
	s.LeftOut = left
	for _, name := range all {
		info, err := s.root.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) || passing.MatchString(name):
		case err != nil:
			return err
		case info.Mode().IsRegular():
			s.Files = append(s.Files, File{name, info})
		default:
			s.Unfit = append(s.Unfit, name)
		}
	}
	slices.SortStableFunc(s.Files, func(a, b File) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), strings.Compare(a.Name, b.Name))
	})
	return nil
}

// open opens a file, unless it has become another one since it was listed. A pipe that
// was put in its place does not hold us up.
func (s *Site) open(f File) (*os.File, error) {
	file, err := s.root.OpenFile(f.Name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the log %q: %w", f.Name, err)
	}
	info, err := file.Stat()
	if err == nil && (!info.Mode().IsRegular() || !os.SameFile(info, f.info)) {
		err = fmt.Errorf("it was exchanged while it was opened: it %w", ErrUnfit)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the log %q: %w", f.Name, err), file.Close())
	}
	return file, nil
}

package render

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// An account is the user Chrome runs as.
type account struct{ uid, gid uint32 }

// nobody is the account for a Chrome started by root: Chrome refuses its
// sandbox to root, and root would be what breaks out of a page. 65534 is the
// kernel's overflow uid, which owns nothing.
var nobody = account{65534, 65534}

// chooseUser returns the account to start Chrome as, nil for our own.
func chooseUser() *account {
	if os.Geteuid() != 0 {
		return nil
	}
	return &nobody
}

// profilePrefix begins the names of our profile directories:
// pasban-chrome-PID-STARTTIME-RANDOM, where PID and STARTTIME (clock ticks
// since boot, proc(5)) say which run of ours they belong to.
const profilePrefix = "pasban-chrome-"

// makeProfile makes the private directory of one Chrome in dir and puts the
// font configuration into it. Nothing is written there by us once it belongs to
// the browser's user: what broke out of another Chrome could have put a link in
// the way.
func makeProfile(dir string, user *account) (path, fonts string, err error) {
	start, err := startTime(os.Getpid())
	if err != nil {
		return "", "", fmt.Errorf("naming a profile: %w", err)
	}
	path, err = os.MkdirTemp(dir, fmt.Sprintf("%s%d-%d-", profilePrefix, os.Getpid(), start))
	if err != nil {
		return "", "", fmt.Errorf("making a profile: %w", err)
	}
	fonts, err = writeFonts(path)
	if err == nil && user != nil {
		err = os.Chown(path, int(user.uid), int(user.gid))
	}
	if err != nil {
		return "", "", errors.Join(fmt.Errorf("giving the profile to the browser's user: %w", err), os.RemoveAll(path))
	}
	return path, fonts, nil
}

// sweepProfiles removes what runs of ours that were killed left in dir. In a
// shared directory anyone can make a name like ours, so only real directories
// of our own user or of the browser's are touched, and only when the process
// they name is gone.
func sweepProfiles(dir string) (removed int, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, profilePrefix+"*"))
	if err != nil {
		return 0, fmt.Errorf("listing old profiles: %w", err)
	}
	for _, path := range paths {
		if !ours(path) || ownerAlive(filepath.Base(path)) {
			continue
		}
		if rmErr := removeProfile(path); rmErr != nil {
			err = errors.Join(err, rmErr)
			continue
		}
		removed++
	}
	return removed, err
}

func ours(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == uint32(os.Geteuid()) || stat.Uid == nobody.uid)
}

// ownerAlive reports whether the process a profile is named after still runs.
// A name we cannot read counts as alive: it is not ours to remove.
func ownerAlive(name string) bool {
	pid, rest, ok := strings.Cut(strings.TrimPrefix(name, profilePrefix), "-")
	start, _, ok2 := strings.Cut(rest, "-")
	n, err := strconv.Atoi(pid)
	want, err2 := strconv.ParseUint(start, 10, 64)
	if !ok || !ok2 || err != nil || err2 != nil {
		return true
	}
	got, err := startTime(n)
	return err == nil && got == want
}

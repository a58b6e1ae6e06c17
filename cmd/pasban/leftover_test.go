package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// profileMark begins the name of every folder in which a test lets pasban put
// its browsers' profiles. It tells the browsers of this run of the tests from
// all others on the machine.
func profileMark(pid int) string { return fmt.Sprintf("pasban-left-%d-", pid) }

// profileFolder makes a folder for the profiles of one test, to be its TMPDIR.
// The browsers of root run as another user and must be able to get there, which
// they are not in t.TempDir.
func profileFolder() (string, error) {
	dir, err := os.MkdirTemp("/tmp", profileMark(os.Getpid()))
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// leftovers lists what pasban left in or of a profile folder: processes that
// still run, and profiles. A killed process takes a moment to go, so there is
// a grace of some seconds.
func leftovers(dir string) []string {
	var left []string
	for range 100 {
		left = processesOf(dir)
		if len(left) == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond) // the end of somebody else's child is no event
	}
	profiles, err := filepath.Glob(filepath.Join(dir, "pasban-chrome-*"))
	if err != nil {
		return append(left, err.Error())
	}
	return append(left, profiles...)
}

// processesOf lists the living processes that name mark in their command line,
// environment or working directory: pasban has it as its TMPDIR, and a Chrome
// its profile in all three.
func processesOf(mark string) []string {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		if line, ok := marked("/proc/"+e.Name(), mark); ok {
			found = append(found, fmt.Sprintf("process %d: %.200s", pid, line))
		}
	}
	return found
}

// marked reads one process. What cannot be read has ended, or is a zombie,
// which has neither command line nor environment left.
func marked(proc, mark string) (line string, ok bool) {
	raw, _ := os.ReadFile(filepath.Join(proc, "cmdline"))
	environ, _ := os.ReadFile(filepath.Join(proc, "environ"))
	cwd, _ := os.Readlink(filepath.Join(proc, "cwd"))
	line = strings.ReplaceAll(string(raw), "\x00", " ")
	return line, slices.ContainsFunc([]string{line, string(environ), cwd}, func(s string) bool { return strings.Contains(s, mark) })
}

// The check for leftovers would find nothing if it looked for the wrong thing:
// it must see a process and a profile that are there.
func TestLeftoversAreSeen(t *testing.T) {
	dir, err := profileFolder()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	profile := filepath.Join(dir, "pasban-chrome-1-1-x")
	if err := os.Mkdir(profile, 0o700); err != nil {
		t.Fatal(err)
	}
	sleeper := startSleeper(t, profile)
	if got := processesOf(dir); len(got) != 1 {
		t.Errorf("one process works in the folder, found %q", got)
	}
	sleeper()
	if got := leftovers(dir); len(got) != 1 || got[0] != profile {
		t.Errorf("left is the profile alone, found %q", got)
	}
}

package render

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// stat is what we need of /proc/PID/stat.
type stat struct {
	parent, group int
	state         byte
	start         uint64 // clock ticks since boot
	pages         int64  // resident
}

// readStat reads /proc/PID/stat, see proc(5). The watchdog does this for every
// process of the machine four times a second: opened and closed by bare system
// calls, a file of /proc costs half of what os.ReadFile takes.
func readStat(pid int) (stat, error) {
	fd, err := syscall.Open("/proc/"+strconv.Itoa(pid)+"/stat", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return stat{}, err
	}
	var line [1024]byte // fifty numbers of at most 20 digits, most of them short
	n, err := syscall.Read(fd, line[:])
	if err := errors.Join(err, syscall.Close(fd)); err != nil {
		return stat{}, err
	}
	return parseStat(line[:n])
}

// parseStat takes the line apart. The second field is the name in brackets and
// may itself hold spaces and brackets, so fields count from the last bracket.
func parseStat(data []byte) (stat, error) {
	_, rest, ok := bytes.Cut(data[max(bytes.LastIndexByte(data, ')'), 0):], []byte(") "))
	f := bytes.Fields(rest)
	if !ok || len(f) < 22 {
		return stat{}, errors.New("malformed /proc/PID/stat")
	}
	var s stat
	var errs [4]error
	s.state = f[0][0]
	s.parent, errs[0] = strconv.Atoi(string(f[1]))
	s.group, errs[1] = strconv.Atoi(string(f[2]))
	s.start, errs[2] = strconv.ParseUint(string(f[19]), 10, 64)
	s.pages, errs[3] = strconv.ParseInt(string(f[21]), 10, 64)
	return s, errors.Join(errs[:]...)
}

// startTime tells two processes with the same number apart.
func startTime(pid int) (uint64, error) {
	s, err := readStat(pid)
	return s.start, err
}

// A relative is a process below one of ours, named so that a reused number is
// not mistaken for it.
type relative struct {
	pid   int
	start uint64
	pages int64
}

// processes reads the whole process table once: children by parent.
func processes() map[int][]relative {
	table := make(map[int][]relative)
	names, err := readNames("/proc")
	if err != nil {
		return table
	}
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if s, err := readStat(pid); err == nil { // gone in the meantime
			table[s.parent] = append(table[s.parent], relative{pid, s.start, s.pages})
		}
	}
	return table
}

func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	return names, errors.Join(err, f.Close())
}

// descendants lists every process below pid, pid itself not included.
func descendants(pid int) []relative {
	table := processes()
	var all []relative
	for queue := []int{pid}; len(queue) > 0; queue = queue[1:] {
		for _, child := range table[queue[0]] {
			all = append(all, child)
			queue = append(queue, child.pid)
		}
	}
	return all
}

// killGroup kills the process group that a Chrome leads.
func killGroup(pid int) {
	// It may be gone already, which is what we want.
	_ = syscall.Kill(-pid, syscall.SIGKILL)
}

// killAll kills what left the group, as the zygotes of the sandbox do.
func killAll(list []relative) {
	for _, r := range list {
		if r.alive() {
			_ = syscall.Kill(r.pid, syscall.SIGKILL) // it may end by itself just now
		}
	}
}

// alive is false for a zombie: it holds no memory, and its parent reaps it.
func (r relative) alive() bool {
	s, err := readStat(r.pid)
	return err == nil && s.start == r.start && s.state != 'Z' && s.state != 'X'
}

// awaitGone waits until none of list is left. The kernel frees the memory of a
// killed process in its own time; there is no event for a grandchild's end.
func awaitGone(list []relative, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	for _, r := range list {
		for r.alive() {
			if time.Now().After(deadline) {
				return fmt.Errorf("browser child %d did not end within %v of SIGKILL", r.pid, limit)
			}
			<-time.After(2 * time.Millisecond)
		}
	}
	return nil
}

// removeProfile deletes a profile directory. A child that was still dying may
// add a file behind our back, so it is tried a few times.
func removeProfile(path string) error {
	var err error
	for range 5 {
		if err = os.RemoveAll(path); err == nil {
			return nil
		}
		<-time.After(10 * time.Millisecond)
	}
	return fmt.Errorf("removing a browser profile: %w", err)
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// cost is what one run of a program took, its children included.
type cost struct {
	pages int
	wall  time.Duration // from its start to its end, browsers and all
	cpu   time.Duration // user and system, of all processes
	own   time.Duration // of that, of the program itself without its browsers
	peak  int64         // memory, bytes: the largest sum of proportional set sizes
}

const (
	peakInterval = 500 * time.Millisecond
	orphanGrace  = 10 * time.Second
)

// measure runs a command to its end. Processor time is the kernel's own account
// and not sampled: this process becomes the reaper of whatever the command
// leaves behind, as a killed Chrome does with its renderers, so that every
// process below it ends up in a wait of ours (prctl(2), PR_SET_CHILD_SUBREAPER).
func measure(ctx context.Context, stdin string, command []string) (cost, string, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return cost{}, "", fmt.Errorf("becoming the reaper of orphans: %w", err)
	}
	defer func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) }() // cannot fail after it worked
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var out, failure bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &failure
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, "", err
	}
	peak := watchPeak(cmd.Process.Pid)
	var c cost
	ended := awaitEnd(cmd.Process.Pid)
	c.own = ownTime(cmd.Process.Pid)
	err := errors.Join(ended, cmd.Wait())
	c.wall, c.peak = time.Since(started), peak()
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	left, reapErr := reapOrphans()
	c.cpu += left
	if err := errors.Join(err, reapErr); err != nil {
		return c, "", fmt.Errorf("%w: %s", err, failure.String())
	}
	return c, out.String(), nil
}

// awaitEnd waits until a child is over but leaves it there to be read.
func awaitEnd(pid int) error {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// reapOrphans waits for the processes that the command left and adds up what
// they and their own children had used.
func reapOrphans() (time.Duration, error) {
	var total time.Duration
	for deadline := time.Now().Add(orphanGrace); ; {
		var usage unix.Rusage
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, &usage)
		switch {
		case errors.Is(err, syscall.ECHILD):
			return total, nil
		case err != nil && !errors.Is(err, syscall.EINTR):
			return total, fmt.Errorf("reaping orphans: %w", err)
		case pid > 0:
			total += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		case time.Now().After(deadline):
			return total, errors.New("processes were left running")
		default:
			time.Sleep(5 * time.Millisecond) // the kernel is still tearing them down
		}
	}
}

// ownTime is the processor time of one process without its children, from
// /proc/PID/stat, in hundredths of a second (proc(5)).
func ownTime(pid int) time.Duration {
	fields := statOf(pid)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11]) // the kernel wrote it
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// statOf are the fields of /proc/PID/stat from the third on, which follows the
// last bracket of the name; none if the process is gone.
func statOf(pid int) []string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
}

// watchPeak samples the memory of a process and all below it until the function
// it returns is called, which tells the largest sum.
func watchPeak(root int) func() int64 {
	stop, result := make(chan struct{}), make(chan int64)
	go func() {
		tick := time.NewTicker(peakInterval)
		defer tick.Stop()
		var peak int64
		for {
			select {
			case <-tick.C:
				peak = max(peak, treeMemory(root))
			case <-stop:
				result <- peak
				return
			}
		}
	}()
	return func() int64 { close(stop); return <-result }
}

func treeMemory(root int) int64 {
	var total int64
	for _, pid := range treeOf(root) {
		total += proportionalSize(pid)
	}
	return total
}

// treeOf are a process and all below it.
func treeOf(root int) []int {
	children := map[int][]int{}
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	for _, name := range names {
		pid, _ := strconv.Atoi(filepath.Base(name)) // digits, by the pattern
		if fields := statOf(pid); len(fields) > 1 {
			parent, _ := strconv.Atoi(fields[1])
			children[parent] = append(children[parent], pid)
		}
	}
	tree := []int{root}
	for i := 0; i < len(tree); i++ {
		tree = append(tree, children[tree[i]]...)
	}
	return tree
}

// treeTime is the processor time of a process and all below it, with what those had
// used that have ended and were waited for.
func treeTime(root int) time.Duration {
	var total time.Duration
	for _, pid := range treeOf(root) {
		total += ownTime(pid)
		if fields := statOf(pid); len(fields) > 14 {
			user, _ := strconv.Atoi(fields[13])
			system, _ := strconv.Atoi(fields[14])
			total += time.Duration(user+system) * 10 * time.Millisecond
		}
	}
	return total
}

// proportionalSize counts a page that n processes share as an n-th of a page.
func proportionalSize(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0 // it has ended
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "Pss:" {
			kB, _ := strconv.ParseInt(f[1], 10, 64)
			return kB << 10
		}
	}
	return 0
}

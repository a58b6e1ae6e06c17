package render

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Memory is watched from outside: four times a second the resident sizes (RSS)
// of every Chrome and its children are added up, which costs one reading of the
// process table for all of them, 3 ms with 200 processes. That sum counts a page
// once for each process that shares it: 512 MB for an idle Chrome that really
// holds 90. The proportional size (PSS) is the honest one, but the kernel walks
// every page table for it, 10 ms of processor time for that idle Chrome. So it
// is read only when the resident sum has moved by usageStep since the last
// reading, every third or fourth time under work, or is over the budget.
// BenchmarkGuard has the figures.
const (
	guardPeriod = 250 * time.Millisecond
	usageStep   = 64 << 20
)

// usage is what one Chrome was seen to use.
type usage struct {
	mu       sync.Mutex
	resident int64  // sum of RSS when the PSS was read last, 0 before the first time
	pss      int64  // as read then
	peak     int64  // most since the capture began, 0 if there was no look yet
	over     string // why the Chrome was killed, "" if it was not
}

// begin forgets what the capture before used.
func (u *usage) begin() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.peak = 0
}

// most is the peak since begin. For a capture that was over before anybody
// looked it is what was seen last before it.
func (u *usage) most() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.peak == 0 {
		return u.pss
	}
	return u.peak
}

// overBudget says how the budget was broken, "" if it was not.
func (u *usage) overBudget() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.over
}

// look notes the PSS, reading it only if it may have moved, and reports
// whether it is over the budget.
func (u *usage) look(resident, budget int64, read func() int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	moved := max(resident-u.resident, u.resident-resident)
	if u.resident == 0 || moved >= usageStep || resident > budget {
		u.resident, u.pss = resident, read()
	}
	u.peak = max(u.peak, u.pss)
	if u.pss <= budget {
		return false
	}
	u.over = fmt.Sprintf("memory: %d MB used, budget %d MB", u.pss>>20, budget>>20)
	return true
}

// guard watches the memory of all processes, and that a browser that did not
// start is tried again.
func (p *Pool) guard() {
	tick := time.NewTicker(guardPeriod)
	defer tick.Stop()
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-tick.C:
		}
		p.checkMemory()
		if p.starts.due() {
			p.group.Go(p.trial)
		}
	}
}

// checkMemory kills every Chrome that is over its budget.
func (p *Pool) checkMemory() {
	table := processes()
	for _, s := range p.all {
		proc := s.process()
		if proc == nil || proc.dead() {
			continue
		}
		pids, resident := family(proc.pid, table)
		if proc.used.look(resident, p.opts.Memory, func() int64 { return proportional(pids) }) {
			// Once the browser is gone its children can no longer be found by it.
			left := descendants(proc.pid)
			killGroup(proc.pid)
			killAll(left)
		}
	}
}

// family lists a Chrome and everything below it, and the sum of their resident
// sizes in bytes.
func family(pid int, table map[int][]relative) (pids []int, resident int64) {
	pids = []int{pid}
	if s, err := readStat(pid); err == nil {
		resident = s.pages
	}
	for i := 0; i < len(pids); i++ {
		for _, child := range table[pids[i]] {
			pids = append(pids, child.pid)
			resident += child.pages
		}
	}
	return pids, resident * int64(os.Getpagesize())
}

// proportional adds up the PSS of processes.
func proportional(pids []int) int64 {
	total := int64(0)
	for _, pid := range pids {
		total += pss(pid)
	}
	return total
}

// pss returns the PSS of one process in bytes. The kernel shows it to root only
// when the process is sandboxed; the private resident size stands in for it.
func pss(pid int) int64 {
	dir := "/proc/" + strconv.Itoa(pid)
	if data, err := os.ReadFile(dir + "/smaps_rollup"); err == nil {
		for line := range strings.Lines(string(data)) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == "Pss:" {
				kb, _ := strconv.ParseInt(f[1], 10, 64) // the kernel wrote it
				return kb << 10
			}
		}
	}
	data, err := os.ReadFile(dir + "/statm")
	f := strings.Fields(string(data))
	if err != nil || len(f) < 3 {
		return 0 // it has ended
	}
	resident, _ := strconv.ParseInt(f[1], 10, 64)
	shared, _ := strconv.ParseInt(f[2], 10, 64)
	return (resident - shared) * int64(os.Getpagesize())
}

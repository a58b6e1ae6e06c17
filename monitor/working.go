package monitor

import "sync"

// working knows the jobs that this process has in hand.
//
// The database knows too, in the state "running", but may be wrong in both
// directions. When it was away while a job ended, the row says "running" for
// ever, and keeps the next look at the same page from being queued. And when
// the clock jumps ahead, River takes what began a minute ago for what was
// stuck for hours, and hands it out a second time.
type working struct {
	mu   sync.Mutex
	jobs map[int64]bool
	// suspects are running, by their rows, and not in hand: as the last look
	// at them found. A job is such for a moment when it begins and ends.
	suspects map[int64]int // attempt, by job
}

func newWorking() *working {
	return &working{jobs: map[int64]bool{}, suspects: map[int64]int{}}
}

// begin takes a job in hand. It is false if it is already.
func (w *working) begin(job int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.jobs[job] {
		return false
	}
	w.jobs[job] = true
	return true
}

func (w *working) end(job int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.jobs, job)
}

// lost takes the jobs that this process runs according to their rows, as attempts
// by ID, and reports those that it does not, nor did when it was asked before:
// their end never reached the database.
func (w *working) lost(running map[int64]int) map[int64]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost, suspects := map[int64]bool{}, map[int64]int{}
	for job, attempt := range running {
		if w.jobs[job] {
			continue
		}
		before, suspected := w.suspects[job]
		if suspected && before == attempt {
			lost[job] = true
		}
		suspects[job] = attempt
	}
	w.suspects = suspects
	return lost
}

package monitor

import (
	"strings"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// Backlog is what waits in one queue: "look", "judge" or "deliver".
type Backlog struct {
	Waiting int // jobs whose time has come and that nobody works yet
	// Oldest is for how long the one that waits longest has. A look as another visitor
	// does not count: it gives way to everything else on purpose.
	Oldest time.Duration
}

// Backlog is what waited in each queue, as of a few seconds ago; at most 10,000 jobs are
// counted. It is known to a process that runs.
func (m *Monitor) Backlog() map[string]Backlog {
	if b := m.queue.backlog.Load(); b != nil {
		return *b
	}
	return map[string]Backlog{}
}

// backlogOf sums up unfinished jobs. Those of all processes count, in whatever queue of
// their own.
func backlogOf(jobs []*rivertype.JobRow, now time.Time) *map[string]Backlog {
	out := map[string]Backlog{}
	for _, job := range jobs {
		waited := now.Sub(job.ScheduledAt)
		if job.State == rivertype.JobStateRunning || waited < 0 {
			continue
		}
		base, _, _ := strings.Cut(job.Queue, "-")
		b := out[base]
		b.Waiting++
		if job.Priority < priorityOther {
			b.Oldest = max(b.Oldest, waited)
		}
		out[base] = b
	}
	return &out
}

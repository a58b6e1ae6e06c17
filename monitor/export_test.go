package monitor

import (
	"context"

	"pasban/monitor/probe"
)

// Suspect is what a probe calls for what it cannot clear.
func (m *Monitor) Suspect(ctx context.Context, target string) error {
	_, err := m.suspect(ctx, probe.Suspicion{Target: target, Why: []string{"a test says so"}})
	return err
}

// LogRounds is what a new process does with its folder of logs, a round a call.
func (m *Monitor) LogRounds() func(context.Context) error { return newLogWatch(m).round }

// WithoutSecrets masks a line of a log.
var WithoutSecrets = withoutSecrets

// Click queues the look that somebody waits for.
func (m *Monitor) Click(ctx context.Context, target string) error {
	return m.enqueue(ctx, []queued{{lookArgs{Target: target, Reason: ReasonClick}, priorityUrgent}})
}

// SnapshotRound is one round of the loop that makes and verifies copies.
func (m *Monitor) SnapshotRound(ctx context.Context) error { return m.snapshotRound(ctx) }

// OrderRound is one round of what orders demand of us.
func (m *Monitor) OrderRound(ctx context.Context) error { return m.orderRound(ctx) }

// AskDue asks the servers of sites in lockdown that are due.
func (m *Monitor) AskDue(ctx context.Context) error { return m.askDue(ctx) }

// ForgetScores removes scores that no report goes back to.
func (m *Monitor) ForgetScores(ctx context.Context) error { return m.forgetScores(ctx) }

package monitor

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// heldEvery is how often it is asked whether something that is held may go: the next
// mail about a campaign, the list of a storm, what a silence held.
const heldEvery = 5 * time.Second

// heldLoop lets go what is held as its time comes, until the context ends.
func (m *Monitor) heldLoop(ctx context.Context) error {
	if !m.Judge {
		return nil
	}
	t := time.NewTicker(heldEvery)
	defer t.Stop()
	for {
		m.database(ctx, "held", m.letGoDue(ctx, func(int64) bool { return false }))
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// letGoDue lets go what is due and, without waiting, what is about incidents of which
// now is told: those of a process that is about to end.
func (m *Monitor) letGoDue(ctx context.Context, now func(incident int64) bool) error {
	err := errors.Join(m.endSilences(ctx), m.updateCampaigns(ctx, now), m.endStorms(ctx, now))
	if err != nil {
		return fmt.Errorf("letting go what was held: %w", err)
	}
	return nil
}

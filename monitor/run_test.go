package monitor_test

import (
	"context"
	"testing"
)

// A watch that is told to stop before it has begun has nothing to complain of,
// and begins nothing.
func TestRunEndedBeforeItBegan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := w.Run(ctx, true); err != nil {
		t.Error(err)
	}
	if looks, err := w.Store.Captures(t.Context(), "ministry", 1); err != nil || len(looks) > 0 {
		t.Errorf("%d looks were taken, %v; want none", len(looks), err)
	}
}

package monitor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// No more are in the darkroom than it has places; who waits enters when one leaves, or
// gives up with his context.
func TestDarkroom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := make(darkroom, 1)
		leave, err := d.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := d.enter(hasty); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second came to %v, want to wait in vain", err)
		}
		entered := make(chan struct{})
		go func() {
			defer close(entered)
			if next, err := d.enter(t.Context()); err != nil {
				t.Error(err)
			} else {
				next()
			}
		}()
		synctest.Wait()
		select {
		case <-entered:
			t.Error("two are inside")
		default:
		}
		leave()
		<-entered
	})
	if n := cap(newDarkroom()); n < 1 {
		t.Errorf("a darkroom of %d places", n)
	}
}

package monitor

import (
	"context"
	"fmt"
	"runtime"
)

// darkroom lets few at a time work with decoded pictures. A page of 1366 x 4000
// pixels weighs a megabyte as a PNG and 22 decoded, its comparison holds two of them
// and an alarm draws three more: what all looks and judges at once would hold is what
// a watch mostly weighs. Decoding and comparing keep a processor busy anyway, so that
// waiting here costs nothing that waiting for a processor does not.
//
// It is entered by whoever decodes first, around all that is made of the picture; who
// is inside enters no second time.
type darkroom chan struct{}

// newDarkroom has a place for every second processor: the others render.
func newDarkroom() darkroom { return make(darkroom, max(1, runtime.GOMAXPROCS(0)/2)) }

// enter waits for a place, and returns the function that gives it back.
func (d darkroom) enter(ctx context.Context) (leave func(), err error) {
	select {
	case d <- struct{}{}:
		return func() { <-d }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to decode a picture: %w", ctx.Err())
	}
}

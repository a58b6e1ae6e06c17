package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"time"
)

// What a watch keeps for long is small; what it holds for a second is not: the pictures
// of one comparison are 44 MB, those of an alarm more. Left alone, Go's collector lets
// garbage grow to the size of what was alive at its last run, pictures included, and the
// process stays as large as its largest moment. So the collector is given a limit to run
// towards, in the place of a multiple.
const (
	memoryLimit = 160 << 20 // of Go's memory; the binary adds some 30 MB
	// memoryRoom is kept above what is alive, if that is much: a limit below what is
	// needed would have the collector run all the time.
	memoryRoom  = 64 << 20
	memoryEvery = 10 * time.Second
	// memorySamples are looked back on: what is alive in every one of them stays so, and
	// pictures do not.
	memorySamples = 30
)

// keepSmall holds the process to its limit until the context ends. GOMEMLIMIT or GOGC, if
// set, is obeyed in its place.
func keepSmall(ctx context.Context) error {
	if os.Getenv("GOMEMLIMIT") != "" || os.Getenv("GOGC") != "" {
		return nil
	}
	debug.SetGCPercent(50)
	tick := time.NewTicker(memoryEvery)
	defer tick.Stop()
	var recent []int64
	for {
		recent = append(recent[max(0, len(recent)+1-memorySamples):], alive())
		debug.SetMemoryLimit(limitFor(recent))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// limitFor is the limit after some samples of what was alive.
func limitFor(recent []int64) int64 { return max(memoryLimit, slices.Min(recent)+memoryRoom) }

// alive is how many bytes of objects the last run of the collector found in use.
func alive() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(min(sample[0].Value.Uint64(), 1<<40)) //nolint:gosec // bounded
}

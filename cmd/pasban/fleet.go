package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"
	"time"

	"pasban/storage/db"
)

type fleetCommand struct {
	Simulate simulateCommand `cmd:"" help:"Scheduler, queue and store under synthetic looks, without a browser: how far this machine goes, and what grows."`
}

type simulateCommand struct {
	Sites int           `help:"Sites of one page each, looked at every 15 minutes." default:"1527"`
	Days  float64       `help:"Days of history to begin with. It is cut short when it takes longer than --for." default:"1"`
	For   time.Duration `help:"How long to measure." default:"60s"`
	JSON  bool          `help:"As one object."`
}

// Bounds of a simulation: beyond them nothing was tried.
const (
	maxSimulated   = 1_000_000
	maxSimulatedIn = 365
)

// Run simulates in a database of its own: a file that is removed afterwards, or
// what --db names if nothing is in it.
func (s *simulateCommand) Run(ctx context.Context, c *common, term terminal) error {
	switch {
	case s.Sites < 1 || s.Sites > maxSimulated:
		return usageError{fmt.Errorf("--sites must be from 1 to %d, not %d", maxSimulated, s.Sites)}
	case !(s.Days >= 0 && s.Days <= maxSimulatedIn):
		return usageError{fmt.Errorf("--days must be from 0 to %d, not %v", maxSimulatedIn, s.Days)}
	case s.For < 3*time.Second || s.For > 24*time.Hour:
		return usageError{fmt.Errorf("--for must be from 3s to 24h, not %v", s.For)}
	}
	target := c.DB
	if target == filepath.Join(c.Data, "pasban.db") {
		target = "" // not named: one of its own
	}
	result, err := simulate(ctx, simulation{
		sites: s.Sites, days: s.Days, limit: s.For, looks: c.looks(), target: target, log: c.logger(term),
		say: func(what string) { fmt.Fprintln(term.err, what) },
	})
	if errors.Is(err, db.ErrInUse) {
		return usageError{fmt.Errorf("--db: %w; a simulation needs an empty database", err)}
	}
	if err != nil {
		return err
	}
	if s.JSON {
		return printJSON(term.out, result)
	}
	return printSimulated(term.out, result)
}

// simulated is what a simulation measured. Sizes are in bytes, times in
// milliseconds.
type simulated struct {
	Database  string  `json:"database"` // sqlite or postgres
	Sites     int     `json:"sites"`
	Targets   int     `json:"targets"`
	Days      float64 `json:"history_days"`
	CutShort  bool    `json:"history_cut_short"`
	History   int64   `json:"history_captures"`
	HistoryPS float64 `json:"history_captures_per_s"`

	// Of this process; a server's is its own.
	HistoryCPU float64 `json:"history_processor_ms"` // a look
	InsertCPU  float64 `json:"insert_processor_ms"`  // a job, the watchlist read included

	ReadWatch float64 `json:"read_watchlist_ms"` // all of it, once
	Inserted  int     `json:"jobs_inserted"`
	InsertPS  float64 `json:"jobs_inserted_per_s"`
	Worked    int     `json:"looks_worked"`
	WorkPS    float64 `json:"looks_worked_per_s"`
	WorkCPU   float64 `json:"look_processor_ms"`  // of this process, a look
	NeedPS    float64 `json:"looks_needed_per_s"` // at 15 minutes
	Rounds    int     `json:"rounds"`
	FindP50   float64 `json:"find_due_p50_ms"`
	FindP99   float64 `json:"find_due_p99_ms"`
	LookP50   float64 `json:"store_look_p50_ms"` // to read what a look needs, with this history

	Captures     int64   `json:"captures"`
	Jobs         int64   `json:"jobs"`
	Bytes        int64   `json:"database_bytes"`
	BytesSite    float64 `json:"bytes_per_site"`
	BytesCapture float64 `json:"bytes_per_capture"`
	BytesJob     float64 `json:"bytes_per_job"`
	BytesDay     float64 `json:"bytes_per_day"` // written by looks that see nothing new
	BytesSteady  float64 `json:"bytes_steady"`  // of those, with 48 h of looks and 6 h of finished jobs
	TargetDay    float64 `json:"bytes_per_target_day"`
	Thinned      int     `json:"captures_thinned"`
	ThinPS       float64 `json:"captures_thinned_per_s"`
	Memory       int64   `json:"memory_bytes"` // resident, at its most
}

func printSimulated(out io.Writer, r simulated) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	short := ""
	if r.CutShort {
		short = " (cut short: its time was up)"
	}
	line("Sites, of one page each", "%d on %s", r.Sites, r.Database)
	line("History", "%.2f days, %d looks%s", r.Days, r.History, short)
	line("Needed at 15 minutes", "%.1f looks a second", r.NeedPS)
	line("Queued", "%d jobs, %.0f a second, %.2f ms of a processor each", r.Inserted, r.InsertPS, r.InsertCPU)
	line("Worked", "%d looks without a browser, %.0f a second, %.2f ms of a processor each", r.Worked, r.WorkPS, r.WorkCPU)
	line("Finding what is due", "%.2f ms (median), %.2f ms (99 of 100) in %d rounds", r.FindP50, r.FindP99, r.Rounds)
	line("Reading the whole watchlist", "%.0f ms, when it has changed", r.ReadWatch)
	line("Reading what a look needs", "%.2f ms (median)", r.LookP50)
	if r.Thinned > 0 {
		line("Thinning out", "%d looks removed, %.0f a second", r.Thinned, r.ThinPS)
	}
	line("Database", "%.1f MB: %d looks, %d jobs", float64(r.Bytes)/1e6, r.Captures, r.Jobs)
	line("A site, unseen", "%.0f bytes", r.BytesSite)
	line("A look that sees nothing new", "%.0f bytes, and %.0f for six hours in the queue", r.BytesCapture, r.BytesJob)
	line("A day of such looks at one page", "%.1f kB", r.TargetDay/1e3)
	line("A day of such looks at all", "%.1f MB written, %.1f MB kept once two days are over", r.BytesDay/1e6, r.BytesSteady/1e6)
	line("Memory", "%.0f MB", float64(r.Memory)/1e6)
	return w.Flush()
}

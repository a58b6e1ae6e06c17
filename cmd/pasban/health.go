package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"pasban/monitor"
	"pasban/monitor/probe"
	"pasban/render"
)

// health is what /status tells: how well the watch is kept, and how the process
// that keeps it is.
type health struct {
	monitor.Status
	Process processHealth `json:"process"`
	Probes  *probe.Stats  `json:"probes,omitempty"` // nil where none are made
}

// processHealth is what an operator would ask top and lsof for.
type processHealth struct {
	PID        int           `json:"pid"`
	Uptime     int64         `json:"uptime_s"`
	Memory     int64         `json:"memory_bytes"` // resident, without its browsers
	Files      int           `json:"open_files"`
	Goroutines int           `json:"goroutines"`
	Browsers   *render.Stats `json:"browsers,omitempty"` // nil with --no-looks
}

// born is when this process began.
var born = time.Now()

func readProcess(pool *render.Pool) processHealth {
	p := processHealth{PID: os.Getpid(), Uptime: int64(time.Since(born).Seconds()), Goroutines: runtime.NumGoroutine()}
	p.Memory, p.Files = resident(), openFiles()
	if pool != nil {
		stats := pool.Stats()
		p.Browsers = &stats
	}
	return p
}

// resident is the memory this process holds, in bytes; 0 where there is no /proc.
func resident() int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(statm)) // pages: total, resident, ...
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// openFiles is how many descriptors are open; 0 where there is no /proc.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// healthHandler answers load balancers and container supervisors.
func healthHandler(h *house) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if why := h.Ailment(); why != "" {
			http.Error(w, plain(why, 600), http.StatusServiceUnavailable)
			return
		}
		if _, err := h.Store.Questions(ctx); err != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
		defer cancel()
		status, err := h.Status(ctx)
		if err != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := printJSON(w, health{status, readProcess(h.pool), h.ProbeStats()}); err != nil {
			h.Logger.Debug("the status page was not read to its end", "error", err)
		}
	})
	return unframed(mux)
}

// unframed gives every answer the headers that keep it what it is: text for the
// program that asked, which no other site's page reads, frames or runs. There is
// nothing to be changed here, so that any method but GET is refused by the mux.
func unframed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
			"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		} {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

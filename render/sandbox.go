package render

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"time"
)

// Sandboxed reports whether the renderers that are running are confined by
// seccomp and can gain no privileges: what the kernel says, not what the flags
// asked for. A renderer confines itself in its first moments, and between two
// captures there may be none, so it asks again until they are or ctx ends.
func (p *Pool) Sandboxed(ctx context.Context) bool {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !p.confined() {
		select {
		case <-again.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// confined is false as well if no renderer is running.
func (p *Pool) confined() bool {
	renderers := 0
	for _, s := range p.all {
		proc := s.process()
		if proc == nil {
			continue
		}
		for _, r := range descendants(proc.pid) {
			if !isRenderer(r.pid) {
				continue
			}
			if renderers++; !confined(r.pid) {
				return false
			}
		}
	}
	return renderers > 0
}

func isRenderer(pid int) bool {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	return err == nil && bytes.Contains(line, []byte("--type=renderer"))
}

// confined reads "Seccomp: 2" (filter mode) and "NoNewPrivs: 1", see proc(5).
func confined(pid int) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	return err == nil && bytes.Contains(status, []byte("\nSeccomp:\t2\n")) && bytes.Contains(status, []byte("\nNoNewPrivs:\t1\n"))
}

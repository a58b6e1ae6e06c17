package render

import (
	"bytes"
	"os"
	"strconv"
)

// Sandboxed reports whether every renderer that is running now is confined by
// seccomp and can gain no privileges: what the kernel says, not what the flags
// asked for. It is false if none is running.
func (p *Pool) Sandboxed() bool {
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

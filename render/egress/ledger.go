package egress

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxVerdicts bounds the network log. It is above the default connection
// budget, so that refusals behind the budget are still seen for a while.
const maxVerdicts = 1000

// ledger keeps the account of one capture.
type ledger struct {
	budget Budget
	began  time.Time
	spent  atomic.Int64 // bytes, both directions

	mu       sync.Mutex
	entries  []*entry
	asked    int
	missed   int
	exceeded string
}

// entry is a verdict in the making. The ledger's mutex guards v; the byte
// counts are written while data flows.
type entry struct {
	ledger    *ledger
	v         Verdict
	ended     bool
	sent, got atomic.Int64
}

// open starts the account of one request. The reason is not "" if a budget is
// used up, and then it is refused.
func (l *ledger) open(method, host string, port uint16) (*entry, string) {
	e := &entry{ledger: l, v: Verdict{
		At: time.Since(l.began), Method: clip(method, 16), Host: clip(host, 255), Port: int(port),
	}}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if len(l.entries) < maxVerdicts {
		l.entries = append(l.entries, e)
	} else {
		l.missed++
	}
	switch {
	case l.asked > l.budget.Conns:
		return e, l.exceed(ReasonConns)
	case l.spent.Load() > l.budget.Bytes:
		return e, l.exceed(ReasonBytes)
	}
	return e, ""
}

// exceed notes that a budget broke; the first one is kept. It is called with
// the mutex held and returns its argument.
func (l *ledger) exceed(reason string) string {
	if l.exceeded == "" {
		l.exceeded = reason
	}
	return reason
}

func (l *ledger) overrun(reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.exceed(reason)
}

// verdicts is a copy of the log with the byte counts of this moment.
func (l *ledger) verdicts() []Verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Verdict, len(l.entries))
	for i, e := range l.entries {
		out[i] = e.snapshot()
	}
	return out
}

// last is the newest verdict about a host and port.
func (l *ledger) last(host string, port int) (Verdict, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.entries) - 1; i >= 0; i-- {
		if e := l.entries[i]; e.v.Host == host && e.v.Port == port {
			return e.snapshot(), true
		}
	}
	return Verdict{}, false
}

func (e *entry) snapshot() Verdict {
	v := e.v
	v.Sent, v.Got = e.sent.Load(), e.got.Load()
	return v
}

// allow records the address that is connected to.
func (e *entry) allow(address string) {
	e.ledger.mu.Lock()
	defer e.ledger.mu.Unlock()
	e.v.Allowed, e.v.Address = true, address
}

// forbid records the address that was not to be dialled.
func (e *entry) forbid(address string) {
	e.ledger.mu.Lock()
	defer e.ledger.mu.Unlock()
	e.v.Refused = address
}

// end records how it ended, "" for well. The first ending counts: a connection
// cut by a budget is closed thereafter, and not the other way round.
func (e *entry) end(reason string) {
	e.ledger.mu.Lock()
	defer e.ledger.mu.Unlock()
	if !e.ended {
		e.ended, e.v.Reason = true, reason
	}
}

// clip keeps the first n bytes, and makes text of what is not.
func clip(s string, n int) string { return strings.ToValidUTF8(s[:min(len(s), n)], "?") }

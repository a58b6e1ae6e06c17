package egress

import (
	"context"
	"errors"
	"net/netip"
	"sync"
)

// names remembers what each host of a capture resolved to. A name is resolved
// once and keeps its addresses until the capture ends: a second question is
// what DNS rebinding lives on. How many hosts there may be bounds the memory
// and the DNS traffic a page can cause, which is a way to send data out.
type names struct {
	policy *Policy
	mu     sync.Mutex
	known  map[string]*answers
}

// answers are those to one question. done is closed when they are there.
type answers struct {
	done  chan struct{}
	addrs []netip.Addr
	err   error
}

// enter counts a host, and says whether the budget has room for it.
func (n *names) enter(host string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.known[host]; ok {
		return true
	}
	if len(n.known) >= n.policy.Budget.Hosts {
		return false
	}
	n.known[host] = nil
	return true
}

// lookup returns the addresses of a host that was entered. Callers that come
// while the question is out wait for its answer.
func (n *names) lookup(ctx context.Context, host string, port uint16) ([]netip.Addr, error) {
	n.mu.Lock()
	a := n.known[host]
	if a != nil {
		n.mu.Unlock()
		<-a.done
		return a.addrs, a.err
	}
	a = &answers{done: make(chan struct{})}
	n.known[host] = a
	n.mu.Unlock()
	defer close(a.done)
	a.addrs, a.err = n.policy.resolve(ctx, host, port)
	if a.err != nil && !isFinal(a.err) {
		n.forget(host)
	}
	return a.addrs, a.err
}

// isFinal says whether asking again could not help. A name server that was
// silent may answer the next time, and another port may be allowed.
func isFinal(err error) bool {
	refused, ok := errors.AsType[*Error](err)
	return ok && (refused.Reason == ReasonNoName || refused.Reason == ReasonName)
}

// forget drops the answer but keeps the host counted.
func (n *names) forget(host string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[host] = nil
}

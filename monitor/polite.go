package monitor

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/riverqueue/river"
)

// polite lets one look at a time reach one machine: many institutions share a
// server, and a watch must not be the load that breaks it. Machines are told
// apart by IP address; a host that does not resolve stands for itself. Those who
// wait for a machine are let in by priority, and within one as they came.
type polite struct {
	resolve func(ctx context.Context, host string) ([]string, error)

	mu    sync.Mutex
	busy  map[string][]*waiter // of each machine that is looked at
	cache map[string]resolved
}

// A waiter stands before a busy machine; its channel is closed when it may enter.
type waiter struct {
	priority int
	entered  chan struct{}
}

type resolved struct {
	key   string
	until time.Time
}

// Politeness needs to know which names share a machine, not where it is right
// now; the renderer resolves for itself.
const (
	politeTTL     = 5 * time.Minute
	politeTimeout = 3 * time.Second
	politeCache   = 10_000
)

func newPolite(resolve func(context.Context, string) ([]string, error)) *polite {
	if resolve == nil {
		resolve = net.DefaultResolver.LookupHost
	}
	return &polite{resolve: resolve, busy: map[string][]*waiter{}, cache: map[string]resolved{}}
}

// enter waits, for somebody who waits for the answer, until no other look is at the
// machine that serves a URL, and returns the function that lets the next one in.
func (p *polite) enter(ctx context.Context, address string) (leave func(), err error) {
	key := p.key(ctx, address)
	w := p.stand(key, priorityUrgent)
	select {
	case <-w.entered:
		return func() { p.release(key) }, nil
	case <-ctx.Done():
		p.giveUp(key, w)
		return nil, ctx.Err()
	}
}

// How long a job of the queue waits for a machine before it makes room for jobs
// that others could do, and how soon it comes back. The wait bounds how often the
// queue is written to for a machine that many share.
const (
	politeWait   = 3 * time.Second
	politeSnooze = time.Second
)

// enterOrSnooze is enter for a job of the queue. Who is next at a machine waits for
// it; the others wait for a moment only, and then get an error that puts the job off:
// what waits for one slow machine must not hold every place in which a look at another
// could be taken.
func (p *polite) enterOrSnooze(ctx context.Context, address string, priority int) (leave func(), err error) {
	key := p.key(ctx, address)
	w := p.stand(key, priority)
	patience := time.NewTicker(politeWait)
	defer patience.Stop()
	for {
		select {
		case <-w.entered:
			return func() { p.release(key) }, nil
		case <-ctx.Done():
			p.giveUp(key, w)
			return nil, ctx.Err()
		case <-patience.C:
			if !p.next(key, w) {
				p.giveUp(key, w)
				return nil, river.JobSnooze(politeSnooze)
			}
		}
	}
}

// stand takes a place before a machine, and enters at once if it is free.
func (p *polite) stand(key string, priority int) *waiter {
	w := &waiter{priority: priority, entered: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting, busy := p.busy[key]
	if !busy {
		p.busy[key] = nil
		close(w.entered)
		return w
	}
	at := slices.IndexFunc(waiting, func(o *waiter) bool { return o.priority > priority })
	if at < 0 {
		at = len(waiting)
	}
	p.busy[key] = slices.Insert(waiting, at, w)
	return w
}

// next reports whether a waiter is let in next, or has been.
func (p *polite) next(key string, w *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Index(p.busy[key], w) <= 0
}

// giveUp leaves the place before a machine; who was let in meanwhile lets the next
// one in.
func (p *polite) giveUp(key string, w *waiter) {
	p.mu.Lock()
	waits := slices.Index(p.busy[key], w)
	if waits >= 0 {
		p.busy[key] = slices.Delete(p.busy[key], waits, waits+1)
	}
	p.mu.Unlock()
	if waits < 0 {
		p.release(key)
	}
}

// release lets the next one in.
func (p *polite) release(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := p.busy[key]
	if len(waiting) == 0 {
		delete(p.busy, key)
		return
	}
	p.busy[key] = waiting[1:]
	close(waiting[0].entered)
}

// originOf is the host and port of a URL.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

func (p *polite) key(ctx context.Context, address string) string {
	host := hostOf(address)
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.IsLoopback() {
			// This machine is ours; its servers differ by their ports.
			return originOf(address)
		}
		return host
	}
	p.mu.Lock()
	known, ok := p.cache[host]
	p.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.key
	}
	ctx, cancel := context.WithTimeout(ctx, politeTimeout)
	defer cancel()
	key := host
	if addrs, err := p.resolve(ctx, host); err == nil && len(addrs) > 0 {
		key = slices.Min(addrs)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.cache) >= politeCache {
		clear(p.cache)
	}
	p.cache[host] = resolved{key: key, until: time.Now().Add(politeTTL)}
	return key
}

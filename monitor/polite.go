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
// apart by IP address; a host that does not resolve stands for itself.
type polite struct {
	resolve func(ctx context.Context, host string) ([]string, error)

	mu    sync.Mutex
	busy  map[string]chan struct{}
	cache map[string]resolved
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
	return &polite{resolve: resolve, busy: map[string]chan struct{}{}, cache: map[string]resolved{}}
}

// enter waits until no other look is at the machine that serves a URL, and
// returns the function that lets the next one in.
func (p *polite) enter(ctx context.Context, address string) (leave func(), err error) {
	return p.enterMachine(ctx, p.key(ctx, address))
}

// How long a job of the queue waits for a machine before it makes room for jobs
// that others could do, and how soon it comes back. The wait bounds how often the
// queue is written to for a machine that many share.
const (
	politeWait   = 3 * time.Second
	politeSnooze = time.Second
)

// enterOrSnooze is enter for a job of the queue. It waits for a moment only, and
// then returns an error that puts the job off: what waits for one slow machine must
// not hold every place in which a look at another could be taken.
func (p *polite) enterOrSnooze(ctx context.Context, address string) (leave func(), err error) {
	key := p.key(ctx, address)
	short, cancel := context.WithTimeout(ctx, politeWait)
	defer cancel()
	leave, err = p.enterMachine(short, key)
	if err != nil && ctx.Err() == nil {
		return nil, river.JobSnooze(politeSnooze)
	}
	return leave, err
}

func (p *polite) enterMachine(ctx context.Context, key string) (leave func(), err error) {
	for {
		p.mu.Lock()
		wait, taken := p.busy[key]
		if !taken {
			done := make(chan struct{})
			p.busy[key] = done
			p.mu.Unlock()
			return func() { p.release(key, done) }, nil
		}
		p.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// originOf is the host and port of a URL.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

func (p *polite) release(key string, done chan struct{}) {
	p.mu.Lock()
	delete(p.busy, key)
	p.mu.Unlock()
	close(done)
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

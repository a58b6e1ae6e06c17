package access

import (
	"net/netip"
	"sync"
	"time"
)

// Against guessing: whoever gives lockAfter wrong passwords in a row for one name is not
// heard about that name for lockFor, and twice as long with each further one, up to
// longestLock. One address may be wrong perAddress times in perWindow, whatever the names.
//
// Both are counted by where somebody comes from, so that nobody can lock an analyst out
// from elsewhere, and in the same way for names that nobody has, so that the answers do
// not tell which are somebody's.
const (
	lockAfter   = 5
	lockFor     = time.Minute
	longestLock = time.Hour
	perAddress  = 20
	perWindow   = 5 * time.Minute
	maxTracked  = 10_000 // addresses, and pairs of name and address
	maxName     = 64     // bytes of a name that are remembered; a longer one is nobody's
)

// guard counts what was tried. It forgets when the process ends.
type guard struct {
	now func() time.Time

	mu    sync.Mutex
	tries map[string][]time.Time // by network
	names map[pair]failures
}

// pair is somebody who tries to be somebody.
type pair struct{ name, network string }

type failures struct {
	count int
	last  time.Time
	until time.Time // locked
}

func newGuard(now func() time.Time) *guard {
	return &guard{now: now, tries: map[string][]time.Time{}, names: map[pair]failures{}}
}

// networkOf is whose an address is: a house has a /64 of IPv6 and all addresses in it.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address[:min(len(address), maxName)]
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	network, err := ip.Prefix(64)
	if err != nil {
		return ip.String()
	}
	return network.String()
}

func pairOf(name, from string) pair {
	return pair{name[:min(len(name), maxName)], networkOf(from)}
}

// admit counts an attempt from an address, and says whether it may be made.
func (g *guard) admit(from string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, network := g.now(), networkOf(from)
	recent := make([]time.Time, 0, perAddress)
	for _, t := range g.tries[network] {
		if now.Sub(t) < perWindow {
			recent = append(recent, t)
		}
	}
	if len(recent) >= perAddress {
		return false
	}
	if _, known := g.tries[network]; !known && len(g.tries) >= maxTracked && !g.forgetTries(now) {
		return false // a flood from everywhere: nobody new until it is over
	}
	g.tries[network] = append(recent, now)
	return true
}

// forgetTries makes room, and reports whether there is some.
func (g *guard) forgetTries(now time.Time) bool {
	for network, times := range g.tries {
		if now.Sub(times[len(times)-1]) >= perWindow {
			delete(g.tries, network)
		}
	}
	return len(g.tries) < maxTracked
}

// right gives the attempt back, and begins the count of wrong passwords anew.
func (g *guard) right(name, from string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	network := networkOf(from)
	if times := g.tries[network]; len(times) > 1 {
		g.tries[network] = times[:len(times)-1]
	} else {
		delete(g.tries, network)
	}
	delete(g.names, pairOf(name, from))
}

// locked reports somebody who has guessed at a name too often.
func (g *guard) locked(name, from string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now().Before(g.names[pairOf(name, from)].until)
}

// wrong counts a wrong password, and reports whether it led to a lock.
func (g *guard) wrong(name, from string) (lockedNow bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, key := g.now(), pairOf(name, from)
	f, known := g.names[key]
	if !known && len(g.names) >= maxTracked && !g.forgetNames(now) {
		return false // the limit of the address still holds
	}
	f.count, f.last = f.count+1, now
	if over := f.count - lockAfter; over >= 0 {
		f.until = now.Add(min(longestLock, lockFor<<min(over, 10)))
		lockedNow = true
	}
	g.names[key] = f
	return lockedNow
}

// forgetNames makes room, and reports whether there is some. A lock is not forgotten
// while it would grow if guessing went on.
func (g *guard) forgetNames(now time.Time) bool {
	for key, f := range g.names {
		if now.Sub(f.last) >= 2*longestLock {
			delete(g.names, key)
		}
	}
	return len(g.names) < maxTracked
}

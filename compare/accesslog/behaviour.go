package accesslog

import (
	"hash/maphash"
	"time"
)

// What one visitor does within a window.
const (
	window = 10 * time.Minute
	// guesses are log-ins tried by one address in a window. A person who forgot a
	// password gives up, or is let in, well before.
	guesses = 20
	// probes are different paths which a search for holes asks for and which are not
	// there. A crawler that follows old links finds fewer of that kind.
	probes = 25
	// maxVisitors bounds how many are watched at once by default; more begin anew.
	maxVisitors = 20_000
)

// visitor is what is kept of one address: 300 bytes at most.
type visitor struct {
	since   time.Time
	logins  int
	sought  [probes]uint64 // hashes of paths that were not there
	found   int            // of them
	posted  time.Time      // a log-in that was answered with a redirect
	scanned bool
}

// visitors are the addresses of the last window. Two generations make a bound of what
// would need a clock for each: when the younger is full or old, the elder goes.
type visitors struct {
	young, old map[uint64]*visitor
	since      time.Time
	seed       maphash.Seed
	limit      int
}

func newVisitors(limit int) visitors {
	return visitors{young: map[uint64]*visitor{}, old: map[uint64]*visitor{}, seed: maphash.MakeSeed(), limit: limit}
}

// of finds an address, whose count begins anew when its window is over.
func (v *visitors) of(client []byte, at time.Time) *visitor {
	if len(v.young) >= max(1, v.limit/2) || at.Sub(v.since).Abs() > 2*window {
		v.old, v.young, v.since = v.young, map[uint64]*visitor{}, at
	}
	key := maphash.Bytes(v.seed, client)
	who, ok := v.young[key]
	if !ok {
		if who, ok = v.old[key]; !ok {
			who = &visitor{since: at}
		}
		v.young[key] = who
	}
	if at.Sub(who.since).Abs() > window {
		posted := who.posted
		*who = visitor{since: at, posted: posted}
	}
	return who
}

// seek notes a path that was not there, and reports the one that makes a scanner of who
// asks.
func (v *visitor) seek(path uint64) bool {
	if v.scanned {
		return true
	}
	for _, p := range v.sought[:v.found] {
		if p == path {
			return false
		}
	}
	v.sought[v.found] = path
	v.found++
	v.scanned = v.found == len(v.sought)
	return v.scanned
}

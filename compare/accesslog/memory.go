package accesslog

import (
	"bytes"
	"net/netip"
	"time"
)

// Bounds on a Memory. A site of the largest content management system runs some
// hundreds of scripts; what is full learns no more and says so.
const (
	maxScripts  = 5000
	maxNetworks = 1000
	maxUploads  = 500
	maxPath     = 256 // bytes of a path that are remembered
)

// Memory is what a Scanner knows of a site from before. The zero value knows nothing.
// It is plain data, to be kept as JSON; a Scanner changes it.
type Memory struct {
	// Since and Until are the first and the last moment that it covers.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// Scripts that the site ran for somebody, with the day they were first asked for.
	Scripts map[string]string `json:"scripts"`
	// Networks from which an administrator logged in: /24 of IPv4, /48 of IPv6.
	Networks map[string]string `json:"networks"`
	// Uploads are paths that took files while the site was learnt.
	Uploads map[string]string `json:"uploads"`
	// Full counts what did not fit.
	Full int64 `json:"full"`
}

// covers reports that the memory reaches back far enough for what is new to mean
// something. A time before it began, which an odd clock may write, teaches.
func (m *Memory) covers(at time.Time, learn time.Duration) bool {
	return !m.Since.IsZero() && at.Sub(m.Since) >= learn
}

func (m *Memory) reach(at time.Time) {
	if m.Since.IsZero() || at.Before(m.Since) {
		m.Since = at
	}
	if at.After(m.Until) {
		m.Until = at
	}
}

// learn notes a key and reports whether it was new. What is full knows everything:
// better silent, and saying so, than crying at each.
func (m *Memory) learn(set *map[string]string, key []byte, limit int, at time.Time) (isNew bool) {
	key = key[:min(len(key), maxPath)]
	if !ascii(key) {
		key = []byte(shown(key, maxPath))
	}
	if _, known := (*set)[string(key)]; known {
		return false
	}
	if len(*set) >= limit {
		m.Full++
		return false
	}
	if *set == nil {
		*set = map[string]string{}
	}
	(*set)[string(key)] = at.Format(time.DateOnly)
	return true
}

// ascii reports a text that is what it looks like.
func ascii(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// networkOf is what of an address a provider does not change from day to day.
func networkOf(client []byte) []byte {
	a, err := netip.ParseAddr(string(client))
	if err != nil {
		return client
	}
	a = a.Unmap()
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return client
	}
	return []byte(p.String())
}

// lower is b in lower case ASCII, in buf, without repeated slashes.
func lower(buf, b []byte) []byte {
	buf = buf[:0]
	for i, c := range b {
		if c == '/' && i > 0 && b[i-1] == '/' {
			continue
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		buf = append(buf, c)
	}
	return bytes.TrimSuffix(buf, []byte(" "))
}

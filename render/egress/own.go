package egress

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// ownEvery is how long the list of interface addresses is believed. Reading it
// costs a netlink dump, too much for every connection of every capture.
const ownEvery = 30 * time.Second

// machine is shared by every policy that names no Own: there is one machine.
var machine ownAddresses

type ownAddresses struct {
	mu    sync.Mutex
	asked time.Time
	addrs []netip.Addr
}

// read lists the addresses of this machine's interfaces, at most [ownEvery]
// old. If they cannot be read again the last list stays in force, with a
// warning; it is an error only if there never was one.
func (o *ownAddresses) read() ([]netip.Addr, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.addrs != nil && time.Since(o.asked) < ownEvery {
		return o.addrs, nil
	}
	fresh, err := net.InterfaceAddrs()
	if err != nil && o.addrs == nil {
		return nil, fmt.Errorf("listing this machine's addresses: %w", err)
	}
	o.asked = time.Now()
	if err != nil {
		slog.Warn("cannot list this machine's addresses, keeping the last list", "err", err)
		return o.addrs, nil
	}
	o.addrs = addresses(fresh)
	return o.addrs, nil
}

func addresses(from []net.Addr) []netip.Addr {
	out := make([]netip.Addr, 0, len(from))
	for _, a := range from {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		if ip, ok := netip.AddrFromSlice(n.IP); ok {
			out = append(out, ip.Unmap())
		}
	}
	return out
}

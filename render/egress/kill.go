package egress

import "net"

// Close ends the listener and every connection at once, and returns when
// nothing of the proxy runs any more.
func (p *Proxy) Close() error {
	p.life.Stop()
	p.unhook()
	err := p.shut(ReasonClosed)
	p.wg.Wait()
	return err
}

// shut stops everything without waiting. Only the first call does anything.
func (p *Proxy) shut(reason string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended != "" {
		return nil
	}
	p.ended = reason
	if reason == ReasonLifetime {
		p.ledger.overrun(reason)
	}
	p.cancel()
	err := p.listener.Close()
	for conn := range p.open {
		_ = conn.Close() // it is being thrown away: how that goes changes nothing
	}
	return err
}

// why is the reason for which the proxy ended, "" while it runs.
func (p *Proxy) why() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// track puts a connection under the kill switch. It is false if the switch was
// thrown already or Chrome has too many; the caller then closes it.
func (p *Proxy) track(conn net.Conn, fromChrome bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended != "" || fromChrome && p.clients >= maxClients {
		return false
	}
	p.open[conn] = fromChrome
	if fromChrome {
		p.clients++
	}
	return true
}

// drop closes a connection that is finished with or broken.
func (p *Proxy) drop(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[conn] {
		p.clients--
	}
	delete(p.open, conn)
	_ = conn.Close() // nothing more is wanted of it
}

package egress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// maxClients bounds the connections Chrome may hold at once. It opens 32 to a
// proxy for itself and 255 for WebSockets.
const maxClients = 512

// headWait is how long a request may take from its first byte to the end of
// its header block. Chrome sends it in one piece.
const headWait = 10 * time.Second

// Proxy is the way out of one capture. Its methods may be called at any time
// and from any goroutine, also after Close.
type Proxy struct {
	policy   Policy
	listener net.Listener
	self     netip.AddrPort
	ledger   *ledger
	names    *names
	headWait time.Duration

	ctx    context.Context // ends with the proxy
	cancel context.CancelFunc
	wg     sync.WaitGroup
	life   *time.Timer
	unhook func() bool

	mu      sync.Mutex
	open    map[net.Conn]bool // true for those of Chrome
	clients int               // how many of them are
	ended   string            // why the proxy ended, "" while it runs
}

// Listen opens a proxy on a free port of 127.0.0.1. It ends, with everything
// that goes through it, at [Proxy.Close], when ctx does or when the policy's
// lifetime is over. An error is this machine's fault or the policy's.
func Listen(ctx context.Context, policy Policy) (*Proxy, error) {
	return listen(ctx, policy, headWait)
}

func listen(ctx context.Context, policy Policy, headWait time.Duration) (*Proxy, error) {
	policy, err := policy.complete()
	if err != nil {
		return nil, fmt.Errorf("opening the egress proxy: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening the egress proxy: %w", err)
	}
	p := &Proxy{
		policy:   policy,
		listener: listener,
		self:     listener.Addr().(*net.TCPAddr).AddrPort(),
		ledger:   &ledger{budget: policy.Budget, began: time.Now()},
		headWait: headWait,
		open:     make(map[net.Conn]bool),
	}
	p.names = &names{policy: &p.policy, known: make(map[string]*answers)}
	p.ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	p.life = time.AfterFunc(policy.Budget.Lifetime, func() { _ = p.shut(ReasonLifetime) })
	p.unhook = context.AfterFunc(ctx, func() { _ = p.shut(ReasonClosed) })
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is where the proxy listens, "127.0.0.1:PORT".
func (p *Proxy) Addr() string { return p.self.String() }

// Verdicts is the network log in order of arrival: at most the first 1,000
// requests, see [Proxy.Missed]. Those that are still open are in it with what
// they have moved so far.
func (p *Proxy) Verdicts() []Verdict { return p.ledger.verdicts() }

// Missed is the number of requests that the bound on Verdicts left out.
func (p *Proxy) Missed() int {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	return p.ledger.missed
}

// Exceeded is the budget that broke first: [ReasonBytes], [ReasonConns],
// [ReasonHosts], [ReasonLifetime], or "" if none did.
func (p *Proxy) Exceeded() string {
	p.ledger.mu.Lock()
	defer p.ledger.mu.Unlock()
	return p.ledger.exceeded
}

// Last is the newest verdict about a host and port, for the question why the
// main document did not come. It is false if there was no such request.
func (p *Proxy) Last(host string, port int) (Verdict, bool) {
	return p.ledger.last(plainHost(host), port)
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			p.pause() // out of descriptors, most likely: they come back
		case !peer(conn).Addr().IsLoopback() || !p.track(conn, true):
			_ = conn.Close() // not ours to serve
		default:
			p.wg.Go(func() { p.serve(conn) })
		}
	}
}

// pause waits a little before the next attempt to accept, or until the end.
func (p *Proxy) pause() {
	select {
	case <-p.ctx.Done():
	case <-time.After(10 * time.Millisecond):
	}
}

// serve answers the requests of one connection from Chrome.
func (p *Proxy) serve(conn net.Conn) {
	c := &client{proxy: p, conn: conn, in: bufio.NewReaderSize(conn, 4<<10)}
	defer c.close()
	for c.exchange() {
	}
}

// dial connects to a host that was entered, and books it under e.
func (p *Proxy) dial(e *entry, host string, port uint16) (*meter, error) {
	addrs, err := p.names.lookup(p.ctx, host, port)
	if err != nil {
		return nil, err
	}
	if port == p.self.Port() && slices.Contains(addrs, p.self.Addr()) {
		return nil, &Error{Host: host, Reason: ReasonOwn} // or it would talk to itself
	}
	conn, err := p.policy.connect(p.ctx, host, addrs, port)
	if err != nil {
		return nil, err
	}
	e.allow(conn.RemoteAddr().String())
	m := &meter{Conn: conn, entry: e}
	if !p.track(m, false) {
		_ = conn.Close() // the proxy ended while we dialled
		return nil, &Error{Host: host, Reason: ReasonClosed}
	}
	return m, nil
}

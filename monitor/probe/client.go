package probe

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"pasban/render/egress"
)

// Bounds of one request. What does not fit is cut, and the cut is a feature of
// the page like any other.
const (
	maxPage    = 2 << 20 // bytes of a page as sent, and once more as unpacked
	maxHops    = 10
	maxHead    = 64 << 10
	fetchWait  = 20 * time.Second // one address, its redirects included
	headWait   = 12 * time.Second
	idleWait   = 100 * time.Second // more than the beat, so that a connection lasts
	maxKnown   = 20_000            // hosts of which certificate and address are remembered
	maxRetryIn = time.Hour         // the longest Retry-After that is believed
)

// Outcome is what came of a request.
type Outcome string

const (
	Answered  Outcome = "answered"
	Unchanged Outcome = "unchanged" // 304: what the validators named is still there
	Refused   Outcome = "refused"   // the server does not want us, now or at all
	Down      Outcome = "down"      // no answer, and it may pass
	Gone      Outcome = "gone"      // no answer, and waiting does not help: no such name, an address that is refused
)

// failed reports that nothing was seen of the page.
func (o Outcome) failed() bool { return o == Down || o == Gone }

// ask is one request.
type ask struct {
	url   string
	allow []netip.Prefix // private ranges of this site
	// validators of the answer before; zero to fetch in full
	validators
	last bool // the connection is not kept, so that the name is resolved anew
}

type validators struct{ etag, modified string }

// answer is what a server said. Its body is valid until the next use of the buffer.
type answer struct {
	outcome Outcome
	why     string // of a failure
	status  int
	final   *url.URL
	hops    []string // addresses that redirected, without their queries
	mime    string
	body    []byte
	cut     bool
	retryIn time.Duration // 0 if the server did not say
	validators
	tls  string // what its certificate is worth, "" without TLS
	addr string // network it was reached in
}

// client makes requests as safely as the proxy of the browsers does: the same
// policy judges every name, at every hop, and what was judged is what is dialled.
type client struct {
	policy egress.Policy
	agent  string

	mu         sync.Mutex
	transports map[string]*http.Transport // by the private ranges they may dial
	certs      map[string]string          // by host, from the last handshake
	addrs      map[string]string          // by host and port, from the last dial
}

func newClient(p egress.Policy, agent string) *client {
	return &client{policy: p, agent: agent, transports: map[string]*http.Transport{}, certs: map[string]string{}, addrs: map[string]string{}}
}

func (c *client) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.transports {
		t.CloseIdleConnections()
	}
}

// transport for a site. Sites with private ranges of their own share no connection
// with others: what one may dial, another may not use.
func (c *client) transport(allow []netip.Prefix) *http.Transport {
	key := fmt.Sprint(allow)
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.transports[key]; ok {
		return t
	}
	policy := c.policy
	policy.AllowPrivate = append(policy.AllowPrivate[:len(policy.AllowPrivate):len(policy.AllowPrivate)], allow...)
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := policy.DialContext(ctx, network, address)
			if err == nil {
				c.note(c.addrs, address, network24(conn.RemoteAddr()))
			}
			return conn, err
		},
		TLSClientConfig:        c.tlsConfig(),
		TLSHandshakeTimeout:    headWait,
		ResponseHeaderTimeout:  headWait,
		MaxIdleConnsPerHost:    1,
		MaxConnsPerHost:        1,
		IdleConnTimeout:        idleWait,
		MaxResponseHeaderBytes: maxHead,
		WriteBufferSize:        1 << 10, // a request fits; a thousand connections are kept
		DisableCompression:     true,    // unpacked here, within a bound
		ForceAttemptHTTP2:      false,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/2 keeps ten times as much for each
	}
	c.transports[key] = t
	return t
}

// tlsConfig accepts any certificate and remembers what it is worth. Many watched
// sites have one that has run out; they must be looked at all the same, nothing
// secret is sent, and a certificate that turns bad is a change like another.
func (c *client) tlsConfig() *tls.Config {
	return &tls.Config{
		InsecureSkipVerify: true,
		MinVersion:         tls.VersionTLS10, // what visitors' browsers refuse is for the browser to tell
		ClientSessionCache: tls.NewLRUClientSessionCache(2048),
		VerifyConnection: func(s tls.ConnectionState) error {
			if !s.DidResume {
				c.note(c.certs, s.ServerName, worth(s))
			}
			return nil
		},
	}
}

// worth of a certificate: who vouches for it, or why nobody does.
func worth(s tls.ConnectionState) string {
	if len(s.PeerCertificates) == 0 {
		return "none"
	}
	leaf := s.PeerCertificates[0]
	others := x509.NewCertPool()
	for _, cert := range s.PeerCertificates[1:min(len(s.PeerCertificates), 10)] {
		others.AddCert(cert)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: s.ServerName, Intermediates: others}); err != nil {
		return fmt.Sprintf("%T", err) // expired, another name, unknown authority
	}
	return strings.Join(leaf.Issuer.Organization, ",")
}

func (c *client) note(in map[string]string, key, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(in) >= maxKnown {
		clear(in)
	}
	in[key] = value
}

func (c *client) noted(in map[string]string, key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return in[key]
}

// network24 is the network an address lies in, by the size that one operator
// mostly has to himself: names move within it every day.
func network24(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return ""
	}
	addr := tcp.AddrPort().Addr().Unmap()
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// fetch asks for an address and follows its redirects by hand. The body is read
// into room. An error is our own fault; what the site does is an outcome.
func (c *client) fetch(ctx context.Context, a ask, room *bytes.Buffer) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchWait)
	defer cancel()
	out := answer{}
	at, err := url.Parse(a.url)
	if err != nil {
		return out, fmt.Errorf("reading the address %q: %w", a.url, err)
	}
	for range maxHops {
		response, err := c.send(ctx, a, at)
		if err != nil {
			if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
				return out, ctx.Err() // we were told to stop
			}
			out.outcome, out.why = failure(err)
			return out, nil
		}
		next := redirect(response)
		if next == nil {
			return c.receive(response, out, room), nil
		}
		// Nothing of a redirect is read; a short one leaves its connection in use.
		_, _ = io.CopyN(io.Discard, response.Body, 4<<10)
		response.Body.Close() //nolint:errcheck // read, and done with
		out.hops = append(out.hops, at.Scheme+"://"+at.Host+at.EscapedPath())
		at = next
		if len(out.hops) == 1 {
			a.validators = validators{} // they are those of the final address
		}
	}
	out.outcome, out.why = Down, "too many redirects"
	return out, nil
}

func (c *client) send(ctx context.Context, a ask, at *url.URL) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Close = a.last
	request.Header.Set("User-Agent", c.agent)
	request.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	request.Header.Set("Accept-Language", "en,ur;q=0.8")
	request.Header.Set("Accept-Encoding", "gzip")
	if a.etag != "" {
		request.Header.Set("If-None-Match", a.etag)
	}
	if a.modified != "" {
		request.Header.Set("If-Modified-Since", a.modified)
	}
	return c.transport(a.allow).RoundTrip(request)
}

// redirect is where an answer leads, nil if nowhere that can be followed.
func redirect(r *http.Response) *url.URL {
	switch r.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil
	}
	next, err := r.Location()
	if err != nil || next.Scheme != "http" && next.Scheme != "https" || next.Host == "" {
		return nil
	}
	next.User, next.Fragment = nil, ""
	return next
}

// receive reads an answer that leads nowhere else.
func (c *client) receive(r *http.Response, out answer, room *bytes.Buffer) answer {
	defer r.Body.Close()
	out.status, out.final = r.StatusCode, r.Request.URL
	out.etag, out.modified = bounded(r.Header.Get("ETag")), bounded(r.Header.Get("Last-Modified"))
	out.mime, _, _ = strings.Cut(strings.ToLower(r.Header.Get("Content-Type")), ";")
	out.retryIn = retryAfter(r.Header.Get("Retry-After"))
	out.addr = c.noted(c.addrs, hostPort(out.final))
	if r.TLS != nil {
		out.tls = c.noted(c.certs, r.TLS.ServerName)
	}
	switch r.StatusCode {
	case http.StatusNotModified:
		out.outcome = Unchanged
		return out
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		out.outcome = Refused
		return out
	}
	out.outcome = Answered
	var err error
	if out.body, out.cut, err = unpack(r, room); err != nil {
		out.outcome, out.why = Down, "the answer broke off"
	}
	return out
}

// bounded drops validators that are too long to be kept for each of many files.
func bounded(s string) string {
	if len(s) > 200 {
		return ""
	}
	return s
}

func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if u.Scheme == "https" {
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return net.JoinHostPort(u.Hostname(), "80")
}

// retryAfter reads the seconds or the date that a server asks us to stay away.
func retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return min(time.Duration(min(n, 1<<20))*time.Second, maxRetryIn)
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(time.Until(t), 0), maxRetryIn)
	}
	return 0
}

// unpack reads a body and undoes gzip. Both what is sent and what it unpacks to
// are bounded: a few kilobytes can be a gigabyte.
func unpack(r *http.Response, room *bytes.Buffer) (body []byte, cut bool, err error) {
	in := io.LimitReader(r.Body, maxPage)
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		if in, err = gzip.NewReader(in); err != nil {
			return nil, false, err
		}
	}
	room.Reset()
	n, err := room.ReadFrom(io.LimitReader(in, maxPage))
	cut = n >= maxPage
	if errors.Is(err, io.ErrUnexpectedEOF) && room.Len() > 0 {
		return room.Bytes(), true, nil // a browser shows what there is
	}
	return room.Bytes(), cut, err
}

// failure tells what waiting mends from what it does not.
func failure(err error) (Outcome, string) {
	if denied, ok := errors.AsType[*egress.Error](err); ok {
		switch denied.Reason {
		case egress.ReasonDNS, egress.ReasonDial:
			return Down, denied.Reason
		}
		return Gone, denied.Reason
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return Down, "timeout"
	}
	return Down, "connection failed"
}

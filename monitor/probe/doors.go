package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"pasban/compare/lockdown"
	"pasban/render/egress"
)

// The active checks of a site in lockdown. They ask what changes nothing on any server
// that keeps to HTTP: docs/lockdown.md argues each. They are made only where the
// watchlist authorises them, one request at a time, with a pause between two, and they
// end at the first sign that the server is overtaxed.

// Bounds of one round of checks.
const (
	DoorPause     = 500 * time.Millisecond // between two requests to a site
	maxDoorBody   = 256 << 10              // of an answer
	maxDoorHops   = 4
	maxDoorErrors = 3 // in a row, after which the rest is left
	doorWait      = 10 * time.Second
	doorRound     = 5 * time.Minute
)

// DoorConfig is what a Doorkeeper is made of. The zero value works.
type DoorConfig struct {
	Policy  egress.Policy
	Contact string           // told to the servers, as by the probes
	Pause   time.Duration    // default DoorPause
	Clock   func() time.Time // default time.Now
	// Wait waits for a while or until the context ends. Default: it does.
	Wait func(context.Context, time.Duration) error
}

// A Doorkeeper makes the active checks.
type Doorkeeper struct {
	DoorConfig
	agent string
}

// NewDoorkeeper makes one.
func NewDoorkeeper(c DoorConfig) *Doorkeeper {
	if c.Pause <= 0 {
		c.Pause = DoorPause
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Wait == nil {
		c.Wait = wait
	}
	return &Doorkeeper{DoorConfig: c, agent: agent(c.Contact)}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// DoorTarget is a site to ask.
type DoorTarget struct {
	URL     string           // of its home page
	Allow   []netip.Prefix   // private ranges of its site
	Origins []netip.AddrPort // see lockdown.Origin; port 0 for that of the URL
}

// round is one round of checks.
type round struct {
	k      *Doorkeeper
	client *client
	allow  []netip.Prefix
	home   *url.URL // where the home page was found in the end
	out    lockdown.Server
	failed int // requests in a row without an answer
	first  bool
}

// errStop ends a round early; out.Stopped says why.
var errStop = errors.New("the checks end here")

// Check makes a round. An error is our own fault; what the site does is in the answer.
func (k *Doorkeeper) Check(ctx context.Context, t DoorTarget) (lockdown.Server, error) {
	ctx, cancel := context.WithTimeout(ctx, doorRound)
	defer cancel()
	home, err := url.Parse(t.URL)
	if err != nil {
		return lockdown.Server{}, fmt.Errorf("reading the address %q: %w", t.URL, err)
	}
	r := &round{k: k, client: newClient(k.Policy, k.agent), allow: t.Allow, home: home, first: true, out: lockdown.Server{At: k.Clock().UTC()}}
	defer r.client.close()
	err = r.run(ctx, t)
	switch {
	case errors.Is(err, errStop):
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		r.out.Stopped = "the time for one round was up"
	case err != nil:
		return r.out, err
	}
	return r.out, nil
}

func (r *round) run(ctx context.Context, t DoorTarget) error {
	body, err := r.askHome(ctx)
	if err != nil || r.out.Unseen != "" {
		return err
	}
	methods := func(ctx context.Context) error { return r.askMethods(ctx, r.homeOf(t)) }
	for _, step := range []func(context.Context) error{r.askAbsent, methods, r.askNotice, r.askPlaces, r.askHomeAgain} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return r.askOrigins(ctx, t.Origins, body)
}

// askHome gets the home page, and learns where it is.
func (r *round) askHome(ctx context.Context) ([]byte, error) {
	a, body, err := r.follow(ctx, r.home)
	r.out.Home = a
	switch {
	case err != nil:
		return nil, err
	case a.Status == 0:
		r.out.Unseen = "the home page did not answer: " + a.Failed
	case a.Status == http.StatusForbidden || a.Status >= 500:
		r.out.Unseen = fmt.Sprintf("the home page answered with status %d", a.Status)
	}
	if a.Final != "" {
		if u, err := url.Parse(a.Final); err == nil {
			r.home = u
		}
	}
	return body, nil
}

// askHomeAgain finds out whether the server turned us away while we asked: many a
// firewall answers who asks for what we ask for with a refusal from then on, and a
// refusal of everything says nothing of what is behind it.
func (r *round) askHomeAgain(ctx context.Context) error {
	a, _, err := r.follow(ctx, r.home)
	if err == nil && a.Status == 0 {
		a, _, err = r.follow(ctx, r.home) // one lost answer is no refusal
	}
	if err != nil {
		return err
	}
	if r.out.TurnedAway = r.turnedAway(a); r.out.TurnedAway == "" {
		return nil
	}
	r.out.Stopped = "the server turned us away during the checks"
	return errStop
}

// turnedAway says by what the home page shows that we were, "" if we were not: another
// status, or what was answered to everything lately, and not to the first paths that
// nobody has.
func (r *round) turnedAway(now lockdown.Reply) string {
	was := r.out.Home
	like := func(b lockdown.Reply) bool { return lockdown.Alike(now, b) }
	switch {
	case now.Status == 0:
		return "the home page did not answer any more after the checks"
	case now.Status != was.Status || now.Away != was.Away:
		return fmt.Sprintf("the home page was answered with status %d before the checks, and with %d after them", was.Status, now.Status)
	case !like(was) && !slices.ContainsFunc(r.out.Absent, like) && slices.ContainsFunc(r.out.Places, func(p lockdown.Place) bool { return like(p.Reply) }):
		return "after the checks another page stands for the home page, and for what was asked"
	}
	return ""
}

// askAbsent asks for two paths that nobody has: what comes is what this server says
// where there is nothing.
func (r *round) askAbsent(ctx context.Context) error {
	for _, suffix := range []string{"", ".php"} {
		a, _, err := r.follow(ctx, r.at("/pasban-"+random()+suffix))
		if err != nil {
			return err
		}
		r.out.Absent = append(r.out.Absent, a)
	}
	return nil
}

func random() string {
	var b [8]byte
	rand.Read(b[:]) // never fails, by its contract
	return hex.EncodeToString(b[:])
}

// at is a path on the site's server.
func (r *round) at(path string) *url.URL {
	return &url.URL{Scheme: r.home.Scheme, Host: r.home.Host, Path: path}
}

// Methods and a media type that nobody has. A server that does not know a method must
// not act on it (RFC 9110, 9.1), and one that is handed a type it does not take, and
// nothing in it, has nothing to act on (15.5.16).
const (
	noMethod = "PASBAN-TEST"
	noType   = "application/x-pasban-nothing"
)

// homeOf is the address to which methods other than GET are sent: the path that the
// watchlist names, on the server where the home page was found. Where its redirects
// lead may be the address of a login.
func (r *round) homeOf(t DoorTarget) *url.URL {
	home := *r.home
	home.Path, home.RawPath, home.RawQuery, home.ForceQuery = "/", "", "", false
	if named, err := url.Parse(t.URL); err == nil && named.Path != "" {
		home.Path, home.RawPath = named.Path, named.RawPath
	}
	return &home
}

func (r *round) askMethods(ctx context.Context, home *url.URL) (err error) {
	for _, one := range []struct {
		method string
		into   *lockdown.Reply
	}{{http.MethodOptions, &r.out.Options}, {noMethod, &r.out.Unknown}, {http.MethodPost, &r.out.Post}} {
		if *one.into, _, err = r.once(ctx, one.method, home); err != nil {
			return err
		}
	}
	return nil
}

func (r *round) askNotice(ctx context.Context) error {
	a, body, err := r.follow(ctx, r.at("/.well-known/security.txt"))
	if err != nil {
		return err
	}
	n := lockdown.Notice{Reply: a}
	if a.Status == http.StatusOK {
		n.Contact, n.Expires = lockdown.ReadNotice(body)
	}
	r.out.Notice = &n
	return nil
}

func (r *round) askPlaces(ctx context.Context) error {
	for _, known := range lockdown.Known() {
		a, body, err := r.follow(ctx, r.at(known.Path))
		if err != nil {
			return err
		}
		p := known.Read(a, body)
		p.Like = slices.ContainsFunc(r.out.Absent, func(b lockdown.Reply) bool { return lockdown.Alike(a, b) }) || lockdown.Alike(a, r.out.Home)
		r.out.Places = append(r.out.Places, p)
	}
	return nil
}

// askOrigins asks the addresses behind the CDN for the site by its name.
func (r *round) askOrigins(ctx context.Context, origins []netip.AddrPort, home []byte) error {
	for _, o := range origins {
		at := o
		if at.Port() == 0 {
			port := uint16(80)
			if r.home.Scheme == "https" {
				port = 443
			}
			if p := r.home.Port(); p != "" {
				if ap, err := netip.ParseAddrPort(at.Addr().String() + ":" + p); err == nil {
					port = ap.Port()
				}
			}
			at = netip.AddrPortFrom(o.Addr(), port)
		}
		r.failed = 0 // each is a machine of its own, and none should answer
		a, body, err := r.direct(ctx, at)
		if err != nil {
			return err
		}
		name := at.String()
		if o.Port() == 0 {
			name = o.Addr().String()
		}
		same := a.Status >= 200 && a.Status < 300 && (lockdown.Alike(a, r.out.Home) || len(home) > 0 && bytes.Equal(body, home))
		r.out.Origins = append(r.out.Origins, lockdown.Origin{Address: name, Status: a.Status, Failed: a.Failed, Barred: a.Barred, Same: same})
	}
	return nil
}

// direct asks one address for the home page, whatever its name resolves to.
func (r *round) direct(ctx context.Context, at netip.AddrPort) (lockdown.Reply, []byte, error) {
	policy := r.k.Policy
	policy.AllowPrivate = append(policy.AllowPrivate[:len(policy.AllowPrivate):len(policy.AllowPrivate)], r.allow...)
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return policy.DialContext(ctx, network, at.String())
		},
		TLSClientConfig:        &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, ServerName: r.home.Hostname()},
		ResponseHeaderTimeout:  doorWait,
		MaxResponseHeaderBytes: maxHead,
		DisableKeepAlives:      true,
		DisableCompression:     true,
	}
	return r.send(ctx, t, http.MethodGet, r.home)
}

// follow gets an address and follows redirects on the same site.
func (r *round) follow(ctx context.Context, at *url.URL) (lockdown.Reply, []byte, error) {
	asked := at
	for hop := 0; ; hop++ {
		a, body, next, err := r.get(ctx, http.MethodGet, at)
		if err != nil || next == nil || hop == maxDoorHops {
			if at != asked {
				a.Final = at.String()
			}
			return a, body, err
		}
		if !sameSite(next.Hostname(), r.home.Hostname()) {
			a.Away = strings.ToLower(next.Hostname())
			return a, nil, nil
		}
		at = next
	}
}

// sameSite lets a site move between its name and that with www.
func sameSite(a, b string) bool {
	return strings.EqualFold(strings.TrimPrefix(strings.ToLower(a), "www."), strings.TrimPrefix(strings.ToLower(b), "www."))
}

// once makes a request and follows nothing: a method that is not GET is sent to where
// we decided to send it, and nowhere else.
func (r *round) once(ctx context.Context, method string, at *url.URL) (lockdown.Reply, []byte, error) {
	a, body, next, err := r.get(ctx, method, at)
	if next != nil && !sameSite(next.Hostname(), r.home.Hostname()) {
		a.Away = strings.ToLower(next.Hostname())
	}
	return a, body, err
}

func (r *round) get(ctx context.Context, method string, at *url.URL) (lockdown.Reply, []byte, *url.URL, error) {
	return r.exchange(ctx, r.client.transport(r.allow), method, at)
}

func (r *round) send(ctx context.Context, t http.RoundTripper, method string, at *url.URL) (lockdown.Reply, []byte, error) {
	a, body, _, err := r.exchange(ctx, t, method, at)
	return a, body, err
}

// exchange is one request, after the pause. next is where the answer leads, nil if
// nowhere.
func (r *round) exchange(ctx context.Context, t http.RoundTripper, method string, at *url.URL) (a lockdown.Reply, body []byte, next *url.URL, err error) {
	if !r.first {
		if err := r.k.Wait(ctx, r.k.Pause); err != nil {
			return lockdown.Reply{}, nil, nil, err
		}
	}
	r.first = false
	limited, cancel := context.WithTimeout(ctx, doorWait)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, method, at.String(), nil)
	if err != nil {
		return lockdown.Reply{}, nil, nil, fmt.Errorf("asking %s: %w", at, err)
	}
	request.Header.Set("User-Agent", r.k.agent)
	request.Header.Set("Accept", "text/html,*/*;q=0.8")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", noType)
	}
	r.out.Requests++
	a.Asked = true
	response, err := t.RoundTrip(request)
	if err != nil {
		return r.noAnswer(ctx, a, err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxDoorBody))
	if err != nil && len(body) == 0 {
		return r.noAnswer(ctx, a, err)
	}
	r.failed = 0
	r.describe(&a, response, body)
	if a.Status == http.StatusTooManyRequests {
		r.out.Stopped = "the server asked for fewer requests (429)"
		return a, body, nil, errStop
	}
	return a, body, redirect(response), nil
}

// noAnswer counts requests without an answer: a server that gives none is left alone.
func (r *round) noAnswer(ctx context.Context, a lockdown.Reply, err error) (lockdown.Reply, []byte, *url.URL, error) {
	if ctx.Err() != nil {
		return a, nil, nil, ctx.Err()
	}
	outcome, why := failure(err)
	a.Failed, a.Barred = why, outcome == Gone
	if r.failed++; r.failed >= maxDoorErrors {
		r.out.Stopped = fmt.Sprintf("%d requests in a row got no answer", r.failed)
		return a, nil, nil, errStop
	}
	return a, nil, nil, nil
}

// forgery is how a refusal is worded that a token of the site's own form would have
// prevented (Django, Rails, Spring, ASP.NET).
var forgery = regexp.MustCompile(`(?i)csrf|xsrf|forgery`)

func (r *round) describe(a *lockdown.Reply, response *http.Response, body []byte) {
	a.Status = response.StatusCode
	a.Allow = bounded(strings.Join(response.Header.Values("Allow"), ", "))
	for _, c := range response.Header.Values("Set-Cookie")[:min(len(response.Header.Values("Set-Cookie")), 20)] {
		if name, _, ok := strings.Cut(c, "="); ok {
			a.Cookies = append(a.Cookies, bounded(strings.TrimSpace(name)))
		}
	}
	a.Token = a.Status == http.StatusForbidden && forgery.Match(body)
	a.Shape = lockdown.Shape(body)
}

package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"hash/fnv"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"pasban/render/egress"
)

// Config is what a Prober is made of. The zero value works, but suspects to nobody.
type Config struct {
	// Every is how often each target is probed. Default a minute.
	Every time.Duration
	// Policy judges addresses, as for the browsers. Default: public ones only.
	Policy egress.Policy
	// Contact tells the owners of servers whom to turn to: a URL or mail address in
	// the User-Agent. Default: none.
	Contact string
	// Suspect is called for what could not be cleared. It reports whether a browser
	// will look; an error means that it is to be told again.
	Suspect func(context.Context, Suspicion) (asked bool, err error)
	// Machine names the server of a URL: there is one probe at a time for each.
	// Default: its host.
	Machine func(ctx context.Context, address string) string
	// Clock is the time of day. Default time.Now.
	Clock func() time.Time
	// Logger. Default slog.Default().
	Logger *slog.Logger
}

// Target is what is probed.
type Target struct {
	ID, URL string
	Allow   []netip.Prefix // private ranges of its site
	Phase   float64        // when in a period it is probed, of [0, 1)
}

// A Suspicion is something about a target that only a browser can clear.
type Suspicion struct {
	Target string
	Why    []string // in words of ours, without any of the page's but addresses of files
	Back   bool     // nothing is wrong: a site that was down answers again
}

// Bounds of a Prober.
const (
	atOnce    = 24                     // probes
	tick      = 200 * time.Millisecond // how often it is asked what is due
	fileBeats = 4                      // rounds in which every file is looked at once
	freshBeat = 5                      // rounds after which a name is resolved anew, and a page read whatever its validators say
	backAfter = 3                      // probes that failed, after which an answer is news
)

// A Prober probes targets in turn. Create it with New.
type Prober struct {
	Config
	client *client
	bucket bucket
	rooms  sync.Pool // *bytes.Buffer

	mu    sync.Mutex
	all   map[string]*watched
	order []*watched
	busy  map[string]bool // machines
	held  int             // suspicions that were held back
	told  int             // suspicions that were not
}

// New makes a Prober that has no targets yet.
func New(c Config) *Prober {
	if c.Every <= 0 {
		c.Every = time.Minute
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Machine == nil {
		c.Machine = func(_ context.Context, address string) string { return hostOf(address) }
	}
	if c.Suspect == nil {
		c.Suspect = func(context.Context, Suspicion) (bool, error) { return false, nil }
	}
	return &Prober{
		Config: c, client: newClient(c.Policy, agent(c.Contact)), all: map[string]*watched{}, busy: map[string]bool{},
		rooms: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
}

// agent says honestly who asks, and whom to turn to.
func agent(contact string) string {
	contact = strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune("()\\\"", r) {
			return -1
		}
		return r
	}, contact)
	if contact == "" {
		return "Pasban-probe/1 (web watch of a national CERT)"
	}
	return "Pasban-probe/1 (web watch of a national CERT; +" + contact + ")"
}

func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return strings.ToLower(host)
}

// Watch replaces what is probed. What is known of a target stays while its address does.
func (p *Prober) Watch(targets []Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Clock()
	all, order := make(map[string]*watched, len(targets)), make([]*watched, 0, len(targets))
	for _, t := range targets {
		w := p.all[t.ID]
		if w == nil || w.URL != t.URL {
			w = &watched{Target: t, next: now.Add(time.Duration(t.Phase * float64(p.Every))), print: imprint{Salt: newSalt()}}
		}
		w.mu.Lock()
		w.Allow = t.Allow // all else of it stays as it is
		w.mu.Unlock()
		all[t.ID] = w
		order = append(order, w)
	}
	p.all, p.order = all, order
}

func newSalt() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails, by its contract
	return binary.LittleEndian.Uint64(b[:])
}

// Restore gives a target the fingerprint that Changed handed out before. One that
// is of another version is learnt anew.
func (p *Prober) Restore(target string, data []byte) {
	w := p.find(target)
	if w == nil {
		return
	}
	if kept, ok := decode(data); ok {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.print = kept
	}
}

// Changed hands out the fingerprints that have changed since it was last called, by
// target, to be stored.
func (p *Prober) Changed() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, w := range p.list() {
		w.mu.Lock()
		if w.dirty {
			data, err := w.print.encode()
			if err != nil {
				w.mu.Unlock()
				return nil, err
			}
			out[w.ID], w.dirty = data, false
		}
		w.mu.Unlock()
	}
	return out, nil
}

// Keep takes back fingerprints that could not be stored: Changed hands them out again.
func (p *Prober) Keep(changed map[string][]byte) {
	for target := range changed {
		if w := p.find(target); w != nil {
			w.mu.Lock()
			w.dirty = true
			w.mu.Unlock()
		}
	}
}

// Conclude tells what a browser's look at a target, begun at a moment, came to.
func (p *Prober) Conclude(target string, at time.Time, v Verdict) {
	if w := p.find(target); w != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.conclude(p.Clock(), at, v)
	}
}

func (p *Prober) find(target string) *watched {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all[target]
}

func (p *Prober) list() []*watched {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.order)
}

// Stats sums up the targets: a probe that is refused or has nothing to compare with
// is a blind spot between two renders.
type Stats struct {
	Targets  int `json:"targets"`
	Armed    int `json:"armed"`   // have a fingerprint
	Refused  int `json:"refused"` // do not let us in
	Down     int `json:"down"`
	Suspects int `json:"suspects"`  // suspicions that asked for a look
	HeldBack int `json:"held_back"` // suspicions that had to wait
}

// Stats as of now.
func (p *Prober) Stats() Stats {
	all := p.list()
	p.mu.Lock()
	s := Stats{Targets: len(all), Suspects: p.told, HeldBack: p.held}
	p.mu.Unlock()
	for _, w := range all {
		w.mu.Lock()
		if w.print.armed() {
			s.Armed++
		}
		switch w.outcome {
		case Refused:
			s.Refused++
		case Down, Gone:
			s.Down++
		}
		w.mu.Unlock()
	}
	return s
}

// Run probes until the context ends.
func (p *Prober) Run(ctx context.Context) {
	defer p.client.close()
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, atOnce)
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		for _, w := range p.due() {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				p.release(w)
				continue
			}
			running.Go(func() {
				defer func() { <-slots }()
				p.turn(ctx, w)
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Round probes every target once, now, whatever is due: for tests and for whoever
// keeps the time himself.
func (p *Prober) Round(ctx context.Context) {
	for _, w := range p.list() {
		if p.claim(w) {
			p.turn(ctx, w)
		}
	}
}

// due claims the targets whose time has come, those that wait longest first.
func (p *Prober) due() []*watched {
	now := p.Clock()
	p.mu.Lock()
	defer p.mu.Unlock()
	type turn struct {
		w  *watched
		at time.Time
	}
	var due []turn
	for _, w := range p.order {
		if w.probing {
			continue
		}
		w.mu.Lock()
		if w.next.Sub(now) > 2*maxRetryIn {
			w.next = now // planned by a clock that was ahead
		}
		if !w.next.After(now) {
			due = append(due, turn{w, w.next})
		}
		w.mu.Unlock()
	}
	slices.SortFunc(due, func(a, b turn) int { return a.at.Compare(b.at) })
	var claimed []*watched
	for _, t := range due[:min(len(due), 4*atOnce)] {
		t.w.probing = true
		claimed = append(claimed, t.w)
	}
	return claimed
}

func (p *Prober) claim(w *watched) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.probing {
		return false
	}
	w.probing = true
	return true
}

func (p *Prober) release(w *watched) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.probing = false
}

// turn probes one target, unless another probe is at its machine: then it stays due.
func (p *Prober) turn(ctx context.Context, w *watched) {
	defer p.release(w)
	machine := p.Machine(ctx, w.URL)
	p.mu.Lock()
	taken := p.busy[machine]
	p.busy[machine] = true
	p.mu.Unlock()
	if taken {
		return
	}
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.busy, machine)
	}()
	p.probe(ctx, w)
}

// probe looks at one target: its page, some of its files, and what follows.
func (p *Prober) probe(ctx context.Context, w *watched) {
	room, _ := p.rooms.Get().(*bytes.Buffer)
	defer p.rooms.Put(room)
	w.mu.Lock()
	request := ask{url: w.URL, allow: w.Allow, validators: w.validators}
	w.beat++
	if w.beat%freshBeat == 0 {
		request.validators, request.last = validators{}, true
	}
	w.mu.Unlock()
	a, err := p.client.fetch(ctx, request, room)
	if err != nil {
		if ctx.Err() == nil {
			p.Logger.Error("a target cannot be probed", "target", w.ID, "error", err)
		}
		p.plan(w, answer{outcome: Down}, false)
		return
	}
	back := p.receive(w, a)
	if !a.outcome.failed() && a.outcome != Refused {
		p.probeFiles(ctx, w, room)
	}
	p.plan(w, a, true)
	p.tell(ctx, w, back)
}

// receive takes in an answer. It reports that it is the first after some that failed.
func (p *Prober) receive(w *watched, a answer) (back bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := p.Clock()
	w.outcome = a.outcome
	switch a.outcome {
	case Down, Gone, Refused:
		w.streak++
		return false
	case Unchanged:
		w.same(now)
	case Answered:
		w.validators = a.validators
		digest := digestOf(a)
		if digest == w.body {
			w.same(now)
			break
		}
		w.body = digest
		if a.status < 400 || w.print.armed() {
			w.read(now, a)
		}
	}
	back = w.streak >= backAfter
	w.streak = 0
	return back
}

// digestOf is the same for answers in which nothing differs that is compared.
func digestOf(a answer) uint64 {
	h := fnv.New64a()
	h.Write(a.body)
	for _, s := range append(a.hops, a.final.String(), a.tls, a.addr) {
		h.Write([]byte(s))
	}
	return mix(h.Sum64(), uint64(a.status))
}

// probeFiles looks at those files whose turn it is.
func (p *Prober) probeFiles(ctx context.Context, w *watched, room *bytes.Buffer) {
	w.mu.Lock()
	files, beat, allow := slices.Clone(w.files), w.beat, w.Allow
	w.mu.Unlock()
	for i := range files {
		f := &files[i]
		if i%fileBeats != beat%fileBeats {
			continue
		}
		a, err := p.client.fetch(ctx, ask{url: f.url, allow: allow, validators: f.validators}, room)
		if err != nil || a.outcome != Answered {
			continue
		}
		w.mu.Lock()
		f.validators = a.validators
		w.readFile(p.Clock(), f, hashBytes(uint64(a.status), a.body))
		if at := slices.IndexFunc(w.files, func(o file) bool { return o.url == f.url }); at >= 0 {
			w.files[at] = *f
		}
		w.mu.Unlock()
	}
}

// plan says when a target is probed next. A site that is down costs little to ask,
// and must be found as soon as it is back; one that refuses us is left alone for
// as long as it says, or longer each time.
func (p *Prober) plan(w *watched, a answer, answered bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := p.Clock()
	wait := p.Every
	switch {
	case !answered:
	case a.outcome == Gone:
		wait = 5 * p.Every
	case a.outcome == Refused:
		wait = max(p.Every<<min(w.streak, 5), a.retryIn)
	case a.retryIn > 0:
		wait = max(wait, a.retryIn)
	}
	w.next = w.next.Add(p.Every) // on its own beat, unless that is past
	if late := now.Sub(w.next); late > 0 || wait != p.Every {
		w.next = now.Add(wait)
	}
}

// tell asks for a look if there is reason to.
func (p *Prober) tell(ctx context.Context, w *watched, back bool) {
	now := p.Clock()
	w.mu.Lock()
	why, by := w.want(now, back)
	w.mu.Unlock()
	if len(why) == 0 {
		return
	}
	if !p.bucket.take(now) {
		p.count(&p.held)
		return
	}
	asked, err := p.Suspect(ctx, Suspicion{w.ID, why, why[0] == backWords})
	if err != nil && ctx.Err() == nil {
		p.Logger.Error("a suspicion cannot be told; it is told again at the next probe", "target", w.ID, "error", err)
	}
	if err != nil || !asked {
		return
	}
	p.count(&p.told)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = now
	by.asked(now)
}

func (p *Prober) count(n *int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*n++
}

// Phases spreads targets over a period so that no moment is crowded, and the pages
// of one host lie as far apart as they can: the host's name says where its first is,
// and each further page follows by the golden ratio, which leaves no gap long.
func Phases(hosts []string) []float64 {
	const golden = 0.6180339887498949
	seen := map[string]int{}
	out := make([]float64, len(hosts))
	for i, host := range hosts {
		h := fnv.New64a()
		h.Write([]byte(host))
		start := float64(mix(h.Sum64(), 1)>>11) / (1 << 53)
		at := start + golden*float64(seen[host])
		out[i] = at - float64(int(at))
		seen[host]++
	}
	return out
}

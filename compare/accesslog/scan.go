package accesslog

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"
	"time"

	"pasban/compare"
)

// learnFor is how long a site is learnt before what is new on it is told.
const learnFor = 24 * time.Hour

// maxFindings bounds what one Scanner gathers: a visitor with a thousand addresses must
// not fill the memory of who watches him.
const maxFindings = 5000

// Options of a Scanner. The zero value works.
type Options struct {
	// Memory is what is known of the site. Default: nothing. It is changed.
	Memory *Memory
	// Learn is how long a Memory must reach back before what is new is told.
	// Default 24 hours; negative for not at all.
	Learn time.Duration
	// LockdownSince is when the site was ordered to take nothing. Default: never.
	LockdownSince time.Time
	// LockdownUntil is when that ended. Default: not yet.
	LockdownUntil time.Time
	// Visitors is how many are watched at once for what they do again and again.
	// Default 20,000, which are 6 MB.
	Visitors int
}

// Finding is what one rule found at one visitor or path. Its texts are escaped and
// bounded; they are an attacker's all the same.
type Finding struct {
	Rule     string           `json:"rule"`
	Severity compare.Severity `json:"severity"`
	Why      string           `json:"why"`
	Client   string           `json:"client"` // who did it first
	Method   string           `json:"method"`
	Target   string           `json:"target"` // the first, as it was sent
	Status   int              `json:"status"`
	Agent    string           `json:"agent,omitempty"`
	First    time.Time        `json:"first"`
	Last     time.Time        `json:"last"`
	Count    int64            `json:"count"`          // requests
	File     string           `json:"file,omitempty"` // set by the caller through Name
	Line     int64            `json:"line"`           // of the first
	// Path is what the rule spoke of beside the client, "" where it speaks of all that
	// one client did: in lower case, escaped.
	Path string `json:"-"`
}

// Report is what a Scanner has found, the gravest first, of those the earliest.
type Report struct {
	Findings []Finding `json:"findings"`
	Entries  int64     `json:"entries"`
	// First and Last are the range of time, zero without entries.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// LeftOut counts findings that did not fit.
	LeftOut int64 `json:"left_out"`
}

// hits are the rules that an entry meets.
type hits uint32

func (h *hits) add(rule int)     { *h |= 1 << rule }
func (h hits) has(rule int) bool { return h&(1<<rule) != 0 }

// Scanner holds the entries of one site against the rules.
type Scanner struct {
	options  Options
	memory   *Memory
	visitors visitors
	found    map[uint64]*Finding
	agents   map[uint64]bool // whether they are tools
	places   map[uint64]place
	report   Report
	file     string

	path, target []byte // buffers
	place        place  // of path
}

// NewScanner begins a scan.
func NewScanner(o Options) *Scanner {
	if o.Memory == nil {
		o.Memory = new(Memory)
	}
	if o.Learn == 0 {
		o.Learn = learnFor
	}
	if o.Visitors <= 0 {
		o.Visitors = maxVisitors
	}
	return &Scanner{options: o, memory: o.Memory, visitors: newVisitors(o.Visitors), found: map[uint64]*Finding{}, agents: map[uint64]bool{}, places: map[uint64]place{}}
}

// Name says in which file the entries are that follow.
func (s *Scanner) Name(file string) { s.file = file }

// Add judges an entry and reports which rules it met.
func (s *Scanner) Add(e *Entry) []string {
	s.report.Entries++
	if s.report.First.IsZero() || e.At.Before(s.report.First) {
		s.report.First = e.At
	}
	if e.At.After(s.report.Last) {
		s.report.Last = e.At
	}
	hit := s.judge(e)
	s.memory.reach(e.At)
	if hit == 0 {
		return nil
	}
	var rules []string
	for rule := range ruleCount {
		if hit.has(rule) {
			rules = append(rules, ruleTable[rule].ID)
			s.keep(rule, e)
		}
	}
	return rules
}

// judge asks all rules.
func (s *Scanner) judge(e *Entry) (hit hits) {
	s.path = lower(s.path, e.path()[:min(len(e.path()), maxDecoded)])
	if bytes.IndexByte(s.path, '%') >= 0 {
		s.path = s.path[:unescapePercent(s.path)]
	}
	s.place = s.placeOf(s.path)
	s.tools(e, &hit)
	s.login(e, &hit)
	if e.taken() && s.locked(e.At) {
		hit.add(ruleLockdown)
	}
	if e.Status >= 300 && e.Status != 302 && e.Status != 303 {
		return hit // refused, not there, moved for good, or broken
	}
	s.files(e, &hit)
	if e.served() {
		s.payloads(e, &hit)
	}
	s.scripts(e, &hit)
	return hit
}

func (s *Scanner) locked(at time.Time) bool {
	o := s.options
	return !o.LockdownSince.IsZero() && !at.Before(o.LockdownSince) && (o.LockdownUntil.IsZero() || at.Before(o.LockdownUntil))
}

// tools finds who goes through the site with one.
func (s *Scanner) tools(e *Entry, hit *hits) {
	if len(e.Agent) > 0 && s.tool(e.Agent) {
		hit.add(ruleScanner)
	}
	if e.Status != 404 && e.Status != 403 && e.Status != 400 && e.Status != 410 {
		return
	}
	if s.place.probed && s.visitors.of(e.Client, e.At).seek(maphash.Bytes(s.visitors.seed, s.path)) {
		hit.add(ruleScanner)
	}
}

// login follows who logs in as an administrator: a redirect after the form, and a page
// behind it that is shown. A server that answers both to everybody proves nothing, but
// neither does such a path then name a place for administrators.
func (s *Scanner) login(e *Entry, hit *hits) {
	if string(e.Method) == "POST" && s.place.login {
		who := s.visitors.of(e.Client, e.At)
		if who.logins++; who.logins >= guesses {
			hit.add(ruleGuessing)
		}
		if e.Status == 302 || e.Status == 303 {
			who.posted = e.At
		}
		return
	}
	if !e.served() || !s.place.admin {
		return
	}
	who := s.visitors.of(e.Client, e.At)
	if who.posted.IsZero() || e.At.Sub(who.posted) > window || e.At.Before(who.posted) {
		return
	}
	who.posted = time.Time{}
	covers := s.covers(e.At)
	if s.memory.learn(&s.memory.Networks, networkOf(e.Client), maxNetworks, e.At) && covers {
		hit.add(ruleAdmin)
	}
}

func (s *Scanner) covers(at time.Time) bool { return s.memory.covers(at, s.options.Learn) }

// files finds what was taken and what was brought.
func (s *Scanner) files(e *Entry, hit *hits) {
	if e.served() && string(e.Method) == "GET" && s.place.exposed {
		hit.add(ruleExposed)
	}
	if !e.writes() {
		return
	}
	switch string(e.Method) {
	case "PUT", "MOVE", "COPY":
		if (e.Status == 201 || e.Status == 204) && (s.place.script > 0 || s.place.semicolon) {
			hit.add(rulePut)
		}
	case "POST":
		if !s.place.takes && !s.place.kit || s.place.strange || s.isAdmin(e.Client) {
			return
		}
		covers := s.covers(e.At)
		if isNew := s.memory.learn(&s.memory.Uploads, s.path, maxUploads, e.At); s.place.kit || isNew && covers {
			hit.add(ruleUpload)
		}
	}
}

func (s *Scanner) isAdmin(client []byte) bool {
	if len(s.memory.Networks) == 0 {
		return false
	}
	_, known := s.memory.Networks[string(networkOf(client))]
	return known
}

// payloads finds attacks in what was asked for.
func (s *Scanner) payloads(e *Entry, hit *hits) {
	if inHeader(e.Agent) || inHeader(e.Referrer) {
		hit.add(ruleExec)
	}
	if harmless(e.Target) {
		s.target = squeeze(append(s.target[:0], e.Target[:min(len(e.Target), maxDecoded)]...))
		return
	}
	s.target = decoded(s.target, e.Target)
	payload(s.target, hit)
}

// scripts finds those that do not belong, and those that are new.
func (s *Scanner) scripts(e *Entry, hit *hits) {
	script := s.path[:s.place.script]
	if e.served() && s.place.shell(e, s.target) {
		hit.add(ruleShell)
		return // and is not learnt
	}
	if len(script) == 0 || !e.served() {
		return
	}
	covers := s.covers(e.At)
	if s.memory.learn(&s.memory.Scripts, script, maxScripts, e.At) && covers && !hit.has(ruleExposed) {
		hit.add(ruleNewScript)
	}
}

// keep adds an entry to what was found before of the same.
func (s *Scanner) keep(rule int, e *Entry) {
	r := &ruleTable[rule]
	var h maphash.Hash
	h.SetSeed(s.visitors.seed)
	h.WriteString(r.ID)
	h.Write(e.Client)
	if !r.byClient {
		h.WriteByte(0)
		h.Write(s.path)
	}
	f, known := s.found[h.Sum64()]
	if !known {
		if len(s.found) >= maxFindings {
			s.report.LeftOut++
			return
		}
		f = s.finding(r, e)
		s.found[h.Sum64()] = f
	}
	f.Count++
	if e.At.Before(f.First) {
		f.First = e.At
	}
	if e.At.After(f.Last) {
		f.Last = e.At
	}
}

func (s *Scanner) finding(r *Rule, e *Entry) *Finding {
	f := &Finding{
		Rule: r.ID, Severity: r.Severity, Why: r.why, Client: shown(e.Client, 64), Method: shown(e.Method, 20),
		Target: shown(e.Target, maxExcerpt), Status: e.Status, Agent: shown(e.Agent, maxExcerpt/2),
		First: e.At, Last: e.At, File: s.file, Line: e.Line,
	}
	if !r.byClient {
		f.Path = shown(s.path, maxExcerpt)
	}
	return f
}

// Report returns what was found so far.
func (s *Scanner) Report() Report {
	out := s.report
	out.Findings = make([]Finding, 0, len(s.found))
	for _, f := range s.found {
		out.Findings = append(out.Findings, *f)
	}
	slices.SortFunc(out.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), a.First.Compare(b.First), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule))
	})
	return out
}

// Take is Report for who reads a log that does not end: what it returns is forgotten, so
// that the next one has what came since. What visitors were seen to do is not.
func (s *Scanner) Take() Report {
	out := s.Report()
	s.found, s.report = map[uint64]*Finding{}, Report{}
	return out
}

// Order says when the site was ordered to take nothing, and until when: see Options.
func (s *Scanner) Order(since, until time.Time) {
	s.options.LockdownSince, s.options.LockdownUntil = since, until
}

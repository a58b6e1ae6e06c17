package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of the script inventory.
const (
	maxScripts      = 2_000
	maxScriptSource = 512 << 10
	maxInitiators   = 10
	// scriptTail is how much of maxScriptSource is kept for the end of a longer
	// script: who adds code to a file that is there adds it at the end.
	scriptTail = 128 << 10
	scriptHead = maxScriptSource - scriptTail
	scriptGap  = "\n/**/;\n" // between the two
)

// shorten keeps the head and the tail of a long script.
func shorten(source string) string {
	if len(source) <= maxScriptSource {
		return source
	}
	at := len(source) - scriptTail + len(scriptGap)
	for at < len(source) && !utf8.RuneStart(source[at]) {
		at++
	}
	return cut(source, scriptHead) + scriptGap + source[at:]
}

// parsedScript is what V8 reported of one script (Debugger.scriptParsed).
type parsedScript struct {
	id, url                string
	sourceURL              bool // url was chosen by a "//# sourceURL=" comment in the script
	module, worker         bool
	startLine, startColumn int
	length                 int      // of the whole source
	hash, source           string   // hash as V8 gives it; source as far as it was fetched
	stack                  []string // initiator URLs, nearest first
	embedder               string   // where it really came from, whatever sourceURL says
}

// joinScripts makes the inventory: every script that ran, tied to the element
// it came from, and then every script of the document that did not run.
//
// What V8 reports, checked with Chrome 156: an inline script and an on*
// handler carry the document's URL, a handler only once it has been compiled,
// with the attribute's value as its source. Scripts inserted by script,
// javascript: URLs, eval, new Function and timers given a string have no URL
// at all; the first two are told from the others by their text, which stands
// in the document. A "//# sourceURL=" comment replaces the URL of any of them,
// so it is believed only where there is nothing else.
func joinScripts(parsed []parsedScript, p *Page) []Script {
	j := newJoiner(p)
	j.unmask(parsed)
	for i := range parsed {
		j.ran(&parsed[i])
	}
	j.rest()
	if j.dropped > 0 {
		p.Truncated = append(p.Truncated, fmt.Sprintf("scripts over %d, %d dropped", maxScripts, j.dropped))
	}
	return j.out
}

type joiner struct {
	p         *Page
	items     []listed
	bySource  map[string][]int // inline, module, handler and url items
	byURL     map[string][]int // external ones, without fragment
	documents map[string]bool
	masks     map[string]string // addresses that only sourceURL comments claim, to the true ones
	seen      map[string]bool   // scripts that may come by the hundred, see repeated
	out       []Script
	dropped   int
}

func newJoiner(p *Page) *joiner {
	j := &joiner{p: p, bySource: make(map[string][]int), byURL: make(map[string][]int),
		documents: make(map[string]bool), seen: make(map[string]bool), masks: make(map[string]string)}
	for _, fr := range p.Frames {
		j.documents[withoutFragment(fr.URL)] = true
	}
	j.documents[withoutFragment(p.FinalURL)] = true
	delete(j.documents, "")
	d := deriver{p: p, children: childrenOf(p.Nodes), bases: basesOf(p)}
	for i := range p.Nodes {
		if p.Nodes[i].Name == "script" {
			j.element(&d, int32(i))
		}
		j.attributes(int32(i))
	}
	return j
}

// ran adds a script that V8 has parsed to run.
func (j *joiner) ran(ps *parsedScript) {
	address := ps.url
	if ps.sourceURL {
		address = ps.embedder
	}
	address = withoutFragment(address)
	s := Script{URL: address, Node: -1, Ran: true, Length: ps.length, Initiator: j.initiators(ps.stack)}
	switch {
	case strings.HasPrefix(address, "wasm:"):
		s.Kind = "wasm"
	case ps.worker:
		s.Kind = "worker"
	case address != "" && !j.documents[address] && !strings.HasPrefix(address, "about:"):
		j.external(&s, ps)
	default:
		j.internal(&s, ps)
	}
	s.Host = hostOf(s.URL)
	s.fill(ps.source, ps.length, ps.hash)
	if !j.repeated(&s) {
		j.add(s)
	}
}

// external ties a script with an address of its own to an element that asks
// for it, if there is one: imports and removed elements leave none.
func (j *joiner) external(s *Script, ps *parsedScript) {
	s.Kind = "external"
	if ps.module {
		s.Kind = "module"
	}
	items := j.byURL[s.URL]
	for n, k := range items {
		item := &j.items[k]
		if !item.used || n == len(items)-1 {
			item.used = true
			s.Node, s.Integrity = item.node, item.integrity
			return
		}
	}
}

// internal ties a script without an address of its own to the place in the
// document where its text stands.
func (j *joiner) internal(s *Script, ps *parsedScript) {
	if item := j.find(ps); item != nil {
		item.used = true
		s.Kind, s.Node, s.Integrity = item.kind, item.node, item.integrity
		if s.URL == "" {
			s.URL = j.documentOf(item.node)
		}
		return
	}
	switch {
	case ps.module:
		s.Kind = "module"
	case s.URL != "": // its element has removed itself, as injected scripts like to
		s.Kind = "inline"
	default:
		s.Kind = "eval"
		s.URL = j.documentOf(0)
	}
}

// find is the listed script with the source of a parsed one: an unused one if
// there is, else any that may be compiled more than once.
func (j *joiner) find(ps *parsedScript) *listed {
	key := ps.source
	if ps.length > maxScriptSource && len(key) > scriptHead {
		return j.findLong(key)
	}
	var again *listed
	for _, k := range j.bySource[key] {
		item := &j.items[k]
		if !item.used {
			return item
		}
		if again == nil && item.kind != "inline" {
			again = item
		}
	}
	return again
}

// findLong compares by the part that was kept of both.
func (j *joiner) findLong(source string) *listed {
	for k := range j.items {
		item := &j.items[k]
		if !item.used && len(item.source) >= maxNodeText && strings.HasPrefix(source, item.source) {
			return item
		}
	}
	return nil
}

// documentOf is the address of the document that a node stands in.
func (j *joiner) documentOf(node int32) string {
	if node >= 0 && int(node) < len(j.p.Nodes) {
		if fr := j.p.Nodes[node].Frame; fr > 0 && int(fr) < len(j.p.Frames) {
			return withoutFragment(j.p.Frames[fr].URL)
		}
	}
	return withoutFragment(j.p.FinalURL)
}

// repeated is true for code of a kind that comes by the hundred (a timer given
// a string, a row of buttons) and is listed already.
func (j *joiner) repeated(s *Script) bool {
	if s.Kind == "external" || (s.Kind == "inline" && s.Node >= 0) {
		return false
	}
	key := s.Kind + " " + s.URL + " " + s.SHA256
	if j.seen[key] {
		return true
	}
	j.seen[key] = true
	return false
}

func (j *joiner) add(s Script) {
	if len(j.out) >= maxScripts {
		j.dropped++
		return
	}
	j.out = append(j.out, s)
}

// rest lists what the document holds and V8 never parsed: handlers nobody
// triggered, blocked or missing files, syntax errors, dormant code.
func (j *joiner) rest() {
	for k := range j.items {
		item := &j.items[k]
		if item.used {
			continue
		}
		s := Script{Kind: item.kind, URL: item.url, Node: item.node, Integrity: item.integrity}
		if item.url == "" {
			s.URL = j.documentOf(item.node)
		}
		s.Host = hostOf(s.URL)
		if item.source != "" {
			s.fill(item.source, len(item.source), "")
		}
		if !j.repeated(&s) {
			j.add(s)
		}
	}
}

// fill sets what follows from the source.
func (s *Script) fill(source string, length int, hash string) {
	if source == "" && len(hash) == sha256.Size*2 {
		s.SHA256 = strings.ToLower(hash)
		return
	}
	s.Length = max(length, len(source))
	if source == "" {
		return
	}
	sum := sha256.Sum256([]byte(source))
	s.SHA256 = hex.EncodeToString(sum[:])
	if len(source) < length && len(hash) == sha256.Size*2 {
		s.SHA256 = strings.ToLower(hash) // V8's, of the whole: what was cut off counts
	}
	s.Source = shorten(source)
	s.Tokens = Normalise(s.Source)
}

// unmask finds the addresses that scripts have given themselves by sourceURL
// and that no script really came from: stacks name them like true ones.
func (j *joiner) unmask(parsed []parsedScript) {
	for i := range parsed {
		if ps := &parsed[i]; ps.sourceURL && ps.url != "" {
			j.masks[ps.url] = ps.embedder
		}
	}
	for i := range parsed {
		if !parsed[i].sourceURL {
			delete(j.masks, parsed[i].url)
		}
	}
}

// initiators is a stack without its masks and repetitions.
func (j *joiner) initiators(stack []string) []string {
	var list []string
	for _, address := range stack {
		if origin, masked := j.masks[address]; masked {
			address = origin
		}
		if address == "" || (len(list) > 0 && list[len(list)-1] == address) {
			continue
		}
		if list = append(list, cut(address, maxURL)); len(list) == maxInitiators {
			break
		}
	}
	return list
}

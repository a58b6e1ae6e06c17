package compare

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
)

// One intruder rarely breaks into one site. What he leaves on all of them alike, and
// nobody else has, is by what his break-ins are known for one: how he signs, what he
// says, the code he plants, the host it answers to, the page he puts in place of the
// owner's. Those are traces. What owners share is none: no trace is made of a script,
// a host or a picture unless a finding rests on it.

// Trace is something that an attack left, in the form in which it is met again.
type Trace struct {
	Kind TraceKind `json:"kind"`
	// Value is compared byte by byte, but for pictures: see SamePicture. It comes
	// from hostile text and has at most 200 bytes.
	Value string `json:"value"`
}

// TraceKind is what a trace is made of.
type TraceKind string

const (
	TraceSigner  TraceKind = "signer"  // whom the message names as its author, folded: "grey lantern"
	TraceMessage TraceKind = "message" // the message, folded
	TraceScript  TraceKind = "script"  // SHA-256 of planted code, or of its tokens, in hex
	TraceHost    TraceKind = "host"    // a stranger's host that planted code, links or forms lead to
	TracePage    TraceKind = "page"    // SHA-256 of the document in the place of the owner's, in hex
	TracePicture TraceKind = "picture" // perception hash of that page, 64 hexadecimal digits
	// TraceAddress is the address of the server. It says where sites stand and not
	// who came in, and is worth little by itself. A look does not hold it.
	TraceAddress TraceKind = "address"
)

const (
	maxTraces = 24  // of one report
	maxTrace  = 200 // bytes of a value
	// leastMessage is how many words a message has at least: "hacked by anonymous"
	// is said by everybody.
	leastMessage = 5
	leastSigner  = 4  // letters of a name
	maxSigner    = 3  // words of a name
	leastScript  = 64 // bytes of a script; shorter ones are alike by accident
	// leastTokens is the size from which on the digest of a script's tokens, in
	// which literals do not count, tells one script from others.
	leastTokens = 256
	// samePicture is the most bits of 256 in which the hashes of one picture differ.
	// Two pages of different design differ in 110 and more (see pageHashFar); what
	// differs between victims of one intruder is a line of text.
	samePicture = 32
)

// Traces reads the traces of an attack off a report and the look it is about. b is the
// baseline the look was compared with, nil if there was none. look.Picture may be
// missing, and then there is no trace of it.
func Traces(b *Baseline, look Look, r Report) []Trace {
	var out []Trace
	add := func(kind TraceKind, value string) {
		m := Trace{kind, value}
		if value != "" && len(value) <= maxTrace && len(out) < maxTraces && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	for _, f := range r.Findings {
		if f.Score < voteScore {
			continue // may be nothing
		}
		switch family := ruleByID[f.Rule].family; {
		case family == "phrase" || family == "crew":
			for _, name := range signers(f.Evidence) {
				add(TraceSigner, name)
			}
			add(TraceMessage, message(f.Evidence))
		case family == "replaced" || family == "picture":
			add(TracePage, documentTrace(look.View))
			add(TracePicture, pictureTrace(Fingerprint(look.Picture)))
		case f.Kind == Injection:
			for _, sum := range plantedScripts(b, look.View, f.Evidence) {
				add(TraceScript, sum)
			}
			for _, host := range strangersIn(b, look.View, f.Evidence) {
				add(TraceHost, host)
			}
		}
	}
	return out
}

// signedBy end a phrase that a name follows.
var signedBy = foldedSet("by", "bye", "hackby", "team", "por", "par", "von", "oleh", "door", "przez", "da")

// noName are words that stand between a signature and its name, or behind it.
var noName = foldedSet("the", "mr", "dr", "and", "with", "love", "from", "was", "here", "we", "are", "is", "your", "greetz", "greets", "to")

// signers are the names in a message that a phrase of its author stands beside.
func signers(text string) []string {
	words := plainWords(text)
	var out []string
	for _, m := range lexicon.find(words) {
		p := lexicon.phrases[m.phrase]
		name := ""
		switch {
		case p.class != claim && p.class != tag:
			continue
		case p.last:
			name = nameBefore(words, m.at)
		case signedBy[words[m.end-1].text]:
			name = nameAfter(words, m.end)
		}
		if len([]rune(name)) >= leastSigner && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// nameAfter is what follows word i, up to the end of its sentence or a word of no name.
func nameAfter(words []word, i int) string {
	var name []word
	for ; i < len(words) && len(name) < maxSigner && (len(name) == 0 || !words[i].first); i++ {
		switch {
		case noName[words[i].text] && len(name) > 0:
			return joinWords(name)
		case !noName[words[i].text] && !gangs[words[i].text]:
			name = append(name, words[i])
		}
	}
	return joinWords(name)
}

// nameBefore is what stands before word i in its sentence.
func nameBefore(words []word, i int) string {
	from := i
	for from > 0 && i-from < maxSigner && !words[from].first {
		from--
	}
	return joinWords(slices.DeleteFunc(slices.Clone(words[from:i]), func(w word) bool { return noName[w.text] || gangs[w.text] }))
}

// message is a text as it is met again: folded, without disguise, numbers and signs.
// It is "" for one that is too short to tell two intruders apart.
func message(text string) string {
	words := slices.DeleteFunc(plainWords(text), func(w word) bool { return strings.Trim(w.text, "0123456789") == "" })
	if len(words) < leastMessage {
		return ""
	}
	for len(words) > leastMessage && len(joinWords(words)) > maxTrace {
		words = words[:len(words)-1]
	}
	return joinWords(words)
}

func documentTrace(v View) string {
	if len(v.Elements) < 3 {
		return "" // there is nothing in it that could be anybody's
	}
	return v.DOMDigest
}

func pictureTrace(p Print) string {
	if len(p.Hash) == 0 || p.Quality < minQuality {
		return ""
	}
	var b []byte
	for _, part := range p.Hash {
		b = binary.BigEndian.AppendUint64(b, part)
	}
	return hex.EncodeToString(b)
}

// SamePicture reports that two values of TracePicture are of one picture, give or take
// a line of text.
func SamePicture(a, b string) bool {
	p, q := printOf(a), printOf(b)
	far, ok := p.distance(q)
	return ok && far <= samePicture
}

func printOf(trace string) Print {
	b, err := hex.DecodeString(trace)
	if err != nil || len(b)%8 != 0 {
		return Print{}
	}
	p := Print{Quality: minQuality}
	for ; len(b) > 0; b = b[8:] {
		p.Hash = append(p.Hash, binary.BigEndian.Uint64(b))
	}
	return p
}

// plantedScripts are the digests of the scripts that the evidence of a finding names.
func plantedScripts(b *Baseline, v View, evidence string) []string {
	var out []string
	for _, s := range v.Scripts {
		if s.SHA256 == "" || s.Length < leastScript || b != nil && b.knowsScript(s) ||
			!strings.HasPrefix(evidence, newScript{Script: s}.name()) {
			continue
		}
		out = append(out, s.SHA256)
		if s.Tokens != "" && s.Length >= leastTokens {
			out = append(out, s.Tokens)
		}
	}
	return out
}

// strangersIn are the hosts in the evidence of a finding that are an intruder's: not the
// site's own, and no service where half the world has its account.
func strangersIn(b *Baseline, v View, evidence string) []string {
	c := &comparison{base: b, own: []string{siteOf(hostOf(v.URL))}}
	var out []string
	for _, field := range strings.FieldsFunc(evidence, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`,;"'()<>→`, r) }) {
		host := hostIn(field)
		if host == "" || openIndex[host] || namespaces[siteOf(host)] || !c.foreign(host) && !isOpen(host) || slices.Contains(c.own, siteOf(host)) {
			continue
		}
		out = addHost(out, host)
	}
	return out
}

// fileEndings end words that look like hosts and are files.
var fileEndings = set("js", "mjs", "php", "html", "htm", "css", "png", "jpg", "jpeg", "gif", "svg", "webp", "exe", "zip", "apk", "asp", "aspx", "jsp", "json", "xml", "bytes", "script")

// hostIn is the host in one word of evidence, an address or a bare name; "" if it is none.
func hostIn(field string) string {
	field = strings.Trim(field, ".…")
	if strings.Contains(field, "://") {
		return hostOf(field)
	}
	field, _, _ = strings.Cut(field, "/")
	if a, err := netip.ParseAddr(field); err == nil {
		return a.String()
	}
	host := strings.ToLower(field)
	if i := strings.LastIndexByte(host, '.'); i <= 0 || fileEndings[host[i+1:]] || len(host) > 253 || strings.ContainsAny(host, "@:=?&%") {
		return ""
	}
	return host
}

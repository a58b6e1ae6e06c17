package compare

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

// doings are the things a script does that attacks need, read from its tokens.
// Honest scripts do them too; they count only in code that is new.
type doings uint32

const (
	readsFields    doings = 1 << iota // the value of inputs
	allInputs                         // every input of a page
	sensitive                         // names of card, password or identity fields
	sends                             // to the network
	decodes                           // text that was encoded
	evaluates                         // text as code
	writesFrame                       // an iframe
	hidesIt                           // with styles that keep something out of sight
	setsClipboard                     // what the visitor will paste
	readsKeys                         // key strokes
	leaves                            // navigates the page away
	asksOrigin                        // where the visitor came from, or what he browses with
	computes                          // worker or WebAssembly
	mines                             // names of coin mining
	commands                          // commands of an operating system
	obfuscated                        // names or strings no person wrote
	waits                             // for the visitor to click or choose
	wholeForm                         // a form as a whole
	unpacks                           // runs what it has just decoded
	handlesForm                       // keeps the browser from submitting, and does it itself
	takesCookies                      // all of them, into what is sent
	loads                             // another script
	installs                          // a service worker
	opensWindow                       // another window
	anyClick                          // on whatever the visitor clicks
	clicks                            // a link in his place
	readsHidden                       // an address in disguise that is not in the script
	rewritesCopies                    // what the visitor copies is replaced
	wallets                           // addresses of wallets, or the form of them
	runsAnswers                       // text as code that stands neither in the script nor in a literal
)

// conduct is what a script, or a part of it, does and whom it names.
type conduct struct {
	does     doings
	hosts    []string // hosts in its string literals, at most maxHosts
	veiled   []string // those of them that stood there in disguise
	programs []string // addresses of files that run, at most maxHosts
}

func (d doings) all(of doings) bool { return d&of == of }

func (d doings) any(of doings) bool { return d&of != 0 }

const maxHosts = 40

var (
	sensitiveName = regexp.MustCompile(`(?i)card.?(num|no\b|holder|code|cvv|cvc|exp)|cc.?(num|cid|exp|name|owner|type|cvv|cvc)|ccv\b|cvv|\bcvc2?\b|security.?code|exp(iry|iration)?.?(month|year|date|mm\b|yy)|passw(or)?d|\bpwd\b|\bpin(code)?\b|\botp\b|cnic|\biban\b|billing[:_\[]|payment[:\[]`)
	inputSelector = regexp.MustCompile(`(?i)^\s*(input|select|textarea|form)\s*(,|$|:|\[type)|\binput\b.*(select|textarea)|^input\[`)
	hideStyle     = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden|(width|height)\s*[:=]\s*["']?[01](px)?\b|left\s*:\s*-\d{3,}|opacity\s*:\s*0\b`)
	commandText   = regexp.MustCompile(`(?i)powershell(\.exe)? |mshta(\.exe)? |cmd(\.exe)? /c|\bcurl -|\bwget |bash -c|rundll32|certutil|invoke-(expression|webrequest)|\biex\b`)
	walletText    = regexp.MustCompile(`\b(?:bc1[a-z0-9]{25,60}|0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33})\b|bc1\[|0x\[[^\]]+\]\{40\}|T\[[^\]]+\]\{33\}`)
	// miningText are services of coin mining in browsers and what they call themselves, as
	// lists that block them name them.
	miningText = regexp.MustCompile(`(?i)coin-?hive|authedmine|cryptonight|coin-?imp\b|crypto-?loot|cryptaloot|cryptonoter|minero\b|webmine\.(?:pro|cz)|webmine(?:r)?pool|stratum\+|deepminer|jsecoin|monerominer|monerise|ppoi\.org|projectpoi`)
	urlHost    = regexp.MustCompile(`(?i)(?:https?:|wss?:)?(?:\\?/){2}([a-z0-9][a-z0-9.-]*\.[a-z0-9-]{2,}|\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?(?:[\\/?#]|$)`)
	hexName    = regexp.MustCompile(`_0x[0-9a-f]{2,}`)
	alikeName  = regexp.MustCompile(`^(?:[Il1]{5,}|[O0o_]{5,})$`)
	base64Text = regexp.MustCompile(`^[A-Za-z0-9+/]{12,}={0,2}$`)
)

// telltales are what the text of a literal tells; need lists characters of which
// every match has one.
var telltales = []struct {
	need string
	is   *regexp.Regexp
	bit  doings
}{{":=", hideStyle, hidesIt}, {" -.xX", commandText, commands}, {"nN", miningText, mines}, {"1xT", walletText, wallets}}

// identifierDoings are names whose mere use is the doing.
var identifierDoings = map[string]doings{
	"FormData": readsFields | wholeForm, "serialize": readsFields | wholeForm, "serializeArray": readsFields | wholeForm,
	"fetch": sends, "XMLHttpRequest": sends, "sendBeacon": sends, "WebSocket": sends, "Image": sends, "ajax": sends, "EventSource": sends,
	"createDataChannel": sends, "atob": decodes, "unescape": decodes, "fromCharCode": decodes,
	"onkeydown": readsKeys, "onkeypress": readsKeys, "onkeyup": readsKeys, "keyCode": readsKeys,
	"clipboard": setsClipboard, "execCommand": setsClipboard, "referrer": asksOrigin, "userAgent": asksOrigin,
	"onclick": waits, "onchange": waits, "addEventListener": waits, "on": waits, "click": waits,
	"CoinHive": mines, "CRLT": mines, "deepMiner": mines, "CryptoLoot": mines, "CryptoNoter": mines, "serviceWorker": installs, "Worker": computes, "WebAssembly": computes, "preventDefault": handlesForm, "execScript": evaluates,
}

// quotedDoings are what names do that obfuscators move into a table of strings.
var quotedDoings = map[string]doings{
	"value": readsFields, "val": readsFields, "elements": wholeForm, "forms": wholeForm, "post": sends, "open": sends, "src": sends,
	"eval": evaluates, "constructor": evaluates, "location": leaves, "script": loads,
}

// unpackers are names that turn data into text, when what follows runs it.
var unpackers = set("atob", "unescape", "fromCharCode", "charCodeAt", "fromCodePoint", "decodeURIComponent", "reverse", "Uint8Array")

// doingsOf reads a whole script.
func doingsOf(source string) doings {
	if source == "" {
		return 0
	}
	return conductOf(lexScript(source), 1).does
}

// reader gathers the conduct of a run of tokens.
type reader struct {
	conduct
	tokens []jsToken
	depth  int // layers of disguise that are still taken off
	names  map[string]doings
	// constants are the texts that names stand for.
	constants map[string]puzzle
	quoted    doings          // what strings would do if they were names
	jars      map[string]bool // names that stand for all cookies
	odd       int             // names that no person wrote
	looked    int             // names that are looked up in a table of strings
	hidden    int             // characters of strings that were escaped without need
	codes     []byte
}

// conductOf reads tokens. Text in base64, in character codes, in escapes or
// backwards is read as well, one layer deep for each of depth.
func conductOf(tokens []jsToken, depth int) conduct {
	r := reader{tokens: tokens, depth: depth, names: map[string]doings{}}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.isString():
			i = r.literal(i)
		case js.IsIdentifierName(t.kind) || t.kind == js.PrivateIdentifierToken:
			r.name(i)
		case t.kind == js.RegExpToken && walletText.MatchString(t.text):
			r.does |= wallets
		}
		switch {
		case r.looksUp(i):
			r.looked++
		case r.turnsTable(i):
			r.looked = manyLookups
		}
		r.codes = r.readCode(r.codes, t, depth)
	}
	r.readCodes(r.codes, depth)
	if depth > 0 {
		r.readPuzzles()
	}
	if r.odd >= 8 || r.looked >= manyLookups || r.hidden >= 40 || onlySigns(tokens) {
		r.does |= obfuscated
	}
	if r.does.all(obfuscated) {
		r.does |= r.quoted
	}
	return r.conduct
}

// name judges an identifier by itself and by its neighbours.
func (r *reader) name(i int) {
	name := r.tokens[i].text
	if r.jars[name] && r.at(i-1) != "." {
		r.sent(i, i)
	}
	if len(name) < 2 {
		return // as most names in minified code
	}
	d, ok := r.names[name]
	if !ok {
		d = nameDoings(name)
		r.names[name] = d
	}
	if r.does |= d &^ obfuscated; d&obfuscated != 0 {
		r.odd++
	}
	r.use(name, i, i > 0 && (r.at(i-1) == "." || r.at(i-1) == "?."), i+1)
}

// literal judges the string that begins at i, put together with the strings that
// are added to it, and returns where it ends. A string between brackets is a name.
func (r *reader) literal(i int) int {
	first := r.tokens[i].unquoted()
	if r.at(i-1) == "[" && r.at(i+1) == "]" && i > 1 && len(first) <= 80 {
		name := unescapeJS(first)
		r.does |= nameDoings(name) &^ obfuscated
		r.use(name, i, true, i+2)
	}
	end, text := i, first
	for end+2 < len(r.tokens) && r.tokens[end+1].text == "+" && r.tokens[end+2].isString() && len(text) < 64<<10 {
		end += 2
		text += r.tokens[end].unquoted()
	}
	r.escapes(text)
	text = r.readString(text, r.depth)
	if len(text) <= 20 {
		r.quoted |= identifierDoings[text] | quotedDoings[text]
	}
	return end
}

func (r *reader) at(i int) string {
	if i < 0 || i >= len(r.tokens) {
		return ""
	}
	return r.tokens[i].text
}

// escapes counts letters and digits that are written as escapes: only machines do.
// Compilers write signs so that a tag could be made of, and those are none.
func (r *reader) escapes(s string) {
	for i := 0; i+3 < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		code := ""
		switch {
		case s[i+1] == 'x':
			code = s[i+2 : i+4]
		case s[i+1] == 'u' && i+5 < len(s) && s[i+2:i+4] == "00":
			code = s[i+4 : i+6]
		}
		if b, err := strconv.ParseUint(code, 16, 8); err == nil && isAlnum(byte(b)) {
			r.hidden++
		}
	}
}

// manyLookups names taken from a table make code that a machine disguised.
const manyLookups = 8

// looksUp reports that a bracket begins at i in which a function of a number gives a
// name, or the first part of one: x[f(0x1b2)+"se"]. Obfuscators write so, who keep
// all names in a table; minifiers do not.
func (r *reader) looksUp(i int) bool {
	if r.at(i) != "[" || i+5 >= len(r.tokens) || !js.IsIdentifierName(r.tokens[i+1].kind) || r.at(i+2) != "(" || r.at(i+4) != ")" {
		return false
	}
	key, before := r.tokens[i+3], r.at(i-1)
	number := js.IsNumeric(key.kind) || key.isString() && strings.HasPrefix(key.unquoted(), "0x")
	return number && (r.at(i+5) == "]" || r.at(i+5) == "+") && before != "=" && before != "(" && before != ","
}

// turnsTable reports how such a table is turned until a sum is right:
// t["push"](t["shift"]()).
func (r *reader) turnsTable(i int) bool {
	if i+7 >= len(r.tokens) || r.at(i) != "[" || r.at(i+3) != "(" || r.at(i+5) != "[" {
		return false
	}
	push, shift := r.tokens[i+1], r.tokens[i+6]
	return push.isString() && shift.isString() && push.unquoted() == "push" && shift.unquoted() == "shift"
}

// onlySigns reports code written in brackets, signs and nothing else, as a family
// of encoders does ("[][(![]+[])[+[]]...").
func onlySigns(tokens []jsToken) bool {
	if len(tokens) < 400 {
		return false
	}
	words := 0
	for _, t := range tokens {
		if t.isString() || js.IsIdentifierName(t.kind) || js.IsNumeric(t.kind) {
			words++
		}
	}
	return words*20 < len(tokens)
}

func (c *conduct) merge(o conduct) {
	c.does |= o.does
	c.hosts = addHost(c.hosts, o.hosts...)
	c.veiled = addHost(c.veiled, o.veiled...)
	c.programs = addHost(c.programs, o.programs...)
}

func addHost(list []string, hosts ...string) []string {
	for _, h := range hosts {
		if len(list) < maxHosts && !slices.Contains(list, h) {
			list = append(list, h)
		}
	}
	return list
}

// nameDoings judges an identifier by itself. obfuscated marks one odd name, which
// is no evidence before there are many.
func nameDoings(name string) doings {
	d := identifierDoings[name]
	if sensitiveText(name) {
		d |= sensitive
	}
	if strings.Contains(name, "_0x") && hexName.MatchString(name) || alikeName.MatchString(name) {
		d |= obfuscated
	}
	return d
}

// sensitiveText reports the name of a field that a thief wants.
func sensitiveText(s string) bool {
	if len(s) < 3 || len(s) > 200 && !strings.Contains(s, "<input") {
		return false
	}
	lower := strings.ToLower(s[:min(len(s), 8<<10)])
	return slices.ContainsFunc(sensitiveParts, func(p string) bool { return strings.Contains(lower, p) }) && sensitiveName.MatchString(lower)
}

// sensitiveParts are what every match of sensitiveName contains.
var sensitiveParts = []string{"card", "cc", "cv", "security", "exp", "pass", "pwd", "pin", "otp", "cnic", "iban", "payment", "billing"}

// use judges a name by its neighbours; next is where what follows it begins.
func (r *reader) use(name string, i int, dotted bool, next int) {
	after, then := r.at(next), r.at(next+1)
	switch name {
	case "value":
		if dotted && after != "=" {
			r.does |= readsFields
		}
	case "val":
		if dotted && after == "(" && then == ")" {
			r.does |= readsFields
		}
	case "elements", "forms":
		if dotted {
			r.does |= wholeForm
		}
	case "open":
		if after == "(" && (r.at(i-2) == "window" || r.at(i-2) == "top" || r.at(i-2) == "self" || r.at(i-2) == "parent") {
			r.does |= opensWindow
		}
	case "click":
		if dotted && after == "(" && then == ")" {
			r.does |= clicks
		}
	case "post", "submit":
		if dotted && after == "(" {
			r.does |= sends
		}
	case "write", "writeln":
		if dotted && r.at(i-2) == "document" && after == "(" && r.unpacked(next) && !(next+3 < len(r.tokens) && r.tokens[next+3].isString()) {
			r.does |= evaluates // of a literal it is known what it writes
		}
	case "location":
		if after == "=" || after == "." && (then == "replace" || then == "assign" || then == "href" && r.at(next+2) == "=") {
			r.does |= leaves
		}
	case "src":
		if dotted && after == "=" && r.assembled(next+1) {
			r.does |= sends
		}
		if dotted && after == "=" && r.readsOut(next+1) {
			r.does |= readsHidden
		}
	case "text", "textContent", "innerHTML":
		if dotted && after == "=" && r.does.all(loads) && next+1 < len(r.tokens) && !r.tokens[next+1].isString() && r.scriptBefore(i) {
			r.does |= runsAnswers
		}
	case "cookie":
		if dotted && after != "=" {
			r.cookie(i)
		}
	case "setData":
		if dotted && r.at(i-2) == "clipboardData" {
			r.does |= rewritesCopies
		}
	case "writeText":
		if dotted && after == "=" {
			r.does |= rewritesCopies
		}
	case "eval", "Function", "setTimeout", "setInterval":
		if after == "(" && !(name == "Function" && dotted) {
			r.runs(name, next+1)
		}
	case "constructor":
		if dotted && after == "(" && r.at(next+1) != ")" && r.at(i-2) == "constructor" {
			r.does |= evaluates
		}
	case "createElement":
		if after == "(" {
			r.creates(next + 1)
		}
	case "addEventListener", "on":
		r.listens(i, next)
	}
}

// runs judges what is run as code: a text is read like the script around it.
func (r *reader) runs(name string, at int) {
	timer := strings.HasPrefix(name, "set")
	switch {
	case at < len(r.tokens) && r.tokens[at].isString():
		text := unescapeJS(r.tokens[at].unquoted())
		if strings.HasPrefix(text, "return this") || timer && len(text) < 40 {
			return
		}
		if r.depth > 0 {
			inner := conductOf(lexScript(text), r.depth-1)
			r.merge(inner)
		}
	case timer:
		return
	case r.at(at) != ")":
		r.does |= runsAnswers
	}
	r.does |= evaluates
	if r.unpacked(at) {
		r.does |= unpacks
	}
}

// unpacked reports that data is turned into text between here and a little later.
func (r *reader) unpacked(from int) bool {
	for _, t := range r.tokens[min(from, len(r.tokens)):min(from+80, len(r.tokens))] {
		if unpackers[t.text] || t.isString() && unpackers[t.unquoted()] {
			return true
		}
	}
	return false
}

// assembled reports an address that is put together from a literal and something
// else: a picture that carries data.
func (r *reader) assembled(at int) bool {
	for k := at; k < min(at+10, len(r.tokens)); k++ {
		switch t := r.tokens[k]; {
		case t.text == ";":
			return false
		case t.isString() && r.at(k+1) == "+" && strings.Contains(unescapeJS(t.unquoted()), "//"):
			return true
		}
	}
	return false
}

// readsOut reports an address in disguise that does not stand in the script: it is
// taken out of an attribute, a table or an answer.
func (r *reader) readsOut(at int) bool {
	for k := at; k < min(at+8, len(r.tokens)) && r.at(k) != ";"; k++ {
		if (r.at(k) == "atob" || r.at(k) == "unescape") && r.at(k+1) == "(" {
			return k+2 < len(r.tokens) && !r.tokens[k+2].isString()
		}
	}
	return false
}

// cookie tells code that takes the cookies as they are from code that looks for
// one of them: document.cookie ends at i. A name that they are given stands for them.
func (r *reader) cookie(i int) {
	if r.at(i-3) == "=" && i > 3 && js.IsIdentifierName(r.tokens[i-4].kind) && r.at(i+1) != "." {
		if r.jars == nil {
			r.jars = map[string]bool{}
		}
		r.jars[r.at(i-4)] = true
		return
	}
	r.sent(i-2, i)
}

// sent judges whether all cookies, which stand from begin to end, become a part of an
// address or of what is sent.
func (r *reader) sent(begin, end int) {
	before := r.at(begin - 1)
	switch {
	case before == "(" && (r.at(begin-2) == "escape" || r.at(begin-2) == "encodeURIComponent" || r.at(begin-2) == "btoa" || r.at(begin-2) == "encodeURI"):
		r.does |= takesCookies
	case before == "+" && begin > 1 && r.tokens[begin-2].isString() && strings.ContainsAny(r.at(begin-2), "=?|") && r.at(end+1) != ")":
		r.does |= takesCookies
	}
}

func (r *reader) creates(at int) {
	if at >= len(r.tokens) || !r.tokens[at].isString() {
		return
	}
	switch strings.ToLower(unescapeJS(r.tokens[at].unquoted())) {
	case "script":
		r.does |= loads
	case "iframe":
		r.does |= writesFrame
	}
}

// scriptBefore reports that the name before the dot at i was given a new script
// element a few lines ago: what becomes its text is run.
func (r *reader) scriptBefore(i int) bool {
	name := r.at(i - 2)
	for k := i - 3; k > max(0, i-80); k-- {
		if r.at(k) == name && r.at(k+1) == "=" {
			for m := k + 2; m < min(k+8, i); m++ {
				if r.tokens[m].isString() && strings.EqualFold(r.tokens[m].unquoted(), "script") {
					return true
				}
			}
		}
	}
	return false
}

// everyField are events that reach a whole document from each of its fields.
var everyField = set("keydown", "keypress", "keyup", "input", "change", "blur", "submit")

// listens reports a listener on the whole document for what is typed anywhere.
func (r *reader) listens(i, next int) {
	whole := r.at(i-2) == "document" || r.at(i-2) == "window" || r.at(i-2) == "body" || r.at(i-2) == ")" && r.at(i-3) == "document"
	if whole && next+1 < len(r.tokens) && r.tokens[next+1].isString() && everyField[unescapeJS(r.tokens[next+1].unquoted())] {
		r.does |= allInputs
	}
	if whole && next+1 < len(r.tokens) && r.tokens[next+1].isString() && anywhere[unescapeJS(r.tokens[next+1].unquoted())] {
		r.does |= anyClick
	}
}

// anywhere are events of a visitor who clicks or taps on something.
var anywhere = set("click", "mousedown", "mouseup", "pointerdown", "pointerup", "touchstart", "touchend")

package compare

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

// doings are the things a script does that attacks need, read from its tokens.
// Honest scripts do them too; they count only in code that is new.
type doings uint32

const (
	readsFields   doings = 1 << iota // the value of inputs
	allInputs                        // every input of a page, or a form as a whole
	sensitive                        // names of card, password or identity fields
	sends                            // to the network
	decodes                          // text that was encoded
	evaluates                        // text as code
	writesFrame                      // an iframe
	hidesIt                          // with styles that keep something out of sight
	setsClipboard                    // what the visitor will paste
	readsKeys                        // key strokes
	leaves                           // navigates the page away
	asksOrigin                       // where the visitor came from, or what he browses with
	computes                         // worker or WebAssembly
	mines                            // names of coin mining
	commands                         // commands of an operating system
	obfuscated                       // names or strings no person wrote
	waits                            // for the visitor to click or choose
)

// conduct is what a script, or a part of it, does and whom it names.
type conduct struct {
	does  doings
	hosts []string // hosts in its string literals, at most maxHosts
}

func (d doings) all(of doings) bool { return d&of == of }

const maxHosts = 40

var (
	sensitiveName = regexp.MustCompile(`(?i)card.?num|cardno|cc.?num|cc.?name|ccv\b|cvv|cvc\b|cvc2|securitycode|expir|exp.?(month|year|date)|passw|passwd|\bpwd\b|\bpin\b|\botp\b|cnic|\biban\b|payment`)
	inputSelector = regexp.MustCompile(`(?i)^(input|select|textarea|form)\b|\binput\b.*(select|textarea)|input\[`)
	hideStyle     = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden|(width|height)\s*[:=]\s*["']?[01](px)?\b|left\s*:\s*-\d{3,}|opacity\s*:\s*0\b`)
	commandText   = regexp.MustCompile(`(?i)powershell(\.exe)? |mshta(\.exe)? |cmd(\.exe)? /c|\bcurl -|\bwget |bash -c|rundll32|certutil|invoke-(expression|webrequest)|\biex\b`)
	miningText    = regexp.MustCompile(`(?i)coinhive|cryptonight|coinimp|cryptoloot|minero|webminepool|stratum\+|deepminer|jsecoin|monerominer`)
	urlHost       = regexp.MustCompile(`(?i)(?:https?:|wss?:)?(?:\\?/){2}([a-z0-9][a-z0-9.-]*\.[a-z0-9-]{2,}|\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?(?:[\\/?#]|$)`)
	hexName       = regexp.MustCompile(`^_0x[0-9a-f]{2,}$`)
	base64Text    = regexp.MustCompile(`^[A-Za-z0-9+/]{12,}={0,2}$`)
)

// telltales are what the text of a literal tells; need lists characters of which
// every match has one.
var telltales = []struct {
	need string
	is   *regexp.Regexp
	bit  doings
}{{":=", hideStyle, hidesIt}, {" -.xX", commandText, commands}, {"nN", miningText, mines}}

// identifierDoings are names whose mere use is the doing.
var identifierDoings = map[string]doings{
	"FormData": readsFields | allInputs, "serialize": readsFields | allInputs, "serializeArray": readsFields | allInputs,
	"fetch": sends, "XMLHttpRequest": sends, "sendBeacon": sends, "WebSocket": sends, "Image": sends, "ajax": sends, "EventSource": sends,
	"atob": decodes, "unescape": decodes, "fromCharCode": decodes,
	"eval": evaluates, "execScript": evaluates, "Function": evaluates,
	"onkeydown": readsKeys, "onkeypress": readsKeys, "onkeyup": readsKeys, "keyCode": readsKeys,
	"clipboard": setsClipboard, "execCommand": setsClipboard,
	"referrer": asksOrigin, "userAgent": asksOrigin,
	"onclick": waits, "onchange": waits, "addEventListener": waits, "on": waits, "click": waits,
	"Worker": computes, "WebAssembly": computes,
}

// doingsOf reads a whole script.
func doingsOf(source string) doings {
	if source == "" {
		return 0
	}
	return conductOf(lexScript(source), 1).does
}

// conductOf reads tokens. Text hidden in base64 or in character codes is read
// as well, one layer deep for each of depth.
func conductOf(tokens []jsToken, depth int) conduct {
	var c conduct
	odd, codes := 0, []byte(nil)
	names := map[string]doings{}
	for i, t := range tokens {
		switch {
		case t.isString():
			c.readString(t.unquoted(), depth)
		case js.IsIdentifierName(t.kind) || t.kind == js.PrivateIdentifierToken:
			d, ok := names[t.text]
			if !ok {
				d = nameDoings(t.text)
				names[t.text] = d
			}
			if c.does |= d &^ obfuscated; d&obfuscated != 0 {
				odd++
			}
			c.readUse(tokens, i)
		}
		codes = c.readCode(codes, t, depth)
	}
	c.readCodes(codes, depth)
	if odd >= 8 {
		c.does |= obfuscated
	}
	return c
}

func (c *conduct) merge(o conduct) {
	c.does |= o.does
	for _, h := range o.hosts {
		if len(c.hosts) < maxHosts {
			c.hosts = append(c.hosts, h)
		}
	}
}

// nameDoings judges an identifier by itself. obfuscated marks one odd name, which
// is no evidence before there are many.
func nameDoings(name string) doings {
	d := identifierDoings[name]
	if sensitiveText(name) {
		d |= sensitive
	}
	if strings.HasPrefix(name, "_0x") && hexName.MatchString(name) {
		d |= obfuscated
	}
	return d
}

// sensitiveText reports the name of a field that a thief wants.
func sensitiveText(s string) bool {
	if len(s) < 3 || len(s) > 200 {
		return false
	}
	lower := strings.ToLower(s)
	return slices.ContainsFunc(sensitiveParts, func(p string) bool { return strings.Contains(lower, p) }) && sensitiveName.MatchString(s)
}

// sensitiveParts are what every match of sensitiveName contains.
var sensitiveParts = []string{"card", "cc", "cv", "securitycode", "exp", "pass", "pwd", "pin", "otp", "cnic", "iban", "payment"}

// readUse judges an identifier by its neighbours.
func (c *conduct) readUse(tokens []jsToken, i int) {
	name := tokens[i].text
	next := func(k int) string {
		if i+k < len(tokens) {
			return tokens[i+k].text
		}
		return ""
	}
	dotted := i > 0 && (tokens[i-1].text == "." || tokens[i-1].text == "?.")
	switch {
	case name == "value" && dotted && next(1) != "=":
		c.does |= readsFields
	case name == "val" && dotted && next(1) == "(" && next(2) == ")":
		c.does |= readsFields
	case (name == "elements" || name == "forms") && dotted:
		c.does |= allInputs
	case (name == "post" || name == "submit") && dotted && next(1) == "(":
		c.does |= sends
	case (name == "write" || name == "writeln") && dotted && i > 1 && tokens[i-2].text == "document":
		c.does |= evaluates
	case name == "location" && (next(1) == "=" || next(1) == "." && (next(2) == "replace" || next(2) == "assign" || next(2) == "href" && next(3) == "=")):
		c.does |= leaves
	}
}

// readString judges the text of a literal.
func (c *conduct) readString(s string, depth int) {
	if len(s) > 64<<10 {
		s = s[:64<<10]
	}
	s = unescapeJS(s)
	if sensitiveText(s) {
		c.does |= sensitive
	}
	if len(s) <= 200 && inputSelector.MatchString(s) {
		c.does |= allInputs
	}
	switch lower := strings.ToLower(s); {
	case lower == "keydown" || lower == "keypress" || lower == "keyup":
		c.does |= readsKeys
	case lower == "iframe" || strings.Contains(lower, "<iframe"):
		c.does |= writesFrame
	}
	if len(s) < 4 {
		return
	}
	for _, m := range telltales {
		if strings.ContainsAny(s, m.need) && m.is.MatchString(s) {
			c.does |= m.bit
		}
	}
	c.addHosts(s)
	if depth > 0 && base64Text.MatchString(s) {
		c.readDecoded(s, depth)
	}
}

// addHosts adds the hosts of the URLs in a text.
func (c *conduct) addHosts(s string) {
	if !strings.Contains(s, "/") {
		return
	}
	for _, m := range urlHost.FindAllStringSubmatch(s, maxHosts) {
		c.merge(conduct{hosts: []string{strings.ToLower(m[1])}})
	}
}

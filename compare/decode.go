package compare

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

// readString judges the text of a literal and returns it without escapes.
func (c *conduct) readString(s string, depth int) string {
	if len(s) > 64<<10 {
		s = s[:64<<10]
	}
	plain := unescapeJS(s)
	c.judge(plain, plain != s)
	if depth > 0 && len(plain) >= 8 {
		c.undress(plain, depth)
	}
	return plain
}

// judge reads what a text tells as it stands. veiled tells that it did not stand
// in the script like this.
func (c *conduct) judge(s string, veiled bool) {
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
	case lower == "script" || strings.Contains(lower, "<script"):
		c.does |= loads
	}
	if len(s) < 4 {
		return
	}
	for _, m := range telltales {
		if strings.ContainsAny(s, m.need) && m.is.MatchString(s) {
			c.does |= m.bit
		}
	}
	c.addHosts(s, veiled)
}

// addHosts adds the hosts of the addresses in a text. An address in the middle of
// a sentence is a reference, which nobody talks to.
func (c *conduct) addHosts(s string, veiled bool) {
	if !strings.Contains(s, "/") {
		return
	}
	for _, m := range urlHost.FindAllStringSubmatchIndex(s, maxHosts) {
		if m[0] > 0 && strings.ContainsAny(s[m[0]-1:m[0]], " (<") && !strings.ContainsAny(s, `<'"=`) {
			continue
		}
		h := strings.ToLower(s[m[2]:m[3]])
		c.hosts = addHost(c.hosts, h)
		if file := strings.Fields(s[m[0]:])[0]; len(file) <= 300 && runs(file) {
			c.programs = addHost(c.programs, file)
		}
		if veiled {
			c.veiled = addHost(c.veiled, h)
		}
	}
}

// undress takes one layer of disguise off a text.
func (c *conduct) undress(s string, depth int) {
	switch {
	case base64Text.MatchString(s):
		if raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "=")); err == nil && printable(raw) {
			c.readHidden(string(raw), depth)
		}
	case strings.Count(s, "%") >= 6:
		if text, err := url.PathUnescape(s); err == nil && text != s && strings.ContainsAny(text, "<(/") {
			c.readHidden(text, depth)
		}
	}
	if strings.Contains(s, "tpircs") || strings.Contains(s, "ptth") {
		back := []byte(s)
		slices.Reverse(back)
		c.readHidden(string(back), depth)
	}
}

// readHidden reads text that was in disguise, as code and as it is.
func (c *conduct) readHidden(text string, depth int) {
	inner := conductOf(lexScript(text), depth-1)
	inner.addHosts(text, true)
	if strings.Contains(text, "<script") {
		inner.does |= loads
	}
	if len(inner.hosts) == 0 && inner.does == 0 {
		return
	}
	inner.does |= decodes
	inner.veiled = addHost(inner.veiled, inner.hosts...)
	c.merge(inner)
}

func printable(raw []byte) bool {
	for _, b := range raw {
		if b < 9 || b > 126 || b > 13 && b < 32 {
			return false
		}
	}
	return true
}

// readCode gathers numbers that stand one after the other, as character codes do.
func (c *conduct) readCode(codes []byte, t jsToken, depth int) []byte {
	if t.kind == js.CommaToken {
		return codes
	}
	if js.IsNumeric(t.kind) {
		if n, err := strconv.ParseUint(t.text, 0, 8); err == nil && n >= 9 && n <= 126 {
			return append(codes, byte(n))
		}
	}
	c.readCodes(codes, depth)
	return codes[:0]
}

// readCodes judges the text that a run of character codes spells.
func (c *conduct) readCodes(codes []byte, depth int) {
	if depth <= 0 || !printable(codes) {
		return
	}
	if len(codes) < leastCodes {
		switch string(codes) { // a word is a run of numbers as well, but not these
		case "script":
			c.does |= loads | decodes
		case "iframe":
			c.does |= writesFrame | decodes
		}
		return
	}
	c.readHidden(string(codes), depth)
}

// leastCodes in a row are text: fewer are numbers.
const leastCodes = 16

// unescapeJS resolves \xNN and \uNNNN, by which strings hide what they say.
func unescapeJS(s string) string {
	if !strings.Contains(s, `\x`) && !strings.Contains(s, `\u`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		n := 0
		if s[i] == '\\' && i+1 < len(s) {
			n = map[byte]int{'x': 2, 'u': 4}[s[i+1]]
		}
		if n > 0 && i+2+n <= len(s) {
			if r, err := strconv.ParseUint(s[i+2:i+2+n], 16, 32); err == nil {
				b.WriteRune(rune(r))
				i += 1 + n
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

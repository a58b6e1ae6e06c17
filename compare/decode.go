package compare

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

// readDecoded looks into text that was stored as base64.
func (c *conduct) readDecoded(s string, depth int) {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil || !printable(raw) {
		return // not base64 after all, which is no evidence of anything
	}
	text := string(raw)
	inner := conductOf(lexScript(text), depth-1)
	inner.addHosts(text)
	if len(inner.hosts) > 0 || inner.does != 0 {
		inner.does |= obfuscated | decodes
		c.merge(inner)
	}
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
	if depth <= 0 || len(codes) < 16 || !printable(codes) {
		return
	}
	inner := conductOf(lexScript(string(codes)), depth-1)
	inner.addHosts(string(codes))
	if len(inner.hosts) > 0 || inner.does != 0 {
		inner.does |= obfuscated | decodes
		c.merge(inner)
	}
}

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

package probe

import "bytes"

// Inline scripts are compared by windows of their tokens, so that a script in
// which a number moved is the same, and a few lines at the end of a known one are
// not. The tokens are cut roughly: nothing here must understand a script, it must
// only be cut the same way each time.

const (
	window     = 4       // tokens in a shingle
	nameTokens = 6       // which tell one inline script from another
	maxShingle = 4000    // of one script
	maxInline  = 1 << 20 // bytes of one script that are read
)

// shingles calls f with each window of tokens of a script, and with what tells the
// script from others. A script too short for a window is one.
func shingles(script []byte, seed uint64, f func(name, shingle uint64)) {
	script = script[:min(len(script), maxInline)]
	var recent [window]uint64
	name, n := seed, 0
	for len(script) > 0 && n < maxShingle {
		token, rest := nextToken(script)
		script = rest
		if token == nil {
			continue
		}
		h := hashBytes(seed, token)
		if n < nameTokens {
			name = mix(name, h)
		}
		copy(recent[:], recent[1:])
		recent[window-1] = h
		if n++; n >= window {
			f(name, mix(mix(mix(recent[0], recent[1]), recent[2]), recent[3]))
		}
	}
	if n > 0 && n < window {
		f(name, mix(name, uint64(n)))
	}
}

// nextToken cuts a token off: a word, a number as 0, a string without what moves
// in it, or a sign; nil for white space.
func nextToken(s []byte) (token, rest []byte) {
	switch c := s[0]; {
	case c <= ' ':
		return nil, s[1:]
	case isWord(c):
		end := 1
		for end < len(s) && isWord(s[end]) {
			end++
		}
		return plainToken(s[:end]), s[end:]
	case c == '"' || c == '\'' || c == '`':
		end := 1
		for end < len(s) && s[end] != c && s[end] != '\n' {
			if s[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(s))
		return steady(nil, s[1:max(1, end)]), s[min(end+1, len(s)):]
	}
	return s[:1], s[1:]
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

func plainToken(word []byte) []byte {
	if word[0] >= '0' && word[0] <= '9' {
		return []byte("0")
	}
	if letters, digits := census(word); letters > 0 && digits > 0 && len(word) >= tokenLength {
		return []byte("X")
	}
	return word
}

// scriptHosts calls f with each host that a script names: what stands behind two
// slashes that a quote or a scheme precedes.
func scriptHosts(script []byte, f func(host string)) {
	script = script[:min(len(script), maxInline)]
	for {
		at := bytes.Index(script, []byte("//"))
		if at < 0 {
			return
		}
		before, after := script[:at], script[at+2:]
		script = after
		if at == 0 || !bytes.ContainsRune([]byte(`"':`+"`"), rune(before[at-1])) {
			continue
		}
		end := 0
		for end < len(after) && end < 254 && isHostByte(after[end]) {
			end++
		}
		if host := after[:end]; bytes.IndexByte(host, '.') > 0 {
			f(string(host))
		}
	}
}

func isHostByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-'
}

package accesslog

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

const (
	// maxDecoded bounds what of a target is decoded and judged. Payloads begin early;
	// what pads them is a finding of another kind.
	maxDecoded = 8 << 10
	// decodings undone at most: probes encode twice to pass a filter that decodes once,
	// and now and then three times.
	decodings = 3
	// maxExcerpt bounds what is shown of a line or a field, in characters.
	maxExcerpt = 240
)

// decoded is a target as the application behind the server may come to read it: percent
// signs undone, plus and control characters as blanks, blanks joined, SQL comments
// as blanks, ASCII in lower case. The result is in buf.
func decoded(buf, target []byte) []byte {
	buf = append(buf[:0], target[:min(len(target), maxDecoded)]...)
	for range decodings {
		if bytes.IndexByte(buf, '%') < 0 {
			break
		}
		n := unescapePercent(buf)
		if n == len(buf) {
			break
		}
		buf = buf[:n]
	}
	return squeeze(buf)
}

// unescapePercent undoes one layer in place and returns the new length. The overlong
// forms %c0%ae and %c0%af, which old decoders take for a dot and a slash, and IIS's
// %uHHHH are undone as well.
func unescapePercent(b []byte) int {
	n := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '%' {
			switch v, width := percent(b[i:]); width {
			case 0:
			default:
				c = v
				i += width - 1
			}
		}
		b[n] = c
		n++
	}
	return n
}

func percent(b []byte) (c byte, width int) {
	if len(b) >= 6 && b[1]|0x20 == 'u' {
		high, ok1 := hexByte(b[2], b[3])
		low, ok2 := hexByte(b[4], b[5])
		if ok1 && ok2 && high == 0 {
			return low, 6
		}
		return 0, 0
	}
	if len(b) < 3 {
		return 0, 0
	}
	c, ok := hexByte(b[1], b[2])
	if !ok {
		return 0, 0
	}
	if c == 0xc0 && len(b) >= 6 && b[3] == '%' {
		switch low, _ := hexByte(b[4], b[5]); low {
		case 0xae:
			return '.', 6
		case 0xaf:
			return '/', 6
		}
	}
	return c, 3
}

// squeeze makes one blank of any number of blanks, pluses, control characters and SQL
// comments, and lower case of ASCII, in place. A zero byte stays: it is a trait.
func squeeze(b []byte) []byte {
	n, blank := 0, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '/' && i+1 < len(b) && b[i+1] == '*' {
			if end := bytes.Index(b[i+2:], []byte("*/")); end >= 0 && end < 64 {
				inside := b[i+2 : i+2+end]
				if len(inside) > 0 && inside[0] == '!' { // MySQL runs what stands in /*!...*/
					version := 1
					for version < len(inside) && inside[version] >= '0' && inside[version] <= '9' {
						version++ // from which on it does
					}
					i += 1 + version
					b[i+1+len(inside)-version], b[i+2+len(inside)-version] = ' ', ' '
				} else {
					i += end + 3
				}
				c = ' '
			}
		}
		if c == '+' || c != 0 && c <= ' ' || c == 0x7f {
			c = ' '
		}
		if c == ' ' {
			if blank {
				continue
			}
			blank = true
		} else {
			blank = false
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		b[n] = c
		n++
	}
	return b[:n]
}

// plainByte are the bytes of targets that carry no payload: a target of these alone
// need not be decoded.
var plainByte = func() (t [256]bool) {
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/?&=-_.,~:@!" {
		t[c] = true
	}
	return t
}()

// harmless reports a target in which no payload can be written: no quote, bracket,
// blank, percent sign, climbing path or parameter that is one.
func harmless(target []byte) bool {
	for i, c := range target {
		if !plainByte[c] {
			return false
		}
		if i+1 < len(target) && (c == '.' && target[i+1] == '.' || (c == ':' || c == '=') && target[i+1] == '/') {
			return false
		}
	}
	return true
}

// shown makes a text safe to show: what is no printable character is written as an
// escape, and after limit characters it is cut.
func shown(b []byte, limit int) string {
	out := make([]byte, 0, min(len(b), limit)+3)
	for n := 0; len(b) > 0; n++ {
		if n == limit {
			return string(append(out, "..."...))
		}
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size <= 1:
			out = append(out, `\x`...)
			out = append(out, "0123456789abcdef"[b[0]>>4], "0123456789abcdef"[b[0]&15])
		case r == ' ' || unicode.IsPrint(r):
			out = utf8.AppendRune(out, r)
		default:
			q := strconv.QuoteRuneToASCII(r)
			out = append(out, q[1:len(q)-1]...)
		}
		b = b[size:]
	}
	return string(out)
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// plain makes a hostile string safe for a terminal: control and direction
// characters are shown as escapes, and it is cut after limit characters.
func plain(s string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > limit {
			b.WriteString("...")
			break
		}
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case acts(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plainLines is plain for a text of ours that has lines, such as several errors
// joined, whatever was quoted in it.
func plainLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = plain(lines[i], 4000)
	}
	return strings.Join(lines, "\n")
}

// acts reports a character that does something to a terminal, or to the order of
// what it shows, instead of being shown.
func acts(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// printJSON writes v as one line of JSON.
func printJSON(w io.Writer, v any) error { return json.NewEncoder(plainJSON{w}).Encode(v) }

// plainJSON escapes what a terminal would act on. JSON allows all of it but the
// first 32 control characters in its texts, and means the same by the escapes.
type plainJSON struct{ to io.Writer }

// Write implements io.Writer for whole lines of JSON.
func (p plainJSON) Write(line []byte) (int, error) {
	if _, err := p.to.Write(escapeJSON(line)); err != nil {
		return 0, fmt.Errorf("writing JSON: %w", err)
	}
	return len(line), nil
}

func escapeJSON(line []byte) []byte {
	if !bytes.ContainsFunc(line, actsInJSON) {
		return line
	}
	var b bytes.Buffer
	for _, r := range string(line) {
		switch high, low := utf16.EncodeRune(r); {
		case !actsInJSON(r):
			b.WriteRune(r)
		case high != unicode.ReplacementChar:
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// actsInJSON is acts between the quotes of a text; line ends stand outside of them.
func actsInJSON(r rune) bool { return r != '\n' && acts(r) }

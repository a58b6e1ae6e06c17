package alerting

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks one letter may carry. Urdu and Arabic
// need up to three; text that stacks dozens paints over the lines around it.
const maxMarks = 4

// Visible returns hostile text as one line of at most limit characters that
// shows what is in it: runs of white space become one space, control characters
// and characters that change the direction of the text or take no room appear
// as [U+202E], invalid UTF-8 as U+FFFD, and stacked combining marks are dropped.
// Text that is cut ends in "… (N characters)", N being its whole length. A limit
// below 1 means 300.
func Visible(text string, limit int) string {
	if limit < 1 {
		limit = 300
	}
	var b strings.Builder
	w := lineWriter{out: &b, limit: limit}
	for _, r := range text {
		if !w.add(r) {
			// The note is not part of the limit: a reader must see that
			// something is missing, and of what size it was.
			fmt.Fprintf(&b, "… (%d characters)", utf8.RuneCountInString(text))
			break
		}
	}
	return b.String()
}

// lineWriter collects the visible form of runes up to a limit.
type lineWriter struct {
	out          *strings.Builder
	limit, count int
	space        bool // white space is owed before the next rune
	marks        int  // combining marks since the last letter
}

// add appends r and reports false if it would pass the limit.
func (w *lineWriter) add(r rune) bool {
	if unicode.IsSpace(r) {
		w.space = w.count > 0
		return true
	}
	shown, width := string(r), 1
	if hidden(r) {
		shown = fmt.Sprintf("[U+%04X]", r)
		width = len(shown)
	}
	if unicode.Is(unicode.M, r) {
		if w.marks++; w.marks > maxMarks {
			return true
		}
	} else {
		w.marks = 0
	}
	if w.space {
		shown, width = " "+shown, width+1
	}
	if w.count+width > w.limit {
		return false
	}
	w.space = false
	w.count += width
	w.out.WriteString(shown)
	return true
}

// hidden reports whether r takes no room, or reorders what is around it.
// U+200C, the zero width non-joiner, is a letter-shaping character that good
// Urdu needs, and stays; so does U+200D, which holds emoji together.
func hidden(r rune) bool {
	switch {
	case r == '\u200c' || r == '\u200d':
		return false
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
		return true // Cf holds the bidi controls (UAX #9), joiners, tags, U+FEFF
	case r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u2800':
		return true // letters and a pattern that are drawn as nothing
	case r >= 0xfe00 && r <= 0xfe0d, r >= 0xe0100 && r <= 0xe01ef:
		return true // variation selectors, which can smuggle text
	}
	return false
}

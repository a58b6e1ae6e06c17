package compare

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldLetter maps one letter to the form in which spellings of the same word
// meet, 0 to drop it: Arabic, Persian, Urdu, Sindhi and Pashto write the same
// sounds with different code points, and pages mix them freely. Digits are those
// of ASCII, whichever script they were written in.
func foldLetter(r rune) rune {
	switch {
	case isInvisible(r):
		return 0
	case r >= '٠' && r <= '٩':
		return '0' + r - '٠'
	case r >= '۰' && r <= '۹':
		return '0' + r - '۰'
	case r >= '०' && r <= '९':
		return '0' + r - '०'
	case r >= '০' && r <= '৯':
		return '0' + r - '০'
	case r < 0x370 || r >= 0x1380 && r < 0x3000 || r >= 0xa000:
		if l, ok := dressed[r]; ok {
			return l
		}
		return squared(r)
	}
	switch r {
	case 'ـ', 'ء', 'ٴ':
		return 0 // tatweel and the hamza that some write and some do not
	case 'أ', 'إ', 'آ', 'ٱ', 'ٲ', 'ٳ':
		return 'ا'
	case 'ي', 'ى', 'ې', 'ۍ', 'ئ', 'ے', 'ۓ', 'ێ':
		return 'ی'
	case 'ك', 'ڪ', 'ڬ':
		return 'ک'
	case 'ہ', 'ۃ', 'ة', 'ھ', 'ۂ', 'ە', 'ۀ':
		return 'ه'
	case 'ؤ':
		return 'و'
	case 'ں', 'ڼ':
		return 'ن'
	case 'ګ':
		return 'گ'
	}
	return r
}

// isInvisible reports the marks that no reader sees: zero-width letters, joiners
// and non-joiners, the marks of direction, soft hyphens, tags.
func isInvisible(r rune) bool {
	switch {
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return r == 0xad || r == 0x61c || r == 0xfeff || r == 0x180e || r == 0x115f || r == 0x1160 || r == 0x2800 || r == 0xfffc
}

// word is one folded word, whether a separator (a bar, a colon, the end of a
// sentence or of a block) stands before it, and whether it was written so that
// machines do not read it: see undisguise.
type word struct {
	text   string
	first  bool
	masked bool
}

// maxFold bounds the text that is folded in one piece; View bounds one element's
// text at 64 KiB, a block is the sum of a few.
const maxFold = 256 << 10

// foldWords splits text into words in their folded form: compatibility forms
// resolved, lower case, marks dropped. Case, vowel signs and letter variants
// are gone; digits are kept.
func foldWords(text string) []word {
	if len(text) > maxFold {
		text = text[:maxFold]
	}
	if isASCII(text) {
		return splitWords(strings.ToLower(text))
	}
	return splitWords(foldText(text))
}

// foldText is text in its folded form, not yet cut into words.
func foldText(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(text, " ")) {
		if isMark(r) {
			continue
		}
		if r = foldLetter(unicode.ToLower(r)); r != 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isMark reports a mark on a letter: an accent, a vowel sign of Arabic script, one
// of the dozens that are heaped on letters to make them look broken. In the Indic
// scripts and in Thai the marks are the vowels, without which words are no words.
func isMark(r rune) bool {
	return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) && (r < 0x900 || r > 0xe4f)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// splitWords cuts folded text at everything that is no letter and no digit. A
// sign that stands for a letter counts as one inside of a word: "h@cked".
func splitWords(s string) []word {
	words := make([]word, 0, len(s)/6+1)
	start, first, prev := -1, true, rune(0)
	for i, r := range s {
		inside := isWordRune(r)
		if !inside && start >= 0 && signs[r] != 0 && unicode.IsLetter(prev) {
			next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			inside = unicode.IsLetter(next) || r >= utf8.RuneSelf && unicode.IsSpace(next)
		}
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			words = append(words, word{text: s[start:i], first: first})
			start, first = -1, false
		}
		if !inside && isSeparator(r) {
			first = true
		}
		prev = r
	}
	if start >= 0 {
		words = append(words, word{text: s[start:], first: first})
	}
	return words
}

func isSeparator(r rune) bool {
	return !unicode.IsSpace(r) && !strings.ContainsRune(`-'’"“”(),_&/@`, r)
}

package compare

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldLetter maps one letter to the form in which spellings of the same word
// meet, 0 to drop it: Arabic, Persian, Urdu, Sindhi and Pashto write the same
// sounds with different code points, and pages mix them freely.
func foldLetter(r rune) rune {
	switch r {
	case 'ـ', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\ufeff', '\u00ad', '\u061c':
		return 0 // tatweel, zero-width and directional marks, soft hyphen
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ي', 'ى', 'ې', 'ۍ', 'ئ', 'ے', 'ۓ':
		return 'ی'
	case 'ك', 'ڪ':
		return 'ک'
	case 'ہ', 'ۃ', 'ة', 'ھ', 'ۂ', 'ە', 'ۀ':
		return 'ه'
	case 'ؤ':
		return 'و'
	case 'ں', 'ڼ':
		return 'ن'
	case 'ګ':
		return 'گ'
	case 'ı':
		return 'i'
	case 'ß':
		return 's'
	}
	return r
}

// homoglyphs are the Cyrillic and Greek letters that read as Latin ones. They
// are applied only inside words that hold Latin letters as well: a Russian word
// stays Russian.
var homoglyphs = map[rune]rune{
	'а': 'a', 'в': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'һ': 'h', 'н': 'h', 'і': 'i', 'ј': 'j', 'к': 'k', 'ӏ': 'l',
	'м': 'm', 'п': 'n', 'о': 'o', 'р': 'p', 'ѕ': 's', 'т': 't', 'ԝ': 'w', 'х': 'x', 'у': 'y', 'ү': 'y', 'ё': 'e',
	'α': 'a', 'β': 'b', 'ε': 'e', 'η': 'n', 'ι': 'i', 'κ': 'k', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'τ': 't', 'υ': 'y', 'χ': 'x',
}

// leet are the digits and signs that stand for letters inside of a word.
var leet = map[rune]rune{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i'}

// word is one folded word, and whether a separator (a bar, a colon, the end of a
// sentence or of a block) stands before it.
type word struct {
	text  string
	first bool
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
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(text, " ")) {
		if unicode.Is(unicode.Mn, r) && !unicode.In(r, unicode.Devanagari, unicode.Bengali, unicode.Thai) {
			continue
		}
		if r = foldLetter(unicode.ToLower(r)); r != 0 {
			b.WriteRune(r)
		}
	}
	return splitWords(b.String())
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
// sign that stands for a letter counts as one between two letters: "h@cked".
func splitWords(s string) []word {
	words := make([]word, 0, len(s)/6+1)
	start, first, prev := -1, true, rune(0)
	for i, r := range s {
		inside := isWordRune(r)
		if !inside && start >= 0 && (r == '@' || r == '$' || r == '!') && unicode.IsLetter(prev) {
			next, _ := utf8.DecodeRuneInString(s[i+1:])
			inside = unicode.IsLetter(next)
		}
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			words = append(words, word{s[start:i], first})
			start, first = -1, false
		}
		if !inside && isSeparator(r) {
			first = true
		}
		prev = r
	}
	if start >= 0 {
		words = append(words, word{s[start:], first})
	}
	return words
}

func isSeparator(r rune) bool {
	return !unicode.IsSpace(r) && !strings.ContainsRune(`-'’"“”(),_&/@`, r)
}

// plainWords undoes the disguises that defacers write in, for matching against
// phrases: letters of other scripts, digits for letters, drawn out letters and
// words spelled with a space after each letter.
func plainWords(text string) []word {
	return joinSpelled(undisguise(foldWords(text)))
}

func undisguise(words []word) []word {
	for i, w := range words {
		latin, other := false, false
		for _, r := range w.text {
			if r >= 'a' && r <= 'z' {
				latin = true
			} else {
				other = true
			}
		}
		if latin && (other || hasRun(w.text)) {
			words[i].text = latinise(w.text)
		}
	}
	return words
}

// hasRun reports three equal letters in a row.
func hasRun(s string) bool {
	for i := 2; i < len(s); i++ {
		if s[i] == s[i-1] && s[i] == s[i-2] {
			return true
		}
	}
	return false
}

// latinise maps signs and letters of other scripts to the Latin letters they
// stand for, and shortens three or more equal letters to one: "haaack3d".
func latinise(s string) string {
	runes := []rune(s)
	for i, r := range runes {
		if l, ok := leet[r]; ok {
			runes[i] = l
		} else if l, ok := homoglyphs[r]; ok {
			runes[i] = l
		}
	}
	out := make([]rune, 0, len(runes))
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && runes[j] == runes[i] {
			j++
		}
		if j-i >= 3 {
			i = j - 1
		}
		out = append(out, runes[i:j]...)
		i = j
	}
	return string(out)
}

// joinSpelled joins runs of at least four words of one letter: "h a c k e d b y"
// becomes "hackedby".
func joinSpelled(words []word) []word {
	out := words[:0]
	for i := 0; i < len(words); {
		j := i
		for j < len(words) && utf8.RuneCountInString(words[j].text) == 1 {
			j++
		}
		if j-i < 4 {
			j = i + 1
			out = append(out, words[i])
			i = j
			continue
		}
		var b strings.Builder
		for _, w := range words[i:j] {
			b.WriteString(w.text)
		}
		out = append(out, word{latinise(b.String()), words[i].first})
		i = j
	}
	return out
}

package probe

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a page says is compared without what moves by itself: numbers, tokens and
// the names of days and months. Every page with a date would look changed at
// midnight otherwise, fifteen hundred of them at once.

// tokenLength is from where on a word with both letters and digits is no word.
const tokenLength = 12

// steady appends text without what moves: numbers become 0, tokens X, days and
// months d; white space is one blank, letters are lower case.
func steady(to, text []byte) []byte {
	for len(text) > 0 {
		word := text
		if end := bytes.IndexFunc(text, unicode.IsSpace); end >= 0 {
			word, text = text[:end], text[end+1:]
			if len(word) == 0 {
				continue
			}
		} else {
			text = nil
		}
		if n := len(to); n > 0 && to[n-1] != ' ' {
			to = append(to, ' ')
		}
		to = steadyWord(to, word)
	}
	return to
}

func steadyWord(to, word []byte) []byte {
	letters, digits := census(word)
	if letters > 0 && digits > 0 && len(word) >= tokenLength && !bytes.ContainsAny(word, "/.") {
		return append(to, 'X')
	}
	if digits == 0 {
		bare := bytes.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
		if len(bare) < 40 && calendar[strings.ToLower(string(bare))] {
			return append(to, 'd')
		}
	}
	number := false
	for _, r := range string(word) {
		if unicode.IsDigit(r) {
			if !number {
				to = append(to, '0')
			}
			number = true
			continue
		}
		// 1,234,567 and 1.5 have as many signs as they are long.
		if number && (r == ',' || r == '.') {
			continue
		}
		number = false
		to = utf8.AppendRune(to, unicode.ToLower(r))
	}
	return to
}

func census(word []byte) (letters, digits int) {
	for _, r := range string(word) {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return letters, digits
}

// calendar holds the words of a date, in the languages of the watched sites.
var calendar = words(`
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec am pm st nd rd th
muharram safar rabi rajab shaban ramadan ramzan shawwal zilhajj
پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار سوموار
جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر
محرم صفر رجب شعبان رمضان شوال`)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

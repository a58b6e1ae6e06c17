package compare

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Who signs a page that is not his writes so that people read it and filters do
// not: h4ck3d, ʜᴀᴄᴋᴇᴅ, h a c k e d. This file undoes it. That a word was written
// so is evidence of its own, since no ministry does it.

// dressed are letters that are drawn like Latin ones and that neither NFKD nor
// lower case leads back to them: strokes, small capitals, letters of scripts that
// nobody here writes (Cherokee, Lisu), as the generators of fancy text use them.
var dressed = dressLetters(map[rune]string{
	'a': "ᴀɑⱥᎪꓮ", 'b': "ʙɓƀɃᏴꓐ", 'c': "ᴄȼƈᏟꓚↄ", 'd': "ᴅđɗðᎠꓓ", 'e': "ᴇɇɛəǝᎬꓰℯ", 'f': "ꜰƒꓝ", 'g': "ɢɠǥᏀꓖɡ", 'h': "ʜħɦᎻꓧɥ", 'i': "ɪɨıᎥꓲ",
	'j': "ᴊɉᎫꓙ", 'k': "ᴋƙᏦꓗʞ", 'l': "ʟłƚɫɭᏞꓡ", 'm': "ᴍᎷꓟɯ", 'n': "ɴŋɲƞꓠ", 'o': "ᴏøɵꓳ", 'p': "ᴘƥᏢꓑ", 'q': "ꞯ", 'r': "ʀɍɾɹᎡꓣ", 's': "ꜱșʂᏚꓢß",
	't': "ᴛŧƭʇᎢꓔ", 'u': "ᴜʉꓴ", 'v': "ᴠʋᏙꓦ", 'w': "ᴡʍᎳꓪ", 'x': "ꓫ", 'y': "ʏɏƴʎᎩꓬ", 'z': "ᴢƶᏃꓜ",
})

func dressLetters(by map[rune]string) map[rune]rune {
	m := map[rune]rune{}
	for plain, letters := range by {
		for _, r := range letters {
			m[r], m[unicode.ToLower(r)] = plain, plain
		}
	}
	return m
}

// squared maps letters on a black disc or square, which have no other form in
// Unicode: 🅗, 🅷.
func squared(r rune) rune {
	switch {
	case r >= 0x1f150 && r <= 0x1f169:
		return 'a' + r - 0x1f150
	case r >= 0x1f170 && r <= 0x1f189:
		return 'a' + r - 0x1f170
	}
	return r
}

// homoglyphs are the Cyrillic and Greek letters that read as Latin ones. They
// are applied only to words among Latin letters: a Russian word stays Russian.
var homoglyphs = map[rune]rune{
	'а': 'a', 'в': 'b', 'ь': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'є': 'e', 'һ': 'h', 'н': 'h', 'ђ': 'h', 'і': 'i', 'ј': 'j', 'к': 'k', 'қ': 'k', 'ҝ': 'k', 'ӏ': 'l',
	'м': 'm', 'п': 'n', 'о': 'o', 'р': 'p', 'ѕ': 's', 'т': 't', 'ц': 'u', 'ѵ': 'v', 'ԝ': 'w', 'ш': 'w', 'х': 'x', 'у': 'y', 'ү': 'y', 'ё': 'e', 'г': 'r', 'я': 'r',
	'α': 'a', 'β': 'b', 'ϲ': 'c', 'δ': 'd', 'ε': 'e', 'η': 'n', 'ι': 'i', 'κ': 'k', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'σ': 'o', 'τ': 't', 'υ': 'y', 'χ': 'x', 'γ': 'y', 'ω': 'w',
}

// signs are what stands for a letter between two others, and leet the digits
// that do.
var (
	signs = map[rune]rune{'@': 'a', '$': 's', '!': 'i', '€': 'e', '¢': 'c', '∂': 'd', '£': 'e', '₵': 'c', '₳': 'a', '₭': 'k', '₮': 't', '¥': 'y'}
	leet  = map[rune]rune{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '9': 'g'}
)

// plainWords undoes the disguises that defacers write in, for matching against
// phrases: letters of other scripts, digits for letters, drawn out letters, words
// spelled with a space after each letter, text turned round by a mark that turns
// it back for the reader.
func plainWords(text string) []word {
	var turned bool
	if strings.ContainsRune(text, '\u202e') {
		text, turned = turnBack(text), true
	}
	words := joinSpelled(undisguise(foldWords(text)))
	if turned || hidesLetters(text) {
		for i := range words {
			words[i].masked = words[i].masked || isASCII(words[i].text)
		}
	}
	return words
}

// turnBack reverses what stands behind a right-to-left override.
func turnBack(text string) string {
	var out strings.Builder
	for i, part := range strings.Split(text, "\u202e") {
		if i == 0 {
			out.WriteString(part)
			continue
		}
		inside, rest, _ := strings.Cut(part, "\u202c")
		runes := []rune(inside)
		for k := len(runes) - 1; k >= 0; k-- {
			out.WriteRune(runes[k])
		}
		out.WriteString(rest)
	}
	return out.String()
}

// hidesLetters reports an invisible mark or a dressed-up letter between Latin
// letters, where no spelling has one. A soft hyphen is typography.
func hidesLetters(text string) bool {
	if isASCII(text) {
		return false
	}
	latin := func(r rune) bool { return r < utf8.RuneSelf && unicode.IsLetter(r) }
	var before, last rune
	for _, r := range text {
		if latin(before) && latin(r) && last != 0xad && last != 0xfffc && isInvisible(last) {
			return true
		}
		if r >= 0x1d00 && (r <= 0x1d2f || r >= 0xa4d0 && r <= 0xa4ff || r >= 0x1d400 && r <= 0x1d7ff || r >= 0x1f130 && r <= 0x1f189) {
			return true
		}
		before, last = last, r
	}
	return false
}

// undisguise writes each word that is partly Latin in Latin letters alone.
func undisguise(words []word) []word {
	mixed := false
	for i, w := range words {
		latin, other := lettersOf(w.text)
		if latin && (other || hasRun(w.text)) || other && ofTwoScripts(w.text) {
			words[i].text, words[i].masked = latinise(w.text), isMasked(w.text)
			mixed = mixed || words[i].masked && !isASCII(w.text)
		}
	}
	if !mixed {
		return words
	}
	for i, w := range words { // "Наcкеd bу": the short word is all of foreign letters
		if text, ok := inLatin(w.text); ok {
			words[i].text, words[i].masked = text, true
		}
	}
	return words
}

func lettersOf(s string) (latin, other bool) {
	for _, r := range s {
		if r >= 'a' && r <= 'z' {
			latin = true
		} else {
			other = true
		}
	}
	return latin, other
}

// ofTwoScripts reports a word of Cyrillic and Greek letters, or of either and signs.
func ofTwoScripts(s string) bool {
	var cyrillic, greek, sign bool
	for _, r := range s {
		cyrillic = cyrillic || r >= 0x400 && r < 0x530
		greek = greek || r >= 0x370 && r < 0x400
		sign = sign || signs[r] != 0 && r != '!' && r != '$'
	}
	return cyrillic && greek || (cyrillic || greek) && sign
}

// isMasked reports a word with a letter that is another's, or with a digit or sign
// between letters. "covid19" has none.
func isMasked(s string) bool {
	held, letters := false, false
	for _, r := range s {
		switch {
		case homoglyphs[r] != 0:
			return true
		case leet[r] != 0 || signs[r] != 0:
			held = letters || s[0] < utf8.RuneSelf && !unicode.IsLetter(rune(s[0]))
		case held:
			return true
		default:
			letters = true
		}
	}
	return false
}

// inLatin writes a word in Latin letters if every letter of it looks like one.
func inLatin(s string) (string, bool) {
	if isASCII(s) {
		return s, false
	}
	var b strings.Builder
	for _, r := range s {
		l, ok := homoglyphs[r]
		if !ok {
			return s, false
		}
		b.WriteRune(l)
	}
	return b.String(), true
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
		} else if l, ok := signs[r]; ok {
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
		j, letters := i, false
		for j < len(words) && utf8.RuneCountInString(words[j].text) == 1 {
			r, _ := utf8.DecodeRuneInString(words[j].text)
			letters = letters || unicode.IsLetter(r)
			j++
		}
		if j-i < 4 || !letters { // page numbers stand apart as well
			j = i + 1
			out = append(out, words[i])
			i = j
			continue
		}
		var b strings.Builder
		for _, w := range words[i:j] {
			b.WriteString(w.text)
		}
		out = append(out, word{text: latinise(b.String()), first: words[i].first, masked: true})
		i = j
	}
	return out
}

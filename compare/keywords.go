package compare

import "strings"

// keywordIndex finds many words in one pass over a text, in any spelling of upper
// and lower case: most groups of three bytes begin none.
type keywordIndex [1 << 16][]keyword

// keyword is a word and the number of the rule that it is for.
type keyword struct {
	word string
	rule int
}

// add lists a word of two or more bytes; one byte would begin everywhere.
func (x *keywordIndex) add(word string, rule int) {
	k := keyword{strings.ToLower(word), rule}
	switch w := k.word; len(w) {
	case 0, 1:
	case 2:
		for third := range 256 {
			at := placeOf(w[0], w[1], byte(third))
			x[at] = append(x[at], k)
		}
	default:
		at := placeOf(w[0], w[1], w[2])
		x[at] = append(x[at], k)
	}
}

// at lists the words that may stand at a place with two bytes after it.
func (x *keywordIndex) at(text string, i int) []keyword {
	return x[placeOf(lowerByte(text[i]), lowerByte(text[i+1]), lowerByte(text[i+2]))]
}

func (k keyword) standsAt(text string, i int) bool {
	return len(text)-i >= len(k.word) && strings.EqualFold(text[i:i+len(k.word)], k.word)
}

func placeOf(a, b, c byte) uint16 { return uint16(a)<<11 ^ uint16(b)<<5 ^ uint16(c) }

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 32
	}
	return c
}

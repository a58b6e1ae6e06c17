package compare

import (
	"slices"
	"strings"
)

// phrase is one entry of the lexicon in folded form.
type phrase struct {
	class phraseClass
	text  string // words with one space between
	find  string // with the spaces that must surround it
	last  bool
}

// lexicon is phraseSources, folded.
var lexicon = foldPhrases(phraseSources)

func foldPhrases(sources []phraseSource) []phrase {
	var out []phrase
	seen := map[string]bool{}
	for _, s := range sources {
		for _, t := range s.texts {
			text, open := strings.CutSuffix(t, "*")
			p := phrase{class: s.class, last: s.last, text: joinWords(foldWords(text))}
			if p.class == boast || p.class == crew || p.class == claim {
				p.text = joinWords(plainWords(text)) // the table itself writes leet
			}
			p.find = " " + p.text
			if !open {
				p.find += " "
			}
			if hasHan(p.text) {
				p.find = p.text // written without spaces
			}
			if !seen[p.find] {
				seen[p.find] = true
				out = append(out, p)
			}
			if p.class == claim && isASCII(p.text) && strings.Contains(p.text, " ") {
				joined := strings.ReplaceAll(p.text, " ", "") // spelled letter by letter
				if !seen[" "+joined] {
					seen[" "+joined] = true
					out = append(out, phrase{class: claim, text: joined, find: " " + joined, last: s.last})
				}
			}
		}
	}
	return out
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x3400 && r <= 0x9fff })
}

func joinWords(words []word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}

// saying is one phrase found in one piece of text.
type saying struct {
	phrase
	block     *block // nil for a title or dialog
	signature bool   // it leads its sentence, as a signature does and a report about others does not
	words     int    // of the whole piece
}

// findPhrases looks for the lexicon in one piece of text.
func findPhrases(text string) []saying {
	words := plainWords(text)
	joined := " " + joinWords(words) + " "
	var out []saying
	for _, p := range lexicon {
		if at := strings.Index(joined, p.find); at >= 0 {
			out = append(out, saying{phrase: p, words: len(words), signature: isSignature(words, joined, at, p)})
		}
	}
	return out
}

// isSignature reports a phrase that its author wrote about himself. "Hacked by X"
// begins its sentence, or follows words such as "this site was"; a headline ("Ministry
// website hacked by X") has a subject before it. Where the verb comes last, the
// sentence is short.
func isSignature(words []word, joined string, at int, p phrase) bool {
	if hasHan(p.find) {
		return len(words) <= 12
	}
	at = strings.Count(joined[:at+1], " ") - 1
	start := at
	for start > 0 && start < len(words) && !words[start].first {
		start--
	}
	if p.last {
		named := p.class == claim && at-start <= 3 && len(words) <= 14
		return named || len(words) <= 25 && at > start && deictic[words[start].text]
	}
	for _, w := range words[start:min(at, len(words))] {
		if !leads[w.text] {
			return false
		}
	}
	return true
}

// searchBlocks looks for the lexicon in many blocks. Nearly all blocks hold none
// of it, so that they are searched as one text first.
func searchBlocks(blocks []*block) []saying {
	var b strings.Builder
	ends := make([]int, len(blocks))
	for i, bl := range blocks {
		b.WriteByte(' ')
		b.WriteString(joinWords(plainWords(bl.text)))
		b.WriteString(" \n")
		ends[i] = b.Len()
	}
	all := b.String()
	hit := map[int]bool{}
	for _, p := range lexicon {
		for at := 0; ; {
			i := strings.Index(all[at:], p.find)
			if i < 0 {
				break
			}
			at += i + 1
			k, _ := slices.BinarySearch(ends, at)
			hit[k] = true
		}
	}
	var out []saying
	for k := range blocks {
		if hit[k] {
			for _, s := range findPhrases(blocks[k].text) {
				s.block = blocks[k]
				out = append(out, s)
			}
		}
	}
	return out
}

// phraseCounts counts the phrases of a whole page, so that a baseline remembers
// a page that always talks about hacking.
func phraseCounts(f *features) map[string]int {
	out := map[string]int{}
	blocks := make([]*block, len(f.blocks))
	for i := range f.blocks {
		blocks[i] = &f.blocks[i]
	}
	for _, s := range searchBlocks(blocks) {
		out[s.text]++
	}
	for _, s := range findPhrases(f.view.Title) {
		out[s.text]++
	}
	return out
}

// Bounds of what counts as loud or short.
const (
	shortBlock    = 40  // words: a signature block, not an article
	headlineWords = 12  // words: not even a sentence of news
	shortPage     = 150 // words: measured medians are 161 characters for defacements, 5,116 for other pages
	loudFont      = 26  // CSS pixels: set to be seen
)

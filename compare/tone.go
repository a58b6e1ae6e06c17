package compare

import (
	_ "embed"
	"slices"
	"strings"
)

// Not everybody who leaves a note signs it. Many lecture the owner, as a neighbour
// would: "lol your upload form still takes .php, fix it". Such a note has no word that
// an office does not use, and a tone that no office uses: it speaks to the admin, or
// as one chats, about holes and what could have been taken. The words were written
// down by heart for fifteen languages, and are held against honest notices on the
// same matters (testdata/honest.tsv).

// tone is a kind of words.
type tone int

const (
	toneHole tone = iota // weak places of a server
	toneChat             // of chats; "plz" and "ur" are not, offices write them too
	toneBack             // threats to return, presence
	toneLoot             // what was taken or could have been
	tones
)

//go:embed tone.txt
var toneText string

// toneWords are tone.txt, folded.
var toneWords = readTones(toneText)

type toneTable struct{ words, begin, inside map[string][]tone }

// toneNames are the headings in tone.txt.
var toneNames = []string{"hole", "chat", "back", "loot"}

func readTones(text string) toneTable {
	t := toneTable{map[string][]tone{}, map[string][]tone{}, map[string][]tone{}}
	at := tone(0)
	for line := range strings.Lines(text) {
		if name, found := strings.CutPrefix(strings.TrimSpace(line), "## "); found {
			at = tone(slices.Index(toneNames, name))
			continue
		}
		_, words, _ := strings.Cut(line, ":") // before it is the language
		for _, w := range strings.Fields(words) {
			t.add(w, at)
		}
	}
	return t
}

func (t toneTable) add(w string, is tone) {
	text, open := strings.CutSuffix(w, "*")
	to := t.words
	folded := joinWords(foldWords(text))
	switch {
	case isUnspaced(folded):
		to = t.inside
	case open:
		to = t.begin
	}
	to[folded] = append(to[folded], is)
}

// of counts the distinct words of each tone.
func (t toneTable) of(words []word) (n [tones]int) {
	seen := map[string]bool{}
	count := func(entry string, is []tone) {
		if seen[entry] {
			return
		}
		seen[entry] = true
		for _, x := range is {
			n[x]++
		}
	}
	for _, w := range words {
		count(w.text, t.words[w.text])
		for i := range w.text {
			if is := t.begin[w.text[:i]]; i >= shortestBegin && is != nil {
				count(w.text[:i]+"*", is)
			}
		}
		if !isUnspaced(w.text) {
			continue
		}
		for part, is := range t.inside {
			if strings.Contains(w.text, part) {
				count(part, is)
			}
		}
	}
	return n
}

// maxTone is the most words of a note.
const maxTone = 60

// toneIn reads a note by its tone. What it finds speaks to the owner.
func toneIn(words []word) (saying, bool) {
	words = withoutRepeats(words)
	if len(words) > maxTone || isReport(words) {
		return saying{}, false
	}
	n := toneWords.of(words)
	matter := n[toneHole] + n[toneLoot]
	var about sense
	for _, w := range words {
		about |= senses.of(w.text)
	}
	admin := about&senseAdmin != 0
	ofServers := matter > 0 || about&(senseBreak|senseGuard|senseWeak|senseSleep) != 0
	switch {
	case n[toneChat] >= 2 && (ofServers || admin):
	case n[toneChat] >= 1 && admin && (ofServers || n[toneBack] > 0):
	case speaksToAdmin(words) && about&senseCare == 0 && !isAdvice(words) && (matter > 0 || about&senseBreak != 0):
	default:
		return saying{}, false
	}
	p := phrase{phraseSource: phraseSource{class: address}, text: "tone of a note to the admin"}
	// A note counts as a short text, however chatty.
	return saying{phrase: p, signature: true, size: min(len(words), maxSense)}, true
}

// speaksToAdmin reports a text that begins a sentence with the admin, or with a
// greeting and him.
func speaksToAdmin(words []word) bool {
	for i, w := range words {
		if senses.of(w.text)&senseAdmin == 0 || isUnspaced(w.text) {
			continue
		}
		if w.first || i > 0 && hailing[words[i-1].text] && words[i-1].first {
			return true
		}
	}
	return false
}

// hailing are the words that call somebody.
var hailing = foldedSet("hey", "hi", "hello", "dear", "yo", "oi", "ei", "sorry", "oye", "arey", "janab", "hola", "querido", "estimado", "olá", "caro", "halo", "hai", "selam", "merhaba", "sayın", "یا", "ای", "اے", "او", "سلام", "عزیزی",
	"غزیزي", "محترم", "پیارے", "جناب", "هی", "ڙي", "अरे", "हे", "प्रिय", "श्रीमान", "ও", "ওহে", "প্রিয়", "হে", "привет", "эй", "уважаемый", "дорогой", "привіт", "bonjour", "cher", "hallo", "lieber")

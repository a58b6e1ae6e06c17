package compare

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A site writes in its own languages. New text in another one is no proof of
// anything, and a signal where it is prominent: whoever breaks in writes for his
// own people. What is known of a site's languages is small: which scripts its
// letters are of, how often it uses the commonest words of some languages, and how
// often three letters follow each other.

// character is how the approved looks of a page write.
type character struct {
	Letters map[string]int `json:"letters"` // by script
	Tongues map[string]int `json:"tongues"` // common words by language
	// Grams counts three letters in a row, hashed, up to 255: 5.5 kB as JSON.
	Grams []byte `json:"grams"`
}

const gramCells = 4096

// maxCharacter bounds the text of one look that its character is read from.
const maxCharacter = 256 << 10

// characterOf reads the character of the text that a visitor sees.
func characterOf(blocks []*block) *character {
	ch := &character{Letters: map[string]int{}, Tongues: map[string]int{}, Grams: make([]byte, gramCells)}
	read := 0
	for _, b := range blocks {
		if b.hidden != "" {
			continue
		}
		if read += len(b.text); read > maxCharacter {
			break
		}
		ch.read(b.text)
	}
	return ch
}

func (ch *character) read(text string) {
	for _, w := range foldWords(text) {
		script := scriptOf(w.text)
		if script == "" {
			continue
		}
		runes := []rune(w.text)
		ch.Letters[script] += len(runes)
		for _, t := range tongueOf[w.text] {
			ch.Tongues[t]++
		}
		if ch.Grams == nil {
			continue
		}
		grams(runes, func(cell int) {
			if ch.Grams[cell] < 255 {
				ch.Grams[cell]++
			}
		})
	}
}

// grams calls do for each three letters of a word; its ends count as letters.
func grams(w []rune, do func(cell int)) {
	a, b := rune(' '), w[0]
	for i := 1; i <= len(w); i++ {
		c := rune(' ')
		if i < len(w) {
			c = w[i]
		}
		h := ((uint64(a)*hashPrime^uint64(b))*hashPrime ^ uint64(c)) * hashPrime
		do(int(h>>40) % gramCells)
		a, b = b, c
	}
}

// join takes in the character of another look of the same page: what is on both
// counts once.
func (ch *character) join(o *character) *character {
	if ch == nil {
		return o
	}
	maxCounts(ch.Letters, o.Letters)
	maxCounts(ch.Tongues, o.Tongues)
	for i := range min(len(ch.Grams), len(o.Grams)) {
		ch.Grams[i] = max(ch.Grams[i], o.Grams[i])
	}
	return ch
}

// enoughLetters are what a page must have written for its character to be known.
const enoughLetters = 400

func (ch *character) known() bool {
	return ch != nil && len(ch.Grams) == gramCells && total(ch.Letters) >= enoughLetters
}

func total(counts map[string]int) int {
	n := 0
	for _, k := range counts {
		n += k
	}
	return n
}

// strangeness is the cross-entropy of a text against the character, in bits for
// each three letters: how surprising it is. Two texts of one site differ by less
// than a bit.
func (ch *character) strangeness(text string) float64 {
	all, n, bits := 0.0, 0, 0.0
	for _, k := range ch.Grams {
		all += float64(k)
	}
	for _, w := range foldWords(text) {
		if scriptOf(w.text) == "" {
			continue
		}
		grams([]rune(w.text), func(cell int) {
			n++
			bits -= math.Log2((float64(ch.Grams[cell]) + 0.5) / (all + 0.5*gramCells))
		})
	}
	if n == 0 {
		return 0
	}
	return bits / float64(n)
}

// scripts are told apart by their first letter; those that one language mixes are
// one.
var scripts = []struct {
	name   string
	tables []*unicode.RangeTable
}{
	{"Arabic", []*unicode.RangeTable{unicode.Arabic}}, {"Cyrillic", []*unicode.RangeTable{unicode.Cyrillic}}, {"Greek", []*unicode.RangeTable{unicode.Greek}},
	{"Hebrew", []*unicode.RangeTable{unicode.Hebrew}}, {"Devanagari", []*unicode.RangeTable{unicode.Devanagari}}, {"Bengali", []*unicode.RangeTable{unicode.Bengali}},
	{"Chinese or Japanese", []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana}}, {"Korean", []*unicode.RangeTable{unicode.Hangul}}, {"Thai", []*unicode.RangeTable{unicode.Thai}},
	{"Armenian", []*unicode.RangeTable{unicode.Armenian}}, {"Georgian", []*unicode.RangeTable{unicode.Georgian}}, {"Tamil", []*unicode.RangeTable{unicode.Tamil}}, {"Gurmukhi", []*unicode.RangeTable{unicode.Gurmukhi}},
}

// scriptOf is the script of a word, "" for a number and for what is in none of
// the scripts that are told apart.
func scriptOf(w string) string {
	for _, r := range w {
		if r < unicode.MaxASCII {
			if r >= 'a' && r <= 'z' {
				return "Latin"
			}
			continue
		}
		for _, s := range scripts {
			if unicode.In(r, s.tables...) {
				return s.name
			}
		}
		if unicode.Is(unicode.Latin, r) {
			return "Latin"
		}
	}
	return ""
}

// tongues are some of the commonest words of languages in Latin letters, those
// that their neighbours do not have.
var tongues = map[string]string{
	"English":    "the of and with are this that from was were have has been which for will you your our not",
	"Indonesian": "yang dan untuk dengan ini itu dari telah anda kami tidak adalah akan juga atau pada oleh bisa kalian saya sudah karena kita",
	"Turkish":    "ve bir için ile olarak daha olan değil gibi çok kadar sizin bizim biz siz ama her şey bu",
	"Portuguese": "não uma você são dos das pelo pela mais seu nós isso também foi muito",
	"Spanish":    "los las una del por más pero este esta sus nosotros usted también muy fue como",
	"French":     "les des une est pour dans vous nous pas avec sur votre cette ont sont",
	"German":     "und der die das ist nicht mit für wir sie den von auf ihre eure",
	"Italian":    "che della sono questo gli nel alla più anche degli siamo",
	"Vietnamese": "của và không bạn cho các một được người trong chúng tôi này",
	"Albanian":   "dhe një për është nga jemi juaj shqip kemi",
	"Polish":     "nie się jest jest na że przez który oraz",
	"Romanian":   "și pentru este sunt care din nu prin acest",
	"Tagalog":    "ang ng mga sa ay hindi kayo kami ito",
	"Roman Urdu": "hai hain aur nahi ka ki ko mein hum aap kar raha gaya tum",
}

// tongueOf lists the languages by their words.
var tongueOf = indexTongues()

func indexTongues() map[string][]string {
	m := map[string][]string{}
	for _, t := range slices.Sorted(maps.Keys(tongues)) {
		for w := range foldedSet(strings.Fields(tongues[t])...) {
			m[w] = append(m[w], t)
		}
	}
	return m
}

// How much of a language makes it a text's.
const (
	fewTongueWords = 4    // common words: less is a name or a quotation
	tongueShare    = 0.6  // of all common words in the text
	knownShare     = 0.03 // of the site's: then it has used it before
	fewLetters     = 40   // of an unknown script: less is a greeting
)

// stranger names the language or script of a text, if it is none of the site's,
// and "" otherwise. English is every site's, the letters of its country are too.
func (ch *character) stranger(text, host string) string {
	t := character{Letters: map[string]int{}, Tongues: map[string]int{}}
	t.read(text)
	script, n := most(t.Letters)
	if n < fewLetters || 2*n < total(t.Letters) {
		return ""
	}
	if script != "Latin" {
		if float64(ch.Letters[script]) >= knownShare*float64(total(ch.Letters)) || slices.Contains(national[countryOf(host)], script) {
			return ""
		}
		return script
	}
	tongue, n := most(t.Tongues)
	all := total(ch.Tongues)
	switch {
	case tongue == "English" || n < fewTongueWords || float64(n) < tongueShare*float64(total(t.Tongues)):
		return ""
	case float64(ch.Tongues[tongue]) >= knownShare*float64(all) && ch.Tongues[tongue] > 0:
		return ""
	case slices.Contains(national[countryOf(host)], tongue):
		return ""
	}
	return tongue
}

// national are the scripts and languages that surprise nobody on a site of a
// country, whatever it wrote so far.
var national = map[string][]string{
	"pk": {"Arabic", "Roman Urdu"}, "ir": {"Arabic"}, "af": {"Arabic"}, "sa": {"Arabic"}, "ae": {"Arabic"}, "eg": {"Arabic"}, "iq": {"Arabic"}, "jo": {"Arabic"}, "sy": {"Arabic"}, "lb": {"Arabic"}, "ma": {"Arabic", "French"},
	"dz": {"Arabic", "French"}, "tn": {"Arabic", "French"}, "ly": {"Arabic"}, "om": {"Arabic"}, "qa": {"Arabic"}, "kw": {"Arabic"}, "bh": {"Arabic"}, "ye": {"Arabic"}, "sd": {"Arabic"}, "ps": {"Arabic"},
	"in": {"Devanagari", "Bengali", "Tamil", "Gurmukhi", "Arabic", "Roman Urdu"}, "np": {"Devanagari"}, "bd": {"Bengali"}, "lk": {"Tamil"}, "il": {"Hebrew", "Arabic"}, "gr": {"Greek"}, "cy": {"Greek", "Turkish"},
	"ru": {"Cyrillic"}, "ua": {"Cyrillic"}, "by": {"Cyrillic"}, "bg": {"Cyrillic"}, "rs": {"Cyrillic"}, "kz": {"Cyrillic"}, "kg": {"Cyrillic"}, "uz": {"Cyrillic"}, "mn": {"Cyrillic"}, "th": {"Thai"}, "kr": {"Korean"},
	"cn": {"Chinese or Japanese"}, "tw": {"Chinese or Japanese"}, "hk": {"Chinese or Japanese"}, "jp": {"Chinese or Japanese"}, "sg": {"Chinese or Japanese", "Tamil", "Indonesian"}, "am": {"Armenian"}, "ge": {"Georgian"},
	"id": {"Indonesian"}, "my": {"Indonesian", "Chinese or Japanese", "Tamil", "Arabic"}, "tr": {"Turkish"}, "az": {"Turkish"}, "br": {"Portuguese"}, "pt": {"Portuguese"}, "ao": {"Portuguese"}, "mz": {"Portuguese"}, "es": {"Spanish"}, "mx": {"Spanish"},
	"ar": {"Spanish"}, "co": {"Spanish"}, "pe": {"Spanish"}, "cl": {"Spanish"}, "ve": {"Spanish"}, "ec": {"Spanish"}, "fr": {"French"}, "be": {"French", "German"}, "ch": {"French", "German", "Italian"}, "ca": {"French"}, "de": {"German"}, "at": {"German"},
	"it": {"Italian"}, "vn": {"Vietnamese"}, "al": {"Albanian"}, "pl": {"Polish"}, "ro": {"Romanian"}, "md": {"Romanian", "Cyrillic"}, "ph": {"Tagalog"},
}

// countryOf is the last label of a host.
func countryOf(host string) string { return host[strings.LastIndexByte(host, '.')+1:] }

// most is the largest count; of two equal ones the first by name.
func most(counts map[string]int) (name string, n int) {
	for _, k := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	}) {
		return k, counts[k]
	}
	return "", 0
}

// newVisible is the new text that a visitor sees, and its letters.
func (c *comparison) newVisible() string {
	var b strings.Builder
	for _, n := range c.newBlocks {
		if n.hidden == "" && b.Len()+len(n.text) < maxCharacter {
			b.WriteString(n.text)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// characterHits judges new text by its language. Prominent is a title, large
// letters, a place where the design has no text, or half of the page. A site that shows all its pages in one more language
// keeps its pictures, ids and links.
func characterHits(c *comparison) []hit {
	if c.base == nil || !c.base.Character.known() {
		return nil
	}
	own, host := c.base.Character, hostOf(c.look.View.URL)
	if s := own.stranger(strings.Repeat(c.look.View.Title+" ", 3), host); s != "" && !slices.Contains(c.base.Titles, c.look.View.Title) && scriptOnly(s) {
		return []hit{{rule: "defacement.character", strength: c.characterStrength(vote), evidence: excerpt(s + " in the title: " + c.look.View.Title)}}
	}
	for _, b := range c.newBlocks {
		if s := (saying{block: b}); (s.loud() || c.isStray(b)) && !c.isHeadline(b) {
			if name := own.stranger(b.text, host); name != "" {
				return []hit{{rule: "defacement.character", strength: c.characterStrength(vote), evidence: excerpt(name + ": " + b.text), region: regionOf(b)}}
			}
		}
	}
	text := c.newVisible()
	name := own.stranger(text, host)
	if name == "" || 20*len(text) < c.page.chars {
		return c.strangeSentence()
	}
	h := hit{rule: "defacement.character", strength: note, evidence: excerpt(fmt.Sprintf("%s, %.1f bits of surprise: %s", name, own.strangeness(text), text))}
	if 2*len([]rune(text)) > c.page.chars {
		h.strength = c.characterStrength(vote)
	}
	return []hit{h}
}

// strangeSentence judges a sentence that stands nowhere in particular. Links and rows
// of lists are passed over: menus of languages and names of treaties are there.
func (c *comparison) strangeSentence() []hit {
	for _, b := range c.newBlocks {
		if b.hidden != "" || b.linked || entries[b.tag] || programText(b) || !isSentence(b.text) {
			continue
		}
		if name := c.base.Character.stranger(b.text, hostOf(c.look.View.URL)); name != "" {
			return []hit{{rule: "defacement.character", strength: note, evidence: excerpt(name + ": " + b.text), region: regionOf(b)}}
		}
	}
	return nil
}

// sentenceWords make a sentence: fewer are a greeting or a name. Where words are
// not told apart by spaces, two letters are taken for one.
const sentenceWords = 8

func isSentence(text string) bool {
	if isUnspaced(text) {
		return utf8.RuneCountInString(text) >= 2*sentenceWords
	}
	return len(plainWords(text)) >= sentenceWords
}

// characterStrength makes a note of what a site that switched its language does.
func (c *comparison) characterStrength(s strength) strength {
	if c.kept.landmarks >= 0.3 && c.kept.text < 0.5 && c.kept.paths >= 0.5 {
		return note
	}
	return s
}

// scriptOnly reports a name that is one of a script: in a title there are too few
// words to tell languages by.
func scriptOnly(name string) bool { _, tongue := tongues[name]; return !tongue }

package compare

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// phrase is one pattern of the lexicon, or what it matched.
type phrase struct {
	phraseSource
	text string // folded, words with one space between
}

func isUnspaced(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r >= 0x3040 && r <= 0x9fff || r >= 0xe00 && r <= 0xe7f || r >= 0xf900 && r <= 0xfaff
	})
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x3400 && r <= 0x9fff })
}

// lexicon is phraseSources, laid out for one pass over a text.
var lexicon = layOut(phraseSources)

// wordGraph finds all phrases that begin at a word in as many steps as they have
// words. Patterns stand for a hundred thousand phrases; the graph has one edge for
// each word that is written in them.
type wordGraph struct {
	phrases  []phrase
	root     wordNode
	unspaced []int // phrases that are looked for inside of words
}

type wordNode struct {
	next map[string][]*wordNode
	ends []int                 // phrases that end here
	open map[string][]openWord // phrases whose last word is only begun, by its first bytes
}

type openWord struct {
	begin  string
	phrase int
}

// beginKey is how many bytes begun words are looked up by; none is shorter.
const beginKey = 3

func (n *wordNode) begin(w string, phrase int) {
	if n.open == nil {
		n.open = map[string][]openWord{}
	}
	n.open[w[:beginKey]] = append(n.open[w[:beginKey]], openWord{w, phrase})
}

// layOut makes the graph. The more telling classes come first.
func layOut(sources []phraseSource) *wordGraph {
	g := &wordGraph{}
	sources = slices.Clone(sources)
	slices.SortStableFunc(sources, func(a, b phraseSource) int { return a.class.order() - b.class.order() })
	for _, s := range sources {
		for _, pattern := range s.texts {
			i := len(g.phrases)
			g.phrases = append(g.phrases, phrase{phraseSource: s, text: pattern})
			if isUnspaced(pattern) {
				g.phrases[i].text = joinWords(foldWords(pattern))
				g.unspaced = append(g.unspaced, i)
				continue
			}
			g.add(pattern, i)
			if s.class == claim && isASCII(pattern) {
				g.addJoined(pattern, i)
			}
		}
	}
	return g
}

// addJoined adds the phrases of a pattern as one word each, as a text that was
// spelled letter by letter reads: "hackedbyfox".
func (g *wordGraph) addJoined(pattern string, phrase int) {
	for _, t := range spellOut([]string{pattern}) {
		if words := foldWords(t); len(words) == 2 || len(words) == 3 {
			g.root.begin(strings.ReplaceAll(joinWords(words), " ", ""), phrase)
		}
	}
}

// add lays a pattern into the graph. After each of its parts the ways that are
// between words meet in one node; begun words are kept until they end.
func (g *wordGraph) add(pattern string, phrase int) {
	ways := map[string][]*wordNode{"": {&g.root}} // by the begun word
	for _, choices := range slotsOf(pattern) {
		after := map[string][]*wordNode{}
		meet := map[string]*wordNode{}
		for _, begun := range slices.Sorted(maps.Keys(ways)) {
			nodes := ways[begun]
			for _, c := range choices {
				done, rest := "", begun+c
				if cut := strings.LastIndexByte(rest, ' '); cut >= 0 {
					done, rest = rest[:cut], rest[cut+1:]
				}
				words := foldWords(done)
				if len(words) == 0 {
					after[rest] = append(after[rest], nodes...)
					continue
				}
				if meet[rest] == nil {
					meet[rest] = &wordNode{}
					after[rest] = append(after[rest], meet[rest])
				}
				for _, n := range nodes {
					n.path(words[:len(words)-1]).edge(words[len(words)-1].text, meet[rest])
				}
			}
		}
		ways = after
	}
	for _, begun := range slices.Sorted(maps.Keys(ways)) {
		text, open := strings.CutSuffix(begun, "*")
		words := foldWords(text)
		for _, n := range ways[begun] {
			if open && len(words) > 0 {
				n.path(words[:len(words)-1]).begin(words[len(words)-1].text, phrase)
			} else if n = n.path(words); n != &g.root {
				n.ends = append(n.ends, phrase)
			}
		}
	}
}

// path leads along words that are nobody else's.
func (n *wordNode) path(words []word) *wordNode {
	for _, w := range words {
		to := &wordNode{}
		n.edge(w.text, to)
		n = to
	}
	return n
}

func (n *wordNode) edge(w string, to *wordNode) {
	if n.next == nil {
		n.next = map[string][]*wordNode{}
	}
	if !slices.Contains(n.next[w], to) {
		n.next[w] = append(n.next[w], to)
	}
}

// slotsOf splits a pattern into its parts, each a list of what may stand there.
func slotsOf(pattern string) [][]string {
	var out [][]string
	for pattern != "" {
		before, rest, found := strings.Cut(pattern, "{")
		if before != "" {
			out = append(out, []string{before})
		}
		if !found {
			break
		}
		choices, after, _ := strings.Cut(rest, "}")
		out, pattern = append(out, strings.Split(choices, "|")), after
	}
	return out
}

// spellOut writes out all phrases of patterns.
func spellOut(patterns []string) []string {
	var out []string
	for _, p := range patterns {
		texts := []string{""}
		for _, choices := range slotsOf(p) {
			var longer []string
			for _, t := range texts {
				for _, c := range choices {
					longer = append(longer, t+c)
				}
			}
			texts = longer
		}
		out = append(out, texts...)
	}
	return out
}

// match is a phrase and where in a text it stands: words from at up to end.
type match struct {
	phrase  int
	at, end int
}

// find lists the phrases in a text, each at its first place only and none that is
// part of a longer one there.
func (g *wordGraph) find(words []word) []match {
	var out []match
	for i := range words {
		g.beginning(words, i, func(phrase, end int) {
			if slices.ContainsFunc(out, func(m match) bool { return m.phrase == phrase || m.at <= i && m.end >= end && m.end-m.at > end-i }) {
				return
			}
			out = slices.DeleteFunc(out, func(m match) bool { return m.at >= i && m.end <= end && m.end-m.at < end-i })
			out = append(out, match{phrase, i, end})
		})
	}
	return out
}

// beginning calls add for each phrase that begins at a word, with its end.
func (g *wordGraph) beginning(words []word, i int, add func(phrase, end int)) {
	nodes := []*wordNode{&g.root}
	for k := i; k < len(words) && len(nodes) > 0; k++ {
		w := words[k].text
		var next []*wordNode
		for _, n := range nodes {
			for _, o := range n.open[w[:min(beginKey, len(w))]] {
				if strings.HasPrefix(w, o.begin) {
					add(o.phrase, k+1)
				}
			}
			next = append(next, n.next[w]...)
		}
		for _, n := range next {
			for _, p := range n.ends {
				add(p, k+1)
			}
		}
		nodes = next
	}
	if !isUnspaced(words[i].text) {
		return
	}
	for _, p := range g.unspaced {
		if strings.Contains(words[i].text, g.phrases[p].text) {
			add(p, i+1)
		}
	}
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
	masked    bool   // its letters were disguised
	named     bool   // a name in disguise stands beside it
	reported  bool   // the text around it speaks of police, officials or what to do
	size      int    // words of the whole piece
	place     int    // of the block among the new ones
}

// findPhrases looks for the lexicon in one piece of text.
func findPhrases(text string) []saying {
	return sayingsIn(plainWords(text), strings.ContainsAny(text, "?؟"))
}

// sayingsIn looks for the lexicon in words. asked tells that there is a question
// mark among them: who asks is not signing.
func sayingsIn(words []word, asked bool) []saying {
	var out []saying
	reported := -1
	for _, m := range lexicon.find(words) {
		p := lexicon.phrases[m.phrase]
		if !isUnspaced(p.text) {
			p.text = joinWords(words[m.at:m.end])
		}
		s := saying{phrase: p, size: len(words), masked: anyMasked(words[m.at:m.end])}
		if p.within > 0 && len(words) > p.within && !s.masked {
			continue
		}
		t := passage{words, m}
		s.signature, s.named = p.isSignature(t), p.class == claim && anyMasked(t.beside(p))
		if p.class == tag && !s.masked && !(s.signature && t.isTag(p)) || p.class == bare && (!t.alone() && !s.masked || asked) {
			continue
		}
		if reported < 0 {
			reported = 0
			if isReport(words) {
				reported = 1
			}
		}
		s.reported = reported == 1 && !t.opens(p) || t.conditional() || t.bySomeone(p)
		out = append(out, s)
	}
	if slices.ContainsFunc(out, func(s saying) bool { return s.class == claim || s.class == address }) {
		return out
	}
	if s, ok := senseIn(words, asked); ok {
		return append(out, s)
	}
	if s, ok := toneIn(words); ok {
		out = append(out, s)
	}
	return out
}

func anyMasked(words []word) bool {
	return slices.ContainsFunc(words, func(w word) bool { return w.masked })
}

// passage is a phrase in its sentence.
type passage struct {
	words []word
	match
}

// start is the index of the first word of the phrase's sentence.
func (t passage) start() int {
	i := t.at
	for i > 0 && !t.words[i].first {
		i--
	}
	return i
}

// rest are the words of the sentence behind the phrase.
func (t passage) rest() []word {
	for i := t.end; i < len(t.words); i++ {
		if t.words[i].first {
			return t.words[t.end:i]
		}
	}
	return t.words[t.end:]
}

// alone reports a phrase that is a sentence of its own, but for words such as
// "this site is" and "admin".
func (t passage) alone() bool {
	other := func(w word) bool { return !leads[w.text] }
	return !slices.ContainsFunc(t.words[t.start():t.at], other) && !slices.ContainsFunc(t.rest(), other)
}

// conditional reports "if your site was hacked", "what to do when".
func (t passage) conditional() bool {
	return slices.ContainsFunc(t.words[t.start():t.at], func(w word) bool { return conditions[w.text] })
}

// bySomeone reports "hackers have hacked" and "hacked by a group": a report has a
// common noun where a signature has a name.
func (t passage) bySomeone(p phrase) bool {
	if p.class != claim && p.class != address {
		return false
	}
	rest := t.rest()
	return len(rest) > 0 && p.class == claim && vague[rest[0].text] ||
		p.last && slices.ContainsFunc(t.words[t.start():t.at], func(w word) bool { return someone[w.text] })
}

// opens reports a claim that is the first thing said: who reports names the victim
// first.
func (t passage) opens(p phrase) bool { return p.class == claim && !p.last && t.at == 0 }

// isTag reports a claim that ordinary sentences make as well ("owned by", "was
// here") where what stands beside it is no ordinary name, or its letters are in
// disguise.
func (t passage) isTag(p phrase) bool {
	if p.sure || anyMasked(t.words[t.at:t.end]) || slices.ContainsFunc(t.words, func(w word) bool { return w.text == "admin" }) {
		return true
	}
	if len(t.words) > shortTag {
		return len(t.words) <= shortBlock && anyMasked(t.beside(p))
	}
	names := t.rest()
	if p.last {
		names = t.words[t.start():t.at]
	}
	return slices.ContainsFunc(names, func(w word) bool {
		return w.masked || gangs[w.text] || strings.HasSuffix(w.text, "1337") || strings.HasSuffix(w.text, "ieet")
	})
}

// beside are the words in which a phrase names whom it speaks of: the next ones, or
// those before where the verb comes last.
func (t passage) beside(p phrase) []word {
	if names := t.rest(); !p.last {
		return names[:min(len(names), nameWords)]
	}
	before := t.words[t.start():t.at]
	return before[max(0, len(before)-nameWords):]
}

// nameWords are the words that a name has at most.
const nameWords = 3

// shortTag is the most words of a piece that "owned by" signs.
const shortTag = 10

// isSignature reports a phrase that its author wrote about himself. "Hacked by X"
// begins its sentence, or follows words such as "this site was"; a headline ("Ministry
// website hacked by X") has a subject before it. Where the verb comes last, the
// sentence is short, and begins with the page or a name that is no common noun.
func (p phrase) isSignature(t passage) bool {
	if isUnspaced(p.text) {
		return utf8.RuneCountInString(t.words[t.at].text) <= 24 && len(t.words) <= 12
	}
	if t.conditional() || t.bySomeone(p) {
		return false
	}
	before := t.words[t.start():t.at]
	if p.last {
		named := (p.class == claim || p.class == tag) && len(before) <= 3 && len(t.words) <= 14
		return named || len(t.words) <= 25 && len(before) > 0 && deictic[before[0].text]
	}
	return !slices.ContainsFunc(before, func(w word) bool { return !leads[w.text] })
}

// isReport reports words of those who speak about a break-in: the police, a
// ministry, a newspaper.
func isReport(words []word) bool {
	return slices.ContainsFunc(words, func(w word) bool { return reporting[w.text] })
}

// searchBlocks looks for the lexicon in many blocks.
func searchBlocks(blocks []*block) []saying {
	var out []saying
	read := make([][]word, len(blocks))
	for k, b := range blocks {
		read[k] = plainWords(b.text)
		asked := strings.ContainsAny(b.text, "?؟")
		found := sayingsIn(read[k], asked)
		for _, text := range b.glued() {
			found = append(found, sayingsIn(allMasked(plainWords(text)), asked)...)
		}
		for _, s := range found {
			s.block, s.place = b, k
			out = append(out, s)
		}
	}
	return append(out, acrossBlocks(blocks, read)...)
}

// allMasked marks words that had to be put together from pieces.
func allMasked(words []word) []word {
	for i := range words {
		words[i].masked = true
	}
	return words
}

// Bounds of what is put together from pieces.
const (
	shortPiece = 3  // letters: more is a word that was set in bold
	maxGaps    = 12 // places that the pieces of one block are tried at
	maxPieces  = 64 // the most pieces of a block, if it is to be put together
)

// glued puts together what was cut up: <b>h</b><b>a</b><b>c</b>..., and h<b>a</b>cked,
// of which the view knows "h cked" and "a".
func (b *block) glued() []string {
	if len(b.pieces) < 2 {
		return nil
	}
	var out []string
	small := 0
	for _, p := range b.pieces {
		if utf8.RuneCountInString(p) <= shortPiece {
			small++
		}
	}
	if small >= 4 && 4*small >= 3*len(b.pieces) {
		out = append(out, strings.Join(b.pieces, ""))
	}
	gaps := strings.Split(b.pieces[0], " ")
	if inner := b.pieces[1:]; small > 0 && len(gaps) > 1 && len(inner) <= 6 {
		for at := 0; at+len(inner) < len(gaps) && at < maxGaps; at++ {
			var t strings.Builder
			for i, g := range gaps {
				t.WriteString(g)
				switch k := i - at; {
				case k >= 0 && k < len(inner) && utf8.RuneCountInString(inner[k]) <= shortPiece:
					t.WriteString(inner[k])
				case i < len(gaps)-1:
					t.WriteByte(' ')
				}
			}
			out = append(out, t.String())
		}
	}
	return out
}

// Lines of a message that stands on several: "HACKED", "BY", "QuietFox".
const (
	fewWords = 4
	fewLines = 5
)

// acrossBlocks looks for claims that go over several short blocks in a row. read
// are their words.
func acrossBlocks(blocks []*block, read [][]word) []saying {
	var out []saying
	for k := range blocks {
		end := k
		for end < len(blocks) && end < k+fewLines && len(read[end]) <= fewWords && !blocks[end].linked {
			end++
		}
		if end < k+2 {
			continue
		}
		words := slices.Concat(read[k:end]...)
		for i := range words {
			words[i].first = i == 0
		}
		for _, s := range sayingsIn(words, false) {
			if s.class == claim && strings.Contains(s.text, " ") {
				s.block, s.place = blocks[k], k
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
	for _, s := range searchBlocks(f.allBlocks()) {
		out[s.text]++
	}
	for _, s := range findPhrases(f.view.Title) {
		out[s.text]++
	}
	return out
}

func (f *features) allBlocks() []*block {
	blocks := make([]*block, len(f.blocks))
	for i := range f.blocks {
		blocks[i] = &f.blocks[i]
	}
	return blocks
}

// Bounds of what counts as loud or short.
const (
	shortBlock    = 40  // words: a signature block, not an article
	headlineWords = 12  // words: not even a sentence of news
	shortPage     = 150 // words: measured medians are 161 characters for defacements, 5,116 for other pages
	loudFont      = 26  // CSS pixels: set to be seen
)

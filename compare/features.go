package compare

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// features is what comparison derives from one View.
type features struct {
	view   View
	salt   uint64 // of every hash
	blocks []block
	// words counts those a visitor sees; chars their characters.
	words, chars int
	shingles     hashSet // 3-word shingles of the visible text
	vocabulary   hashSet // distinct visible words of some length
	paths        hashSet // tag paths, each occurrence up to maxSamePath on its own
	landmarks    hashSet // titles, ids, picture files and link paths
	known        hashSet // the blocks, one hash each, shown or not
	places       hashSet // where they stand
	ownLinks     int     // visible links to the same site
}

// block is a piece of running text: an element that starts a line of its own and
// the inline elements in it.
type block struct {
	text   string
	tag    string
	box    Box
	hidden string
	size   float32 // the largest font in it
	linked bool    // all of it stands in a link
	hash   uint32
	place  uint32   // tags, ids and classes from the root to it, hashed
	pieces []string // the texts it was put together from, if any of them is a few letters
}

// Bounds of what is derived from one View. A view is bounded where it is made;
// these keep one element from costing more than its share.
const (
	maxSamePath  = 8  // a list of 500 rows counts like one of 8
	maxPathDepth = 40 // deeper elements share the path of their ancestor
	shingleWords = 3  // "text 3-shingle" of the measurements
)

// inline are the elements that continue the line they stand in.
var inline = set("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "cite", "code", "em", "font", "i", "ins", "kbd",
	"label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr")

// silent are the elements whose text nobody reads.
var silent = set("script", "style", "noscript", "template", "head", "title", "meta", "link", "object")

func set(members ...string) map[string]bool {
	m := make(map[string]bool, len(members))
	for _, s := range members {
		m[s] = true
	}
	return m
}

// derive reads all features of a View in one pass over its elements.
func derive(v View) *features { return Secret(0).derive(v) }

func (s Secret) derive(v View) *features {
	f := &features{view: v, salt: s.salt()}
	f.readBlocks()
	f.readText()
	f.readPaths()
	f.readLandmarks()
	return f
}

// readBlocks joins the text of inline elements to that of the element that
// holds them. An element knows its own text only, so that in mixed content
// ("by <b>X</b> today") the words of a block can change order; shingles of two
// looks change alike.
func (f *features) readBlocks() {
	es := f.view.Elements
	owner := make([]int32, len(es)) // block of each element, -1 if silent
	linked := make([]bool, len(es))
	place := make([]uint64, len(es))
	var text [][]byte
	var pieces pieceLists
	for i, e := range es {
		p := e.Parent
		if p >= int32(i) {
			p = -1 // hostile: a parent stands before its children
		}
		place[i] = f.salt
		if p >= 0 {
			place[i] = place[p]
		}
		place[i] = hash(hash(place[i], e.Tag), e.Key)
		quiet := silent[e.Tag] || p >= 0 && owner[p] == -1
		linked[i] = e.Tag == "a" || p >= 0 && linked[p]
		switch {
		case quiet:
			owner[i] = -1
			continue
		case inline[e.Tag] && p >= 0 && f.blocks[owner[p]].hidden == e.Hidden:
			owner[i] = owner[p]
		default:
			owner[i] = int32(len(f.blocks))
			f.blocks = append(f.blocks, block{tag: e.Tag, box: e.Box, hidden: e.Hidden, linked: true, place: short(place[i])})
			text = append(text, nil)
		}
		if words := firstOf(e.Text, e.Alt); words != "" {
			b := &f.blocks[owner[i]]
			b.linked = b.linked && linked[i]
			b.size = max(b.size, e.FontSize)
			pieces.add(owner[i], words)
			if t := &text[owner[i]]; len(*t) < maxFold {
				if len(*t) > 0 {
					*t = append(*t, ' ')
				}
				*t = append(*t, words...)
			}
		}
	}
	kept := f.blocks[:0]
	for i, b := range f.blocks {
		b.pieces = pieces.cutUp(int32(i))
		if b.text = string(text[i]); b.text != "" {
			kept = append(kept, b)
		}
	}
	f.blocks = kept
}

// pieceLists collects the texts that blocks are put together from. Most blocks
// have one, which costs nothing.
type pieceLists struct {
	first []string
	all   map[int32][]string
}

func (l *pieceLists) add(block int32, text string) {
	for int(block) >= len(l.first) {
		l.first = append(l.first, "")
	}
	switch list := l.all[block]; {
	case l.first[block] == "":
		l.first[block] = text
	case list == nil:
		if isPiece(l.first[block]) || isPiece(text) {
			if l.all == nil {
				l.all = map[int32][]string{}
			}
			l.all[block] = []string{l.first[block], text}
		}
	case len(list) <= maxPieces:
		l.all[block] = append(list, text)
	}
}

// cutUp returns the pieces of a block if they are such as words cut up leave.
func (l *pieceLists) cutUp(block int32) []string {
	if list := l.all[block]; len(list) <= maxPieces {
		return list
	}
	return nil
}

// isPiece reports a text that is part of a word rather than a word.
func isPiece(s string) bool { return len(s) <= 4*shortPiece && utf8.RuneCountInString(s) <= shortPiece }

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// readText hashes the words: all blocks become known, the visible ones
// make the shingles and the vocabulary.
func (f *features) readText() {
	var shingles, vocabulary, known, places []uint32
	var last [shingleWords]uint64 // hashes of the last words, oldest first
	n := 0
	for i := range f.blocks {
		b := &f.blocks[i]
		bh := f.salt
		for _, w := range foldWords(b.text) {
			t := withoutNumber(w.text)
			h := hash(f.salt, t)
			bh = (bh ^ h) * hashPrime
			if b.hidden != "" {
				continue
			}
			f.chars += utf8.RuneCountInString(w.text)
			n++
			copy(last[:], last[1:])
			last[shingleWords-1] = h
			if n >= shingleWords {
				shingles = append(shingles, short((last[0]*31+last[1])*31+last[2]))
			}
			if telling(t) {
				vocabulary = append(vocabulary, short(h))
			}
		}
		b.hash = short(bh)
		known = append(known, b.hash)
		places = append(places, b.place)
	}
	f.words = n
	f.shingles, f.vocabulary, f.known = newHashSet(shingles), newHashSet(vocabulary), newHashSet(known)
	f.places = newHashSet(places)
}

// withoutNumber makes all numbers equal: dates, counters and prices change on
// pages that say the same as before.
func withoutNumber(w string) string {
	for _, r := range w {
		if !unicode.IsDigit(r) {
			return w
		}
	}
	return "0"
}

// telling reports whether a word is long enough to be part of what a site talks about.
func telling(w string) bool {
	if isASCII(w) {
		return len(w) >= 4
	}
	return utf8.RuneCountInString(w) >= 3
}

// readPaths hashes the path of tags from the root to each element. The first
// maxSamePath elements of a path count, so that neither a long list growing nor
// a table emptied drowns the rest of the page.
func (f *features) readPaths() {
	es := f.view.Elements
	at := make([]uint64, len(es))
	depth := make([]int, len(es))
	seen := map[uint64]uint64{}
	var out []uint32
	for i, e := range es {
		up := f.salt
		if p := e.Parent; p >= 0 && int(p) < i {
			up, depth[i] = at[p], depth[p]+1
		}
		at[i] = up
		if depth[i] <= maxPathDepth {
			at[i] = hash(up, e.Tag)
		}
		if seen[at[i]] < maxSamePath {
			seen[at[i]]++
			out = append(out, short(at[i]*31+seen[at[i]]))
		}
	}
	f.paths = newHashSet(out)
}

// readLandmarks collects what a site keeps over years: its title, the ids its
// template uses, the files of its logo and pictures, the paths it links to.
func (f *features) readLandmarks() {
	var marks []uint32
	add := func(kind, value string) {
		if value != "" {
			marks = append(marks, short(hash(hash(f.salt, kind), value)))
		}
	}
	add("title", strings.ToLower(f.view.Title))
	for _, e := range f.view.Elements {
		if e.Src != "" && e.Tag == "img" {
			add("picture", fileOf(e.Src))
		}
		if id, _, _ := strings.Cut(e.Key, "."); strings.HasPrefix(id, "#") {
			add("id", id)
		}
	}
	own := siteOf(hostOf(f.view.FinalURL))
	for _, l := range f.view.Links {
		u, err := url.Parse(l.URL)
		if err != nil || u.Host == "" {
			continue
		}
		if siteOf(strings.ToLower(u.Hostname())) == own {
			add("link", strings.ToLower(u.Path))
			if l.Hidden == "" {
				f.ownLinks++
			}
		}
	}
	f.landmarks = newHashSet(marks)
}

// fileOf is the name of the file in a URL without the parts that builds put in
// it, and "" for data URLs.
func fileOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "data" {
		return ""
	}
	return family(u.Path[strings.LastIndexByte(u.Path, '/')+1:])
}

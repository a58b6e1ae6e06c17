package compare

import "slices"

// Core is what the looks of one design of a page have in common. It is the
// steadiest thing there is: see the package's comment.
type Core struct {
	Text       hashSet `json:"text"`       // shingles of the visible text
	Vocabulary hashSet `json:"vocabulary"` // its longer words
	Paths      hashSet `json:"paths"`      // of tags
	Landmarks  hashSet `json:"landmarks"`
	// OwnLinks is the smallest number of visible links to the site itself.
	OwnLinks int `json:"own_links"`
	// Looks is how many looks it was made of.
	Looks int `json:"looks"`
}

// maxCores bounds how many designs a baseline remembers: two languages, a
// festive dress, and the design before the last.
const maxCores = 4

// designsOf sorts looks, oldest first, into designs: the indices of each in
// rising order, the newest look's design first. What a page shares with its looks
// from before a redesign is next to nothing, and a core of next to nothing can
// never be lost.
func designsOf(looks []*features) [][]int {
	var designs [][]int
	for i, f := range slices.Backward(looks) {
		at := slices.IndexFunc(designs, func(d []int) bool { return sameDesign(f, looks[d[0]]) })
		if at < 0 {
			designs = append(designs, []int{i})
		} else {
			designs[at] = append(designs[at], i)
		}
	}
	for _, d := range designs {
		slices.Reverse(d)
	}
	return designs
}

// sameDesign reports that a look keeps enough of another's text or structure.
func sameDesign(f, newest *features) bool {
	return f.shingles.containment(newest.shingles) >= coreLostBelow || f.paths.containment(newest.paths) >= coreLostBelow
}

// coreOf is what the looks with these indices share.
func coreOf(looks []*features, design []int) Core {
	var c Core
	for n, i := range design {
		f := looks[i]
		if n == 0 {
			c = Core{Text: f.shingles, Vocabulary: f.vocabulary, Paths: f.paths, Landmarks: f.landmarks, OwnLinks: f.ownLinks, Looks: 1}
			continue
		}
		c.Text, c.Vocabulary = c.Text.intersect(f.shingles), c.Vocabulary.intersect(f.vocabulary)
		c.Paths, c.Landmarks = c.Paths.intersect(f.paths), c.Landmarks.intersect(f.landmarks)
		c.OwnLinks, c.Looks = min(c.OwnLinks, f.ownLinks), c.Looks+1
	}
	return c
}

// kept is how much of a core a look has.
type kept struct{ text, paths, vocabulary, landmarks float64 }

func (c Core) kept(f *features) kept {
	return kept{c.Text.containment(f.shingles), c.Paths.containment(f.paths), c.Vocabulary.containment(f.vocabulary), c.Landmarks.containment(f.landmarks)}
}

// nearestCore is the index of the core that a look keeps most of, and what it
// keeps. A baseline without any has lost nothing.
func (b *Baseline) nearestCore(f *features) (int, kept) {
	best, most := 0, kept{1, 1, 1, 1}
	for i, c := range b.Cores {
		k := c.kept(f)
		if i == 0 || k.text+k.paths > most.text+most.paths {
			best, most = i, k
		}
	}
	return best, most
}

package compare

import (
	"bytes"
	"hash/maphash"
	"image"
	"slices"
)

// stretch pairs after's lines [After, After+N) with before's [Before, Before+N).
type stretch struct{ After, Before, N int }

// alignment says which line of the new picture continues which line of the old
// one. What is in no stretch was inserted, or is gone. Stretches are in rising
// order of both.
type alignment struct {
	stretches []stretch
	inserted  []stretch // lines of after without partner; Before is where they went in
	removed   []stretch // lines of before without partner; After is where they stood
}

// align matches the lines of two pictures the way diff tools match the lines of
// two files: what is equal at the top and the bottom goes first, then lines
// that occur once in both are anchors (patience), and what lies between two
// anchors is paired from whichever end fits better. A block inserted at the top
// so shifts the page without making the rest look changed.
func align(before, after *image.RGBA) alignment {
	var a alignment
	nb, na := before.Rect.Dy(), after.Rect.Dy()
	if before.Rect.Dx() != after.Rect.Dx() {
		// Another width is another layout: compare line by line what both have.
		a.fill(before, after, 0, nb, 0, na)
		return a
	}
	top := 0
	for top < nb && top < na && bytes.Equal(row(before, top), row(after, top)) {
		top++
	}
	a.pair(0, 0, top)
	end := 0
	for end < nb-top && end < na-top && bytes.Equal(row(before, nb-1-end), row(after, na-1-end)) {
		end++
	}
	b, t := top, top
	for _, s := range anchors(before, after, top, nb-end, na-end) {
		a.fill(before, after, b, s.Before, t, s.After)
		a.pair(s.Before, s.After, s.N)
		b, t = s.Before+s.N, s.After+s.N
	}
	a.fill(before, after, b, nb-end, t, na-end)
	a.pair(nb-end, na-end, end)
	return a
}

// pair adds a stretch, or lengthens the last one.
func (a *alignment) pair(before, after, n int) {
	if n <= 0 {
		return
	}
	if k := len(a.stretches) - 1; k >= 0 {
		s := &a.stretches[k]
		if s.Before+s.N == before && s.After+s.N == after {
			s.N += n
			return
		}
	}
	a.stretches = append(a.stretches, stretch{after, before, n})
}

// fill pairs lines between two anchors: as many as both sides have, from the
// end at which the two pictures are more alike.
func (a *alignment) fill(before, after *image.RGBA, b0, b1, a0, a1 int) {
	nb, na := b1-b0, a1-a0
	n := min(nb, na)
	if n > 0 && nb != na && likeness(before, after, b1-n, a1-n, n) > likeness(before, after, b0, a0, n) {
		a.note(b0, nb-n, a0, na-n)
		a.pair(b1-n, a1-n, n)
		return
	}
	a.pair(b0, a0, n)
	a.note(b0+n, nb-n, a0+n, na-n)
}

func (a *alignment) note(b, nb, t, nt int) {
	if nt > 0 {
		a.inserted = append(a.inserted, stretch{t, b, nt})
	}
	if nb > 0 {
		a.removed = append(a.removed, stretch{t, b, nb})
	}
}

// likeness counts equal pixels on a grid of at most 64 lines by 64 columns, the
// page's background left out: two white areas have nothing in common.
func likeness(before, after *image.RGBA, b, a, n int) int {
	w := min(before.Rect.Dx(), after.Rect.Dx())
	equal := 0
	for y := 0; y < n; y += max(1, n/64) {
		rb, ra := row(before, b+y), row(after, a+y)
		for x := 0; x < w; x += max(1, w/64) {
			p := rb[4*x : 4*x+4]
			if bytes.Equal(p, ra[4*x:4*x+4]) && !bytes.Equal(p, rb[:4]) {
				equal++
			}
		}
	}
	return equal
}

// rowSeed makes line hashes differ between processes, which nobody keeps.
var rowSeed = maphash.MakeSeed()

// anchors finds runs of equal lines around those that occur exactly once in
// each of before's [top, nb) and after's [top, na), in rising order of both.
func anchors(before, after *image.RGBA, top, nb, na int) []stretch {
	hb, ha := rowHashes(before, top, nb), rowHashes(after, top, na)
	once := map[uint64]int32{} // line of before, -1 if it occurs more than once
	for i, h := range hb {
		if _, seen := once[h]; seen {
			once[h] = -1
		} else {
			once[h] = int32(i)
		}
	}
	count := map[uint64]uint8{}
	for _, h := range ha {
		if n, ok := once[h]; ok && n >= 0 && count[h] < 2 {
			count[h]++
		}
	}
	var pairs []stretch
	for i, h := range ha {
		if count[h] == 1 {
			pairs = append(pairs, stretch{i, int(once[h]), 1})
		}
	}
	return grow(rising(pairs), hb, ha, top)
}

func rowHashes(img *image.RGBA, from, to int) []uint64 {
	out := make([]uint64, 0, to-from)
	for y := from; y < to; y++ {
		out = append(out, maphash.Bytes(rowSeed, row(img, y)))
	}
	return out
}

// rising keeps the longest run of pairs that rise in both pictures (patience
// sorting): pairs are in order of After already.
func rising(pairs []stretch) []stretch {
	var piles []int // index of the pair on top of each pile
	back := make([]int, len(pairs))
	for i, p := range pairs {
		k, _ := slices.BinarySearchFunc(piles, p.Before, func(j, b int) int { return pairs[j].Before - b })
		back[i] = -1
		if k > 0 {
			back[i] = piles[k-1]
		}
		if k == len(piles) {
			piles = append(piles, i)
		} else {
			piles[k] = i
		}
	}
	out := make([]stretch, len(piles))
	if len(piles) > 0 {
		for k, i := len(piles)-1, piles[len(piles)-1]; k >= 0; k, i = k-1, back[i] {
			out[k] = pairs[i]
		}
	}
	return out
}

// grow lengthens each anchor by the equal lines before and after it, and counts
// lines from the top of the picture.
func grow(pairs []stretch, hb, ha []uint64, top int) []stretch {
	var out []stretch
	b, a := 0, 0 // what is taken already
	for _, p := range pairs {
		if p.Before < b || p.After < a {
			continue
		}
		s := p
		for s.Before > b && s.After > a && hb[s.Before-1] == ha[s.After-1] {
			s.Before, s.After, s.N = s.Before-1, s.After-1, s.N+1
		}
		for s.Before+s.N < len(hb) && s.After+s.N < len(ha) && hb[s.Before+s.N] == ha[s.After+s.N] {
			s.N++
		}
		b, a = s.Before+s.N, s.After+s.N
		out = append(out, stretch{s.After + top, s.Before + top, s.N})
	}
	return out
}

package probe

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"slices"
)

// What a fingerprint asks before it is used, and when it takes a place for one that
// always changes.
const (
	wantSamples = 3      // answers, vouched for, that make a fingerprint
	noisyAfter  = 3      // vouched answers in which a place held something new
	maxPrint    = 12_000 // features that are known
	maxSlots    = 4000   // places that changed
	maxTold     = 4      // reasons of one suspicion
)

// An imprint is what the answers for one page have in common and how they vary: its
// static fingerprint. It only takes in what a browser's look vouched for.
type imprint struct {
	Salt    uint64
	Samples int      // answers it was made from
	Known   []uint32 // what any of them had, sorted
	Core    []uint32 // what all of them had, sorted
	// Changes counts, by place, the answers in which something new stood there.
	Changes map[uint32]uint8
	// Next is the core in the making, which takes the place of Core: a page that
	// honestly moves on would keep none in the end.
	Next        []uint32
	NextSamples int
}

// armed reports that there is enough to compare with.
func (p *imprint) armed() bool { return p.Samples >= wantSamples }

// expects tells whether a feature is known, and whether its place always changes.
func (p *imprint) expects(key, slot uint32) (known, noisy bool) {
	if _, known = slices.BinarySearch(p.Known, key); known {
		return true, false
	}
	return false, p.Changes[slot] >= noisyAfter
}

// compare tells what about a page is not as it should be, in a few words, nothing if
// all is; and whether that is grave: code that is new, another place that visitors or
// their data are sent to, or most of the page gone.
func (p *imprint) compare(seen page) (why []string, grave bool) {
	count := map[kind]int{}
	for _, f := range seen.features {
		if known, noisy := p.expects(f.key, f.slot); !known && (!noisy || f.kind.strict()) {
			count[f.kind]++
		}
	}
	for k := kindAnswer; k <= kindRefresh; k++ {
		if n := count[k]; n > 0 {
			why = append(why, fmt.Sprintf("new in %s (%d)", kindNames[k], n))
			grave = grave || k.strict() || k == kindCode
		}
	}
	if lost := missing(p.Core, seen.features); lost > 0 {
		why = append(why, fmt.Sprintf("%d of %d steady features are gone", lost, len(p.Core)))
		grave = grave || 2*lost > len(p.Core)
	}
	return why[:min(len(why), maxTold)], grave
}

// missing counts what of a core a page does not have.
func missing(core []uint32, features []feature) int {
	n, i := 0, 0
	for _, key := range core {
		for i < len(features) && features[i].key < key {
			i++
		}
		if i == len(features) || features[i].key != key {
			n++
		}
	}
	return n
}

// A draft is what the answers since the last look of a browser would add to a
// print. A good look makes it part of it; a bad one throws it away.
type draft struct {
	samples int
	added   []uint32         // not known, sorted
	common  []uint32         // what all of them had
	changes map[uint32]uint8 // places where something new stood
}

// again notes that the page is as it was.
func (d *draft) again() { d.samples++ }

// observe takes in one answer. An imprint without samples has no places that change:
// all is new to it. What stands in places that always change is of no use tomorrow
// and is not taken in, unless it was the trouble.
func (d *draft) observe(p *imprint, seen page, trouble bool) {
	keys := make([]uint32, len(seen.features))
	fresh := map[uint32]bool{}
	first := p.Samples == 0 && d.samples == 0
	for i, f := range seen.features {
		keys[i] = f.key
		known, noisy := p.expects(f.key, f.slot)
		if noisy && !trouble && !f.kind.strict() {
			continue
		}
		if at, drafted := slices.BinarySearch(d.added, f.key); !known && !drafted && len(d.added) < maxPrint {
			d.added = slices.Insert(d.added, at, f.key)
			if !first && !f.kind.strict() {
				fresh[f.slot] = true
			}
		}
	}
	for slot := range fresh {
		if d.changes == nil {
			d.changes = map[uint32]uint8{}
		}
		d.changes[slot] = min(d.changes[slot]+1, noisyAfter)
	}
	if d.common == nil {
		d.common = keys
	} else {
		d.common = intersect(d.common, keys)
	}
	d.samples++
}

// accept makes a draft part of a print that it was drawn for. It reports whether
// anything changed that is worth keeping.
func (p *imprint) accept(d *draft) bool {
	if d.samples == 0 && len(d.added) == 0 {
		return false
	}
	changed := len(d.added) > 0 || !p.armed()
	p.Samples = min(p.Samples+d.samples, 1<<20)
	p.Known = union(p.Known, d.added)
	if d.common != nil {
		kept := meet(p.Core, d.common)
		changed = changed || len(kept) != len(p.Core)
		p.Core, p.Next = kept, meet(p.Next, d.common)
		p.NextSamples += d.samples
	}
	for slot, n := range d.changes {
		p.note(slot, n)
	}
	if len(p.Known) > maxPrint {
		p.Known = union(p.Core, d.common) // a page of which nothing stays: begin anew
	}
	return changed
}

func (p *imprint) note(slot uint32, n uint8) {
	if p.Changes == nil {
		p.Changes = map[uint32]uint8{}
	}
	if _, there := p.Changes[slot]; there || len(p.Changes) < maxSlots {
		p.Changes[slot] = min(p.Changes[slot]+n, noisyAfter)
	}
}

// renew lets the core follow the page: the one that was in the making takes its
// place, and places that changed less often than that would be noise are forgotten.
func (p *imprint) renew() {
	if p.NextSamples >= wantSamples {
		p.Core = p.Next
	}
	p.Next, p.NextSamples = nil, 0
	for slot, n := range p.Changes {
		if n < noisyAfter {
			delete(p.Changes, slot)
		}
	}
}

// meet is the intersection, or the second where the first is not begun.
func meet(a, b []uint32) []uint32 {
	if a == nil {
		return b
	}
	return intersect(a, b)
}

func intersect(a, b []uint32) []uint32 {
	out := make([]uint32, 0, min(len(a), len(b)))
	for _, key := range a {
		if _, in := slices.BinarySearch(b, key); in {
			out = append(out, key)
		}
	}
	return slices.Clip(out)
}

func union(a, b []uint32) []uint32 {
	if len(b) == 0 {
		return a
	}
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Clip(slices.Compact(out))
}

// format is raised when a feature comes to mean something else: prints of another
// format are learnt anew.
const format = 1

// kept is a print as it is stored.
type kept struct {
	Format int
	Print  imprint
}

// encode writes a print down, some 4 bytes a feature.
func (p *imprint) encode() ([]byte, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(kept{format, *p}); err != nil {
		return nil, fmt.Errorf("writing a fingerprint: %w", err)
	}
	return b.Bytes(), nil
}

// decode reads a print. One of another format, or that cannot be read, is none:
// it is learnt anew.
func decode(data []byte) (imprint, bool) {
	var k kept
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&k); err != nil || k.Format != format {
		return imprint{}, false
	}
	ok := slices.IsSorted(k.Print.Known) && slices.IsSorted(k.Print.Core) && slices.IsSorted(k.Print.Next) && k.Print.Samples >= 0
	return k.Print, ok
}

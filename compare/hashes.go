package compare

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
)

// hashSet is a set of 32-bit hashes, sorted and without duplicates. A baseline
// keeps sets of text and structure in this form: a large page has some 20,000
// members, and the chance that a foreign one is taken for known is then 5e-6.
type hashSet []uint32

// hashSeed and hashPrime are those of 64-bit FNV-1a.
const (
	hashSeed  uint64 = 14695981039346656037
	hashPrime uint64 = 1099511628211
)

// hash adds s to the running hash h; the trailing zero keeps ("ab","c") and
// ("a","bc") apart.
func hash(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * hashPrime
	}
	return h * hashPrime
}

// short folds a running hash into the form that sets keep.
func short(h uint64) uint32 { return uint32(h>>32) ^ uint32(h) }

func newHashSet(members []uint32) hashSet {
	sortHashes(members)
	return hashSet(slices.Compact(members))
}

// sortHashes sorts what is spread evenly, digit by digit of 11 bits: a page's
// scripts have millions, for which that takes a tenth of the time.
func sortHashes(list []uint32) {
	const bits, digits = 11, 3
	if len(list) < 1<<bits {
		slices.Sort(list)
		return
	}
	from, to := list, make([]uint32, len(list))
	for d := range digits {
		var at [1<<bits + 1]int
		for _, h := range from {
			at[h>>(d*bits)&(1<<bits-1)+1]++
		}
		for i := range 1 << bits {
			at[i+1] += at[i]
		}
		for _, h := range from {
			k := h >> (d * bits) & (1<<bits - 1)
			to[at[k]] = h
			at[k]++
		}
		from, to = to, from
	}
	copy(list, from) // after an odd number of rounds they stand in the other one
}

func (s hashSet) has(h uint32) bool {
	_, ok := slices.BinarySearch(s, h)
	return ok
}

// common counts the members that both sets have.
func (s hashSet) common(t hashSet) int {
	n := 0
	for i, j := 0, 0; i < len(s) && j < len(t); {
		switch {
		case s[i] < t[j]:
			i++
		case s[i] > t[j]:
			j++
		default:
			n, i, j = n+1, i+1, j+1
		}
	}
	return n
}

// containment is the share of s that is in t, 1 for an empty s: what is not
// there cannot be missed.
func (s hashSet) containment(t hashSet) float64 {
	if len(s) == 0 {
		return 1
	}
	return float64(s.common(t)) / float64(len(s))
}

func (s hashSet) intersect(t hashSet) hashSet {
	var out hashSet
	for _, h := range s {
		if t.has(h) {
			out = append(out, h)
		}
	}
	return out
}

func (s hashSet) union(t hashSet) hashSet {
	return newHashSet(append(slices.Clone([]uint32(s)), t...))
}

// MarshalJSON writes the members as base64 of little-endian words, a third of
// the size of a list of numbers.
func (s hashSet) MarshalJSON() ([]byte, error) {
	raw := make([]byte, 4*len(s))
	for i, h := range s {
		binary.LittleEndian.PutUint32(raw[4*i:], h)
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(raw))
}

// UnmarshalJSON reads what MarshalJSON wrote, and sorts what somebody else did.
func (s *hashSet) UnmarshalJSON(data []byte) error {
	var raw []byte
	if err := json.Unmarshal(data, &raw); err != nil {
		return fmt.Errorf("reading a set of hashes: %w", err)
	}
	if len(raw)%4 != 0 {
		return fmt.Errorf("reading a set of hashes: %d bytes are no whole number of words", len(raw))
	}
	members := make([]uint32, len(raw)/4)
	for i := range members {
		members[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	*s = newHashSet(members)
	return nil
}

package compare

// Secret is a number that only an installation knows. It salts the hashes of text
// and structure and shifts the cells in which pixels are counted, so that an
// attacker who has read these lines still cannot rehearse against one baseline:
// words that share their hashes with those of the site, or an edit that stays
// under the noise of every cell, do so for one secret only.
//
// Keyed features against adversaries who know the detector: Borgolte et al. and
// the keyed learner of Algorithms 12(8):150, 2019.
type Secret uint64

// salt is what every hash begins with.
func (s Secret) salt() uint64 { return (hashSeed ^ uint64(s)) * hashPrime }

// shift is where the grid of cells begins, in pixels left of and above the
// picture, each from 0 to cell-1.
func (s Secret) shift() (x, y int) {
	h := s.salt() >> 40
	return int(h % cell), int(h / cell % cell)
}

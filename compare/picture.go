package compare

import (
	"fmt"
	"image"
	"math"
	"math/bits"

	"github.com/corona10/goimagehash"
)

// Print identifies a picture by what it looks like. The zero value belongs to
// no picture.
type Print struct {
	// Hash is the 256-bit perception hash: 16 by 16 coefficients of a cosine
	// transform against their median.
	Hash []uint64 `json:"hash,omitempty"`
	// Quality from 0 (one flat colour) to 100. Below minQuality the hash says
	// nothing: 21 % of normal pages and 9 % of defaced ones are that flat
	// (measured on 130 and 541 screenshots).
	Quality int `json:"quality"`
	// Light is the mean luminance, 0 black to 255 white.
	Light float64 `json:"light"`
	// Tiles are the mean luminances of tileColumns by tileRows tiles, row by row.
	Tiles []uint8 `json:"tiles,omitempty"`
}

const (
	// minQuality is the gate under which a perception hash is not compared, as
	// published for PDQ (49 and less are discarded).
	minQuality = 50
	// pageHashFar is the distance in bits of 256 beyond which two pages look
	// like different pages: 0 of 97 consecutive versions, 2.1 % of versions
	// eight apart, 97.5 % of 320 defacements (measured on rendered histories).
	pageHashFar = 110
	// printSide is the edge of the picture that ExtPerceptionHash transforms;
	// it is handed one of that size, its own scaling is slow.
	printSide   = 256
	tileColumns = 6
	tileRows    = 10
)

// Fingerprint makes the Print of a picture.
func Fingerprint(img image.Image) Print {
	if img == nil || img.Bounds().Empty() {
		return Print{}
	}
	gray := shrink(toRGBA(img), printSide, printSide)
	p := Print{Quality: quality(gray), Light: light(gray), Tiles: tiles(gray)}
	if h, err := goimagehash.ExtPerceptionHash(gray, 16, 16); err == nil {
		p.Hash = h.GetHash()
	} else {
		// Only a nil picture or an odd size fail, and neither reaches this line.
		panic(fmt.Sprintf("compare: hashing a %d x %d picture: %v", printSide, printSide, err))
	}
	return p
}

// distance in bits of 256 between two prints; false if one of them is missing or
// too flat to be compared.
func (p Print) distance(q Print) (int, bool) {
	if len(p.Hash) == 0 || len(p.Hash) != len(q.Hash) || p.Quality < minQuality || q.Quality < minQuality {
		return 0, false
	}
	n := 0
	for i := range p.Hash {
		n += bits.OnesCount64(p.Hash[i] ^ q.Hash[i])
	}
	return n, true
}

// shrink averages a picture into a small gray one. Each small pixel is the mean
// of every second row and column of its area.
func shrink(img *image.RGBA, w, h int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	b := img.Bounds()
	for y := range h {
		y0, y1 := span(y, h, b.Dy())
		for x := range w {
			x0, x1 := span(x, w, b.Dx())
			out.Pix[y*out.Stride+x] = meanLight(img, x0, x1, y0, y1)
		}
	}
	return out
}

// span is the range of n source lines that small line i of m covers, never empty.
func span(i, m, n int) (from, to int) {
	from, to = i*n/m, (i+1)*n/m
	if to == from {
		to = from + 1
	}
	return from, to
}

func meanLight(img *image.RGBA, x0, x1, y0, y1 int) uint8 {
	var sum, n uint32
	for y := y0; y < y1; y += 2 {
		row := img.Pix[y*img.Stride+4*x0 : y*img.Stride+4*x1]
		for ; len(row) >= 4; row = row[min(8, len(row)):] {
			// Rec. 601 luminance in 1/256.
			sum += (77*uint32(row[0]) + 150*uint32(row[1]) + 29*uint32(row[2])) >> 8
			n++
		}
	}
	return uint8(sum / n)
}

// quality is PDQ's measure of how much there is in a picture to be hashed: the
// sum of gradients of a 64 x 64 version, at most 100.
func quality(gray *image.Gray) int {
	const step = printSide / 64
	sum := 0
	for y := 0; y < printSide-step; y += step {
		for x := 0; x < printSide-step; x += step {
			at := int(gray.Pix[y*gray.Stride+x])
			sum += abs(at-int(gray.Pix[y*gray.Stride+x+step]))*100/255 + abs(at-int(gray.Pix[(y+step)*gray.Stride+x]))*100/255
		}
	}
	return min(sum/90, 100)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

func light(gray *image.Gray) float64 {
	sum := 0
	for _, p := range gray.Pix {
		sum += int(p)
	}
	return math.Round(10*float64(sum)/float64(len(gray.Pix))) / 10
}

func tiles(gray *image.Gray) []uint8 {
	out := make([]uint8, 0, tileColumns*tileRows)
	for ty := range tileRows {
		y0, y1 := span(ty, tileRows, printSide)
		for tx := range tileColumns {
			x0, x1 := span(tx, tileColumns, printSide)
			sum := 0
			for y := y0; y < y1; y++ {
				for _, p := range gray.Pix[y*gray.Stride+x0 : y*gray.Stride+x1] {
					sum += int(p)
				}
			}
			out = append(out, uint8(sum/((y1-y0)*(x1-x0))))
		}
	}
	return out
}

// tilesChanged is the share of tiles whose luminance moved by more than a tenth.
func (p Print) tilesChanged(q Print) float64 {
	if len(p.Tiles) == 0 || len(p.Tiles) != len(q.Tiles) {
		return 0
	}
	n := 0
	for i := range p.Tiles {
		if abs(int(p.Tiles[i])-int(q.Tiles[i])) > 25 {
			n++
		}
	}
	return float64(n) / float64(len(p.Tiles))
}

// leastChanged is tilesChanged against the most similar of the baseline's looks.
func leastChanged(p Print, prints []Print) float64 {
	least := 0.0
	for i, q := range prints {
		if share := p.tilesChanged(q); i == 0 || share < least {
			least = share
		}
	}
	return least
}

// nearest is the smallest distance of a print to any of the baseline's looks;
// false if none can be compared.
func nearest(p Print, prints []Print) (int, bool) {
	best, found := 257, false
	for _, q := range prints {
		if d, ok := p.distance(q); ok && d < best {
			best, found = d, true
		}
	}
	return best, found
}

package compare

import (
	"bytes"
	"image"
	"slices"
)

// grid holds the state of each cell of a picture. Its first cells begin left of
// and above the picture, by as much as the baseline's secret says.
type grid struct {
	w, h          int // pixels
	left, above   int // what of the first column and row lies outside
	columns, rows int
	changed       []bool
	masked        []bool
}

func newGrid(w, h int, s Secret) *grid {
	g := &grid{w: w, h: h}
	g.left, g.above = s.shift()
	g.columns, g.rows = (w+g.left+cell-1)/cell, (h+g.above+cell-1)/cell
	g.changed = make([]bool, g.columns*g.rows)
	g.masked = make([]bool, g.columns*g.rows)
	return g
}

// column and line are where a pixel is in the grid.
func (g *grid) column(x int) int { return (x + g.left) / cell }
func (g *grid) line(y int) int   { return (y + g.above) / cell }

// x and y are the first pixel of a column and of a line, and of the one beyond
// the last: never outside of the picture.
func (g *grid) x(column int) int { return min(max(0, column*cell-g.left), g.w) }
func (g *grid) y(line int) int   { return min(max(0, line*cell-g.above), g.h) }

// mask excludes every cell that a box touches.
func (g *grid) mask(boxes []Box) {
	for _, b := range boxes {
		x0, y0 := max(0, int(b.X)), max(0, int(b.Y))
		x1, y1 := min(g.w, int(b.X)+int(b.W)), min(g.h, int(b.Y)+int(b.H))
		for y := g.line(y0); g.y(y) < y1; y++ {
			for x := g.column(x0); g.x(x) < x1; x++ {
				g.masked[y*g.columns+x] = true
			}
		}
	}
}

// maskMoved excludes regions of the old picture where a stretch put them.
func (g *grid) maskMoved(boxes []Box, s stretch) {
	for _, b := range boxes {
		top, end := max(int(b.Y), s.Before), min(int(b.Y)+int(b.H), s.Before+s.N)
		if top < end {
			g.mask([]Box{{b.X, int32(top - s.Before + s.After), b.W, int32(end - top)}})
		}
	}
}

// compare marks the cells of a stretch that differ. A cell is compared in those
// of its lines that lie in the stretch.
func (g *grid) compare(b, a *image.RGBA, s stretch) {
	shift := s.Before - s.After
	w := min(a.Rect.Dx(), b.Rect.Dx())
	for y0 := s.After; y0 < s.After+s.N; {
		y1 := min(g.y(g.line(y0)+1), s.After+s.N)
		if !equalRows(b, a, y0, y1, shift, w) {
			for x := 0; g.x(x) < w; x++ {
				if i := g.line(y0)*g.columns + x; !g.changed[i] && !g.masked[i] {
					g.changed[i] = differs(b, a, g.x(x), min(g.x(x+1), w), y0, y1, shift)
				}
			}
		}
		y0 = y1
	}
	if w == a.Rect.Dx() {
		return
	}
	for y := g.line(s.After); g.y(y) < s.After+s.N; y++ {
		for x := g.column(w); x < g.columns; x++ {
			g.changed[y*g.columns+x] = !g.masked[y*g.columns+x]
		}
	}
}

func equalRows(b, a *image.RGBA, y0, y1, shift, w int) bool {
	for y := y0; y < y1; y++ {
		if !bytes.Equal(row(b, y+shift)[:4*w], row(a, y)[:4*w]) {
			return false
		}
	}
	return true
}

// markContent marks the cells of inserted lines that hold something.
func (g *grid) markContent(a *image.RGBA, from, n int) {
	for y0 := from; y0 < from+n; {
		y1 := min(g.y(g.line(y0)+1), from+n)
		for x := range g.columns {
			i := g.line(y0)*g.columns + x
			if !g.masked[i] && !flat(a, g.x(x), g.x(x+1), y0, y1) {
				g.changed[i] = true
			}
		}
		y0 = y1
	}
}

// flat reports an area in the one colour that its first line begins with: the
// background beside the content.
func flat(img *image.RGBA, x0, x1, y0, y1 int) bool {
	ground := row(img, y0)[:4]
	for y := y0; y < y1; y++ {
		r := row(img, y)
		for x := x0; x < x1; x++ {
			if !bytes.Equal(r[4*x:4*x+4], ground) {
				return false
			}
		}
	}
	return true
}

func (g *grid) share() float64 {
	changed, seen := 0, 0
	for i := range g.changed {
		if !g.masked[i] {
			seen++
			if g.changed[i] {
				changed++
			}
		}
	}
	if seen == 0 {
		return 0
	}
	return float64(changed) / float64(seen)
}

// boxes joins changed cells that lie close together and returns the boxes around
// them, largest first.
func (g *grid) boxes() []Box {
	var out []Box
	done := make([]bool, len(g.changed))
	for i, c := range g.changed {
		if c && !done[i] {
			out = append(out, g.flood(i, done))
		}
	}
	out = joinOverlapping(out)
	slices.SortStableFunc(out, func(a, b Box) int { return area(b) - area(a) })
	return out[:min(len(out), maxBoxes)]
}

func area(b Box) int { return int(b.W) * int(b.H) }

// flood collects the region that a changed cell belongs to.
func (g *grid) flood(start int, done []bool) Box {
	x0, y0, x1, y1 := g.columns, g.rows, 0, 0
	todo := []int{start}
	done[start] = true
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		x, y := i%g.columns, i/g.columns
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x+1), max(y1, y+1)
		for ny := max(0, y-joinCells); ny <= min(g.rows-1, y+joinCells); ny++ {
			for nx := max(0, x-joinCells); nx <= min(g.columns-1, x+joinCells); nx++ {
				if j := ny*g.columns + nx; g.changed[j] && !done[j] {
					done[j] = true
					todo = append(todo, j)
				}
			}
		}
	}
	return Box{int32(g.x(x0)), int32(g.y(y0)), int32(g.x(x1) - g.x(x0)), int32(g.y(y1) - g.y(y0))}
}

// joinOverlapping replaces boxes that overlap by the box around them, until none
// do. Beyond a few hundred regions the page is simply different; the rest stays.
func joinOverlapping(boxes []Box) []Box {
	const most = 400
	for again := len(boxes) <= most; again; {
		again = false
		for i := 0; i < len(boxes); i++ {
			for j := len(boxes) - 1; j > i; j-- {
				if overlap(boxes[i], boxes[j]) {
					boxes[i] = around(boxes[i], boxes[j])
					boxes = append(boxes[:j], boxes[j+1:]...)
					again = true
				}
			}
		}
	}
	return boxes
}

func overlap(a, b Box) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

func around(a, b Box) Box {
	x, y := min(a.X, b.X), min(a.Y, b.Y)
	return Box{x, y, max(a.X+a.W, b.X+b.W) - x, max(a.Y+a.H, b.Y+b.H) - y}
}

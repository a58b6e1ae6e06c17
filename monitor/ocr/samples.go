package ocr

import (
	"fmt"
	"image"
	"image/draw"
	"strconv"
	"strings"
	"unicode/utf8"

	"pasban/compare"
)

// samples is a part of a picture as a PNM file: a line of text and three bytes a
// pixel. There is little in it to parse wrongly.
func samples(picture image.Image, b compare.Box) []byte {
	part := image.NewRGBA(image.Rect(0, 0, int(b.W), int(b.H)))
	draw.Draw(part, part.Rect, picture, picture.Bounds().Min.Add(image.Pt(int(b.X), int(b.Y))), draw.Src)
	out := fmt.Appendf(make([]byte, 0, 32+3*int(b.W)*int(b.H)), "P6\n%d %d\n255\n", b.W, b.H)
	for i := 0; i < len(part.Pix); i += 4 {
		out = append(out, part.Pix[i], part.Pix[i+1], part.Pix[i+2])
	}
	return out
}

const (
	maxWords    = 2000
	maxWordText = 100 // bytes
)

// Columns of tesseract's table, of which a row is a page, a block, a paragraph, a
// line or, at level 5, a word.
const (
	columnLevel = iota
	_
	columnBlock
	columnParagraph
	columnLine
	_
	columnLeft
	columnTop
	columnWidth
	columnHeight
	columnSure
	columnText
	columns
)

const levelWord = "5"

// parse reads the words of tesseract's table. Rows that are no such rows are left
// out: the program has read hostile pixels.
func parse(table []byte) []compare.Reading {
	var out []compare.Reading
	var place [3]string // block, paragraph and line of the last word
	line, paragraph := -1, -1
	for row := range strings.Lines(string(table)) {
		f := strings.Split(strings.TrimRight(row, "\r\n"), "\t")
		if len(f) != columns || f[columnLevel] != levelWord {
			continue
		}
		word, ok := wordOf(f)
		if !ok {
			continue
		}
		at := [3]string{f[columnBlock], f[columnParagraph], f[columnLine]}
		if line < 0 || at != place {
			line++
		}
		if paragraph < 0 || at[0] != place[0] || at[1] != place[1] {
			paragraph++
		}
		place = at
		word.Line, word.Paragraph = line, paragraph
		if out = append(out, word); len(out) >= maxWords {
			break
		}
	}
	return out
}

func wordOf(f []string) (compare.Reading, bool) {
	text := strings.TrimSpace(strings.ToValidUTF8(f[columnText], ""))
	for len(text) > maxWordText {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	sure, err := strconv.ParseFloat(f[columnSure], 32)
	if text == "" || err != nil || !(sure >= 0 && sure <= 100) {
		return compare.Reading{}, false
	}
	var edges [4]int32
	for i := range edges {
		n, err := strconv.ParseUint(f[columnLeft+i], 10, 20)
		if err != nil {
			return compare.Reading{}, false
		}
		edges[i] = int32(n)
	}
	return compare.Reading{Text: text, Box: compare.Box{X: edges[0], Y: edges[1], W: edges[2], H: edges[3]}, Sure: int(sure)}, true
}

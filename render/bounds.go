package render

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

func (f *flattener) cutText(s string) string {
	if len(s) > maxNodeText {
		f.cutTexts++
		s = cut(s, maxNodeText)
	}
	if len(s) <= maxShortText {
		return s
	}
	return f.charge(s)
}

func (f *flattener) cutValue(s string) string {
	if len(s) > maxAttrValue {
		f.cutValues++
		s = cut(s, maxAttrValue)
	}
	return f.charge(s)
}

// charge is s, or "" when the tree has no room left for it.
func (f *flattener) charge(s string) string {
	if len(s) > f.room {
		f.starved++
		return ""
	}
	f.room -= len(s)
	return s
}

// report says which bounds took something away.
func (f *flattener) report() {
	note := func(n int, format string, args ...any) {
		if n > 0 {
			f.truncated = append(f.truncated, fmt.Sprintf(format, args...))
		}
	}
	lost := 0
	if len(f.nodes) >= f.limit || f.spare <= 0 {
		lost = max(0, f.total-len(f.nodes))
	}
	note(lost, "nodes %d, kept %d", f.total, len(f.nodes))
	note(f.lostFrames, "frames over %d, %d dropped", maxFrames, f.lostFrames)
	note(f.cutTexts, "texts over %d bytes, %d cut", maxNodeText, f.cutTexts)
	note(f.cutValues, "attribute values over %d bytes, %d cut", maxAttrValue, f.cutValues)
	note(f.starved, "long texts and values over %d bytes in all, %d dropped", maxTreeText, f.starved)
	note(f.cutAttrs, "attributes over %d on a node, %d dropped", maxNodeAttrs, f.cutAttrs)
}

// cut shortens s to at most size bytes without splitting a character. The rest
// of s is not kept in memory by what it returns.
func cut(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return strings.Clone(s[:size])
}

// cutRunes shortens s to at most count characters.
func cutRunes(s string, count int) string {
	if len(s) <= count {
		return s
	}
	for i := range s {
		if count == 0 {
			return strings.Clone(s[:i])
		}
		count--
	}
	return s
}

// pixel rounds a coordinate of Chrome's to whole pixels, within an int32 that
// can still be added to another.
func pixel(v float64) int32 {
	const most = 1 << 29
	if math.IsNaN(v) {
		return 0
	}
	return int32(math.Round(min(max(v, -most), most)))
}

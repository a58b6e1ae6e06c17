package render

import (
	"strconv"
	"strings"
)

// The computed styles that snapshotNodes reads, in the order of snapshotStyles.
const (
	styleVisibility = iota
	styleOpacity
	styleFilter
	styleColor
	styleFill
	styleStroke
	styleShadow
	styleBackground
	styleBackImage
	styleBackClip
	styleFontSize
	styleDirection
	stylePosition
	styleOverflowX
	styleOverflowY
	styleClip
	styleClipPath
	styleIndent
	styleContent
	styleBorderLeft
	styleBorderTop
	stylePaddingLeft
	stylePaddingTop
)

// snapshotStyles is what DOMSnapshot.captureSnapshot must be asked for.
var snapshotStyles = []string{
	styleVisibility:  "visibility",
	styleOpacity:     "opacity",
	styleFilter:      "filter",
	styleColor:       "color",
	styleFill:        "-webkit-text-fill-color",
	styleStroke:      "-webkit-text-stroke-width",
	styleShadow:      "text-shadow",
	styleBackground:  "background-color",
	styleBackImage:   "background-image",
	styleBackClip:    "background-clip",
	styleFontSize:    "font-size",
	styleDirection:   "direction",
	stylePosition:    "position",
	styleOverflowX:   "overflow-x",
	styleOverflowY:   "overflow-y",
	styleClip:        "clip",
	styleClipPath:    "clip-path",
	styleIndent:      "text-indent",
	styleContent:     "content-visibility",
	styleBorderLeft:  "border-left-width",
	styleBorderTop:   "border-top-width",
	stylePaddingLeft: "padding-left",
	stylePaddingTop:  "padding-top",
}

func (f *flattener) style(d *document, i, which int) string {
	k := d.boxes[i]
	if k < 0 || int(k) >= len(d.layout.Styles) || which >= len(d.layout.Styles[k]) {
		return ""
	}
	return f.text(d.layout.Styles[k][which])
}

func (f *flattener) pixels(d *document, i, which int) float64 {
	return number(strings.TrimSuffix(f.style(d, i, which), "px"), 0)
}

func number(s string, otherwise float64) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil { // "auto", "50%", or rubbish: as if it had not been set
		return otherwise
	}
	return finite(v)
}

func hides(overflow string) bool { return overflow == "hidden" || overflow == "clip" }

func (f *flattener) invisible(d *document, i int) bool {
	v := f.style(d, i, styleVisibility)
	return v == "hidden" || v == "collapse"
}

// opacity of the node itself, by the property or by a filter.
func (f *flattener) opacity(d *document, i int) float64 {
	s := f.style(d, i, styleOpacity)
	v := 1.0
	if s != "1" {
		v = number(s, 1)
	}
	if _, rest, ok := strings.Cut(f.style(d, i, styleFilter), "opacity("); ok {
		amount, _, _ := strings.Cut(rest, ")")
		if p, isPercent := strings.CutSuffix(amount, "%"); isPercent {
			return v * number(p, 100) / 100
		}
		return v * number(amount, 1)
	}
	return v
}

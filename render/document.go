package render

import (
	"math"
	"strings"

	"github.com/chromedp/cdproto/domsnapshot"
)

// place is where a document stands in the tree and on the main document.
type place struct {
	owner  int32   // node of the <iframe>, -1 for the main document
	x, y   float64 // of the frame's content box
	w, h   float64
	hidden Hidden // why the whole frame is not seen
	faint  float32
}

var nowhere = place{owner: -1, faint: 1}

// document is one document of a snapshot, its sparse tables made direct.
type document struct {
	count  int
	nodes  *domsnapshot.NodeTreeSnapshot
	layout *domsnapshot.LayoutTreeSnapshot
	boxes  []int32 // first layout entry of each node, -1 if it was not laid out
	global []int32 // index of each node in the tree, -1 if it was dropped
	first  int32   // index in the tree of the document's first node
	frame  int32
	owner  int32
	roots  map[int32]int32 // shadow roots put back, by host

	shadow, pseudo, input, entered, content map[int64]int64

	x, y                float64 // from this document's coordinates to the main one's
	width, height, view float64 // scrollable size and width of the window on it
	rtl                 bool
	hidden              Hidden // of the whole frame
	faint               float32
}

// open reads the tables of one document and appends its frame.
func (f *flattener) open(s *domsnapshot.DocumentSnapshot, from place) *document {
	d := &document{
		nodes: s.Nodes, layout: s.Layout, owner: from.owner, hidden: from.hidden, faint: from.faint,
		first: int32(len(f.nodes)), frame: int32(len(f.frames)), roots: make(map[int32]int32),
		width: finite(s.ContentWidth), height: finite(s.ContentHeight),
	}
	if d.nodes == nil {
		d.nodes = &domsnapshot.NodeTreeSnapshot{}
	}
	if d.layout == nil {
		d.layout = &domsnapshot.LayoutTreeSnapshot{}
	}
	d.count = len(d.nodes.NodeType)
	d.x, d.y = from.x, from.y
	if from.owner >= 0 { // the main document is recorded unscrolled already
		d.x -= finite(s.ScrollOffsetX)
		d.y -= finite(s.ScrollOffsetY)
	}
	d.index()
	f.window(d, from)
	f.frames = append(f.frames, f.frameOf(s, d, from))
	return d
}

// index turns the sparse tables into direct ones, dropping what points outside.
func (d *document) index() {
	d.boxes = make([]int32, d.count)
	d.global = make([]int32, d.count)
	for i := range d.boxes {
		d.boxes[i], d.global[i] = -1, -1
	}
	for k, node := range d.layout.NodeIndex {
		if node >= 0 && node < int64(d.count) && d.boxes[node] < 0 {
			d.boxes[node] = int32(k)
		}
	}
	d.shadow = rareStrings(d.nodes.ShadowRootType)
	d.pseudo = rareStrings(d.nodes.PseudoType)
	d.input = rareStrings(d.nodes.InputValue)
	d.entered = rareStrings(d.nodes.TextValue)
	d.content = make(map[int64]int64)
	if rare := d.nodes.ContentDocumentIndex; rare != nil {
		for k := range min(len(rare.Index), len(rare.Value)) {
			d.content[rare.Index[k]] = rare.Value[k]
		}
	}
}

func rareStrings(rare *domsnapshot.RareStringData) map[int64]int64 {
	m := make(map[int64]int64)
	if rare == nil {
		return m
	}
	for k := range min(len(rare.Index), len(rare.Value)) {
		m[rare.Index[k]] = int64(rare.Value[k])
	}
	return m
}

// window finds how wide the document's window is and which way it reads.
func (f *flattener) window(d *document, from place) {
	d.view = from.w
	for i := range min(d.count, 4) { // the root element comes after a doctype at the latest
		box, ok := d.bounds(i)
		if !ok {
			continue
		}
		if d.nodes.NodeType[i] == 9 && d.view == 0 {
			d.view = box[2]
		}
		if d.nodes.NodeType[i] == 1 {
			d.rtl = f.style(d, i, styleDirection) == "rtl"
			break
		}
	}
}

func (f *flattener) frameOf(s *domsnapshot.DocumentSnapshot, d *document, from place) Frame {
	fr := Frame{Parent: -1, Owner: from.owner, Hidden: from.hidden, Direction: "ltr"}
	fr.URL = f.numberObjects(cut(f.text(int64(s.DocumentURL)), maxAttrValue))
	fr.Base = f.numberObjects(cut(f.text(int64(s.BaseURL)), maxAttrValue))
	if d.rtl {
		fr.Direction = "rtl"
	}
	if from.owner < 0 {
		fr.Box = Box{0, 0, pixel(d.width), pixel(d.height)}
		return fr
	}
	fr.Parent = f.nodes[from.owner].Frame
	fr.Box = boxOf(from.x, from.y, from.w, from.h)
	return fr
}

// root is the node to which strays of the document are hung.
func (d *document) root() int32 {
	if len(d.global) > 0 && d.global[0] >= 0 {
		return d.global[0]
	}
	return d.owner
}

// bounds is the rectangle of node i in the document's own coordinates.
func (d *document) bounds(i int) ([4]float64, bool) {
	k := d.boxes[i]
	if k < 0 {
		return [4]float64{}, false
	}
	return d.rectangle(int(k))
}

func (d *document) rectangle(k int) ([4]float64, bool) {
	if k >= len(d.layout.Bounds) || len(d.layout.Bounds[k]) != 4 {
		return [4]float64{}, false
	}
	r := d.layout.Bounds[k]
	return [4]float64{finite(r[0]), finite(r[1]), max(0, finite(r[2])), max(0, finite(r[3]))}, true
}

// generated joins the text of a ::before or ::after: its box comes first in
// the layout, the pieces of its content follow under the same node.
func (f *flattener) generated(d *document, i int) string {
	if d.boxes[i] < 0 {
		return ""
	}
	var text strings.Builder
	for k := int(d.boxes[i]); k < len(d.layout.NodeIndex) && d.layout.NodeIndex[k] == int64(i); k++ {
		text.WriteString(f.at(d.layout.Text, k))
		if text.Len() > maxNodeText {
			break
		}
	}
	return text.String()
}

// inside is the place of the document in the <iframe> that is node i.
func (f *flattener) inside(d *document, i int, self int32) place {
	p := place{owner: self, hidden: f.nodes[self].Hidden, faint: f.looks[self].opacity}
	box, ok := d.bounds(i)
	if !ok {
		p.hidden = NotRendered
		return p
	}
	if p.hidden == Shown && (box[2] < 2 || box[3] < 2) {
		p.hidden = ZeroSize
	}
	left := f.pixels(d, i, styleBorderLeft) + f.pixels(d, i, stylePaddingLeft)
	top := f.pixels(d, i, styleBorderTop) + f.pixels(d, i, stylePaddingTop)
	p.x, p.y = d.x+box[0]+left, d.y+box[1]+top
	p.w, p.h = max(0, box[2]-2*left), max(0, box[3]-2*top) // borders are rarely uneven
	return p
}

func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// boxOf rounds edges rather than sizes, so that touching boxes still touch.
func boxOf(x, y, w, h float64) Box {
	left, top := pixel(x), pixel(y)
	return Box{left, top, max(0, pixel(x+w)-left), max(0, pixel(y+h)-top)}
}

package render

import (
	"strings"

	"github.com/chromedp/cdproto/domsnapshot"
)

// Bounds of what is kept of a page's tree. A news front page has 2,000 to
// 8,000 nodes; the limits are for pages that mean harm.
const (
	defaultNodeLimit = 100_000
	maxFrames        = 1_000
	maxNodeText      = 64 << 10
	maxAttrValue     = 8 << 10
	maxAttrName      = 256
	maxNodeAttrs     = 100
	// maxTreeText bounds long texts and attribute values of all nodes together. In a
	// page, and in a snapshot, a million nodes can share one long text; every
	// record of them writes it out a million times.
	maxTreeText = 32 << 20
	// maxShortText is what a text may have and be kept in any case: nobody is to
	// push a headline out of the record with rubbish.
	maxShortText = 256
)

// tree is a decoded snapshot: nodes of all documents in document order.
type tree struct {
	nodes     []Node
	frames    []Frame
	truncated []string
}

// snapshotNodes flattens the answer of DOMSnapshot.captureSnapshot, asked with
// snapshotStyles, into one tree of at most limit nodes (defaultNodeLimit if it
// is not positive). Documents of iframes become children of their <iframe>,
// and boxes are moved to the main document's coordinates.
//
// Chrome flattens shadow trees: what is in one hangs below its host, marked
// with the kind of its root, and slotted nodes hang below their <slot>. The
// "#shadow-root" is put back here, one for each host. A host inside another
// shadow tree of the same kind cannot be told from any other element there, so
// its tree joins the outer one.
//
// The snapshot comes from a renderer that ran hostile code: any index may be
// wrong, so every one is checked and a wrong one reads as "absent".
func snapshotNodes(docs []*domsnapshot.DocumentSnapshot, strings []string, limit int) tree {
	if limit <= 0 {
		limit = defaultNodeLimit
	}
	f := flattener{docs: docs, strings: strings, limit: limit, room: maxTreeText, visited: make([]bool, len(docs))}
	f.names = make(map[int64]string)
	f.objects = make(map[string]int)
	f.colours = make(map[int64]colour)
	f.reserve()
	f.document(0, nowhere)
	f.settle()
	f.report()
	return f.tree
}

// flattener turns documents into one tree. looks runs parallel to tree.nodes.
type flattener struct {
	tree
	docs    []*domsnapshot.DocumentSnapshot
	strings []string
	limit   int // nodes of the whole tree
	spare   int // of those, what the main document leaves for frames
	visited []bool
	looks   []look
	names   map[int64]string // tags in lower case, by string index
	objects map[string]int   // names of the page's own blobs, in order of appearance
	colours map[int64]colour

	total, lostFrames             int
	cutTexts, cutValues, cutAttrs int
	room, starved                 int // bytes left of maxTreeText, and strings there was none for
}

// reserve gives the main document the first claim on the limit, so that a
// frame full of rubbish cannot push the page itself out of the record.
func (f *flattener) reserve() {
	size := 0
	for i, d := range f.docs {
		if d == nil || d.Nodes == nil {
			continue
		}
		n := len(d.Nodes.NodeType)
		f.total += n
		if i == 0 {
			f.spare = max(0, f.limit-n)
		}
		size += n
	}
	size = min(size+16, f.limit)
	f.nodes = make([]Node, 0, size)
	f.looks = make([]look, 0, size)
}

// document appends one document and, where its iframes stand, theirs.
func (f *flattener) document(index int, from place) {
	if index < 0 || index >= len(f.docs) || f.visited[index] || f.docs[index] == nil {
		return
	}
	if len(f.frames) >= maxFrames {
		f.lostFrames++
		return
	}
	f.visited[index] = true
	d := f.open(f.docs[index], from)
	for i := range d.count {
		if len(f.nodes) >= f.limit || (d.frame > 0 && f.spare <= 0) {
			return
		}
		f.node(d, i)
	}
}

// node appends node i of a document unless it is a comment or the like.
func (f *flattener) node(d *document, i int) {
	name := f.nodeName(d, i)
	if name == "" {
		return
	}
	parent := f.parent(d, i)
	if kind, ok := d.shadow[int64(i)]; ok {
		parent = f.shadowRoot(d, parent, f.text(kind))
		if len(f.nodes) >= f.limit { // the root was the last one
			return
		}
	}
	n := Node{Parent: parent, Frame: d.frame, Name: name}
	if name[0] != '#' {
		n.Attrs = f.attributes(d, i, name)
	}
	if name == "#text" {
		n.Text = f.cutText(f.at(d.nodes.NodeValue, i))
	} else if name[0] == ':' {
		n.Text = f.cutText(f.generated(d, i))
	}
	self := f.add(n, d)
	d.global[i] = self
	f.dress(d, i, self)
	if content, ok := d.content[int64(i)]; ok {
		f.document(int(content), f.inside(d, i, self))
	}
}

// add appends a node and charges it to the frames' share if it is in one.
func (f *flattener) add(n Node, d *document) int32 {
	if d.frame > 0 {
		f.spare--
	}
	f.nodes = append(f.nodes, n)
	f.looks = append(f.looks, look{})
	return int32(len(f.nodes) - 1)
}

// parent is the index of node i's parent in the tree: an earlier node of the
// same document, or the document itself if the snapshot names no such node.
func (f *flattener) parent(d *document, i int) int32 {
	if i == 0 {
		return d.owner
	}
	if i < len(d.nodes.ParentIndex) {
		if p := d.nodes.ParentIndex[i]; p >= 0 && p < int64(i) && d.global[p] >= 0 {
			return d.global[p]
		}
	}
	return d.root()
}

// shadowRoot finds or makes the root between a host and a node of its shadow
// tree. A parent that is itself in a shadow tree of the kind needs none.
func (f *flattener) shadowRoot(d *document, parent int32, kind string) int32 {
	if parent < 0 {
		return parent
	}
	if f.looks[parent].shadow == kind {
		return parent
	}
	if root, ok := d.roots[parent]; ok {
		return root
	}
	n := Node{Parent: parent, Frame: d.frame, Name: "#shadow-root",
		Attrs: []Attr{{"mode", cut(kind, maxAttrName)}}, Box: f.nodes[parent].Box, Hidden: f.nodes[parent].Hidden}
	root := f.add(n, d)
	f.looks[root] = f.looks[parent]
	f.looks[root].shadow = kind
	f.looks[root].passive = true
	d.roots[parent] = root
	return root
}

// nodeName is the tag or "#..." name of node i, "" for a node that is dropped.
func (f *flattener) nodeName(d *document, i int) string {
	switch d.nodes.NodeType[i] {
	case 1:
		return f.tag(d, i)
	case 3, 4: // text, CDATA in SVG and XHTML
		return "#text"
	case 9:
		return "#document"
	case 10:
		return "#doctype"
	}
	return "" // comments, processing instructions, rubbish
}

func (f *flattener) tag(d *document, i int) string {
	if i >= len(d.nodes.NodeName) {
		return "unknown"
	}
	key := int64(d.nodes.NodeName[i])
	if name, ok := f.names[key]; ok {
		return name
	}
	name := strings.ToLower(cut(f.text(key), maxAttrName))
	if name == "" || name[0] == '#' {
		name = "unknown"
	}
	f.names[key] = name
	return name
}

// attributes decodes the name, value pairs of node i. What a script or the
// visitor put into an <input> is kept as its value: it is what is seen.
func (f *flattener) attributes(d *document, i int, name string) []Attr {
	var pairs domsnapshot.ArrayOfStrings
	if i < len(d.nodes.Attributes) {
		pairs = d.nodes.Attributes[i]
	}
	count := len(pairs) / 2
	if count > maxNodeAttrs {
		f.cutAttrs += count - maxNodeAttrs
		count = maxNodeAttrs
	}
	var attrs []Attr
	if count > 0 {
		attrs = make([]Attr, count)
	}
	for k := range attrs {
		attrs[k] = Attr{f.attrName(pairs[2*k]), f.numberObjects(f.cutValue(f.text(pairs[2*k+1])))}
	}
	if value, ok := d.input[int64(i)]; ok && name == "input" {
		attrs = setAttr(attrs, "value", f.cutValue(f.text(value)))
	}
	return attrs
}

func (f *flattener) attrName(key int64) string {
	if name, ok := f.names[key]; ok {
		return name
	}
	name := strings.ToLower(cut(f.text(key), maxAttrName))
	if name == "" || name[0] == '#' {
		return name
	}
	f.names[key] = name
	return name
}

func setAttr(attrs []Attr, name, value string) []Attr {
	for k := range attrs {
		if attrs[k].Name == name {
			attrs[k].Value = value
			return attrs
		}
	}
	if value == "" {
		return attrs
	}
	return append(attrs, Attr{name, value})
}

// text reads the shared string table; Chrome writes -1 for "none".
func (f *flattener) text(index int64) string {
	if index < 0 || index >= int64(len(f.strings)) {
		return ""
	}
	return f.strings[index]
}

func (f *flattener) at(list []domsnapshot.StringIndex, i int) string {
	if i >= len(list) {
		return ""
	}
	return f.text(int64(list[i]))
}

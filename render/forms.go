package render

import (
	"fmt"
	"strings"
)

// forms lists the forms of every document, and for each document the controls
// that stand outside any form.
func (d *deriver) forms() {
	p := d.p
	p.Forms = nil
	f := formReader{deriver: d, byNode: make(map[int32]int), byID: make(map[scoped]int32), loose: make(map[int32]*Form)}
	f.labels = f.collect()
	inputs, dropped := 0, 0
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Name == "form" {
			f.open(int32(i))
			continue
		}
		kind := inputKind(n)
		if kind == "" || d.nestedEditable(int32(i), kind) {
			continue
		}
		if inputs++; inputs > maxInputs {
			dropped++
			continue
		}
		f.place(int32(i), f.input(int32(i), kind))
	}
	f.appendLoose()
	if f.over > 0 {
		p.Truncated = append(p.Truncated, fmt.Sprintf("forms over %d, %d dropped", maxForms, f.over))
	}
	if dropped > 0 {
		p.Truncated = append(p.Truncated, fmt.Sprintf("inputs over %d, %d dropped", maxInputs, dropped))
	}
}

// open lists a form. The controls of one that is dropped count as loose.
func (f *formReader) open(i int32) {
	if len(f.p.Forms) >= maxForms {
		f.over++
		return
	}
	if form := f.form(i); f.fits(form.Action) {
		f.byNode[i] = len(f.p.Forms)
		f.p.Forms = append(f.p.Forms, form)
	}
}

// scoped is an id in one document.
type scoped struct {
	frame int32
	id    string
}

type formReader struct {
	*deriver
	byNode map[int32]int     // index in Page.Forms
	byID   map[scoped]int32  // forms by id
	labels map[scoped]string // texts of <label for>
	loose  map[int32]*Form   // controls outside any form, by frame
	frames []int32           // in which order they were met
	over   int               // forms over the bound
}

// collect reads labels and form ids ahead: both may come after their input.
func (f *formReader) collect() map[scoped]string {
	labels := make(map[scoped]string)
	for i := range f.p.Nodes {
		n := &f.p.Nodes[i]
		switch n.Name {
		case "label":
			if id := n.attr("for"); id != "" {
				if text := f.text(int32(i), maxLabel*4); f.fits(text) {
					labels[scoped{n.Frame, id}] = text
				}
			}
		case "form":
			if id := n.attr("id"); id != "" {
				f.byID[scoped{n.Frame, id}] = int32(i)
			}
		}
	}
	return labels
}

func (f *formReader) form(i int32) Form {
	n := &f.p.Nodes[i]
	form := Form{Node: i, Method: strings.ToLower(strings.TrimSpace(n.attr("method")))}
	if form.Method != "post" && form.Method != "dialog" {
		form.Method = "get" // whatever else is written there means get
	}
	if action := trimURL(n.attr("action")); action != "" {
		form.Action = f.resolve(n.Frame, action)
	}
	form.Box, form.Hidden = n.Box, n.Hidden
	return form
}

// inputKind is what a node takes from the visitor, "" if nothing.
func inputKind(n *Node) string {
	switch n.Name {
	case "input":
		kind := strings.ToLower(strings.TrimSpace(n.attr("type")))
		if kind == "" {
			kind = "text"
		}
		return cut(kind, 40)
	case "textarea", "select", "button":
		return n.Name
	}
	if v, ok := n.lookup("contenteditable"); ok && !strings.EqualFold(v, "false") {
		return "contenteditable"
	}
	return ""
}

// nestedEditable says that an editable region lies in another one.
func (d *deriver) nestedEditable(i int32, kind string) bool {
	if kind != "contenteditable" {
		return false
	}
	parent := d.p.Nodes[i].Parent
	return parent >= 0 && inputKind(&d.p.Nodes[parent]) == kind
}

func (f *formReader) input(i int32, kind string) Input {
	n := &f.p.Nodes[i]
	in := Input{
		Node: i, Kind: kind, Box: n.Box, Hidden: n.Hidden,
		Name: cut(n.attr("name"), 1000), ID: cut(n.attr("id"), 1000),
		Autocomplete: cut(strings.ToLower(strings.TrimSpace(n.attr("autocomplete"))), 200),
	}
	_, in.Disabled = n.lookup("disabled")
	_, in.ReadOnly = n.lookup("readonly")
	in.Label = cutRunes(f.label(i, kind), maxLabel)
	return in
}

// label is the first of the texts by which a visitor knows the control.
func (f *formReader) label(i int32, kind string) string {
	n := &f.p.Nodes[i]
	if id := n.attr("id"); id != "" {
		if text := f.labels[scoped{n.Frame, id}]; text != "" {
			return text
		}
	}
	if around := f.ancestor(i, "label"); around >= 0 {
		if text := f.text(around, maxLabel*4); text != "" {
			return text
		}
	}
	for _, name := range [...]string{"aria-label", "placeholder", "title"} {
		if text := collapse(n.attr(name)); text != "" {
			return text
		}
	}
	switch kind {
	case "button":
		return f.text(i, maxLabel*4)
	case "submit", "reset":
		return collapse(n.attr("value"))
	}
	return ""
}

// place files an input under its form: the one named by its form attribute,
// else the one around it, else the loose ones of its document.
func (f *formReader) place(i int32, in Input) {
	n := &f.p.Nodes[i]
	owner := f.ancestor(i, "form")
	if id, ok := n.lookup("form"); ok {
		owner = -1
		if named, ok := f.byID[scoped{n.Frame, id}]; ok {
			owner = named
		}
	}
	if k, ok := f.byNode[owner]; ok {
		f.p.Forms[k].Inputs = append(f.p.Forms[k].Inputs, in)
		return
	}
	form := f.loose[n.Frame]
	if form == nil {
		form = &Form{Node: -1, Method: "get"}
		f.loose[n.Frame] = form
		f.frames = append(f.frames, n.Frame)
	}
	form.Inputs = append(form.Inputs, in)
	form.Box = union(form.Box, in.Box)
}

// appendLoose adds the groups outside forms. One of buttons alone is a menu:
// it takes nothing from anybody.
func (f *formReader) appendLoose() {
	for _, frame := range f.frames {
		form := f.loose[frame]
		takes, why := false, form.Inputs[0].Hidden
		for _, in := range form.Inputs {
			takes = takes || in.Kind != "button"
			if in.Hidden == Shown {
				why = Shown
			}
		}
		if form.Hidden = why; takes {
			f.p.Forms = append(f.p.Forms, *form)
		}
	}
}

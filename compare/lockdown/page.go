package lockdown

import (
	"regexp"
	"slices"
	"strings"
)

// Page is what a browser saw of one page, as far as lockdown is concerned. It is
// stored with every look, so it is small: see the bounds of [Page.Bound].
type Page struct {
	URL    string `json:"url,omitempty"` // where visitors ended up
	Status int    `json:"status,omitempty"`
	// Unseen says why the page proves nothing, "" if it may be judged: an error, a
	// challenge, a maintenance page, a look cut short.
	Unseen string `json:"unseen,omitempty"`

	Doors     []Door   `json:"doors,omitempty"`
	Frames    []Frame  `json:"frames,omitempty"`
	Makers    []Maker  `json:"makers,omitempty"` // scripts that can make or send a form
	Hosts     []string `json:"hosts,omitempty"`  // hosts of scripts of others, sorted, unique
	Cookies   []string `json:"cookies,omitempty"`
	Headers   []Header `json:"headers,omitempty"`   // of the main document, those that are judged
	TLS       *TLS     `json:"tls,omitempty"`       // nil for plain HTTP
	Generator string   `json:"generator,omitempty"` // what the document says it was made with
	Cut       []string `json:"cut,omitempty"`       // what a bound cut off

	// Leads are addresses of other pages of the site to which the navigation of its home
	// page leads, and Beyond is what was seen of the one among them that was visited with
	// this look, nil for none. Its URL is as it stands among the leads.
	Leads  []string `json:"leads,omitempty"`
	Beyond *Page    `json:"beyond,omitempty"`
}

// Door is a form, or the controls of a document that stand outside any form.
type Door struct {
	Loose  bool   `json:"loose,omitempty"`  // controls outside any form
	Action string `json:"action,omitempty"` // absolute; empty for the page itself
	Method string `json:"method,omitempty"` // get, post or dialog
	Name   string `json:"name,omitempty"`   // id, class and role of the form, as they are
	// Where is "" for the document itself, or "frame", "shadow root", "noscript".
	Where  string  `json:"where,omitempty"`
	Hidden string  `json:"hidden,omitempty"` // by what means it is hidden, "" if it is shown
	Box    Box     `json:"box,omitzero"`
	Inputs []Input `json:"inputs,omitempty"`
}

// Input is a control that takes something from the visitor.
type Input struct {
	Kind         string `json:"kind"`           // type of <input>, or textarea, select, button, contenteditable
	Name         string `json:"name,omitempty"` // name and id, with a space between them
	Label        string `json:"label,omitempty"`
	Autocomplete string `json:"auto,omitempty"`
	Off          bool   `json:"off,omitempty"` // disabled, read-only or inert
	Box          Box    `json:"box,omitzero"`
}

// Frame is a document inside the page.
type Frame struct {
	URL string `json:"url,omitempty"`
	Box Box    `json:"box,omitzero"`
}

// Maker is a script of the site's whose source makes a form, or sends what visitors
// type: see [ReadScript].
type Maker struct {
	Name string `json:"name"` // its address, or "inline"
	What string `json:"what"` // what was found in it
}

// Header is one response header, name in lower case.
type Header struct {
	Name  string `json:"n"`
	Value string `json:"v"`
}

// TLS is how the page was reached.
type TLS struct {
	Protocol string `json:"protocol,omitempty"`
	Error    string `json:"error,omitempty"` // why a strict browser refuses it, "" if it does not
}

// Box is a rectangle in picture pixels.
type Box struct {
	X int32 `json:"x"`
	Y int32 `json:"y"`
	W int32 `json:"w"`
	H int32 `json:"h"`
}

func (b Box) empty() bool { return b.W <= 0 || b.H <= 0 }

// Bounds of a Page.
const (
	maxDoors   = 60
	maxInputs  = 30 // of one door
	maxFrames  = 40
	maxMakers  = 20
	maxHosts   = 60
	maxCookies = 40
	maxHeaders = 40
	maxString  = 200  // bytes of a name, label or cookie
	maxLong    = 500  // bytes of an address or a header
	maxPolicy  = 3000 // bytes of a Content-Security-Policy
)

// What a bound can cut off, as [Page.Cut] names it.
const (
	cutForms   = "forms"
	cutInputs  = "inputs of a form"
	cutFrames  = "frames"
	cutScripts = "scripts"
	cutHosts   = "script hosts"
	cutCookies = "cookies"
	cutHeaders = "headers"
	cutPolicy  = "text in its Content-Security-Policy"
)

// Bound cuts the page to what is kept, and says in Cut what it cut.
func (p *Page) Bound() {
	p.URL, p.Generator, p.Unseen = clip(p.URL, maxLong), clip(p.Generator, maxString), clip(p.Unseen, maxLong)
	p.Doors = first(p, p.Doors, maxDoors, cutForms)
	for i := range p.Doors {
		d := &p.Doors[i]
		d.Action, d.Name = clip(d.Action, maxLong), clip(d.Name, maxString)
		d.Inputs = first(p, d.Inputs, maxInputs, cutInputs)
		for k := range d.Inputs {
			in := &d.Inputs[k]
			in.Kind, in.Name, in.Label, in.Autocomplete = clip(in.Kind, 40), clip(in.Name, maxString), clip(in.Label, maxString), clip(in.Autocomplete, 60)
		}
	}
	p.Frames = first(p, p.Frames, maxFrames, cutFrames)
	for i := range p.Frames {
		p.Frames[i].URL = clip(p.Frames[i].URL, maxLong)
	}
	p.Makers = first(p, p.Makers, maxMakers, cutScripts)
	for i := range p.Makers {
		p.Makers[i].Name, p.Makers[i].What = clip(p.Makers[i].Name, maxLong), clip(p.Makers[i].What, maxString)
	}
	p.Hosts = clipAll(first(p, p.Hosts, maxHosts, cutHosts))
	p.Cookies = clipAll(first(p, p.Cookies, maxCookies, cutCookies))
	p.Headers = first(p, p.Headers, maxHeaders, cutHeaders)
	for i := range p.Headers {
		h := &p.Headers[i]
		if h.Name != policyHeader {
			h.Value = clip(h.Value, maxLong)
			continue
		}
		if len(h.Value) > maxPolicy {
			p.Dropped(cutPolicy)
		}
		h.Value = clip(h.Value, maxPolicy)
	}
}

// Dropped notes that a bound, here or before, cut something off: "forms", "scripts" and
// the like, as the constants have it.
func (p *Page) Dropped(what string) {
	if !slices.Contains(p.Cut, what) {
		p.Cut = append(p.Cut, what)
	}
}

// first are the first n of a list; the page says if there were more.
func first[T any](p *Page, all []T, n int, what string) []T {
	if len(all) <= n {
		return all
	}
	p.Dropped(what)
	return all[:n]
}

func clipAll(all []string) []string {
	for i := range all {
		all[i] = clip(all[i], maxString)
	}
	return all
}

// clip cuts a string to n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

// header is the first value of a header, "" if there is none.
func header(all []Header, name string) string {
	for _, h := range all {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// nonce is what a policy allows script by, another with each answer.
var nonce = regexp.MustCompile(`(?i)'nonce-[^']*'`)

// Keep returns what a Page keeps of a response header, and whether it keeps it at all.
// What is another with each answer, and judged by nobody, is left out: looks that saw
// the same are kept once.
func Keep(name, value string) (string, bool) {
	switch name {
	case "server", "x-powered-by", "x-generator", "x-aspnet-version", "x-aspnetmvc-version",
		"strict-transport-security", "x-content-type-options", "x-frame-options", "referrer-policy":
		return value, true
	case policyHeader:
		return nonce.ReplaceAllString(value, "'nonce-'"), true
	case "via": // of the proxies on the way their programs, not their names
		programs := slices.DeleteFunc(strings.Fields(value), func(word string) bool { return !strings.Contains(word, "/") })
		return strings.Join(programs, " "), true
	}
	return "", fronts[name] != ""
}

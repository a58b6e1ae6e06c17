package compare

import (
	"image"
	"time"
)

// View is the part of one look at a page that comparison reads. It is filled by
// the monitor from what a browser saw, is stored as JSON with a baseline, and
// holds hostile strings that were bounded when they were read.
type View struct {
	URL, FinalURL string
	Status        int
	Language      string
	Direction     string // "ltr" or "rtl"
	Title         string

	// Elements is the rendered tree, flat, in document order, elements only;
	// frames and shadow roots are part of it.
	Elements []Element
	Links    []Link
	Forms    []Form
	Frames   []Frame
	Scripts  []Script
	Meta     Meta

	// Destinations are the hosts the page exchanged data with, sorted, unique.
	Destinations []Destination
	// Refused are connections the egress proxy turned down.
	Refused   []Refusal
	Dialogs   []string
	Downloads []Download
	Popups    []string // addresses of windows that the page opened
	Hops      []Hop    // redirects on the way to FinalURL, in order
	Asks      []Ask    // what the page asked for although nobody clicked

	// Width and Height of the picture in pixels; 0 if there is none.
	Width, Height int
	// PictureDigest and DOMDigest are SHA-256 in hex. Two views with equal
	// digests are the same look.
	PictureDigest, DOMDigest string
	// NotComparable says why this look must not be compared ("" if it may):
	// an error, challenge, parked, blank ... page.
	NotComparable string
	// Partial marks a look cut short by a deadline.
	Partial bool
}

// Box is a rectangle in picture pixels.
type Box struct{ X, Y, W, H int32 }

// Element is one element of the rendered tree.
type Element struct {
	Parent int32  `json:"p"` // index in View.Elements, -1 for a root
	Tag    string `json:"t"` // lower case
	// Key is what tells this element from its siblings in a stable way: id and
	// classes, without parts that look generated.
	Key      string  `json:"k,omitempty"`
	Text     string  `json:"x,omitempty"` // text of its own, white space collapsed
	Box      Box     `json:"b"`
	Hidden   string  `json:"h,omitempty"` // "" if shown, otherwise by what means it is not: see package render
	Src      string  `json:"s,omitempty"` // absolute src of img, video, embed ...
	Alt      string  `json:"a,omitempty"`
	FontSize float32 `json:"f,omitempty"`
}

// Link is a link and whether a visitor can see it.
type Link struct {
	URL, Text, Hidden string
	Box               Box
}

// Form is a form, its absolute action and the controls in it.
type Form struct {
	Action, Method, Hidden string
	Inputs                 []Input
	Box                    Box
}

// Input is one control of a form.
type Input struct{ Kind, Name, Label, Hidden string }

// Frame is a document inside the page.
type Frame struct {
	URL, Hidden string
	Box         Box
}

// Script is a script that ran, or that the document lists. Its source travels
// in Look.Sources under its SHA256.
type Script struct {
	Kind      string // external, inline, module, handler, url, eval, worker, wasm
	URL, Host string
	Initiator []string
	Integrity string
	Ran       bool
	Length    int
	SHA256    string
	Tokens    string // digest of the normalised token stream
}

// Meta is what the document says without showing it.
type Meta struct {
	Refresh, Base, Canonical, Robots, Description, Generator, Icon, Manifest string
}

// Destination is a host the page talked to.
type Destination struct {
	Host      string
	PostBytes int64 // bytes of request bodies sent there
}

// Refusal is a connection the egress proxy turned down.
type Refusal struct {
	Host   string
	Port   int
	Reason string
	// Address for which it was turned down, where Host is a name that leads there.
	Address string
}

// Hop is one redirect.
type Hop struct {
	URL  string // where it started
	Kind string // http, meta or script
}

// Ask is something of the visitor's that the page asked for.
type Ask struct {
	Kind   string // clipboard_write, clipboard_read, notification, camera ...: see package render
	Detail string // the text for the clipboard
}

// Download is a file the page tried to hand out.
type Download struct{ URL, Name, MIME string }

// Look is a View with the large parts that are loaded only when they are needed.
type Look struct {
	View View
	// At is when it was made; zero if nobody knows. Learn wants it: what stood still for
	// a minute is not what stands still.
	At time.Time
	// Picture is the decoded screenshot, nil if there is none or if it need
	// not be read (equal digests).
	Picture image.Image
	// Sources maps the SHA256 of scripts to their (bounded) source text. A
	// script without an entry is judged by its digests and host alone.
	Sources map[string]string
	// Read is what was read in the parts of the picture that Report.Unread named: nil if
	// nobody tried, empty if nothing was found.
	Read []Reading
	// Other marks a look made as another visitor than the approved ones, such as a
	// phone: its picture and layout are not compared.
	Other bool
}

package render

import (
	"net/netip"
	"time"

	"pasban/render/egress"
)

// An Outcome is what the site did with one capture. It is never our fault: a
// capture that failed because of this machine is an error from [Pool.Render].
type Outcome string

// The outcomes, in the order in which a capture can meet them.
const (
	OK             Outcome = "ok"
	HTTPError      Outcome = "http_error"      // final status 4xx or 5xx; the content is still recorded
	AuthRequired   Outcome = "auth_required"   // 401 or 407
	TLSError       Outcome = "tls_error"       // refused by strict TLS; the content was then loaded ignoring it
	DNSError       Outcome = "dns_error"       // no such name, or no answer in time
	Unreachable    Outcome = "unreachable"     // connection refused, reset, no route, or not HTTP at all
	RedirectLoop   Outcome = "redirect_loop"   // more than 20 by HTTP, more than 10 by script or meta refresh
	TimeoutConnect Outcome = "timeout_connect" // no response header before the deadline: there is nothing to compare
	TimeoutPartial Outcome = "timeout_partial" // the deadline, or the server, cut the load short; what was there is recorded
	Crashed        Outcome = "crashed"         // the renderer died under the page
	Unresponsive   Outcome = "unresponsive"    // the renderer hung and was killed
	Download       Outcome = "download"        // a file instead of a document, or along with one, which is then recorded
	DialogLoop     Outcome = "dialog_loop"     // more than 20 alert, confirm or prompt dialogs
	TooBig         Outcome = "too_big"         // over the byte, node or memory budget
	BlockedByWAF   Outcome = "blocked_by_waf"  // a challenge page stands before the site
	NotHTML        Outcome = "not_html"        // the main document is a picture, a PDF, text, JSON ...
	EgressDenied   Outcome = "egress_denied"   // the site's own address is one we refuse to dial
)

// Condition is a page that is there but is not the site: its picture must not
// be compared with a baseline. The zero value is an ordinary page.
type Condition string

const (
	Ordinary    Condition = ""
	Blank       Condition = "blank"       // nothing was painted
	Parked      Condition = "parked"      // a registrar's or broker's page
	Suspended   Condition = "suspended"   // the hoster's "account suspended"
	Placeholder Condition = "placeholder" // default page of a web server, panel or CMS installer
	Maintenance Condition = "maintenance" // the site says that it is being worked on
	Challenge   Condition = "challenge"   // bot wall or captcha; the Outcome is blocked_by_waf
	ErrorPage   Condition = "error_page"  // an error page, whatever its status says
	Captive     Condition = "captive"     // a network between us and the site answered: a log-in, a provider's block
)

// Page is what Chrome saw of one URL. Everything in it was chosen by the site
// and is hostile: bounded when it was read, never to be trusted as a path, as
// HTML or as a command. What a bound cut off is listed in Truncated.
type Page struct {
	URL       string     // as requested
	FinalURL  string     // of the main document, without fragment
	Redirects []Redirect // from URL to FinalURL, in order
	Status    int        // of the main document; 0 if there was no response
	MIME      string     // of the main document, lower case, without parameters
	Headers   []Header   // of the main document, in Chrome's order, at most 100
	TLS       *TLS       // nil for plain HTTP or when no handshake took place
	RemoteIPs []string   // addresses dialled for the main document's host

	Title     string // of the main document, at most 1,000 runes
	Language  string // html lang attribute
	Direction string // computed direction of the root element: "ltr" or "rtl"
	Nodes     []Node // the rendered tree, frames and shadow roots included, document order
	Frames    []Frame
	HTML      []byte // the tree serialised again, main document first; see Markup
	DOMDigest string // SHA-256, hex, of HTML

	Links   []Link
	Forms   []Form
	Meta    Meta
	Scripts []Script

	Resources []Resource       // every request, in order of start, at most 2,000
	Network   []egress.Verdict // every connection the capture's proxy was asked for

	Dialogs   []Dialog
	Downloads []DownloadAttempt
	Popups    []string // URLs of windows the page tried to open
	Asks      []Ask    // what the page asked the visitor's browser for, each once, at most 50
	Console   []string // console errors and uncaught exceptions, at most 100

	Screenshot *Screenshot // nil if no picture could be taken

	Outcome   Outcome
	Detail    string // why, in words an operator understands; Chrome's net:: code where there is one
	Condition Condition
	Truncated []string // what was cut, e.g. "height 48210 px, kept 16000"
	Log       []LogLine
	Started   time.Time
	Timings   Timings
	Memory    int64  // most that this Chrome and its children were seen to use, PSS, bytes; sampled every 250 ms
	Browser   string // product and version, e.g. "HeadlessChrome/156.0.8078.79"
}

// Redirect is one hop on the way to the final document.
type Redirect struct {
	URL    string // where the hop started
	Status int    // HTTP status; 0 for a redirect made by script or meta refresh
	Kind   string // "http", "meta" or "script"
}

// Header is one response header, name in lower case, value at most 4 KiB.
type Header struct{ Name, Value string }

// TLS describes the certificate and connection of the main document.
type TLS struct {
	Protocol, Cipher    string
	Subject, Issuer     string
	SANs                []string // at most 100
	NotBefore, NotAfter time.Time
	Error               string // net:: code of the strict load, "" if it passed
}

// Node is one node of the rendered tree. Nodes are flat and in document order;
// Parent points at an earlier index. A frame's document is a child of its
// <iframe>, a shadow root a child of its host.
type Node struct {
	Parent int32 // index in Page.Nodes, -1 for the main document
	Frame  int32 // index in Page.Frames
	// Name is the lower-case tag, or "#document", "#text", "#shadow-root",
	// "#doctype", "::before", "::after".
	Name              string
	Attrs             []Attr
	Text              string // for "#text" and generated content: the text, at most 64 KiB
	Box               Box    // CSS pixels from the top left corner of the main document; zero if not laid out
	Hidden            Hidden // why a visitor does not see it; Shown if he does
	Color, Background string // computed, "rgb(0, 0, 0)" form; only on elements that have text of their own
	FontSize          float32
}

// Attr is one attribute, name in lower case, value at most 8 KiB.
type Attr struct{ Name, Value string }

// Box is a rectangle in CSS pixels, which are picture pixels: captures are made
// at a device scale factor of 1.
type Box struct{ X, Y, W, H int32 }

// Hidden says by which means something is kept from the visitor's eyes.
type Hidden string

const (
	Shown       Hidden = ""
	NotRendered Hidden = "display-none" // display:none, or never laid out
	Invisible   Hidden = "visibility"   // visibility:hidden or collapse
	Transparent Hidden = "transparent"  // opacity below 0.05 on it or an ancestor
	OffPage     Hidden = "off-page"     // outside of the page's scrollable area
	ZeroSize    Hidden = "zero-size"    // clipped to less than 2 px by 2 px, or font size below 2 px
	SameColour  Hidden = "same-colour"  // text in the colour of what is behind it
)

// Frame is one document: the page itself (index 0), an iframe or a srcdoc.
type Frame struct {
	Parent int32 // index in Page.Frames, -1 for the main document
	Owner  int32 // index in Page.Nodes of the <iframe> that holds it, -1 for the main document
	URL    string
	Base   string // what relative addresses in it are resolved against
	// Direction is the computed direction of its root element: "ltr" or "rtl".
	Direction string
	Hidden    Hidden
	Box       Box
}

// Link is an <a>, <area> or SVG link with a destination.
type Link struct {
	Node   int32 // index in Page.Nodes
	URL    string
	Text   string // at most 300 runes; alt texts count
	Rel    string
	Box    Box
	Hidden Hidden
}

// Form is a <form>, or the inputs of a document that stand outside any form
// (Node is then -1), which scripts can submit just as well.
type Form struct {
	Node   int32
	Action string // absolute; empty submits to the page itself
	Method string // lower case
	Inputs []Input
	Box    Box
	Hidden Hidden
}

// Input is a control that takes something from the visitor.
type Input struct {
	Node               int32
	Kind               string // type of <input>, or "textarea", "select", "button", "contenteditable"
	Name, ID, Label    string // Label: label, placeholder or aria-label, at most 200 runes
	Autocomplete       string
	Box                Box
	Hidden             Hidden
	Disabled, ReadOnly bool
}

// Meta is what a document says about itself without showing it.
type Meta struct {
	Refresh     string // content of meta http-equiv=refresh
	Base        string
	Canonical   string
	Robots      string
	Description string
	Generator   string
	Icon        string
	Manifest    string
}

// Script is one script that ran, or that the document lists although it did
// not run (Ran is false).
type Script struct {
	// Kind is external, inline, module, handler, url (javascript:), eval, worker or wasm.
	Kind      string
	URL       string   // of an external script; of the document for the others
	Host      string   // host of URL
	Initiator []string // URLs that caused it, nearest first, at most 10
	Integrity string   // SRI attribute
	Node      int32    // the <script> element, -1 if there is none
	Ran       bool
	Length    int    // bytes of the whole source
	SHA256    string // hex, of the whole source where we had it, of the kept part otherwise
	Source    string // at most 512 KiB
	Tokens    string // SHA-256, hex, of the normalised token stream: see Normalise
}

// Resource is one request the page made.
type Resource struct {
	URL       string // at most 4 KiB
	Method    string
	Kind      string // Chrome's resource type in lower case: document, script, image, xhr, fetch, websocket ...
	Status    int    // 0 if there was no response
	MIME      string
	Bytes     int64  // on the wire
	Initiator string // URL of what asked for it
	Failed    string // net:: code
	IP        string
	PostBytes int64 // size of the request body
}

// Dialog is one alert, confirm, prompt or beforeunload. It was dismissed.
type Dialog struct {
	Kind string
	Text string // at most 2,000 runes
}

// DownloadAttempt is a file the page tried to hand to the visitor. It was refused.
type DownloadAttempt struct{ URL, Name, MIME string }

// Ask is something of the visitor's that the page asked for although nobody had
// clicked anything. It was denied.
type Ask struct {
	// Kind is clipboard_write, clipboard_read, service_worker, notification,
	// geolocation, camera, microphone, screen, payment, usb (HID and serial too),
	// bluetooth or midi.
	Kind string
	// Detail is the text for the clipboard, or the address of the service worker,
	// where it is known: at most 1,000 runes.
	Detail string
}

// Screenshot is the full-page picture, losslessly encoded.
type Screenshot struct {
	Data          []byte // a PNG file
	SHA256        string // hex, of Data
	Width, Height int    // pixels, read from the header and within bounds
}

// LogLine is one line of the capture's own log.
type LogLine struct {
	At   time.Duration // since Started
	Text string
}

// Timings of a capture, each since its start; zero if it was not reached.
type Timings struct {
	Response, DOMContent, Load, Settled, Snapshot, Screenshot, Done time.Duration
}

// Request asks for one capture. Only URL is required.
type Request struct {
	URL string
	// Width and Height of the viewport in CSS pixels. Default 1366x768.
	Width, Height int
	// UserAgent replaces Chrome's own; Referrer is sent with the first request.
	UserAgent, Referrer string
	// Mobile emulates a phone: touch, a mobile viewport of 390x844 unless set.
	Mobile bool
	// Locale and TimeZone the page sees. Default "en-US" and "Asia/Karachi".
	Locale, TimeZone string
	// AllowPrivate are ranges this site may be dialled in although they are
	// not public; they add to those of the pool.
	AllowPrivate []netip.Prefix
	// AllowExact is one address and port this look may dial whatever it is, when the
	// URL holds it: see egress.Policy. Default: none.
	AllowExact netip.AddrPort
	// FreshProcess makes the capture in a Chrome that has shown no other site
	// and that is ended afterwards.
	FreshProcess bool
	// Soft and Hard deadlines. Defaults 15 s and 30 s: after the soft one the
	// load is stopped and what is there is taken, at the hard one Chrome is killed.
	Soft, Hard time.Duration
}

// Package render turns a URL into a [Page]: what a visitor's browser makes of
// a web site, taken by a browser that does not trust it.
//
// A [Pool] keeps a few warm Chrome processes (chrome-headless-shell, driven
// over a pipe, started with an environment of our own and with its sandbox on).
// One capture goes like this:
//
//  1. [Pool.Render] validates the URL and waits for a free process.
//  2. The process holds a tab made ahead of time: a fresh browser context whose
//     only way out is a proxy of its own (package egress), and a page in it
//     that has been told to record everything and to allow nothing.
//  3. The page is loaded under virtual time: timers, dates and random numbers
//     are those of a script and not those of the wall clock, so that the same
//     page gives the same bytes.
//  4. When the page has settled, or its soft deadline has passed, the tree, the
//     picture and the scripts that ran are read: always from outside of the
//     page's own JavaScript, which may lie.
//  5. The context is thrown away, its proxy closed, and the next tab is made.
//
// Whatever the site does is an [Outcome] of the Page. A capture that fails
// because of this machine is an error: [ErrURL], [ErrStart] or [ErrDied]. A
// process that has seen anything but a clean outcome shows no second site: it
// is killed with all its children, and a new one takes its place.
package render

import (
	"errors"
	"time"
)

// The errors of Render and NewPool, for errors.Is.
var (
	// ErrURL: the URL is not one we would open. It is the caller's fault.
	ErrURL = errors.New("URL refused")
	// ErrStart: Chrome is missing or does not start.
	ErrStart = errors.New("browser did not start")
	// ErrDied: the browser process ended under a capture, twice.
	ErrDied = errors.New("browser died")
	// ErrClosed: the pool was closed.
	ErrClosed = errors.New("render pool closed")
)

// The bounds of one capture. What they cut is named in Page.Truncated.
const (
	maxNodes     = defaultNodeLimit
	maxResources = 2_000
	maxHeaders   = 100
	maxDialogs   = 20  // one more is a loop
	maxPopups    = 200 // URLs kept; every window is refused
	notePopups   = 5
	maxDownloads = 20
	maxConsole   = 100
	maxWorkers   = 4 // that run at once
	maxSANs      = 100

	maxScriptSources = 16 << 20 // bytes kept of all scripts of a page
	maxAddress       = 4 << 10  // bytes of a URL
	maxValue         = 4 << 10  // bytes of a header value
	maxDialogText    = 2_000    // runes
	maxConsoleText   = 500      // runes

	maxHTTPRedirects = 20 // Chrome's own limit, net/url_request/url_request.h kMaxRedirects
	maxNavigations   = 10 // documents loaded by script or meta refresh

	maxPicture = 16_000 // pixels in either direction

	// maxMessage bounds one protocol message from Chrome. The largest honest
	// one is a fast PNG of 1366x16000 pixels of noise, some 120 MB in base64.
	maxMessage = 160 << 20
)

// The defaults of Options and Request.
const (
	defaultProcesses = 2
	defaultRetire    = 100
	defaultMemory    = 1536 << 20
	defaultSoft      = 15 * time.Second
	defaultHard      = 30 * time.Second
	startTimeout     = 15 * time.Second
	tabTimeout       = 10 * time.Second
)

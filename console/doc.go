// Package console is the web console of people who decide all day whether a site was
// attacked.
//
// A request takes one way through it. [Server] sets the headers that keep a page what
// it is, refuses what another origin sent, finds the session and in it the account, and
// hands over to the handler of a screen. The handler asks package monitor, which alone
// decides and records, and fills a template; html/template escapes for the place. The
// scripts in static are plain modules: without them every screen can be read and every
// decision taken by its button; with them by the keyboard.
//
// Everything of a site's that is shown went through monitor.Visible first: bounded, on
// one line, with characters that reorder text made visible. Captured bytes never come
// from here but from package evidence, on another origin.
//
// Wording is English in the templates; wording.go has the Urdu for each of it. A page
// in Urdu is the same page with dir="rtl": the style sheet knows start and end, never
// left and right.
package console

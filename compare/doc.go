// Package compare judges one look at a web page against what is known of it.
//
// [Learn] sums up the approved looks of a page in a [Baseline]: what all of
// them share (the stable core), what any of them showed (the known), and where
// they differ from each other (the volatile). [Compare] measures a new look
// against it and fuses the measurements into one [Report]. Without a baseline
// only those rules judge that need none, such as a crew's signature in the title.
//
// Three ideas carry the package.
//
// What all of several looks share is far steadier than any single look: one
// month apart, news front pages keep less than 0.3 of their text in 31.8 % of
// pairs when one look is the yardstick, and in 0.65 % when three are (measured
// on 70 pages of 15 news hosts).
//
// Words are evidence only where they are new. A tight list of phrases fires on
// 0.27 % of ordinary pages when it looks at the whole page, and on none of
// 3,735 pairs of versions when it looks at what was added.
//
// No single weak sign pages anybody. A [Finding] is decisive, a vote or a
// note; an alert takes a decisive one or two votes of different families.
//
// The package is pure: no input, no output, no clock; the same arguments give
// the same Report. Everything in a [View] is hostile, and every pass over it is
// bounded.
package compare

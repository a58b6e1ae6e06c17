// Package lockdown judges whether a site that was ordered to be read-only is.
//
// Under attack a CERT orders sites into lockdown: visitors may look, nothing may be
// written. That is a list of controls (see [Controls]): no usable form, no login, no
// search box, requests that change something refused, back ends closed to the world,
// and so on. [Judge] holds against them what a browser saw of a page ([Page]) and what
// the server said to a few requests that change nothing ([Server]). It is pure: no
// input, no output, no clock; its callers hand in all three.
//
// A verdict is one of four. Closed means that what would show an open door was looked
// at, and does not. Open comes with evidence and, where there is one, a box on the
// picture. Unknown comes with the reason, and never counts as compliance: a site that
// hides behind a challenge page has proved nothing. Waived means that a person decided
// to leave it open for a while.
//
// What is judged was chosen by the site, which may lie. A form that CSS hides is still
// there for every program; a closed shadow root is open to the browser's own debugger,
// from which a Page comes; a script that builds a form when somebody clicks has the
// form's text in its source; a server that says 200 to everything gives itself away by
// what it says to a path that nobody has. The tests have a fixture for each of these.
//
// Strings of a Page or a Server are hostile. They are bounded when they are read, and
// bounded again in a verdict's evidence.
package lockdown

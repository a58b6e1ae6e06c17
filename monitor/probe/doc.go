// Package probe takes a cheap look at every watched page between the renders: one
// plain HTTP request a minute, held against what the page's HTML has been like
// whenever a browser found it to be as approved.
//
// A browser's look costs a second or two of a processor, and comes every fifteen
// minutes. A probe costs a millisecond. It cannot tell an attack from a new notice,
// and need not: what it cannot clear it hands to a browser at once ([Config.Suspect]).
// It never alerts, approves or records anything about a site by itself.
//
//	p := probe.New(probe.Config{Suspect: queueALook})
//	p.Watch(targets)
//	go p.Run(ctx)
//	...
//	p.Conclude(target, began, probe.Good) // whenever a browser has looked
//
// # What is compared
//
// An answer is taken apart into features, each a value in a place: a text at a path
// of tags, a path below its parent, four tokens in a row of an inline script, the
// address of a file, the site that a form reports to, the status, who vouches for
// the certificate, the network that the name led to. Numbers, tokens and the names
// of days and months are left out of values, so that a date is no change. A feature
// is kept as 4 bytes of salted hash, a page as some kilobytes.
//
// The fingerprint of a page knows three things: every feature it ever had (Known),
// those it always had (Core), and places where something new stands all the time
// (Changes), such as a ticker or a block of advertisements. A page is cleared if it
// has nothing unknown outside of those places, and all of the core. Where visitors
// and their data end up (hosts of scripts, frames, forms and links, redirects) is
// never taken for noise, and every new text, in a place that always changes too, is
// held against the rules of package compare that need no approved look.
//
// Suspicion is damped, so that a page which moves all day is not all that is looked
// at. What no lively page has an excuse for is damped by itself: new code, a new
// place that data may end up, an attacker's words, most of the page gone. A headline
// of two minutes ago holds none of these up.
//
// The page's own scripts, styles and first large pictures are asked for by their
// validators, each in every fourth round.
//
// # What is learnt
//
// Nothing that no browser vouched for. What probes saw since the last look waits in
// a draft; a good look that began after all of it makes it part of the fingerprint,
// any other throws it away, and one that saw nothing or began before the suspicion is
// asked for once more. So a suspicion that a browser clears is learnt, and an
// attack is not. A fingerprint is in use from three answers on; before that nothing
// is suspected, so that a restart does not ask for a look at everything.
//
// # Manners
//
// The probe asks for the pages it was told to watch and the files of their own sites
// that these load, no more often than a visitor who reloads once a minute, and by a
// User-Agent that says who asks. It follows no links, and so is no crawler that
// robots.txt speaks to. It sends what it knows (If-None-Match, If-Modified-Since),
// keeps one connection a host, makes one request at a time to a machine, and stays
// away for as long as Retry-After says, or longer each time it is refused.
//
// It faces hostile servers inside of our own process. Addresses are judged and
// dialled by the same policy as the browsers' (package egress), at each hop of a
// redirect. What a server sends is bounded as sent and as unpacked, is cut into
// tokens and never into a tree, and nothing of it is executed.
package probe

// Package snapshot makes the copy from which a site is shown while its own server
// is being cleaned: the pages as a browser rendered them, with everything in them
// that acts taken out.
//
// One copy is made like this:
//
//  1. [Store.Build] has each watched page of a site rendered, and from its menus
//     finds the other main pages, up to a bound.
//  2. The rendered tree of each page is read again as HTML. Scripts, handlers and
//     forms go, frames become pages of their own, shadow roots become declarative
//     ones, and every address is exchanged for one inside of the copy.
//  3. What the pages are painted with (styles, pictures, fonts) is fetched once,
//     by the rules the browsers go out by, and its own references likewise.
//  4. Every file becomes a blob under its SHA-256, so that what two copies share
//     is kept once. An index lists the files by path and the exchanges that they
//     were taken from; a small manifest names the index.
//
// Package monitor then proves it: the copy is served by [Store.Serve] on loopback,
// rendered by the same browsers, and compared with the approved look.
//
// What leaves the house is a bundle: [Store.Export] writes the files, the exchanges
// as a WARC (ISO 28500), the configuration of three web servers and a page of
// instructions into one archive with a signed manifest.
//
// # What is not trusted
//
// Addresses, names and types come from a site that may be hostile. A path in a copy
// is made of letters and digits alone or of a hash (see names); a type is one of a
// short list, decided by the bytes (see kinds); every page is parsed once more after
// it was written and thrown away if anything in it could act (see CheckInert). What
// is too large or too much is left out and listed, never cut in silence.
package snapshot

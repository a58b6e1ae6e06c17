package compare

import (
	"fmt"
	"slices"
)

// Some who deface a page write nothing that a text rule could read: the page is
// one picture, with all words in it. What gives it away is the structure. There is
// next to no text, something large is painted, and nothing that a visitor sees is
// the owner's any more.

// pictureWords is how many words may stand beside the picture.
const pictureWords = 15

// painters are the elements that show a picture, or something like one.
var painters = set("img", "svg", "canvas", "video", "object", "embed", "iframe", "frame", "picture", "image")

// pictureHits judges a page that is one picture and was none, or another one.
func pictureHits(c *comparison) []hit {
	if c.base == nil || c.look.Picture == nil || c.look.View.Partial || c.page.words > pictureWords || c.ownPage() {
		return nil
	}
	rich := len(c.core().Text) >= minCore
	if rich && c.kept.text >= coreLostBelow || !rich && !c.anotherPoster() {
		return nil
	}
	name, box, ok := c.bigPicture()
	named, n := c.seenIdentity()
	if !ok || n >= minIdentity {
		return nil
	}
	h := hit{rule: "defacement.picture_only", strength: decisive, region: &box}
	h.evidence = excerpt(fmt.Sprintf("%d words and %s; kept of the owner: %s", c.page.words, name, firstOf(some(named), "nothing")))
	if !rich && !c.strangePoster(box) {
		h.strength = vote
	}
	return []hit{h}
}

// bigPicture is what fills the page, by name and place: an element, or a
// background, which no element tells of.
func (c *comparison) bigPicture() (string, Box, bool) {
	img := toRGBA(c.look.Picture)
	first := screen(img)
	for _, e := range c.look.View.Elements {
		if painters[e.Tag] && e.Hidden == "" && within(e.Box, first)*100 >= 20*area(first) {
			return firstOf(e.Tag+" "+fileOf(e.Src), nameOf(e)), e.Box, true
		}
	}
	const blankShare = 0.98
	return "a painted ground", first, groundOf(img, first).share < blankShare
}

// seenIdentity counts the marks of the owner that a visitor sees: identity counts
// what is hidden in the document as well, and that is where an attacker leaves it.
func (c *comparison) seenIdentity() (named []string, n int) {
	if c.titleKept() {
		named, n = append(named, "title"), n+1
	}
	if len(c.core().Vocabulary) > 0 && c.kept.vocabulary >= 0.15 {
		named, n = append(named, "vocabulary"), n+1
	}
	if c.page.ownLinks >= 3 || c.page.ownLinks > 0 && c.page.ownLinks >= c.core().OwnLinks {
		named, n = append(named, "links to itself"), n+1
	}
	if c.showsKnownImage() {
		named, n = append(named, "pictures"), n+1
	}
	return named, n
}

// showsKnownImage reports a picture of the approved looks that still shows what it
// showed.
func (c *comparison) showsKnownImage() bool {
	if c.base.Reference == nil {
		return false
	}
	was, is := toRGBA(c.base.Reference), toRGBA(c.look.Picture)
	return slices.ContainsFunc(c.base.Images, func(k KnownImage) bool {
		i := slices.IndexFunc(c.look.View.Elements, func(e Element) bool {
			return e.Tag == "img" && e.Hidden == "" && e.Src == k.Src && sameSize(e.Box, k.Box)
		})
		return i >= 0 && contrast(was, k.Box) >= leastContrast && recognisable(was, is, k.Box, c.look.View.Elements[i].Box)
	})
}

// anotherPoster reports a page that never had much text and looks entirely
// different: by its hash, by the cells that changed, or by its tiles where it is too
// flat for either.
func (c *comparison) anotherPoster() bool {
	if len(c.core().Text) > 0 && c.kept.text >= 0.5 {
		return false
	}
	switch {
	case c.hashKnown:
		return c.hashFar > pageHashFar
	case c.change != nil:
		return c.change.Share > coveredShare
	}
	return leastChanged(c.print, c.base.Prints) > coveredShare
}

// lightFar is a shift of luminance from day to night, 0 to 255.
const lightFar = 60

// strangePoster reports what an owner does not do when he hangs another poster on
// a page that is nothing but one: give up its title, take it from a stranger, or
// paint it in the dark.
func (c *comparison) strangePoster(box Box) bool {
	foreign := slices.ContainsFunc(c.look.View.Elements, func(e Element) bool {
		return e.Hidden == "" && painters[e.Tag] && e.Box == box && c.foreign(hostOf(e.Src))
	})
	return foreign || !c.titleKept() || c.print.Light < darkBelow && c.lightShift() >= lightFar
}

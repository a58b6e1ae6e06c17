package compare

import "slices"

// A page is written by templates. What its owner adds goes where the template puts
// such things: one more entry of the list, one more paragraph of the article. What is
// pasted into the document by hand stands where no text stood before, in an element
// of its own between others that stayed as they were. A new section looks like that
// too, and comes with many elements; a pasted message is one or two. Owners paste as
// well, warnings of fraud above all, so the place alone says nothing, nor do words in
// it. A text there in a language that is none of the site's speaks twice against itself.

// mostStrays is how many texts in new places are a message; more is a section.
const mostStrays = 2

// findStrays lists the new texts that stand where no approved look had one, none if
// they are too many to be pasted.
func (c *comparison) findStrays() {
	if c.look.Other || c.look.View.Partial || c.coreLost() || len(c.base.Looks) < steadyLooks {
		return
	}
	for _, b := range c.newBlocks {
		if b.hidden != "" || b.linked || c.base.Places.has(b.place) {
			continue
		}
		if len(c.strays) == mostStrays {
			c.strays = nil
			return
		}
		c.strays = append(c.strays, b)
	}
}

// isStray reports a text in a new place.
func (c *comparison) isStray(b *block) bool { return b != nil && slices.Contains(c.strays, b) }

// strayHits judges texts in new places. A place by itself is no finding: of 90 written
// updates eight put something there, of 109 real ones one.
func strayHits(c *comparison) []hit {
	own, host := c.base.Character, hostOf(c.look.View.URL)
	if !own.known() {
		return nil
	}
	for _, b := range c.strays {
		if own.stranger(b.text, host) != "" {
			return []hit{{rule: "defacement.stray", strength: vote, evidence: excerpt(b.text), region: regionOf(b)}}
		}
	}
	return nil
}

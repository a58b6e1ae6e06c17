package compare

import "fmt"

// Where a slide show runs or news bring their own photographs, every look shows
// other pictures, and a difference says nothing. Those places are the ones that an
// intruder finds by the front door: what stands there is not compared, but it is
// still looked at. A photograph gives way to another photograph; in the place of
// one, lettering on black is what most who deface leave.

// restlessPictures are large pictures in places that vary from look to look, where
// they show something else than the newest approved look did.
func (c *comparison) restlessPictures() []Element {
	if c.change == nil || len(c.base.Volatile) == 0 {
		return nil
	}
	var out []Element
	frame := frameOf(c.look)
	for _, e := range c.look.View.Elements {
		if !pictures[e.Tag] || e.Hidden != "" || area(e.Box) < minImage || e.Box.cut(frame) != e.Box || c.isMasked(e.Box) {
			continue
		}
		if !c.isRestless(e.Box) {
			continue
		}
		if share, ok := unlike(c.base.Reference, c.look.Picture, e.Box, e.Box); !ok || share > differentPicture {
			out = append(out, e)
		}
	}
	return out
}

// differentPicture is the share of a picture's points that differ clearly in
// another picture: of two photographs of one make it is about half.
const differentPicture = 0.2

// isRestless reports a box of which most varies.
func (c *comparison) isRestless(b Box) bool {
	n := 0
	for _, v := range c.base.Volatile {
		n += within(v, b)
	}
	return 10*n >= 6*area(b)
}

// restlessHit judges the pictures in such places. Mourning is dark as well, and
// printed on black now and then: it is a vote, and what the letters say decides.
func (c *comparison) restlessHit() (hit, bool) {
	for _, e := range c.restlessPictures() {
		is := groundOf(toRGBA(c.look.Picture), e.Box)
		was := ground{}
		if fitsIn(e.Box, toRGBA(c.base.Reference)) {
			was = groundOf(toRGBA(c.base.Reference), e.Box)
		}
		if is.black() && is.drawn() && !(was.black() && was.drawn()) && !c.overlaid(e) {
			box := e.Box
			evidence := fmt.Sprintf("lettering on black in a place that varies: %s", fileOf(e.Src))
			return hit{rule: "defacement.image", strength: vote, evidence: excerpt(evidence), region: &box}, true
		}
	}
	return hit{}, false
}

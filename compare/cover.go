package compare

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// An overlay leaves the document as it was: every text rule sees the approved
// words, and visitors see none of them. So the baseline keeps marks: what each
// approved look showed in its first screen, and where. A look whose document still
// claims to show them is asked whether they can be made out in its picture.

// Mark is a piece of text or a picture that all approved looks showed in the first
// screen, and where it stands in the newest one.
type Mark struct {
	Hash uint32 `json:"hash"`
	Box  Box    `json:"box"`
}

const (
	maxMarks = 60
	// minMarks is how many marks make a first screen that can be missed.
	minMarks = 3
	// smallMark is the edge in pixels below which nothing is told apart.
	smallMark = 8
)

// marks are what a look shows in the first screen of its picture, each once.
func (f *features) marks(first Box) []Mark {
	var out []Mark
	seen := map[uint32]bool{}
	add := func(h uint32, b Box) {
		small := b.W < smallMark || b.H < smallMark || 2*area(b) > area(first)
		if small || seen[h] || within(b, first) < area(b) || len(out) >= maxMarks {
			return
		}
		seen[h] = true
		out = append(out, Mark{h, b})
	}
	for _, e := range f.view.Elements {
		if e.Tag == "img" && e.Src != "" && e.Hidden == "" {
			add(short(hash(hash(f.salt, "picture"), e.Src)), e.Box)
		}
	}
	for i := range f.blocks {
		if b := &f.blocks[i]; b.hidden == "" {
			add(b.hash, b.box)
		}
	}
	return out
}

// steadyMarks are the marks of a look that can be seen in its picture and, if
// there was a look before, could be seen as well in that.
func steadyMarks(before *Look, marks []Mark, now *Look, f *features) []Mark {
	if now.Picture == nil || now.Picture.Bounds().Empty() {
		return nil
	}
	is := toRGBA(now.Picture)
	var out []Mark
	for _, m := range f.marks(screen(is)) {
		if contrast(is, m.Box) < leastContrast {
			continue
		}
		if before != nil && before.Picture != nil {
			old := slices.IndexFunc(marks, func(o Mark) bool { return o.Hash == m.Hash })
			if old < 0 || !recognisable(toRGBA(before.Picture), is, marks[old].Box, m.Box) {
				continue
			}
		}
		out = append(out, m)
	}
	return out
}

// cover is what became of the first screen of a page whose document is intact.
type cover struct {
	claimed, lost int // marks that the document shows, and those of them that nobody can see
	over          int // index of the element that lies over them, -1 if none was found
}

// hidesScreen reports that nearly nothing is left of the first screen: a window in
// front of a page leaves its margins.
func (v cover) hidesScreen() bool { return v.claimed >= minMarks && 10*v.lost >= 9*v.claimed }

// shows reports that most of the first screen can be made out, in whatever colours.
func (v cover) shows() bool { return v.claimed >= minMarks && 2*v.lost < v.claimed }

// lookForCover asks for the marks of the approved looks.
func (c *comparison) lookForCover() cover {
	v := cover{over: -1}
	if c.base.Reference == nil || c.look.Picture == nil || c.design != 0 {
		return v
	}
	was, is := toRGBA(c.base.Reference), toRGBA(c.look.Picture)
	boxes := map[Box]bool{}
	for _, m := range c.page.marks(screen(is)) {
		i := slices.IndexFunc(c.base.Marks, func(o Mark) bool { return o.Hash == m.Hash })
		if i < 0 || !sameSize(c.base.Marks[i].Box, m.Box) || c.isMasked(m.Box) {
			continue
		}
		v.claimed++
		boxes[m.Box] = true
		if !recognisable(was, is, c.base.Marks[i].Box, m.Box) {
			v.lost++
		}
	}
	if v.hidesScreen() {
		v.over = c.overlay(boxes, screen(is))
	}
	return v
}

// sameSize allows for a letter that is set a little wider.
func sameSize(a, b Box) bool { return abs(int(a.W-b.W)) <= 2 && abs(int(a.H-b.H)) <= 2 }

// overlay is the last element that takes up most of the first screen without
// holding any of what stands there: what is painted last lies on top. An element
// whose id the approved looks had is not new.
func (c *comparison) overlay(marks map[Box]bool, first Box) int {
	v := c.look.View
	holds := v.holders(marks)
	found := -1
	for i, e := range v.Elements {
		if e.Hidden != "" || holds[i] || silent[e.Tag] || !fills(e.Box, first, 60) || c.knownID(e) {
			continue
		}
		if p := e.Parent; p < 0 || p >= int32(i) || holds[p] || found < 0 {
			found = i
		}
	}
	return found
}

func (c *comparison) knownID(e Element) bool {
	id, _, _ := strings.Cut(e.Key, ".")
	return strings.HasPrefix(id, "#") && c.core().Landmarks.has(short(hash(hash(c.page.salt, "id"), id)))
}

// coverHits judges a picture that changed as a whole while the document under it
// did not: something was laid over the page.
func coverHits(c *comparison) []hit {
	if c.base == nil || c.look.Picture == nil || c.look.View.Partial || c.kept.text < 0.5 || c.kept.paths < 0.5 {
		return nil
	}
	if c.screenHidden() {
		if h, ok := c.coverHit(*c.cover); ok {
			return []hit{h}
		}
	}
	if c.cover.shows() {
		return nil // another dress, or grey for mourning
	}
	return c.otherFace()
}

// screenHidden asks once.
func (c *comparison) screenHidden() bool {
	if c.cover == nil {
		v := c.lookForCover()
		c.cover = &v
	}
	return c.cover.hidesScreen()
}

// coverHit judges a first screen of which nothing can be seen. Who owns a page and
// lays a greeting or his mourning over it lets visitors through, or signs it with
// his name; who took it does not.
func (c *comparison) coverHit(v cover) (hit, bool) {
	first := screen(c.look.Picture)
	h := hit{rule: "defacement.covered", strength: vote, region: &first}
	h.evidence = fmt.Sprintf("%d of %d pieces of the first screen cannot be seen", v.lost, v.claimed)
	if v.over < 0 {
		was, is := groundOf(toRGBA(c.base.Reference), screen(c.base.Reference)), groundOf(toRGBA(c.look.Picture), first)
		return h, is.drawn() && abs(was.light-is.light) > 48
	}
	e := c.look.View.Elements[v.over]
	h.evidence = excerpt(h.evidence + "; over them lies " + nameOf(e))
	if e.Box.W > 0 && e.Box.H > 0 {
		box := e.Box
		h.region = &box
	}
	in := c.look.View.descends(v.over)
	if file := c.overlayHands(in); file != "" {
		h.rule, h.strength, h.severity = "injection.program", decisive, Critical
		h.evidence = excerpt(h.evidence + " and hands out " + file)
		return h, true
	}
	if !c.wayOut(in) && !c.namesOwner(in) {
		h.strength, h.severity = decisive, Critical
	}
	return h, true
}

// closers are the words and names by which a window is closed.
var closers = regexp.MustCompile(`(?i)^[×✕✖⨯xX]$|\b(close|dismiss|skip|continue|enter site|proceed|accept|agree|got it)\b|بند کر|آگے بڑھ|جاری رکھ|قبول|إغلاق|تخطي|kapat|tutup|fechar|cerrar|закрыть|关闭|बंद कर|বন্ধ`)

// closerLength is how long the text of a control is at most, in bytes.
const closerLength = 60

// wayOut reports something to close an overlay by, or a link through it into the
// site.
func (c *comparison) wayOut(in []bool) bool {
	own := map[Box]bool{}
	for _, l := range c.look.View.Links {
		if l.Hidden == "" && l.Box.W > 0 && c.knownHost(hostOf(l.URL)) {
			own[l.Box] = true
		}
	}
	for i, e := range c.look.View.Elements {
		if !in[i] || e.Hidden != "" {
			continue
		}
		label := len(e.Text) <= closerLength && closers.MatchString(e.Text)
		if e.Tag == "button" || e.Tag == "a" && own[e.Box] || label || closers.MatchString(strings.ReplaceAll(e.Key, "_", "-")) {
			return true
		}
	}
	return false
}

// namesOwner reports an overlay that has at least half of the words of an approved
// title.
func (c *comparison) namesOwner(in []bool) bool {
	var said []string
	for i, e := range c.look.View.Elements {
		if in[i] && e.Hidden == "" && !silent[e.Tag] && len(said) < shortPage {
			for _, w := range foldWords(firstOf(e.Text, e.Alt)) {
				said = append(said, w.text)
			}
		}
	}
	for _, t := range c.base.Titles {
		words, kept := foldWords(t), 0
		for _, w := range words {
			if slices.Contains(said, w.text) {
				kept++
			}
		}
		if len(words) > 1 && 2*kept >= len(words) {
			return true
		}
	}
	return false
}

// otherFace judges a page whose picture as a whole is another one.
func (c *comparison) otherFace() []hit {
	if !c.hashKnown || c.hashFar <= pageHashFar || c.change == nil || c.change.Share < coveredShare {
		return nil
	}
	h := hit{rule: "defacement.covered", strength: note, evidence: fmt.Sprintf("%d of 256 bits of the page's hash differ", c.hashFar)}
	if c.print.Light < darkBelow && c.lightBefore() >= darkBelow {
		h.strength = vote
	}
	return []hit{h}
}

// coveredShare of the picture must differ for something to cover the page.
const coveredShare = 0.5

// lightBefore is the luminance of the darkest approved look.
func (c *comparison) lightBefore() float64 {
	low := 255.0
	for _, p := range c.base.Prints {
		low = min(low, p.Light)
	}
	return low
}

// lightShift is how far the luminance of the whole page lies from all approved
// ones, 0 to 255. It is evidence beside other evidence: days of mourning are dark.
func (c *comparison) lightShift() float64 {
	least := 255.0
	for _, p := range c.base.Prints {
		least = min(least, math.Abs(p.Light-c.print.Light))
	}
	if len(c.base.Prints) == 0 || len(c.print.Tiles) == 0 {
		return 0
	}
	return least
}

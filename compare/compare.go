package compare

import (
	"fmt"
	"slices"
	"strings"
)

// comparison holds what one call of Compare has measured; the rules read it.
type comparison struct {
	base *Baseline // nil without one
	look Look
	page *features
	own  []string // registrable domains of the look's own URLs

	masks []Box // regions of the picture that are not judged

	newBlocks  []*block // text blocks that no approved look had
	sayings    []saying // phrases in them that no approved look had
	strays     []*block // of the new blocks, those in places that no approved look had
	newScripts []newScript
	announced  []string  // texts of links into the site, nil until somebody asks
	newFiles   []Element // shown elements with a file that no approved look had, likewise

	named  map[string]bool // hosts, and whether an approved script names them
	unread int             // new scripts beyond the bounds
	tokens []jsToken       // room for those of one script after the other

	design int  // index of the core that the look is nearest to
	kept   kept // of that core

	print     Print
	hashFar   int  // bits between the picture and the nearest approved look
	hashKnown bool // there was something to compare with
	change    *Change
	cover     *cover // nil until somebody asks
}

// Compare judges a look. masks are regions, in pixels of the look's picture, that
// are left out of picture comparison; their text and scripts are judged all the
// same. Without a baseline (nil) only decisive findings of content rules count,
// and a page without any is Benign.
func Compare(b *Baseline, look Look, masks []Box) *Report {
	r := &Report{}
	if b.Same(look.View) {
		r.Verdict, r.Why = Unchanged, "Picture, document and scripts are those of an approved look."
		return r
	}
	if look.Other {
		look.Picture = nil
	}
	c := &comparison{base: b, look: look, masks: masks}
	if b != nil {
		c.page = b.Secret.derive(look.View)
	} else {
		c.page = derive(look.View)
	}
	c.own = ownSites(look.View, b)
	c.findNewText()
	if r.NotComparable = notComparable(look.View); r.NotComparable != "" && c.stillThere() {
		r.NotComparable = ""
	}
	if r.NotComparable != "" {
		fuse(r, onlyDecisive(run(c, errorPageRules)))
		c.askToRead(r)
		return r
	}
	if b == nil {
		fuse(r, onlyDecisive(run(c, contentRules)))
		c.askToRead(r)
		return r
	}
	c.measure()
	c.measurePicture(r)
	r.Signals = c.signals()
	fuse(r, c.forgive(explain(append(run(c, contentRules), run(c, baselineRules)...))))
	c.settle(r)
	c.askToRead(r)
	return r
}

// askToRead names what is worth reading in the picture, or says what was read.
func (c *comparison) askToRead(r *Report) {
	where, left := c.worthReading(r)
	r.Unread = where
	r.Signals = append(r.Signals, c.readSignals(left)...)
}

// explain drops what a graver fact accounts for: a page that gave way to a list of
// files or to an error of its program was not defaced, and where visitors end up
// on another site, it goes without saying that nothing of this one is left. What
// tells people to run something, or asks for their cards, covers the page so that
// they do.
func explain(hits []hit) []hit {
	if slices.ContainsFunc(hits, func(h hit) bool {
		return h.strength == decisive && (h.rule == "injection.lure" || h.rule == "injection.program")
	}) {
		hits = slices.DeleteFunc(hits, func(h hit) bool { return h.rule == "defacement.covered" })
	}
	broken := slices.ContainsFunc(hits, func(h hit) bool { return h.strength == decisive && slices.Contains(accounts, h.rule) })
	return slices.DeleteFunc(hits, func(h hit) bool { return broken && ruleByID[h.rule].family == "replaced" })
}

// accounts are the rules that account for a page which is not there any more.
var accounts = []string{"leak.directory", "leak.sql_error", "leak.stack_trace", "leak.phpinfo", "leak.secrets", "leak.sql_dump", "leak.server_file",
	"leak.log", "leak.server_status", "leak.passwords", "injection.redirect"}

// notComparable says why a look must not be compared, "" if it may.
func notComparable(v View) string {
	switch {
	case v.NotComparable != "":
		return v.NotComparable
	case v.Status >= 400:
		return fmt.Sprintf("the server answered with status %d", v.Status)
	case len(v.Elements) == 0:
		return "no document was read"
	}
	return ""
}

// standIns begin the reasons for which a page is taken for something in the site's
// place. They are read off a status, a header or a phrase, all of which whoever
// sits on the server can send along with the page; see Condition and Outcome of
// package render.
var standIns = []string{"the server answered with status", "blocked_by_waf", "auth_required",
	"blank", "parked", "suspended", "placeholder", "maintenance", "challenge", "error_page", "captive"}

// stillThere reports that a look which must not be compared shows the approved
// page all the same: then it is compared.
func (c *comparison) stillThere() bool {
	why := notComparable(c.look.View)
	if c.base == nil || !slices.ContainsFunc(standIns, func(s string) bool { return strings.HasPrefix(why, s) }) {
		return false
	}
	c.design, c.kept = c.base.nearestCore(c.page)
	return len(c.core().Text) >= minCore && c.kept.text >= coreIntact && c.kept.paths >= coreIntact
}

// ownSites are the registrable domains that a look may deal with freely. Where it
// was redirected to is its own only if the baseline knows the place.
func ownSites(v View, b *Baseline) []string {
	own := []string{siteOf(hostOf(v.URL))}
	if b == nil {
		return append(own, siteOf(hostOf(v.FinalURL)))
	}
	return append(own, b.Finals...)
}

// findNewText lists the blocks that no approved look had, and the phrases in them.
func (c *comparison) findNewText() {
	for i := range c.page.blocks {
		b := &c.page.blocks[i]
		if c.base == nil || !c.base.Known.has(b.hash) {
			c.newBlocks = append(c.newBlocks, b)
		}
	}
	c.sayings = c.newSayings()
}

// measure compares text, structure and scripts with the baseline.
func (c *comparison) measure() {
	c.design, c.kept = c.base.nearestCore(c.page)
	c.newScripts, c.unread = c.readScripts()
	c.findStrays()
}

// measurePicture compares the pictures, as far as they are there. The hash of the
// whole page costs more than all the rest; it is made where it can say something,
// that is where much of the page changed or regions cannot be compared.
func (c *comparison) measurePicture(r *Report) {
	if c.look.Picture == nil {
		return
	}
	// The approved picture is one of the newest design.
	if c.base.Reference != nil && c.design == 0 {
		ch := c.base.Secret.diff(c.base.Reference, c.look.Picture, c.masks, c.base.Volatile)
		c.change = &ch
		r.Changed, r.Gone, r.ChangedShare = ch.Changed, ch.Gone, ch.Share
	}
	if c.change == nil || c.change.Share >= hashedShare {
		c.print = Fingerprint(c.look.Picture)
		c.hashFar, c.hashKnown = nearest(c.print, c.base.Prints)
	}
	if c.change == nil {
		r.ChangedShare = leastChanged(c.print, c.base.Prints)
	}
}

// hashedShare of a picture must have changed for its hash to be made: less
// cannot move a hash of low frequencies by pageHashFar bits.
const hashedShare = 0.25

// signals lists the measurements for the record.
func (c *comparison) signals() []Signal {
	_, identity := c.identity()
	out := []Signal{
		{Name: "text_core", Value: c.kept.text},
		{Name: "path_core", Value: c.kept.paths},
		{Name: "vocabulary", Value: c.kept.vocabulary},
		{Name: "landmarks", Value: c.kept.landmarks},
		{Name: "identity", Value: float64(identity)},
		{Name: "new_blocks", Value: float64(len(c.newBlocks))},
		{Name: "new_scripts", Value: float64(len(c.newScripts)), Evidence: c.scriptNames()},
	}
	if c.unread > 0 {
		out = append(out, Signal{Name: "unread_scripts", Value: float64(c.unread)})
	}
	if c.hashKnown {
		out = append(out, Signal{Name: "page_hash", Value: float64(c.hashFar)})
	}
	if c.change != nil {
		out = append(out, Signal{Name: "changed_share", Value: c.change.Share, Evidence: c.changedBlocks()})
	}
	if shift := c.lightShift(); shift > 0 {
		out = append(out, Signal{Name: "light_shift", Value: shift})
	}
	return out
}

func (c *comparison) scriptNames() string {
	var names []string
	for _, n := range c.newScripts[:min(3, len(c.newScripts))] {
		names = append(names, n.name())
	}
	return excerpt(strings.Join(names, ", "))
}

package compare

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Thresholds of script novelty, measured on 13 front pages, 61 skimmers and 23
// exploit-kit injections.
const (
	// novelBelow is the containment under which a script is new code: 0.0 % of
	// benign pairs between two looks, 98.4 % of skimmers, 100 % of the rest.
	novelBelow = 0.2
	// maxNovelScripts and maxNovelBytes bound what is read in one comparison.
	maxNovelScripts = 60
	maxNovelBytes   = 8 << 20
)

// newScript is a script that no approved look had.
type newScript struct {
	Script
	novel       conduct   // of the part that is new
	parts       []conduct // of stretches of it: what belongs together stands together
	close       []conduct // of shorter ones, if what it does is telling only side by side
	containment float64   // share of its shingles that the baseline's scripts have; -1 if it is unknown
	read        bool      // the source was there
	foreign     bool      // comes from a host that is new to the site
}

// Missing lists the SHA256s of the baseline's scripts whose sources Compare
// would like in Baseline.Sources to tell what is new in the scripts of a view.
// It is empty if the view has no new script.
func (b *Baseline) Missing(v View) []string {
	if b == nil || !slices.ContainsFunc(v.Scripts, func(s Script) bool { return !b.knowsScript(s) }) {
		return nil
	}
	var out []string
	for _, s := range b.Scripts {
		if _, ok := b.Sources[s.SHA256]; s.SHA256 != "" && !ok && !slices.Contains(out, s.SHA256) {
			out = append(out, s.SHA256)
		}
	}
	return out
}

// knowsScript reports a script that is the same but for white space, comments
// and literals as one of an approved look, from the same place.
func (b *Baseline) knowsScript(s Script) bool {
	if s.SHA256 == "" { // its text was not to be had: all that is known is where it came from
		from := scriptFamily(s)
		return slices.ContainsFunc(b.Scripts, func(k KnownScript) bool { return k.Family == from })
	}
	host := strings.ToLower(s.Host)
	return slices.ContainsFunc(b.Scripts, func(k KnownScript) bool {
		return k.SHA256 == s.SHA256 || k.Tokens != "" && k.Tokens == s.Tokens && k.Host == host
	})
}

// buildPart are the parts of a file name that a release or a build changes.
var buildPart = regexp.MustCompile(`(?i)[-._]?(v?\d+(\.\d+)+|[0-9a-f]{7,}|\d+|min|slim|bundle)\b`)

// family is a path without version numbers and build hashes: jquery-3.7.0.min.js
// and jquery-3.7.1.min.js are one family.
func family(path string) string { return buildPart.ReplaceAllString(strings.ToLower(path), "") }

func scriptFamily(s Script) string {
	if s.Kind != "external" && s.Kind != "module" && s.Kind != "worker" {
		return ""
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname()) + family(u.Path)
}

// readScripts finds the scripts that are new and what is new in them, those that
// attacks come in first. What the bounds leave is counted in unread.
func (c *comparison) readScripts() (out []newScript, unread int) {
	var candidates []newScript
	for _, s := range c.look.View.Scripts {
		if c.base.knowsScript(s) && !c.retargeted(s) {
			continue
		}
		n := newScript{Script: s, containment: -1}
		n.foreign = scriptFamily(s) != "" && !npmFile(s.URL) && c.stranger(strings.ToLower(s.Host))
		candidates = append(candidates, n)
	}
	slices.SortStableFunc(candidates, func(a, b newScript) int { return a.turn() - b.turn() })
	if len(candidates) == 0 {
		return nil, 0
	}
	known, left := c.knownShingles(), maxNovelBytes
	for i := range candidates {
		source := c.look.Sources[candidates[i].SHA256]
		if len(source) > left || i >= maxNovelScripts {
			unread++
			continue
		}
		left -= len(source)
		c.readScript(&candidates[i], source, known)
	}
	return candidates, unread
}

// turn is when a script is read: code that stands in the page and hosts that are
// new come before files of the site's own.
func (n newScript) turn() int {
	switch {
	case scriptFamily(n.Script) == "", n.foreign:
		return 0
	}
	return 1
}

func (c *comparison) readScript(n *newScript, source string, known hashSet) {
	if n.read = source != ""; !n.read {
		return
	}
	tokens := lexInto(c.tokens, source)
	c.tokens = tokens[:0]
	if len(known) > 0 || len(c.base.Scripts) == 0 {
		tokens, n.containment = novelPart(tokens, known)
	}
	n.parts = partsOf(tokens, readTogether)
	for _, p := range n.parts {
		n.novel.merge(p)
	}
	if d := n.novel.does; d.all(leaves|asksOrigin) || d.all(opensWindow|anyClick) {
		n.close = partsOf(tokens, sideBySide)
	}
}

// readTogether is how many tokens are read as one: a skimmer fits into two.
const readTogether = 2000

// sideBySide is how many tokens are a few lines: what stands in two of them.
const sideBySide = 120

// partsOf reads tokens in stretches and puts each together with the next, so that
// in a large library the field that one function reads is not held against the
// address that another one calls.
func partsOf(tokens []jsToken, together int) []conduct {
	var single []conduct
	for part := range slices.Chunk(tokens, together) {
		single = append(single, conductOf(part, 2))
	}
	parts := slices.Clone(single[:min(1, len(single))])
	for i := 1; i < len(single); i++ {
		both := conduct{}
		both.merge(single[i-1])
		both.merge(single[i])
		parts = append(parts, both)
	}
	return parts
}

// retargeted reports a known script whose literals now name a stranger: its
// tokens are the same, whom it serves is not.
func (c *comparison) retargeted(s Script) bool {
	source := c.look.Sources[s.SHA256]
	if source == "" || slices.ContainsFunc(c.base.Scripts, func(k KnownScript) bool { return k.SHA256 == s.SHA256 }) {
		return false
	}
	return slices.ContainsFunc(conductOf(lexScript(source), 2).hosts, c.stranger)
}

// knownShingles is the union over the baseline's scripts.
func (c *comparison) knownShingles() hashSet {
	var all []uint32
	for _, source := range c.base.Sources {
		c.tokens = lexInto(c.tokens, source)
		h, _ := scriptShingles(c.tokens)
		all = append(all, h...)
	}
	return newHashSet(all)
}

// strangers are the hosts in a part of a script that the site never dealt with,
// its own host included if that is new.
func (c *comparison) strangers(n newScript, part conduct) []string {
	var out []string
	for _, h := range part.hosts {
		if c.stranger(h) && !(n.vendor() && isOpen(h)) {
			out = addHost(out, h)
		}
	}
	if n.foreign {
		out = addHost(out, strings.ToLower(n.Host))
	}
	return out
}

// vendor reports a script of a well-known service: whom it deals with is known.
func (n newScript) vendor() bool {
	return scriptFamily(n.Script) != "" && isService(strings.ToLower(n.Host)) && !isOpen(strings.ToLower(n.Host))
}

// loose reports code that stands in the page or comes from a new host: nobody's
// build put it there.
func (n newScript) loose() bool { return n.foreign || scriptFamily(n.Script) == "" }

// usedBefore reports whether some approved script did all of it: without the
// sources of the baseline this is what remains of novelty.
func (c *comparison) usedBefore(d doings) bool {
	return slices.ContainsFunc(c.base.Scripts, func(k KnownScript) bool { return k.Doings.all(d) })
}

// isNew reports that the doing is in new code: the part that is judged is novel
// by shingles, or, without sources to compare with, the page never did it before.
// A new version of a file does what the one before it did.
func (c *comparison) isNew(n newScript, d doings) bool {
	if family := scriptFamily(n.Script); family != "" && !n.foreign &&
		slices.ContainsFunc(c.base.Scripts, func(k KnownScript) bool { return k.Family == family && k.Doings.all(d) }) {
		return n.containment >= novelBelow // of a file that was built anew nothing is known
	}
	return n.containment >= 0 || !c.usedBefore(d) || n.foreign
}

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
	// maxNovelScripts bounds the scripts that are read in one comparison.
	maxNovelScripts = 60
)

// newScript is a script that no approved look had.
type newScript struct {
	Script
	novel       conduct // of the part that is new
	containment float64 // share of its shingles that the baseline's scripts have; -1 if it is unknown
	read        bool    // the source was there
	foreign     bool    // comes from a host that is new to the site
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
	host := strings.ToLower(s.Host)
	return slices.ContainsFunc(b.Scripts, func(k KnownScript) bool {
		if s.SHA256 == "" { // its text was not to be had: all that is known is where it came from
			return k.Family == scriptFamily(s)
		}
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

// readScripts finds the scripts that are new and what is new in them.
func (c *comparison) readScripts() []newScript {
	var out []newScript
	known := c.knownShingles()
	for _, s := range c.look.View.Scripts {
		if len(out) >= maxNovelScripts || c.base.knowsScript(s) && !c.retargeted(s) {
			continue
		}
		n := newScript{Script: s, containment: -1}
		n.foreign = scriptFamily(s) != "" && c.foreign(strings.ToLower(s.Host))
		source, ok := c.look.Sources[s.SHA256]
		if n.read = ok && source != ""; n.read {
			tokens := lexScript(source)
			if len(known) > 0 || len(c.base.Scripts) == 0 {
				tokens, n.containment = novelPart(tokens, known)
			}
			n.novel = conductOf(tokens, 2)
		}
		out = append(out, n)
	}
	return out
}

// retargeted reports a known script whose literals now name a stranger: its
// tokens are the same, whom it serves is not.
func (c *comparison) retargeted(s Script) bool {
	source := c.look.Sources[s.SHA256]
	if source == "" || slices.ContainsFunc(c.base.Scripts, func(k KnownScript) bool { return k.SHA256 == s.SHA256 }) {
		return false
	}
	return slices.ContainsFunc(conductOf(lexScript(source), 2).hosts, c.foreign)
}

// knownShingles is the union over the baseline's scripts.
func (c *comparison) knownShingles() hashSet {
	var all []uint32
	for _, source := range c.base.Sources {
		h, _ := scriptShingles(lexScript(source))
		all = append(all, h...)
	}
	return newHashSet(all)
}

// strangers are the hosts in the new part of a script that the site never dealt
// with, its own host included if that is new.
func (c *comparison) strangers(n newScript) []string {
	var out []string
	for _, h := range n.novel.hosts {
		if c.foreign(h) && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	if n.foreign && !slices.Contains(out, n.Host) {
		out = append(out, n.Host)
	}
	return out
}

// usedBefore reports whether some approved script did all of it: without the
// sources of the baseline this is what remains of novelty.
func (c *comparison) usedBefore(d doings) bool {
	return slices.ContainsFunc(c.base.Scripts, func(k KnownScript) bool { return k.Doings.all(d) })
}

// isNew reports that the doing is in new code: the part that is judged is novel
// by shingles, or, without sources to compare with, the page never did it before.
func (c *comparison) isNew(n newScript, d doings) bool {
	return n.containment >= 0 || !c.usedBefore(d) || n.foreign
}

package compare

import (
	"fmt"
	"strings"
)

// scriptHits judges every new script by what its new part does.
func scriptHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	var hits []hit
	for _, n := range c.newScripts {
		for _, rule := range []func(*comparison, newScript) (hit, bool){skimmer, decoder, frameWriter, pasteTrap, redirectScript, miner} {
			if h, ok := rule(c, n); ok {
				hits = append(hits, h)
			}
		}
	}
	return hits
}

func (n newScript) name() string {
	if scriptFamily(n.Script) != "" {
		return n.URL
	}
	return fmt.Sprintf("%s script of %d bytes", n.Kind, n.Length)
}

// skimmer: new code reads what visitors type and sends it away.
func skimmer(c *comparison, n newScript) (hit, bool) {
	d := n.novel.does
	harvests := d&(sensitive|allInputs) != 0
	if !d.all(readsFields|sends) && !d.all(readsKeys|sends) || !c.isNew(n, readsFields|sends) {
		return hit{}, false
	}
	to := c.strangers(n)
	h := hit{rule: "injection.skimmer", strength: vote, evidence: n.name()}
	switch {
	case len(to) > 0 && harvests && d.all(readsFields):
		h.strength = decisive
	case len(to) == 0 && !(harvests && d.all(obfuscated)):
		return hit{}, false // a form of the site's own that talks to its own server
	}
	if len(to) > 0 {
		h.evidence += " names " + strings.Join(to[:min(3, len(to))], ", ")
	}
	return h, true
}

// decoder: new code unpacks text and runs it.
func decoder(c *comparison, n newScript) (hit, bool) {
	d := n.novel.does
	if !d.all(decodes|evaluates) || n.containment >= novelBelow || !c.isNew(n, decodes|evaluates) {
		return hit{}, false
	}
	h := hit{rule: "injection.decoder", strength: vote, evidence: n.name()}
	if d.all(obfuscated) && (n.foreign || scriptFamily(n.Script) == "") {
		h.strength = decisive
	}
	return h, n.foreign || scriptFamily(n.Script) == "" || d.all(obfuscated)
}

// frameWriter: new code builds a frame that shows a stranger's page.
func frameWriter(c *comparison, n newScript) (hit, bool) {
	to := c.strangers(n)
	if !n.novel.does.all(writesFrame) || len(to) == 0 {
		return hit{}, false
	}
	h := hit{rule: "injection.frame_writer", strength: vote, evidence: n.name() + " names " + to[0]}
	if n.novel.does.all(hidesIt) && !n.foreign {
		h.strength = decisive
	}
	return h, true
}

// pasteTrap: new code puts a command into the visitor's clipboard ("ClickFix").
func pasteTrap(_ *comparison, n newScript) (hit, bool) {
	return hit{rule: "injection.paste_trap", strength: decisive, evidence: n.name()},
		n.novel.does.all(setsClipboard | commands)
}

// redirectScript: new code sends visitors elsewhere.
func redirectScript(c *comparison, n newScript) (hit, bool) {
	to := c.strangers(n)
	if !n.novel.does.all(leaves) || len(to) == 0 || n.foreign && len(to) == 1 {
		return hit{}, false
	}
	h := hit{rule: "injection.redirect_script", strength: vote, evidence: n.name() + " names " + to[0]}
	d := n.novel.does
	switch {
	case n.containment >= novelBelow || n.Kind == "handler" || n.Kind == "url":
	case d.all(asksOrigin): // only some visitors are sent: nobody does that with good intent
		h.strength = decisive
	case !d.all(waits) && n.Length <= smallScript && !isState(to[0]):
		h.strength = decisive // nothing but that, and at once
	}
	return h, true
}

// smallScript is the length in bytes up to which a script does one thing.
const smallScript = 1000

// miner: new code computes for somebody else.
func miner(_ *comparison, n newScript) (hit, bool) {
	return hit{rule: "injection.miner", strength: decisive, evidence: n.name()}, n.novel.does.all(mines)
}

// scriptHostHits notes scripts from hosts new to the site that do nothing of the
// above, or whose text was not to be had.
func scriptHostHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	var hosts []string
	for _, n := range c.newScripts {
		if n.foreign && !npmFile(n.URL) {
			hosts = merge(hosts, strings.ToLower(n.Host))
		}
	}
	if len(hosts) == 0 {
		return nil
	}
	return []hit{{rule: "injection.script_host", strength: note, evidence: strings.Join(hosts[:min(3, len(hosts))], ", ")}}
}

// npmFile reports a file of a published package on one of the two public
// mirrors of the npm registry, where nobody can change it afterwards.
func npmFile(raw string) bool {
	return strings.Contains(raw, "//cdn.jsdelivr.net/npm/") || strings.Contains(raw, "//unpkg.com/")
}

package compare

import (
	"fmt"
	"slices"
	"strings"
)

// codeRules judge one new script each.
var codeRules = []func(*comparison, newScript) (hit, bool){skimmer, decoder, frameWriter, pasteTrap, redirectScript, miner, cookieThief, copySwapper, hiddenLoader, oddCode, installer, fileHander, windowOpener}

// scriptHits judges every new script by what its new part does.
func scriptHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	var hits []hit
	for _, n := range c.newScripts {
		for _, rule := range codeRules {
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

func naming(n newScript, hosts []string) string {
	if len(hosts) == 0 {
		return n.name()
	}
	return n.name() + " names " + strings.Join(hosts[:min(3, len(hosts))], ", ")
}

// skimmer: new code reads what visitors type and sends it away. The gravest of
// its stretches counts.
func skimmer(c *comparison, n newScript) (hit, bool) {
	var worst hit
	found := false
	for _, p := range n.parts {
		if h, ok := c.skims(n, p); ok && (!found || h.strength > worst.strength) {
			worst, found = h, true
		}
	}
	return worst, found
}

// largeScript is the size from which on a script from a new host is a product:
// chats and forms of vendors read what is typed into them.
const largeScript = 60 << 10

func (c *comparison) skims(n newScript, p conduct) (hit, bool) {
	d := p.does
	if !d.all(sends) || !d.any(readsFields|readsKeys) || !c.isNew(n, readsFields|sends) {
		return hit{}, false
	}
	to := c.strangers(n, p)
	harvests := d.any(sensitive | allInputs)
	h := hit{rule: "injection.skimmer", strength: vote, evidence: naming(n, to)}
	switch {
	case len(to) == 0:
		if !(harvests && d.all(obfuscated)) {
			return hit{}, false // a form of the site's own that talks to its own server
		}
		if d.all(sensitive|readsFields) && n.loose() {
			h.strength = decisive
		}
	case !d.all(readsFields):
		if d.all(allInputs) && n.loose() && n.Length < largeScript {
			h.strength = decisive // every key on the whole page
		}
	case harvests && d.all(obfuscated):
		h.strength = decisive
	case harvests && len(c.strangers(newScript{}, p)) == 0:
		if n.Length < smallDecoder { // libraries, which name nobody, are larger
			h.strength = decisive
		}
	case harvests && (n.Length < largeScript || n.containment >= novelBelow):
		h.strength = decisive
	case d.all(wholeForm) && (!d.all(handlesForm) || d.all(obfuscated)) && c.asksSecrets() && n.Length < largeScript:
		h.strength = decisive // a copy of the form on which the page asks for secrets
	case !harvests && !d.all(wholeForm) && !d.all(readsKeys):
		return hit{}, false // one field of its own, as a search has it
	}
	return h, true
}

// asksSecrets reports a page on which somebody enters what a thief wants.
func (c *comparison) asksSecrets() bool {
	for _, f := range c.look.View.Forms {
		if asksSecrets(f) {
			return true
		}
	}
	return false
}

// decoder: new code unpacks text and runs it.
func decoder(c *comparison, n newScript) (hit, bool) {
	if n.containment >= novelBelow && scriptFamily(n.Script) == "" || !n.read {
		return hit{}, false
	}
	for _, p := range n.parts {
		d := p.does
		small := n.Length < smallDecoder
		runs := d.all(unpacks) || small && (d.all(decodes|evaluates) || d.all(readsHidden|loads) && n.loose())
		veiled := len(c.strangers(newScript{}, conduct{hosts: p.veiled})) > 0
		if !runs && !(d.all(obfuscated) && (n.loose() || n.containment >= novelBelow)) || !c.isNew(n, decodes|evaluates) {
			continue
		}
		h := hit{rule: "injection.decoder", strength: vote, evidence: n.name()}
		switch {
		case n.vendor(), n.containment < novelBelow && !n.loose() && !d.all(obfuscated):
			continue
		case d.all(obfuscated) && n.inPage() && n.containment < novelBelow && n.Length < largeScript:
			h.strength = decisive // nobody writes so into a page of his own
		case d.all(obfuscated) && d.any(sends|loads|leaves|writesFrame) && n.containment >= novelBelow && !n.foreign && !guardFile(n.URL) && !c.usedBefore(obfuscated):
			h.strength = decisive // nor behind a file of his own, of which the rest stayed
		case runs && (n.loose() && (d.all(obfuscated|decodes) || small) || veiled), d.all(obfuscated) && d.any(sends|loads|leaves|writesFrame) && n.loose() && !guardFile(n.URL):
			h.strength = decisive
		}
		return h, true
	}
	return hit{}, false
}

// smallDecoder is the size up to which all of a script belongs together.
const smallDecoder = 8 << 10

// guardFile reports a script by which a front keeps robots out: those are
// disguised as well.
func guardFile(raw string) bool {
	return strings.Contains(raw, "/cdn-cgi/challenge-platform/") || strings.Contains(raw, "/_Incapsula_Resource") || strings.Contains(raw, "/TSPD/") || strings.Contains(raw, "/akam/")
}

// frameWriter: new code builds a frame that shows a stranger's page.
func frameWriter(c *comparison, n newScript) (hit, bool) {
	for _, p := range n.parts {
		to := c.strangers(n, p)
		if !p.does.all(writesFrame) || len(to) == 0 {
			continue
		}
		h := hit{rule: "injection.frame_writer", strength: vote, evidence: naming(n, to[:1])}
		switch {
		case n.foreign && len(to) == 1 || n.Length >= largeScript:
			h.strength = note // a widget that shows its maker's page
		case p.does.all(hidesIt) && !n.foreign && n.containment < novelBelow && scriptFamily(n.Script) == "", len(p.veiled) > 0 && n.loose():
			h.strength = decisive
		}
		return h, true
	}
	return hit{}, false
}

// pasteTrap: new code puts a command into the visitor's clipboard ("ClickFix").
func pasteTrap(_ *comparison, n newScript) (hit, bool) {
	return hit{rule: "injection.paste_trap", strength: decisive, evidence: n.name()},
		n.novel.does.all(setsClipboard | commands)
}

// redirectScript: new code sends visitors elsewhere.
func redirectScript(c *comparison, n newScript) (hit, bool) {
	to := c.strangers(n, n.novel)
	if !n.novel.does.all(leaves) || len(to) == 0 || n.foreign && len(to) == 1 || n.Length >= largeScript && n.containment < novelBelow {
		return hit{}, false
	}
	h := hit{rule: "injection.redirect_script", strength: vote, evidence: naming(n, to[:1])}
	d := n.novel.does
	switch {
	case scriptFamily(n.Script) != "" && !n.foreign && slices.ContainsFunc(n.close, func(p conduct) bool {
		sent := c.strangers(newScript{}, p)
		return p.does.all(leaves|asksOrigin) && len(sent) > 0 && !isState(sent[0])
	}):
		h.strength = decisive // some visitors are sent, by a few lines in a file of the site's
	case n.containment >= novelBelow || n.Kind == "handler" || n.Kind == "url": // a link of another make
	case d.all(asksOrigin): // only some visitors are sent: nobody does that with good intent
		h.strength = decisive
	case !d.all(waits) && n.Length <= smallScript && !isState(to[0]):
		h.strength = decisive // nothing but that, and at once
	}
	return h, true
}

// cookieThief: new code sends away the cookies that log visitors in.
func cookieThief(c *comparison, n newScript) (hit, bool) {
	for _, p := range n.parts {
		if to := c.strangers(n, p); len(to) > 0 && p.does.all(takesCookies) && p.does.any(sends|loads|leaves) {
			return hit{rule: "injection.cookies", strength: decisive, evidence: naming(n, to)}, true
		}
	}
	return hit{}, false
}

// copySwapper: new code puts something else into what the visitor copies: an account or
// wallet of its own. Newspapers add their address to what is copied, and name nobody's.
func copySwapper(c *comparison, n newScript) (hit, bool) {
	for _, p := range n.parts {
		if !p.does.all(rewritesCopies) || !c.isNew(n, rewritesCopies) {
			continue
		}
		h := hit{rule: "injection.copy_swap", strength: decisive, evidence: naming(n, c.strangers(n, p))}
		if p.does.all(wallets) {
			return h, true
		}
		if h.strength = vote; len(c.strangers(n, p)) > 0 && n.inPage() {
			return h, true
		}
	}
	return hit{}, false
}

// oddTraits are what code of intruders does and code that an owner pastes into his page
// mostly does not. What comes together anyway is one trait.
var oddTraits = []doings{
	readsFields | wholeForm | readsKeys | allInputs, sensitive, takesCookies, decodes | unpacks | obfuscated | readsHidden, evaluates, hidesIt,
	asksOrigin, computes | mines, installs, setsClipboard | rewritesCopies, anyClick, leaves,
}

// oddCode: no single thing that new code does gives it away, but it stands in the page
// or was appended to a file of the site's, deals with a stranger, and does several
// things that code of intruders does. Files from a new host are not asked: a captcha
// does as many things as a skimmer, and three of ninety updates brought one.
func oddCode(c *comparison, n newScript) (hit, bool) {
	appended := !n.inPage() && !n.foreign && n.containment >= novelBelow
	pasted := n.inPage() && n.containment < novelBelow && n.Length < largeScript
	if !n.read || n.vendor() || !appended && !pasted {
		return hit{}, false
	}
	var worst hit
	for _, p := range n.parts {
		to := c.strangers(newScript{}, p)
		if len(to) == 0 || isState(to[0]) || !p.does.any(sends|loads|leaves|opensWindow|writesFrame) {
			continue
		}
		traits := 0
		for _, t := range oddTraits {
			if p.does.any(t) {
				traits++
			}
		}
		h := hit{rule: "injection.odd_code", strength: note, evidence: naming(n, to)}
		switch {
		case traits >= manyTraits:
			h.strength = decisive
		case traits == manyTraits-1:
			h.strength = vote
		case traits == 0 && !p.does.any(sends|loads):
			continue
		}
		if worst.rule == "" || h.strength > worst.strength {
			worst = h
		}
	}
	return worst, worst.rule != ""
}

// manyTraits is how many traits make new code an intruder's.
const manyTraits = 2

// hiddenLoader: new code fetches more code, or sends something, under an address
// that it hides or that imitates a service.
func hiddenLoader(c *comparison, n newScript) (hit, bool) {
	if n.Length >= largeScript && n.containment < novelBelow {
		return hit{}, false
	}
	for _, p := range n.parts {
		if !p.does.any(loads | sends | leaves | writesFrame) {
			continue
		}
		if to := c.strangers(newScript{}, conduct{hosts: p.veiled}); len(to) > 0 {
			return hit{rule: "injection.loader", strength: decisive, evidence: naming(n, to)}, true
		}
		if to := c.strangers(newScript{}, p); len(to) > 0 && !isState(to[0]) && p.does.all(sends|runsAnswers) && n.inPage() && n.Length < smallDecoder {
			return hit{rule: "injection.loader", strength: decisive, evidence: naming(n, to)}, true // who means well names a script's address
		}
		for _, h := range c.strangers(newScript{}, p) {
			found := hit{rule: "injection.loader", strength: vote, evidence: naming(n, []string{h})}
			switch {
			case mimics(h):
				found.strength = decisive
				return found, true
			case p.does.all(loads) && imitates(h):
				return found, true
			}
		}
	}
	return hit{}, false
}

// smallScript is the length in bytes up to which a script does one thing.
const smallScript = 1000

// miner: new code computes for somebody else. Without the names of coin mining, what
// is left is a worker or WebAssembly in code that nobody's build put there and that
// keeps in touch with a stranger.
func miner(c *comparison, n newScript) (hit, bool) {
	if n.novel.does.all(mines) || n.foreign && miningText.MatchString(n.URL) {
		return hit{rule: "injection.miner", strength: decisive, evidence: n.name()}, true
	}
	for _, p := range n.parts {
		if to := c.strangers(n, p); p.does.all(computes|sends) && len(to) > 0 && n.loose() && n.Length < largeScript && c.isNew(n, computes) {
			h := hit{rule: "injection.miner", strength: vote, evidence: naming(n, to)}
			if n.inPage() && n.containment < novelBelow {
				h.strength = decisive // widgets keep their workers in files of their own
			}
			return h, true
		}
	}
	return hit{}, false
}

// inPage reports code that stands in the document itself.
func (n newScript) inPage() bool { return scriptFamily(n.Script) == "" }

// installer: new code in the page installs a service worker and tells a stranger.
// Shops of notifications do it in a file of their own.
func installer(c *comparison, n newScript) (hit, bool) {
	for _, p := range n.parts {
		if to := c.strangers(n, p); n.inPage() && p.does.all(installs|sends) && len(to) > 0 && n.containment < novelBelow && c.isNew(n, installs) {
			return hit{rule: "injection.service_worker", strength: decisive, evidence: naming(n, to)}, true
		}
	}
	return hit{}, false
}

// fileHander: new code hands out a stranger's program.
func fileHander(c *comparison, n newScript) (hit, bool) {
	for _, p := range n.parts {
		for _, file := range p.programs {
			if host := hostOf(file); p.does.any(clicks|leaves|opensWindow) && c.stranger(host) && !(n.foreign && siteOf(host) == siteOf(strings.ToLower(n.Host))) {
				return hit{rule: "injection.download", strength: decisive, severity: Critical, evidence: naming(n, []string{excerpt(file)})}, true
			}
		}
	}
	return hit{}, false
}

// windowOpener: new code waits for a click anywhere, to open a stranger's window.
func windowOpener(c *comparison, n newScript) (hit, bool) {
	for _, p := range n.close {
		if to := c.strangers(n, p); p.does.all(opensWindow|anyClick) && len(to) > 0 && !n.vendor() {
			return hit{rule: "injection.popup", strength: vote, severity: High, evidence: naming(n, to)}, true
		}
	}
	return hit{}, false
}

// scriptHostHits notes scripts from hosts new to the site that do nothing of the
// above, or whose text was not to be had.
func scriptHostHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	var hosts []string
	strength, severity := note, Severity("")
	for _, n := range c.newScripts {
		host := strings.ToLower(n.Host)
		if n.foreign {
			hosts = merge(hosts, host)
			switch {
			case mimics(host):
				strength, severity = decisive, Critical
			case imitates(host):
				strength = max(strength, vote)
			}
		}
	}
	if len(hosts) == 0 {
		return nil
	}
	return []hit{{rule: "injection.script_host", strength: strength, severity: severity, evidence: strings.Join(hosts[:min(3, len(hosts))], ", ")}}
}

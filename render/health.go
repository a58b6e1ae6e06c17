package render

import (
	"regexp"
	"strings"
)

// condition says whether the page is the site at all, or something that stands
// in its place for a while. Its answer takes a page out of the comparison, so
// it is given reluctantly: a rule must find the signature of a product, or a
// page so short that nothing of the site can be on it, and a page with any
// sign of a defacement is Ordinary whatever else it says. What an attacker can
// gain by imitating one of these pages is to be reported as unavailable.
func condition(p *Page) Condition {
	v := viewPage(p)
	found := v.judge()
	if found != Ordinary && v.defaced() { // asked last: it is the dearest question
		return Ordinary
	}
	return found
}

// conditionWords say what stands in the site's place.
var conditionWords = map[Condition]string{
	Blank:       "the page is empty",
	Parked:      "a registrar's or broker's page stands in the site's place",
	Suspended:   "the hoster has suspended the site",
	Placeholder: "a server's, panel's or installer's first page stands in the site's place",
	Maintenance: "the site says that it is being worked on",
	Challenge:   "a challenge page stands before the site",
	ErrorPage:   "the site shows an error in its place",
	Captive:     "a network between here and the site answered in its place",
}

func (v *pageView) judge() Condition {
	for i := range healthRules {
		r := &healthRules[i]
		if (r.words == 0 || v.words <= r.words) && r.match(v) && (!r.quiet || v.quiet()) {
			return r.condition
		}
	}
	if v.blank() {
		return Blank
	}
	return Ordinary
}

// healthRule recognises one kind of page.
type healthRule struct {
	name      string
	condition Condition
	source    string // where the fact is from
	words     int    // most words of visible text the page may have, 0 for any number
	quiet     bool   // the page must have nothing on it that defacers use
	match     func(*pageView) bool
}

// pageView is a page as the rules look at it: lower case, white space folded.
type pageView struct {
	p           *Page
	title, text string
	lines       []string
	words       int
	headers     map[string]string // joined values, lower case
	requests    []string          // addresses of scripts, frames, pictures and links, lower case
	ids         map[string]bool   // id and class attributes
	pictures    int               // shown, larger than an icon
	media       bool              // sound, film or a marquee
	generator   string
	links       int
}

// Bounds of what the rules read. Whatever has more text is a page in its own right.
const (
	maxHealthText = 32 << 10 // bytes
	maxRequests   = 10_000
	maxRequest    = 500 // bytes of one address
)

func viewPage(p *Page) *pageView {
	v := &pageView{p: p, title: fold(p.Title), headers: make(map[string]string), ids: make(map[string]bool)}
	visible := p.VisibleText()
	v.words = len(strings.Fields(visible))
	for line := range strings.SplitSeq(cut(visible, maxHealthText), "\n") {
		v.lines = append(v.lines, fold(line))
	}
	v.text = strings.Join(v.lines, " ")
	v.generator = fold(p.Meta.Generator)
	for _, h := range p.Headers {
		v.headers[strings.ToLower(h.Name)] += strings.ToLower(h.Value) + "\n"
	}
	for i := range p.Resources {
		v.requests = append(v.requests, strings.ToLower(cut(p.Resources[i].URL, maxRequest)))
	}
	for i := range p.Nodes {
		v.node(&p.Nodes[i])
	}
	return v
}

// fold makes a text comparable: lower case, single spaces, plain quotes.
func fold(s string) string {
	s = strings.ToLower(collapse(s))
	return strings.NewReplacer("’", "'", "‘", "'", "…", "...", "\u00a0", " ").Replace(s)
}

func (v *pageView) node(n *Node) {
	for _, a := range n.Attrs {
		switch a.Name {
		case "id":
			v.ids[strings.ToLower(a.Value)] = true
		case "class":
			for class := range strings.FieldsSeq(strings.ToLower(cut(a.Value, 1000))) {
				v.ids[class] = true
			}
		case "src", "href", "action":
			if len(v.requests) < maxRequests {
				v.requests = append(v.requests, strings.ToLower(cut(a.Value, maxRequest)))
			}
		}
	}
	switch n.Name {
	case "audio", "video", "marquee", "embed", "object", "bgsound":
		v.media = true
	case "a":
		v.links++
	case "img", "canvas", "svg", "iframe":
		if n.Hidden == Shown && n.Box.W >= 48 && n.Box.H >= 48 {
			v.pictures++
		}
	}
}

// defacement are words that only the text of a defacement has, in the spellings
// defacers use and the languages their pages are written in (zone-h archives;
// Maggi et al., "Investigating Web Defacement Campaigns at Large", ASIACCS
// 2018; Yang et al., "Scalable Detection of Promotional Website Defacements",
// USENIX Security 2021).
var defacement = regexp.MustCompile(`h[a4@]c?k+[e3]d|h[a4@]x0?[o0]?r[e3]d|pwn[e3]d|0wn[e3]d|owned by|own3d|d[e3]f[a4]c[e3]d|` +
	`greet[sz]|gr33tz|r00t[e3]d|rooted by|\bwas here\b|stamped by|touched by|cyber ?army|` +
	`h[a4]ck(er|tivist|ing)s? (team|crew|group)|ha[ck]k?lendi|hackeado|pirat[eé] par|взломан|被黑|` +
	`(di ?)?(retas|hack) oleh|ہیک (کر|کیا|ہو)|هیک|تم (اختراق|الاختراق)|اخترق|مخترق`)

// mischief are words that need not be a defacement's but that no stock page of
// a hoster has: a rule that is quiet does not apply to a page with one of them.
var mischief = regexp.MustCompile(`h[a4]ck|cr[a4]ck|anonymous|expect us|legion|\bcrew\b|(by|from) team\b|\bteam (of )?(ghost|dark|black|cyber|elite|anon)|\bcyb3r\b|` +
	`s[e3]cur[i1]ty (is|breach|0)|vulnerab|exploit|w[e3]b ?sh[e3]ll|free (palestine|kashmir)|zindabad|jihad|t\.me/|telegram|` +
	`\badmin\b.{0,30}(sorry|sleep|patch)|patch your|bitcoin|ransom|your (data|files|database)|casino|togel|slot gacor`)

func (v *pageView) defaced() bool {
	if defacement.MatchString(v.title) || defacement.MatchString(v.text) {
		return true
	}
	for _, d := range v.p.Dialogs {
		if defacement.MatchString(fold(d.Text)) {
			return true
		}
	}
	for i := range v.p.Nodes { // what is not shown can give a defacer away as well
		n := &v.p.Nodes[i]
		if n.Name == "meta" && defacement.MatchString(fold(n.attr("content"))) {
			return true
		}
	}
	return false
}

// quiet says that the page has neither the words nor the means of a defacement:
// sound, a marquee, a dialog, more than a logo for pictures.
func (v *pageView) quiet() bool {
	return !v.media && len(v.p.Dialogs) == 0 && v.pictures <= 2 &&
		!mischief.MatchString(v.title) && !mischief.MatchString(v.text)
}

// blank says that a successful page holds nothing to see. Pictures behind
// elements cannot be told from the tree, so any that was loaded counts.
func (v *pageView) blank() bool {
	p := v.p
	if p.Status/100 != 2 || len(p.Nodes) == 0 || v.words > 0 || v.media || len(p.Dialogs) > 0 {
		return false
	}
	for i := range p.Resources {
		if p.Resources[i].Kind == "image" && p.Resources[i].Status/100 == 2 && !strings.Contains(p.Resources[i].URL, "favicon") {
			return false
		}
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Hidden == Shown && (replaced[n.Name] || n.Name == "textarea" || n.Name == "button" || n.Name == "select") && int64(n.Box.W)*int64(n.Box.H) > 16 {
			return false
		}
		if strings.Contains(n.attr("style"), "url(") {
			return false
		}
	}
	return true
}

// The building blocks of rules.

func (v *pageView) header(name, part string) bool {
	value, ok := v.headers[name]
	return ok && strings.Contains(value, part)
}

func (v *pageView) titled(parts ...string) bool { return containsAny(v.title, parts) }

func (v *pageView) says(parts ...string) bool { return containsAny(v.text, parts) }

// asks says that the page requested or names an address with one of the parts.
func (v *pageView) asks(parts ...string) bool {
	for _, r := range v.requests {
		if containsAny(r, parts) {
			return true
		}
	}
	return false
}

func (v *pageView) has(ids ...string) bool {
	for _, id := range ids {
		if v.ids[id] {
			return true
		}
	}
	return false
}

func containsAny(s string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// line says that the title or one of the first lines is nothing but what the
// pattern matches.
func (v *pageView) line(pattern *regexp.Regexp) bool {
	if pattern.MatchString(v.title) {
		return true
	}
	for i, line := range v.lines {
		if i < 6 && pattern.MatchString(line) {
			return true
		}
	}
	return false
}

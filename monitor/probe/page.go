package probe

import (
	"bytes"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"pasban/compare"
)

// Bounds of reading one page.
const (
	maxFeatures = 20_000
	maxDepth    = 256
	maxFiles    = 24       // first-party files that are looked after
	maxPictures = 3        // of these
	maxNovel    = 16 << 10 // bytes of new text
)

// kind is what a feature is about.
type kind uint8

const (
	kindAnswer kind = iota // status, certificate, address, redirects ...
	kindText
	kindTag
	kindFile // address of a script, a style, a picture
	kindCode // inline script and handlers
	kindAttr // what is hidden, what meta elements say
	// Where visitors and their data may end up. What is new there is always
	// looked at, however often the page changes.
	kindScriptHost
	kindFrameHost
	kindFormHost
	kindLinkHost
	kindRefresh
)

// strict kinds are never taken for noise.
func (k kind) strict() bool { return k >= kindScriptHost }

// names of kinds, as a reason tells them.
var kindNames = map[kind]string{
	kindAnswer: "the server's answer", kindText: "text", kindTag: "structure", kindFile: "a file", kindCode: "an inline script",
	kindAttr: "an attribute", kindScriptHost: "a script's host", kindFrameHost: "a frame's host",
	kindFormHost: "a form's host", kindLinkHost: "a link's host", kindRefresh: "a redirect",
}

// A feature is one value in one place of a page. Both are salted hashes: a page of
// a thousand features weighs a few kilobytes.
type feature struct {
	key  uint32 // place and value
	slot uint32 // place
	kind kind
}

// page is what one answer came to.
type page struct {
	features []feature // by key, each once
	files    []loaded  // first-party scripts, styles and large pictures
	novel    []string  // new texts
}

// loaded is a file of its own site that a page loads.
type loaded struct {
	url  string
	runs bool // it is a script or a style, not a picture
}

// reader collects the features of one answer.
type reader struct {
	salt  uint64
	base  *url.URL
	own   string // registrable domain of the page
	known func(key, slot uint32) (known, noisy bool)

	out      page
	open     []element
	pictures int
	room     []byte
	bytes    int // of novel
}

type element struct {
	name atom.Atom
	raw  uint64
	path uint64
}

// readPage finds the features of an answer. known tells which are expected, and
// which places always change.
func readPage(a answer, salt uint64, known func(key, slot uint32) (bool, bool)) page {
	r := &reader{salt: salt, base: a.final, own: compare.SiteOf(a.final.Hostname()), known: known}
	r.answer(a)
	if strings.Contains(a.mime, "html") || a.mime == "" {
		r.markup(a.body)
	} else {
		r.add(kindText, hashString(salt, a.mime), hashBytes(salt, a.body), nil)
	}
	slices.SortFunc(r.out.features, func(a, b feature) int { return int(int64(a.key) - int64(b.key)) })
	r.out.features = slices.CompactFunc(r.out.features, func(a, b feature) bool { return a.key == b.key })
	return r.out
}

// answer adds what is known before the first byte of the body.
func (r *reader) answer(a answer) {
	say := func(what, value string) {
		r.add(kindAnswer, hashString(r.salt, what), hashString(r.salt, value), nil)
	}
	say("status", strconv.Itoa(a.status))
	say("final", a.final.Scheme+"://"+a.final.Host+steadyPath(a.final.EscapedPath()))
	say("mime", a.mime)
	say("tls", a.tls)
	say("network", a.addr)
	say("cut", strconv.FormatBool(a.cut))
	for _, hop := range a.hops {
		say("hop", steadyPath(hop))
	}
}

// add adds a feature. text is what it stands for, where a reader would see it.
func (r *reader) add(k kind, slot, value uint64, text []byte) {
	if len(r.out.features) >= maxFeatures {
		return
	}
	slot = mix(slot, uint64(k))
	f := feature{key: short(mix(slot, value)), slot: short(slot), kind: k}
	r.out.features = append(r.out.features, f)
	if text == nil || r.bytes >= maxNovel {
		return
	}
	if known, _ := r.known(f.key, f.slot); !known {
		text = text[:min(len(text), maxNovel-r.bytes)]
		r.bytes += len(text)
		r.out.novel = append(r.out.novel, strings.ToValidUTF8(string(text), "\uFFFD"))
	}
}

func (r *reader) markup(body []byte) {
	z := html.NewTokenizer(bytes.NewReader(body))
	z.SetMaxBuf(maxPage)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(atom.Lookup(name), hashBytes(r.salt, name))
		case html.TextToken:
			r.text(z.Text())
		}
	}
}

// top is the path of the element that is open.
func (r *reader) top() element {
	if len(r.open) == 0 {
		return element{path: r.salt}
	}
	return r.open[len(r.open)-1]
}

func (r *reader) start(z *html.Tokenizer) {
	name, more := z.TagName()
	a, raw := atom.Lookup(name), hashBytes(r.salt, name)
	if closesItself[a] && len(r.open) > 0 && r.top().name == a {
		r.open = r.open[:len(r.open)-1]
	}
	parent := r.top().path
	attrs := map[string]string{}
	for more && len(attrs) < 50 {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, twice := attrs[string(key)]; !twice {
			attrs[string(key)] = string(value)
		}
	}
	path := mix(mix(mix(parent, raw), hashBytes(r.salt, steady(nil, []byte(attrs["id"])))), hashBytes(r.salt, steady(nil, []byte(attrs["class"]))))
	r.add(kindTag, parent, path, nil)
	r.attributes(a, path, attrs)
	if !empty[a] && len(r.open) < maxDepth {
		r.open = append(r.open, element{a, raw, path})
	}
}

// end closes the nearest element of that name. One that is not open closes nothing.
func (r *reader) end(name atom.Atom, raw uint64) {
	for i := len(r.open) - 1; i >= max(0, len(r.open)-32); i-- {
		if r.open[i].name == name && r.open[i].raw == raw {
			r.open = r.open[:i]
			return
		}
	}
}

func (r *reader) text(text []byte) {
	e := r.top()
	if e.name == atom.Script {
		r.code(e.path, text)
		return
	}
	r.room = steady(r.room[:0], text)
	if len(r.room) > 0 {
		r.add(kindText, e.path, hashBytes(r.salt, r.room), text)
	}
}

// code adds an inline script: its shingles and the hosts that it names.
func (r *reader) code(path uint64, script []byte) {
	shingles(script, r.salt, func(name, shingle uint64) { r.add(kindCode, mix(path, name), shingle, nil) })
	scriptHosts(script, func(host string) { r.host(kindScriptHost, host) })
}

// attributes adds what an element does beside standing there.
func (r *reader) attributes(a atom.Atom, path uint64, attrs map[string]string) {
	for key, value := range attrs {
		switch {
		case strings.HasPrefix(key, "on"):
			r.code(mix(path, hashString(r.salt, key)), []byte(value))
		case key == "style" || key == "hidden":
			r.add(kindAttr, mix(path, 1), hashBytes(r.salt, steady(nil, []byte(value))), nil)
		case key == "srcdoc":
			r.code(path, []byte(value))
		}
	}
	switch a {
	case atom.Script:
		r.file(kindScriptHost, path, attrs["src"], true)
	case atom.Link:
		if rel := strings.ToLower(attrs["rel"]); strings.Contains(rel, "stylesheet") || rel == "preload" || rel == "modulepreload" {
			r.file(kindScriptHost, path, attrs["href"], true)
		}
	case atom.Img:
		r.picture(path, attrs["src"])
	case atom.Iframe, atom.Frame, atom.Embed:
		r.file(kindFrameHost, path, attrs["src"], false)
	case atom.Object:
		r.file(kindFrameHost, path, attrs["data"], false)
	case atom.Form:
		r.address(kindFormHost, attrs["action"])
	case atom.Input, atom.Button:
		r.address(kindFormHost, attrs["formaction"])
		r.add(kindAttr, mix(path, 2), hashString(r.salt, attrs["type"]+" "+attrs["name"]), nil)
	case atom.A, atom.Area:
		r.address(kindLinkHost, attrs["href"])
	case atom.Base:
		r.address(kindRefresh, attrs["href"])
	case atom.Meta:
		r.meta(path, attrs)
	}
}

func (r *reader) meta(path uint64, attrs map[string]string) {
	name := strings.ToLower(attrs["name"] + attrs["property"] + attrs["http-equiv"])
	if name == "refresh" {
		_, to, _ := strings.Cut(attrs["content"], "=")
		r.address(kindRefresh, strings.Trim(to, ` "'`))
		r.add(kindRefresh, path, 1, nil)
		return
	}
	content := []byte(attrs["content"])
	r.add(kindAttr, mix(path, hashString(r.salt, name)), hashBytes(r.salt, steady(nil, content)), content)
}

// resolve reads an address as the page's own browser would, nil if it leads to no host.
func (r *reader) resolve(raw string) *url.URL {
	raw = strings.TrimSpace(raw)
	if raw == "" || len(raw) > 2048 {
		return nil
	}
	u, err := r.base.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil
	}
	return u
}

// address adds the site that an address leads to, if that is another.
func (r *reader) address(k kind, raw string) {
	if u := r.resolve(raw); u != nil {
		r.host(k, u.Hostname())
	} else if k != kindLinkHost && raw != "" {
		r.add(k, 0, hashString(r.salt, raw[:min(len(raw), 2048)]), nil) // data:, javascript: and the like
	}
}

func (r *reader) host(k kind, host string) {
	if site := compare.SiteOf(host); site != r.own {
		r.add(k, 0, hashString(r.salt, site), nil)
	}
}

// file adds something that the page loads.
func (r *reader) file(k kind, path uint64, raw string, watch bool) {
	r.address(k, raw)
	u := r.resolve(raw)
	if u == nil {
		return
	}
	r.add(kindFile, path, hashString(r.salt, u.Host+steadyPath(u.EscapedPath())), nil)
	if watch {
		r.watch(u, true)
	}
}

// picture adds an image. The first of them that are no icons are looked after: a
// hero image stands at the top.
func (r *reader) picture(path uint64, raw string) {
	u := r.resolve(raw)
	if u == nil {
		return
	}
	r.add(kindFile, path, hashString(r.salt, u.Host+steadyPath(u.EscapedPath())), nil)
	if name := strings.ToLower(u.Path); r.pictures < maxPictures && !strings.HasSuffix(name, ".svg") && !strings.Contains(name, "icon") {
		r.pictures++
		r.watch(u, false)
	}
}

func (r *reader) watch(u *url.URL, runs bool) {
	u.Fragment = ""
	s := u.String()
	known := slices.ContainsFunc(r.out.files, func(l loaded) bool { return l.url == s })
	if compare.SiteOf(u.Hostname()) == r.own && len(r.out.files) < maxFiles && !known {
		r.out.files = append(r.out.files, loaded{s, runs})
	}
}

// steadyPath is a path without the numbers and tokens of versions.
func steadyPath(p string) string {
	dir, file := path.Split(p)
	return dir + string(steady(nil, []byte(file)))
}

// closesItself are elements whose end tag is mostly left out: the next of them ends
// the one before.
var closesItself = atoms(atom.Li, atom.P, atom.Tr, atom.Td, atom.Th, atom.Dt, atom.Dd, atom.Option)

var empty = atoms(atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta,
	atom.Param, atom.Source, atom.Track, atom.Wbr)

func atoms(all ...atom.Atom) map[atom.Atom]bool {
	out := map[atom.Atom]bool{}
	for _, a := range all {
		out[a] = true
	}
	return out
}

// Hashes: FNV-1a, begun with a salt that no page knows.

func hashBytes(seed uint64, b []byte) uint64 {
	h := seed ^ 14695981039346656037
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

func hashString(seed uint64, s string) uint64 {
	h := seed ^ 14695981039346656037
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func mix(a, b uint64) uint64 {
	h := a*0x9e3779b97f4a7c15 ^ b
	h ^= h >> 29
	return h * 0xbf58476d1ce4e5b9
}

func short(h uint64) uint32 { return uint32(h>>32) ^ uint32(h) }

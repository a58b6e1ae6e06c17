package monitor

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"pasban/compare"
	"pasban/compare/lockdown"
	"pasban/render"
)

// doorsOf is what a browser saw of a page, as package lockdown judges it.
func doorsOf(p *render.Page, read scriptReader) *lockdown.Page {
	out := &lockdown.Page{URL: p.FinalURL, Status: p.Status, Unseen: unseenFor(p), Generator: p.Meta.Generator}
	if p.TLS != nil {
		out.TLS = &lockdown.TLS{Protocol: p.TLS.Protocol, Error: p.TLS.Error}
	}
	for _, h := range p.Headers {
		if h.Name == "set-cookie" {
			if name, _, ok := strings.Cut(h.Value, "="); ok {
				out.Cookies = append(out.Cookies, strings.TrimSpace(name))
			}
			continue
		}
		if value, judged := lockdown.Keep(h.Name, h.Value); judged {
			out.Headers = append(out.Headers, lockdown.Header{Name: h.Name, Value: value})
		}
	}
	r := doorReader{p, read}
	for _, f := range p.Forms {
		out.Doors = append(out.Doors, r.door(f))
	}
	hidden, cut := r.withoutScript()
	if cut {
		out.Dropped("forms")
	}
	out.Doors = append(out.Doors, hidden...)
	for _, f := range p.Frames[min(1, len(p.Frames)):] {
		out.Frames = append(out.Frames, lockdown.Frame{URL: f.URL, Box: lockdown.Box(f.Box)})
	}
	out.Hosts, out.Makers = r.scripts()
	out.Bound()
	return out
}

type doorReader struct {
	p    *render.Page
	read scriptReader
}

// scriptReader is lockdown.ReadScript for a script of that digest.
type scriptReader func(digest, source string) string

// scriptsRead remembers what scripts were found to do. Most looks see those of the look
// before, and to read a large one takes longer than all else of this.
type scriptsRead struct {
	mu   sync.Mutex
	what map[string]string
}

// maxScriptsRead is how many are remembered, of some 100 bytes each.
const maxScriptsRead = 50_000

func (s *scriptsRead) read(digest, source string) string {
	if digest == "" {
		return lockdown.ReadScript(source)
	}
	s.mu.Lock()
	what, known := s.what[digest]
	s.mu.Unlock()
	if known {
		return what
	}
	what = lockdown.ReadScript(source)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.what == nil || len(s.what) >= maxScriptsRead {
		s.what = map[string]string{}
	}
	s.what[digest] = what
	return what
}

func (r doorReader) door(f render.Form) lockdown.Door {
	d := lockdown.Door{Loose: f.Node < 0, Action: f.Action, Method: f.Method, Hidden: string(f.Hidden), Box: lockdown.Box(f.Box)}
	node := f.Node
	if node < 0 && len(f.Inputs) > 0 {
		node = f.Inputs[0].Node
	}
	if node >= 0 && int(node) < len(r.p.Nodes) {
		d.Where = r.where(node)
		if !d.Loose {
			d.Name = strings.TrimSpace(attr(r.p.Nodes[node], "id") + " " + attr(r.p.Nodes[node], "class") + " " + attr(r.p.Nodes[node], "role"))
		}
	}
	for _, in := range f.Inputs {
		d.Inputs = append(d.Inputs, lockdown.Input{
			Kind: in.Kind, Name: strings.TrimSpace(in.Name + " " + in.ID), Label: in.Label, Autocomplete: in.Autocomplete, Box: lockdown.Box(in.Box),
			Off: in.Disabled || in.ReadOnly || r.switchedOff(in.Node),
		})
	}
	for i := range d.Inputs { // one name is enough where both say the same
		if name, id, both := strings.Cut(d.Inputs[i].Name, " "); both && name == id {
			d.Inputs[i].Name = name
		}
	}
	return d
}

// attr is an attribute of a node, "" if it has none.
func attr(n render.Node, name string) string {
	for _, a := range n.Attrs {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

func has(n render.Node, name string) bool {
	return slices.ContainsFunc(n.Attrs, func(a render.Attr) bool { return a.Name == name })
}

// above calls f for the ancestors of a node, nearest first, until it returns true.
func (r doorReader) above(node int32, f func(render.Node) bool) {
	for node >= 0 && int(node) < len(r.p.Nodes) {
		parent := r.p.Nodes[node].Parent
		if parent >= node || parent < 0 || f(r.p.Nodes[parent]) {
			return
		}
		node = parent
	}
}

// where a form stands, if that is not the document itself.
func (r doorReader) where(node int32) (where string) {
	if r.p.Nodes[node].Frame > 0 {
		return "frame"
	}
	r.above(node, func(n render.Node) bool {
		if n.Name == "#shadow-root" {
			where = "shadow root"
		}
		return where != ""
	})
	return where
}

// switchedOff reports a control that a fieldset around it, or inert, switches off.
func (r doorReader) switchedOff(node int32) (off bool) {
	r.above(node, func(n render.Node) bool {
		off = off || n.Name == "fieldset" && has(n, "disabled") || has(n, "inert")
		return off
	})
	return off
}

// withoutScript are the forms that stand in the page for visitors without script, and
// whether a bound left some out.
func (r doorReader) withoutScript() (out []lockdown.Door, cut bool) {
	for text, more := range noscripts(r.p.Nodes) {
		if len(out) > maxNoscriptForms {
			return out, true
		}
		out, cut = append(out, formsIn(text)...), cut || more
	}
	return out, cut
}

// formsIn reads the forms in a piece of HTML.
func formsIn(text string) []lockdown.Door {
	var out []lockdown.Door
	open := -1
	tokens := html.NewTokenizer(strings.NewReader(text))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return out
		}
		t := tokens.Token()
		attrs := map[string]string{}
		for _, a := range t.Attr {
			attrs[a.Key] = a.Val
		}
		switch {
		case kind == html.EndTagToken && t.Data == "form":
			open = -1
		case kind != html.StartTagToken && kind != html.SelfClosingTagToken:
		case t.Data == "form":
			method := strings.ToLower(attrs["method"])
			if method != "post" {
				method = "get"
			}
			out = append(out, lockdown.Door{Action: attrs["action"], Method: method, Where: "noscript", Name: attrs["id"] + " " + attrs["class"]})
			open = len(out) - 1
		case open >= 0 && (t.Data == "input" || t.Data == "textarea" || t.Data == "select" || t.Data == "button"):
			in := lockdown.Input{Kind: t.Data, Name: attrs["name"], Label: attrs["placeholder"]}
			if t.Data == "input" {
				if in.Kind = strings.ToLower(attrs["type"]); in.Kind == "" {
					in.Kind = "text"
				}
			}
			_, in.Off = attrs["disabled"]
			out[open].Inputs = append(out[open].Inputs, in)
		}
	}
}

// scripts lists the hosts of scripts of others, and reads those of the site's own.
func (r doorReader) scripts() (hosts []string, makers []lockdown.Maker) {
	own := compare.SiteOf(hostOf(r.p.FinalURL))
	for _, s := range r.p.Scripts {
		host := strings.ToLower(s.Host)
		if u, err := url.Parse("//" + host); err == nil {
			host = u.Hostname()
		}
		if s.Kind == "external" && host != "" && compare.SiteOf(host) != own {
			if !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
			continue
		}
		if s.Source == "" || s.Kind == "wasm" {
			continue
		}
		if what := r.read(s.SHA256, s.Source); what != "" {
			name := s.Kind + " script"
			if s.Kind == "external" {
				name = s.URL
			}
			if m := (lockdown.Maker{Name: name, What: what}); !slices.Contains(makers, m) {
				makers = append(makers, m)
			}
		}
	}
	slices.Sort(hosts)
	return hosts, makers
}

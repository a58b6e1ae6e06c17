package render

import (
	"net/url"
	"strings"
)

// listed is a script that the document holds, in an element or an attribute.
type listed struct {
	kind      string
	node      int32
	url       string // absolute, of an external script
	integrity string
	source    string
	used      bool
}

func withoutFragment(address string) string {
	address, _, _ = strings.Cut(address, "#")
	return address
}

// element lists a <script>, unless its type makes it a data block.
func (j *joiner) element(d *deriver, i int32) {
	n := &j.p.Nodes[i]
	kind := scriptKind(n.attr("type"), n.attr("language"))
	if kind == "" {
		return
	}
	item := listed{kind: kind, node: i, integrity: n.attr("integrity")}
	src, ok := n.lookup("src")
	if !ok {
		if src, ok = n.lookup("href"); !ok { // SVG
			src, ok = n.lookup("xlink:href")
		}
	}
	if ok {
		item.url = withoutFragment(d.resolve(n.Frame, src))
		if kind == "inline" {
			item.kind = "external"
		}
		j.byURL[item.url] = append(j.byURL[item.url], len(j.items))
		j.items = append(j.items, item)
		return
	}
	item.source = d.source(i)
	if strings.TrimSpace(item.source) != "" {
		j.list(item)
	}
}

// source is the text of a <script>, which scripts may give it in any number of pieces.
func (d *deriver) source(i int32) string {
	var b strings.Builder
	for k := d.children.first[i]; k >= 0 && b.Len() <= maxScriptSource; k = d.children.next[k] {
		b.WriteString(d.p.Nodes[k].Text)
	}
	return b.String()
}

// scriptKind reads the type of a <script> by the HTML Standard, 4.12.1.1: ""
// for a data block (JSON, templates, import maps, speculation rules).
func scriptKind(kind, language string) string {
	kind = strings.ToLower(strings.TrimSpace(kind))
	if kind == "" && language != "" {
		kind = "text/" + strings.ToLower(strings.TrimSpace(language))
	}
	if kind == "module" {
		return "module"
	}
	if kind == "" || strings.HasSuffix(kind, "javascript") || strings.Contains(kind, "javascript1.") ||
		strings.HasSuffix(kind, "ecmascript") || kind == "text/jscript" || kind == "text/livescript" {
		return "inline"
	}
	return ""
}

// attributes lists the handlers and javascript: URLs of a node.
func (j *joiner) attributes(i int32) {
	n := &j.p.Nodes[i]
	for _, a := range n.Attrs {
		if len(a.Name) > 2 && a.Name[:2] == "on" && strings.TrimSpace(a.Value) != "" {
			j.list(listed{kind: "handler", node: i, source: a.Value})
			continue
		}
		switch a.Name {
		case "href", "xlink:href", "action", "formaction", "src", "data":
			if code, ok := javascriptURL(a.Value); ok {
				j.list(listed{kind: "url", node: i, source: code})
			}
		}
	}
}

// javascriptURL is the code in a javascript: address, decoded as Chrome does
// before it runs it.
func javascriptURL(address string) (string, bool) {
	address = trimURL(address)
	const scheme = "javascript:"
	if len(address) <= len(scheme) || !strings.EqualFold(address[:len(scheme)], scheme) {
		return "", false
	}
	code := address[len(scheme):]
	if decoded, err := url.PathUnescape(code); err == nil { // a stray "%" stays as written
		code = decoded
	}
	return code, strings.TrimSpace(code) != ""
}

func (j *joiner) list(item listed) {
	j.bySource[item.source] = append(j.bySource[item.source], len(j.items))
	j.items = append(j.items, item)
}

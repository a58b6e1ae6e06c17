package monitor

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"pasban/compare"
	"pasban/render"
	"pasban/render/egress"
)

// lookAt turns what the browser saw into what comparison reads. The picture is
// not decoded here: an unchanged look is recognised by its digests.
func lookAt(p *render.Page) compare.Look {
	view := compare.View{
		URL: p.URL, FinalURL: p.FinalURL, Status: p.Status,
		Language: p.Language, Direction: p.Direction, Title: p.Title,
		Meta:      compare.Meta(p.Meta),
		DOMDigest: p.DOMDigest, NotComparable: notComparable(p),
		Partial: p.Outcome == render.TimeoutPartial,
		Popups:  p.Popups,
	}
	if p.Screenshot != nil {
		view.PictureDigest = p.Screenshot.SHA256
		view.Width, view.Height = p.Screenshot.Width, p.Screenshot.Height
	}
	view.Elements = elements(p.Nodes)
	for _, l := range p.Links {
		view.Links = append(view.Links, compare.Link{URL: l.URL, Text: l.Text, Hidden: string(l.Hidden), Box: compare.Box(l.Box)})
	}
	view.Links = append(view.Links, linksWithoutScript(p)...)
	for _, f := range p.Forms {
		view.Forms = append(view.Forms, form(f))
	}
	for _, f := range p.Frames[min(1, len(p.Frames)):] {
		view.Frames = append(view.Frames, compare.Frame{URL: f.URL, Hidden: string(f.Hidden), Box: compare.Box(f.Box)})
	}
	for _, r := range p.Redirects {
		view.Hops = append(view.Hops, compare.Hop{URL: r.URL, Kind: r.Kind})
	}
	for _, a := range p.Asks {
		view.Asks = append(view.Asks, compare.Ask(a))
	}
	for _, d := range p.Dialogs {
		view.Dialogs = append(view.Dialogs, d.Text)
	}
	for _, d := range p.Downloads {
		view.Downloads = append(view.Downloads, compare.Download(d))
	}
	view.Destinations = destinations(p.Resources)
	view.Refused = refusals(p)
	look := compare.Look{View: view, Sources: map[string]string{}}
	for _, s := range p.Scripts {
		look.View.Scripts = append(look.View.Scripts, compare.Script{
			Kind: s.Kind, URL: s.URL, Host: s.Host, Initiator: s.Initiator, Integrity: s.Integrity,
			Ran: s.Ran, Length: s.Length, SHA256: s.SHA256, Tokens: s.Tokens,
		})
		if s.Source != "" {
			look.Sources[s.SHA256] = s.Source
		}
	}
	return look
}

// notComparable says why a page's picture and text must not be held against a
// baseline, "" if they may. An error page of the site, a broken certificate and a
// page that hands out a file still show the site's content, or an attacker's.
func notComparable(p *render.Page) string {
	switch p.Outcome {
	case render.OK, render.TimeoutPartial, render.TLSError, render.HTTPError:
	case render.Download:
		if len(p.Nodes) == 0 {
			return describe(string(p.Outcome), p.Detail)
		}
	default:
		return describe(string(p.Outcome), p.Detail)
	}
	if p.Condition != render.Ordinary {
		return describe(string(p.Condition), p.Detail)
	}
	return ""
}

func describe(what, detail string) string {
	if detail == "" {
		return what
	}
	return fmt.Sprintf("%s: %s", what, detail)
}

func form(f render.Form) compare.Form {
	out := compare.Form{Action: f.Action, Method: f.Method, Hidden: string(f.Hidden), Box: compare.Box(f.Box)}
	for _, in := range f.Inputs {
		out.Inputs = append(out.Inputs, compare.Input{Kind: in.Kind, Name: in.Name, Label: in.Label, Hidden: string(in.Hidden)})
	}
	return out
}

// elements keeps the elements of the tree and gives each the text that stands
// directly in it.
func elements(nodes []render.Node) []compare.Element {
	index := make([]int32, len(nodes)) // of the element that stands for a node
	out := make([]compare.Element, 0, len(nodes)/2)
	texts := make([][]byte, 0, len(nodes)/2) // of out; a page can cut a text into very many nodes
	for i, n := range nodes {
		parent := int32(-1)
		if n.Parent >= 0 && n.Parent < int32(i) {
			parent = index[n.Parent]
		}
		switch {
		case n.Name == "#text", n.Name == "::before", n.Name == "::after":
			index[i] = parent
			if parent >= 0 && !silent(out[parent].Tag) {
				texts[parent] = addText(&out[parent], texts[parent], n)
			}
		case strings.HasPrefix(n.Name, "#"):
			index[i] = parent
		default:
			index[i] = int32(len(out))
			out, texts = append(out, element(n, parent)), append(texts, nil)
		}
	}
	for i, text := range texts {
		out[i].Text = string(text)
	}
	return out
}

// silent elements hold text that is not for reading.
func silent(tag string) bool {
	return tag == "script" || tag == "style" || tag == "noscript" || tag == "template"
}

// addText appends a text node of an element to the text that it has so far.
func addText(e *compare.Element, text []byte, n render.Node) []byte {
	more := strings.Join(strings.Fields(n.Text), " ")
	if more == "" {
		return text
	}
	if len(text) > 0 {
		text = append(text, ' ')
	} else if e.Hidden == "" {
		e.Hidden = string(n.Hidden)
	}
	if n.FontSize > e.FontSize {
		e.FontSize = n.FontSize
	}
	return append(text, more...)
}

func element(n render.Node, parent int32) compare.Element {
	e := compare.Element{Parent: parent, Tag: n.Name, Box: compare.Box(n.Box), Hidden: string(n.Hidden), FontSize: n.FontSize}
	var id, class string
	for _, a := range n.Attrs {
		switch a.Name {
		case "id":
			id = a.Value
		case "class":
			class = a.Value
		case "alt":
			e.Alt = a.Value
		case "src":
			e.Src = a.Value
		}
	}
	e.Key = stableKey(id, class)
	return e
}

// generated matches the names that frameworks and build tools make up anew:
// five or more hex digits or digits in a row, or a run of letters and digits
// that alternate as words do not.
var generated = regexp.MustCompile(`[0-9]{4,}|[0-9a-f]{7,}|[a-zA-Z]+[0-9]+[a-zA-Z]+[0-9]+`)

// stableKey is "#id.class.class" of the parts that do not look generated,
// classes sorted.
func stableKey(id, class string) string {
	var b strings.Builder
	if id != "" && !generated.MatchString(id) {
		b.WriteString("#" + id)
	}
	classes := strings.Fields(class)
	slices.Sort(classes)
	for i, c := range classes {
		if i < 8 && !generated.MatchString(c) {
			b.WriteString("." + c)
		}
	}
	return b.String()
}

// destinations sums up by host what the page sent and to whom.
func destinations(resources []render.Resource) []compare.Destination {
	sent := map[string]int64{}
	for _, r := range resources {
		u, err := url.Parse(r.URL)
		if err != nil || u.Host == "" {
			continue // data:, blob: and what is no URL go nowhere
		}
		sent[strings.ToLower(u.Host)] += r.PostBytes
	}
	out := make([]compare.Destination, 0, len(sent))
	for host, bytes := range sent {
		out = append(out, compare.Destination{Host: host, PostBytes: bytes})
	}
	slices.SortFunc(out, func(a, b compare.Destination) int { return strings.Compare(a.Host, b.Host) })
	return out
}

// refusals are the connections the proxy turned down as a matter of policy, each
// once: a site that reaches for private addresses is worth a finding. The names
// of metadata servers exist in clouds only; asking for them tells as much.
func refusals(p *render.Page) []compare.Refusal {
	policy := []string{egress.ReasonPrivate, egress.ReasonOwn, egress.ReasonPort}
	var out []compare.Refusal
	for _, v := range p.Network {
		r := compare.Refusal{Host: v.Host, Port: v.Port, Reason: v.Reason}
		if v.Refused != v.Host {
			r.Address = v.Refused
		}
		telling := slices.Contains(policy, v.Reason) || compare.IsMetadata(v.Host)
		if !v.Allowed && telling && !slices.Contains(out, r) && len(out) < 100 {
			out = append(out, r)
		}
	}
	return out
}

package monitor

import (
	"iter"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"pasban/compare"
	"pasban/render"
)

// What stands in noscript is shown to nobody whose browser runs scripts, and read by
// every search engine: a place for links that visitors are not to see. To Chrome it is
// one text.

// Bounds of what is read of noscript.
const (
	maxNoscript      = 64 << 10 // bytes of one
	maxNoscriptForms = 100      // of all, like links
	maxNoscriptLinks = 500
)

// noscripts gives the pieces of HTML that a page keeps for visitors without script, each
// with what it was cut to.
func noscripts(nodes []render.Node) iter.Seq2[string, bool] {
	return func(yield func(text string, cut bool) bool) {
		for i, n := range nodes {
			if n.Name != "#text" || n.Parent < 0 || int(n.Parent) >= i || nodes[n.Parent].Name != "noscript" || !strings.Contains(n.Text, "<") {
				continue
			}
			if !yield(n.Text[:min(len(n.Text), maxNoscript)], len(n.Text) > maxNoscript) {
				return
			}
		}
	}
}

// linksWithoutScript are the links in noscript.
func linksWithoutScript(p *render.Page) []compare.Link {
	base, err := url.Parse(p.FinalURL)
	if err != nil {
		return nil
	}
	var out []compare.Link
	for text := range noscripts(p.Nodes) {
		if out = append(out, linksIn(text, base)...); len(out) >= maxNoscriptLinks {
			return out[:maxNoscriptLinks]
		}
	}
	return out
}

// linksIn reads the links in a piece of HTML.
func linksIn(text string, base *url.URL) []compare.Link {
	var out []compare.Link
	open := false
	for tokens := html.NewTokenizer(strings.NewReader(text)); ; {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			return out
		case html.TextToken:
			if open {
				l := &out[len(out)-1]
				l.Text = clip(l.Text+" "+string(tokens.Text()), maxLinkWords)
			}
		case html.EndTagToken:
			name, _ := tokens.TagName()
			open = open && string(name) != "a"
		case html.StartTagToken, html.SelfClosingTagToken:
			t := tokens.Token()
			for _, a := range t.Attr {
				if t.Data != "a" || a.Key != "href" || len(out) >= maxNoscriptLinks {
					continue
				}
				if u, err := base.Parse(strings.TrimSpace(a.Val)); err == nil {
					out, open = append(out, compare.Link{URL: u.String(), Hidden: "noscript"}), true
				}
			}
		}
	}
}

// maxLinkWords bounds the text of a link, in bytes.
const maxLinkWords = 200

func clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.ToValidUTF8(s[:min(len(s), n)], "")
}

package snapshot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"pasban/monitor"
)

// maxQueue bounds the addresses that wait, however many links a page has.
const maxQueue = 5000

// crawl renders the watched pages, which must succeed, and then what they link to:
// what the menus name first, in the order of the page, until there are enough.
func (b *builder) crawl(ctx context.Context) error {
	for _, of := range b.order.Of {
		at := absolute(b.home, of.URL)
		if at == nil {
			return fmt.Errorf("the watched page %q has no address", of.URL)
		}
		look, err := b.order.Look(ctx, of.URL)
		if err != nil {
			return fmt.Errorf("looking at %s: %w", of.URL, err)
		}
		if err := b.addPage(ctx, at, look); err != nil {
			return err
		}
	}
	q := &queue{home: b.names.home, known: map[string]bool{}}
	for _, p := range b.pages {
		q.known[placeOf(p.at)], q.known[placeOf(p.doc.at)] = true, true
	}
	for _, p := range b.pages {
		q.add(p.doc)
	}
	for len(b.pages) < b.order.Pages {
		at := q.next()
		if at == nil {
			return nil
		}
		if err := b.crawlOne(ctx, q, at); err != nil {
			return err
		}
	}
	if n := len(q.waiting); n > 0 {
		b.left.add("pages beyond the first %d: %d more are linked", b.order.Pages, n)
	}
	return nil
}

func (b *builder) crawlOne(ctx context.Context, q *queue, at *url.URL) error {
	look, err := b.order.Look(ctx, at.String())
	if errors.Is(err, monitor.ErrUnfit) {
		b.left.add("page %.200s: %v", at, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at %s: %w", at, err)
	}
	final := absolute(at, look.FinalURL)
	if final == nil || bareHost(final) != b.names.home || placeOf(final) != placeOf(at) && b.names.find(final) != "" {
		return nil // it leads to another site, or to a page that is there already
	}
	err = b.addPage(ctx, at, look)
	if errors.Is(err, monitor.ErrUnfit) {
		b.left.add("page %.200s: %v", at, err)
		return nil
	}
	if err != nil {
		return err
	}
	q.known[placeOf(final)] = true
	q.add(b.pages[len(b.pages)-1].doc)
	return nil
}

// queue holds the links that were found, menus first.
type queue struct {
	home    string
	known   map[string]bool
	waiting []link
	seen    int
}

// link is an address, and how likely it is one of the site's main pages.
type link struct {
	at    *url.URL
	rank  int // 0 for what a menu names, 1 for other links
	found int
}

func (q *queue) next() *url.URL {
	if len(q.waiting) == 0 {
		return nil
	}
	first := q.waiting[0]
	q.waiting = q.waiting[1:]
	return first.at
}

// add lists the links of a page that were not known.
func (q *queue) add(d *document) {
	for n := range d.root.Descendants() {
		if n.DataAtom != atom.A || n.Namespace != "" {
			continue
		}
		u := absolute(d.base, attr(n, "href"))
		if u == nil || bareHost(u) != q.home || !mayBePage(u) || q.known[placeOf(u)] || len(q.waiting) >= maxQueue {
			continue
		}
		q.known[placeOf(u)] = true
		q.seen++
		rank := 1
		if inMenu(n) {
			rank = 0
		}
		q.waiting = append(q.waiting, link{u, rank, q.seen})
	}
	slices.SortStableFunc(q.waiting, func(a, b link) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.found, b.found))
	})
}

// inMenu reports a link in the site's navigation.
func inMenu(n *html.Node) bool {
	for depth := 0; n != nil && depth < 40; depth++ {
		switch n.DataAtom {
		case atom.Nav, atom.Header:
			return true
		}
		role := attr(n, "role")
		if role == "navigation" || role == "menubar" {
			return true
		}
		for _, word := range strings.Fields(strings.ToLower(attr(n, "class") + " " + attr(n, "id"))) {
			if strings.Contains(word, "menu") || strings.Contains(word, "navbar") || word == "nav" {
				return true
			}
		}
		n = n.Parent
	}
	return false
}

// leavingWords are in addresses that do something: nobody follows them without being
// asked, however harmless a GET should be (RFC 9110, 9.2.1).
var leavingWords = []string{"logout", "signout", "log-out", "sign-out", "delete", "remove", "unsubscribe", "login", "signin", "register",
	"wp-admin", "wp-login", "administrator", "add-to-cart", "cart", "checkout", "action=", "do=", "download"}

// mayBePage reports an address that is likely a page, and harmless to ask for.
func mayBePage(u *url.URL) bool {
	low := strings.ToLower(u.RequestURI())
	for _, word := range leavingWords {
		if strings.Contains(low, word) {
			return false
		}
	}
	switch ext := path.Ext(strings.ToLower(u.Path)); ext {
	case "", ".html", ".htm", ".php", ".asp", ".aspx", ".jsp", ".jsf", ".do", ".cfm", ".shtml", ".xhtml":
		return true
	default:
		return len(ext) > 6 || strings.Trim(ext, ".0123456789") == "" // no ending, but a full stop in a name
	}
}

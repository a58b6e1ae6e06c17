package monitor

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"pasban/render"
)

// maxLeads bounds the pages that are visited for one site.
const maxLeads = 8

// maxLeadLength is that of an address, in bytes.
const maxLeadLength = 300

// leadsOf are the pages of the site to which the navigation of its home page leads and
// which nobody watches: those whose names promise a door first, at most maxLeads, in
// the order of the page. Links in menus that are folded away count.
func leadsOf(p *render.Page, pages []Target) []string {
	home, err := url.Parse(p.FinalURL)
	if err != nil {
		return nil
	}
	known := map[string]bool{placeOf(home): true}
	for _, t := range pages {
		if u, err := url.Parse(t.URL); err == nil && !t.Gone {
			known[placeOf(u)] = true
		}
	}
	var promising, other []string
	r := doorReader{p: p}
	for _, l := range p.Links {
		u, err := url.Parse(l.URL)
		if err != nil || len(l.URL) > maxLeadLength || known[placeOf(u)] || !sameHost(home, u) || !harmless(u, l.Text) || !r.inNavigation(l.Node) {
			continue
		}
		known[placeOf(u)] = true
		u.Fragment, u.RawFragment = "", ""
		if promises(u, l.Text) {
			promising = append(promising, u.String())
		} else {
			other = append(other, u.String())
		}
	}
	all := slices.Concat(promising, other)
	return all[:min(len(all), maxLeads)]
}

// placeOf is the same for addresses that lead to the same page of a site.
func placeOf(u *url.URL) string {
	return bareHost(u) + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + u.RawQuery
}

// bareHost is a host with its port, without the "www." that many sites have or leave out.
func bareHost(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Host), "www.") }

// sameHost reports a page of the same site. Another name under the same domain is mostly
// another office's.
func sameHost(home, u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.User == nil && bareHost(u) == bareHost(home)
}

// maxAncestors bounds the way up from a link.
const maxAncestors = 60

var (
	menuTags  = []string{"nav", "header", "menu"}
	menuRoles = []string{"navigation", "menubar", "menu", "banner"}
	menuNames = regexp.MustCompile(`(?i)menu|navbar|navigation|(^|[\s_-])nav($|[\s_-])`)
)

// inNavigation reports a node of a menu, or of the head of the page.
func (r doorReader) inNavigation(node int32) (found bool) {
	if node < 0 || int(node) >= len(r.p.Nodes) {
		return false
	}
	steps := 0
	r.above(node, func(n render.Node) bool {
		steps++
		found = slices.Contains(menuTags, n.Name) || slices.Contains(menuRoles, strings.ToLower(attr(n, "role"))) ||
			n.Name != "body" && n.Name != "html" && menuNames.MatchString(attr(n, "class")+" "+attr(n, "id"))
		return found || steps == maxAncestors
	})
	return found
}

var (
	// deeds are in addresses and names of links that do something. A GET should change
	// nothing (RFC 9110, 9.2.1); nobody tries on a stranger's site whether it does.
	deeds = regexp.MustCompile(`(?i)(log|sign)[\s_-]?(out|off)|delet|remov|destroy|unsubscrib|cancel|approv|confirm|activat|unpublish|revok|purge|clear[\s_-]?(all|cache|cart)|toggle` +
		`|(^|[^a-z])(add|edit|like|vote|undo|reset)([^a-z]|$)|cart|checkout|download|action=|do=|task=|cmd=|(^|[^a-z])(cron|setup|install)([^a-z]|$)` +
		`|لاگ ?آ[ؤو]ٹ|سائن ?آ[ؤو]ٹ|حذف|منسوخ`)
	// pageNames are parameters by which programs tell one page from another, and
	// pageValue is what they name it by.
	pageNames = []string{"page", "page_id", "pageid", "p", "id", "option", "view", "layout", "itemid", "catid", "cat", "lang", "language", "q"}
	pageValue = regexp.MustCompile(`^[\p{L}\p{N}_.:/-]{0,80}$`)
	// pageEndings are those of pages that programs make.
	pageEndings = []string{"", ".html", ".htm", ".php", ".asp", ".aspx", ".jsp", ".jsf", ".cfm", ".shtml", ".xhtml"}
)

// harmless reports a link to a page that a visitor can look at without doing anything.
func harmless(u *url.URL, text string) bool {
	where := u.Path + "?" + u.RawQuery
	if raw, err := url.QueryUnescape(u.RawQuery); err == nil {
		where = u.Path + "?" + raw
	}
	if deeds.MatchString(where) || deeds.MatchString(text) || !slices.Contains(pageEndings, strings.ToLower(path.Ext(u.Path))) {
		return false
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return false
	}
	for name, values := range query {
		if !slices.Contains(pageNames, strings.ToLower(name)) || slices.ContainsFunc(values, func(v string) bool { return !pageValue.MatchString(v) }) {
			return false
		}
	}
	return true
}

// doorNames promise a form, in English, Urdu, and Urdu in Latin letters.
var doorNames = regexp.MustCompile(`(?i)log[\s_-]?[io]n|sign[\s_-]?(in|up)|contact|appl[yi]|complain|grievance|search|regist|feedback|suggest|upload|portal|enquir|inquir|form|subscri|career|jobs|account|verif|track|e-?serv|help[\s_-]?desk|support|report|guest[\s_-]?book|ask` +
	`|rabt|raabt|shika?ya|darkhw?as|talas?h|tajaw|tajwee?z|[ia]ndraj|hasool` +
	`|لاگ ?ا[ِ]?ن|داخل ہوں|رابطہ|درخواست|شکای|تلاش|رجسٹر|اندراج|آراء|رائے|تجاویز|تجویز|اپ ?لوڈ|پورٹل|فارم|استفسار|ملازمت|تصدیق`)

// promises reports a link whose name or address promises a door.
func promises(u *url.URL, text string) bool {
	return doorNames.MatchString(u.Path+"?"+u.RawQuery) || doorNames.MatchString(text)
}

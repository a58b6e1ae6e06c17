package lockdown

import (
	"fmt"
	"slices"
	"strings"

	"pasban/compare"
)

// Severity of an open door.
type Severity = compare.Severity

// The severities, in rising order.
const (
	Low      = compare.Low
	Medium   = compare.Medium
	High     = compare.High
	Critical = compare.Critical
)

// weight of the control in the score: an open login is worth several missing headers.
func (c Control) weight() int {
	switch c.Severity {
	case Critical:
		return 8
	case High:
		return 4
	case Medium:
		return 2
	}
	return 1
}

// Fix tells how to close a door on what the country's sites run on.
type Fix struct {
	Apache    string `json:"apache"`
	Nginx     string `json:"nginx"`
	IIS       string `json:"iis"`
	WordPress string `json:"wordpress"`
	Joomla    string `json:"joomla"`
	Drupal    string `json:"drupal"`
}

// Control is one thing that a site in lockdown must have closed.
type Control struct {
	ID       string   `json:"id"` // a verdict's finding has the rule "lockdown." + ID
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`  // what is demanded
	Why      string   `json:"why"`    // why it matters
	Tested   string   `json:"tested"` // how it is tested
	Source   string   `json:"source"` // where the demand comes from
	// Everywhere says that each watched page is judged; the others are judged once, on
	// the home page. [Beyond] are those that are judged on other pages, too.
	Everywhere bool `json:"everywhere"`
	// Active says that it needs the active checks.
	Active bool `json:"active"`
	Fix    Fix  `json:"fix"`

	open string // one sentence for the site's webmaster, if it is open
}

// Rule is the ID of the rule that finds the control open.
func (c Control) Rule() string { return "lockdown." + c.ID }

// Controls are all there are, in a fixed order: the gravest doors first.
func Controls() []Control { return slices.Clone(table) }

// ByID finds a control.
func ByID(id string) (Control, bool) {
	i := slices.IndexFunc(table, func(c Control) bool { return c.ID == id })
	if i < 0 {
		return Control{}, false
	}
	return table[i], true
}

// groups are names for several controls at once.
var groups = map[string][]string{
	"doors":   {"form", "login", "search", "upload", "comment", "chat", "script"},
	"server":  {"method", "database", "backend", "listing", "shell", "outdated", "version"},
	"headers": {"tls", "hsts", "csp", "headers"},
}

// Select turns names of controls and groups into IDs, in the order of Controls. No
// name, or "all", means all of them.
func Select(names []string) ([]string, error) {
	want := map[string]bool{}
	for _, name := range names {
		name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "lockdown.")
		_, known := ByID(name)
		switch {
		case name == "all":
			names = nil
		case known:
			want[name] = true
		case groups[name] != nil:
			for _, id := range groups[name] {
				want[id] = true
			}
		default:
			return nil, fmt.Errorf("there is no control %q; there are %s, and the groups all, doors, server and headers", clip(name, 60), strings.Join(ids(), ", "))
		}
	}
	var out []string
	for _, id := range ids() {
		if len(names) == 0 || want[id] {
			out = append(out, id)
		}
	}
	return out, nil
}

func ids() []string {
	out := make([]string, len(table))
	for i, c := range table {
		out[i] = c.ID
	}
	return out
}

const (
	order   = "read-only order of the CERT: no form, login, search or upload may be usable"
	asvs    = "OWASP ASVS 5.0"
	nist    = "NIST SP 800-44 Version 2, Guidelines on Securing Public Web Servers"
	rfc9110 = "RFC 9110, HTTP Semantics"
)

var table = []Control{
	{ID: "login", Severity: Critical, Everywhere: true, Source: order + "; " + nist, Fix: fixLogin,
		Title:  "No login",
		Why:    "A stolen or guessed password is the commonest way in; a login that nobody can reach cannot be guessed at.",
		Tested: "Every document of the rendered page, frames and shadow roots included, shown or hidden: a field for a password, or a form that asks who you are. The same on pages that the navigation leads to, in turn.",
		open:   "The page still has a login that can be used."},
	{ID: "upload", Severity: Critical, Everywhere: true, Source: order + "; " + asvs + " V5", Fix: fixUpload,
		Title:  "No upload",
		Why:    "A file that a visitor can store is the shortest way from a form to a web shell.",
		Tested: "Every document of the rendered page: a control for files that is not disabled. The same on pages that the navigation leads to, in turn.",
		open:   "The page still takes files from visitors."},
	{ID: "form", Severity: High, Everywhere: true, Source: order, Fix: fixForm,
		Title:  "No usable form",
		Why:    "What a form takes goes to a program and often to a database: each is a way to inject something.",
		Tested: "Every document of the rendered page, shown or hidden: a form with a control that takes something, or text fields outside a form. Forms that other controls name are left to them. The same on pages that the navigation leads to, in turn.",
		open:   "The page still has a form that can be used."},
	{ID: "comment", Severity: High, Everywhere: true, Source: order, Fix: fixComment,
		Title:  "No comment box",
		Why:    "What visitors write is shown to others: spam, script and defacement come in by it.",
		Tested: "Forms that are for comments, feedback or guest books, and the services that embed one. The same on pages that the navigation leads to, in turn.",
		open:   "The page still takes comments."},
	{ID: "search", Severity: High, Everywhere: true, Source: order + "; OWASP Top 10:2021 A03 Injection", Fix: fixSearch,
		Title:  "No search box",
		Why:    "A search asks the database with the visitor's own words, and costs the server more than any other page.",
		Tested: "Fields and forms that are for searching, by type, role, name and words in English and Urdu. The same on pages that the navigation leads to, in turn.",
		open:   "The page still has a search box that can be used."},
	{ID: "chat", Severity: Medium, Everywhere: true, Source: order, Fix: fixChat,
		Title:  "No chat",
		Why:    "A chat window is a form of another company's, with its script on every page.",
		Tested: "Scripts and frames of the services that embed one. The same on pages that the navigation leads to, in turn.",
		open:   "The page still has a chat window."},
	{ID: "script", Severity: High, Everywhere: true, Source: order + "; ECMAScript and DOM interfaces that make and send forms", Fix: fixScript,
		Title:  "No script that makes or sends a form",
		Why:    "A form need not stand in the page: a script can build it when somebody clicks, and send it without a form.",
		Tested: "The source of the site's own scripts: text of a form or its fields in a string, and code that sends what was typed. Libraries known by their notices are left out. The same on pages that the navigation leads to, in turn.",
		open:   "A script of the page makes or sends a form."},
	{ID: "method", Severity: Critical, Active: true, Source: rfc9110 + " 9 and 15.5.6; CIS Apache HTTP Server 2.4 Benchmark 5.7", Fix: fixMethod,
		Title:  "Requests that change something are refused",
		Why:    "Hiding the form leaves the program behind it: who knows its address sends to it directly. Only a refusal at the server ends that.",
		Tested: "Three requests to the home page: OPTIONS, a method that does not exist, and a POST without a body whose type nothing takes. Refused is 405 or 501, or 403 if the others are refused, too.",
		open:   "The server still accepts requests that change something."},
	{ID: "backend", Severity: Critical, Active: true, Source: order + "; " + nist + "; " + asvs + " V13", Fix: fixBackend,
		Title:  "Back ends are closed to the world",
		Why:    "Administration pages are for a few people in a few places. Everybody else who can see them is guessing passwords or trying exploits.",
		Tested: "GET of paths where CMS logins, panels, phpMyAdmin, webmail and API documents are found, redirects of the same site followed. Open is what shows its marks; what is like the answer to a path that nobody has is not.",
		open:   "A back end can be reached from everywhere."},
	{ID: "shell", Severity: Critical, Active: true, Source: "titles and headings of web shells in public collections; MITRE ATT&CK T1505.003", Fix: fixShell,
		Title:  "No web shell",
		Why:    "It is the intruder's own door, and stays when all others are closed.",
		Tested: "GET, without a parameter, of a few names under which they are left, judged by their headings; scripts in listings of upload directories.",
		open:   "There is what looks like an intruder's own back door."},
	{ID: "listing", Severity: High, Active: true, Source: asvs + " V13.4; CWE-548", Fix: fixListing,
		Title:  "No directory is listed",
		Why:    "A list of files shows an intruder what there is, and a passer-by what was never meant to be published.",
		Tested: "GET of the directories where sites keep uploads, judged by the headings that servers give to lists.",
		open:   "A directory of the server shows the list of its files."},
	{ID: "database", Severity: High, Everywhere: true, Source: order, Fix: fixDatabase,
		Title:  "Nothing is written for a visitor, as far as it shows",
		Why:    "A session or a shopping cart is a row that each visitor writes. In lockdown the database has no write permission, so there is none.",
		Tested: "Cookies that the page sets, by the names that languages and shops give to sessions and carts; a search that the server answers.",
		open:   "The site still keeps a session for each visitor."},
	{ID: "outdated", Severity: High, Source: "endoflife.date and the makers' pages, each row with its source", Fix: fixOutdated,
		Title:  "Server and CMS get security updates",
		Why:    "What is found in a version that gets no updates stays open for ever.",
		Tested: "Versions in headers and in the page, against a table of ends of support that says as of when it is.",
		open:   "The site runs on something that gets no security updates any more."},
	{ID: "version", Severity: Low, Source: "CIS Apache HTTP Server 2.4 Benchmark 8.1; " + nist, Fix: fixVersion,
		Title:  "Versions are not told",
		Why:    "A version tells an intruder which exploit to take.",
		Tested: "A version number in Server, X-Powered-By and the like, or in the document's generator.",
		open:   "The server tells everybody which version it runs."},
	{ID: "cdn", Severity: Medium, Source: order + ": a CDN stands in front", Fix: fixCDN,
		Title:  "A CDN or WAF stands in front",
		Why:    "It takes the flood that a server cannot, and filters what is known to be hostile.",
		Tested: "Headers by which these services are known, and their cookies.",
		open:   "No CDN or WAF can be made out in front of the site."},
	{ID: "origin", Severity: High, Active: true, Source: order + ": back ends answer only to allowed addresses", Fix: fixOrigin,
		Title:  "The server behind the CDN does not answer to everybody",
		Why:    "Who knows the server's own address goes around the CDN, and all that it filters.",
		Tested: "GET of the home page at the addresses that the watchlist names as the site's origin.",
		open:   "The server behind the CDN can be reached directly."},
	{ID: "tls", Severity: High, Source: "RFC 9325, Recommendations for Secure Use of TLS", Fix: fixTLS,
		Title:  "Reached by TLS, with a certificate that browsers trust",
		Why:    "Without it anybody on the way reads and changes what visitors see.",
		Tested: "The browser's own strict connection to the page.",
		open:   "The site is not reached by TLS that browsers trust."},
	{ID: "hsts", Severity: Low, Source: "RFC 6797, HTTP Strict Transport Security", Fix: fixHSTS,
		Title:  "HSTS",
		Why:    "It keeps a browser that was here once from being led to a copy without TLS.",
		Tested: "Strict-Transport-Security with a max-age of at least 180 days.",
		open:   "The site does not tell browsers to keep to TLS (HSTS)."},
	{ID: "csp", Severity: Medium, Source: "W3C Content Security Policy Level 3", Fix: fixCSP,
		Title:  "A Content-Security-Policy without unsafe script",
		Why:    "A site that may not be written to needs no script but its own; the browser can see to that.",
		Tested: "The headers, of which one is enough: script restricted to named sources without 'unsafe-inline' or 'unsafe-eval', or by hashes or nonces.",
		open:   "The page has no Content-Security-Policy that keeps script of others out."},
	{ID: "headers", Severity: Low, Source: "OWASP Secure Headers Project", Fix: fixHeaders,
		Title:  "Security headers",
		Why:    "They keep the page from being framed, files from being taken for script, and addresses from being told to others.",
		Tested: "X-Content-Type-Options, X-Frame-Options or frame-ancestors, Referrer-Policy.",
		open:   "Headers are missing that protect visitors."},
	{ID: "others", Severity: Medium, Everywhere: true, Source: "W3C Subresource Integrity, introduction; attacks by way of a supplier's script", Fix: fixOthers,
		Title:  "No script of others",
		Why:    "Who takes over the company that serves it has a script on this page; in lockdown nothing needs one.",
		Tested: "Hosts of scripts that are not the site's own and that the watchlist does not allow.",
		open:   "The page runs scripts from other companies."},
	{ID: "contact", Severity: Low, Active: true, Source: "RFC 9116, security.txt", Fix: fixContact,
		Title:  "security.txt with a contact",
		Why:    "Who finds a hole must know whom to tell.",
		Tested: "GET of /.well-known/security.txt: a Contact, and an Expires that has not passed.",
		open:   "There is no valid security.txt with a contact."},
}

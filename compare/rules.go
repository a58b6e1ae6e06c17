package compare

import (
	"fmt"
	"slices"
	"strings"
)

// Rule is one thing that Compare looks for.
type Rule struct {
	ID       string   `json:"id"`
	Kind     Kind     `json:"kind"`
	Severity Severity `json:"severity"` // as a rule; a finding can be graver, or milder
	Title    string   `json:"title"`
	Source   string   `json:"source"` // where the rule or its numbers come from

	why    string // one sentence for the site's webmaster
	family string // rules of one family are not independent of each other
}

// Family names what a rule's findings have in common with those of others: within
// one they are not independent, and count as one vote.
func (r Rule) Family() string { return r.family }

// Rules lists every rule, in a fixed order.
func Rules() []Rule { return slices.Clone(ruleTable) }

const (
	measuredCore    = "stable core of three looks: 0 of 592 news page pairs hours apart (measured)"
	measuredPhrases = "phrases new against the baseline: 0 of 3,735 pairs, recall 90.7 % of 805 defacements (measured)"
	measuredScripts = "4-token shingles: 0.0 % of benign pairs, 98.4 % of 61 skimmers, 100 % of 23 exploit kits (measured)"
)

var ruleTable = []Rule{
	{"defacement.title", Defacement, Critical, "An intruder's signature in the title", measuredPhrases, "The title of the page carries an intruder's message.", "phrase"},
	{"defacement.dialog", Defacement, Critical, "An intruder's message in a dialog", measuredPhrases, "The page greets visitors with an intruder's message.", "phrase"},
	{"defacement.phrase", Defacement, High, "An intruder's message in new text", measuredPhrases, "New text on the page is an intruder's message.", "phrase"},
	{"defacement.words", Defacement, Medium, "Words of defacers in new text", measuredPhrases, "New text on the page uses words that defacers use.", "phrase"},
	{"defacement.picture_phrase", Defacement, High, "An intruder's message in a picture", "defacements that are only an image: Meerkat (USENIX Security 2015); words by OCR of what changed in the picture", "A picture that is new on the page is an intruder's message.", "phrase"},
	{"defacement.picture_words", Defacement, Medium, "Words of defacers in a picture", "defacements that are only an image: Meerkat (USENIX Security 2015); words by OCR of what changed in the picture", "A picture that is new on the page uses words that defacers use.", "phrase"},
	{"defacement.crew", Defacement, High, "The form of a crew's signature", "pages on mirrors of defacements: nicknames in disguise between bars, a team, a channel, ornament", "New text on the page has the form in which groups of intruders sign.", "crew"},
	{"defacement.character", Defacement, Medium, "New text in a language that is not the site's", "functional words and letters of the approved looks; cross-entropy of letters in threes", "Text on the page is in a language that the site never used.", "character"},
	{"defacement.replaced", Defacement, Critical, "The whole page was replaced", measuredCore, "The page was replaced: nothing of the approved text, structure or identity is left.", "replaced"},
	{"defacement.redesign", Defacement, Medium, "The page was redesigned", measuredCore, "The page was rebuilt but still looks like its owner's; approve it if this was planned.", "replaced"},
	{"defacement.emptied", Defacement, High, "The text of the page is gone", measuredCore, "Nearly all text of the page is gone while its frame is still there.", "replaced"},
	{"defacement.covered", Defacement, High, "Something covers the page", "what the document shows first cannot be made out in the picture; perception hash over 110 of 256 bits: 0 of 97 consecutive versions, 97.5 % of 320 defacements (measured)", "The page looks entirely different although its document is the same: something covers it.", "picture"},
	{"defacement.image", Defacement, High, "A large picture was exchanged", "image swap; 71 % of 541 defacements are dark (measured)", "A large picture on the page was exchanged.", "picture"},
	{"defacement.logo", Defacement, High, "The logo was exchanged", "image swap: a logo outlives designs, and nobody writes over its file in place", "The logo of the site was exchanged for another picture.", "picture"},
	{"defacement.images", Defacement, Critical, "All pictures became one", "image swap by a script or a rule of the server: every picture shows the same file", "All pictures on the page were exchanged for the same one.", "picture"},
	{"defacement.heading", Defacement, High, "The page got another name", "title and h1 are core fields: they nearly never change on their own", "The title or heading that the page always had gave way to another one.", "steady"},
	{"defacement.ticker", Defacement, Medium, "Text set in motion", "marquee is obsolete (HTML Standard, 16.2); defacers who write by hand into a page use it", "Moving text runs across the page, which it never had.", "steady"},
	{"defacement.reworded", Defacement, Medium, "A sentence was exchanged", "a line of every approved look that gave way between neighbours which stayed", "A sentence that always stood on the page was exchanged for another.", "steady"},
	{"defacement.stray", Defacement, Medium, "Foreign text where the design has no place for any", "templates put text in the same places: tags, ids and classes from the root to it; languages as for defacement.character", "A text in a language that the site never used stands where its design has none.", "stray"},
	{"defacement.picture_only", Defacement, Critical, "The page is one picture", "defacements that are only an image: Meerkat (USENIX Security 2015) reads them from the screenshot; here by what is left beside it", "The page shows one picture and nothing of what it said before.", "replaced"},
	{"defacement.new_dialog", Defacement, Low, "A dialog that was never there", "dialogs are rare on approved pages", "The page opens a dialog that it never opened before.", "dialog"},
	{"defacement.dialog_loop", Defacement, High, "Dialogs without end", "a loop is told from many by its 21st dialog at one load; dialogs are rare on approved pages", "The page opens one dialog after the other, so that nobody can use it.", "dialog"},
	{"defacement.account", Defacement, High, "An account to pay to was exchanged", "vendor and account change frauds: FBI IC3 annual reports", "The page asks for payments to an account that it never named before.", "contact"},
	{"defacement.contact", Defacement, Medium, "A phone number or mail address was exchanged", "helplines replaced on hijacked pages; offices do it, too", "A phone number or address that always stood on the page was exchanged for another.", "contact"},
	{"availability.own_page", Availability, Medium, "The page stands in for the site", "maintenance, parking and error pages are the largest source of wrong replacement alarms", "The site shows a page of maintenance, parking or error in its place.", "replaced"},
	{"injection.skimmer", Injection, Critical, "New code sends away what visitors type", measuredScripts, "New code on the page reads what visitors type and sends it to a stranger.", "code"},
	{"injection.decoder", Injection, High, "New code hides and runs other code", measuredScripts, "New code on the page unpacks hidden code and runs it.", "code"},
	{"injection.frame_writer", Injection, High, "New code shows a stranger's page", measuredScripts, "New code on the page builds a frame with a stranger's page.", "code"},
	{"injection.paste_trap", Injection, Critical, "New code puts a command into the clipboard", "the ClickFix lure: a copied command and instructions to run it", "New code on the page puts a command into the visitor's clipboard.", "code"},
	{"injection.redirect_script", Injection, High, "New code sends visitors elsewhere", measuredScripts, "New code on the page sends visitors to a stranger's site.", "code"},
	{"injection.miner", Injection, High, "New code mines coins", "names of browser miners", "New code on the page computes for a stranger.", "code"},
	{"injection.cookies", Injection, Critical, "New code sends away cookies", "session theft by a script that was injected: all of document.cookie in an address", "New code on the page sends the cookies of visitors to a stranger.", "code"},
	{"injection.copy_swap", Injection, Critical, "New code exchanges what visitors copy", "clippers: malware that exchanges wallet addresses in the clipboard (ESET, 2018), as a script", "New code on the page replaces what its visitors copy, such as an account to pay to.", "code"},
	{"injection.odd_code", Injection, High, "New code that deals with a stranger", "what skimmers, redirectors, miners and loaders have in common: a new host, and several of a dozen traits", "New code on the page deals with a stranger's host and does what code of intruders does.", "code"},
	{"injection.loader", Injection, High, "New code hides whom it deals with", "loaders of skimmers and of fake updates keep their host in base64, in escapes or backwards, or dress up as a service", "New code on the page deals with a host whose name it hides or imitates.", "code"},
	{"injection.script_host", Injection, Medium, "Code from a new host", "new script host: 0.56 % of news page pairs hours apart (measured)", "The page runs code from a host that is new to it.", "script_host"},
	{"injection.destination", Injection, High, "Data goes to a new host", "destination novelty from the network outranks what code looks like", "The page sends data to a host that it never dealt with.", "destination"},
	{"injection.hidden_link", Injection, High, "A hidden link that advertises", "promotional infections of institutions: Liao et al., IEEE S&P 2016", "The page hides a link that advertises something out of place.", "spam"},
	{"injection.hidden_links", Injection, Medium, "Hidden links to new hosts", "promotional infections of institutions: Liao et al., IEEE S&P 2016", "The page hides links to hosts that are new to it.", "hidden_links"},
	{"injection.spam_link", Injection, High, "Links that advertise", "promotional infections of institutions: Liao et al., IEEE S&P 2016", "New links on the page advertise something out of place.", "spam"},
	{"injection.spam_text", Injection, High, "Text that advertises", "promotional infections of institutions: Liao et al., IEEE S&P 2016", "New text on the page advertises something out of place.", "spam"},
	{"injection.spam_title", Injection, High, "A title that advertises", "promotional infections of institutions: Liao et al., IEEE S&P 2016", "The title of the page advertises something out of place.", "spam"},
	{"injection.frame", Injection, Medium, "A frame from a new host", "new iframe host: 0 of 720 news page pairs hours apart (measured)", "The page shows a frame from a host that is new to it.", "frame"},
	{"injection.hidden_frame", Injection, High, "A hidden frame from a new host", "new iframe host: 0 of 720 news page pairs hours apart (measured)", "The page hides a frame from a host that is new to it.", "frame"},
	{"injection.form_action", Injection, High, "A form that answers to a stranger", "form actions nearly never change on their own", "A form on the page sends what visitors enter to a stranger.", "form"},
	{"injection.form_secrets", Injection, Medium, "The page begins to ask for secrets", "phishing pages on hijacked sites: fields for passwords and cards where there were none", "A form on the page asks for a password or a payment card, which the page never did before.", "form"},
	{"injection.canonical", Injection, High, "The page calls itself another site's copy", "RFC 6596; canonical links moved by promotional infections", "The page tells search engines that a stranger's site is the original.", "navigation"},
	{"injection.icon", Injection, Medium, "The icon of the site is a stranger's", "icons are moved together with the identity of a page, and nearly never on their own", "The icon that browsers show for the site comes from a stranger's host.", "navigation"},
	{"injection.manifest", Injection, High, "The app of the site is a stranger's", "W3C Web Application Manifest: name, icon and start page of what visitors install", "Whoever installs the site as an app gets a stranger's.", "navigation"},
	{"injection.meta_refresh", Injection, High, "The page forwards to a stranger", "meta refresh nearly never changes on its own", "The page forwards its visitors to a stranger's site.", "navigation"},
	{"injection.base_href", Injection, High, "All links of the page lead to a stranger", "base nearly never changes on its own", "The page makes its own links and files come from a stranger's host.", "navigation"},
	{"injection.redirect", Injection, Critical, "Visitors end on another site", "final address against all approved looks", "Visitors of the page end on another site.", "navigation"},
	{"injection.redirect_hop", Injection, Medium, "A stranger on the way to the page", "traffic distribution: who is sold is sent elsewhere, everybody else is let through", "On the way to the page visitors pass through a stranger's site.", "navigation"},
	{"injection.download", Injection, High, "The page hands out a file", "drive-by downloads", "The page hands its visitors a file that they did not ask for.", "download"},
	{"injection.program", Injection, High, "A stranger's program to install", "fake updates of browsers, fonts and viewers, and programs named like documents, handed out by hijacked sites", "The page hands out a program from a stranger's host.", "download"},
	{"injection.popup", Injection, Medium, "A window with a stranger's page", "windows that open without a click are what browsers block", "The page opens a window with a stranger's page by itself.", "popup"},
	{"injection.popups", Injection, Medium, "A flood of windows", "windows that open without a click are what browsers block", "The page opens one window after the other by itself.", "popup"},
	{"injection.clipboard", Injection, High, "The page fills the clipboard", "the ClickFix lure: a copied command and instructions to run it", "The page puts text into the visitor's clipboard by itself.", "clipboard"},
	{"injection.clipboard_read", Injection, High, "The page asks for the clipboard", "addresses of wallets, passwords and codes pass through the clipboard", "The page asks to read the visitor's clipboard by itself.", "clipboard"},
	{"injection.permission", Injection, Medium, "The page asks for the visitor's device", "fake notifications are sold by way of this permission", "The page asks by itself for something of the visitor's that it never asked for.", "permission"},
	{"injection.service_worker", Injection, High, "The page installs a service worker", "W3C Service Workers: stays with the visitor and answers for the whole site; sold for push messages and kept by intruders for when the page is clean again", "The page installs a program in its visitors' browsers that stays there, which it never did before.", "permission"},
	{"injection.reach_metadata", Injection, Critical, "The page reaches for a server's keys", "metadata addresses of cloud providers", "The page reaches for the address from which servers in a cloud get their keys.", "reach"},
	{"injection.reach_inside", Injection, Medium, "The page reaches inside", "refused by the egress proxy: ranges that are not public", "The page reaches for addresses inside the network of whoever visits it.", "reach"},
	{"injection.reach_port", Injection, Low, "The page reaches for an odd port", "refused by the egress proxy: ports that web servers do not use", "The page connects to a stranger's server on a port that is not for the web.", "reach"},
	{"injection.lure", Injection, Critical, "Instructions to run a command", "the ClickFix lure: a copied command and instructions to run it", "The page tells its visitors to run a command on their computers.", "lure"},
	{"leak.cnic", Leak, High, "National identity numbers", "5-7-1 digits with dashes and a valid locality: 0.00 % of 1,014 pages (measured); without dashes only beside words that say so", "The page shows national identity (CNIC) numbers of many people.", "leak"},
	{"leak.card", Leak, High, "Card numbers", "Luhn, issuer and length: 0.00 % of 1,014 pages' text (measured)", "The page shows payment card numbers.", "leak"},
	{"leak.iban", Leak, High, "Bank account numbers", "ISO 13616 with mod 97: 0.00 % of 1,014 pages' text (measured)", "The page shows many bank account numbers.", "leak"},
	{"leak.mail", Leak, Medium, "A list of mail addresses", "the largest of 1,014 pages had 24 (measured)", "The page shows a long list of personal mail addresses.", "leak"},
	{"leak.phone", Leak, Medium, "A list of mobile numbers", "Pakistan's numbering plan: mobiles begin with 03; offices list some dozens", "The page shows a long list of people's mobile numbers.", "leak"},
	{"leak.passport", Leak, High, "Passport numbers", "two letters and seven digits, in the company of the word", "The page shows passport numbers of many people.", "leak"},
	{"leak.passwords", Leak, High, "Passwords of people", "forms of crypt(3), bcrypt, argon2, phpass and LDAP; address:password lists as they are traded", "The page shows passwords of many people, in clear or as hashes.", "leak"},
	{"leak.sql_dump", Leak, Critical, "A database, exported", "heads and statements of mysqldump, phpMyAdmin, pg_dump and Adminer", "The page shows the content of a database.", "leak"},
	{"leak.server_file", Leak, Critical, "A file of the server", "forms of Git's configuration, passwd, htpasswd, PEM keys and program sources", "The page shows a file that belongs to the server and not to its visitors.", "leak"},
	{"leak.log", Leak, High, "Logs of the server", "log formats of Apache, nginx, IIS, PHP, Laravel and Log4j", "The page shows the logs of the server.", "leak"},
	{"leak.server_status", Leak, High, "The server's state", "reports of mod_status, mod_info, nginx, PHP-FPM, Spring and Elasticsearch", "The page shows what the server is doing and for whom.", "leak"},
	{"leak.secrets", Leak, Critical, "Passwords and keys of the server", "names of settings that hold secrets; gitleaks' rules for keys of known form", "The page shows passwords or keys of the server.", "leak"},
	{"leak.phpinfo", Leak, High, "The server's configuration", "headings of phpinfo()", "The page shows the configuration of the server.", "leak"},
	{"leak.directory", Leak, High, "A list of the server's files", "headings of Apache, nginx, lighttpd, IIS, Tomcat, Jetty, Python, Express and Caddy; S3 and Azure buckets", "The page shows a list of the server's files instead of the site.", "leak"},
	{"leak.sql_error", Leak, High, "A database error", "messages of MySQL, MariaDB, PostgreSQL, Oracle, SQL Server, SQLite, DB2 and MongoDB", "The page shows an error of its database.", "leak"},
	{"leak.stack_trace", Leak, Medium, "A stack trace", "formats of PHP, Java, .NET, Python, Ruby, Node, Go, Rust and the frameworks on them", "The page shows the inner workings of its program after an error.", "leak"},
	{"leak.warning", Leak, Low, "Warnings of the program", "format of PHP", "The page shows warnings of its program.", "leak"},
}

var ruleByID = indexRules()

func indexRules() map[string]Rule {
	m := make(map[string]Rule, len(ruleTable))
	for _, r := range ruleTable {
		kind, _, _ := strings.Cut(r.ID, ".")
		if _, twice := m[r.ID]; twice || string(r.Kind) != kind || r.why == "" || r.family == "" {
			panic(fmt.Sprintf("compare: rule %q is listed twice or wrongly", r.ID))
		}
		m[r.ID] = r
	}
	return m
}

// contentRules need no baseline, errorPageRules not even a page that is the
// site's; baselineRules compare.
var (
	errorPageRules = []func(*comparison) []hit{phraseHits, paintedHits, bulkLeakHits, downloadHits, dialogHits, commandHits, metadataHits}
	contentRules   = []func(*comparison) []hit{phraseHits, paintedHits, leakHits, lureHits, downloadHits, commandHits, metadataHits}
	baselineRules  = []func(*comparison) []hit{replacementHits, pictureHits, contactHits, steadyHits, strayHits, coverHits, crewHits, characterHits, imageHits, scriptHits, scriptHostHits, destinationHits,
		linkHits, programHits, spamHits, frameHits, formHits, secretHits, navigationHits, canonicalHits, iconHits, wayHits, popupHits, dialogHits, askHits, reachHits}
)

func run(c *comparison, rules []func(*comparison) []hit) []hit {
	var hits []hit
	for _, rule := range rules {
		hits = append(hits, rule(c)...)
	}
	return hits
}

// bulkLeakHits leaves out warnings, and traces where the status says already that
// the page is broken; sent as a page in good order they are what everybody sees. A
// failed query is more: it invites the next one.
func bulkLeakHits(c *comparison) []hit {
	return slices.DeleteFunc(leakHits(c), func(h hit) bool {
		return h.rule == "leak.stack_trace" && c.look.View.Status >= 400 || h.rule == "leak.warning"
	})
}

func onlyDecisive(hits []hit) []hit {
	return slices.DeleteFunc(hits, func(h hit) bool { return h.strength != decisive })
}

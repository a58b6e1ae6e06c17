package render

import (
	"fmt"
	"strings"
	"testing"

	purehtml "golang.org/x/net/html"
)

// pureParse makes a Page of HTML without a browser: every element is shown, at
// 600 by 20 px, but for what is in the head.
func pureParse(t testing.TB, markup string) *Page {
	t.Helper()
	doc, err := purehtml.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	p := &Page{URL: "https://site.example/", FinalURL: "https://site.example/", Status: 200, Frames: []Frame{{Parent: -1, Owner: -1, Direction: "ltr"}}}
	p.Nodes = append(p.Nodes, Node{Parent: -1, Name: "#document"})
	pureAppend(p, doc, 0, Shown)
	p.derive()
	return p
}

func pureAppend(p *Page, parent *purehtml.Node, index int32, hidden Hidden) {
	for c := parent.FirstChild; c != nil; c = c.NextSibling {
		n := Node{Parent: index, Box: Box{0, 0, 600, 60}, Hidden: hidden}
		switch c.Type {
		case purehtml.ElementNode:
			n.Name = c.Data
			if notText[c.Data] {
				n.Hidden = NotRendered
			}
			for _, a := range c.Attr {
				n.Attrs = append(n.Attrs, Attr{a.Key, a.Val})
			}
		case purehtml.TextNode:
			n.Name, n.Text = "#text", c.Data
		default:
			continue
		}
		p.Nodes = append(p.Nodes, n)
		pureAppend(p, c, int32(len(p.Nodes)-1), n.Hidden)
	}
}

// pureProse is a long page of a ministry that talks about the words of the rules.
var pureProse = "<h1>Ministry of Communications</h1>" + strings.Repeat(`<p>The scheduled maintenance of the portal will take place on
Sunday; accounts that were suspended last year, and the page not found errors of citizens, are dealt with by the
help desk. Access denied messages and the coming soon section of the new web site are known.</p><a href="/a">More</a>`, 12)

type pureHealth struct {
	name   string
	html   string
	status int
	header string // "name: value"
	url    string
	want   Condition
}

func (h pureHealth) page(t testing.TB) *Page {
	p := pureParse(t, h.html)
	if h.status != 0 {
		p.Status = h.status
	}
	if name, value, ok := strings.Cut(h.header, ": "); ok {
		p.Headers = []Header{{name, value}}
	}
	if h.url != "" {
		p.FinalURL = h.url
	}
	return p
}

var pureSick = []pureHealth{
	{name: "cloudflare header", html: "<title>Nur einen Moment</title><p>x", status: 403, header: "cf-mitigated: challenge", want: Challenge},
	{name: "cloudflare page", html: `<title>Just a moment...</title><script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script><p>Verifying you are human. site.example needs to review the security of your connection before proceeding.`, status: 403, want: Challenge},
	{name: "cloudflare 1020", html: `<title>Access denied | site.example used Cloudflare to restrict access</title><h1>Error 1020</h1><p>Access denied. What happened? This website is using a security service to protect itself from online attacks. Cloudflare Ray ID: 7abc`, status: 403, want: Challenge},
	{name: "aws waf", html: "<p>x", status: 405, header: "x-amzn-waf-action: captcha", want: Challenge},
	{name: "aws script", html: `<script src="https://abc.edge.sdk.awswaf.com/abc/challenge.js"></script><div id="challenge-container"></div><noscript>JavaScript is disabled</noscript>`, status: 202, want: Challenge},
	{name: "akamai", html: `<title>Access Denied</title><h1>Access Denied</h1>You don't have permission to access "http://site.example/" on this server.<p>Reference #18.5d2f3e17.1700000000.1a2b3c4d`, status: 403, want: Challenge},
	{name: "imperva", html: `<iframe src="/_Incapsula_Resource?SWUDNSAI=31">Request unsuccessful. Incapsula incident ID: 123-456</iframe>`, want: Challenge},
	{name: "sucuri", html: `<title>Sucuri WebSite Firewall - Access Denied</title><p>Access Denied - Sucuri Website Firewall. If you are the site owner please open a ticket.`, status: 403, want: Challenge},
	{name: "ddos-guard", html: `<title>DDoS-Guard</title><p>Checking your browser before accessing site.example`, status: 403, header: "server: ddos-guard", want: Challenge},
	{name: "f5", html: `<title>Request Rejected</title>The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 1234567890`, want: Challenge},
	{name: "radware", html: `<title>Radware Captcha Page</title><form action="https://validate.perfdrive.com/x"></form><p>Please solve this captcha to continue`, want: Challenge},
	{name: "recaptcha", html: `<title>Verification</title><p>Please confirm that you are not a robot<div class="g-recaptcha"></div>`, want: Challenge},
	{name: "sedo", html: `<title>site.example</title><script src="https://img.sedoparking.com/x.js"></script><p>Related links`, want: Parked},
	{name: "godaddy", html: `<p>This web page is parked FREE, courtesy of GoDaddy.`, want: Parked},
	{name: "for sale", html: `<title>site.example</title><h1>This domain is for sale!</h1><p>Make an offer`, want: Parked},
	{name: "cpanel suspended", html: `<title>Account Suspended</title><h1>Account Suspended</h1><p>This Account has been suspended. Contact your hosting provider for more information.`, url: "http://site.example/cgi-sys/suspendedpage.cgi", want: Suspended},
	{name: "suspended text", html: `<h1>This website has been suspended.</h1><p>Please contact the billing department, or our support team.`, want: Suspended},
	{name: "apache", html: `<title>Apache2 Ubuntu Default Page: It works</title><p>It works!<p>` + strings.Repeat("configuration ", 200), want: Placeholder},
	{name: "apache plain", html: `<h1>It works!</h1>`, want: Placeholder},
	{name: "nginx", html: `<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed`, want: Placeholder},
	{name: "iis", html: `<title>IIS Windows Server</title><a href="http://go.microsoft.com/fwlink/?linkid=66138"><img src="iisstart.png" alt="IIS"></a>`, want: Placeholder},
	{name: "plesk", html: `<title>Web Server's Default Page</title><p>This page is generated by Plesk, the leading hosting automation software.`, want: Placeholder},
	{name: "xampp", html: `<title>Welcome to XAMPP</title><h1>XAMPP Apache + MariaDB + PHP + Perl</h1>`, want: Placeholder},
	{name: "litespeed", html: `<title>LiteSpeed Web Server</title><p>Congratulation! You have successfully installed`, want: Placeholder},
	{name: "wordpress", html: `<title>WordPress › Installation</title><h1>Welcome</h1><p>Welcome to the famous five-minute WordPress installation process!`, want: Placeholder},
	{name: "drupal", html: `<title>Choose language | Drupal</title><select></select>`, url: "https://site.example/core/install.php", want: Placeholder},
	{name: "coming soon", html: `<h1>Coming Soon</h1><p>info@site.example`, want: Placeholder},
	{name: "wordpress maintenance", html: `Briefly unavailable for scheduled maintenance. Check back in a minute.`, status: 503, want: Maintenance},
	{name: "drupal maintenance", html: `<body class="maintenance-page"><h1>Site under maintenance</h1><p>Ministry is currently under maintenance. We should be back shortly.`, status: 503, want: Maintenance},
	{name: "retry-after", html: `<p>We are working on it and will be back soon`, status: 503, header: "retry-after: 3600", want: Maintenance},
	{name: "maintenance text", html: `<h1>Site is currently under scheduled maintenance</h1><h2>Maintenance in progress</h2><p>Sorry for the inconvenience.`, want: Maintenance},
	{name: "urdu maintenance", html: `<h1>ویب سائٹ زیر مرمت ہے</h1><p>تکلیف کے لیے معذرت`, want: Maintenance},
	{name: "404", html: `<title>404 Not Found</title><center><h1>404 Not Found</h1></center><hr><center>nginx</center>`, status: 404, want: ErrorPage},
	{name: "soft 404", html: `<title>Page Not Found</title><p>Sorry. <a href="/">Home</a>`, want: ErrorPage},
	{name: "502", html: `<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>`, status: 502, want: ErrorPage},
	{name: "500", html: `<title>Internal Server Error</title><h1>Internal Server Error</h1><p>The server encountered an internal error or misconfiguration`, status: 500, want: ErrorPage},
	{name: "wordpress db", html: `<h1>Error establishing a database connection</h1>`, want: ErrorPage},
	{name: "asp.net", html: `<title>Runtime Error</title><h1>Server Error in '/' Application.</h1><p>Runtime Error`, status: 500, want: ErrorPage},
	{name: "php", html: `Fatal error: Uncaught Error: Call to undefined function mysql_connect() in /home/x/index.php on line 12`, want: ErrorPage},
	{name: "blank", html: `<title>Ministry</title><div></div>`, want: Blank},
}

func TestConditionRecognises(t *testing.T) {
	for _, h := range pureSick {
		if got := condition(h.page(t)); got != h.want {
			t.Errorf("%s is %q, want %q", h.name, got, h.want)
		}
	}
}

// TestConditionNeverExcusesDefacement puts what defacers write on every stock
// page: none may then be taken out of the comparison.
func TestConditionNeverExcusesDefacement(t *testing.T) {
	for _, h := range pureSick {
		for _, mark := range []string{"<h1>Hacked by Mr.X</h1>", "<p>H4CK3D BY team</p>", "<p>Defaced! Greetz to all</p>", "<p>تم اختراق الموقع</p>"} {
			h := h
			h.html += mark
			if got := condition(h.page(t)); got != Ordinary {
				t.Errorf("%s with %s is %q", h.name, mark, got)
			}
		}
		p := h.page(t)
		p.Dialogs = []Dialog{{"alert", "You have been HACKED"}}
		if got := condition(p); got != Ordinary {
			t.Errorf("%s with a defacer's dialog is %q", h.name, got)
		}
	}
}

func TestConditionLeavesPagesAlone(t *testing.T) {
	for _, h := range []pureHealth{
		{name: "long page", html: pureProse},
		{name: "long 404", html: pureProse, status: 404},
		{name: "long 503", html: pureProse, status: 503, header: "retry-after: 60"},
		{name: "news about it", html: "<title>Site under maintenance, says ministry</title>" + pureProse},
		{name: "behind cloudflare", html: `<script src="/cdn-cgi/scripts/email-decode.min.js"></script>` + pureProse, header: "server: cloudflare"},
		{name: "form with captcha", html: `<form><input name="cnic"><input name="mobile"><div class="g-recaptcha"></div></form><p>Verify your vote`},
		{name: "loud maintenance", html: `<h1>Site is under maintenance</h1><audio autoplay src="a.mp3"></audio>`},
		{name: "maintenance by a crew", html: `<h1>Under maintenance</h1><p>Your security is low. Expect us.`},
		{name: "suspended by a crew", html: `<h1>This website has been suspended.</h1><p>by Team Xploit, t.me/xploit`},
		{name: "owned 404", html: `<title>404 Not Found</title><h1>Pwned</h1><p>nginx`, status: 404},
		{name: "ransom on a blank page", html: `<p>Your files are encrypted. Send 1 bitcoin.`},
		{name: "short defacement without a known word", html: `<h1>Mr. Dark</h1><p>Hello admin`},
		{name: "slogan with an error status", html: `<h1>Down with the government</h1>`, status: 500},
		{name: "picture only", html: `<img src="x.png">`},
		{name: "background only", html: `<div style="background:url(x.png)"></div>`},
		{name: "empty error", html: ``, status: 500},
	} {
		if got := condition(h.page(t)); got != Ordinary {
			t.Errorf("%s is %q", h.name, got)
		}
	}
}

// TestHealthRulesAreTold: each rule has a name of its own and says where it is from.
func TestHealthRulesAreTold(t *testing.T) {
	names := make(map[string]bool)
	for _, r := range healthRules {
		if r.name == "" || r.source == "" || r.condition == Ordinary || names[r.name] {
			t.Errorf("rule %q (%s) is not fully described", r.name, r.condition)
		}
		names[r.name] = true
	}
}

// TestEveryHealthRuleMatchesSomething keeps a rule from rotting unnoticed.
func TestEveryHealthRuleMatchesSomething(t *testing.T) {
	matched := make(map[string]bool)
	more := append([]pureHealth{
		{html: `<div id="sec-if-cpt-container"></div>`}, {html: `<script src="https://ct.captcha-delivery.com/c.js"></script>`},
		{html: `<div id="px-captcha"></div>`}, {html: `<title>Apache Tomcat/9</title><h2>If you're seeing this, you've successfully installed Tomcat. Congratulations!`},
		{html: `<title>Joomla! Web Installer</title>`, url: "https://site.example/installation/index.php"},
		{html: `<div id="cf-error-details">Web server is down`, status: 521},
	}, pureSick...)
	for _, h := range more {
		v := viewPage(h.page(t))
		for _, r := range healthRules {
			if r.match(v) {
				matched[r.name] = true
			}
		}
	}
	for _, r := range healthRules {
		if !matched[r.name] {
			t.Errorf("no test page matches rule %s", r.name)
		}
	}
}

func TestConditionOfNothing(t *testing.T) {
	for _, p := range []*Page{{}, {Status: 200}, {Nodes: []Node{{Parent: -1}}, Status: 200}} {
		p.derive()
		if got := condition(p); got == Challenge || got == Parked {
			t.Errorf("an empty page is %q", got)
		}
	}
}

func BenchmarkCondition(b *testing.B) {
	p := pureParse(b, "<body>"+strings.Repeat(fmt.Sprintf("<div>%s</div>", pureProse), 20))
	for b.Loop() {
		condition(p)
	}
}

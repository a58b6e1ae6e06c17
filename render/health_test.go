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

// pureSickMore are the pages of further makers, and in further languages.
var pureSickMore = []pureHealth{
	{name: "cloudflare in Urdu", html: `<title>ایک لمحہ...</title><div id="challenge-error-text">جاری رکھنے کے لیے</div><script src="/cdn-cgi/challenge-platform/h/g/orchestrate/jsch/v1"></script>`, status: 403, want: Challenge},
	{name: "cloudflare jschl", html: `<title>Just a wait</title><div class="cf-browser-verification cf-im-under-attack"><h1>Checking your browser</h1></div><p>DDoS protection by Cloudflare. Ray ID`, status: 503, want: Challenge},
	{name: "azure front door", html: `<title>Microsoft Azure</title><h2>The request is blocked.</h2><p>20261103T101500Z-r1a2b3c4d5e6f7`, status: 403, want: Challenge},
	{name: "azure gateway", html: `<center><h1>403 Forbidden</h1></center><hr><center>Microsoft-Azure-Application-Gateway/v2</center>`, status: 403, want: Challenge},
	{name: "cloudfront block", html: `<title>ERROR: The request could not be satisfied</title><h1>403 ERROR</h1><h2>The request could not be satisfied.</h2><p>Request blocked. We can't connect to the server. Generated by cloudfront (CloudFront)`, status: 403, want: Challenge},
	{name: "modsecurity", html: `<title>Not Acceptable!</title><h1>Not Acceptable!</h1><p>An appropriate representation could not be found. This error was generated by Mod_Security.`, status: 406, want: Challenge},
	{name: "wordfence", html: `<h1>Your access to this site has been limited by the site owner</h1><p>Generated by Wordfence at Mon, 2 Mar 2026`, status: 503, want: Challenge},
	{name: "fortiweb", html: `<title>Web Page Blocked!</title><h1>Web Page Blocked!</h1><p>The page cannot be displayed. Attack ID: 20000008`, want: Challenge},
	{name: "siteground", html: `<p>Checking the site connection security`, url: "https://site.example/.well-known/sgcaptcha/?r=%2F", status: 202, want: Challenge},
	{name: "vercel", html: `<title>Vercel Security Checkpoint</title><p>We're verifying your browser`, status: 429, want: Challenge},
	{name: "anubis", html: `<title>Making sure</title><script id="anubis_challenge" type="application/json">{}</script><h1>Making sure you're not a bot!`, want: Challenge},
	{name: "queue", html: `<title>Queue</title><script src="https://static.queue-it.net/script/queueclient.min.js"></script><p>You are now in the queue`, want: Challenge},
	{name: "barracuda", html: `<h1>Request blocked</h1><p>Your request was blocked by the Barracuda firewall. Incident 0a-1b`, status: 403, want: Challenge},

	{name: "network log-in", html: `<title>Network log-in</title><p>Please accept the terms`, status: 511, want: Captive},
	{name: "mikrotik", html: `<title>MikroTik hotspot > login</title><p>Please log on to use the internet<form><input name=username><input type=password></form>`, url: "http://10.5.50.1/login?dst=http%3A%2F%2Fsite.example", want: Captive},
	{name: "surf safely", html: `<title>Surf Safely!</title><h1>Surf Safely!</h1><p>This website is not accessible. The site you are trying to access contains content that is prohibited for viewership from within Pakistan.`, want: Captive},
	{name: "provider in Russian", html: `<h1>Уважаемые пользователи</h1><p>Доступ к запрашиваемому ресурсу ограничен по решению`, want: Captive},

	{name: "hostinger parked", html: `<title>site.example</title><script src="https://parking.hostinger.example/parking.hostinger"></script><p>Parked`, want: Parked},
	{name: "for sale in German", html: `<title>site.example</title><h1>site.example</h1><p>Diese Domain steht zum Verkauf.`, want: Parked},
	{name: "for sale in Spanish", html: `<h1>site.example</h1><p>Este dominio está en venta`, want: Parked},
	{name: "for sale in Chinese", html: `<h1>site.example</h1><p>此域名出售`, want: Parked},
	{name: "for sale in Urdu", html: `<h1>site.example</h1><p>یہ ڈومین برائے فروخت ہے`, want: Parked},
	{name: "expired", html: `<h1>This domain name has expired.</h1><p>If you are the owner, please renew it with your registrar.`, want: Parked},
	{name: "expired in Russian", html: `<h1>Срок регистрации домена site.example истёк</h1><p>whois`, want: Parked},
	{name: "unconnected", html: `<h1>Looks like this domain isn't connected to a website yet</h1>`, status: 404, want: Parked},

	{name: "suspended in German", html: `<h1>Diese Website wurde vorübergehend gesperrt.</h1><p>Bitte wenden Sie sich an den Support.`, want: Suspended},
	{name: "suspended in Portuguese", html: `<title>Conta suspensa</title><h1>Conta suspensa</h1>`, want: Suspended},
	{name: "suspended in Turkish", html: `<h1>Bu site geçici olarak askıya alınmıştır</h1>`, want: Suspended},
	{name: "suspended in Indonesian", html: `<h1>Situs ini telah ditangguhkan</h1>`, want: Suspended},
	{name: "suspended in Arabic", html: `<h1>تم إيقاف هذا الموقع</h1>`, want: Suspended},
	{name: "suspended in Urdu", html: `<h1>یہ ویب سائٹ عارضی طور پر معطل ہے</h1>`, want: Suspended},
	{name: "wordpress.com", html: `<h1>This site is no longer available.</h1><p>This site has been archived or suspended in accordance with our Terms of Service.`, status: 410, want: Suspended},

	{name: "lighttpd", html: `<title>Welcome page</title><h1>Placeholder page</h1><p>The owner of this web site has not put up any web pages yet. Please come back later.`, want: Placeholder},
	{name: "django", html: `<title>The install worked successfully! Congratulations!</title><h1>The install worked successfully! Congratulations!</h1>`, want: Placeholder},
	{name: "express", html: `<title>Express</title><h1>Express</h1><p>Welcome to Express`, want: Placeholder},
	{name: "wamp", html: `<title>WAMPSERVER Homepage</title><h2>Server Configuration</h2><p>PHP Version: 8.1`, want: Placeholder},
	{name: "virtualmin", html: `<title>Website</title><p>This is the default Virtualmin page for site.example`, want: Placeholder},
	{name: "ovh", html: `<title>Félicitations !</title><h1>Félicitations ! Votre domaine a bien été créé chez OVHcloud !</h1>`, want: Placeholder},
	{name: "fresh drupal", html: `<title>Welcome to Site | Site</title><h1>Welcome to Site</h1><p>No front page content has been created yet.`, want: Placeholder},

	{name: "maintenance in German", html: `<h1>Wartungsarbeiten</h1><p>Wir sind gleich zurück.`, want: Maintenance},
	{name: "maintenance in Turkish", html: `<h1>Sitemiz bakımdadır</h1>`, want: Maintenance},
	{name: "maintenance in Indonesian", html: `<h1>Situs sedang dalam pemeliharaan</h1>`, status: 503, want: Maintenance},
	{name: "maintenance in Arabic", html: `<h1>الموقع تحت الصيانة</h1>`, want: Maintenance},
	{name: "maintenance in Persian", html: `<h1>سایت در دست تعمیر است</h1>`, want: Maintenance},
	{name: "maintenance in Russian", html: `<h1>На сайте ведутся технические работы</h1>`, want: Maintenance},
	{name: "maintenance in Chinese", html: `<h1>网站正在维护中</h1>`, want: Maintenance},

	{name: "varnish", html: `<title>503 Backend fetch failed</title><h1>Error 503 Backend fetch failed</h1><p>Backend fetch failed</p><h3>Guru Meditation:</h3><p>XID: 12`, status: 503, want: ErrorPage},
	{name: "squid", html: `<title>ERROR: The requested URL could not be retrieved</title><h1>ERROR</h1><h2>The requested URL could not be retrieved</h2>`, status: 503, want: ErrorPage},
	{name: "github pages", html: `<title>Site not found · GitHub Pages</title><h1>404</h1><p>There isn't a GitHub Pages site here.`, status: 404, want: ErrorPage},
	{name: "whitelabel", html: `<h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error. There was an unexpected error (type=Not Found, status=404).`, status: 404, want: ErrorPage},
}

func init() { pureSick = append(pureSick, pureSickMore...) }

// What the rules know of further makers and languages is written in honest news
// and small pages, too; and a crew's message in their coat stays the crew's.
func TestConditionOfNews(t *testing.T) {
	filler := strings.Repeat("The spokesman told reporters that work on the programme continues in all districts and that citizens are kept informed. ", 12)
	for _, h := range pureSickMore {
		if h.status >= 500 || h.status == 406 || strings.Contains(h.html, "challenge-") || h.url != "" || h.status == 511 {
			continue // what a header, an address or an element of its own tells
		}
		news := pureHealth{html: "<title>News</title><h1>Ministry reports</h1><p>" + filler + "</p>" + strings.ReplaceAll(strings.ReplaceAll(h.html, "<title>", "<p>"), "</title>", "</p>") + "<p>" + filler + "</p>"}
		if got := condition(news.page(t)); got != Ordinary {
			t.Errorf("news with what %s says is %q", h.name, got)
		}
	}
	for name, html := range map[string]string{
		"notice":          `<h1>Notice</h1><p>Barracuda Street will be blocked on Sunday for the parade. <a href=/a>Map</a>`,
		"maintenance":     `<title>Press release</title><h1>Portal upgrade announced</h1><p>The portal will be under maintenance on Sunday, Mr. Khan said.`,
		"a crew, Turkish": `<h1>Site bakımda</h1><p>Siber Ordu. Free Kashmir. t.me/ordu`,
		"a crew, expired": `<h1>This domain has expired</h1><p>Your security has expired, too. Expect us, owner.`,
		"a crew, blocked": `<h1>Blocked</h1><p>Your Barracuda did not stop us. Team Ghost`,
		"a crew, fresh":   `<h1>Wartungsarbeiten</h1><audio autoplay src=a.mp3></audio>`,
	} {
		if got := condition((pureHealth{html: html}).page(t)); got != Ordinary {
			t.Errorf("%s is %q", name, got)
		}
	}
}

// Every state is told in words of its own.
func TestConditionWords(t *testing.T) {
	said := map[string]Condition{}
	for _, r := range healthRules {
		words := conditionWords[r.condition]
		if other, twice := said[words]; words == "" || twice && other != r.condition {
			t.Errorf("%s and %s are both %q", r.condition, other, words)
		}
		said[words] = r.condition
	}
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

package compare

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// ibans makes n valid made-up account numbers.
func ibans(n int) []string {
	var out []string
	for i := 0; len(out) < n; i++ {
		account := fmt.Sprintf("SCBL%016d", 1000+i)
		for check := 2; check <= 98; check++ {
			if s := fmt.Sprintf("PK%02d%s", check, account); validIBAN(strings.ToLower(s)) {
				out = append(out, s)
				break
			}
		}
	}
	return out
}

func mails(n int, host string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "person%d@%s, ", i, host)
	}
	return b.String()
}

func mobiles(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "0%d-%07d, ", 300+i%49, 2000000+7919*i)
	}
	return b.String()
}

func passports(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<tr><td>Traveller</td><td>%c%c%07d</td></tr>", 'A'+i%5, 'B'+i%7, 1000000+7919*i)
	}
	return b.String()
}

// combos are addresses with passwords, as they are traded.
func combos(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "person%d@gmail.com:Winter-%d!\n", i, 1000+i*7)
	}
	return b.String()
}

func accessLog(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "192.0.2.%d - - [12/Mar/2026:10:15:%02d +0500] \"GET /reset?code=%d HTTP/1.1\" 200 512\n", i, i%60, 77000+i)
	}
	return b.String()
}

// A leak is found in the digits and dashes people write, and never shown in clear.
func TestPersonalData(t *testing.T) {
	for _, tt := range []struct {
		text, kind string
		want       int
	}{
		{"35202-1234567-1", leakCNIC, 1},
		{"۳۵۲۰۲-۱۲۳۴۵۶۷-۱", leakCNIC, 1},
		{"35202–1234567–1 35202-1234567-1", leakCNIC, 1}, // an en dash; the same number twice
		{"35202-1234567-1 42101-7654321-9", leakCNIC, 2},
		{"3520212345671", leakCNIC, 0},
		{"CNIC: 3520212345671", leakCNIC, 1},
		{"شناختی کارڈ نمبر ۳۵۲۰۲۱۲۳۴۵۶۷۱", leakCNIC, 1},
		{"name,cnic,city\nAmna,3520212345671,Lahore\nBilal,4210176543219,Karachi\n", leakCNIC, 2},
		{"the cnic office closed at 1700000000000 milliseconds and 3520212345671 forms were sent by then, said the officer in charge of the town", leakCNIC, 0},
		{"NIC No 35202 1234567 1", leakCNIC, 1},
		{"19999-1234567-1", leakCNIC, 0}, // no such locality
		{"35002-1234567-1", leakCNIC, 0}, // no such district
		{"135202-1234567-1", leakCNIC, 0},
		{"4716021988345073", leakCard, 1},
		{"4716 0219 8834 5072", leakCard, 0},
		{"0000000000000000", leakCard, 0},
		{"4716 0219 8834 5073 09/27 123 AMNA KHAN 5312 7700 4419 6285 02/28 004 BILAL", leakCard, 2},
		{"4716 0219 8834 5073 123 11 5312770044196285 9", leakCard, 2},
		{"4716 0219 8834 5073 5312 7700 4419 6285 4929 3301 8726 0451 6011 7300 5298 1145 4716 0219 8834 5073", leakCard, 4},
		{"2019 2020 2021 2022 2023 2024 2025 2026 2027 2028 2029 2030 2031 2032 2033 2034 2035 2036 2037", leakCard, 0},
		{strings.Repeat("35202-1234567-1 42101-7654321-9 ", 4) + "17301-1234567-5", leakCNIC, 3},
		{"PK36 SCBL 0000 0011 2345 6702", leakIBAN, 1},
		{"PK37SCBL0000001123456702", leakIBAN, 0},
		{"DE89 3704 0044 0532 0130 00, GB29NWBK60161331926819", leakIBAN, 2},
		{"DE89 3704 0044 0532 0130 01", leakIBAN, 0},
		{"a.b@gmail.com A.B@GMAIL.COM", leakMail, 1},
		{"info@planning.gov.pk logo@2x.png @mention x@y", leakMail, 0},
		{"0300-2000001, +92 301 2000002, 00923022000003 and 0300 2000001", leakPhone, 3},
		{"051-9201234, UAN 111-000-111, 03-2026", leakPhone, 0},
		{"Passport: AB1002031", leakPassport, 1},
		{"tender AB1002031, order ab1002031, part ABC1002031", leakPassport, 0},
		{"amna@gmail.com:Winter-22!", leakPassword, 1},
		{"mail: amna@gmail.com: write to her; amna@gmail.com:b@gmail.com", leakPassword, 0},
		{"$2y$10$" + strings.Repeat("aB3.x", 10) + "abc", leakPassword, 1},
		{"prices rose from $2a to $2y", leakPassword, 0},
		{"user:pass md5 5f4dcc3b5aa765d61d8327deb882cf90", leakPassword, 1},
		{"md5 5f4dcc3b5aa765d61d8327deb882cf90 of reader.zip: see password", leakPassword, 0},
	} {
		text := asciiDigits(tt.text)
		values := scanLeaks(text)[tt.kind]
		if len(values) != tt.want {
			t.Errorf("%q: %d of %s, want %d", tt.text, len(values), tt.kind, tt.want)
		}
		for _, v := range values {
			if e := masked(tt.kind, v.text); !strings.Contains(e, "*") || text[v.at:v.at+len(v.text)] != v.text {
				t.Errorf("%q: evidence %q is not masked, or %q is not where it is said to be", tt.text, e, v.text)
			}
		}
	}
}

// A directory that was approved once is learnt; five more numbers are a leak again.
func TestLeaksAreJudgedAsChange(t *testing.T) {
	page := func(n int) Look { return lookAt(t, ministryURL, into(identities(n), "</body>")(ministry(1)), "") }
	b := learned(page(30))
	if r := Compare(b, page(31), nil); hasRule(r, "leak.cnic") {
		t.Errorf("one more than was approved: %s", describe(r))
	}
	if r := Compare(b, page(60), nil); !hasRule(r, "leak.cnic") {
		t.Errorf("thirty more than were approved: %s", describe(r))
	}
}

// shown is all that a report says about a look.
func shown(r *Report) string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// The evidence of a leak says how many, what kind and where, with a region of the
// picture, and neither it nor any other finding shows a value.
func TestLeakEvidence(t *testing.T) {
	b := ministryBaseline(t)
	page := "<h2>Beneficiaries of 2026, list of 35202-1234567-1</h2>" + identities(24)
	r := Compare(b, added(page)(t), nil)
	var found *Finding
	for i := range r.Findings {
		if r.Findings[i].Rule == "leak.cnic" {
			found = &r.Findings[i]
		}
	}
	if found == nil || found.Severity != Critical || found.Region == nil || found.Region.H < 4*24 ||
		!strings.Contains(found.Evidence, "25 found, such as 35202-*******-1, under “Beneficiaries of 2026") {
		t.Errorf("the evidence does not say what and where: %s", describe(r))
	}
	secrets := []string{"1234567-1", "1007919-1", "amna@gmail.com", "Winter-22", "Kh4ir!9pur", "0300-2000001"}
	said := "35202-1234567-1 amna@gmail.com:Winter-22! DB_PASSWORD=Kh4ir!9pur 0300-2000001 35202-1234567-1"
	loud := seen(func(v *View) {
		v.Dialogs = []string{"Hacked by QuietFox, proof: " + said}
		v.Title = "Hacked by QuietFox " + said
		v.Asks = []Ask{{"clipboard_write", "powershell -c " + said}}
	})(t)
	for name, look := range map[string]Look{"leak": added(page)(t), "signed": added("<h1>Hacked by QuietFox</h1><h2>Hacked by QuietFox: " + said + "</h2>")(t), "loud": loud} {
		r := Compare(b, look, nil)
		if r.Verdict != Alert {
			t.Errorf("%s: %s", name, describe(r))
		}
		for _, s := range secrets {
			if strings.Contains(shown(r), s) {
				t.Errorf("%s: %q is shown in clear: %s", name, s, describe(r))
			}
		}
	}
}

// A directory of staff is honest, what was carried off is not, whether it is told
// by its hosts, its columns or its length.
func TestDirectoryAndDump(t *testing.T) {
	b := ministryBaseline(t)
	for name, tt := range map[string]struct {
		page string
		want Verdict
	}{
		"staff":              {"<h2>Directory</h2><p>" + mails(30, "planning.gov.pk") + "</p><p>" + mobiles(30) + "</p>", Benign},
		"large staff":        {"<p>" + mails(120, "planning.gov.pk") + "</p>", Suspicious},
		"customers":          {"<p>" + mails(30, "gmail.com") + "</p>", Suspicious},
		"customers, many":    {"<p>" + mails(250, "yahoo.com") + "</p>", Alert},
		"columns":            {"<table><tr><th>email</th><th>password</th></tr><tr><td>" + mails(30, "planning.gov.pk") + "</td></tr></table>", Alert},
		"staff, as a file":   {"<h2>Directory</h2><a href=/d>staff.xlsx</a><p>" + mails(30, "planning.gov.pk") + "</p>", Benign},
		"customers, a file":  {"<h2>customers.csv</h2><p>" + mails(30, "gmail.com") + "</p>", Alert},
		"applicants":         {"<h3>Registered applicants</h3><p>" + mails(30, "post.example") + "</p><p>" + mobiles(30) + "</p>", Alert},
		"applicants, advice": {"<h3>Advice to applicants</h3><p>" + mails(3, "planning.gov.pk") + "</p><p>" + mobiles(3) + "</p>", Benign},
		"members":            {"<h3>Members of the bar</h3><p>" + mails(30, "post.example") + "</p><p>" + mobiles(30) + "</p>", Benign},
		"numbers beside":     {"<p>" + mails(30, "planning.gov.pk") + "</p>" + identities(6), Alert},
		"mobiles and CNIC":   {"<p>" + mobiles(60) + "</p>" + identities(6), Alert},
		"one number, one id": {"<p>Officer: 0300-2000001, form example 35202-1234567-1</p>", Benign},
	} {
		if r := Compare(b, added(tt.page)(t), nil); r.Verdict != tt.want {
			t.Errorf("%s: want %s, got %s", name, tt.want, describe(r))
		}
	}
}

const advisory = `<h2>Advisory on a vulnerability of a common router</h2><p>The national team has seen attackers log in with the default password of this router.
The following lines are what affected organisations found in their logs; administrators should patch at once and look for the same.</p>`

// What an honest page quotes to its readers pages nobody; the same without a word
// of prose does, and so does a page that gave way.
func TestQuotedLeaks(t *testing.T) {
	b := ministryBaseline(t)
	for name, dump := range map[string]string{
		"trace":  "<pre>Traceback (most recent call last): File \"/srv/app/views.py\", line 12, in get</pre>",
		"java":   "<pre>at pk.gov.portal.Login.check(Login.java:88) at pk.gov.portal.Main.run(Main.java:12)</pre>",
		"query":  "<pre>You have an error in your SQL syntax; check the manual near 'x' at line 1</pre>",
		"env":    "<pre>DB_PASSWORD=Kh4ir!9pur MAIL_PASSWORD=Sw4t#77kalam</pre>",
		"git":    "<pre>[core] repositoryformatversion = 0 filemode = true</pre>",
		"passwd": "<pre>root:x:0:0:root:/root:/bin/bash</pre>",
		"log":    "<pre>" + accessLog(25) + "</pre>",
	} {
		if r := Compare(b, added(advisory+dump)(t), nil); r.Verdict == Alert {
			t.Errorf("%s in an advisory: %s", name, describe(r))
		}
		if r := Compare(b, added(dump)(t), nil); r.Verdict != Alert {
			t.Errorf("%s by itself: %s", name, describe(r))
		}
		if r := Compare(b, wholePage("Error", advisory+dump)(t), nil); r.Verdict != Alert {
			t.Errorf("%s on a page that gave way: %s", name, describe(r))
		}
		if r := Compare(nil, lookAt(t, ministryURL, whole("", dump)(""), ""), nil); r.Verdict != Alert {
			t.Errorf("%s served by itself, at first sight: %s", name, describe(r))
		}
	}
	manual := `<h2>Installing the portal</h2><p>Copy the sample configuration and put in the address and the password of your own database, as the guide for administrators says.</p>
<pre>DB_USERNAME=youruser DB_PASSWORD=changeme</pre><p>Set <code>password=changeme</code> or the key AKIAIOSFODNN7EXAMPLE only in this example, never on a server that others can reach from outside.</p>`
	if r := Compare(b, added(manual)(t), nil); r.Verdict != Benign {
		t.Errorf("a manual with placeholders: %s", describe(r))
	}
}

// Each server, language and framework is known by its own wording, and the words
// alone are not enough.
func TestServerSigns(t *testing.T) {
	for kind, texts := range map[string][]string{
		leakSQL: {"Warning: mysqli_fetch_assoc() expects", "SQLSTATE[42S02]: Base table", "Unknown column 'dept' in 'where clause'", "PG::UndefinedTable: ERROR", "ERROR: syntax error at or near \"'\" LINE 1",
			"ORA-00933: SQL command not properly ended", "Unclosed quotation mark after the character string ''.", "[Microsoft][ODBC Driver 17 for SQL Server]Incorrect syntax", "sqlite3.OperationalError: near", "MongoServerError: bad auth", "E11000 duplicate key error collection"},
		leakTrace: {"PHP Fatal error: Uncaught Error: Call to", "Stack trace: #0 /srv/www/a.php(12): b()", "Illuminate\\Database\\QueryException", "Whoops! There was an error.", "Exception in thread \"main\" java.lang.NullPointerException",
			"HTTP Status 500 – Internal Server Error Type Exception Report", "[HttpException (0x80004005)]", "Server Error in '/Portal' Application.", "System.NullReferenceException: Object reference", "An unhandled exception occurred while processing the request.",
			"You're seeing this error because you have DEBUG = True", "Werkzeug Debugger", "Rails.root: /srv/portal", "NoMethodError in PagesController#show", "app/models/page.rb:12:in `show'",
			"at Layer.handle (/srv/app/node_modules/express/lib/router/layer.js:95:5)", "goroutine 1 [running]: main.main()", "thread 'main' panicked at src/main.rs"},
		leakWarning: {"Warning: Undefined array key 1 in /srv/www/page.php on line 7"},
		leakEnv:     {"AWS_SECRET_ACCESS_KEY=q0VtT2xkS2V5", "define('DB_PASSWORD', 'Kh4ir9pur')", "Server=10.0.0.5;Database=portal;User Id=sa;Password=Kh4ir9pur;"},
		leakDump:    {"-- phpMyAdmin SQL Dump", "-- PostgreSQL database dump", "INSERT INTO `users` (`id`, `mail`) VALUES (1, 'x')", "COPY public.users (id, mail) FROM stdin;"},
		leakFile: {"[core] repositoryformatversion = 0", "ref: refs/heads/master", "admin:$apr1$Zx8bQk1m$aB3xaB3xaB3xaB3xaB3x.1", "<?php define('DB', 1);", "<configuration> <connectionStrings> <add",
			"-----BEGIN RSA PRIVATE KEY----- " + strings.Repeat("MIIEpAIBAAKCAQEA", 4)},
		leakLog:     {accessLog(1), "[Thu Mar 12 10:15:00.123456 2026] [php:error] [pid 7] boom", "2026/03/12 10:15:00 [error] 77#77: *1 open()", "[2026-03-12 10:15:00] production.ERROR: boom", "2026-03-12 10:15:00,123 ERROR Main - boom"},
		leakStatus:  {"Apache Server Information", "Active connections: 291 server accepts handled requests 16630948", "{\"name\":\"n1\",\"tagline\" : \"You Know, for Search\"}"},
		leakPHPInfo: {"PHP Version 8.1.2 System Linux Loaded Configuration File /etc/php.ini"},
	} {
		for _, text := range texts {
			if n := len(scanLeaks(text)[kind]); n != 1 {
				t.Errorf("%q: %d of %s, want 1", text, n, kind)
			}
		}
	}
	for _, text := range []string{"A course on MySQL and SQL syntax", "Oracle of Delphi, ORA-2026 budget", "The exception in thread management is described.", "Rails and Django are frameworks; goroutine is a word",
		"The password = key to the door", "Insert into the slot the card of values", "an error at the gate: see system. Exception granted", "commit refs/heads/main is described in the manual", "PHP Version 8 is supported", "http/1.1 is a protocol",
		"The secret_key column", "dump trucks and their tables"} {
		for kind, values := range scanLeaks(text) {
			t.Errorf("%q is taken for %s: %v", text, kind, values)
		}
	}
}

// Lists of files are known whichever server made them, as the page or in its place.
func TestListings(t *testing.T) {
	for name, page := range map[string]string{
		"apache":   "<title>Index of /up</title><h1>Index of /up</h1><a href=/>Parent Directory</a>",
		"nginx":    "<title>Index of /up/</title><h1>Index of /up/</h1><pre><a href=../>../</a> <a href=a.sql>a.sql</a></pre>",
		"iis":      "<title>www.site.gov.pk - /up/</title><h1>www.site.gov.pk - /up/</h1><pre><a href=/>[To Parent Directory]</a> <a href=a.bak>a.bak</a></pre>",
		"python":   "<title>Directory listing for /</title><h1>Directory listing for /</h1><ul><li><a href=a.sql>a.sql</a></ul>",
		"tomcat":   "<title>Directory Listing For [/up/]</title><h1>Directory Listing For [/up/] - Up To [/]</h1><a href=/x>x</a>",
		"jetty":    "<title>Directory: /up/</title><h1>Directory: /up/</h1><a href=/x>x</a>",
		"express":  "<title>listing directory /</title><h1><a href=/>~</a></h1><a href=/x>x</a>",
		"caddy":    "<title>up</title><h1>up</h1><div>2 directories 5 files</div><a href=a.sql>a.sql</a><footer>Served with <a href=https://caddyserver.com>Caddy</a></footer>",
		"s3":       "<listbucketresult><name>portal</name><contents><key>a.sql</key></contents></listbucketresult>",
		"lighttpd": "<title>Index of /up/</title><h2>Index of /up/</h2><a href=../>Parent Directory</a>/",
	} {
		if r := Compare(nil, lookAt(t, ministryURL, "<body>"+page, ""), nil); r.Verdict != Alert || !hasRule(r, "leak.directory") {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
	for name, page := range map[string]string{
		"index":   "<title>Index of publications</title><h1>Index of publications</h1><a href=/a>A</a>",
		"title":   "<title>Ministry - Home</title><h1>News - All</h1><a href=../>Back</a>",
		"counted": "<div>2 directories and 5 files were handed over</div><a href=/a>a</a>",
	} {
		if r := Compare(nil, lookAt(t, ministryURL, page, ""), nil); hasRule(r, "leak.directory") {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

func FuzzScanLeaks(f *testing.F) {
	for _, s := range []string{"35202-1234567-1", "PK36SCBL0000001123456702", "4111 1111 1111 1111", "a@b.co", "@", "PK", "1-", "12 -", "\xff@\xff.pk"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for kind, values := range scanLeaks(asciiDigits(s)) {
			for _, v := range values {
				if e := masked(kind, v.text); (kind == leakCNIC || kind == leakCard || kind == leakIBAN) && strings.Count(e, "*") < 5 {
					t.Errorf("%s shown nearly in clear: %q", kind, e)
				}
			}
		}
		once := Redact(s)
		for kind, values := range personalData(once) {
			t.Errorf("%q still has %s after it was masked: %q", once, kind, values[0].text)
		}
	})
}

// Tables of people leak from the data of scripts as they do from the page. Times in
// milliseconds, cards to try things out with and what was approved are none.
func TestLeaksInScripts(t *testing.T) {
	inline := func(source string) string { return "<script>" + source + "</script>" }
	var users, times []string
	for i := range 20 {
		users = append(users, fmt.Sprintf(`{"name":"Amna","cnic":"3520%d-%07d-%d","email":"amna.%d@post.example","mobile":"0300-200%04d"}`, 1+i%6, 1000000+7919*i, i%10, i, i))
		times = append(times, fmt.Sprintf("%d", 1712345678901+7919*i))
	}
	people := inline("window.__DATA__={users:[" + strings.Join(users, ",") + "]}")
	b := ministryBaseline(t)
	if r := Compare(b, added(people)(t), nil); r.Verdict != Alert || !hasRule(r, "leak.cnic") || r.Findings[0].Severity.Rank() < High.Rank() {
		t.Errorf("people in a script: %s", describe(r))
	} else if strings.Contains(shown(r), "1007919") {
		t.Errorf("a number is shown in clear: %s", describe(r))
	}
	if r := Compare(b, added(inline("var identity=["+strings.Join(times, ",")+"]"))(t), nil); r.Verdict != Benign {
		t.Errorf("times: %s", describe(r))
	}
	cards := external("https://www.planning.gov.pk/js/pay.js", `var test=["4716021988345073","5312770044196285","4929330187260451","6011730052981145"]`)
	if r := Compare(b, cards(t), nil); hasRule(r, "leak.card") {
		t.Errorf("cards in a file of code: %s", describe(r))
	}
	approved := learned(added(people)(t))
	if r := Compare(approved, added(strings.Replace(people, "__DATA__", "__STATE__", 1))(t), nil); hasRule(r, "leak.cnic") {
		t.Errorf("what was approved: %s", describe(r))
	}
}

// A page in good order that is nothing but the insides of its program is a leak,
// whether it was taken for an error page or not; with the status of an error it is
// an outage.
func TestTraceInPlaceOfThePage(t *testing.T) {
	b := ministryBaseline(t)
	for name, tt := range map[string]struct {
		page, why string
		status    int
		want      string
	}{
		"java":      {"<h1>HTTP Status 500</h1><pre>java.lang.NullPointerException at pk.portal.Home.get(Home.java:41) at javax.servlet.http.HttpServlet.service(HttpServlet.java:529)</pre>", "error_page: the site shows an error in its place", 200, "leak.stack_trace"},
		"java, 500": {"<h1>HTTP Status 500</h1><pre>java.lang.NullPointerException at pk.portal.Home.get(Home.java:41)</pre>", "", 500, ""},
		"django":    {"<h1>OperationalError at /</h1><table><tr><th>Django Version:</th><td>3.2.4</td></tr></table><p>You're seeing this error because you have <code>DEBUG = True</code> in your Django settings file.</p>", "", 200, "leak.stack_trace"},
	} {
		look := wholePage("Error", tt.page)(t)
		look.View.Status, look.View.NotComparable = tt.status, tt.why
		r := Compare(b, look, nil)
		if tt.want == "" && r.Verdict == Alert || tt.want != "" && (r.Verdict != Alert || r.Findings[0].Rule != tt.want) {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

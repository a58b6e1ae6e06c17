package accesslog_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const samplePath = "testdata/sample.tsv"

// sample writes testdata/sample.tsv: a label, a tab, a line of a log. It invents the
// traffic of a ministry's site for three days. The first teaches; what attackers do
// comes on the second and the third, among honest traffic that goes on. A label is "-"
// or the rules, joined by commas, that ought to speak of the line.
//
// Whoever writes both rules and sample grades his own work. So the attacks were taken
// down from what scanners, kits and reports are known to send, including ways that no
// rule here can see, and the honest part has whatever looks like an attack and is none.
// No attack was changed because a rule missed it; some rules were, and then found it: the
// figures are what is known of this sample, not a measurement on unseen logs.
type sample struct {
	*rand.Rand
	lines []labelled
}

// ordered is when the site was ordered to take nothing.
var ordered = firstDay.AddDate(0, 0, 2).Add(18 * time.Hour)

type labelled struct {
	at    time.Time
	label string
	line  string
}

var firstDay = time.Date(2026, 3, 2, 0, 0, 0, 0, time.FixedZone("PKT", 5*3600))

func (s *sample) add(at time.Time, label, client, request string, status, size int, referrer, agent string) {
	if label == "-" && status < 400 && !at.Before(ordered) && strings.HasPrefix(request, "POST ") {
		label = "log.write_in_lockdown" // honest, and to be told all the same
	}
	line := fmt.Sprintf(`%s - - [%s] %s %d %d %s %s`, client, at.Format("02/Jan/2006:15:04:05 -0700"), quoted(request), status, size, quoted(referrer), quoted(agent))
	s.lines = append(s.lines, labelled{at, label, line})
}

func quoted(s string) string { return `"` + escaped(s) + `"` }

// escaped is how Apache writes what it was sent.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func pickOne[T any](s *sample, of []T) T { return of[s.IntN(len(of))] }

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36"

var agents = []string{
	chrome,
	"Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
	"Mozilla/5.0 (Linux; U; Android 9; en-US; vivo 1904) AppleWebKit/537.36 UCBrowser/13.4 Mobile Safari/537.36",
}

// Honest paths: a WordPress of a ministry, with an old part in PHP beside it.
var pages = []string{
	"/", "/about/", "/contact-us/", "/notifications/", "/tenders/", "/careers/", "/minister/", "/press-releases/", "/faq/", "/downloads/",
	"/notifications/page/2/", "/notifications/2026/03/holiday-on-account-of-eid/", "/tenders/select-committee-from-the-union-councils/",
	"/index.php", "/wp-login.php", "/wp-cron.php?doing_wp_cron=1772410000.1234560012207031250000", "/feed/", "/sitemap.xml", "/robots.txt", "/favicon.ico",
	"/wp-content/themes/ministry/style.css?ver=6.7.1", "/wp-content/themes/ministry/app.js?v=1.2.3", "/wp-includes/js/jquery/jquery.min.js?ver=3.7.1",
	"/wp-content/uploads/2026/02/Annual-Report-2025.pdf", "/wp-content/uploads/2025/11/logo-300x120.png", "/old/detail.php?id=42", "/old/detail.php?id=118&lang=ur",
	"/old/list.php?cat=3&order=date&dir=desc", "/old/captcha.php?r=0.8734", "/old/images/captcha.php?sid=3f2a", "/media/system/css/print.css", "/.well-known/security.txt",
	"/.well-known/acme-challenge/Zk3v_1x", "/apple-touch-icon.png", "/wp-json/wp/v2/posts?per_page=5&_fields=id,title", "/?p=1182", "/?page_id=77&preview=true",
}

// What people search for: quotes, apostrophes, words of SQL, Urdu, signs.
var searches = []string{
	"O'Brien", "D'Souza Muhammad", "children's hospital", "rock 'n' roll", `"budget 2026"`, `"union council" select`, "select committee from union", "order by the governor",
	"drop in exports; update on imports", "terms and conditions", "income tax or sales tax", "1 or 2 year diploma", "health & safety", "R&D", "AT&T", "50% quota", "100%", "C++ developer",
	"grade 17 and above", "age <= 35", "salary > 50000", "notification no. F.1(2)/2026", "no. 5-1/2026-Admin", "(Ph.D)", "What's new?", "how to apply -- online", "scheme; phase 2", "#budget",
	"وزارت تعلیم", "عید کی چھٹیاں", "نوکری 2026", "پاکستان کا آئین", "محکمہ صحت پنجاب", "داخلہ فارم", "\u200fاردو\u200f", "ميزانية", "sleep (disorder) clinic", "cast of (char) drama",
	"a=b", "x' y'", "Qur'an", "Sha'ban 1447", "Shafi'i", "ma'am", "union of teachers", "having 2 jobs", "insert into register", "delete my account", "where is the office", "group by district",
	"and 5 = five", "table 'A'", "\"scheme 1\" and \"scheme 2\"", "benchmark (2025)", "load file number", "../", "file: 23", "etc / passwd office", "script writing", "<b>", "1=1 club", "select * from menu",
}

// everyday are lines of any ministry each of which once raised an alarm: words that
// people search for, parameters with signs in them, names of files.
var everyday = []string{
	"/?s=" + url.QueryEscape("section 144 and interior ministry"), "/?s=" + url.QueryEscape("grade 17 and above in Punjab"), "/?s=" + url.QueryEscape("class 10 or intermediate"),
	"/?s=" + url.QueryEscape("bps 17 and training"), "/?s=" + url.QueryEscape("budget 2025 -- 2026"), "/?s=" + url.QueryEscape("17 and salary > 5"), "/?s=" + url.QueryEscape("salary > 5"),
	"/old/list.php?district=" + url.QueryEscape("(Select District)"), "/?s=" + url.QueryEscape("how to select charity"), "/?s=" + url.QueryEscape("select character certificate"),
	"/?s=" + url.QueryEscape(`"select committee" report from 2024`), "/?s=" + url.QueryEscape("law | type"), "/?s=law+%7C+type", "/?s=" + url.QueryEscape("a; type of court"),
	"/api?fields=name;id", "/api?sort=date|id", "/api?prop=info|type", "/list?types=news;type",
	"/downloads/Handbook-2025.rar", "/downloads/feedback-form.rar", "/downloads/Site-Plan.rar", "/files/composite-bid.rar",
	"/china.php", "/info.php?id=5", "/test.php", "/search.php?q=" + url.QueryEscape("identity card"), "/search.php?q=Bashir", "/search.php?q=evaluation",
	"/search.php?q=pwd", "/search.php?q=" + url.QueryEscape("cat exam"), "/index.php?action=identify",
	"/attachments/view.php?id=3", "/upload/index.php", "/old/thumb.php?src=" + url.QueryEscape("../../uploads/a.jpg"), "/old/thumb.php?src=../../uploads/a.jpg",
}

// Parameters that look like something and are only data.
func (s *sample) oddQuery() string {
	switch s.IntN(18) {
	case 0:
		return "/old/view.php?d=" + url.QueryEscape("eyJpZCI6NDIsImxhbmciOiJ1ciIsIm5hbWUiOiJBbGkifQ==")
	case 1:
		return fmt.Sprintf("/?utm_source=facebook&utm_medium=social&fbclid=IwAR%dx_%dZ-a", s.Int64(), s.Int64())
	case 2:
		return fmt.Sprintf("/?gclid=Cj0KCQ%d&gad_source=1", s.Int64())
	case 3:
		return "/" + url.PathEscape("نوٹیفکیشن") + "/" + url.PathEscape("تعطیلات") + "-2026/"
	case 4:
		return "/old/redirect.php?url=" + url.QueryEscape("https://www.example.gov.pk/tenders/?id=5&x=1")
	case 5:
		return "/wp-json/oembed/1.0/embed?url=" + url.QueryEscape("https://ministry.example/about/") + "&format=xml"
	case 6:
		return fmt.Sprintf("/old/map.php?bbox=%.3f,%.3f,73.1,33.7&layers[]=roads&layers[]=schools", 72+s.Float64(), 33+s.Float64())
	case 7:
		return "/old/list.php?filter[grade]=17&filter[name]=" + url.QueryEscape("Ma'ruf (Dr.)") + "&sort=-date"
	case 8:
		return fmt.Sprintf("/old/track.php?cnic=35202-%07d-%d&ref=%%23F-12%%2F2026", s.IntN(9999999), s.IntN(10))
	case 9:
		return "/old/print.php?html=1&title=" + url.QueryEscape("Tender: \"Supply of 10 <units>\" (Phase-II); Lot #3")
	case 10:
		return "/downloads/?file=Form-A%20(revised)%20-%20final%20v2.pdf"
	case 11:
		return "/a/b/../c/style.css"
	case 12:
		return "/wp-content/plugins/contact-form-7/includes/css/styles.css?ver=6.0.3"
	case 13, 14, 15, 16:
		return pickOne(s, everyday)
	}
	return fmt.Sprintf("/old/chart.php?data=%d|%d|%d&labels=a;b;c&fn=sum(x)", s.IntN(9), s.IntN(9), s.IntN(9))
}

func (s *sample) citizen() string {
	return fmt.Sprintf("%s.%d.%d", pickOne(s, []string{"39.40", "103.255", "111.68", "182.180", "203.99", "119.160", "58.65"}), s.IntN(255), 1+s.IntN(253))
}

// honest is one visit.
func (s *sample) honest(at time.Time) {
	who, agent := s.citizen(), pickOne(s, agents)
	if s.IntN(25) == 0 {
		who = fmt.Sprintf("2407:d000:%x:%x::%x", s.IntN(65535), s.IntN(65535), 1+s.IntN(65535))
	}
	get := func(path string) {
		at = at.Add(time.Duration(1+s.IntN(9)) * time.Second)
		s.add(at, "-", who, "GET "+path+" HTTP/1.1", 200, 800+s.IntN(60000), "https://ministry.example/", agent)
	}
	switch s.IntN(12) {
	case 0, 1, 2, 3:
		for range 1 + s.IntN(5) {
			get(pickOne(s, pages))
		}
	case 4, 5, 6:
		get("/")
		get("/?s=" + url.QueryEscape(pickOne(s, searches)))
	case 7, 8:
		get(s.oddQuery())
	case 9:
		get("/contact-us/")
		s.add(at.Add(40*time.Second), "-", who, "POST /wp-json/contact-form-7/v1/contact-forms/12/feedback HTTP/2.0", 200, 311, "https://ministry.example/contact-us/", agent)
	case 10:
		get("/careers/")
		s.add(at.Add(3*time.Minute), "-", who, "POST /careers/apply/upload-cv/ HTTP/1.1", 200, 512, "https://ministry.example/careers/", agent)
	case 11:
		// He forgot his password, twice.
		for range 2 {
			at = at.Add(20 * time.Second)
			s.add(at, "-", who, "POST /wp-login.php HTTP/1.1", 200, 6012, "https://ministry.example/wp-login.php", agent)
		}
	}
}

// machine is one visit by a robot, a monitor or a broken link.
func (s *sample) machine(at time.Time) {
	switch s.IntN(9) {
	case 0, 1:
		s.add(at, "-", fmt.Sprintf("66.249.66.%d", 1+s.IntN(200)), "GET "+pickOne(s, pages)+" HTTP/1.1", 200, 9000, "-", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
	case 2:
		s.add(at, "-", "66.249.66.9", fmt.Sprintf("GET /old/gone-%d.html HTTP/1.1", s.IntN(900)), 404, 1200, "-", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
	case 3:
		s.add(at, "-", "40.77.167.12", "GET "+s.oddQuery()+" HTTP/1.1", 200, 5000, "-", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)")
	case 4:
		s.add(at, "-", "10.0.4.2", "GET / HTTP/1.1", 200, 31022, "-", "Pasban/1.0 (+mailto:soc@cert.example)")
	case 5:
		s.add(at, "-", "10.0.4.9", "HEAD / HTTP/1.1", 200, 0, "-", "check_http/v2.3.3 (monitoring-plugins 2.3.3)")
	case 6:
		s.add(at, "-", "127.0.0.1", "POST /wp-cron.php?doing_wp_cron=1772410001.55 HTTP/1.1", 200, 0, "https://ministry.example/wp-cron.php", "WordPress/6.7.1; https://ministry.example")
	case 7:
		s.add(at, "-", s.citizen(), "OPTIONS / HTTP/1.1", 204, 0, "-", "Microsoft Office Excel 2016")
	case 8:
		s.add(at, "-", s.citizen(), "GET /wp-content/uploads/2026/02/Annual-Report-2025.pdf HTTP/1.1", 206, 65536, "-", "WhatsApp/2.24 A")
	}
}

// admin is a day's work of the webmaster, from the office.
func (s *sample) admin(at time.Time, label, who string) {
	do := func(label, request string, status int) {
		at = at.Add(time.Duration(2+s.IntN(20)) * time.Second)
		s.add(at, label, who, request+" HTTP/1.1", status, 9000, "https://ministry.example/wp-admin/", chrome)
	}
	do("-", "GET /wp-login.php", 200)
	do("-", "POST /wp-login.php", 302)
	do(label, "GET /wp-admin/", 200)
	do("-", "GET /wp-admin/edit.php?post_type=page", 200)
	do("-", "POST /wp-admin/admin-ajax.php", 200)
	do("-", "GET /wp-admin/load-scripts.php?c=1&load%5Bchunk_0%5D=jquery-core,jquery-migrate,utils&ver=6.7.1", 200)
	do("-", "POST /wp-admin/async-upload.php", 200)
	do("-", "POST /wp-admin/post.php", 302)
	do("-", "GET /wp-admin/post.php?post=1182&action=edit&message=6", 200)
	do("-", "GET /wp-admin/upload.php", 200)
}

// attacks are lines with the rules that ought to speak, and the answer they got.
type attack struct {
	label, request string
	status         int
}

func readAttacks(t *testing.T) []attack {
	raw, err := os.ReadFile("testdata/attacks.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []attack
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		var a attack
		label, rest, ok := strings.Cut(line, " ")
		status, request, ok2 := strings.Cut(rest, " ")
		if _, err := fmt.Sscan(status, &a.status); err != nil || !ok || !ok2 {
			t.Fatalf("testdata/attacks.txt: %q is not LABEL STATUS METHOD TARGET", line)
		}
		a.label, a.request = label, request+" HTTP/1.1"
		out = append(out, a)
	}
	return out
}

func makeSample(t *testing.T) []byte {
	s := &sample{Rand: rand.New(rand.NewPCG(2026, 3))}
	for day := range 3 {
		dawn := firstDay.AddDate(0, 0, day)
		for range 260 {
			s.honest(dawn.Add(time.Duration(s.IntN(24*3600)) * time.Second))
		}
		for range 150 {
			s.machine(dawn.Add(time.Duration(s.IntN(24*3600)) * time.Second))
		}
		s.admin(dawn.Add(9*time.Hour), "-", "203.124.40.10")
		s.admin(dawn.Add(14*time.Hour), "-", "203.124.40.77") // the same office
	}
	for _, p := range pages { // each page is known by the end of the first day
		s.add(firstDay.Add(11*time.Hour), "-", "39.40.1.9", "GET "+p+" HTTP/1.1", 200, 4000, "-", chrome)
	}
	for _, p := range everyday {
		s.add(firstDay.Add(12*time.Hour), "-", "39.40.1.9", "GET "+p+" HTTP/1.1", 200, 4000, "-", chrome)
	}
	for range 40 {
		s.add(firstDay.Add(12*time.Hour), "-", "39.40.1.9", "GET "+s.oddQuery()+" HTTP/1.1", 200, 4000, "-", chrome)
	}
	s.add(firstDay.Add(13*time.Hour), "-", "39.40.1.9", "POST /careers/apply/upload-cv/ HTTP/1.1", 200, 512, "-", chrome)
	at := firstDay.AddDate(0, 0, 1).Add(5 * time.Hour)
	for i, a := range readAttacks(t) {
		at = at.Add(time.Duration(60+s.IntN(240)) * time.Second)
		s.add(at, a.label, fmt.Sprintf("185.220.%d.%d", 100+i%7, 1+i), a.request, a.status, 3000+s.IntN(9000), "-", chrome)
	}
	s.crowds(firstDay.AddDate(0, 0, 2).Add(8 * time.Hour))
	sortLines(s.lines)
	var b bytes.Buffer
	b.WriteString("# Made by sample_test.go: a label, a tab, a line. `go test -update` writes it anew.\n")
	for _, l := range s.lines {
		fmt.Fprintf(&b, "%s\t%s\n", l.label, l.line)
	}
	return b.Bytes()
}

// crowds are what one address does many times, and log-ins.
func (s *sample) crowds(at time.Time) {
	for i, agent := range []string{"sqlmap/1.8.11#stable (https://sqlmap.org)", "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:map_codes)", "Mozilla/5.0 (compatible; Nuclei - Open-source project (github.com/projectdiscovery/nuclei))", "WPScan v3.8.27 (https://wpscan.com/wordpress-security-scanner)", "gobuster/3.6", "Fuzz Faster U Fool v2.1.0-dev", "Mozilla/5.0 zgrab/0.x"} {
		for range 4 {
			s.add(at.Add(time.Duration(s.IntN(600))*time.Second), "log.scanner", fmt.Sprintf("194.26.29.%d", 10+i), "GET "+pickOne(s, pages)+" HTTP/1.1", pickOne(s, []int{200, 404, 403}), 900, "-", agent)
		}
	}
	for i, name := range []string{"admin", "shell", "wp-config", "backup", "1", "xx", "alfa", "wso", "up", "cmd", "config", "info", "test", "old", "new", "db", "sql", "adminer", "pma", "setup", "install", "a", "b", "c", "d", "e", "f", "g", "h", "i2"} {
		label := "-"
		if i >= 24 { // by then it is one
			label = "log.scanner"
		}
		s.add(at.Add(time.Duration(i*4)*time.Second), label, "45.148.10.8", "GET /"+name+".php HTTP/1.1", 404, 400, "-", chrome)
	}
	for i := range 45 {
		label := "-"
		if i >= 19 {
			label = "log.guessing"
		}
		s.add(at.Add(time.Hour+time.Duration(i*5)*time.Second), label, "91.240.118.9", "POST /wp-login.php HTTP/1.1", 200, 6011, "-", chrome)
	}
	for i := range 30 { // slowly enough to look like a person: nothing here sees it
		s.add(at.Add(time.Duration(i*30)*time.Minute/3), "log.guessing", "91.240.118.77", "POST /wp-login.php HTTP/1.1", 200, 6011, "-", chrome)
	}
	for i, who := range []string{"185.107.56.4", "2a0b:f4c2:2::9", "39.40.77.3"} {
		s.admin(at.Add(time.Duration(2+i)*time.Hour), "log.admin_new_address", who)
	}
	for i, request := range []string{"POST /wp-json/contact-form-7/v1/contact-forms/12/feedback", "POST /wp-login.php", "DELETE /wp-json/wp/v2/posts/12", "PUT /wp-json/wp/v2/posts/12", "PATCH /old/api.php?id=4", "POST /careers/apply/upload-cv/"} {
		for n, status := range []int{200, 403, 405} {
			label := "-"
			if n == 0 {
				label = "log.write_in_lockdown"
			}
			if n == 0 && strings.Contains(request, "/old/api.php") {
				label += ",log.new_script"
			}
			s.add(ordered.Add(time.Duration(i*9+n)*time.Minute), label, fmt.Sprintf("39.40.5.%d", 10+i), request+" HTTP/1.1", status, 200, "-", chrome)
		}
	}
}

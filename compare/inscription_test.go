package compare

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
)

// readAs is what a reader finds in a picture at 60,300 that has these lines, 40
// pixels high each, read for sure. An empty line ends a paragraph.
func readAs(lines ...string) []Reading {
	out := []Reading{}
	paragraph := 0
	for n, l := range lines {
		if l == "" {
			paragraph++
		}
		for i, w := range strings.Fields(l) {
			out = append(out, Reading{Text: w, Box: Box{int32(60 + 90*i), int32(300 + 44*n), 80, 40}, Sure: 95, Line: n, Paragraph: paragraph})
		}
	}
	return out
}

// sized gives words another height, and the reader another confidence.
func sized(words []Reading, height int32, sure int) []Reading {
	for i := range words {
		words[i].Box.H, words[i].Sure = height, sure
	}
	return words
}

// pictureSays is the next look with another file of the site's own in the hero,
// in which these lines were read.
func pictureSays(lines ...string) func(testing.TB) Look {
	return func(t testing.TB) Look {
		l := heroPainted("/img/hero-2.jpg", day)(t)
		l.Read = readAs(lines...)
		return l
	}
}

// What an intruder writes into the file of a banner alerts by its words, of which
// the finding quotes the line and boxes the place.
func TestMessagesInPictures(t *testing.T) {
	b := ministryBaseline(t)
	for name, lines := range map[string][]string{
		"signed":       {"HACKED BY GR3Y L4NTERN"},
		"three lines":  {"this website has been", "HACKED BY", "~ QuietFox ~"},
		"urdu":         {"یہ ويب سائٹ ہیک کر لی گئی ہے", "", "Hacked By Team Moth"},
		"arabic":       {"تم اختراق الموقع من قبل فريق العث"},
		"to visitors":  {"یہ ویب سائٹ ہیک کر لی گئی ہے", "", "#OpWinter"},
		"address":      {"YOUR WEBSITE HAS BEEN HACKED", "", "greetz to all members", "", "your security is zero"},
		"read as leet": {"H4CKED 8Y QUIETFOX"},
		"boasts":       {"we are legion", "", "we do not forgive", "", "we do not forget", "", "expect us"},
	} {
		r := Compare(b, pictureSays(lines...)(t), nil)
		if r.Verdict != Alert || !hasRule(r, "defacement.picture_phrase") {
			t.Errorf("%s: %s", name, describe(r))
			continue
		}
		f := r.Findings[0]
		if f.Region == nil || !fills(heroBox, *f.Region, 90) || f.Evidence == "" {
			t.Errorf("%s: region %v, evidence %q", name, f.Region, f.Evidence)
		}
	}
}

// What was not read for sure is left open in the quotation.
func TestQuotedReadings(t *testing.T) {
	l := heroPainted("/img/hero-2.jpg", day)(t)
	l.Read = readAs("Hacked by Gr~# Lantern")
	l.Read[2].Sure = 20
	if r := Compare(ministryBaseline(t), l, nil); len(r.Findings) == 0 || r.Findings[0].Evidence != "Hacked by … Lantern" {
		t.Error(describe(r))
	}
}

// What owners put into pictures is quiet: posters of events, a photographed
// newspaper, advice on break-ins, and everything that was not read for sure.
func TestHonestWordsInPictures(t *testing.T) {
	b := ministryBaseline(t)
	newspaper := []string{"THE MORNING HERALD", "", "Ministry website hacked", "by unknown group, officials", "say", ""}
	for range 12 {
		newspaper = append(newspaper, "the site had been defaced and was", "hacked by Hawks of the north as the", "committee met for the third time", "")
	}
	for name, read := range map[string][]Reading{
		"event":        readAs("National Hackathon 2026", "Hack the future, owned by youth", "", "Registration is open until Friday"),
		"awareness":    readAs("CYBER SECURITY AWARENESS WEEK", "", "Has your account been hacked?", "Do not panic. Call 1799"),
		"advice":       readAs("If your website has been hacked", "change all passwords", "and tell the response team"),
		"a play":       readAs("HACKED!", "", "A play by the students of the Government College", "", "Alhamra Hall, Lahore, 7 pm"),
		"firms":        readAs("Sealed bids are invited from firms owned by women", "Security deposit: zero"),
		"newspaper":    readAs(newspaper...),
		"headline":     readAs("PM Office website", "hacked by a foreign group:", "police"),
		"misread":      sized(readAs("HACKED BY THE WORLD BANK"), 40, 55),
		"first unsure": append(sized(readAs("Ministry"), 40, 30), readAs("hacked by QuietFox in film")...),
		"specks":       sized(readAs("| ~ l1 0O 0"), 10, 90),
		"team":         readAs("IT Team B2B CS101 FY2025", "Telegram: t.me/planning_example", "Thanks to all members"),
		"nothing":      {},
	} {
		l := heroPainted("/img/hero-2.jpg", day)(t)
		l.Read = read
		if r := Compare(b, l, nil); r.Verdict != Benign {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// Who tells of others, or writes small, goes to the analysts at most.
func TestDoubtfulWordsInPictures(t *testing.T) {
	b := ministryBaseline(t)
	for name, read := range map[string][]Reading{
		"small":    sized(readAs("Hacked by QuietFox"), 12, 95),
		"one word": readAs("HACKED"),
		"a gang":   readAs("Ministry of Planning", "", "Own3d by Moth Crew"),
		"asked":    readAs("Your website has been hacked. Now what?", "", "A workshop on Friday"),
		"names":    readAs("~ Gh0st_W1nd | N1ghtj4r ~", "", "Telegram t.me/quiet_foxes", "greetz to the team"),
	} {
		l := heroPainted("/img/hero-2.jpg", day)(t)
		l.Read = read
		if r := Compare(b, l, nil); r.Verdict != Suspicious || !hasRule(r, "defacement.picture_words") {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
}

// Words that the approved looks say themselves are no message, and a site that
// writes about break-ins may hang up a poster about one.
func TestKnownWordsInPictures(t *testing.T) {
	report := into("<p>Two portals of the province were hacked by QuietFox</p>", "</body>")
	var looks []Look
	for n := range 3 {
		looks = append(looks, finish(lookAt(t, ministryURL, report(ministry(n+1)), "")))
	}
	l := finish(lookAt(t, ministryURL, strings.ReplaceAll(report(ministry(4)), "/img/hero.jpg", "/img/hero-2.jpg"), ""))
	l.Read = readAs("HACKED BY QUIETFOX")
	if r := Compare(learned(looks...), l, nil); r.Verdict == Alert {
		t.Error(describe(r))
	}
}

// A page that is one picture is judged by its words where nothing else is known of
// it: at first sight, and where the server calls it an error.
func TestWordsOfAPoster(t *testing.T) {
	poster := posterPage(t, "")
	at := Compare(nil, poster, nil).Unread
	if len(at) != 1 || at[0] != wholeScreen {
		t.Fatalf("to be read of a poster at first sight: %v, want %v", at, wholeScreen)
	}
	poster.Read = readAs("YOUR WEBSITE HAS BEEN HACKED")
	failed := poster
	failed.View.Status = 503
	for name, r := range map[string]*Report{"first sight": Compare(nil, poster, nil), "error": Compare(officeBaseline(), failed, nil)} {
		if r.Verdict != Alert || !hasRule(r, "defacement.picture_phrase") || r.Findings[0].Severity != Critical {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
	poster.Read = readAs("Museum of the valley", "", "open from nine to five")
	if r := Compare(nil, poster, nil); r.Verdict != Benign {
		t.Errorf("an honest poster: %s", describe(r))
	}
}

// A picture is worth reading where it changed and the document is silent, once, and
// not on a page that says enough already.
func TestUnread(t *testing.T) {
	b := officeBaseline()
	newHero := func(ps []part) []part {
		ps[1].src = "/img/hero-2.jpg"
		return ps
	}
	hero := Box{40, 180, 1280, 300}
	read := with(newHero)
	read.Read = []Reading{}
	background := with(func(ps []part) []part { return ps })
	photograph(background.Picture.(*image.RGBA), Box{0, 1350, 1366, 240}, "night.jpg")
	for i := range background.View.Elements {
		if background.View.Elements[i].Box.Y >= 1380 {
			background.View.Elements[i].Hidden = "not-rendered"
		}
	}
	said := with(func(ps []part) []part {
		return append(newHero(ps), part{tag: "h1", text: "Hacked by QuietFox", box: Box{60, 490, 900, 40}, in: -1})
	})
	lettered := with(func(ps []part) []part { return ps })
	lettering(lettered.Picture.(*image.RGBA), Box{240, 300, 600, 60}, "somebody was here")
	moved := with(func(ps []part) []part {
		ps[6].text = "The bureau asks every district about orchards and publishes what orchards were like in the month before"
		return ps
	})
	for name, tt := range map[string]struct {
		look  Look
		masks []Box
		want  func([]Box) bool
	}{
		"same":     {with(func(ps []part) []part { return ps }), nil, nothing},
		"text":     {moved, nil, nothing},
		"new hero": {with(newHero), nil, only(hero)},
		"lettered": {lettered, nil, func(b []Box) bool {
			return len(b) == 1 && fills(hero, b[0], 100) && fills(b[0], Box{240, 300, 600, 50}, 95) && area(b[0]) < 900*120
		}},
		"masked":     {with(newHero), []Box{hero}, nothing},
		"read":       {read, nil, nothing},
		"background": {background, nil, func(b []Box) bool { return len(b) == 1 && fills(b[0], Box{0, 1360, 1366, 220}, 95) }},
		"says it":    {said, nil, nothing},
	} {
		if got := Compare(b, tt.look, tt.masks).Unread; !tt.want(got) {
			t.Errorf("%s: to be read: %v", name, got)
		}
	}
}

func nothing(b []Box) bool { return len(b) == 0 }

func only(want Box) func([]Box) bool {
	return func(b []Box) bool { return slices.Equal(b, []Box{want}) }
}

// What is to be read is bounded, and what is beyond is reported.
func TestUnreadIsBounded(t *testing.T) {
	var boxes []Box
	for i := range 9 {
		boxes = append(boxes, Box{int32(i * 1000), 0, 900, 900})
	}
	boxes = append([]Box{{0, 0, 1366, 1 << 30}}, boxes...)
	where, left := atMost(boxes)
	sum := 0
	for _, b := range where {
		sum += area(b)
	}
	if len(where) > maxUnread || sum > maxUnreadPixels || sum < maxUnreadPixels/2 || left == 0 {
		t.Errorf("%d parts of %d pixels, %d left", len(where), sum, left)
	}
	small, left := atMost(slices.Repeat([]Box{{0, 0, 200, 100}}, 9))
	if len(small) != 1 || left != 0 {
		t.Errorf("one part nine times: %v, %d left", small, left)
	}
}

// The record tells what was read; what it quotes is one bounded line without
// personal data.
func TestReadSignal(t *testing.T) {
	l := pictureSays("Hacked By QuietFox\u202e", "35202-1234567-1", strings.Repeat("ٹ", 300), "\x1b[2J<b>x</b>")(t)
	r := Compare(ministryBaseline(t), l, nil)
	i := slices.IndexFunc(r.Signals, func(s Signal) bool { return s.Name == "picture_text" })
	if i < 0 {
		t.Fatalf("no signal: %+v", r.Signals)
	}
	s := r.Signals[i]
	if s.Value < 5 || !strings.HasPrefix(s.Evidence, "Hacked By QuietFox") || strings.Contains(s.Evidence, "1234567") || len([]rune(s.Evidence)) > 120 {
		t.Errorf("%+v", s)
	}
	if f := r.Findings[0]; f.Rule != "defacement.picture_phrase" || len([]rune(f.Evidence)) > 120 || strings.Contains(f.Evidence, "1234567") {
		t.Errorf("%+v", f)
	}
}

// Hostile readings cost little and never panic.
func TestManyReadings(t *testing.T) {
	words := sized(readAs(slices.Repeat([]string{"hacked by us and yours", ""}, 4000)...), -5, 200)
	for i := range words {
		words[i].Box.X, words[i].Paragraph = -1<<31, -i
		words[i].Text = fmt.Sprint(words[i].Text, "\xff")
	}
	l := heroPainted("/img/hero-2.jpg", color.RGBA{1, 2, 3, 255})(t)
	l.Read = words
	if r := Compare(ministryBaseline(t), l, nil); r.Verdict == Alert {
		t.Error(describe(r))
	}
}

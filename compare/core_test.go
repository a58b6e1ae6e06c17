package compare

import (
	"image/color"
	"strings"
	"testing"
)

// urduMinistry is the ministry's page in its other language.
func urduMinistry(t testing.TB, n int) Look {
	t.Helper()
	urdu := strings.NewReplacer("lang=en", "lang=ur dir=rtl", "About the ministry", "وزارت کے بارے میں", "Projects and schemes", "منصوبے", "Tenders", "ٹینڈرز",
		"Contact us", "رابطہ", "Ministry of Planning, Development and Reform", "وزارت منصوبہ بندی، ترقی و اصلاحات", "Ministry of Finance", "وزارت خزانہ",
		"Latest notices", "تازہ ترین اطلاعات", "of the development programme", "ترقیاتی پروگرام", "<p>", "<section><div><p>", "</p>", "</p></div></section>",
		"The Ministry of Planning prepares the national plan, reviews public sector projects and monitors how they are carried out in all provinces.",
		"وزارت منصوبہ بندی قومی منصوبہ تیار کرتی ہے، سرکاری شعبے کے منصوبوں کا جائزہ لیتی ہے اور تمام صوبوں میں ان کی نگرانی کرتی ہے۔",
		"Citizens may ask for information about any scheme under the Right of Access to Information Act by writing to the public information officer.",
		"شہری معلومات تک رسائی کے قانون کے تحت کسی بھی منصوبے کے بارے میں پبلک انفارمیشن افسر کو لکھ کر معلومات حاصل کر سکتے ہیں۔")
	return edited(t, func(string) string { return urdu.Replace(ministry(n)) })
}

// redesign is the ministry's page in a dress that shares nothing with the old one.
func redesign(t testing.TB) Look {
	t.Helper()
	return wholePage("Ministry of Planning, Development and Reform", redesigned)(t)
}

// A page with several valid states is known in each of them, whichever was seen
// last, and what shares nothing with any of them is still a replacement.
func TestSeveralDesigns(t *testing.T) {
	looks := []Look{ministryLook(t, 1), redesign(t), ministryLook(t, 2), redesign(t), ministryLook(t, 3)}
	for _, newest := range []Look{ministryLook(t, 4), redesign(t)} {
		b := learned(append(looks, newest)...)
		if len(b.Cores) != 2 {
			t.Fatalf("%d designs were learnt, want 2", len(b.Cores))
		}
		for _, look := range []Look{ministryLook(t, 9), redesign(t)} {
			if r := Compare(b, look, nil); r.Verdict != Benign && r.Verdict != Unchanged {
				t.Errorf("an approved design: %s", describe(r))
			}
		}
		if r := Compare(b, wholePage("x", "<h1>Nothing of yours is left here</h1><p>Greetings from far away, dear administrator.</p>")(t), nil); !hasRule(r, "defacement.replaced") {
			t.Errorf("another page: %s", describe(r))
		}
	}
}

// Two languages of one owner are one site.
func TestTwoLanguages(t *testing.T) {
	b := learned(ministryLook(t, 1), urduMinistry(t, 1), ministryLook(t, 2), urduMinistry(t, 2))
	for _, look := range []Look{ministryLook(t, 7), urduMinistry(t, 7)} {
		if r := Compare(b, look, nil); r.Verdict != Benign {
			t.Errorf("%s: %s", look.View.Language, describe(r))
		}
	}
}

// What is judged does not depend on the secret; what is stored does.
func TestSecret(t *testing.T) {
	looks := []Look{ministryLook(t, 1), ministryLook(t, 2), ministryLook(t, 3)}
	next := []Look{ministryLook(t, 9), redesign(t), added("<h1>Hacked by Nobody</h1>")(t)}
	plain, salted := Learn(looks), Secret(0x5eed5eed5eed5eed).Learn(looks)
	if n := plain.Cores[0].Text.common(salted.Cores[0].Text); n > len(plain.Cores[0].Text)/100 {
		t.Errorf("%d of %d hashes are the same under two secrets", n, len(plain.Cores[0].Text))
	}
	for _, look := range next {
		a, b := Compare(plain, look, nil), Compare(salted, look, nil)
		if a.Verdict != b.Verdict || len(a.Findings) != len(b.Findings) {
			t.Errorf("without a secret: %s\nwith one: %s", describe(a), describe(b))
		}
	}
}

// The cells in which pixels are counted begin where the secret says, and cover
// the picture all the same.
func TestSecretGrid(t *testing.T) {
	before := painted(200, 1, 2, 3)
	after := clone(before)
	fill(after, rectOf(Box{0, 0, 7, 7}), color.RGBA{20, 160, 20, 255})
	fill(after, rectOf(Box{193, int32(after.Rect.Dy()) - 7, 7, 7}), color.RGBA{20, 160, 20, 255})
	seen := map[Box]bool{}
	for s := range Secret(40) {
		c := s.diff(before, after, nil, nil)
		if len(c.Changed) != 2 {
			t.Fatalf("secret %d: changed %v, want the two corners", s, c.Changed)
		}
		seen[c.Changed[0]] = true
		if all := s.diff(before, after, []Box{{0, 0, 200, int32(after.Rect.Dy())}}, nil); len(all.Changed) > 0 || all.Share > 0 {
			t.Errorf("secret %d: a masked picture changed in %v", s, all.Changed)
		}
	}
	if len(seen) < 10 {
		t.Errorf("the cells of 40 secrets begin at %d places only", len(seen))
	}
}

package compare

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Spellings of the same words meet, whatever they were disguised with.
func TestFolding(t *testing.T) {
	for in, want := range map[string]string{
		"H4CK3D by":           "hacked by",
		"h@cked By":           "hacked by",
		"Ｈａｃｋｅｄ ｂｙ":           "hacked by",
		"Наcкеd bу":           "hacked by",
		"H a c k e d b y x":   "hackedbyx",
		"h.a.c.k.e.d":         "hacked",
		"haaaacked":           "hacked",
		"hac\u200bked":        "hacked",
		"الإخـتـراق":          "الاختراق",
		"هَيْك كيا":           "هیک کیا",
		"ہیک ھيك":             "هیک هیک",
		"сайт взломан":        "саит взломан",
		"3.7.1 2026 covid":    "3 7 1 2026 covid",
		"don't @ me":          "don t me",
		"web site, (2) tests": "web site 2 tests",
	} {
		if got := joinWords(plainWords(in)); got != want {
			t.Errorf("%q folds to %q, want %q", in, got, want)
		}
	}
}

// Who says "hacked by" first is a signature, who reports it is not.
func TestSignature(t *testing.T) {
	for text, want := range map[string]bool{
		"Hacked by QuietFox": true, "*** HACKED BY QuietFox ***": true, "This site was hacked by QuietFox": true, "Oops! Your site got hacked by QuietFox": true,
		"Ministry website hacked by foreign group": false, "Portal was reportedly hacked by a gang, says minister": false,
		"QuietFox tarafından hacklendi": true, "Ege Üniversitesi ana sayfası dün gece kimliği belirsiz kişiler tarafından hacklendi": false,
		"یہ ویب سائٹ خاموش لومڑی نے ہیک کر لی ہے": true, "صوبائی حکومت کی ویب سائٹ بھارتی ہیکرز نے ہیک کر لی": false,
		"本站已被黑客入侵": true,
	} {
		got := false
		for _, s := range findPhrases(text) {
			got = got || s.signature && (s.class == claim || s.class == address)
		}
		if got != want {
			t.Errorf("%q: signature %v, want %v", text, got, want)
		}
	}
}

// Every pattern of the lexicon finds what it stands for, or a longer phrase there.
func TestLexiconFindsItself(t *testing.T) {
	for _, source := range phraseSources {
		for _, pattern := range source.texts {
			texts := spellOut([]string{pattern})
			for _, text := range []string{texts[0], texts[len(texts)/2], texts[len(texts)-1]} {
				if words := foldWords(strings.TrimSuffix(text, "*")); len(words) > 0 && len(lexicon.find(words)) == 0 {
					t.Errorf("%q (%s) is not found by %q", text, source.class, pattern)
				}
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Hacked by X", "H a c k e d", "ہیک کر لی", "Наcкеd", "\xff\xfe", "a@b!c$", "本站已被黑", "ﷺ", "e\u0301\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range plainWords(s) {
			if w.text == "" || !utf8.ValidString(w.text) {
				t.Errorf("%q folds to the word %q", s, w.text)
			}
		}
		findPhrases(s)
		spamIn(s)
	})
}

func FuzzScript(f *testing.F) {
	for _, s := range []string{"a=1", "`${a}`", "/x/.test(b)", "eval(atob('YWxlcnQoMSk='))", "\"\\x68\\u0074", "String.fromCharCode(104,116)", "<!--", "\x00", "'", "a/b/c", "(/["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tokens := lexScript(s)
		if len(tokens) > maxTokens {
			t.Errorf("%d tokens", len(tokens))
		}
		hashes, starts := scriptShingles(tokens)
		if len(hashes) != len(starts) {
			t.Errorf("%d shingles at %d places", len(hashes), len(starts))
		}
		part, share := novelPart(tokens, newHashSet(hashes))
		if len(hashes) > 0 && (len(part) != 0 || share != 1) {
			t.Errorf("a script is new against itself: %d tokens, containment %.2f", len(part), share)
		}
		if c := conductOf(tokens, 2); len(c.hosts) > maxHosts {
			t.Errorf("%d hosts", len(c.hosts))
		}
	})
}

package console

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// Every phrase of every template is there in Urdu, with the same places for what
// belongs into it.
func TestEveryPhraseIsInUrdu(t *testing.T) {
	phrase := regexp.MustCompile(`\.T "((?:[^"\\]|\\.)*)"`)
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range phrase.FindAllStringSubmatch(string(text), -1) {
			if urdu[m[1]] == "" {
				t.Errorf("%s: %q has no Urdu", name, m[1])
			}
		}
	}
	verb := regexp.MustCompile(`%[sd]`)
	for english, u := range urdu {
		if a, b := strings.Join(verb.FindAllString(english, -1), ""), strings.Join(verb.FindAllString(u, -1), ""); a != b {
			t.Errorf("%q asks for %s, in Urdu for %s", english, a, b)
		}
	}
}

// Addresses of sites are shown so that nothing makes links of them.
func TestDefang(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/x.html?u=b.c": "hxxps://a[.]example/x[.]html?u=b[.]c",
		"http://10.0.0.1":                "hxxp://10[.]0[.]0[.]1",
		"HTTP://a。example/":              "hxxp://a[.]example/",
		"javascript:alert(1)":            "javascript[:]alert(1)",
		"cdn.example":                    "cdn[.]example",
		"":                               "",
	} {
		if got := new(page).Defang(in, 100); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// A way back leads to a page of ours, whatever it says.
func TestLocal(t *testing.T) {
	for _, evil := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "queue", "/a\r\nSet-Cookie: x"} {
		if got := local(evil); got != "/" {
			t.Errorf("%q leads to %q", evil, got)
		}
	}
	if got := local("/queue?kind=leak"); got != "/queue?kind=leak" {
		t.Errorf("our own page became %q", got)
	}
}

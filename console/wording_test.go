package console

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pasban/monitor"
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
	verb := regexp.MustCompile(`%[sdq]`)
	for english, u := range urdu {
		if a, b := strings.Join(verb.FindAllString(english, -1), ""), strings.Join(verb.FindAllString(u, -1), ""); a != b {
			t.Errorf("%q asks for %s, in Urdu for %s", english, a, b)
		}
	}
}

// Every refusal that somebody can run into at the console is there in Urdu, and so is
// every title of a screen and of a problem.
func TestEveryRefusalIsInUrdu(t *testing.T) {
	phrases := regexp.MustCompile(`(?:\bRefuse|s\.page\(r, v(?:iewer\{\})?, "\w+")[(,] ?"((?:[^"\\]|\\.)*)"`)
	found := 0
	for _, pattern := range []string{"*.go", "access/*.go", "desk/*.go", "../monitor/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range phrases.FindAllStringSubmatch(string(text), -1) {
				if found++; urdu[m[1]] == "" {
					t.Errorf("%s: %q has no Urdu", name, m[1])
				}
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d phrases were found", found)
	}
	for _, code := range []int{http.StatusNotFound, http.StatusForbidden, http.StatusConflict, http.StatusInternalServerError} {
		if urdu[http.StatusText(code)] == "" {
			t.Errorf("%q has no Urdu", http.StatusText(code))
		}
	}
}

// Whoever reads Urdu is refused in Urdu, with the words of the program in it.
func TestRefusals(t *testing.T) {
	err := fmt.Errorf("taking decision 5 back: %w", monitor.Refuse("incident %d is %s since", 12, monitor.Resolved))
	if got := refusal("en", err); got != "Incident 12 is resolved since." {
		t.Error(got)
	}
	if got := refusal("ur", err); !strings.Contains(got, "واقعہ 12") || !strings.Contains(got, urdu["resolved"]) || strings.ContainsAny(got, "abcdefghijklmnopqrstuvwxyz") {
		t.Error(got)
	}
	if got := refusal("ur", monitor.Refuse("nobody has said this in Urdu yet: %s", "\u202e")); got != "Nobody has said this in Urdu yet: [U+202E]." {
		t.Error(got)
	}
	if got := refusal("en", fmt.Errorf("%w: without a phrase", monitor.ErrRefused)); got != "Without a phrase." {
		t.Error(got)
	}
	if !errors.Is(err, monitor.ErrRefused) {
		t.Error("a refusal is none")
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

package render

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// pureFind is the first script of a kind whose source or URL has a part.
func pureFind(scripts []Script, kind, part string) *Script {
	for i := range scripts {
		s := &scripts[i]
		if s.Kind == kind && (strings.Contains(s.Source, part) || strings.Contains(s.URL, part)) {
			return s
		}
	}
	return nil
}

func TestJoinScriptsOfRealPage(t *testing.T) {
	look := pureReal(t)
	scripts := joinScripts(look.scripts, look.page)
	for _, tt := range []struct {
		kind, part string
		ran, node  bool
	}{
		{"inline", "attachShadow", true, true},
		{"inline", "window.dyn=1", true, true},
		{"inline", "scrollTo(0,50)", true, true}, // in the srcdoc frame
		{"inline", "window.old=1", false, true},  // nomodule
		{"inline", "window.broken=", false, true},
		{"module", "window.mod=1", true, true},
		{"module", "='/m2.js", true, false},
		{"module", "='/m.js", true, false},
		{"external", "/good.js", true, true},
		{"external", "/ext.js", false, true}, // wrong integrity
		{"external", "/missing.js", false, true},
		{"external", "/moved.js", true, true}, // a redirect keeps the address asked for
		{"handler", "window.h=1", true, true},
		{"handler", "window.zz=1", true, true},
		{"handler", "dormant()", false, true},
		{"url", "window.js=2", true, true},
		{"eval", "window.ev=4", true, false},
		{"eval", "return 3", true, false},
		{"eval", "window.st=1", true, false},
		{"eval", "window.gone=1", true, false}, // the element is gone, and so is what it was
		{"wasm", "wasm://", true, false},
	} {
		s := pureFind(scripts, tt.kind, tt.part)
		if s == nil {
			t.Errorf("no %s script with %s", tt.kind, tt.part)
			continue
		}
		if s.Ran != tt.ran || (s.Node >= 0) != tt.node {
			t.Errorf("%s script with %s: ran %v, node %d", tt.kind, tt.part, s.Ran, s.Node)
		}
	}
	if t.Failed() {
		for _, s := range scripts {
			t.Logf("%-8s ran=%-5v node=%-4d %s init=%v %.60q", s.Kind, s.Ran, s.Node, s.URL, s.Initiator, s.Source)
		}
	}
}

func TestJoinScriptsDetails(t *testing.T) {
	look := pureReal(t)
	scripts := joinScripts(look.scripts, look.page)
	for _, s := range scripts {
		if strings.Contains(s.URL, "trusted.example") || s.Host == "trusted.example" {
			t.Errorf("a sourceURL comment passes as the address of a %s script", s.Kind)
		}
		if strings.Contains(s.Source, `{"a":1}`) {
			t.Error("a data block is listed as a script")
		}
		if s.Ran && s.Kind != "wasm" && (len(s.SHA256) != 64 || len(s.Tokens) != 64 || s.Length == 0) {
			t.Errorf("%s script %.40q lacks digests", s.Kind, s.Source)
		}
	}
	if s := pureFind(scripts, "external", "/ext.js"); s == nil || s.Integrity != "sha256-WRONG" || s.Host != "127.0.0.1" {
		t.Errorf("the external script is %+v", s)
	}
	if s := pureFind(scripts, "eval", "window.ev=4"); s == nil || len(s.Initiator) == 0 || s.Initiator[0] != look.page.FinalURL {
		t.Errorf("eval does not name the document as its initiator: %+v", s)
	}
}

func TestJoinScriptsTellsWorkers(t *testing.T) {
	p := &Page{FinalURL: "https://a.example/"}
	got := joinScripts([]parsedScript{{url: "https://a.example/w.js", worker: true, source: "work()"}}, p)
	if len(got) != 1 || got[0].Kind != "worker" || got[0].Host != "a.example" {
		t.Errorf("a worker's script became %+v", got)
	}
}

func TestJoinScriptsIsBounded(t *testing.T) {
	p := &Page{FinalURL: "https://a.example/"}
	parsed := []parsedScript{{source: "same()"}, {source: "same()"}}
	for i := range 3_000 {
		parsed = append(parsed, parsedScript{source: fmt.Sprintf("f%d()", i)})
	}
	got := joinScripts(parsed, p)
	if len(got) != maxScripts || len(p.Truncated) != 1 {
		t.Errorf("%d scripts kept, notes %q", len(got), p.Truncated)
	}
	if got[0].Source != "same()" || got[1].Source == "same()" {
		t.Error("the same eval is listed twice")
	}
}

func TestJavascriptURL(t *testing.T) {
	for in, want := range map[string]string{
		"javascript:alert(1)": "alert(1)", " JaVa\nScript:x%28%29": "x()", "javascript:50%": "50%",
		"javascript:": "", "https://a.example/javascript:x": "", "javascript: ": "",
	} {
		if got, _ := javascriptURL(in); got != want {
			t.Errorf("javascriptURL(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestScriptKind(t *testing.T) {
	for kind, want := range map[string]string{
		"": "inline", "text/javascript": "inline", "\tApplication/JavaScript\n": "inline", "module": "module",
		"text/javascript1.5": "inline", "application/json": "", "text/template": "", "importmap": "", "speculationrules": "",
	} {
		if got := scriptKind(kind, ""); got != want {
			t.Errorf("type %q is %q, want %q", kind, got, want)
		}
	}
}

func TestNormalise(t *testing.T) {
	base := `var a = "x", b = 12; if (a == b) { return /re'g/.test(a) } // note`
	same := []string{
		"var a='another nonce',b=0x1f;if(a==b){return /[/]'/i.test(a)}",
		"/* head */ var a = \"\", b = 1e9;\n if (a == b)\n{ return /x/.test(a) }",
	}
	for _, s := range same {
		if Normalise(s) != Normalise(base) {
			t.Errorf("%q does not normalise like %q", s, base)
		}
	}
	other := []string{
		`var a = "x", b = 12; if (a != b) { return /re'g/.test(a) }`,
		`var a = "x", c = 12; if (a == c) { return /re'g/.test(a) }`,
		base[:len(base)-9] + "\nfetch('https://evil.example')",
	}
	for _, s := range other {
		if Normalise(s) == Normalise(base) {
			t.Errorf("%q normalises like %q", s, base)
		}
	}
	for _, empty := range []string{"", "  \n", "// only a comment"} {
		if got := Normalise(empty); got != "" {
			t.Errorf("Normalise(%q) = %q", empty, got)
		}
	}
	if Normalise("/* open"+"a") == Normalise("/* open"+"b") {
		t.Error("what cannot be read as JavaScript is not in the digest")
	}
}

// TestNormaliseGarbageIsFast: the lexer's error positions cost the length of
// the source each, which half a megabyte of rubbish would turn into minutes.
func TestNormaliseGarbageIsFast(t *testing.T) {
	start := time.Now()
	for _, unit := range []string{"@", "`${", "/", "\"\n", "1a", "(", "<!--", "\\u"} {
		Normalise(strings.Repeat(unit, maxScriptSource/len(unit)))
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// What is added to the end of a script too long to be kept is kept, and counts.
func TestLongScriptKeepsItsEnd(t *testing.T) {
	long := strings.Repeat("function ü(a){return a+1}\n", 40_000)
	const added = "fetch('https://evil.example')"
	var before, after Script
	before.fill(shorten(long), len(long), "")
	after.fill(shorten(long+added), len(long+added), "")
	if len(after.Source) > maxScriptSource || !utf8.ValidString(after.Source) || after.Length != len(long+added) {
		t.Errorf("%d bytes of %d kept, want at most %d and whole letters", len(after.Source), after.Length, maxScriptSource)
	}
	if !strings.HasPrefix(after.Source, long[:scriptHead/2]) || !strings.HasSuffix(after.Source, added) {
		t.Error("the head or the end is not kept")
	}
	if before.Tokens == after.Tokens {
		t.Error("the end does not count in the digest of the tokens")
	}
	if short := "a()"; shorten(short) != short {
		t.Errorf("%q became %q", short, shorten(short))
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"var a=1", "`a${b}c`", "a=/[/]/", "/*", "'", "}", "a\x00b", "1_000n", "#p", "<!-- x", "a\u2028b", "@@@@@@@@@@@@@@@@@@@@@", "#", "a#", "\\u{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		got := Normalise(source)
		if got != Normalise(source) || (got != "" && len(got) != 64) {
			t.Errorf("Normalise(%q) = %q", source, got)
		}
	})
}

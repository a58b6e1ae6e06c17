package snapshot

import (
	"fmt"
	"strings"
	"testing"
)

const evil = "https://evil.example/x"

// leads are the ways in which a style sheet fetches something: %s is how a name is spelled.
var leads = []struct{ before, name, after string }{
	{"a{background:", "url", `("` + evil + `")}`},
	{"a{background:", "url", `(` + evil + `)}`},
	{"a{background:", "url", `( '` + evil + `' )}`},
	{"@", "import", ` "` + evil + `";`},
	{"@", "import", `  url(` + evil + `);`},
	{"a{background:", "image-set", `("` + evil + `" 1x)}`},
	{"a{background:-webkit-", "image-set", `('` + evil + `' 1x)}`},
	{"a{background:", "src", `("` + evil + `")}`},
}

// nowhereNear asserts that a style sheet leads nowhere but into the copy.
func nowhereNear(t *testing.T, sheet string) {
	t.Helper()
	out := string(rewriteCSS([]byte(sheet), func(string, use) string { return "IN" }))
	if strings.Contains(out, "evil.example") {
		t.Errorf("%q became %q", sheet, out)
	}
}

// However a name is spelled, its address is found.
func TestCSSNamesAreReadAsBrowsersReadThem(t *testing.T) {
	for _, lead := range leads {
		for how := range spellings {
			nowhereNear(t, lead.before+spell(lead.name, []byte{byte(how)})+lead.after)
		}
	}
}

// Strings become addresses in roundabout ways too.
func TestCSSStringsThatBecomeAddresses(t *testing.T) {
	for _, sheet := range []string{
		`a{b:image-set(var(--none, "` + evil + `" 1x))}`,
		`a{b:image-set(linear-gradient(red, var(--c,{})) 1x, "` + evil + `" 1x)}`,
		`a{b:image-set(--f("` + evil + `") 1x)}`,
		`a{b:image("` + evil + `")}`,
		"a{b:url(" + evil, `@import url("` + evil + `"`, `a{b:url("` + evil,
		"a{b:image\\2d\r\nset('" + evil + "' 1x)}",
	} {
		nowhereNear(t, sheet)
	}
	// A string of a property of the page's own may be anything; only where it would become
	// an address does it not arrive.
	out := string(rewriteCSS([]byte(`:root{--u:"`+evil+`"}a{b:image-set(var(--u) 1x)}`), func(string, use) string { return "IN" }))
	if strings.Contains(out, "var(") {
		t.Errorf("a string arrives in image-set(): %q", out)
	}
}

// What leads nowhere is left as it is.
func TestCSSKeepsItsMeaning(t *testing.T) {
	for sheet, want := range map[string]string{
		`.md\:flex{color:red}`:                        `.md\:flex{color:red}`,
		`#\31 23{content:"\201C"}`:                    `#\31 23{content:"\201C"}`,
		`a{b:\<url(x)}`:                               `a{b:\3c url(x)}`, // one name, and not url()
		`.\66 oo{color:var(--x)}`:                     `.foo{color:var(--x)}`,
		`a{b:image-set(url(x) type("image/png") 1x)}`: `a{b:image-set(url("IN") type("image/png") 1x)}`,
		`a{b:linear-gradient(var(--a),#fff)}`:         `a{b:linear-gradient(var(--a),#fff)}`,
		`a::after{content:"see https://a.example"}`:   `a::after{content:"see https://a.example"}`,
		"a{b:\"x\\\r\ny\"}":                           "a{b:\"x\\\ny\"}",
		`@font-face{src:local("A b"),url(x)}`:         `@font-face{src:local("A b"),url("IN")}`,
	} {
		if have := string(rewriteCSS([]byte(sheet), func(string, use) string { return "IN" })); have != want {
			t.Errorf("%q became %q, want %q", sheet, have, want)
		}
	}
}

// spellings are how a letter can be written (CSS Syntax 3, 4.3.7).
var spellings = []func(c byte) string{
	func(c byte) string { return string(c) },
	func(c byte) string { return strings.ToUpper(string(c)) },
	func(c byte) string { return fmt.Sprintf(`\%x `, c) },
	func(c byte) string { return fmt.Sprintf(`\%06X`, c) },
	func(c byte) string { return fmt.Sprintf("\\%x\r\n", c) },
	func(c byte) string { return fmt.Sprintf("\\%x\f", c) },
	func(c byte) string { return fmt.Sprintf("\\%06x\t", c-32*(c&64>>6)) }, // a capital
	func(c byte) string {
		if isHex(c) {
			return string(c)
		}
		return `\` + string(c)
	},
}

func spell(name string, how []byte) string {
	var b strings.Builder
	for i := range len(name) {
		way := byte(0)
		if len(how) > 0 {
			way = how[i%len(how)]
		}
		b.WriteString(spellings[int(way)%len(spellings)](name[i]))
	}
	return b.String()
}

// FuzzCSSNames: however each letter of a name is spelled, and whatever stands before it,
// its address is found.
func FuzzCSSNames(f *testing.F) {
	f.Add([]byte{2, 0, 0}, "")
	f.Add([]byte{4, 5, 6, 7}, "@charset x;")
	f.Fuzz(func(t *testing.T, how []byte, before string) {
		if strings.ContainsAny(before, `"'()[]{}`) || strings.Contains(before, "/*") || strings.Contains(before, `\`) {
			return // inside of something that it opens, an address is none
		}
		for _, lead := range leads {
			nowhereNear(t, before+lead.before+spell(lead.name, how)+lead.after)
		}
	})
}

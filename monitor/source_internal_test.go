package monitor

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// The source of a script is shown with what is in it: letters that reorder a line, the
// escape of a terminal. No character is cut in two, wherever a line is broken.
func TestHostileSource(t *testing.T) {
	for name, source := range map[string]string{
		"bidi":       "if (role != \"admin\u202e\u2066\") { eval(x\u200b) } \x1b[31m // \u202e",
		"long bidi":  strings.Repeat("\u202e", 4000),
		"long urdu":  `var x = "` + strings.Repeat("پاسبان", 400) + `";`,
		"not script": "\x00\xff\xfe" + strings.Repeat("ب`", 3000),
	} {
		lines, _ := prettySource(source, shownBytes)
		if len(lines) == 0 {
			t.Errorf("%s: nothing is shown", name)
		}
		for _, l := range lines {
			if strings.ContainsAny(l.Text, "\u202e\u2066\u200b\x1b\x00") {
				t.Errorf("%s: %q is shown as it is", name, l.Text)
			}
			if !strings.Contains(name, "not") && strings.ContainsRune(l.Text, utf8.RuneError) {
				t.Errorf("%s: a character is cut in two in %q", name, l.Text)
			}
		}
	}
	lines, _ := prettySource("a(); eval(b\u202e)", shownBytes)
	if len(lines) < 2 || !lines[1].Sink || !strings.Contains(lines[len(lines)-1].Text, "[U+202E]") {
		t.Errorf("%+v", lines)
	}
}

package alerting_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pasban/alerting"
)

func TestDefang(t *testing.T) {
	for in, want := range map[string]string{
		"https://www.moe.gov.pk/news?id=1":      "hxxps://www[.]moe[.]gov[.]pk/news?id=1",
		"HTTP://Evil.Example":                   "hxxp://Evil[.]Example",
		"http://127.0.0.1:8080/a.php":           "hxxp://127[.]0[.]0[.]1:8080/a[.]php",
		"https://a.pk/?u=http://evil.tk/":       "hxxps://a[.]pk/?u=hxxp://evil[.]tk/",
		"ftp://files.a.pk":                      "ftp[://]files[.]a[.]pk",
		"javascript:alert(1)":                   "javascript[:]alert(1)",
		"https://evil。example/":                 "hxxps://evil[.]example/",
		"https://a.pk/\u202egpj.exe":            "hxxps://a[.]pk/[U+202E]gpj[.]exe",
		"https://user:pass@evil.tk\r\nX: y":     "hxxps://user:pass@evil[.]tk X: y",
		"//cdn.evil.tk/x.js":                    "//cdn[.]evil[.]tk/x[.]js",
		"":                                      "",
		"https://" + strings.Repeat("a", 400):   "hxxps://" + strings.Repeat("a", 292) + "… (408 characters)",
		"hxxps://www[.]moe[.]gov[.]pk/x[.]html": "hxxps://www[.]moe[.]gov[.]pk/x[.]html",
	} {
		if got := alerting.Defang(in); got != want {
			t.Errorf("Defang(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"A script from cdn.evil.tk was added.":    "A script from cdn[.]evil[.]tk was added.",
		"loads http://cdn.evil.example/x.js":      "loads hxxp://cdn[.]evil[.]example/x[.]js",
		"94.5 % of the picture, e.g. the top.":    "94.5 % of the picture, e.g. the top.",
		"It points to 10.1.2.3 now.":              "It points to 10[.]1[.]2[.]3 now.",
		"mail webmaster@moe.gov.pk or tel:0900":   "mail webmaster@moe[.]gov[.]pk or tel[:]0900",
		"وزارتِ تعلیم کی سائٹ www.moe.gov.pk ہے۔": "وزارتِ تعلیم کی سائٹ www[.]moe[.]gov[.]pk ہے۔",
		"line one\r\n\tline two":                  "line one line two",
	} {
		if got := alerting.Inert(in, 300); got != want {
			t.Errorf("Inert(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"  plain  text ":                      "plain text",
		"a\x00b\x1b[2J":                       "a[U+0000]b[U+001B][2J",
		"\u202emoc.live":                      "[U+202E]moc.live",
		"\u2066x\u2069\u200f\ufeff":           "[U+2066]x[U+2069][U+200F][U+FEFF]",
		"می\u200cخواہم":                       "می\u200cخواہم", // the non-joiner is good Urdu
		"Z" + strings.Repeat("\u0301", 50):    "Z" + strings.Repeat("\u0301", 4),
		"bad \xff\xfe bytes":                  "bad \ufffd\ufffd bytes",
		"tag\U000e0041\U000e0042":             "tag[U+E0041][U+E0042]",
		"0123456789":                          "01234567… (10 characters)",
		"1234567\u202e":                       "1234567… (8 characters)", // never cut inside an escape
		"line\u2028sep\u2029arated and more.": "line sep… (25 characters)",
	} {
		limit := 80
		if strings.Contains(want, "…") {
			limit = 8
		}
		if got := alerting.Visible(in, limit); got != want {
			t.Errorf("Visible(%q, %d)\n got %q\nwant %q", in, limit, got, want)
		}
	}
}

// linked is what mail programs and chats make links of: a scheme, or a name with
// a top-level domain.
var linked = regexp.MustCompile(`(?i)https?:|javascript:|\b[a-z0-9-]+\.[a-z]{2,}\b`)

func FuzzDefang(f *testing.F) {
	seedText(f)
	f.Fuzz(func(t *testing.T, in string) {
		got := alerting.Defang(in)
		checkText(t, got, 300)
		if linked.MatchString(got) {
			t.Errorf("Defang(%q) = %q, which a mail program would link", in, got)
		}
		if utf8.RuneCountInString(got) < 250 && alerting.Defang(got) != got {
			t.Errorf("Defang twice: %q becomes %q", got, alerting.Defang(got))
		}
	})
}

func FuzzInert(f *testing.F) {
	seedText(f)
	f.Fuzz(func(t *testing.T, in string) {
		got := alerting.Inert(in, 200)
		checkText(t, got, 200)
		if linked.MatchString(got) {
			t.Errorf("Inert(%q) = %q, which a mail program would link", in, got)
		}
	})
}

func seedText(f *testing.F) {
	for _, s := range []string{
		"https://www.moe.gov.pk/a.b?u=http://evil.tk/", "hxxp://a[.]b", "hhttp://ttp://", "http:http:", "a..b.com", "x.[.]com",
		"\u202ehttp://moc\u202c.evil", "http\u200b://a.b.cc", "evil。com evil．com evil｡com", "\xff\xfe.com", "javajavascript:script:",
		"a\u0301\u0302\u0303\u0304\u0305\u0306.com", "1.2.3.4", "é.com", "xn--80ak6aa92e.com", "_dmarc.evil.example", "a.b-c.de",
		"ht\u00adtp://a.bc", "data:text/html,<script>", "\r\nBcc: a@b.cc\r\n.\r\n", "．", "a.1com", "K.com",
	} {
		f.Add(s)
	}
}

// checkText holds for all text that reaches a reader.
func checkText(t *testing.T, got string, limit int) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Errorf("%q is not valid UTF-8", got)
	}
	for _, r := range got {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			t.Errorf("%q contains %U", got, r)
		}
	}
	// Breaking dots and schemes adds at most two characters for each, and the
	// note of a cut some thirty.
	if n := utf8.RuneCountInString(got); n > 3*limit+40 {
		t.Errorf("%d characters, want a bounded multiple of %d", n, limit)
	}
}

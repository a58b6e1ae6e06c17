package smtp_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"pasban/alerting"
	"pasban/alerting/sinktest"
	"pasban/alerting/smtp/smtptest"
)

// shape lists the elements of a mail's HTML with their attributes: what a mail
// program would do, without what it would show. What differs between any two
// mails of one kind is left out.
func shape(t *testing.T, source string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			line := n.Data
			for _, a := range n.Attr {
				line += " " + a.Key + "=" + a.Val
			}
			out = append(out, line)
		case html.CommentNode:
			out = append(out, "comment")
		}
	}
	return out
}

// Whatever a page writes into its title, its address, a dialog, a header, its
// certificate or the name of a file, the mail has the same elements, attributes
// and header fields as one about a page that writes nothing of the kind.
func TestGauntlet81XSSInMail(t *testing.T) {
	for _, lang := range []string{alerting.English, alerting.Urdu} {
		plain := receive(t, sinktest.Marked("nothing special"), lang)
		for _, markup := range sinktest.Markup {
			mail := receive(t, sinktest.Marked(markup), lang)
			if got, want := shape(t, mail.HTML), shape(t, plain.HTML); !slices.Equal(got, want) {
				t.Errorf("%s, %q: the HTML has %d elements, want %d", lang, markup, len(got), len(want))
			}
			if got, want := fieldNames(mail), fieldNames(plain); !slices.Equal(got, want) {
				t.Errorf("%s, %q: the header has %q, want %q", lang, markup, got, want)
			}
			if len(mail.Text) > 20<<10 || len(mail.HTML) > 100<<10 {
				t.Errorf("%s, %q: %d bytes of text, %d of HTML", lang, markup, len(mail.Text), len(mail.HTML))
			}
			unacting(t, markup, mail)
		}
	}
}

// Bidi overrides, a megabyte of title and NUL bytes are written out, cut and
// counted in subject, text and HTML.
func TestGauntlet84HostileTextInMail(t *testing.T) {
	a := sinktest.Marked("\u202egnp.exe \x00 \u2066 ")
	a.PageTitle = strings.Repeat("\u202e\x00\x1b پاکستان ", 100_000)
	a.Institution = a.PageTitle
	mail := receive(t, a, alerting.English)
	unacting(t, "a megabyte of title", mail)
	for _, part := range []string{mail.Text, html.UnescapeString(mail.HTML)} {
		if !strings.Contains(part, "[U+202E]") || !strings.Contains(part, "[U+0000]") || !strings.Contains(part, "characters)") {
			t.Errorf("a part does not show what the title holds and how long it is: %.300q", part)
		}
	}
	if n := len([]rune(mail.Subject)); n > 400 {
		t.Errorf("the subject has %d characters", n)
	}
}

func fieldNames(mail smtptest.Mail) []string {
	var out []string
	for f := mail.Header.Fields(); f.Next(); {
		out = append(out, f.Key())
	}
	return out
}

// unacting fails for a mail that does something to the terminal or the reader
// that shows it: a control character, a change of direction, an address to click.
func unacting(t *testing.T, what string, mail smtptest.Mail) {
	t.Helper()
	for _, part := range []string{mail.Subject, mail.Text, mail.HTML} {
		for _, r := range part {
			if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) && r != '\u200f' && r != '\u200e' {
				t.Errorf("%q: a part of the mail holds %U", what, r)
				break
			}
		}
	}
	if regexp.MustCompile(`(?i)javascript:|https?://evil|evil\.example`).MatchString(mail.Text + mail.HTML) {
		t.Errorf("%q: the mail holds an address that can be followed", what)
	}
}

// The files of a mail have names of ours and are pictures, whatever the alert
// calls them and whatever else they are.
func TestGauntlet83AttachmentsAreOurs(t *testing.T) {
	a := sinktest.Example()
	a.Pictures = pictures(t)
	for i := range a.Pictures {
		a.Pictures[i].MIME = "text/html"
		a.Pictures[i].Ref = "../../etc/passwd\r\nContent-Type: text/html"
		a.Pictures[i].Data = append(bytes.Clone(a.Pictures[i].Data), "<script>alert(1)</script>"...)
	}
	a.Pictures = append(a.Pictures, alerting.Picture{Name: "../../evil.svg", MIME: "image/svg+xml", Data: []byte("<svg onload=alert(1)>")},
		alerting.Picture{Name: "after.html", MIME: "text/html", Data: []byte("<script>")})
	mail := receive(t, a, alerting.English)
	if len(mail.Pictures) != 3 {
		t.Errorf("the mail has %d pictures, want 3", len(mail.Pictures))
	}
	for id, p := range mail.Pictures {
		if !slices.Contains([]string{"before@pasban", "after@pasban", "difference@pasban"}, id) || p.MIME != "image/jpeg" && p.MIME != "image/png" {
			t.Errorf("the picture %q is of the type %q", id, p.MIME)
		}
		if bytes.Contains(p.Data, []byte("<script")) {
			t.Errorf("the picture %q still holds what was hidden behind it", id)
		}
	}
	svg := sinktest.Example()
	svg.Pictures = []alerting.Picture{{Name: "after", MIME: "image/png", Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)}}
	if mail := receive(t, svg, alerting.English); len(mail.Pictures) != 0 || strings.Contains(mail.HTML, "svg") {
		t.Error("an SVG was sent as a picture")
	}
}

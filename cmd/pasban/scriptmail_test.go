package main

import (
	"bytes"
	"context"
	"image"
	_ "image/jpeg" // the pictures of an alert
	_ "image/png"  // are one of these
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"pasban/alerting/smtp/smtptest"
)

func startMail(ts *testscript.TestScript, _ []string) {
	s := worldOf(ts)
	var err error
	s.mail, err = smtptest.Start(s.ctx, "127.0.0.1:0", smtptest.Options{})
	ts.Check(err)
	ts.Setenv("PASBAN_SMTP", s.mail.URL())
}

// mails N
func mails(ts *testscript.TestScript, args []string) {
	s := worldOf(ts)
	want, err := strconv.Atoi(strings.Join(args, ""))
	if err != nil || s.mail == nil {
		ts.Fatalf("usage: mails N, after smtp")
	}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	got, err := s.mail.Wait(ctx, want)
	if err == nil && len(got) == want {
		return
	}
	for _, m := range got {
		ts.Logf("mail to %s: %s", m.To, m.Subject)
	}
	ts.Fatalf("%d mails came, want %d (%v)", len(got), want, err)
}

// mailChecks are what can be said of a mail.
//
//	subject|text|html PATTERN    it matches
//	pictures NAME...             exactly these, each shown by the HTML part,
//	                             at most 300 kB and 1200 pixels wide
//	darker A B                   picture A is clearly darker than picture B
//	red NAME                     something is outlined in red in a picture
var mailChecks = map[string]func(*testscript.TestScript, smtptest.Mail, []string){
	"subject":  func(ts *testscript.TestScript, m smtptest.Mail, args []string) { matches(ts, m.Subject, args) },
	"text":     func(ts *testscript.TestScript, m smtptest.Mail, args []string) { matches(ts, m.Text, args) },
	"html":     func(ts *testscript.TestScript, m smtptest.Mail, args []string) { matches(ts, m.HTML, args) },
	"pictures": mailPictures,
	"darker":   mailDarker,
	"red":      mailRed,
}

// checkMailTo is mail TO CHECK ARGS...
func checkMailTo(ts *testscript.TestScript, args []string) {
	s := worldOf(ts)
	if s.mail == nil || len(args) < 2 || mailChecks[args[1]] == nil {
		ts.Fatalf("usage: mail TO CHECK ARGS..., after smtp")
	}
	all := s.mail.Mails()
	slices.Reverse(all)
	i := slices.IndexFunc(all, func(m smtptest.Mail) bool { return slices.Equal(m.To, args[:1]) })
	if i < 0 {
		ts.Fatalf("no mail to %s alone has come", args[0])
	}
	mailChecks[args[1]](ts, all[i], args[2:])
}

func matches(ts *testscript.TestScript, text string, args []string) {
	if ok, err := regexp.MatchString("(?s)"+strings.Join(args, " "), text); err != nil || !ok {
		ts.Fatalf("%q does not match (%v); it is\n%s", args, err, text)
	}
}

// pictureOf finds a picture by the first part of its Content-ID.
func pictureOf(ts *testscript.TestScript, m smtptest.Mail, name string) image.Image {
	for id, p := range m.Pictures {
		if !strings.HasPrefix(id, name+"@") {
			continue
		}
		img, _, err := image.Decode(bytes.NewReader(p.Data))
		ts.Check(err)
		if w := img.Bounds().Dx(); w > 1200 || len(p.Data) > 300_000 || !strings.Contains(m.HTML, `src="cid:`+id+`"`) {
			ts.Fatalf("the picture %s is %d pixels wide, has %d bytes, or is not shown", id, w, len(p.Data))
		}
		return img
	}
	ts.Fatalf("the mail has no picture %q", name)
	return nil
}

func mailPictures(ts *testscript.TestScript, m smtptest.Mail, names []string) {
	for _, name := range names {
		pictureOf(ts, m, name)
	}
	if len(m.Pictures) != len(names) {
		ts.Fatalf("the mail has %d pictures, want %q", len(m.Pictures), names)
	}
}

func mailDarker(ts *testscript.TestScript, m smtptest.Mail, names []string) {
	if len(names) != 2 {
		ts.Fatalf("usage: mail TO darker A B")
	}
	a, b := brightness(pictureOf(ts, m, names[0])), brightness(pictureOf(ts, m, names[1]))
	if a > b-50 {
		ts.Fatalf("%s has a brightness of %d, %s of %d (of 255)", names[0], a, names[1], b)
	}
}

// brightness is the mean of the green channel, 0 to 255.
func brightness(img image.Image) int {
	sum, n := 0, 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 4 {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 4 {
			_, g, _, _ := img.At(x, y).RGBA()
			sum, n = sum+int(g>>8), n+1
		}
	}
	return sum / max(n, 1)
}

func mailRed(ts *testscript.TestScript, m smtptest.Mail, names []string) {
	if len(names) != 1 {
		ts.Fatalf("usage: mail TO red NAME")
	}
	img, red := pictureOf(ts, m, names[0]), 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); r>>8 > 180 && g>>8 < 90 && b>>8 < 90 {
				red++
			}
		}
	}
	if red < 500 {
		ts.Fatalf("the picture %s has only %d red pixels", names[0], red)
	}
}

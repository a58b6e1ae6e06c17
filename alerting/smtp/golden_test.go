package smtp_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pasban/alerting"
	"pasban/alerting/sinktest"
	"pasban/alerting/smtp"
	"pasban/alerting/smtp/smtptest"
)

var (
	update  = flag.Bool("update", false, "rewrite the golden mails in testdata")
	preview = flag.String("preview", "", "also write the HTML with its pictures inside to this folder, to look at")
)

// goldens are the mails whose wording and layout are pinned.
func goldens(t *testing.T) map[string]alerting.Alert {
	opened := sinktest.Example()
	opened.ConsoleURL = "https://pasban.cert.test/incidents/12"
	opened.Pictures = pictures(t)
	recovered := opened
	recovered.ID, recovered.Event = "12.recovered", alerting.Recovered
	recovered.Summary = "The page equals the approved look again."
	recovered.Reasons, recovered.Pictures = nil, nil
	escalated := opened
	escalated.ID, escalated.Event, escalated.Kind, escalated.TLP = "12.escalated", alerting.Escalated, "leak", "RED"
	escalated.Institution = "وزارتِ مثال"
	returned := opened
	returned.Campaign, returned.Ended = "C-2026-0007", &alerting.Ended{What: "maintenance", By: "the web team of the Board", Reason: "the server is moved",
		Until: opened.Observed.Add(time.Hour)}
	returned.Pictures = nil
	return map[string]alerting.Alert{"returned": returned, "opened": opened, "recovered": recovered, "escalated": escalated, "hostile": sinktest.Hostile()}
}

// The mails say what they said when somebody last looked at them. Run with
// -update after a change, and read the difference.
func TestGolden(t *testing.T) {
	for name, alert := range goldens(t) {
		for _, lang := range []string{alerting.English, alerting.Urdu} {
			mail := receive(t, alert, lang)
			compareGolden(t, name+"."+lang+".txt", "Subject: "+mail.Subject+"\n\n"+mail.Text)
			compareGolden(t, name+"."+lang+".html", mail.HTML)
			if *preview != "" {
				writePreview(t, filepath.Join(*preview, name+"."+lang+".html"), mail)
			}
		}
	}
}

// receive sends alert through a real server and returns what arrived.
func receive(t *testing.T, alert alerting.Alert, lang string) smtptest.Mail {
	t.Helper()
	server := start(t, smtptest.Options{})
	to := alerting.Address{Sink: alerting.SMTP, To: "webmaster@examples.test", Language: lang}
	if err := sink(t, smtp.Config{URL: server.URL()}).Deliver(t.Context(), alert, to); err != nil {
		t.Fatal(err)
	}
	return server.Mails()[0]
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got = strings.ReplaceAll(got, "\r\n", "\n")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// writePreview writes the HTML with the pictures as data: addresses.
func writePreview(t *testing.T, path string, mail smtptest.Mail) {
	t.Helper()
	html := regexp.MustCompile(`cid:[^"]+`).ReplaceAllStringFunc(mail.HTML, func(cid string) string {
		p := mail.Pictures[strings.TrimPrefix(cid, "cid:")]
		return "data:" + p.MIME + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
	})
	if err := os.WriteFile(path, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
}

// pictures are three views of a page: a light one, a dark one, and the dark one
// with a frame.
func pictures(t *testing.T) []alerting.Picture {
	t.Helper()
	light, dark := color.RGBA{0xf3, 0xf6, 0xf4, 255}, color.RGBA{0x14, 0x14, 0x14, 255}
	red, green := color.RGBA{0xc8, 0x20, 0x20, 255}, color.RGBA{0x0b, 0x5c, 0x3b, 255}
	before, after, difference := canvas(light), canvas(dark), canvas(dark)
	fill(before, image.Rect(0, 0, 1200, 110), green)
	for y := 160; y < 700; y += 60 {
		fill(before, image.Rect(80, y, 1100-y%180, y+18), color.RGBA{0x9a, 0xa4, 0xa0, 255})
	}
	for _, img := range []*image.RGBA{after, difference} {
		fill(img, image.Rect(350, 180, 850, 480), red)
		fill(img, image.Rect(420, 540, 780, 570), light)
	}
	for _, r := range []image.Rectangle{{image.Pt(20, 20), image.Pt(1180, 30)}, {image.Pt(20, 770), image.Pt(1180, 780)},
		{image.Pt(20, 20), image.Pt(30, 780)}, {image.Pt(1170, 20), image.Pt(1180, 780)}} {
		fill(difference, r, color.RGBA{0xff, 0x3b, 0xd4, 255})
	}
	var out []alerting.Picture
	for name, img := range map[string]image.Image{"before": before, "after": after, "difference": difference} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, nil); err != nil {
			t.Fatal(err)
		}
		out = append(out, alerting.Picture{Name: name, MIME: "image/jpeg", Data: b.Bytes(), Width: 1200, Height: 800})
	}
	return out
}

func canvas(c color.Color) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 1200, 800))
	fill(img, img.Bounds(), c)
	return img
}

func fill(img draw.Image, r image.Rectangle, c color.Color) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

package smtp_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"pasban/alerting"
	"pasban/alerting/sinktest"
	"pasban/alerting/smtp"
	"pasban/alerting/smtp/smtptest"
)

var recipient = alerting.Address{Sink: alerting.SMTP, To: "webmaster@examples.test", Language: alerting.English}

// All mails about an incident to one recipient are one thread, and those to
// another recipient or about another incident are not in it.
func TestThread(t *testing.T) {
	server := start(t, smtptest.Options{})
	sink := sink(t, smtp.Config{URL: server.URL()})
	opened, resolved, later := sinktest.Example(), sinktest.Example(), sinktest.Example()
	resolved.ID, resolved.Event = "12.7.resolved", alerting.Resolved
	later.ID, later.Incident = "13.1.opened", 13
	other := alerting.Address{Sink: alerting.SMTP, To: "head@examples.test"}
	for _, a := range []alerting.Alert{opened, resolved, later} {
		for _, to := range []alerting.Address{recipient, other} {
			if err := sink.Deliver(t.Context(), a, to); err != nil {
				t.Fatal(err)
			}
		}
	}
	ids, threads := map[string]bool{}, map[string]int{}
	for _, mail := range server.Mails() {
		ids[mail.MessageID] = true
		threads[mail.InReplyTo]++
		if mail.InReplyTo == "" || ids[mail.InReplyTo] || mail.Header.Get("References") != "<"+mail.InReplyTo+">" {
			t.Errorf("mail %q answers %q and refers to %q", mail.MessageID, mail.InReplyTo, mail.Header.Get("References"))
		}
	}
	mails := server.Mails()
	if len(ids) != 6 || len(threads) != 4 || mails[0].InReplyTo != mails[2].InReplyTo {
		t.Errorf("%d names in the threads %v, want 6 in 4, opening and closing in one", len(ids), threads)
	}
	if id := mails[0].MessageID; !regexp.MustCompile(`^12\.opened\.[0-9a-f]{32}@cert\.test$`).MatchString(id) {
		t.Errorf("Message-ID is %q", id)
	}
}

// The subject says what, who, where and how bad, and the header the rest.
func TestHeader(t *testing.T) {
	server := start(t, smtptest.Options{})
	at := time.Date(2026, time.March, 1, 4, 6, 0, 0, time.UTC)
	sink := sink(t, smtp.Config{URL: server.URL(), Now: func() time.Time { return at }})
	for event, want := range map[alerting.Event]string{
		alerting.Opened:     "[TLP:AMBER] Defacement: Ministry of Examples – www.examples.test (critical, incident 12)",
		alerting.Escalated:  "[TLP:AMBER] Worse – Defacement: Ministry of Examples – www.examples.test (critical, incident 12)",
		alerting.Recovered:  "[TLP:AMBER] Recovered – Defacement: Ministry of Examples – www.examples.test (critical, incident 12)",
		alerting.Resolved:   "[TLP:AMBER] Closed – Defacement: Ministry of Examples – www.examples.test (critical, incident 12)",
		alerting.FalseAlarm: "[TLP:AMBER] False alarm – Defacement: Ministry of Examples – www.examples.test (critical, incident 12)",
	} {
		a := sinktest.Example()
		a.Event = event
		if err := sink.Deliver(t.Context(), a, recipient); err != nil {
			t.Fatal(err)
		}
		mails := server.Mails()
		mail := mails[len(mails)-1]
		if mail.Subject != want {
			t.Errorf("subject\n got %q\nwant %q", mail.Subject, want)
		}
		urgent := event == alerting.Opened || event == alerting.Escalated
		if got := mail.Header.Get("Importance") == "high"; got != urgent {
			t.Errorf("%s: importance is %q", event, mail.Header.Get("Importance"))
		}
		if !mail.Date.Equal(at) || mail.Header.Get("Reply-To") != "<cert@cert.test>" || mail.From != "alerts@cert.test" {
			t.Errorf("%s: dated %v, from %q, answers go to %q", event, mail.Date, mail.From, mail.Header.Get("Reply-To"))
		}
	}
}

// The sharing label is one of TLP 2.0's, and AMBER if nobody set one.
func TestTLP(t *testing.T) {
	for in, want := range map[string]string{
		"RED": "[TLP:RED] ", "AMBER+STRICT": "[TLP:AMBER+STRICT] ", "tlp:green": "[TLP:GREEN] ", "WHITE": "[TLP:CLEAR] ",
		"": "[TLP:AMBER] ", "PURPLE\r\nX: y": "[TLP:AMBER] ",
	} {
		a := sinktest.Example()
		a.TLP = in
		if got := receive(t, a, alerting.English).Subject; !strings.HasPrefix(got, want) {
			t.Errorf("TLP %q gives the subject %q, want %q in front", in, got, want)
		}
	}
}

// Three pictures are inside the mail, small enough, and each is shown.
func TestPictures(t *testing.T) {
	a := sinktest.Example()
	for _, name := range []string{"before", "after", "difference", "after", "extra"} {
		a.Pictures = append(a.Pictures, alerting.Picture{Name: name, MIME: "image/png", Data: noisyPNG(t, 1300, 400)})
	}
	mail := receive(t, a, alerting.English)
	if len(mail.Pictures) != 3 {
		t.Errorf("%d pictures arrived, want 3", len(mail.Pictures))
	}
	for id, p := range mail.Pictures {
		img, err := jpeg.Decode(bytes.NewReader(p.Data))
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if len(p.Data) > 300<<10 || img.Bounds().Dx() > 1200 || p.MIME != "image/jpeg" {
			t.Errorf("%s: %s of %d bytes, %d pixels wide", id, p.MIME, len(p.Data), img.Bounds().Dx())
		}
		if strings.Count(mail.HTML, `src="cid:`+id+`"`) != 1 {
			t.Errorf("%s is not shown once", id)
		}
	}
	if now, advice := strings.Index(mail.HTML, "cid:after@"), strings.Index(mail.HTML, "<ol"); now < 0 || advice < now {
		t.Errorf("the page as it is stands at %d, the advice at %d; the picture should come first", now, advice)
	}
}

// noisyPNG is a picture that cannot be compressed, of several megabytes.
func noisyPNG(t *testing.T, w, h int) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32()) | 0x03
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A picture that cannot be read is missed, not the alert.
func TestBrokenPicture(t *testing.T) {
	a := sinktest.Example()
	a.Pictures = []alerting.Picture{pictures(t)[0], {Name: "no such", Data: []byte("x")}}
	a.Pictures = append(a.Pictures, alerting.Picture{Name: missing(a.Pictures[0].Name), MIME: "image/jpeg", Data: []byte("not a picture")})
	mail := receive(t, a, alerting.English)
	if len(mail.Pictures) != 1 {
		t.Errorf("%d pictures arrived, want the one that can be read", len(mail.Pictures))
	}
	for _, part := range []string{mail.Text, mail.HTML} {
		if !strings.Contains(part, "A picture could not be added") {
			t.Errorf("nothing is said about the missing picture in %q", part)
		}
	}
}

func missing(name string) string {
	if name == "before" {
		return "after"
	}
	return "before"
}

// The HTML of even a hostile mail holds nothing that acts, loads or leads out.
func TestMarkup(t *testing.T) {
	a := sinktest.Hostile()
	a.Pictures, a.ConsoleURL = pictures(t), "https://pasban.cert.test/incidents/13"
	for _, lang := range []string{alerting.English, alerting.Urdu} {
		mail := receive(t, a, lang)
		root, err := html.Parse(strings.NewReader(mail.HTML))
		if err != nil {
			t.Fatal(err)
		}
		for node := range root.Descendants() {
			if node.Type == html.ElementNode {
				checkElement(t, node)
			}
		}
		if len(mail.HTML) > 100<<10 {
			t.Errorf("%s: the HTML has %d bytes and would be cut", lang, len(mail.HTML))
		}
	}
}

func checkElement(t *testing.T, node *html.Node) {
	t.Helper()
	if slices.Contains([]string{"script", "iframe", "form", "object", "embed", "link", "base", "svg", "video", "audio"}, node.Data) {
		t.Errorf("the mail has a <%s>", node.Data)
	}
	for _, a := range node.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"):
			t.Errorf("<%s> has %s=%q", node.Data, a.Key, a.Val)
		case a.Key == "src" && !strings.HasPrefix(a.Val, "cid:"):
			t.Errorf("<%s> loads %q", node.Data, a.Val)
		case a.Key == "href" && a.Val != "https://pasban.cert.test/incidents/13":
			t.Errorf("<%s> leads to %q", node.Data, a.Val)
		case a.Key == "style" && strings.Contains(a.Val, "url("):
			t.Errorf("<%s> is styled with %q", node.Data, a.Val)
		}
	}
}

// A console address that is no web address makes no link.
func TestConsoleLink(t *testing.T) {
	a := sinktest.Example()
	a.ConsoleURL = "javascript:alert(1)"
	if mail := receive(t, a, alerting.English); strings.Contains(mail.HTML, "<a ") || strings.Contains(mail.Text, "javascript:") {
		t.Error("a console at javascript: was linked")
	}
}

// An Urdu mail speaks Urdu: right to left, its reasons translated, and the
// English sentence left out when nothing is lost by that.
func TestUrdu(t *testing.T) {
	a := sinktest.Example()
	a.Reasons = a.Reasons[:1]
	mail := receive(t, a, "ur-PK")
	for _, want := range []string{`lang="ur"`, `dir="rtl"`, "Noto Nastaliq Urdu", "صفحے پر نیا متن حملہ آور کا پیغام ہے۔"} {
		if !strings.Contains(mail.HTML, want) {
			t.Errorf("the HTML lacks %q", want)
		}
	}
	if strings.Contains(mail.Text, a.Summary) {
		t.Error("the summary is repeated in English")
	}
	a.Reasons = append(a.Reasons, alerting.Reason{Rule: "a.new.rule", Why: "Something new."})
	if mail := receive(t, a, "ur"); !strings.Contains(mail.Text, a.Summary) || !strings.Contains(mail.Text, "Something new.") {
		t.Error("what has no translation is left out")
	}
}

package smtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pasban/alerting"
	"pasban/alerting/smtp/smtptest"
)

// ourFields are those a mail has, and nothing that a page writes adds to them.
var ourFields = []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Importance", "In-Reply-To", "Message-Id", "Mime-Version",
	"Priority", "References", "Reply-To", "Subject", "To", "X-Auto-Response-Suppress", "X-Msmail-Priority", "X-Priority"}

// linked is what a mail program makes a link of.
var linked = regexp.MustCompile(`(?i)https?:|javascript:|www\.[a-z0-9-]+\.[a-z]{2,}`)

// FuzzMessage: whatever stands in an alert, the mail has the fields that we gave
// it, can be taken apart, and nothing in its text can be followed or acts.
func FuzzMessage(f *testing.F) {
	f.Add("Home\r\nBcc: x@evil.example\r\n\r\n<script>", "https://a.pk/\r\nX: y", "12.opened", "see http://evil.example/ and www.evil.example\n.\nQUIT", "critical", false)
	f.Add("\u202emoc\x00\x1b[2J", "javascript:alert(1)//", "\r\n", "{{.}} <img src=x onerror=y>", "high\r\nX-I: 1", true)
	f.Add(strings.Repeat("A\u0301\u0302\u0303", 60), "http://"+strings.Repeat("a", 400), "e", strings.Repeat("=?utf-8?q?=0d=0aX:?= ", 20), "", true)
	f.Add("=?UTF-8?Q?=0D=0ABcc:_x?=", "//evil.example", "RED", "\xff\xfe", "low", false)
	sink, err := New(Config{URL: "smtp://mail.example", From: "CERT <alerts@cert.test>", Now: func() time.Time { return time.Unix(1_772_000_000, 0) }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, title, address, id, evidence, severity string, urdu bool) {
		if len(title)+len(address)+len(id)+len(evidence)+len(severity) > 4<<10 {
			return // only slow
		}
		lang := alerting.English
		if urdu {
			lang = alerting.Urdu
		}
		a := alerting.Alert{
			ID: id, Incident: 12, Event: alerting.Event(severity), Kind: title, Severity: severity, TLP: id, Institution: title, Site: id, SiteName: evidence,
			URL: address, FinalURL: title, PageTitle: title, Summary: evidence, Opened: time.Unix(1, 0), Contact: severity, ConsoleURL: address,
			Reasons: []alerting.Reason{{Rule: id, Severity: severity, Why: evidence, Evidence: title}, {Evidence: address}},
		}
		m, err := sink.message(a, alerting.Address{Sink: alerting.SMTP, To: "a@b.pk", Language: lang})
		if err != nil {
			t.Fatal(err)
		}
		var raw bytes.Buffer
		if _, err := m.WriteTo(&raw); err != nil {
			t.Fatal(err)
		}
		checkBytes(t, raw.Bytes())
		mail, err := smtptest.Parse(bytes.NewReader(raw.Bytes()))
		if err != nil {
			t.Fatalf("%v:\n%s", err, raw.String())
		}
		if strings.ContainsFunc(mail.Subject+mail.Text, acts) {
			t.Errorf("the mail holds characters that act: %q\n%q", mail.Subject, mail.Text)
		}
		a.ConsoleURL = "" // the one link that a mail may have
		var l letter
		if err := l.fill("mail", textTemplate, htmlTemplate, newContent(a, lang, time.UTC)); err != nil {
			t.Fatal(err)
		}
		if where := linked.FindString(l.text); where != "" {
			t.Errorf("the text has the link %q: %q", where, l.text)
		}
		if low := strings.ToLower(l.html); strings.Contains(low, "<script") || strings.Contains(low, "<img src=x") || strings.Contains(low, "javascript:") {
			t.Errorf("the page's markup is in the mail: %q", l.html)
		}
	})
}

// acts reports characters by which a text does something to what shows it.
func acts(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f'
}

// checkBytes looks at a mail as a server does.
func checkBytes(t *testing.T, raw []byte) {
	t.Helper()
	for line := range bytes.Lines(raw) {
		if len(line) > 1000 || !bytes.HasSuffix(line, []byte("\r\n")) || bytes.ContainsAny(line[:len(line)-2], "\r\x00") {
			t.Fatalf("the line %.2000q", line)
		}
	}
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range m.Header {
		if !slices.Contains(ourFields, textproto.CanonicalMIMEHeaderKey(name)) || len(values) != 1 {
			t.Errorf("the field %s: %q", name, values)
		}
	}
	if to := m.Header.Get("To"); to != "<a@b.pk>" {
		t.Errorf("the mail goes to %q", to)
	}
}

// FuzzServer: the URL of a mail server is refused or understood; no error shows
// its password, and no password leaves this machine in clear.
func FuzzServer(f *testing.F) {
	const secret = "Geheim7x"
	for _, s := range [][2]string{{"smtp://u:", "@mail.example:587"}, {"smtps://u:", "@h"}, {"smtp://u:", "@127.0.0.1?tls=off"}, {"smtp://u:", "@h?tls=off"}, {"smtp://", "@h"},
		{"smtp://u:", "@[::1]:25"}, {"smtp://u:", "@h:99999"}, {"smtp://u:", "@%zz"}, {"http://", ""}, {"smtp://u:", "@localhost.:25?tls=maybe"}, {"smtp:u:", "@h"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.Contains(before+after, secret) {
			return
		}
		s, err := parseServer(before+secret+after, nil)
		if err != nil {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error %q shows the password", err)
			}
			return
		}
		if s.host == "" || s.port < 0 || s.port > 65535 {
			t.Errorf("%q is host %q, port %d", before+after, s.host, s.port)
		}
		if s.user != "" && !s.implicit && !loopback(s.host) && s.policy.String() != "TLSMandatory" {
			t.Errorf("%q would send a password under the policy %v", before+after, s.policy)
		}
	})
}

// claims is a PNG file whose header says another size than it has, and is in
// order apart from that.
func claims(data []byte, w, h uint32) []byte {
	if len(data) < 33 || w == 0 && h == 0 {
		return data
	}
	data = slices.Clone(data)
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// FuzzFit: a picture is left out or fits a mail, whatever its header claims.
func FuzzFit(f *testing.F) {
	var plain, photo bytes.Buffer
	if err := errors.Join(png.Encode(&plain, image.NewGray(image.Rect(0, 0, 30, 20))), jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 30, 20)), nil)); err != nil {
		f.Fatal(err)
	}
	f.Add(plain.Bytes(), uint32(0), uint32(0))
	f.Add(plain.Bytes(), uint32(1200), uint32(math.MaxInt32))
	f.Add(plain.Bytes(), uint32(math.MaxInt32), uint32(math.MaxInt32))
	f.Add(photo.Bytes(), uint32(0), uint32(0))
	f.Add([]byte("<svg onload=x>"), uint32(0), uint32(0))
	f.Fuzz(func(t *testing.T, data []byte, w, h uint32) {
		if pixels := uint64(w) * uint64(h); pixels > 1<<20 && pixels <= maxPixels {
			return // only slow
		}
		data = claims(data, w, h)
		p, err := fit(alerting.Picture{Name: "after", MIME: "text/html", Data: data})
		if err != nil {
			return
		}
		if p.Width < 0 || p.Width > alerting.MaxPictureWidth || p.Height > alerting.MaxPictureHeight+2 || len(p.data) > alerting.MaxPictureBytes {
			t.Errorf("a picture of %d x %d, %d bytes", p.Width, p.Height, len(p.data))
		}
		if p.mime != "image/png" && p.mime != "image/jpeg" {
			t.Errorf("a picture of type %q", p.mime)
		}
	})
}

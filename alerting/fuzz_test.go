package alerting_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"pasban/alerting"
)

// FuzzShrink: a screenshot of any shape, with a finding anywhere, becomes a
// picture that can be read and that fits a mail.
func FuzzShrink(f *testing.F) {
	f.Add(uint16(30), uint16(40), 0, 0, 5, 5, int32(7))
	f.Add(uint16(1), uint16(4000), 0, 3990, 1, 4000, int32(1))
	f.Add(uint16(2000), uint16(1), -5, -5, 1<<40, 1<<40, int32(255))
	f.Add(uint16(3), uint16(2500), 2, 1800, -7, 99, int32(90))
	f.Add(uint16(0), uint16(9), 0, 0, 0, 0, int32(0))
	f.Fuzz(func(t *testing.T, w, h uint16, x0, y0, x1, y1 int, seed int32) {
		w, h = w%2048, h%4096
		if int(w)*int(h) > 1<<15 {
			return // only slow
		}
		// The picture need not begin at the origin, and every pixel is noise.
		img := image.NewGray(image.Rect(-3, 7, -3+int(w), 7+int(h)))
		noise := uint32(seed) | 1
		for i := range img.Pix {
			noise = noise*1664525 + 1013904223
			img.Pix[i] = byte(noise >> 24)
		}
		data, mime, gotW, gotH, err := alerting.ShrinkAround(img, image.Rectangle{Min: image.Pt(x0, y0), Max: image.Pt(x1, y1)})
		if (err != nil) != (w == 0 || h == 0) {
			t.Fatalf("a picture of %d x %d: %v", w, h, err)
		}
		if err != nil {
			return
		}
		if len(data) > alerting.MaxPictureBytes || gotW > alerting.MaxPictureWidth || gotH > alerting.MaxPictureHeight+2 || mime != "image/jpeg" {
			t.Errorf("%d x %d became %d bytes, %d x %d, %s", w, h, len(data), gotW, gotH, mime)
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(data)); err != nil || c.Width != gotW || c.Height != gotH || c.ColorModel != color.YCbCrModel {
			t.Errorf("it reads as %+v, %v; want %d x %d", c, err, gotW, gotH)
		}
	})
}

// FuzzRoute: whatever stands in a contact list, nobody is told twice, the CERT's
// mailboxes are always told, and no secret of a hook is in an address.
func FuzzRoute(f *testing.F) {
	f.Add("a@b.pk,A@B.PK,Name <a@b.pk>", "ur", "cert@cert.pk", "https://h.pk/x#whsec_secret")
	f.Add("cert@cert.pk,,\r\nBcc: x@y.z", "ur-PK", " cert@cert.pk ,CERT <Cert@cert.pk>", "#whsec_only, https://h.pk/x ,https://h.pk/x#other")
	f.Add("<>,@,\"a\"@b,a@[127.0.0.1]", "", "", "")
	f.Fuzz(func(t *testing.T, contacts, lang, cert, hooks string) {
		mailboxes := strings.Split(cert, ",")
		got := alerting.Route(strings.Split(contacts, ","), lang, mailboxes, strings.Split(hooks, ","))
		seen := map[string]bool{}
		for _, a := range got {
			key := a.Sink + " " + a.To
			if a.To == "" || seen[key] || a.Language != "en" && a.Language != "ur" {
				t.Errorf("%+v among %+v", a, got)
			}
			seen[key] = true
			if a.Sink == alerting.Webhook && strings.Contains(a.To, "#") {
				t.Errorf("the address %q holds what may be a secret", a.To)
			}
		}
		for _, m := range alerting.Route(nil, "", mailboxes, nil) {
			if !seen[m.Sink+" "+m.To] {
				t.Errorf("the CERT's %q is not told: %+v", m.To, got)
			}
		}
	})
}

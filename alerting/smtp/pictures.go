package smtp

import (
	"bytes"
	"fmt"
	"html/template"
	"image"
	_ "image/jpeg" // formats of the pictures of an alert
	_ "image/png"

	"pasban/alerting"
)

// maxPixels bounds what is decoded to be shrunk: no screenshot is larger.
const maxPixels = 64 << 20

// picture is a view inside the mail.
type picture struct {
	Name, CID, Caption, Alt string
	Width, Height           int

	mime string
	data []byte
}

// Source is the address of the picture inside the mail. The template would take
// cid: for a dangerous scheme; the CID is a name of ours.
func (p picture) Source() template.URL { return template.URL("cid:" + p.CID) }

// setPictures takes the three views of the alert, at most one of each. The page
// as it is comes first, the others after the advice: on a phone three pictures
// would push the advice out of sight. A picture that cannot be read is left out
// and the mail says so: the alert matters more.
func (c *content) setPictures(a alerting.Alert, w *wording) {
	texts := map[string][2]string{
		"after": {w.now, w.altNow}, "before": {w.before, w.altBefore}, "difference": {w.difference, w.altDifference},
	}
	for _, name := range []string{"after", "before", "difference"} {
		i := find(a.Pictures, name)
		if i < 0 {
			continue
		}
		p, err := fit(a.Pictures[i])
		if err != nil {
			c.PictureNote = w.lostPicture
			continue
		}
		p.Name, p.CID = name, name+"@pasban"
		p.Caption, p.Alt = texts[name][0], texts[name][1]
		c.pictures = append(c.pictures, p)
		if name == "after" {
			c.Now = &p
		} else {
			c.Others = append(c.Others, p)
		}
	}
	if len(c.pictures) > 0 {
		c.InHTML = w.inHTML
	} else if c.PictureNote == "" && !c.over {
		c.PictureNote = w.noPictures
	}
}

// find returns the index of the first picture of that name that has content.
func find(list []alerting.Picture, name string) int {
	for i, p := range list {
		if p.Name == name && len(p.Data) > 0 {
			return i
		}
	}
	return -1
}

// fit makes a picture of p that is small enough for a mail, and knows its size.
// Every picture is painted anew: a file can be a picture and something else as
// well, and only the picture is to be sent.
func fit(p alerting.Picture) (picture, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(p.Data))
	if err != nil {
		return picture{}, fmt.Errorf("reading its size: %w", err)
	}
	if config.Width*config.Height > maxPixels {
		return picture{}, fmt.Errorf("%d x %d pixels are too many", config.Width, config.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(p.Data))
	if err != nil {
		return picture{}, fmt.Errorf("decoding it: %w", err)
	}
	data, mime, width, height, err := alerting.Shrink(img)
	if err != nil {
		return picture{}, err
	}
	return picture{mime: mime, data: data, Width: width, Height: height}, nil
}

package compare

import (
	"regexp"
	"slices"
	"strings"
)

// A program that a page hands out is run by those who trust the page. Offices link
// to viewers and fonts of others; who broke in links to his own, and says that it
// has to be installed.

// documentProgram is the name of a program that wants to be taken for a document.
var documentProgram = regexp.MustCompile(`(?i)\.(pdf|docx?|xlsx?|pptx?|jpe?g|png|txt|mp4|csv)[ ._-]*\.(exe|scr|msi|bat|cmd|com|pif|vbs|js|jse|hta|lnk|ps1|apk|jar|iso)$`)

// mustInstall are the words by which visitors are made to run what they did not
// come for.
var mustInstall = regexp.MustCompile(`(?i)\b(update|upgrade|install|plug-?in|add-?on|extension|codec|font|flash|viewer|certificate|out ?dated|older version|required|verify|verification|security (patch|tool|scan)|antivirus|infected)\b|انسٹال|اپ ?ڈیٹ|پلگ ?ان|ڈاؤن لوڈ کریں|نصب|تثبيت|تحديث|yükle|güncelle|instal|perbarui|обнов|установ|更新|安装|इंस्टॉल|अपडेट|ইনস্টল|আপডেট`)

// makers are sites of programs to which offices link so that their files can be
// opened and their staff be helped.
var makers = set("sourceforge.net", "adobe.com", "foxit.com", "libreoffice.org", "openoffice.org", "7-zip.org", "win-rar.com", "rarlab.com", "videolan.org", "java.com", "oracle.com",
	"anydesk.com", "teamviewer.com", "zoom.us", "zoom.com", "webex.com", "python.org", "putty.org", "cisco.com", "fortinet.com", "openvpn.net", "dell.com", "hp.com", "epson.com", "canon.com")

// linksPrograms reports a page that links to a program.
func linksPrograms(v View) bool {
	return slices.ContainsFunc(v.Links, func(l Link) bool { return runs(l.URL) })
}

// programHits judges links to programs on hosts that are new to the site.
func programHits(c *comparison) []hit {
	if c.base == nil {
		return nil
	}
	for _, l := range c.look.View.Links {
		host := hostOf(l.URL)
		if !c.stranger(host) || !runs(l.URL) || makers[siteOf(host)] {
			continue
		}
		h := hit{rule: "injection.program", strength: vote, evidence: excerpt(l.Text + " → " + l.URL), region: boxRegion(l.Box)}
		switch {
		case documentProgram.MatchString(strings.Split(l.URL, "?")[0]):
			h.strength, h.severity = decisive, Critical
		case c.base.Programs: // a page that has always handed them out changes its mirrors
		case c.ledElsewhere(l), mustInstall.MatchString(l.Text), c.saidBeside(l, mustInstall):
			h.strength = decisive
		}
		return []hit{h}
	}
	return nil
}

// ledElsewhere reports a link whose words the page always had: they led to a file
// of the site's own, or to another host that it knew.
func (c *comparison) ledElsewhere(l Link) bool {
	return slices.ContainsFunc(c.page.blocks, func(b block) bool { return b.linked && b.text == l.Text && c.base.Known.has(b.hash) })
}

// saidBeside reports words in new text where the link stands.
func (c *comparison) saidBeside(l Link, words *regexp.Regexp) bool {
	return slices.ContainsFunc(c.newBlocks, func(b *block) bool {
		near := b.box.Y+b.box.H >= l.Box.Y-besideLink && b.box.Y <= l.Box.Y+l.Box.H+besideLink
		return near && len(b.text) < 1000 && words.MatchString(b.text)
	})
}

// besideLink is how far above or below a link its words stand, in pixels.
const besideLink = 120

// overlayHands reports what an overlay hands out: a link in it to a stranger's
// program or archive, "" if there is none.
func (c *comparison) overlayHands(in []bool) string {
	boxes := map[Box]bool{}
	for i, e := range c.look.View.Elements {
		if in[i] && e.Tag == "a" {
			boxes[e.Box] = true
		}
	}
	for _, l := range c.look.View.Links {
		if host := hostOf(l.URL); boxes[l.Box] && c.stranger(host) && (runs(l.URL) || packs(l.URL)) {
			return l.URL
		}
	}
	return ""
}

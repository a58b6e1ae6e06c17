package compare

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// runnable are the kinds of file that infect whoever opens them.
var runnable = set(".exe", ".msi", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".hta", ".lnk", ".iso", ".img", ".vhd", ".vhdx",
	".jar", ".apk", ".xapk", ".dmg", ".pkg", ".cpl", ".com", ".pif", ".wsf", ".wsh", ".xll", ".appx", ".msix", ".deb", ".rpm", ".sh", ".url", ".scf",
	".reg", ".chm", ".application", ".appinstaller", ".docm", ".xlsm", ".pptm", ".one")

// packed are the kinds that hide what is in them, from mail and web filters too.
var packed = set(".zip", ".rar", ".7z", ".ace", ".arj", ".cab", ".gz", ".tgz", ".tar", ".xz", ".bz2", ".html", ".htm", ".mht", ".svg")

// runnableTypes are what servers call runnable files, whatever name they give them.
var runnableTypes = set("application/x-msdownload", "application/x-msdos-program", "application/x-dosexec", "application/vnd.microsoft.portable-executable",
	"application/x-msi", "application/x-ms-installer", "application/hta", "application/vnd.android.package-archive", "application/java-archive",
	"application/x-apple-diskimage", "application/x-iso9660-image", "application/x-sh", "application/x-ms-shortcut", "application/x-debian-package")

// downloadHits judges files that the page hands out unasked, the gravest of them.
// A program counts at first sight, if there is a page that hands it out: an
// address that is nothing but a file is somebody's list of files to watch.
func downloadHits(c *comparison) []hit {
	var worst hit
	for _, d := range c.look.View.Downloads {
		if c.base == nil && len(c.look.View.Elements) == 0 || c.base != nil && c.base.handsOut(d) {
			continue
		}
		h := hit{rule: "injection.download", strength: d.danger(), evidence: d.words()}
		if h.strength == decisive {
			h.severity = Critical
		}
		if worst.rule == "" || h.strength > worst.strength {
			worst = h
		}
	}
	if worst.rule == "" {
		return nil
	}
	return []hit{worst}
}

// handsOut reports a file that an approved look handed out as well.
func (b *Baseline) handsOut(d Download) bool {
	return slices.Contains(b.Downloads, d.Name) && slices.Contains(b.Downloads, siteOf(d.host()))
}

// host is where the file comes from; a file that a script made comes from the
// script's page.
func (d Download) host() string { return hostOf(strings.TrimPrefix(d.URL, "blob:")) }

// danger weighs a file by its name and type. Windows drops dots and spaces at the
// end of a name, and shows the rest of it as if they had never been there.
func (d Download) danger() strength {
	name, _, _ := strings.Cut(strings.ToLower(d.Name), "?")
	switch ext := path.Ext(strings.TrimRight(name, ". \t\u00a0")); {
	case runnable[ext], runnableTypes[strings.ToLower(d.MIME)]:
		return decisive
	case packed[ext]:
		return vote
	}
	return note
}

// runs reports an address whose path ends like a program's. Scripts of pages do too.
func runs(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ext := strings.ToLower(path.Ext(u.Path))
	return runnable[ext] && ext != ".js" && ext != ".com" && ext != ".url" && ext != ".one" && ext != ".sh"
}

// packs reports an address whose path ends like an archive's.
func packs(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ext := strings.ToLower(path.Ext(u.Path))
	return packed[ext] && !strings.HasPrefix(ext, ".ht") && ext != ".mht" && ext != ".svg"
}

// words name the file so that whoever runs the site can look for it.
func (d Download) words() string {
	name := []rune(d.Name)
	text := string(name[:min(len(name), 60)])
	if text == "" {
		text = "a file without a name"
	}
	if d.MIME != "" {
		text += " (" + d.MIME + ")"
	}
	if host := d.host(); host != "" {
		text += " from " + host
	}
	return excerpt(text)
}

// endlessDialogs is one more than an honest page opens at one load: render stops
// listening there.
const endlessDialogs = 21

// dialogHits judges dialogs by their number; words in them are judged by the
// lexicon.
func dialogHits(c *comparison) []hit {
	if c.base == nil || len(c.look.View.Dialogs) == 0 {
		return nil
	}
	first := excerpt(c.look.View.Dialogs[0])
	switch {
	case len(c.look.View.Dialogs) >= endlessDialogs:
		return []hit{{rule: "defacement.dialog_loop", strength: decisive, evidence: first}}
	case len(c.base.Dialogs) == 0:
		return []hit{{rule: "defacement.new_dialog", strength: note, evidence: first}}
	}
	return nil
}

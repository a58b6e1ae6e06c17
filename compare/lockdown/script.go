package lockdown

import (
	"regexp"
	"strings"
)

// A script can build a form when somebody clicks, or send what was typed without any.
// Nobody clicks here: what a click does on a stranger's site is not ours to try. But
// the script that would do it has been loaded, and its source says so.

// What is looked for in the source of a script.
var (
	formText  = regexp.MustCompile(`(?i)<(form|textarea)[\s>\\]|<input\s[^>]*type\s*=\s*\\?["']?(text|password|email|file|search|tel)`)
	makesForm = regexp.MustCompile("(?i)createElement\\(\\s*['\"`](form|textarea|input)['\"`]")
	sends     = regexp.MustCompile("\\.(submit|requestSubmit)\\(\\s*\\)|sendBeacon\\(|\\.open\\(\\s*['\"`](?i:POST|PUT|PATCH|DELETE)['\"`]|method\\s*:\\s*['\"`](?i:POST|PUT|PATCH|DELETE)['\"`]")
	reads     = regexp.MustCompile(`\.value\b|FormData\(|\.innerText\b|serialize\(`)
	inserts   = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|\.append\(|\.appendChild\(|document\.write|\.html\(|attachShadow|setHTMLUnsafe`)
	// notices of libraries, in their first bytes. They can make and send forms for whoever
	// asks them to; that somebody asks shows in another script.
	libraries = regexp.MustCompile(`(?i)jquery( ui| migrate)?[ -]?(javascript library|v?\d)|bootstrap v?\d|\* (vue|react|angular|lodash|moment|modernizr|backbone|underscore|mootools|prototype|core-js|swiper|owl carousel)`)
)

// maxRead bounds how much of one script is read: what is larger is a bundle, of which
// the beginning is as good as the rest.
const maxRead = 256 << 10

// ReadScript says how the source of a script of the site's own makes a form or sends
// what visitors type, "" if it does neither.
func ReadScript(source string) string {
	source = source[:min(len(source), maxRead)]
	if !worthReading(source) || libraries.MatchString(source[:min(len(source), 600)]) {
		return ""
	}
	switch {
	case formText.MatchString(source) && inserts.MatchString(source):
		return "writes a form into the page: " + around(source, formText)
	case makesForm.MatchString(source) && sends.MatchString(source):
		return "builds a form and sends it: " + around(source, makesForm)
	case sends.MatchString(source) && reads.MatchString(source):
		return "sends what visitors type: " + around(source, sends)
	}
	return ""
}

// worthReading says whether anything of what is looked for can be in a script. Most have
// nothing of it, and to find that out so is ten times as fast.
func worthReading(source string) bool {
	for _, word := range []string{"submit(", "Submit(", "sendBeacon(", ".open(", "method"} {
		if strings.Contains(source, word) {
			return true
		}
	}
	lower := strings.ToLower(source)
	return strings.Contains(lower, "<form") || strings.Contains(lower, "<textarea") || strings.Contains(lower, "<input")
}

// around is a piece of the source, on one line.
func around(source string, what *regexp.Regexp) string {
	at := what.FindStringIndex(source)
	if at == nil {
		return ""
	}
	piece := source[at[0]:min(len(source), at[0]+80)]
	return clip(strings.ToValidUTF8(strings.Join(strings.Fields(piece), " "), "�"), 100)
}

func script(e Evidence) Verdict {
	v := closed("")
	for _, m := range e.Page.Makers {
		v.State = Open
		v.add(m.Name + " " + m.What)
	}
	return settle(v, e, cutScripts)
}

package alerting

import (
	"regexp"
	"strings"
)

// dots are the characters that IDNA takes for a full stop between labels
// (UTS #46), so browsers and some mail programs do as well.
const dots = `.\x{3002}\x{ff0e}\x{ff61}`

var (
	// anyDot also matches a dot that is broken already, so that breaking twice
	// changes nothing.
	anyDot = regexp.MustCompile(`\[[` + dots + `]\]|[` + dots + `]`)
	web    = regexp.MustCompile(`(?i)http(s?):`)
	other  = regexp.MustCompile(`(?i)[a-z][a-z0-9+-]*://`)
	// opaque are schemes that act, or open a program, without "//".
	opaque = regexp.MustCompile(`(?i)(javascript|vbscript|\b(?:data|mailto|tel|sms|file|intent|blob|callto|skype|whatsapp|tg|magnet)):`)
	// names are host names and IPv4 addresses in running text.
	names = regexp.MustCompile(`[\pL\pM\pN_-]+(?:[` + dots + `][\pL\pM\pN_-]+)+`)
	// linkable tells those a mail program would link: a label after the first
	// begins with two letters or is punycode, or all labels are numbers.
	linkable = regexp.MustCompile(`[` + dots + `][\pL\pM]{2}|^\pN+(?:[` + dots + `]\pN+){3}$`)
)

// Defang writes an address so that it can be read but not followed: hxxps for
// https, [.] for every dot, [:] after a scheme that acts by itself. It is at
// most 300 characters of the address, made Visible.
//
// Every dot is broken, not only those of the host: the path and the query of a
// hostile address may hold another address.
func Defang(url string) string {
	return anyDot.ReplaceAllString(breakSchemes(Visible(url, 300)), "[.]")
}

// Inert is Visible for text that may hold addresses, such as evidence or a
// sentence that names a host. What a mail program or a chat would turn into a
// link is broken as Defang breaks it, and the rest reads as before:
// "loads http://cdn.evil.example/x.js" becomes "loads hxxp://cdn[.]evil[.]example/x[.]js".
func Inert(text string, limit int) string {
	text = breakSchemes(Visible(text, limit))
	return names.ReplaceAllStringFunc(text, func(name string) string {
		if !linkable.MatchString(name) {
			return name
		}
		return anyDot.ReplaceAllString(name, "[.]")
	})
}

// breakSchemes makes http hxxp and keeps every other scheme from being one.
func breakSchemes(text string) string {
	text = web.ReplaceAllString(text, "hxxp${1}:")
	text = opaque.ReplaceAllString(text, "$1[:]")
	return other.ReplaceAllStringFunc(text, func(scheme string) string {
		if strings.HasPrefix(scheme, "hxxp://") || strings.HasPrefix(scheme, "hxxps://") {
			return scheme
		}
		return strings.TrimSuffix(scheme, "://") + "[://]"
	})
}

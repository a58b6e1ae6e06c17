package sinktest

import (
	"strings"

	"pasban/alerting"
)

// Markup are the ways in which text becomes markup, script, a terminal's command
// or another header line, one for each place that might take it for such.
var Markup = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</td></table><svg/onload=alert(1)>`,
	`</style><style>*{display:none}</style>`, `<!--`, `]]>`, `&lt;script&gt;`, `{{.Contact}}`, `javascript:alert(1)`, `<a href=http://evil.example>`,
	`<iframe srcdoc="<script>alert(1)</script>">`, "\x1b[2J\x1b]0;owned\x07", "\u009b31m", "\u202egnp.exe\u2066", "x\r\nBcc: y@evil.example", "\x00",
	`=cmd|' /C calc'!A0`, `=?utf-8?q?Bcc=3A?=`,
}

// Marked is an alert about a page that put markup into everything it chooses: its
// title and address, a dialog, a header, the subject of its certificate, the name
// of a file it hands out.
func Marked(markup string) alerting.Alert {
	a := Example()
	a.PageTitle = "Hacked " + markup
	a.URL = "https://www.examples.test/" + markup
	a.FinalURL = "https://www.examples.test/?" + markup
	a.Summary = "The page says " + markup
	a.Reasons = nil
	for _, r := range []struct{ rule, evidence string }{
		{"defacement.dialog", markup}, {"injection.download", markup + ".exe (application/" + markup + ") from evil.example"},
		{"leak.warning", "Server: " + markup}, {"availability.tls", "CN=" + markup}, {"injection.clipboard", markup},
		{"injection.popup", markup}, {"defacement.title", strings.Repeat(markup, 60_000)},
	} {
		a.Reasons = append(a.Reasons, alerting.Reason{Rule: r.rule, Severity: "high", Why: "This page is marked " + markup, Evidence: r.evidence})
	}
	return a
}

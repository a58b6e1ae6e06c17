package monitor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasban/compare"
	"pasban/render"
)

// TextChange is a line of the page that is new, gone, or (neither) stands beside one.
type TextChange struct {
	New, Gone bool
	Text      string
	RTL       bool // reads from right to left, by its first strong letter
	Hidden    bool // stands in the page and cannot be seen
}

// textChanges compares what can be read on two views, line by line. One line on either
// side of a change is kept, to say where it is.
func textChanges(was, is compare.View) (changes []TextChange, cut int) {
	a, b := readable(was), readable(is)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	all := aligned(a[head:len(a)-tail], b[head:len(b)-tail])
	if head > 0 && len(all) > 0 {
		all = append([]TextChange{b[head-1].change()}, all...)
	}
	if tail > 0 && len(all) > 0 {
		all = append(all, b[len(b)-tail].change())
	}
	all = withContext(all)
	if len(all) > maxTextChanges {
		return all[:maxTextChanges], len(all) - maxTextChanges
	}
	return all, 0
}

// textLine is the text of one element.
type textLine struct {
	text   string
	hidden bool
}

func (l textLine) change() TextChange {
	return TextChange{Text: l.text, RTL: rtl(l.text), Hidden: l.hidden}
}

// maxLines bounds what is aligned: the table has the square of it.
const maxLines = 1200

func readable(v compare.View) []textLine {
	var out []textLine
	for _, e := range v.Elements {
		if e.Text != "" && len(out) < maxLines {
			out = append(out, textLine{e.Text, e.Hidden != ""})
		}
	}
	return out
}

// aligned finds a longest common subsequence, by the textbook table.
func aligned(a, b []textLine) []TextChange {
	width := len(b) + 1
	table := make([]uint16, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i*width+j] = table[(i+1)*width+j+1] + 1
			} else {
				table[i*width+j] = max(table[(i+1)*width+j], table[i*width+j+1])
			}
		}
	}
	var out []TextChange
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, b[j].change())
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && table[(i+1)*width+j] >= table[i*width+j+1]:
			c := a[i].change()
			c.Gone = true
			out = append(out, c)
			i++
		default:
			c := b[j].change()
			c.New = true
			out = append(out, c)
			j++
		}
	}
	return out
}

// withContext keeps changes and their neighbours.
func withContext(all []TextChange) []TextChange {
	changed := func(i int) bool { return i >= 0 && i < len(all) && (all[i].New || all[i].Gone) }
	var out []TextChange
	for i, c := range all {
		if changed(i) || changed(i-1) || changed(i+1) {
			out = append(out, c)
		}
	}
	return out
}

// rtl goes by the first letter with a direction, as browsers do for dir=auto. The blocks
// are those of Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms.
func rtl(s string) bool {
	for _, r := range s {
		switch {
		case r >= 0x590 && r <= 0x8ff, r >= 0xfb1d && r <= 0xfdff, r >= 0xfe70 && r <= 0xfeff:
			return true
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= 0xc0 && r <= 0x58f:
			return false
		}
	}
	return false
}

// ScriptChange is a script that is new, gone, or has another source than before.
type ScriptChange struct {
	Change    string // "new", "gone" or "changed"
	Kind      string // external, inline, module ...
	Host, URL string
	Initiator []string
	Length    int // bytes
	SHA256    string
	NewHost   bool // nothing came from its host before
	// Source is pretty-printed and bounded, for the first few.
	Source    []SourceLine
	SourceCut bool
}

// scriptChanges compares inventories. A script at the same address with another source
// has changed; an inline one has no address, so that it is new or gone.
func scriptChanges(was, is compare.View) (changes []ScriptChange, cut, same int) {
	known, hosts, addresses := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range was.Scripts {
		known[s.SHA256], hosts[s.Host] = true, true
		if s.URL != "" {
			addresses[bare(s.URL)] = true
		}
	}
	now, nowAt := map[string]bool{}, map[string]bool{}
	for _, s := range is.Scripts {
		now[s.SHA256], nowAt[bare(s.URL)] = true, true
		if known[s.SHA256] {
			same++
			continue
		}
		c := ScriptChange{Change: "new", Kind: s.Kind, Host: s.Host, URL: s.URL, Initiator: s.Initiator, Length: s.Length, SHA256: s.SHA256, NewHost: s.Host != "" && !hosts[s.Host]}
		if s.URL != "" && addresses[bare(s.URL)] {
			c.Change = "changed"
		}
		changes = append(changes, c)
	}
	for _, s := range was.Scripts {
		if !now[s.SHA256] && (s.URL == "" || !nowAt[bare(s.URL)]) {
			changes = append(changes, ScriptChange{Change: "gone", Kind: s.Kind, Host: s.Host, URL: s.URL, Length: s.Length, SHA256: s.SHA256})
		}
	}
	rank := map[string]int{"new": 1, "changed": 2, "gone": 3}
	slices.SortStableFunc(changes, func(a, b ScriptChange) int {
		if a.NewHost != b.NewHost {
			return map[bool]int{true: -1, false: 1}[a.NewHost]
		}
		return cmp.Compare(rank[a.Change], rank[b.Change])
	})
	if len(changes) > maxScriptChanges {
		return changes[:maxScriptChanges], len(changes) - maxScriptChanges, same
	}
	return changes, 0, same
}

// bare is an address without its query, which often only defeats caches.
func bare(address string) string {
	path, _, _ := strings.Cut(address, "?")
	return path
}

// telling are the headers by which an intruder, or another server, is known. Dates,
// cookies and cache ages differ from look to look and tell nothing.
var telling = []string{
	"content-security-policy", "content-type", "location", "permissions-policy", "refresh", "referrer-policy",
	"server", "strict-transport-security", "via", "x-content-type-options", "x-frame-options", "x-powered-by",
}

func headerChanges(was, is pageFacts) []HeaderChange {
	value := func(p pageFacts, name string) string {
		for _, h := range p.Headers {
			if h.Name == name {
				return h.Value
			}
		}
		return ""
	}
	var out []HeaderChange
	if len(was.Headers) == 0 || len(is.Headers) == 0 {
		return nil
	}
	for _, name := range telling {
		if a, b := value(was, name), value(is, name); a != b {
			out = append(out, HeaderChange{name, a, b})
		}
	}
	return out
}

func certificateChanges(was, is pageFacts) []HeaderChange {
	if was.TLS == nil || is.TLS == nil {
		return nil
	}
	var out []HeaderChange
	for _, c := range []HeaderChange{
		{"subject", was.TLS.Subject, is.TLS.Subject}, {"issuer", was.TLS.Issuer, is.TLS.Issuer},
		{"not after", was.TLS.NotAfter.UTC().Format(time.DateOnly), is.TLS.NotAfter.UTC().Format(time.DateOnly)},
		{"protocol", was.TLS.Protocol, is.TLS.Protocol}, {"error", was.TLS.Error, is.TLS.Error},
	} {
		if c.Before != c.After {
			out = append(out, c)
		}
	}
	return out
}

func logLine(l render.LogLine) string {
	return fmt.Sprintf("%6.2f s  %s", l.At.Seconds(), l.Text)
}

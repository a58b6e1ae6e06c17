package compare

import (
	"slices"
	"strings"
	"unicode"
)

// withheld are the rules whose findings are of people and keys: what they found
// is neither mailed nor stored.
var withheld = set("leak.cnic", "leak.card", "leak.iban", "leak.passport", "leak.phone", "leak.mail", "leak.passwords",
	"leak.secrets", "leak.sql_dump", "leak.server_file", "leak.log", "leak.phpinfo")

// Withholds reports whether an alert is about data that must not be kept in clear.
// What only makes analysts look, such as a new directory of staff, was published
// by its owner as likely as not, and approving it takes its text.
func (r *Report) Withholds() bool {
	return r.Verdict == Alert && slices.ContainsFunc(r.Findings, func(f Finding) bool { return withheld[f.Rule] })
}

// Withhold returns a look as it may be stored beside its report: every letter and
// digit where the data stands is a star, values that are known for what they are
// are masked everywhere else, in scripts too, and the picture is a mosaic there.
// Counts, kinds and places stay; they are in the report.
func Withhold(l Look, r *Report) Look {
	out := Look{View: l.View, Sources: make(map[string]string, len(l.Sources))}
	places := veiled(r)
	v := &out.View
	v.Elements = slices.Clone(v.Elements)
	for i := range v.Elements {
		e := &v.Elements[i]
		hide := Redact
		if places == nil || overlapsAny(e.Box, places) {
			hide = stars
		}
		e.Text, e.Alt = hide(e.Text), hide(e.Alt)
	}
	v.Links = slices.Clone(v.Links)
	for i := range v.Links {
		v.Links[i].Text, v.Links[i].URL = Redact(v.Links[i].Text), Redact(v.Links[i].URL)
	}
	v.Title, v.Meta.Description = Redact(v.Title), Redact(v.Meta.Description)
	v.Dialogs = slices.Clone(v.Dialogs)
	for i, d := range v.Dialogs {
		v.Dialogs[i] = Redact(d)
	}
	for sum, source := range l.Sources {
		out.Sources[sum] = redactLines(source)
	}
	if l.Picture != nil {
		img := clone(l.Picture)
		veilLeaks(img, r)
		out.Picture = img
	}
	return out
}

// veiled are the places where the leaks of a report stand, nil if that is anywhere.
func veiled(r *Report) []Box {
	out := []Box{}
	for _, f := range r.Findings {
		switch {
		case f.Kind != Leak, f.Region == nil && f.Rule == "leak.secrets": // keys in a script: known by their form
		case f.Region == nil:
			return nil
		default:
			out = append(out, *f.Region)
			for _, b := range r.Changed {
				if overlap(b, *f.Region) {
					out = append(out, b)
				}
			}
		}
	}
	return out
}

func overlapsAny(b Box, places []Box) bool {
	return slices.ContainsFunc(places, func(p Box) bool { return rectOf(b).Overlaps(rectOf(p)) || b.W == 0 && b.H == 0 })
}

// stars hides a text and leaves its shape.
func stars(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return '*'
		}
		return r
	}, s)
}

// redactLines masks a script line by line: the rules for values look at what
// stands around them. A line of a bundle is as long as the bundle; of what is
// beyond the bound of a look nothing is kept.
func redactLines(source string) string {
	lines := strings.Split(source[:min(len(source), maxWithheldSource)], "\n")
	for i, line := range lines {
		lines[i] = Redact(line)
	}
	return strings.Join(lines, "\n")
}

// maxWithheldSource bounds, in bytes, what is masked and kept of a script.
const maxWithheldSource = 256 << 10

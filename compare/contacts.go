package compare

import (
	"regexp"
	"slices"
	"strings"
)

// Where to call, write and pay is worth more to a fraudster than any slogan, and
// swapping it changes a few characters of an intact page. Numbers are all alike to
// the text rules, which would otherwise drown in dates and counters; so the ways
// to reach and to pay the owner are kept by themselves.
//
// Numbers of helplines and accounts replaced on hijacked pages: the advance-fee
// and "vendor change" frauds of the FBI's IC3 reports, 2019 on.
var contactForms = []struct {
	kind string
	form *regexp.Regexp
	ok   func(string) bool
	// digits is the least number of them in a text that is worth reading, sign
	// what must be in it: the expressions cost a hundred times more.
	digits int
	sign   string
}{
	{"account", regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b`), spacedIBAN, 11, ""},
	{"wallet", regexp.MustCompile(`\b(?:bc1[ac-hj-np-z02-9]{25,60}|0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33}|[13][1-9A-HJ-NP-Za-km-z]{27,33})\b`), mixedWallet, 4, ""},
	{"mail", regexp.MustCompile(`[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}`), func(string) bool { return true }, 0, "@"},
	{"phone", regexp.MustCompile(`(?:\+|\b00?|\(0|\b111[ -])\d[\d ()-]{6,16}\d\b`), isPhone, 9, ""},
}

func spacedIBAN(s string) bool { return validIBAN(strings.ToLower(strings.ReplaceAll(s, " ", ""))) }

// maxContacts bounds what is kept of one page: a directory of offices has
// hundreds.
const maxContacts = 400

// mixedWallet wants digits and letters of both cases, or a fixed beginning: a
// long number or a long word is no wallet.
func mixedWallet(s string) bool {
	if strings.HasPrefix(s, "bc1") || strings.HasPrefix(s, "0x") {
		return true
	}
	return strings.ContainsAny(s, "0123456789") && strings.ToLower(s) != s && strings.ToUpper(s) != s
}

// isPhone takes numbers of the length that phones have. What holds a year is two
// dates in a row.
func isPhone(s string) bool {
	n := len(digitsOf(s))
	return n >= 9 && n <= 15 && !yearIn.MatchString(s)
}

var yearIn = regexp.MustCompile(`(?:^|[ ()-])(?:19|20)\d\d(?:$|[ ()-])`)

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// contacts are the ways to reach and pay somebody that a visitor sees, as
// "kind value", sorted.
func (f *features) contacts() []string {
	var out []string
	for i := range f.blocks {
		b := &f.blocks[i]
		if b.hidden != "" || !strings.ContainsAny(b.text, "0123456789@") {
			continue
		}
		out = merge(out, contactsIn(b.text)...)
		if len(out) >= maxContacts {
			return out[:maxContacts]
		}
	}
	return out
}

func contactsIn(text string) []string {
	var out []string
	text = text[:min(len(text), maxFold)]
	digits := len(digitsOf(text))
	for _, c := range contactForms {
		if digits < c.digits || !strings.Contains(text, c.sign) {
			continue
		}
		for _, m := range c.form.FindAllString(text, 20) {
			if !c.ok(m) {
				continue
			}
			if c.kind == "phone" {
				m = digitsOf(m)
			}
			out = append(out, c.kind+" "+strings.ToLower(strings.ReplaceAll(m, " ", "")))
		}
	}
	return out
}

// addContacts takes in those of one look, before which others may have been.
func (b *Baseline) addContacts(now []string) {
	if len(b.Looks) == 1 {
		b.Steady = now
	}
	b.Steady = slices.DeleteFunc(slices.Clone(b.Steady), func(s string) bool {
		_, found := slices.BinarySearch(now, s)
		return !found
	})
	b.Contacts = merge(b.Contacts, now...)
}

// contactHits judges a way to reach or to pay the owner that stood on every
// approved look, and has given way to one that stood on none. A new account to pay
// to on an otherwise unchanged page is what fraud looks like; a new helpline is
// what offices do, too.
func contactHits(c *comparison) []hit {
	if c.base == nil || c.look.View.Partial || c.coreLost() {
		return nil
	}
	now := c.page.contacts()
	var hits []hit
	for _, form := range contactForms {
		was := firstWithout(c.base.Steady, now, form.kind)
		is := firstWithout(now, c.base.Contacts, form.kind)
		payment := form.kind == "account" || form.kind == "wallet"
		switch {
		case is == "" || was == "" && form.kind != "wallet":
		case payment:
			hits = append(hits, hit{rule: "defacement.account", strength: vote, evidence: excerpt(was + " gave way to " + is), region: c.whereText(is)})
		default:
			hits = append(hits, hit{rule: "defacement.contact", strength: note, evidence: excerpt(was + " gave way to " + is), region: c.whereText(is)})
		}
	}
	return hits
}

// firstWithout is the value of the first contact of a kind in a list that another
// list, sorted, does not have; "" if there is none.
func firstWithout(list, known []string, kind string) string {
	for _, s := range list {
		k, value, _ := strings.Cut(s, " ")
		if _, found := slices.BinarySearch(known, s); k == kind && !found {
			return value
		}
	}
	return ""
}

// whereText is the region of the first visible block that holds a contact.
func (c *comparison) whereText(value string) *Box {
	for i := range c.page.blocks {
		b := &c.page.blocks[i]
		if b.hidden != "" {
			continue
		}
		for _, found := range contactsIn(b.text) {
			if strings.HasSuffix(found, " "+value) {
				return regionOf(b)
			}
		}
	}
	return nil
}

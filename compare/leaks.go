package compare

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Kinds of leak, as counted in Baseline.Leaks.
const (
	leakCNIC      = "cnic"
	leakIBAN      = "iban"
	leakCard      = "card"
	leakPassport  = "passport"
	leakPhone     = "phone"
	leakMail      = "mail"
	leakPassword  = "password" // of people: hashes, or in clear beside an address
	leakEnv       = "env"      // settings that hold secrets
	leakToken     = "token"    // keys that are known by their form
	leakSQL       = "sql_error"
	leakTrace     = "stack_trace"
	leakWarning   = "warning"
	leakDump      = "dump"
	leakFile      = "server_file"
	leakLog       = "log"
	leakStatus    = "server_status"
	leakDirectory = "directory"
	leakPHPInfo   = "phpinfo"
)

// How many distinct values, more than any approved look had, make a leak.
const (
	minCNIC     = 5 // a form's example or one officer's number is no leak
	minCard     = 3 // Luhn, issuer and length together passed on 0.00 % of 1,014 pages' text
	minIBAN     = 10
	minPassport = 5
	minPassword = 3  // an advisory quotes one
	minPhone    = 50 // an office lists its officers' mobiles
	manyPhone   = 200
	minMail     = 25 // the largest of 1,014 pages had 24
	// manyMail is more than the staff or contractors that one page lists.
	manyMail = 200
	minLog   = 20 // lines
	minDump  = 2  // marks of an export
)

// leakRules says from which count on which rule fires; many makes it critical.
// What may be quoted counts for no more than a note where the page explains it
// to its readers, unless there is bulk of it.
var leakRules = []struct {
	kind, rule  string
	least, many int
	strength    strength
	quotable    bool
	bulk        int
}{
	{leakCNIC, "leak.cnic", minCNIC, 20, decisive, false, 0},
	{leakCard, "leak.card", minCard, 10, decisive, false, 0},
	{leakIBAN, "leak.iban", minIBAN, 0, decisive, false, 0},
	{leakPassport, "leak.passport", minPassport, 20, decisive, false, 0},
	{leakPassword, "leak.passwords", minPassword, 20, decisive, true, 20},
	{leakMail, "leak.mail", minMail, 0, vote, false, 0},
	{leakPhone, "leak.phone", minPhone, 0, note, false, 0},
	{leakToken, "leak.secrets", 1, 1, decisive, true, 5},
	{leakEnv, "leak.secrets", 2, 2, decisive, true, 0},
	{leakDump, "leak.sql_dump", minDump, 20, decisive, true, 20},
	{leakFile, "leak.server_file", 1, 0, decisive, true, 0},
	{leakLog, "leak.log", minLog, 0, decisive, true, 10 * minLog},
	{leakStatus, "leak.server_status", 1, 0, decisive, true, 0},
	{leakPHPInfo, "leak.phpinfo", 1, 0, decisive, false, 0},
	{leakDirectory, "leak.directory", 1, 0, decisive, false, 0},
	{leakSQL, "leak.sql_error", 1, 0, decisive, true, 0},
	{leakTrace, "leak.stack_trace", 1, 0, decisive, true, 0},
	{leakWarning, "leak.warning", 1, 0, note, true, 0},
}

// leakCounts counts what leaks on a page and in its scripts: distinct values of
// personal data, occurrences of the rest. Keys are known one by one, by a salted
// hash of 32 bits, so that an approved one does not stand in for the next.
func leakCounts(f *features, scripts map[string]string) map[string]int {
	counts := map[string]int{}
	for kind, values := range scriptPeople(f.view, scripts) {
		counts[inScripts(kind)] = len(values)
	}
	for kind, values := range pageLeaks(f, readLeakText(f), scripts) {
		if kind != leakToken {
			counts[kind] = len(values)
			continue
		}
		for _, v := range values {
			counts[tokenMark(f, v)] = 1
		}
	}
	return counts
}

func tokenMark(f *features, v value) string {
	return fmt.Sprintf("%s:%08x", leakToken, short(hash(f.salt, v.text)))
}

// pageLeaks finds everything that leaks in a text, and the keys in scripts. What
// was found in a script has no place in the text.
func pageLeaks(f *features, t leakText, scripts map[string]string) map[string][]value {
	found := scanLeaks(t.text)
	if isListing(f) {
		found[leakDirectory] = []value{{"a list of files", nowhere}}
	}
	for _, token := range scriptTokens(scripts) {
		token.at = nowhere
		found[leakToken] = append(found[leakToken], token)
	}
	return found
}

// nowhere is where a value stands that is not in the text.
const nowhere = -1

// scanLeaks finds what leaks in a text, by kind, in order.
func scanLeaks(text string) map[string][]value {
	found := personalData(text)
	signsIn(text, found)
	if tokens := tokensIn(text); len(tokens) > 0 {
		found[leakToken] = tokens
	}
	if hashes := passwordHashes(text, len(found[leakMail])); len(hashes) > 0 {
		found[leakPassword] = append(found[leakPassword], hashes...)
	}
	return found
}

// leakHits judges what leaks beyond what any approved look showed.
func leakHits(c *comparison) []hit {
	t := readLeakText(c.page)
	found := pageLeaks(c.page, t, c.unapprovedSources())
	if c.base != nil {
		found[leakToken] = slices.DeleteFunc(found[leakToken], func(v value) bool { return c.base.Leaks[tokenMark(c.page, v)] > 0 })
	}
	people := scriptPeople(c.look.View, c.unapprovedSources())
	var hits []hit
	for _, l := range leakRules {
		values, n := c.withScripts(l.kind, found[l.kind], people[l.kind])
		if n < l.least {
			continue
		}
		h := hit{rule: l.rule, strength: l.strength, region: t.region(values), evidence: t.evidence(l.kind, n, values)}
		if l.many > 0 && n >= l.many {
			h.severity = Critical
		}
		quoted, examples := l.quotable && (l.bulk == 0 || n < l.bulk) && c.quoted(t, l.kind, values), onlyExamples(l.kind, values)
		if quoted && examples {
			continue // a page of a manual
		}
		if quoted || examples {
			h.strength, h.severity = note, ""
		}
		if l.kind == leakMail || l.kind == leakPhone {
			if h.strength = c.listStrength(t, l.kind, found); h.strength == none {
				continue
			}
			if h.strength == decisive && !c.ofThePublic(t, l.kind, found) {
				h.severity = High
			}
		}
		hits = append(hits, h)
	}
	return hits
}

// withScripts puts what scripts hold behind what the page shows, and tells how many
// more there are than on any approved look.
func (c *comparison) withScripts(kind string, shown, held []value) ([]value, int) {
	if len(held) > 0 {
		on := make(map[string]bool, len(shown))
		for _, v := range shown {
			on[compact(v.text)] = true
		}
		held = slices.DeleteFunc(held, func(v value) bool { return on[compact(v.text)] })
	}
	n, more := len(shown), len(held)
	if c.base != nil {
		n, more = n-c.base.Leaks[kind], max(0, more-c.base.Leaks[inScripts(kind)])
	}
	if more > 0 {
		return slices.Concat(shown, held), max(0, n) + more
	}
	return shown, n
}

// none is the strength of a list that is as honest as lists go.
const none strength = -1

// newOf is how many more of a kind there are than on any approved look.
func (c *comparison) newOf(found map[string][]value, kind string) int {
	if c.base == nil {
		return len(found[kind])
	}
	return len(found[kind]) - c.base.Leaks[kind]
}

// listStrength tells a dump from a directory. An office publishes the addresses
// and mobiles of its staff, mostly under one name of its own; what was carried
// off has customers of the free hosts in it, columns that nobody publishes, or
// is longer than any office.
func (c *comparison) listStrength(t leakText, kind string, found map[string][]value) strength {
	n, free := c.newOf(found, kind), freeShare(found[leakMail])
	company := c.newOf(found, leakCNIC) >= minCNIC || c.newOf(found, leakPassword) >= minPassword || c.newOf(found, leakCard) >= minCard
	switch {
	case c.ofThePublic(t, kind, found):
		return decisive
	case company, c.besideNew(t, found[kind], dumpColumns), c.besideNew(t, found[kind], dumpFile) && free >= 0.5, c.dumpedMail():
		return decisive
	case kind == leakPhone && n >= manyPhone:
		return vote
	case kind == leakPhone:
		return note
	case n >= manyMail && free >= 0.3:
		return decisive
	case n >= manyMail, free >= 0.5:
		return vote
	case n >= 4*minMail:
		return note
	}
	return none
}

// ofThePublic reports addresses and mobiles in equal number below words for those
// who come to an office, as opposed to who works there or for it: nobody publishes
// how to reach them.
func (c *comparison) ofThePublic(t leakText, kind string, found map[string][]value) bool {
	return kind == leakMail && c.newOf(found, leakMail) >= minMail && c.newOf(found, leakPhone) >= minMail &&
		c.besideNew(t, found[kind], publicWords)
}

// publicWords name those whom an office has data of because they came to it.
var publicWords = regexp.MustCompile(`(?i)\b(applicants?|candidates?|customers?|clients?|patients?|students?|beneficiar(y|ies)|complainants?|claimants?|passengers?|travell?ers?|tax ?payers?|pensioners?|visitors?|voters?|depositors?|registered users?|subscribers?)\b|درخواست گزار|امیدوار|مریض|صارفین|مستحق`)

// freeShare is the part of addresses at hosts that give them to anybody.
func freeShare(mails []value) float64 {
	free := 0
	for _, m := range mails {
		_, host, _ := strings.Cut(strings.ToLower(m.text), "@")
		if freeMail[host] {
			free++
		}
	}
	return float64(free) / float64(max(1, len(mails)))
}

// dumpedMail reports many addresses as new preformatted text.
func (c *comparison) dumpedMail() bool {
	return slices.ContainsFunc(c.newBlocks, func(b *block) bool { return b.tag == "pre" && strings.Count(b.text, "@") >= minMail })
}

// besideNew reports words in short new text near the first of the values: a
// heading, a row of titles.
func (c *comparison) besideNew(t leakText, values []value, words *regexp.Regexp) bool {
	if len(values) == 0 {
		return false
	}
	at := t.blockAt(values[0].at)
	for i := max(0, at-beside); i < min(len(t.ends), at+beside); i++ {
		b := &t.blocks[i]
		isNew := c.base == nil || !c.base.Known.has(b.hash)
		if isNew && len(b.text) < 200 && words.MatchString(b.text) {
			return true
		}
	}
	return false
}

// beside is how many blocks away a heading or a title of a column may stand.
const beside = 12

// unapprovedSources are the texts of scripts that no approved look ran. What an
// approved script holds was counted when it was learnt.
func (c *comparison) unapprovedSources() map[string]string {
	if c.base == nil {
		return c.look.Sources
	}
	out := make(map[string]string, len(c.look.Sources))
	for sum, source := range c.look.Sources {
		if !slices.ContainsFunc(c.base.Scripts, func(k KnownScript) bool { return k.SHA256 == sum }) {
			out[sum] = source
		}
	}
	return out
}

// onlyExamples reports secrets that all are known examples or placeholders, and
// too few for the file that they would be copied into.
func onlyExamples(kind string, values []value) bool {
	if kind != leakToken && (kind != leakEnv || len(values) >= 4) {
		return false
	}
	return !slices.ContainsFunc(values, func(v value) bool { return !isExample(v.text) })
}

// evidence says how many were found, shows one of them masked, and where.
func (t leakText) evidence(kind string, n int, values []value) string {
	first := values[0]
	out := fmt.Sprintf("%d found, such as %s", n, masked(kind, first.text))
	if first.at == nowhere {
		if kind != leakDirectory {
			out += ", in a script"
		}
	} else if heading := t.heading(first.at); heading != "" {
		out += ", under “" + heading + "”"
	}
	return out
}

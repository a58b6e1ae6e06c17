package compare

import (
	"slices"
	"strings"
	"unicode"
)

// A crew signs by its form even where it uses none of the lexicon's words: nicknames
// in a row between bars, a team's name in large letters, a channel to write to, skulls
// and brackets for ornament, the hashtag of an operation. The forms are those of
// the pages that mirrors of defacements show; one of them alone is on honest pages
// too, three together are not.

// crewVote is how many points of form make a vote; a list of disguised nicknames
// is two, and worth an analyst's look alone.
const crewVote = 3

// crewHits judges new text by its form.
func crewHits(c *comparison) []hit {
	best, where := crewSigns{}, (*block)(nil)
	for i, b := range c.newBlocks {
		signs := c.crewSignsOf(b)
		if signs.core == 0 {
			continue
		}
		for _, o := range c.newBlocks[max(0, i-near/2):min(len(c.newBlocks), i+near/2+1)] {
			if o != b {
				signs.add(c.crewSignsOf(o))
			}
		}
		if signs.points() > best.points() {
			best, where = signs, b
		}
	}
	if where == nil || best.points() < crewVote-1 || best.points() < crewVote && best.core < 2 {
		return nil
	}
	h := hit{rule: "defacement.crew", strength: note, evidence: excerpt(best.String() + ": " + where.text), region: regionOf(where)}
	if best.points() >= crewVote {
		h.strength = vote
	}
	return []hit{h}
}

// crewSigns are the points of form in some blocks. Only with core is the rest
// worth anything.
type crewSigns struct {
	core                                int // nicknames in disguise, an operation's hashtag, a mirror's address
	loud, gang, contact, ornament, hail bool
}

func (s crewSigns) points() int {
	if s.core == 0 {
		return 0
	}
	n := min(s.core, 3)
	for _, b := range []bool{s.loud, s.gang, s.contact, s.ornament, s.hail} {
		if b {
			n++
		}
	}
	return n
}

func (s *crewSigns) add(o crewSigns) {
	s.core += o.core
	s.loud, s.gang, s.contact = s.loud || o.loud, s.gang || o.gang, s.contact || o.contact
	s.ornament, s.hail = s.ornament || o.ornament, s.hail || o.hail
}

func (s crewSigns) String() string {
	named := []string{"nicknames"}
	for name, b := range map[string]bool{"large letters": s.loud, "a team": s.gang, "a channel": s.contact, "ornament": s.ornament, "greetings": s.hail} {
		if b {
			named = append(named, name)
		}
	}
	slices.Sort(named[1:])
	return strings.Join(named, ", ")
}

// crewSignsOf reads the form of one block. An article has none.
func (c *comparison) crewSignsOf(b *block) crewSigns {
	if b.hidden != "" || len(b.text) > 2000 || b.linked && c.isHeadline(b) || programText(b) {
		return crewSigns{}
	}
	words := plainWords(b.text)
	if len(words) > 3*shortBlock {
		return crewSigns{}
	}
	lower := strings.ToLower(b.text)
	s := crewSigns{
		core:     nicknames(b.text) + operations(b.text) + roster(b.text),
		loud:     saying{block: b}.loud() && len(words) <= headlineWords,
		gang:     slices.ContainsFunc(words, func(w word) bool { return gangs[w.text] }),
		contact:  containsAny(lower, channels),
		ornament: containsAny(b.text, ornaments) || flags(b.text) >= 2,
		hail:     slices.ContainsFunc(words, func(w word) bool { return hails[w.text] }),
	}
	if containsAny(lower, mirrors) {
		s.core++
	}
	return s
}

// programText reports a block that shows program text, whose names are in odd capitals
// by custom: advisories quote it.
func programText(b *block) bool {
	if b.tag == "pre" || b.tag == "code" || b.tag == "textarea" {
		return true
	}
	signs := 0
	for _, r := range b.text {
		if strings.ContainsRune("(){};=<>", r) {
			signs++
		}
	}
	return signs >= 4 && 25*signs >= len(b.text)
}

// channels are where crews want to be written to, mirrors where they show what
// they broke.
var (
	channels = []string{"t.me/", "telegram", "discord.gg", "protonmail", "proton.me", "tutanota", "tuta.io", ".onion", "jabber", "xmpp", "icq", "qtox", "session id", "riseup", "yandex.", "mail.ru", "instagram.com/"}
	mirrors  = []string{"zone-h", "zone h.org", "zone-xsec", "zonexsec", "mirror-h", "haxor.id", "defacer.id", "hack-mirror", "hack-db", "add-attack", "defacer.pro", "zone-d.org", "mirror-zone"}
	// ornaments frame what crews write; the typography of brackets is that of old mailing lists.
	ornaments = []string{"☠", "💀", "🏴‍☠", "👾", "☣", "⛧", "꧁", "꧂", "彡", "▓", "░", "█", "╔", "╚", "-=[", "=[", "]=-", "[+]", "[!]", "[x]", "[#]", "[*]", "~#", "./", "root@", ":~$", "-==", "==-", "<(*", "(╯", "¯\\_", "xD"}
)

// hails are the words crews greet with.
var hails = foldedSet("greetz", "greets", "gretz", "greetings", "shoutz", "shouts", "thanks", "thx", "respect", "members", "member", "salam", "salute", "special", "regards", "friends", "saludos", "agradecimentos", "selam", "teşekkürler", "تحياتي", "شكرا", "سلام", "привет", "respek", "terimakasih", "official", "founder", "leader")

// flags counts the flags in a text, which are pairs of regional letters.
func flags(text string) int {
	n := 0
	for _, r := range text {
		if r >= 0x1f1e6 && r <= 0x1f1ff {
			n++
		}
	}
	return n / 2
}

// operations counts hashtags of operations: #OpWinter, but no #OpenData.
func operations(text string) int {
	n := 0
	for _, f := range strings.Fields(text) {
		name, found := strings.CutPrefix(f, "#Op")
		if found && len(name) >= 3 && name[0] >= 'A' && name[0] <= 'Z' && name[1] >= 'a' && name[1] <= 'z' {
			n++
		}
	}
	return n
}

// roster is 2 for a list of crews between bars, as greetings are: at least three parts,
// of which two name a gang.
func roster(text string) int {
	parts := strings.Split(text, "|")
	if len(parts) < 3 {
		return 0
	}
	n := 0
	for _, p := range parts {
		words := plainWords(p)
		if len(words) > 1 && len(words) <= 6 && slices.ContainsFunc(words, func(w word) bool { return crews[w.text] }) {
			n++
		}
	}
	if n >= 2 {
		return 2
	}
	return 0
}

// crews are the gangs of which no office has one of its own: a ship has a crew, the
// police a squad.
var crews = foldedSet("cr3w", "hackers", "haxor", "haxors", "lulzsec", "defacer", "defacers", "blackhat", "hacktivist", "hacktivists")

// nicknames weighs the nicknames of a text: those in disguise, of which two make a
// list, and those in odd capitals beside them.
func nicknames(text string) int {
	sure, odd := 0, 0
	for _, f := range strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("|~•·,;:&+*/\\<>«»()[]{}=", r)
	}) {
		switch nicknameOf(f) {
		case 2:
			sure++
		case 1:
			odd++
		}
	}
	switch {
	case sure >= 2:
		return 2
	case sure == 1 && odd >= 1:
		return 2
	case sure == 1:
		return 1
	}
	return 0
}

// nicknameOf is 2 for a name with digits for letters or strokes between its parts
// ("Gh0st_K1ng"), 1 for one in odd capitals ("QuietFox"), 0 for anything else:
// numbers, addresses, what is counted or coded.
func nicknameOf(s string) int {
	s = strings.Trim(s, `-_."'“”!?@#%^`)
	if len(s) < 4 || len(s) > 24 || !isASCII(s) || strings.ContainsAny(s, "@.%$") {
		return 0
	}
	lower := strings.ToLower(s)
	if isMasked(lower) && isPronounceable(latinise(lower)) && !isNumbered(s) {
		return 2
	}
	if i := strings.IndexByte(s, '_'); i > 0 && strings.ToUpper(s) != s && lower != s && !isNumbered(s) {
		return 2
	}
	humps := 0
	for i := 1; i < len(s); i++ {
		if s[i-1] >= 'a' && s[i-1] <= 'z' && s[i] >= 'A' && s[i] <= 'Z' {
			humps++
		}
	}
	if humps > 0 {
		return 1
	}
	return 0
}

// isNumbered reports what is numbered rather than named: CS101A, B2B, 3G4, A1-2B.
func isNumbered(s string) bool {
	digits, letters := 0, 0
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			digits++
		} else if isAlnum(s[i]) {
			letters++
		}
	}
	return digits >= letters || letters < 3 || len(s) < 6 && strings.ToUpper(s) == s || codes[strings.ToLower(s)]
}

// codes are names that are written with a digit in them.
var codes = set("covid19vaccine", "h264", "h265", "sha256sum", "base64url", "win32api", "web3js", "s3cmd", "a11y", "i18n", "l10n", "k8s", "p2p", "b2b", "b2c", "g2g", "g2c", "mp3player", "utf8mb4", "o365", "m365", "ipv4only", "ipv6only", "x86_64", "x64_86")

// isPronounceable reports a word with vowels in it and no long heap of consonants,
// as names have and codes do not.
func isPronounceable(s string) bool {
	vowels, heap := 0, 0
	for _, r := range s {
		if strings.ContainsRune("aeiouy", r) {
			vowels, heap = vowels+1, 0
		} else if heap++; heap > 4 {
			return false
		}
	}
	return vowels > 0
}

package compare

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// leakText is the text of a page as leaks are looked for: a block a line, in
// ASCII digits, at most 4 MB of it.
type leakText struct {
	text   string
	blocks []block
	ends   []int // of each block that was read, in text
}

const maxLeakText = 4 << 20

func readLeakText(f *features) leakText {
	t := leakText{blocks: f.blocks}
	var b strings.Builder
	for i := range f.blocks {
		if b.Len() > maxLeakText {
			break
		}
		b.WriteString(asciiDigits(f.blocks[i].text))
		b.WriteByte('\n')
		t.ends = append(t.ends, b.Len())
	}
	t.text = b.String()
	return t
}

// asciiDigits turns Arabic and Urdu digits and dashes of all kinds into ASCII.
func asciiDigits(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		case r >= '\u2010' && r <= '\u2015' || r == '−':
			return '-'
		}
		return r
	}, s)
}

// blockAt is the index of the block that holds a place in the text.
func (t leakText) blockAt(at int) int {
	i, found := slices.BinarySearch(t.ends, at)
	if found {
		i++
	}
	return i
}

// placed lists the blocks that hold the values, each once, in order.
func (t leakText) placed(values []value) []int {
	var out []int
	for _, v := range values {
		if v.at == nowhere {
			continue
		}
		if i := t.blockAt(v.at); i < len(t.ends) && !slices.Contains(out[max(0, len(out)-8):], i) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// region is the part of the picture in which the values stand.
func (t leakText) region(values []value) *Box {
	var r *Box
	for _, i := range t.placed(values) {
		b := regionOf(&t.blocks[i])
		if b == nil || t.blocks[i].hidden != "" {
			continue
		}
		if r == nil {
			r = b
			continue
		}
		right, bottom := max(r.X+r.W, b.X+b.W), max(r.Y+r.H, b.Y+b.H)
		r.X, r.Y = min(r.X, b.X), min(r.Y, b.Y)
		r.W, r.H = right-r.X, bottom-r.Y
	}
	return r
}

// heading is the nearest heading at or above a place in the text.
func (t leakText) heading(at int) string {
	for i := min(t.blockAt(at), len(t.ends)-1); i >= 0; i-- {
		switch b := &t.blocks[i]; b.tag {
		case "h1", "h2", "h3", "h4", "caption", "legend":
			runes := []rune(excerpt(b.text))
			return string(runes[:min(len(runes), 60)])
		}
	}
	return ""
}

// quoted reports that the page explains to its readers what was found: an
// advisory with the trace in it, a manual with settings. The page must still be
// itself, and every place must have prose around it that came along with it.
func (c *comparison) quoted(t leakText, kind string, values []value) bool {
	if c.base != nil && (c.kept.text < coreIntact || c.kept.paths < coreIntact) {
		return false
	}
	for _, v := range values {
		if v.at == nowhere || !c.explained(t, kind, v) {
			return false
		}
	}
	return true
}

// coreIntact of text and structure must be left for a page to be itself.
const coreIntact = 0.5

// explained reports a value that prose leads up to, or that stands in code with a
// new paragraph of prose near it that speaks of such things. Whoever dumps a file
// writes none, and what the page always said does not speak of it.
func (c *comparison) explained(t leakText, kind string, v value) bool {
	i := t.blockAt(v.at)
	if i >= len(t.ends) {
		return false
	}
	if b := &t.blocks[i]; !isCode(b) {
		start := 0
		if i > 0 {
			start = t.ends[i-1]
		}
		said := t.text[start:v.at] // an error message is prose itself, and goes on
		if slices.Contains(unspeakable, kind) {
			said = t.text[start:t.ends[i]]
		}
		return proseWords(said) >= 15 && aboutCode.MatchString(said)
	}
	words, about := 0, false
	for j := max(0, i-8); j < min(len(t.ends), i+5); j++ {
		near := &t.blocks[j]
		if j == i || near.hidden != "" || isCode(near) || c.base != nil && c.base.Known.has(near.hash) {
			continue
		}
		words += proseWords(near.text)
		about = about || aboutCode.MatchString(near.text)
	}
	return words >= 25 && about
}

func isCode(b *block) bool {
	return b.tag == "pre" || b.tag == "textarea" || b.tag == "code" || b.tag == "samp" || b.tag == "xmp"
}

// proseWords counts the words of a sentence, 0 for a text that is mostly
// something else or no longer than a label.
func proseWords(s string) int {
	words, all := 0, 0
	for w := range strings.FieldsSeq(s[:min(len(s), 8000)]) {
		all++
		w = strings.TrimRight(strings.TrimLeft(w, "(\"'“‘"), ".,;:!?)\"'”’۔،")
		if w != "" && !strings.ContainsFunc(w, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '-' && r != '’' && r != '\''
		}) {
			words++
		}
	}
	if words < 6 || 10*words < 6*all {
		return 0
	}
	return words
}

// aboutCode are words by which a text shows that it talks about software.
var aboutCode = regexp.MustCompile(`(?i)\b(advisor(y|ies)|vulnerabilit\w+|affected|patch(es|ed)?|exploit\w*|example|sample|tutorial|documentation|manual|guide|install\w*|configur\w+|developers?|the following|as follows|log entr\w+|attackers?|default (password|credentials?)|CVE-\d{4}-\d+|placeholder|indicators? of compromise)\b|مثال|ہدایات`)

// isListing reports a web server's list of a directory, or a bucket's of its files.
func isListing(f *features) bool {
	listing, parent := listingTitle.MatchString(f.view.Title), false
	for i := range f.blocks {
		b := &f.blocks[i]
		if len(b.text) > 4000 {
			continue
		}
		listing = listing || (b.tag == "h1" || b.tag == "h2") && listingTitle.MatchString(b.text)
		parent = parent || strings.Contains(b.text, "Parent Directory") || strings.Contains(b.text, "[To Parent Directory]") || strings.Contains(b.text, "../")
		if strings.HasPrefix(b.text, "<ListBucketResult") || len(b.text) < 100 && servedByCaddy(f, b.text) {
			return true
		}
	}
	return listing && (parent || len(f.view.Links) > 0) || isBucket(f)
}

// listingTitle are the headings of lists: Apache, nginx and lighttpd; Python;
// Tomcat; Jetty; Express; IIS, which puts the host before the path.
var listingTitle = regexp.MustCompile(`^(Index of /|Directory listing for /|Directory Listing For \[|Directory: /|listing directory /|[\w-]+(\.[\w-]+)* - /([^ ]*/)?$)`)

// servedByCaddy reports the line in which Caddy counts what it lists, on a page
// that links to Caddy.
func servedByCaddy(f *features, line string) bool {
	counts := strings.Contains(line, "director") && strings.Contains(line, "file") && strings.ContainsAny(line, "0123456789")
	return counts && slices.ContainsFunc(f.view.Links, func(l Link) bool { return siteOf(hostOf(l.URL)) == "caddyserver.com" })
}

// isBucket reports the list of a bucket (S3, Azure) as a browser shows XML.
func isBucket(f *features) bool {
	root := slices.ContainsFunc(f.view.Elements, func(e Element) bool { return e.Tag == "listbucketresult" || e.Tag == "enumerationresults" })
	return root && slices.ContainsFunc(f.view.Elements, func(e Element) bool { return e.Tag == "key" || e.Tag == "name" })
}

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
	leakMail      = "mail"
	leakSQL       = "sql_error"
	leakTrace     = "stack_trace"
	leakWarning   = "warning"
	leakDirectory = "directory"
	leakPHPInfo   = "phpinfo"
	leakEnv       = "env"
)

// How many distinct values, more than any approved look had, make a leak.
const (
	minCNIC = 5  // a form's example or one officer's number is no leak
	minCard = 3  // Luhn, issuer and length together passed on 0.00 % of 1,014 pages' text
	minIBAN = 10 // donation pages publish a few
	minMail = 25 // the largest of 1,014 pages had 24
	// manyMail is more than the staff or contractors that one page lists.
	manyMail = 200
)

// serverSigns are signs of a broken or open server: a cheap word that must be
// there, and the expression that then decides. A database that cannot be reached
// is not among them, that is an outage.
var serverSigns = []struct {
	kind    string
	words   []string // one of them, in lower case
	pattern *regexp.Regexp
}{
	{leakSQL, []string{"sql", "ora-", "odbc", "ole db", "quotation mark", "quoted string", "oci_", "pg_"},
		regexp.MustCompile(`(?i)you have an error in your sql syntax|warning: (mysqli?|pg|oci|odbc|mssql)_(query|exec|execute|prepare|fetch_?\w*|num_rows|result)\(|unclosed quotation mark after the character string|sqlstate\[(22|23|42)\w*\]|ORA-\d{5}:|pg::syntaxerror|microsoft ole db provider for|supplied argument is not a valid mysql|sqlite3?::(query|exception)|quoted string not properly terminated|system\.data\.sqlclient\.sqlexception|com\.mysql\.jdbc|org\.postgresql\.util\.psqlexception`)},
	{leakTrace, []string{"traceback (", ".java:", ".kt:", ".scala:", "fatal error", "exception", "server error in", "stack trace:", "goroutine "},
		regexp.MustCompile(`Traceback \(most recent call last\)|\bat [\w$.]+\([\w$]+\.(java|kt|scala):\d+\)|PHP Fatal error: |Fatal error: Uncaught |\[HttpException|Server Error in '/|System\.\w+Exception: |Stack trace:\s*#0 |goroutine \d+ \[running\]`)},
	{leakWarning, []string{".php on line"},
		regexp.MustCompile(`(?:Warning|Notice|Deprecated|Parse error): .{5,200} in (?:/|[A-Z]:\\)\S+\.php on line \d+`)},
	{leakEnv, []string{"db_password", "db_username", "app_key", "aws_secret_access_key", "mail_password", "secret_key", "database_url", "redis_password", "jwt_secret"},
		regexp.MustCompile(`\b(?:DB_PASSWORD|DB_USERNAME|APP_KEY|AWS_SECRET_ACCESS_KEY|MAIL_PASSWORD|SECRET_KEY|DATABASE_URL|REDIS_PASSWORD|JWT_SECRET)\s*=\s*\S+`)},
}

var keyPattern = regexp.MustCompile(`-----BEGIN (?:RSA |EC |OPENSSH |DSA )?PRIVATE KEY-----`)

// leakCounts counts what leaks on a page: distinct values of personal data,
// occurrences of the rest.
func leakCounts(f *features) map[string]int {
	counts, _ := scanLeaks(leakText(f))
	if isListing(f) {
		counts[leakDirectory] = 1
	}
	return counts
}

// leakText is the text of a page, one block a line, in ASCII digits, at most 4 MB.
func leakText(f *features) string {
	var b strings.Builder
	for i := range f.blocks {
		if b.Len() > 4<<20 {
			break
		}
		b.WriteString(f.blocks[i].text)
		b.WriteByte('\n')
	}
	return asciiDigits(b.String())
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

// scanLeaks counts values, and returns one masked example of each kind.
func scanLeaks(text string) (counts map[string]int, examples map[string]string) {
	counts, examples = map[string]int{}, map[string]string{}
	for kind, values := range personalData(text) {
		counts[kind] = len(values)
		examples[kind] = masked(values[0])
	}
	lower := strings.ToLower(text)
	for _, s := range serverSigns {
		if !slices.ContainsFunc(s.words, func(w string) bool { return strings.Contains(lower, w) }) {
			continue
		}
		if found := s.pattern.FindAllString(text, 100); len(found) > 0 {
			counts[s.kind] = len(found)
			examples[s.kind] = masked(found[0])
		}
	}
	if strings.Contains(text, "PRIVATE KEY-----") && keyPattern.MatchString(text) {
		counts[leakEnv] += 2
		examples[leakEnv] = "a private key"
	}
	if strings.Contains(text, "PHP Version") && strings.Contains(text, "Loaded Configuration File") {
		counts[leakPHPInfo] = 1
	}
	return counts, examples
}

// masked keeps the first four and the last characters of a value.
func masked(s string) string {
	runes := []rune(s)
	for i := range runes {
		if i >= 4 && i < len(runes)-1 && runes[i] != '-' && runes[i] != ' ' && runes[i] != '@' && runes[i] != '.' {
			runes[i] = '*'
		}
	}
	if len(runes) > 60 {
		runes = runes[:60]
	}
	return string(runes)
}

// isListing reports a web server's list of a directory.
func isListing(f *features) bool {
	index := strings.HasPrefix(f.view.Title, "Index of /") || strings.HasPrefix(f.view.Title, "Directory listing for /")
	parent := false
	for i := range f.blocks {
		t := f.blocks[i].text
		if len(t) > 4000 {
			continue
		}
		index = index || f.blocks[i].tag == "h1" && (strings.HasPrefix(t, "Index of /") || strings.HasPrefix(t, "Directory listing for /"))
		parent = parent || strings.Contains(t, "Parent Directory") || strings.Contains(t, "[To Parent Directory]") || strings.Contains(t, "../")
	}
	return index && (parent || len(f.view.Links) > 0)
}

// leakHits judges what leaks beyond what any approved look showed.
func leakHits(c *comparison) []hit {
	counts, examples := scanLeaks(leakText(c.page))
	if isListing(c.page) {
		counts[leakDirectory] = 1
		examples[leakDirectory] = excerpt(c.look.View.Title)
	}
	var hits []hit
	for _, l := range leakRules {
		n := counts[l.kind]
		if c.base != nil {
			n -= c.base.Leaks[l.kind]
		}
		if n < l.least {
			continue
		}
		h := hit{rule: l.rule, strength: l.strength, evidence: fmt.Sprintf("%d found", n)}
		if e := examples[l.kind]; e != "" {
			h.evidence += ", such as " + e
		}
		if l.many > 0 && n >= l.many {
			h.severity = Critical
		}
		if l.kind == leakMail && (n >= manyMail || c.newDump()) {
			h.strength, h.severity = decisive, High
		}
		hits = append(hits, h)
	}
	return hits
}

// dumpWords are found in what was exported from a database, and not in a
// directory of staff or contractors.
var dumpWords = regexp.MustCompile(`(?i)\b[\w-]+\.(csv|sql|xlsx?|bak|dump|json)\b|insert into|\bpassw(or)?d\b|\bpasswd\b|\b(md5|bcrypt|hash)\b|\$2[aby]\$`)

// newDump reports words of an export in short new text, or mail addresses as preformatted text.
func (c *comparison) newDump() bool {
	return slices.ContainsFunc(c.newBlocks, func(b *block) bool {
		if b.tag == "pre" && strings.Count(b.text, "@") >= minMail {
			return true
		}
		return len(b.text) < 200 && dumpWords.MatchString(b.text)
	})
}

// leakRules says from which count on which rule fires; many makes it critical.
var leakRules = []struct {
	kind, rule  string
	least, many int
	strength    strength
}{
	{leakCNIC, "leak.cnic", minCNIC, 20, decisive},
	{leakCard, "leak.card", minCard, 10, decisive},
	{leakIBAN, "leak.iban", minIBAN, 0, decisive},
	{leakMail, "leak.mail", minMail, 0, vote},
	{leakEnv, "leak.secrets", 2, 2, decisive},
	{leakPHPInfo, "leak.phpinfo", 1, 0, decisive},
	{leakDirectory, "leak.directory", 1, 0, decisive},
	{leakSQL, "leak.sql_error", 1, 0, decisive},
	{leakTrace, "leak.stack_trace", 1, 0, decisive},
	{leakWarning, "leak.warning", 1, 0, note},
}

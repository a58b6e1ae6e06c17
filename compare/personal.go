package compare

import (
	"regexp"
	"slices"
	"strings"
)

// maxValues bounds the distinct values of one kind that are counted.
const maxValues = 20_000

// value is something that must not be shown: what it is, and where in the text.
type value struct {
	text string
	at   int
}

// personalData finds the distinct personal data in a text, by kind of leak, in
// order. It reads the text once: what is looked for begins with a digit, with two
// letters and a digit, or has an at sign in it.
func personalData(text string) map[string][]value { return (&finder{text: text}).read() }

// scriptData finds it in a script, where a number among commas is no cell of a
// table: times in milliseconds have thirteen digits as well.
func scriptData(source string) map[string][]value {
	return (&finder{text: source, script: true}).read()
}

func (f *finder) read() map[string][]value {
	f.seen, f.found = map[string]bool{}, map[string][]value{}
	text := f.text
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isDigit(c):
			i = f.number(i)
		case c == '@':
			f.mail(i)
		}
	}
	return f.found
}

type finder struct {
	text   string
	script bool
	seen   map[string]bool
	found  map[string][]value
	speak  map[string]bool // whether the text has a word of a context at all, by context
}

func (f *finder) add(kind, key string, v value) {
	if key = kind + strings.ToLower(key); !f.seen[key] && len(f.found[kind]) < maxValues {
		f.seen[key] = true
		f.found[kind] = append(f.found[kind], v)
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|32 >= 'a' && c|32 <= 'z' }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

func (f *finder) wordBefore(i int) bool { return i > 0 && (isAlnum(f.text[i-1]) || f.text[i-1] == '_') }

func (f *finder) wordAt(i int) bool {
	return i < len(f.text) && (isAlnum(f.text[i]) || f.text[i] == '_')
}

// number reads what begins with the digit at i, or with two letters before it,
// and returns the index of its last byte.
func (f *finder) number(i int) int {
	if i >= 2 && isLetter(f.text[i-1]) && isLetter(f.text[i-2]) && !f.wordBefore(i-2) {
		if end := f.iban(i - 2); end > 0 {
			return end
		}
		f.passport(i)
	}
	return f.digits(i)
}

// longestRun is how many bytes of digits with blanks and dashes are read as one.
const longestRun = 64

// digits reads a run of digits with single blanks or dashes inside, and returns
// the index of its last byte. Of a longer one it reads as much as fits, and goes
// on where the last number in it ended.
func (f *finder) digits(i int) int {
	start, n, end, over := i, 0, i, false
	for j := i; j < len(f.text); j++ {
		if isDigit(f.text[j]) {
			n, end = n+1, j
		} else if f.text[j] != ' ' && f.text[j] != '-' || j > end+1 {
			break
		}
		if over = j-start >= longestRun; over {
			break
		}
	}
	run := f.text[start : end+1]
	if blank := strings.LastIndexByte(run, ' '); over && blank > 0 {
		return start + f.parts(run[:blank], start) - 1
	}
	if over || f.wordBefore(start) || f.wordAt(end+1) {
		return end
	}
	key, v := compact(run), value{run, start}
	switch mobile, ok := mobileNumber(key); {
	case ok:
		f.add(leakPhone, mobile, v)
	case n == 13 && plainCNIC(run) && f.bareCNIC(key, v):
	case n >= 13 && n <= 19 && validCard(key):
		f.add(leakCard, key, v)
	default:
		f.parts(run, start)
	}
	return end
}

// parts looks at what stands between the blanks of a run, and returns from where
// on a number may go on behind it.
func (f *finder) parts(run string, start int) int {
	open := max(0, len(run)-longestCard)
	open += strings.IndexByte(run[open:], ' ') + 1
	for at := 0; at < len(run); {
		if n := cardIn(run[at:]); n > 0 {
			f.add(leakCard, compact(run[at:at+n]), value{run[at : at+n], start + at})
			at += n + 1
			open = max(open, at)
			continue
		}
		part, _, _ := strings.Cut(run[at:], " ")
		v := value{part, start + at}
		key := compact(part)
		if validCNIC(part) {
			f.add(leakCNIC, key, v)
		} else if len(part) == 13 && plainCNIC(part) {
			f.bareCNIC(key, v)
		} else if mobile, ok := mobileNumber(key); ok {
			f.add(leakPhone, mobile, v)
		}
		at += len(part) + 1
	}
	return min(open, len(run))
}

// longestCard is the length of a card's number with blanks.
const longestCard = 19

// cardForm are the ways in which cards print their numbers.
var cardForm = regexp.MustCompile(`^(?:\d{4}([ -])\d{4}([ -])\d{4}([ -])\d{4}|\d{4}[ -]\d{6}[ -]\d{5}|\d{15,16})(?: |$)`)

// cardIn is the length of the card number that a run begins with, 0 if it begins
// with none: what follows is its date, or the next one.
func cardIn(run string) int {
	form := strings.TrimSuffix(cardForm.FindString(run), " ")
	if form == "" || !validCard(compact(form)) {
		return 0
	}
	return len(form)
}

// plainCNIC reports a valid number that is written without dashes, or with
// blanks in their place.
func plainCNIC(run string) bool {
	if strings.Contains(run, "-") || len(run) != 13 && (len(run) != 15 || run[5] != ' ' || run[13] != ' ') {
		return false
	}
	key := compact(run)
	return validCNIC(key[:5] + "-" + key[5:12] + "-" + key[12:])
}

// bareCNIC counts a number without dashes if the text says what it is: thirteen
// digits are the time in milliseconds as well.
func (f *finder) bareCNIC(key string, v value) bool {
	if f.introduced(v, wordReach, cnicWords) || f.aCell(v) && f.speaksOf("cnic", cnicWords) {
		f.add(leakCNIC, key, v)
		return true
	}
	return false
}

// passport reads two letters and seven digits, as Pakistan's passports are
// numbered, of which the first digit stands at i.
func (f *finder) passport(i int) {
	end := i
	for end < len(f.text) && isDigit(f.text[end]) && end-i <= 7 {
		end++
	}
	if end-i != 7 || f.wordAt(end) || f.text[i-1] > 'Z' || f.text[i-2] > 'Z' {
		return
	}
	v := value{f.text[i-2 : end], i - 2}
	if f.introduced(v, wordReach, passportWords) || f.aCell(v) && f.speaksOf("passport", passportWords) {
		f.add(leakPassport, v.text, v)
	}
}

// Words that say what a number is, in lower case, English and Urdu.
var (
	cnicWords     = []string{"cnic", "nicop", "nic no", "nic number", "id card", "identity", "شناختی", "nadra"}
	passportWords = []string{"passport", "پاسپورٹ"}
)

// wordReach is how far before a number a word says what it is, in bytes.
const wordReach = 40

// introduced reports one of the words in the bytes before a value.
func (f *finder) introduced(v value, reach int, words []string) bool {
	return containsAny(strings.ToLower(f.text[max(0, v.at-reach):v.at]), words)
}

// speaksOf reports one of the words anywhere in the text. It is asked for every
// number of a table, and answered once.
func (f *finder) speaksOf(name string, words []string) bool {
	known, ok := f.speak[name]
	if !ok {
		if f.speak == nil {
			f.speak = map[string]bool{}
		}
		known = containsAny(strings.ToLower(f.text), words)
		f.speak[name] = known
	}
	return known
}

// aCell reports a value that stands alone between the marks of a table: lines,
// which are cells of the page, or the separators of an export.
func (f *finder) aCell(v value) bool {
	if f.script {
		return false
	}
	const marks = "\n,;|\t\"'"
	end := v.at + len(v.text)
	return (v.at == 0 || strings.IndexByte(marks, f.text[v.at-1]) >= 0) &&
		(end == len(f.text) || strings.IndexByte(marks, f.text[end]) >= 0)
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// mobileNumber brings a Pakistani mobile number into one form: 03 and nine more
// digits, or the same after the country's code. Landlines are offices'.
func mobileNumber(key string) (string, bool) {
	switch {
	case len(key) == 11 && strings.HasPrefix(key, "03"):
		return key[1:], true
	case len(key) == 12 && strings.HasPrefix(key, "923"):
		return key[2:], true
	case len(key) == 14 && strings.HasPrefix(key, "00923"):
		return key[4:], true
	}
	return "", false
}

// mail reads the address around an at sign, and a password that follows it.
func (f *finder) mail(at int) {
	start := at
	for start > 0 && at-start < 64 && (isAlnum(f.text[start-1]) || strings.IndexByte("._%+-", f.text[start-1]) >= 0) {
		start--
	}
	end := at + 1
	for end < len(f.text) && end-at < 254 && (isAlnum(f.text[end]) || f.text[end] == '-' || f.text[end] == '.') {
		end++
	}
	address := strings.TrimRight(f.text[start:end], ".-")
	if at-start < 1 || len(address) <= at-start+3 || !strings.Contains(address[at-start:], ".") || !personalMail(strings.ToLower(address)) {
		return
	}
	f.add(leakMail, address, value{address, start})
	if password := passwordAfter(f.text[start+len(address):]); password != "" {
		f.add(leakPassword, address, value{address + password, start})
	}
}

// passwordAfter returns a colon and a word without blanks that follow, as in the
// lists that are traded: name@host:password.
func passwordAfter(rest string) string {
	if len(rest) < 5 || rest[0] != ':' {
		return ""
	}
	word := rest[1:min(len(rest), 80)]
	if i := strings.IndexAny(word, " \n,;"); i >= 0 {
		word = word[:i]
	}
	if len(word) < 4 || strings.ContainsAny(word, "@/") {
		return ""
	}
	return ":" + word
}

// iban reads an account number whose country stands at i, with blanks, and
// returns the index of its last byte, 0 if there is none.
func (f *finder) iban(i int) int {
	length := ibanLength[strings.ToUpper(f.text[i:i+2])]
	end := i
	var key []byte
	for end < len(f.text) && end-i < 60 && len(key) < length {
		if c := f.text[end]; isLetter(c) {
			key = append(key, c|32)
		} else if isDigit(c) {
			key = append(key, c)
		} else if c != ' ' {
			break
		}
		end++
	}
	if length == 0 || len(key) != length || f.wordAt(end) || !validIBAN(string(key)) {
		return 0
	}
	f.add(leakIBAN, string(key), value{f.text[i:end], i})
	return end - 1
}

// ibanLength is how long the account numbers of a country are (ISO 13616
// registry): Pakistan, where its people work, and where its trade goes.
var ibanLength = map[string]int{
	"PK": 24, "AE": 23, "SA": 24, "QA": 29, "KW": 30, "BH": 22, "OM": 23, "JO": 30, "TR": 26, "AZ": 28, "KZ": 20,
	"GB": 22, "IE": 22, "DE": 22, "FR": 27, "IT": 27, "ES": 24, "PT": 25, "NL": 18, "BE": 16, "LU": 20, "AT": 20, "CH": 21,
	"SE": 24, "NO": 15, "DK": 18, "FI": 18, "PL": 28, "CZ": 24, "HU": 28, "RO": 24, "BG": 22, "GR": 27, "CY": 28, "MT": 31,
	"EE": 20, "LV": 21, "LT": 20, "UA": 29,
}

// localities are the first two digits of identity numbers: province, then
// division. 1 Khyber Pakhtunkhwa, 2 the former tribal areas, 3 Punjab, 4 Sindh,
// 5 Balochistan, 6 Islamabad, 7 Gilgit-Baltistan, 8 Azad Kashmir.
var localities = set("11", "12", "13", "14", "15", "16", "17", "21", "22", "31", "32", "33", "34", "35", "36", "37", "38", "39",
	"41", "42", "43", "44", "45", "51", "52", "53", "54", "55", "56", "61", "71", "72", "81", "82", "83")

// validCNIC checks a national identity number: 5-7-1 digits with dashes, of a
// locality in use, whose districts are counted from one. It has no check digit, and without dashes 17.9 % of pages
// have such a number in their scripts (epoch milliseconds).
func validCNIC(s string) bool {
	return len(s) == 15 && s[5] == '-' && s[13] == '-' && strings.Count(s, "-") == 2 && localities[s[:2]] && s[2] != '0'
}

// validIBAN checks ISO 13616: the number, letters in lower case, with its first
// four characters moved to the end and letters as 10 to 35, leaves 1 when
// divided by 97.
func validIBAN(s string) bool {
	if len(s) < 15 {
		return false
	}
	rest := 0
	for _, r := range s[4:] + s[:4] {
		switch {
		case r >= '0' && r <= '9':
			rest = (rest*10 + int(r-'0')) % 97
		case r >= 'a' && r <= 'z':
			rest = (rest*100 + int(r-'a') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

// validCard checks the Luhn sum, and that an issuer gives out numbers of this
// prefix and length (ISO/IEC 7812 ranges of Visa, Mastercard, Amex, Discover,
// UnionPay, JCB and PayPak). Luhn alone passes a tenth of all numbers.
func validCard(s string) bool {
	n := len(s)
	issued := s[0] == '4' && (n == 16 || n == 13 || n == 19) ||
		n == 16 && (s[:2] >= "51" && s[:2] <= "55" || s[:4] >= "2221" && s[:4] <= "2720" || s[:2] == "65" || s[:4] == "6011" ||
			s[:2] == "62" || s[:4] >= "3528" && s[:4] <= "3589" || s[:4] == "2205") ||
		n == 15 && (s[:2] == "34" || s[:2] == "37")
	if !issued || strings.Count(s, s[:1]) == n {
		return false
	}
	sum := 0
	for i := range n {
		d := int(s[n-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// officeMail are the names before the at sign of addresses that institutions publish.
var officeMail = set("info", "contact", "webmaster", "admin", "support", "help", "office", "complaints", "secretary", "media", "hr", "mail")

// personalMail leaves out offices and the names of picture files ("logo@2x.png").
func personalMail(s string) bool {
	name, host, _ := strings.Cut(s, "@")
	return !officeMail[name] && !strings.HasSuffix(host, ".png") && !strings.HasSuffix(host, ".jpg") && host != "example.com"
}

// freeMail are hosts that give addresses to anybody. Those of one institution's
// staff end in the institution's own name.
var freeMail = set("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "live.com", "msn.com", "ymail.com", "icloud.com", "aol.com",
	"protonmail.com", "proton.me", "mail.com", "mail.ru", "yandex.ru", "yandex.com", "gmx.com", "gmx.de", "rediffmail.com", "yahoo.co.uk",
	"googlemail.com", "rocketmail.com", "qq.com", "163.com")

// compact drops blanks and dashes.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, s)
}

package compare

import (
	"strings"
)

// maxValues bounds the distinct values of one kind that are counted.
const maxValues = 20_000

// personalData finds the distinct personal data in a text, by kind of leak, in
// order. It reads the text once: what is looked for begins with a digit, with
// "PK", or has an at sign in it.
func personalData(text string) map[string][]string {
	f := finder{text: text, seen: map[string]bool{}, found: map[string][]string{}}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isDigit(c):
			i = f.digits(i)
		case c == '@':
			f.mail(i)
		case (c == 'P' || c == 'p') && i+1 < len(text) && (text[i+1] == 'K' || text[i+1] == 'k') && !f.wordBefore(i):
			f.iban(i)
		}
	}
	return f.found
}

type finder struct {
	text  string
	seen  map[string]bool
	found map[string][]string
}

func (f *finder) add(kind, key, value string) {
	if key = kind + strings.ToLower(key); !f.seen[key] && len(f.found[kind]) < maxValues {
		f.seen[key] = true
		f.found[kind] = append(f.found[kind], value)
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlnum(c byte) bool { return isDigit(c) || c|32 >= 'a' && c|32 <= 'z' }

func (f *finder) wordBefore(i int) bool { return i > 0 && (isAlnum(f.text[i-1]) || f.text[i-1] == '_') }

// digits reads a run of digits with single blanks or dashes inside, and returns
// the index of its last byte.
func (f *finder) digits(i int) int {
	start, n, end := i, 0, i
	for j := i; j < len(f.text) && j-start < 64; j++ {
		if isDigit(f.text[j]) {
			n, end = n+1, j
		} else if f.text[j] != ' ' && f.text[j] != '-' || j > end+1 {
			break
		}
	}
	run := f.text[start : end+1]
	if f.wordBefore(start) || end+1 < len(f.text) && (isAlnum(f.text[end+1]) || f.text[end+1] == '_') {
		return end
	}
	if len(run) >= 15 {
		for _, part := range strings.Fields(run) {
			if validCNIC(part) {
				f.add(leakCNIC, part, part)
			}
		}
	}
	if key := compact(run); n >= 13 && n <= 19 && validCard(key) {
		f.add(leakCard, key, run)
	}
	return end
}

// mail reads the address around an at sign.
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
	if at-start >= 1 && len(address) > at-start+3 && strings.Contains(address[at-start:], ".") && personalMail(strings.ToLower(address)) {
		f.add(leakMail, address, address)
	}
}

// iban reads 24 letters and digits, with blanks, from "PK".
func (f *finder) iban(i int) {
	end := i
	var key []byte
	for end < len(f.text) && end-i < 40 && len(key) < 24 {
		if c := f.text[end]; isAlnum(c) {
			key = append(key, c|32) // lower case; digits stay
		} else if c != ' ' {
			break
		}
		end++
	}
	if len(key) == 24 && (end == len(f.text) || !isAlnum(f.text[end])) && validIBAN(string(key)) {
		f.add(leakIBAN, string(key), f.text[i:end])
	}
}

// localities are the first two digits of identity numbers: province, then
// division. 1 Khyber Pakhtunkhwa, 2 the former tribal areas, 3 Punjab, 4 Sindh,
// 5 Balochistan, 6 Islamabad, 7 Gilgit-Baltistan, 8 Azad Kashmir.
var localities = set("11", "12", "13", "14", "15", "16", "17", "21", "22", "31", "32", "33", "34", "35", "36", "37", "38", "39",
	"41", "42", "43", "44", "45", "51", "52", "53", "54", "55", "56", "61", "71", "72", "81", "82", "83")

// validCNIC checks a national identity number: 5-7-1 digits with dashes, of a
// locality in use. It has no check digit, and without dashes 17.9 % of pages
// have such a number in their scripts (epoch milliseconds).
func validCNIC(s string) bool {
	return len(s) == 15 && s[5] == '-' && s[13] == '-' && strings.Count(s, "-") == 2 && localities[s[:2]]
}

// validIBAN checks ISO 13616: the number, letters in lower case, with its first
// four characters moved to the end and letters as 10 to 35, leaves 1 when
// divided by 97.
func validIBAN(s string) bool {
	if len(s) != 24 {
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

// compact drops blanks and dashes.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, s)
}

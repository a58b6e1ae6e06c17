package compare

import (
	"maps"
	"slices"
	"strings"
)

// masked shows of a value what tells its kind and no more.
func masked(kind, s string) string {
	switch kind {
	case leakCNIC:
		return keepEnds(s, 5, 1)
	case leakMail, leakPassword:
		if name, host, ok := strings.Cut(s, "@"); ok {
			host, _, withPassword := strings.Cut(host, ":")
			if withPassword {
				host += ":********"
			}
			return keepEnds(name, 1, 0) + "@" + host
		}
		return keepEnds(s, 4, 0)
	case leakEnv:
		name, _, _ := strings.Cut(s, "=")
		return strings.TrimSpace(name) + "=********"
	case leakToken:
		return keepEnds(s, 4, 0)
	case leakCard, leakIBAN, leakPassport, leakPhone:
		return keepEnds(s, 4, 1)
	}
	return excerpt(s) // the wording of a server; excerpt masks the values in it
}

// keepEnds puts stars for all letters and digits but the first and last ones, in
// at most 40 characters.
func keepEnds(s string, first, last int) string {
	runes := []rune(s)
	if len(runes) <= first+last {
		first, last = 0, 0
	}
	for i, r := range runes {
		if i >= first && i < len(runes)-last && r != '-' && r != ' ' && r != '.' {
			runes[i] = '*'
		}
	}
	return string(runes[:min(len(runes), 40)])
}

// Redact masks in a line of a page the personal data and keys that must neither be
// kept beside a capture nor mailed. A value that stands there more than once is
// found once, so that it looks until nothing is new.
func Redact(s string) string {
	if !strings.ContainsAny(s, "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹@$=") {
		return s
	}
	s = asciiDigits(s)
	for range 8 {
		before := s
		if s = redactOnce(s); s == before {
			break
		}
	}
	return s
}

// unspeakable are the kinds of leak whose values are masked. The others are the
// wording of servers.
var unspeakable = []string{leakCNIC, leakCard, leakIBAN, leakPassport, leakPhone, leakMail, leakPassword, leakToken, leakEnv}

func redactOnce(s string) string {
	found := scanLeaks(s)
	masks := map[int]string{} // by where they begin
	ends := map[int]int{}
	for _, kind := range unspeakable {
		for _, v := range found[kind] {
			if end := v.at + len(v.text); end > ends[v.at] {
				masks[v.at], ends[v.at] = masked(kind, v.text), end
			}
		}
	}
	var b strings.Builder
	done := 0
	for _, at := range slices.Sorted(maps.Keys(masks)) {
		if at >= done {
			b.WriteString(s[done:at])
			b.WriteString(masks[at])
			done = ends[at]
		}
	}
	return b.String() + s[done:]
}

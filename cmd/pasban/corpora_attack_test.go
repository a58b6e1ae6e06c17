package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pasban/compare"
)

// corporaAttack is something done to a real page, and what must come of it.
// The crew is invented and nothing does harm.
type corporaAttack struct {
	name    string
	kind    compare.Kind
	visible bool // a visitor can see it
	do      func(document string) string
}

func corporaAttacks(t *testing.T, attacker string) []corporaAttack {
	t.Helper()
	file := func(name string) string {
		data, err := os.ReadFile(filepath.Join("testdata", "corpora", name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(data), "ATTACKER", attacker)
	}
	replaced, inserted := file("replaced.html"), file("inserted.html")
	return []corporaAttack{
		{"replaced", compare.Defacement, true, func(string) string { return replaced }},
		{"inserted", compare.Defacement, true, func(d string) string { return afterTag(d, "<body", inserted) }},
		{"skimmer", compare.Injection, false, func(d string) string { return beforeLast(d, "</body", file("skimmer.html")) }},
		{"leak", compare.Leak, true, func(d string) string { return beforeLast(d, "</body", identityTable(14)) }},
		{"spam", compare.Injection, false, func(d string) string { return beforeLast(d, "</body", file("spam.html")) }},
	}
}

// afterTag puts a fragment behind the first tag that begins with open.
func afterTag(document, open, fragment string) string {
	_, rest, found := strings.Cut(document, open)
	end := strings.IndexByte(rest, '>')
	if !found || end < 0 {
		return fragment + document
	}
	at := len(document) - len(rest) + end + 1
	return document[:at] + fragment + document[at:]
}

// beforeLast puts a fragment before the last place where mark is. HTML lets a
// document do without the tag.
func beforeLast(document, mark, fragment string) string {
	at := strings.LastIndex(document, mark)
	if at < 0 {
		return document + fragment
	}
	return document[:at] + fragment + document[at:]
}

// identityTable lists n people who do not exist, with numbers counted up.
func identityTable(n int) string {
	var b strings.Builder
	b.WriteString("<table border=1><tr><th>Name</th><th>CNIC</th></tr>\n")
	for i := range n {
		fmt.Fprintf(&b, "<tr><td>Specimen Person %d</td><td>35202-%07d-%d</td></tr>\n", i+1, 204+i, 1+i%9)
	}
	b.WriteString("</table>\n")
	return b.String()
}

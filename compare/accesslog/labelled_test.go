package accesslog_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pasban/compare/accesslog"
)

func sortLines(lines []labelled) {
	slices.SortStableFunc(lines, func(a, b labelled) int { return a.at.Compare(b.at) })
}

// score counts, for one rule, lines or (where it tells of visitors) visitors.
type score struct{ right, missed int }

func (s score) recall() string { return share(s.right, s.right+s.missed) }

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}

// judged are the rules that spoke of a line, and those that ought to have.
type judged struct {
	line      string
	client    string
	want, got []string
}

func judgeSample(t *testing.T) []judged {
	raw, err := os.ReadFile(samplePath)
	if err != nil {
		t.Fatal(err)
	}
	s := accesslog.NewScanner(accesslog.Options{LockdownSince: ordered})
	var out []judged
	for line := range strings.Lines(string(raw)) {
		if line[0] == '#' {
			continue
		}
		label, text, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		e, err := accesslog.NewReader(strings.NewReader(text)).Next()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		j := judged{line: text, client: string(e.Client), got: s.Add(e)}
		if label != "-" {
			j.want = strings.Split(label, ",")
		}
		out = append(out, j)
	}
	return out
}

// tolerated are rules that may speak beside another about the same line: a request can
// be two things, and a second name for an attack is no false alarm.
func tolerated(rule string, want []string) bool {
	return rule != "log.write_in_lockdown" && len(want) > 0
}

func scores(all []judged) (map[string]score, int) {
	out := map[string]score{}
	byClient := map[string]bool{"log.scanner": true, "log.guessing": true, "log.admin_new_address": true}
	seen := map[string]map[string][2]bool{}
	falseLines := 0
	for _, j := range all {
		alarm := false
		for _, rule := range union(j.want, j.got) {
			want, got := slices.Contains(j.want, rule), slices.Contains(j.got, rule)
			if got && !want {
				if tolerated(rule, j.want) {
					continue
				}
				alarm = true
			}
			if byClient[rule] {
				if seen[rule] == nil {
					seen[rule] = map[string][2]bool{}
				}
				s := seen[rule][j.client]
				seen[rule][j.client] = [2]bool{s[0] || want, s[1] || got}
				continue
			}
			out[rule] = tally(out[rule], want, got)
		}
		if alarm {
			falseLines++
		}
	}
	for rule, clients := range seen {
		for _, s := range clients {
			out[rule] = tally(out[rule], s[0], s[1])
		}
	}
	return out, falseLines
}

func tally(s score, want, got bool) score {
	switch {
	case want && got:
		s.right++
	case want:
		s.missed++
	}
	return s
}

func union(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// The sample is what its maker makes, so that it can be read and extended.
func TestSample(t *testing.T) {
	golden(t, samplePath, makeSample(t))
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what would be written now: run `make golden` and read the diff", path)
	}
}

// How much of the sample the rules see is written into docs/logs.md and can only change there
// for everybody to see. Honest traffic raises no alarm at all.
func TestLabels(t *testing.T) {
	all := judgeSample(t)
	table, falseLines := scores(all)
	for _, j := range all {
		for _, rule := range union(j.want, j.got) {
			want, got := slices.Contains(j.want, rule), slices.Contains(j.got, rule)
			if want != got && !(got && tolerated(rule, j.want)) {
				t.Logf("%-24s want %-5v got %-5v %s", rule, want, got, j.line)
			}
		}
	}
	honest, attacks := 0, 0
	for _, j := range all {
		if len(j.want) == 0 {
			honest++
		} else {
			attacks++
		}
	}
	if falseLines > 0 {
		t.Errorf("%d of %d lines in order raised an alarm", falseLines, honest)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d lines that are in order or were refused, %d that ought to be told. Lines in order that raised an alarm: %d.\n\n", honest, attacks, falseLines)
	b.WriteString("| rule | severity | right | missed | recall |\n|---|---|---:|---:|---:|\n")
	for _, r := range accesslog.Rules() {
		s := table[r.ID]
		if s.right == 0 {
			t.Errorf("the sample has nothing that %s finds", r.ID)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %s |\n", r.ID, r.Severity, s.right, s.missed, s.recall())
	}
	b.WriteString("\nWhat is missed:\n\n```\n")
	for _, j := range all {
		for _, rule := range j.want {
			if !slices.Contains(j.got, rule) && rule != "log.guessing" && rule != "log.scanner" {
				_, request, _ := strings.Cut(j.line, `"`)
				request, _, _ = strings.Cut(request, ` HTTP/`)
				fmt.Fprintf(&b, "%-24s %s\n", rule, request)
			}
		}
	}
	b.WriteString("```\n")
	document(t, b.String())
}

// document puts the figures between the marks in docs/logs.md.
func document(t *testing.T, figures string) {
	const path, begin, end = "../../docs/logs.md", "<!-- figures: written by the test -->\n", "<!-- end of figures -->"
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(raw), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the figures", path)
	}
	golden(t, path, []byte(head+begin+figures+end+tail))
}

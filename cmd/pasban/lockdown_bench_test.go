package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// BenchmarkLockdownPass sweeps the fixture fleet and, in turn, the same fleet in
// lockdown, of which every owner agrees to be asked: what the pages show is judged by
// every control, and every server is asked. It is to cost a quarter more at most.
//
//	PASBAN_BENCH_SITES   pages, default 60
//	PASBAN_BENCH_ROUNDS  turns each, default 3
func BenchmarkLockdownPass(b *testing.B) {
	s := newArena(b)
	plain := s.watched(b, "plain", "")
	ordered := s.watched(b, "ordered", "read-only active")
	for b.Loop() {
		for range s.rounds {
			plain.meet(b, s)
			ordered.meet(b, s)
		}
	}
	fmt.Printf("\n%d pages, %d at once; medians of %d turns each\n\n%s\n", s.pages, s.tabs, s.rounds, sideBySide([]contender{plain, ordered}))
	b.ReportMetric(1/ordered.beside(plain, speed), "of-plain")
}

// watched is a sweep of the arena's fleet by a data directory of its own, to which all
// sites are known.
func (s *arena) watched(b *testing.B, name, lockdown string) contender {
	b.Helper()
	list := filepath.Join(s.dir, name+".csv")
	if err := os.WriteFile(list, withLockdown(b, s.watchlist, lockdown), 0o600); err != nil {
		b.Fatal(err)
	}
	command := []string{s.pasban, "sweep", "--json", "--data", filepath.Join(s.dir, name), "--chrome", s.chrome,
		"--workers", strconv.Itoa(s.tabs), "--egress-allow", "127.0.0.0/8", "--snapshot-pages", "0"}
	first := contender{name: name + ", first sight", command: append(command, "--watchlist", list)}
	first.meet(b, s)
	return contender{name: name, command: command}
}

// withLockdown is a watchlist with one text in the column lockdown of each site.
func withLockdown(b *testing.B, list, lockdown string) []byte {
	b.Helper()
	data, err := os.ReadFile(list)
	if err != nil {
		b.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	column := slices.Index(rows[0], "lockdown")
	for _, row := range rows[1:] {
		row[column] = lockdown
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

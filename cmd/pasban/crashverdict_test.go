package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// verify is what must be true after any number of kills.
func (w *victim) verify(lives int) {
	w.t.Helper()
	w.verifyIncidents(lives)
	w.verifyMails(lives)
	w.verifyStorage(lives)
	if left := leftovers(w.profiles); len(left) > 0 {
		w.t.Errorf("left behind by serve: %q", left)
	}
}

// verifyIncidents: each attack is one incident, and each is closed.
func (w *victim) verifyIncidents(lives int) {
	w.t.Helper()
	seen := map[int64]bool{}
	for line := range strings.Lines(w.pasban("incidents", "list", "--json")) {
		var i incidentLine
		if err := json.Unmarshal([]byte(line), &i); err != nil {
			w.t.Fatal(err)
		}
		seen[i.ID] = true
		if want := crashSites[(int(i.ID)-1)%len(crashSites)]; i.Site != want || i.State != "resolved" {
			w.t.Errorf("incident %d is of %s and %s, want one of %s, resolved", i.ID, i.Site, i.State, want)
		}
	}
	if len(seen) != lives {
		w.t.Errorf("%d incidents from %d attacks", len(seen), lives)
	}
}

// verifyMails: everybody was told of each state of each incident, by one
// message. It may have come twice when serve was killed in doubt; then it has
// the same Message-ID, by which mail servers and programs drop the second.
func (w *victim) verifyMails(lives int) {
	w.t.Helper()
	ids := map[string]map[string]bool{} // "12.opened to somebody" -> Message-IDs
	twice := 0
	for i, r := range w.ledger {
		parts := strings.SplitN(r.id, ".", 3)
		told := strings.Join(parts[:2], ".") + " to " + r.to
		if ids[told] == nil {
			ids[told] = map[string]bool{}
		} else if ids[told][r.id] {
			twice++
		}
		ids[told][r.id] = true
		if len(ids[told]) > 1 {
			w.t.Errorf("mail %d, %s: a second Message-ID %s", i, told, r.id)
		}
	}
	if want := lives * mailsOfLife; len(ids) != want {
		w.t.Errorf("%d different alerts were sent, want %d", len(ids), want)
	}
	for _, told := range unexpected(ids) {
		incident, _, _ := strings.Cut(told, ".")
		w.t.Errorf("nobody should have been told %s:\n%s", told, w.pasban("incidents", "show", incident, "--json"))
	}
	w.t.Logf("%d attacks, %d mails: %d alerts, each under one Message-ID; %d came twice under the same",
		lives, len(w.ledger), len(ids), twice)
}

// unexpected are the alerts that no life of an incident has.
func unexpected(ids map[string]map[string]bool) []string {
	var out []string
	for told := range ids {
		_, event, _ := strings.Cut(told, ".")
		event, _, _ = strings.Cut(event, " ")
		if event != "opened" && event != "recovered" && event != "resolved" {
			out = append(out, told)
		}
	}
	return out
}

// verifyStorage: nothing waits, the database is whole, and the evidence of every
// incident can be read, which checks its hashes.
func (w *victim) verifyStorage(lives int) {
	w.t.Helper()
	var status struct{ Undelivered, Targets int }
	if err := json.Unmarshal([]byte(w.pasban("status", "--json")), &status); err != nil || status.Undelivered != 0 || status.Targets != len(crashSites) {
		w.t.Errorf("the status is %+v, %v", status, err)
	}
	for id := range lives {
		out := filepath.Join(w.dir, fmt.Sprintf("evidence-%d", id+1))
		w.pasban("incidents", "export", strconv.Itoa(id+1), "--out", out)
	}
	pool, err := sql.Open("sqlite", filepath.Join(w.dir, "data", "pasban.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer pool.Close()
	var verdict string
	if err := pool.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		w.t.Errorf("the database's integrity check says %q, %v", verdict, err)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"pasban/console/access"
	"pasban/monitor"
	"pasban/storage/db"
)

// Whoever owns the machine makes a token, which stdout alone tells, lists and revokes it.
func TestTokenCommands(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	pasban := func(want int, args ...string) (out, told string) {
		t.Helper()
		var o, e bytes.Buffer
		if code := run(t.Context(), append(args, "--data", data), terminal{&o, &e}); code != want {
			t.Errorf("pasban %q ended with %d: %s", args, code, e.String())
		}
		return o.String(), e.String()
	}
	if _, told := pasban(exitUsage, "token", "make", "amina", "--name", "siem"); !strings.Contains(told, "amina") {
		t.Errorf("of an account that is not there: %s", told)
	}
	store, err := db.Open(t.Context(), filepath.Join(data, "pasban.db"))
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx monitor.Tx) error {
		return tx.PutAccount(t.Context(), monitor.Account{Name: "amina", Role: monitor.Viewer, Language: "en"})
	})
	if err := errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
	if _, told := pasban(exitUsage, "token", "make", "amina", "--name", "siem", "--scope", "decide"); !strings.Contains(told, "decides nothing") {
		t.Errorf("to decide, of a viewer: %s", told)
	}
	if _, told := pasban(exitUsage, "token", "make", "amina", "--name", "siem", "--for", "2y"); !strings.Contains(told, "--for") {
		t.Errorf("for two years: %s", told)
	}
	secret, told := pasban(exitDone, "token", "make", "amina", "--name", "siem")
	if _, ok := access.TokenDigest(strings.TrimSpace(secret)); !ok || strings.Contains(told, strings.TrimSpace(secret)) {
		t.Errorf("made %q and told %q", secret, told)
	}
	list, _ := pasban(exitDone, "token", "list", "--json")
	var line tokenLine
	if err := json.Unmarshal([]byte(list), &line); err != nil || line.Account != "amina" || line.Name != "siem" || line.Scope != monitor.TokenReads || !line.Holds || line.Secret != "" {
		t.Errorf("the list is %s, %v", list, err)
	}
	pasban(exitDone, "token", "revoke", "1", "--reason", "a laptop was lost")
	if _, told := pasban(exitUsage, "token", "revoke", "1"); !strings.Contains(told, "revoked already") {
		t.Errorf("revoking it twice: %s", told)
	}
	if list, _ = pasban(exitDone, "token", "list"); !strings.Contains(list, "false") || strings.Contains(list, strings.TrimSpace(secret)) {
		t.Errorf("the list is %s", list)
	}
}

package console

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pasban/console/access"
	"pasban/monitor"
	"pasban/storage/db/dbtest"
)

// An account is never made over another of the same name, and a change of one thing
// leaves alone what somebody else has changed meanwhile.
func TestAccountsAreNotOverwritten(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	boss := r.account("root", monitor.Administrator, "")
	r.account("sara", monitor.Analyst, "")
	before, err := r.store.Account(t.Context(), "sara")
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"new": {"1"}, "name": {"Sara"}, "role": {"viewer"}, "password": {another}}
	if code, _ := r.post(boss, "/settings", form, "Accept", "application/json"); code != http.StatusConflict {
		t.Errorf("an account was made over another: %d", code)
	}
	if now, err := r.store.Account(t.Context(), "sara"); err != nil || now != before {
		t.Errorf("the account is another now: %v", err)
	}
	if code, _ := r.post(boss, "/settings", url.Values{"name": {"nobody"}, "role": {"viewer"}}, "Accept", "application/json"); code != http.StatusNotFound {
		t.Errorf("an account that is not there was changed: %d", code)
	}
	hash, err := access.Hash(another)
	if err != nil {
		t.Fatal(err)
	}
	m := dbtest.Meddled(r.store, func() { r.change("sara", func(a *monitor.Account) { a.Password = hash }) })
	_, err = (&monitor.Monitor{Config: monitor.Config{Store: m, Clock: r.monitor.Clock}}).ChangeAccount(t.Context(), monitor.Order{Actor: "user:root"}, "sara", monitor.AccountChange{Role: monitor.Lead})
	if now, readErr := r.store.Account(t.Context(), "sara"); errors.Join(err, readErr) != nil || now.Role != monitor.Lead || now.Password != hash {
		t.Errorf("a password that was set meanwhile is gone, or the role is: %v", errors.Join(err, readErr))
	}
}

// Whatever an administrator changes ends the sessions of the account: his own others,
// too. The record says that a password was set, and not which.
func TestNewPasswordEndsSessions(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	here := r.account("root", monitor.Administrator, "")
	there := r.stranger()
	r.post(there, "/login", url.Values{"name": {"root"}, "password": {password}})
	form := url.Values{"name": {"root"}, "role": {"administrator"}, "password": {another}}
	if code, body := r.post(here, "/settings", form, "Accept", "application/json"); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	if _, body := r.get(there, "/settings"); !strings.Contains(body, `action="/login"`) {
		t.Error("another session goes on with the old password")
	}
	if _, body := r.get(here, "/settings"); strings.Contains(body, `action="/login"`) {
		t.Error("who changed his password was signed out")
	}
	all := r.decisions()
	last := all[len(all)-1]
	if last.Action != "account.put" || !strings.Contains(string(last.Detail), `"password_changed":true`) || strings.Contains(string(last.Detail), "argon2") {
		t.Errorf("the record says %s %s", last.Action, last.Detail)
	}
}

// Forcing something never takes less than doing it.
func TestForceTakesNoLesserRole(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.account("lead", monitor.Lead, "")
	o := monitor.Order{Actor: "user:lead", Reason: "because", Force: true}
	if err := r.monitor.MakeAccount(t.Context(), o, monitor.Account{Name: "mine", Role: monitor.Administrator, Language: "en"}); !errors.Is(err, monitor.ErrForbidden) {
		t.Errorf("a lead made an administrator: %v", err)
	}
	if _, err := r.monitor.ChangeAccount(t.Context(), o, "lead", monitor.AccountChange{Role: monitor.Administrator}); !errors.Is(err, monitor.ErrForbidden) {
		t.Errorf("a lead made himself an administrator: %v", err)
	}
}

// An account that is disabled, or given another password, while its password is tried is
// not let in.
func TestSignInReadsTheAccountAgain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*monitor.Account){
		"disabled":         func(a *monitor.Account) { a.Disabled = true },
		"another password": func(a *monitor.Account) { a.Password = "" },
		"sessions ended":   func(a *monitor.Account) { a.Epoch++ },
	} {
		r := newRoom(t)
		r.account("sara", monitor.Analyst, "")
		m := &monitor.Monitor{Config: monitor.Config{Store: dbtest.Meddled(r.store, func() { r.change("sara", change) }), Clock: r.monitor.Clock}}
		if _, err := access.NewDoor(m, r.monitor.Clock).Login(t.Context(), "sara", password, "", "192.0.2.1"); !errors.Is(err, access.ErrDenied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"pasban/monitor"
)

const another = "another long password"

// Whoever changes his password is asked for the old one, and every other session of the
// account ends.
func TestOwnPassword(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	here := r.account("sara", monitor.Analyst, "")
	there := r.stranger()
	r.post(there, "/login", url.Values{"name": {"sara"}, "password": {password}})
	if code, body := r.get(there, "/queue"); code != http.StatusOK || strings.Contains(body, `name="password"`) {
		t.Fatalf("the other session does not hold: %d", code)
	}
	change := url.Values{"verb": {"password"}, "old": {"not the password"}, "password": {another}}
	if code, _ := r.post(here, "/account", change, "Accept", "application/json"); code != http.StatusConflict {
		t.Errorf("a password was changed without the old one: %d", code)
	}
	change.Set("old", password)
	change.Set("password", "short")
	if code, _ := r.post(here, "/account", change, "Accept", "application/json"); code != http.StatusConflict {
		t.Errorf("a short password was taken: %d", code)
	}
	change.Set("password", another)
	if code, body := r.post(here, "/account", change, "Accept", "application/json"); code != http.StatusOK {
		t.Fatalf("the password was not changed: %d %s", code, body)
	}
	if _, body := r.get(here, "/queue"); strings.Contains(body, `name="password"`) {
		t.Error("who changed his password was signed out")
	}
	if _, body := r.get(there, "/queue"); !strings.Contains(body, `name="password"`) {
		t.Error("another session went on with the old password")
	}
	if code, _ := r.post(r.stranger(), "/login", url.Values{"name": {"sara"}, "password": {password}}); code != http.StatusUnauthorized {
		t.Errorf("the old password lets in: %d", code)
	}
	if code, _ := r.post(r.stranger(), "/login", url.Values{"name": {"sara"}, "password": {another}}); code != http.StatusOK {
		t.Errorf("the new password does not let in: %d", code)
	}
}

// A second factor is kept once a code has shown that the phone has it, is asked for from
// then on, and holds each code once; an administrator takes off that of a lost phone.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := r.account("sara", monitor.Analyst, "")
	if code, _ := r.get(c, "/account/code.png"); code != http.StatusNotFound {
		t.Errorf("there is a code before one was asked for: %d", code)
	}
	r.post(c, "/account", url.Values{"verb": {"begin"}, "old": {password}})
	if code, picture := r.get(c, "/account/code.png"); code != http.StatusOK || !strings.HasPrefix(picture, "\x89PNG") {
		t.Errorf("the code is not drawn: %d", code)
	}
	_, page := r.get(c, "/account")
	found := regexp.MustCompile(`<code dir="ltr">([A-Z2-7]{16,})</code>`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the page shows no secret")
	}
	if code, _ := r.post(c, "/account", url.Values{"verb": {"factor"}, "code": {"000000"}}, "Accept", "application/json"); code != http.StatusConflict {
		t.Errorf("a wrong code was taken: %d", code)
	}
	code, err := totp.GenerateCode(found[1], r.now)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := r.post(c, "/account", url.Values{"verb": {"factor"}, "code": {code}}, "Accept", "application/json"); status != http.StatusOK {
		t.Fatalf("the right code was refused: %d %s", status, body)
	}
	login := url.Values{"name": {"sara"}, "password": {password}}
	if status, _ := r.post(r.stranger(), "/login", login); status != http.StatusUnauthorized {
		t.Errorf("the password alone lets in: %d", status)
	}
	login.Set("code", code)
	if status, _ := r.post(r.stranger(), "/login", login); status != http.StatusOK {
		t.Errorf("password and code do not let in: %d", status)
	}
	if status, _ := r.post(r.stranger(), "/login", login); status != http.StatusUnauthorized {
		t.Errorf("a code let in twice: %d", status)
	}
	boss := r.account("root", monitor.Administrator, "")
	r.post(boss, "/settings", url.Values{"name": {"sara"}, "role": {"analyst"}, "nofactor": {"1"}})
	if status, _ := r.post(r.stranger(), "/login", url.Values{"name": {"sara"}, "password": {password}}); status != http.StatusOK {
		t.Errorf("without the factor the password does not let in: %d", status)
	}
}

package console

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pasban/console/access"
	"pasban/monitor"
)

// A token is made by who knows the password, is shown that once, lets a program in, and
// is revoked at a click: by its owner, or by an administrator.
func TestTokensScreen(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	sara, boss := r.account("sara", monitor.Analyst, ""), r.account("root", monitor.Administrator, "")
	form := url.Values{"name": {"siem"}, "scope": {"decide"}, "days": {"30"}, "old": {"not the password"}}
	if code, body := r.post(sara, "/tokens", form); code != http.StatusConflict || strings.Contains(body, "pasban_") {
		t.Errorf("with a wrong password: %d", code)
	}
	form.Set("old", password)
	code, body := r.post(sara, "/tokens", form)
	secret := regexp.MustCompile(`pasban_[0-9A-Za-z]{49}`).FindString(body)
	if _, ok := access.TokenDigest(secret); code != http.StatusOK || !ok {
		t.Fatalf("making a token: %d, and it is %q", code, secret)
	}
	if _, again := r.get(sara, "/tokens"); strings.Contains(again, secret) || !strings.Contains(again, "siem") {
		t.Error("the token is shown twice, or is not listed")
	}
	all, err := r.store.Tokens(t.Context(), "sara")
	if err != nil || len(all) != 1 || all[0].Expires.Sub(r.now).Round(time.Hour) != 30*24*time.Hour {
		t.Fatalf("kept are %+v, %v", all, err)
	}
	for _, d := range r.decisions() {
		if strings.Contains(string(d.Detail)+d.Reason, secret) || strings.Contains(string(d.Detail), all[0].Digest) {
			t.Error("the record tells the token")
		}
	}
	p := program{r, secret, all[0]}
	p.do("GET", "/me", nil, nil)
	if _, page := r.get(boss, "/tokens"); !strings.Contains(page, "siem") || !strings.Contains(page, "sara") {
		t.Error("an administrator does not see it")
	}
	other := r.account("bilal", monitor.Lead, "")
	if _, page := r.get(other, "/tokens"); strings.Contains(page, "siem") {
		t.Error("somebody else sees it")
	}
	revoke := url.Values{"revoke": {fmt.Sprint(all[0].ID)}}
	if code, _ := r.post(other, "/tokens", revoke, "Accept", "application/json"); code != http.StatusForbidden {
		t.Errorf("somebody else revokes it: %d", code)
	}
	if code, _ := r.post(boss, "/tokens", revoke, "Accept", "application/json"); code != http.StatusOK {
		t.Errorf("an administrator revokes it: %d", code)
	}
	p.refused("after it was revoked", "GET", "/me", nil, http.StatusUnauthorized)
	viewer := r.account("wall", monitor.Viewer, "")
	if _, page := r.get(viewer, "/tokens"); strings.Contains(page, `value="decide"`) {
		t.Error("a viewer is offered what his token could not do")
	}
	if code, _ := r.post(viewer, "/tokens", form, "Accept", "application/json"); code != http.StatusConflict {
		t.Errorf("a viewer makes a token to decide: %d", code)
	}
	for what, change := range map[string]string{"days": "400", "name": "", "scope": "all"} {
		wrong := url.Values{"name": {"x"}, "scope": {"read"}, "days": {"30"}, "old": {password}}
		wrong.Set(what, change)
		if code, _ := r.post(sara, "/tokens", wrong, "Accept", "application/json"); code != http.StatusConflict {
			t.Errorf("%s %q: %d", what, change, code)
		}
	}
}

// The manual has every operation and every type, and needs no script to be read.
func TestReader(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	_, page := r.get(r.account("sara", monitor.InstitutionRole, r.site("bank", "bank", "Bank", "x", "y").Site), reader)
	for _, o := range r.operations() {
		if !strings.Contains(page, `id="`+o.id+`"`) {
			t.Errorf("%s is not told", o.id)
		}
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+link[1]+`"`) {
			t.Errorf("#%s leads nowhere", link[1])
		}
	}
	if !strings.Contains(page, "Takes the role administrator, and a token to decide.") || !strings.Contains(page, r.http.URL+"/api/v1/lockdown/orders") {
		t.Error("who may order, and how, is not told")
	}
}

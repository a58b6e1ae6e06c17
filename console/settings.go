package console

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"pasban/console/access"
	"pasban/monitor"
)

// settingsPage lists who may use the console.
func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	accounts, err := s.Monitor.Store.Accounts(r.Context())
	if err != nil {
		return err
	}
	institutions, err := s.Monitor.Store.Institutions(r.Context())
	if err != nil {
		return err
	}
	p := s.page(r, v, "settings", "Accounts")
	p.Body = map[string]any{"Accounts": accounts, "Roles": monitor.Roles, "Institutions": institutions, "Least": access.MinPassword}
	return s.show(w, "settings", p)
}

// changeAccount makes an account, or gives one another role, password or state. Its
// sessions end: what it may do is another now.
func (s *Server) changeAccount(w http.ResponseWriter, r *http.Request, v viewer) error {
	name := strings.ToLower(strings.TrimSpace(r.PostFormValue("name")))
	a, err := s.Monitor.Store.Account(r.Context(), name)
	if fresh := r.PostFormValue("new") != ""; fresh == (err == nil) {
		return fmt.Errorf("%w: there is an account of that name already, or none", monitor.ErrRefused)
	}
	if a.Name == "" {
		a = monitor.Account{Name: name, Language: "en", Created: s.Clock(), FullName: monitor.Visible(r.PostFormValue("full_name"), 80)}
	}
	a.Role, a.Institution = monitor.Role(r.PostFormValue("role")), r.PostFormValue("institution")
	if a.Role != monitor.InstitutionRole {
		a.Institution = ""
	}
	a.Disabled = r.PostFormValue("disabled") != ""
	if r.PostFormValue("nofactor") != "" { // the phone was lost
		a.TOTP = ""
	}
	if password := r.PostFormValue("password"); password != "" || a.Password == "" {
		if a.Password, err = access.Hash(password); err != nil {
			return fmt.Errorf("%w: %w", monitor.ErrRefused, err)
		}
		a.Failures, a.LockedUntil = 0, time.Time{}
	}
	if a.Name != v.Name {
		a.Epoch++
	}
	if err := s.Monitor.PutAccount(r.Context(), v.order(""), a); err != nil {
		return err
	}
	return s.answer(w, r, done{Text: say(v.lang, "%s: recorded", a.Name), Next: "/settings"})
}

package console

import (
	"net/http"
	"strings"

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
	c := monitor.AccountChange{
		Role: monitor.Role(r.PostFormValue("role")), Disabled: r.PostFormValue("disabled") != "", NoFactor: r.PostFormValue("nofactor") != "",
	}
	if c.Role == monitor.InstitutionRole {
		c.Institution = r.PostFormValue("institution")
	}
	fresh, password := r.PostFormValue("new") != "", r.PostFormValue("password")
	if password != "" || fresh {
		hash, err := access.Hash(password)
		if err != nil {
			return err
		}
		c.Password = hash
	}
	change := s.changeOther
	if fresh {
		change = s.makeAccount
	}
	if err := change(r, v, name, c); err != nil {
		return err
	}
	return s.answer(w, r, done{Text: say(v.lang, "%s: recorded", name), Next: "/settings"})
}

func (s *Server) makeAccount(r *http.Request, v viewer, name string, c monitor.AccountChange) error {
	return s.Monitor.MakeAccount(r.Context(), v.Order(""), monitor.Account{
		Name: name, FullName: monitor.Visible(r.PostFormValue("full_name"), 80), Language: "en", Created: s.Clock(),
		Role: c.Role, Institution: c.Institution, Disabled: c.Disabled, Password: c.Password,
	})
}

// changeOther changes an account. Who changes his own goes on in this session alone.
func (s *Server) changeOther(r *http.Request, v viewer, name string, c monitor.AccountChange) error {
	a, err := s.Monitor.ChangeAccount(r.Context(), v.Order(""), name, c)
	if err != nil || name != v.Name {
		return err
	}
	s.sessions.Put(r.Context(), "epoch", a.Epoch)
	return s.sessions.RenewToken(r.Context())
}

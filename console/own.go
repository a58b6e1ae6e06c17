package console

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"pasban/console/access"
	"pasban/monitor"
)

// pendingFactor is where a session keeps the second factor that is being set up, until a
// code shows that the phone has it.
const pendingFactor = "factor"

// ownPage shows somebody his own account.
func (s *Server) ownPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	p := s.page(r, v, "own", "Your account")
	p.Body = map[string]any{"Least": access.MinPassword, "Secret": access.SecretOf(s.sessions.GetString(r.Context(), pendingFactor))}
	return s.show(w, "own", p)
}

// ownCode is the second factor being set up, for the camera of a phone.
func (s *Server) ownCode(w http.ResponseWriter, r *http.Request, _ viewer) error {
	address := s.sessions.GetString(r.Context(), pendingFactor)
	if address == "" {
		return fmt.Errorf("%w: no second factor is being set up", monitor.ErrNotFound)
	}
	picture, err := access.QR(address)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(picture) // who has gone does not see it
	return nil
}

// owns are what somebody may change of his own account.
var owns = map[string]func(s *Server, r *http.Request, v viewer) (said string, err error){
	"password": (*Server).ownPassword,
	"begin":    (*Server).beginFactor,
	"factor":   (*Server).keepFactor,
	"end":      (*Server).endFactor,
}

// changeOwn changes what somebody may change of his own account.
func (s *Server) changeOwn(w http.ResponseWriter, r *http.Request, v viewer) error {
	change, ok := owns[r.PostFormValue("verb")]
	if !ok {
		return monitor.Refuse("there is no such change")
	}
	said, err := change(s, r, v)
	if err != nil {
		return err
	}
	return s.answer(w, r, done{Text: say(v.lang, said), Next: "/account"})
}

// confirmed reports whether the one who asks knows the password.
func (s *Server) confirmed(r *http.Request, v viewer) error {
	err := s.door.Confirm(r.Context(), v.Name, r.PostFormValue("old"), s.clientOf(r))
	switch {
	case errors.Is(err, access.ErrDenied):
		return monitor.Refuse("the password is wrong")
	case errors.Is(err, access.ErrLocked):
		return monitor.Refuse("too many attempts: wait a minute, then try again")
	}
	return err
}

// ownPassword ends every other session of the account: whoever had the old one is out.
func (s *Server) ownPassword(r *http.Request, v viewer) (string, error) {
	if err := s.confirmed(r, v); err != nil {
		return "", err
	}
	hash, err := access.Hash(r.PostFormValue("password"))
	if err != nil {
		return "", err
	}
	return "The password is a new one.", s.put(r, v, "a new password", func(a *monitor.Account) { a.Password = hash })
}

func (s *Server) beginFactor(r *http.Request, v viewer) (string, error) {
	if v.TOTP != "" {
		return "", monitor.Refuse("there is a second factor; take it off first")
	}
	if err := s.confirmed(r, v); err != nil {
		return "", err
	}
	address, err := access.NewFactor(v.Name)
	if err != nil {
		return "", err
	}
	s.sessions.Put(r.Context(), pendingFactor, address)
	return "Read the code with your phone.", nil
}

func (s *Server) keepFactor(r *http.Request, v viewer) (string, error) {
	secret := access.SecretOf(s.sessions.GetString(r.Context(), pendingFactor))
	if secret == "" || !access.CodeMatches(secret, strings.ReplaceAll(r.PostFormValue("code"), " ", ""), s.Clock()) {
		return "", monitor.Refuse("this is not the code that the phone should show")
	}
	s.sessions.Remove(r.Context(), pendingFactor)
	return "From now on a code is asked for as well.", s.put(r, v, "a second factor", func(a *monitor.Account) { a.TOTP = secret })
}

func (s *Server) endFactor(r *http.Request, v viewer) (string, error) {
	if err := s.confirmed(r, v); err != nil {
		return "", err
	}
	return "There is no second factor any more.", s.put(r, v, "no second factor", func(a *monitor.Account) { a.TOTP = "" })
}

// put records a change of somebody's own account. It ends the other sessions, and this
// one goes on under another token.
func (s *Server) put(r *http.Request, v viewer, what string, change func(*monitor.Account)) error {
	err := s.Monitor.ChangeOwn(r.Context(), v.Name, what, func(a *monitor.Account) {
		change(a)
		a.Epoch++
	})
	if err != nil {
		return err
	}
	s.sessions.Put(r.Context(), "epoch", v.Epoch+1)
	return s.sessions.RenewToken(r.Context())
}

package console

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pasban/console/access"
	"pasban/monitor"
)

// tokensBody are the tokens of somebody and, for an administrator, of everybody.
type tokensBody struct {
	Own, Others []tokenRow
	Secret      string // of one that was made a moment ago, shown once
	Name        string // of that one
	Days, Most  int
	Scopes      []monitor.TokenScope
}

// tokenRow is a token with what has become of it.
type tokenRow struct {
	monitor.Token
	State string // "in force", "expired" or "revoked"
}

// shownTokens bounds each list.
const shownTokens = 200

// tokensPage lists tokens, by which programs ask and decide for an account.
func (s *Server) tokensPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	return s.showTokens(w, r, v, tokensBody{})
}

func (s *Server) showTokens(w http.ResponseWriter, r *http.Request, v viewer, b tokensBody) error {
	of := v.Name
	if v.Role.AtLeast(monitor.Administrator) {
		of = "" // everybody
	}
	all, err := s.Monitor.Store.Tokens(r.Context(), of)
	if err != nil {
		return err
	}
	for _, t := range all {
		list := &b.Others
		if t.Account == v.Name {
			list = &b.Own
		}
		if len(*list) < shownTokens {
			*list = append(*list, tokenRow{t, tokenState(t, s.Clock())})
		}
	}
	b.Days, b.Most = int(monitor.TokenDefault/(24*time.Hour)), int(monitor.TokenLongest/(24*time.Hour))
	b.Scopes = monitor.TokenScopes[:1]
	if v.Role.AtLeast(monitor.Analyst) {
		b.Scopes = monitor.TokenScopes
	}
	p := s.page(r, v, "own", "Tokens")
	p.Body = b
	return s.show(w, "tokens", p)
}

func tokenState(t monitor.Token, now time.Time) string {
	switch {
	case !t.Revoked.IsZero():
		return "revoked"
	case !t.Holds(now):
		return "expired"
	}
	return "in force"
}

// changeTokens makes a token, which takes the password, or revokes one.
func (s *Server) changeTokens(w http.ResponseWriter, r *http.Request, v viewer) error {
	if id, err := strconv.ParseInt(r.PostFormValue("revoke"), 10, 64); err == nil {
		t, err := s.Monitor.RevokeToken(r.Context(), v.Order(""), id)
		if err != nil {
			return err
		}
		return s.answer(w, r, done{Text: say(v.lang, "%s: revoked", t.Name), Next: "/tokens"})
	}
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil {
		return monitor.Refuse("say for how many days the token holds")
	}
	if err := s.confirmed(r, v); err != nil {
		return err
	}
	secret, digest := access.NewToken()
	t, err := s.Monitor.MakeToken(r.Context(), v.Order(""), monitor.Token{
		Account: v.Name, Name: strings.TrimSpace(r.PostFormValue("name")), Scope: monitor.TokenScope(r.PostFormValue("scope")), Digest: digest,
		Expires: s.Clock().AddDate(0, 0, days),
	})
	if errors.Is(err, monitor.ErrNotFound) {
		return monitor.ErrForbidden // the account is gone
	}
	if err != nil {
		return err
	}
	// In the answer itself: it is kept nowhere, and whoever asks for the page again does
	// not see it.
	return s.showTokens(w, r, v, tokensBody{Secret: secret, Name: t.Name})
}

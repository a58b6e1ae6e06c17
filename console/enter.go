package console

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"pasban/console/access"
	"pasban/monitor"
)

// wallLifetime is for how long a screen on the wall stays signed in: nobody has a
// keyboard there.
const wallLifetime = 90 * 24 * time.Hour

// FirstRun is the link by which the first administrator is made, "" if there is an
// account. It holds once, for as long as the process runs.
func (s *Server) FirstRun(ctx context.Context) (string, error) {
	accounts, err := s.Monitor.Store.Accounts(ctx)
	if err != nil || len(accounts) > 0 {
		return "", err
	}
	return s.Origin + "/welcome?token=" + s.oneTime(""), nil
}

// linkLifetime is how long a link that signs somebody in holds: a terminal is read at
// once, and its log by others later.
const linkLifetime = time.Hour

// SignInLink is a link that signs an account in, once and within an hour: for the demo,
// and for whoever owns the machine and cannot sign in any more.
func (s *Server) SignInLink(account string) string {
	return s.Origin + "/enter?token=" + s.oneTime(account)
}

// oneTime is what a token leads to: the account "" is the first run's, which holds until
// it is used.
type oneTime struct {
	account string
	made    time.Time
}

func (s *Server) oneTime(account string) string {
	token := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.once[token] = oneTime{account, s.Clock()}
	return token
}

// spend takes a one-time token. It is compared by the lookup in a map: 130 random bits
// are not found out by timing.
func (s *Server) spend(token string) (account string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	link, ok := s.once[token]
	delete(s.once, token)
	return link.account, ok && (link.account == "" || s.Clock().Sub(link.made) < linkLifetime)
}

func (s *Server) holdsFirstRun(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	link, ok := s.once[token]
	return ok && link.account == ""
}

// clientOf is the address that a request comes from: the peer's, or what a proxy of ours
// says of it. Of X-Forwarded-For only the last value is the proxy's own word; what stands
// before it is whatever the client has sent.
func (s *Server) clientOf(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := peer.Addr().Unmap()
	if values := r.Header.Values("X-Forwarded-For"); s.Proxied && len(values) > 0 && (ip.IsLoopback() || ip.IsPrivate()) {
		last := values[len(values)-1]
		last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
		if client, err := netip.ParseAddr(last); err == nil {
			return client.Unmap().String()
		}
		if client, err := netip.ParseAddrPort(last); err == nil { // some proxies add the port
			return client.Addr().Unmap().String()
		}
	}
	return ip.String()
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	if _, ok, _ := s.viewer(r); ok { // who cannot be found out signs in
		http.Redirect(w, r, local(r.FormValue("next")), http.StatusSeeOther)
		return
	}
	s.askLogin(w, r, http.StatusOK, "", "")
}

func (s *Server) askLogin(w http.ResponseWriter, r *http.Request, code int, name, problem string) {
	p := s.page(r, viewer{}, "login", "Sign in")
	p.Body = map[string]any{"Next": local(r.FormValue("next")), "Name": monitor.Visible(name, 60), "Problem": problem}
	s.render(w, code, "login", p)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	name := strings.ToLower(strings.TrimSpace(r.PostFormValue("name")))
	a, err := s.door.Login(r.Context(), name, r.PostFormValue("password"), strings.ReplaceAll(r.PostFormValue("code"), " ", ""), s.clientOf(r))
	switch {
	case errors.Is(err, access.ErrDenied):
		s.askLogin(w, r, http.StatusUnauthorized, name, "The name, the password or the code is wrong.")
	case errors.Is(err, access.ErrLocked):
		s.askLogin(w, r, http.StatusTooManyRequests, name, "Too many attempts. Wait a minute, then try again.")
	case err != nil:
		s.fail(w, r, err)
	default:
		s.begin(w, r, a, local(r.PostFormValue("next")))
	}
}

// begin gives a session to somebody who has shown who he is. The token is a new one:
// what the browser held before is worth nothing.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, a monitor.Account, next string) {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		s.fail(w, r, err)
		return
	}
	s.sessions.Put(r.Context(), "account", a.Name)
	s.sessions.Put(r.Context(), "epoch", a.Epoch)
	if a.Role == monitor.Viewer {
		s.sessions.SetDeadline(r.Context(), s.Clock().Add(wallLifetime).UTC())
	}
	if _, err := r.Cookie("language"); err != nil {
		http.SetCookie(w, &http.Cookie{Name: "language", Value: a.Language, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// enter signs in by a one-time link.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) {
	name, ok := s.spend(r.FormValue("token"))
	if !ok || name == "" {
		s.askLogin(w, r, http.StatusUnauthorized, "", "This link was used already, or is none of this console.")
		return
	}
	a, err := s.Monitor.Store.Account(r.Context(), name)
	still := false
	if err == nil {
		still, err = s.Monitor.BeginSession(r.Context(), a, s.clientOf(r)+" by a one-time link")
	}
	switch {
	case err != nil:
		s.fail(w, r, err)
	case !still:
		s.fail(w, r, monitor.ErrForbidden)
	case a.Role == monitor.Administrator: // who has lost his password sets another there
		s.begin(w, r, a, "/settings")
	default:
		s.begin(w, r, a, "/queue")
	}
}

func (s *Server) welcomePage(w http.ResponseWriter, r *http.Request) {
	if !s.holdsFirstRun(r.FormValue("token")) {
		s.askLogin(w, r, http.StatusUnauthorized, "", "This link was used already, or is none of this console.")
		return
	}
	s.askWelcome(w, r, http.StatusOK, "")
}

func (s *Server) askWelcome(w http.ResponseWriter, r *http.Request, code int, problem string) {
	p := s.page(r, viewer{}, "login", "Welcome to Pasban")
	p.Body = map[string]any{"Token": r.FormValue("token"), "Problem": problem, "Name": r.PostFormValue("name"), "FullName": r.PostFormValue("full_name"), "Least": access.MinPassword}
	s.render(w, code, "welcome", p)
}

// welcome makes the first administrator and signs him in.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request) {
	token := r.PostFormValue("token")
	if !s.holdsFirstRun(token) {
		s.askLogin(w, r, http.StatusUnauthorized, "", "This link was used already, or is none of this console.")
		return
	}
	hash, err := access.Hash(r.PostFormValue("password"))
	if err != nil {
		s.askWelcome(w, r, http.StatusConflict, refusal(s.language(r), err))
		return
	}
	a := monitor.Account{
		Name: strings.ToLower(strings.TrimSpace(r.PostFormValue("name"))), FullName: monitor.Visible(r.PostFormValue("full_name"), 80),
		Role: monitor.Administrator, Language: s.language(r), Password: hash, Created: s.Clock(),
	}
	err = s.Monitor.FirstAccount(r.Context(), a)
	if errors.Is(err, monitor.ErrRefused) {
		s.askWelcome(w, r, http.StatusConflict, refusal(s.language(r), err))
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.spend(token)
	s.begin(w, r, a, "/settings")
}

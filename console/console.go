package console

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"pasban/console/access"
	"pasban/console/api"
	"pasban/console/desk"
	"pasban/console/evidence"
	"pasban/monitor"
)

// Config is what a console is made of. Monitor and Signer must be set.
type Config struct {
	Monitor *monitor.Monitor
	// Signer makes the addresses of pictures, which another handler serves.
	Signer *evidence.Signer
	// Origin is the address under which people reach the console, for links.
	Origin string
	// Secure says that they reach it over TLS, here or at a proxy.
	Secure bool
	// Proxied says that a proxy stands before the console, which tells where a request
	// comes from in X-Forwarded-For.
	Proxied bool
	// Plain answers for /healthz and /status. Default nil: neither is there.
	Plain http.Handler
	// Clock is the time of day. Default time.Now.
	Clock func() time.Time
	// Logger. Default slog.Default().
	Logger *slog.Logger
}

// Server is the console. Make it with New, hand it events by Observe, and Close it before
// its listener is shut down.
type Server struct {
	Config
	door     *access.Door
	sessions *scs.SessionManager
	hub      *hub
	desk     *desk.Desk
	api      *api.API
	handler  http.Handler
	static   *static

	mu   sync.Mutex
	once map[string]oneTime // links that hold once, by their token
}

// New makes a console.
func New(c Config) (*Server, error) {
	if c.Monitor == nil || c.Signer == nil {
		return nil, errors.New("console: a monitor and a signer are needed")
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	s := &Server{
		Config: c, door: access.NewDoor(c.Monitor, c.Clock), sessions: access.NewSessions(c.Monitor.Store, c.Secure, c.Clock),
		once: map[string]oneTime{},
	}
	s.static = newStatic()
	s.desk = desk.New(c.Monitor, c.Clock, c.Logger)
	s.hub = newHub(s.desk.DropWall)
	s.desk.Told = s.hub.changed
	var err error
	if s.api, err = api.New(s.desk, c.Signer, c.Origin, c.Logger); err != nil {
		return nil, err
	}
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }
	s.handler = s.protect(s.routes())
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Observe takes what the monitor tells. It does not block.
func (s *Server) Observe(e monitor.Event) { s.hub.observe(e) }

// routes serves every screen, and what else there is.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	if s.Plain != nil {
		mux.Handle("GET /healthz", s.Plain)
		mux.Handle("GET /status", s.neighbours(s.Plain))
	}
	mux.Handle("GET /static/{version}/{name}", s.static)
	mux.Handle(api.Root+"/", s.api)
	inner := http.NewServeMux()
	people := s.sessions.LoadAndSave(inner)
	mux.Handle("/", people)
	mux.Handle("GET "+reader, people)
	for pattern, h := range s.doors() {
		inner.HandleFunc(pattern, h)
	}
	for pattern, h := range s.screens() {
		inner.Handle(pattern, s.inside(h))
	}
	inner.HandleFunc("/", s.notFound)
	return mux
}

// doors are what is there for those who have not signed in.
func (s *Server) doors() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /login": s.loginPage, "POST /login": s.login, "POST /logout": s.logout,
		"GET /welcome": s.welcomePage, "POST /welcome": s.welcome, "GET /enter": s.enter,
		"POST /preferences": s.preferences,
	}
}

// screens lists every screen and what may be done, with the least role for each. What
// changes something is checked again where it is decided.
func (s *Server) screens() map[string]screen {
	return map[string]screen{
		"GET /{$}": {monitor.InstitutionRole, s.wallPage}, "GET /events": {monitor.InstitutionRole, s.events},
		"GET /queue": {monitor.Viewer, s.queuePage}, "GET /review/{key}": {monitor.InstitutionRole, s.reviewPage},
		"POST /decide": {monitor.Analyst, s.decide}, "POST /undo": {monitor.Analyst, s.undo},
		"GET /incidents":      {monitor.InstitutionRole, s.incidentsPage},
		"GET /incidents/{id}": {monitor.InstitutionRole, s.incidentPage}, "POST /incidents/{id}": {monitor.Analyst, s.changeIncident},
		"GET /sites": {monitor.InstitutionRole, s.sitesPage}, "GET /sites/{id}": {monitor.InstitutionRole, s.sitePage},
		"POST /sites/{id}": {monitor.Analyst, s.changeSite},
		"GET /record":      {monitor.Lead, s.recordPage}, "GET /settings": {monitor.Administrator, s.settingsPage},
		"POST /settings": {monitor.Administrator, s.changeAccount},
		"GET /account":   {monitor.InstitutionRole, s.ownPage}, "POST /account": {monitor.InstitutionRole, s.changeOwn},
		"GET /account/code.png": {monitor.InstitutionRole, s.ownCode},
		"GET /tokens":           {monitor.InstitutionRole, s.tokensPage}, "POST /tokens": {monitor.InstitutionRole, s.changeTokens},
		"GET " + reader:       {monitor.InstitutionRole, s.readerPage},
		"GET /statistics":     {monitor.InstitutionRole, s.statisticsPage},
		"GET /statistics/csv": {monitor.InstitutionRole, s.statisticsCSV},
		"GET /lockdown":       {monitor.InstitutionRole, s.lockdownPage},
		"GET /lockdown/{id}":  {monitor.InstitutionRole, s.lockdownSitePage},
		"GET /snapshots":      {monitor.InstitutionRole, s.copiesPage},
		"GET /health":         {monitor.Analyst, s.healthPage},
	}
}

// protect gives every answer the headers that keep a page what it is, and refuses a
// change that another origin asks for.
func (s *Server) protect(next http.Handler) http.Handler {
	forged := http.NewCrossOriginProtection()
	forged.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "this was not asked for by a page of this console", http.StatusForbidden)
	}))
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' " + s.Signer.Origin() +
		"; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" +
		"; require-trusted-types-for 'script'; trusted-types 'none'"
	inner := forged.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		inner.ServeHTTP(w, r)
	})
}

// neighbours lets only this machine ask: /status is for scripts beside the process, and
// says more than a stranger should know. Behind a proxy everybody comes from this
// machine, so that nobody is told there; and a request must name this machine as its
// host, which one that a web site has led here by a false DNS answer does not.
func (s *Server) neighbours(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		passedOn := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != ""
		if err != nil || !from.Addr().Unmap().IsLoopback() || s.Proxied || passedOn || !namesThisMachine(r.Host) {
			http.Error(w, "/status is told to this machine only; type pasban status on it", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// namesThisMachine reports a Host header that says localhost, or a loopback address.
func namesThisMachine(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	ip, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return strings.EqualFold(name, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// screen is what is shown to those who have signed in, and the least role for it.
type screen struct {
	least monitor.Role
	show  func(w http.ResponseWriter, r *http.Request, v viewer) error
}

// viewer is who asks.
type viewer struct {
	desk.Who
	lang, theme string
}

// inside lets in who has signed in and has the role.
func (s *Server) inside(p screen) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok, err := s.viewer(r)
		switch {
		case err != nil:
			s.fail(w, r, err)
			return
		case !ok && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Site") == "cross-site":
			s.again(w, r)
			return
		case !ok:
			http.Redirect(w, r, "/login?next="+url.QueryEscape(cameFrom(r)), http.StatusSeeOther)
			return
		case !v.Role.AtLeast(p.least):
			s.fail(w, r, monitor.ErrForbidden)
			return
		}
		if err := p.show(w, r, v); err != nil {
			s.fail(w, r, err)
		}
	})
}

// cameFrom is the page that a request was made on: itself, or where its form stood. What
// a session that has ended could not do is not done after the next login.
func cameFrom(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host {
		return "/"
	}
	return local(from.RequestURI())
}

// again asks for the same page from here: a browser that follows a link from another
// site, such as a web mailer, does not send the cookie along, and somebody who has
// signed in should not be asked to.
func (s *Server) again(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Refresh", "0; url="+r.URL.RequestURI())
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("Opening the console ...\n"))
}

// viewer finds the account of a session that is still good.
func (s *Server) viewer(r *http.Request) (v viewer, ok bool, err error) {
	v = viewer{lang: s.language(r), theme: s.theme(r)}
	name := s.sessions.GetString(r.Context(), "account")
	if name == "" {
		return v, false, nil
	}
	a, err := s.Monitor.Store.Account(r.Context(), name)
	switch {
	case errors.Is(err, monitor.ErrNotFound):
		return v, false, nil
	case err != nil:
		return v, false, fmt.Errorf("finding out who asks: %w", err)
	case a.Disabled || a.Epoch != s.sessions.GetInt64(r.Context(), "epoch"):
		return v, false, nil
	}
	v.Account = a
	return v, true, nil
}

// language is the one that was chosen, else that of the account at its login.
func (s *Server) language(r *http.Request) string {
	if c, err := r.Cookie("language"); err == nil && (c.Value == "ur" || c.Value == "en") {
		return c.Value
	}
	return "en"
}

func (s *Server) theme(r *http.Request) string {
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "dark" || c.Value == "light") {
		return c.Value
	}
	return "auto"
}

// preferences keeps how the console looks to one browser.
func (s *Server) preferences(w http.ResponseWriter, r *http.Request) {
	for _, p := range []struct{ name, values string }{{"language", "en ur"}, {"theme", "auto dark light"}} {
		value := r.PostFormValue(p.name)
		if value == "" || !strings.Contains(" "+p.values+" ", " "+value+" ") {
			continue
		}
		http.SetCookie(w, &http.Cookie{Name: p.name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
	}
	http.Redirect(w, r, local(r.PostFormValue("next")), http.StatusSeeOther)
}

// local is a path of ours, "/" for anything that leads elsewhere.
func local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}

// fail answers for an error: what somebody can do about it, and nothing of ours.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	code, text := http.StatusInternalServerError, "Something of ours failed. It is in the log; try again."
	switch {
	case errors.Is(err, monitor.ErrNotFound):
		code, text = http.StatusNotFound, "There is no such thing, or it is gone."
	case errors.Is(err, monitor.ErrForbidden):
		code, text = http.StatusForbidden, "Your account may not do this."
	case errors.Is(err, monitor.ErrRefused):
		code, text = http.StatusConflict, refusal(s.language(r), err)
	case r.Context().Err() != nil:
		return // nobody waits for the answer
	default:
		s.Logger.Error("a page of the console failed", "path", r.URL.Path, "error", err)
	}
	if wantsJSON(r) {
		writeJSON(w, code, map[string]any{"error": text})
		return
	}
	v, _, _ := s.viewer(r) // what fails here has failed before
	p := s.page(r, v, "problem", cmp.Or(http.StatusText(code), "Error"))
	p.Body = map[string]any{"Text": text}
	s.render(w, code, "problem", p)
}

// refusal is why something is refused, as a sentence in a language.
func refusal(lang string, err error) string {
	_, text, _ := strings.Cut(err.Error(), monitor.ErrRefused.Error()+": ")
	var r *monitor.Refusal
	if errors.As(err, &r) {
		text = say(lang, r.Phrase, inWords(lang, r.Args)...)
		if lang == "ur" && urdu[r.Phrase] != "" {
			return monitor.Visible(text, 400) + "۔"
		}
	}
	text = monitor.Visible(text, 400)
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// inWords are arguments of a phrase, with words of the program in the language.
func inWords(lang string, args []any) []any {
	out := slices.Clone(args)
	for n, a := range out {
		switch a := a.(type) {
		case monitor.State:
			out[n] = say(lang, string(a))
		case monitor.Role:
			out[n] = say(lang, string(a))
		}
	}
	return out
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) { s.fail(w, r, monitor.ErrNotFound) }

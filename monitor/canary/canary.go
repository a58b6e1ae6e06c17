// Package canary serves the pages by which the watch is watched.
//
// They are three small pages on one address of this machine. Each has a second face,
// as an intruder would leave it: replaced by a crew's message, with links for search
// engines that nobody sees, with a script that reads what is typed. Package monitor
// looks at them as at any site and now and then has one attacked. If no alarm comes of
// it, none would come of a real attack either.
//
// Nothing here leads outside or does harm: the hosts that the attacks name are of the
// domain .example, which nobody can register (RFC 2606), and nobody types into the form.
package canary

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

//go:embed pages
var pages embed.FS

// Names of the pages: the paths they are served under, without the slash.
var Names = []string{"accounts", "notices", "services"}

// Server serves the canaries. Its methods may be called at once.
type Server struct {
	addr   netip.AddrPort
	server http.Server
	ended  chan error

	mu       sync.Mutex
	attacked string // the name of the page that shows its other face, "" for none
}

// Start serves on the first of the addresses that is free, such as "127.0.0.1:0".
// They must be addresses and no names, so that who looks can be allowed to go there
// and nowhere else.
func Start(ctx context.Context, addresses ...string) (*Server, error) {
	var failed []error
	for _, address := range addresses {
		listener, err := listen(ctx, address)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		s := &Server{addr: netip.MustParseAddrPort(listener.Addr().String()), ended: make(chan error, 1)}
		s.server = http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
			WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
		go func() { s.ended <- s.server.Serve(listener) }()
		return s, nil
	}
	return nil, fmt.Errorf("serving the canaries: %w", errors.Join(failed...))
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil || at.Addr().IsUnspecified() || at.Addr().Zone() != "" {
		return nil, fmt.Errorf("%q is no address and port at which a page can be looked at, such as 127.0.0.1:0", address)
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", address)
}

// Close ends the server.
func (s *Server) Close() error {
	err := s.server.Close()
	if ended := <-s.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// Addr is where the pages are.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// URL of a page.
func (s *Server) URL(name string) string { return "http://" + s.addr.String() + "/" + name }

// Attack has one page show its other face, and every other its own.
func (s *Server) Attack(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attacked = name
}

// Restore ends the attack.
func (s *Server) Restore() { s.Attack("") }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	attacked := r.URL.Path == "/"+s.attacked
	s.mu.Unlock()
	for _, name := range Names {
		if r.URL.Path != "/"+name {
			continue
		}
		page, err := face(name, attacked)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page) // who does not read to the end sees less
		return
	}
	http.NotFound(w, r)
}

// face is what a page shows. An attack that is no whole page stands at the end of the
// page's own body.
func face(name string, attacked bool) ([]byte, error) {
	own, err := pages.ReadFile("pages/" + name + ".html")
	if err != nil || !attacked {
		return own, err
	}
	other, err := pages.ReadFile("pages/" + name + ".attacked.html")
	if err != nil || bytes.HasPrefix(other, []byte("<!doctype")) {
		return other, err
	}
	return bytes.Replace(own, []byte("</body>"), append(other, "</body>"...), 1), nil
}

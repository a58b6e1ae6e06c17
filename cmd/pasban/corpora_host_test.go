package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// corporaHost is the web server of one real page: it serves one version of it,
// as published or as an attacker left it.
type corporaHost struct {
	page string // path of the watched page, e.g. "/index.html"
	url  string

	mu     sync.Mutex
	folder string
	attack func(document string) string // nil on an ordinary day
}

// startCorporaHost serves on an address of its own, so that no two sites share
// a machine.
func startCorporaHost(t *testing.T, address, page string) *corporaHost {
	t.Helper()
	h := &corporaHost{page: page}
	h.url = startAt(t, address, h) + page
	return h
}

func startAt(t *testing.T, address string, h http.Handler) (origin string) {
	t.Helper()
	l, err := net.Listen("tcp4", address+":0")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	if err := s.Listener.Close(); err != nil {
		t.Fatal(err)
	}
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// show publishes a version; attack, if not nil, is done to its page.
func (h *corporaHost) show(folder string, attack func(string) string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.folder, h.attack = folder, attack
}

// ServeHTTP implements http.Handler.
func (h *corporaHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	folder, attack := h.folder, h.attack
	h.mu.Unlock()
	name := path.Clean("/" + r.URL.Path)
	data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if name == h.page && attack != nil {
		data = []byte(attack(string(data)))
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}

// startCorporaAttacker is the host that skimmers report to. It takes anything.
func startCorporaAttacker(t *testing.T) (origin string) {
	return startAt(t, "127.91.255.1", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	}))
}

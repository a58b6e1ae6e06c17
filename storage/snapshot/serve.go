package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"time"

	"pasban/monitor"
)

// headers go with every answer: of the server that proves a copy, and of those that
// the kit configures. What each is for:
//
//	Content-Security-Policy       nothing runs, nothing is sent, nothing is loaded from elsewhere
//	X-Content-Type-Options        a file is what its type says
//	X-Frame-Options               no other site shows this one as its own
//	Referrer-Policy               where a visitor came from stays here
//	Permissions-Policy            no camera, microphone or place
//	Cross-Origin-Opener-Policy    windows of other sites have no hold on this one
//	Cross-Origin-Resource-Policy  nor do they embed its files
//	X-Robots-Tag                  a stand-in is not for search engines' archives
var headers = [][2]string{
	{"Content-Security-Policy", headerPolicy},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "SAMEORIGIN"},
	{"Referrer-Policy", "no-referrer"},
	{"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"X-Robots-Tag", "noarchive"},
}

// site serves one copy, as the kit has web servers do it: GET and HEAD, known paths.
type site struct {
	blobs monitor.Blobs
	index *Index
}

// ServeHTTP implements http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, h := range headers {
		w.Header().Set(h[0], h[1])
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This is a read-only copy.", http.StatusMethodNotAllowed)
		return
	}
	f, ok := s.index.file(pathOf(r.URL))
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
		if f, ok = s.index.file("404.html"); !ok {
			http.NotFound(w, r)
			return
		}
	}
	content, err := readBlob(r.Context(), s.blobs, f.SHA256, f.Size)
	if err != nil {
		http.Error(w, "This file cannot be read.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", f.Type)
	if status != http.StatusOK {
		w.WriteHeader(status)
		_, _ = w.Write(content) // who does not read to the end sees less
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// pathOf is the path in a copy that an address asks for.
func pathOf(u *url.URL) string {
	p := strings.TrimPrefix(path.Clean("/"+u.Path), "/")
	if p == "" || strings.HasSuffix(u.Path, "/") {
		p = path.Join(p, "index.html")
	}
	return p
}

// server is a site on loopback.
type server struct {
	http  http.Server
	addr  netip.AddrPort
	names map[string]string // path, by placeOf
	ended chan error
}

// Serve implements monitor.Snapshots. The server is on a free port of 127.0.0.1.
func (s *Store) Serve(ctx context.Context, manifest string) (monitor.SnapshotServer, error) {
	_, index, err := s.open(ctx, manifest)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving a copy on loopback: %w", err)
	}
	v := &server{addr: netip.MustParseAddrPort(listener.Addr().String()), names: map[string]string{}, ended: make(chan error, 1)}
	for _, p := range index.Pages {
		if u, err := url.Parse(p.URL); err == nil {
			v.names[placeOf(u)] = p.Path
		}
	}
	v.http = http.Server{Handler: &site{s.Blobs, index}, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	go func() { v.ended <- v.http.Serve(listener) }()
	return v, nil
}

// Addr implements monitor.SnapshotServer.
func (v *server) Addr() netip.AddrPort { return v.addr }

// URL implements monitor.SnapshotServer.
func (v *server) URL(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return ""
	}
	p, ok := v.names[placeOf(u)]
	if !ok {
		return ""
	}
	return "http://" + v.addr.String() + address(p)
}

// Close implements monitor.SnapshotServer.
func (v *server) Close() error {
	err := v.http.Close()
	if ended := <-v.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// open reads manifest and index of a copy.
func (s *Store) open(ctx context.Context, name string) (Manifest, *Index, error) {
	m, err := readManifest(ctx, s.Blobs, name)
	if err != nil {
		return m, nil, err
	}
	index, err := readIndex(ctx, s.Blobs, m.Index)
	if err != nil {
		return m, nil, fmt.Errorf("copy %s: %w", m.ID, err)
	}
	return m, index, nil
}

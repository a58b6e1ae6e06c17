package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"pasban/compare"
	"pasban/fixtures"
	"pasban/render"
	"pasban/render/egress"
	copies "pasban/storage/snapshot"
)

// pasbanIn runs commands on one data directory, as a person types them.
type pasbanIn struct {
	t    *testing.T
	data string
}

func (p pasbanIn) run(args ...string) string {
	p.t.Helper()
	var out, errs bytes.Buffer
	args = append(args, "--data", p.data, "--egress-allow", "127.0.0.0/8")
	if code := run(p.t.Context(), args, terminal{&out, &errs}); code != exitDone {
		p.t.Fatalf("pasban %v: exit code %d\n%s", args, code, errs.String())
	}
	return out.String()
}

// unpack writes a bundle into a folder and returns the one folder in it.
func unpack(t *testing.T, bundle, into string) string {
	t.Helper()
	f, err := os.Open(bundle)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	folder := ""
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return filepath.Join(into, folder)
		}
		if err != nil {
			t.Fatal(err)
		}
		folder, _, _ = strings.Cut(h.Name, "/")
		path := filepath.Join(into, filepath.FromSlash(h.Name))
		if !filepath.IsLocal(h.Name) {
			t.Fatalf("the bundle has the path %q", h.Name)
		}
		content, err := io.ReadAll(r)
		if err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// webServer is one of the servers that the kit configures, as Debian has it.
type webServer struct {
	name  string
	start func(t *testing.T, folder string) *exec.Cmd
}

var webServers = []webServer{
	{"nginx", func(t *testing.T, folder string) *exec.Cmd {
		dir := t.TempDir()
		conf := fmt.Sprintf("daemon off;\nworker_processes 1;\npid %[1]s/pid;\nerror_log stderr warn;\nuser root;\nevents {}\nhttp {\naccess_log off;\n"+
			"client_body_temp_path %[1]s/body;\nproxy_temp_path %[1]s/p;\nfastcgi_temp_path %[1]s/f;\nuwsgi_temp_path %[1]s/u;\nscgi_temp_path %[1]s/s;\ninclude %[2]s/kit/nginx.conf;\n}\n", dir, folder)
		return exec.CommandContext(t.Context(), "/usr/sbin/nginx", "-e", "stderr", "-c", writeConf(t, dir, conf))
	}},
	{"apache", func(t *testing.T, folder string) *exec.Cmd {
		dir := t.TempDir()
		conf := fmt.Sprintf("ServerRoot %[1]s\nPidFile %[1]s/pid\nErrorLog /dev/stderr\nServerName localhost\nTypesConfig /etc/mime.types\nUser www-data\nGroup www-data\n", dir)
		for _, m := range []string{"mpm_event", "authz_core", "authz_host", "dir", "mime", "headers", "allowmethods", "unixd"} {
			if _, err := os.Stat("/usr/lib/apache2/modules/mod_" + m + ".so"); err == nil {
				conf += fmt.Sprintf("LoadModule %[1]s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", m)
			}
		}
		conf += "Include " + folder + "/kit/apache.conf\n"
		return exec.CommandContext(t.Context(), "/usr/sbin/apache2", "-D", "FOREGROUND", "-f", writeConf(t, dir, conf))
	}},
	{"caddy", func(t *testing.T, folder string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", folder+"/kit/Caddyfile")
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir())
		return cmd
	}},
}

func writeConf(t *testing.T, dir, conf string) string {
	t.Helper()
	path := filepath.Join(dir, "server.conf")
	if err := os.WriteFile(path, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// serveKit starts a server on a bundle and waits until it answers.
func serveKit(t *testing.T, s webServer, folder, address string) {
	t.Helper()
	for dir := folder; dir != filepath.Dir(dir) && strings.HasPrefix(dir, os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // so that www-data gets there
			t.Fatal(err)
		}
	}
	cmd := s.start(t, folder)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v; make setup installs it", s.name, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed
		close(ended)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		<-ended
	})
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(30 * time.Second); ; {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close() // it was only to see that somebody answers
			return
		}
		select {
		case <-tick.C:
		case <-ended:
			t.Fatalf("%s ended: %v", s.name, cmd.ProcessState)
		case <-deadline:
			t.Fatalf("%s does not answer", s.name)
		}
	}
}

// rawly sends a request as it stands and returns status, headers and body.
func rawly(t *testing.T, address, request string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if d, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(d); err != nil {
			t.Fatal(err)
		}
	}
	method, _, _ := strings.Cut(request, " ")
	data, err := io.ReadAll(conn)
	if len(data) == 0 && err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(data)), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%q: %v: %q", request, err, data[:min(len(data), 300)])
	}
	body, _ := io.ReadAll(response.Body) // what a closed connection cut off is cut off
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response
}

// copied watches fixture sites once, and builds a copy of each.
func copied(t *testing.T, base string, sites ...string) (*fixtures.Fleet, pasbanIn) {
	t.Helper()
	fleet, err := fixtures.Start(t.Context(), fixtures.Options{Base: base, Sites: sites})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fleet.Close)
	p := pasbanIn{t, t.TempDir()}
	list := filepath.Join(p.data, "list.csv")
	if err := os.WriteFile(list, fleet.Watchlist(), 0o600); err != nil {
		t.Fatal(err)
	}
	p.run("sweep", "--watchlist", list)
	p.run("baseline", "approve", "--all")
	p.run(append([]string{"snapshot", "build"}, sites...)...)
	return fleet, p
}

// serveCopy exports the copy of a site and has a server show it as the kit says. It
// returns the folder that the copy lies in.
func serveCopy(t *testing.T, p pasbanIn, site string, server webServer, address string) string {
	t.Helper()
	dir := t.TempDir()
	folder, bundle := filepath.Join(dir, "root"), filepath.Join(dir, "b.tar.zst")
	pasbanIn{t, p.data}.run("snapshot", "export", site, "--out", bundle, "--host", "site.example", "--listen", address, "--root", folder, "--json")
	if err := os.Rename(unpack(t, bundle, dir), folder); err != nil {
		t.Fatal(err)
	}
	serveKit(t, server, folder, address)
	return folder
}

// The kit on real nginx, Apache and Caddy: the copy looks like the site to Chrome, takes
// nothing, says what it should, and holds nothing that acts.
func TestKitOnRealServers(t *testing.T) {
	fleet, p := copied(t, "127.89.1.1", "planning", "education")
	pool, err := render.NewPool(t.Context(), render.Options{Processes: 1, Egress: egress.Policy{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i, site := range fleet.Sites() {
		original := shot(t, pool, site.URL)
		for j, server := range webServers {
			t.Run(site.ID+" on "+server.name, func(t *testing.T) {
				address := fmt.Sprintf("127.90.%d.%d:8090", i+1, j+1)
				folder := serveCopy(t, p, site.ID, server, address)
				page := shot(t, pool, "http://"+address+"/")
				if change := compare.Diff(picture(t, original), picture(t, page), nil); change.Share > 0.05 {
					t.Errorf("%.1f %% of the picture differ from the site", 100*change.Share)
				}
				isInert(t, page, address)
				takesNothing(t, server.name, address)
				everyPageIsServed(t, folder, address)
			})
		}
	}
}

func shot(t *testing.T, pool *render.Pool, address string) *render.Page {
	t.Helper()
	page, err := pool.Render(t.Context(), render.Request{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	if page.Outcome != render.OK || page.Screenshot == nil {
		t.Fatalf("%s: %s %s", address, page.Outcome, page.Detail)
	}
	return page
}

func picture(t *testing.T, p *render.Page) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(p.Screenshot.Data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// isInert asserts on what Chrome saw: no script, no form that can be used, and nothing
// asked of any other host.
func isInert(t *testing.T, p *render.Page, address string) {
	t.Helper()
	if len(p.Scripts) > 0 {
		t.Errorf("it has %d scripts: %+v", len(p.Scripts), p.Scripts[0].Kind)
	}
	for _, f := range p.Forms {
		for _, in := range f.Inputs {
			if !in.Disabled {
				t.Errorf("a control can be used: %+v", in)
			}
		}
	}
	for _, v := range p.Network {
		if fmt.Sprintf("%s:%d", v.Host, v.Port) != address {
			t.Errorf("it went to %s:%d", v.Host, v.Port)
		}
	}
	for _, line := range p.Console {
		if strings.Contains(line, "Content Security Policy") {
			t.Errorf("the policy had to step in: %s", line)
		}
	}
}

// wantedHeaders go with every answer, each once.
var wantedHeaders = [][2]string{
	{"Content-Security-Policy", "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; media-src 'self'; " +
		"frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "SAMEORIGIN"},
	{"Referrer-Policy", "no-referrer"},
	{"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"X-Robots-Tag", "noarchive"},
}

// takesNothing asserts that whatever writes is refused, and what goes with every answer.
func takesNothing(t *testing.T, server, address string) {
	t.Helper()
	ask := func(line, more string) *http.Response {
		return rawly(t, address, line+" HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n"+more+"\r\n")
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "PASBAN"} {
		for _, path := range []string{"/", "/nothing-here"} {
			if r := ask(method+" "+path, "Content-Length: 0\r\n"); r.StatusCode != 405 && r.StatusCode != 501 {
				t.Errorf("%s %s: status %d, want 405", method, path, r.StatusCode)
			}
		}
	}
	for what, r := range map[string]*http.Response{
		"a POST with a body":  rawly(t, address, "POST / HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"),
		"a GET with a body":   rawly(t, address, "GET / HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"),
		"a GET with chunks":   rawly(t, address, "GET / HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
		"a hidden file":       ask("GET /.git/config", ""),
		"a way upwards":       ask("GET /../kit/nginx.conf", ""),
		"an encoded way":      ask("GET /%2e%2e/kit/nginx.conf", ""),
		"a page that is gone": ask("GET /no/such/page.php?id=1", ""),
		"a folder":            ask("GET /_pasban/", ""),
	} {
		if server == "caddy" && what == "a GET with chunks" {
			continue // answered without its body being read; Caddy cannot be told to refuse it
		}
		if r.StatusCode < 400 {
			t.Errorf("%s: status %d", what, r.StatusCode)
		}
	}
	if r := ask("HEAD /", ""); r.StatusCode != 200 {
		t.Errorf("HEAD: status %d", r.StatusCode)
	}
	for _, path := range []string{"/", "/no/such/page"} {
		r := ask("GET "+path, "")
		for _, h := range wantedHeaders {
			if have := r.Header.Values(h[0]); len(have) != 1 || have[0] != h[1] {
				t.Errorf("GET %s has %s: %q, want %q", path, h[0], have, h[1])
			}
		}
		if server := r.Header.Get("Server"); strings.ContainsAny(server, "0123456789") || r.Header.Get("X-Powered-By") != "" {
			t.Errorf("it tells its version: %q", server)
		}
		if len(r.Header.Values("Set-Cookie")) > 0 || r.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("it sets a cookie, or HSTS without TLS: %v", r.Header)
		}
	}
	if r := ask("GET /no/such/page", ""); r.StatusCode != 404 {
		t.Errorf("what is not there has status %d", r.StatusCode)
	} else if body, _ := io.ReadAll(r.Body); !bytes.Contains(body, []byte("read-only copy")) {
		t.Errorf("what is not there says %.100q", body)
	}
}

// everyPageIsServed asserts that each file of the copy comes with its type, and that each
// page passes the check for what acts.
func everyPageIsServed(t *testing.T, folder, address string) {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m copies.BundleManifest
	if err := json.Unmarshal(doc, &m); err != nil {
		t.Fatal(err)
	}
	served := 0
	for _, f := range m.Files {
		path, ok := strings.CutPrefix(f.Path, "www/")
		if !ok || path == "404.html" {
			continue
		}
		path = strings.TrimSuffix("/"+path, "index.html")
		r := rawly(t, address, "GET "+path+" HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n\r\n")
		body, _ := io.ReadAll(r.Body) // its length is compared
		if r.StatusCode != 200 || int64(len(body)) != f.Size {
			t.Errorf("%s: status %d, %d bytes, want %d", path, r.StatusCode, len(body), f.Size)
		}
		if have := strings.ToLower(strings.ReplaceAll(r.Header.Get("Content-Type"), " ", "")); have != strings.ReplaceAll(f.Type, " ", "") {
			t.Errorf("%s: type %q, want %q", path, have, f.Type)
		}
		if strings.HasPrefix(f.Type, "text/html") {
			if err := copies.CheckInert(body); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		served++
	}
	if served < 5 {
		t.Errorf("only %d files are in the copy", served)
	}
}

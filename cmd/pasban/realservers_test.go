package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// ordered lets the controls run over sites that are served at addresses, and returns how
// each stands.
func ordered(t *testing.T, sites map[string]string) map[string]standing {
	t.Helper()
	h := lockdownHouse{t, t.TempDir()}
	list := "site_id,url,institution,tier,lockdown\n"
	for id, address := range sites {
		list += fmt.Sprintf("%s,http://%s/,Office,federal,active read-only\n", id, address)
	}
	file := filepath.Join(h.data, "list.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	h.run(0, "sites", "import", file)
	h.run(0, "sweep", "--json")
	return h.status()
}

// The kit on real servers passes every control that is the kit's to pass: what the copy
// shows, what the server takes and what it tells.
func TestLockdownOfTheKit(t *testing.T) {
	_, p := copied(t, "127.91.1.1", "planning")
	sites := map[string]string{}
	for i, server := range webServers {
		sites[server.name] = fmt.Sprintf("127.92.1.%d:8090", i+1)
		serveCopy(t, p, "planning", server, sites[server.name])
	}
	for site, s := range ordered(t, sites) {
		checkStands(t, site, s, notTheirs)
	}
}

// notTheirs is how controls stand that are not what a kit is about: the test serves it
// without TLS, and on an address of its own.
var notTheirs = map[string]string{"tls": "open", "hsts": "open", "cdn": "open", "origin": "unknown"}

// checkStands asserts on every control of a site; what want does not name must be closed.
func checkStands(t *testing.T, site string, s standing, want map[string]string) {
	t.Helper()
	if len(s.Controls) != 22 {
		t.Errorf("%s has verdicts on %d controls, want 22", site, len(s.Controls))
	}
	for _, c := range s.Controls {
		if right := cmp.Or(want[c.Control], "closed"); c.State != right {
			t.Errorf("%s: %s is %s (%s %q), want %s", site, c.Control, c.State, c.Why, c.Evidence, right)
		}
	}
}

// careless are servers that list their folders and say who they are; this nginx answers
// a POST as a GET, a thing that many do to mend a form.
var careless = []webServer{
	{"nginx", func(t *testing.T, folder string) *exec.Cmd {
		dir := t.TempDir()
		conf := fmt.Sprintf("daemon off;\nworker_processes 1;\npid %[1]s/pid;\nerror_log stderr crit;\nuser root;\nevents {}\nhttp {\naccess_log off;\ninclude /etc/nginx/mime.types;\n"+
			"client_body_temp_path %[1]s/body;\nproxy_temp_path %[1]s/p;\nfastcgi_temp_path %[1]s/f;\nuwsgi_temp_path %[1]s/u;\nscgi_temp_path %[1]s/s;\n"+
			"server {\nlisten 127.92.2.1:8090;\nroot %[2]s;\nautoindex on;\nerror_page 405 =200 /index.html;\n}\n}\n", dir, folder)
		return exec.CommandContext(t.Context(), "/usr/sbin/nginx", "-e", "stderr", "-c", writeConf(t, dir, conf))
	}},
	{"apache", func(t *testing.T, folder string) *exec.Cmd {
		dir := t.TempDir()
		conf := fmt.Sprintf("ServerRoot %[1]s\nPidFile %[1]s/pid\nErrorLog /dev/stderr\nServerName localhost\nTypesConfig /etc/mime.types\nUser www-data\nGroup www-data\n"+
			"Listen 127.92.2.2:8090\n", dir)
		for _, m := range []string{"mpm_event", "authz_core", "authz_host", "dir", "autoindex", "mime"} {
			if _, err := os.Stat("/usr/lib/apache2/modules/mod_" + m + ".so"); err == nil {
				conf += fmt.Sprintf("LoadModule %[1]s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", m)
			}
		}
		conf += fmt.Sprintf("DocumentRoot %[1]s\n<Directory %[1]s>\nOptions Indexes\nRequire all granted\n</Directory>\n", folder)
		return exec.CommandContext(t.Context(), "/usr/sbin/apache2", "-D", "FOREGROUND", "-f", writeConf(t, dir, conf))
	}},
}

// Servers that nobody hardened keep doors open, and each is found.
func TestLockdownOfCarelessServers(t *testing.T) {
	sites := map[string]string{}
	for i, server := range careless {
		folder := t.TempDir()
		for path, content := range map[string]string{
			"index.html":         `<title>Office of Works</title><h1>Office of Works</h1><p>Notices of the office.</p><form action="/search"><input type="search" name="q"><button>Search</button></form>`,
			"uploads/report.pdf": "%PDF-1.4", "wp-login.php": `<title>Log in</title><form id="loginform" method="post" action="/wp-login.php"><input name="log"><input type="password" name="pwd"></form>`,
		} {
			if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(path)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, path), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		sites[server.name] = fmt.Sprintf("127.92.2.%d:8090", i+1)
		serveKit(t, server, folder, sites[server.name])
	}
	want := maps.Clone(notTheirs)
	for _, c := range []string{"search", "method", "backend", "listing", "database", "version", "csp", "headers", "contact"} {
		want[c] = "open"
	}
	for site, s := range ordered(t, sites) {
		for _, c := range s.Controls {
			if c.Control == "outdated" { // by what Debian has today
				want["outdated"] = c.State
			}
		}
		checkStands(t, site, s, want)
	}
}

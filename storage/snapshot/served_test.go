package snapshot_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"pasban/storage/snapshot"
)

// BenchmarkFromCommandToSite200Pages is what an institution waits for: the bundle of 200
// pages written, checked, unpacked, nginx started on it, the first page answered. The
// pages weigh 60 kB each, pictures included.
func BenchmarkFromCommandToSite200Pages(b *testing.B) {
	s, store := twoHundred(b)
	key, err := snapshot.OpenKey(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		dir := b.TempDir()
		if err := os.Chmod(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		listen := fmt.Sprintf("127.91.1.1:%d", 20_000+n%10_000)
		out := filepath.Join(dir, "b.tar.zst")
		if _, err := store.Export(b.Context(), snapshot.Export{Copy: s, Key: key, Out: out, Host: "office.example", Listen: listen, Root: dir + "/site"}); err != nil {
			b.Fatal(err)
		}
		f, err := os.Open(out)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := snapshot.VerifyBundle(f, key.Public()); err != nil {
			b.Fatal(err)
		}
		_ = f.Close() // read only
		for path, content := range untar(b, out) {
			to := filepath.Join(dir, "site", path)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(to, []byte(content), 0o644); err != nil {
				b.Fatal(err)
			}
		}
		startNginx(b, dir, listen)
	}
}

// startNginx starts nginx, waits for the front page and ends it.
func startNginx(b *testing.B, dir, listen string) {
	b.Helper()
	conf := fmt.Sprintf("daemon off; worker_processes 1; user root; pid %[1]s/pid; error_log stderr crit; events {} http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s; include %[1]s/site/kit/nginx.conf; }", dir)
	if err := os.WriteFile(dir+"/conf", []byte(conf), 0o600); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/sbin/nginx", "-e", "stderr", "-c", dir+"/conf")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		b.Fatalf("%v; make setup installs nginx", err)
	}
	defer func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = cmd.Wait()                                      // it was killed
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		if conn, err := new(net.Dialer).DialContext(ctx, "tcp", listen); err == nil {
			_ = conn.Close() // somebody answers
			break
		}
		<-tick.C
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+"/", nil)
	if err != nil {
		b.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		b.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("the front page has status %d: %v", response.StatusCode, err)
	}
}

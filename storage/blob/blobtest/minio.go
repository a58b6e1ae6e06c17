package blobtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"pasban/storage/servertest"
)

// server is the MinIO of this test binary.
var server struct {
	sync.Mutex
	url *url.URL // without a bucket; nil until it runs
}

// MinIO returns the s3:// URL of a fresh bucket, not made yet, on a real MinIO
// that runs as long as this test binary. The program comes from PATH or from
// the folder that "go install" installs into; "make setup" puts it there.
func MinIO(t testing.TB) string {
	t.Helper()
	server.Lock()
	defer server.Unlock()
	if server.url == nil {
		server.url, _ = startMinIO(t)
	}
	return bucketOn(server.url)
}

// MinIOServer is MinIO with a server of its own, which can be stopped and
// started again.
func MinIOServer(t testing.TB) (string, *servertest.Running) {
	t.Helper()
	u, running := startMinIO(t)
	return bucketOn(u), running
}

func bucketOn(server *url.URL) string {
	u := *server
	u.Path = "/test-" + strings.ToLower(rand.Text())
	return u.String()
}

func startMinIO(t testing.TB) (*url.URL, *servertest.Running) {
	t.Helper()
	program := findMinIO(t)
	// Characters that must be escaped in a URL, as generated secrets have them.
	key, secret := rand.Text(), rand.Text()+"/+ %:@?#"
	address := servertest.FreeAddress(t)
	running := servertest.Start(t, servertest.Server{
		Name: "minio",
		Args: []string{program, "server", "--quiet", "--address", address, "DIR/data"},
		Env: []string{
			"MINIO_ROOT_USER=" + key, "MINIO_ROOT_PASSWORD=" + secret,
			"MINIO_BROWSER=off", "MINIO_UPDATE=off", "HOME=DIR",
		},
		Ready: func(string) error { return answers(address, key, secret) },
	})
	return &url.URL{Scheme: "s3", User: url.UserPassword(key, secret), Host: address, RawQuery: "tls=false"}, running
}

// answers makes a request that needs everything: MinIO's own health check says
// yes while other requests are still told to come back later.
func answers(address, key, secret string) error {
	client, err := minio.New(address, &minio.Options{Creds: credentials.NewStaticV4(key, secret, ""), MaxRetries: 1})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err = client.ListBuckets(ctx)
	return err
}

func findMinIO(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("minio"); err == nil {
		return path
	}
	folder, err := exec.CommandContext(t.Context(), "go", "env", "GOPATH").Output()
	if err == nil {
		var path string
		path, err = exec.LookPath(filepath.Join(strings.TrimSpace(string(folder)), "bin", "minio"))
		if err == nil {
			return path
		}
	}
	t.Fatalf("these tests need a MinIO server, and there is none: run \"make setup\" (%v)", err)
	return ""
}

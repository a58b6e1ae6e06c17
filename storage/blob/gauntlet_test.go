package blob_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pasban/monitor"
	"pasban/storage/blob/blobtest"
)

// hostileHTML is a page as it is stored: whoever opens it by its address must get
// a file to save, not a page that runs.
const hostileHTML = "<!doctype html><script>alert(document.domain)</script><svg onload=alert(1)>"

// A stored page that somebody opens straight from the bucket, with an address
// that is signed for it, is neither rendered nor guessed at by a browser.
func TestGauntlet82StoredHTMLIsNotRendered(t *testing.T) {
	where := blobtest.MinIO(t)
	blobs := open(t, where)
	digest, err := blobs.Put(t.Context(), []byte(hostileHTML))
	if err != nil {
		t.Fatal(err)
	}
	if err := blobs.PutManifest(t.Context(), "baselines/a/a.html", []byte(hostileHTML)); err != nil {
		t.Fatal(err)
	}
	server, bucket := client(t, where)
	for _, key := range []string{"sha256/" + digest, "manifests/baselines/a/a.html"} {
		address, err := server.PresignedGetObject(t.Context(), bucket, key, time.Minute, nil)
		if err != nil {
			t.Fatal(err)
		}
		header, body := fetch(t, address)
		for name, want := range map[string]string{
			"Content-Type": "application/octet-stream", "Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", key, name, got, want)
			}
		}
		if body != hostileHTML {
			t.Errorf("%s: the content is %q", key, body)
		}
	}
}

func fetch(t *testing.T, address *url.URL) (http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", response.StatusCode, err)
	}
	return response.Header, string(body)
}

// No name that could be a path is a blob or becomes a manifest, in a directory or
// in a bucket, and nothing outside of the storage is read, written or removed.
func TestGauntlet83TraversalInKeys(t *testing.T) {
	outer := t.TempDir()
	secret := filepath.Join(outer, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for kind, where := range map[string]string{"a directory": filepath.Join(outer, "blobs"), "a bucket": blobtest.MinIO(t)} {
		blobs := open(t, where)
		for _, key := range []string{
			"../secret", "../../secret", "..", ".", "", "/etc/passwd", secret, "sha256/../../secret", `..\..\secret`, "..%2f..%2fsecret",
			"a/../../../secret", "\x00", "../" + strings.Repeat("a", 61), strings.Repeat("a", 61) + "/..",
			"<svg onload=alert(1)>.png", "shot.svg\x00.png", "gnp.\u202elmth",
		} {
			if _, err := blobs.Open(t.Context(), key); !errors.Is(err, monitor.ErrNotFound) {
				t.Errorf("%s opened %q: %v", kind, key, err)
			}
			if _, err := blobs.Stat(t.Context(), key); !errors.Is(err, monitor.ErrNotFound) {
				t.Errorf("%s knows %q: %v", kind, key, err)
			}
			if err := blobs.Delete(t.Context(), key); err != nil && !errors.Is(err, monitor.ErrNotFound) {
				t.Errorf("%s, deleting %q: %v", kind, key, err)
			}
			if err := blobs.PutManifest(t.Context(), key, []byte("{}")); err == nil {
				t.Errorf("%s stored the manifest %q", kind, key)
			}
			if _, err := blobs.Manifest(t.Context(), "../"+key); err == nil {
				t.Errorf("%s read the manifest %q", kind, "../"+key)
			}
		}
	}
	if content, err := os.ReadFile(secret); err != nil || string(content) != "secret" {
		t.Errorf("the file beside the storage holds %q, %v", content, err)
	}
	if _, err := os.Stat("/etc/passwd"); err != nil {
		t.Error(err)
	}
}

package blob_test

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"pasban/monitor"
	"pasban/storage/blob"
	"pasban/storage/blob/blobtest"
)

// open opens the storage at url for the length of the test.
func open(t testing.TB, url string) blob.Blobs {
	t.Helper()
	blobs, err := blob.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	return blobs
}

func TestDir(t *testing.T) {
	folders := map[monitor.Blobs]string{}
	blobtest.Run(t, blobtest.Subject{
		Open: func(t *testing.T) monitor.Blobs {
			folder := filepath.Join(t.TempDir(), "not", "made yet")
			blobs := open(t, folder)
			folders[blobs] = folder
			return blobs
		},
		Corrupt: func(t *testing.T, blobs monitor.Blobs, digest string, content []byte) {
			path := filepath.Join(folders[blobs], "sha256", digest[:2], digest[2:4], digest)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content, 0o444); err != nil {
				t.Fatal(err)
			}
		},
	})
}

func TestMinIO(t *testing.T) {
	urls := map[monitor.Blobs]string{}
	blobtest.Run(t, blobtest.Subject{
		Open: func(t *testing.T) monitor.Blobs {
			url := blobtest.MinIO(t)
			blobs := open(t, url)
			blob.RenewAtOnce(blobs)
			urls[blobs] = url
			return blobs
		},
		Corrupt: func(t *testing.T, blobs monitor.Blobs, digest string, content []byte) {
			client, bucket := client(t, urls[blobs])
			_, err := client.PutObject(t.Context(), bucket, "sha256/"+digest,
				bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
			if err != nil {
				t.Fatal(err)
			}
		},
	})
}

// client is a way to the server that does not lead through this package.
func client(t *testing.T, text string) (*minio.Client, string) {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := u.User.Password()
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(u.User.Username(), secret, "")})
	if err != nil {
		t.Fatal(err)
	}
	return client, strings.Trim(u.Path, "/")
}

// Two opens at once must not trip over making the same bucket or directory.
func TestOpenAtOnce(t *testing.T) {
	for _, url := range []string{t.TempDir() + "/new", blobtest.MinIO(t), blobtest.MinIO(t) + "&lock=governance:1d"} {
		errs := make(chan error)
		for range 4 {
			go func() {
				blobs, err := blob.Open(context.WithoutCancel(t.Context()), url)
				if err == nil {
					err = blobs.Close()
				}
				errs <- err
			}()
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	}
}

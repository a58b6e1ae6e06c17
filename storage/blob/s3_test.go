package blob_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"pasban/monitor"
	"pasban/storage/blob"
	"pasban/storage/blob/blobtest"
)

// What an operator reads when a bucket cannot be used: which host and bucket,
// what to do, and never the secret.
func TestS3Errors(t *testing.T) {
	good := blobtest.MinIO(t)
	u, err := url.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := u.User.Password()
	with := func(change func(u *url.URL)) string {
		other := *u
		change(&other)
		return other.String()
	}
	for name, test := range map[string]struct{ url, want string }{
		"unreachable":    {with(func(u *url.URL) { u.Host = "127.0.0.1:1" }), "127.0.0.1:1 cannot be reached"},
		"wrong secret":   {with(func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "geheim") }), "the secret does not belong"},
		"wrong key":      {with(func(u *url.URL) { u.User = url.UserPassword("nobody", "geheim") }), "does not know this access key"},
		"TLS":            {with(func(u *url.URL) { u.RawQuery = "" }), "add tls=false"},
		"bucket name":    {with(func(u *url.URL) { u.Path = "/No_Bucket" }), "No_Bucket"},
		"no bucket":      {with(func(u *url.URL) { u.Path = "" }), "must name one bucket"},
		"two buckets":    {with(func(u *url.URL) { u.Path = "/a/b" }), "must name one bucket"},
		"no host":        {"s3:///bucket", "names no host"},
		"no key":         {"s3://host/bucket", "lacks the access key"},
		"no secret":      {"s3://key@host/bucket", "lacks the access key"},
		"not escaped":    {"s3://key:geheim%@host/bucket", "cannot be understood"},
		"slash":          {"s3://key:98765432109/geheim@host/bucket", "escaped as %XX"},
		"question mark":  {"s3://key:98765432109?geheim@host/bucket", "escaped as %XX"},
		"bad tls":        {good + "&tls=maybe", `parameter "tls"`},
		"unknown":        {good + "&colour=red", "known are tls, region and lock"},
		"bad lock":       {good + "&lock=governance", "governance:30d"},
		"lock of 0 days": {good + "&lock=governance:0d", "governance:30d"},
		"unknown lock":   {good + "&lock=padlock:3d", "governance:30d"},
	} {
		blobs, err := blob.Open(t.Context(), test.url)
		if err == nil {
			t.Errorf("%s: Open worked", name)
			_ = blobs.Close() // the test has failed already
			continue
		}
		text := err.Error()
		if !strings.Contains(text, test.want) || strings.Contains(text, secret) ||
			strings.Contains(text, url.QueryEscape(secret)) || strings.Contains(text, "geheim") || strings.Contains(text, "98765432109") {
			t.Errorf("%s: the error is %q, want something about %q and no secret", name, text, test.want)
		}
	}
}

// With object lock, what is deleted is gone for us and stays on the server.
func TestS3Lock(t *testing.T) {
	url := blobtest.MinIO(t) + "&lock=governance:30d"
	blobs := open(t, url)
	digest, err := blobs.Put(t.Context(), []byte("evidence"))
	if err == nil {
		err = blobs.Delete(t.Context(), digest)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blobs.Stat(t.Context(), digest); !errors.Is(err, monitor.ErrNotFound) {
		t.Errorf("after Delete, Stat gave %v", err)
	}
	server, bucket := client(t, url)
	versions := 0
	for object := range server.ListObjects(t.Context(), bucket, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		if object.Err != nil {
			t.Fatal(object.Err)
		}
		if object.IsDeleteMarker {
			continue
		}
		versions++
		mode, until, err := server.GetObjectRetention(t.Context(), bucket, object.Key, object.VersionID)
		if err != nil || *mode != minio.Governance || time.Until(*until) < 29*24*time.Hour {
			t.Errorf("retention is %v until %v, %v", mode, until, err)
		}
		err = server.RemoveObject(t.Context(), bucket, object.Key, minio.RemoveObjectOptions{VersionID: object.VersionID})
		if err == nil {
			t.Error("the locked version could be removed")
		}
	}
	if versions != 1 {
		t.Errorf("the server keeps %d versions, want 1", versions)
	}
	if _, err := blobs.Put(t.Context(), []byte("evidence")); err != nil {
		t.Errorf("Put after Delete: %v", err)
	}
	if _, err := blobs.Stat(t.Context(), digest); err != nil {
		t.Errorf("Stat after Put: %v", err)
	}
}

// A bucket that exists without object lock must not be taken for a locked one.
func TestS3LockOfPlainBucket(t *testing.T) {
	url := blobtest.MinIO(t)
	open(t, url)
	_, err := blob.Open(t.Context(), url+"&lock=compliance:1d")
	if err == nil || !strings.Contains(err.Error(), "object lock") {
		t.Errorf("Open gave %v, want something about object lock", err)
	}
}

// Storing what is there already must not send the content again.
func TestS3PutTwiceSendsOnce(t *testing.T) {
	uploads := 0
	target, err := url.Parse(blobtest.MinIO(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(countUploads(target.Host, &uploads))
	defer proxy.Close()
	target.Host = strings.TrimPrefix(proxy.URL, "http://")
	blobs := open(t, target.String())
	for range 3 {
		if _, err := blobs.Put(t.Context(), []byte("the same")); err != nil {
			t.Fatal(err)
		}
	}
	if uploads != 1 {
		t.Errorf("three times the same content made %d uploads, want 1", uploads)
	}
}

// countUploads passes requests on and counts those that carry a blob. The Host
// header stays: it is part of what the client signed.
func countUploads(host string, uploads *int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/sha256/") {
			*uploads++
		}
		request := r.Clone(r.Context())
		request.RequestURI, request.URL.Scheme, request.URL.Host, request.Host = "", "http", host, r.Host
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		pass(w, response)
	}
}

// A server that hangs must not hold a capture for ever.
func TestS3Hangs(t *testing.T) {
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-ended }))
	defer server.Close()
	defer close(ended)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := blob.Open(ctx, "s3://key:geheim@"+strings.TrimPrefix(server.URL, "http://")+"/bucket?tls=false")
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("Open gave %v, want the deadline", err)
	}
}

func pass(w http.ResponseWriter, response *http.Response) {
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	// A connection that breaks here breaks for the client too, which tells.
	_, _ = io.Copy(w, response.Body)
	_ = response.Body.Close()
}

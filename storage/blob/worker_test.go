package blob_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/lifecycle"

	"pasban/monitor"
	"pasban/storage/blob/blobtest"
)

const workerPolicy = "../../deploy/minio-worker.json"

// A worker stores and reads evidence, and reads approved looks.
func TestWorkerLooks(t *testing.T) {
	url := blobtest.MinIO(t) + "&lock=governance:30d"
	owner := open(t, url)
	if err := owner.PutManifest(t.Context(), "baselines/ministry/ministry/1.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	worker := open(t, blobtest.Worker(t, url, workerPolicy))
	for range 2 {
		digest, err := worker.Put(t.Context(), []byte("seen"))
		if err != nil {
			t.Fatal(err)
		}
		if got := content(t, owner, digest); got != "seen" {
			t.Errorf("the owner reads %q", got)
		}
		if got := content(t, worker, digest); got != "seen" {
			t.Errorf("the worker reads %q", got)
		}
	}
	if _, err := worker.Manifest(t.Context(), "baselines/ministry/ministry/1.json"); err != nil {
		t.Errorf("reading an approved look: %v", err)
	}
}

// A worker that was taken over has its key, and this is what it cannot do with it.
func TestWhatAWorkersKeyCannot(t *testing.T) {
	url := blobtest.MinIO(t) + "&lock=governance:30d"
	owner := open(t, url)
	digest, err := owner.Put(t.Context(), []byte("evidence"))
	if err == nil {
		err = owner.PutManifest(t.Context(), "baselines/ministry/ministry/1.json", []byte("{}"))
	}
	if err != nil {
		t.Fatal(err)
	}
	admin, bucket := client(t, url)
	key := "sha256/" + digest
	info, err := admin.StatObject(t.Context(), bucket, key, minio.StatObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	worker, _ := client(t, blobtest.Worker(t, url, workerPolicy))
	put := func(key string) error {
		_, err := worker.PutObject(t.Context(), bucket, key, strings.NewReader("x"), 1, minio.PutObjectOptions{})
		return err
	}
	for what, err := range map[string]error{
		"delete a blob":                worker.RemoveObject(t.Context(), bucket, key, minio.RemoveObjectOptions{}),
		"delete a version":             worker.RemoveObject(t.Context(), bucket, key, minio.RemoveObjectOptions{VersionID: info.VersionID}),
		"delete past the lock":         worker.RemoveObject(t.Context(), bucket, key, minio.RemoveObjectOptions{VersionID: info.VersionID, GovernanceBypass: true}),
		"approve a look":               put("manifests/baselines/ministry/ministry/2.json"),
		"change an approved look":      put("manifests/baselines/ministry/ministry/1.json"),
		"store beside the evidence":    put("index.html"),
		"stop keeping versions":        worker.SuspendVersioning(t.Context(), bucket),
		"have evidence expire":         worker.SetBucketLifecycle(t.Context(), bucket, expireAll()),
		"open the bucket to the world": worker.SetBucketPolicy(t.Context(), bucket, `{"Version":"2012-10-17","Statement":[]}`),
		"unlock the bucket":            worker.SetBucketObjectLockConfig(t.Context(), bucket, nil, nil, nil),
		"remove the bucket":            worker.RemoveBucket(t.Context(), bucket),
		"make a bucket":                worker.MakeBucket(t.Context(), bucket+"-2", minio.MakeBucketOptions{}),
	} {
		if code := minio.ToErrorResponse(err).Code; code != minio.AccessDenied {
			t.Errorf("%s: %v, want %s", what, err, minio.AccessDenied)
		}
	}
	if got := content(t, owner, digest); got != "evidence" {
		t.Errorf("after all that the owner reads %q", got)
	}
}

func expireAll() *lifecycle.Configuration {
	return &lifecycle.Configuration{Rules: []lifecycle.Rule{{ID: "all", Status: "Enabled", Expiration: lifecycle.Expiration{Days: 1}}}}
}

// S3 has no permission to add and not to overwrite. What a worker puts over evidence
// becomes a version of it, and is passed over by whoever reads.
func TestOverwritingLosesNothing(t *testing.T) {
	url := blobtest.MinIO(t) + "&lock=governance:30d"
	owner := open(t, url)
	digest, err := owner.Put(t.Context(), []byte("evidence"))
	if err != nil {
		t.Fatal(err)
	}
	worker, bucket := client(t, blobtest.Worker(t, url, workerPolicy))
	for _, junk := range []string{"EVIDENCE", "longer than the evidence", ""} {
		overwrite(t, worker, bucket, digest, junk)
		if got := content(t, owner, digest); got != "evidence" {
			t.Errorf("after %q was put over it, the owner reads %q", junk, got)
		}
	}
	if got, err := owner.Put(t.Context(), []byte("evidence")); err != nil || got != digest {
		t.Errorf("storing it again: %q, %v", got, err)
	}
}

// Whoever knows what evidence against him will look like could store something else
// of the same size under its name, before it is there.
func TestJunkInAdvanceIsReplaced(t *testing.T) {
	for name, parameters := range map[string]string{"versions": "&lock=governance:30d", "no versions": ""} {
		t.Run(name, func(t *testing.T) {
			url := blobtest.MinIO(t) + parameters
			owner := open(t, url)
			seen := []byte("what the intruder will show")
			sum := sha256.Sum256(seen)
			digest := hex.EncodeToString(sum[:])
			worker, bucket := client(t, blobtest.Worker(t, url, workerPolicy))
			overwrite(t, worker, bucket, digest, strings.Repeat("x", len(seen)))
			if _, err := owner.Put(t.Context(), seen); err != nil {
				t.Fatal(err)
			}
			if got := content(t, owner, digest); got != string(seen) {
				t.Errorf("the owner reads %q", got)
			}
		})
	}
}

func overwrite(t *testing.T, worker *minio.Client, bucket, digest, junk string) {
	t.Helper()
	_, err := worker.PutObject(t.Context(), bucket, "sha256/"+digest, strings.NewReader(junk), int64(len(junk)), minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, blobs monitor.Blobs, digest string) string {
	t.Helper()
	r, err := blobs.Open(t.Context(), digest)
	if err != nil {
		t.Errorf("opening %s: %v", digest, err)
		return ""
	}
	var all bytes.Buffer
	if _, err := io.Copy(&all, r); err != nil {
		t.Errorf("reading %s: %v", digest, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	return all.String()
}

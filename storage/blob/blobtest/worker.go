package blobtest

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7/pkg/signer"
)

// Worker makes a user with a policy on the MinIO of a bucket's URL, and returns the
// URL as that user. The policy is a file that names the bucket "pasban".
func Worker(t testing.TB, bucket, policyFile string) string {
	t.Helper()
	u, err := url.Parse(bucket)
	if err != nil {
		t.Fatal("the URL of the bucket cannot be understood")
	}
	document, err := os.ReadFile(policyFile)
	if err != nil {
		t.Fatal(err)
	}
	policy := bytes.ReplaceAll(document, []byte("arn:aws:s3:::pasban"), []byte("arn:aws:s3:::"+strings.Trim(u.Path, "/")))
	name, secret := "worker-"+strings.ToLower(rand.Text()), rand.Text()
	if err := importIAM(t.Context(), u, map[string]any{
		"policies.json":      map[string]json.RawMessage{name: policy},
		"users.json":         map[string]any{name: map[string]string{"secretKey": secret, "status": "enabled"}},
		"user_mappings.json": map[string]any{name: map[string]any{"version": 1, "policy": name}},
	}); err != nil {
		t.Fatalf("making a user for a worker: %v", err)
	}
	u.User, u.RawQuery = url.UserPassword(name, secret), "tls=false"
	return u.String()
}

// importIAM hands users and policies to MinIO, in the form in which "mc admin cluster
// iam export" writes them: it is the one administrative request whose body needs no
// encryption of MinIO's own.
func importIAM(ctx context.Context, server *url.URL, files map[string]any) error {
	var body bytes.Buffer
	archive := zip.NewWriter(&body)
	for name, content := range files {
		w, err := archive.Create("iam-assets/" + name)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(w).Encode(content); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	address := "http://" + server.Host + "/minio/admin/v3/import-iam"
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(body.Bytes()))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body.Bytes())
	request.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	secret, _ := server.User.Password()
	client := &http.Client{Timeout: time.Minute}
	response, err := client.Do(signer.SignV4(*request, server.User.Username(), secret, "", "us-east-1"))
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // nothing more is asked of it
	answer, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, answer)
	}
	return err
}

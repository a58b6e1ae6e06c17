package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"pasban/monitor"
)

const (
	blobPrefix     = "sha256/"
	manifestPrefix = "manifests/"
)

// S3 keeps blobs in one bucket of MinIO or another S3. It is safe for
// concurrent use, and by several machines.
//
// With object lock the bucket keeps versions: what Delete removes is gone for
// every reader here, and stays on the server, retrievable by its version, until
// the lock's time is over. What somebody else puts over a blob, who may put but not
// remove, is passed over: Open then finds the version that has the digest.
type S3 struct {
	core      *minio.Core
	transport *http.Transport
	bucket    string
	where     string        // "bucket B on HOST", for errors
	young     time.Duration // renewAfter
}

var _ Blobs = (*S3)(nil)

// Close implements io.Closer.
func (s *S3) Close() error {
	s.transport.CloseIdleConnections()
	return nil
}

// Put implements monitor.Blobs. As with [Dir], an object that is damaged is replaced:
// whoever may store blobs could store something else in advance where evidence against
// him would come to lie. That an object is whole the server says, by a checksum that
// it has calculated itself; if it does not, the object is read.
func (s *S3) Put(ctx context.Context, content []byte) (string, error) {
	digest := digestOf(content)
	if err := s.put(ctx, digest, content); err != nil {
		return "", fmt.Errorf("storing blob %s in %s: %w", digest, s.where, explainS3(err))
	}
	return digest, nil
}

func (s *S3) put(ctx context.Context, digest string, content []byte) error {
	info, err := s.core.StatObject(ctx, s.bucket, blobPrefix+digest, minio.StatObjectOptions{Checksum: true})
	switch {
	case err == nil && info.ChecksumSHA256 == checksum(content) && (hasVersions(info) || time.Since(info.LastModified) < s.young):
		return nil
	case err == nil && info.ChecksumSHA256 == checksum(content):
		return s.renew(ctx, digest, content)
	case err == nil:
		return s.mend(ctx, digest, content)
	case !missing(err):
		return err
	}
	if err := s.upload(ctx, blobPrefix+digest, content, true); !taken(err) {
		return err
	}
	return nil // somebody stored the same content meanwhile
}

// mend replaces an object that is not what its name says.
func (s *S3) mend(ctx context.Context, digest string, content []byte) error {
	r, err := s.Open(ctx, digest)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r)
	if err = errors.Join(err, r.Close()); errors.Is(err, monitor.ErrCorrupt) {
		return s.upload(ctx, blobPrefix+digest, content, false)
	}
	return err
}

// checksum is the SHA-256 of content as S3 writes it.
func checksum(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// upload makes one PUT, which S3 performs as a whole or not at all; of several
// with onlyNew for one key at most one succeeds. Content is in memory anyway, so
// parts would only multiply the requests.
func (s *S3) upload(ctx context.Context, key string, content []byte, onlyNew bool) error {
	opts := minio.PutObjectOptions{
		// Never what a browser would run, or show by itself: a bucket can be
		// opened to browsers by mistake.
		ContentType:        "application/octet-stream",
		ContentDisposition: "attachment",
		DisableMultipart:   true,
		// The server refuses content of another sum, and keeps the sum.
		UserMetadata: map[string]string{"X-Amz-Checksum-Sha256": checksum(content)},
	}
	if onlyNew {
		opts.SetMatchETagExcept("*")
	}
	_, err := s.core.Client.PutObject(ctx, s.bucket, key, bytes.NewReader(content), int64(len(content)), opts)
	return err
}

// Open implements monitor.Blobs.
func (s *S3) Open(ctx context.Context, digest string) (io.ReadCloser, error) {
	err := checkDigest(digest)
	var body io.ReadCloser
	var info minio.ObjectInfo
	if err == nil {
		body, info, _, err = s.core.GetObject(ctx, s.bucket, blobPrefix+digest, minio.GetObjectOptions{})
	}
	if err == nil && hasVersions(info) {
		body, err = s.genuine(ctx, digest, body)
	}
	if err != nil {
		return nil, fmt.Errorf("opening blob %.80s in %s: %w", digest, s.where, explainS3(err))
	}
	return verify(ctx, body, digest), nil
}

const (
	// maxInMemory is the size up to which a blob is read before it is handed out. What
	// is larger is handed out as it comes, without regard to earlier versions.
	maxInMemory = 64 << 20
	// maxVersions of one blob are looked at: whoever puts more over it is noticed by
	// what he costs.
	maxVersions = 100
)

func hasVersions(info minio.ObjectInfo) bool {
	return info.VersionID != "" && info.VersionID != "null" && info.Size <= maxInMemory
}

// genuine returns the version of a blob that has its digest, the newest if none has.
func (s *S3) genuine(ctx context.Context, digest string, newest io.ReadCloser) (io.ReadCloser, error) {
	content, err := readAll(newest)
	if err != nil || digestOf(content) == digest {
		return io.NopCloser(bytes.NewReader(content)), err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the goroutine that lists, if the listing is not read to its end
	opts := minio.ListObjectsOptions{Prefix: blobPrefix + digest, WithVersions: true}
	seen := 0
	for version := range s.core.Client.ListObjectsIter(ctx, s.bucket, opts) {
		if seen++; version.Err != nil || seen > maxVersions {
			return io.NopCloser(bytes.NewReader(content)), version.Err
		}
		if version.IsDeleteMarker || version.Size > maxInMemory {
			continue
		}
		body, _, _, err := s.core.GetObject(ctx, s.bucket, blobPrefix+digest, minio.GetObjectOptions{VersionID: version.VersionID})
		if err != nil {
			return nil, err
		}
		earlier, err := readAll(body)
		if err != nil || digestOf(earlier) == digest {
			return io.NopCloser(bytes.NewReader(earlier)), err
		}
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

func readAll(r io.ReadCloser) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxInMemory+1))
	return content, errors.Join(err, r.Close())
}

// Stat implements monitor.Blobs.
func (s *S3) Stat(ctx context.Context, digest string) (int64, error) {
	err := checkDigest(digest)
	var info minio.ObjectInfo
	if err == nil {
		info, err = s.core.StatObject(ctx, s.bucket, blobPrefix+digest, minio.StatObjectOptions{})
	}
	if err != nil {
		return 0, fmt.Errorf("looking for blob %.80s in %s: %w", digest, s.where, explainS3(err))
	}
	return info.Size, nil
}

// Delete implements monitor.Blobs.
func (s *S3) Delete(ctx context.Context, digest string) error {
	err := checkDigest(digest)
	if err == nil {
		err = s.core.RemoveObject(ctx, s.bucket, blobPrefix+digest, minio.RemoveObjectOptions{})
	}
	if err != nil && !missing(err) {
		return fmt.Errorf("deleting blob %.80s from %s: %w", digest, s.where, explainS3(err))
	}
	return nil
}

// List implements monitor.Blobs. The server lists in lexical order, a thousand
// objects a request.
func (s *S3) List(ctx context.Context, f func(digest string, size int64) error) error {
	return s.list(ctx, blobPrefix, func(name string, o minio.ObjectInfo) error {
		if !isDigest(name) {
			return nil
		}
		return f(name, o.Size)
	})
}

// list calls f for the objects below prefix, without the first part of their
// keys.
func (s *S3) list(ctx context.Context, prefix string, f func(name string, o minio.ObjectInfo) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the goroutine that lists, if f ends the listing
	opts := minio.ListObjectsOptions{Prefix: prefix, Recursive: true}
	for object := range s.core.Client.ListObjectsIter(ctx, s.bucket, opts) {
		if object.Err != nil {
			return fmt.Errorf("listing %s: %w", s.where, explainS3(object.Err))
		}
		_, name, _ := strings.Cut(object.Key, "/")
		if err := f(name, object); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("listing %s: %w", s.where, err)
	}
	return nil
}

// PutManifest implements monitor.Blobs by a PUT with If-None-Match, which the
// server refuses if the name is taken.
func (s *S3) PutManifest(ctx context.Context, name string, content []byte) error {
	err := checkManifest(name, content)
	if err == nil {
		err = s.upload(ctx, manifestPrefix+name, content, true)
	}
	if taken(err) {
		have, err := s.Manifest(ctx, name)
		if err != nil {
			return err
		}
		return sameManifest(name, have, content)
	}
	if err != nil {
		return fmt.Errorf("storing manifest %q in %s: %w", name, s.where, explainS3(err))
	}
	return nil
}

// Manifest implements monitor.Blobs.
func (s *S3) Manifest(ctx context.Context, name string) ([]byte, error) {
	content, err := s.manifest(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("reading manifest %q in %s: %w", name, s.where, explainS3(err))
	}
	return content, nil
}

func (s *S3) manifest(ctx context.Context, name string) (content []byte, err error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	body, _, _, err := s.core.GetObject(ctx, s.bucket, manifestPrefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	return readManifest(body)
}

// Manifests implements monitor.Blobs. A prefix that no name can have finds
// nothing.
func (s *S3) Manifests(ctx context.Context, prefix string) ([]string, error) {
	names := []string{}
	folder := prefix[:strings.LastIndexByte(prefix, '/')+1]
	if !mayHoldNames(folder) {
		return names, nil
	}
	err := s.list(ctx, manifestPrefix+folder, func(name string, _ minio.ObjectInfo) error {
		if strings.HasPrefix(name, prefix) && checkName(name) == nil {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return names, nil
}

// missing tells "there is no such object". A HEAD request has no body, so its
// error is made by the client from the status.
func missing(err error) bool {
	return minio.ToErrorResponse(err).Code == minio.NoSuchKey
}

// taken tells that a conditional PUT found an object, or lost against another
// PUT that was under way.
func taken(err error) bool {
	response := minio.ToErrorResponse(err)
	return response.StatusCode == http.StatusPreconditionFailed || response.Code == "ConditionalRequestConflict"
}

// explainS3 puts the server's answer into the words of monitor, or of somebody
// who can do something about it.
func explainS3(err error) error {
	switch minio.ToErrorResponse(err).Code {
	case minio.NoSuchKey:
		return monitor.ErrNotFound
	case minio.NoSuchBucket:
		return fmt.Errorf("the bucket was removed: %w", err)
	case "InvalidAccessKeyId":
		return fmt.Errorf("the server does not know this access key: %w", err)
	case "SignatureDoesNotMatch":
		return fmt.Errorf("the secret does not belong to this access key: %w", err)
	case minio.AccessDenied:
		return fmt.Errorf("this access key may not do that: %w", err)
	case "XMinioStorageFull":
		return fmt.Errorf("the disks of the server are full: %w", err)
	case "RequestTimeTooSkewed":
		return fmt.Errorf("the clocks of this machine and of the server differ by more than 15 minutes: %w", err)
	}
	var network *url.Error
	if errors.As(err, &network) {
		return fmt.Errorf("the server cannot be reached; is MinIO running there? %w", err)
	}
	return err
}

// Package blob keeps evidence: pictures, documents and manifests, each stored
// once under the SHA-256 of its content, never changed, and checked against
// that digest whenever it is read.
//
// There are two kinds of storage, a directory and a bucket of MinIO or any
// other S3. [Open] picks one by its URL; package blobtest is the behaviour both
// must show. What they hold, below their root:
//
//	sha256/ab/cd/abcd...           blobs; a bucket leaves out ab/cd/
//	manifests/baselines/x/y/3.json small documents under names of their own
//	tmp/                           a directory only: what is being written
//
// "Stored" means durable: [Dir] returns from Put after fsync of the file and of
// the directories that lead to it, [S3] after the server has said so. A process
// killed in the middle of a Put leaves a temporary file and nothing else.
package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"pasban/monitor"
)

const (
	// maxManifest bounds manifests, which are read into memory whole: 4 MiB.
	maxManifest = 4 << 20
	// maxName bounds the name of a manifest: S3 admits keys of 1,024 bytes,
	// of which the prefix takes some. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
	maxName = 900
	// maxPart bounds one part of a name: file systems admit 255 bytes.
	maxPart = 255
)

// Blobs is monitor.Blobs with an end.
type Blobs interface {
	monitor.Blobs
	io.Closer
}

// Open opens the storage at url and makes it if it is not there. It is
// "s3://KEY:SECRET@HOST/BUCKET?tls=false&lock=governance:30d" for a bucket (see
// [OpenS3] for the parameters), anything else is the path of a directory. No
// error of this package shows the secret.
func Open(ctx context.Context, url string) (Blobs, error) {
	scheme, _, found := strings.Cut(url, "://")
	switch {
	case url == "":
		return nil, errors.New("opening blob storage: no directory and no s3:// URL given")
	case scheme == "s3" && found:
		return OpenS3(ctx, url)
	case found:
		return nil, fmt.Errorf("opening blob storage: %s:// is neither a directory nor an s3:// URL", scheme)
	}
	return OpenDir(url)
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// isDigest keeps everything that is not 64 lower-case hex digits from becoming
// part of a path.
func isDigest(s string) bool {
	if len(s) != 2*sha256.Size {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// checkDigest returns an error that is monitor.ErrNotFound: nothing can have
// been stored under what is no digest.
func checkDigest(s string) error {
	if !isDigest(s) {
		return fmt.Errorf("%.80q is not a SHA-256 in lower-case hex: %w", s, monitor.ErrNotFound)
	}
	return nil
}

// mayHoldNames reports whether a folder, "" or ending in "/", can have names of
// manifests in it.
func mayHoldNames(folder string) bool {
	return folder == "" || checkName(strings.TrimSuffix(folder, "/")) == nil
}

// checkName refuses names of manifests that one of the storages, a file system
// or a shell could read in another way: only letters and digits of any script
// and ._~+=@,- are allowed in parts of at most 255 bytes, separated by single
// slashes; a part may not begin with a dot. ":" and "\" are missing on purpose.
func checkName(name string) error {
	if len(name) > maxName {
		return fmt.Errorf("the manifest name %.80q... has %d bytes, allowed are %d", name, len(name), maxName)
	}
	if !utf8.ValidString(name) {
		return fmt.Errorf("the manifest name %q is not valid UTF-8", name)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || len(part) > maxPart || strings.ContainsFunc(part, notInName) {
			return fmt.Errorf("the manifest name %q is not allowed because of its part %q", name, part)
		}
	}
	return nil
}

func notInName(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.N, unicode.M) && !strings.ContainsRune("._~+=@,-", r)
}

func checkManifest(name string, content []byte) error {
	if len(content) > maxManifest {
		return fmt.Errorf("the manifest %q has %d bytes, allowed are %d", name, len(content), maxManifest)
	}
	return checkName(name)
}

// sameManifest decides what it means that a name is taken.
func sameManifest(name string, have, content []byte) error {
	if !bytes.Equal(have, content) {
		return fmt.Errorf("storing manifest %q: %w", name, monitor.ErrExists)
	}
	return nil
}

// readManifest reads at most maxManifest bytes: the storage may hold things
// that this package did not write.
func readManifest(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err == nil && len(content) > maxManifest {
		err = fmt.Errorf("it has more than %d bytes", maxManifest)
	}
	return content, err
}

// verified reads a blob and compares its digest at the end. A reader that stops
// earlier has verified nothing.
type verified struct {
	ctx    context.Context
	from   io.ReadCloser
	sum    hash.Hash
	digest string
}

func verify(ctx context.Context, from io.ReadCloser, digest string) io.ReadCloser {
	return &verified{ctx, from, sha256.New(), digest}
}

// Read implements io.Reader.
func (v *verified) Read(p []byte) (int, error) {
	if err := v.ctx.Err(); err != nil {
		return 0, fmt.Errorf("reading blob %s: %w", v.digest, err)
	}
	n, err := v.from.Read(p)
	v.sum.Write(p[:n])
	switch {
	case err == io.EOF && hex.EncodeToString(v.sum.Sum(nil)) != v.digest:
		return n, fmt.Errorf("reading blob %s: %w", v.digest, monitor.ErrCorrupt)
	case err != nil && err != io.EOF:
		return n, fmt.Errorf("reading blob %s: %w", v.digest, err)
	}
	return n, err
}

// Close implements io.Closer.
func (v *verified) Close() error { return v.from.Close() }

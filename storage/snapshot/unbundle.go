package snapshot

import (
	"archive/tar"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// ErrBundle is returned, wrapped, for a bundle that is not as it was signed.
var ErrBundle = errors.New("this bundle is not to be used")

// Bounds of what is read of a bundle that may be anybody's.
const (
	maxBundleManifest = 16 << 20
	maxUnpacked       = 4 << 30
)

// VerifyBundle reads a bundle, and tells whether it was signed with a key and is whole:
// every file that the manifest lists is there with its sum, and no other, in the folder
// that a bundle of that site and day has. The folder is in no signature; what is, names it.
func VerifyBundle(r io.Reader, key PublicKey) (BundleManifest, error) {
	var m BundleManifest
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	defer z.Close()
	t := tar.NewReader(io.LimitReader(z, maxUnpacked))
	doc, folder, err := nextFile(t, "manifest.json", maxBundleManifest)
	if err != nil {
		return m, err
	}
	encoded, _, err := nextFile(t, "manifest.json.sig", 1<<10)
	if err != nil {
		return m, err
	}
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(encoded)))
	if err != nil || !ed25519.Verify(key.key, doc, signature) {
		return m, fmt.Errorf("%w: it was not signed with the key %s", ErrBundle, key.Fingerprint())
	}
	if err := json.Unmarshal(doc, &m); err != nil || m.Format != format {
		return m, fmt.Errorf("%w: its manifest has another form", ErrBundle)
	}
	if want := bundleFolder(Manifest{Site: m.Site, Created: m.Created}); folder != want {
		return m, fmt.Errorf("%w: it unpacks into %.80q, not into %s", ErrBundle, folder, want)
	}
	return m, verifyFiles(t, folder, m)
}

// nextFile reads a small file that must come next.
func nextFile(t *tar.Reader, name string, limit int64) (content []byte, folder string, err error) {
	h, err := t.Next()
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrBundle, err)
	}
	folder, rest, _ := strings.Cut(h.Name, "/")
	if rest != name || h.Size > limit || h.Typeflag != tar.TypeReg {
		return nil, "", fmt.Errorf("%w: it has %.80q where %s belongs", ErrBundle, h.Name, name)
	}
	content, err = io.ReadAll(t)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrBundle, err)
	}
	return content, folder, nil
}

func verifyFiles(t *tar.Reader, folder string, m BundleManifest) error {
	left := map[string]File{}
	for _, f := range m.Files {
		left[folder+"/"+f.Path] = f
	}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBundle, err)
		}
		f, ok := left[h.Name]
		if !ok || h.Typeflag != tar.TypeReg {
			return fmt.Errorf("%w: %.80q is not in its manifest", ErrBundle, h.Name)
		}
		delete(left, h.Name)
		sum := sha256.New()
		n, err := io.Copy(sum, t)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrBundle, f.Path, err)
		}
		if n != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
			return fmt.Errorf("%w: %s is not what its manifest says", ErrBundle, f.Path)
		}
	}
	for _, f := range left {
		return fmt.Errorf("%w: %s is missing", ErrBundle, f.Path)
	}
	return nil
}

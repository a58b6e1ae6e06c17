package snapshot

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Key signs bundles, so that whoever restores a site from one can tell that it is the
// CERT's. The private half stays in the data directory. The public half goes to the
// institutions ahead of time and by another way: one that came in the bundle itself
// would prove nothing.
type Key struct {
	private ed25519.PrivateKey
}

// keyFile is where a key is kept, below the data directory, as PKCS #8 in PEM.
const keyFile = "keys/snapshot.pem"

// OpenKey reads the key of a data directory, and makes one if there is none.
func OpenKey(data string) (*Key, error) {
	key, err := ReadKey(data)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(filepath.Join(data, keyFile)); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("making the key that signs bundles: %w", err)
	}
	return ReadKey(data) // somebody else may have been first
}

func makeKey(path string) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	out, err := newOutput(path)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := pem.Encode(out.file, &pem.Block{Type: "PRIVATE KEY", Bytes: der}); err != nil {
		return err
	}
	return out.link()
}

// ReadKey reads the key of a data directory, for those who only check signatures. If there
// is none, the error is fs.ErrNotExist.
func ReadKey(data string) (*Key, error) {
	path := filepath.Join(data, keyFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key that signs bundles: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key in PEM", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds a key of another kind than Ed25519", path)
	}
	return &Key{private}, nil
}

// Public is the public half.
func (k *Key) Public() PublicKey {
	public, _ := k.private.Public().(ed25519.PublicKey) // what it is, by the contract of its package
	return PublicKey{public}
}

// PublicKey checks signatures.
type PublicKey struct{ key ed25519.PublicKey }

// PEM is the key as openssl reads it.
func (p PublicKey) PEM() []byte {
	der, err := x509.MarshalPKIXPublicKey(p.key)
	if err != nil {
		return nil // of a key of 32 bytes it cannot fail
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// Fingerprint is the SHA-256 of the key, in hex, in groups that can be read out on the
// telephone.
func (p PublicKey) Fingerprint() string {
	sum := sha256.Sum256(p.key)
	text := hex.EncodeToString(sum[:16])
	out := text[:4]
	for i := 4; i < len(text); i += 4 {
		out += " " + text[i:i+4]
	}
	return out
}

// ReadPublicKey reads a key as PEM writes it.
func ReadPublicKey(data []byte) (PublicKey, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PUBLIC KEY" {
		return PublicKey{}, errors.New("this is no public key in PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return PublicKey{}, fmt.Errorf("reading a public key: %w", err)
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return PublicKey{}, errors.New("this public key is of another kind than Ed25519")
	}
	return PublicKey{key}, nil
}

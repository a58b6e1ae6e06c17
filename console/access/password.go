package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"

	"pasban/monitor"
)

// The parameters are the second recommended option of RFC 9106, section 4: 64 MiB and
// three passes, which takes a tenth of a second.
const (
	hashTime    = 3
	hashMemory  = 64 << 10 // KiB
	hashThreads = 4
	saltBytes   = 16
	keyBytes    = 32
)

// Bounds of a password. NIST SP 800-63B asks for a least length and for nothing else.
const (
	MinPassword = 12
	maxPassword = 200
)

// ErrWeak is a password that is too short, or too long to be one.
var ErrWeak = monitor.Refuse("a password has %d to %d characters", MinPassword, maxPassword)

// hashing bounds how many hashes are made at once: each takes 64 MiB.
var hashing = make(chan struct{}, max(2, runtime.NumCPU()))

// Hash makes the text that is stored for a password, in the usual form of argon2id.
func Hash(password string) (string, error) {
	if n := len([]rune(password)); n < MinPassword || n > maxPassword {
		return "", ErrWeak
	}
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails, by its contract
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads, enc(salt), enc(derive(password, salt))), nil
}

func derive(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashThreads, keyBytes)
}

var errHash = errors.New("not a hash that this program made")

// Matches reports whether a password is the one that was hashed. It takes as long for an
// account that is not there, whose hash is "".
func Matches(hash, password string) bool {
	salt, key, err := parse(hash)
	if err != nil || len([]rune(password)) > maxPassword {
		derive("", make([]byte, saltBytes))
		return false
	}
	return subtle.ConstantTimeCompare(derive(password, salt), key) == 1
}

func parse(hash string) (salt, key []byte, err error) {
	prefix := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, hashMemory, hashTime, hashThreads)
	rest, ok := strings.CutPrefix(hash, prefix)
	if !ok {
		return nil, nil, errHash
	}
	first, second, _ := strings.Cut(rest, "$")
	if salt, err = base64.RawStdEncoding.DecodeString(first); err != nil || len(salt) != saltBytes {
		return nil, nil, errHash
	}
	if key, err = base64.RawStdEncoding.DecodeString(second); err != nil || len(key) != keyBytes {
		return nil, nil, errHash
	}
	return salt, key, nil
}

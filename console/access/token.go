package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"math/big"
	"strings"
)

// A token looks like pasban_ and 49 letters and digits: 256 random bits, and a checksum
// of them. The beginning and the checksum are for programs that look for secrets in
// places where none should be, and a slip of the pen is told without a look into the
// database.
const (
	tokenMark  = "pasban_"
	tokenBits  = 43 // digits of 256 bits in base 62
	tokenCheck = 6  // digits of 32 bits
)

// NewToken draws a token. Its digest is what is kept of it.
func NewToken() (secret, digest string) {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails, by its contract
	bits := digits(new(big.Int).SetBytes(raw), tokenBits)
	secret = tokenMark + bits + checksum(bits)
	return secret, tokenDigest(secret)
}

// TokenDigest is under what a token is kept; not ok if it cannot be a token.
func TokenDigest(secret string) (digest string, ok bool) {
	bits, is := strings.CutPrefix(secret, tokenMark)
	if !is || len(bits) != tokenBits+tokenCheck || checksum(bits[:tokenBits]) != bits[tokenBits:] {
		return "", false
	}
	return tokenDigest(secret), true
}

// tokenDigest needs no salt and no slow hash: nobody tries all of 256 random bits.
func tokenDigest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func checksum(bits string) string {
	return digits(new(big.Int).SetUint64(uint64(crc32.ChecksumIEEE([]byte(bits)))), tokenCheck)
}

// digits are a number in base 62, as many as are wanted.
func digits(n *big.Int, length int) string {
	text := n.Text(62)
	return strings.Repeat("0", length-len(text)) + text
}

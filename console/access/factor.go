package access

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// period is for how long a code is shown.
const period = 30 * time.Second

// timely are codes of six digits that change every half minute (RFC 6238), as every
// authenticator has them. The one before and the one after pass as well, for clocks that
// differ: see stepOf.
var timely = totp.ValidateOpts{Period: uint(period / time.Second), Skew: 0, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// CodeMatches reports whether a code belongs to a secret now.
func CodeMatches(secret, code string, now time.Time) bool {
	_, ok := stepOf(secret, code, now)
	return ok
}

// stepOf finds the half minute that a code belongs to, counted from 1970: a code holds
// once, and so do all before it (RFC 6238, section 5.2).
func stepOf(secret, code string, now time.Time) (step int64, ok bool) {
	for _, near := range []int64{0, -1, 1} {
		at := now.Add(time.Duration(near) * period)
		if ok, err := totp.ValidateCustom(code, secret, at, timely); err == nil && ok {
			return at.Unix() / int64(period/time.Second), true
		}
	}
	return 0, false
}

// NewFactor makes a second factor for an account: the address that an authenticator
// reads it from. See SecretOf.
func NewFactor(account string) (address string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Pasban", AccountName: account})
	if err != nil {
		return "", fmt.Errorf("making a second factor: %w", err)
	}
	return key.URL(), nil
}

// SecretOf is the base32 secret in the address of a second factor, "" if there is none.
func SecretOf(address string) string {
	key, err := otp.NewKeyFromURL(address)
	if err != nil {
		return ""
	}
	return key.Secret()
}

// codeSide is the side of the picture of an address, in pixels.
const codeSide = 240

// QR draws the address of a second factor for the camera of a phone, as PNG.
func QR(address string) ([]byte, error) {
	key, err := otp.NewKeyFromURL(address)
	if err != nil {
		return nil, fmt.Errorf("drawing a second factor: %w", err)
	}
	img, err := key.Image(codeSide, codeSide)
	var b bytes.Buffer
	if err == nil {
		err = png.Encode(&b, img)
	}
	if err != nil {
		return nil, errors.Join(errors.New("drawing a second factor"), err)
	}
	return b.Bytes(), nil
}

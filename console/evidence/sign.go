package evidence

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// step is how long an address holds at least; it holds for two of them at most. The
// end is a multiple of it, so that a picture has the same address on two pages that
// are opened one after the other, and the browser has it already.
const step = 10 * time.Minute

// Signer makes the addresses under which evidence is shown. Its key is drawn when the
// process starts: what it signed is worth nothing to the next one.
type Signer struct {
	base string // origin of the handler, without a slash at its end
	key  [32]byte
	now  func() time.Time
}

// NewSigner makes a signer for the handler at an origin such as "http://127.0.0.1:8081".
func NewSigner(origin string, now func() time.Time) *Signer {
	s := &Signer{base: strings.TrimSuffix(origin, "/"), now: now}
	rand.Read(s.key[:]) // never fails, by its contract
	return s
}

// Origin is where the addresses lead.
func (s *Signer) Origin() string { return s.base }

// Picture is the address of a stored picture.
func (s *Signer) Picture(digest string) string { return s.sign("/picture/" + digest + ".png") }

// Thumb is the address of the head of a stored picture, 360 pixels wide.
func (s *Signer) Thumb(digest string) string { return s.sign("/thumb/" + digest + ".png") }

// Difference is the address of a picture of what changed at a capture.
func (s *Signer) Difference(capture string) string { return s.sign("/difference/" + capture + ".png") }

// Script is the address of the source of a script that a capture saw.
func (s *Signer) Script(capture, sum string) string {
	return s.sign("/script/" + capture + "/" + sum + ".txt")
}

// Incident is the address of an archive with the evidence of an incident.
func (s *Signer) Incident(id int64) string {
	return s.sign("/incident/" + strconv.FormatInt(id, 10) + ".zip")
}

func (s *Signer) sign(path string) string {
	end := s.now().Truncate(step).Add(2 * step).Unix()
	return s.base + path + "?e=" + strconv.FormatInt(end, 10) + "&s=" + s.mac(path, end)
}

// mac is 128 bits, which nobody guesses in twenty minutes.
func (s *Signer) mac(path string, end int64) string {
	m := hmac.New(sha256.New, s.key[:])
	m.Write([]byte(path + "\n" + strconv.FormatInt(end, 10)))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// holds reports an address that this signer made and that has not expired.
func (s *Signer) holds(u *url.URL) bool {
	q := u.Query()
	end, err := strconv.ParseInt(q.Get("e"), 10, 64)
	if err != nil || s.now().Unix() >= end {
		return false
	}
	return hmac.Equal([]byte(q.Get("s")), []byte(s.mac(u.EscapedPath(), end)))
}

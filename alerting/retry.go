package alerting

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Bounds of Backoff.
const (
	firstWait = 30 * time.Second
	maxWait   = time.Hour
)

// Backoff says how long to wait after the attempt-th failed attempt, counted
// from 1: 30 s, 1 m, 2 m, 4 m and so on, an hour at most. The first retry is
// soon enough to pass a mail server's restart, and a server that is down all
// night is asked some thirty times, not thousands.
func Backoff(attempt int) time.Duration {
	wait := firstWait
	for ; attempt > 1 && wait < maxWait; attempt-- {
		wait *= 2
	}
	return min(wait, maxWait)
}

// Jitter moves wait by up to a fifth in either direction, so that the alerts
// which failed together do not all come back together. random is a number from
// 0 up to 1, such as rand.Float64() gives.
func Jitter(wait time.Duration, random float64) time.Duration {
	return wait + time.Duration((random-0.5)*0.4*float64(wait))
}

// Key names one alert to one address for ever, in 32 hexadecimal digits: sinks
// make their Message-ID or idempotency key of it. It takes in when the incident
// began because incident numbers start again in a new installation, and a mail
// server drops a message whose ID it has seen.
func Key(alert Alert, to Address) string {
	h := sha256.New()
	// Quoted, so that no two lists of fields look the same.
	fmt.Fprintf(h, "%q %q %q %q %d", alert.ID, alert.Site, to.Sink, to.To, alert.Opened.Unix())
	return hex.EncodeToString(h.Sum(nil)[:16])
}

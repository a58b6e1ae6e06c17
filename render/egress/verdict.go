package egress

import "time"

// Verdict records one connection a capture asked for: what was wanted, what
// was decided and what it cost. The list of them is the capture's network log.
type Verdict struct {
	At      time.Duration // since the listener was opened
	Method  string        // "CONNECT", or the method of an absolute-form request
	Host    string        // as asked for, lower case, at most 255 bytes
	Port    int
	Address string // the address dialled, "" if none was
	Refused string // the address it was refused for, "" if it was not for an address
	Allowed bool
	Reason  string // why it was refused, or how it ended if not well: one of the Reason constants
	Sent    int64  // bytes to the site
	Got     int64  // bytes from the site
}

// Why a connection was refused or cut. They are stable: findings name them.
const (
	ReasonPrivate   = "private-address" // an answer lies in a range that is not public, or in one of Policy.Deny
	ReasonOwn       = "own-address"     // an answer is an address of this machine
	ReasonPort      = "port"
	ReasonName      = "bad-name" // not a host name or address we understand
	ReasonNoName    = "no-such-name"
	ReasonDNS       = "dns-failed"
	ReasonDial      = "dial-failed"
	ReasonBytes     = "byte-budget"
	ReasonConns     = "connection-budget"
	ReasonHosts     = "host-budget"
	ReasonLifetime  = "lifetime"
	ReasonMalformed = "malformed"
	ReasonClosed    = "closed" // still open when the capture ended, which is usual for a browser's idle tunnels
)

// Denied says whether the request was refused: by the policy, by a budget or
// as malformed. A name that does not exist and a host that does not answer
// are not refusals.
func (v Verdict) Denied() bool { return !v.Allowed && v.Reason != "" && !v.failed() }

// failed says whether the reason is one of not getting there.
func (v Verdict) failed() bool {
	switch v.Reason {
	case ReasonNoName, ReasonDNS, ReasonDial, ReasonClosed, ReasonLifetime:
		return true
	}
	return false
}

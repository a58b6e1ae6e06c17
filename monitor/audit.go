package monitor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Decisions are a chain: each has a hash over what it says and over the hash of the one
// before it. The database refuses to change or remove a decision; whoever gets around
// that, with the file in hand, has to compute every later hash anew, and then the
// newest one is no longer what somebody has written down elsewhere.

// Link is a decision with its place in the chain.
type Link struct {
	Decision
	Hash string // SHA-256 in hex
}

// HashAfter is the hash of a decision that follows the one with the hash before; "" for
// the first.
func (d Decision) HashAfter(before string) string {
	// An array of strings and numbers has one spelling, whatever is in the strings.
	text, err := json.Marshal([]any{before, d.ID, d.At.UnixNano(), d.Actor, d.Action, d.Object, d.Reason, string(d.Detail)})
	if err != nil {
		panic("strings and numbers that are no JSON: " + err.Error()) // cannot happen
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Audit is what became of checking the chain.
type Audit struct {
	Decisions int    `json:"decisions"`
	Head      string `json:"head"` // hash of the newest
	// Broken is the first decision that is not what was recorded, 0 if there is none.
	Broken int64  `json:"broken,omitempty"`
	Why    string `json:"why,omitempty"`
	// Known says that the head which was asked for is in the chain.
	Known bool `json:"known"`
}

// auditPage is how many decisions are read at once.
const auditPage = 1000

// VerifyAudit reads the whole record and computes the chain anew. With a head that was
// noted earlier it also says whether that decision is still part of it: nothing before
// it was changed or cut off since.
func (m *Monitor) VerifyAudit(ctx context.Context, head string) (Audit, error) {
	a := Audit{Known: head == ""}
	last := int64(0)
	for {
		page, err := m.Store.Chain(ctx, last, auditPage)
		if err != nil {
			return a, fmt.Errorf("reading the record of decisions: %w", err)
		}
		for _, l := range page {
			want := l.HashAfter(a.Head)
			if l.Hash != want {
				a.Broken, a.Why = l.ID, "it does not say what was recorded, or one before it was changed or removed"
				if l.Hash == "" {
					a.Why = "it was put in beside the record: it has no place in the chain"
				}
				return a, nil
			}
			a.Head, last = l.Hash, l.ID
			a.Decisions++
			a.Known = a.Known || l.Hash == head
		}
		if len(page) < auditPage {
			return a, nil
		}
	}
}

package monitor

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"time"
)

// A Snapshot is a copy of a site from which it can be shown while its server is
// cleaned: pages that do nothing, and what they are painted with. It is made at an
// approved look, proved by looking at it, and read again from time to time.
type Snapshot struct {
	ID       string // UUIDv7: sorts by time
	Site     string
	Created  time.Time
	Of       []SnapshotOf
	Manifest string // name among the blobs, "snapshots/SITE/ID.json"
	Pages    int
	Files    int
	Bytes    int64
	LeftOut  []string // what the site has and the copy has not, and why
	State    SnapshotState
	Problem  string          // why it is not Proved, "" if it is
	Proofs   []SnapshotProof // of the watched pages
	Verified time.Time       // when every byte of it was last read and found right
}

// ErrUnfit is returned, wrapped with the reason, when no copy can be made of a page as
// it is now: it does not look as it was approved, or cannot be seen.
var ErrUnfit = errors.New("not fit for a copy")

// SnapshotState says what a copy is worth.
type SnapshotState string

const (
	// Proved: it was rendered, and looks like the approved look.
	Proved SnapshotState = "proved"
	// Unproved: it was rendered, and does not look alike, or could not be rendered. It
	// may be of use all the same, which a person can see.
	Unproved SnapshotState = "unproved"
	// Broken: something of it is lost or damaged. It is not to be used.
	Broken SnapshotState = "broken"
)

// SnapshotOf is an approved look that a copy was made at.
type SnapshotOf struct {
	Target  string `json:"target"`
	URL     string `json:"url"`
	Version int    `json:"version"`
}

// SnapshotProof is how one watched page of a copy looked when it was rendered from it.
type SnapshotProof struct {
	Target string `json:"target"`
	// Likeness is the share of the picture that is as in the approved look, or as in the
	// look that the copy was made of if it is nearer to that one: 0 to 1.
	Likeness float64 `json:"likeness"`
	Text     float64 `json:"text"`    // share of that look's lasting text that is there, 0 to 1
	Verdict  string  `json:"verdict"` // of the same comparison that judges looks
	Why      string  `json:"why"`
	Picture  string  `json:"picture"` // blob of the screenshot
}

// Likeness is that of the least alike page, 0 without any.
func (s Snapshot) Likeness() float64 {
	if len(s.Proofs) == 0 {
		return 0
	}
	least := 1.0
	for _, p := range s.Proofs {
		least = min(least, p.Likeness)
	}
	return least
}

// Snapshots makes copies and keeps them. storage/snapshot is the real one.
type Snapshots interface {
	// Build makes a copy and stores it, durable when it returns. An error that is
	// ErrUnfit is the site's doing.
	Build(ctx context.Context, o SnapshotOrder) (SnapshotBuilt, error)
	// Serve serves a copy on loopback as the kit would.
	Serve(ctx context.Context, manifest string) (SnapshotServer, error)
	// Verify reads every byte of a copy, and every page for whether it is inert. An
	// error that is ErrNotFound or ErrCorrupt is about the copy.
	Verify(ctx context.Context, manifest string) error
	// Recall is the record of a copy as far as its manifest tells: Unproved.
	Recall(ctx context.Context, manifest string) (Snapshot, error)
	// Digests are all blobs of a copy. A copy whose index is lost has none.
	Digests(ctx context.Context, manifest string) ([]string, error)
}

// SnapshotOrder asks for a copy.
type SnapshotOrder struct {
	ID   string
	Site string
	URL  string // of the site
	At   time.Time
	// Of are the watched pages, which must be in the copy.
	Of []SnapshotOf
	// Pages bounds the copy, the watched ones included. Default 25.
	Pages int
	// Look renders a page. For one of Of it fails with ErrUnfit if the page is not as it
	// was approved; for any other page that is not fit, too, which leaves it out.
	Look func(ctx context.Context, url string) (SnapshotLook, error)
	// Fetch goes out for files, by the rules of the browsers.
	Fetch http.RoundTripper
	// Agent is what it calls itself.
	Agent string
}

// SnapshotLook is a page as a browser rendered it.
type SnapshotLook struct {
	FinalURL string
	Title    string
	HTML     []byte // the serialised tree: see render.Page
	At       time.Time
}

// SnapshotBuilt is what Build stored.
type SnapshotBuilt struct {
	Manifest     string
	Pages, Files int
	Bytes        int64
	LeftOut      []string
}

// SnapshotServer serves one copy.
type SnapshotServer interface {
	Addr() netip.AddrPort
	// URL of a page of the site in the copy, "" if it is not there.
	URL(page string) string
	Close() error
}

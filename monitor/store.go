package monitor

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"time"

	"github.com/riverqueue/river/riverdriver"
)

// ErrNotFound is returned, wrapped, by every lookup of a single object.
var ErrNotFound = errors.New("not found")

// Store keeps everything that is not a blob. Implementations: storage/db. The
// conformance suite is storage/db/dbtest.
//
// Outside of Update the Reader methods see committed data. Inside Update only
// the Tx may be used: the store itself would wait for the very transaction that
// is open.
type Store interface {
	Reader
	// Update runs f in one transaction, which is committed if f returns nil
	// and rolled back otherwise. f may run again if the database asks for it.
	Update(ctx context.Context, f func(Tx) error) error
	// Driver lets River keep its jobs in the same database.
	Driver() riverdriver.Driver[*sql.Tx]
	Close() error
}

// Reader finds things. Lists are in the order given, and never nil.
type Reader interface {
	Institution(ctx context.Context, id string) (Institution, error)
	Sites(ctx context.Context) ([]Site, error) // by ID
	Site(ctx context.Context, id string) (Site, error)
	Targets(ctx context.Context) ([]Target, error) // by ID, without those that are gone
	Target(ctx context.Context, id string) (Target, error)
	SiteTargets(ctx context.Context, site string) ([]Target, error)
	Freshness(ctx context.Context) ([]Freshness, error) // by target
	TargetFreshness(ctx context.Context, target string) (Freshness, error)

	Capture(ctx context.Context, id string) (Capture, error)
	// Captures of one target, newest first, at most limit.
	Captures(ctx context.Context, target string, limit int) ([]Capture, error)
	// Confirmation finds the second look that was made for a capture.
	Confirmation(ctx context.Context, capture string) (Capture, error)

	// Baseline finds the newest version for a target.
	Baseline(ctx context.Context, target string) (Baseline, error)
	Baselines(ctx context.Context, target string) ([]Baseline, error) // newest first
	LatestBaselines(ctx context.Context) ([]Baseline, error)          // newest of each target, by target

	Incident(ctx context.Context, id int64) (Incident, error)
	// Incidents, newest first. With openOnly, only those that are not closed.
	Incidents(ctx context.Context, openOnly bool) ([]Incident, error)
	// OpenIncident finds the incident of a site that is not closed.
	OpenIncident(ctx context.Context, site string) (Incident, error)
	Questions(ctx context.Context) ([]Question, error) // unanswered, oldest first

	Delivery(ctx context.Context, id int64) (Delivery, error)
	Deliveries(ctx context.Context, incident int64) ([]Delivery, error) // by ID
	// Undelivered lists what is pending or sending, oldest first.
	Undelivered(ctx context.Context) ([]Delivery, error)
	Decisions(ctx context.Context, object string) ([]Decision, error) // by ID; all if object is ""
}

// Tx writes. Put methods insert or replace by key; Add methods insert and
// return the new ID.
type Tx interface {
	Reader
	// SQL is the transaction itself, for inserting jobs that belong to it.
	SQL() *sql.Tx

	PutInstitution(context.Context, Institution) error
	PutSite(context.Context, Site) error
	PutTarget(context.Context, Target) error
	PutFreshness(context.Context, Freshness) error
	AddCapture(context.Context, Capture) error
	// SetJudged marks a capture as judged, and records the pictures made of it.
	SetJudged(ctx context.Context, capture string, blobs map[string]string) error
	// AddBaseline fails if the version exists.
	AddBaseline(context.Context, Baseline) error
	AddIncident(context.Context, Incident) (int64, error)
	PutIncident(context.Context, Incident) error // with its findings
	AddQuestion(context.Context, Question) (int64, error)
	// AnswerQuestions marks every open question about a target as answered.
	AnswerQuestions(ctx context.Context, target string, at time.Time) error
	AddDecision(context.Context, Decision) (int64, error)
	// AddDelivery returns 0 and no error if the delivery exists already.
	AddDelivery(context.Context, Delivery) (int64, error)
	PutDelivery(context.Context, Delivery) error
}

// Blobs keeps evidence by content. Implementations: storage/blob. The
// conformance suite is storage/blob/blobtest.
//
// A digest is the SHA-256 of the content in lower-case hex.
type Blobs interface {
	// Put stores content and returns its digest. When it returns, the content
	// is durable. Storing what is there already costs no write.
	Put(ctx context.Context, content []byte) (digest string, err error)
	// Open returns the content; it fails with ErrCorrupt at the end of reading
	// if the content does not match the digest, with ErrNotFound if it is not there.
	Open(ctx context.Context, digest string) (io.ReadCloser, error)
	// Stat returns the size in bytes, or ErrNotFound.
	Stat(ctx context.Context, digest string) (int64, error)
	// Delete removes content; removing what is not there is no error.
	Delete(ctx context.Context, digest string) error
	// List calls f for every digest, in lexical order, until f returns an error.
	List(ctx context.Context, f func(digest string, size int64) error) error

	// PutManifest stores a small immutable document under a name such as
	// "baselines/SITE/TARGET/3.json". Storing the same content again is no
	// error; other content under the same name is ErrExists.
	PutManifest(ctx context.Context, name string, content []byte) error
	// Manifest returns a document stored by PutManifest, at most 4 MiB.
	Manifest(ctx context.Context, name string) ([]byte, error)
	// Manifests lists names that begin with prefix, in lexical order.
	Manifests(ctx context.Context, prefix string) ([]string, error)
}

// Errors of Blobs.
var (
	ErrCorrupt = errors.New("content does not match its digest")
	ErrExists  = errors.New("exists already with other content")
)

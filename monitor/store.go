package monitor

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"time"

	"github.com/riverqueue/river/riverdriver"

	"pasban/compare"
	"pasban/compare/lockdown"
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

// Reader finds things. Lists are in the order given, and never nil. Lists of all
// there is leave out the canaries (see CanarySite), which are nobody's site; asked
// for by name they are found.
type Reader interface {
	Institution(ctx context.Context, id string) (Institution, error)
	Sites(ctx context.Context) ([]Site, error) // by ID
	Site(ctx context.Context, id string) (Site, error)
	Targets(ctx context.Context) ([]Target, error) // by ID, without those that are gone
	Target(ctx context.Context, id string) (Target, error)
	SiteTargets(ctx context.Context, site string) ([]Target, error)
	Freshness(ctx context.Context) ([]Freshness, error) // by target
	TargetFreshness(ctx context.Context, target string) (Freshness, error)
	// Revision is a number that grows with every change of sites and targets.
	Revision(ctx context.Context) (int64, error)
	// LastLooks tells when each target that is not gone was last looked at by a
	// visitor. Those never are left out.
	LastLooks(ctx context.Context, as Visitor) (map[string]time.Time, error)

	Capture(ctx context.Context, id string) (Capture, error)
	// Captures of one target as it is watched, on a desktop: newest first, at most
	// limit.
	Captures(ctx context.Context, target string, limit int) ([]Capture, error)
	// CapturesAs are those of one visitor, in the same order.
	CapturesAs(ctx context.Context, target string, as Visitor, limit int) ([]Capture, error)
	// Confirmation finds the second look that was made for a capture.
	Confirmation(ctx context.Context, capture string) (Capture, error)
	// Past lists captures by ID, which is by time: at most limit, after one.
	Past(ctx context.Context, after string, limit int) ([]Past, error)
	// OldIncidents lists closed incidents that nothing happened to since a moment
	// and that still pin captures, by ID: at most limit.
	OldIncidents(ctx context.Context, before time.Time, limit int) ([]int64, error)
	// Kept lists rows of what looks saw, after a number: at most limit. A row may
	// be shared by many captures.
	Kept(ctx context.Context, after int64, limit int) ([]Kept, error)
	// ReportNumbers are under which numbers incidents are reported, by incident.
	ReportNumbers(ctx context.Context) (map[int64]string, error)
	PastIncidents(ctx context.Context) ([]PastIncident, error) // by time and ID
	// Note is a short text under a name, "" if there is none.
	Note(ctx context.Context, name string) (string, error)

	// Baseline finds the newest version for a target.
	Baseline(ctx context.Context, target string) (Baseline, error)
	Baselines(ctx context.Context, target string) ([]Baseline, error) // newest first
	LatestBaselines(ctx context.Context) ([]Baseline, error)          // newest of each target, by target

	Incident(ctx context.Context, id int64) (Incident, error)
	// Incidents, newest first. With openOnly, only those that are not closed.
	Incidents(ctx context.Context, openOnly bool) ([]Incident, error)
	SiteIncidents(ctx context.Context, site string) ([]Incident, error) // newest first
	// OpenIncident finds the incident of a site that is not closed.
	OpenIncident(ctx context.Context, site string) (Incident, error)
	Questions(ctx context.Context) ([]Question, error) // unanswered, oldest first
	// CampaignIncidents are the incidents of a campaign, by ID.
	CampaignIncidents(ctx context.Context, campaign string) ([]Incident, error)
	Campaign(ctx context.Context, id string) (Campaign, error)
	Campaigns(ctx context.Context) ([]Campaign, error) // newest first
	// UntoldCampaigns are those of which the CERT has yet to hear something, the one
	// it heard of longest ago first.
	UntoldCampaigns(ctx context.Context) ([]Campaign, error)
	// Traces that were seen at a moment or later, of one kind and, unless it is "",
	// of one value: oldest first. IncidentTraces are those of one incident.
	Traces(ctx context.Context, kind compare.TraceKind, value string, since time.Time) ([]Trace, error)
	IncidentTraces(ctx context.Context, incident int64) ([]Trace, error)
	Directive(ctx context.Context, id int64) (Directive, error)
	Directives(ctx context.Context) ([]Directive, error) // newest first
	// SiteDirectives are those in force that are about a site, by ID.
	SiteDirectives(ctx context.Context, site string) ([]Directive, error)
	DirectiveSites(ctx context.Context, directive int64) ([]string, error) // by ID
	Waiver(ctx context.Context, id int64) (Waiver, error)
	// Waivers that were to expire at a moment or later, newest first.
	Waivers(ctx context.Context, since time.Time) ([]Waiver, error)
	// Standings of a page, or of all pages for "", by target and control.
	Standings(ctx context.Context, target string) ([]Standing, error)
	// SiteStandings are those of a site, the pages that nobody watches included, by target
	// and control.
	SiteStandings(ctx context.Context, site string) ([]Standing, error)
	// Doors are what a site's server said to the active checks.
	Doors(ctx context.Context, site string) (lockdown.Server, error)
	// LockdownScores are those of a day or later, by day and site.
	LockdownScores(ctx context.Context, since time.Time) ([]LockdownScore, error)
	Silence(ctx context.Context, id int64) (Silence, error)
	// Silences that were to end at a moment or later, newest first.
	Silences(ctx context.Context, since time.Time) ([]Silence, error)
	// Trouble sums up the incidents and questions of a site. That it could not be
	// seen for a while is none.
	Trouble(ctx context.Context, site string) (Trouble, error)

	// Fingerprints of all targets that have one, gone ones included, by target.
	Fingerprints(ctx context.Context) ([]Fingerprint, error)

	Delivery(ctx context.Context, id int64) (Delivery, error)
	Deliveries(ctx context.Context, incident int64) ([]Delivery, error) // by ID
	// Undelivered lists what is pending or sending, oldest first.
	Undelivered(ctx context.Context) ([]Delivery, error)
	// LastDelivery is when an alert last reached somebody, zero if none ever did.
	LastDelivery(ctx context.Context) (time.Time, error)
	Conditions(ctx context.Context) ([]Condition, error) // by name
	// LogFindings are those of a site that reach into a time, by their beginning.
	LogFindings(ctx context.Context, site string, from, to time.Time) ([]LogFinding, error)
	// LogReading tells how far the access logs of a site were read.
	LogReading(ctx context.Context, site string) (LogReading, error)
	// HeldDeliveries wait for a silence to end or a storm to pass, oldest first.
	HeldDeliveries(ctx context.Context) ([]Delivery, error)
	// MailsSince counts what was put into the outbox for a recipient at a moment or
	// later, without what is held.
	MailsSince(ctx context.Context, sink, recipient string, since time.Time) (int, error)
	Decisions(ctx context.Context, object string) ([]Decision, error) // by ID; all if object is ""

	// Snapshots by site, the newest of each first.
	Snapshots(ctx context.Context) ([]Snapshot, error)
	SiteSnapshots(ctx context.Context, site string) ([]Snapshot, error) // newest first
	Snapshot(ctx context.Context, id string) (Snapshot, error)
	Decision(ctx context.Context, id int64) (Decision, error)
	// RecentDecisions are the newest, newest first, of one actor unless it is "", and of
	// those below an ID unless before is 0.
	RecentDecisions(ctx context.Context, actor string, before int64, limit int) ([]Decision, error)
	// Chain lists decisions after an ID with their hashes, by ID: at most limit.
	Chain(ctx context.Context, after int64, limit int) ([]Link, error)

	Question(ctx context.Context, id int64) (Question, error)
	// FindIncidents lists incidents without their findings, newest first.
	FindIncidents(ctx context.Context, q IncidentQuery) ([]Incident, error)
	// Courses tells how incidents went, newest first.
	Courses(ctx context.Context, q CourseQuery) ([]Course, error)
	// Institutions by ID.
	Institutions(ctx context.Context) ([]Institution, error)
	// Snoozes that end after a moment, by object.
	Snoozes(ctx context.Context, after time.Time) ([]Snooze, error)

	Account(ctx context.Context, name string) (Account, error)
	Accounts(ctx context.Context) ([]Account, error) // by name
	// Session finds one that has not expired at a moment.
	Session(ctx context.Context, token string, at time.Time) (Session, error)
	Token(ctx context.Context, id int64) (Token, error)
	// TokenByDigest finds one whatever has become of it.
	TokenByDigest(ctx context.Context, digest string) (Token, error)
	// Tokens of an account, or of all for "", newest first.
	Tokens(ctx context.Context, account string) ([]Token, error)
}

// IncidentQuery says which incidents are wanted; the zero value means all of them.
type IncidentQuery struct {
	OpenOnly    bool
	State       State  // "" for any, as in the rest
	Kind        string // compare.Kind
	Severity    string // compare.Severity
	Site        string
	Institution string
	Campaign    string
	Since       time.Time // opened at that moment or later
	// Before is the ID below which the list goes on, 0 for its beginning.
	Before int64
	// Limit is the most that are listed, 0 for no limit.
	Limit int
	// Sight also reads the findings of those of the kind availability: they tell a site
	// that was only out of sight from one that was attacked.
	Sight bool
}

// CourseQuery says of which incidents it is wanted how they went.
type CourseQuery struct {
	From, Until time.Time // when they were opened
	Institution string    // "" for any
	Limit       int       // the newest of them
}

// Course is how an incident went. A zero moment did not come.
type Course struct {
	Incident // with findings as by IncidentQuery.Sight
	// Seen is the last look at its page before it that saw a page.
	Seen time.Time
	// Told is when the first alert arrived, Answered when a person first acknowledged,
	// contained or closed it.
	Told, Answered time.Time
}

// Snooze puts what waits for an analyst off until later.
type Snooze struct {
	Object string // "question:12", "incident:5"
	Until  time.Time
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
	PutFingerprint(context.Context, Fingerprint) error
	AddCapture(context.Context, Capture) error
	// SetJudged marks a capture as judged, and records the pictures made of it.
	SetJudged(ctx context.Context, capture string, blobs map[string]string) error
	// AddBaseline fails if the version exists.
	AddBaseline(context.Context, Baseline) error
	AddIncident(context.Context, Incident) (int64, error)
	PutIncident(context.Context, Incident) error // with its findings
	// AddCampaign opens a campaign and returns its ID, the next one of the year in
	// which it was opened.
	AddCampaign(context.Context, Campaign) (string, error)
	PutCampaign(context.Context, Campaign) error
	// AddTrace does nothing if the incident has that trace.
	AddTrace(context.Context, Trace) error
	AddDirective(context.Context, Directive) (int64, error)
	// PutDirective changes when and by whom a directive was lifted, and nothing else.
	PutDirective(context.Context, Directive) error
	// PutDirectiveSites replaces the sites that a directive is about.
	PutDirectiveSites(ctx context.Context, directive int64, sites []string) error
	AddWaiver(context.Context, Waiver) (int64, error)
	// PutWaiver changes when a waiver was withdrawn, and nothing else.
	PutWaiver(context.Context, Waiver) error
	PutStandings(context.Context, []Standing) error
	// RemoveStandings forgets how a site's pages stand.
	RemoveStandings(ctx context.Context, site string) error
	PutDoors(ctx context.Context, site string, s lockdown.Server) error
	// RemoveDoors forgets what a site's server said; that there is nothing is no error.
	RemoveDoors(ctx context.Context, site string) error
	// PutLockdownScore keeps one score a site and day, the last.
	PutLockdownScore(context.Context, LockdownScore) error
	// RemoveLockdownScores removes those of days before a moment.
	RemoveLockdownScores(ctx context.Context, before time.Time) error
	AddSilence(context.Context, Silence) (int64, error)
	PutSilence(context.Context, Silence) error
	AddQuestion(context.Context, Question) (int64, error)
	// AnswerQuestions marks every open question about a target as answered.
	AnswerQuestions(ctx context.Context, target string, at time.Time) error
	// PutQuestion changes when a question was answered, zero for not yet.
	PutQuestion(context.Context, Question) error
	// AddDecision also gives the decision its place in the chain: see Link.
	AddDecision(context.Context, Decision) (int64, error)
	PutSnooze(context.Context, Snooze) error
	// RemoveSnoozes removes those that have ended by a moment.
	RemoveSnoozes(ctx context.Context, by time.Time) error
	PutAccount(context.Context, Account) error
	PutSession(context.Context, Session) error
	RemoveSession(ctx context.Context, token string) error
	// RemoveSessions removes those that had expired at a moment.
	RemoveSessions(ctx context.Context, expired time.Time) error
	AddToken(context.Context, Token) (int64, error)
	// PutToken changes when a token was used last, and when and by whom it was revoked,
	// and nothing else.
	PutToken(context.Context, Token) error
	// AddDelivery returns 0 and no error if the delivery exists already.
	AddDelivery(context.Context, Delivery) (int64, error)
	PutDelivery(context.Context, Delivery) error
	PutCondition(context.Context, Condition) error
	// PutLogFinding adds one, or counts its requests to the one of the same site and key.
	PutLogFinding(context.Context, LogFinding) error
	// ThinLogFindings removes all of one rule but the newest, and returns how many.
	ThinLogFindings(ctx context.Context, site, rule string, keep int) (int, error)
	PutLogReading(ctx context.Context, site string, r LogReading) error
	// PutSnapshot adds a copy, or changes what it was found to be worth.
	PutSnapshot(context.Context, Snapshot) error
	// RemoveSnapshot removes a copy from the record; its blobs are collected. Removing
	// what is not there is no error.
	RemoveSnapshot(ctx context.Context, id string) error

	// RemoveCaptures removes those of the captures that are judged and that no
	// baseline, incident or question names, and what only they saw. It returns how
	// many it removed.
	RemoveCaptures(ctx context.Context, ids []string) (int, error)
	// RemoveKept removes those of the rows of Kept that no capture shares.
	RemoveKept(ctx context.Context, rows []int64) (int, error)
	// Unpin lets go of the captures of an incident, and returns those that nothing
	// else names, with the second looks that were made for them.
	Unpin(ctx context.Context, incident int64) ([]string, error)
	PutNote(ctx context.Context, name, value string) error
	// NumberReport gives an incident the next number of a year, unless it has one.
	NumberReport(ctx context.Context, incident int64, year int) (string, error)
	PutPastIncident(context.Context, PastIncident) error
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
	// ListOld is List for what was last put before a moment.
	ListOld(ctx context.Context, before time.Time, f func(digest string, size int64) error) error
	// DeleteOld removes content unless it was put again at or after a moment, even
	// while it is being put: then Put has stored it when it returns. It reports
	// whether it removed it.
	DeleteOld(ctx context.Context, digest string, before time.Time) (removed bool, err error)

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

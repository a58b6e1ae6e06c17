// Package monitor is what Pasban knows and does: sites and their approved
// looks, the pipeline from a due target to a mail in a webmaster's pocket, and
// the record of who decided what.
//
// One look takes six hops, and each can be killed at any instant:
//
//  1. A target is due, or a person asks: a unique River job look{target}.
//  2. A worker loads the target and its approved [Baseline] from the [Store].
//  3. The renderer opens the page in a real browser. What the site does is an
//     outcome; an error is our fault and the job is tried again.
//  4. compare.Compare judges what was seen against the baseline. It is pure.
//  5. [Monitor] records it: blobs first, which are content-addressed and
//     durable, then in one transaction the [Capture] with its report, a job
//     judge{capture}, and the completion of the look job itself.
//  6. The judge asks for a second look in another browser before it believes an
//     alarm; then, in one transaction, the [Incident], the outbox rows and the
//     jobs that deliver them.
//
// Hops 2 to 5 face hostile pages and may run on any machine; they can neither
// open an incident nor send an alert. Hop 6 reads only what they recorded.
package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"pasban/alerting"
	"pasban/monitor/probe"
	"pasban/render"
	"pasban/render/egress"
)

// Renderer opens pages. *render.Pool is the real one.
type Renderer interface {
	Render(ctx context.Context, r render.Request) (*render.Page, error)
}

// Config is what a Monitor is made of. Store and Blobs must be set; the others
// have working zero values.
type Config struct {
	Store Store
	Blobs Blobs
	// Renderer is needed by a process that looks.
	Renderer Renderer
	// PictureReader reads the words in pictures that changed. Default nil: pictures are judged
	// by what they look like.
	PictureReader PictureReader
	// Looks is how many looks run at once. Default 2.
	Looks int
	// CloakEvery is how often each target is looked at as another visitor would, by
	// the process that keeps the schedule. Default 0: never.
	CloakEvery time.Duration
	// ProbeEvery is how often each target is probed between its looks, by the process
	// that is to do it. Default 0: never.
	ProbeEvery time.Duration
	// ProbePolicy says where probes may go, as for the browsers.
	ProbePolicy egress.Policy
	// ProbeContact is told to servers that are probed. Default the first CERT mailbox.
	ProbeContact string
	// DoorPause is between two requests of the active checks to one site. Default
	// probe.DoorPause.
	DoorPause time.Duration
	// Judge lets this process open incidents and deliver alerts. A worker that
	// faces hostile pages leaves it false.
	Judge bool
	// Solo keeps the jobs this process asks for to itself: a sweep or a check
	// beside a running serve. Jobs left behind by a dead process are adopted by
	// the next one that judges.
	Solo bool
	// Sinks deliver alerts, by name. CERT mailboxes get every alert, Hooks are
	// webhook URLs that get every alert; Fallback gets the mails of institutions
	// without a contact while there is no CERT mailbox.
	Sinks    map[string]alerting.Sink
	CERT     []string
	Hooks    []string
	Fallback string
	// ReportTo are mailboxes that get a report of every incident and of each change of
	// its state by itself: nothing is held back, gathered in lists or left to a campaign.
	ReportTo []string
	// MailLimit is how many mails one recipient gets in ten minutes before what more
	// there is comes as a list. Default 10; negative for no limit.
	MailLimit int
	// ConsoleURL is the origin under which the CERT reaches the console: what it is told
	// links to the incident there. Default "": nothing is linked.
	ConsoleURL string
	// Contact tells recipients how to reach the CERT. Default the first CERT mailbox.
	Contact string
	// Addresses resolves a host, for politeness by IP address. Default the
	// system's resolver.
	Addresses func(ctx context.Context, host string) ([]string, error)
	// ApprovedOnly keeps the approved looks at what people approved. Without it
	// they follow, slowly, what stood for a day without a complaint: see aged.go.
	ApprovedOnly bool
	// Digest is when the CERT mailboxes are mailed what waits for an analyst, as
	// DigestSchedule reads it. Default never.
	Digest string
	// Guard watches the watch itself, in the process that keeps the schedule and
	// judges. Default nil: nobody does.
	Guard *Guard
	// Keep is how long what was recorded is kept, by the process that keeps the
	// schedule.
	Keep Keep
	// Snapshots makes the copies from which sites can be recovered. Default nil: none
	// are made.
	Snapshots Snapshots
	// SnapshotPages bounds the pages of a copy. Default 25; negative: none is made unless
	// somebody asks for it.
	SnapshotPages int
	// Logs is a folder of access logs, one folder a site in it, that the process which
	// keeps the schedule and judges reads. Default "": none is read.
	Logs string
	// LogsEvery is how often it looks there. Default 10 seconds.
	LogsEvery time.Duration
	// Observe, if set, is called for everything a person may want to watch. It
	// must not block.
	Observe func(Event)
	// Clock is the time of day, of the job queue too. Default time.Now.
	Clock func() time.Time
	// Logger. Default slog.Default().
	Logger *slog.Logger
}

// Event is something that happened, for progress bars and the demo's terminal.
type Event struct {
	// Concluded is set when nothing more will be made of a look: it was judged,
	// its second look included.
	Concluded bool
	Capture   Capture
	Incident  *Incident // opened or changed by the look
	Delivery  *Delivery // sent or failed
	Err       error     // a look that failed through our own fault
	Target    string
	Round     *Round   // the schedule queued looks, or read the watchlist anew
	Removed   *Removed // retention removed something
}

// Monitor runs the pipeline. Create it with New, run it with Run, or use the
// methods that need no running pipeline (decisions, imports) right away.
type Monitor struct {
	Config
	queue    *queue
	polite   *polite
	doorway  *polite // before machines that are asked about their doors
	darkroom darkroom
	profiles *profiles
	working  *working
	scripts  scriptsRead
	calm     *calm
	aging    aging
	vitals   vitals
	guarding *guarding     // nil without a Guard
	prober   *probe.Prober // nil if this process does not probe
}

// New checks the configuration and prepares the pipeline.
func New(c Config) (*Monitor, error) {
	if c.Store == nil || c.Blobs == nil {
		return nil, errors.New("monitor: a store and a place for blobs are needed")
	}
	if _, err := DigestSchedule(c.Digest); err != nil {
		return nil, fmt.Errorf("monitor: when to mail the digest: %w", err)
	}
	var err error
	if c.Keep, err = c.Keep.Complete(); err != nil {
		return nil, fmt.Errorf("monitor: how long to keep what was recorded: %w", err)
	}
	if c.Looks <= 0 {
		c.Looks = 2
	}
	ownClock := c.Clock != nil
	if !ownClock {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Contact == "" && len(c.CERT) > 0 {
		c.Contact = c.CERT[0]
	}
	m := &Monitor{
		Config: c, polite: newPolite(c.Addresses), doorway: newPolite(c.Addresses), darkroom: newDarkroom(), profiles: newProfiles(profileCache),
		working: newWorking(), calm: newCalm(c.Logger),
	}
	if m.queue, err = newQueue(m, ownClock); err != nil {
		return nil, err
	}
	if m.Guard != nil {
		m.guarding = newGuarding(m)
	}
	if c.ProbeEvery > 0 {
		m.prober = m.newProber()
	}
	return m, nil
}

func (m *Monitor) observe(e Event) {
	if m.Observe != nil {
		m.Observe(e)
	}
}

func (m *Monitor) now() time.Time { return m.Clock().UTC() }

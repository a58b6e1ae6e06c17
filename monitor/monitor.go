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
	"log/slog"
	"time"

	"pasban/alerting"
	"pasban/render"
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
	// Looks is how many looks run at once. Default 2.
	Looks int
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
	// Contact tells recipients how to reach the CERT. Default the first CERT mailbox.
	Contact string
	// Addresses resolves a host, for politeness by IP address. Default the
	// system's resolver.
	Addresses func(ctx context.Context, host string) ([]string, error)
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
}

// Monitor runs the pipeline. Create it with New, run it with Run, or use the
// methods that need no running pipeline (decisions, imports) right away.
type Monitor struct {
	Config
	queue    *queue
	polite   *polite
	profiles *profiles
	working  *working
	calm     *calm
	vitals   vitals
}

// New checks the configuration and prepares the pipeline.
func New(c Config) (*Monitor, error) {
	if c.Store == nil || c.Blobs == nil {
		return nil, errors.New("monitor: a store and a place for blobs are needed")
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
		Config: c, polite: newPolite(c.Addresses), profiles: newProfiles(profileCache),
		working: newWorking(), calm: newCalm(c.Logger),
	}
	q, err := newQueue(m, ownClock)
	if err != nil {
		return nil, err
	}
	m.queue = q
	return m, nil
}

func (m *Monitor) observe(e Event) {
	if m.Observe != nil {
		m.Observe(e)
	}
}

func (m *Monitor) now() time.Time { return m.Clock().UTC() }

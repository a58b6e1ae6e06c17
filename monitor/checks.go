package monitor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A check measures one thing that the watch depends on. Its thresholds are two where a
// value can waver about one: ill beyond the first, well again behind the second.
type check struct {
	name      string
	patience  patience
	severity  string // of the notice
	ill, well string // its titles
	advice    []string
	// read measures; false if there is nothing to measure here. It is given what was
	// measured before.
	read func(context.Context, *guarding, Condition) (reading, bool)
}

// atOnce is the patience with what is no matter of degree.
var atOnce = patience{}

// checks in the order in which they are shown.
var checks = []check{
	{
		name: keptName, severity: "high", read: readKept,
	},
	{
		name: "fleet", patience: patience{5 * time.Minute, 5 * time.Minute}, severity: "high",
		ill: "The watch is blind: most pages cannot be seen", well: "The watch sees the sites again", read: readFleet,
		advice: []string{
			"Look at what all of them share: this machine's line, its name server, its firewall, the provider.",
			"Until it is over no site is reported as out of sight by itself, and no attack on one is seen.",
		},
	},
	{
		name: "canary", patience: atOnce, severity: "high",
		ill: "The watch is blind: the alarm of a canary did not come", well: "The watch sees again: the alarm of a canary came", read: readCanary,
		advice: []string{
			"An attack on a real site would not be told either. See what pasban status says of looks, queue and browser, and the log of pasban serve.",
			"The canary stays attacked until its alarm comes; that is told, too.",
		},
	},
	{
		name: "looks", patience: patience{ill: 2 * time.Minute}, severity: "high",
		ill: "No look succeeds any more", well: "Looks succeed again", read: readLooks,
		advice: []string{"Run pasban doctor on the machine that looks: it says what is missing, and how to mend it."},
	},
	{
		name: "queue", patience: patience{5 * time.Minute, 5 * time.Minute}, severity: "medium",
		ill: "Work is piling up", well: "The queue is short again", read: readQueue,
		advice: []string{"Looks come late. Add workers or machines, look at sites less often, or see what makes looks slow."},
	},
	{
		name: "mail", patience: atOnce, severity: "high",
		ill: "Alerts cannot be delivered", well: "Alerts are delivered again", read: readMail,
		advice: []string{"Nothing is lost: alerts wait and are tried again. See pasban doctor, and the log of the mail server."},
	},
	{
		name: "blobs", patience: patience{ill: 3 * time.Minute}, severity: "high",
		ill: "Evidence cannot be stored", well: "Evidence can be stored again", read: readBlobs,
		advice: []string{"No look can be recorded without its evidence. See the disk or the object store that --blobs names."},
	},
	{
		name: "disk", patience: patience{5 * time.Minute, 5 * time.Minute}, severity: "high",
		ill: "The disk is almost full", well: "There is room on the disk again", read: readDisk,
		advice: []string{"Make room where --data is. Looks fail when it is full; nothing that was found is lost."},
	},
	{
		name: "browser", patience: patience{time.Hour, 0}, severity: "medium",
		ill: "Chrome has not been updated for long", well: "Chrome is up to date again", read: readBrowser,
		advice: []string{"Update the package and start pasban again. Hostile pages know the holes of an old browser."},
	},
	{
		name: "clock", patience: atOnce, severity: "medium",
		ill: "A clock is wrong, or was set", well: "The clocks run as they should", read: readClock,
		advice: []string{"Evidence is dated by this clock. Let chrony or another service keep it, on every machine that works for Pasban."},
	},
}

// Checks are the names of what is measured, in the order in which it is shown.
func Checks() []string {
	out := make([]string, len(checks))
	for i, c := range checks {
		out[i] = c.name
	}
	return out
}

// Advice is what to do where a check is ill, nil where there is nothing to say.
func Advice(name string) []string {
	for _, c := range checks {
		if c.name == name {
			return slices.Clone(c.advice)
		}
	}
	return nil
}

// readKept says that somebody watches.
func readKept(_ context.Context, _ *guarding, was Condition) (reading, bool) {
	return reading{text: "kept since " + onClock(was.Since), value: float64(was.Since.Unix())}, true
}

func readFleet(_ context.Context, g *guarding, _ Condition) (reading, bool) {
	return g.sight.fleet, true
}

func readCanary(_ context.Context, g *guarding, _ Condition) (reading, bool) {
	if g.flock == nil {
		return reading{}, false
	}
	return g.flock.reading(), true
}

// readLooks tells what vitals know. The value is the number of looks in a row that failed.
func readLooks(_ context.Context, g *guarding, _ Condition) (reading, bool) {
	if g.m.Renderer == nil {
		return reading{}, false
	}
	v := &g.m.vitals
	v.mu.Lock()
	defer v.mu.Unlock()
	r := reading{ill: v.failed >= ailing, value: float64(v.failed), text: "looks succeed"}
	if v.failed > 0 {
		r.text = fmt.Sprintf("%s in a row failed, since %s: %s", counted(v.failed, "look"), onClock(v.since), v.why)
	}
	return r, true
}

// Bounds on how long work may wait. A look that waits half an hour breaks the promise of
// the default schedule by itself. A judgement takes a moment, and somebody's alert is
// behind it.
var (
	lookWaits  = limits{ill: 30 * time.Minute, well: 15 * time.Minute}
	judgeWaits = limits{ill: 5 * time.Minute, well: time.Minute}
)

// limits of a waiting time.
type limits struct{ ill, well time.Duration }

// beyond reports too long a wait, given whether it was too long before.
func (l limits) beyond(wait time.Duration, before bool) bool {
	if before {
		return wait > l.well
	}
	return wait > l.ill
}

// readQueue: the value is the age of the oldest look that waits, in seconds.
func readQueue(_ context.Context, g *guarding, was Condition) (reading, bool) {
	b := g.m.Backlog()
	look, judge := b[queueLook], b[queueJudge]
	return reading{
		ill: lookWaits.beyond(look.Oldest, was.Ill) || judgeWaits.beyond(judge.Oldest, was.Ill),
		text: fmt.Sprintf("%s waiting, the oldest for %s; %s, the oldest for %s", counted(look.Waiting, "look"), inWords(look.Oldest),
			counted(judge.Waiting, "judgement"), inWords(judge.Oldest)),
		value: look.Oldest.Seconds(),
	}, true
}

// mailWait is longer than a mail server that greets new senders with "later" has them
// wait, which is up to a quarter of an hour.
const mailWait = 20 * time.Minute

// readMail: ill when an alert has waited too long and none has arrived anywhere since it
// was written. One mailbox that takes nothing is not our illness. The value is when an
// alert last arrived, in seconds since 1970, 0 for never.
func readMail(ctx context.Context, g *guarding, _ Condition) (reading, bool) {
	if len(g.m.Sinks) == 0 {
		return reading{}, false
	}
	owed, err := g.m.Store.Undelivered(ctx)
	if err != nil {
		return reading{}, false // said by who needs the database more
	}
	last, err := g.m.Store.LastDelivery(ctx)
	if err != nil {
		return reading{}, false
	}
	r := reading{text: "no alert was delivered yet"}
	if !last.IsZero() {
		r.text, r.value = "the last alert arrived on "+onClock(last), float64(last.Unix())
	}
	if len(owed) == 0 {
		return r, true
	}
	oldest := owed[0]
	wait := g.m.now().Sub(oldest.Created)
	r.ill = wait > mailWait && last.Before(oldest.Created)
	r.text += fmt.Sprintf("; %s waiting, the oldest for %s", counted(len(owed), "alert"), inWords(wait))
	if n := len(oldest.Attempts); n > 0 && oldest.Attempts[n-1].Error != "" {
		r.text += ": " + oldest.Attempts[n-1].Error
	}
	return r, true
}

// blobTimeout is how long storing a few bytes may take.
const blobTimeout = 10 * time.Second

// readBlobs stores a few bytes, reads and removes them. What it stores is one of sixty
// texts, so that what a kill leaves behind stays little.
func readBlobs(ctx context.Context, g *guarding, _ Condition) (reading, bool) {
	ctx, cancel := context.WithTimeout(ctx, blobTimeout)
	defer cancel()
	began := time.Now()
	if err := g.tryBlobs(ctx); err != nil {
		return reading{ill: true, text: brief(err)}, true
	}
	took := time.Since(began)
	return reading{text: fmt.Sprintf("a blob stored, read and removed in %d ms", took.Milliseconds()), value: took.Seconds()}, true
}

func (g *guarding) tryBlobs(ctx context.Context) error {
	digest, err := g.m.Blobs.Put(ctx, []byte("written by the guard in minute "+strconv.Itoa(g.m.now().Minute())))
	if err != nil {
		return fmt.Errorf("storing a blob: %w", err)
	}
	if _, err := g.m.readBlob(ctx, digest); err != nil {
		return fmt.Errorf("reading a blob: %w", err)
	}
	if err := g.m.Blobs.Delete(ctx, digest); err != nil {
		return fmt.Errorf("removing a blob: %w", err)
	}
	return nil
}

// Free space in bytes. Below the first SQLite, whose log may grow to hundreds of
// megabytes while a backup reads, and the pictures of one bad day may not fit.
const (
	diskLow   = 2 << 30
	diskRoomy = 3 << 30
)

// readDisk: the value is the free space in bytes.
func readDisk(_ context.Context, g *guarding, was Condition) (reading, bool) {
	if g.m.Guard.Disk == nil {
		return reading{}, false
	}
	free, err := g.m.Guard.Disk()
	if err != nil {
		return reading{ill: true, text: brief(err)}, true
	}
	bound := uint64(diskLow)
	if was.Ill {
		bound = diskRoomy
	}
	return reading{ill: free < bound, text: fmt.Sprintf("%.1f GB free", float64(free)/1e9), value: float64(free)}, true
}

// browserAge is how old Chrome may be. Its security fixes come every week and Debian
// follows within days; who patches once a month has two weeks on top.
const browserAge = 45 * 24 * time.Hour

// readBrowser: the value is the age in seconds.
func readBrowser(ctx context.Context, g *guarding, _ Condition) (reading, bool) {
	if g.m.Guard.Browser == nil {
		return reading{}, false
	}
	version, built, err := g.m.Guard.Browser(ctx)
	if err != nil {
		return reading{ill: true, text: brief(err)}, true
	}
	age := max(0, g.m.now().Sub(built))
	return reading{ill: age > browserAge, text: fmt.Sprintf("%s, built %s ago", cmp.Or(version, "Chrome"), inWords(age)), value: age.Seconds()}, true
}

// clockMemory is how long a clock that was set is worth a word: what was dated before is
// then older than any promise.
const clockMemory = time.Hour

// readClock: the value is by how many seconds a clock was off, 0 for none.
func readClock(_ context.Context, g *guarding, _ Condition) (reading, bool) {
	ago := g.m.now().Sub(g.set)
	switch {
	case g.sight.ahead > skew:
		return reading{ill: true, value: g.sight.ahead.Seconds(),
			text: fmt.Sprintf("a look is on record that was made %s after now: a machine that looks has a clock that is ahead, or the one of this machine was set back", inWords(g.sight.ahead))}, true
	case !g.set.IsZero() && ago.Abs() < clockMemory && g.setBy.Abs() >= skew:
		way := map[bool]string{true: "ahead", false: "back"}[g.setBy > 0]
		return reading{ill: true, value: g.setBy.Abs().Seconds(),
			text: fmt.Sprintf("the clock of this machine was set %s by %s on %s", way, inWords(g.setBy.Abs()), onClock(g.set))}, true
	}
	return reading{text: "not set in the past hour, and no machine is ahead"}, true
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

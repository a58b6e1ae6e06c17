package monitor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"image"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	"pasban/compare"
	"pasban/render"
)

// lookWorker works hops 2 to 5 of one look.
type lookWorker struct {
	river.WorkerDefaults[lookArgs]
	m *Monitor
}

// Work implements river.Worker.
func (w *lookWorker) Work(ctx context.Context, job *river.Job[lookArgs]) error {
	if !w.m.working.begin(job.ID) {
		return river.JobSnooze(overdue) // handed out twice; see working
	}
	defer w.m.working.end(job.ID)
	if err := w.m.elsewhere(ctx, job.JobRow, job.Args.Target); err != nil {
		return err
	}
	err := w.m.look(ctx, job)
	if errors.Is(err, &river.JobSnoozeError{}) {
		return err // another look is at its machine: that is no failure
	}
	if err == nil {
		w.m.lookSucceeded()
		return nil
	}
	w.m.lookFailed(err)
	last := job.Attempt >= job.MaxAttempts
	if noted := w.m.noteFailure(context.WithoutCancel(ctx), job.Args, err, last); noted != nil {
		err = errors.Join(err, noted)
	}
	// Of a second look the judge has the last word, with or without it.
	w.m.observe(Event{Target: job.Args.Target, Err: err, Concluded: last && job.Args.Confirms == ""})
	return err
}

// noteFailure records a look that failed by our own fault: it counts against
// freshness, and the judge is told of an alarm that can have no second look.
func (m *Monitor) noteFailure(ctx context.Context, args lookArgs, failure error, last bool) error {
	ctx, cancel := context.WithTimeout(ctx, noteTimeout)
	defer cancel()
	err := m.Store.Update(ctx, func(tx Tx) error {
		if err := m.notFresh(ctx, tx, args, failure); err != nil {
			return err
		}
		if !last || args.Confirms == "" {
			return nil
		}
		return m.queue.insertJudge(ctx, tx, judgeArgs{Capture: args.Confirms, GivenUp: true})
	})
	if err != nil {
		return fmt.Errorf("noting that a look failed: %w", err)
	}
	return nil
}

// notFresh counts a failure against a target's freshness, which is a matter of the
// desktop's looks alone.
func (m *Monitor) notFresh(ctx context.Context, tx Tx, args lookArgs, failure error) error {
	if args.Visitor.other() {
		return nil
	}
	f, err := tx.TargetFreshness(ctx, args.Target)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	f.Target, f.LastAttempt, f.Outcome, f.Reason = args.Target, m.now(), "error", storable(failure.Error())
	f.Failures++
	return tx.PutFreshness(ctx, f)
}

// noteTimeout bounds the note: the database may be what failed.
const noteTimeout = 10 * time.Second

// taken is one look that was made and compared, but not yet recorded.
type taken struct {
	capture Capture
	look    compare.Look
	doors   bool // how its site stands to an order has changed
}

func (m *Monitor) look(ctx context.Context, job *river.Job[lookArgs]) error {
	target, site, err := m.targetOf(ctx, job.Args.Target)
	if err != nil {
		return err
	}
	leave, err := m.polite.enterOrSnooze(ctx, target.URL, job.Priority)
	if err != nil {
		return fmt.Errorf("waiting for the host of %s: %w", target.URL, err)
	}
	defer leave()
	baseline, err := m.Store.Baseline(ctx, target.ID)
	approved := &baseline
	if errors.Is(err, ErrNotFound) {
		if !job.Args.Visitor.other() {
			return m.firstLook(ctx, job, target, site)
		}
		approved, err = nil, nil // what only a phone or a robot saw never makes a baseline
	}
	if err != nil {
		return err
	}
	one, err := m.take(ctx, job.Args, target, site, approved)
	if err != nil {
		return err
	}
	drift := approved != nil && m.mayHaveDrifted(baseline, one.capture)
	return m.record(ctx, job, []taken{one}, judgeArgs{Drift: drift})
}

// firstLook sees a target for the first time: content rules judge it, and if
// nothing in several looks speaks against it, the judge makes a provisional
// baseline of them.
func (m *Monitor) firstLook(ctx context.Context, job *river.Job[lookArgs], target Target, site Site) error {
	var looks []taken
	args, want := job.Args, wantLooks
	if job.Args.Confirms != "" {
		want = 1
	}
	for len(looks) < want && !settled(looks) {
		one, err := m.take(ctx, args, target, site, nil)
		if err != nil {
			return err
		}
		if args.followed {
			first := looks[0].capture.Lockdown // whichever of them the judge takes
			one.capture.Lockdown.Leads, one.capture.Lockdown.Beyond = first.Leads, first.Beyond
		}
		looks, args.followed = append(looks, one), one.capture.Lockdown != nil
	}
	var asked judgeArgs
	if job.Args.Confirms == "" && !slices.ContainsFunc(looks, func(l taken) bool { return !fitForBaseline(l.capture) }) {
		for _, l := range looks {
			asked.First = append(asked.First, l.capture.ID)
		}
	}
	return m.record(ctx, job, looks, asked)
}

// settled reports whether another look would tell nothing new: the last one
// may not be compared or would alert, or the page does not move at all.
func settled(looks []taken) bool {
	n := len(looks)
	if n == 0 {
		return false
	}
	last := looks[n-1].capture
	if !fitForBaseline(last) {
		return true
	}
	return n > 1 && last.Picture != "" && compare.Digest(looks[n-1].look.View) == compare.Digest(looks[n-2].look.View)
}

func fitForBaseline(c Capture) bool {
	v := c.Report.Verdict
	return v != compare.Alert && v != compare.NotComparable && c.Outcome != string(render.TimeoutPartial)
}

func (m *Monitor) targetOf(ctx context.Context, id string) (Target, Site, error) {
	target, err := m.Store.Target(ctx, id)
	if err != nil {
		return target, Site{}, fmt.Errorf("target %s: %w", id, err)
	}
	site, err := m.Store.Site(ctx, target.Site)
	if err != nil {
		return target, site, fmt.Errorf("site %s: %w", target.Site, err)
	}
	return target, site, nil
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return strings.ToLower(u.Hostname())
}

// take renders a target, compares it, and keeps its evidence.
func (m *Monitor) take(ctx context.Context, args lookArgs, target Target, site Site, b *Baseline) (taken, error) {
	started := m.now()
	// A second look must not share a browser with the first.
	request := args.as().as(render.Request{URL: target.URL, AllowPrivate: site.AllowPrivate, AllowExact: canaryAddress(target), FreshProcess: args.Confirms != ""})
	page, err := m.render(ctx, request)
	if err != nil {
		return taken{}, err
	}
	look := lookAt(page)
	look.Other = args.Visitor.other()
	capture := newCapture(started, args, target, page)
	var opened []compare.Finding
	doors := false
	if !look.Other {
		capture.Lockdown = doorsOf(page, m.scripts.read)
		if opened, doors, err = m.ordered(ctx, args, target, site, page, capture.Lockdown); err != nil {
			return taken{}, err
		}
	}
	// Recognised by digests alone: nothing is decoded, compared or stored.
	if b != nil && len(opened) == 0 && capture.Picture != "" && slices.Contains(b.Looks, compare.Digest(look.View)) {
		capture.Baseline = b.Version
		capture.Report = compare.Report{Verdict: compare.Unchanged, Why: "Picture, document and scripts are those of an approved look."}
		return taken{capture: capture, doors: doors}, nil
	}
	report, err := m.compareLook(ctx, target, site, b, page, &look)
	if err != nil {
		return taken{}, err
	}
	capture.Report = withOpened(*inFull(report, look), opened)
	if b != nil {
		capture.Baseline = b.Version
	}
	if look.Other {
		if err := m.sayWho(ctx, target, args.Visitor, &capture.Report); err != nil {
			return taken{}, err
		}
	}
	capture.Blobs, err = m.keepEvidence(ctx, page, look, &capture.Report)
	if err != nil {
		return taken{}, err
	}
	look.Picture = nil // 22 MB, which nobody asks for while the look is recorded
	return taken{capture: capture, look: look, doors: doors}, nil
}

// render opens a page, and once more if all is well but its picture: that is
// mostly a machine which was too busy to paint in time.
func (m *Monitor) render(ctx context.Context, r render.Request) (*render.Page, error) {
	page, err := m.Renderer.Render(ctx, r)
	if err == nil && page.Outcome == render.OK && page.Screenshot == nil {
		r.FreshProcess = true
		page, err = m.Renderer.Render(ctx, r)
	}
	if err != nil {
		return nil, fmt.Errorf("rendering %s: %w", r.URL, err)
	}
	return page, nil
}

// inFull keeps a look that was cut short, or has no picture, from passing for a
// good one. What its text and scripts give away counts all the same.
func inFull(r *compare.Report, look compare.Look) *compare.Report {
	if r.Verdict != compare.Unchanged && r.Verdict != compare.Benign {
		return r
	}
	switch {
	case look.Picture == nil && !look.Other:
		r.NotComparable = "no picture could be taken"
	case look.View.Partial:
		r.NotComparable = "the page did not finish loading"
	default:
		return r
	}
	r.Verdict = compare.NotComparable
	r.Why = "Not all of the page was seen: " + r.NotComparable + ". What was seen shows nothing unusual."
	return r
}

func newCapture(at time.Time, args lookArgs, target Target, page *render.Page) Capture {
	c := Capture{
		ID: uuid.Must(uuid.NewV7()).String(), Target: target.ID, Site: target.Site, At: at,
		Reason: args.Reason, Visitor: args.as(), Confirms: args.Confirms, URL: target.URL, FinalURL: page.FinalURL,
		Title: compare.Redact(page.Title), Outcome: string(page.Outcome), Detail: page.Detail, Status: page.Status,
		TookMS: page.Timings.Done.Milliseconds(), DOM: page.DOMDigest,
	}
	if page.Screenshot != nil {
		c.Picture = page.Screenshot.SHA256
	}
	return c
}

// compareLook judges a look. It decodes the picture into look, and loads of
// the baseline what this comparison needs.
func (m *Monitor) compareLook(ctx context.Context, target Target, site Site, b *Baseline, page *render.Page, look *compare.Look) (*compare.Report, error) {
	leave, err := m.darkroom.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if page.Screenshot != nil && !look.Other {
		picture, err := decodePicture(page.Screenshot.Data)
		if err != nil {
			return nil, fmt.Errorf("decoding the screenshot of %s: %w", target.URL, err)
		}
		look.Picture = picture
	}
	if b == nil {
		return m.compareAndRead(ctx, nil, look, nil), nil
	}
	return m.against(ctx, target, site, *b, look)
}

// against judges a look, its picture decoded, by one version of the approved looks.
func (m *Monitor) against(ctx context.Context, target Target, site Site, b Baseline, look *compare.Look) (*compare.Report, error) {
	p, err := m.profile(ctx, b)
	if err != nil {
		return nil, err
	}
	learned := *p.learned
	learned.Allow(site.AllowHosts)
	if look.Picture != nil && look.View.NotComparable == "" {
		if learned.Reference, err = m.reference(ctx, p, *look); err != nil {
			return nil, fmt.Errorf("loading the approved picture of %s: %w", target.ID, err)
		}
	}
	if missing := learned.Missing(look.View); len(missing) > 0 {
		if learned.Sources, err = m.baselineSources(ctx, p, missing); err != nil {
			return nil, err
		}
	}
	return m.compareAndRead(ctx, &learned, look, masksOf(site, target)), nil
}

// reference is the approved picture that a look is held against. A page that
// changed in a token or a script often looks as it did, to the byte: its picture
// is decoded once then, because decoding is what a comparison mostly costs.
func (m *Monitor) reference(ctx context.Context, p *profile, look compare.Look) (image.Image, error) {
	approved := p.newest().Picture
	if approved == look.View.PictureDigest {
		return look.Picture, nil
	}
	return m.approvedPicture(ctx, p)
}

// approvedPicture decodes the newest approved picture, nil if its evidence is
// lost: the watch goes on without it, and says so.
func (m *Monitor) approvedPicture(ctx context.Context, p *profile) (image.Image, error) {
	picture, err := m.readPicture(ctx, p.newest().Picture)
	if unshowable(err) {
		m.Logger.Error("an approved picture cannot be read; approve the page anew", "target", p.manifest.Target, "error", err)
		return nil, nil
	}
	return picture, err
}

func (m *Monitor) baselineSources(ctx context.Context, p *profile, wanted []string) (map[string]string, error) {
	all := map[string]string{}
	for _, c := range p.manifest.Captures {
		sources, err := m.readSources(ctx, c.Blobs, wanted)
		if err != nil {
			return nil, fmt.Errorf("loading approved scripts of %s: %w", p.manifest.Target, err)
		}
		for sum, source := range sources {
			all[sum] = source
		}
	}
	return all, nil
}

func masksOf(site Site, target Target) []compare.Box {
	var out []compare.Box
	path := pathOf(target.URL)
	for _, mask := range site.Masks {
		if mask.Page == "" || mask.Page == path {
			out = append(out, compare.Box{X: mask.X, Y: mask.Y, W: mask.W, H: mask.H})
		}
	}
	return out
}

func pathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.Path
}

// record is hop 5: everything about a look, and what must follow it, in one
// transaction with the completion of its job. asked is what the judge is to do
// beside judging what was found: it goes with the first capture that he is asked
// about, or with the last.
func (m *Monitor) record(ctx context.Context, job *river.Job[lookArgs], looks []taken, asked judgeArgs) error {
	judged := true
	err := m.Store.Update(ctx, func(tx Tx) error {
		judged = true
		args := asked
		for i := range looks {
			c := &looks[i].capture
			judge, err := m.needsJudge(ctx, tx, *c)
			if err != nil {
				return err
			}
			last := i == len(looks)-1
			judge = judge || last && (len(args.First) > 0 || looks[i].doors)
			c.Judged = !judge
			if err := tx.AddCapture(ctx, *c); err != nil {
				return err
			}
			if !judge && !(last && args.Drift) {
				continue
			}
			judged = false
			args.Capture, args.Try, args.Drift = c.ID, job.Args.Try, !judge
			if err := m.queue.insertJudge(ctx, tx, args); err != nil {
				return err
			}
			args.First = nil
		}
		if last := looks[len(looks)-1].capture; !last.Visitor.other() {
			if err := m.noteFreshness(ctx, tx, last); err != nil {
				return err
			}
		}
		_, err := river.JobCompleteTx[riverdriver.Driver[*sql.Tx]](ctx, tx.SQL(), job)
		return err
	})
	if err != nil {
		return fmt.Errorf("recording the look at %s: %w", job.Args.Target, err)
	}
	for i, l := range looks {
		m.observe(Event{Target: l.capture.Target, Capture: l.capture, Concluded: judged && i == len(looks)-1})
	}
	return nil
}

// needsJudge reports whether hop 6 has anything to do with a capture: it found
// something, it answers a request for a second look, or it may show that an
// open incident is over.
func (m *Monitor) needsJudge(ctx context.Context, tx Tx, c Capture) (bool, error) {
	switch c.Report.Verdict {
	case compare.Alert, compare.Suspicious:
		return true, nil
	}
	if c.Confirms != "" {
		return true, nil
	}
	if c.Report.Verdict == compare.NotComparable {
		return false, nil
	}
	// An attacked site is often taken down before it is restored: what counts is
	// the last look that could be compared.
	before, err := tx.CapturesAs(ctx, c.Target, c.Visitor, recoveryDepth)
	if err != nil {
		return false, err
	}
	if len(before) > 0 && before[0].At.After(c.At.Add(skew)) {
		return true, nil // the clock was set back: which look was the last is not known
	}
	for _, b := range before {
		switch {
		case b.Report.Verdict == compare.Alert, b.Report.Verdict == compare.Suspicious, b.Confirms != "":
			return true, nil
		case b.Report.Verdict != compare.NotComparable:
			return false, nil
		}
	}
	return len(before) == recoveryDepth, nil
}

// recoveryDepth is how many looks back needsJudge searches; after as many that
// could not be compared the judge is asked in any case.
const recoveryDepth = 20

// noteFreshness keeps the promise to say when a target was last seen well.
func (m *Monitor) noteFreshness(ctx context.Context, tx Tx, c Capture) error {
	f, err := tx.TargetFreshness(ctx, c.Target)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	f.Target, f.LastAttempt, f.Outcome, f.Reason = c.Target, c.At, c.Outcome, ""
	if c.Report.Verdict == compare.NotComparable {
		f.Reason = c.Report.NotComparable
		f.Failures++
	} else {
		f.LastGood, f.Failures = c.At, 0
	}
	return tx.PutFreshness(ctx, f)
}

// Glance looks at an address once, as this visitor, and judges it by content
// rules alone, as one that is not watched. Nothing is recorded. An alarm is confirmed by a second look in another
// browser.
func (m *Monitor) Glance(ctx context.Context, address string, as Visitor) (Capture, error) {
	site, err := m.siteAt(ctx, address)
	if err != nil {
		return Capture{}, err
	}
	request := as.as(render.Request{URL: address, AllowPrivate: site.AllowPrivate})
	first, err := m.glance(ctx, lookArgs{Visitor: as, Reason: ReasonClick}, request)
	if err != nil || first.Report.Verdict != compare.Alert {
		return first, err
	}
	request.FreshProcess = true
	second, err := m.glance(ctx, lookArgs{Visitor: as, Reason: ReasonConfirm, Confirms: first.ID}, request)
	if err == nil && !agree(first.Report, second.Report) {
		first.Report = unconfirmed(first.Report)
	}
	return first, err
}

func (m *Monitor) glance(ctx context.Context, args lookArgs, request render.Request) (Capture, error) {
	target := Target{URL: request.URL}
	leave, err := m.polite.enter(ctx, target.URL)
	if err != nil {
		return Capture{}, fmt.Errorf("waiting for the host of %s: %w", target.URL, err)
	}
	defer leave()
	started := m.now()
	page, err := m.render(ctx, request)
	if err != nil {
		return Capture{}, err
	}
	look := lookAt(page)
	capture := newCapture(started, args, target, page)
	report, err := m.compareLook(ctx, target, Site{}, nil, page, &look)
	if err != nil {
		return Capture{}, err
	}
	capture.Report = *report
	return capture, nil
}

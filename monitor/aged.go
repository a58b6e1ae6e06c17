package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"pasban/compare"
	"pasban/render"
)

// A living page moves away from what was approved, a notice a day. When nobody
// approves it anew it loses its core in the end, and the watch calls an honest
// page redesigned. So the approved look follows it, by a policy that is slow on
// purpose: it learns only from looks that are aged and clean.
//
// Aged: they are at least a day old, and a day or more lies between the first and
// the last of three. What an intruder left was seen by its owner, by visitors
// and by us for that long. Clean: each was compared and found benign, and nothing
// has happened to the site since the first of them: no alert, no incident that
// was open, no question that waited. They are judged once more, by the rules
// of today and by the looks that a person approved last, and not by those the
// policy made since. This is the end of an attack in small steps: every step is
// measured from where a person stood.

// agedAndClean is the actor of what is learnt in this way.
const agedAndClean = "policy:aged-and-clean"

// What the policy asks of looks.
const (
	agedAfter = 24 * time.Hour // how old each must be, and how far they must be apart
	agedLooks = 3              // at least, and at most as many are learnt
	agedEvery = 24 * time.Hour // between two versions of one target
	// agedDepth is how many looks back are read: two days of one a minute. The
	// looks of a page that is watched more often never lie a day apart; its
	// approved look stays as it is.
	agedDepth = 3000
	// agedCore of the steady text that was approved by a person must be left. A
	// page is called replaced below 0.3; the policy ends well before.
	agedCore = 0.5
	// agedPause is how long a target is left alone after it was found to have
	// nothing to learn: finding that out reads many looks.
	agedPause = time.Hour
)

// Trouble is what a site has, or had last, to do with analysts.
type Trouble struct {
	Pending bool      // an incident is open, or a question waits
	Last    time.Time // when something last happened to one, or was answered; zero if there was none
}

// aging remembers when it was asked last whether a page has drifted.
type aging struct {
	mu    sync.Mutex
	asked map[string]time.Time
	// learning is held while a target is learnt, one at a time: its looks weigh a
	// hundred megabytes.
	learning sync.Mutex
}

// due reports that it may be asked about a target now, and remembers that it was.
func (a *aging) due(target string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if last, ok := a.asked[target]; ok && now.Sub(last).Abs() < agedPause {
		return false
	}
	if a.asked == nil || len(a.asked) > 10_000 {
		a.asked = map[string]time.Time{}
	}
	a.asked[target] = now
	return true
}

// mayHaveDrifted reports that the judge is to be asked whether the approved look
// should follow its page. Only a look that found an honest change is a reason.
func (m *Monitor) mayHaveDrifted(b Baseline, newest Capture) bool {
	now := m.now()
	moved := agedFit(newest) && newest.Report.Verdict == compare.Benign
	return moved && !m.ApprovedOnly && now.Sub(b.Created) >= agedEvery && m.aging.due(newest.Target, now)
}

// followDrift is the judge's answer: it makes a new version of the approved look if
// the page has honestly moved away from it, for a day and longer. Nothing depends on
// it, so that its failure is told and the look that asked stands.
func (m *Monitor) followDrift(ctx context.Context, job *river.Job[judgeArgs], newest Capture) error {
	err := m.learnDrift(ctx, newest.Target)
	if ctx.Err() != nil {
		return fmt.Errorf("following %s: %w", newest.Target, ctx.Err())
	}
	if err != nil {
		m.calm.say(slog.LevelWarn, "aged: "+cause(err), "the approved look could not follow its page; a later look tries again", "target", newest.Target, "error", err)
	}
	if err := m.Store.Update(ctx, func(tx Tx) error { return complete(ctx, tx, job) }); err != nil {
		return fmt.Errorf("following %s: %w", newest.Target, err)
	}
	m.observe(Event{Target: newest.Target, Capture: newest, Concluded: true})
	return nil
}

// learnDrift learns a target, if the policy may and no other is being learnt: a
// later look at the page is soon enough.
func (m *Monitor) learnDrift(ctx context.Context, id string) error {
	if m.ApprovedOnly || !m.aging.learning.TryLock() {
		return nil
	}
	defer m.aging.learning.Unlock()
	target, site, err := m.targetOf(ctx, id)
	if err != nil {
		return err
	}
	b, err := m.Store.Baseline(ctx, id)
	if err != nil || m.now().Sub(b.Created) < agedEvery {
		return err
	}
	return m.learnAged(ctx, target, site, b)
}

// agedFit reports a look that may be learnt or may vouch for others.
func agedFit(c Capture) bool {
	good := c.Report.Verdict == compare.Benign || c.Report.Verdict == compare.Unchanged
	return good && !c.Visitor.other() && c.Picture != "" && c.Outcome == string(render.OK)
}

// learnAged judges what the policy would learn, and learns it or asks an analyst.
func (m *Monitor) learnAged(ctx context.Context, target Target, site Site, b Baseline) error {
	yardstick, err := m.approvedByPerson(ctx, target.ID)
	if err != nil {
		return err
	}
	aged, err := m.agedAndClean(ctx, target, b, yardstick)
	if err != nil || len(aged) == 0 {
		return err
	}
	leave, err := m.darkroom.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	looks := make([]compare.Look, len(aged))
	for i, c := range aged {
		if looks[i], err = m.readLook(ctx, c.Blobs); err != nil {
			return fmt.Errorf("loading capture %s: %w", c.ID, err)
		}
		report, err := m.against(ctx, target, site, yardstick, &looks[i])
		if err != nil {
			return err
		}
		if doubt := doubtful(report); doubt != nil {
			return m.askAboutDrift(ctx, aged[i], doubt)
		}
	}
	return m.keepAged(ctx, target, b, yardstick, aged, looks)
}

// approvedByPerson is the newest version that the policy did not make: a person's,
// or that of first sight if nobody has approved one yet.
func (m *Monitor) approvedByPerson(ctx context.Context, target string) (Baseline, error) {
	all, err := m.Store.Baselines(ctx, target)
	if err != nil {
		return Baseline{}, err
	}
	for _, b := range all {
		if b.ApprovedBy != agedAndClean {
			return b, nil
		}
	}
	return Baseline{}, fmt.Errorf("%s has no version that anybody approved: %w", target, ErrNotFound)
}

// agedAndClean are the looks to learn, oldest first: the first and the last of
// those that are fit, and one between them. There are none if they do not
// fulfil the policy.
func (m *Monitor) agedAndClean(ctx context.Context, target Target, b, yardstick Baseline) ([]Capture, error) {
	since, err := m.cleanSince(ctx, target, b, yardstick)
	if err != nil || since.IsZero() {
		return nil, err
	}
	all, err := m.Store.Captures(ctx, target.ID, agedDepth)
	if err != nil {
		return nil, err
	}
	fit := agedOf(all, since, m.now())
	if n := len(fit); n < agedLooks || fit[n-1].At.Sub(fit[0].At) < agedAfter {
		return nil, nil
	}
	return spread(fit), nil
}

// cleanSince is from when on looks may be learnt: since the last that was learnt
// or approved, and since the site had trouble. Zero while it has.
func (m *Monitor) cleanSince(ctx context.Context, target Target, b, yardstick Baseline) (time.Time, error) {
	trouble, err := m.Store.Trouble(ctx, target.Site)
	if err != nil || trouble.Pending {
		return time.Time{}, err
	}
	if alarmed, err := m.beingJudged(ctx, target.Site); err != nil || alarmed {
		return time.Time{}, err
	}
	doc, err := m.readManifest(ctx, b.Manifest)
	if err != nil {
		return time.Time{}, err
	}
	since := yardstick.Created
	for _, at := range []time.Time{trouble.Last, doc.Captures[len(doc.Captures)-1].At} {
		if at.After(since) {
			since = at
		}
	}
	return since, nil
}

// beingJudged reports that a page of the site, as anybody sees it, was found attacked by
// a look which still waits for its judgement: it is no incident yet.
func (m *Monitor) beingJudged(ctx context.Context, site string) (bool, error) {
	targets, err := m.Store.SiteTargets(ctx, site)
	if err != nil {
		return false, err
	}
	for _, t := range targets {
		for _, as := range append([]Visitor{Desktop}, others...) {
			recent, err := m.Store.CapturesAs(ctx, t.ID, as, recoveryDepth)
			if err != nil {
				return false, err
			}
			for _, c := range recent {
				if !c.Judged && suspect(c) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

func suspect(c Capture) bool {
	return c.Report.Verdict == compare.Alert || c.Report.Verdict == compare.Suspicious
}

// agedOf are the looks of newest-first captures that are old enough and were
// followed by nothing suspicious on their page, oldest first.
func agedOf(captures []Capture, since, now time.Time) []Capture {
	var out []Capture
	for _, c := range captures {
		if suspect(c) || !c.At.After(since) {
			break
		}
		if agedFit(c) && now.Sub(c.At) >= agedAfter {
			out = append([]Capture{c}, out...)
		}
	}
	return out
}

// spread picks the looks whose evidence is on record: the first, the last, and the
// one nearest to half way. A look like an approved one stored none, and has
// nothing to teach.
func spread(fit []Capture) []Capture {
	var kept []Capture
	for _, c := range fit {
		if len(c.Blobs) > 0 {
			kept = append(kept, c)
		}
	}
	var out []Capture
	for i := range min(agedLooks, len(kept)) {
		c := kept[i*(len(kept)-1)/max(1, min(agedLooks, len(kept))-1)]
		if n := len(out); n == 0 || out[n-1].Picture != c.Picture || out[n-1].DOM != c.DOM || out[n-1].Blobs[BlobView] != c.Blobs[BlobView] {
			out = append(out, c)
		}
	}
	return out
}

// doubtful is what to ask an analyst about a look that must not be learnt, nil if
// it may be.
func doubtful(r *compare.Report) *compare.Report {
	left := 1.0
	for _, s := range r.Signals {
		if s.Name == "text_core" {
			left = s.Value
		}
	}
	clean := r.Verdict == compare.Benign || r.Verdict == compare.Unchanged
	switch {
	case clean && left >= agedCore:
		return nil
	case clean:
		r.Verdict, r.Score = compare.Suspicious, 0.35
		r.Why = "The page drifted far from what was approved, in small steps; look at it and approve it if it is right."
		r.Findings = []compare.Finding{{
			Kind: compare.Defacement, Rule: driftRule, Severity: compare.Low, Score: r.Score, Why: r.Why,
			Evidence: fmt.Sprintf("less than %.0f %% of the steady text that was approved is left", 100*agedCore),
		}}
	default:
		r.Verdict = compare.Suspicious
		r.Why = "Taken together, the small changes since the last approval are out of place: " + r.Why
	}
	return r
}

// driftRule names the finding of a page that left what was approved. It is the
// policy's and not one of compare's, which sees one look at a time.
const driftRule = "policy.drift"

// askAboutDrift puts the page before the analysts. While the question waits nothing
// is learnt, and what was seen before the answer never is.
func (m *Monitor) askAboutDrift(ctx context.Context, c Capture, doubt *compare.Report) error {
	c.Report = *doubt
	return m.Store.Update(ctx, func(tx Tx) error { return m.question(ctx, tx, &ruling{capture: c}) })
}

// keepAged makes the new version: the newest looks that a person approved, and
// the aged ones. A process killed between the blobs and the decision leaves some
// blobs that nobody names; the next look tries again.
func (m *Monitor) keepAged(ctx context.Context, target Target, b, yardstick Baseline, aged []Capture, looks []compare.Look) error {
	if len(aged) == 0 {
		return nil
	}
	approved, err := m.readManifest(ctx, yardstick.Manifest)
	if err != nil {
		return err
	}
	var captures []Capture
	var seen []compare.Look
	old := approved.Captures
	for _, l := range old[max(0, len(old)-(maxLooks-len(aged))):] {
		look, err := m.readLook(ctx, l.Blobs)
		if err != nil {
			return fmt.Errorf("loading the approved capture %s: %w", l.ID, err)
		}
		captures, seen = append(captures, l.capture(approved)), append(seen, look)
	}
	captures, seen = append(captures, aged...), append(seen, looks...)
	o := Order{Actor: agedAndClean, Reason: fmt.Sprintf("the page looked like this from %s on, and nothing spoke against it", aged[0].At.Format(time.DateTime))}
	doc := manifest{
		Site: b.Site, Target: target.ID, URL: target.URL, Version: b.Version + 1, Created: m.now(),
		Provisional: b.Provisional, ApprovedBy: o.Actor, Reason: o.Reason,
	}
	next, err := m.keepBaseline(ctx, doc, captures, seen)
	if err != nil {
		return err
	}
	return m.decideAged(ctx, o, next, aged)
}

// decideAged records the version, unless something has happened meanwhile.
func (m *Monitor) decideAged(ctx context.Context, o Order, next Baseline, aged []Capture) error {
	ids := make([]string, len(aged))
	for i, c := range aged {
		ids[i] = c.ID
	}
	detail := map[string]any{"version": next.Version, "captures": strings.Join(ids, " ")}
	err := m.decide(ctx, o, "baseline.aged", "target:"+next.Target, detail, func(tx Tx, decision int64) error {
		trouble, err := tx.Trouble(ctx, next.Site)
		if err != nil {
			return err
		}
		latest, err := tx.Baseline(ctx, next.Target)
		if err != nil {
			return err
		}
		if trouble.Pending || trouble.Last.After(aged[0].At) || latest.Version != next.Version-1 {
			return errOvertaken
		}
		if err := stillThere(ctx, tx, ids...); err != nil {
			return err
		}
		next.Decision = decision
		return tx.AddBaseline(ctx, next)
	})
	if errors.Is(err, errOvertaken) || errors.Is(err, ErrExists) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("recording the aged look of %s: %w", next.Target, err)
	}
	return nil
}

// errOvertaken ends a transaction that came too late.
var errOvertaken = errors.New("overtaken")

package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"pasban/alerting"
	"pasban/compare"
	"pasban/monitor/statistics"
)

// Questions page nobody. They wait in a queue, and once a day the CERT is mailed
// what is in it, the most pressing first.

// Asked is a question with what its priority follows from.
type Asked struct {
	Question
	SiteName, URL, Institution string
	Tier                       Tier
	TLP                        string // the institution's
	Priority                   int
}

// Priority says how pressing a question is, from 0 to 100. It is the sum of
//
//	severity   10 for low, 20, 30, 40 for critical: what it does to people if it is true
//	score      up to 25: how sure it is
//	kind       15 for leaks and injections, 12 for defacements, 6 for the rest: whom it hurts
//	tier       10 for banks and the federation, 7 for provinces and territories, 5 for others
//	age        1 for each day it waits, up to 10: nothing waits for ever
//
// of the gravest finding. A question about no finding has the severity low.
func Priority(q Question, tier Tier, now time.Time) int {
	f := gravest(q.Report)
	p := 10 * max(1, f.Severity.Rank())
	p += int(25*min(1, max(0, q.Report.Score)) + 0.5)
	switch f.Kind {
	case compare.Leak, compare.Injection:
		p += 15
	case compare.Defacement:
		p += 12
	default:
		p += 6
	}
	switch tier {
	case Banking, Federal:
		p += 10
	case Provincial, Territory:
		p += 7
	default:
		p += 5
	}
	days := int(now.Sub(q.Opened) / (24 * time.Hour))
	return p + min(10, max(0, days))
}

// gravest is the finding a question is named after.
func gravest(r compare.Report) compare.Finding {
	best := compare.Finding{Why: r.Why, Score: r.Score, Severity: compare.Low}
	for i, f := range r.Findings {
		if i == 0 || f.Severity.Rank() > best.Severity.Rank() || f.Severity == best.Severity && f.Score > best.Score {
			best = f
		}
	}
	return best
}

// Gravest is the finding that the question is named after.
func (a Asked) Gravest() compare.Finding { return gravest(a.Report) }

// Waiting lists the questions that wait for an analyst, the most pressing first.
func (m *Monitor) Waiting(ctx context.Context) ([]Asked, error) {
	return waiting(ctx, m.Store, m.now())
}

func waiting(ctx context.Context, from Reader, now time.Time) ([]Asked, error) {
	questions, err := from.Questions(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading questions: %w", err)
	}
	out := make([]Asked, 0, len(questions))
	owners := map[string]Asked{} // by site
	for _, q := range questions {
		owner, known := owners[q.Site]
		if !known {
			if owner, err = ownerOf(ctx, from, q.Site); err != nil {
				return nil, err
			}
			owners[q.Site] = owner
		}
		a := owner
		a.Question = q
		if t, err := from.Target(ctx, q.Target); err == nil {
			a.URL = t.URL
		} else if !errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("target %s: %w", q.Target, err)
		}
		a.Priority = Priority(q, a.Tier, now)
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b Asked) int { return cmp.Compare(b.Priority, a.Priority) })
	return out, nil
}

// ownerOf is what a question says of its site. A site that is gone is named by its ID.
func ownerOf(ctx context.Context, from Reader, id string) (Asked, error) {
	a := Asked{SiteName: id}
	site, err := from.Site(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return a, nil
	}
	if err != nil {
		return a, fmt.Errorf("site %s: %w", id, err)
	}
	a.SiteName, a.URL = cmp.Or(site.Name, id), site.URL
	owner, err := from.Institution(ctx, site.Institution)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return a, fmt.Errorf("institution %s: %w", site.Institution, err)
	}
	a.Institution, a.Tier, a.TLP = owner.Name, owner.Tier, owner.TLP
	return a, nil
}

// Zone is by whose clocks the CERT lives: where a digest's day begins and ends, what
// "08:00" means, and the times that people read. Pakistan Standard Time, as in the mails.
var Zone = statistics.Zone

var hourAndMinute = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)

// DigestSchedule reads when the digest is due: "08:00" every day in Pakistan Standard
// Time, or a cron expression as sites have. "off" and "" are never: nil.
func DigestSchedule(s string) (cron.Schedule, error) {
	if s == "" || s == "off" {
		return nil, nil
	}
	part := hourAndMinute.FindStringSubmatch(s)
	if part == nil {
		schedule, err := ParseSchedule(s)
		if err != nil {
			return nil, fmt.Errorf("%q is neither a time such as 08:00, nor off, nor a cron schedule: %w", s, err)
		}
		return schedule, nil
	}
	hour, err1 := strconv.Atoi(part[1])
	minute, err2 := strconv.Atoi(part[2])
	return daily{hour, minute}, errors.Join(err1, err2)
}

// daily is a cron.Schedule of one moment a day in Zone.
type daily struct{ hour, minute int }

// Next implements cron.Schedule.
func (d daily) Next(after time.Time) time.Time {
	t := after.In(Zone)
	next := time.Date(t.Year(), t.Month(), t.Day(), d.hour, d.minute, 0, 0, Zone)
	if !next.After(after) {
		next = next.AddDate(0, 0, 1)
	}
	return next
}

const (
	// digestTick is how often it is asked whether a digest is due.
	digestTick = 30 * time.Second
	// digestLate is how long after its time a digest is still made: by a serve
	// that was not running then.
	digestLate = 12 * time.Hour
	// digestAgent decides about digests.
	digestAgent = "policy:daily-digest"
)

// digestLoop makes the digests as they fall due, until the context ends.
func (m *Monitor) digestLoop(ctx context.Context) error {
	schedule, err := DigestSchedule(m.Digest)
	if err != nil {
		return err
	}
	if schedule == nil || !m.Judge || len(m.CERT) == 0 {
		return nil
	}
	t := time.NewTicker(digestTick)
	defer t.Stop()
	for {
		m.database(ctx, "digest", m.digestIfDue(ctx, schedule))
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// digestIfDue makes the digest of a day once its time has come.
func (m *Monitor) digestIfDue(ctx context.Context, s cron.Schedule) error {
	now := m.now()
	due := s.Next(now.Add(-digestLate))
	if due.IsZero() || due.After(now) {
		return nil
	}
	return m.makeDigest(ctx, due.In(Zone).Format(time.DateOnly))
}

// makeDigest puts the digest of a day into the outbox, in one transaction with the
// decision that says so. That decision is what makes it one a day: a day that had
// nothing to tell at its time has been dealt with as well.
func (m *Monitor) makeDigest(ctx context.Context, day string) error {
	object := "digest:" + day
	made, err := m.Store.Decisions(ctx, object)
	if err != nil || len(made) > 0 {
		return err
	}
	err = m.Store.Update(ctx, func(tx Tx) error {
		// Another serve may have made it meanwhile.
		if made, err := tx.Decisions(ctx, object); err != nil || len(made) > 0 {
			return err
		}
		asked, err := waiting(ctx, tx, m.now())
		if err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]int{"waiting": len(asked)})
		if err != nil {
			return err
		}
		_, err = tx.AddDecision(ctx, Decision{At: m.now(), Actor: digestAgent, Action: "digest.make", Object: object,
			Reason: "what waits for an analyst is told once a day", Detail: detail})
		if err != nil || len(asked) == 0 {
			return err
		}
		return m.postDigest(ctx, tx, day, asked)
	})
	if err != nil {
		return fmt.Errorf("making the digest of %s: %w", day, err)
	}
	return nil
}

func (m *Monitor) postDigest(ctx context.Context, tx Tx, day string, asked []Asked) error {
	// The day is its identity; the moment it was made must not be, or a second
	// attempt would be another mail.
	opened, err := time.ParseInLocation(time.DateOnly, day, Zone)
	if err != nil {
		return fmt.Errorf("reading the day %q: %w", day, err)
	}
	digest := newDigest(day, m.now(), asked)
	alert := alerting.Alert{
		ID: "digest." + day, Event: alerting.Daily, TLP: "AMBER", Opened: opened, Observed: m.now(), Contact: m.Contact, Digest: &digest,
	}
	payload, err := json.Marshal(alert)
	if err != nil {
		return fmt.Errorf("writing the digest: %w", err)
	}
	for _, to := range alerting.Route(nil, alerting.English, m.CERT, nil) {
		if err := m.send(ctx, tx, m.delivery(alert, to, payload)); err != nil {
			return err
		}
	}
	return nil
}

// listedSites are named of those that show one change.
const listedSites = 5

// newDigest groups questions, the most pressing first: one change on many sites, by
// the same rule and with the same evidence, is one line.
func newDigest(day string, now time.Time, asked []Asked) alerting.Digest {
	d := alerting.Digest{Day: day, Made: now, Waiting: len(asked)}
	at := map[string]int{}    // line of each change, -1 for one that is not listed
	seen := map[string]bool{} // change and site
	for _, a := range asked {
		f := a.Gravest()
		key := strings.Join([]string{f.Rule, f.Evidence}, "\x00")
		if f.Rule == "" {
			key = f.Why
		}
		i, known := at[key]
		switch {
		case !known && len(d.Lines) == alerting.DigestLines:
			at[key], i = -1, -1
			d.More++
		case !known:
			i = len(d.Lines)
			at[key] = i
			d.Lines = append(d.Lines, alerting.DigestLine{
				Rule: f.Rule, Kind: string(f.Kind), Severity: string(f.Severity), Why: f.Why, Evidence: f.Evidence,
				Priority: a.Priority, Score: a.Report.Score, Since: a.Opened,
			})
		}
		if i < 0 {
			d.MoreWaiting++
			continue
		}
		l := &d.Lines[i]
		if a.Opened.Before(l.Since) {
			l.Since = a.Opened
		}
		if shown := key + "\x00" + a.Site; !seen[shown] {
			seen[shown] = true
			if len(l.Sites) < listedSites {
				l.Sites = append(l.Sites, alerting.DigestSite{Name: a.SiteName, URL: a.URL})
			} else {
				l.MoreSites++
			}
		}
	}
	return d
}

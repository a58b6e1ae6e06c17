package monitor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	"pasban/alerting"
	"pasban/compare"
)

// confirmTries is how many second looks an alarm gets. One of them must agree:
// an alarm needs two looks of three.
const confirmTries = 2

// judgeWorker works hop 6.
type judgeWorker struct {
	river.WorkerDefaults[judgeArgs]
	m *Monitor
}

// Work implements river.Worker.
func (w *judgeWorker) Work(ctx context.Context, job *river.Job[judgeArgs]) error {
	if !w.m.working.begin(job.ID) {
		return river.JobSnooze(overdue) // handed out twice; see working
	}
	defer w.m.working.end(job.ID)
	c, err := w.m.Store.Capture(ctx, job.Args.Capture)
	if err != nil {
		return fmt.Errorf("loading the capture to judge: %w", err)
	}
	switch {
	case job.Args.Drift:
		return w.m.followDrift(ctx, job, c)
	case c.Judged:
		return nil
	case job.Args.GivenUp:
		c.Report = unconfirmed(c.Report)
		return w.m.conclude(ctx, job, ruling{capture: c, act: w.m.question})
	}
	if err := w.m.meet(ctx, job.Args.First, c); err != nil {
		return err
	}
	return w.m.judge(ctx, job, c)
}

// judge decides what follows from a capture.
func (m *Monitor) judge(ctx context.Context, job *river.Job[judgeArgs], c Capture) error {
	open, err := openIncident(ctx, m.Store, c.Site)
	if err != nil {
		return err
	}
	switch {
	case c.Confirms != "":
		return m.judgeSecond(ctx, job, c)
	case c.Report.Verdict == compare.Alert && open != nil && open.Recovered.IsZero() && knows(*open, c):
		return m.conclude(ctx, job, ruling{capture: c, act: m.seenAgain, believed: true})
	case c.Report.Verdict == compare.Alert:
		return m.alarmed(ctx, job, c)
	case c.Report.Verdict == compare.Suspicious:
		return m.conclude(ctx, job, ruling{capture: c, act: m.question})
	case open != nil && c.Report.Verdict != compare.NotComparable:
		return m.conclude(ctx, job, ruling{capture: c, act: m.recovered})
	}
	return m.conclude(ctx, job, ruling{capture: c})
}

// alarmed asks for a second look, unless the owner had announced the change, or a person
// has called all of it a false alarm before. Nothing can be approved as another visitor
// sees it, so that for those looks this is where the person is heard.
func (m *Monitor) alarmed(ctx context.Context, job *river.Job[judgeArgs], c Capture) error {
	notice, err := announced(ctx, m.Store, c)
	if err != nil {
		return fmt.Errorf("looking for a notice of %s: %w", c.Site, err)
	}
	if notice != nil {
		c.Report = expected(c.Report, *notice)
		return m.conclude(ctx, job, ruling{capture: c, act: m.question})
	}
	if !c.Visitor.other() {
		return m.askSecond(ctx, job, c, 1)
	}
	all, err := m.Store.SiteIncidents(ctx, c.Site)
	if err != nil {
		return fmt.Errorf("looking for false alarms of %s: %w", c.Site, err)
	}
	if slices.ContainsFunc(all, func(i Incident) bool { return i.State == FalseAlarm && knows(i, c) }) {
		return m.conclude(ctx, job, ruling{capture: c})
	}
	return m.askSecond(ctx, job, c, 1)
}

// judgeSecond weighs a second look against the first.
func (m *Monitor) judgeSecond(ctx context.Context, job *river.Job[judgeArgs], second Capture) error {
	first, err := m.Store.Capture(ctx, second.Confirms)
	if err != nil {
		return fmt.Errorf("loading the look to confirm: %w", err)
	}
	if agree(first.Report, second.Report) {
		shown := first
		if first.Blobs[BlobPicture] == "" {
			shown = second // Chrome can fail to paint in time on a busy machine
		}
		pictures, err := m.draw(ctx, shown)
		if err != nil {
			return err
		}
		traces, err := m.tracesOf(ctx, first, shown.Blobs[BlobPicture])
		if err != nil {
			return err
		}
		return m.conclude(ctx, job, ruling{capture: second, first: &first, pictures: pictures, traces: traces, act: m.alarm, believed: true})
	}
	if job.Args.Try < confirmTries {
		return m.askAgain(ctx, job, first, second)
	}
	first.Report = unconfirmed(first.Report)
	if second.Report.Verdict == compare.NotComparable {
		first.Report.Why += " The page could not be seen at all then: " + second.Report.NotComparable + "."
	}
	return m.conclude(ctx, job, ruling{capture: second, first: &first, act: m.question})
}

// unconfirmed is a report whose alarm no second look bore out.
func unconfirmed(r compare.Report) compare.Report {
	r.Verdict = compare.Suspicious
	r.Why += " A second look did not show it again."
	return r
}

// agree reports whether a second look bears out the alarm of the first: it
// would alert as well, and for a reason of the same kind; of a door that was opened
// again, for the same door.
func agree(first, second compare.Report) bool {
	if second.Verdict != compare.Alert {
		return false
	}
	return slices.ContainsFunc(first.Findings, func(a compare.Finding) bool {
		return slices.ContainsFunc(second.Findings, func(b compare.Finding) bool {
			return a.Kind == b.Kind && (a.Kind != compare.Lockdown || a.Rule == b.Rule)
		})
	})
}

// knows reports whether an incident has every finding of a capture already, at
// least as severe, whoever saw it.
func knows(i Incident, c Capture) bool {
	for _, f := range c.Report.Findings {
		if !slices.ContainsFunc(i.Findings, func(k IncidentFinding) bool {
			return k.Target == c.Target && sameAttack(k.Finding, f) && k.Severity.Rank() >= f.Severity.Rank()
		}) && !full(i, c, f) {
			return false
		}
	}
	return true
}

// openIncident finds the incident of a site that is not closed, nil if there
// is none.
func openIncident(ctx context.Context, from Reader, site string) (*Incident, error) {
	i, err := from.OpenIncident(ctx, site)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for an open incident of %s: %w", site, err)
	}
	return &i, nil
}

// askSecond queues a look in another browser. The capture stays unjudged until
// the answer is there.
func (m *Monitor) askSecond(ctx context.Context, job *river.Job[judgeArgs], c Capture, try int) error {
	return m.Store.Update(ctx, func(tx Tx) error {
		args := lookArgs{Target: c.Target, Visitor: c.Visitor, Confirms: c.ID, Try: try, Reason: ReasonConfirm}
		if err := m.queue.insertLook(ctx, tx, args, priorityUrgent); err != nil {
			return err
		}
		return complete(ctx, tx, job)
	})
}

func (m *Monitor) askAgain(ctx context.Context, job *river.Job[judgeArgs], first, second Capture) error {
	return m.Store.Update(ctx, func(tx Tx) error {
		args := lookArgs{Target: first.Target, Visitor: first.Visitor, Confirms: first.ID, Try: job.Args.Try + 1, Reason: ReasonConfirm}
		if err := m.queue.insertLook(ctx, tx, args, priorityUrgent); err != nil {
			return err
		}
		if err := tx.SetJudged(ctx, second.ID, nil); err != nil {
			return err
		}
		return complete(ctx, tx, job)
	})
}

func complete(ctx context.Context, tx Tx, job *river.Job[judgeArgs]) error {
	_, err := river.JobCompleteTx[riverdriver.Driver[*sql.Tx]](ctx, tx.SQL(), job)
	if err != nil {
		return fmt.Errorf("completing the judgement: %w", err)
	}
	return nil
}

// ruling is what the judge made of a capture, to be written in one transaction.
type ruling struct {
	capture  Capture
	first    *Capture  // the look that capture confirms, if it does
	incident *Incident // the open incident of the site, as the transaction finds it
	pictures []alerting.Picture
	traces   []compare.Trace
	act      func(context.Context, Tx, *ruling) error
	// believed says that the alarm of the look was confirmed.
	believed bool
}

// seen is the capture whose report counts.
func (r *ruling) seen() Capture {
	if r.first != nil {
		return *r.first
	}
	return r.capture
}

// opened are the rules of doors of which it is believed that they were opened again:
// those that each look of the ruling found.
func (r *ruling) opened() (rules []string) {
	if !r.believed {
		return nil
	}
	for _, f := range r.seen().Report.Findings {
		if f.Kind == compare.Lockdown && slices.ContainsFunc(r.capture.Report.Findings, func(g compare.Finding) bool { return g.Rule == f.Rule }) {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}

// conclude writes a ruling: what it does, the captures marked as judged, and
// the job completed.
func (m *Monitor) conclude(ctx context.Context, job *river.Job[judgeArgs], r ruling) error {
	var told *Incident
	err := m.Store.Update(ctx, func(tx Tx) error {
		once := r // Update may run this again
		// Another page of the site may have opened its incident meanwhile.
		var err error
		if once.incident, err = openIncident(ctx, tx, r.capture.Site); err != nil {
			return err
		}
		if once.act != nil {
			if err := once.act(ctx, tx, &once); err != nil {
				return err
			}
		}
		if err := m.keepStandings(ctx, tx, r.seen(), r.opened()); err != nil {
			return err
		}
		told = once.incident
		if err := tx.SetJudged(ctx, r.seen().ID, drawn(r.pictures)); err != nil {
			return err
		}
		if err := tx.SetJudged(ctx, r.capture.ID, nil); err != nil {
			return err
		}
		return complete(ctx, tx, job)
	})
	if err != nil {
		return fmt.Errorf("judging the look at %s: %w", r.capture.Target, err)
	}
	m.observe(Event{Target: r.capture.Target, Capture: r.seen(), Incident: told, Concluded: true})
	return nil
}

// question puts a finding that no second look confirmed before the analysts.
func (m *Monitor) question(ctx context.Context, tx Tx, r *ruling) error {
	asked, err := tx.Questions(ctx)
	if err != nil {
		return err
	}
	seen := r.seen()
	if slices.ContainsFunc(asked, func(q Question) bool { return q.Target == seen.Target && sameFindings(q.Report, seen.Report) }) {
		return nil
	}
	q := Question{Site: seen.Site, Target: seen.Target, Capture: seen.ID, Report: seen.Report, Opened: m.now()}
	if r.first != nil {
		q.Second = r.capture.ID
	}
	_, err = tx.AddQuestion(ctx, q)
	return err
}

func sameFindings(a, b compare.Report) bool {
	return slices.EqualFunc(a.Findings, b.Findings, func(x, y compare.Finding) bool { return x.Rule == y.Rule && x.Evidence == y.Evidence })
}

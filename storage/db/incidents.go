package db

import (
	"context"
	"fmt"
	"time"

	"pasban/monitor"
)

// Incidents, and the questions that wait for an analyst.

const selectIncidents = `SELECT id, site, target, kind, severity, state, summary, opened, updated,
	campaign, findings, recovered, notices FROM incidents `

// notClosed says monitor.State.Closed in SQL, word for word as the partial
// index incidents_open does.
const notClosed = `state NOT IN ('resolved', 'false_alarm') `

func scanIncident(r row) (i monitor.Incident, err error) {
	err = r.Scan(&i.ID, &i.Site, &i.Target, &i.Kind, &i.Severity, &i.State, &i.Summary, instantInto{&i.Opened},
		instantInto{&i.Updated}, &i.Campaign, jsonInto{&i.Findings}, instantInto{&i.Recovered}, &i.Notices)
	return i, err
}

func (q queries) Incident(ctx context.Context, id int64) (monitor.Incident, error) {
	i, err := one(ctx, q, scanIncident, selectIncidents+`WHERE id = $1`, id)
	return i, wrap(err, "finding incident %d", id)
}

func (q queries) Incidents(ctx context.Context, openOnly bool) ([]monitor.Incident, error) {
	where := `WHERE ` + notCanary
	if openOnly {
		where += `AND ` + notClosed
	}
	all, err := list(ctx, q, scanIncident, selectIncidents+where+`ORDER BY opened DESC, id DESC`)
	return all, wrap(err, "listing incidents")
}

func (q queries) SiteIncidents(ctx context.Context, site string) ([]monitor.Incident, error) {
	all, err := list(ctx, q, scanIncident, selectIncidents+`WHERE site = $1 ORDER BY opened DESC, id DESC`, site)
	return all, wrap(err, "listing incidents of site %q", site)
}

func (q queries) OpenIncident(ctx context.Context, site string) (monitor.Incident, error) {
	i, err := one(ctx, q, scanIncident, selectIncidents+`WHERE site = $1 AND `+notClosed, site)
	return i, wrap(err, "finding the open incident of site %q", site)
}

// FindIncidents puts the conditions together that are asked for, so that each finds its index.
func (q queries) FindIncidents(ctx context.Context, want monitor.IncidentQuery) ([]monitor.Incident, error) {
	where, args := `WHERE `+notCanary, []any{}
	add := func(condition string, value any) {
		args = append(args, value)
		where += fmt.Sprintf(`AND `+condition+` `, len(args))
	}
	if want.OpenOnly {
		where += `AND ` + notClosed
	}
	for _, c := range []struct{ column, value string }{
		{"state", string(want.State)}, {"kind", want.Kind}, {"severity", want.Severity}, {"site", want.Site}, {"campaign", want.Campaign},
	} {
		if c.value != "" {
			add(c.column+` = $%d`, c.value)
		}
	}
	if want.Institution != "" {
		add(`site IN (SELECT id FROM sites WHERE institution = $%d)`, want.Institution)
	}
	if !want.Since.IsZero() {
		add(`opened >= $%d`, instant(want.Since))
	}
	if want.Before > 0 {
		add(`id < $%d`, want.Before)
	}
	order := `ORDER BY id DESC `
	if want.Limit > 0 {
		args = append(args, want.Limit)
		order += fmt.Sprintf(`LIMIT $%d`, len(args))
	}
	findings := `'[]'`
	if want.Sight {
		findings = sightFindings
	}
	all, err := list(ctx, q, scanIncident, `SELECT id, site, target, kind, severity, state, summary, opened, updated,
		campaign, `+findings+`, recovered, notices FROM incidents `+where+order, args...)
	return all, wrap(err, "finding incidents")
}

// sightFindings are the findings that monitor.IncidentQuery.Sight asks for.
const sightFindings = `CASE WHEN kind = 'availability' THEN findings ELSE '[]' END`

func scanCourse(r row) (c monitor.Course, err error) {
	err = r.Scan(&c.ID, &c.Site, &c.Target, &c.Kind, &c.Severity, &c.State, &c.Summary, instantInto{&c.Opened},
		instantInto{&c.Updated}, &c.Campaign, jsonInto{&c.Findings}, instantInto{&c.Recovered}, &c.Notices,
		instantInto{&c.Seen}, instantInto{&c.Told}, instantInto{&c.Answered})
	return c, err
}

// Courses asks for each moment by the index of its table: the look before by that of
// captures by target, the others by those of the incident.
func (q queries) Courses(ctx context.Context, want monitor.CourseQuery) ([]monitor.Course, error) {
	args := []any{instant(want.From), instant(want.Until), max(want.Limit, 0)}
	of := ``
	if want.Institution != "" {
		args = append(args, want.Institution)
		of = `AND site IN (SELECT id FROM sites WHERE institution = $4) `
	}
	all, err := list(ctx, q, scanCourse, `SELECT id, site, target, kind, severity, state, summary, opened, updated,
		campaign, `+sightFindings+`, recovered, notices,
		COALESCE((SELECT c.at FROM captures c JOIN looks l ON l.id = c.look
			WHERE c.target = i.target AND c.at < i.opened AND c.visitor = 'desktop' AND l.outcome = 'ok' ORDER BY c.at DESC, c.id DESC LIMIT 1), 0),
		COALESCE((SELECT MIN(d.updated) FROM deliveries d
			WHERE d.incident = i.id AND d.state = 'sent' AND d.sink <> '`+monitor.CanarySink+`'), 0),
		COALESCE((SELECT MIN(e.at) FROM decisions e WHERE e.object = 'incident:' || i.id AND e.actor NOT LIKE 'policy:%' AND e.action IN
			('incident.acknowledged', 'incident.contained', 'incident.resolved', 'incident.false_alarm')), 0)
		FROM incidents i WHERE opened >= $1 AND opened < $2 AND `+notCanary+of+`ORDER BY opened DESC, id DESC LIMIT $3`, args...)
	return all, wrap(err, "telling how incidents went")
}

func scanSnooze(r row) (s monitor.Snooze, err error) {
	err = r.Scan(&s.Object, instantInto{&s.Until})
	return s, err
}

func (q queries) Snoozes(ctx context.Context, after time.Time) ([]monitor.Snooze, error) {
	all, err := list(ctx, q, scanSnooze, `SELECT object, until FROM snoozes WHERE until > $1 ORDER BY object`, instant(after))
	return all, wrap(err, "listing what was put off")
}

func (t *tx) PutSnooze(ctx context.Context, s monitor.Snooze) error {
	err := checkKeys(s.Object)
	if err == nil {
		_, err = t.exec(ctx, `INSERT INTO snoozes (object, until) VALUES ($1, $2)
			ON CONFLICT (object) DO UPDATE SET until = excluded.until`, s.Object, instant(s.Until))
	}
	return wrap(err, "putting %q off", s.Object)
}

func (t *tx) RemoveSnoozes(ctx context.Context, by time.Time) error {
	_, err := t.exec(ctx, `DELETE FROM snoozes WHERE until <= $1`, instant(by))
	return wrap(err, "removing what was put off until now")
}

// AddIncident returns monitor.ErrExists, wrapped, if the site has an incident
// that is not closed.
func (t *tx) AddIncident(ctx context.Context, i monitor.Incident) (int64, error) {
	err := checkKeys(i.Site)
	var id int64
	if err == nil {
		id, err = t.insert(ctx, `
			INSERT INTO incidents (site, target, kind, severity, state, summary, opened, updated,
				campaign, findings, recovered, notices)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`,
			i.Site, i.Target, i.Kind, i.Severity, i.State, i.Summary, instant(i.Opened), instant(i.Updated),
			i.Campaign, asJSON{utcFindings(i.Findings)}, instant(i.Recovered), i.Notices)
	}
	return id, wrap(err, "storing an incident of site %q", i.Site)
}

// PutIncident replaces an incident that AddIncident made; monitor.ErrNotFound
// if there is none with this ID.
func (t *tx) PutIncident(ctx context.Context, i monitor.Incident) error {
	err := touched(t.exec(ctx, `
		UPDATE incidents SET site = $2, target = $3, kind = $4, severity = $5, state = $6, summary = $7,
			opened = $8, updated = $9, campaign = $10, findings = $11, recovered = $12, notices = $13
		WHERE id = $1`,
		i.ID, i.Site, i.Target, i.Kind, i.Severity, i.State, i.Summary,
		instant(i.Opened), instant(i.Updated), i.Campaign, asJSON{utcFindings(i.Findings)}, instant(i.Recovered), i.Notices))
	return wrap(err, "storing incident %d", i.ID)
}

// utcFindings makes the times in JSON come back in UTC, as those in columns do.
func utcFindings(findings []monitor.IncidentFinding) []monitor.IncidentFinding {
	utc := make([]monitor.IncidentFinding, len(findings))
	for i, f := range findings {
		f.At, f.Over = f.At.UTC(), f.Over.UTC()
		utc[i] = f
	}
	return utc
}

func scanQuestion(r row) (q monitor.Question, err error) {
	err = r.Scan(&q.ID, &q.Site, &q.Target, &q.Capture, &q.Second, jsonInto{&q.Report},
		instantInto{&q.Opened}, instantInto{&q.Answered})
	return q, err
}

const selectQuestions = `SELECT id, site, target, capture, second, report, opened, answered FROM questions `

func (q queries) Question(ctx context.Context, id int64) (monitor.Question, error) {
	found, err := one(ctx, q, scanQuestion, selectQuestions+`WHERE id = $1`, id)
	return found, wrap(err, "finding question %d", id)
}

// PutQuestion changes when a question was answered, and nothing else about it.
func (t *tx) PutQuestion(ctx context.Context, q monitor.Question) error {
	err := touched(t.exec(ctx, `UPDATE questions SET answered = $2 WHERE id = $1`, q.ID, instant(q.Answered)))
	return wrap(err, "storing question %d", q.ID)
}

func (q queries) Questions(ctx context.Context) ([]monitor.Question, error) {
	all, err := list(ctx, q, scanQuestion, selectQuestions+`
		WHERE answered = 0 AND `+notCanary+`ORDER BY opened, id`)
	return all, wrap(err, "listing questions")
}

func (q queries) Trouble(ctx context.Context, site string) (monitor.Trouble, error) {
	trouble, err := one(ctx, q, scanTrouble, `
		SELECT COALESCE(MAX(pending), 0), COALESCE(MAX(last), 0) FROM (
			SELECT CASE WHEN `+notClosed+`THEN 1 ELSE 0 END AS pending, updated AS last FROM incidents
			WHERE site = $1 AND kind <> 'availability'
			UNION ALL
			SELECT CASE WHEN answered = 0 THEN 1 ELSE 0 END, CASE WHEN answered > opened THEN answered ELSE opened END
			FROM questions WHERE site = $1) AS trouble`, site)
	return trouble, wrap(err, "looking for trouble of site %q", site)
}

func scanTrouble(r row) (t monitor.Trouble, err error) {
	var pending int64
	err = r.Scan(&pending, instantInto{&t.Last})
	t.Pending = pending != 0
	return t, err
}

func (t *tx) AddQuestion(ctx context.Context, q monitor.Question) (int64, error) {
	id, err := t.insert(ctx, `
		INSERT INTO questions (site, target, capture, second, report, opened, answered)
		VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
		q.Site, q.Target, q.Capture, q.Second, asJSON{q.Report}, instant(q.Opened), instant(q.Answered))
	return id, wrap(err, "storing a question about target %q", q.Target)
}

func (t *tx) AnswerQuestions(ctx context.Context, target string, at time.Time) error {
	_, err := t.exec(ctx, `UPDATE questions SET answered = $1 WHERE target = $2 AND answered = 0`, instant(at), target)
	return wrap(err, "answering the questions about target %q", target)
}

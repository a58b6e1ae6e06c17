package db

import (
	"context"
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

func (q queries) Questions(ctx context.Context) ([]monitor.Question, error) {
	all, err := list(ctx, q, scanQuestion, `
		SELECT id, site, target, capture, second, report, opened, answered FROM questions
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

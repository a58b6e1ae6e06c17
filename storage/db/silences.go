package db

import (
	"context"
	"time"

	"pasban/monitor"
)

// What holds mails for a time.

const selectSilences = `SELECT id, mode, site, institution, rule, kind, starts, ends, reason, placed_by, decision,
	lifted, lifted_by FROM silences `

func scanSilence(r row) (s monitor.Silence, err error) {
	err = r.Scan(&s.ID, &s.Mode, &s.Site, &s.Institution, &s.Rule, &s.Kind, instantInto{&s.From}, instantInto{&s.Until},
		&s.Reason, &s.By, &s.Decision, instantInto{&s.Lifted}, &s.LiftedBy)
	return s, err
}

func (q queries) Silence(ctx context.Context, id int64) (monitor.Silence, error) {
	s, err := one(ctx, q, scanSilence, selectSilences+`WHERE id = $1`, id)
	return s, wrap(err, "finding silence %d", id)
}

func (q queries) Silences(ctx context.Context, since time.Time) ([]monitor.Silence, error) {
	all, err := list(ctx, q, scanSilence, selectSilences+`WHERE ends >= $1 ORDER BY id DESC`, instant(since))
	return all, wrap(err, "listing silences")
}

func (t *tx) AddSilence(ctx context.Context, s monitor.Silence) (int64, error) {
	id, err := t.insert(ctx, `
		INSERT INTO silences (mode, site, institution, rule, kind, starts, ends, reason, placed_by, decision, lifted, lifted_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`,
		s.Mode, s.Site, s.Institution, s.Rule, s.Kind, instant(s.From), instant(s.Until), s.Reason, s.By, s.Decision,
		instant(s.Lifted), s.LiftedBy)
	return id, wrap(err, "storing a silence")
}

// PutSilence changes when and by whom a silence was lifted, and nothing else about it.
func (t *tx) PutSilence(ctx context.Context, s monitor.Silence) error {
	err := touched(t.exec(ctx, `UPDATE silences SET lifted = $2, lifted_by = $3 WHERE id = $1`, s.ID, instant(s.Lifted), s.LiftedBy))
	return wrap(err, "storing silence %d", s.ID)
}

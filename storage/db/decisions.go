package db

import (
	"context"
	"errors"
	"math"

	"pasban/monitor"
)

// The decisions of people and policies, and the chain over them.

const selectDecisions = `SELECT id, at, actor, action, object, reason, detail FROM decisions `

func scanDecision(r row) (d monitor.Decision, err error) {
	err = r.Scan(&d.ID, instantInto{&d.At}, &d.Actor, &d.Action, &d.Object, &d.Reason, rawInto{&d.Detail})
	return d, err
}

func (q queries) Decisions(ctx context.Context, object string) ([]monitor.Decision, error) {
	all, err := list(ctx, q, scanDecision, selectDecisions+`WHERE object = $1 OR $1 = '' ORDER BY id`, object)
	return all, wrap(err, "listing decisions about %q", object)
}

func (q queries) Decision(ctx context.Context, id int64) (monitor.Decision, error) {
	d, err := one(ctx, q, scanDecision, selectDecisions+`WHERE id = $1`, id)
	return d, wrap(err, "finding decision %d", id)
}

// RecentDecisions lists nothing for a limit of 0 or less.
func (q queries) RecentDecisions(ctx context.Context, actor string, before int64, limit int) ([]monitor.Decision, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	where, args := `WHERE id < $2 `, []any{max(limit, 0), before}
	if actor != "" {
		where, args = where+`AND actor = $3 `, append(args, actor)
	}
	all, err := list(ctx, q, scanDecision, selectDecisions+where+`ORDER BY id DESC LIMIT $1`, args...)
	return all, wrap(err, "listing recent decisions")
}

// Chain lists nothing for a limit of 0 or less. A decision that has no place in the
// chain comes with the empty hash.
func (q queries) Chain(ctx context.Context, after int64, limit int) ([]monitor.Link, error) {
	all, err := list(ctx, q, scanLink, `
		SELECT d.id, d.at, d.actor, d.action, d.object, d.reason, d.detail, COALESCE(c.hash, '')
		FROM decisions d LEFT JOIN decision_chain c ON c.decision = d.id
		WHERE d.id > $1 ORDER BY d.id LIMIT $2`, after, max(limit, 0))
	return all, wrap(err, "reading the chain of decisions")
}

func scanLink(r row) (l monitor.Link, err error) {
	err = r.Scan(&l.ID, instantInto{&l.At}, &l.Actor, &l.Action, &l.Object, &l.Reason, rawInto{&l.Detail}, &l.Hash)
	return l, err
}

func (t *tx) AddDecision(ctx context.Context, d monitor.Decision) (int64, error) {
	id, err := t.insert(ctx, `
		INSERT INTO decisions (at, actor, action, object, reason, detail)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		instant(d.At), d.Actor, d.Action, d.Object, d.Reason, rawJSON(d.Detail))
	if err == nil {
		err = t.chain(ctx, id)
	}
	return id, wrap(err, "storing the decision %q about %q", d.Action, d.Object)
}

// chain gives a decision its place. What is hashed is read back: it is what whoever
// checks the chain will read. Of two transactions at once PostgreSQL refuses one,
// because both read the end of the chain and write behind it.
func (t *tx) chain(ctx context.Context, id int64) error {
	last, err := one(ctx, t.queries, scanEnd, `SELECT decision, hash FROM decision_chain ORDER BY decision DESC LIMIT 1`)
	first := errors.Is(err, monitor.ErrNotFound)
	if err != nil && !first {
		return err
	}
	from := id - 1
	if first {
		from = 0 // all there were before there was a chain
	}
	links, err := t.Chain(ctx, from, 1<<30)
	if err != nil {
		return err
	}
	hash := last.hash
	for _, l := range links {
		hash = l.HashAfter(hash)
		if _, err := t.exec(ctx, `INSERT INTO decision_chain (decision, hash) VALUES ($1, $2)`, l.ID, hash); err != nil {
			return err
		}
	}
	return nil
}

type chainEnd struct {
	decision int64
	hash     string
}

func scanEnd(r row) (e chainEnd, err error) {
	err = r.Scan(&e.decision, &e.hash)
	return e, err
}

package db

import (
	"context"
	"time"

	"pasban/monitor"
)

// What the schedule reads.

// Revision reads one row: triggers count every change.
func (q queries) Revision(ctx context.Context) (int64, error) {
	n, err := one(ctx, q, scanID, `SELECT n FROM watch_revision`)
	return n, wrap(err, "reading the revision of the watchlist")
}

// LastLooks asks the index for one row a target, whatever the length of its
// history. The condition on others is that of captures_by_visitor, word for word.
func (q queries) LastLooks(ctx context.Context, as monitor.Visitor) (map[string]time.Time, error) {
	other := ``
	if as != monitor.Desktop {
		other = `AND c.visitor <> 'desktop' `
	}
	all, err := list(ctx, q, scanLastLook, `
		SELECT t.id, COALESCE((SELECT c.at FROM captures c WHERE c.target = t.id AND c.visitor = $1 `+other+`
			ORDER BY c.at DESC, c.id DESC LIMIT 1), 0)
		FROM targets t WHERE NOT t.gone`, as)
	if err != nil {
		return nil, wrap(err, "finding the last looks as %s", as)
	}
	last := make(map[string]time.Time, len(all))
	for _, l := range all {
		if !l.at.IsZero() {
			last[l.target] = l.at
		}
	}
	return last, nil
}

type lastLook struct {
	target string
	at     time.Time
}

func scanLastLook(r row) (l lastLook, err error) {
	err = r.Scan(&l.target, instantInto{&l.at})
	return l, err
}

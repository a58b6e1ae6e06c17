package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"pasban/monitor"
)

// What retention reads and removes. Everything here goes by an index and by
// small batches, so that a look never waits long for its turn to write.

// Past finds the neighbours of each capture in the index captures_by_target. The
// LIMIT in each of the questions keeps PostgreSQL from answering them for all
// captures at once.
func (q queries) Past(ctx context.Context, after string, limit int) ([]monitor.Past, error) {
	all, err := list(ctx, q, scanPast, `
		SELECT c.id, c.at, c.judged,
			(SELECT 1 FROM pins p WHERE p.capture = c.id LIMIT 1) IS NOT NULL
				OR (SELECT 1 FROM pins p WHERE p.capture = c.confirms LIMIT 1) IS NOT NULL,
			c.confirms <> '' OR (SELECT 1 FROM captures s WHERE s.confirms = c.id AND s.confirms <> '' LIMIT 1) IS NOT NULL,
			COALESCE(c.look = `+lookBefore+`, FALSE),
			COALESCE(`+lookAfter+`, 0),
			c.look
		FROM captures c WHERE c.id > $1 ORDER BY c.id LIMIT $2`, after, max(limit, 0))
	return all, wrap(err, "listing captures after %q", after)
}

// What the looks before and after the capture c saw, at its target and by its visitor.
const (
	lookBefore = `(SELECT b.look FROM captures b WHERE b.target = c.target AND b.visitor = c.visitor
		AND (b.at, b.id) < (c.at, c.id) ORDER BY b.at DESC, b.id DESC LIMIT 1)`
	lookAfter = `(SELECT a.look FROM captures a WHERE a.target = c.target AND a.visitor = c.visitor
		AND (a.at, a.id) > (c.at, c.id) ORDER BY a.at, a.id LIMIT 1)`
)

func scanPast(r row) (p monitor.Past, err error) {
	var asBefore bool
	var after, look int64
	err = r.Scan(&p.ID, instantInto{&p.At}, &p.Judged, &p.Pinned, &p.Paired, &asBefore, &after, &look)
	p.Newest, p.Repeats = after == 0, asBefore && after == look
	return p, err
}

// RemoveCaptures asks again what must not be removed: what it was told may be a
// moment old.
func (t *tx) RemoveCaptures(ctx context.Context, ids []string) (int, error) {
	n, err := t.removeCaptures(ctx, ids)
	return n, wrap(err, "removing %d captures", len(ids))
}

func (t *tx) removeCaptures(ctx context.Context, ids []string) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	looks, err := list(ctx, t.queries, scanID, `
		DELETE FROM captures WHERE id IN (`+places(len(ids))+`) AND judged
			AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.capture = captures.id)
			AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.capture = captures.confirms)
		RETURNING look`, anys(ids)...)
	if err != nil {
		return 0, err
	}
	_, err = t.RemoveKept(ctx, distinct(looks))
	return len(looks), err
}

func (t *tx) RemoveKept(ctx context.Context, rows []int64) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	n, err := t.exec(ctx, `DELETE FROM looks WHERE id IN (`+places(len(rows))+`)
		AND NOT EXISTS (SELECT 1 FROM captures c WHERE c.look = looks.id)`, anys(rows)...)
	return int(n), wrap(err, "removing what %d looks saw", len(rows))
}

// places are the placeholders $1, $2 ... of a list.
func places(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	return b.String()
}

func anys[T any](values []T) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

func distinct(ids []int64) []int64 {
	seen := make(map[int64]bool, len(ids))
	out := ids[:0]
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

func (q queries) OldIncidents(ctx context.Context, before time.Time, limit int) ([]int64, error) {
	all, err := list(ctx, q, scanID, `
		SELECT id FROM incidents i WHERE NOT (`+notClosed+`) AND updated < $1
			AND EXISTS (SELECT 1 FROM pins p WHERE p.kind = 'incident' AND p.owner = CAST(i.id AS TEXT))
		ORDER BY id LIMIT $2`, instant(before), max(limit, 0))
	return all, wrap(err, "listing old incidents")
}

func (t *tx) Unpin(ctx context.Context, incident int64) ([]string, error) {
	free, err := list(ctx, t.queries, scanText, `
		WITH free AS (SELECT p.capture AS id FROM pins p WHERE p.kind = 'incident' AND p.owner = $1 AND NOT EXISTS (
			SELECT 1 FROM pins o WHERE o.capture = p.capture AND NOT (o.kind = p.kind AND o.owner = p.owner)))
		SELECT id FROM free UNION SELECT s.id FROM captures s JOIN free ON s.confirms = free.id AND s.confirms <> ''
		ORDER BY 1`, fmt.Sprint(incident))
	if err == nil {
		_, err = t.exec(ctx, `DELETE FROM pins WHERE kind = 'incident' AND owner = $1`, fmt.Sprint(incident))
	}
	return free, wrap(err, "letting go of the captures of incident %d", incident)
}

func scanText(r row) (s string, err error) {
	err = r.Scan(&s)
	return s, err
}

func (q queries) Kept(ctx context.Context, after int64, limit int) ([]monitor.Kept, error) {
	all, err := list(ctx, q, scanKept, `
		SELECT l.id, l.blobs, (SELECT 1 FROM captures c WHERE c.look = l.id LIMIT 1) IS NOT NULL
		FROM looks l WHERE l.id > $1 ORDER BY l.id LIMIT $2`, after, max(limit, 0))
	return all, wrap(err, "listing what looks saw")
}

func scanKept(r row) (k monitor.Kept, err error) {
	err = r.Scan(&k.Row, jsonInto{&k.Blobs}, &k.Used)
	return k, err
}

func (q queries) Note(ctx context.Context, name string) (string, error) {
	value, err := one(ctx, q, scanText, `SELECT value FROM notes WHERE name = $1`, name)
	if errors.Is(err, monitor.ErrNotFound) {
		return "", nil
	}
	return value, wrap(err, "reading the note %q", name)
}

func (t *tx) PutNote(ctx context.Context, name, value string) error {
	err := checkKeys(name)
	if err == nil {
		_, err = t.exec(ctx, `INSERT INTO notes (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	}
	return wrap(err, "storing the note %q", name)
}

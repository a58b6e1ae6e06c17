package db

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"pasban/monitor"
)

// A capture is kept as two rows: a short one in captures for the moment, and
// one in looks for what was seen. Looks at a page that did not change share the
// row in looks, so that the 150,000 looks a day at 1,527 sites cost about 250
// bytes each.

const selectCaptures = `SELECT c.id, c.target, l.site, c.at, c.reason, c.confirms, l.url, l.final_url,
	l.title, l.outcome, l.detail, l.status, c.took_ms, l.picture, l.dom, l.blobs, l.baseline,
	l.report, c.judged, c.visitor, l.lockdown FROM captures c JOIN looks l ON l.id = c.look `

func scanCapture(r row) (c monitor.Capture, err error) {
	err = r.Scan(&c.ID, &c.Target, &c.Site, instantInto{&c.At}, &c.Reason, &c.Confirms, &c.URL, &c.FinalURL,
		&c.Title, &c.Outcome, &c.Detail, &c.Status, &c.TookMS, &c.Picture, &c.DOM, jsonInto{&c.Blobs}, &c.Baseline,
		jsonInto{&c.Report}, &c.Judged, &c.Visitor, optionalInto{&c.Lockdown})
	return c, err
}

func (q queries) Capture(ctx context.Context, id string) (monitor.Capture, error) {
	c, err := one(ctx, q, scanCapture, selectCaptures+`WHERE c.id = $1`, id)
	return c, wrap(err, "finding capture %q", id)
}

// Captures lists nothing for a limit of 0 or less.
func (q queries) Captures(ctx context.Context, target string, limit int) ([]monitor.Capture, error) {
	return q.CapturesAs(ctx, target, monitor.Desktop, limit)
}

// CapturesAs lists nothing for a limit of 0 or less. The condition on others is
// that of the index captures_by_visitor, word for word.
func (q queries) CapturesAs(ctx context.Context, target string, as monitor.Visitor, limit int) ([]monitor.Capture, error) {
	where := `WHERE c.target = $1 AND c.visitor = $2 `
	if as != monitor.Desktop {
		where += `AND c.visitor <> 'desktop' `
	}
	all, err := list(ctx, q, scanCapture, selectCaptures+where+`ORDER BY c.at DESC, c.id DESC LIMIT $3`, target, as, max(limit, 0))
	return all, wrap(err, "listing captures of target %q as %s", target, as)
}

// Confirmation finds the newest one if there are several.
func (q queries) Confirmation(ctx context.Context, capture string) (monitor.Capture, error) {
	c, err := one(ctx, q, scanCapture, selectCaptures+`
		WHERE c.confirms = $1 AND c.confirms <> '' ORDER BY c.at DESC, c.id DESC LIMIT 1`, capture)
	return c, wrap(err, "finding the confirmation of capture %q", capture)
}

func (t *tx) AddCapture(ctx context.Context, c monitor.Capture) error {
	return wrap(t.addCapture(ctx, c), "storing capture %q of target %q", c.ID, c.Target)
}

func (t *tx) addCapture(ctx context.Context, c monitor.Capture) error {
	if err := checkKeys(c.ID, c.Target); err != nil {
		return err
	}
	look, err := t.putLook(ctx, c)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		INSERT INTO captures (id, target, at, reason, confirms, took_ms, judged, look, visitor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		c.ID, c.Target, instant(c.At), c.Reason, c.Confirms, c.TookMS, c.Judged, look, cmp.Or(c.Visitor, monitor.Desktop))
	return err
}

// putLook returns the row in looks that says what c says, and makes it if there
// is none.
func (t *tx) putLook(ctx context.Context, c monitor.Capture) (int64, error) {
	digest, err := lookDigest(c)
	if err != nil {
		return 0, err
	}
	id, err := one(ctx, t.queries, scanID, `SELECT id FROM looks WHERE digest = $1`, digest)
	if !errors.Is(err, monitor.ErrNotFound) {
		return id, err
	}
	return t.insert(ctx, `
		INSERT INTO looks (digest, site, url, final_url, title, outcome, detail, status,
			picture, dom, blobs, baseline, report, lockdown)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id`,
		digest, c.Site, c.URL, c.FinalURL, c.Title, c.Outcome, c.Detail, c.Status,
		c.Picture, c.DOM, asJSON{c.Blobs}, c.Baseline, asJSON{c.Report}, optional(c.Lockdown))
}

// lookDigest is the SHA-256, in hex, of everything a row in looks holds: the
// capture as JSON without what belongs to the moment.
func lookDigest(c monitor.Capture) (string, error) {
	var none monitor.Capture
	c.ID, c.Target, c.At, c.Reason = none.ID, none.Target, none.At, none.Reason
	c.Confirms, c.TookMS, c.Judged, c.Visitor = none.Confirms, none.TookMS, none.Judged, none.Visitor
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// SetJudged adds blobs to those the capture names already.
func (t *tx) SetJudged(ctx context.Context, capture string, blobs map[string]string) error {
	return wrap(t.setJudged(ctx, capture, blobs), "marking capture %q as judged", capture)
}

func (t *tx) setJudged(ctx context.Context, capture string, blobs map[string]string) error {
	c, err := t.Capture(ctx, capture)
	if err != nil {
		return err
	}
	if len(blobs) > 0 && c.Blobs == nil {
		c.Blobs = map[string]string{}
	}
	maps.Copy(c.Blobs, blobs)
	look, err := t.putLook(ctx, c)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE captures SET judged = $1, look = $2 WHERE id = $3`, true, look, capture)
	return err
}

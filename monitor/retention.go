package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"
)

// Most looks say what the look before them said. They are of use for two days,
// to whoever asks what happened this morning, and then only the moments count at
// which a page began and ceased to look as it did. What remains of a page that
// stood unchanged for a month is two rows.
//
// Three passes make it so, each through the captures in the order of their IDs,
// which is that of time, and each from where it stopped before:
//
//   - thin: older than Keep.All, a look goes if those before and after it, at the
//     same page by the same visitor, saw the very same;
//   - forget: older than Keep.Changed, the others go;
//   - release: what incidents name goes Keep.Incidents after they were closed.
//
// None touches the newest look at a page, one that waits for judgement, one that
// a baseline, a question or a kept incident names, or the second look that was
// made for one of these. The store holds that up itself, see [Tx.RemoveCaptures].
// Thinning leaves a look and its second look together.
//
// Blobs that nothing names any more are collected after that: see collect.go.

// Keep is the policy of retention. The zero value is the default.
type Keep struct {
	All       time.Duration // every look; default, and least, 48 hours
	Changed   time.Duration // looks that saw a change; default 90 days
	Incidents time.Duration // what a closed incident rests on; default Forever
	Blobs     time.Duration // blobs that nothing names, since they were last put; default 24 hours, least 1
}

// Forever is longer than anything is kept.
const Forever = time.Duration(math.MaxInt64)

// The defaults of Keep, and the least it admits: what follows honest drift reads
// looks that are a day old and a day apart, and no look takes an hour from its
// first blob to its row.
const (
	keepAll     = 48 * time.Hour
	keepChanged = 90 * 24 * time.Hour
	keepBlobs   = 24 * time.Hour
	leastBlobs  = time.Hour
)

// Complete fills in the defaults, and says what is wrong with a policy.
func (k Keep) Complete() (Keep, error) {
	for _, d := range []struct {
		of       *time.Duration
		standard time.Duration
	}{{&k.All, keepAll}, {&k.Changed, keepChanged}, {&k.Incidents, Forever}, {&k.Blobs, keepBlobs}} {
		if *d.of == 0 {
			*d.of = d.standard
		}
	}
	switch {
	case k.All < keepAll:
		return k, fmt.Errorf("every look is kept for %v at least, not %v: a page's honest drift is told by looks a day apart", keepAll, k.All)
	case k.Changed < k.All:
		return k, fmt.Errorf("looks that saw a change cannot be kept for less (%v) than all looks (%v)", k.Changed, k.All)
	case k.Incidents < k.Changed:
		return k, fmt.Errorf("what incidents rest on cannot be kept for less (%v) than looks that saw a change (%v)", k.Incidents, k.Changed)
	case k.Blobs < leastBlobs:
		return k, fmt.Errorf("blobs that nothing names are kept for %v at least, not %v: a look may be about to name them", leastBlobs, k.Blobs)
	}
	return k, nil
}

// Past is a capture as retention sees it.
type Past struct {
	ID      string
	At      time.Time
	Judged  bool
	Pinned  bool // a baseline, an incident or a question names it, or the look it confirms
	Paired  bool // it confirms another, or another confirms it
	Newest  bool // of its target and visitor
	Repeats bool // the looks before and after it, of its target and visitor, saw the very same
}

// free reports a capture that may be removed once it is old enough.
func (p Past) free() bool { return p.Judged && !p.Pinned && !p.Newest }

// Removed counts what retention removed.
type Removed struct {
	Captures int           `json:"captures"`
	Blobs    int           `json:"blobs"`
	Bytes    int64         `json:"blob_bytes"`
	Spared   int           `json:"-"` // blobs that nothing named and that were put again meanwhile
	Took     time.Duration `json:"-"`
}

func (r Removed) nothing() bool { return r.Captures == 0 && r.Blobs == 0 }

const (
	// retainEvery is between two rounds of retention, collectEvery between two
	// collections of blobs, which read more.
	retainEvery  = time.Hour
	collectEvery = 24 * time.Hour
	// retainLimit and collectLimit are how long each may take. What is left is
	// left to the next; a collection begins anew.
	retainLimit  = 20 * time.Minute
	collectLimit = 6 * time.Hour
	// retainBatch is how many captures are read, and at most removed, at once: a
	// look that waits for SQLite's only writer waits for some ten milliseconds.
	retainBatch = 500
)

// Names of notes in the store.
const (
	noteThinned   = "retention.thinned"   // ID of the last capture
	noteForgotten = "retention.forgotten" // likewise
	noteRetained  = "retention.at"        // when the last round began
	noteCollected = "retention.collected" // when the last collection began
	noteRemoved   = "retention.removed"   // Removed so far, JSON
)

// retainLoop keeps to the policy until the context ends.
func (m *Monitor) retainLoop(ctx context.Context) error {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		err := m.retainIfDue(ctx)
		if err != nil && ctx.Err() == nil {
			m.calm.say(slog.LevelWarn, "retention: "+cause(err), "old captures or blobs were not removed; it is tried again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (m *Monitor) retainIfDue(ctx context.Context) error {
	due, err := m.sinceNote(ctx, noteRetained, retainEvery)
	if err != nil || !due {
		return err
	}
	// Noted before, so that what fails is not tried every minute.
	if err := m.noteNow(ctx, noteRetained); err != nil {
		return err
	}
	removed, err := m.Retain(ctx)
	if err == nil {
		err = m.collectIfDue(ctx, &removed)
	}
	if err == nil {
		err = m.forgetScores(ctx)
	}
	return errors.Join(err, m.tellRemoved(context.WithoutCancel(ctx), removed))
}

func (m *Monitor) collectIfDue(ctx context.Context, removed *Removed) error {
	due, err := m.sinceNote(ctx, noteCollected, collectEvery)
	if err != nil || !due {
		return err
	}
	collected, err := m.Collect(ctx)
	removed.Blobs, removed.Bytes, removed.Spared = collected.Blobs, collected.Bytes, collected.Spared
	removed.Took += collected.Took
	if err != nil {
		return err
	}
	return m.noteNow(ctx, noteCollected)
}

// sinceNote reports whether a time has passed since the moment in a note. The
// first question writes it.
func (m *Monitor) sinceNote(ctx context.Context, name string, every time.Duration) (bool, error) {
	text, err := m.Store.Note(ctx, name)
	if err != nil {
		return false, err
	}
	last, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return false, m.noteNow(ctx, name)
	}
	return m.now().Sub(last).Abs() >= every, nil
}

func (m *Monitor) noteNow(ctx context.Context, name string) error {
	return m.note(ctx, name, m.now().Format(time.RFC3339))
}

func (m *Monitor) note(ctx context.Context, name, value string) error {
	return m.Store.Update(ctx, func(tx Tx) error { return tx.PutNote(ctx, name, value) })
}

// tellRemoved says what was removed, and adds it to the sum on record.
func (m *Monitor) tellRemoved(ctx context.Context, r Removed) error {
	if r.nothing() {
		return nil
	}
	m.Logger.Info("removed what the policy of retention does not keep", "captures", r.Captures, "blobs", r.Blobs, "blob_bytes", r.Bytes,
		"spared", r.Spared, "took", r.Took.Round(time.Millisecond))
	m.observe(Event{Removed: &r})
	sum, err := m.removedSoFar(ctx)
	if err != nil {
		return err
	}
	sum.Captures, sum.Blobs, sum.Bytes = sum.Captures+r.Captures, sum.Blobs+r.Blobs, sum.Bytes+r.Bytes
	text, err := json.Marshal(sum)
	if err != nil {
		return fmt.Errorf("writing down what was removed: %w", err)
	}
	return m.note(ctx, noteRemoved, string(text))
}

func (m *Monitor) removedSoFar(ctx context.Context) (Removed, error) {
	var sum Removed
	text, err := m.Store.Note(ctx, noteRemoved)
	if err != nil || text == "" {
		return sum, err
	}
	if err := json.Unmarshal([]byte(text), &sum); err != nil {
		return sum, fmt.Errorf("reading what was removed so far: %w", err)
	}
	return sum, nil
}

// Retain makes one round of the three passes. It ends early, and without an
// error, when its time is up: the next round goes on from there.
func (m *Monitor) Retain(ctx context.Context) (Removed, error) {
	var r Removed
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, retainLimit)
	defer cancel()
	err := m.walkPast(limited, noteThinned, m.before(m.Keep.All), func(p Past) bool { return p.free() && p.Repeats && !p.Paired }, &r)
	if err == nil {
		err = m.walkPast(limited, noteForgotten, m.before(m.Keep.Changed), Past.free, &r)
	}
	if err == nil {
		err = m.releaseIncidents(limited, m.before(m.Keep.Incidents), &r)
	}
	r.Took = time.Since(began)
	if ctx.Err() == nil && limited.Err() != nil {
		m.Logger.Info("retention goes on in its next round: its time was up", "removed", r.Captures)
		return r, nil
	}
	return r, err
}

// before is the moment before which something is too old, zero for never.
func (m *Monitor) before(keep time.Duration) time.Time {
	if keep == Forever {
		return time.Time{}
	}
	return m.now().Add(-keep)
}

// walkPast goes on through the captures older than a moment and removes those
// that may go. How far it came is written in one transaction with what it did.
func (m *Monitor) walkPast(ctx context.Context, note string, before time.Time, mayGo func(Past) bool, r *Removed) error {
	if before.IsZero() {
		return nil
	}
	after, err := m.Store.Note(ctx, note)
	if err != nil {
		return err
	}
	for {
		began := time.Now()
		batch, err := m.Store.Past(ctx, after, retainBatch)
		if err != nil {
			return err
		}
		ids, last := choose(batch, before, mayGo)
		if last == "" {
			return nil
		}
		if err := m.removeCaptures(ctx, ids, note, last, r); err != nil {
			return err
		}
		after = last
		if err := yieldFor(ctx, time.Since(began)); err != nil {
			return err
		}
	}
}

// choose picks what may go of captures in the order of their IDs, and the last
// one older than a moment, "" if there is none.
func choose(batch []Past, before time.Time, mayGo func(Past) bool) (ids []string, last string) {
	for _, p := range batch {
		if !p.At.Before(before) {
			break
		}
		last = p.ID
		if mayGo(p) {
			ids = append(ids, p.ID)
		}
	}
	return ids, last
}

func (m *Monitor) removeCaptures(ctx context.Context, ids []string, note, last string, r *Removed) error {
	n := 0
	err := m.Store.Update(ctx, func(tx Tx) error {
		var err error
		if n, err = tx.RemoveCaptures(ctx, ids); err != nil {
			return err
		}
		return tx.PutNote(ctx, note, last)
	})
	if err != nil {
		return fmt.Errorf("removing old captures: %w", err)
	}
	r.Captures += n
	return nil
}

// releaseIncidents lets go of what incidents rest on that were closed before a moment.
func (m *Monitor) releaseIncidents(ctx context.Context, before time.Time, r *Removed) error {
	if before.IsZero() {
		return nil
	}
	for {
		old, err := m.Store.OldIncidents(ctx, before, 100)
		if err != nil || len(old) == 0 {
			return err
		}
		for _, id := range old {
			if err := m.releaseOne(ctx, id, r); err != nil {
				return fmt.Errorf("letting go of the evidence of incident %d: %w", id, err)
			}
		}
	}
}

func (m *Monitor) releaseOne(ctx context.Context, incident int64, r *Removed) error {
	n := 0
	err := m.Store.Update(ctx, func(tx Tx) error {
		free, err := tx.Unpin(ctx, incident)
		if err != nil {
			return err
		}
		n, err = tx.RemoveCaptures(ctx, free)
		return err
	})
	if err == nil {
		r.Captures += n
	}
	return err
}

// stillThere fails if one of the captures that a baseline is about to name was
// removed since it was read. From the baseline on they are pinned.
func stillThere(ctx context.Context, tx Tx, captures ...string) error {
	for _, id := range captures {
		if _, err := tx.Capture(ctx, id); err != nil {
			return fmt.Errorf("the look to approve: %w", err)
		}
	}
	return nil
}

// yieldFor leaves the database to others for as long as it was used.
func yieldFor(ctx context.Context, worked time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(worked):
		return nil
	}
}

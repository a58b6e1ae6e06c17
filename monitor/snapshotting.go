package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"pasban/alerting"
)

// Copies are made and read again in the background, one at a time, by the process that
// keeps the schedule. What is due is worked out anew each time from what is on record,
// so that a process killed at any moment leaves nothing to be picked up.

const (
	snapshotTick = time.Minute
	// snapshotAge is when a copy of the same approved looks is made anew: the pages that
	// are not watched have moved on by then.
	snapshotAge = 30 * 24 * time.Hour
	// snapshotRest is the least time between two copies of a site that nobody asked for:
	// approved looks that follow a page may move every day, and a copy that did not come
	// out alike may do so tomorrow.
	snapshotRest = 24 * time.Hour
	// verifyEvery is how often all of a copy is read. At ten megabytes each, those of
	// 1,527 sites are 2 GB a day.
	verifyEvery = 7 * 24 * time.Hour
	// snapshotLimit is how long one copy may take.
	snapshotLimit = 30 * time.Minute
	// missingAfter is how long no copy could be made before the CERT is told.
	missingAfter = 72 * time.Hour
)

// snapshotLoop makes and verifies copies until the context ends.
func (m *Monitor) snapshotLoop(ctx context.Context) error {
	t := time.NewTicker(snapshotTick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if err := m.snapshotRound(ctx); err != nil && ctx.Err() == nil {
			m.calm.say(slog.LevelWarn, "snapshots: "+cause(err), "copies were not seen to; it is tried again in a minute", "error", err)
		}
	}
}

// snapshotRound verifies what is due, and makes what is due: that an old copy cannot be
// read is no reason to make no new one.
func (m *Monitor) snapshotRound(ctx context.Context) error {
	_, unread := m.VerifyDue(ctx)
	if ctx.Err() != nil || m.Renderer == nil || m.SnapshotPages < 0 {
		return unread // without browsers: of a fleet whose serve has none; see pasban snapshot build
	}
	due, err := m.SnapshotsDue(ctx)
	if err != nil {
		return errors.Join(unread, err)
	}
	for _, site := range due {
		if err := m.tryNoted(ctx, site); err != nil {
			return errors.Join(unread, err)
		}
	}
	return unread
}

// SnapshotsDue lists the sites of which a copy should be made now: without one first.
func (m *Monitor) SnapshotsDue(ctx context.Context) ([]string, error) {
	baselines, err := m.Store.LatestBaselines(ctx)
	if err != nil {
		return nil, err
	}
	all, err := m.Store.Snapshots(ctx)
	if err != nil {
		return nil, err
	}
	newest := map[string]Snapshot{}
	for _, s := range all {
		if _, known := newest[s.Site]; !known {
			newest[s.Site] = s
		}
	}
	approved := map[string][]Baseline{}
	for _, b := range baselines {
		if !b.Provisional && b.Site != CanarySite {
			approved[b.Site] = append(approved[b.Site], b)
		}
	}
	none, old := []string{}, []string{}
	for site, looks := range approved {
		last, has := newest[site]
		if has && !m.outdated(last, looks) {
			continue
		}
		waits, err := m.failedLately(ctx, site)
		switch {
		case err != nil:
			return nil, err
		case waits:
		case has:
			old = append(old, site)
		default:
			none = append(none, site)
		}
	}
	slices.Sort(none)
	slices.Sort(old)
	return append(none, old...), nil
}

// outdated reports a copy that should be followed by another.
func (m *Monitor) outdated(s Snapshot, looks []Baseline) bool {
	age := m.now().Sub(s.Created)
	if s.State == Broken || age > snapshotAge {
		return true
	}
	moved := s.State == Unproved
	for _, b := range looks {
		if slices.ContainsFunc(s.Of, func(of SnapshotOf) bool { return of.Target == b.Target && of.Version == b.Version }) {
			continue
		}
		moved = true
		if strings.HasPrefix(b.ApprovedBy, "operator:") {
			return true // somebody has looked, and expects a copy of what he saw
		}
	}
	return moved && age > snapshotRest
}

// failure of making a copy, as a note of the store.
type snapshotFailure struct {
	Since time.Time `json:"since"`
	Last  time.Time `json:"last"`
	Tries int       `json:"tries"`
	Why   string    `json:"why"`
	Told  bool      `json:"told"`
}

func failureNote(site string) string { return "snapshot.failed/" + site }

// SnapshotFailure says why no copy of a site could be made when it was last tried, ""
// if the last one was.
func (m *Monitor) SnapshotFailure(ctx context.Context, site string) (why string, since time.Time, err error) {
	f, err := m.snapshotFailure(ctx, site)
	return f.Why, f.Since, err
}

func (m *Monitor) snapshotFailure(ctx context.Context, site string) (snapshotFailure, error) {
	var f snapshotFailure
	text, err := m.Store.Note(ctx, failureNote(site))
	if err != nil || text == "" {
		return f, err
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return f, fmt.Errorf("reading why there is no copy of %s: %w", site, err)
	}
	return f, nil
}

// failedLately reports a site that is given time before the next try: an hour, two, four,
// at most a day.
func (m *Monitor) failedLately(ctx context.Context, site string) (bool, error) {
	f, err := m.snapshotFailure(ctx, site)
	if err != nil || f.Tries == 0 {
		return false, err
	}
	wait := min(time.Hour<<min(f.Tries-1, 5), 24*time.Hour)
	return m.now().Sub(f.Last).Abs() < wait, nil
}

// tryNoted makes a copy and notes what came of it.
func (m *Monitor) tryNoted(ctx context.Context, site string) error {
	limited, cancel := context.WithTimeout(ctx, snapshotLimit)
	defer cancel()
	s, failed := m.MakeSnapshot(limited, site)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed == nil {
		m.Logger.Info("made a copy", "site", site, "state", s.State, "likeness", fmt.Sprintf("%.3f", s.Likeness()), "pages", s.Pages, "bytes", s.Bytes)
		return m.note(ctx, failureNote(site), "")
	}
	level := slog.LevelWarn
	if errors.Is(failed, ErrUnfit) {
		level = slog.LevelInfo // of what is attacked none is wanted
	}
	m.calm.say(level, "snapshot "+site, "no copy could be made", "site", site, "error", failed)
	f, err := m.snapshotFailure(ctx, site)
	if err != nil {
		return err
	}
	if f.Since.IsZero() {
		f.Since = m.now()
	}
	f.Last, f.Tries, f.Why = m.now(), f.Tries+1, brief(failed)
	return m.Store.Update(ctx, func(tx Tx) error {
		if !f.Told && m.now().Sub(f.Since) > missingAfter {
			f.Told = true
			if err := m.announceMissing(ctx, tx, site, f); err != nil {
				return err
			}
		}
		text, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("noting that there is no copy: %w", err)
		}
		return tx.PutNote(ctx, failureNote(site), string(text))
	})
}

func (m *Monitor) announceMissing(ctx context.Context, tx Tx, site string, f snapshotFailure) error {
	return m.announce(ctx, tx, fmt.Sprintf("snapshot.missing.%s.%d", site, f.Since.Unix()), "medium", alerting.Notice{
		Title: "No copy of a site can be made", Sites: m.noticeSites(ctx, tx, site, f.Since, f.Why),
		Text:   fmt.Sprintf("For %s no copy could be made from which the site could be shown if it were attacked.", inWords(m.now().Sub(f.Since))),
		Advice: []string{"If the page has honestly changed, approve its new look; else see what is wrong with it. An older copy, if there is one, stays: pasban snapshot list."},
	})
}

// noticeSites is the one site of a notice.
func (m *Monitor) noticeSites(ctx context.Context, from Reader, id string, since time.Time, why string) []alerting.NoticeSite {
	site, err := from.Site(ctx, id)
	if err != nil {
		site = Site{Name: id} // removed meanwhile, or the transaction is over: the notice says what it can
	}
	return []alerting.NoticeSite{{Name: site.Name, URL: site.URL, Since: since, Why: why}}
}

// VerifyDue verifies the copies on record that were not for verifyEvery, the one that
// waits longest first, and returns how many were. A bad one is told to the CERT. One that
// cannot be read does not keep the others waiting: it is in the error, and tried again.
func (m *Monitor) VerifyDue(ctx context.Context) (int, error) {
	all, err := m.Store.Snapshots(ctx)
	if err != nil {
		return 0, err
	}
	slices.SortStableFunc(all, func(a, b Snapshot) int { return a.Verified.Compare(b.Verified) })
	done, unread, failed := 0, 0, []error(nil)
	for _, s := range all {
		if s.State == Broken || m.now().Sub(s.Verified).Abs() < verifyEvery {
			continue
		}
		_, err := m.VerifySnapshot(ctx, s)
		switch {
		case ctx.Err() != nil:
			return done, ctx.Err()
		case err == nil:
			done++
		case unread < maxTold:
			failed = append(failed, err)
			fallthrough
		default:
			unread++
		}
	}
	if unread > maxTold {
		failed = append(failed, fmt.Errorf("and %d copies more", unread-maxTold))
	}
	return done, errors.Join(failed...)
}

// maxTold copies that cannot be read are named in one error.
const maxTold = 10

// tellUnread tells the CERT once of a copy that is long overdue to be read and cannot be:
// nobody knows what it is worth.
func (m *Monitor) tellUnread(ctx context.Context, s Snapshot, why error) error {
	known := s.Created
	if s.Verified.After(known) {
		known = s.Verified
	}
	if m.now().Sub(known) < verifyEvery+missingAfter {
		return nil
	}
	return m.Store.Update(ctx, func(tx Tx) error {
		return m.announce(ctx, tx, fmt.Sprintf("snapshot.unread.%s.%d", s.ID, known.Unix()), "medium", alerting.Notice{
			Title: "A copy of a site cannot be read", Sites: m.noticeSites(ctx, tx, s.Site, known, brief(why)),
			Text:   fmt.Sprintf("For %s the copy %s could not be read from end to end, so that nobody knows whether it can be used to recover the site.", inWords(m.now().Sub(known)), s.ID),
			Advice: []string{"Look at the disk or the server that --blobs names. If the copy is of a newer pasban, let that one read it: pasban snapshot verify."},
		})
	})
}

// VerifySnapshot reads every byte of a copy and records what it found. That the copy is
// bad is no error: see its State.
func (m *Monitor) VerifySnapshot(ctx context.Context, s Snapshot) (Snapshot, error) {
	if m.Snapshots == nil {
		return s, errors.New("monitor: there is no place for copies")
	}
	err := m.Snapshots.Verify(ctx, s.Manifest)
	bad := errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt)
	if err != nil && !bad {
		err = fmt.Errorf("verifying the copy %s of %s: %w", s.ID, s.Site, err)
		if ctx.Err() == nil { // else somebody wants it to end
			err = errors.Join(err, m.tellUnread(ctx, s, err))
		}
		return s, err
	}
	news := bad && s.State != Broken
	if bad {
		s.State, s.Problem = Broken, brief(err)
	} else {
		s.Verified = m.now()
		if s.State == Broken {
			s.State, s.Problem = Unproved, "it was broken once; make another"
		}
	}
	err = m.Store.Update(ctx, func(tx Tx) error {
		if err := tx.PutSnapshot(ctx, s); err != nil || !news {
			return err
		}
		return m.announce(ctx, tx, "snapshot.broken."+s.ID, "high", alerting.Notice{
			Title: "A copy of a site is damaged", Sites: m.noticeSites(ctx, tx, s.Site, s.Created, s.Problem),
			Text:   fmt.Sprintf("The copy %s, made on %s, cannot be used to recover the site. Another one is made as soon as the site looks as it was approved.", s.ID, onClock(s.Created)),
			Advice: []string{"Somebody or something changes what is stored: look at the disk, and at who can write to the place that --blobs names."},
		})
	})
	if err != nil {
		return s, fmt.Errorf("recording what the copy %s is worth: %w", s.ID, err)
	}
	return s, nil
}

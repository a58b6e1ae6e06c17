package monitor

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
)

// Restored counts what Restore brought back.
type Restored struct {
	Sites, Targets, Baselines, Snapshots int
	Damaged                              []string // manifests that could not be used, with the reason
}

// Restore rebuilds sites, targets, captures and baselines from the manifests
// among the blobs, for when the database is lost. What the database has already
// is left as it is. Every blob that a manifest names is read and verified.
func (m *Monitor) Restore(ctx context.Context, o Order) (Restored, error) {
	var done Restored
	names, err := m.Blobs.Manifests(ctx, "baselines/")
	if err != nil {
		return done, fmt.Errorf("listing manifests: %w", err)
	}
	newest := map[string]manifest{} // of each target and version
	for _, name := range names {
		doc, err := m.verifyManifest(ctx, name)
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return done, err
		}
		if err != nil {
			done.Damaged = append(done.Damaged, err.Error())
			continue
		}
		key := fmt.Sprintf("%s %d", doc.Target, doc.Version)
		// Of two manifests of one version the earlier was left by a process
		// that was killed before its decision was on record.
		if known, ok := newest[key]; ok && known.Created.After(doc.Created) {
			continue
		}
		doc.name = name
		newest[key] = doc
	}
	for _, doc := range newest {
		if err := m.restoreOne(ctx, o, doc, &done); err != nil {
			return done, fmt.Errorf("restoring %s version %d: %w", doc.Target, doc.Version, err)
		}
	}
	err = m.restoreSnapshots(ctx, &done)
	return done, err
}

// restoreSnapshots puts copies on record that are not, so that what they are made of is
// not collected: the newest of each site, as many as are kept. The others were taken off
// the record on purpose. That one cannot be read keeps none of the others back.
func (m *Monitor) restoreSnapshots(ctx context.Context, done *Restored) error {
	if m.Snapshots == nil {
		return nil
	}
	names, err := m.Blobs.Manifests(ctx, "snapshots/")
	if err != nil {
		return fmt.Errorf("listing the manifests of copies: %w", err)
	}
	var failed []error
	for _, name := range newestManifests(names) {
		err := m.restoreSnapshot(ctx, name, done)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("restoring the copy %s: %w", name, err))
		}
	}
	return errors.Join(failed...)
}

func (m *Monitor) restoreSnapshot(ctx context.Context, name string, done *Restored) error {
	s, err := m.Snapshots.Recall(ctx, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil // collected, when it was off the record: manifests are never removed
	case errors.Is(err, ErrCorrupt):
		done.Damaged = append(done.Damaged, err.Error())
		return nil
	case err != nil:
		return err
	}
	_, err = m.Store.Snapshot(ctx, s.ID)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	done.Snapshots++
	return m.recordSnapshot(ctx, s)
}

// newestManifests are those of the copies of each site that are kept, newest first. Names
// are "snapshots/SITE/ID.json", and IDs sort by time.
func newestManifests(names []string) []string {
	slices.Sort(names)
	slices.Reverse(names)
	of := map[string]int{}
	return slices.DeleteFunc(names, func(name string) bool {
		site := path.Dir(name)
		of[site]++
		return of[site] > keepSnapshots
	})
}

func (m *Monitor) verifyManifest(ctx context.Context, name string) (manifest, error) {
	doc, err := m.readManifest(ctx, name)
	if err != nil {
		return doc, err
	}
	digests := []string{doc.Profile}
	for _, c := range doc.Captures {
		for _, d := range c.Blobs {
			digests = append(digests, d)
		}
	}
	for _, d := range digests {
		if _, err := m.readBlob(ctx, d); err != nil {
			return doc, fmt.Errorf("manifest %s: %w", name, err)
		}
	}
	return doc, nil
}

func (m *Monitor) restoreOne(ctx context.Context, o Order, doc manifest, done *Restored) error {
	known, err := m.Store.Baselines(ctx, doc.Target)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known, func(b Baseline) bool { return b.Version == doc.Version }) {
		return nil
	}
	detail := map[string]any{"version": doc.Version, "manifest": doc.name}
	before := *done
	return m.decide(ctx, o, "baseline.restore", "target:"+doc.Target, detail, func(tx Tx, decision int64) error {
		*done = before // the transaction may run again
		if err := restoreTarget(ctx, tx, doc, done); err != nil {
			return err
		}
		for _, l := range doc.Captures {
			_, err := tx.Capture(ctx, l.ID)
			if errors.Is(err, ErrNotFound) {
				err = tx.AddCapture(ctx, l.capture(doc))
			}
			if err != nil {
				return err
			}
		}
		b := doc.baseline(doc.name)
		b.Decision = decision
		done.Baselines++
		return tx.AddBaseline(ctx, b)
	})
}

// restoreTarget makes the site and target that a baseline is of, if they are
// not known. The watchlist says more about them when it is imported again.
func restoreTarget(ctx context.Context, tx Tx, doc manifest, done *Restored) error {
	_, err := tx.Site(ctx, doc.Site)
	if errors.Is(err, ErrNotFound) {
		done.Sites++
		err = tx.PutSite(ctx, Site{ID: doc.Site, Name: doc.Site, URL: doc.URL, Schedule: DefaultSchedule})
	}
	if err != nil {
		return err
	}
	_, err = tx.Target(ctx, doc.Target)
	if errors.Is(err, ErrNotFound) {
		done.Targets++
		err = tx.PutTarget(ctx, Target{ID: doc.Target, Site: doc.Site, URL: doc.URL})
	}
	return err
}

package monitor

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"pasban/alerting"
)

// Blobs are collected while looks go on, on this machine and on others. Three
// things make that safe:
//
//   - A blob is put before the row that names it, never more than some minutes.
//     Only what was last put a day (Keep.Blobs) before the marking began is
//     removed: what a row names that was written since is younger than that.
//   - Putting what is there already counts as putting it: it makes the blob
//     young again. See [Blobs].DeleteOld for the two at once.
//   - What cannot be read stops the collection before it removes anything.
//
// A collection that is killed has removed some of what nothing names.

// ErrOtherDatabase is returned, wrapped, by Collect: another database has
// collected among these blobs before, and this one knows nothing of what that
// one names.
var ErrOtherDatabase = errors.New("these blobs belong to another database")

// ownerName is the manifest that names the database whose blobs these are.
const ownerName = "collection/owner.json"

// Collect removes the blobs that neither a capture, nor a baseline, nor an alert
// in the outbox, nor a copy names and that are older than Keep.Blobs.
func (m *Monitor) Collect(ctx context.Context) (Removed, error) {
	var r Removed
	began := time.Now()
	// By the clock of this machine and not Config.Clock: ages of blobs are by the
	// clock of their storage.
	before := began.Add(-m.Keep.Blobs)
	if m.Keep.Blobs == Forever {
		return r, nil
	}
	ctx, cancel := context.WithTimeout(ctx, collectLimit)
	defer cancel()
	if err := m.ownBlobs(ctx); err != nil {
		return r, err
	}
	named, err := m.mark(ctx)
	if err != nil {
		return r, fmt.Errorf("finding the blobs that are needed: %w", err)
	}
	err = m.Blobs.ListOld(ctx, before, func(digest string, size int64) error {
		if named.has(digest) {
			return nil
		}
		return m.collectOne(ctx, digest, size, before, &r)
	})
	r.Took = time.Since(began)
	if err != nil {
		return r, fmt.Errorf("collecting blobs: %w", err)
	}
	return r, nil
}

func (m *Monitor) collectOne(ctx context.Context, digest string, size int64, before time.Time, r *Removed) error {
	removed, err := m.Blobs.DeleteOld(ctx, digest, before)
	switch {
	case err != nil:
		return err
	case removed:
		r.Blobs++
		r.Bytes += size
	default:
		r.Spared++
	}
	return nil
}

// ownBlobs makes the blobs those of this database, or fails if they are another's.
func (m *Monitor) ownBlobs(ctx context.Context) error {
	database, err := m.Store.Note(ctx, "database")
	if err != nil {
		return err
	}
	doc, err := json.Marshal(map[string]string{"database": database})
	if err != nil {
		return fmt.Errorf("writing down whose the blobs are: %w", err)
	}
	err = m.Blobs.PutManifest(ctx, ownerName, doc)
	if errors.Is(err, ErrExists) {
		return fmt.Errorf("%w; nothing is removed. Give each database blobs of its own, or remove the manifest %s if that database is gone for good", ErrOtherDatabase, ownerName)
	}
	return err
}

// mark finds every blob that is needed.
func (m *Monitor) mark(ctx context.Context) (*marks, error) {
	named := newMarks()
	for _, pass := range []func(context.Context, *marks) error{m.markKept, m.markManifests, m.markOutbox, m.markSnapshots} {
		if err := pass(ctx, named); err != nil {
			return nil, err
		}
	}
	return named, nil
}

// markKept marks what captures name, and removes rows that no capture shares any
// more: a judgement leaves one when it adds pictures.
func (m *Monitor) markKept(ctx context.Context, named *marks) error {
	var after int64
	bundles := map[string]bool{} // those read, at most maxBundles
	for {
		began := time.Now()
		rows, err := m.Store.Kept(ctx, after, retainBatch)
		if err != nil || len(rows) == 0 {
			return err
		}
		var unused []int64
		for _, k := range rows {
			after = k.Row
			if !k.Used {
				unused = append(unused, k.Row)
			}
			// Marked all the same: a look may be about to share the row.
			if err := m.markBlobs(ctx, named, k.Blobs, bundles); err != nil {
				return err
			}
		}
		if err := m.removeKept(ctx, unused); err != nil {
			return err
		}
		if err := yieldFor(ctx, time.Since(began)/2); err != nil {
			return err
		}
	}
}

func (m *Monitor) removeKept(ctx context.Context, rows []int64) error {
	if len(rows) == 0 {
		return nil
	}
	return m.Store.Update(ctx, func(tx Tx) error {
		_, err := tx.RemoveKept(ctx, rows)
		return err
	})
}

// Kept is a row of what looks saw.
type Kept struct {
	Row   int64
	Blobs map[string]string // as in Capture
	Used  bool              // a capture shares it
}

// maxBundles bounds the memory of markKept; what is forgotten is read again.
const maxBundles = 200_000

// markBlobs marks the blobs of a capture, and the sources of scripts that one of
// them lists.
func (m *Monitor) markBlobs(ctx context.Context, named *marks, blobs map[string]string, read map[string]bool) error {
	for _, digest := range blobs {
		named.add(digest)
	}
	bundle := blobs[BlobSources]
	if bundle == "" || read[bundle] {
		return nil
	}
	sources, err := m.readSourceNames(ctx, bundle)
	if err != nil {
		return err
	}
	for _, digest := range sources {
		named.add(digest)
	}
	if len(read) >= maxBundles {
		clear(read)
	}
	read[bundle] = true
	return nil
}

// readSourceNames reads the list of a capture's scripts. One that is lost or
// damaged names nothing, to nobody.
func (m *Monitor) readSourceNames(ctx context.Context, bundle string) (map[string]string, error) {
	var sources map[string]string
	err := m.readJSON(ctx, bundle, &sources)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
		m.calm.say(slog.LevelWarn, "collect: sources", "the list of a capture's scripts is lost or damaged", "blob", bundle, "error", err)
		return nil, nil
	}
	return sources, err
}

// markManifests marks what baselines name, those included that no row knows:
// baselines can be restored from them alone.
func (m *Monitor) markManifests(ctx context.Context, named *marks) error {
	names, err := m.Blobs.Manifests(ctx, "baselines/")
	if err != nil {
		return err
	}
	bundles := map[string]bool{}
	for _, name := range names {
		doc, err := m.readManifest(ctx, name)
		if err != nil {
			return err
		}
		named.add(doc.Profile)
		for _, c := range doc.Captures {
			if err := m.markBlobs(ctx, named, c.Blobs, bundles); err != nil {
				return err
			}
		}
	}
	return nil
}

// markOutbox marks the pictures of alerts that were not delivered yet.
func (m *Monitor) markOutbox(ctx context.Context, named *marks) error {
	owed, err := m.Store.Undelivered(ctx)
	if err != nil {
		return err
	}
	for _, d := range owed {
		var alert alerting.Alert
		if err := json.Unmarshal(d.Payload, &alert); err != nil {
			return fmt.Errorf("reading the alert of delivery %d: %w", d.ID, err)
		}
		for _, p := range alert.Pictures {
			named.add(p.SHA256)
		}
	}
	return nil
}

// markSnapshots marks what copies on record are made of. Without a place for copies
// nobody can say what that is, and nothing is removed.
func (m *Monitor) markSnapshots(ctx context.Context, named *marks) error {
	all, err := m.Store.Snapshots(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		for _, p := range s.Proofs {
			named.add(p.Picture)
		}
		if m.Snapshots == nil {
			return errors.New("copies are on record, and this process cannot read what they are made of")
		}
		digests, err := m.Snapshots.Digests(ctx, s.Manifest)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
			continue // its manifest is lost: it names nothing, to nobody
		}
		if err != nil {
			return err
		}
		for _, d := range digests {
			named.add(d)
		}
	}
	return nil
}

// marks is a set of digests in 64 MiB, whatever their number: a Bloom filter
// (Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM
// 1970). It may take a digest for one that was added, and then a blob that nobody
// needs stays: one in 3,000 among 20 million that are needed, one in 13 among 100
// million. The multipliers are drawn anew each time, so that it is another one
// each time. It never takes one that was added for one that was not.
type marks struct {
	bits  []uint64
	times [4]uint64
}

const markBits = 1 << 29

func newMarks() *marks {
	m := &marks{bits: make([]uint64, markBits/64)}
	for i := range m.times {
		m.times[i] = rand.Uint64() | 1
	}
	return m
}

func (m *marks) add(digest string) {
	for _, at := range m.places(digest) {
		m.bits[at/64] |= 1 << (at % 64)
	}
}

func (m *marks) has(digest string) bool {
	for _, at := range m.places(digest) {
		if m.bits[at/64]&(1<<(at%64)) == 0 {
			return false
		}
	}
	return true
}

// places takes the four words of a digest, which are random numbers already.
func (m *marks) places(digest string) (at [4]uint64) {
	var sum [32]byte
	_, _ = hex.Decode(sum[:], []byte(digest[:min(len(digest), 2*len(sum))])) // what is no digest names no blob: any place will do
	for i := range at {
		at[i] = binary.LittleEndian.Uint64(sum[8*i:]) * m.times[i] >> 35
	}
	return at
}

package snapshot

import (
	"context"
	"errors"
	"fmt"

	"pasban/monitor"
)

// Verify implements monitor.Snapshots.
func (s *Store) Verify(ctx context.Context, manifest string) error {
	_, index, err := s.open(ctx, manifest)
	if err != nil {
		return err
	}
	sizes := map[string]int64{}
	for _, f := range index.Files {
		content, err := readBlob(ctx, s.Blobs, f.SHA256, f.Size)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
		if int64(len(content)) != f.Size {
			return fmt.Errorf("%s: %w: it has %d bytes, not %d", f.Path, monitor.ErrCorrupt, len(content), f.Size)
		}
		if f.Type == htmlType {
			if err := CheckInert(content); err != nil {
				return fmt.Errorf("%s: %w: %w", f.Path, monitor.ErrCorrupt, err)
			}
		}
		sizes[f.SHA256] = f.Size
	}
	for _, e := range index.Exchanges {
		if _, read := sizes[e.Body]; read || e.Body == "" {
			continue
		}
		if _, err := readBlob(ctx, s.Blobs, e.Body, e.Size); err != nil {
			return fmt.Errorf("what %s answered: %w", e.URL, err)
		}
		sizes[e.Body] = e.Size
	}
	return nil
}

// Recall implements monitor.Snapshots.
func (s *Store) Recall(ctx context.Context, manifest string) (monitor.Snapshot, error) {
	m, index, err := s.open(ctx, manifest)
	if err != nil {
		return monitor.Snapshot{}, err
	}
	return monitor.Snapshot{
		ID: m.ID, Site: m.Site, Created: m.Created, Of: m.Of, Manifest: manifest, Pages: len(index.Pages), Files: len(index.Files),
		Bytes: index.bytes(), LeftOut: index.LeftOut, State: monitor.Unproved, Problem: "restored from its manifest, and not looked at since",
	}, nil
}

// Digests implements monitor.Snapshots. Of a copy whose index is lost or damaged there
// is nothing left to keep.
func (s *Store) Digests(ctx context.Context, manifest string) ([]string, error) {
	m, index, err := s.open(ctx, manifest)
	if errors.Is(err, monitor.ErrNotFound) || errors.Is(err, monitor.ErrCorrupt) {
		if m.Index == "" {
			return nil, nil
		}
		return []string{m.Index}, nil
	}
	if err != nil {
		return nil, err
	}
	return append(index.digests(), m.Index), nil
}
